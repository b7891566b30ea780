from contextlib import contextmanager

from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .common import CreditCommon, day


@tagged("post_install", "-at_install")
class TestNight(CreditCommon):
    def test_an_overdue_invoice_gets_one_mail_in_the_controllers_name(self):
        invoice = self._create_due(-4)
        actions = self._night()
        self.assertEqual(len(actions), 1)
        self.assertEqual((actions.state, actions.channel), ("queued", "email"))
        self.assertEqual(actions.level_id.delay_days, 3)
        mail = actions.mail_mail_id
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("carla@bellandi.example", mail.email_from)
        self.assertEqual(mail.recipient_ids, self.debtor)
        self.assertEqual(self._items(invoice).level_id, actions.level_id)
        self.assertEqual(self._case().state, "collection")

    def test_a_second_night_on_the_same_day_plans_nothing(self):
        self._create_due(-4)
        first = self._night()
        self.assertEqual(self._night(), first)

    def test_a_paid_invoice_closes_item_and_case(self):
        invoice = self._create_due(-4)
        self._night()
        case = self._case()
        self._pay(invoice, on=1)
        self._night(1)
        self.assertEqual(self._items(invoice).close_reason, "cash")
        self.assertEqual(case.state, "closed")

    def test_paid_between_planning_and_sending_is_not_reminded(self):
        invoice = self._create_due(-4)
        actions = self._night(send=False)
        self._pay(invoice)
        with self.at(0):
            self._send()
        self.assertEqual(actions.state, "cancelled")
        self.assertFalse(actions.mail_mail_id)

    def test_the_whole_ladder_is_climbed_one_step_a_message(self):
        self._create_due(0)
        for offset in range(-5, 60):
            self._night(offset)
        self.assertEqual(
            [(a.level_id.delay_days, (a.date - self._case().opened_on).days - 5)
             for a in self.actions],
            [(-5, -5), (3, 3), (10, 10), (20, 20), (31, 31), (40, 40)],
        )

    def test_a_new_case_keeps_the_days_between_messages(self):
        """All was paid the day after a reminder: the next invoice is another case of the same
        debtor."""
        self._pay_the_day_after_a_reminder()
        self._create_due(7, 300.0)
        for offset in range(2, 5):
            self._night(offset)
        self.assertEqual(len(self.actions), 1)
        self._night(5)
        self.assertEqual(len(self.actions), 2)
        self.assertEqual(len(self.actions.case_id), 2)

    def test_the_last_contact_of_an_earlier_case_is_found_again(self):
        self._pay_the_day_after_a_reminder()
        self._create_due(7, 300.0)
        self._night(2)
        self.assertDay(self._case().last_contact_on, 0)
        self._case().sudo()._restore_last_contact()
        self.assertDay(self._case().last_contact_on, 0)

    def test_contacts_on_a_closed_case_count_in_the_caps(self):
        self.policy.write({"min_gap_days": 0, "max_contacts_week": 1})
        self._pay_the_day_after_a_reminder()
        self._create_due(-3, 300.0)
        self._night(2)
        self.assertEqual(self.actions.mapped("state"), ["queued", "planned"])
        self._night(7)
        self.assertEqual(self.actions.mapped("state"), ["queued", "queued"])

    def _pay_the_day_after_a_reminder(self):
        move = self._create_due(-3)
        self._night(0)
        self._pay(move, on=1)
        self._night(1)
        self.assertFalse(self._case())

    def test_what_was_given_up_opens_no_case_again(self):
        self._create_due(-3)
        self._night(0)
        self._case().with_user(self.manager)._close_by_hand("Not worth it")
        for offset in range(1, 4):
            self._night(offset)
        self.assertEqual(
            len(self.env["credit.case"].search([("partner_id", "=", self.debtor.id)])), 1
        )

    def test_credit_is_announced_then_suspended_then_released_by_payment(self):
        invoice = self._create_due(-30)
        self._night(0)
        case = self._case()
        self.assertDay(case.warned_on, 0)
        self.assertFalse(case.suspended_on)
        self._night(1)
        self.assertDay(case.suspended_on, 1)
        self.assertEqual(case.suspension_cause, "overdue")
        self._pay(invoice, on=2)
        self._night(2)
        self.assertFalse(case.suspended_on)

    def test_who_has_no_credit_role_copies_a_customer(self):
        user = new_test_user(
            self.env, "clerk", "account.group_account_invoice,base.group_partner_manager",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )
        self.debtor.sudo().credit_care_never_suspend = True
        copy = self.debtor.with_user(user).copy()
        self.assertFalse(copy.sudo().credit_care_never_suspend, "an exemption is not inherited")


