"""The voice of the customer: who is asked, which answer is a bad one, what a handful of them says.

Metrics. CSAT: satisfied, 1 to 5. CES (2.0): "it was easy", 1 to 7. NPS: would recommend, 0 to 10;
transactional after one experience, relational at intervals, competitive beside the same question
about the supplier one compares us with. High is good on each of these scales.

Points make answers comparable within a metric, never across: CSAT and CES are told as the share of
good answers (0 to 100), NPS as promoters less detractors (-100 to 100). No two metrics are added.
"""
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from hashlib import md5

from . import intervals
from .intervals import Estimate

CSAT, CES = "csat", "ces"
TRANSACTIONAL, RELATIONAL = "nps_transactional", "nps_relational"
COMPETITIVE, COMPETITOR = "nps_competitive", "nps_competitor"
NPS = (TRANSACTIONAL, RELATIONAL, COMPETITIVE, COMPETITOR)
SCALES = {CSAT: (1, 5), CES: (1, 7), **dict.fromkeys(NPS, (0, 10))}
GOOD = {CSAT: 4, CES: 5}  # from this answer on
GRACE_DAYS = 7  # an event that was not asked about within these days is not asked about any more
YEAR = 365


def draw(key: str) -> int:
    """A number that looks like chance and is the same each time, 0 to 2³² - 1. SQL has it as
    ``('x' || left(md5(key), 8))::bit(32)::bigint``."""
    return int(md5(key.encode(), usedforsecurity=False).hexdigest()[:8], 16)


def is_sampled(key: str, share: float) -> bool:
    """Whether ``key`` is among the ``share`` percent who are asked: nobody's mood, and the same
    answer at every look."""
    return draw(key) < share / 100 * 2 ** 32


def event_days(today: date, delay: int) -> tuple[date, date]:
    """First and last day of what is asked about today."""
    last = today - timedelta(days=delay)
    return last - timedelta(days=GRACE_DAYS), last


def own_days(today: date, delay: int) -> dict[int, date]:
    """``{number: day}``: a customer asked once a year has a day of his own, ``draw(key) % 365``
    from New Year on, so that a year's questions do not leave in one night."""
    first, last = event_days(today, delay)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return {day.timetuple().tm_yday - 1: day for day in days}


def is_bad(metric: str, value: int, limits: Mapping[str, int]) -> bool:
    """``limits``: the highest bad answer of "csat", "ces" and "nps". How our customers see somebody
    else is no fault of ours."""
    if metric == COMPETITOR:
        return False
    return value <= limits["nps" if metric in NPS else metric]


def is_on_scale(metric: str, value: int) -> bool:
    lowest, highest = SCALES[metric]
    return lowest <= value <= highest


def measure(metric: str, answers: Sequence[int], n: int = 0) -> Estimate | None:
    """In points, with the interval of Wilson for shares and of Rocks for NPS (see ``intervals``);
    None without answers. ``n``: how many have answered, where one of them has said several things
    (three items of CSAT): they come from one head, and make the interval no narrower."""
    if not answers:
        return None
    if metric in NPS:
        found = intervals.nps(answers)
        return found and found.estimate
    n = n or len(answers)
    good = sum(answer >= GOOD[metric] for answer in answers)
    part = intervals.share(good / len(answers) * n, n)
    if part is None:
        return None
    return Estimate(100 * part.value, 100 * part.low, 100 * part.high, part.n)


def compare(own: Sequence[int], other: Sequence[int]) -> float | None:
    """Competitive NPS: how many points we are ahead, of customers who have answered both."""
    ours, theirs = intervals.nps(own), intervals.nps(other)
    if ours is None or theirs is None:
        return None
    return ours.estimate.value - theirs.estimate.value
