"""Who is addressed, by which way, and what stands in for a way that is closed."""
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CreditCommon, day


@tagged("post_install", "-at_install")
class TestAddressees(CreditCommon):
    """A debt is the debtor's: nobody else learns of it."""

    def _contact(self, debtor, **values):
        return self.env["res.partner"].create({
            "name": "Somebody", "parent_id": debtor.id, "email": "somebody@elsewhere.example",
            "phone": "+39 059 999999", "street": "Via Altrove 9", "city": "Roma", **values,
        })

    def _mute(self, **values):
        return self._create_debtor("Mute", email=False, phone=False, street=False, **values)

    def _asked(self, debtor):
        self._create_due(-4, partner=debtor)
        self._night(0)
        return self.actions.filtered(lambda a: a.case_id.partner_id == debtor)

    def assertNobodyElse(self, debtor):
        action = self._asked(debtor)
        self.assertEqual((action.channel, action.email_to), ("activity", False))

    def test_not_a_subsidiary(self):
        debtor = self._mute()
        child = self._contact(debtor, is_company=True)
        self.assertEqual(child.commercial_partner_id, child)
        self.assertNobodyElse(debtor)

    def test_not_whoever_takes_in_the_goods(self):
        debtor = self._mute()
        self._contact(debtor, type="delivery")
        self.assertNobodyElse(debtor)

    def test_not_the_people_of_a_private_person(self):
        debtor = self._mute(is_company=False)
        self._contact(debtor, type="contact")
        self._contact(debtor, type="other")
        self.assertNobodyElse(debtor)

    def test_a_colleague_in_the_company_whose_own_address_is_missing(self):
        debtor = self._mute()
        contact = self._contact(debtor, type="contact")
        self.assertEqual(self._asked(debtor).contact_id, contact)

    def test_the_invoice_address_of_a_private_person(self):
        debtor = self._mute(is_company=False)
        contact = self._contact(debtor, type="invoice")
        self.assertEqual(self._asked(debtor).contact_id, contact)

    def test_whoever_was_named_for_reminders(self):
        for values in ({"type": "delivery"}, {"type": "contact"}):
            debtor = self._mute(is_company=False)
            debtor.credit_care_contact_id = contact = self._contact(debtor, **values)
            self.assertEqual(self._asked(debtor).contact_id, contact)


