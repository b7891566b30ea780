"""When to look at a debtor again, so that nobody is forgotten and nobody is looked at in vain."""
from collections.abc import Iterator
from datetime import date

from .owed import Debtor, Item, Position
from .rules import DAY, Rules, Step


def next_check(debtor: Debtor, rules: Rules, today: date) -> date | None:
    """The first day after today on which the answer can differ if the ledger does not change."""
    first = min(_next_days(debtor, rules, today), default=None)
    return rules.next_open(first) if first else None


def first_day_of(step: Step, item: Item, at: Position) -> date:
    """The first day, from today on, on which ``item`` can take ``step``."""
    rules, debtor = at.rules, at.debtor
    ends = rules.gap_ends(debtor.last_contact_on), rules.gap_ends(item.reached_on)
    return rules.next_open(max(item.day_of(step), *ends, at.today))


def _next_days(debtor: Debtor, rules: Rules, today: date) -> Iterator[date]:
    """Days on which something can change by the passing of time alone: a hold ends, a closed day
    is over, an item becomes overdue (amount conditions look at what is overdue), a step's day and
    the end of its gaps have come. What the ledger changes, the night's refresh notices by itself.
    A message that waits is looked after every night: nothing tells when it leaves."""
    if debtor.is_held(today):
        if debtor.held_until:
            yield debtor.held_until + DAY
        return
    if debtor.items and (debtor.waiting or today in rules.closed):
        yield today + DAY
    gap = rules.gap_ends(debtor.last_contact_on)
    for item in debtor.items:
        if item.held_until and item.held_until >= today:
            yield item.held_until + DAY
        if item.is_held(today):
            continue
        if item.due_on >= today:
            yield item.due_on + DAY
        day = _next_step_day(item, rules, gap, today)
        if day:
            yield day


def _next_step_day(item: Item, rules: Rules, gap: date, today: date) -> date | None:
    ends = max(gap, rules.gap_ends(item.reached_on))
    for step in rules.steps:
        if item.has_passed(step):
            continue
        day = max(item.day_of(step), ends)
        if day > today and not (step.courtesy and day > item.due_on):
            return day
    return None
