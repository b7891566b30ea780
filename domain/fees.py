"""The success fee of an agency: receipts of the ledger against the tiers of a mandate.

What is earned is a function of the cash that came in and stayed: F(recovered) by tiers. A receipt
earns F after it less F before it, each rounded half up to the unit. So sums are exact: neither the
order of a day nor the pieces in which money comes change what is earned, and a payment that was
taken back leaves F where it would have been without it. It gives back exactly what it had earned;
where later money has come in above it meanwhile, that money falls to the lower tiers, and it is
the dearest slice that goes.

**marginal** (the default): a tier's rate is for the slice of recovery within the tier, as with a
tax; nothing jumps at a limit. **whole**: from the limit on, the rate of the tier reached is for
all that was recovered; the fee jumps there, by a line of its own ("step"). Its rates may not fall:
more recovered never earns less.

A limit is a share of what was placed, rounded down to the unit; a tier begins with the unit above
it, "whole" with the limit itself. Cash above what was placed earns nothing. One call is about one
currency.
"""
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import NamedTuple

COURTESY = "courtesy"
MARGINAL, WHOLE = "marginal", "whole"
SUCCESS, STEP = "success", "step"
EARLY, WINDOW, LATE, BEYOND = "early", "window", "late", "beyond"  # why cash earned nothing

Rate = Fraction | Decimal


class Tier(NamedTuple):
    """``rate`` (0.08 for 8 %) from the share ``above`` (0.5: half) of what was placed."""

    above: Rate
    rate: Rate


class Band(NamedTuple):
    """The tiers of placements that were at least ``from_age`` days overdue when they were placed,
    of one kind or ("") of any. Without a tier from 0 the first cash earns nothing."""

    from_age: int
    tiers: tuple[Tier, ...]
    kind: str = ""
    mode: str = MARGINAL


class Entrusted(NamedTuple):
    """One placement: ``amount`` placed, ``age`` in days overdue of its oldest item on that day.
    Cash counts from ``on`` up to ``until`` (recalled, returned; None: it still does). Placements
    of one ``pool`` and one band are looked at together, as if they were one; None: on its own.
    A pool must be complete before it is stated: one more placement changes its shares."""

    key: Hashable
    on: date
    amount: int
    age: int
    kind: str = "collection"
    until: date | None = None
    pool: Hashable = None


class Receipt(NamedTuple):
    """Cash on the items of a ``placement``, booked ``on`` a day; below 0: a payment received on
    the day ``since`` that was taken back. Credit notes and write-offs are no receipts."""

    placement: Hashable
    on: date
    amount: int
    since: date | None = None

    @property
    def received_on(self) -> date:
        return self.since or self.on


class FeeLine(NamedTuple):
    """``amount``, the part of ``receipt`` within a tier, at ``rate``; of a line "step" all that
    had come before it, at the difference of rates. ``why``: "success" or "step", or for what it
    earned nothing ("early": before the placement; "window": would have been paid anyway; "late":
    after it ended; "beyond": above what was placed)."""

    receipt: Receipt
    amount: int
    rate: Fraction
    fee: int
    why: str = SUCCESS


class _Pot(NamedTuple):
    """What is looked at together: limits in units with the rates above them."""

    amount: int
    slices: tuple[tuple[int, Fraction], ...]
    whole: bool


def faults(bands: Sequence[Band]) -> tuple[str, ...]:
    """What makes no sense in the bands, as codes; the sentences are the shell's."""
    tiers = [tier for band in bands for tier in band.tiers]
    keys = [(band.from_age, band.kind) for band in bands]
    wrong = {
        "mode": any(band.mode not in (MARGINAL, WHOLE) for band in bands),
        "rate": any(not 0 <= tier.rate <= 1 for tier in tiers),
        "above": any(not 0 <= tier.above < 1 for tier in tiers),
        "two_bands": len(set(keys)) < len(keys),
        "two_tiers": any(
            len({tier.above for tier in band.tiers}) < len(band.tiers) for band in bands
        ),
        "whole_falls": any(band.mode == WHOLE and _falls(band) for band in bands),
    }
    return tuple(code for code, is_wrong in wrong.items() if is_wrong)


def band_of(placement: Entrusted, bands: Sequence[Band]) -> Band | None:
    """The band with the highest age that the placement had reached; bands of its own kind, where
    there are any, shut out those of any kind."""
    own = [band for band in bands if band.kind == placement.kind]
    fitting = own or [band for band in bands if not band.kind]
    reached = [band for band in fitting if band.from_age <= placement.age]
    return max(reached, key=lambda band: band.from_age, default=None)


