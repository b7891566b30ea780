"""What the peer (OCA account_credit_control 19.0) was found to get wrong, ours must get right.
The numbers are those of the list of its weaknesses."""
from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.credit_facts import Facts
from .common import CreditCommon, day


@tagged("post_install", "-at_install")
class TestPeerLevels(CreditCommon):
    def _steps(self):
        return [(a.level_id.delay_days, (a.date - day(0)).days) for a in self.actions]

    def test_1_old_debts_climb_one_step_at_a_time_with_the_gap_between(self):
        self._create_due(-230)
        for offset in range(30):
            self._night(offset)
        self.assertEqual(self._steps(), [(3, 0), (10, 5), (20, 10), (31, 15), (40, 20)])

    def test_1_a_message_that_waits_for_review_does_not_escalate(self):
        self.policy.level_ids.write({"automatic": False})
        self._create_due(-4)
        for offset in range(30):
            self._night(offset)
        self.assertEqual(len(self.actions), 1)
        self.assertEqual(self.actions.state, "planned")
        self.assertTrue(self.actions.needs_review)

    def _fail_mail(self, action):
        action.mail_mail_id._postprocess_sent_message([], [], "550 unknown user", "unknown")

    def test_1_a_message_that_failed_does_not_escalate_and_asks_somebody(self):
        self._create_due(-4)
        action = self._night()
        self._fail_mail(action)
        self.assertEqual((action.state, action.failure), ("failed", "550 unknown user"))
        activity = self._case().activity_ids.filtered(
            lambda a: a.activity_type_id
            == self.env.ref("account_credit_care.mail_activity_type_address")
        )
        self.assertEqual(activity.user_id, self.controller)
        for offset in range(1, 60):
            self._night(offset)
        self.assertEqual(self.actions, action)
        self.assertTrue(
            self._case().filtered_domain(self.env["credit.case"]._get_worklist_domain())
        )

    def test_1_a_failed_message_sent_again_lets_the_ladder_go_on(self):
        self._create_due(-4)
        action = self._night()
        self._fail_mail(action)
        self.debtor.email = "mended@debtor.example"
        action.with_user(self.controller).action_retry()
        with self.at(1):
            self._send()
        self.assertEqual((action.state, action.email_to), ("queued", "mended@debtor.example"))
        for offset in range(2, 8):
            self._night(offset)
        self.assertEqual(self._steps(), [(3, 1), (10, 6)])

    def test_1_a_failed_message_whose_debt_was_paid_is_withdrawn(self):
        invoice = self._create_due(-4)
        action = self._night()
        self._fail_mail(action)
        self._pay(invoice, on=1)
        self._create_due(-1, 50.0)
        self._night(1)
        self.assertEqual(action.state, "cancelled")
        self._night(2)
        self.assertEqual((self.actions - action).line_ids.amount, 50.0)

    def test_2_old_debts_may_start_at_the_highest_step_reached(self):
        self.policy.catch_up = "highest"
        self._create_due(-230)
        for offset in range(20):
            self._night(offset)
        self.assertEqual(self._steps(), [(40, 0)])

    def test_2_after_the_last_step_the_case_is_ready_for_the_agency(self):
        self._create_due(-44)
        for offset in range(40):
            self._night(offset)
        case = self._case()
        self.assertEqual(case.level_id.delay_days, 40)
        self.assertTrue(case.handover_on)
        note = self.env.ref("account_credit_care.mail_activity_type_note")
        self.assertIn(note, case.note_id.activity_ids.activity_type_id)
        self.assertFalse(case.ready_on)
        with self.at(40):
            case.note_id.with_user(self.manager)._waive("Nobody looks after him any more")
        self._night(41)
        self.assertTrue(case.ready_on)
        kinds = case.activity_ids.activity_type_id
        self.assertIn(self.env.ref("account_credit_care.mail_activity_type_agency"), kinds)

    def test_4_two_levels_on_one_day_or_closer_than_the_gap_are_refused(self):
        level = self.policy.level_ids.filtered(lambda lv: lv.delay_days == 10)
        with self.assertRaises(ValidationError):
            level.delay_days = 4
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                level.sudo().with_context(credit_table_as_a_whole=True).copy()
                self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as the commit does
        with self.assertRaises(ValidationError):
            level.delay_days = 3
        with self.assertRaises(ValidationError):
            self.policy.level_ids = [Command.update(level.id, {"delay_days": 20})]

    def test_6_another_policy_keeps_the_items_and_the_days_they_reached(self):
        invoice = self._create_due(-10)
        self._night(0)
        self._night(5)
        self.assertEqual(self._items(invoice).reached_day, 10)
        other = self._create_policy(
            ((7, "email"), (12, "email"), (25, "email")), name="Other", is_default=False
        )
        self.debtor.credit_care_policy_id = other
        for offset in range(6, 30):
            self._night(offset)
        self.assertEqual(self._case().policy_id, other)
        self.assertEqual(self._steps(), [(3, 0), (10, 5), (12, 10), (25, 15)])

    def test_6_a_level_added_later_is_taken_by_items_that_have_not_passed_it(self):
        """The day on which it would be looked at again was computed without that level."""
        young, old = self._create_due(-5), self._create_due(-26, partner=self._other())
        for offset in range(0, 17):
            self._night(offset)
        self.assertEqual(self._items(young).reached_day, 20)
        self.assertEqual(self._items(old).reached_day, 31)
        with self.at(16):
            self.policy.level_ids = [Command.create({
                "name": "New", "delay_days": 25, "channel": "email",
                "mail_template_id": self.template.id,
            })]
        before = self.actions
        for offset in range(17, 22):
            self._night(offset)
        new = (self.actions - before).filtered(lambda a: a.level_id.delay_days == 25)
        self.assertEqual(new.case_id.partner_id, self.debtor)

    def _other(self):
        return self._create_debtor("Other")

    def test_7_the_shipped_policies_work_once_switched_on(self):
        self.policy.action_draft()
        self.policy.active = False
        self.policy.is_default = False
        starters = self.root["credit.policy"].search([
            ("company_id", "=", self.env.ref("base.main_company").id),
        ])
        self.assertTrue(starters)
        self.assertEqual(set(starters.mapped("state")), {"draft"}, "nothing leaves by itself")
        self._create_due(-40)
        self.env["credit.policy"].with_company(self.company).action_load_starters()
        ours = self.env["credit.policy"].search([("company_id", "=", self.company.id)])
        self.assertEqual(set(ours.mapped("state")), {"draft"})
        self._night()
        self.assertFalse(self.actions)
        ours.action_activate()
        for offset in range(60):
            self._night(offset)
        self.assertTrue(self.actions)
        self.assertNotIn("failed", self.actions.mapped("state"))
        mails = self.actions.filtered(lambda a: a.channel == "email")
        self.assertTrue(mails)
        for action in mails:
            self.assertTrue(action.subject)
            self.assertIn("1,000.00", action.body)


