from hypothesis import given
from hypothesis import strategies as st

from ..domain.worklist import (
    AGE_BANDS,
    AMOUNT_BANDS,
    RISK_POINTS,
    Priority,
    next_age_band,
    prioritise,
    risks,
)
from .domain_common import DomainCase

overdues = st.floats(0, 50_000)
ages = st.integers(-30, 400)
known_risks = st.frozensets(st.sampled_from(tuple(RISK_POINTS)))


class TestWorklist(DomainCase):
    def test_points_by_amount_age_and_risk(self):
        for overdue, oldest, known, expected in (
            (0, 0, (), (0, 0, 0)), (249.99, 0, (), (0, 0, 0)), (250, 0, (), (10, 10, 0)),
            (0.01, 1, (), (10, 0, 10)), (999.99, 14, (), (20, 10, 10)),
            (1000, 15, (), (40, 20, 20)), (4999.99, 29, (), (40, 20, 20)),
            (5000, 30, (), (60, 30, 30)), (20_000, 60, (), (80, 40, 40)),
            (10**6, 999, (), (80, 40, 40)),
            (250, 1, ("pays_late",), (23, 10, 10)), (250, 1, ("suspended",), (26, 10, 10)),
            (250, 1, ("unreachable", "pays_late"), (26, 10, 10)),
            (250, 1, ("broken",), (28, 10, 10)), (250, 1, ("broken", "suspended"), (34, 10, 10)),
            (20_000, 60, tuple(RISK_POINTS), (100, 40, 40)),
        ):
            with self.subTest(overdue=overdue, oldest=oldest, known=known):
                found = prioritise(overdue, oldest, frozenset(known))
                self.assertEqual(found[:3], expected)

    def test_risks_are_told_in_their_order_and_unknown_ones_are_not(self):
        found = prioritise(250, 1, frozenset(("unreachable", "tall", "suspended")))
        self.assertEqual(found.risks, ("suspended", "unreachable"))
        self.assertEqual(found.points, 29)

    def test_what_is_known_of_a_debtor(self):
        for known, expected in (
            ((False, False, None), ()), ((True, False, None), ("suspended",)),
            ((False, True, "forgot"), ("pays_late",)),
            ((False, False, "unreachable"), ("unreachable",)),
            ((False, False, None, True), ("broken",)),
            ((True, True, "unreachable", True), tuple(RISK_POINTS)),
        ):
            with self.subTest(known=known):
                self.assertEqual(risks(*known), frozenset(expected))

    def test_whoever_owes_nothing_overdue_is_no_work_whatever_the_risks(self):
        found = prioritise(0, 0, frozenset(RISK_POINTS))
        self.assertEqual(found, Priority(0, 0, 0, tuple(RISK_POINTS)))

    def test_the_age_at_which_a_case_weighs_more(self):
        for oldest, expected in (
            (-9, 1), (0, 1), (1, 15), (14, 15), (15, 30), (29, 30), (30, 60), (59, 60), (60, 0),
            (400, 0),
        ):
            with self.subTest(oldest=oldest):
                self.assertEqual(next_age_band(oldest), expected)

    @given(overdues, ages, known_risks)
    def test_points_are_the_sum_of_what_is_told(self, overdue, oldest, known):
        found = prioritise(overdue, oldest, known)
        risk = found.points - found.amount_points - found.age_points
        self.assertTrue(0 <= found.points <= 100 and 0 <= risk <= 20)
        if found.points:
            self.assertEqual(risk, sum(RISK_POINTS[name] for name in found.risks))

    @given(overdues, overdues, ages, ages, known_risks)
    def test_more_money_or_more_days_never_weigh_less(self, less, more, young, old, known):
        less, more = sorted((less, more))
        young, old = sorted((young, old))
        self.assertLessEqual(
            prioritise(less, young, known).points, prioritise(more, old, known).points
        )

    @given(overdues, ages, known_risks)
    def test_points_stand_still_up_to_the_next_age(self, overdue, oldest, known):
        band = next_age_band(oldest) or oldest + 1
        before = prioritise(overdue, oldest, known)
        self.assertEqual(prioritise(overdue, band - 1, known), before)
        if next_age_band(oldest):
            self.assertEqual(
                prioritise(overdue, band, known).age_points, before.age_points + 10
            )

    def test_four_bands_each_make_forty_points(self):
        self.assertEqual((len(AMOUNT_BANDS), len(AGE_BANDS)), (4, 4))
