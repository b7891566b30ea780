from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ..domain.fee_memory import all_receipts, first_unstated
from ..domain.fee_statement import Book, Terms, span_end, statement
from ..domain.fees import Entrusted, Receipt, earned
from .domain_common import DomainCase, day
from .domain_fees import bands, books, without_reversed
from .test_domain_fee_statement import all_terms

PERIODS = [(day(0), day(29)), (day(30), day(59)), (day(60), day(99))]


def remembered(receipts, last):
    """What confirmed statements up to ``last`` have in their lines."""
    return [receipt for receipt in receipts if receipt.on <= last]


class TestAllReceipts(DomainCase):
    def test_what_the_ledger_has_is_there_once(self):
        ledger = {("P", day(3)): 100, ("P", day(40)): 50}
        first = all_receipts((), ledger, day(0))
        self.assertEqual(first, (Receipt("P", day(3), 100), Receipt("P", day(40), 50)))
        stated = remembered(first, day(29))
        self.assertEqual(sorted(all_receipts(stated, ledger, day(30))), sorted(first))

    def test_what_is_gone_is_taken_back_on_the_first_day(self):
        stated = [Receipt("P", day(3), 100)]
        self.assertEqual(
            all_receipts(stated, {}, day(30)),
            (*stated, Receipt("P", day(30), -100, day(3))),
        )

    def test_taken_back_once_it_is_not_taken_back_again(self):
        stated = [Receipt("P", day(3), 100), Receipt("P", day(30), -100, day(3))]
        self.assertEqual(all_receipts(stated, {}, day(60)), tuple(stated))

    def test_money_that_comes_again_on_its_old_day_is_made_good(self):
        stated = [Receipt("P", day(3), 100), Receipt("P", day(30), -100, day(3))]
        found = all_receipts(stated, {("P", day(3)): 70}, day(60))
        self.assertEqual(found[2:], (Receipt("P", day(60), 70, day(3)),))

    def test_a_payment_booked_after_its_period_was_stated_counts_on_its_own_day(self):
        [late] = all_receipts((), {("P", day(3)): 100}, day(30))
        self.assertEqual((late.on, late.received_on), (day(30), day(3)))

    @given(st.lists(
        st.dictionaries(
            st.integers(0, 99), st.integers(1, 90), max_size=6,
        ), min_size=3, max_size=3,
    ), bands(ages=(0,)), st.integers(0, 300))
    def test_whatever_the_ledger_forgets_the_sum_is_what_stayed(self, ledgers, tiers, amount):
        """The ledger is another one at each statement: payments undone, moved, found later."""
        terms = Terms(day(0), bands=tiers)
        placement = Entrusted("P", day(0), amount, 10)
        stated, total = [], 0
        for (first, last), ledger in zip(PERIODS, ledgers, strict=True):
            cash = {("P", day(on)): units for on, units in ledger.items() if day(on) <= last}
            receipts = all_receipts(stated, cash, first)
            total += statement(terms, Book((placement,), receipts), first, last).total
            stated = remembered(receipts, last)
        self.assertEqual(total, earned(amount, sum(ledgers[-1].values()), tiers[0]))

    @given(all_terms(), books())
    def test_statements_with_a_memory_add_up_to_the_whole(self, terms, book):
        placements, receipts = book
        kept = without_reversed(receipts)
        cash = {}
        for receipt in kept:
            key = receipt.placement, receipt.on
            cash[key] = cash.get(key, 0) + receipt.amount
        first, last = min(terms.start, day(0)), day(300)
        whole = statement(
            terms, Book(placements, all_receipts((), cash, first)), first, last
        ).total
        stated, total = [], 0
        for begin in range((last - first).days // 30 + 1):
            here = first + timedelta(days=30 * begin)
            there = min(here + timedelta(days=29), last)
            if here > last:
                break
            found = all_receipts(stated, cash, here)
            total += statement(terms, Book(placements, found), here, there).total
            stated = remembered(found, there)
        self.assertEqual(total, whole)


class TestPeriods(DomainCase):
    def test_the_first_day_that_nobody_has_stated(self):
        for periods, expected in (
            ([], (day(0), None)),
            ([(day(0), day(9))], (day(10), None)),
            ([(day(0), day(9)), (day(10), day(19))], (day(20), None)),
            ([(day(5), day(9))], (day(0), day(4))),
            ([(day(20), day(29)), (day(0), day(9))], (day(10), day(19))),
        ):
            with self.subTest(periods=periods):
                self.assertEqual(first_unstated(day(0), periods), expected)

    def test_a_span_ends_with_its_month_quarter_or_year(self):
        for months, expected in (
            (1, date(2026, 2, 28)), (3, date(2026, 3, 31)), (6, date(2026, 6, 30)),
            (12, date(2026, 12, 31)),
        ):
            self.assertEqual(span_end(date(2026, 2, 10), months), expected)
        self.assertEqual(span_end(date(2026, 12, 31), 1), date(2026, 12, 31))
