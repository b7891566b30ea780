"""A portfolio before a mandate: what it is made of, without anybody who could be told from it, and
what may be expected of it by the house's own past.

A group of fewer than three debtors says something of each of them. Such groups are joined: with
the next one where there is an order (age, size), else into one of all the others. Nothing is left
out instead, since what is missing from a total is known by taking the rest away.
"""
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import NamedTuple

LEAST = 3  # debtors of a group that is shown to others
MIN_PAST = 10  # debtors of the past, below which nothing is expected from it


class Part(NamedTuple):
    """``amount`` units that ``debtor`` owes and that fall into the bucket ``key``."""

    debtor: Hashable
    key: Hashable
    amount: int


class Group(NamedTuple):
    """One bucket, or several joined, in their order. ``others``: joined because they are small."""

    keys: tuple[Hashable, ...]
    debtors: int
    amount: int
    others: bool = False


class Past(NamedTuple):
    """Of ``amount`` that was once open at an age, ``recovered`` came in the days after, from
    so many ``debtors`` and ``claims``."""

    debtors: int
    claims: int
    amount: int
    recovered: int

    @property
    def share(self) -> Fraction | None:
        """None where too few debtors, or no amount, say nothing."""
        if self.debtors < MIN_PAST or self.amount <= 0:
            return None
        return Fraction(self.recovered, self.amount)


class Expected(NamedTuple):
    """``amount`` units expected of ``of``; ``unknown``: what the past says nothing of. ``amount``
    None: it says nothing at all."""

    amount: int | None
    of: int
    unknown: int


def in_order(
    parts: Iterable[Part], order: Sequence[Hashable], least: int = LEAST
) -> tuple[Group, ...]:
    """Buckets with an order; one of few debtors is joined with the next, the last with the one
    before. Empty where all of them together are fewer than ``least``."""
    sets = _by_key(parts)
    groups: list[Group] = []
    waiting: list[Hashable] = []
    for key in order:
        if key not in sets:
            continue
        waiting.append(key)
        if len(_debtors(sets, waiting)) >= least:
            groups.append(_group(sets, waiting))
            waiting = []
    if waiting and groups:
        groups[-1] = _group(sets, [*groups[-1].keys, *waiting])
    return tuple(groups)


def by_size(parts: Iterable[Part], least: int = LEAST) -> tuple[Group, ...]:
    """Buckets without an order, the largest amount first; those of few debtors are joined, with
    the smallest of the others if they are still few. Empty as in ``in_order``."""
    sets = _by_key(parts)
    ranked = sorted(sets, key=lambda key: (-sum(sets[key].values()), str(key)))
    shown = [key for key in ranked if len(sets[key]) >= least]
    small = [key for key in ranked if len(sets[key]) < least]
    while small and len(_debtors(sets, small)) < least and shown:
        small.insert(0, shown.pop())
    if len(_debtors(sets, small)) < least:
        small = []
    groups = [_group(sets, [key]) for key in shown]
    return (*groups, _group(sets, small)._replace(others=True)) if small else tuple(groups)


def expected(amounts: Mapping[Hashable, int], past: Mapping[Hashable, Past]) -> Expected:
    """What came of such ages in the past, laid on the ``amounts`` by age."""
    total, known, come = 0, 0, Fraction(0)
    for key, amount in amounts.items():
        share = past[key].share if key in past else None
        total += amount
        if share is not None:
            known += amount
            come += share * amount
    return Expected(floor(come + Fraction(1, 2)) if known else None, known, total - known)


def _by_key(parts: Iterable[Part]) -> dict[Hashable, dict[Hashable, int]]:
    sets: dict[Hashable, dict[Hashable, int]] = {}
    for part in parts:
        own = sets.setdefault(part.key, {})
        own[part.debtor] = own.get(part.debtor, 0) + part.amount
    return sets


def _debtors(
    sets: Mapping[Hashable, Mapping[Hashable, int]], keys: Iterable[Hashable]
) -> set[Hashable]:
    return {debtor for key in keys for debtor in sets[key]}


def _group(sets: Mapping[Hashable, Mapping[Hashable, int]], keys: Sequence[Hashable]) -> Group:
    return Group(
        tuple(keys), len(_debtors(sets, keys)), sum(sum(sets[key].values()) for key in keys)
    )
