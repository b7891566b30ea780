"""How a promise or a plan is kept: cash received against instalments.

Nobody ticks an instalment as paid. What the ledger has received on the covered items goes to the
oldest instalment first, by sums, so that neither the order nor the pieces in which money came
matter. Receipts are read anew each time: a payment that was reversed is simply not there.

An agreement is judged by what is unpaid on the day one looks. It is **broken** when

- ``max_missed`` instalments are unpaid at the same time, each beyond its tolerance, or
- the oldest unpaid one is more than ``max_late_days`` late (and beyond its tolerance, too).

Where no days are set, the last ones break it once all of them are missed, however few: an agreement
that nothing can break any more would hold its items for ever.

Whoever caught up before anybody acted keeps his plan; that a broken one stays broken is for the
shell to remember. On the due date and within the tolerance nothing is missed.
"""
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise
from operator import attrgetter, itemgetter
from typing import NamedTuple

from .rules import DAY
from .schedule import Instalment

OPEN, PART, PAID, LATE, MISSED = "open", "part", "paid", "late", "missed"
RUNNING, KEPT, BROKEN = "running", "kept", "broken"


class Receipt(NamedTuple):
    """Cash received on the covered items since the agreement started; ``amount`` above 0."""

    on: date
    amount: int


class Span(NamedTuple):
    """``units`` of an item were looked into from one day to another: nobody asked for them."""

    item: Hashable
    since: date
    until: date
    units: int


class Monitoring(NamedTuple):
    """0 missed or 0 late days: that does not break an agreement. ``tolerance_amount``: units that
    may be missing in the sum received, so that nothing breaks by the cents that a bank keeps; at
    least one of each instalment must come."""

    tolerance_days: int = 3
    max_missed: int = 1
    max_late_days: int = 15
    tolerance_amount: int = 0


class Kept(NamedTuple):
    """One instalment. ``paid_on``: the first day on which the sum received reached the sum agreed
    up to it. ``late_days``: from the due date to that day, or to today while it is unpaid.

    ``state``: ``paid``, on whatever day; before or on the due date ``open`` or ``part`` (something
    has come); past it ``late``; beyond the tolerance ``missed``."""

    due_on: date
    amount: int
    received: int
    paid_on: date | None
    late_days: int
    state: str


class Course(NamedTuple):
    """``lines`` in the order of their due dates. ``received``: all cash, even above what was
    agreed. ``missing``: past due and not paid. ``broken_on``: the first day on which what is
    unpaid now broke the agreement, by ``broken_why`` ("missed", "late"). ``breaks_on``: the day on
    which it does, or did, if no money comes. ``next_due_on``: of what
    is unpaid, today or later. ``next_check_on``: the first day after today on which the answer
    can differ by time alone, the late days aside."""

    lines: tuple[Kept, ...]
    received: int
    missing: int
    state: str
    broken_on: date | None = None
    broken_why: str = ""
    next_due_on: date | None = None
    next_check_on: date | None = None
    breaks_on: date | None = None


def follow(
    instalments: Sequence[Instalment], receipts: Iterable[Receipt], monitoring: Monitoring,
    today: date, settled: bool = False,
) -> Course:
    """Where the agreement stands today. Receipts dated later do not count yet. ``settled``:
    nothing is open any more on what the agreement covers (a credit note, say): it is kept, and no
    instalment is late."""
    known = sorted(receipts)
    lines = tuple(_match(instalments, known, monitoring, today, settled))
    received = sum(receipt.amount for receipt in known if receipt.on <= today)
    unpaid = [line for line in lines if line.state != PAID]
    if settled or not unpaid:
        return Course(lines, received, 0, KEPT)
    breaks_on, why = min(_breaks(unpaid, monitoring), key=itemgetter(0), default=(date.max, ""))
    broken = breaks_on <= today
    return Course(
        lines,
        received,
        missing=sum(line.amount - line.received for line in unpaid if line.due_on < today),
        state=BROKEN if broken else RUNNING,
        broken_on=breaks_on if broken else None,
        broken_why=why if broken else "",
        next_due_on=min((line.due_on for line in unpaid if line.due_on >= today), default=None),
        next_check_on=min(
            (on for on in _days(unpaid, known, monitoring, breaks_on) if today < on < date.max),
            default=None,
        ),
        breaks_on=breaks_on if breaks_on < date.max else None,
    )


def up_to(instalments: Sequence[Instalment], total: int) -> tuple[Instalment, ...]:
    """The first of ``instalments`` that come to ``total``, of the last one a part."""
    kept, left = [], total
    for instalment in sorted(instalments, key=attrgetter("due_on")):
        if left > 0:
            kept.append(instalment._replace(amount=min(instalment.amount, left)))
        left -= instalment.amount
    return tuple(kept)


def stand_still(
    instalments: Sequence[Instalment], total: int, received: int, spans: Iterable[Span]
) -> tuple[Instalment, ...]:
    """The instalments by the days that count for them: while something was looked into, the clock
    stood still for what waited, which is all but the first of them that come to what was asked of
    ``total``. In the same order."""
    moved = tuple(sorted(instalments, key=attrgetter("due_on")))
    for since, until, waited in _slices(spans):
        moved = _shift(moved, total - waited, received, since, until)
    return moved


def _slices(spans: Iterable[Span]) -> Iterator[tuple[date, date, int]]:
    """``(from, to, units that waited)`` of the times between two changes; what is disputed twice
    waits once."""
    known = list(spans)
    days = sorted({day for span in known for day in (span.since, span.until)})
    for since, until in pairwise(days):
        units: dict[Hashable, int] = {}
        for span in known:
            if span.since <= since and until <= span.until:
                units[span.item] = max(units.get(span.item, 0), span.units)
        if units:
            yield since, until, sum(units.values())


