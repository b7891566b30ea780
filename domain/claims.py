"""Which claims of a collection the ledger bears out."""
from collections.abc import Hashable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

EARLIER = timedelta(days=3)  # the bank may date a receipt before the day that was named


class Claim(NamedTuple):
    """Money that an agency says was paid on ``day``: ``amount`` in units. ``borne_out``: the ledger
    has shown it before."""

    key: Hashable
    day: date
    amount: int
    borne_out: bool = False


def borne_out(claims: Iterable[Claim], receipts: Iterable[tuple[date, int]]) -> set[Hashable]:
    """The claims for which enough has come in, not earlier than some days before: each unit of a
    receipt bears out one claim only, those of before first, then by day. A claim that is covered
    in part takes nothing from the others."""
    money = sorted((day, units) for day, units in receipts if units > 0)
    left = [units for _day, units in money]
    found = set()
    for claim in sorted(claims, key=lambda one: (not one.borne_out, one.day)):
        usable = [at for at, (day, _units) in enumerate(money) if day >= claim.day - EARLIER]
        if sum(left[at] for at in usable) < claim.amount:
            continue
        missing = claim.amount
        for at in usable:
            used = min(missing, left[at])
            left[at] -= used
            missing -= used
        found.add(claim.key)
    return found
