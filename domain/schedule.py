"""The instalments of a payment plan: by number, or by an amount that the debtor can pay.

Principal is split to the unit, whatever the currency's rounding. Interest, where it was agreed, is
simple: on the principal still outstanding, for the days since the instalment before, by 365 days
a year, each instalment's rounded half up. It is added to the instalments of a plan by number, and
contained in those of a plan by amount.
"""
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from math import floor
from typing import NamedTuple

from .rules import open_day

MAX_INSTALMENTS = 600
LAST_YEAR = 9000  # a slip of the pen: later ones come to the end of all calendars
FREQUENCY_DAYS = {"week": 7, "fortnight": 14}
FREQUENCY_MONTHS = {"month": 1, "quarter": 3}


class Instalment(NamedTuple):
    """``amount`` contains ``interest``."""

    due_on: date
    amount: int
    interest: int = 0

    @property
    def principal(self) -> int:
        return self.amount - self.interest


class Terms(NamedTuple):
    """What was agreed: a ``count`` of instalments or the ``amount`` of each, not both.

    No instalment is due before ``first_on``; by months it is due on ``day_of_month`` (0: that of
    ``first_on``; 29–31 fall to the last day of a shorter month). Whatever falls on a ``closed``
    day moves to the next open one, and the following ones stay where they are. ``rate``: a year's
    interest, 0.05 for 5 %. It runs from ``interest_from``; without that, from the down payment or
    else the first instalment: nobody pays for days that were not named. A down payment bears none.
    """

    total: int
    first_on: date
    count: int = 0  # type: ignore[assignment]  # the field's word; nobody counts in terms
    amount: int = 0
    frequency: str = "month"  # week, fortnight, month, quarter
    day_of_month: int = 0
    down_payment: int = 0
    down_on: date | None = None
    rate: Fraction | Decimal = Fraction(0)
    closed: frozenset[date] = frozenset()
    interest_from: date | None = None


class Limit(NamedTuple):
    """What may be agreed without a manager for a debt ``up_to`` so much (None: any). 0 months or
    a minimum of 0: not limited."""

    up_to: int | None
    max_months: int
    min_instalment: int


def schedule(terms: Terms) -> tuple[Instalment, ...]:
    """The down payment, if any, and the instalments. A ``count`` of them differs by a unit at
    most, the larger ones first: all the odd units on the last one would make it a multiple of the
    others where units are coarse. By ``amount`` the last one is what is left. ``ValueError`` with
    one of the codes of ``faults``, or "amount_below_interest": such a plan would never end."""
    for fault in faults(terms):
        raise ValueError(fault)
    down: tuple[Instalment, ...] = ()
    since = terms.interest_from
    if terms.down_payment and terms.down_on:
        down = (Instalment(open_day(terms.down_on, terms.closed), terms.down_payment),)
        since = max(since or down[0].due_on, down[0].due_on)
    return *down, *_instalments(terms, terms.total - terms.down_payment, since)


def faults(terms: Terms) -> tuple[str, ...]:
    """What makes no sense in ``terms``, as codes; the sentences are the shell's."""
    wrong = {
        "total": terms.total <= 0,
        "negative": min(terms.count, terms.amount, terms.down_payment) < 0,
        "no_size": not terms.count and not terms.amount,
        "two_sizes": bool(terms.count and terms.amount),
        "down_payment": 0 < terms.total <= terms.down_payment,
        "down_date": terms.down_payment > 0 and (terms.down_on or date.max) > terms.first_on,
        "frequency": terms.frequency not in FREQUENCY_DAYS.keys() | FREQUENCY_MONTHS.keys(),
        "day_of_month": not 0 <= terms.day_of_month <= 31,
        "rate": not 0 <= terms.rate <= 1,
        "first_date": terms.first_on.year > LAST_YEAR,
        "too_many": terms.count > MAX_INSTALMENTS,
        "too_small": 0 < terms.total - terms.down_payment < terms.count,  # not a unit for each
    }
    return tuple(code for code, is_wrong in wrong.items() if is_wrong)


def excess(
    instalments: Sequence[Instalment], total: int, limits: Sequence[Limit], start: date,
    closed: frozenset[date] = frozenset(),
) -> tuple[str, ...]:
    """In what a plan that begins on ``start`` goes beyond the narrowest limit that holds the debt
    of ``total``; without any limits in nothing. A debt above all of them is a manager's. The last
    instalment may be small, it is what is left; a closed day at the end makes no plan too long."""
    if not limits:
        return ()
    holding = [limit for limit in limits if limit.up_to is None or total <= limit.up_to]
    if not holding:
        return ("total_too_high",)
    limit = min(holding, key=lambda each: (each.up_to is None, each.up_to or 0))
    until = open_day(add_months(start, limit.max_months), closed)
    beyond = {
        "too_long": limit.max_months > 0 and any(each.due_on > until for each in instalments),
        "instalment_too_small": any(
            each.amount < limit.min_instalment for each in instalments[:-1]
        ),
    }
    return tuple(code for code, is_beyond in beyond.items() if is_beyond)


def most_interest(
    instalments: Sequence[Instalment], rate: Fraction | Decimal, since: date
) -> int:
    """What ``rate`` gives on ``instalments``, each principal from ``since`` to its day, and a unit
    each for the rounding: whoever types interest by hand may not ask more. Nothing without a rate.
    """
    if not rate:
        return 0
    days = sum(each.principal * max((each.due_on - since).days, 0) for each in instalments)
    return floor(Fraction(rate) * days / 365) + len(instalments)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    return _day_in(_month_of(day) + months, day.day)


def _instalments(terms: Terms, left: int, since: date | None) -> Iterator[Instalment]:
    for number, due_on in enumerate(_due_dates(terms)):
        if number == MAX_INSTALMENTS:
            raise ValueError("too_many")
        since = since or due_on
        interest = _interest(left, (due_on - since).days, terms.rate)
        principal = _principal(terms, left, number, interest)
        if principal <= 0:
            raise ValueError("amount_below_interest")
        yield Instalment(due_on, principal + interest, interest)
        left -= principal
        if not left:
            return
        since = max(since, due_on)


def _principal(terms: Terms, left: int, number: int, interest: int) -> int:
    if terms.count:
        return -(-left // (terms.count - number))  # an equal part, rounded up
    return min(left, terms.amount - interest)


def _interest(principal: int, days: int, rate: Fraction | Decimal) -> int:
    return floor(Fraction(rate) * principal * max(days, 0) / 365 + Fraction(1, 2))


def _due_dates(terms: Terms) -> Iterator[date]:
    """Without end. Each is counted from the first one, so that 31 January is followed by
    28 February and 31 March."""
    days = FREQUENCY_DAYS.get(terms.frequency)
    if days:
        for number in count():
            yield open_day(terms.first_on + timedelta(days=days * number), terms.closed)
    day_of_month = terms.day_of_month or terms.first_on.day
    month = _month_of(terms.first_on)
    if _day_in(month, day_of_month) < terms.first_on:
        month += 1
    for following in count(month, FREQUENCY_MONTHS[terms.frequency]):
        yield open_day(_day_in(following, day_of_month), terms.closed)


def _month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def _day_in(month: int, day: int) -> date:
    year, index = divmod(month, 12)
    return date(year, index + 1, min(day, monthrange(year, index + 1)[1]))

