from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ..domain.figures import (
    CASH,
    CREDIT,
    LOSS,
    Claim,
    CountBack,
    LossRate,
    Settled,
    ageing,
    allowance,
    average_days_late,
    bucket_of,
    dso,
    dso_count_back,
    effectiveness,
    kept_share,
    loss_rates,
    not_due,
    receivables,
    working_capital,
)
from .domain_common import TODAY, DomainCase, day

KINDS = (CASH, CREDIT, LOSS)


def claim(due, amount, *settled, issued=-200):
    """Due ``due`` days from TODAY; ``settled`` as (day, amount, kind)."""
    return Claim(day(issued), day(due), amount, tuple(Settled(day(on), *r) for on, *r in settled))


@st.composite
def ledgers(draw):
    """Claims with settlements, some of them taken back later."""
    made = []
    for _number in range(draw(st.integers(0, 6))):
        issued = draw(st.integers(-200, 20))
        parts = []
        for on, amount, kind, back in draw(st.lists(st.tuples(
            st.integers(0, 150), st.integers(1, 60), st.sampled_from(KINDS), st.integers(-9, 30)
        ), max_size=3)):
            parts.append((issued + on, amount, kind))
            if back > 0:
                parts.append((issued + on + back, -amount, kind))
        amount = draw(st.integers(1, 90)) + sum(part[1] for part in parts if part[1] > 0)
        made.append(claim(issued + draw(st.integers(0, 90)), amount, *parts, issued=issued))
    return made


