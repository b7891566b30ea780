"""Figures of a ledger at any date: ageing, DSO, effectiveness, what a change of them is worth.

Every figure is computed from claims with their whole history, so that a past day gives what it
gave then. Amounts are units of one currency; figures of two currencies are never added. A figure
that would divide by nothing is None, never 0.
"""
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

LIMITS = (0, 30, 60, 90)
CASH, CREDIT, LOSS = "cash", "credit", "loss"
MIN_LOSS_CASES = 20  # of a bucket, below which its past loss rate is no proposal


class Settled(NamedTuple):
    """A part of a claim that was settled ``on`` a day; below 0: a payment that was taken back.
    ``kind``: "cash"; "credit", a credit note or what the rate of exchange took, so never owed;
    "loss", a write-off."""

    on: date
    amount: int
    kind: str = CASH


class Claim(NamedTuple):
    """One receivable line with all that settled it. A credit note that is open has an ``amount``
    below 0, and its settlements too."""

    issued_on: date
    due_on: date
    amount: int
    settled: tuple[Settled, ...] = ()

    def open_on(self, day: date) -> int:
        if day < self.issued_on:
            return 0
        return self.amount - sum(part.amount for part in self.settled if part.on <= day)

    def days_late(self, day: date) -> int:
        """Below 0 before the due date; on it nothing is late."""
        return (day - self.due_on).days


class CountBack(NamedTuple):
    """``days`` of sales that are still open; not ``complete``: all the sales known do not come up
    to what is open, so it is at least that."""

    days: Fraction
    complete: bool


class Provision(NamedTuple):
    """One bucket: the amount open, the rate, and the allowance, rounded half up to the unit."""

    amount: int
    rate: Fraction
    allowance: int


class LossRate(NamedTuple):
    """``rate`` None: nothing to say of so few ``cases``."""

    rate: Fraction | None
    cases: int


def bucket_of(days_late: int, limits: Sequence[int] = LIMITS) -> int:
    """The number of the bucket: 0 up to the first limit (0: not due yet, or due today), then those
    up to each following one; the last is open."""
    return sum(days_late > limit for limit in limits)


def ageing(claims: Iterable[Claim], day: date, limits: Sequence[int] = LIMITS) -> tuple[int, ...]:
    """What was open at the end of ``day`` by days overdue, a bucket more than ``limits`` (0, 30,
    60, 90: not due, 1–30, 31–60, 61–90, over 90). Rows: receivable lines issued up to the day,
    partial reconciliations by their dates. Pitfalls: an open credit note lessens its bucket (show
    it apart if it hides something); each instalment has its own age; a payment that was reversed
    on a later day still lessens the bucket on a day in between."""
    sums = [0] * (len(limits) + 1)
    for claim in claims:
        sums[bucket_of(claim.days_late(day), limits)] += claim.open_on(day)
    return tuple(sums)


def receivables(claims: Iterable[Claim], day: date) -> int:
    """All that was open at the end of ``day``."""
    return sum(claim.open_on(day) for claim in claims)


def not_due(claims: Iterable[Claim], day: date) -> int:
    """What was open and not past due at the end of ``day``: the current receivables."""
    return sum(claim.open_on(day) for claim in claims if claim.days_late(day) <= 0)


def dso(open_at_end: int, sales: int, days: int) -> Fraction | None:
    """Days sales outstanding of a period: receivables at its end / sales on credit × its days.
    With the current receivables alone it is the best possible DSO (everybody pays in time); the
    difference is the average days delinquent. Rows: ``receivables`` or ``not_due``; invoices less
    credit notes issued in the period. Pitfalls: both with taxes or both without (receivables have
    them); cash sales stay out; a strong last month makes it look bad: see ``dso_count_back``. None
    without sales."""
    return Fraction(open_at_end * days, sales) if sales > 0 else None


def dso_count_back(open_at_end: int, months: Sequence[tuple[int, int]]) -> CountBack:
    """How many days of the latest sales are still open: from what is open the sales of the last
    month are taken, then those of the month before …; each month eaten up counts with its days,
    the last one with the part eaten. ``months``: (sales, days), the latest first. A month without
    sales, or with more credits than sales, counts with its days and takes nothing. Pitfall: an
    old claim nobody pays looks like recent sales, as in every DSO."""
    left, days = max(open_at_end, 0), Fraction(0)
    for sales, length in months:
        if not left:
            break
        if sales > left:
            return CountBack(days + Fraction(left * length, sales), True)
        left -= max(sales, 0)
        days += length
    return CountBack(days, not left)


