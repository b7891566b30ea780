from hypothesis import given
from hypothesis import strategies as st

from ..domain.owed import uncovered
from ..domain.rules import CATCH_UP_FIRST, CATCH_UP_HIGHEST, Rules, Step
from ..domain.thresholds import Marks, Thresholds, stand, suspension_cause
from .domain_common import (
    PASSING,
    SPAN,
    TODAY,
    DomainCase,
    Nights,
    day,
    debtors,
    limits,
    make_debtor,
    make_item,
    make_rules,
    policies,
    tables,
)

DONE = {"reached": 40, "reached_on": day(-20)}  # the house has asked for all it had to ask


class TestThresholdTables(DomainCase):
    """(age and marks, what happens today)"""

    def check(self, expected, *items, limits=None, rules=None, today=TODAY, debtor=None, **marks):
        standing = stand(
            make_debtor(*items, **debtor or {}), rules or make_rules(), limits or Thresholds(),
            Marks(**marks), today,
        )
        flags = ("warn", "suspend", "lift", "unwarn", "handover", "ready")
        self.assertEqual(" ".join(name for name in flags if getattr(standing, name)), expected)
        return standing

    def test_credit_is_suspended_the_day_after_its_warning_when_overdue_by_more_than_30_days(self):
        yesterday, before = {"warned_on": day(-1)}, {"warned_on": day(-9)}
        for overdue, marks, expected in (
            (29, {}, ""), (30, {}, "warn"), (31, {}, "warn"), (30, yesterday, ""),
            (31, {"warned_on": TODAY}, ""), (31, yesterday, "suspend"), (34, before, "suspend"),
            (31, before | {"suspended_on": TODAY}, ""), (31, {"suspended_on": day(-5)}, ""),
        ):
            with self.subTest(overdue=overdue, marks=marks):
                standing = self.check(expected, make_item(-overdue, reached=20), **marks)
                self.assertEqual(standing.cause, "overdue" if overdue > 30 else "")

    def test_suspension_ends_with_its_cause(self):
        suspended = {"warned_on": day(-9), "suspended_on": day(-8)}
        recent = make_item(-30, key="B", **DONE)
        for name, items, marks, expected in (
            ("still overdue", (make_item(-31, **DONE),), suspended, ""),
            ("only 30 days left", (recent,), suspended, "lift"),
            ("nothing overdue", (make_item(0),), suspended, "lift unwarn"),
            ("nothing open", (), suspended, "lift unwarn"),
            ("exempt", (make_item(-31, **DONE),), suspended | {"exempt": True}, "lift unwarn"),
            ("warned, then paid", (make_item(-3),), {"warned_on": day(-1)}, "unwarn"),
            ("another cause", (make_item(0),), suspended | {"other_cause": "credit_limit"}, ""),
            ("all held", (make_item(-31, held="paused"),), suspended, "lift unwarn"),
        ):
            with self.subTest(name):
                self.check(expected, *items, **marks)

    def test_credit_is_not_suspended_for_less_than_the_floor(self):
        limits, almost = Thresholds(suspend_from=1000), make_item(-31, 999, reached=31)
        for name, items, before, after in (
            ("below", (almost,), "", "unwarn"),
            ("just there", (make_item(-31, 1000, reached=31),), "warn", "suspend"),
            ("with what is overdue since", (almost, make_item(-1, 1, "B")), "warn", "suspend"),
            ("with what is not overdue", (almost, make_item(0, 1, "B")), "", "unwarn"),
        ):
            with self.subTest(name):
                self.check(before, *items, limits=limits)
                self.check(after, *items, limits=limits, warned_on=day(-1))

    def test_another_cause_suspends_at_any_age_and_is_named_after_the_overdue(self):
        over, warned = {"other_cause": "credit_limit"}, {"warned_on": day(-1)}
        for overdue, marks, expected, cause in (
            (-9, {}, "warn", "credit_limit"), (-9, warned, "suspend", "credit_limit"),
            (31, warned, "suspend", "overdue"), (31, {"exempt": True}, "", ""),
        ):
            with self.subTest(overdue=overdue, marks=marks):
                standing = self.check(expected, make_item(-overdue, reached=20), **marks | over)
                self.assertEqual(standing.cause, cause)

    def test_a_threshold_of_0_is_off(self):
        self.check("", make_item(-300, **DONE), limits=Thresholds(0, 0, 0))
        self.check("handover", make_item(-300, **DONE), limits=Thresholds(0, 35, 0))
        self.check("ready", make_item(-300, **DONE), limits=Thresholds(0, 0, 45))

    def test_note_and_agency_on_their_day_and_once(self):
        for overdue, marks, expected in (
            (34, {}, ""), (35, {}, "handover"), (44, {"handover_on": day(-9)}, ""),
            (45, {"handover_on": day(-9)}, "ready"), (45, {}, "handover ready"),
            (60, {"handover_on": day(-9), "ready_on": day(-9)}, ""),
        ):
            with self.subTest(overdue=overdue, marks=marks):
                limits = Thresholds(0, 35, 45)
                self.check(expected, make_item(-overdue, **DONE), limits=limits, **marks)

    def test_the_agency_waits_for_the_steps_of_the_house(self):
        limits = Thresholds(0, 0, 45)
        for name, item, expected in (
            ("a step to come", make_item(-50, reached=31, reached_on=day(-9)), ""),
            ("a direct debit delayed it", make_item(-46, reached=31, extra_days=7), ""),
            ("all taken", make_item(-50, **DONE), "ready"),
            ("none yet", make_item(-50), ""),
        ):
            for catch_up in (CATCH_UP_FIRST, CATCH_UP_HIGHEST):
                rules = make_rules(*(3, 31, 40, 50), catch_up=catch_up)
                with self.subTest(name, catch_up=catch_up):
                    self.check(expected, item, limits=limits, rules=rules)

    def test_steps_after_the_agencys_day_do_not_hold_it_up(self):
        self.check("ready", make_item(-50), limits=Thresholds(0, 0, 45), rules=make_rules(60))

    def test_steps_whose_condition_does_not_hold_do_not_hold_the_agency_up(self):
        for step in (Step(40, 40, min_amount=5000), Step(40, 40, late_payers_only=True)):
            with self.subTest(step=step):
                rules, limits = make_rules(31, step), Thresholds(0, 0, 45)
                self.check("ready", make_item(-50, reached=31), rules=rules, limits=limits)

    def test_other_items_still_on_the_ladder_do_not_hold_the_agency_up(self):
        items = make_item(-45, **DONE), make_item(-44, key="B", reached=31)
        self.check("ready", *items, limits=Thresholds(0, 0, 45))

    def test_nothing_is_ready_while_a_message_waits_or_the_case_is_held(self):
        limits = Thresholds(0, 35, 45)
        for name, debtor, expected in (
            ("message", {"waiting": True}, ""), ("held", {"held": "placed"}, ""),
            ("held until yesterday", {"held": "paused", "held_until": day(-1)}, "handover ready"),
        ):
            with self.subTest(name):
                self.check(expected, make_item(-50, **DONE), limits=limits, debtor=debtor)

    def test_credit_is_suspended_whether_the_case_is_held_or_not(self):
        self.check("warn", make_item(-31, **DONE), debtor={"held": "placed"})

    def test_marks_fall_with_what_was_that_old(self):
        both = {"handover_on": day(-20), "ready_on": day(-10)}
        for name, items, expected in (
            ("nothing open", (), ("handover_on", "ready_on")),
            ("34 days", (make_item(-34),), ("handover_on", "ready_on")),
            ("35 days", (make_item(-35),), ("ready_on",)),
            ("45 days", (make_item(-45),), ()),
            ("only paused", (make_item(-45, held="paused"),), ()),
            ("only covered", (make_item(-45, 1000),), ()),
        ):
            credits = {"EUR": 1000} if name == "only covered" else {}
            with self.subTest(name):
                debtor = make_debtor(*items, credits=credits)
                standing = stand(debtor, make_rules(), Thresholds(), Marks(**both), TODAY)
                self.assertEqual(standing.over, expected)
        self.assertEqual(stand(make_debtor(), make_rules(), Thresholds(), Marks(), TODAY).over, ())

    def test_an_order_asks_for_the_cause_of_this_moment(self):
        for name, items, marks, expected in (
            ("overdue", (make_item(-31),), {}, "overdue"),
            ("at the limit", (make_item(-30),), {}, ""),
            ("paid", (), {}, ""),
            ("exempt", (make_item(-31),), {"exempt": True, "other_cause": "credit_limit"}, ""),
            ("credit limit", (), {"other_cause": "credit_limit"}, "credit_limit"),
        ):
            with self.subTest(name):
                found = suspension_cause(items, Thresholds(), Marks(**marks), TODAY)
                self.assertEqual(found, expected)

    def test_the_next_look_is_at_the_next_age(self):
        for overdue, marks, expected in (
            (-3, {}, 4), (0, {}, 1), (1, {}, 29), (29, {}, 1), (30, {}, 1), (31, {}, 1),
            (31, {"warned_on": day(-9), "suspended_on": day(-8)}, 4), (35, {"exempt": True}, 10),
            (45, {"exempt": True}, None),
            (30, {"suspended_on": day(-8), "other_cause": "credit_limit"}, 1),
        ):
            with self.subTest(overdue=overdue, marks=marks):
                debtor = make_debtor(make_item(-overdue, **DONE))
                standing = stand(debtor, make_rules(), Thresholds(), Marks(**marks), TODAY)
                found = standing.next_check_on
                self.assertEqual(found and (found - TODAY).days, expected)

    def test_the_next_look_is_when_a_hold_ends(self):
        rules, limits, marks = make_rules(), Thresholds(), Marks()
        for last in (0, 2):
            held = {"held": "paused", "held_until": day(last)}
            for debtor in (
                make_debtor(make_item(-99, **held)),
                make_debtor(make_item(-99, **DONE), **held)._replace(credits={"EUR": 1000}),
            ):
                with self.subTest(debtor=debtor):
                    found = stand(debtor, rules, limits, marks, TODAY).next_check_on
                    self.assertEqual(found, day(last + 1))


    def test_the_next_look_is_the_day_after_the_house_can_have_asked(self):
        for name, item, waiting, closed, expected in (
            ("today", make_item(-50, reached=31), False, (), 1),
            ("after the gap", make_item(-50, reached=31, reached_on=day(-3)), False, (), 3),
            ("after a closed day", make_item(-50, reached=31), False, (0, 1), 3),
            ("a message waits", make_item(-50, **DONE), True, (), 1),
        ):
            rules = make_rules(closed=frozenset(map(day, closed)))
            for ages in (Thresholds(0, 45, 0), Thresholds(0, 0, 45)):
                with self.subTest(name, ages=ages):
                    debtor = make_debtor(item, waiting=waiting)
                    found = stand(debtor, rules, ages, Marks(), TODAY).next_check_on
                    self.assertEqual(found, day(expected))


