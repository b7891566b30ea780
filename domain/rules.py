"""A policy as numbers: its steps, and what holds between them."""
from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

CATCH_UP_FIRST = "first"
CATCH_UP_HIGHEST = "highest"

DAY = timedelta(days=1)


def open_day(day: date, closed: frozenset[date]) -> date:
    """``day``, or the first day after it that is not closed."""
    while day in closed:
        day += DAY
    return day


class Step(NamedTuple):
    """One contact of a policy. ``day`` counts from the due date, negative is before it.
    ``contact``: somebody hears of it. ``min_amount`` in units of the company's currency."""

    key: Hashable
    day: int
    contact: bool = True
    min_amount: int = 0
    late_payers_only: bool = False

    @property
    def courtesy(self) -> bool:
        """Before the due date: a service to the customer, not a reminder."""
        return self.day < 0


class Rules(NamedTuple):
    """``steps`` in the order of their days. ``tolerances`` by currency and ``min_value`` (company
    currency) in units; ``closed`` are the days on which nobody is contacted."""

    steps: tuple[Step, ...]
    min_gap: int = 5
    tolerances: Mapping[Hashable, int] = {}
    min_value: int = 0
    catch_up: str = CATCH_UP_FIRST
    closed: frozenset[date] = frozenset()

    def next_open(self, day: date) -> date:
        return open_day(day, self.closed)

    def gap_ends(self, last: date | None) -> date:
        """The first day on which something may follow what happened on ``last``: without any gap
        the day after, so that a second run on the same day takes no second step."""
        return last + timedelta(days=max(self.min_gap, 1)) if last else date.min
