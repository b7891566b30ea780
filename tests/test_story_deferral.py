from odoo.tests import tagged

from .common import day
from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestStoryDeferral(AgreementCommon):
    """A debtor in trouble, from the first reminder to the last thank you."""

    def test_from_the_reminder_to_the_thanks(self):
        self.policy.write({
            "thanks": True, "resend_restarts": True, "plan_lifts_suspension": True,
            "plan_max_missed": 2,
        })
        move = self._create_due(-3, 4000.0)
        item = self._items(move)
        self._nights(0)
        case = self._case()
        self.assertEqual(self._steps(), [(0, 3)])

        # he has not got the invoice: it is sent again at once, and the steps start anew
        with self.at(1):
            case._answer_resend(case.open_item_ids)
            self._send()
        self.assertEqual(self.messages.mapped("purpose"), ["resend"])
        self.assertEqual(self._items(move).round, 2)

        # he promises on the phone, and breaks it
        self._nights(*range(2, 5))
        with self.at(4):
            promise = case._promise(case.open_item_ids, 4000.0, day(12))
        self._nights(*range(5, 17))
        self.assertEqual((promise.state, promise.broken_on), ("broken", day(16)))
        self.assertTrue(case.activity_ids.filtered(
            lambda a: a.activity_type_id.get_external_id()[a.activity_type_id.id].endswith("broken")
        ))

        # what he can really pay, four instalments, signed on his page
        with self.at(17):
            plan = self._propose_by_capacity(case)
            self.assertEqual(plan.line_ids.mapped("amount"), [1000.0] * 4)
            case._answer_sign(plan, "Anna Ferri")
        self.assertEqual((plan.state, plan.signed_by), ("running", "Anna Ferri"))
        before = self._steps()

        # two of four, then nothing
        due = [(line.due_on - day(0)).days for line in plan.line_ids]
        self._walk(18, due[0] - 1)
        self._pay(move, 1000.0, on=due[0] - 1)
        self._walk(due[0], due[1] - 1)
        self._pay(move, 1000.0, on=due[1] - 1)
        self._walk(due[1], due[2] + 14)
        self.assertEqual(plan.line_ids.mapped("state"), ["paid", "paid", "missed", "open"])
        self.assertEqual(self._steps(), before)
        self._walk(due[2] + 15, due[2] + 20)
        self.assertEqual((plan.state, plan.broken_why), ("broken", "late"))
        self.assertGreater(len(self._steps()), len(before))

        # less than the whole, approved by a manager, signed, paid
        start = due[2] + 21
        deal = self._draft(
            "settlement", [(start + 10, 1500.0)], start, amount_settlement=1500.0
        )
        with self.at(start):
            deal.with_user(self.controller)._propose()
            deal.with_user(self.manager)._approve()
            case._answer_sign(deal, "Anna Ferri")
        self.assertEqual(deal.state, "running")
        self._walk(start + 1, start + 9)
        self._pay(move, 1500.0, on=start + 9)
        self._walk(start + 10, start + 12)
        self.assertEqual((deal.state, item.closed_on, move.amount_residual), ("kept", False, 500.0))

        # the rest is written off on a manager's word, the case closes, he is thanked
        with self.at(start + 13):
            deal.with_user(self.manager).action_write_off()
            deal.write_off_move_id.action_post()
        self._walk(start + 13, start + 14)
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(case.state, "closed")
        self.assertEqual(self.messages[-1].purpose, "closing")
        self.assertDay(move.invoice_date_due, -3)

    def _nights(self, *offsets):
        for offset in offsets:
            self._night(offset)

    def _walk(self, first, last):
        self._nights(*range(first, last + 1))

    def _steps(self):
        return [
            ((action.date - day(0)).days, action.level_id.delay_days) for action in self.actions
            if action.state != "cancelled"
        ]

    def _propose_by_capacity(self, case):
        currency = case.open_item_ids.currency_id
        sheet = self.env["credit.capacity"].create({
            "case_id": case.id, "currency_id": currency.id, "kind": "business",
            "expected_receipts": 10000.0, "suppliers": 5000.0, "staff": 2000.0,
        })
        self.assertEqual(sheet.monthly, 1000.0)
        plan = self._draft("plan", (), 17, capacity_id=sheet.id, first_on=day(30))
        plan.with_user(self.controller).action_make_schedule()
        plan.with_user(self.controller)._propose()
        return plan
