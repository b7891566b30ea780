"""The ladder: which step a debtor's items take today.

Each item has its own place and climbs one step a run: not before the step's day, not before the
minimum gap, not on a closed day. The debtor gets one message, at the highest step that is due,
listing everything overdue. A place is the *day* of the step reached (-5, 3, 10 …), not its
number, so that a policy can change under way: an item takes the steps it has not passed.
"""
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from .outlook import next_check
from .owed import Debtor, Item, Position, position
from .rules import CATCH_UP_HIGHEST, Rules, Step

STEP, WAIT, HOLD, CLEAR = "step", "wait", "hold", "clear"


class Climb(NamedTuple):
    item: Item
    step: Step


class Decision(NamedTuple):
    """``step`` is the message's: the highest of ``climbs``. ``shown``: the items it lists."""

    verdict: str
    reason: str
    next_check_on: date | None = None
    step: Step | None = None
    climbs: tuple[Climb, ...] = ()
    shown: tuple[Item, ...] = ()


def decide(
    debtor: Debtor, rules: Rules, today: date, ahead: bool = True, at: Position | None = None
) -> Decision:
    """What happens to this debtor today. Pure: the same question has the same answer. ``ahead``:
    whether anybody wants to know the next day to look. ``at``: his position, where it is known."""
    decision = _choose(at or position(debtor, rules, today))
    if not ahead:
        return decision
    after = advance(debtor, decision, today)
    return decision._replace(next_check_on=next_check(after, rules, today))


def _choose(at: Position) -> Decision:
    refusal = _refusal(at)
    if refusal:
        return Decision(*refusal)
    climbs = tuple(_climbs(at))
    if not climbs:
        return Decision(WAIT, "not_due")
    top = max((climb.step for climb in climbs), key=lambda step: (step.contact, step.day))
    climbing = {climb.item.key for climb in climbs}
    shown = tuple(i for i in at.asked if i.key in climbing or i.due_on < at.today)
    return Decision(STEP, "due", None, top, climbs, shown)


def advance(debtor: Debtor, decision: Decision, today: date) -> Debtor:
    """The debtor after ``decision`` was carried out today: what the night stores, and how the
    preview walks through future days."""
    if not decision.step:
        return debtor
    steps = {climb.item.key: climb.step for climb in decision.climbs}
    items = tuple(
        i._replace(reached=steps[i.key].day, reached_on=today) if i.key in steps else i
        for i in debtor.items
    )
    contact = today if decision.step.contact else debtor.last_contact_on
    return debtor._replace(items=items, last_contact_on=contact)


def steps_left(age: int, at: Position) -> list[Climb]:
    """What each item at least ``age`` days overdue has to take next."""
    left = []
    for item in at.overdue:
        if item.days_overdue(at.today) < age:
            break  # the oldest come first
        step = next(_ahead(item, at), None)
        if step:
            left.append(Climb(item, step))
    return left


def _refusal(at: Position) -> tuple[str, str] | None:
    """Why nobody is asked for anything today, or None."""
    debtor, today = at.debtor, at.today
    if not debtor.items:
        return CLEAR, "nothing_open"
    if debtor.is_held(today):
        return HOLD, debtor.held
    if not at.asked:
        held = all(item.is_held(today) for item in debtor.items)
        return HOLD, debtor.items[0].held if held else "covered"
    if debtor.waiting:
        return WAIT, "message_waiting"
    if today in at.rules.closed:
        return WAIT, "closed_day"
    if at.rules.gap_ends(debtor.last_contact_on) > today:
        return WAIT, "gap"
    return None


def _climbs(at: Position) -> Iterator[Climb]:
    for item in at.asked:
        if at.rules.gap_ends(item.reached_on) <= at.today:
            step = _step_of(item, at)
            if step:
                yield Climb(item, step)


def _step_of(item: Item, at: Position) -> Step | None:
    """The step this item takes today; with catch-up at the highest, an item that has taken none
    yet goes to the last one whose day has come."""
    come = (step for step in _ahead(item, at) if item.day_of(step) <= at.today)
    if item.reached is None and at.rules.catch_up == CATCH_UP_HIGHEST:
        return max(come, key=lambda step: step.day, default=None)
    return next(come, None)


def _ahead(item: Item, at: Position) -> Iterator[Step]:
    """The steps this item has not passed and that apply as things stand today. Amounts are of all
    that is overdue; of the item alone as long as nothing is."""
    value = max(at.value, item.value)
    if value < at.rules.min_value:
        return
    for step in at.steps:
        if value >= step.min_amount and not item.has_passed(step):
            yield step
