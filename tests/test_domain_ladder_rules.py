"""Of any debtor under any policy: what must not be, what makes no difference, what time does."""
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from ..domain.ladder import HOLD, STEP, WAIT, advance, decide
from ..domain.owed import uncovered
from ..domain.rules import CATCH_UP_FIRST, CATCH_UP_HIGHEST, Rules, Step
from .domain_common import (
    FREE,
    PASSING,
    SPAN,
    STEP_DAYS,
    TODAY,
    DomainCase,
    Nights,
    day,
    days_ahead,
    debtors,
    policies,
    tables,
    walk,
)


def each_step(debtor, policy):
    """``(day, the debtor before, decision)`` of each step of the nights to come."""
    for today, decision in walk(debtor, policy, TODAY, day(SPAN)):
        yield today, debtor, decision
        debtor = advance(debtor, decision, today)


class TestLadderNever(DomainCase):
    """What must not happen, whatever is known."""

    @given(debtors(), policies())
    def test_every_climb_keeps_every_rule(self, debtor, policy):
        gap = timedelta(days=max(policy.min_gap, 1))
        for today, known, decision in each_step(debtor, policy):
            self.assertNotIn(today, policy.closed)
            if known.last_contact_on:
                self.assertGreaterEqual(today, known.last_contact_on + gap)
            keys = [climb.item.key for climb in decision.climbs]
            self.assertEqual(len(keys), len(set(keys)))
            items = {item.key: item for item in known.items}
            for climbing, step in decision.climbs:
                item = items[climbing.key]
                extra = item.extra_days if step.day >= 0 else 0
                self.assertIn(step, policy.steps)
                self.assertGreaterEqual((today - item.due_on).days, step.day + extra)
                if item.reached is not None:
                    self.assertGreater(step.day, item.reached)
                    self.assertGreaterEqual(today, item.reached_on + gap)
                if step.late_payers_only:
                    self.assertTrue(debtor.pays_late)

    @given(debtors(), policies())
    def test_no_step_is_taken_while_a_message_waits(self, debtor, policy):
        for today, known, _decision in each_step(debtor, policy):
            refused = decide(known._replace(waiting=True), policy, today)
            self.assertEqual((refused.verdict, refused.reason), (WAIT, "message_waiting"))

    @given(debtors(), policies())
    def test_nothing_that_is_held_or_covered_is_asked_for(self, debtor, policy):
        def held(what, today):
            return what.held and (what.held_until is None or what.held_until >= today)

        for today, known, decision in each_step(debtor, policy):
            self.assertFalse(held(known, today))
            items = {item.key: item for item in known.items}
            for item in decision.shown:
                self.assertFalse(held(items[item.key], today))
                self.assertGreater(item.residual, policy.tolerances.get(item.currency, 0))

    @given(debtors(), policies())
    def test_the_message_is_the_highest_of_the_climbs_and_lists_all_overdue(self, debtor, policy):
        for today, known, decision in each_step(debtor, policy):
            steps = [climb.step for climb in decision.climbs]
            heard = [step for step in steps if step.contact]
            self.assertEqual(decision.step.day, max(step.day for step in heard or steps))
            self.assertEqual(decision.step.contact, bool(heard))
            climbing = [climb.item for climb in decision.climbs]
            asked = uncovered(known, policy, today)
            self.assertEqual(
                list(decision.shown), [i for i in asked if i.due_on < today or i in climbing]
            )

    @given(debtors(), policies(), days_ahead)
    def test_there_is_something_to_say_exactly_when_the_verdict_is_step(
        self, debtor, policy, today
    ):
        decision = decide(debtor, policy, today)
        is_step = decision.verdict == STEP
        self.assertEqual(
            (bool(decision.climbs), bool(decision.shown), decision.step is not None), (is_step,) * 3
        )
        self.assertTrue(decision.reason)
        if decision.next_check_on:
            self.assertGreater(decision.next_check_on, today)
            self.assertNotIn(decision.next_check_on, policy.closed)

    @given(debtors(), policies())
    def test_courtesy_never_reaches_a_debtor_who_is_late(self, debtor, policy):
        for today, known, decision in each_step(debtor, policy):
            if any(climb.step.day < 0 for climb in decision.climbs):
                late = [i for i in uncovered(known, policy, today) if i.due_on < today]
                self.assertFalse(late)

    @given(debtors(), policies())
    def test_once_carried_out_the_same_day_takes_no_second_step(self, debtor, policy):
        for today, known, decision in each_step(debtor, policy):
            after = advance(known, decision, today)
            self.assertNotEqual(decide(after, policy, today).verdict, STEP)

    @given(debtors(), policies())
    def test_advance_changes_places_and_nothing_else(self, debtor, policy):
        self.assertEqual(advance(debtor, decide(debtor, policy, day(-99)), day(-99)), debtor)
        for today, known, decision in each_step(debtor, policy):
            after = advance(known, decision, today)
            climbed = {climb.item.key: climb.step.day for climb in decision.climbs}
            for before, now in zip(known.items, after.items, strict=True):
                if before.key in climbed:
                    before = before._replace(reached=climbed[before.key], reached_on=today)
                self.assertEqual(now, before)
            last = today if decision.step.contact else known.last_contact_on
            self.assertEqual(after, known._replace(items=after.items, last_contact_on=last))


