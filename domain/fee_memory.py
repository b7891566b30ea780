"""What statements have said, beside what the ledger says now.

A reversed payment takes its matching with the invoice along: the ledger forgets it, the agency has
been paid for it. So a confirmed statement remembers its receipts, and the next one books the
difference: a receipt that is gone, or is less, is taken back; one of a period that was stated
already, found later, is made good. Both are booked on the first day that is not stated yet, and
look at the day of their payment. What is given back in all is what a ledger that never had the
payment would not have earned.
"""
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date

from .fees import Receipt
from .rules import DAY

Cash = Mapping[tuple[Hashable, date], int]  # by placement and day


def all_receipts(stated: Iterable[Receipt], ledger: Cash, first: date) -> tuple[Receipt, ...]:
    """The receipts of the statement that begins on ``first``: those ``stated`` before as they were,
    and all in which the ``ledger`` differs from them."""
    known = tuple(stated)
    return (*known, *_differences(known, ledger, first))


def _differences(known: Iterable[Receipt], ledger: Cash, first: date) -> Iterator[Receipt]:
    left = dict(ledger)
    for receipt in known:
        key = receipt.placement, receipt.received_on
        left[key] = left.get(key, 0) - receipt.amount
    for (placement, day), amount in left.items():
        if amount:
            on = max(day, first)
            yield Receipt(placement, on, amount, day if on != day or amount < 0 else None)


def first_unstated(
    start: date, periods: Iterable[tuple[date, date]]
) -> tuple[date, date | None]:
    """The first day from ``start`` on that is in none of the periods, and the last one before the
    next of them (None: none follows)."""
    first = start
    for begin, end in sorted(periods):
        if begin > first:
            return first, begin - DAY
        first = max(first, end + DAY)
    return first, None
