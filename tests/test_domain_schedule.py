from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ..domain.money import from_units, to_units
from ..domain.schedule import (
    FREQUENCY_DAYS,
    FREQUENCY_MONTHS,
    MAX_INSTALMENTS,
    Instalment,
    Limit,
    Terms,
    add_months,
    excess,
    faults,
    most_interest,
    schedule,
)
from .domain_common import TODAY, DomainCase, day

FREQUENCIES = (*FREQUENCY_DAYS, *FREQUENCY_MONTHS)
WEEKENDS = frozenset(on for on in map(day, range(400)) if on.weekday() > 4)

rates = st.sampled_from((Fraction(0), Fraction(1, 20), Decimal("0.1065"), Fraction(1)))


@st.composite
def all_terms(draw, **values):
    """Terms without a fault; whether an amount covers its interest is another matter."""
    total = draw(st.integers(1, 10**7))
    down_payment = draw(st.integers(0, total - 1))
    count = draw(st.integers(0, min(60, total - down_payment)))
    drawn = {
        "count": count,
        "amount": 0 if count else draw(st.integers(total // 500 + 1, total + 10)),
        "frequency": draw(st.sampled_from(FREQUENCIES)),
        "day_of_month": draw(st.integers(0, 31)),
        "down_payment": down_payment,
        "down_on": day(draw(st.integers(-20, 0))),
        "rate": draw(rates),
        "closed": draw(st.sampled_from((frozenset(), WEEKENDS))),
        "interest_from": draw(st.sampled_from((None, day(-30), day(10)))),
    }
    return Terms(total, day(draw(st.integers(0, 40))), **drawn | values)


class TestScheduleTables(DomainCase):
    def amounts(self, total, **values):
        return [each.amount for each in schedule(Terms(total, TODAY, **values))]

    def due(self, first_on, count=4, **values):
        found = schedule(Terms(100, first_on, count=count, **values))
        return [(each.due_on.month, each.due_on.day) for each in found]

    def test_equal_instalments_differ_by_a_unit_at_most(self):
        for total, count, expected in (
            (9, 3, [3, 3, 3]), (100, 3, [34, 33, 33]), (101, 3, [34, 34, 33]), (1, 1, [1]),
            (1000, 600, [2] * 400 + [1] * 200),
        ):
            with self.subTest(total=total, count=count):
                self.assertEqual(self.amounts(total, count=count), expected)

    def test_the_last_of_given_instalments_is_what_is_left(self):
        for total, amount, expected in (
            (90, 30, [30, 30, 30]), (100, 30, [30, 30, 30, 10]), (10, 30, [10]), (31, 30, [30, 1]),
        ):
            with self.subTest(total=total, amount=amount):
                self.assertEqual(self.amounts(total, amount=amount), expected)

    def test_any_currency(self):
        for amount, rounding, count, expected in (
            (1000, 0.01, 3, [333.34, 333.33, 333.33]), (1000, 1, 3, [334, 333, 333]),
            (10.05, 0.05, 2, [5.05, 5.0]), (1, 0.05, 3, [0.35, 0.35, 0.3]),
            (1, 0.001, 3, [0.334, 0.333, 0.333]),
        ):
            with self.subTest(rounding=rounding):
                units = self.amounts(to_units(amount, rounding), count=count)
                self.assertEqual([from_units(each, rounding) for each in units], expected)

    def test_days_of_the_month_that_not_all_months_have(self):
        for first_on, values, expected in (
            (date(2026, 1, 31), {}, [(1, 31), (2, 28), (3, 31), (4, 30)]),
            (date(2028, 1, 31), {}, [(1, 31), (2, 29), (3, 31), (4, 30)]),
            (date(2028, 1, 30), {}, [(1, 30), (2, 29), (3, 30), (4, 30)]),
            (date(2026, 2, 28), {"day_of_month": 31}, [(2, 28), (3, 31), (4, 30), (5, 31)]),
            (date(2026, 11, 30), {"frequency": "quarter"}, [(11, 30), (2, 28), (5, 30), (8, 30)]),
            (date(2028, 2, 29), {"frequency": "quarter"}, [(2, 29), (5, 29), (8, 29), (11, 29)]),
        ):
            with self.subTest(first_on=first_on, **values):
                self.assertEqual(self.due(first_on, **values), expected)

    def test_the_day_of_the_month_is_not_before_the_first_day(self):
        for first_on, day_of_month, expected in (
            (date(2026, 1, 20), 5, [(2, 5), (3, 5)]), (date(2026, 1, 20), 20, [(1, 20), (2, 20)]),
            (date(2026, 1, 20), 27, [(1, 27), (2, 27)]), (date(2026, 12, 20), 1, [(1, 1), (2, 1)]),
        ):
            with self.subTest(day_of_month=day_of_month):
                self.assertEqual(self.due(first_on, 2, day_of_month=day_of_month), expected)

    def test_weeks(self):
        first_on = date(2028, 2, 22)
        self.assertEqual(self.due(first_on, 3, frequency="week"), [(2, 22), (2, 29), (3, 7)])
        self.assertEqual(self.due(first_on, 2, frequency="fortnight"), [(2, 22), (3, 7)])

    def test_a_closed_day_moves_its_instalment_only(self):
        closed = frozenset((date(2026, 2, 28), date(2026, 3, 1), date(2026, 1, 6)))
        self.assertEqual(
            self.due(date(2026, 1, 31), closed=closed), [(1, 31), (3, 2), (3, 31), (4, 30)]
        )
        down, first = schedule(Terms(
            10, date(2026, 1, 7), count=1, down_payment=4, down_on=date(2026, 1, 6), closed=closed
        ))
        self.assertEqual((down.due_on, first.due_on), (date(2026, 1, 7), date(2026, 1, 7)))

    def test_the_down_payment_comes_first(self):
        found = schedule(Terms(100, day(30), count=3, down_payment=10, down_on=TODAY))
        self.assertEqual([each.amount for each in found], [10, 30, 30, 30])
        self.assertEqual(found[0].due_on, TODAY)

    def test_interest_is_simple_and_on_what_is_outstanding(self):
        """73 days are a fifth of a year: at 10 % 2 % of the principal."""
        terms = Terms(
            1000, day(73), count=1, rate=Fraction(1, 10), interest_from=TODAY,
        )
        self.assertEqual(schedule(terms), (Instalment(day(73), 1020, 20),))
        weekly = terms._replace(count=2, frequency="week", rate=Decimal(1))
        self.assertEqual(schedule(weekly), (  # 1000 × 73/365, 500 × 7/365 = 9.589
            Instalment(day(73), 700, 200), Instalment(day(80), 510, 10),
        ))

    def test_interest_is_contained_in_given_amounts(self):
        terms = Terms(
            1000, day(73), amount=700, frequency="week", rate=Decimal(1), interest_from=TODAY
        )
        self.assertEqual(schedule(terms), (
            Instalment(day(73), 700, 200), Instalment(day(80), 510, 10),
        ))
        self.assertEqual([each.principal for each in schedule(terms)], [500, 500])

    def test_half_a_unit_of_interest_is_rounded_up(self):
        for total, expected in ((24, 0), (25, 1), (74, 1), (75, 2)):  # 2 % of it
            terms = Terms(total, day(73), count=1, rate=Fraction(1, 10), interest_from=TODAY)
            with self.subTest(total=total):
                self.assertEqual(schedule(terms)[0].interest, expected)

    def test_from_when_interest_runs(self):
        terms = Terms(1000, day(73), count=1, rate=Decimal(1))
        down = {"down_payment": 500, "down_on": TODAY}
        for name, values, expected in (
            ("nobody said when", {}, 0),
            ("named", {"interest_from": TODAY}, 200),
            ("after the first", {"interest_from": day(80)}, 0),
            ("with the second", {
                "interest_from": day(80), "count": 2, "frequency": "week",
            }, 0),
            ("from the down payment, on the rest", down, 100),
            ("not before the down payment", down | {"interest_from": day(-73)}, 100),
            ("after the down payment", down | {"interest_from": day(73)}, 0),
        ):
            with self.subTest(name):
                found = schedule(terms._replace(**values))
                self.assertEqual(sum(each.interest for each in found), expected)

    def test_nonsense_is_refused(self):
        fine = Terms(100, TODAY, count=2)
        down = {"down_payment": 10, "down_on": TODAY}
        for code, values in (
            ("total", {"total": 0}), ("total", {"total": -5}), ("negative", {"count": -1}),
            ("negative", {"down_payment": -1}), ("no_size", {"count": 0}),
            ("two_sizes", {"amount": 5}), ("down_payment", down | {"down_payment": 100}),
            ("down_date", down | {"down_on": None}), ("down_date", down | {"down_on": day(1)}),
            ("frequency", {"frequency": "daily"}), ("day_of_month", {"day_of_month": 32}),
            ("rate", {"rate": Decimal(5)}), ("rate", {"rate": Decimal(-1)}),
            ("first_date", {"first_on": date(9999, 12, 31)}), ("too_many", {"count": 601}),
            ("too_small", {"count": 101}), ("too_small", down | {"count": 91}),
            ("too_many", {"total": 601, "count": 0, "amount": 1}),
            ("amount_below_interest", {
                "total": 365_000, "count": 0, "amount": 7000, "rate": Decimal(1),
                "interest_from": day(-7),
            }),
        ):
            with self.subTest(code, **values), self.assertRaises(ValueError) as raised:
                schedule(fine._replace(**values))
            self.assertEqual(raised.exception.args, (code,))
        self.assertEqual(faults(fine), ())
        self.assertEqual(faults(Terms(0, TODAY, frequency="")), ("total", "no_size", "frequency"))

    def test_the_longest_plan(self):
        self.assertEqual(len(self.amounts(600, amount=1)), MAX_INSTALMENTS)
        self.assertEqual(len(self.amounts(700, count=600)), MAX_INSTALMENTS)

    def test_months_later(self):
        for on, months, expected in (
            (date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2028, 1, 31), 1, date(2028, 2, 29)),
            (date(2026, 12, 31), 2, date(2027, 2, 28)), (date(2026, 5, 4), 0, date(2026, 5, 4)),
            (date(2028, 2, 29), 12, date(2029, 2, 28)), (date(2026, 11, 1), 1, date(2026, 12, 1)),
        ):
            with self.subTest(on=on, months=months):
                self.assertEqual(add_months(on, months), expected)


class TestExcess(DomainCase):
    LIMITS = (Limit(100, 2, 10), Limit(1000, 6, 50), Limit(None, 12, 100))

    def check(self, expected, total, months, amount, limits=LIMITS, last=None):
        plan = [Instalment(add_months(TODAY, number + 1), amount) for number in range(months)]
        if last:
            plan[-1] = plan[-1]._replace(amount=last)
        self.assertEqual(excess(plan, total, limits, TODAY), expected)

    def test_the_limit_that_holds_the_total(self):
        for total, months, amount, expected in (
            (100, 2, 10, ()), (100, 3, 10, ("too_long",)), (100, 2, 9, ("instalment_too_small",)),
            (101, 3, 50, ()), (101, 3, 49, ("instalment_too_small",)),
            (1001, 12, 100, ()), (1001, 13, 99, ("too_long", "instalment_too_small")),
        ):
            with self.subTest(total=total, months=months, amount=amount):
                self.check(expected, total, months, amount)
                self.check(expected, total, months, amount, self.LIMITS[::-1])

    def test_nothing_is_beyond_no_limit(self):
        self.check((), 10**9, 400, 1, limits=())
        self.check((), 10**9, 400, 1, limits=(Limit(None, 0, 0),))

    def test_a_debt_above_all_limits_is_for_a_manager(self):
        self.check(("total_too_high",), 1001, 1, 1001, self.LIMITS[:2])

    def test_the_last_instalment_may_be_what_is_left(self):
        self.check((), 100, 2, 10, last=1)
        self.check((), 5, 1, 5)

    def test_a_closed_day_at_the_end_makes_no_plan_too_long(self):
        plan = [Instalment(add_months(TODAY, 2) + timedelta(days=1), 100)]
        self.assertEqual(excess(plan, 100, self.LIMITS, TODAY), ("too_long",))
        closed = frozenset({add_months(TODAY, 2)})
        self.assertEqual(excess(plan, 100, self.LIMITS, TODAY, closed), ())


class TestScheduleProperties(DomainCase):
    @given(all_terms())
    def test_principal_sums_to_the_total_and_dates_follow_each_other(self, terms):
        try:
            found = schedule(terms)
        except ValueError as error:
            self.assertTrue(terms.amount, error)
            self.assertIn(error.args[0], ("amount_below_interest", "too_many"))
            return
        self.assertEqual(sum(each.principal for each in found), terms.total)
        self.assertTrue(all(each.principal > 0 and each.interest >= 0 for each in found))
        due = [each.due_on for each in found]
        self.assertEqual(due, sorted(due))
        self.assertFalse(terms.closed.intersection(due))
        self.assertTrue(all(on >= terms.first_on for on in due[bool(terms.down_payment):]))

    @given(all_terms(), st.sampled_from((0.01, 1, 0.05, 0.001, 0.5)))
    def test_amounts_sum_as_the_ledger_sees_them(self, terms, rounding):
        found = schedule(terms._replace(
            rate=Fraction(0), count=terms.count or 1, amount=0
        ))
        amounts = [Decimal(str(from_units(each.amount, rounding))) for each in found]
        self.assertEqual(sum(amounts), Decimal(str(from_units(terms.total, rounding))))

    @given(all_terms())
    def test_instalments_are_what_was_agreed(self, terms):
        try:
            found = schedule(terms)[bool(terms.down_payment):]
        except ValueError:
            return
        if terms.count:
            parts = [each.principal for each in found]
            self.assertEqual(len(parts), terms.count)
            self.assertLessEqual(max(parts) - min(parts), 1)
        else:
            self.assertEqual({each.amount for each in found[:-1]} - {terms.amount}, set())
            self.assertLessEqual(found[-1].amount, terms.amount)

    @given(st.integers(1, 31), st.integers(0, 800), st.sampled_from((1, 3)))
    def test_months_are_not_skipped(self, day_of_month, start, months):
        frequency = "month" if months == 1 else "quarter"
        found = schedule(Terms(
            100, day(start), count=30, frequency=frequency, day_of_month=day_of_month
        ))
        due = [each.due_on for each in found]
        self.assertEqual({due[0].month % months}, {on.month % months for on in due})
        for before, after in zip(due, due[1:], strict=False):
            self.assertIn((after - before).days, range(28, 32) if months == 1 else range(89, 93))
            month_ends = add_months(after.replace(day=1), 1) - timedelta(days=1)
            self.assertEqual(after.day, min(day_of_month, month_ends.day))

    @given(all_terms(), st.integers(0, 400))
    def test_a_schedule_never_asks_more_interest_than_its_rate_gives(self, terms, ahead):
        since = terms.first_on - timedelta(days=ahead)
        try:
            made = schedule(terms._replace(interest_from=since))
        except ValueError:
            return
        since = min(since, made[0].due_on)
        self.assertLessEqual(
            sum(each.interest for each in made), most_interest(made, terms.rate, since)
        )

    def test_the_most_interest_by_hand(self):
        """600 for 73 days and 400 for 365 at 10 %: 12 and 40, and a unit each for the rounding."""
        since = date(2026, 1, 1)
        made = (
            Instalment(since + timedelta(days=73), 700, 100),
            Instalment(since + timedelta(days=365), 400),
        )
        self.assertEqual(most_interest(made, Fraction(1, 10), since), 52 + 2)
        self.assertEqual(most_interest(made, Fraction(0), since), 0)
