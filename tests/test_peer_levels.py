"""What the peer (OCA account_credit_control 19.0) was found to get wrong with levels, ours must get
right. The numbers are those of the list of its weaknesses."""

import psycopg2

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

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

    def test_6_a_level_moved_to_a_later_day_is_not_taken_again_and_the_ladder_goes_on(self):
        """Its step stands in the way of no other: neither of those between, nor of those after."""
        invoice = self._create_due(-4)
        for offset in range(0, 8):
            self._night(offset)
        self.assertEqual(self._items(invoice).reached_day, 10)
        with self.at(8):
            moved = self.policy.level_ids.filtered(lambda lv: lv.delay_days == 10)
            moved.delay_days = 25
        foreseen = self._foresee(8, 60)
        for offset in range(8, 60):
            self._night(offset)
        self.assertFalse(self._case().night_error)
        self.assertEqual(self._steps(), [(3, 0), (25, 6), (20, 16), (31, 27), (40, 36)])
        self.assertEqual(foreseen, self._steps()[2:])

    def _foresee(self, offset, until):
        with self.at(offset):
            plans, _notices = self.root["credit.forecast"]._preview(
                self.company, day(until), start=day(offset)
            )
        return [(plan.step.day, (plan.day - day(0)).days) for plan in plans]

    def test_6_a_level_moved_to_a_later_day_clashes_in_no_night(self):
        """By the scheduler itself, which takes a clash of keys for somebody who was quicker."""
        self._create_due(-4)
        for offset in range(0, 8):
            self._night(offset)
        with self.at(8):
            self.policy.level_ids.filtered(lambda lv: lv.delay_days == 10).delay_days = 12
        for offset in range(8, 18):
            self._tick("credit.run", "_cron_review", offset)
            self._tick("credit.action", "_cron_send", offset)
        self.assertEqual(self._steps(), [(3, 0), (12, 6), (20, 16)])

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