def success_lines(
    placements: Sequence[Entrusted], receipts: Iterable[Receipt], bands: Sequence[Band],
    window_days: int = 0,
) -> Iterator[FeeLine]:
    """Each receipt, by day and within a day by placement, with what it earns. ``window_days``: of
    a courtesy placement, cash earns nothing on the day of the placement and so many days after:
    it would have been paid anyway. A reversal looks at the day of its payment, so that it takes
    back nothing that was not earned. ``ValueError`` with a code of ``faults``, "since" (a
    reversal without the day of its payment, or before it), or "placement" (an unknown one)."""
    for fault in faults(bands):
        raise ValueError(fault)
    places = {placement.key: number for number, placement in enumerate(placements)}
    pots = _pots(placements, bands)
    come = dict.fromkeys(pots, 0)
    for receipt in _in_order(receipts, places):
        placement = placements[places[receipt.placement]]
        why = _unearned(placement, receipt.received_on, window_days)
        if why:
            yield FeeLine(receipt, receipt.amount, Fraction(0), 0, why)
            continue
        key = _pot_key(placement, bands)
        before, come[key] = come[key], come[key] + receipt.amount
        yield from _earn(pots[key], receipt, before, come[key])


def earned(amount: int, recovered: int, band: Band) -> int:
    """F: what ``recovered`` of the ``amount`` placed earns in all."""
    pot = _pot(amount, band)
    within = min(max(recovered, 0), amount)
    if pot.whole:
        return _round(within * _rate_at(pot, within))
    return _marginal(pot, within)


def _falls(band: Band) -> bool:
    rates = [Fraction(tier.rate) for tier in sorted(band.tiers, key=lambda each: each.above)]
    return rates != sorted(rates)


def _in_order(receipts: Iterable[Receipt], places: Mapping[Hashable, int]) -> list[Receipt]:
    """By content alone, so that the order in which they were read does not matter."""
    known = list(receipts)
    for receipt in known:
        if receipt.placement not in places:
            raise ValueError("placement")
        if (receipt.amount < 0 and not receipt.since) or receipt.received_on > receipt.on:
            raise ValueError("since")
    return sorted(
        known, key=lambda each: (each.on, places[each.placement], each.received_on, -each.amount)
    )


def _unearned(placement: Entrusted, on: date, window_days: int) -> str:
    if on < placement.on:
        return EARLY
    if placement.until and on > placement.until:
        return LATE
    if placement.kind == COURTESY and on <= placement.on + timedelta(days=window_days):
        return WINDOW
    return ""


def _pot_key(placement: Entrusted, bands: Sequence[Band]) -> Hashable:
    if placement.pool is None:
        return False, placement.key
    return True, placement.pool, band_of(placement, bands)


def _pots(placements: Sequence[Entrusted], bands: Sequence[Band]) -> dict[Hashable, _Pot]:
    sums: dict[Hashable, int] = {}
    band: dict[Hashable, Band] = {}
    for placement in placements:
        key = _pot_key(placement, bands)
        sums[key] = sums.get(key, 0) + placement.amount
        band[key] = band_of(placement, bands) or Band(0, ())
    return {key: _pot(amount, band[key]) for key, amount in sums.items()}


def _pot(amount: int, band: Band) -> _Pot:
    tiers = sorted((Fraction(tier.above), Fraction(tier.rate)) for tier in band.tiers)
    limits = {floor(above * amount): rate for above, rate in tiers}  # of two on one unit the upper
    slices = sorted(({0: Fraction(0)} | limits).items())
    return _Pot(amount, tuple(slices), band.mode == WHOLE)


def _earn(pot: _Pot, receipt: Receipt, before: int, after: int) -> Iterator[FeeLine]:
    start, end = (min(max(each, 0), pot.amount) for each in (before, after))
    if pot.whole:
        yield from _by_whole(pot, receipt, start, end)
    else:
        yield from _by_slices(pot, receipt, start, end)
    beyond = receipt.amount - (end - start)
    if beyond:
        yield FeeLine(receipt, beyond, Fraction(0), 0, BEYOND)


def _by_slices(pot: _Pot, receipt: Receipt, start: int, end: int) -> Iterator[FeeLine]:
    """A line for each tier that the receipt lies in; a reversal comes down from above."""
    low, high = sorted((start, end))
    limits = [limit for limit, _rate in pot.slices if low < limit < high]
    steps = [low, *limits, high] if start <= end else [high, *reversed(limits), low]
    for here, there in pairwise(steps):
        if here != there:
            fee = _marginal(pot, there) - _marginal(pot, here)
            rate = next(rate for limit, rate in reversed(pot.slices) if limit < max(here, there))
            yield FeeLine(receipt, there - here, rate, fee)


def _by_whole(pot: _Pot, receipt: Receipt, start: int, end: int) -> Iterator[FeeLine]:
    old, new = _rate_at(pot, start), _rate_at(pot, end)
    if end != start:
        yield FeeLine(receipt, end - start, new, _round(end * new) - _round(start * new))
    if old != new and start:
        fee = _round(start * new) - _round(start * old)
        yield FeeLine(receipt, start, new - old, fee, STEP)


def _rate_at(pot: _Pot, recovered: int) -> Fraction:
    return next(rate for limit, rate in reversed(pot.slices) if limit <= recovered)


def _marginal(pot: _Pot, recovered: int) -> int:
    ends = (*(limit for limit, _rate in pot.slices[1:]), pot.amount)
    return _round(sum(
        (rate * (min(recovered, end) - limit)
         for (limit, rate), end in zip(pot.slices, ends, strict=True) if recovered > limit),
        Fraction(0),
    ))


def _round(fee: Fraction) -> int:
    return floor(fee + Fraction(1, 2))
