"""Between the draft of a write-off and its posting days pass; nothing leaves the books that is not
given up any more."""
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestWriteOff(AgreementCommon):
    def setUp(self):
        super().setUp()
        self.move = self._create_due(-2)
        self._night(0)
        self.deal = self._settle(600.0)
        self.payment = self._pay(self.move, 600.0, on=9)
        self._night(9)
        with self.at(9):
            self.deal.with_user(self.manager).action_write_off()
        self.entry = self.deal.write_off_move_id

    def _bounce(self):
        self.payment.action_draft()
        self.payment.action_cancel()

    def assertRefused(self, amount):
        with self.at(10), self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
            self.entry.action_post()
        self.assertIn(f"$ {amount} may be", str(refusal.exception).replace("\xa0", " "))
        self.env.invalidate_all()
        self.assertEqual(self.entry.state, "draft")

    def test_not_after_the_payment_came_back(self):
        self._bounce()
        self.assertRefused("0.00")
        self.assertEqual(self.move.amount_residual, 1000.0)

    def test_not_more_than_is_still_open(self):
        self._pay(self.move, 100.0, on=10)
        self.assertRefused("300.00")
        self.entry.button_cancel()
        with self.at(10):
            self.deal.with_user(self.manager).action_write_off()
        self.assertNotEqual(self.deal.write_off_move_id, self.entry)
        self.deal.write_off_move_id.action_post()
        self.assertEqual(self.move.payment_state, "paid")

    def test_the_draft_ends_with_the_payment_it_rests_on(self):
        self._bounce()
        self._night(10)
        self.assertEqual((self.deal.state, self.entry.state), ("running", "cancel"))

    def test_what_was_written_off_is_looked_at_when_the_payment_comes_back(self):
        self.entry.action_post()
        self._night(10)
        self.assertEqual(self.move.payment_state, "paid")
        self._bounce()
        self._night(11)
        self.assertEqual(self.deal.state, "running")
        self.assertEqual(self.deal.activity_ids.filtered(
            lambda task: self.entry.name in task.summary
        ).user_id, self.env["credit.task"]._get_manager(self.company))

    def test_the_rest_is_in_no_other_plan(self):
        """Nor may the customer propose it on his page."""
        case = self._case()
        with self.at(10):
            wizard = self.env["credit.plan"].with_user(self.controller)
            window = wizard.browse(wizard._open(case.with_user(self.controller))["res_id"])
            self.assertFalse(window.item_ids)
            self.assertFalse(case._get_plannable())
