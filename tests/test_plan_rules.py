"""What the policy says about plans, and what counts as received."""
from odoo.tests import tagged

from .common import day
from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestPlanRules(AgreementCommon):
    def _plan(self, offset=0):
        return self._agree("plan", [(10, 400.0), (40, 300.0), (70, 300.0)], offset)

    def test_limits_go_by_the_size_of_the_debt(self):
        self.policy.plan_limit_ids = [
            (0, 0, {"up_to": 1000.0, "max_months": 2, "min_instalment": 100.0}),
            (0, 0, {"up_to": 3000.0, "max_months": 4, "min_instalment": 500.0}),
        ]
        franc = self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])  # 2 for 1
        for amount, currency, lines, excess in (
            (1000.0, None, [(20, 400.0), (50, 600.0)], False),
            (1000.0, None, [(20, 400.0), (75, 600.0)], "longer"),
            (1000.0, None, [(20, 90.0), (50, 910.0)], "smaller"),
            (1000.01, None, [(20, 500.0), (75, 500.01)], False),
            (3000.01, None, [(20, 1500.0), (50, 1500.01)], "above the limits"),
            (2000.0, franc, [(20, 200.0), (50, 1800.0)], False),
            (2000.0, franc, [(20, 199.0), (50, 1801.0)], "smaller"),
            (6000.02, franc, [(20, 3000.0), (50, 3000.02)], "above the limits"),
        ):
            partner = self._create_debtor(f"D{amount} {excess}")
            values = {"currency_id": currency.id} if currency else {}
            self._create_due(-2, amount, partner=partner, **values)
            self._night(0)
            plan = self._draft("plan", lines, case=self._case(partner))
            with self.subTest(amount=amount, lines=lines), self.at(0):
                plan.with_user(self.controller)._propose()
                self.assertEqual(bool(plan.excess), bool(excess))
                self.assertIn(excess or "", plan.excess or "")

    def test_credit_stays_suspended_under_a_plan_where_the_policy_says_so(self):
        self._create_due(-40)
        self._night(0)
        self._night(1)
        self._plan(1)
        for offset, lifts in ((2, False), (3, True)):
            self.policy.plan_lifts_suspension = lifts
            with self.at(offset):
                self._case().sudo()._recheck()
            self._night(offset)
            self.assertEqual(bool(self._case().suspended_on), not lifts)

    def test_two_missed_at_once_break_it_before_the_first_is_too_late(self):
        self.policy.write({"plan_max_missed": 2, "plan_max_late_days": 60})
        self._create_due(-2)
        self._night(0)
        plan = self._plan()
        for offset in range(1, 44):
            self._night(offset)
        self.assertEqual(plan.state, "running")
        self._night(44)
        self.assertEqual((plan.state, plan.broken_why), ("broken", "missed"))
        self.assertDay(plan.broken_on, 44)

    def test_the_last_instalment_breaks_it_where_no_days_are_set(self):
        self.policy.write({"plan_max_missed": 2, "plan_max_late_days": 0})
        move = self._create_due(-2)
        self._night(0)
        plan = self._plan()
        self._pay(move, 700.0, on=9)
        for offset in (9, 41, 73):
            self._night(offset)
        self.assertEqual(plan.state, "running")
        self._night(74)
        self.assertEqual((plan.state, plan.broken_why), ("broken", "missed"))

    def test_a_discount_or_a_write_off_beside_the_payment_is_no_cash(self):
        """600 came and 400 were written off in the same entry: 600 were received."""
        move = self._create_due(-2, 1000.0)
        other = self._create_due(-2, 1000.0)
        self._night(0)
        plan = self._agree("plan", [(10, 1000.0), (40, 1000.0)], items=self._items(move | other))
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({
            "payment_date": day(5), "amount": 600.0, "payment_difference_handling": "reconcile",
            "writeoff_account_id": self.company_data["default_account_expense"].id,
        })._create_payments()
        self._night(5)
        self.assertIn(move.payment_state, ("paid", "in_payment"))
        self.assertEqual(plan.amount_received, 600.0)
