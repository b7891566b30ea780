"""The order of the day: which case first, and why, in points that a controller can check."""
from typing import NamedTuple

AMOUNT_BANDS = (250, 1_000, 5_000, 20_000)  # company currency; 10 points a band
AGE_BANDS = (1, 15, 30, 60)  # days overdue of the oldest item; 10 points a band
RISK_POINTS = {"broken": 8, "suspended": 6, "pays_late": 3, "unreachable": 3}


class Priority(NamedTuple):
    """0–100: up to 40 for the amount, 40 for the age, 20 for what is known of the debtor."""

    points: int
    amount_points: int
    age_points: int
    risks: tuple[str, ...]


def risks(
    suspended: bool, pays_late: bool, reason_kind: str | None, broken: bool = False
) -> frozenset[str]:
    """What is known of a debtor besides what he owes. ``broken``: he has not kept his word, and
    nobody has spoken to him since: no other agreement has taken its place."""
    known = {
        "broken": broken, "suspended": suspended, "pays_late": pays_late,
        "unreachable": reason_kind == "unreachable",
    }
    return frozenset(risk for risk, holds in known.items() if holds)


def prioritise(overdue: float, oldest_days: int, risks: frozenset[str]) -> Priority:
    """``overdue`` in the company's currency, for sorting only."""
    amount = 10 * sum(overdue >= band for band in AMOUNT_BANDS)
    age = 10 * sum(oldest_days >= band for band in AGE_BANDS)
    known = tuple(r for r in RISK_POINTS if r in risks)
    if not amount and not age:
        return Priority(0, 0, 0, known)
    risk = sum(RISK_POINTS[r] for r in known)
    return Priority(amount + age + risk, amount, age, known)


def next_age_band(oldest_days: int) -> int:
    """Days overdue at which the age weighs more, 0 when it can weigh no more."""
    return next((band for band in AGE_BANDS if band > oldest_days), 0)
