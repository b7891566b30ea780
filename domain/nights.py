"""The nights ahead, one after the other: what the preview shows."""
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, NamedTuple

from .ladder import Decision, advance, decide
from .owed import Debtor
from .rules import Rules
from .thresholds import Marks, Standing, Thresholds, stand

NOTHING = Decision("", ""), Standing()


class Night(NamedTuple):
    day: date
    decision: Decision
    standing: Standing


def walk(
    debtor: Debtor, rules: Rules, limits: Thresholds, marks: Marks, start: date, until: date,
    contacts: Collection[date] = (),
) -> Iterator[Night]:
    """Each night from ``start`` to ``until`` that has something to look at, as it will go if the
    ledger does not change and what waits leaves at once. Ladder and thresholds are each asked on
    the days that they asked for: a night that looks at both more often finds the same.
    ``contacts``: days on which a night writes to him about something else, before it decides."""
    step_on: date | None = start
    stand_on: date | None = start
    day: date | None = start
    while day and day <= until:
        decision, standing = NOTHING
        debtor = _spoken_to(debtor, [on for on in contacts if start <= on <= day])
        ahead = day < until
        if step_on == day:
            decision = decide(debtor, rules, day, ahead)
            step_on = decision.next_check_on
        if stand_on == day:
            standing = stand(debtor, rules, limits, marks, day, ahead)
            stand_on = standing.next_check_on
        yield Night(day, decision, standing)
        debtor = advance(debtor, decision, day)._replace(waiting=False)
        marks = mark(marks, standing, day)
        day = min(filter(None, (step_on, stand_on)), default=None)


def _spoken_to(debtor: Debtor, days: Collection[date]) -> Debtor:
    last = max(filter(None, (debtor.last_contact_on, *days)), default=None)
    return debtor._replace(last_contact_on=last)


def mark(marks: Marks, standing: Standing, today: date) -> Marks:
    """The marks of the case after that night."""
    fresh: dict[str, Any] = dict.fromkeys(standing.over)
    if standing.lift:
        fresh |= {"suspended_on": None, "warned_on": None}
    if standing.unwarn:
        fresh["warned_on"] = None
    for name, is_new in (
        ("warned_on", standing.warn), ("suspended_on", standing.suspend),
        ("handover_on", standing.handover), ("ready_on", standing.ready),
    ):
        if is_new:
            fresh[name] = today
    return marks._replace(**fresh) if fresh else marks
