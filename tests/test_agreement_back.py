"""What had ended and is open again; what was agreed and is in dispute."""
from odoo.tests import tagged

from .common import day
from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestBack(AgreementCommon):
    def _match(self, note, move):
        lines = (note | move).line_ids.filtered(lambda line: line.account_id == self.receivable)
        lines.reconcile()
        return lines

    def test_a_settlement_that_a_credit_note_had_ended_holds_nothing_when_it_is_undone(self):
        move = self._create_due(-2)
        self._create_due(-2, 50.0)
        self._night(0)
        deal = self._draft(
            "settlement", [(10, 600.0)], items=self._items(move), amount_settlement=600.0
        )
        with self.at(0):
            deal._propose()
            deal.with_user(self.manager)._approve()
            deal._sign("Anna Ferri")
        lines = self._match(self._credit(move), move)
        self._night(3)
        self.assertEqual((deal.state, deal.amount_received), ("kept", 0.0))
        lines.remove_move_reconcile()
        note = lines.move_id - move
        note.button_draft()
        note.button_cancel()
        self._night(4)
        self.assertEqual(deal.state, "running")
        for offset in range(5, 30):
            self._night(offset)
        self.assertEqual(deal.state, "broken")
        self.assertFalse(self._items(move).hold_note)

    def test_a_plan_that_a_credit_note_had_ended_protects_again(self):
        move = self._create_due(-2)
        self._create_due(-2, 50.0)
        self._night(0)
        plan = self._agree(
            "plan", [(20, 500.0), (50, 500.0)], items=self._items(move)
        )
        lines = self._match(self._credit(move), move)
        self._night(3)
        self.assertEqual(plan.state, "kept")
        lines.remove_move_reconcile()
        self._night(4)
        self.assertEqual(plan.state, "running")

    def test_a_part_that_was_promised_and_came_is_kept_for_good(self):
        move = self._create_due(-2)
        self._night(0)
        promise = self._agree("promise", [(8, 400.0)])
        self._pay(move, 400.0, on=7)
        for offset in (7, 8, 9):
            self._night(offset)
        self.assertEqual(promise.state, "kept")
        self.assertFalse(promise.message_ids.filtered(lambda one: "came back" in one.body))

    def test_what_comes_back_after_the_case_was_closed_goes_on_in_the_new_one(self):
        move = self._create_due(-2)
        self._night(0)
        closed = self._case()
        plan = self._agree("plan", [(10, 500.0), (40, 500.0)])
        payment = self._pay(move, on=5)
        self._night(5)
        self._night(6)
        self.assertEqual((plan.state, closed.state), ("kept", "closed"))
        payment.action_draft()
        payment.action_cancel()
        self._night(7)
        case = self._case()
        self.assertNotEqual(case, closed)
        self.assertEqual((plan.state, plan.case_id), ("running", case))
        self.assertEqual(self.messages[-1].case_id, case)
        with self.at(8):
            self.assertEqual(case.hold_reason, "under a payment plan")
            self.assertEqual([one["id"] for one in case._get_page_agreements()], [plan.id])
            self.assertFalse(case._get_plannable())
        for offset in range(8, 30):
            self._night(offset)
        self.assertEqual(plan.state, "broken")
        self.assertTrue(case.activity_ids.filtered(lambda one: "not kept" in (one.summary or "")))


    def test_it_is_merged_with_the_customer_all_the_same(self):
        """One of its items is open again in another case than the one that was settled for good."""
        other = self._create_debtor("Ferri Due S.p.A.")
        first, second = (self._create_due(-2, 500.0, partner=other) for _two in range(2))
        self._create_due(-2, 70.0)
        self._night(0)
        plan = self._agree("plan", [(10, 500.0), (40, 500.0)], case=self._case(other))
        self._pay(first, on=5)
        payment = self._pay(second, on=5)
        self._night(5)
        self._night(6)
        payment.action_draft()
        payment.action_cancel()
        self._night(7)
        self.assertEqual(len(plan.item_ids.case_id), 2)
        self.env["credit.case"]._merge_partners(other, self.debtor)
        self.assertEqual(plan.case_id, self._case())

    def test_who_is_given_up_pays_no_interest_of_his_plan(self):
        self._create_due(-2)
        self._night(0)
        plan = self._draft("plan", [], count=2, interest_rate=10.0, first_on=day(30))
        with self.at(0):
            plan.action_make_schedule()
            plan._start()
            self.assertEqual(plan.interest_move_id.state, "draft")
            self._case().with_user(self.manager)._close_by_hand("Not worth it")
        self.assertEqual((plan.state, plan.interest_move_id.state), ("cancelled", "cancel"))