@tagged("post_install", "-at_install")
class TestPeerMoney(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.company.currency_id
        cls.yen = cls.env.ref("base.JPY")
        cls.yen.active = True
        cls.env["res.currency.rate"].create({
            "currency_id": cls.yen.id, "company_id": cls.company.id,
            "name": day(-400), "rate": 150.0,
        })

    def test_5_a_credit_note_that_covers_the_debt_stops_the_reminder(self):
        invoice = self._create_due(-4)
        self._credit(invoice)
        self._night()
        self.assertFalse(self.actions)
        self.assertEqual(self._case().hold_reason, "open credits cover what is due")

    def test_5_an_unapplied_payment_that_covers_the_debt_stops_the_reminder(self):
        self._create_due(-4)
        self._pay_on_account(self.debtor, 1000.0)
        self._night()
        self.assertFalse(self.actions)

    def test_5_a_credit_covers_the_oldest_and_the_rest_is_asked(self):
        self._create_due(-20, 300.0)
        young = self._create_due(-4, 700.0)
        self._pay_on_account(self.debtor, 400.0)
        action = self._night()
        self.assertEqual(action.line_ids.item_id, self._items(young))

    def test_5_a_credit_note_after_the_planning_stops_the_message(self):
        invoice = self._create_due(-4)
        action = self._night(send=False)
        self._credit(invoice)
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "cancelled")

    def test_5_a_credit_in_another_currency_covers_nothing(self):
        self._create_due(-4)
        self._pay_on_account(self.debtor, 1_000_000.0, currency_id=self.yen.id)
        action = self._night()
        self.assertEqual(len(action), 1)
        self.assertEqual(action.line_ids.currency_id, self.home)

    def test_5_a_credit_of_another_customer_covers_nothing(self):
        self._create_due(-4)
        self._pay_on_account(self._create_debtor("Other"), 1000.0)
        self.assertEqual(len(self._night()), 1)

    def test_12_part_paid_between_planning_and_sending_asks_only_the_rest(self):
        invoice = self._create_due(-4)
        action = self._night(send=False)
        self._pay(invoice, 237.02)
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "queued")
        self.assertEqual(action.line_ids.amount, 762.98)
        self.assertEqual(action.amount_total, 762.98)
        self.assertIn("762.98", action.body)
        self.assertNotIn("1,000.00 due", action.body)

    def test_12_one_of_two_paid_between_planning_and_sending_leaves_the_message(self):
        paid, owed = self._create_due(-4, 400.0), self._create_due(-5, 600.0)
        action = self._night(send=False)
        self._pay(paid)
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "queued")
        live = action.line_ids.filtered(lambda line: not line.released)
        self.assertEqual(live.item_id, self._items(owed))
        self.assertEqual(action.amount_total, 600.0)
        self.assertNotIn(paid.name, action.body)

    def test_12_the_message_softens_when_what_was_oldest_is_paid(self):
        self.policy.level_ids.filtered(lambda lv: lv.delay_days == 10).write({
            "channel": "letter", "mail_template_id": self.template.id,
        })
        old = self._create_due(-11, 400.0)
        first = self._night(-8)
        self._create_due(-4, 600.0)
        action = self._night(0, send=False) - first
        self.assertEqual((action.level_id.delay_days, action.channel), (10, "letter"))
        self._pay(old)
        with self.at(0):
            self._send()
        self.assertEqual(
            (action.level_id.delay_days, action.channel, action.state), (3, "email", "queued")
        )
        self.assertEqual(action.amount_total, 600.0)

    def test_15_the_tolerance_is_converted_into_the_currency_of_the_item(self):
        self.policy.tolerance = 10.0
        with self.at(0):
            rules = self.policy._to_rules(day(0), self.yen | self.home)
        self.assertEqual(rules.tolerances[self.yen.id], 1500)
        self.assertEqual(rules.tolerances[self.home.id], 1000)

    def test_15_below_the_tolerance_in_a_foreign_currency_nobody_is_reminded(self):
        self.policy.tolerance = 10.0
        below, above = self._create_debtor("Below"), self._create_debtor("Above")
        self._create_due(-4, 1499.0, partner=below, currency_id=self.yen.id)
        self._create_due(-4, 1501.0, partner=above, currency_id=self.yen.id)
        self.assertEqual(self._night().case_id.partner_id, above)

    def test_16_two_currencies_are_never_added_in_a_message(self):
        self._create_due(-4, 1600.0, currency_id=self.yen.id)
        self._create_due(-4, 100.0)
        action = self._night()
        amounts = {line.currency_id: line.amount for line in action.line_ids}
        self.assertEqual(amounts, {self.yen: 1600.0, self.home: 100.0})
        self.assertEqual(action.amount_total, 110.67, "company currency, for sorting")
        self.assertNotIn("110.67", action.body)
        self.assertNotIn("1,700", action.body)
        self.assertIn("1,600", action.body)
        self.assertIn("100.00", action.body)

    def test_19_one_message_a_debtor_though_levels_and_currencies_differ(self):
        self._create_due(-11)
        self._night(-8)
        self._create_due(-3, 50.0)
        self._create_due(-3, 9000.0, currency_id=self.yen.id)
        before = self.actions
        self._night(0)
        action = self.actions - before
        self.assertEqual(len(action), 1)
        self.assertEqual(action.level_id.delay_days, 10)
        self.assertEqual(len(action.line_ids), 3)
        self.assertEqual(
            sorted(action.line_ids.level_id.mapped("delay_days")), [3, 10], "each climbs its own"
        )