class TestLadderSame(DomainCase):
    """Questions that must have the same answer."""

    def same_steps(self, debtor, policy, other_debtor, other_policy):
        first = walk(debtor, policy, TODAY, day(SPAN))
        second = walk(other_debtor, other_policy, TODAY, day(SPAN))
        plain = [
            [(on, d.step.day, {c.item.key: c.step.day for c in d.climbs}) for on, d in steps]
            for steps in (first, second)
        ]
        self.assertEqual(*plain)

    @given(debtors(), policies())
    def test_the_same_question_has_the_same_answer(self, debtor, policy):
        self.assertEqual(decide(debtor, policy, TODAY), decide(debtor, policy, TODAY))

    @given(debtors(), policies(), days_ahead)
    def test_who_does_not_ask_for_the_next_look_gets_the_same_answer(self, debtor, policy, today):
        whole = decide(debtor, policy, today)
        self.assertEqual(
            decide(debtor, policy, today, ahead=False), whole._replace(next_check_on=None)
        )

    @given(debtors(), policies(), st.randoms(use_true_random=False))
    def test_the_order_of_the_items_does_not_matter(self, debtor, policy, random):
        assume(len({item.due_on for item in debtor.items}) == len(debtor.items))
        mixed = list(debtor.items)
        random.shuffle(mixed)
        self.same_steps(debtor, policy, debtor._replace(items=tuple(mixed)), policy)

    @given(debtors(), policies(), st.integers(-400, 400))
    def test_the_calendar_does_not_matter(self, debtor, policy, shift):
        def move(on):
            return on and on + timedelta(days=shift)

        moved = debtor._replace(
            items=tuple(
                item._replace(
                    due_on=move(item.due_on), reached_on=move(item.reached_on),
                    held_until=move(item.held_until),
                ) for item in debtor.items
            ),
            last_contact_on=move(debtor.last_contact_on), held_until=move(debtor.held_until),
        )
        closed = policy._replace(closed=frozenset(map(move, policy.closed)))
        first, second = decide(debtor, policy, TODAY), decide(moved, closed, move(TODAY))
        self.assertEqual(first.step, second.step)
        self.assertEqual(first[:2], second[:2])
        self.assertEqual(move(first.next_check_on), second.next_check_on)

    @given(debtors(), policies())
    def test_a_step_whose_condition_never_holds_is_as_good_as_absent(self, debtor, policy):
        def never(step):
            return step.late_payers_only and not debtor.pays_late or step.min_amount == 10**6

        high = tuple(
            s._replace(min_amount=10**6 if s.min_amount == 80 else s.min_amount)
            for s in policy.steps
        )
        without = tuple(step for step in high if not never(step))
        self.same_steps(debtor, policy._replace(steps=high), debtor, policy._replace(steps=without))

    @given(debtors(), policies())
    def test_a_late_payers_step_is_a_step_like_any_other_for_late_payers(self, debtor, policy):
        debtor = debtor._replace(pays_late=True)
        plain = tuple(step._replace(late_payers_only=False) for step in policy.steps)
        self.same_steps(debtor, policy, debtor, policy._replace(steps=plain))

    @given(debtors(), policies())
    def test_an_item_held_for_good_is_as_good_as_absent(self, debtor, policy):
        rest = tuple(i for i in debtor.items if not i.held or i.held_until)
        self.same_steps(debtor, policy, debtor._replace(items=rest), policy)

    @given(debtors(credit=False), policies())
    def test_an_item_within_the_tolerance_is_as_good_as_absent(self, debtor, policy):
        rest = tuple(
            i for i in debtor.items if i.residual > policy.tolerances.get(i.currency, 0)
        )
        self.same_steps(debtor, policy, debtor._replace(items=rest), policy)


