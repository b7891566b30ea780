from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ..domain.cohorts import (
    BANDS,
    Cohort,
    Ordered,
    Recovery,
    Relations,
    cost_per_unit,
    league,
    recovery,
    relations,
)
from .domain_common import TODAY, DomainCase, day


def case(began, amount, *cash, age=50, hand="A"):
    """Began ``began`` days from TODAY; cash as (days after it began, amount)."""
    return Recovery(
        day(began), amount, tuple((day(began + on), each) for on, each in cash), age, hand
    )


portfolios = st.lists(
    st.tuples(
        st.integers(-200, 0), st.integers(0, 100),
        st.lists(st.tuples(st.integers(-5, 150), st.integers(-40, 90)), max_size=3),
        st.sampled_from((0, 45, 46, 90, 91, 400)), st.sampled_from("ABC"),
    ).map(lambda drawn: case(drawn[0], drawn[1], *drawn[2], age=drawn[3], hand=drawn[4])),
    max_size=12,
)


class TestRecovery(DomainCase):
    def test_by_cohort(self):
        cases = [
            case(-100, 1000, (0, 100), (30, 200), (31, 300), (100, 50)),
            case(-90, 500, (-1, 400), (89, 500), (90, -100)),
            case(-45, 300, (10, 400)),
            case(-5, 800, (1, 800)),
        ]
        self.assertEqual(recovery(cases, TODAY), (
            Cohort(30, 300 + 0 + 300, 1800, 3, 1), Cohort(60, 600, 1500, 2, 2),
            Cohort(90, 600 + 400, 1500, 2, 2), Cohort(100, 650, 1000, 1, 3),
        ))
        self.assertEqual(recovery(cases, TODAY)[0].share, Fraction(1, 3))
        self.assertIsNone(recovery([], TODAY)[0].share)
        self.assertEqual(cost_per_unit(30, 600), Fraction(1, 20))
        self.assertIsNone(cost_per_unit(30, 0))

    def test_at_a_past_date(self):
        found = recovery([case(-100, 1000, (10, 100), (80, 900))], day(-60), (30, 90))
        self.assertEqual(found, (Cohort(30, 100, 1000, 1, 0), Cohort(90, 0, 0, 0, 1)))

    @given(portfolios, st.integers(0, 120))
    def test_a_plain_recomputation_finds_the_same(self, cases, days):
        came = amount = asked = 0
        for each in cases:
            if (TODAY - each.began_on).days < days:
                continue
            asked, amount = asked + 1, amount + each.amount
            own = sum(cash for on, cash in each.cash if 0 <= (on - each.began_on).days <= days)
            came += max(0, min(own, each.amount))
        (found,) = recovery(cases, TODAY, (days,))
        self.assertEqual(found, Cohort(days, came, amount, asked, len(cases) - asked))


class TestLeague(DomainCase):
    def test_age_is_allowed_for(self):
        """Young debts bring 80 %, old ones 20 %, in either hand: A has the young, B the old. On
        the face of it A is far better; adjusted they are the same."""
        cases = [
            *[case(-100, 100, (1, 80), age=10, hand="A")] * 9, case(-100, 100, (1, 20), age=99),
            case(-100, 100, (1, 80), age=10, hand="B"),
            *[case(-100, 100, (1, 20), age=99, hand="B")] * 9,
        ]
        a, b = sorted(league(cases, TODAY), key=lambda place: place.hand)
        self.assertEqual((a.recovered, b.recovered), (740, 260))
        self.assertEqual((a.expected, b.expected), (740, 260))
        self.assertEqual((a.ratio, b.ratio, a.adjusted, b.adjusted), (1, 1, 0.5, 0.5))

    def test_by_hand(self):
        cases = [
            case(-90, 100, (1, 100), age=45, hand="A"), case(-90, 300, (90, 60), age=45, hand="B"),
            case(-90, 200, (1, 20), age=46, hand="A"), case(-90, 200, (1, 40), age=90, hand="B"),
            case(-89, 999, (1, 999), age=45, hand="B"), case(-90, 10, age=91, hand="C"),
        ]
        # young: 160 of 400 = 2/5; older: 60 of 400 = 3/20; oldest 0 of 10; all: 220 of 810
        places = league(cases, TODAY, min_cases=2)
        self.assertEqual([place.hand for place in places], ["A", "B", "C"])
        a, b, c = places
        self.assertEqual((a.cases, a.amount, a.recovered, a.expected), (2, 300, 120, 70))
        self.assertEqual((a.ratio, a.adjusted), (Fraction(12, 7), Fraction(12, 7) * 220 / 810))
        self.assertEqual((b.recovered, b.expected, b.ratio), (100, 150, Fraction(2, 3)))
        self.assertEqual((c.expected, c.ratio, c.adjusted, c.ranked), (0, None, None, False))

    def test_few_cases_are_shown_last(self):
        cases = [case(-99, 10, (1, 10), hand="lucky"), *[case(-99, 10, (1, 5), hand="many")] * 10]
        self.assertEqual([(place.hand, place.ranked) for place in league(cases, TODAY)],
                         [("many", True), ("lucky", False)])
        self.assertEqual(league([], TODAY), ())

    @given(portfolios)
    def test_what_all_expect_is_what_came(self, cases):
        places = league(cases, TODAY, 60)
        self.assertEqual(sum(place.expected for place in places),
                         sum(place.recovered for place in places))
        for place in places:
            own = [each for each in cases if each.hand == place.hand and each.amount]
            self.assertEqual(
                place.cases, sum((TODAY - each.began_on).days >= 60 for each in own)
            )

    @given(portfolios, st.integers(0, 400))
    def test_without_differences_of_age_it_is_the_plain_ratio(self, cases, age):
        cases = [each._replace(age=age) for each in cases]
        (whole,) = recovery(cases, TODAY, (60,))
        for place in league(cases, TODAY, 60, BANDS):
            if place.ratio is not None:
                plain = Fraction(place.recovered, place.amount)
                self.assertEqual(place.ratio, plain / whole.share)
                self.assertEqual(place.adjusted, plain)


class TestRelations(DomainCase):
    def test_who_stayed(self):
        for name, customer, expected in (
            ("kept", Ordered(day(-90), (day(-89), day(-3))), (1, 1, 0, 0, 0)),
            ("on the last day", Ordered(day(-90), (TODAY,)), (1, 1, 0, 0, 0)),
            ("too late", Ordered(day(-91), (TODAY,)), (1, 0, 0, 0, 0)),
            ("lost", Ordered(day(-90)), (1, 0, 1, 0, 0)),
            ("on the day itself", Ordered(day(-90), (day(-90),)), (1, 0, 1, 0, 0)),
            ("too young", Ordered(day(-89), (day(-1),)), (0, 0, 0, 0, 1)),
            ("again", Ordered(day(-99), (day(-9),), day(-9)), (1, 1, 0, 1, 0)),
            ("again, later", Ordered(day(-99), (), day(-8)), (1, 0, 1, 0, 0)),
            ("before", Ordered(day(-99), (), day(-99)), (1, 0, 1, 0, 0)),
        ):
            with self.subTest(name):
                self.assertEqual(relations([customer], TODAY), Relations(*expected))
        self.assertEqual(relations([], TODAY), Relations(0, 0, 0, 0, 0))