def _shift(
    instalments: Sequence[Instalment], asked: int, received: int, since: date, until: date
) -> tuple[Instalment, ...]:
    """One of which only a part waited keeps its day, unless that was the larger part, or the other
    is paid."""
    moved, total = [], 0
    for instalment in instalments:
        total += instalment.amount
        waited, due_on = min(total - asked, instalment.amount), instalment.due_on
        waits = waited > 0 and (2 * waited > instalment.amount or received >= asked)
        if waits and due_on < until:
            due_on += until - max(since, due_on)
        moved.append(instalment._replace(due_on=due_on))
    return tuple(moved)


def to_remind(course: Course, today: date, before_days: int) -> int | None:
    """The line to remind of: the first unpaid one that is due within ``before_days``, its due date
    included. The same one until it is paid or past due: the shell remembers whom it wrote."""
    ahead = timedelta(days=before_days)
    for index in _unpaid(course):
        if today <= course.lines[index].due_on <= today + ahead:
            return index
    return None


def to_chase(course: Course, today: date, after_days: int) -> int | None:
    """The line to chase for: the last one unpaid for ``after_days`` (a day at least), whose message
    lists those before it as well. So each instalment is chased for once, and never two at once."""
    behind = timedelta(days=max(after_days, 1))
    chased = [index for index in _unpaid(course) if course.lines[index].due_on + behind <= today]
    return max(chased, default=None)


def next_contact_on(
    course: Course, today: date, before_days: int, after_days: int
) -> date | None:
    """The first day after today on which ``to_remind`` or ``to_chase`` can differ by time alone."""
    ahead, behind = timedelta(days=before_days), timedelta(days=max(after_days, 1))
    due = [course.lines[index].due_on for index in _unpaid(course)]
    days = (day for on in due for day in (on - ahead, on + DAY, on + behind))
    return min((day for day in days if day > today), default=None)


def left_to_write_off(
    total_open_before: int, agreed: int, received: int, tolerance_amount: int = 0
) -> int:
    """What a settlement leaves to write off: nothing before all that was agreed has come, then
    what is still open of the whole debt."""
    if received < max(agreed - tolerance_amount, 1):
        return 0
    return max(total_open_before - received, 0)


def _match(
    instalments: Sequence[Instalment], known: Sequence[Receipt], monitoring: Monitoring,
    today: date, settled: bool,
) -> Iterator[Kept]:
    come = [receipt for receipt in known if receipt.on <= today]
    sums = list(accumulate(receipt.amount for receipt in come))
    left = sums[-1] if sums else 0
    agreed = 0
    for instalment in sorted(instalments, key=attrgetter("due_on")):
        agreed += instalment.amount
        missable = min(monitoring.tolerance_amount, instalment.amount - 1)
        reached = bisect_left(sums, agreed - missable)
        paid_on = come[reached].on if reached < len(come) else None
        received = min(left, instalment.amount)
        left -= received
        end = instalment.due_on if settled and not paid_on else paid_on or today
        late_days = max((end - instalment.due_on).days, 0)
        state = PAID if paid_on else state_of(received, late_days, monitoring.tolerance_days)
        yield Kept(
            instalment.due_on, instalment.amount, received, paid_on, late_days, state
        )


def judge(
    line: Kept, view: Kept | None, tolerance_days: int, today: date
) -> tuple[int, str, date | None]:
    """``(days late, state, day that counts)`` of ``line`` as the ledger has it, with ``view`` as a
    fair person sees it; None: all of it waits. Nobody is late with what waits, nor by the days
    that it has waited."""
    counts_on = view.due_on if view else None
    if line.paid_on:
        return max((line.paid_on - counts_on).days, 0) if counts_on else 0, PAID, counts_on
    if line == view:
        return line.late_days, line.state, counts_on
    waits = view is None or view.state == PAID
    late = max((today - counts_on).days, 0) if counts_on and not waits else 0
    return late, state_of(line.received, late, tolerance_days), counts_on


def state_of(received: int, late_days: int, tolerance_days: int) -> str:
    """Of an instalment that is not paid."""
    if late_days:
        return LATE if late_days <= tolerance_days else MISSED
    return PART if received else OPEN


def _breaks(unpaid: Sequence[Kept], monitoring: Monitoring) -> Iterator[tuple[date, str]]:
    """The days on which each of the two limits is passed if no money comes."""
    tolerance, missed = monitoring.tolerance_days, monitoring.max_missed
    if not monitoring.max_late_days:
        missed = min(missed, len(unpaid))
    if 0 < missed <= len(unpaid):
        yield unpaid[missed - 1].due_on + timedelta(days=tolerance + 1), "missed"
    if monitoring.max_late_days > 0:
        late = max(monitoring.max_late_days, tolerance)
        yield unpaid[0].due_on + timedelta(days=late + 1), "late"


def _days(
    unpaid: Iterable[Kept], known: Iterable[Receipt], monitoring: Monitoring, breaks_on: date
) -> Iterator[date]:
    """Days on which something can change: an instalment falls due, its tolerance ends, the
    agreement breaks, money that was booked ahead arrives."""
    for line in unpaid:
        yield line.due_on + DAY
        yield line.due_on + timedelta(days=monitoring.tolerance_days + 1)
    yield breaks_on
    for receipt in known:
        yield receipt.on


def _unpaid(course: Course) -> list[int]:
    """Indices of the lines that are still asked for: of an agreement that runs."""
    if course.state != RUNNING:
        return []
    return [index for index, line in enumerate(course.lines) if line.state != PAID]
