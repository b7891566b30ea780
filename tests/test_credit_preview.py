from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import CreditCommon, day

SPAN = 60
TOLD = {  # notices of the nights, as the preview calls them
    "suspension_warning": "warn", "suspended": "suspend", "handover": "handover", "ready": "ready",
}


class PreviewCommon(CreditCommon):
    def _foresee(self, offset, until=None, policy=None):
        """{(offset, debtor, day of the level): amount}, as seen on the day ``offset``."""
        with self.at(offset):
            plans, _notices = self.root["credit.forecast"]._preview(
                self.company, day(offset if until is None else until), policy=policy
            )
        return {
            ((plan.day - day(0)).days, plan.partner_id, plan.step.day): plan.amount
            for plan in plans
        }

    def _done(self, offset):
        """The same, of what the night of ``offset`` has planned and sent."""
        return {
            (offset, action.case_id.partner_id.id, action.level_id.delay_days): action.amount_total
            for action in self.actions.filtered(lambda a: a.date == day(offset))
        }

    def assertForeseen(self, foreseen, done, offset):
        self.assertEqual(foreseen.keys(), done.keys(), f"night {offset}")
        for key, amount in foreseen.items():
            self.assertAlmostEqual(amount, done[key], 2, f"night {offset}: {key}")

    def _open(self, policy=None, offset=0, user=None):
        with self.at(offset):
            env = self.env(user=user or self.manager)
            Preview = env["credit.preview"].with_company(self.company)
            return Preview.browse(Preview._open(policy and policy.with_env(env))["res_id"])

    def _make_debtors(self):
        """Debtors of many kinds, due on many days."""
        usd = self.setup_other_currency("USD", rates=[("2020-01-01", 2.0)])
        kinds = {
            "Plain": {}, "Late": {}, "Paused": {}, "Excluded": {}, "Credited": {}, "Foreign": {},
            "Small": {}, "Unreachable": {"email": False, "phone": False, "street": False},
        }
        made = {name: self._create_debtor(name, **values) for name, values in kinds.items()}
        for number, partner in enumerate(made.values()):
            for due in (-25 + 3 * number, 4 + number, 21 + 2 * number):
                self._create_due(due, 100.0 + number, partner)
        self._credit(self._create_due(-8, 60.0, made["Credited"]), 90.0)
        self._create_due(-2, 300.0, made["Foreign"], currency_id=usd.id)
        self._create_due(-2, 0.4, made["Small"])
        self._create_due(-50, 500.0, made["Excluded"]).line_ids.no_followup = True
        paid = self._create_due(-40, 70.0, made["Late"])
        self._pay(paid, on=-20)
        return made


