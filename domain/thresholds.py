"""Thresholds apart from the ladder: credit suspended, salesperson's note asked, agency.

Suspension looks at the age of what is owed, whatever step it has reached; the two others wait
until the house has taken its own steps (see ``ladder.steps_left``).
"""
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from .ladder import steps_left
from .outlook import first_day_of
from .owed import Debtor, Item, Position, position
from .rules import DAY, Rules


class Thresholds(NamedTuple):
    """Days overdue; 0 switches one off. ``suspend_from`` in units of the company's currency."""

    suspend_after: int = 30
    handover_after: int = 35
    place_after: int = 45
    suspend_from: int = 0


class Marks(NamedTuple):
    """What has happened to the case so far. ``exempt``: credit is never suspended for this
    customer; ``other_cause``: a cause besides the days overdue (credit limit, broken plan).
    ``noted``: the salesperson's note is there, or a manager waived it: without it nothing leaves
    the house. ``own_step_until``: the salesperson does something himself first, up to that day."""

    warned_on: date | None = None
    suspended_on: date | None = None
    handover_on: date | None = None
    ready_on: date | None = None
    exempt: bool = False
    other_cause: str = ""
    noted: bool = True
    own_step_until: date | None = None


class Standing(NamedTuple):
    """What is to be done today, and the first later day on which that can change. ``over``: the
    marks that hold no longer, because what was that old has been settled."""

    cause: str = ""
    warn: bool = False
    suspend: bool = False
    lift: bool = False
    unwarn: bool = False
    handover: bool = False
    ready: bool = False
    over: tuple[str, ...] = ()
    next_check_on: date | None = None


def stand(
    debtor: Debtor, rules: Rules, limits: Thresholds, marks: Marks, today: date,
    ahead: bool = True, at: Position | None = None,
) -> Standing:
    """Suspension starts the day after its warning, never before the age is *over* the limit;
    it ends, warning included, when no cause is left. ``debtor`` as he was before the step of
    today: the agency waits for tomorrow at least. ``ahead``, ``at``: as for ``ladder.decide``."""
    at = at or position(debtor, rules, today)
    more = any(item.counts for item in debtor.items)
    owing = position(debtor, rules, today, blocking=True) if more else at
    cause = suspension_cause(owing.asked, limits, marks, today)
    warned, suspended = bool(marks.warned_on), bool(marks.suspended_on)
    danger = bool(cause) or (_is_near(owing, limits) and not marks.exempt)
    note, agency = _waits(at, limits, marks)
    again = [*(note or ()), *(agency or ()), *(_next_days(owing, limits) if ahead else ())]
    if danger and not suspended:
        again.append(today + DAY)
    return Standing(
        cause=cause,
        warn=danger and not warned and not suspended,
        suspend=bool(cause) and (marks.warned_on or today) < today and not suspended,
        lift=suspended and not cause,
        unwarn=warned and not danger,
        handover=note == [],
        ready=agency == [],
        over=tuple(_marks_over(debtor, limits, marks, today)),
        next_check_on=min(again, default=None),
    )


def suspension_cause(
    asked: Sequence[Item], limits: Thresholds, marks: Marks, today: date
) -> str:
    """Why credit stands suspended today, or ''. Pure look at what is owed, so that an order can
    ask again at the moment it is confirmed."""
    if marks.exempt:
        return ""
    overdue = [item for item in asked if item.due_on < today]
    oldest = max((item.days_overdue(today) for item in overdue), default=0)
    value = sum(item.value for item in overdue)
    if 0 < limits.suspend_after < oldest and value >= limits.suspend_from:
        return "overdue"
    return marks.other_cause


def _is_near(at: Position, limits: Thresholds) -> bool:
    """Whether credit is suspended tomorrow if nothing comes in."""
    return 0 < limits.suspend_after <= at.oldest and at.value >= limits.suspend_from


def _waits(
    at: Position, limits: Thresholds, marks: Marks
) -> tuple[list[date] | None, list[date] | None]:
    """Days on which to look again before the note is asked, and before the agency gets it: none
    left when that is today, None when it is no question. Both wait until the house has asked for
    itself, by its steps up to that day, and that has left."""
    note = _is_question(limits.handover_after, marks.handover_on, at)
    agency = _is_question(limits.place_after, marks.ready_on, at) and marks.noted
    if not note and not agency:
        return None, None
    left = [] if at.debtor.waiting else [
        (item.days_overdue(at.today), step.day, first_day_of(step, item, at) + DAY)
        for item, step in steps_left(min(
            limits.handover_after if note else limits.place_after,
            limits.place_after if agency else limits.handover_after,
        ), at)
    ]

    def wait(after: int) -> list[date]:
        if at.debtor.waiting:
            return [at.today + DAY]
        return [day for age, step_day, day in left if step_day <= after <= age]

    own_step = marks.own_step_until
    busy = [own_step + DAY] if own_step and own_step >= at.today else []
    return (
        wait(limits.handover_after) if note else None,
        wait(limits.place_after) + busy if agency else None,
    )


def _is_question(after: int, marked_on: date | None, at: Position) -> bool:
    return bool(
        after and not marked_on and at.oldest >= after and not at.debtor.is_held(at.today)
    )


def _marks_over(debtor: Debtor, limits: Thresholds, marks: Marks, today: date) -> Iterator[str]:
    """A customer who settled and defaults again later is a new matter: his salesperson is asked
    again. A pause alone ends nothing."""
    oldest = max((item.days_overdue(today) for item in debtor.items), default=0)
    if marks.handover_on and oldest < limits.handover_after:
        yield "handover_on"
    if marks.ready_on and oldest < limits.place_after:
        yield "ready_on"


def _next_days(at: Position, limits: Thresholds) -> Iterator[date]:
    """Ages reached, holds ended, and amounts grown by what becomes overdue."""
    after = limits.suspend_after
    ages = sorted({1, after, after and after + 1, limits.handover_after, limits.place_after} - {0})
    for item in at.asked:
        overdue = item.days_overdue(at.today)
        following = next((age for age in ages if age > overdue), None)
        if following:
            yield item.due_on + timedelta(days=following)
    for held_until in (at.debtor.held_until, *(item.held_until for item in at.debtor.items)):
        if held_until and held_until >= at.today:
            yield held_until + DAY
