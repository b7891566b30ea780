from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ..domain.capacity import PER_MONTH, Business, Household, capacity, terms_from_capacity
from ..domain.schedule import schedule
from .domain_common import TODAY, DomainCase, day, dealt

FIGURES = range(0, 3000, 7)
ALL = Fraction(1)

households = dealt(*[FIGURES] * 5, range(5), FIGURES, FIGURES, range(0, 500, 9)).map(
    lambda values: Household(*values)
)
businesses = dealt(*[FIGURES] * 7, [Fraction(n, 10) for n in range(11)]).map(
    lambda values: Business(*values)
)


class TestCapacity(DomainCase):
    def test_half_of_what_a_household_has_left(self):
        sheet = Household(
            net_income=1600, other_income=200, housing=600, utilities=150, living=500,
            other_instalments=100, other=50,
        )
        for name, values, expected in (
            ("as stated", {}, 200),
            ("rounded down", {"other": 51}, 199),
            ("nothing is left", {"housing": 1000}, 0),
            ("less than nothing", {"housing": 2000}, 0),
            ("living above the minimum", {"minimum_per_head": 500}, 200),
            ("living below the minimum", {"minimum_per_head": 600}, 150),
            ("a minimum for each head", {"minimum_per_head": 250, "dependants": 2}, 75),
            ("dependants without a minimum", {"dependants": 2}, 200),
        ):
            with self.subTest(name):
                self.assertEqual(capacity(sheet._replace(**values)), expected)

    def test_half_of_what_a_business_has_left(self):
        sheet = Business(
            expected_receipts=10_000, suppliers=4000, staff=2000, rent=500, taxes=800,
            other_instalments=300, other=400,
        )
        for name, values, expected in (
            ("a tenth stays aside", {}, 500),
            ("no reserve", {"reserve_share": Fraction(0)}, 1000),
            ("the reserve is rounded up", {"expected_receipts": 10_001}, 500),
            ("all is reserve", {"reserve_share": ALL}, 0),
            ("less than nothing", {"staff": 5000}, 0),
        ):
            with self.subTest(name):
                self.assertEqual(capacity(sheet._replace(**values)), expected)

    def test_another_share(self):
        sheet = Household(1000, housing=400)
        for share, expected in ((0, 0), (Fraction(1, 3), 200), (Fraction(1, 7), 85), (1, 600)):
            with self.subTest(share=share):
                self.assertEqual(capacity(sheet, Fraction(share)), expected)

    def test_nonsense_is_refused(self):
        for code, sheet, share in (
            ("negative", Household(1000, housing=-1), ALL),
            ("negative", Business(1000, reserve_share=Fraction(-1)), ALL),
            ("share", Household(1000), Fraction(11, 10)), ("share", Household(1000), -ALL),
            ("share", Business(1000, reserve_share=Fraction(2)), ALL),
        ):
            with self.subTest(code, sheet=sheet), self.assertRaises(ValueError) as raised:
                capacity(sheet, share)
            self.assertEqual(raised.exception.args, (code,))

    @given(households | businesses, st.integers(0, 8), st.integers(0, 100))
    def test_more_costs_and_more_heads_never_mean_more_capacity(self, sheet, index, more):
        before = capacity(sheet)
        self.assertGreaterEqual(before, 0)
        incomes = ("net_income", "other_income", "expected_receipts", "reserve_share")
        name = sheet._fields[index % len(sheet)]
        if name not in incomes:
            worse = sheet._replace(**{name: getattr(sheet, name) + more})
            self.assertLessEqual(capacity(worse), before)


class TestTermsFromCapacity(DomainCase):
    def test_what_is_paid_each_time(self):
        for frequency, round_to, expected in (
            ("month", 1, 1234), ("month", 100, 1200), ("month", 500, 1000),
            ("week", 1, 284), ("fortnight", 1, 569), ("quarter", 1, 3702), ("quarter", 500, 3500),
        ):
            with self.subTest(frequency=frequency, round_to=round_to):
                terms = terms_from_capacity(9999, 1234, TODAY, frequency, round_to)
                self.assertEqual((terms.amount, terms.count), (expected, 0))
                self.assertEqual((terms.total, terms.first_on), (9999, TODAY))
                self.assertEqual(terms.frequency, frequency)

    def test_nothing_to_pay_from(self):
        for code, *values in (
            ("no_capacity", 0, TODAY), ("no_capacity", 4, TODAY, "week"),
            ("no_capacity", 99, TODAY, "month", 100), ("frequency", 99, TODAY, "daily"),
        ):
            with self.subTest(code, values=values), self.assertRaises(ValueError) as raised:
                terms_from_capacity(1000, *values)
            self.assertEqual(raised.exception.args, (code,))

    @given(st.integers(1, 5000), st.integers(50, 3000), st.sampled_from(list(PER_MONTH)))
    def test_no_year_asks_for_more_than_twelve_months_can_pay(self, total, able, frequency):
        plan = schedule(terms_from_capacity(total, able, TODAY, frequency))
        year = sum(each.amount for each in plan if each.due_on < day(364))
        self.assertLessEqual(year, 12 * able)
        self.assertEqual(sum(each.amount for each in plan), total)
