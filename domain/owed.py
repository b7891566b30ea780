"""What a debtor owes in one company, and what of it may be asked for today."""
from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

from .rules import Rules, Step


class Item(NamedTuple):
    """One open receivable. ``residual`` in units of its own currency, ``value`` in units of the
    company's. ``reached`` is the day of the step taken last (None: none yet). ``extra_days``
    is waited on top (a direct debit on its way; the days between the due date and the sending of
    an invoice that had got lost). ``held`` says why nothing may be asked, up to
    and including ``held_until`` (None: until somebody changes it); after that day the item is
    looked at again, held or not. ``counts``: nobody asks for it now, and credit stays suspended
    for it all the same (a promise that is not kept yet). ``taken``: keys of steps that it took
    when they stood on another day, and that now lie ahead of it."""

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
    counts: bool = False
    taken: frozenset[Hashable] = frozenset()

    def days_overdue(self, today: date) -> int:
        return (today - self.due_on).days

    def is_held(self, today: date) -> bool:
        return bool(self.held) and (self.held_until is None or today <= self.held_until)

    def has_passed(self, step: Step) -> bool:
        """No step twice: neither one that lies behind nor one that was moved ahead again."""
        return (self.reached is not None and step.day <= self.reached) or step.key in self.taken

    def day_of(self, step: Step) -> date:
        """What is waited on top delays reminders, not courtesy."""
        extra = 0 if step.courtesy else self.extra_days
        return self.due_on + timedelta(days=step.day + extra)


class Hold(NamedTuple):
    """Why an item waits, up to and including ``until`` (None: until somebody changes it).
    ``disputed``: units of its currency that nobody asks for while the rest is asked for.
    ``counts``: as for items."""

    held: str = ""
    until: date | None = None
    disputed: int = 0
    counts: bool = False

    def join(self, other: "Hold") -> "Hold":
        """Both hold: a dispute of the whole item comes first, one of a part stays a part. It waits
        until the later of their ends."""
        if not other.held:
            return self
        if not self.held:
            return other._replace(disputed=self.disputed)
        ends = (self.until, other.until)
        return self._replace(until=max(filter(None, ends)) if all(ends) else None)


FREE = Hold()


class Debtor(NamedTuple):
    """What is known of one debtor in one company. ``credits``: open credits by currency, in
    positive units. ``waiting``: a message is planned and has not left. ``held``: as for items,
    for all of them."""

    items: tuple[Item, ...]
    credits: Mapping[Hashable, int] = {}
    last_contact_on: date | None = None
    waiting: bool = False
    pays_late: bool = False
    held: str = ""
    held_until: date | None = None

    def is_held(self, today: date) -> bool:
        return bool(self.held) and (self.held_until is None or today <= self.held_until)


class Position(NamedTuple):
    """A debtor under his rules on one day. ``asked``: what may be asked of him, the oldest first;
    ``overdue``: its part past due; ``value``: what that part comes to in the company's currency.
    ``steps``: those that anything of his can take, as things stand today."""

    debtor: Debtor
    rules: Rules
    today: date
    asked: tuple[Item, ...]
    overdue: tuple[Item, ...]
    value: int
    steps: tuple[Step, ...]

    @property
    def oldest(self) -> int:
        """Days overdue of the oldest item asked for; 0 while nothing is overdue."""
        return self.overdue[0].days_overdue(self.today) if self.overdue else 0


def position(debtor: Debtor, rules: Rules, today: date, blocking: bool = False) -> Position:
    """``blocking``: what counts for the suspension of credit, asked for or not."""
    asked = uncovered(debtor, rules, today, blocking)
    overdue = tuple(item for item in asked if item.due_on < today)
    value = sum(item.value for item in overdue)
    steps = tuple(step for step in rules.steps if _applies(step, debtor, bool(overdue)))
    return Position(debtor, rules, today, asked, overdue, value, steps)


def _applies(step: Step, debtor: Debtor, is_late: bool) -> bool:
    if step.courtesy and is_late:
        return False  # no courtesy about tomorrow to somebody who is late today
    return debtor.pays_late or not step.late_payers_only


def uncovered(
    debtor: Debtor, rules: Rules, today: date, blocking: bool = False
) -> tuple[Item, ...]:
    """The items that open credits do not cover, the oldest being covered first; what credits
    leave of an item within the tolerance is not asked for. Held items consume no credit: the
    credit goes to what we would otherwise ask for. ``blocking``: with those that count for the
    suspension of credit although nobody asks for them."""
    left = dict(debtor.credits)
    kept = []
    for item in sorted(debtor.items, key=attrgetter("due_on")):
        if item.held and item.is_held(today) and not (blocking and item.counts):
            continue
        credit = min(left.get(item.currency, 0), item.residual)
        if credit > 0:
            left[item.currency] -= credit
            rest = item.residual - credit
            item = item._replace(residual=rest, value=item.value * rest // item.residual)
        if item.residual > rules.tolerances.get(item.currency, 0):
            kept.append(item)
    return tuple(kept)
