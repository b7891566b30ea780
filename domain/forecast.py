"""Cash expected from what is open today: agreements first, then habit, then the due date.

Of each claim, what an agreement covers comes on the agreed days, and the rest when this debtor
usually pays (``behaviour.expect``). An instalment that is past due comes when he usually pays, and
no sooner than today. Disputed parts and whatever has no day are named as such, not hidden in a
week far away: the sum of all flows is what is open.
"""
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from .behaviour import MIN_PAYMENTS, expect

PLAN, PROMISE, DISPUTED = "plan", "promise", "disputed"


class Agreed(NamedTuple):
    """What is still unpaid of an instalment of a running ``plan`` or of a ``promise``."""

    on: date
    amount: int
    kind: str = PROMISE


class Open(NamedTuple):
    """A claim with what is open of it; ``own`` and ``segment`` as in ``expect``. ``disputed``: its
    part nobody expects before the dispute is settled."""

    key: Hashable
    due_on: date
    amount: int
    agreed: tuple[Agreed, ...] = ()
    own: tuple[int, ...] = ()
    segment: tuple[int, ...] = ()
    disputed: int = 0


class Flow(NamedTuple):
    """``on`` None: nobody can say. ``basis``: "plan", "promise", "own", "segment", "terms",
    "disputed". ``earliest`` and ``latest``: the middle half of habit; the day itself otherwise.
    ``n``: the payments that habit is made of."""

    key: Hashable
    on: date | None
    amount: int
    basis: str
    earliest: date | None = None
    latest: date | None = None
    n: int = 0


class Bucket(NamedTuple):
    """Cash from ``first`` on, up to the next bucket. ``sure``: the part agreed with the debtor."""

    first: date
    amount: int
    sure: int


def forecast(
    claims: Iterable[Open], today: date, min_payments: int = MIN_PAYMENTS
) -> tuple[Flow, ...]:
    """The flows of each claim, adding up to its amount: open claims and running agreements as on
    ``today``. Pitfalls: an agreement on several claims must be dealt out to them by the shell; new
    sales bring cash, too, and are not in it; promises are kept less often than made (see
    ``figures.kept_share``), the forecast takes them at their word."""
    return tuple(flow for claim in claims for flow in _flows(claim, today, min_payments))


def by_period(flows: Iterable[Flow], starts: Sequence[date]) -> tuple[Bucket, ...]:
    """Sums by period, each from one of ``starts`` to the next, the last one open. Flows without a
    day, or before the first start, are in none: show them apart."""
    ordered = sorted(starts)
    amounts, sure = [0] * len(ordered), [0] * len(ordered)
    for flow in flows:
        number = sum(start <= flow.on for start in ordered) - 1 if flow.on else -1
        if number >= 0:
            amounts[number] += flow.amount
            sure[number] += flow.amount if flow.basis in (PLAN, PROMISE) else 0
    return tuple(Bucket(*each) for each in zip(ordered, amounts, sure, strict=True))


def deal(
    instalments: Iterable[tuple[date, int]], claims: Iterable[tuple[Hashable, int, int]]
) -> Iterator[tuple[Hashable, date, int]]:
    """Instalments (day, units of the agreement's currency) dealt out to the claims they cover: key,
    what is open in that currency, and in the company's. The earliest to the first claim; what
    more is agreed than is open falls away. Yields key, day and units of the company's currency,
    which add up to those of each claim that is covered in full."""
    left = iter(claims)
    key, open_own, open_company, used = None, 0, 0, 0
    for on, amount in instalments:
        while amount:
            if used == open_own:
                following = next(left, None)
                if following is None:
                    return
                (key, open_own, open_company), used = following, 0
                continue
            part = min(amount, open_own - used)
            before = open_company * used // open_own
            used += part
            amount -= part
            yield key, on, open_company * used // open_own - before


def _flows(claim: Open, today: date, min_payments: int) -> Iterator[Flow]:
    left = max(claim.amount, 0)
    disputed = min(max(claim.disputed, 0), left)
    if disputed:
        yield Flow(claim.key, None, disputed, DISPUTED)
        left -= disputed
    overdue = 0
    for agreed in sorted(claim.agreed):
        part = min(agreed.amount, left)
        left -= part
        if agreed.on < today:
            overdue += part
        elif part > 0:
            yield Flow(claim.key, agreed.on, part, agreed.kind, agreed.on, agreed.on)
    if left + overdue:
        habit = expect(claim.due_on, claim.own, claim.segment, today, min_payments)
        yield Flow(
            claim.key, habit.on, left + overdue, habit.basis, habit.earliest, habit.latest, habit.n
        )
