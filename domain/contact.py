"""When somebody may be contacted: caps by day and week over all hands together."""
from collections.abc import Sequence
from datetime import date, timedelta

# what a debtor has asked for, or is glad to read: no hours, caps or gap hold it up
ANSWERS = ("resend", "answer", "proposal", "agreed", "thanks", "closing", "link")


def may_contact(past: Sequence[date], today: date, per_day: int, per_week: int) -> bool:
    """``past``: the days of the contacts of the last week, company and agency together. A week is
    the seven days that end today; 0 means no cap."""
    on_day = sum(day == today for day in past)
    in_week = sum(today - timedelta(days=6) <= day <= today for day in past)
    return not (per_day and on_day >= per_day) and not (per_week and in_week >= per_week)
