"""Thresholds apart from the ladder: credit suspended, salesperson's note asked, agency.

Suspension looks at the age of what is owed, whatever step it has reached; the two others wait
until the house has taken its own steps (see ``ladder.steps_left_until``).
"""
from datetime import date, timedelta
from typing import NamedTuple

from . import ladder


class Thresholds(NamedTuple):
    """Days overdue; 0 switches one off. ``suspend_from`` in units of the company's currency."""

    suspend_after: int = 30
    handover_after: int = 35
    place_after: int = 45
    suspend_from: int = 0


class Marks(NamedTuple):
    """What has happened to the case so far. ``exempt``: credit is never suspended for this
    customer; ``other_cause``: a cause besides the days overdue (credit limit, broken plan)."""

    warned_on: date | None = None
    suspended_on: date | None = None
    handover_on: date | None = None
    ready_on: date | None = None
    exempt: bool = False
    other_cause: str = ""


class Standing(NamedTuple):
    """What is to be done today, and the first later day on which that can change."""

    cause: str = ""
    warn: bool = False
    suspend: bool = False
    lift: bool = False
    unwarn: bool = False
    handover: bool = False
    ready: bool = False
    next_check_on: date | None = None


def stand(
    debtor: ladder.Debtor, rules: ladder.Rules, limits: Thresholds, marks: Marks, today: date
) -> Standing:
    """Suspension starts the day after its warning, never before the age is *over* the limit;
    it ends, warning included, when no cause is left."""
    asked = ladder.uncovered(debtor, rules)
    oldest = max((i.days_overdue(today) for i in asked), default=0)
    overdue = sum(i.value for i in asked if i.due_on < today)
    cause = suspension_cause(asked, limits, marks, today)
    near = bool(limits.suspend_after) and oldest >= limits.suspend_after
    warned = marks.warned_on is not None
    worth = overdue > 0 and overdue >= limits.suspend_from
    danger = bool(cause) or (near and worth and not marks.exempt)
    suspend = bool(cause) and warned and marks.warned_on < today and not marks.suspended_on
    return Standing(
        cause=cause,
        warn=danger and not warned and not marks.suspended_on,
        suspend=suspend,
        lift=bool(marks.suspended_on) and not cause,
        unwarn=warned and not danger,
        handover=_reached(limits.handover_after, oldest, debtor, rules, today)
        and not marks.handover_on,
        ready=_reached(limits.place_after, oldest, debtor, rules, today) and not marks.ready_on,
        next_check_on=_next_day(asked, limits, danger and not marks.suspended_on, today),
    )


def suspension_cause(asked, limits: Thresholds, marks: Marks, today: date) -> str:
    """Why credit stands suspended today, or ''. Pure look at what is owed, so that an order can
    ask again at the moment it is confirmed."""
    if marks.exempt:
        return ""
    late = [i for i in asked if i.days_overdue(today) > limits.suspend_after]
    overdue = sum(i.value for i in asked if i.due_on < today)
    if limits.suspend_after and late and overdue >= limits.suspend_from:
        return "overdue"
    return marks.other_cause


def _reached(after: int, oldest: int, debtor, rules, today) -> bool:
    if not after or oldest < after or debtor.held:
        return False
    return not ladder.steps_left_until(after, debtor, rules, today)


def _next_day(asked, limits: Thresholds, pending: bool, today: date) -> date | None:
    ages = [
        days
        for after in (limits.suspend_after, limits.handover_after, limits.place_after)
        if after
        for days in (after, after + 1)
    ]
    days = [i.due_on + timedelta(days=age) for i in asked for age in ages]
    later = [day for day in days if day > today]
    if pending:
        later.append(today + timedelta(days=1))
    return min(later, default=None)
