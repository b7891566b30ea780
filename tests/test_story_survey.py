from odoo.tests import tagged

from .common import day
from .survey_common import SurveyCommon


@tagged("post_install", "-at_install")
class TestStorySurvey(SurveyCommon):
    """A customer who has paid is asked how it was; one who was treated badly is heard."""

    def test_from_the_thanks_to_the_call(self):
        closed = self._rule("closed", reminder_days=5, expire_days=14, cooling_days=90)
        contact = self._rule("contact", pause_days=6)
        case = self._settled(on=2)

        # asked once, on the day, whatever nights follow
        asked = self._asked()
        self.assertEqual(asked.credit_case_id, case)
        self._night(3)
        self.assertEqual(self._asked(), asked)
        question = self._questions("queued")
        self.assertEqual(len(question), 1)

        # reminded once, then never
        for offset in range(4, 13):
            self._night(offset)
        again = self._questions(purpose="survey_reminder")
        self.assertEqual(len(again), 1)
        self.assertDay(again.date, 7)
        self.assertDay(asked.credit_reminded_on, 7)

        # the link ends
        self.assertDay(asked.deadline.date(), 16)
        with self.at(17):
            self.assertTrue(asked._is_over())

        # a new debt, a conversation; he was asked lately, so he is left in peace
        move = self._create_due(15, 2000.0)
        self._night(20)
        live = self._case()
        with self.at(20):
            live.with_user(self.controller)._log_outcome(
                "reached", self.env["credit.reason"], "Angry"
            )
        self._night(20)
        self.assertEqual(self._asked(), asked)

        # after the cooling-off he is asked, and was treated badly
        with self.at(93):
            live.with_user(self.controller)._log_outcome(
                "reached", self.env["credit.reason"], "Angry again"
            )
        self._night(93)
        bad = self._asked(live)
        self.assertEqual(bad.credit_rule_id, contact)
        self.assertEqual(bad.credit_action_id.outcome, "reached")
        before = self.actions
        self._answer(bad, 1, 2, 5, 1, 3, on=94, remark="He shouted <b>at me</b>")

        # the manager hears of it on the same day, by task and by mail
        manager = self.env["credit.task"]._get_manager(self.company)
        [told] = self._tasks(live, "voice")
        self.assertEqual((told.user_id, told.date_deadline), (manager, day(94)))
        self.assertIn("He shouted &lt;b&gt;", told.note)
        mail = self.env["mail.mail"].search([
            ("recipient_ids", "in", manager.partner_id.ids), ("subject", "like", "Not happy"),
        ])
        self.assertEqual(len(mail), 1)
        self.assertIn("He shouted &lt;b&gt;at me", mail.body_html)
        # somebody calls; nobody reminds
        [call] = self._tasks(live, "call").filtered(lambda task: "listen" in task.summary)
        self.assertEqual((call.user_id, call.date_deadline), (self.controller, day(94)))
        pause = live.dispute_ids
        self.assertEqual((pause.kind, pause.until, pause.source), ("pause", day(100), "debtor"))
        self.assertEqual(pause.reason_id.kind, "experience")
        self.assertFalse(live.reason_id)
        for offset in range(94, 101):
            self._night(offset)
        self.assertEqual(self.actions, before)
        for offset in range(101, 104):
            self._night(offset)
        self.assertGreater(self.actions, before)
        self.assertTrue(move.amount_residual)

        # said once, heard once
        with self.at(95):
            bad._hear()
        self.assertEqual(len(self._tasks(live, "voice")), 1)
        self.assertEqual(len(live.dispute_ids), 1)
        self.assertEqual(closed.asked_count, 1)
