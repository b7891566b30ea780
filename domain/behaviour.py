"""How a debtor pays, and when an open claim may be expected: his own past, nothing else.

No model is fitted. The expectation is the median of days late of what he paid before, with the
range of the middle half; where he has paid too little, that of his segment; without either, the
due date. Who looks can count it himself. A claim that is late already is compared with those that
were at least as late: the past of a claim that has passed its usual day is another one.
"""
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

MIN_PAYMENTS = 5
RECENT = 5
OWN, SEGMENT, TERMS = "own", "segment", "terms"


class Paid(NamedTuple):
    """A claim that cash has settled in full, on the day of its last part."""

    due_on: date
    paid_on: date
    amount: int

    @property
    def days_late(self) -> int:
        return (self.paid_on - self.due_on).days


class History(tuple[int, ...]):
    """Days late of past payments, in order: what is in order once need not be put in order for each
    claim of a large ledger."""

    __slots__ = ()

    def __new__(cls, days: Iterable[int] = ()) -> "History":
        return days if isinstance(days, History) else super().__new__(cls, sorted(days))


class Behaviour(NamedTuple):
    """``mean``: average days late, each claim the same; ``weighted``: by amount. ``trend``: mean of
    the latest payments less that of those before, above 0 when it gets worse. ``late_share``: of
    claims paid more than ``grace`` days late. Days early count below 0. Figures None without
    payments, ``trend`` without enough of them. ``n``: payments looked at."""

    n: int
    mean: Fraction | None = None
    weighted: Fraction | None = None
    median: Fraction | None = None
    trend: Fraction | None = None
    late_share: Fraction | None = None


class Expectation(NamedTuple):
    """``on``: the median; ``earliest`` and ``latest``: the middle half of ``n`` payments of the
    debtor ("own") or his "segment". ``basis`` "terms": too little is known, the due date is all.
    ``on`` None: and that has passed, so no day can be named."""

    on: date | None
    earliest: date | None
    latest: date | None
    basis: str
    n: int


def behaviour(payments: Sequence[Paid], today: date, grace: int = 0) -> Behaviour:
    """Of what was paid up to ``today``, by the day of payment. Rows: receivable lines settled by
    cash, the day of the last part. Pitfalls: what he has never paid is not in it, so show his
    overdue beside it; a small invoice counts as much as a big one in all but ``weighted``; the
    trend compares the last 5 payments with those before, from 10 on."""
    known = sorted(
        (each for each in payments if each.paid_on <= today),
        key=lambda each: (each.paid_on, each.due_on, each.amount),
    )
    if not known:
        return Behaviour(0)
    days = [each.days_late for each in known]
    weight = sum(each.amount for each in known)
    weighed = sum(each.amount * each.days_late for each in known)
    return Behaviour(
        n=len(known),
        mean=_mean(days),
        weighted=Fraction(weighed, weight) if weight > 0 else None,
        median=quantile(days, Fraction(1, 2)),
        trend=_mean(days[-RECENT:]) - _mean(days[:-RECENT]) if len(days) >= 2 * RECENT else None,
        late_share=Fraction(sum(late > grace for late in days), len(days)),
    )


def expect(
    due_on: date, own: Sequence[int], segment: Sequence[int], today: date,
    min_payments: int = MIN_PAYMENTS,
) -> Expectation:
    """When an open claim may be paid. ``own``, ``segment``: days late of past payments (of the last
    year or two, the shell says which). Only those that were not paid earlier than the claim can be
    now are asked; of fewer than ``min_payments``, the next basis is. A part of a day widens the
    range and delays the day. A claim later than all that is known has no day at all: that is for a
    person to look at, not for a forecast."""
    late_now = (today - due_on).days
    for basis, known in ((OWN, own), (SEGMENT, segment)):
        history = History(known)
        first = bisect_left(history, late_now)
        possible = len(history) - first
        if possible >= max(min_payments, 1):
            low, middle, high = (_quarters(history, first, part) for part in (1, 2, 3))
            on, earliest, latest = (
                due_on + timedelta(days=days) for days in (-(-middle // 4), low // 4, -(-high // 4))
            )
            return Expectation(on, earliest, latest, basis, possible)
    if late_now <= 0:
        return Expectation(due_on, due_on, due_on, TERMS, 0)
    return Expectation(None, None, None, TERMS, 0)


def quantile(values: Sequence[int], part: Fraction) -> Fraction:
    """The value below which ``part`` of the values lie, straight between the two next ones (type 7
    of Hyndman and Fan 1996, as spreadsheets do). ``ValueError`` "values" without any."""
    if not values:
        raise ValueError("values")
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _quarters(history: History, first: int, part: int) -> int:
    """``quantile`` of ``part`` quarters of those from number ``first`` on, in quarters of a day."""
    below, rest = divmod(part * (len(history) - 1 - first), 4)
    low = history[first + below]
    return 4 * low + (rest * (history[first + below + 1] - low) if rest else 0)


def _mean(days: Sequence[int]) -> Fraction:
    return Fraction(sum(days), len(days))

