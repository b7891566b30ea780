"""The ladder: which step a debtor's items take today, and when to look again.

Each item has its own place and climbs one step a run: not before the step's day, not before the
minimum gap, not on a closed day. The debtor gets one message, at the highest step that is due,
listing everything overdue. A place is the *day* of the step reached (-5, 3, 10 …), not its
number, so that a policy can change under way: an item takes the steps it has not passed.
"""
from collections.abc import Hashable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

CATCH_UP_FIRST = "first"
CATCH_UP_HIGHEST = "highest"

STEP, WAIT, HOLD, CLEAR = "step", "wait", "hold", "clear"


class Step(NamedTuple):
    """One contact of a policy. ``day`` counts from the due date, negative is before it."""

    key: Hashable
    day: int
    contact: bool = True
    min_amount: int = 0
    late_payers_only: bool = False

    @property
    def courtesy(self) -> bool:
        """Before the due date: a service to the customer, not a reminder."""
        return self.day < 0


class Item(NamedTuple):
    """One open receivable. ``residual`` in units of its own currency, ``value`` in units of the
    company's. ``reached`` is the day of the step taken last (None: none yet). ``extra_days``
    is waited on top (a direct debit on its way). ``held`` says why nothing may be asked."""

    key: Hashable
    due_on: date
    residual: int
    value: int
    currency: Hashable = "EUR"
    reached: int | None = None
    reached_on: date | None = None
    extra_days: int = 0
    held: str = ""
    held_until: date | None = None

    def days_overdue(self, today: date) -> int:
        return (today - self.due_on).days


class Debtor(NamedTuple):
    """What is known of one debtor in one company. ``credits``: open credits by currency, in
    positive units. ``waiting``: a message is planned and has not left."""

    items: tuple[Item, ...]
    credits: Mapping[Hashable, int] = {}
    last_contact_on: date | None = None
    waiting: bool = False
    pays_late: bool = False
    held: str = ""
    held_until: date | None = None


class Rules(NamedTuple):
    """The policy as numbers. ``tolerances`` by currency and ``min_value`` (company currency) in
    units; ``closed`` are the days on which nobody is contacted."""

    steps: tuple[Step, ...]
    min_gap: int = 5
    tolerances: Mapping[Hashable, int] = {}
    min_value: int = 0
    catch_up: str = CATCH_UP_FIRST
    closed: frozenset[date] = frozenset()

    def next_open(self, day: date) -> date:
        while day in self.closed:
            day += timedelta(days=1)
        return day


class Climb(NamedTuple):
    item: Item
    step: Step


class Decision(NamedTuple):
    verdict: str
    reason: str
    next_check_on: date | None
    step: Step | None = None
    climbs: tuple[Climb, ...] = ()
    shown: tuple[Item, ...] = ()


