"""Weaknesses 24, 26 and 27 of the nearest peer (names of models, ways of work, ways to pay)."""
from odoo.tests import tagged

from .common import CreditCommon, day

OURS = "account_credit_care"


@tagged("post_install", "-at_install")
class TestPeerScreens(CreditCommon):
    def test_24_whatever_names_a_model_names_one_that_exists(self):
        names = {
            "mail.message.subtype": "res_model", "mail.activity.type": "res_model",
            "mail.template": "model", "sms.template": "model", "ir.actions.act_window": "res_model",
            "ir.ui.view": "model", "ir.filters": "model_id",
        }
        records = self.env["ir.model.data"].sudo().search([
            ("module", "=", OURS), ("model", "in", list(names)),
        ])
        self.assertGreater(len(records), 100)
        for data in records:
            model = self.env[data.model].sudo().browse(data.res_id)[names[data.model]]
            with self.subTest(data.name):
                self.assertTrue(not model or model in self.env, model)

    def test_26_work_has_a_list_a_board_figures_and_a_look_ahead(self):
        views = {
            "credit.case": {"list", "kanban", "form", "search"},
            "credit.action": {"list", "kanban", "form", "search"},
            "credit.agreement": {"list", "kanban", "form", "search"},
            "credit.ageing.report": {"list", "pivot", "graph"},
            "credit.preview": {"form"},
        }
        for model, wanted in views.items():
            found = self.env["ir.ui.view"].sudo().search([("model", "=", model)])
            with self.subTest(model):
                self.assertLessEqual(wanted, set(found.mapped("type")))
        for menu in ("credit_case_menu_worklist", "credit_dashboard_menu", "credit_preview_menu"):
            self.assertTrue(self.env.ref(f"{OURS}.{menu}").action, menu)

    def test_26_a_promise_has_an_amount_and_a_day(self):
        lines = self.env["credit.agreement.line"]._fields
        self.assertEqual((lines["due_on"].type, lines["amount"].type), ("date", "monetary"))

    def test_27_a_reminder_says_how_to_pay_and_opens_the_customers_page(self):
        bank = self._create_bank()
        self._create_due(-4)
        self._night(0)
        body = self.actions.body
        self.assertIn(bank.acc_number[-4:], body)
        self.assertIn(f"/credit/{self._case().id}/", body)

    def test_27_a_dispute_ends_on_a_day(self):
        self._create_due(-4)
        self._night(0)
        case = self._case()
        with self.at(0):
            dispute = self.env["credit.dispute"]._open(
                case, dict.fromkeys(case.open_item_ids, 0), day(3), text="Broken glass"
            )
        self._night(4)
        self.assertEqual(dispute.state, "expired")

    def test_27_letters_and_text_messages_are_channels(self):
        channels = dict(self.env["credit.policy.level"]._fields["channel"].selection)
        self.assertLessEqual({"email", "letter", "sms", "phone"}, set(channels))
