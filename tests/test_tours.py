from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import TODAY, CreditCommon


@tagged("post_install", "-at_install")
class TestTours(CreditCommon, HttpCase):
    """What a controller, a manager and a salesperson do in a browser, on the day of the run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = (fields.Date.today() - TODAY).days
        cls.salesperson.group_ids |= cls.env.ref("account.group_account_readonly")
        cls.manager.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.other = cls._create_debtor("Other S.p.A.", user_id=cls.controller.id)

    def setUp(self):
        super().setUp()
        self._create_due(self.now - 34)
        self._create_due(self.now - 34, partner=self.other)

    def _walk(self, nights):
        for back in nights:
            self._night(self.now - back)

    def _suspended_order(self):
        self._walk((10, 3, 0))
        self.assertTrue(self._case().suspended_on)
        product = self.env["product.product"].sudo().create({"name": "Valve", "list_price": 10.0})
        return self.env["sale.order"].sudo().create({
            "partner_id": self.debtor.id, "company_id": self.company.id,
            "user_id": self.salesperson.id,
            "order_line": [Command.create({"product_id": product.id, "tax_ids": False})],
        })

    def test_controller_logs_a_call_and_pauses(self):
        self._walk((30, 24))
        self.assertEqual(self._case().action_ids.filtered("activity_id").channel, "phone")
        self.start_tour("/odoo", "credit_care_controller", login="controller")
        case = self._case()
        self.assertEqual(case.reason_id.kind, "not_received")
        self.assertFalse(case.paused_until)
        done = case.action_ids.filtered("outcome")
        self.assertEqual((done.state, done.outcome), ("done", "reached"))

    def test_a_promise_takes_four_clicks_and_the_next_debtor_follows(self):
        self._walk((30, 24))
        self.start_tour("/odoo/credit-worklist", "credit_care_call", login="controller")
        promise = self._case().agreement_ids
        self.assertEqual((promise.kind, promise.state), ("promise", "running"))
        self.assertEqual(promise.line_ids.due_on.weekday(), 4)
        self.assertEqual(self._case(self.other).action_ids.filtered("outcome").outcome,
                         "not_reached")

    def test_the_department_answers(self):
        self._walk((30,))
        owner = new_test_user(
            self.env, "warehouse", "base.group_user", company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        case, until = self._case(), fields.Date.add(fields.Date.today(), days=7)
        dispute = self.env["credit.dispute"].with_user(self.controller)._open(
            case, dict.fromkeys(case.open_item_ids, 0), until,
            owner=owner, kind="department", text="Two boxes broken",
        )
        self.start_tour(
            f"/odoo/credit.dispute/{dispute.id}", "credit_care_department", login="warehouse"
        )
        self.assertEqual(dispute.state, "resolved")

    def test_controller_reviews_a_message(self):
        self.policy.level_ids.automatic = False
        self._walk((0,))
        self.start_tour("/odoo/credit-review", "credit_care_review", login="controller")
        action = self._case().action_ids.filtered(lambda a: a.kind == "reminder")
        self.assertFalse(action.needs_review)
        self.assertIn("Dear friends", action.note)

    def test_manager_finds_the_policies(self):
        self.start_tour("/odoo", "credit_care_manager", login="credit_manager")

    def test_manager_lets_an_order_pass(self):
        order = self._suspended_order()
        self.start_tour(
            f"/odoo/sales/{order.id}", "credit_care_override", login="credit_manager"
        )
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.credit_override_reason, "He pays at the counter")

    def test_salesperson_reads_his_customers(self):
        order = self._suspended_order()
        self.start_tour("/odoo", "credit_care_salesperson", login="salesperson")
        self.start_tour(
            f"/odoo/sales/{order.id}", "credit_care_salesperson_order", login="salesperson"
        )


@tagged("post_install", "-at_install")
class TestTourOnPhone(CreditCommon, HttpCase):
    """What a salesperson does on the road."""

    browser_size = "375x667"
    touch_enabled = True

    def test_salesperson_writes_his_note(self):
        offset = (fields.Date.today() - TODAY).days
        self._create_due(offset - 36)
        self._night(offset)
        case = self._case()
        note = self.env["credit.handover"]._request(case)
        self.assertEqual(note.user_id, self.salesperson)
        self.start_tour(
            f"/odoo/credit-handover/{note.id}", "credit_care_note", login="salesperson"
        )
        self.assertEqual(note.state, "submitted")
        self.assertEqual(note.contact_id.name, "Anna Ferri")
        self.assertEqual(self.debtor.credit_care_attention, "No letters")