@tagged("post_install", "-at_install")
class TestPeerRuns(CreditCommon):
    def test_9_running_again_changes_nothing(self):
        debtors = [self._create_debtor(f"Debtor{n}") for n in range(5)]
        for n, debtor in enumerate(debtors):
            self._create_due(-4 - 10 * n, partner=debtor)
        self._tick("credit.run", "_cron_review")
        lines, actions = self.env["credit.action.line"].search([]), self.actions
        cases = self.env["credit.case"].search([])
        state = cases.read(["state", "next_check_on", "last_contact_on", "level_id", "priority"])
        self.assertEqual(len(actions), 5)
        for _n in range(3):
            self._tick("credit.run", "_cron_review")
            self._tick("credit.run", "_cron_refresh")
        self.assertEqual(self.env["credit.action.line"].search([]), lines)
        self.assertEqual(self.actions, actions)
        self.assertEqual(self.env["credit.case"].search([]), cases)
        self.assertEqual(
            cases.read(["state", "next_check_on", "last_contact_on", "level_id", "priority"]),
            state,
        )

    def test_9_the_database_refuses_a_step_taken_twice(self):
        self._create_due(-4)
        line = self._night().line_ids
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                line.sudo().copy()

    def test_9_sending_again_sends_nothing(self):
        self._create_due(-4)
        self._tick("credit.run", "_cron_review")
        self._tick("credit.action", "_cron_send")
        mails = self._mails()
        self.assertEqual(len(mails), 1)
        for _n in range(3):
            self._tick("credit.action", "_cron_send")
        self.assertEqual(self._mails(), mails)

    def _mails(self):
        return self.env["mail.mail"].search([("model", "=", "credit.case")])

    def test_11_the_night_comes_by_itself(self):
        for xmlid in ("ir_cron_credit_review", "ir_cron_credit_send", "ir_cron_credit_refresh"):
            cron = self.env.ref(f"account_credit_care.{xmlid}")
            self.assertTrue(cron.active)
            self.assertEqual(cron.user_id, self.env.ref("base.user_root"))

    def test_14_an_earlier_day_after_a_later_one_harms_nothing(self):
        self._create_due(-4)
        self._night(5)
        before = self.actions
        self._night(0)
        self.assertEqual(self.actions, before)

    # ------------------------------------------------------------------ one fails, others do not

    def _poison(self):
        self.template.body_html = (
            "<p><t t-out=\"1 / (object.partner_id.name != 'Poison')\"/>"
            "<t t-out=\"object.table_html\"/></p>"
        )
        names = ("Before", "Poison", "After")
        debtors = {name: self._create_debtor(name) for name in names}
        for debtor in debtors.values():
            self._create_due(-4, partner=debtor)
        return debtors

    def test_a_message_that_cannot_be_written_fails_alone_and_tells_somebody(self):
        debtors = self._poison()
        self._tick("credit.run", "_cron_review")
        with mute_logger("odoo.addons.account_credit_care.models.credit_action"):
            self._tick("credit.action", "_cron_send")
        states = {a.case_id.partner_id.name: a.state for a in self.actions}
        self.assertEqual(states, {"Before": "queued", "Poison": "failed", "After": "queued"})
        self.assertTrue(self._case(debtors["Poison"]).activity_ids)
        self.assertFalse(self._case(debtors["After"]).activity_ids)
        failed = self.actions.filtered(lambda a: a.state == "failed")
        self.assertIn("division by zero", failed.failure)

    def test_a_case_that_cannot_be_reviewed_fails_alone_and_is_met_the_next_day(self):
        debtors = [self._create_debtor(name) for name in ("Before", "Poison", "After")]
        for debtor in debtors:
            self._create_due(-4, partner=debtor)
        poison = debtors[1]
        decide = Facts.decide

        def fails(facts):
            if facts.partner_id == poison.id:
                raise ValueError("a bug")
            return decide(facts)

        with (
            patch.object(Facts, "decide", fails),
            mute_logger("odoo.addons.account_credit_care.models.credit_run"),
        ):
            self._tick("credit.run", "_cron_review")
        self.assertEqual(set(self.actions.case_id.partner_id), {debtors[0], debtors[2]})
        case = self._case(poison)
        self.assertEqual(case.night_error, "a bug")
        self.assertTrue(case.filtered_domain(self.env["credit.case"]._get_worklist_domain()))
        self._tick("credit.run", "_cron_review", 1)
        self.assertEqual(len(self.actions), 3)
        self.assertFalse(case.night_error)

    def test_a_company_whose_night_fails_is_told_and_does_not_stop_the_others(self):
        other = self.root["res.company"].create({"name": "Broken"})
        self._create_due(-4)
        refresh = type(self.env["credit.ledger"])._refresh

        def fails(ledger, company, today):
            if company.id == other.id:
                raise ValueError("a field that is gone")
            return refresh(ledger, company, today)

        with (
            patch.object(type(self.env["credit.ledger"]), "_refresh", fails),
            patch.object(
                type(self.env["credit.run"]), "_get_companies",
                lambda run: run.env["res.company"].browse((other | self.company).ids),
            ),
            mute_logger("odoo.addons.account_credit_care.models.credit_run"),
        ):
            self._tick("credit.run", "_cron_review")
            self._tick("credit.run", "_cron_review")
            self._tick("credit.run", "_cron_refresh")
        self.assertEqual(len(self.actions), 1)
        told = self.root["mail.activity"].search([
            ("res_model", "=", "res.partner"), ("res_id", "=", other.partner_id.id),
        ])
        self.assertEqual(len(told), 1, "once, not each night")
        self.assertIn("a field that is gone", told.note)

    # ------------------------------------------------------------------ 13 the invoice changes

    def test_13_a_reminded_invoice_reset_to_draft_is_withdrawn_and_comes_back(self):
        invoice = self._create_due(-4)
        self._night()
        item, case = self._items(invoice), self._case()
        invoice.button_draft()
        self._night(1)
        self.assertEqual((item.close_reason, case.state), ("withdrawn", "closed"))
        invoice.action_post()
        self._night(2)
        self.assertFalse(item.closed_on)
        self.assertEqual(item.level_id.delay_days, 3)
        self.assertEqual(item.case_id, self._case())
        self.assertEqual(len(self.actions), 1, "the step was taken")

    def test_13_a_reminded_invoice_may_lose_its_receivable_lines(self):
        invoice = self._create_due(-4)
        self._night()
        item = self._items(invoice)
        invoice.button_draft()
        invoice.invoice_payment_term_id = self.env["account.payment.term"].create({
            "name": "Halves", "line_ids": [
                Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                for days in (0, 20)
            ],
        })
        invoice.action_post()
        self.assertEqual(len(invoice.line_ids.filtered("date_maturity")), 2)
        self._night(6)
        self.assertEqual(item.name, invoice.name)
        self.assertEqual(sum(self._items(invoice).filtered(
            lambda i: not i.closed_on).mapped("amount_residual")), 1000.0)

    def test_13_a_reminded_invoice_may_be_deleted_and_the_history_stays(self):
        invoice = self._create_due(-4)
        name = invoice.name
        action = self._night()
        item, case = self._items(invoice), self._case()
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        self._night(1)
        self.assertEqual((item.close_reason, case.state), ("withdrawn", "closed"))
        self.assertEqual(action.line_ids.name, name)
        self.assertEqual(action.line_ids.amount, 1000.0)

    def test_13_reset_to_draft_between_planning_and_sending_stops_the_message(self):
        invoice = self._create_due(-4)
        action = self._night(send=False)
        invoice.button_draft()
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "cancelled")

    def test_13_deleted_between_planning_and_sending_stops_the_message(self):
        invoice = self._create_due(-4)
        action = self._night(send=False)
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "cancelled")

    def test_13_a_cancelled_invoice_is_withdrawn(self):
        invoice = self._create_due(-4)
        self._night()
        invoice.button_draft()
        invoice.button_cancel()
        self._night(1)
        self.assertEqual(self._items(invoice).close_reason, "withdrawn")