@tagged("post_install", "-at_install")
class TestForecast(PreviewCommon):
    """The preview says what the nights then do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.level_ids[0].late_payers_only = True
        cls.policy.level_ids[3].min_amount = 150.0

    def test_each_night_of_two_months(self):
        made = self._make_debtors()
        payments = {7: "Plain", 19: "Late", 33: "Foreign"}
        sent = 0
        for offset in range(SPAN):
            if offset in payments:
                case = self._case(made[payments[offset]])
                self._pay(case.open_item_ids.sorted("due_on")[0].move_id, on=offset)
            if offset == 5:
                with self.at(offset):
                    self._case(made["Paused"])._pause(day(16), "asked for time")
            foreseen = self._foresee(offset)
            self._night(offset)
            done = self._done(offset)
            self.assertForeseen(foreseen, done, offset)
            sent += len(done)
        self.assertGreater(sent, 40)
        self.assertEqual(set(self.actions.case_id.partner_id), set(made.values()))

    def test_two_months_of_messages_and_thresholds_while_the_ledger_stands_still(self):
        """The salesperson has written on all debtors but one, who is never ready."""
        made = self._make_debtors()
        self._night(0)
        with self.at(0):
            self._case(made["Paused"])._pause(day(16), "asked for time")
        for case in self.env["credit.case"].search([("company_id", "=", self.company.id)]):
            if case.partner_id.name != "Small":
                self.root["credit.handover"].create({
                    "case_id": case.id, "user_id": self.salesperson.id, "state": "submitted",
                })
        foreseen = self._foresee(1, SPAN)
        with self.at(1):
            _plans, notices = self.root["credit.forecast"]._preview(self.company, day(SPAN))
        done = {}
        for offset in range(1, SPAN + 1):
            self._night(offset)
            done |= self._done(offset)
        self.assertForeseen(foreseen, done, "1 to 60")
        self.assertGreater(len(foreseen), 30)
        told = {(notice.code, notice.day, notice.partner_id) for notice in notices}
        self.assertEqual(told, self._told())
        self.assertEqual({code for code, _day, _debtor in told}, set(TOLD.values()))

    def _told(self):
        return {
            (TOLD[action.notice], action.date, action.case_id.partner_id.id)
            for action in self.env["credit.action"].search([("kind", "=", "notice")])
            if action.notice in TOLD and action.date > day(0)
        }

    def test_the_first_night_after_a_dispute(self):
        """Its last day is today: nothing of it is left tomorrow, core's flag included."""
        self._create_due(-11)
        dispute = self._dispute_all(9)
        foreseen = self._foresee_tomorrow(9)
        self._night(10)
        self.assertEqual(dispute.state, "expired")
        self.assertForeseen(foreseen, self._done(10), 10)
        self.assertEqual(len(foreseen), 1)

    def test_what_was_accepted_waits_for_its_credit_note_in_the_preview_as_well(self):
        self._create_due(-11)
        dispute = self._dispute_all(9)
        with self.at(0):
            dispute.with_user(self.controller)._resolve("accepted")
        self.assertFalse(self._foresee_tomorrow(9))
        self.assertFalse(self._foresee_tomorrow(9, 40))
        self._night(10)
        self.assertFalse(self._done(10))

    def test_a_debtor_of_a_new_case_was_spoken_to_lately(self):
        move = self._create_due(-3)
        self._night(0)
        self._pay(move, on=1)
        self._night(1)
        self._create_due(7, 300.0)
        with self.at(1):
            foreseen = self._foresee_tomorrow(1, 5)
        self.assertEqual([offset for offset, *_rest in foreseen], [5])

    def _dispute_all(self, until):
        self._night(0)
        case = self._case()
        with self.at(0):
            dispute = self.env["credit.dispute"]._open(case, {case.open_item_ids: 0}, day(until))
        for offset in range(1, until + 1):
            self._night(offset)
        return dispute

    def _foresee_tomorrow(self, offset, until=None):
        """As the screen has it after the night of ``offset``."""
        with self.at(offset):
            plans, _notices = self.root["credit.forecast"]._preview(
                self.company, day(until or offset + 1), day(offset + 1)
            )
        return {
            ((plan.day - day(0)).days, plan.partner_id, plan.step.day): plan.amount
            for plan in plans
        }

    def test_working_days_far_ahead(self):
        """The calendar is read as far as the preview looks."""
        self.policy.calendar_id = self.env.ref("account_credit_care.calendar_contact_hours")
        self._create_due(72)  # a Saturday and a Sunday are among the days of its steps
        foreseen = self._foresee(0, 130)
        done = {}
        for offset in range(0, 131):
            self._night(offset)
            done |= self._done(offset)
        self.assertForeseen(foreseen, done, "0 to 130")
        weekdays = {day(offset).isoweekday() for offset, _debtor, _level in foreseen}
        self.assertTrue(weekdays and 7 not in weekdays)

    def test_a_change_since_the_last_night_is_seen(self):
        """Nobody has looked at these debtors for days, and their cases say nobody must."""
        other = self._create_debtor("Other")
        for partner in (self.debtor, other):
            self._create_due(-12, partner=partner)
        for offset in range(0, 11):
            self._night(offset)
        self.assertFalse(self._foresee(11))
        changes = {
            "a new invoice": lambda: self._create_due(-3, 10.0, other),
            "a changed due date": lambda: self._case().open_item_ids.move_id.write(
                {"invoice_date_due": day(-30)}
            ),
            "another policy": lambda: self.debtor.with_company(self.company).write({
                "credit_care_policy_id": self._create_policy(
                    ((1, "email"), (21, "email")), is_default=False
                ).id,
            }),
        }
        for name, change in changes.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                change()
                foreseen = self._foresee(11)
                self._night(11)
                self.assertForeseen(foreseen, self._done(11), 11)
                self.env.invalidate_all()
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_next_night_is_tomorrow_once_tonight_has_run(self):
        forecast = self.root["credit.forecast"]
        self._create_due(-4)
        with self.at(0):
            self.assertEqual(forecast._next_night(self.company), day(0))
        self._night(0)
        with self.at(0):
            self.assertEqual(forecast._next_night(self.company), day(1))
        with self.at(1):
            self.assertEqual(forecast._next_night(self.company), day(1))
            cron = self.env.ref("account_credit_care.ir_cron_credit_review")
            self.env.cr.execute(
                "UPDATE ir_cron SET lastcall = %s WHERE id = %s", [f"{day(1)} 01:30:00", cron.id]
            )
            cron.invalidate_recordset()
            self.assertEqual(forecast._next_night(self.company), day(2))

    # ------------------------------------------------------------------ drafts, own policies

    def test_a_draft_is_looked_at_as_if_it_were_active(self):
        self._create_due(-4)
        consumer = self._create_debtor("Rossi Maria", is_company=False)
        self._create_due(-4, 70.0, consumer)
        draft = self._create_policy(
            ((2, "email"), (15, "letter")), name="Consumers", is_default=False, state="draft",
            segment_domain="[('is_company', '=', False)]",
        )
        self.assertEqual(self._foresee(0, policy=draft), {(0, consumer.id, 2): 70.0})
        self.assertEqual(len(self._foresee(0)), 2, "while it is a draft, the default takes both")
        self.assertEqual(set(self._foresee(0)), {
            (0, self.debtor.id, 3), (0, consumer.id, 3),
        })
        draft.with_user(self.manager).action_activate()
        self.assertEqual(set(self._foresee(0)), {(0, self.debtor.id, 3), (0, consumer.id, 2)})

    def test_a_draft_default_beside_the_active_one(self):
        self._create_due(-4)
        draft = self._create_policy(
            ((2, "email"),), name="Next year's", state="draft", sequence=1
        )
        self.assertEqual(self._foresee(0, policy=draft), {(0, self.debtor.id, 2): 1000.0})

    def test_the_debtors_own_policy(self):
        self._create_due(-4)
        own = self._create_policy(((4, "letter"),), name="Own", is_default=False)
        self.debtor.with_company(self.company).credit_care_policy_id = own
        self.assertEqual(set(self._foresee(0)), {(0, self.debtor.id, 4)})
        self.assertFalse(self._foresee(0, policy=self.policy))
        own.do_nothing = True
        self.assertFalse(self._foresee(0))

    def test_old_debts_start_where_the_policy_says(self):
        self._create_due(-100)
        self.assertEqual(set(self._foresee(0)), {(0, self.debtor.id, 3)})
        self.policy.catch_up = "highest"
        self.assertEqual(set(self._foresee(0)), {(0, self.debtor.id, 40)})

    # ------------------------------------------------------------------ reads only, few queries

    def test_nothing_is_written(self):
        self._make_debtors()
        self._night(0)
        tables = sorted(
            model._table for name, model in self.env.items()
            if not model._abstract and model._auto and not name.startswith("credit.preview")
            and name.startswith(("credit.", "mail.", "res.partner", "account.move", "ir.cron"))
        )

        def picture():
            self.env.flush_all()
            rows = {}
            for table in tables:
                self.env.cr.execute(f"SELECT COUNT(*), MAX(xmin::text::bigint) FROM {table}")
                rows[table] = self.env.cr.fetchone()
            self.env.cr.execute(
                "SELECT md5(string_agg(one::text, '' ORDER BY id)) FROM credit_case one"
            )
            return rows, self.env.cr.fetchone()

        before = picture()
        self.assertTrue(self._foresee(5, SPAN))
        preview = self._open(self.policy.copy({"name": "Draft"}), 5) and self._open(offset=5)
        self.assertTrue(preview)
        with self.at(5):
            preview.action_in_a_month()
        after = picture()
        counts = {"credit_policy", "credit_policy_level", "mail_message", "mail_followers"}
        for table in tables:
            if table not in counts:  # the copy of the policy
                self.assertEqual(after[0][table], before[0][table], table)
        self.assertEqual(after[1], before[1])

    def test_as_many_queries_for_30_debtors_as_for_3(self):
        counts = {}
        for total in (3, 30):
            while len(self._foresee(0)) < total:
                partner = self._create_debtor("D")
                self._create_due(-4, partner=partner)
                self._create_due(-15, partner=partner)
            self.env.flush_all()
            self._foresee(0)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self._foresee(0, 30)), 6 * total)
            counts[total] = self.env.cr.sql_log_count - before
        self.assertEqual(counts[30], counts[3])
        self.assertLess(counts[3], 60)


