from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ..domain.fee_statement import (
    BONUS,
    CAP,
    MINIMUM,
    MONTH,
    PLACEMENT,
    SUCCESS,
    Book,
    Result,
    Target,
    Terms,
    faults,
    simulate,
    statement,
)
from ..domain.fees import Band, Entrusted, Receipt, Tier
from .domain_common import DomainCase, day
from .domain_fees import bands, books, without_reversed

TENTH = (Band(0, (Tier(Fraction(0), Fraction(1, 10)),)),)
START = date(2026, 3, 1)
TERMS = Terms(START, bands=TENTH)


def on(month, number):
    return date(2026, month, number)


def placed(key, when, amount=10_000, **values):
    return Entrusted(key, when, amount, 50, **values)


MARCH, APRIL, MAY = (
    (on(3, 1), on(3, 31)), (on(4, 1), on(4, 30)), (on(5, 1), on(5, 31))
)


def due(terms, book, periods, results=None):
    return [statement(terms, book, *period, results).total for period in periods]


@st.composite
def all_terms(draw):
    minimum = draw(st.sampled_from((0, 0, 10, 60)))
    return Terms(
        day(draw(st.integers(-40, 0))), draw(st.sampled_from((None, day(33), day(80)))),
        draw(bands(rising=False)), draw(st.sampled_from((0, 7))), draw(st.sampled_from((0, 11))),
        minimum, draw(st.sampled_from((None, minimum, 80))), draw(st.sampled_from((1, 3, 12))),
        draw(st.sampled_from((0, 9))),
    )


