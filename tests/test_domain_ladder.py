

from ..domain import ladder
from ..domain.ladder import CLEAR, HOLD, STEP, WAIT, advance, decide
from ..domain.owed import position
from ..domain.rules import CATCH_UP_FIRST, CATCH_UP_HIGHEST, Step
from .domain_common import (
    DAYS,
    TODAY,
    DomainCase,
    day,
    make_debtor,
    make_item,
    make_rules,
    taken,
)


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

    def test_a_step_that_was_moved_ahead_of_an_item_is_not_taken_again(self):
        item = make_item(-40, reached=3, taken=frozenset({10, 31}))
        self.check((STEP, 20), item)
        self.check((STEP, 40), item._replace(reached=20))
        rules = make_rules(3, 10)
        decision = self.check((WAIT, None), item, rules=rules)
        self.assertIsNone(decision.next_check_on, "nothing is left to look for")
        self.check((STEP, 40), item._replace(reached=None, reached_on=None),
                   rules=make_rules(catch_up=CATCH_UP_HIGHEST))

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

    def test_what_items_that_old_take_next(self):
        for name, item, expected in (
            ("not that old", make_item(-34, reached=20), []),
            ("one to go", make_item(-35, reached=20), [31]),
            ("one that comes later", make_item(-35, reached=31), [40]),
            ("the last one taken", make_item(-35, reached=40), []),
            ("none taken yet", make_item(-35), [3]),
        ):
            for catch_up in (CATCH_UP_FIRST, CATCH_UP_HIGHEST):
                at = position(make_debtor(item), make_rules(catch_up=catch_up), TODAY)
                with self.subTest(name, catch_up=catch_up):
                    left = ladder.steps_left(35, at)
                    self.assertEqual([climb.step.day for climb in left], expected)
