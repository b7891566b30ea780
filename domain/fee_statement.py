"""What an agency is owed for a period: fixed and success fees, within a minimum and a cap, bonus.

A statement is computed from the ledger each time and remembers nothing. Those of a row of periods
add up to the statement of the whole: what is booked later, a payment taken back say, is in the
period in which it was booked, as a credit.

``minimum`` and ``cap`` hold for fixed and success fees of each span of ``limit_months`` calendar
months (1 month, 3 quarter, 12 year). Money counts in the span in which it came, and a reversal in
that of its payment: what the cap had cut off is not taken back once more. The minimum is topped up
when its span, or the mandate, is over, in full also where the mandate began or ended within it.
The bonus comes on top of all that.
"""
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import NamedTuple

from . import fees
from .fees import COURTESY, Band, Entrusted, FeeLine, Rate, Receipt, success_lines
from .rules import DAY
from .schedule import add_months

PLACEMENT, MONTH, SUCCESS, MINIMUM, CAP, BONUS = (
    "placement", "month", "success", "minimum", "cap", "bonus"
)


class Target(NamedTuple):
    """Reached with a measured value of ``at_least`` (a share, a mean, an NPS) from ``min_cases``
    cases: ``amount`` units, and ``rate`` of the success fees of the statement."""

    name: str
    at_least: Rate
    amount: int = 0
    rate: Rate = Fraction(0)
    min_cases: int = 1


class Result(NamedTuple):
    """What was measured of a target, from so many ``cases``; None where there is nothing to say."""

    value: Rate | None
    cases: int


class Terms(NamedTuple):
    """A mandate's remuneration, in units. ``per_month``: for each calendar month in which the
    mandate runs, on its first day in it. ``cap`` None: none. ``window_days``: see
    ``fees.success_lines``."""

    start: date
    until: date | None = None
    bands: tuple[Band, ...] = ()
    per_placement: int = 0
    per_month: int = 0
    minimum: int = 0
    cap: int | None = None
    limit_months: int = 1
    window_days: int = 0
    targets: tuple[Target, ...] = ()


class Book(NamedTuple):
    """What the mandate has seen up to now, all of it and not the period's part alone."""

    placements: tuple[Entrusted, ...]
    receipts: tuple[Receipt, ...] = ()


class Line(NamedTuple):
    """``key``: the placement, the target, or the first day of the month or span. ``detail``: of a
    success fee; lines of cash that earned nothing are there with the reason."""

    on: date
    why: str
    fee: int
    key: Hashable = None
    detail: FeeLine | None = None

    @property
    def counts_on(self) -> date:
        return self.detail.receipt.received_on if self.detail else self.on


class Statement(NamedTuple):
    """``adjusted``: what minimum and cap add and cut. A ``total`` below 0 is the agency's debt."""

    lines: tuple[Line, ...]
    fixed: int
    success: int
    adjusted: int
    bonus: int

    @property
    def total(self) -> int:
        return self.fixed + self.success + self.adjusted + self.bonus


class Cost(NamedTuple):
    """What it costs if ``share`` of each placement comes in. ``bonus``: what would come on top if
    every target were reached. ``per_unit``: without it, None where nothing comes in."""

    share: Rate
    recovered: int
    fixed: int
    success: int
    adjusted: int
    bonus: int
    total: int
    per_unit: Fraction | None


def faults(terms: Terms) -> tuple[str, ...]:
    """What makes no sense in ``terms``, as codes, those of the bands included."""
    wrong = {
        "dates": terms.until is not None and terms.until < terms.start,
        "negative": min(
            terms.per_placement, terms.per_month, terms.minimum, terms.cap or 0,
            terms.window_days, *(each.amount for each in terms.targets),
        ) < 0,
        "cap_below_minimum": terms.cap is not None and terms.cap < terms.minimum,
        "limit_months": terms.limit_months not in (1, 2, 3, 4, 6, 12),
        "target_rate": any(not 0 <= each.rate <= 1 for each in terms.targets),
        "two_targets": len({each.name for each in terms.targets}) < len(terms.targets),
    }
    own = tuple(code for code, is_wrong in wrong.items() if is_wrong)
    return own + fees.faults(terms.bands)


def statement(
    terms: Terms, book: Book, first: date, last: date,
    results: Mapping[str, Result] | None = None,
) -> Statement:
    """What is owed for the days from ``first`` to ``last``, by what is booked up to ``last``.
    ``results`` of the targets that this statement settles: the shell names each of them once.
    ``ValueError`` with a code of ``faults`` or of ``success_lines``."""
    for fault in faults(terms):
        raise ValueError(fault)
    known = [*_fixed(terms, book, last), *_success(terms, book, last)]
    limits = _limits(terms, known, first, last)
    stated = [line for line in known if first <= line.on]
    success = sum(line.fee for line in stated if line.why == SUCCESS)
    bonus = [line._replace(on=last) for line in _bonus(terms, max(success, 0), results or {})]
    return Statement(
        lines=(*sorted(stated, key=lambda line: line.on), *limits, *bonus),
        fixed=sum(line.fee for line in stated) - success,
        success=success,
        adjusted=sum(line.fee for line in limits),
        bonus=sum(line.fee for line in bonus),
    )


