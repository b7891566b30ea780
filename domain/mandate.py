"""Which agency gets a case, whether it may, and whether the case is ready to go.

First the house's rules say which mandates come into question and in what shares; then each of them
must be allowed to take the case; of those left, the one furthest behind its share gets it. The
same case, counts and day always give the same answer, so that a price can be shown before.
"""
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from .fees import COURTESY
from .rules import DAY

LEGAL = "legal"
PRESSURES = ("gentle", "standard", "firm", "formal")


class Case(NamedTuple):
    """The case as far as the choice of an agency asks. ``amount`` in units of the company's
    currency; ``areas``: all that hold the debtor (country, region, postal area), ``segments``
    likewise. ``priority``: keeping the relationship comes first; ``pressure``: what the placement
    is to allow."""

    amount: int
    kind: str = "collection"
    pressure: str = "gentle"
    segments: frozenset[Hashable] = frozenset()
    areas: frozenset[Hashable] = frozenset()
    priority: bool = False


class Mandate(NamedTuple):
    """``kinds`` allowed; ``pressure``: the highest grade the agency may use. ``has_licence`` until
    ``licence_until`` (None: without end). ``has_contract``: as a processor of personal data.
    ``qualified``: how many active collectors are qualified for relationship priority."""

    key: Hashable
    start: date
    until: date | None = None
    kinds: frozenset[str] = frozenset({"collection"})
    pressure: str = "standard"
    has_licence: bool = False
    licence_until: date | None = None
    has_contract: bool = False
    qualified: int = 0


class Rule(NamedTuple):
    """Cases of any of ``segments``, ``areas``, ``kinds`` (empty: all) of ``min_amount`` and below
    ``max_amount`` (None: without end), with ``priority`` or without (None: both) go to ``shares``:
    weights by mandate, 3 and 1 for three of four. An empty table keeps them in the house."""

    shares: Mapping[Hashable, int]
    segments: frozenset[Hashable] = frozenset()
    areas: frozenset[Hashable] = frozenset()
    kinds: frozenset[str] = frozenset()
    min_amount: int = 0
    max_amount: int | None = None
    priority: bool | None = None


class Choice(NamedTuple):
    """``mandate``: the key, None if no one may. ``rule``: the number of the rule, None if none
    holds the case. ``refused``: why the others of the rule may not, as codes by mandate."""

    mandate: Hashable | None
    rule: int | None
    refused: Mapping[Hashable, tuple[str, ...]]


class Candidate(NamedTuple):
    """What decides whether a case may go. ``age``: days overdue of its oldest item; ``amount``:
    what would be placed, in units. ``note``: submitted, or waived by a manager. ``held_until``: the
    last day of a pause, dispute, agreement or the salesperson's own try, with ``held`` as its
    name; None: until somebody ends it. ``waiting``: a message of the house has not left."""

    age: int
    amount: int
    note: bool
    kind: str = "collection"
    held: str = ""
    held_until: date | None = None
    waiting: bool = False
    placed: bool = False


class Readiness(NamedTuple):
    """``waits``: codes of all that is missing, none when ready. ``next_check_on``: the first later
    day on which the answer can differ by time alone."""

    waits: tuple[str, ...]
    next_check_on: date | None = None

    @property
    def is_ready(self) -> bool:
        return not self.waits


def refusals(case: Case, mandate: Mandate, today: date) -> tuple[str, ...]:
    """Why this agency may not take the case today, as codes; the sentences are the shell's. The
    licence (in Italy art. 115 TULPS) is asked for whatever is no lawyer's work, courtesy calls
    included: where the line runs between them and collection is not for a program to say."""
    expired = mandate.licence_until is not None and mandate.licence_until < today
    wrong = {
        "not_started": today < mandate.start,
        "ended": mandate.until is not None and mandate.until < today,
        "kind": case.kind not in mandate.kinds,
        "pressure": PRESSURES.index(case.pressure) > PRESSURES.index(mandate.pressure),
        "licence_missing": case.kind != LEGAL and not mandate.has_licence,
        "licence_expired": case.kind != LEGAL and mandate.has_licence and expired,
        "no_contract": not mandate.has_contract,
        "no_qualified": case.priority and mandate.qualified <= 0,
    }
    return tuple(code for code, is_wrong in wrong.items() if is_wrong)


def rule_of(case: Case, rules: Sequence[Rule]) -> int | None:
    """The number of the first rule that holds the case."""
    return next((number for number, rule in enumerate(rules) if _holds(rule, case)), None)


def choose(
    case: Case, rules: Sequence[Rule], mandates: Iterable[Mandate],
    given: Mapping[Hashable, int], today: date,
) -> Choice:
    """The mandate furthest behind its share among those of the first rule that may take the case;
    of equals the first in the rule. ``given``: what each has got under this rule so far, in cases
    or in units of money, as the house counts. A mandate that may not take a case does not catch
    up for it later: shares are those among who may, so the shell counts from when they changed."""
    number = rule_of(case, rules)
    if number is None:
        return Choice(None, None, {})
    known = {mandate.key: mandate for mandate in mandates}
    weights = {key: weight for key, weight in rules[number].shares.items() if weight > 0}
    refused = {
        key: refusals(case, known[key], today) if key in known else ("unknown",)
        for key in weights
    }
    allowed = {key: weight for key, weight in weights.items() if not refused[key]}
    barred = {key: codes for key, codes in refused.items() if codes}
    return Choice(furthest_behind(allowed, given), number, barred)


def furthest_behind(weights: Mapping[Hashable, int], given: Mapping[Hashable, int]) -> Hashable:
    """The key that has got the least of what is its part of all that was given, and the first of
    equals. Nobody ever gets more than his part by a whole case. None without weights."""
    everything = sum(given.get(key, 0) for key in weights)
    of = sum(weights.values())

    def behind(key: Hashable) -> Fraction:
        return Fraction((everything + 1) * weights[key], of) - given.get(key, 0)

    return max(weights, key=behind, default=None)


def granted(*pressures: str) -> str:
    """What may be done where several grades hold: the gentlest."""
    return min(pressures, key=PRESSURES.index)


def readiness(case: Candidate, place_after: int, today: date, min_amount: int = 0) -> Readiness:
    """Whether the case may leave the house. The note is asked of every kind, the age of collection
    and legal: a courtesy call is there to come early. ``place_after`` 0: none goes but by hand."""
    held = bool(case.held) and (case.held_until is None or today <= case.held_until)
    missing = max(place_after - case.age, 0) if case.kind != COURTESY else 0
    waits = {
        "nothing_open": case.amount <= 0,
        "too_small": 0 < case.amount < min_amount,
        "placed": case.placed,
        "by_hand": place_after <= 0 and case.kind != COURTESY,
        "too_young": missing > 0,
        "no_note": not case.note,
        case.held: held,
        "message": case.waiting,
    }
    days = [today + timedelta(days=missing)] if missing else []
    if held and case.held_until:
        days.append(case.held_until + DAY)
    return Readiness(
        tuple(code for code, is_so in waits.items() if is_so), min(days, default=None)
    )


def _holds(rule: Rule, case: Case) -> bool:
    return (
        (not rule.segments or bool(rule.segments & case.segments))
        and (not rule.areas or bool(rule.areas & case.areas))
        and (not rule.kinds or case.kind in rule.kinds)
        and rule.min_amount <= case.amount
        and (rule.max_amount is None or case.amount < rule.max_amount)
        and (rule.priority is None or rule.priority == case.priority)
    )