def uncovered(debtor: Debtor, rules: Rules) -> tuple[Item, ...]:
    """The items that open credits do not cover, the oldest being covered first; what credits
    leave of an item within the tolerance is not asked for. Held items consume no credit: the
    credit goes to what we would otherwise ask for."""
    left = dict(debtor.credits)
    kept = []
    for item in sorted(debtor.items, key=lambda i: (i.due_on, str(i.key))):
        if item.held:
            continue
        credit = min(left.get(item.currency, 0), item.residual)
        if credit > 0:
            left[item.currency] -= credit
            rest = item.residual - credit
            item = item._replace(residual=rest, value=item.value * rest // item.residual)
        if item.residual > rules.tolerances.get(item.currency, 0):
            kept.append(item)
    return tuple(kept)


def decide(debtor: Debtor, rules: Rules, today: date) -> Decision:
    """What happens to this debtor today. Pure: the same question has the same answer."""
    asked = uncovered(debtor, rules)
    refusal = _refusal(debtor, asked, rules, today)
    if refusal:
        verdict, reason = refusal
        return Decision(verdict, reason, next_check(debtor, rules, today))
    climbs = tuple(_climbs(asked, debtor, rules, today))
    if not climbs:
        return Decision(WAIT, "not_due", next_check(debtor, rules, today))
    top = max((c.step for c in climbs), key=lambda s: (s.contact, s.day))
    climbing = {c.item.key for c in climbs}
    shown = tuple(i for i in asked if i.key in climbing or i.due_on < today)
    decision = Decision(STEP, "due", None, top, climbs, shown)
    return decision._replace(
        next_check_on=next_check(advance(debtor, decision, today), rules, today)
    )


def advance(debtor: Debtor, decision: Decision, today: date) -> Debtor:
    """The debtor after ``decision`` was carried out today: what the night stores, and how the
    preview walks through future days."""
    if decision.verdict != STEP:
        return debtor
    steps = {c.item.key: c.step for c in decision.climbs}
    items = tuple(
        i._replace(reached=steps[i.key].day, reached_on=today) if i.key in steps else i
        for i in debtor.items
    )
    contact = today if decision.step.contact else debtor.last_contact_on
    return debtor._replace(items=items, last_contact_on=contact)


def next_check(debtor: Debtor, rules: Rules, today: date) -> date | None:
    """The first day after today on which the answer can differ if the ledger does not change."""
    days = list(_next_days(debtor, rules, today))
    return rules.next_open(min(days)) if days else None


def _refusal(debtor, asked, rules, today):
    """Why nobody is asked for anything today, or None."""
    if not debtor.items:
        return CLEAR, "nothing_open"
    if debtor.held:
        return HOLD, debtor.held
    if all(i.held for i in debtor.items):
        return HOLD, debtor.items[0].held
    if not asked:
        return HOLD, "covered"
    if debtor.waiting:
        return WAIT, "message_waiting"
    if today in rules.closed:
        return WAIT, "closed_day"
    if _gap_ends(debtor.last_contact_on, rules) > today:
        return WAIT, "gap"
    return None


def _climbs(asked, debtor, rules, today) -> Iterator[Climb]:
    overdue = sum(i.value for i in asked if i.due_on < today)
    for item in asked:
        if _gap_ends(item.reached_on, rules) > today:
            continue
        step = _step_of(item, debtor, rules, today, overdue)
        if step and _step_on(item, step) <= today:
            yield Climb(item, step)


def steps_left_until(day: int, debtor: Debtor, rules: Rules, today: date) -> bool:
    """Whether some item older than ``day`` has still to take a step of that day or before: nothing
    goes to the agency before the house has asked for itself."""
    asked = uncovered(debtor, rules)
    overdue = sum(i.value for i in asked if i.due_on < today)
    for item in asked:
        step = _step_of(item, debtor, rules, today, overdue)
        if item.days_overdue(today) >= day and step and step.day <= day:
            return True
    return False


def _step_of(item, debtor, rules, today, overdue) -> Step | None:
    """The step this item would take next; with catch-up at the highest, an item that has taken
    none yet goes to the last one whose day has come."""
    steps = [s for s in rules.steps if _applies(s, item, debtor, rules, today, overdue)]
    if item.reached is None and rules.catch_up == CATCH_UP_HIGHEST:
        come = [s for s in steps if _step_on(item, s) <= today]
        return come[-1] if come else next(iter(steps), None)
    return next(iter(steps), None)


def _applies(step, item, debtor, rules, today, overdue) -> bool:
    if item.reached is not None and step.day <= item.reached:
        return False
    if step.courtesy and (today > item.due_on or overdue):
        return False  # no courtesy about tomorrow to somebody who is late today
    if step.late_payers_only and not debtor.pays_late:
        return False
    value = item.value if step.courtesy else overdue
    return value >= max(step.min_amount, rules.min_value)


def _step_on(item: Item, step: Step) -> date:
    """The day of a step on an item; a direct debit on its way delays reminders, not courtesy."""
    extra = 0 if step.courtesy else item.extra_days
    return item.due_on + timedelta(days=step.day + extra)


def _gap_ends(contact_on: date | None, rules: Rules) -> date:
    return contact_on + timedelta(days=rules.min_gap) if contact_on else date.min


def _next_days(debtor, rules, today) -> Iterator[date]:
    """Days on which something can change by the passing of time alone: a hold ends, an item
    becomes overdue (amount conditions look at what is overdue), a step's day and the end of its
    gaps have come. What the ledger changes, the night's refresh notices by itself."""
    tomorrow = today + timedelta(days=1)
    gap = _gap_ends(debtor.last_contact_on, rules)
    if today in rules.closed:
        yield tomorrow
    for held_until in {debtor.held_until, *(i.held_until for i in debtor.items)} - {None}:
        yield max(held_until + timedelta(days=1), tomorrow)
    for item in debtor.items:
        if item.due_on >= today:
            yield item.due_on + timedelta(days=1)
        day = _next_step_day(item, rules, gap, today)
        if day:
            yield day


def _next_step_day(item, rules, gap, today) -> date | None:
    for step in rules.steps:
        if item.reached is not None and step.day <= item.reached:
            continue
        day = max(_step_on(item, step), gap, _gap_ends(item.reached_on, rules))
        if day > today and not (step.courtesy and day > item.due_on):
            return day
    return None