class TestThresholdNights(DomainCase):
    """Night after night, with the steps of the ladder among them."""

    @given(
        debtors(), policies(), limits, st.sampled_from((False, False, False, True)),
        st.sampled_from(("", "", "credit_limit")), st.integers(0, 4),
    )
    def test_only_the_days_asked_for_need_a_night(
        self, debtor, policy, limits, exempt, other_cause, delay
    ):
        marks = Marks(exempt=exempt, other_cause=other_cause)
        nightly = Nights(debtor, policy, limits, marks, delay).run()
        asked_for = Nights(debtor, policy, limits, marks, delay).run(nightly=False)
        self.assertEqual(asked_for.events, nightly.events)
        self.assertEqual(asked_for.marks, nightly.marks)

    @given(debtors(), policies(), limits)
    def test_who_does_not_ask_for_the_next_look_gets_the_same_answer(self, debtor, policy, limits):
        asked, plain = (
            stand(debtor, policy, limits, Marks(), TODAY, ahead) for ahead in (True, False)
        )
        self.assertEqual(asked._replace(next_check_on=None), plain._replace(next_check_on=None))

    @given(debtors(), policies(), limits)
    def test_no_suspension_without_a_warning_on_an_earlier_day(self, debtor, policy, limits):
        nights = Nights(debtor, policy, limits).run()
        warnings, suspensions = nights.days_of("warn"), nights.days_of("suspend")
        for number in suspensions:
            self.assertTrue([earlier for earlier in warnings if earlier < number])
            asked = uncovered(nights.debtor, policy, day(number))
            oldest = max(item.days_overdue(day(number)) for item in asked)
            self.assertGreater(oldest, limits.suspend_after)
            overdue = sum(item.value for item in asked if item.due_on < day(number))
            self.assertGreaterEqual(overdue, limits.suspend_from)
            self.assertTrue(limits.suspend_after)

    @given(debtors(PASSING), policies(), st.integers(1, 12))
    def test_who_is_overdue_long_enough_is_suspended_two_days_later_at_most(
        self, debtor, policy, after
    ):
        nights = Nights(debtor, policy, Thresholds(after, 0, 0)).run()
        late = [
            number for number in range(SPAN)
            if any(
                item.days_overdue(day(number)) > after
                for item in uncovered(debtor, policy, day(number))
            )
        ]
        self.assertEqual(bool(late), bool(nights.days_of("suspend")))
        if late:
            self.assertLessEqual(nights.days_of("suspend")[0], late[0] + 1)

    @given(debtors(), policies(), limits)
    def test_credit_that_is_suspended_has_a_cause_every_night(self, debtor, policy, limits):
        nights = Nights(debtor, policy, limits)
        for number in range(SPAN):
            nights.night(day(number))
            cause = suspension_cause(
                uncovered(debtor, policy, day(number)), limits, Marks(), day(number)
            )
            if nights.marks.suspended_on:
                self.assertTrue(cause)

    @given(debtors(), policies(), limits)
    def test_exempt_customers_are_never_warned_nor_suspended(self, debtor, policy, limits):
        marks = Marks(exempt=True, other_cause="credit_limit")
        nights = Nights(debtor, policy, limits, marks).run()
        self.assertEqual(nights.days_of("warn") + nights.days_of("suspend"), [])

    @given(debtors(), policies(), limits, st.integers(0, 4))
    def test_the_house_has_asked_before_note_and_agency(self, debtor, policy, limits, delay):
        """On that day each item that old has taken every step up to the threshold that applies,
        and the last message has left."""
        plain = policy._replace(
            steps=tuple(s._replace(min_amount=0, late_payers_only=False) for s in policy.steps),
            min_value=0,
        )
        nights = Nights(debtor, plain, limits, delay=delay)
        for number in range(SPAN):
            today, before, known = day(number), nights.debtor, len(nights.events)
            waits = nights.leaves_on and nights.leaves_on > today
            nights.night(today)
            names = {event[1] for event in nights.events[known:]} & {"handover", "ready"}
            for name in names:
                after = limits.handover_after if name == "handover" else limits.place_after
                self.assertFalse(waits)
                old = [
                    i for i in uncovered(before, plain, today) if i.days_overdue(today) >= after
                ]
                self.assertTrue(old)
                self.assertFalse(before.is_held(today))
                for item in old:
                    steps = [s.day for s in plain.steps if 0 <= s.day <= after]
                    reached = item.reached if item.reached is not None else -99
                    self.assertFalse([number for number in steps if number > reached])

    @given(debtors(PASSING), policies(tables(False)), limits)
    def test_what_is_old_enough_gets_to_the_agency_in_the_end(self, debtor, policy, limits):
        nights = Nights(debtor, policy, limits).run(2 * SPAN, nightly=False)
        old = uncovered(debtor, policy, day(SPAN))
        for name, after in (("handover", limits.handover_after), ("ready", limits.place_after)):
            self.assertEqual(bool(nights.days_of(name)), bool(old and after))

    @given(debtors(), policies(), limits)
    def test_everything_is_told_once_while_the_ledger_stands_still(self, debtor, policy, limits):
        nights = Nights(debtor._replace(items=tuple(
            item._replace(held="", held_until=None) for item in debtor.items
        )), policy, limits).run()
        for name in ("warn", "suspend", "handover", "ready"):
            self.assertLessEqual(len(nights.days_of(name)), 1)
        self.assertEqual(nights.days_of("lift") + nights.days_of("unwarn"), [])

    def test_a_second_default_is_a_new_matter(self):
        nights = Nights(make_debtor(make_item(-44, **DONE)), make_rules(), Thresholds(0, 35, 45))
        nights.run(1)
        self.assertEqual((nights.days_of("handover"), nights.days_of("ready")), ([0], [1]))
        nights.debtor = make_debtor(make_item(-20, key="B", reached=20, reached_on=TODAY))
        nights.run(60, start=2)
        self.assertEqual(nights.days_of("over"), [2, 2])
        self.assertEqual((nights.days_of("handover"), nights.days_of("ready")), ([0, 15], [1, 25]))

    def test_an_old_debt_is_warned_asked_for_and_then_ready(self):
        rules = Rules(tuple(Step(n, n) for n in (3, 20, 40)), 5)
        nights = Nights(make_debtor(make_item(-200)), rules, Thresholds(), delay=1)
        nights.run(40, nightly=False)
        self.assertEqual(
            [((today - TODAY).days, event) for today, event, _what in nights.events],
            [(0, "step"), (0, "warn"), (1, "suspend"), (5, "step"), (6, "handover"),
             (10, "step"), (11, "ready")],
        )