class TestAgeing(DomainCase):
    def test_buckets(self):
        for days_late, expected in (
            (-50, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (999, 4)
        ):
            self.assertEqual(bucket_of(days_late), expected)
        self.assertEqual(bucket_of(8, (0, 7)), 2)

    def test_today_and_in_the_past(self):
        claims = [
            claim(5, 100), claim(0, 200), claim(-1, 400, (-3, 150)), claim(-31, 800, (0, 800)),
            claim(-100, 1600, (-50, 600), (-20, -600)), claim(-5, -50), claim(9, 9, issued=1),
        ]
        for number, expected in (
            (1, (109, 200 + 250 - 50, 0, 0, 1600)),
            (0, (300, 250 - 50, 0, 0, 1600)),
            (-1, (300 + 250, -50 + 800, 0, 0, 1600)),
            (-4, (300 + 400, 800 - 50, 0, 0, 1600)),
            (-30, (300 + 400 - 50, 800, 0, 1000, 0)),
            (-201, (0, 0, 0, 0, 0)),
        ):
            with self.subTest(number=number):
                self.assertEqual(ageing(claims, day(number)), expected)

    @given(ledgers(), st.integers(-220, 300))
    def test_a_plain_recomputation_finds_the_same(self, claims, number):
        """Claim by claim, day by day, and each bucket asked for its own."""
        on, bounds = day(number), ((-9999, 0), (1, 30), (31, 60), (61, 90), (91, 9999))
        expected = []
        for low, high in bounds:
            left = 0
            for each in claims:
                if each.issued_on <= on and low <= (on - each.due_on).days <= high:
                    left += each.amount
                    for part in each.settled:
                        left -= part.amount if part.on <= on else 0
            expected.append(left)
        self.assertEqual(list(ageing(claims, on)), expected)
        self.assertEqual(receivables(claims, on), sum(expected))
        self.assertEqual(not_due(claims, on), expected[0])


class TestDso(DomainCase):
    def test_of_a_period(self):
        self.assertEqual(dso(300_000, 900_000, 90), 30)
        self.assertEqual(dso(0, 1, 30), 0)
        self.assertIsNone(dso(100, 0, 30))
        self.assertIsNone(dso(100, -5, 30))

    def test_by_counting_back(self):
        months = [(100_000, 31), (80_000, 30), (70_000, 28)]
        for open_at_end, days, complete in (
            (212_000, 31 + 30 + Fraction(32_000 * 28, 70_000), True), (0, 0, True),
            (-5, 0, True), (50_000, Fraction(31, 2), True), (100_000, 31, True),
            (180_000, 61, True), (250_000, 89, True), (250_001, 89, False),
        ):
            with self.subTest(open_at_end=open_at_end):
                self.assertEqual(dso_count_back(open_at_end, months), CountBack(days, complete))
        self.assertEqual(dso_count_back(10, [(0, 31), (-5, 30), (20, 28)]), CountBack(75, True))
        self.assertEqual(dso_count_back(10, []), CountBack(0, False))

    @given(st.integers(0, 500), st.lists(st.tuples(st.integers(0, 90), st.integers(28, 31))))
    def test_even_sales_give_the_same_both_ways(self, left, months):
        steady = [(60, 30)] * 12
        self.assertEqual(dso_count_back(left, steady).days, dso(left, 720, 360))
        more, less = dso_count_back(left + 1, months), dso_count_back(left, months)
        self.assertGreaterEqual(more.days, less.days)

    def test_working_capital(self):
        self.assertEqual(working_capital(3650, 365, Fraction(60), Fraction(45)), 150)
        self.assertEqual(working_capital(3650, 365, Fraction(45), Fraction(60)), -150)
        with self.assertRaises(ValueError):
            working_capital(1, 0, Fraction(1), Fraction(2))


class TestEffectiveness(DomainCase):
    def test_a_published_example(self):
        """creditguru.com: 6200 at the start, 10890 in three months, 6340 at the end, of it 3590
        current: 55.9 %."""
        found = effectiveness(6200, 10_890, 6340, 3590, 3)
        self.assertEqual(found, Fraction(3490, 6240))
        self.assertEqual(f"{float(found):.3f}", "0.559")

    def test_ends(self):
        self.assertEqual(effectiveness(100, 50, 50, 50), 1)
        self.assertEqual(effectiveness(100, 50, 150, 50), 0)
        self.assertIsNone(effectiveness(0, 50, 50, 50))
        self.assertIsNone(effectiveness(0, 0, 0, 0))


class TestDaysLate(DomainCase):
    def test_by_amount(self):
        claims = [
            claim(-20, 100, (-10, 30), (-25, 70)), claim(-9, 100, (-9, 100, CREDIT)),
            claim(-40, 50, (-10, 50), (3, -50)),
        ]
        for first, last, early, expected in (
            (-30, 0, True, Fraction(300 - 350 + 1500, 150)), (-30, 0, False, Fraction(1800, 150)),
            (-30, -25, True, Fraction(-5)), (-9, 0, True, None),
            (-24, 3, True, Fraction(300 + 1500 - 43 * 50, 30)),
        ):
            with self.subTest(first=first, last=last, early=early):
                self.assertEqual(average_days_late(claims, day(first), day(last), early), expected)


class TestAllowance(DomainCase):
    def test_by_matrix(self):
        rates = [Fraction(0), Fraction(1, 100), Fraction(1, 3), Fraction(1, 2), Fraction(1)]
        made = allowance((900, 250, 100, -40, 7), rates)
        self.assertEqual([each.allowance for each in made], [0, 3, 33, 0, 7])
        self.assertEqual([each.amount for each in made], [900, 250, 100, -40, 7])
        for wrong in (rates[:4], [*rates[:4], Fraction(2)], [*rates[:4], Fraction(-1)]):
            with self.assertRaises(ValueError):
                allowance((0,) * 5, wrong)

    def test_past_loss_rates(self):
        claims = [
            claim(-210, 100, (-50, 60), (-20, 40, LOSS)), claim(-210, 100, (-190, 100)),
            claim(-190, 300, (-10, 100), (-5, 120, CREDIT)), claim(-190, 50, (-10, 50, CREDIT)),
            claim(-290, 90, (-250, 20)), claim(-290, 30, (1, 30)), claim(5, 9, issued=-10),
        ]
        claims = [each._replace(issued_on=date(2025, 1, 1)) for each in claims[:-1]] + claims[-1:]
        found = loss_rates(claims, day(-200), TODAY, min_cases=1)
        self.assertEqual(found, (
            LossRate(Fraction(80, 180), 1), LossRate(Fraction(40, 200), 2), LossRate(None, 0),
            LossRate(Fraction(1), 2), LossRate(None, 0),
        ))
        few = loss_rates(claims, day(-200), TODAY, min_cases=2)
        self.assertEqual([each.rate for each in few], [None, Fraction(1, 5), None, 1, None])

    @given(ledgers(), st.integers(-100, 50), st.integers(0, 100))
    def test_rates_are_rates_and_fall_with_time(self, claims, number, wait):
        claims = [  # what was taken back may be lost again
            each._replace(settled=tuple(part for part in each.settled if part.amount > 0
                                        and part.kind != CREDIT)) for each in claims
        ]
        soon = loss_rates(claims, day(number), day(number + wait), min_cases=1)
        later = loss_rates(claims, day(number), day(number + wait + 40), min_cases=1)
        for one, other in zip(soon, later, strict=True):
            self.assertEqual(one.cases, other.cases)
            if one.cases:
                self.assertTrue(0 <= other.rate <= one.rate <= 1)


class TestKept(DomainCase):
    def test_of_those_decided(self):
        for outcomes, expected in (
            ({}, None), ({"running": 4, "cancelled": 1}, None), ({"kept": 3}, 1),
            ({"broken": 2}, 0), ({"kept": 3, "broken": 1, "running": 9}, Fraction(3, 4)),
        ):
            self.assertEqual(kept_share(outcomes), expected)
