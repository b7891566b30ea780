from hypothesis import given
from hypothesis import strategies as st

from ..domain import nights
from ..domain.thresholds import Marks, Standing, Thresholds
from .domain_common import (
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
)


def seen(debtor, policy, limits, marks, start=0, until=SPAN):
    """What the walk says, told as ``Nights`` tells it."""
    told = Nights(debtor, policy, limits, marks)
    for night in nights.walk(debtor, policy, limits, marks, day(start), day(until)):
        told._note(night.day, night.decision, night.standing)
    return told


def events(told):
    """Without the changes of a cause, which the walk does not tell."""
    return [event for event in told.events if event[1] != "cause"]


class TestNightsAhead(DomainCase):
    @given(debtors(), policies(), limits, st.booleans())
    def test_the_walk_tells_what_the_nights_then_do(self, debtor, policy, limits, exempt):
        marks = Marks(exempt=exempt)
        done = Nights(debtor, policy, limits, marks).run()
        foreseen = seen(debtor, policy, limits, marks)
        self.assertEqual(events(foreseen), events(done))
        self.assertEqual(foreseen.marks, done.marks)

    @given(debtors(), policies(), limits, st.integers(0, SPAN))
    def test_a_shorter_walk_is_the_beginning_of_a_longer_one(self, debtor, policy, limits, until):
        longer = events(seen(debtor, policy, limits, Marks()))
        shorter = events(seen(debtor, policy, limits, Marks(), until=until))
        self.assertEqual(shorter, [event for event in longer if event[0] <= day(until)])

    @given(debtors(), policies(), limits, st.integers(0, 30))
    def test_what_is_seen_from_a_later_day_is_what_was_foreseen_for_it(
        self, debtor, policy, limits, start
    ):
        done = Nights(debtor, policy, limits)
        if start:
            done.run(start - 1)
        later = events(seen(done.debtor, policy, limits, done.marks, start))
        first = events(seen(debtor, policy, limits, Marks()))
        self.assertEqual(later, [event for event in first if event[0] >= day(start)])

    def test_what_waits_is_taken_to_leave_on_the_first_night(self):
        debtor = make_debtor(make_item(-3), waiting=True)
        self.assertEqual(
            [(night.day, night.decision.step.day) for night in nights.walk(
                debtor, make_rules(), Thresholds(0, 0, 0), Marks(), TODAY, day(10)
            ) if night.decision.step],
            [(day(1), 3), (day(7), 10)],
        )

    def test_marks_after_a_night(self):
        old = Marks(day(-9), day(-8), day(-7), day(-6), exempt=True)
        for name, marks, standing, expected in (
            ("nothing", old, Standing(), old),
            ("released", old, Standing(lift=True), old._replace(warned_on=None, suspended_on=None)),
            ("calm again", old, Standing(unwarn=True), old._replace(warned_on=None)),
            ("a new matter", old, Standing(over=("ready_on",)), old._replace(ready_on=None)),
            ("first", Marks(), Standing(warn=True, handover=True),
             Marks(warned_on=TODAY, handover_on=TODAY)),
            ("then", Marks(warned_on=day(-1)), Standing(suspend=True, ready=True),
             Marks(warned_on=day(-1), suspended_on=TODAY, ready_on=TODAY)),
        ):
            with self.subTest(name):
                self.assertEqual(nights.mark(marks, standing, TODAY), expected)