@tagged("post_install", "-at_install")
class TestPreviewScreen(PreviewCommon):
    def test_it_opens_on_the_next_night_with_figures_and_list(self):
        self._create_due(-4)
        mute = self._create_debtor("Mute", email=False)
        self._create_due(-11, 50.0, mute)
        preview = self._open()
        self.assertEqual((preview.until, preview.start), (day(0), day(0)))
        self.assertEqual(
            [(line.partner_id, line.level_id.delay_days, line.channel, line.amount)
             for line in preview.line_ids],
            [(self.debtor, 3, "email", 1000.0), (mute, 3, "activity", 50.0)],
        )
        self.assertEqual(preview.message_count, 2)
        for text in ("2 messages", "2 debtors", "1,050.00", "Step 3", "Activity", "E-mail"):
            self.assertIn(text, preview.summary.replace("\n", " "))

    def test_a_call_that_an_agency_makes_is_shown_as_one(self):
        """Who wants no calls is the house's to reach, by an activity."""
        quiet = self._create_debtor("Quiet", credit_care_no_calls=True)
        for partner in (self.debtor, quiet):
            self._create_due(-20, partner=partner)
        self.policy.level_ids = [Command.clear(), Command.create({
            "name": "How are you?", "delay_days": 20, "channel": "phone", "executor": "agency",
        })]
        preview = self._open()
        self.assertEqual(preview.line_ids.mapped("partner_id.name"), ["Ferri S.r.l.", "Quiet"])
        self.assertEqual(preview.line_ids.mapped("by_agency"), [True, False])
        self.assertEqual(preview.summary.count("an agency, in our name"), 1)
        self.assertIn("Courtesy call", preview.summary)
        self.assertNotIn("Phone call", preview.summary)
        self.policy.level_ids.executor = "own"
        self.assertIn("Phone call", self._open().summary)
        self.assertNotIn("in our name", self._open().summary)

    def test_the_fifteenth(self):
        self._create_due(-4)
        self._create_due(8, 200.0, self._create_debtor("Other"))
        preview = self._open()
        with self.at(0), Form(preview) as form:
            form.until = day(11)
        with self.at(0):
            preview.action_compute()
        self.assertEqual(preview.line_ids.partner_id.name, "Other")
        self.assertEqual(preview.line_ids.day, day(11))
        preview.only_day = False
        with self.at(0):
            preview.action_compute()
        self.assertEqual(preview.line_ids.mapped("day"), [day(0), day(3), day(6), day(11)])
        self.assertEqual(preview.message_count, 4)
        with self.at(0):
            preview.action_in_a_week()
        self.assertEqual(preview.until, day(7))

    def test_days_that_cannot_be_shown(self):
        preview = self._open()
        for offset in (-1, 400):
            preview.until = day(offset)
            with self.at(0), self.assertRaisesRegex(UserError, "Choose a day"):
                preview.action_compute()

    def test_a_day_outside_the_contact_hours(self):
        """Opened on a Saturday evening, it shows Monday: an empty Sunday would look like peace."""
        self.policy.calendar_id = self.env.ref("account_credit_care.calendar_contact_hours")
        self._create_due(-4)
        self._create_due(-4, partner=self._create_debtor("Sunday"))
        sunday = 4  # the test's today is a Wednesday
        preview = self._open(offset=sunday)
        self.assertEqual((preview.start, preview.until), (day(sunday), day(sunday + 1)))
        self.assertEqual(preview.message_count, 2)
        self.assertNotIn("outside the contact hours", preview.summary)
        preview.until = day(sunday)
        with self.at(sunday):
            preview.action_compute()
        self.assertEqual(preview.message_count, 0)
        self.assertIn("outside the contact hours", preview.summary)

    def test_thresholds_are_told(self):
        self._create_due(-31)
        self.assertIn("credit ends soon", self._open().summary)
        self._night(0)
        self.assertIn("Credit is suspended", self._open(offset=0).summary)

    def test_a_long_list_is_cut_and_the_figures_are_not(self):
        for number in range(4):
            self._create_due(-4, 100.0 + number, self._create_debtor(f"D{number}"))
        module = "odoo.addons.account_credit_care.wizards.credit_preview.LISTED"
        with patch(module, 3):
            preview = self._open()
        self.assertEqual(preview.line_ids.mapped("amount"), [103.0, 102.0, 101.0])
        self.assertEqual(preview.message_count, 4)
        self.assertIn("406.00", preview.summary)
        self.assertRegex(preview.summary, r"shows\s+3\s+of them")

    def test_the_policy_is_activated_from_its_preview(self):
        self._create_due(-4)
        self.policy.state = "draft"
        preview = self._open(self.policy)
        self.assertTrue(preview.can_activate)
        self.assertEqual(preview.message_count, 1)
        self.assertFalse(self._open(self.policy, user=self.controller).can_activate)
        with self.assertRaises(UserError):
            self._open(self.policy, user=self.controller).action_activate()
        with self.at(0):
            preview.action_activate()
        self.assertEqual(self.policy.state, "active")
        self.assertFalse(preview.can_activate)
        self._night(0)
        self.assertEqual(len(self.actions), 1)

    def test_messages_of_earlier_nights_are_told_apart(self):
        self._create_due(-4)
        self.policy.level_ids.automatic = False
        self._night(0)
        preview = self._open(offset=1)
        self.assertEqual((preview.message_count, preview.waiting_count), (0, 1))
        found = self.env["credit.action"].search(preview.action_open_waiting()["domain"])
        self.assertEqual(found, self.actions)
        self.assertEqual(self._open(self.policy, 1).waiting_count, 1)
        self.assertEqual(self._open(self.policy.copy(), 1).waiting_count, 0)

    def test_a_stale_bank_is_told(self):
        self.company.credit_bank_fresh_days = 5
        self.assertIn("bank", self._open().bank_note)
        self.company.credit_bank_fresh_days = 0
        self.assertFalse(self._open().bank_note)

    def test_the_way_to_the_debtor(self):
        self._create_due(-4)
        line = self._open().line_ids
        self.assertEqual(line.action_open_debtor()["res_model"], "res.partner")
        self._night(0)
        self._create_due(-9)
        action = self._open(offset=6).line_ids.action_open_debtor()
        self.assertEqual((action["res_model"], action["res_id"]), ("credit.case", self._case().id))

    # ------------------------------------------------------------------ rights, companies

    def test_another_company_is_not_seen(self):
        other = self.setup_other_company()["company"]
        self._create_due(-4)
        preview = self._open()
        preview.sudo().company_id = other
        with self.at(0), self.assertRaises(AccessError):
            preview.action_compute()
        self.manager.company_ids |= other
        foreign = self._open()
        foreign = foreign.with_context(allowed_company_ids=[other.id])
        foreign.sudo().company_id = other
        with self.at(0):
            foreign.action_compute()
        self.assertFalse(foreign.line_ids)

    def test_who_may_look(self):
        self._create_due(-4)
        self.assertEqual(self._open(user=self.controller).message_count, 1)
        plain = new_test_user(
            self.env, "plain", "account.group_account_invoice,base.group_user",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )
        for user in (plain, self.salesperson):
            with self.assertRaises(AccessError):
                self._open(user=user)

    def test_a_preview_is_its_owners(self):
        self._create_due(-4)
        preview = self._open(user=self.manager)
        with self.assertRaises(AccessError):
            preview.with_user(self.controller).line_ids.mapped("amount")

    def test_the_menu(self):
        self._create_due(-4)
        action = self.env.ref("account_credit_care.credit_preview_action_server")
        with self.at(0):
            opened = action.with_user(self.controller).with_company(self.company).run()
        preview = self.env["credit.preview"].browse(opened["res_id"])
        self.assertEqual(preview.sudo().message_count, 1)
        self.assertIn("all active policies", opened["name"])
