"""How much a handful of answers says: shares, means, NPS and correlations with their 95 % interval.

Every figure comes with ``n`` and with the interval within which the truth lies 19 times of 20, as
if the answers were drawn by chance from all that might be given. They are not quite: who is angry
answers more often. Without answers there is no figure (None), never a 0.

The textbook's interval (value ± 1.96 standard errors) is empty where all answers are equal: three
of three would be 100 % for sure. So the ones here look a little towards the middle.
"""
from collections.abc import Iterable, Sequence
from math import atanh, copysign, sqrt, tanh
from statistics import NormalDist, fmean, stdev
from typing import NamedTuple

LEVEL = 0.95
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
PROMOTER, DETRACTOR = 9, 6  # from, up to; of 0 to 10
MIN_PAIRS = 10  # below that a correlation is an anecdote
ALMOST_ONE = 1 - 1e-12

TOO_FEW, NO_EVIDENCE, LIKELY, CLEAR = "too_few", "no_evidence", "likely", "clear"
NONE, WEAK, MODERATE, STRONG = "none", "weak", "moderate", "strong"


class Estimate(NamedTuple):
    """``value`` as measured, and where the truth may lie."""

    value: float
    low: float
    high: float
    n: int

    @property
    def width(self) -> float:
        return self.high - self.low


class Nps(NamedTuple):
    """``estimate`` in points, -100 to 100, with the answers it comes from."""

    estimate: Estimate
    promoters: int
    passives: int
    detractors: int


class Correlation(NamedTuple):
    """``estimate`` of r, -1 to 1. ``p``: how often chance alone shows as much. ``certainty``:
    "too_few" below 10 pairs, "no_evidence" (p from 0.05), "likely", "clear" (p below 0.01).
    ``strength`` (Cohen 1988): "none" below 0.1, "weak", from 0.3 "moderate", from 0.5 "strong"."""

    estimate: Estimate
    p: float
    certainty: str
    strength: str


def share(hits: float, n: int) -> Estimate | None:
    """``hits`` of ``n``, with the interval of Wilson (1927), which stays within 0 and 1 and is
    right for few cases, too: centre (p + z²/2n) / (1 + z²/n), half width
    z/(1 + z²/n) · √(p(1-p)/n + z²/4n²). ``hits`` need not be whole where each of ``n`` counts by a
    part. ``ValueError`` "share" where hits are no part of n."""
    if not 0 <= hits <= n:
        raise ValueError("share")
    if not n:
        return None
    p, spread = hits / n, Z * Z / n
    centre = (p + spread / 2) / (1 + spread)
    half = Z * sqrt(p * (1 - p) / n + spread / (4 * n)) / (1 + spread)
    return _estimate(p, centre, half, n, (0.0, 1.0))


def top_share(scores: Sequence[int], at_least: int) -> Estimate | None:
    """CSAT as it is mostly told: the share of answers of ``at_least`` (4 of 5, say)."""
    return share(sum(score >= at_least for score in scores), len(scores))


def mean(scores: Sequence[float], lowest: float, highest: float) -> Estimate | None:
    """Mean of answers on a scale (CSAT, CES). The interval is Student's t, after one answer was
    added at each end of the scale, as Agresti and Caffo (2000) do for shares; the value is the
    plain mean. Check which end of the scale is good before two surveys are compared."""
    n = len(scores)
    if not n:
        return None
    more = [*scores, lowest, highest]
    half = student(n + 1) * stdev(more) / sqrt(n + 2)
    return _estimate(fmean(scores), fmean(more), half, n, (lowest, highest))


def nps(scores: Iterable[int]) -> Nps | None:
    """Share of promoters (9, 10) less that of detractors (0 to 6), in points. The interval is the
    adjusted Wald of Rocks (The American Statistician 70, 2016), the best of the six compared
    there: ¾ of an answer is added to promoters and detractors each and 1½ to the passives, then
    d ± z·√((p + q - d²)/(n + 3)) with d = p - q. The same NPS may come from love and hate or from
    indifference: show the three counts, too."""
    known = list(scores)
    n = len(known)
    if not n:
        return None
    promoters = sum(score >= PROMOTER for score in known)
    detractors = sum(score <= DETRACTOR for score in known)
    p, q = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    half = Z * sqrt((p + q - (p - q) ** 2) / (n + 3))
    value = 100 * (promoters - detractors) / n
    estimate = _estimate(value, 100 * (p - q), 100 * half, n, (-100.0, 100.0))
    return Nps(estimate, promoters, n - promoters - detractors, detractors)


def correlate(pairs: Sequence[tuple[float, float]], ranked: bool = False) -> Correlation | None:
    """Pearson's r, or with ``ranked`` Spearman's (for answers on a scale: only their order is
    asked). Interval and p by Fisher's z: atanh r is nearly normal with the variance 1/(n - 3), of
    ranks 1.06/(n - 3) (Fieller 1957). None below 4 pairs or where one side never varies. What goes
    together need not be cause and effect; many correlations looked at bring some by chance."""
    n = len(pairs)
    r = _pearson(pairs, ranked) if n > 3 else None
    if r is None:
        return None
    error = sqrt((1.06 if ranked else 1.0) / (n - 3))
    z = atanh(copysign(min(abs(r), ALMOST_ONE), r))
    p = 2 * NormalDist().cdf(-abs(z) / error)
    estimate = Estimate(r, min(tanh(z - Z * error), r), max(tanh(z + Z * error), r), n)
    return Correlation(estimate, p, _certainty(p, n), _strength(abs(r)))


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t: a table for few, the series of Cornish and Fisher in
    1/freedom above; right to 0.001."""
    if freedom <= len(STUDENT):
        return STUDENT[freedom - 1]
    first = (Z ** 3 + Z) / 4
    second = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96
    third = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384
    return Z + first / freedom + second / freedom ** 2 + third / freedom ** 3


STUDENT = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)


def _estimate(
    value: float, centre: float, half: float, n: int, ends: tuple[float, float]
) -> Estimate:
    """Within the scale, and never without the value itself."""
    low, high = ends
    return Estimate(
        value, max(low, min(centre - half, value)), min(high, max(centre + half, value)), n
    )


def _pearson(pairs: Sequence[tuple[float, float]], ranked: bool) -> float | None:
    sides = [[pair[side] for pair in pairs] for side in (0, 1)]
    x, y = (_ranks(side) if ranked else side for side in sides)
    if min(x) == max(x) or min(y) == max(y):
        return None
    middle_x, middle_y = fmean(x), fmean(y)
    both = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True))
    spread_x = sqrt(sum((a - middle_x) ** 2 for a in x))
    spread_y = sqrt(sum((b - middle_y) ** 2 for b in y))
    if not spread_x or not spread_y:
        return None
    return max(-1.0, min(1.0, both / spread_x / spread_y))


def _ranks(values: Sequence[float]) -> list[float]:
    """Equal values share the middle of their places."""
    ordered = sorted(values)
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for place, value in enumerate(ordered):
        first.setdefault(value, place)
        last[value] = place
    return [(first[value] + last[value]) / 2 for value in values]


def _certainty(p: float, n: int) -> str:
    if n < MIN_PAIRS:
        return TOO_FEW
    return CLEAR if p < 0.01 else LIKELY if p < 0.05 else NO_EVIDENCE


def _strength(size: float) -> str:
    return NONE if size < 0.1 else WEAK if size < 0.3 else MODERATE if size < 0.5 else STRONG
