"""What a debtor can really pay, from a simple sheet of a month's money.

A plan that takes all that is left breaks with the first repair of the car. So three things are
taken off before anybody asks: what people need to live, at least a protected minimum a head
whatever was stated; with a business, a reserve, because receipts are hopes; and of the rest only
a share may be asked for, half of it where nobody chose another. All roundings go down.
"""
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from .schedule import Terms

HALF = Fraction(1, 2)
PER_MONTH = {  # periods in a month, from the year: a month is more than four weeks
    "week": Fraction(52, 12), "fortnight": Fraction(26, 12), "month": Fraction(1),
    "quarter": Fraction(1, 3),
}


class Household(NamedTuple):
    """Money of a month, in units. ``dependants`` are persons besides the debtor; ``living`` counts
    as ``minimum_per_head`` for him and each of them if less was stated."""

    net_income: int
    other_income: int = 0
    housing: int = 0
    utilities: int = 0
    living: int = 0
    dependants: int = 0
    other_instalments: int = 0
    other: int = 0
    minimum_per_head: int = 0

    @property
    def left(self) -> int:
        living = max(self.living, self.minimum_per_head * (1 + self.dependants))
        fixed = self.housing + self.utilities + self.other_instalments + self.other
        return self.net_income + self.other_income - fixed - living


class Business(NamedTuple):
    """Money of a month, in units. ``reserve_share`` of the receipts stays aside for those that
    come late or not at all."""

    expected_receipts: int
    suppliers: int = 0
    staff: int = 0
    rent: int = 0
    taxes: int = 0
    other_instalments: int = 0
    other: int = 0
    reserve_share: Fraction = Fraction(1, 10)

    @property
    def left(self) -> int:
        reserve = ceil(self.expected_receipts * self.reserve_share)
        running = self.suppliers + self.staff + self.rent + self.taxes
        return self.expected_receipts - reserve - running - self.other_instalments - self.other


def capacity(sheet: Household | Business, share: Fraction = HALF) -> int:
    """What may be asked for a month: ``share`` of what is left, never below 0. ``ValueError`` with
    "negative" where a figure of the sheet is (an expense below 0 would be an income), with "share"
    where a share is no part of a whole."""
    if any(figure < 0 for figure in sheet):
        raise ValueError("negative")
    reserve = sheet.reserve_share if isinstance(sheet, Business) else Fraction(0)
    if not 0 <= share <= 1 or reserve > 1:
        raise ValueError("share")
    return max(floor(sheet.left * share), 0)


def terms_from_capacity(
    total: int, capacity: int, first_on: date, frequency: str = "month", round_to: int = 1
) -> Terms:
    """Terms of which no instalment asks for more than ``capacity`` a month; ``round_to`` units, as
    people like even amounts. Down payment, interest and the rest are added with ``_replace``.
    ``ValueError`` "no_capacity": there is nothing to pay from, a plan would be a pretence."""
    if frequency not in PER_MONTH:
        raise ValueError("frequency")
    amount = floor(capacity / PER_MONTH[frequency])
    amount -= amount % round_to
    if amount <= 0:
        raise ValueError("no_capacity")
    return Terms(total, first_on, amount=amount, frequency=frequency)