@tagged("post_install", "-at_install")
class TestWays(CreditCommon):
    def _level(self, **values):
        level = self.policy.level_ids.filtered(lambda lv: lv.delay_days == 3)
        level.write(values)
        return level

    def _asked(self, **values):
        debtor = self._create_debtor("Ways", **values)
        self._create_due(-4, partner=debtor)
        self._night(0)
        return self.actions.filtered(lambda a: a.case_id.partner_id == debtor)

    def test_without_an_email_a_letter_goes_where_the_level_says_so(self):
        self._level(fallback="letter")
        action = self._asked(email=False)
        self.assertEqual((action.channel, action.state), ("letter", "queued"))
        self.assertIn("1,000.00", action.body)

    def test_without_email_and_street_it_is_somebodys_task(self):
        self._level(fallback="letter")
        for street in (False, " "):
            action = self._asked(email=False, street=street)
            self.assertEqual((action.channel, action.state), ("activity", "queued"))
            self.assertEqual(action.activity_id.user_id, self.controller)

    def test_nobody_to_call_is_written_to_where_the_level_says_so(self):
        self._level(channel="phone", fallback="email")
        self.assertEqual(self._asked(phone=False).channel, "email")
        self.assertEqual(self._asked(credit_care_no_calls=True).channel, "email")

    # ------------------------------------------------------------------ SMS

    def _by_sms(self, **values):
        template = self.env["sms.template"].create({
            "name": "Short", "model_id": self.env["ir.model"]._get_id("credit.action"),
            "body": "{{ object.greeting }} {{ object.documents }}",
        })
        self._level(channel="sms", sms_template_id=template.id, fallback="email")
        return self._asked(**values)

    def test_an_sms_names_the_document_and_is_kept(self):
        action = self._by_sms()
        self.assertEqual((action.channel, action.state), ("sms", "queued"))
        self.assertIn(action.line_ids.item_id.name, action.body)
        sms = self.env["sms.sms"].search([("uuid", "=", action.sms_uuid)])
        self.assertEqual((sms.body, sms.number), (action.body, action.phone))
        sms.write({"state": "pending"})
        self.assertEqual(action.state, "sent")
        told = "".join(self._case(action.partner_id).message_ids.mapped("body"))
        self.assertIn(action.body, told)

    def test_an_sms_that_fails_is_somebodys_task(self):
        action = self._by_sms()
        sms = self.env["sms.sms"].search([("uuid", "=", action.sms_uuid)])
        sms.write({"state": "error", "failure_type": "sms_number_format"})
        self.assertEqual(action.state, "failed")
        self.assertTrue(action.failure)
        self.assertIn(
            self.env.ref("account_credit_care.mail_activity_type_address"),
            self._case(action.partner_id).activity_ids.activity_type_id,
        )

    def test_without_a_number_the_mail_stands_in(self):
        self.assertEqual(self._by_sms(phone=False).channel, "email")

    # ------------------------------------------------------------------ post

    def _post(self, state, **values):
        """What Odoo's postal service says of the letter."""
        self._level(channel="letter")
        self.company.credit_post_letters = True
        letters = type(self.env["snailmail.letter"])
        with patch.object(letters, "_snailmail_print", lambda *_args, **_values: None):
            action = self._asked()
        self.assertEqual(action.state, "queued")
        self.assertEqual(action.letter_id.report_template, self.env.ref(
            "account_credit_care.action_report_credit_letter"
        ))
        self.assertIn(action.letter_id, self._case(action.partner_id).message_ids.letter_ids)
        action.letter_id.write({"state": state, **values})
        self.root["credit.action"]._sync_delivery()
        return action

    def test_what_is_posted_is_the_text_of_the_action_on_the_paper_that_the_post_takes(self):
        action = self._post("pending")
        report = action.letter_id.report_template
        self.assertEqual(report.get_paperformat().format, "A4")
        reports = type(self.env["ir.actions.report"])
        with patch.object(reports, "_render_qweb_pdf", return_value=(b"%PDF", "pdf")) as render:
            name, pdf = action.letter_id._generate_report_pdf(report)
        self.assertEqual(render.call_args.args, (report, action.ids))
        self.assertEqual((name, pdf), ("Step 3.pdf", b"%PDF"))

    def test_a_posted_letter_is_sent_when_the_post_says_so(self):
        self.assertEqual(self._post("sent").state, "sent")

    def test_a_letter_that_the_post_refuses_is_somebodys_task(self):
        action = self._post("error", info_msg="<p>No such address</p>")
        self.assertEqual((action.state, action.failure), ("failed", "No such address"))
        self.assertTrue(self._case(action.partner_id).activity_ids)

    def test_a_letter_that_the_post_refused_is_not_posted_by_itself_later(self):
        """Core's job tries such letters every hour, whoever has paid since."""
        action = self._post("error", error_code="CREDIT_ERROR")
        invoice = action.line_ids.item_id.move_id
        letters = type(self.env["snailmail.letter"])
        with patch.object(letters, "_snailmail_print") as posted:
            self.root["snailmail.letter"]._snailmail_cron(autocommit=False)
        self.assertFalse(posted.called)
        self._pay(invoice)
        self._night(1)
        self.assertEqual(action.state, "cancelled")

    def test_a_letter_in_the_hands_of_the_post_is_not_printed_here(self):
        action = self._post("pending")
        with self.assertRaisesRegex(UserError, "no letter to print"):
            action.with_user(self.controller).action_print_letters()

    # ------------------------------------------------------------------ direct debit

    def test_what_a_direct_debit_should_collect_waits_the_days_of_the_policy(self):
        method = self.company_data["default_journal_bank"].inbound_payment_method_line_ids[:1]
        self.company.credit_debit_method_ids = [Command.set(method.ids)]
        self.policy.direct_debit_wait_days = 7
        debited = self._create_debtor("Debited")
        self._create_due(-4, partner=debited, preferred_payment_method_line_id=method.id)
        self._create_due(-4)
        steps = {}
        for offset in range(8):
            self._night(offset)
        for action in self.actions:
            steps.setdefault(action.case_id.partner_id, []).append(
                (action.level_id.delay_days, (action.date - day(0)).days)
            )
        self.assertEqual(steps[self.debtor], [(3, 0), (10, 6)])
        self.assertEqual(steps[debited], [(3, 6)])
