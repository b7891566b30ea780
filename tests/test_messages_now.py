"""What a message beside the ladder says is so when it leaves, not when somebody asked for it."""
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .test_dispute import DisputeCommon


@tagged("post_install", "-at_install")
class TestMessagesNow(DisputeCommon):
    def _resend(self):
        with self.at(0):
            self.root["credit.action"]._plan_message(
                self._case(), "resend", items=self._case().open_item_ids
            )
        return self.messages

    def _leave(self, offset=0):
        with self.at(offset):
            self._send()
        text = html2plaintext(self.messages[-1:].body or "")
        return " ".join(text.replace("*", "").replace("\ufeff", "").split())

    def test_what_was_paid_before_a_failed_mail_was_mended_is_not_asked_for(self):
        first, second = self._create_due(-2, 1000.0), self._create_due(-2, 300.0)
        self._night(0, send=False)
        message = self._resend()
        message.sudo()._fail("no mail server")
        self._pay(first, 400.0, on=3)
        self._pay(second, on=3)
        with self.at(4):
            message.with_user(self.controller).action_retry()
        text = self._leave(4)
        self.assertIn("To be paid $ 600.00", text)
        self.assertIn("Pay online", text)
        self.assertIn("settled so far $ 400.00", text)
        self.assertNotIn(second.name, text)

    def test_what_was_paid_an_hour_ago_is_not_sent_again(self):
        move = self._create_due(-2)
        self._night(0, send=False)
        message = self._resend()
        self._pay(move, on=0)
        self._leave()
        self.assertEqual(message.state, "cancelled")

    def test_open_credits_are_deducted(self):
        self._create_due(-2)
        self._night(0, send=False)
        self._pay_on_account(self.debtor, 250.0)
        self._resend()
        text = self._leave()
        self.assertIn("Your open credits, deducted $ -250.00", text)
        self.assertIn("To be paid $ 750.00", text)

    def test_who_is_right_is_not_asked_for_it_in_our_answer(self):
        move = self._create_due(-2)
        self._night(0, send=False)
        dispute = self._dispute({move: 0}, until=30)
        self._resolve(dispute, "accepted", "You are right, a credit note follows.")
        text = self._leave()
        self.assertIn("You are right", text)
        self.assertIn("To be paid $ 0.00", text)
        self.assertIn("being looked into, not asked for now $ 1,000.00", text)
        self.assertNotIn("Pay online", text)

    def test_who_is_not_right_reads_what_is_open(self):
        move = self._create_due(-2)
        self._night(0, send=False)
        dispute = self._dispute({move: 0}, until=30)
        self._resolve(dispute, "rejected", "The price is the one of your order.")
        self.assertIn("To be paid $ 1,000.00", self._leave())

    def test_what_has_ended_meanwhile_is_not_confirmed(self):
        self._create_due(-2)
        self._night(0)
        plan = self._draft("plan", [(10, 500.0), (40, 500.0)])
        with self.at(0):
            plan._propose()
            plan._sign("Anna Ferri")
            plan._cancel("He pays all of it")
        confirmed = self.messages.filtered(lambda action: action.purpose == "agreed")
        self.assertEqual(confirmed.state, "planned")
        with self.at(0):
            self._send()
        self.assertEqual(confirmed.state, "cancelled")
