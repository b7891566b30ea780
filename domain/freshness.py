"""Whether the books are fresh enough to remind anybody of anything."""
from datetime import date


def is_stale(last_entry_on: date | None, fresh_days: int, today: date) -> bool:
    """Nobody is reminded of what he has paid and nobody has booked: with no bank or cash entry
    for more than ``fresh_days`` days the night plans and does not send. 0 switches this off; a
    ledger without any bank entry is stale."""
    if not fresh_days:
        return False
    return last_entry_on is None or (today - last_entry_on).days > fresh_days
