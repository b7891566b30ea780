"""What came of cases and hands: recovery by cohort, customers kept, a fair league table.

Two things make such figures lie. Young cases have not had their time: of a horizon of 90 days only
cases opened 90 days ago or more are asked, and the others are counted as such. And old debts are
hard to get: who is given them looks bad, so the league compares each with what was to be expected.
"""
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

HORIZONS = (30, 60, 90, 100)
BANDS = (45, 90, 180, 365)
MIN_CASES = 10  # below which a place in the league is luck


class Recovery(NamedTuple):
    """One case or placement: ``amount`` on the day it began, cash since then (below 0: taken back).
    ``age``: days overdue on that day. ``hand``: agency or collector, or the stage it ended in."""

    began_on: date
    amount: int
    cash: tuple[tuple[date, int], ...] = ()
    age: int = 0
    hand: Hashable = None

    def within(self, days: int, today: date) -> int:
        """Cash of the first so many days, the day it began included, as known today. Never above
        the amount: what came on top belongs to other debts, or is interest."""
        last = min(self.began_on + timedelta(days=days), today)
        came = sum(amount for on, amount in self.cash if self.began_on <= on <= last)
        return min(max(came, 0), self.amount)


class Cohort(NamedTuple):
    """Of ``cases`` old enough, ``recovered`` of ``amount`` came within ``days``; ``share`` None
    without any amount. ``too_young``: cases that are not asked yet."""

    days: int
    recovered: int
    amount: int
    cases: int
    too_young: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.recovered, self.amount) if self.amount > 0 else None


class Place(NamedTuple):
    """One hand. ``expected``: what the average hand had recovered of the same ages. ``ratio``:
    recovered / expected, above 1 better than the average; ``adjusted``: the share recovered it
    would have with everybody's mix of ages, ratio × the share of all (capped at 1). Both None
    where nothing was to be expected; ``ranked`` False below ``min_cases``: shown, not compared."""

    hand: Hashable
    cases: int
    amount: int
    recovered: int
    expected: Fraction
    ratio: Fraction | None
    adjusted: Fraction | None
    ranked: bool


class Ordered(NamedTuple):
    """A customer who has paid up: days of his later orders, whether he defaulted again."""

    recovered_on: date
    orders: tuple[date, ...] = ()
    defaulted_again_on: date | None = None


class Relations(NamedTuple):
    """Of the ``customers`` recovered at least so many days ago: those with a new order within them,
    those without one up to today, those that defaulted again within them."""

    customers: int
    kept: int
    lost: int
    again: int
    too_young: int


def recovery(
    cases: Sequence[Recovery], today: date, horizons: Sequence[int] = HORIZONS
) -> tuple[Cohort, ...]:
    """Share of the amount that came within each horizon: Σ cash within / Σ amount, of the cases
    that have had so many days. Rows: cases (or placements) with the items' amounts on the day they
    began, and cash by partial reconciliations. Pitfalls: the horizons do not look at the same
    cases, so 90 days may show less than 60; credit notes are no recovery, take disputed amounts
    that were credited out of ``amount``; one big case decides: show ``cases``, too."""
    return tuple(_cohort(cases, today, days) for days in horizons)


def league(
    cases: Iterable[Recovery], today: date, days: int = 90, bands: Sequence[int] = BANDS,
    min_cases: int = MIN_CASES,
) -> tuple[Place, ...]:
    """Hands by recovery within ``days``, adjusted for age by indirect standardisation: the share
    that all hands together recovered in each band of age is laid on the amounts that each hand was
    given (its expected cash); ratio = recovered / expected. Best first, those of few cases last.

    Rows: as for ``recovery``, cases too young left out. Pitfalls: ratios compare each hand with the
    average, two hands strictly only where their mixes are alike; a hand is part of the average it
    is compared with, so one that has nearly all cases is 1; a band that one hand has alone tells
    nothing of it; age is not all (size, segment)."""
    old_enough = [each for each in cases if _is_old(each, days, today) and each.amount > 0]
    rates = _rates(old_enough, today, days, bands)
    overall = _share(old_enough, today, days)
    hands: dict[Hashable, list[Recovery]] = {}
    for each in old_enough:
        hands.setdefault(each.hand, []).append(each)
    places = []
    for hand, own in hands.items():
        came = sum(each.within(days, today) for each in own)
        expected = sum((rates[_band(each, bands)] * each.amount for each in own), Fraction(0))
        ratio = came / expected if expected else None
        places.append(Place(
            hand, len(own), sum(each.amount for each in own), came, expected, ratio,
            None if ratio is None else min(ratio * overall, Fraction(1)), len(own) >= min_cases,
        ))
    return tuple(sorted(places, key=lambda place: (not place.ranked, -(place.ratio or 0))))


def relations(customers: Iterable[Ordered], today: date, days: int = 90) -> Relations:
    """Relationship kept: customers who ordered within ``days`` after their recovery, of those
    recovered so many days ago. ``lost`` have not ordered up to today; who came back later is
    neither. Rows: closed cases of customers who paid, confirmed orders. Pitfalls: an order on the
    day of payment may be the reason of the payment; it counts from the day after. Somebody who
    orders once a year looks lost after 90 days."""
    counts = {"customers": 0, "kept": 0, "lost": 0, "again": 0, "too_young": 0}
    for each in customers:
        until = each.recovered_on + timedelta(days=days)
        if until > today:
            counts["too_young"] += 1
            continue
        later = [on for on in each.orders if each.recovered_on < on <= today]
        again = each.defaulted_again_on
        counts["customers"] += 1
        counts["kept"] += any(on <= until for on in later)
        counts["lost"] += not later
        counts["again"] += again is not None and each.recovered_on < again <= until
    return Relations(**counts)


def cost_per_unit(costs: int, recovered: int) -> Fraction | None:
    """What a euro collected cost: fees, time and court / cash. None where nothing came."""
    return Fraction(costs, recovered) if recovered > 0 else None


def _cohort(cases: Sequence[Recovery], today: date, days: int) -> Cohort:
    old_enough = [each for each in cases if _is_old(each, days, today)]
    return Cohort(
        days,
        sum(each.within(days, today) for each in old_enough),
        sum(each.amount for each in old_enough),
        len(old_enough),
        len(cases) - len(old_enough),
    )


def _is_old(case: Recovery, days: int, today: date) -> bool:
    return case.began_on + timedelta(days=days) <= today


def _band(case: Recovery, bands: Sequence[int]) -> int:
    return sum(case.age > limit for limit in bands)


def _rates(
    cases: Iterable[Recovery], today: date, days: int, bands: Sequence[int]
) -> Mapping[int, Fraction]:
    groups: dict[int, list[Recovery]] = {}
    for each in cases:
        groups.setdefault(_band(each, bands), []).append(each)
    return {number: _share(group, today, days) for number, group in groups.items()}


def _share(cases: Sequence[Recovery], today: date, days: int) -> Fraction:
    amount = sum(each.amount for each in cases)
    came = sum(each.within(days, today) for each in cases)
    return Fraction(came, amount) if amount else Fraction(0)
