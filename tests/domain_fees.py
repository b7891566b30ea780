"""Mandates, placements and receipts as hypothesis draws them; amounts small, limits odd."""
from fractions import Fraction

from hypothesis import strategies as st

from ..domain.fees import MARGINAL, WHOLE, Band, Entrusted, Receipt, Tier
from .domain_common import day

SHARES = [Fraction(n, 12) for n in range(12)]
RATES = [Fraction(n, 200) for n in range(1, 60, 3)]
MODES = [MARGINAL, WHOLE]


@st.composite
def bands(draw, modes=MODES, rising=True, ages=(0, 30, 90)):
    """Bands of each age, with tiers that rise or, if by slices, not; the first is often 0 %."""
    made = []
    for age in ages[:draw(st.integers(1, len(ages)))]:
        aboves = draw(st.lists(st.sampled_from(SHARES), unique=True, min_size=1, max_size=4))
        rates = draw(st.lists(
            st.sampled_from(RATES), min_size=len(aboves), max_size=len(aboves)
        ))
        mode = draw(st.sampled_from(modes))
        if rising or mode == WHOLE:
            aboves, rates = sorted(aboves), sorted(rates)
        tiers = tuple(Tier(*each) for each in zip(aboves, rates, strict=True))
        made.append(Band(age, tiers, "", mode))
    return tuple(made)


@st.composite
def books(draw, pools=True):
    """Placements, and receipts of them some of which are taken back in part or whole."""
    placements, receipts = [], []
    for number in range(draw(st.integers(1, 3))):
        placements.append(Entrusted(
            number, day(draw(st.integers(0, 20))), draw(st.integers(0, 400)),
            draw(st.sampled_from((0, 29, 30, 89, 200))),
            draw(st.sampled_from(("collection", "courtesy"))),
            draw(st.sampled_from((None, day(70)))),
            draw(st.sampled_from((None, "pool"))) if pools else None,
        ))
        for on, amount, back in draw(st.lists(
            st.tuples(st.integers(0, 90), st.integers(1, 150), st.integers(-30, 60)), max_size=5
        )):
            receipts.append(Receipt(number, day(on), amount))
            if back >= 0:
                receipts.append(Receipt(number, day(on + back), -amount, day(on)))
    return tuple(placements), tuple(receipts)


def without_reversed(receipts):
    """The receipts that stayed: each reversal strikes out one of the same size and day."""
    left = [receipt for receipt in receipts if receipt.amount > 0]
    for receipt in receipts:
        if receipt.amount < 0:
            left.remove(Receipt(receipt.placement, receipt.since, -receipt.amount))
    return tuple(left)