@tagged("post_install", "-at_install")
class TestIsolation(CreditCommon):
    """One record of the night's chores that fails, or is in others' hands, stops no other."""

    def _met(self, error):
        moves = [self._create_due(-2, partner=self._create_debtor(f"D{n}")) for n in range(3)]
        self._night(0)
        cases = self._items(moves[0]).case_id | self._items(moves[1]).case_id
        cases |= self._items(moves[2]).case_id

        def step(batch):
            batch.sudo().page_round = 7
            if cases[1] in batch:
                raise error

        self.root["credit.run"]._isolated(cases, step)
        return cases.mapped("page_round"), cases[1].activity_ids

    def test_the_one_that_fails_is_somebodys_task(self):
        with self.assertLogs("odoo.addons.account_credit_care", "ERROR"):
            rounds, tasks = self._met(ValueError("wrong"))
        self.assertEqual(rounds, [7, 0, 7])
        self.assertIn("could not follow", tasks[-1:].summary)

    def test_the_one_in_others_hands_waits_for_the_next_night(self):
        rounds, tasks = self._met(SerializationFailure())
        self.assertEqual(rounds, [7, 0, 7])
        self.assertFalse(tasks)


@tagged("post_install", "-at_install")
class TestClash(CreditCommon):
    """Errors of the database itself, raised by a trigger so many times: others at work at the same
    moment, as PostgreSQL tells it."""

    def _fail(self, table, code, times=1000, when="TRUE", blames=None):
        """``code`` is PostgreSQL's; ``blames``: the table that it names."""
        self.cr.execute(SQL("CREATE SEQUENCE clashes"))
        self.cr.execute(SQL(
            "CREATE FUNCTION clash() RETURNS trigger LANGUAGE plpgsql AS %s",
            f"""BEGIN
                    IF nextval('clashes') <= {times} THEN
                        RAISE EXCEPTION 'clash'
                        USING ERRCODE = '{code}', TABLE = '{blames or table}';
                    END IF;
                    RETURN NEW;
                END""",
        ))
        self.cr.execute(SQL(
            "CREATE TRIGGER clash BEFORE INSERT ON %s FOR EACH ROW WHEN (%s)"
            " EXECUTE FUNCTION clash()", SQL.identifier(table), SQL(when),
        ))

    def _count_tasks(self, text):
        return self.env["mail.activity"].search_count([("summary", "ilike", text)])

    def _look(self):
        self._tick("credit.run", "_cron_review")
        self.env.invalidate_all()

    @contextmanager
    def _undone(self):
        with self.cr.savepoint() as point, mute_logger("odoo.sql_db"):
            yield
            point.rollback()
        self.env.invalidate_all()

    def test_a_clash_in_the_ledger_does_not_cost_a_company_its_night(self):
        for code in ("40001", "40P01", "55P03"):
            with self.subTest(code=code), self._undone():
                self._create_due(-4)
                self._fail("credit_item", code, times=2)
                self._look()
                self.assertEqual(len(self.actions), 1)
                self.assertFalse(self._count_tasks("The night of Credit Care failed"))

    def test_who_clashes_again_and_again_is_left_to_the_next_night_without_a_task(self):
        self._create_due(-4)
        with self._undone(), self.assertLogs("odoo.addons.account_credit_care", "ERROR"):
            self._fail("credit_item", "40P01")
            self._look()
            self.assertFalse(self.actions)
            self.assertFalse(self._count_tasks("The night of Credit Care failed"))

    def test_who_plans_the_same_message_at_the_same_moment_is_nobodys_task(self):
        """A unique index of ours says that the other one was quicker: that is what it is for."""
        muted = mute_logger("odoo.addons.account_credit_care.models.credit_run")
        for blames, tasks in (("credit_action", 0), ("res_partner", 1)):
            with self.subTest(blames=blames), self._undone(), muted:
                case = self._begin_plan()
                self._fail(
                    "credit_action", "23505", when="NEW.purpose = 'instalment'", blames=blames
                )
                self._night(8)
                self.assertEqual(self._count_tasks("The night could not follow"), tasks)
                self.cr.execute(SQL("DROP TRIGGER clash ON credit_action"))
                self._night(9)
                self.assertEqual(case.action_ids.filtered("purpose").purpose, "instalment")

    def _begin_plan(self):
        self._create_due(-2)
        self._night(0)
        case = self._case()
        plan = self.env["credit.agreement"].create({
            "kind": "plan", "case_id": case.id, "currency_id": case.open_item_ids.currency_id.id,
            "item_ids": [Command.set(case.open_item_ids.ids)],
            "line_ids": [Command.create({"due_on": day(10), "amount": 1000.0})],
        })
        with self.at(0):
            plan._start()
        return case
