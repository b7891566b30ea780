from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import day
from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestOffer(AgreementCommon):
    """Between an offer and its signature days pass, and money may come."""

    def _offer(self, kind="plan", amounts=((10, 400.0), (40, 300.0), (70, 300.0)), **values):
        self.move = self._create_due(-2)
        self._night(0)
        offer = self._draft(kind, amounts, **values)
        with self.at(0):
            offer._propose()
            if offer._needs_approval():
                offer.with_user(self.manager)._approve()
        return offer

    def _sign(self, offer, on):
        with self.at(on):
            offer._sign("Anna Ferri")

    def test_what_comes_before_a_plan_is_signed_counts_for_the_first_instalments(self):
        plan = self._offer()
        self._pay(self.move, 500.0, on=3)
        self._sign(plan, 5)
        self.assertEqual(plan.state, "running")
        self.assertEqual(plan.line_ids.mapped("received"), [400.0, 100.0, 0.0])
        sheet = plan._get_document()
        self.assertEqual((plan.amount_open, sheet["open"]), (1000.0, "$\xa01,000.00"))
        self.assertEqual((sheet["items"][0]["open"], sheet["since"]), ("$\xa0500.00",) * 2)

    def test_a_settlement_does_not_ask_again_for_what_came_before_it_was_signed(self):
        deal = self._offer("settlement", [(10, 600.0)], amount_settlement=600.0)
        self._pay(self.move, 450.0, on=3)
        self._sign(deal, 5)
        self.assertEqual((deal.state, deal.amount_received), ("running", 450.0))
        self._pay(self.move, 150.0, on=8)
        self._night(8)
        self.assertEqual(deal.state, "kept")
        with self.at(9):
            deal.with_user(self.manager).action_write_off()
        self.assertEqual(deal.write_off_move_id.line_ids.filtered("debit").debit, 400.0)

    def test_who_has_paid_all_of_it_before_signing_has_kept_it(self):
        plan = self._offer()
        self._pay(self.move, on=3)
        self._night(3)
        self._sign(plan, 5)
        self.assertEqual(plan.state, "kept")

    def test_a_first_instalment_that_came_before_the_signature_is_not_over(self):
        plan = self._offer("plan", [(3, 400.0), (40, 600.0)])
        self._pay(self.move, 400.0, on=3)
        self._sign(plan, 5)
        self.assertEqual(plan.line_ids.mapped("state"), ["paid", "open"])

    def test_what_had_come_before_the_offer_does_not_count(self):
        self.move = self._create_due(-2, 1200.0)
        self._pay(self.move, 200.0, on=-1)
        self._night(0)
        plan = self._draft("plan", [(10, 500.0), (40, 500.0)])
        with self.at(0):
            plan._propose()
        self._pay(self.move, 100.0, on=3)
        self._sign(plan, 5)
        self.assertEqual(plan.amount_received, 100.0)

    def test_the_policy_of_the_day_of_the_offer_holds(self):
        plan = self._offer()
        late = plan.max_late_days
        self.policy.plan_max_late_days = late + 40
        self._sign(plan, 2)
        self.assertEqual(plan.max_late_days, late)

    def test_a_credit_note_is_no_instalment(self):
        plan = self._offer()
        note = self._credit(self.move, 100.0)
        (self.move.line_ids | note.line_ids).filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        with self.assertRaises(UserError):
            self._sign(plan, 5)
        with self.at(5):
            self._case()._answer_sign(plan, "Anna Ferri")
        self.assertEqual((plan.state, plan.signed_on), ("draft", False))
        task = self._case().activity_ids.filtered(lambda one: "Renew" in (one.summary or ""))
        self.assertEqual((task.user_id, task.date_deadline), (self.controller, day(5)))
        self.assertIn("900", str(task.note))