def span_end(day: date, months: int) -> date:
    """The last day of the calendar span (month, quarter, year) that holds ``day``."""
    return _month_start((_month_of(day) // months + 1) * months) - DAY


def simulate(
    terms: Terms, placements: Sequence[Entrusted], shares: Sequence[Rate], months: int = 6
) -> tuple[Cost, ...]:
    """"On this portfolio, at 20, 40, 60 % recovery, this costs …": so much of each placement comes
    in, in equal parts on one day of each of ``months`` from the first day on which it counts. What
    a courtesy call would have earned anyway is no part of the share."""
    return tuple(_cost(terms, tuple(placements), share, months) for share in shares)


def _fixed(terms: Terms, book: Book, last: date) -> Iterator[Line]:
    for placement in book.placements:
        if terms.per_placement and placement.on <= last:
            yield Line(placement.on, PLACEMENT, terms.per_placement, placement.key)
    day = terms.start
    while terms.per_month and day <= min(terms.until or last, last):
        yield Line(day, MONTH, terms.per_month, day)
        day = _month_start(_month_of(day) + 1)


def _success(terms: Terms, book: Book, last: date) -> Iterator[Line]:
    receipts = (receipt for receipt in book.receipts if receipt.on <= last)
    for line in success_lines(book.placements, receipts, terms.bands, terms.window_days):
        yield Line(line.receipt.on, SUCCESS, line.fee, line.receipt.placement, line)


def _limits(terms: Terms, known: Sequence[Line], first: date, last: date) -> list[Line]:
    """What each span is adjusted by now, less what it had been before ``first``."""
    ended = min(terms.until or last, last)
    runs = range(_span(terms, terms.start), _span(terms, ended) + 1)
    lines = []
    for span in sorted({*runs, *(_span(terms, line.counts_on) for line in known)}):
        own = [line for line in known if _span(terms, line.counts_on) == span]
        minimum = terms.minimum if span in runs else 0
        now = _adjusted(terms, own, minimum, span, last)
        before = _adjusted(terms, own, minimum, span, first - DAY)
        for why, fee in ((why, now[why] - before[why]) for why in now):
            if fee:
                lines.append(Line(last, why, fee, _month_start(span * terms.limit_months)))
    return lines


def _adjusted(
    terms: Terms, own: Sequence[Line], minimum: int, span: int, as_of: date
) -> dict[str, int]:
    total = sum(line.fee for line in own if line.on <= as_of)
    span_end = _month_start((span + 1) * terms.limit_months) - DAY
    is_over = as_of >= min(span_end, terms.until or span_end)
    return {
        MINIMUM: max(minimum - total, 0) if is_over and minimum else 0,
        CAP: min(terms.cap - total, 0) if terms.cap is not None else 0,
    }


def _bonus(terms: Terms, success: int, results: Mapping[str, Result]) -> Iterator[Line]:
    for target in terms.targets:
        result = results.get(target.name)
        if result is None or result.value is None or result.cases < target.min_cases:
            continue
        if Fraction(result.value) >= Fraction(target.at_least):
            fee = target.amount + floor(Fraction(target.rate) * success + Fraction(1, 2))
            yield Line(terms.start, BONUS, fee, target.name)


def _cost(terms: Terms, placements: tuple[Entrusted, ...], share: Rate, months: int) -> Cost:
    receipts = tuple(
        receipt for each in placements for receipt in _spread(terms, each, share, months)
    )
    first = min((terms.start, *(each.on for each in placements)))
    last = max((
        add_months(terms.start, months) - DAY,
        *(receipt.on for receipt in receipts), *(each.on for each in placements),
    ))
    reached = {each.name: Result(each.at_least, each.min_cases) for each in terms.targets}
    made = statement(terms, Book(placements, receipts), first, last, reached)
    recovered = sum(receipt.amount for receipt in receipts)
    total = made.total - made.bonus
    return Cost(
        share, recovered, made.fixed, made.success, made.adjusted, made.bonus, total,
        Fraction(total, recovered) if recovered else None,
    )


def _spread(
    terms: Terms, placement: Entrusted, share: Rate, months: int
) -> Iterator[Receipt]:
    window = terms.window_days + 1 if placement.kind == COURTESY else 0
    day = placement.on + timedelta(days=window)
    whole = floor(Fraction(share) * placement.amount)
    for number in range(months):
        part = whole * (number + 1) // months - whole * number // months
        if part:
            yield Receipt(placement.key, add_months(day, number), part)


def _span(terms: Terms, day: date) -> int:
    return _month_of(day) // terms.limit_months


def _month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_start(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