class TestStatement(DomainCase):
    def test_what_is_in_it(self):
        terms = TERMS._replace(per_placement=500, per_month=2000)
        book = Book((placed("P", on(3, 10)), placed("Q", on(4, 2))), (
            Receipt("P", on(3, 20), 3000), Receipt("P", on(4, 20), 1000),
            Receipt("Q", on(4, 1), 400),
        ))
        made = statement(terms, book, *APRIL)
        self.assertEqual(
            [(line.on.day, line.why, line.key, line.fee) for line in made.lines],
            [(1, MONTH, on(4, 1), 2000), (1, SUCCESS, "Q", 0), (2, PLACEMENT, "Q", 500),
             (20, SUCCESS, "P", 100)],
        )
        self.assertEqual(made[1:], (2500, 100, 0, 0))
        self.assertEqual(made.total, 2600)
        self.assertEqual(due(terms, book, [MARCH, APRIL, MAY]), [2800, 2600, 2000])
        self.assertEqual(made.lines[1].detail.why, "early")

    def test_months_in_which_the_mandate_runs(self):
        for start, until, expected in (
            (on(3, 1), None, [20, 20, 20]), (on(3, 31), on(4, 1), [20, 20, 0]),
            (on(4, 15), on(4, 20), [0, 20, 0]), (date(2025, 12, 1), on(3, 1), [20, 0, 0]),
        ):
            with self.subTest(start=start, until=until):
                terms = Terms(start, until, per_month=20)
                self.assertEqual(due(terms, Book(()), [MARCH, APRIL, MAY]), expected)

    def test_a_reversal_in_a_later_period_is_a_credit(self):
        book = Book((placed("P", on(3, 10)),), (
            Receipt("P", on(3, 20), 3000), Receipt("P", on(5, 5), -3000, on(3, 20)),
        ))
        self.assertEqual(due(TERMS, book, [MARCH, APRIL, MAY]), [300, 0, -300])

    def test_minimum_and_cap(self):
        book = Book((placed("P", on(3, 10)),), (
            Receipt("P", on(3, 20), 5000), Receipt("P", on(4, 20), 1000),
        ))
        for name, values, expected in (
            ("none", {}, [500, 100, 0]),
            ("minimum", {"minimum": 150}, [500, 150, 150]),
            ("cap", {"cap": 300}, [300, 100, 0]),
            ("a cap of 0", {"cap": 0}, [0, 0, 0]),
            ("both", {"minimum": 200, "cap": 200}, [200, 200, 200]),
            ("no minimum after the end", {"minimum": 150, "until": on(4, 10)}, [500, 150, 0]),
            ("a quarter's cap", {"cap": 550, "limit_months": 3}, [500, 100, 0]),
            ("a year's cap", {"cap": 550, "limit_months": 12}, [500, 50, 0]),
            ("a quarter's minimum", {"minimum": 600, "limit_months": 3}, [600, 100, 0]),
        ):
            with self.subTest(name):
                terms = TERMS._replace(**values)
                self.assertEqual(due(terms, book, [MARCH, APRIL, MAY]), expected)

    def test_the_minimum_waits_for_the_end_of_its_span(self):
        terms = TERMS._replace(minimum=150)
        self.assertEqual(statement(terms, Book(()), on(3, 1), on(3, 30)).total, 0)
        self.assertEqual(statement(terms, Book(()), on(3, 31), on(4, 29)).total, 150)
        ended = terms._replace(until=on(4, 10))
        self.assertEqual(statement(ended, Book(()), on(4, 1), on(4, 9)).total, 0)
        self.assertEqual(statement(ended, Book(()), on(4, 10), on(4, 15)).total, 150)

    def test_no_minimum_for_money_that_comes_after_the_mandate(self):
        book = Book((placed("P", on(3, 10)),), (Receipt("P", on(5, 20), 1000),))
        terms = TERMS._replace(minimum=150, until=on(4, 10))
        self.assertEqual(due(terms, book, [APRIL, MAY]), [150, 100])

    def test_what_was_cut_off_is_not_taken_back_again(self):
        book = Book((placed("P", on(3, 10)),), (
            Receipt("P", on(3, 20), 5000), Receipt("P", on(4, 20), -3500, on(3, 20)),
        ))
        capped = TERMS._replace(cap=300)
        made = statement(capped, book, *APRIL)
        self.assertEqual([(line.why, line.fee, line.key) for line in made.lines],
                         [(SUCCESS, -350, "P"), (CAP, 200, on(3, 1))])
        self.assertEqual(due(capped, book, [MARCH, APRIL]), [300, -150])
        guaranteed = TERMS._replace(minimum=400)
        self.assertEqual(due(guaranteed, book, [MARCH, APRIL]), [500, 400 - 100])
        made = statement(guaranteed, book, *APRIL)
        self.assertEqual([(line.why, line.fee) for line in made.lines],
                         [(SUCCESS, -350), (MINIMUM, 250), (MINIMUM, 400)])

    def test_bonus(self):
        terms = TERMS._replace(cap=300, targets=(
            Target("recovery", Fraction(2, 5), amount=50, min_cases=10),
            Target("satisfaction", Decimal("4.2"), rate=Fraction(1, 5)),
        ))
        book = Book((placed("P", on(3, 10)),), (Receipt("P", on(3, 20), 5001),))
        for name, results, expected in (
            ("none asked", None, []),
            ("reached", {"recovery": Result(Fraction(2, 5), 10)}, [("recovery", 50)]),
            ("missed", {"recovery": Result(Fraction(39, 100), 10)}, []),
            ("of too few", {"recovery": Result(Fraction(1), 9)}, []),
            ("nothing to say", {"recovery": Result(None, 99)}, []),
            ("a share of the success", {"satisfaction": Result(Decimal("4.2"), 1)},
             [("satisfaction", 100)]),
            ("both", {"satisfaction": Result(5, 1), "recovery": Result(1, 50)},
             [("recovery", 50), ("satisfaction", 100)]),
        ):
            with self.subTest(name):
                made = statement(terms, book, *MARCH, results)
                self.assertEqual(
                    [(line.key, line.fee) for line in made.lines if line.why == BONUS], expected
                )
                self.assertEqual(made.total, 300 + made.bonus, "the bonus comes on top of the cap")

    def test_no_share_of_a_credit(self):
        terms = TERMS._replace(targets=(Target("x", 0, rate=Fraction(1, 2)),))
        book = Book((placed("P", on(3, 10)),), (
            Receipt("P", on(3, 20), 3000), Receipt("P", on(4, 5), -3000, on(3, 20)),
        ))
        self.assertEqual(statement(terms, book, *APRIL, {"x": Result(1, 1)}).total, -300)

    def test_nonsense_is_refused(self):
        target = Target("x", 1)
        for code, values in (
            ("dates", {"until": on(2, 1)}), ("negative", {"per_month": -1}),
            ("negative", {"targets": (target._replace(amount=-1),)}),
            ("negative", {"cap": -1, "minimum": -1}),
            ("cap_below_minimum", {"minimum": 2, "cap": 1}),
            ("limit_months", {"limit_months": 5}), ("two_targets", {"targets": (target, target)}),
            ("target_rate", {"targets": (target._replace(rate=2),)}),
            ("mode", {"bands": (Band(0, (), mode="x"),)}),
        ):
            with self.subTest(code, values=values):
                self.assertEqual(faults(TERMS._replace(**values)), (code,))
                with self.assertRaises(ValueError) as raised:
                    statement(TERMS._replace(**values), Book(()), *MARCH)
                self.assertEqual(raised.exception.args, (code,))