@tagged("post_install", "-at_install")
class TestPeerChannels(CreditCommon):
    def test_17_the_sender_is_the_controller_of_the_policy_whoever_runs_the_night(self):
        self._create_due(-4)
        mail = self._night().mail_mail_id
        self.assertEqual(mail.author_id, self.controller.partner_id)
        self.assertIn("carla@bellandi.example", mail.email_from)

    def test_20_an_address_that_only_the_invoice_contact_has_is_used(self):
        self.debtor.email = False
        contact = self.env["res.partner"].create({
            "name": "Amministrazione", "parent_id": self.debtor.id, "type": "invoice",
            "email": "admin@debtor.example",
        })
        self._create_due(-4)
        action = self._night()
        self.assertEqual((action.channel, action.contact_id), ("email", contact))
        self.assertEqual(action.mail_mail_id.recipient_ids, contact)

    def test_20_without_any_address_somebody_is_asked_and_nothing_is_sent(self):
        self.debtor.email = False
        self._create_due(-4)
        action = self._night()
        self.assertEqual((action.channel, action.state), ("activity", "queued"))
        self.assertTrue(action.activity_id)
        self.assertFalse(action.mail_mail_id)

    def test_20_an_archived_contact_is_not_written_to(self):
        self.env["res.partner"].create({
            "name": "Gone", "parent_id": self.debtor.id, "type": "invoice",
            "email": "gone@debtor.example", "active": False,
        })
        self._create_due(-4)
        self.assertEqual(self._night().email_to, "ferri@debtor.example")

    def test_21_a_phone_step_is_a_task_with_a_day_and_the_ladder_goes_on(self):
        self._create_due(-10)
        for offset in range(6):
            self._night(offset)
        call = self.actions.filtered(lambda a: a.channel == "phone")
        self.assertEqual(call.state, "queued")
        self.assertEqual(call.activity_id.user_id, self.controller)
        self.assertDay(call.activity_id.date_deadline, 5)
        for offset in range(6, 25):
            self._night(offset)
        self.assertEqual(
            self.actions.mapped("level_id.delay_days"), [3, 10, 20, 31],
            "a call that nobody made does not stop the letters",
        )

    def test_21_a_call_logged_closes_task_and_action(self):
        self._create_due(-10)
        for offset in range(6):
            self._night(offset)
        case = self._case().with_user(self.controller)
        call = self.actions.filtered(lambda a: a.channel == "phone")
        activity = call.activity_id
        with self.at(5):
            case._log_outcome("reached", self.env["credit.reason"], "Pays on Friday", False)
        self.assertEqual((call.state, call.outcome), ("done", "reached"))
        self.assertFalse(activity.exists().active)

    def test_22_letters_count_as_sent_when_their_pdf_exists_not_before(self):
        self.policy.level_ids.filtered(lambda lv: lv.delay_days == 3).channel = "letter"
        self._create_due(-4)
        action = self._night()
        self.assertEqual((action.channel, action.state), ("letter", "queued"))
        report = type(self.env["ir.actions.report"])
        with (
            patch.object(report, "_render_qweb_pdf", side_effect=ValueError("no wkhtmltopdf")),
            self.assertRaises(ValueError),
        ):
            action.with_user(self.controller).action_print_letters()
        self.assertEqual(action.state, "queued")
        with patch.object(report, "_render_qweb_pdf", return_value=(b"%PDF-1.4", "pdf")):
            action.with_user(self.controller).action_print_letters()
        self.assertEqual(action.state, "sent")

    def _letter(self):
        self.policy.level_ids.filtered(lambda lv: lv.delay_days == 3).channel = "letter"
        invoice = self._create_due(-4)
        action = self._night()
        self.assertEqual((action.channel, action.state), ("letter", "queued"))
        return invoice, action

    def _print(self, actions, offset=0):
        report = type(self.env["ir.actions.report"])
        with (
            self.at(offset),
            patch.object(report, "_render_qweb_pdf", return_value=(b"%PDF-1.4", "pdf")) as print_,
        ):
            actions.with_user(self.controller).action_print_letters()
        return print_.call_args and print_.call_args.args[1]

    def test_12_a_letter_to_somebody_who_has_paid_is_not_printed(self):
        invoice, action = self._letter()
        other = self._create_debtor("Other")
        self._create_due(-4, partner=other)
        self._night()
        letters = self.actions
        self._pay(invoice)
        self.assertEqual(self._print(letters, 2), (letters - action).ids)
        self.assertEqual((letters - action).state, "sent")
        self.assertEqual((action.state, action.skip_reason), ("cancelled", "nothing is open"))

    def test_12_no_letter_is_left_when_all_have_paid(self):
        invoice, action = self._letter()
        self._pay(invoice)
        self.assertFalse(self._print(action, 2))
        self.assertEqual(action.state, "cancelled")

    def test_12_a_letter_printed_days_later_asks_what_is_open_then(self):
        invoice, action = self._letter()
        self._pay(invoice, 237.02)
        self.assertEqual(self._print(action, 2), action.ids)
        self.assertEqual(action.line_ids.amount, 762.98)
        self.assertIn("762.98", action.body)

    def test_12_a_letter_sent_is_printed_again_as_it_was(self):
        invoice, action = self._letter()
        self._print(action)
        body = action.body
        self._pay(invoice)
        self.assertEqual(self._print(action, 5), action.ids)
        self.assertEqual((action.state, action.body), ("sent", body))

    def test_12_a_call_about_what_was_paid_is_withdrawn(self):
        """The debtor owes something else, so that the case lives on."""
        invoice = self._create_due(-10)
        for offset in range(6):
            self._night(offset)
        call = self.actions.filtered(lambda a: a.channel == "phone")
        activity = call.activity_id
        self.assertEqual((call.state, activity.res_id), ("queued", self._case().id))
        self._create_due(-1, 50.0)
        self._pay(invoice, on=6)
        self._night(6)
        self.assertEqual((call.state, call.skip_reason), ("cancelled", "settled in the meantime"))
        self.assertFalse(activity.exists())

    def test_12_a_letter_about_what_was_paid_is_withdrawn(self):
        invoice, action = self._letter()
        self._pay(invoice, on=1)
        self._night(1)
        self.assertEqual(action.state, "cancelled")

    def test_22_a_sent_mail_and_a_failed_one_are_marked_as_such(self):
        self._create_due(-4)
        action = self._night()
        action.mail_mail_id._postprocess_sent_message([self.debtor.id], [])
        self.assertEqual(action.state, "sent")
        self.assertTrue(action.done_at)

    def test_23_a_message_sent_again_leaves_the_first_in_the_history(self):
        self._create_due(-4)
        action = self._night()
        first = action.mail_message_id
        action.mail_mail_id._postprocess_sent_message([], [], "552 full", "unknown")
        action.with_user(self.controller).action_retry()
        with self.at(1):
            self._send()
        self.assertNotEqual(action.mail_message_id, first)
        messages = self.env["mail.message"].search([
            ("model", "=", "credit.case"), ("res_id", "=", self._case().id),
            ("message_type", "=", "email_outgoing"),
        ])
        self.assertEqual(messages, action.mail_message_id | first)

    def test_23_a_message_on_its_way_may_be_deleted_and_its_action_is_not_forgotten(self):
        self._create_due(-4)
        action = self._night()
        action.mail_mail_id.unlink()
        self.assertFalse(action.mail_mail_id)
        self._tick("credit.action", "_cron_send", 1)
        self.assertEqual(action.state, "failed")

    def test_25_names_and_references_are_escaped(self):
        bad = "<script>alert(1)</script>"
        self.debtor.name = f"Ferri {bad}"
        invoice = self._create_due(-4, ref=bad, payment_reference=bad)
        invoice.name = f"INV/{bad}"
        action = self._night()
        self.assertNotIn("<script", action.body)
        self.assertIn("&lt;script&gt;", action.body)

    def test_25_a_customer_cannot_write_templates_by_his_name(self):
        self.debtor.name = "{{ 7 * 191 }} <t t-out='7 * 191'/>"
        self._create_due(-4)
        action = self._night()
        self.assertNotIn("1337", action.subject + action.body)

    def test_a_step_without_contact_moves_the_item_and_writes_to_nobody(self):
        self.policy.level_ids.filtered(lambda lv: lv.delay_days == 3).channel = "none"
        invoice = self._create_due(-4)
        action = self._night()
        self.assertEqual((action.channel, action.state), ("none", "done"))
        self.assertFalse(action.mail_mail_id)
        self.assertFalse(self._case().last_contact_on)
        self.assertEqual(self._items(invoice).reached_day, 3)
        self._night(6)
        self.assertEqual(self.actions.mapped("level_id.delay_days"), [3, 10])
