"""When and how somebody may be contacted: hours, and caps by day and week over all hands."""
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

Opening = tuple[datetime, datetime]  # from, to (not included), in the debtor's own time

# what a debtor has asked for, or is glad to read: no hours, caps or gap hold it up
ANSWERS = ("resend", "answer", "proposal", "agreed", "thanks", "closing", "link")
# the grade of pressure from which on a way of contact is open; "notice" is a dated demand that
# interrupts limitation: registered letter, certified mail
NEEDS = {
    "phone": "gentle", "email": "gentle", "sms": "gentle", "letter": "standard", "notice": "formal",
}
# neither a step of the ladder nor an answer: within hours and caps, without delaying a reminder
QUESTIONS = ("survey", "survey_reminder")


def may_contact(past: Sequence[date], today: date, per_day: int, per_week: int) -> bool:
    """``past``: the days of the contacts of the last week, company and agency together. A week is
    the seven days that end today; 0 means no cap."""
    on_day = sum(day == today for day in past)
    in_week = sum(today - timedelta(days=6) <= day <= today for day in past)
    return not (per_day and on_day >= per_day) and not (per_week and in_week >= per_week)


def breaches(
    past: Sequence[date], day: date, moment: datetime | None, openings: Sequence[Opening],
    per_day: int, per_week: int,
) -> tuple[str, ...]:
    """What a contact on ``day`` goes against: "hours", "day", "week". ``past``: the contacts made
    besides; ``openings`` of that day. Where the hour is not known only the day is looked at."""
    if moment:
        is_open = any(start <= moment < stop for start, stop in openings)
    else:
        is_open = any(start.date() <= day <= stop.date() for start, stop in openings)
    wrong = {
        "hours": not is_open,
        "day": not may_contact(past, day, per_day, 0),
        "week": not may_contact(past, day, 0, per_week),
    }
    return tuple(code for code, is_wrong in wrong.items() if is_wrong)


def next_contact(
    past: Sequence[date], now: datetime, openings: Iterable[Opening], per_day: int, per_week: int
) -> datetime | None:
    """The first moment from ``now`` on that hours and caps allow; None if none of ``openings``,
    which come in order and do not pass midnight, has one."""
    for start, stop in openings:
        moment = max(start, now)
        if moment < stop and may_contact(past, moment.date(), per_day, per_week):
            return moment
    return None