class TestStatementProperties(DomainCase):
    @given(all_terms(), books(), st.lists(st.integers(-50, 180), min_size=2, max_size=5))
    def test_periods_in_a_row_add_up(self, terms, book, cuts):
        cuts = sorted({*cuts, -60, 190})
        book = Book(*book)
        pieces = [
            statement(terms, book, day(first), day(last - 1))
            for first, last in zip(cuts, cuts[1:], strict=False)
        ]
        whole = statement(terms, book, day(-60), day(189))
        self.assertEqual(sum(each.total for each in pieces), whole.total)
        self.assertEqual(sum(len([line for line in each.lines if line.why in (SUCCESS, MONTH)])
                             for each in pieces),
                         len([line for line in whole.lines if line.why in (SUCCESS, MONTH)]))

    @given(all_terms(), books(), st.integers(0, 100))
    def test_what_is_booked_later_changes_no_statement_made(self, terms, book, number):
        known = tuple(receipt for receipt in book[1] if receipt.on <= day(number))
        period = day(number - 30), day(number)
        self.assertEqual(statement(terms, Book(*book), *period),
                         statement(terms, Book(book[0], known), *period))

    @given(all_terms(), books())
    def test_the_lines_are_the_total(self, terms, book):
        made = statement(terms, Book(*book), day(-60), day(60))
        self.assertEqual(sum(line.fee for line in made.lines), made.total)

    @given(all_terms(), books())
    def test_within_the_limits_of_each_month(self, terms, book):
        """Without reversals the money of a month is its statement's, and that is within both."""
        placements, receipts = book
        terms = terms._replace(limit_months=1, until=None)
        book = Book(placements, without_reversed(receipts))
        for first, last in (MARCH, APRIL, MAY):
            total = statement(terms, book, first, last).total
            self.assertGreaterEqual(total, terms.minimum)
            self.assertLessEqual(total, total if terms.cap is None else terms.cap)

    @given(all_terms(), books())
    def test_reversals_leave_no_trace_in_one_span(self, terms, book):
        placements, receipts = book
        terms = terms._replace(limit_months=12)
        period = day(-60), day(290)
        self.assertEqual(
            statement(terms, Book(placements, receipts), *period).total,
            statement(terms, Book(placements, without_reversed(receipts)), *period).total,
        )


class TestSimulate(DomainCase):
    def test_on_this_portfolio(self):
        rising = (Band(0, (Tier(Fraction(0), Fraction(1, 20)),
                           Tier(Fraction(3, 10), Fraction(1, 5)))),)
        terms = TERMS._replace(
            bands=rising, per_placement=100, per_month=50, window_days=15,
            targets=(Target("recovery", Fraction(2, 5), 70, Fraction(1, 10)),),
        )
        portfolio = [placed("P", on(3, 5)), placed("Q", on(3, 9), 5000, kind="courtesy")]
        costs = simulate(terms, portfolio, [0, Fraction(1, 5), Decimal("0.4"), Fraction(3, 5)], 3)
        for cost, expected in zip(costs, (
            (0, 350, 0, 70, None),
            (3000, 350, 150, 85, Fraction(500, 3000)),
            (6000, 350, 150 + 75 + 300, 70 + 53, Fraction(875, 6000)),
            (9000, 350, 225 + 900, 70 + 113, Fraction(1475, 9000)),
        ), strict=True):
            with self.subTest(share=cost.share):
                self.assertEqual(
                    (cost.recovered, cost.fixed, cost.success, cost.bonus, cost.per_unit), expected
                )
                self.assertEqual(cost.total, cost.fixed + cost.success)

    def test_the_cap_of_a_month_is_met_month_by_month(self):
        terms = TERMS._replace(cap=200)
        (cost,) = simulate(terms, [placed("P", on(3, 5))], [Fraction(9, 10)], 3)
        self.assertEqual((cost.success, cost.adjusted, cost.total), (900, -300, 600))

    def test_nothing_to_place(self):
        (cost,) = simulate(TERMS._replace(minimum=10), [], [Fraction(1, 2)], 2)
        self.assertEqual((cost.recovered, cost.total, cost.per_unit), (0, 20, None))
