from odoo.exceptions import AccessError
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

        # the salesperson reads the case, and nothing of what was said
        told.action_feedback()
        own = live.with_user(self.salesperson)
        read = str((
            own.activity_ids.read(["summary", "note"]), own.message_ids.mapped("body"),
            own.dispute_ids.read(["text"]),
        ))
        self.assertIn("Not happy", read)
        self.assertNotIn("shouted", read)

    def test_the_agency_reads_of_many_and_never_of_one(self):
        """Five customers with whom it has spoken have answered: from the fifth on it reads what
        they say together, and of which of them said what nothing at all."""
        self._rule("contact")
        self.qualified.is_leader = True
        placed = [
            self._place_by_hand(self._create_debtor(f"Secret{number}")) for number in range(5)
        ]
        self._night(2)
        self._night(3)
        asked = self._asked()
        self.assertEqual(asked.credit_placement_id, self.env["credit.placement"].union(*placed))
        desk = self.env["credit.agency.desk"].with_user(self.qualified.user_id)
        for number, answer in enumerate(asked):
            with self.at(4):
                self.assertNotIn("points", str(desk.get_home()["feedback"]), number)
            self._answer(answer, 9, 6, 5, 5, number + 1, on=4, remark="Only for you")
        with self.at(4):
            told = desk.get_home()["feedback"]
        self.assertEqual({line["n"] for line in told[0]["lines"]}, {5})
        self.assertIn("points", str(told))
        for secret in ("Secret", "Only for you"):
            self.assertNotIn(secret, str(told))
        with self.at(4), self.assertRaises(AccessError):
            asked.with_user(self.qualified.user_id).read(["credit_scores"])

    def _place_by_hand(self, partner):
        """A placement with the agency, whose collector has reached the debtor."""
        self._create_due(-5, partner=partner)
        self._night(1)
        case = self._case(partner)
        note = self.env["credit.handover"].sudo().create({
            "case_id": case.id, "user_id": self.salesperson.id, "state": "submitted",
        })
        placement = self.env["credit.placement"].sudo().create({
            "case_id": case.id, "handover_id": note.id, "mandate_id": self.mandate.id,
            "state": "accepted", "sent_on": day(1), "collector_id": self.plain.id,
        })
        self.root["credit.action"].create({
            "case_id": case.id, "company_id": self.company.id, "kind": "contact", "date": day(2),
            "channel": "phone", "state": "done", "outcome": "reached",
            "placement_id": placement.id, "collector_id": self.plain.id,
        })
        return placement
