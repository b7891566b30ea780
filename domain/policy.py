"""What is wrong with a table of steps, as codes; the sentences are the shell's."""
from collections.abc import Iterator, Sequence
from typing import NamedTuple

MIN_DAY, MAX_DAY = -90, 3650


WRITTEN = ("email", "letter", "sms")


class StepSpec(NamedTuple):
    day: int
    channel: str
    has_template: bool
    fallback: str
    has_fallback_template: bool = True


def faults(steps: Sequence[StepSpec], min_gap: int) -> Iterator[tuple[str, int]]:
    """``(code, index of the step)`` for each fault, in the order of the table."""
    for index, step in enumerate(steps):
        if not MIN_DAY <= step.day <= MAX_DAY:
            yield "day_out_of_range", index
        if index and step.day <= steps[index - 1].day:
            yield "delays_do_not_grow", index
        elif index and step.day - steps[index - 1].day < min_gap:
            yield "closer_than_gap", index
        fault = _fault_of_channels(step)
        if fault:
            yield fault, index


def _fault_of_channels(step: StepSpec) -> str:
    if step.channel in WRITTEN and not step.has_template:
        return "no_template"
    if step.fallback == step.channel:
        return "fallback_is_channel"
    if step.channel != "none" and step.fallback in WRITTEN and not step.has_fallback_template:
        return "fallback_without_text"
    return ""


def threshold_faults(suspend: int, handover: int, place: int) -> Iterator[str]:
    """Thresholds that contradict each other; 0 means not used."""
    if min(suspend, handover, place) < 0:
        yield "negative"
    if place and handover > place:
        yield "note_after_agency"
