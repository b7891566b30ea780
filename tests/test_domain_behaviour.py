from datetime import timedelta
from fractions import Fraction
from statistics import fmean, median, quantiles

from hypothesis import given
from hypothesis import strategies as st

from ..domain.behaviour import Behaviour, Expectation, Paid, behaviour, expect, quantile
from .domain_common import TODAY, DomainCase, day

histories = st.lists(st.integers(-30, 120), max_size=15)


def paid(late, amount=100, on=-1):
    """Paid ``on`` days from TODAY, so many days late."""
    return Paid(day(on - late), day(on), amount)


class TestBehaviour(DomainCase):
    def test_by_hand(self):
        payments = [paid(10, 100, -30), paid(-4, 300, -20), paid(0, 50, -10), paid(30, 50, 1)]
        self.assertEqual(behaviour(payments, TODAY), Behaviour(
            3, Fraction(2), Fraction(-200, 450), 0, None, Fraction(1, 3)
        ))
        self.assertEqual(behaviour(payments, TODAY, grace=10).late_share, 0)
        self.assertEqual(behaviour(payments, day(1)).n, 4)
        self.assertEqual(behaviour([], TODAY), Behaviour(0))
        self.assertEqual(behaviour(payments, day(-31)), Behaviour(0))

    def test_trend(self):
        earlier = [paid(5, on=-100 + number) for number in range(5)]
        latest = [paid(20 + number, on=-50 + number) for number in range(5)]
        self.assertEqual(behaviour(earlier + latest, TODAY).trend, 17)
        self.assertEqual(behaviour(latest[::-1] + earlier, TODAY).trend, 17)
        self.assertIsNone(behaviour((earlier + latest)[1:], TODAY).trend)

    @given(st.lists(st.tuples(st.integers(-30, 90), st.integers(1, 99), st.integers(-99, 5))),
           st.integers(0, 9))
    def test_a_plain_recomputation_finds_the_same(self, drawn, grace):
        found = behaviour([paid(*each) for each in drawn], TODAY, grace)
        known = [each for each in drawn if each[2] <= 0]
        self.assertEqual(found.n, len(known))
        if known:
            late = [each[0] for each in known]
            self.assertAlmostEqual(float(found.mean), fmean(late))
            self.assertAlmostEqual(float(found.weighted), fmean(late, [k[1] for k in known]))
            self.assertEqual(float(found.median), median(late))
            self.assertAlmostEqual(float(found.late_share), fmean(x > grace for x in late))


class TestQuantile(DomainCase):
    @given(st.lists(st.integers(-50, 50), min_size=2, max_size=20))
    def test_as_the_standard_library(self, values):
        expected = quantiles(values, n=4, method="inclusive")
        for number, each in enumerate(expected, 1):
            self.assertAlmostEqual(float(quantile(values, Fraction(number, 4))), each)

    def test_ends(self):
        self.assertEqual(quantile([7], Fraction(1, 4)), 7)
        self.assertEqual(quantile([3, 1, 2], Fraction(1)), 3)
        with self.assertRaises(ValueError):
            quantile([], Fraction(1, 2))


class TestExpect(DomainCase):
    SEGMENT = (30, 30, 40, 50, 60, 60)

    def test_when_it_comes(self):
        own = (2, 4, 6, 8, 10)
        for name, due, history, expected in (
            ("own habit", 10, own, (16, 14, 18, "own", 5)),
            ("too few of his own", 10, own[:4], (55, 42, 68, "segment", 6)),
            ("late already, more than five times before", -5, own * 2, (3, 1, 5, "own", 6)),
            ("later than he ever was", -12, own, (33, 20, 46, "segment", 6)),
            ("as late as he is at the most", -10, (*own, *[10] * 4), (0, 0, 0, "own", 5)),
            ("later than anybody", -61, own, (None, None, None, "terms", 0)),
            ("in advance", 10, (-8,) * 5, (2, 2, 2, "own", 5)),
            ("in advance, not this time", 10, (-8,) * 4 + (-12,) * 4 + (-10,) * 2,
             (2, 0, 2, "own", 6)),
        ):
            with self.subTest(name):
                found = expect(day(due), history, self.SEGMENT, TODAY)
                days = [each and (each - TODAY).days for each in found[:3]]
                self.assertEqual((*days, *found[3:]), expected)

    def test_nothing_known(self):
        self.assertEqual(expect(TODAY, (), (), TODAY), Expectation(TODAY, TODAY, TODAY, "terms", 0))
        self.assertEqual(expect(day(-1), (), (), TODAY), Expectation(None, None, None, "terms", 0))
        self.assertEqual(expect(day(3), (), (), TODAY, 0).on, day(3))

    @given(histories, histories, st.integers(-130, 40))
    def test_never_in_the_past_and_in_order(self, own, segment, due):
        found = expect(day(due), own, segment, TODAY)
        if found.on:
            self.assertTrue(TODAY <= found.earliest <= found.on <= found.latest)
        else:
            self.assertLess(day(due), TODAY)
        source = {"own": own, "segment": segment, "terms": []}[found.basis]
        self.assertEqual(
            found.n, sum(day(due) + timedelta(days=each) >= TODAY for each in source)
        )