@tagged("post_install", "-at_install")
class TestDisputedPlan(AgreementCommon):
    """Nobody's plan breaks by what we are looking into; the rest of it is followed."""

    def _dispute(self, part, until, offset):
        case = self._case()
        with self.at(offset):
            return self.env["credit.dispute"]._open(
                case, dict.fromkeys(case.open_item_ids, part), day(until), text="Broken glass"
            )

    def _begin(self):
        self.policy.suspend_on_broken = True
        self.move = self._create_due(-2)
        self._night(0)
        return self._agree("plan", [(10, 500.0), (40, 500.0)])

    def test_what_is_disputed_breaks_no_plan(self):
        plan = self._begin()
        self._dispute(0, 60, 9)
        for offset in (*range(10, 61),):
            self._night(offset)
        self.assertEqual((plan.state, plan.amount_missing), ("running", 0))
        self.assertFalse(self._case().suspension_cause == "agreement")

    def test_what_waited_is_due_on_the_day_of_the_answer_and_not_before(self):
        """Both instalments fell due while we looked into it, for 51 days: neither is late on the
        morning after, and both together break the plan when the tolerance of then is over."""
        plan = self._begin()
        self._dispute(0, 60, 9)
        for offset in range(10, 65):
            self._night(offset)
        self.assertEqual((plan.state, plan.amount_missing), ("running", 1000.0))
        chased = self.messages.filtered(lambda action: action.purpose == "chase")
        self.assertEqual(chased.mapped("date"), [day(63)])
        self._night(65)
        self.assertEqual((plan.state, plan.broken_on), ("broken", day(65)))

    def test_days_that_were_late_before_are_late_afterwards(self):
        """Five days late when it was disputed: after the answer ten are left of the fifteen."""
        plan = self._begin()
        self._night(14)
        dispute = self._dispute(0, 38, 15)
        for offset in range(15, 31):
            self._night(offset)
        with self.at(30):
            dispute._resolve("rejected")
        for offset in range(30, 42):
            self._night(offset)
            expected = "running" if offset < 41 else "broken"
            self.assertEqual((offset, plan.state), (offset, expected))

    def test_a_cent_in_dispute_wins_no_time_for_the_rest(self):
        plan = self._begin()
        dispute = self._dispute(0.01, 38, 9)
        for offset in range(10, 26):
            self._night(offset)
        with self.at(25):
            dispute._resolve("rejected")
        self._night(26)
        self.assertEqual((plan.state, plan.broken_on), ("broken", day(26)))

    def test_the_undisputed_part_is_still_to_come(self):
        """Of 1000 the last 300 wait: the first instalment is chased and breaks it as ever."""
        plan = self._begin()
        self._dispute(300.0, 80, 9)
        self._night(8)
        self._night(12)
        chase = self.messages.filtered(lambda action: action.purpose == "chase")
        self.assertIn("500.00", chase.body)
        self._pay(self.move, 500.0, on=13)
        self._night(13)
        self._night(42)
        self.assertEqual(plan.amount_missing, 200.0)
        self._pay(self.move, 200.0, on=43)
        for offset in range(43, 81):
            self._night(offset)
        self.assertEqual((plan.state, plan.amount_missing), ("running", 0))
