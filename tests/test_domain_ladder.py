from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from ..domain import ladder
from ..domain.ladder import CLEAR, HOLD, STEP, WAIT, advance, decide
from ..domain.owed import position, uncovered
from ..domain.rules import CATCH_UP_FIRST, CATCH_UP_HIGHEST, Rules, Step
from .domain_common import (
    DAYS,
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
    make_debtor,
    make_item,
    make_rules,
    policies,
    tables,
    taken,
    walk,
)


def each_step(debtor, policy):
    """``(day, the debtor before, decision)`` of each step of the nights to come."""
    for today, decision in walk(debtor, policy, TODAY, day(SPAN)):
        yield today, debtor, decision
        debtor = advance(debtor, decision, today)


class TestLadderTables(DomainCase):
    """(what is known, what happens today)"""

    def check(self, expected, *items, rules=None, today=TODAY, **debtor):
        decision = decide(make_debtor(*items, **debtor), rules or make_rules(), today)
        self.assertEqual((decision.verdict, decision.step and decision.step.day), expected)
        return decision

    def test_an_item_takes_a_step_on_its_day_and_not_before(self):
        for overdue, expected in (
            (-6, (WAIT, None)), (-5, (STEP, -5)), (-1, (STEP, -5)), (0, (STEP, -5)),
            (1, (WAIT, None)), (2, (WAIT, None)), (3, (STEP, 3)), (9, (STEP, 3)),
        ):
            with self.subTest(overdue=overdue):
                self.check(expected, make_item(-overdue))

    def test_an_item_goes_on_from_where_it_is(self):
        for reached, overdue, expected in (
            (-5, 2, (WAIT, None)), (-5, 3, (STEP, 3)), (3, 9, (WAIT, None)), (3, 10, (STEP, 10)),
            (3, 300, (STEP, 10)), (31, 39, (WAIT, None)), (31, 40, (STEP, 40)),
            (40, 300, (WAIT, None)),
        ):
            with self.subTest(reached=reached, overdue=overdue):
                item = make_item(-overdue, reached=reached, reached_on=day(-30))
                self.check(expected, item)

    def test_old_debts_start_where_the_policy_says(self):
        for catch_up, overdue, expected in (
            (CATCH_UP_FIRST, 100, 3), (CATCH_UP_FIRST, 12, 3),
            (CATCH_UP_HIGHEST, 100, 40), (CATCH_UP_HIGHEST, 39, 31), (CATCH_UP_HIGHEST, 12, 10),
        ):
            with self.subTest(catch_up=catch_up, overdue=overdue):
                rules = make_rules(catch_up=catch_up)
                self.check((STEP, expected), make_item(-overdue), rules=rules)

    def test_catching_up_is_for_items_without_any_step(self):
        item = make_item(-100, reached=3, reached_on=day(-30))
        self.check((STEP, 10), item, rules=make_rules(catch_up=CATCH_UP_HIGHEST))

    def test_nothing_follows_within_the_gap_of_the_debtor(self):
        for gap, since, expected in (
            (5, 4, (WAIT, None)), (5, 5, (STEP, 3)), (1, 0, (WAIT, None)), (1, 1, (STEP, 3)),
            (0, 0, (WAIT, None)), (0, 1, (STEP, 3)),
        ):
            with self.subTest(gap=gap, since=since):
                self.check(
                    expected, make_item(-9), rules=make_rules(min_gap=gap),
                    last_contact_on=day(-since),
                )

    def test_nothing_follows_within_the_gap_of_the_item(self):
        """Steps without contact, too, are taken one after the other."""
        for since, expected in ((4, (WAIT, None)), (5, (STEP, 10))):
            with self.subTest(since=since):
                self.check(expected, make_item(-50, reached=3, reached_on=day(-since)))

    def test_reasons_why_nobody_is_asked(self):
        due, held = make_item(-9), make_item(-9, key="B", held="paused")
        for name, expected, items, values in (
            ("nothing open", (CLEAR, "nothing_open"), (), {}),
            ("debtor held", (HOLD, "placed"), (due,), {"held": "placed"}),
            ("all items held", (HOLD, "paused"), (held,), {}),
            ("one item held", (STEP, "due"), (held, due), {}),
            ("credits cover all", (HOLD, "covered"), (due,), {"credits": {"EUR": 1000}}),
            ("credits leave a bit", (STEP, "due"), (due,), {"credits": {"EUR": 999}}),
            ("the rest is held", (HOLD, "covered"), (held, due), {"credits": {"EUR": 1000}}),
            ("a message waits", (WAIT, "message_waiting"), (due,), {"waiting": True}),
            ("within the gap", (WAIT, "gap"), (due,), {"last_contact_on": day(-1)}),
            ("not due", (WAIT, "not_due"), (make_item(-1),), {}),
        ):
            with self.subTest(name):
                decision = decide(make_debtor(*items, **values), make_rules(), TODAY)
                self.assertEqual((decision.verdict, decision.reason), expected)

    def test_nobody_is_asked_on_a_closed_day(self):
        rules = make_rules(closed=frozenset({day(0), day(1)}))
        decision = decide(make_debtor(make_item(-9)), rules, TODAY)
        self.assertEqual(decision[:3], (WAIT, "closed_day", day(2)))
        self.assertEqual(taken(make_debtor(make_item(-3)), rules, 5), [(2, 3, {"A": 3})])

    def test_what_is_left_within_the_tolerance_is_not_asked_for(self):
        for residual, expected in ((100, (HOLD, "covered")), (101, (STEP, "due"))):
            with self.subTest(residual=residual):
                rules = make_rules(tolerances={"EUR": 100, "USD": 5000})
                decision = decide(make_debtor(make_item(-9, residual)), rules, TODAY)
                self.assertEqual((decision.verdict, decision.reason), expected)

    def test_the_tolerance_is_of_the_items_own_currency(self):
        rules = make_rules(tolerances={"EUR": 100})
        self.check((STEP, 3), make_item(-9, 50, currency="USD"), rules=rules)

    def test_a_hold_ends_after_its_last_day(self):
        for until, expected in ((-1, (STEP, 3)), (0, (HOLD, None)), (None, (HOLD, None))):
            last = None if until is None else day(until)
            with self.subTest(until=until):
                self.check(expected, make_item(-9, held="paused", held_until=last))
                self.check(expected, make_item(-9), held="paused", held_until=last)

    def test_one_message_at_the_highest_step_lists_everything_overdue(self):
        new = make_item(-3, key="new")
        known = make_item(-12, key="known", reached=10, reached_on=day(-9))
        old = make_item(-31, key="old", reached=20, reached_on=day(-11))
        today = make_item(0, key="due today", reached=-5, reached_on=day(-6))
        later = make_item(20, key="later")
        paused = make_item(-20, key="paused", held="paused")
        decision = self.check((STEP, 31), new, known, old, today, later, paused)
        self.assertEqual(
            {climb.item.key: climb.step.day for climb in decision.climbs}, {"new": 3, "old": 31}
        )
        self.assertEqual([item.key for item in decision.shown], ["old", "known", "new"])

    def test_a_message_goes_before_a_step_that_nobody_hears_of(self):
        silent = Step("silent", 20, contact=False)
        rules = make_rules(3, silent)
        items = make_item(-3, key="A"), make_item(-30, key="B", reached=10, reached_on=day(-9))
        decision = self.check((STEP, 3), *items, rules=rules)
        self.assertEqual(len(decision.climbs), 2)
        self.assertEqual(advance(make_debtor(*items), decision, TODAY).last_contact_on, TODAY)

    def test_a_step_that_nobody_hears_of_is_no_contact(self):
        rules = make_rules(Step("silent", 3, contact=False), 10)
        debtor = make_debtor(make_item(-9), last_contact_on=day(-8))
        after = advance(debtor, decide(debtor, rules, TODAY), TODAY)
        self.assertEqual(after.last_contact_on, day(-8))
        self.assertEqual((after.items[0].reached, after.items[0].reached_on), (3, TODAY))

    def test_courtesy_is_for_what_is_not_due_yet(self):
        for name, items, expected in (
            ("before the due date", (make_item(3),), (STEP, -5)),
            ("on the due date, late", (make_item(0),), (STEP, -5)),
            ("after it", (make_item(-1),), (WAIT, None)),
            ("while something is overdue", (make_item(3), make_item(-1, key="B")), (WAIT, None)),
            ("while a held item is overdue",
             (make_item(3), make_item(-1, key="B", held="paused")), (STEP, -5)),
            ("while a few cents are worth nothing in our currency",
             (make_item(3), make_item(-1, 40, key="B", value=0, currency="JPY")), (WAIT, None)),
        ):
            with self.subTest(name):
                self.check(expected, *items)

    def test_a_direct_debit_on_its_way_delays_reminders_and_no_courtesy(self):
        for overdue, expected in ((-5, (STEP, -5)), (9, (WAIT, None)), (10, (STEP, 3))):
            with self.subTest(overdue=overdue):
                self.check(expected, make_item(-overdue, extra_days=7))

    def test_a_condition_that_does_not_hold_lets_the_next_step_through(self):
        big, late = Step("big", 3, min_amount=1001), Step("late", 3, late_payers_only=True)
        for name, step, values, expected in (
            ("amount not reached", big, {}, (STEP, 10)),
            ("never late before", late, {}, (STEP, 10)),
            ("late before", late, {"pays_late": True}, (STEP, 3)),
        ):
            with self.subTest(name):
                self.check(expected, make_item(-10), rules=make_rules(step, 10), **values)

    def test_amount_conditions_look_at_all_that_is_overdue_in_our_currency(self):
        rules = make_rules(Step("big", 3, min_amount=1000))
        for name, items, expected in (
            ("just enough", (make_item(-3, 1000),), STEP),
            ("one cent less", (make_item(-3, 999),), WAIT),
            ("two together", (make_item(-3, 500), make_item(-1, 500, key="B")), STEP),
            ("one not overdue yet", (make_item(-3, 500), make_item(0, 500, key="B")), WAIT),
            ("value counts, not units",
             (make_item(-3, 9000, value=999, currency="JPY"),), WAIT),
            ("credits count", (make_item(-3, 1500), make_item(-4, 499, key="B")), STEP),
        ):
            with self.subTest(name):
                credits = {"EUR": 999} if name == "credits count" else {}
                decision = decide(make_debtor(*items, credits=credits), rules, TODAY)
                self.assertEqual(decision.verdict, expected)

    def test_before_and_on_the_due_date_an_items_own_value_counts(self):
        for step_day, min_amount, expected in (
            (-2, 1000, STEP), (-2, 1001, WAIT), (0, 1000, STEP), (0, 1001, WAIT),
        ):
            with self.subTest(step_day=step_day, min_amount=min_amount):
                rules = make_rules(Step("step", step_day, min_amount=min_amount))
                item, other = make_item(0), make_item(5, 5000, key="B")
                self.assertEqual(decide(make_debtor(item, other), rules, TODAY).verdict, expected)

    def test_nobody_is_reminded_below_the_least_amount_of_the_policy(self):
        for overdue, residual, expected in (
            (9, 999, WAIT), (9, 1000, STEP), (-3, 999, WAIT), (-3, 1000, STEP),
        ):
            with self.subTest(overdue=overdue, residual=residual):
                item, rules = make_item(-overdue, residual), make_rules(min_value=1000)
                self.assertEqual(decide(make_debtor(item), rules, TODAY).verdict, expected)

    def test_the_whole_ladder_with_its_own_days(self):
        debtor = make_debtor(make_item(0))
        self.assertEqual([row[:2] for row in taken(debtor, make_rules(), 90, -9)],
                         [(n, n) for n in DAYS])

    def test_an_old_debt_climbs_one_step_a_gap(self):
        self.assertEqual(
            [row[:2] for row in taken(make_debtor(make_item(-300)), make_rules(min_gap=5), 90)],
            [(0, 3), (5, 10), (10, 20), (15, 31), (20, 40)],
        )

    def test_items_of_one_debtor_wait_for_each_other(self):
        debtor = make_debtor(make_item(-3), make_item(-1, key="B"))
        self.assertEqual(
            taken(debtor, make_rules(3, 10, min_gap=5), 30),
            [(0, 3, {"A": 3}), (5, 3, {"B": 3}), (10, 10, {"A": 10, "B": 10})],
        )

    def test_steps_left_are_those_up_to_the_day_of_items_that_old(self):
        for name, item, expected in (
            ("not that old", make_item(-34, reached=20), []),
            ("one to go", make_item(-35, reached=20), [31]),
            ("taken", make_item(-35, reached=31), []),
            ("the step of the day itself", make_item(-40, reached=31), [40]),
            ("none taken yet", make_item(-35), [3]),
        ):
            for catch_up in (CATCH_UP_FIRST, CATCH_UP_HIGHEST):
                at = position(make_debtor(item), make_rules(catch_up=catch_up), TODAY)
                with self.subTest(name, catch_up=catch_up):
                    left = ladder.steps_left(40 if 40 in expected else 35, at)
                    self.assertEqual([climb.step.day for climb in left], expected)


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
