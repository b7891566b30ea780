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

    def _states(self, plan, first, last):
        """The states of ``plan`` after each night, by the day on which it changed."""
        found = {}
        for offset in range(first, last + 1):
            self._night(offset)
            if plan.state not in found.values():
                found[offset] = plan.state
        return found

    def test_each_of_two_disputes_stops_the_clock_for_its_own_days(self):
        """Due on 15; looked into from 10 to 40 and from 41 to 43: one day of its own was late."""
        self.policy.suspend_on_broken = True
        self._create_due(-2)
        self._night(0)
        plan = self._agree("plan", [(15, 250.0), (60, 250.0), (90, 250.0), (120, 250.0)])
        for first, last in ((10, 40), (41, 43)):
            dispute = self._dispute(0, last + 5, first)
            with self.at(last):
                dispute._resolve("rejected")
        self.assertEqual(self._states(plan, 43, 60), {43: "running", 58: "broken"})

    def test_what_had_waited_is_known_after_it_was_paid(self):
        """Two invoices of 500; the first is disputed while the first two instalments come, and is
        matched with that money once it was answered: the third instalment has waited."""
        self._wait_and_pay(matched_on=41)

    def test_what_had_waited_is_known_though_it_was_paid_before_the_answer(self):
        self._wait_and_pay(matched_on=39)

    def _wait_and_pay(self, matched_on):
        first, second = self._create_due(-3, 500.0), self._create_due(-2, 500.0)
        self._night(0)
        plan = self._agree("plan", [(10, 250.0), (20, 250.0), (25, 250.0), (90, 250.0)])
        with self.at(5):
            dispute = self.env["credit.dispute"]._open(
                self._case(), {self._items(first): 0}, day(45), text="Broken glass"
            )
        money = self._pay_on_account(self.debtor, 500.0, on=8)
        states = {}
        for offset in range(6, 59):
            if offset == matched_on:
                (money.move_id.line_ids | first.line_ids).filtered(
                    lambda line: line.account_id == self.receivable
                ).reconcile()
            self._night(offset)
            if offset == 40 and dispute.state == "open":
                with self.at(40):
                    dispute._resolve("rejected")
            states.setdefault(plan.state, offset)
        # matched before the answer, the dispute was over with that night
        ends = 56 if matched_on > 40 else 55
        self.assertEqual(states, {"running": 6, "broken": ends})
        self.assertEqual(plan.line_ids.mapped("state"), ["paid", "paid", "missed", "open"])
        self.assertTrue(second.amount_residual)

    def test_who_is_reminded_of_a_day_that_has_moved_gets_the_reminder(self):
        plan = self._begin()
        self._pay(self.move, 500.0, on=9)
        self._dispute(0, 60, 35)
        for offset in range(9, 61):
            self._night(offset)
        self.assertEqual(plan.line_ids.mapped("state"), ["paid", "open"])
        for offset in range(61, 64):
            self._night(offset)
        said = [
            (act.date, act.purpose) for act in self.messages if act.state == "queued"
        ]
        self.assertEqual(said[-2:], [(day(61), "instalment"), (day(63), "chase")])
        self.assertEqual((plan.line_ids[1].due_on, plan.line_ids[1].counts_on), (day(40), day(61)))

    def test_an_answer_that_comes_after_its_day_wins_no_more_time(self):
        self.policy.suspend_on_broken = True
        self._create_due(-2)
        self._night(0)
        plan = self._agree("plan", [(15, 500.0), (60, 500.0)])
        dispute = self._dispute(0, 20, 10)
        self.assertEqual(self._states(plan, 10, 34), {10: "running"})
        with self.at(35):
            dispute._resolve("rejected")
        self.assertEqual(plan.amount_missing, 500.0)
        self.assertEqual(self._states(plan, 35, 40), {35: "running", 37: "broken"})

    def test_the_preview_knows_what_the_night_after_a_dispute_says(self):
        """And that another debt is put off by it."""
        self._begin()
        self._dispute(0, 14, 9)
        self._create_due(11, 300.0)
        for offset in range(9, 25):
            with self.at(offset):
                before = self.actions
                plans, _notices = self.root["credit.forecast"]._preview(
                    self.company, day(24), start=day(offset)
                )
            if offset == 9:
                foreseen = [plan.day for plan in plans]
                known = before
            self._night(offset)
            tonight = [plan.day for plan in plans if plan.day == day(offset)]
            self.assertEqual((self.actions - before).mapped("date"), tonight)
        self.assertEqual((self.actions - known).mapped("date"), foreseen)

    def test_a_credit_note_of_ours_breaks_no_plan(self):
        """Half of it is credited: the two last instalments are not owed, and the second is late by
        fifteen days, which it may."""
        self._create_due(-2)
        self._night(0)
        plan = self._agree("plan", [(10, 250.0), (25, 250.0), (30, 250.0), (60, 250.0)])
        [item] = self._case().open_item_ids
        self._pay(item.move_id, 250.0, on=9)
        note = self._credit(item.move_id, 500.0)
        (note.line_ids | item.move_id.line_ids).filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        self.assertEqual(self._states(plan, 10, 42), {10: "running", 41: "broken"})
        self.assertEqual(plan.line_ids.mapped("state"), ["paid", "missed", "open", "open"])

    def test_who_pays_what_is_asked_of_his_promise_is_not_broken_by_the_rest(self):
        self._create_due(-2, 500.0)
        self._night(0)
        promise = self._agree("promise", [(15, 500.0)])
        dispute = self._dispute(200.0, 45, 10)
        self._pay(self._case().open_item_ids.move_id, 300.0, on=14)
        self.assertEqual(self._states(promise, 14, 40), {14: "running"})
        self.assertEqual(promise.line_ids.mapped("state"), ["part"])
        with self.at(40):
            dispute._resolve("rejected")
        found = self._states(promise, 41, 60)
        self.assertEqual(found[41], "running")
        self.assertGreater(min(on for on, state in found.items() if state == "broken"), 43)

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
