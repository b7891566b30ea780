"""Builders and strategies of the tests of domain/: no database, no clock.

``CREDIT_CARE_EXAMPLES=5000 dev/test --pure`` looks further, elsewhere each time; without it the
same examples come every time.
"""
import os
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..domain import ladder, nights, rules
from ..domain.owed import Debtor, Item
from ..domain.rules import Rules, Step
from ..domain.thresholds import Marks, Thresholds, stand

TODAY = date(2026, 3, 4)  # a Wednesday
DAYS = (-5, 3, 10, 20, 31, 40)
EXAMPLES = int(os.environ.get("CREDIT_CARE_EXAMPLES", 0))

settings.register_profile(
    "credit_care", max_examples=EXAMPLES or 100, derandomize=not EXAMPLES, deadline=None,
    database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
settings.load_profile("credit_care")


def day(offset):
    return TODAY + timedelta(days=offset)


def make_rules(*days, **values):
    """Rules with a plain step on each of ``days``; a ``Step`` is taken as it is."""
    steps = tuple(d if isinstance(d, Step) else Step(d, d) for d in days or DAYS)
    return Rules(steps, **values)


def make_item(due, residual=1000, key="A", **values):
    """An item whose due date is ``due`` days from TODAY."""
    values.setdefault("value", residual)
    return Item(key=key, due_on=day(due), residual=residual, **values)


def make_debtor(*items, **values):
    return Debtor(tuple(items), **values)


def walk(debtor, policy, start, until):
    """The steps that the nights ahead will take, as ``(day, decision)``."""
    ahead = nights.walk(debtor, policy, Thresholds(0, 0, 0), Marks(), start, until)
    for night in ahead:
        if night.decision.step:
            yield night.day, night.decision._replace(next_check_on=None)


def taken(debtor, policy, until, start=0):
    """``[(days from TODAY, day of the message's step, {item: day of its step})]``"""
    return [
        ((on - TODAY).days, decision.step.day, {c.item.key: c.step.day for c in decision.climbs})
        for on, decision in walk(debtor, policy, day(start), day(until))
    ]


# ---------------------------------------------------------------------------- strategies

SPAN = 80  # days within which everything that the strategies make has happened
CURRENCIES = ("EUR", "USD")
STEP_DAYS = range(-8, 25)
AMOUNTS = range(1, 61)
AHEAD = [day(number) for number in range(26)]
LATEST_FIRST = AHEAD[::-1]
BEHIND = [day(-number) for number in range(1, 16)]

FREE = (("", None),)  # how things are held: not at all, for a while, for good
PASSING = (*FREE * 45, *(("paused", until) for until in AHEAD[:20:4]))
HOLDS = (*PASSING, *[("paused", None)] * 2)

days_ahead = st.sampled_from(AHEAD)


def dealt(*choices):
    """One of each of ``choices``, all by one draw: a tenth of the time of a draw each. Hypothesis
    likes zeros: the first of each should make a telling case."""
    return st.binary(min_size=len(choices), max_size=len(choices)).map(
        lambda data: [c[byte % len(c)] for byte, c in zip(data, choices, strict=True)]
    )


@st.composite
def tables(draw, conditions=True, first=-8):
    """The steps of a policy, each on a day of its own."""
    count = draw(st.sampled_from((2, 3, 1, 4, 5, 0)))
    days = [[*range(start, 25), *range(first, start)] for start in (3, max(first, -5), 10, 20, 6)]
    steps = []
    for number in sorted(set(draw(dealt(*days[:count])))):
        contact, *asks = draw(dealt(
            (True, True, True, False), (0, 0, 0, 30, 80), (False, False, False, True)
        ))
        steps.append(Step(f"step {number}", number, contact, *asks if conditions else ()))
    return tuple(steps)


@st.composite
def policies(draw, steps=None, conditions=True, **values):
    """``values`` given are taken as they are."""
    min_gap, min_value, catch_up, *tolerances = draw(dealt(
        range(7), (0, 0, 25), (rules.CATCH_UP_FIRST, rules.CATCH_UP_HIGHEST),
        range(10), range(10),
    ))
    drawn = {
        "min_gap": min_gap,
        "tolerances": dict(zip(CURRENCIES, tolerances, strict=True)),
        "min_value": min_value if conditions else 0,
        "catch_up": catch_up,
        "closed": frozenset(draw(dealt(*[LATEST_FIRST] * 8))),
    }
    return Rules(draw(tables(conditions) if steps is None else steps), **drawn | values)


def items(key, due=range(-30, 21), hold=HOLDS, fresh=False):
    def build(values):
        due_on, residual, value, currency, reached, reached_on, extra_days, held = values
        return Item(
            key, due_on, residual, residual if currency == "EUR" else value, currency,
            reached, reached_on if reached is not None else None, extra_days, *held,
        )

    return dealt(
        [day(number) for number in due], AMOUNTS, AMOUNTS, CURRENCIES,
        (None,) if fresh else (*[None] * len(STEP_DAYS), *STEP_DAYS), BEHIND, (0, 0, 7), hold,
    ).map(build)


@st.composite
def debtors(draw, hold=HOLDS, credit=True, fresh=False, min_items=0, **values):
    count = draw(st.sampled_from([n for n in (1, 2, 3, 2, 1, 4, 0) if n >= min_items]))
    due, last_contact_on, pays_late, *credits, held = draw(dealt(
        (range(-30, 21), range(-30, 21), range(21)),
        (None,) if fresh else (*[None] * len(BEHIND), *BEHIND), (False, True),
        (*[0] * 120, *AMOUNTS), (*[0] * 120, *AMOUNTS), hold,
    ))
    drawn = {
        "credits": dict(zip(CURRENCIES, credits, strict=True)) if credit else {},
        "last_contact_on": last_contact_on,
        "pays_late": pays_late,
        "held": held[0],
        "held_until": held[1],
    }
    return Debtor(tuple(draw(items(n, due, hold, fresh)) for n in range(count)), **drawn | values)


limits = dealt((0, 5, 12), (0, 8, 14), (0, 10, 16, 20), (0, 0, 40, 90)).map(
    lambda values: Thresholds(*values)
)


# ---------------------------------------------------------------------------- the nights


class Nights:
    """The nights of a debtor as the shell carries them out, on every day or only on the days that
    the domain itself asks for; what they did, in ``events``."""

    def __init__(self, debtor, policy, limits=None, marks=None, delay=0):
        self.debtor, self.policy = debtor, policy
        self.limits, self.marks = limits or Thresholds(0, 0, 0), marks or Marks()
        self.delay = delay  # days that a message waits before it leaves
        self.leaves_on = None
        self.cause = None  # that of the night before
        self.events = []
        self.visits = []

    def run(self, days=SPAN, nightly=True, start=0):
        look_on = day(start)
        for number in range(start, start + days + 1):
            today = day(number)
            if nightly or (look_on and look_on <= today):
                look_on = self.night(today)
        return self

    def night(self, today):
        self.visits.append(today)
        waiting = bool(self.leaves_on and today < self.leaves_on)
        debtor = self.debtor._replace(waiting=waiting)
        decision = ladder.decide(debtor, self.policy, today)
        standing = stand(debtor, self.policy, self.limits, self.marks, today)
        self._note(today, decision, standing)
        self.debtor = ladder.advance(debtor, decision, today)
        if decision.step:
            self.leaves_on = today + timedelta(days=self.delay)
        days = [on for on in (decision.next_check_on, standing.next_check_on) if on]
        assert all(on > today for on in days), (today, decision, standing)
        return min(days, default=None)

    def _note(self, today, decision, standing):
        if decision.step:
            self.events.append((today, "step", decision._replace(next_check_on=None)))
        marks = {}
        for name, mark in (
            ("warn", "warned_on"), ("suspend", "suspended_on"), ("handover", "handover_on"),
            ("ready", "ready_on"),
        ):
            if getattr(standing, name):
                marks[mark] = today
                self.events.append((today, name, standing.cause))
        if self.marks.suspended_on and self.cause not in (None, standing.cause):
            self.events.append((today, "cause", standing.cause))
        self.cause = standing.cause
        if standing.lift:
            marks |= {"suspended_on": None, "warned_on": None}
            self.events.append((today, "lift", ""))
        if standing.unwarn:
            marks |= {"warned_on": None}
            self.events.append((today, "unwarn", ""))
        for mark in standing.over:
            marks[mark] = None
            self.events.append((today, "over", mark))
        self.marks = self.marks._replace(**marks)

    def days_of(self, name):
        return [(today - TODAY).days for today, event, _what in self.events if event == name]


@tagged("post_install", "-at_install")
class DomainCase(BaseCase):
    """Runs without a database: ``dev/test --pure``."""