class TestLadderInTime(DomainCase):
    """No item is forgotten, whatever day the night comes on."""

    @given(debtors(), policies(), st.integers(0, 4))
    def test_only_the_days_of_next_check_need_a_night(self, debtor, policy, delay):
        nightly = Nights(debtor, policy, delay=delay).run()
        asked_for = Nights(debtor, policy, delay=delay).run(nightly=False)
        self.assertEqual(asked_for.events, nightly.events)

    @given(debtors(), policies())
    def test_nothing_changes_before_the_next_check(self, debtor, policy):
        decision = decide(debtor, policy, TODAY)
        after = advance(debtor, decision, TODAY)
        end = decision.next_check_on or day(SPAN)
        first = None
        for number in range(1, (end - TODAY).days):
            found = decide(after, policy, day(number))
            self.assertNotEqual(found.verdict, STEP)
            if day(number) not in policy.closed:
                kind = found.verdict, found.reason if found.verdict == HOLD else ""
                self.assertEqual(first or kind, kind)
                first = kind

    @given(debtors(), policies())
    def test_the_preview_sees_what_the_nights_will_do(self, debtor, policy):
        nightly = Nights(debtor, policy).run()
        seen = [(on, "step", decision) for on, decision in walk(debtor, policy, TODAY, day(SPAN))]
        self.assertEqual(seen, nightly.events)

    @given(debtors(), policies(), st.integers(0, SPAN))
    def test_the_preview_ends_on_its_last_day(self, debtor, policy, until):
        whole = list(walk(debtor, policy, TODAY, day(SPAN)))
        part = [row for row in whole if row[0] <= day(until)]
        self.assertEqual(list(walk(debtor, policy, TODAY, day(until))), part)

    @given(debtors(), policies())
    def test_the_preview_takes_what_waits_as_leaving_today(self, debtor, policy):
        waiting = debtor._replace(waiting=True)
        self.assertEqual(
            list(walk(waiting, policy, TODAY, day(SPAN))),
            list(walk(debtor, policy._replace(closed=policy.closed | {TODAY}), TODAY, day(SPAN))),
        )

    @given(debtors(PASSING), policies(tables(False), False, catch_up=CATCH_UP_FIRST))
    def test_every_item_takes_every_step_it_has_not_passed(self, debtor, policy):
        ladders = self.climbed(debtor, policy)
        for item in uncovered(debtor, policy, day(SPAN)):
            due = [
                step.day for step in policy.steps
                if step.day >= 0 and (item.reached is None or step.day > item.reached)
            ]
            reminders = [number for number in ladders.get(item.key, ()) if number >= 0]
            self.assertEqual(reminders, due)

    @given(debtors(FREE, credit=False, fresh=True, min_items=1),
           policies(tables(False, 0), False, catch_up=CATCH_UP_HIGHEST, tolerances={}))
    def test_catching_up_skips_what_has_come_and_takes_the_rest(self, debtor, policy):
        ladders = self.climbed(debtor, policy._replace(closed=frozenset()))
        for item in debtor.items:
            come = [s.day for s in policy.steps if item.day_of(s) <= TODAY]
            to_come = [s.day for s in policy.steps if item.day_of(s) > TODAY]
            if come:
                self.assertEqual(ladders[item.key], come[-1:] + to_come)
            elif to_come:
                self.assertEqual(ladders[item.key][-1], to_come[-1])

    @given(debtors(PASSING, fresh=True), tables(False), st.sampled_from(STEP_DAYS), days_ahead)
    def test_a_step_added_later_is_taken_by_whoever_has_not_passed_it(
        self, debtor, steps, number, on
    ):
        assume(number >= 0 and number not in [step.day for step in steps])
        before, added = Rules(steps), Step("added", number)
        for _on, decision in walk(debtor, before, TODAY, on):
            debtor = advance(debtor, decision, _on)
        after = Rules(tuple(sorted((*steps, added), key=lambda step: step.day)))
        ladders = self.climbed(debtor, after, start=on + timedelta(days=1))
        for item in uncovered(debtor, after, day(2 * SPAN)):
            passed = item.reached is not None and item.reached > number
            self.assertEqual(number in ladders.get(item.key, ()), not passed)

    @given(debtors(), policies(), policies(), days_ahead)
    def test_a_change_of_policy_takes_nobody_back(self, debtor, policy, other, on):
        reached = {}
        for _on, decision in walk(debtor, policy, TODAY, on):
            debtor = advance(debtor, decision, _on)
        for item in debtor.items:
            reached[item.key] = item.reached
        for _on, decision in walk(debtor, other, on + timedelta(days=1), day(SPAN)):
            for item, step in decision.climbs:
                self.assertTrue(reached[item.key] is None or step.day > reached[item.key])
                reached[item.key] = step.day

    def climbed(self, debtor, policy, start=TODAY):
        """``{item: [day of each step it takes]}``"""
        ladders = {}
        for _on, decision in walk(debtor, policy, start, day(2 * SPAN)):
            for item, step in decision.climbs:
                ladders.setdefault(item.key, []).append(step.day)
        return ladders
