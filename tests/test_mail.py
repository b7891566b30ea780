"""E-mail from the queue to the answer: what became of a message is on its action."""
from base64 import b64encode
from unittest.mock import patch

from odoo.addons.mail.tests.common import MailCommon
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CreditCommon, day

REPLY = """From: Ferri <ferri@debtor.example>
To: {to}
Subject: Re: your message
Message-ID: <answer-1@debtor.example>
In-Reply-To: {message_id}
References: {message_id}
Content-Type: text/plain; charset=utf-8

We paid yesterday, <b>thank you</b>.
"""

BOUNCE = """From: MAILER-DAEMON@debtor.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@debtor.example>
References: {message_id}
In-Reply-To: {message_id}
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=utf-8

The mail could not be delivered.

--B
Content-Type: message/delivery-status

Final-Recipient: rfc822; ferri@debtor.example
Action: failed
Status: 5.1.1

--B
Content-Type: message/rfc822

Message-ID: {message_id}
From: carla@bellandi.example
To: ferri@debtor.example
Subject: Reminder

Text

--B--
"""


@tagged("post_install", "-at_install")
class TestMail(CreditCommon, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_due(-4)

    def _remind(self):
        action = self._night()
        self.assertEqual(action.state, "queued")
        return action

    def _deliver(self, action):
        with self.mock_mail_gateway():
            action.mail_mail_id.sudo().send()
        return self._mails

    def test_a_delivered_mail_makes_its_action_sent(self):
        action = self._remind()
        body = action.body
        mails = self._deliver(action)
        self.assertEqual(action.state, "sent")
        self.assertTrue(action.done_at)
        self.assertEqual(len(mails), 1)
        self.assertEqual(action.body, body)
        self.assertIn("ferri@debtor.example", mails[0]["email_to"][0])

    def test_the_sender_is_the_named_controller(self):
        action = self._remind()
        self.assertIn("Carla Conti", action.mail_mail_id.email_from)
        self.assertIn("carla@bellandi.example", action.mail_mail_id.email_from)

    def test_a_server_that_refuses_makes_the_action_failed_and_asks_for_mending(self):
        action = self._remind()
        with (
            self.mock_mail_gateway(),
            patch.object(type(self.env["ir.mail_server"]), "_connect__", side_effect=OSError),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            action.mail_mail_id.sudo().send()
        self.assertEqual(action.state, "failed")
        self.assertTrue(action.failure)
        self.assertIn(
            self.env.ref("account_credit_care.mail_activity_type_address"),
            self._case().activity_ids.activity_type_id,
        )

    def test_a_failed_mail_holds_the_ladder_until_somebody_mends_it(self):
        action = self._remind()
        action.sudo()._fail("mailbox unknown")
        for offset in range(1, 40):
            self._night(offset)
        self.assertEqual(self.actions, action)

    def test_a_mended_address_is_used_when_the_mail_is_tried_again(self):
        action = self._remind()
        action.sudo()._fail("mailbox unknown")
        self.debtor.email = "new@debtor.example"
        action.with_user(self.controller).action_retry()
        with self.at(1):
            self._send()
        self.assertEqual((action.state, action.email_to), ("queued", "new@debtor.example"))

    def _send_queue(self, mail):
        """As the scheduler sends: with a commit for each mail, here without."""
        with self.mock_mail_gateway(), patch.object(self.env.cr, "commit"):
            mail._send(auto_commit=True)

    def test_what_was_paid_while_the_mail_waited_is_not_asked_for(self):
        """Between the outbox and the mail server hours may lie."""
        action = self._remind()
        mail = action.mail_mail_id.sudo()
        self._pay(self.invoice)
        with self.at(0):
            self._send_queue(mail)
            self.assertFalse(self._mails or mail.exists())
            self.assertEqual(action.state, "planned")
            self._send()
        self.assertEqual(action.state, "cancelled")

    def test_what_was_paused_while_the_mail_waited_is_not_asked_for(self):
        action = self._remind()
        mail = action.mail_mail_id.sudo()
        with self.at(0):
            action.case_id.with_user(self.controller)._pause(day(5), "asked for time")
            self._send_queue(mail)
        self.assertFalse(self._mails or mail.exists())

    def test_part_paid_while_the_mail_waited_the_rest_is_asked_for(self):
        action = self._remind()
        mail = action.mail_mail_id.sudo()
        self._pay_on_account(self.debtor, 300.0)
        with self.at(0):
            self._send_queue(mail)
            self._send()
            self.assertNotEqual(action.mail_mail_id, mail)
            self._send_queue(action.mail_mail_id.sudo())
        self.assertEqual((action.state, len(self._mails)), ("sent", 1))
        self.assertIn("700.00", self._mails[0]["body"])

    def test_a_mail_that_is_still_true_leaves_as_it_is(self):
        action = self._remind()
        with self.at(0):
            self._send_queue(action.mail_mail_id.sudo())
        self.assertEqual((action.state, len(self._mails)), ("sent", 1))

    def _refuse(self, action):
        """The mail server takes it not."""
        mail = action.mail_mail_id.sudo()
        mail.write({"state": "exception", "failure_reason": "refused"})
        mail._postprocess_sent_message([], [], "refused", "unknown")
        return mail

    def test_core_tries_again_through_the_outbox(self):
        """Days may lie between: what was paid is not asked for by the mail of then."""
        for button in ("action_retry", "mark_outgoing"):
            with self.subTest(button=button), self.cr.savepoint() as point:
                action = self._remind()
                mail = self._refuse(action)
                self._pay(self.invoice, 300.0)
                getattr(mail, button)()
                self.assertEqual((mail.state, action.state), ("cancel", "planned"))
                with self.at(0):
                    self._send()
                self.assertEqual((mail.state, action.state), ("cancel", "queued"))
                self.assertEqual(action.line_ids.amount, 700.0)
                self.assertEqual(action.mail_mail_id.state, "outgoing")
                point.rollback()
                self.env.invalidate_all()

    def test_a_mail_of_what_was_settled_since_never_leaves(self):
        action = self._remind()
        mail = self._refuse(action)
        self._pay(self.invoice, on=1)
        self._night(1)
        self.assertEqual(action.state, "cancelled")
        mail.action_retry()
        self.assertEqual(mail.state, "cancel")
        mail.state = "outgoing"  # whatever way it gets there
        with self.mock_mail_gateway():
            mail.send()
        self.assertEqual((mail.state, len(self._mails)), ("cancel", 0))

    def test_of_two_mails_of_one_reminder_one_leaves(self):
        action = self._remind()
        mail = self._refuse(action)
        action.with_user(self.controller).action_retry()
        with self.at(0):
            self._send()
        self.assertEqual(mail.state, "cancel")
        self.assertNotEqual(action.mail_mail_id, mail)
        self.assertEqual(action.mail_mail_id.state, "outgoing")

    def test_a_reply_lands_on_the_case_and_asks_for_an_answer(self):
        action = self._remind()
        message_id = action.mail_message_id.message_id
        self.env["mail.thread"].sudo().message_process(
            False, REPLY.format(to="carla@bellandi.example", message_id=message_id)
        )
        case = self._case()
        inbound = case.action_ids.filtered(lambda a: a.kind == "inbound")
        self.assertEqual((inbound.direction, inbound.state), ("in", "done"))
        self.assertIn("We paid yesterday", inbound.body)
        self.assertIn(
            self.env.ref("account_credit_care.mail_activity_type_answer"),
            case.activity_ids.activity_type_id,
        )

    def test_an_answer_is_addressed_to_the_one_who_signs(self):
        mail = self._remind().mail_mail_id
        self.assertIn(self.mail_alias_domain.catchall_email, mail.reply_to)
        self.assertIn(self.controller.name, mail.reply_to)

    def test_a_bounce_makes_the_action_failed(self):
        action = self._remind()
        self._deliver(action)
        self.env["mail.thread"].sudo().message_process(
            False, BOUNCE.format(
                to=f"{self.mail_alias_domain.bounce_email}",
                message_id=action.mail_message_id.message_id,
            )
        )
        self.assertEqual(action.state, "failed")

    def test_only_existing_pdfs_are_attached_and_nothing_goes_to_the_tax_authority(self):
        other = self._create_due(-10)
        pdf = self.env["ir.attachment"].sudo().create({
            "name": "INV.pdf", "datas": b64encode(b"%PDF-1.4"), "res_model": "account.move",
            "res_id": self.invoice.id, "res_field": "invoice_pdf_report_file",
        })
        action = self._remind()
        self.assertEqual(action.attachment_ids, pdf)
        self.assertFalse(other.invoice_pdf_report_id)
        self.assertEqual(pdf.res_id, self.invoice.id)

    def test_what_was_sent_cannot_be_rewritten(self):
        action = self._remind()
        self._deliver(action)
        with self.assertRaisesRegex(Exception, "can be changed|cannot be changed"):
            action.with_user(self.controller).write({"body": "something else"})
