"""Letters that Odoo's postal service prints: posted once, with the amounts of the day on which they
leave, and to nobody who has paid."""
import io
from unittest.mock import patch

from reportlab.pdfgen.canvas import Canvas

from odoo import Command
from odoo.tests import tagged

from .common import CreditCommon, day

SERVICE = "odoo.addons.snailmail.models.snailmail_letter.iap_tools.iap_jsonrpc"


def make_pdf():
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(100, 700, "A letter")
    canvas.save()
    return out.getvalue()


@tagged("post_install", "-at_install")
class TestLetterPost(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.credit_post_letters = True
        cls.policy.level_ids.filtered(lambda level: level.delay_days == 3).channel = "letter"
        cls.debtor.country_id = cls.env.ref("base.it")

    def setUp(self):
        super().setUp()
        self.posted, self.trouble = [], None
        report = type(self.env["ir.actions.report"])
        self.startPatcher(patch.object(
            report, "_render_qweb_pdf", autospec=True,
            side_effect=lambda reports, which, ids=None, **_data: (
                self._print(reports.env["credit.action"].browse(ids), which), "pdf",
            ),
        ))
        self.startPatcher(patch(SERVICE, side_effect=self._serve))
        self.printed = []

    def _print(self, actions, which):
        if which == self.env.ref("account_credit_care.action_report_credit_letter"):
            self.printed += actions.mapped("body")
        return make_pdf()

    def _serve(self, _url, params, **_options):
        self.posted += params["documents"]
        return {"request_code": 200, "total_cost": 1, "credit_error": False, "request": {
            "documents": [
                {**one, "sent": not self.trouble, "error": self.trouble, "send_id": "1"}
                for one in params["documents"]
            ], "options": {},
        }}

    def _letter(self):
        self.move = self._create_due(-4)
        action = self._night()
        self.assertEqual((action.channel, action.state), ("letter", "queued"), action.failure)
        self.assertEqual(action.letter_id.state, "pending")
        return action

    def _post(self, offset):
        self.env.flush_all()
        self._tick("snailmail.letter", "_snailmail_cron", offset)
        self.env.invalidate_all()
        with self.at(offset):
            self.root["credit.action"]._sync_delivery()

    def test_it_is_posted_once_and_then_it_is_sent(self):
        action = self._letter()
        self._post(0)
        self.assertEqual(action.state, "sent")
        [document] = self.posted
        self.assertEqual(document["address"]["city"], "Modena")
        self.assertIn("1,000.00", self.printed[0])
        self._post(1)
        self.assertEqual(len(self.posted), 1)

    def test_who_has_paid_before_it_leaves_gets_none(self):
        action = self._letter()
        self._pay(self.move)
        self._post(0)
        self.assertFalse(self.posted)
        self.assertEqual((action.state, action.letter_id.state), ("cancelled", "canceled"))
        self.assertEqual(action.skip_reason, "nothing is open")

    def test_without_credits_it_fails_and_does_not_leave_weeks_later(self):
        """Core tries such letters again whenever there are credits; ours is somebody's decision."""
        action = self._letter()
        self.trouble = "CREDIT_ERROR"
        self._post(0)
        self.assertEqual((action.state, action.letter_id.state), ("failed", "canceled"))
        self.trouble = None
        self._post(30)
        self.assertEqual((len(self.posted), action.letter_id.state), (1, "canceled"))

    def test_tried_anew_it_leaves_once(self):
        """The letter of the first try is nobody's any more, and core still tries it again."""
        action = self._letter()
        first, self.trouble = action.letter_id, "CREDIT_ERROR"
        self._post(0)
        self.trouble, self.posted, self.printed = None, [], []
        with self.at(1):
            action.with_user(self.controller).action_retry()
            self._send()
        self.assertNotEqual(action.letter_id, first)
        self._post(1)
        self.assertEqual(first.state, "canceled")
        self.assertEqual([one["letter_id"] for one in self.posted], action.letter_id.ids)
        self.assertEqual(len(self.printed), 1)

    def test_what_lay_in_the_queue_leaves_with_the_amounts_of_the_day(self):
        action = self._letter()
        self.trouble = "CREDIT_ERROR"
        self._tick("snailmail.letter", "_snailmail_cron", 0)
        self.env.invalidate_all()
        self.assertTrue(action.letter_id.attachment_id)
        self._pay(self.move, 400.0)
        self.trouble = None
        self._post(1)
        self.assertEqual(action.state, "sent")
        self.assertIn("600.00", self.printed[-1])

    def test_what_the_house_takes_back_does_not_leave(self):
        action = self._letter()
        with self.at(0):
            action.sudo()._cancel("placed")
        self.assertEqual(action.state, "cancelled")
        self._post(0)
        self.assertFalse(self.posted)
        self.assertEqual(action.letter_id.state, "canceled")

    def test_letters_of_others_are_cores(self):
        letter = self.root["snailmail.letter"].create({
            "partner_id": self.debtor.id, "model": "account.move",
            "res_id": self._create_due(9).id, "company_id": self.company.id,
            "report_template": self.env.ref("account.account_invoices").id,
        })
        self._post(0)
        self.assertEqual((len(self.posted), letter.state), (1, "sent"))

    def test_an_offer_by_letter_is_printed_by_hand(self):
        """It takes no step: that nothing of the ladder is left to ask is no reason against it."""
        self.company.credit_post_letters = False
        self.debtor.email = False
        move = self._create_due(-4)
        self._night()
        items = self._items(move)
        with self.at(1):
            plan = self.root["credit.agreement"].create({
                "kind": "plan", "case_id": items.case_id.id, "currency_id": items.currency_id.id,
                "item_ids": [Command.set(items.ids)], "count": 2, "first_on": day(20),
            })
            plan.action_make_schedule()
            plan._propose()
            self._send()
            offer = items.case_id.action_ids.filtered(lambda one: one.purpose == "proposal")
            if plan._needs_approval():
                plan.with_user(self.manager).action_approve()
                self._send()
                offer = items.case_id.action_ids.filtered(lambda one: one.purpose == "proposal")
            self.assertEqual((offer.channel, offer.state), ("letter", "queued"))
            offer.with_user(self.controller).action_print_letters()
        self.assertEqual(offer.state, "sent")
