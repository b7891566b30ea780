"""Plans of debtors who pay as debtors do, and a plain re-computation of where they stand.

``stories`` is a portfolio that is the same each time; ``Story.history`` is what an agreement has
to show day by day, found without ``domain.receipts``: unit by unit, day by day. Tests of the
models may play the payments against a real ledger and compare.
"""
from datetime import date, timedelta
from operator import itemgetter
from random import Random
from typing import NamedTuple

from ..domain.receipts import Monitoring, Receipt
from ..domain.schedule import Instalment, Terms, schedule
from .domain_common import TODAY, day


class Payment(NamedTuple):
    """``reversed_on``: the day on which the bank took it back, and it was never there."""

    on: date
    amount: int
    reversed_on: date | None = None


class Story(NamedTuple):
    name: str
    instalments: tuple[Instalment, ...]
    monitoring: Monitoring
    payments: tuple[Payment, ...]

    def receipts(self, today):
        """What the ledger shows on that day."""
        return [
            Receipt(payment.on, payment.amount) for payment in self.payments
            if payment.on <= today < (payment.reversed_on or date.max)
        ]

    def history(self, days, start=0):
        """``(today, state)`` of each day from ``start`` days after TODAY, as an agreement has it
        that is looked at every day: kept and broken are its end."""
        state = "running"
        for number in range(start, start + days):
            today = day(number)
            if state == "running":
                state = plain(self.instalments, self.receipts(today), self.monitoring, today)[1]
            yield today, state


def plain(instalments, receipts, monitoring, today):
    """``(lines, state, day and cause of the break)``: each unit received is laid on the first
    instalment that lacks one, and each past day is asked whether it broke the agreement."""
    units = [on for on, amount in sorted(receipts) if on <= today for _unit in range(amount)]
    lines, agreed = [], 0
    for due_on, amount, _interest in sorted(instalments, key=itemgetter(0)):
        own = units[agreed:agreed + amount]
        agreed += amount
        lacking = enumerate(own, 1 - amount)  # 0 when the last unit of the instalment came
        enough = [on for lack, on in lacking if -lack <= monitoring.tolerance_amount]
        lines.append((due_on, amount, len(own), enough[0] if enough else None))
    unpaid = [line[0] for line in lines if not line[3]]
    if not unpaid:
        return lines, "kept", None
    enough_missed = monitoring.max_missed
    if not monitoring.max_late_days:  # nothing else would ever break it
        enough_missed = min(enough_missed, len(unpaid))
    for number in range((today - unpaid[0]).days + 1):
        looked_on = unpaid[0] + timedelta(days=number)
        late = [(looked_on - due_on).days for due_on in unpaid]
        beyond = [each for each in late if each > monitoring.tolerance_days]
        if beyond and 0 < enough_missed <= len(beyond):
            return lines, "broken", (looked_on, "missed")
        if beyond and 0 < monitoring.max_late_days < max(beyond):
            return lines, "broken", (looked_on, "late")
    return lines, "running", None


def stories(size, seed=1):
    """``size`` plans of up to six months, all beginning on TODAY."""
    chance = Random(seed)
    habits = (
        _in_time, _early, _in_pieces, _a_bit_late, _stops, _bounces, _all_at_once, _catches_up
    )
    for number in range(size):
        habit = habits[number % len(habits)]
        instalments = schedule(_terms(chance))
        monitoring = Monitoring(
            chance.randrange(6), chance.choice((1, 1, 2, 3)), chance.choice((0, 10, 15, 30)),
            chance.choice((0, 0, 2)),
        )
        payments = sorted(habit(instalments, monitoring, chance), key=itemgetter(0, 1))
        name = f"{number} {habit.__name__.strip('_')}"
        yield Story(name, instalments, monitoring, tuple(payments))


def _terms(chance):
    terms = Terms(
        chance.randrange(50, 400), day(chance.randrange(1, 25)),
        frequency=chance.choice(("week", "fortnight", "month")),
        closed=frozenset(on for on in map(day, range(150)) if on.weekday() > 4),
    )
    if chance.random() < 0.3:
        terms = terms._replace(down_payment=terms.total // 5, down_on=TODAY)
    if chance.random() < 0.5:
        return terms._replace(count=chance.randrange(1, 7))
    return terms._replace(amount=terms.total // chance.randrange(2, 6))


def _later(on, days):
    return max(on + timedelta(days=days), TODAY)


def _in_time(instalments, monitoring, chance):
    return [Payment(each.due_on, each.amount) for each in instalments]


def _early(instalments, monitoring, chance):
    return [Payment(_later(on, -chance.randrange(9)), amount) for on, amount, _i in instalments]


def _in_pieces(instalments, monitoring, chance):
    for on, amount, _interest in instalments:
        part = chance.randrange(amount)
        yield Payment(_later(on, -chance.randrange(9)), amount - part)
        if part:
            yield Payment(_later(on, chance.randrange(monitoring.tolerance_days + 1)), part)


def _a_bit_late(instalments, monitoring, chance):
    for on, amount, _interest in instalments:
        yield Payment(_later(on, chance.randrange(monitoring.tolerance_days + 3)), amount)


def _stops(instalments, monitoring, chance):
    return _in_time(instalments[:chance.randrange(len(instalments))], monitoring, chance)


def _bounces(instalments, monitoring, chance):
    for payment in _in_time(instalments, monitoring, chance):
        if chance.random() < 0.6:
            yield payment
            continue
        yield payment._replace(reversed_on=_later(payment.on, chance.randrange(1, 20)))
        if chance.random() < 0.5:
            yield payment._replace(on=_later(payment.on, chance.randrange(8)))


def _all_at_once(instalments, monitoring, chance):
    return [Payment(day(chance.randrange(60)), sum(each.amount for each in instalments))]


def _catches_up(instalments, monitoring, chance):
    """Misses one, then pays two."""
    for first, second in zip(instalments[::2], (*instalments[1::2], None), strict=False):
        yield Payment((second or first).due_on, first.amount + (second.amount if second else 0))