def effectiveness(
    open_at_start: int, sales: int, open_at_end: int, current_at_end: int, months: int = 1
) -> Fraction | None:
    """Collection effectiveness index of the Credit Research Foundation: (start + sales/N - end) /
    (start + sales/N - current at end), 1 when all that fell due has come. N ``months``: a longer
    period is told by an average month, as CRF does. Rows as for ``dso``. Pitfalls: credit notes
    and write-offs count as collected unless they are kept out of ``open_at_end``; a new debt not
    due yet does not matter, by purpose. None where nothing was to be collected."""
    available = open_at_start + Fraction(sales, months)
    collectable = available - current_at_end
    return (available - open_at_end) / collectable if collectable > 0 else None


def average_days_late(
    claims: Iterable[Claim], first: date, last: date, early: bool = True
) -> Fraction | None:
    """Of the cash that came from ``first`` to ``last``, by amount: Σ amount × days late / Σ amount.
    ``early``: money before the due date counts below 0; else as in time. Rows: partial
    reconciliations with cash. Pitfalls: what never comes is not in it, see ``ageing``; a payment
    taken back counts against its day of payment only if both are in the period. None without
    cash."""
    weight = total = 0
    for claim in claims:
        for part in claim.settled:
            if part.kind == CASH and first <= part.on <= last:
                late = claim.days_late(part.on)
                total += part.amount * (late if early else max(late, 0))
                weight += part.amount
    return Fraction(total, weight) if weight > 0 else None


def allowance(
    buckets: Sequence[int], rates: Sequence[Fraction]
) -> tuple[Provision, ...]:
    """Bad-debt allowance by matrix (IFRS 9, B5.5.35): of each bucket of ``ageing`` its rate. A
    bucket below 0 (credits) has none. ``ValueError`` "rates" unless each bucket has one between 0
    and 1. Pitfall: claims written down singly must be left out of the buckets."""
    if len(rates) != len(buckets) or any(not 0 <= rate <= 1 for rate in rates):
        raise ValueError("rates")
    return tuple(
        Provision(each, rate, int(max(each, 0) * Fraction(rate) + Fraction(1, 2)))
        for each, rate in zip(buckets, rates, strict=True)
    )


def loss_rates(
    claims: Iterable[Claim], day: date, until: date, limits: Sequence[int] = LIMITS,
    min_cases: int = MIN_LOSS_CASES,
) -> tuple[LossRate, ...]:
    """A proposal for the rates of the matrix: of what was open on a past ``day``, bucket by
    bucket, the share that no cash had settled by ``until``: lost is what was written off or is
    still open. Rows: claims open that day with what settled them. Pitfalls: ``until`` must be late
    enough for what comes to have come (a year), or slow payers look lost; what a credit note
    settled was no debt and is left out; the past is no forecast: a person decides."""
    lost = [0] * (len(limits) + 1)
    whole, cases = lost.copy(), lost.copy()
    for claim in claims:
        later = [part for part in claim.settled if day < part.on <= until]
        owed = claim.open_on(day) - sum(part.amount for part in later if part.kind == CREDIT)
        if owed <= 0:
            continue
        cash = sum(part.amount for part in later if part.kind == CASH)
        number = bucket_of(claim.days_late(day), limits)
        lost[number] += min(max(owed - cash, 0), owed)
        whole[number] += owed
        cases[number] += 1
    return tuple(
        rate_of(*bucket, min_cases) for bucket in zip(lost, whole, cases, strict=True)
    )


def rate_of(lost: int, owed: int, cases: int, min_cases: int = MIN_LOSS_CASES) -> LossRate:
    """The past loss rate of one bucket, from what was lost of what was owed."""
    return LossRate(Fraction(lost, owed) if cases >= max(min_cases, 1) else None, cases)


def working_capital(sales: int, days: int, dso_before: Fraction, dso_after: Fraction) -> Fraction:
    """The money that a change of DSO sets free (above 0) or binds: sales a day × days less. It
    comes once, not every year; what it is worth a year is the cost of capital on it. ``ValueError``
    "days" for a period without any."""
    if days <= 0:
        raise ValueError("days")
    return Fraction(sales, days) * (dso_before - dso_after)


def kept_share(outcomes: Mapping[str, int]) -> Fraction | None:
    """Promises or plans kept, of those decided: kept / (kept + broken). Those that run are neither,
    and cancelled ones were taken back by the house. Count and amount are two figures: ask twice.
    None where none is decided."""
    decided = outcomes.get("kept", 0) + outcomes.get("broken", 0)
    return Fraction(outcomes.get("kept", 0), decided) if decided else None
