from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import day
from .test_handover import HandoverCommon


@tagged("post_install", "-at_install")
class TestAttention(HandoverCommon):
    """Special attention, said before anything is overdue; and from whom a note is asked."""

    def _say(self, user, how="Ask for Anna", why=""):
        window = self.env["credit.attention"].with_user(user).create({
            "partner_id": self.debtor.id, "how": how, "why": why,
        })
        window.action_save()

    def test_it_is_said_any_time_by_whoever_knows_the_customer(self):
        self.assertFalse(self._case())
        self._say(self.salesperson, why="Twenty years of good business")
        self.assertEqual(
            self.debtor.credit_care_attention, "Ask for Anna\nTwenty years of good business"
        )
        self.assertIn("Ask for Anna", self.debtor.message_ids[0].body)
        for user in (self.leader, self.controller):
            self._say(user, f"From {user.login}")
            self.assertEqual(self.debtor.credit_care_attention, f"From {user.login}")
        self._say(self.salesperson, how="")
        self.assertFalse(self.debtor.credit_care_attention)

    def test_nobody_else_says_it(self):
        stranger = self._create_seller("stranger")
        with self.assertRaises(AccessError):
            self._say(stranger)
        with self.assertRaises(AccessError):
            self.debtor.with_user(stranger).action_credit_attention()
        with self.assertRaises(AccessError):
            self.debtor.with_user(self.salesperson).write({"credit_care_attention": "x"})

    def test_whoever_calls_reads_it_and_the_note_begins_with_it(self):
        self._say(self.salesperson)
        note = self._ask()
        self.assertTrue(note.special_attention)
        self.assertEqual(note.special_how, "Ask for Anna")
        self.assertEqual(self._case().attention, "Ask for Anna")
        screen = self._case().with_user(self.controller).action_log_call()
        call = self.env["credit.call"].with_user(self.controller).browse(screen["res_id"])
        self.assertEqual(call.attention, "Ask for Anna")

    # ------------------------------------------------------------------ the note

    def test_a_note_is_asked_by_hand_at_any_time(self):
        self._create_due(-4)
        self._nights(0)
        case = self._case()
        with self.at(1):
            with self.assertRaises(AccessError):
                case.with_user(self.salesperson).action_request_note()
            case.with_user(self.controller).action_request_note()
        self.assertEqual((case.note_id.user_id, case.note_id.state),
                         (self.salesperson, "requested"))
        self.assertIn("Asked from Sara Serra", case.note_state)
        with self.at(2):
            case.with_user(self.controller).action_request_note()
        self.assertEqual(len(case.handover_ids), 1)

    def test_whom_it_is_asked_from(self):
        """The customer's, then the invoice's, then the head of the team; nobody who has left,
        nobody from outside."""
        billing = self._create_seller("billing")
        move = self._create_due(-4)
        move.invoice_user_id = billing
        self._nights(0)
        case = self._case()
        self.assertEqual(case._get_note_writer(), self.salesperson)
        outside = new_test_user(self.env, "outside", "base.group_portal")
        self.debtor.user_id = outside
        self.assertEqual(case._get_note_writer(), billing)
        self.debtor.user_id = False
        self.assertEqual(case._get_note_writer(), billing)
        billing.active = False
        move.team_id = self.team
        self.assertEqual(case._get_note_writer(), self.leader)
        abroad = self.env["res.company"].create({"name": "Abroad"})
        self.leader.write({"company_ids": [Command.set(abroad.ids)], "company_id": abroad.id})
        self.assertNotIn(case._get_note_writer(), self.leader | billing | outside)

    def test_the_deadline_is_before_the_day_of_placement(self):
        note = self._ask()
        self.assertLess(note.deadline_on, day(-35 + self.policy.place_after_days))

    def test_his_own_step_counts_once(self):
        note = self._ask()
        self._write_note(note, 8, own_step="I see him", own_step_until=day(14))
        with self.at(13), self.assertRaises(UserError):
            note.with_user(self.salesperson).write({"own_step_until": day(20)})
        self._nights(*range(9, 16))
        self.assertDay(self._notice("ready").date, 15)
