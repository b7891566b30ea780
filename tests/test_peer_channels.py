"""What the peer (OCA account_credit_control 19.0) was found to get wrong with channels, ours must
get right. The numbers are those of the list of its weaknesses."""
from unittest.mock import patch

from odoo.tests import tagged

from .common import CreditCommon, day


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

    def test_a_letter_printed_days_later_bears_that_day_and_keeps_the_next_message_away(self):
        _invoice, action = self._letter()
        self._print(action, 4)
        self.assertDay(action.date, 4)
        self.assertIn("8 Mar 2026", action.body)
        for offset in range(5, 10):
            self._night(offset)
        self.assertEqual(self.actions.mapped("date"), [day(4), day(9)])

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
