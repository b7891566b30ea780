from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from ..domain.fees import (
    BEYOND,
    COURTESY,
    EARLY,
    LATE,
    MARGINAL,
    STEP,
    SUCCESS,
    WHOLE,
    WINDOW,
    Band,
    Entrusted,
    Receipt,
    Tier,
    band_of,
    earned,
    faults,
    success_lines,
)
from .domain_common import TODAY, DomainCase, day
from .domain_fees import bands, books, without_reversed

# 4 % up to half of what was placed, 10 % up to 80 %, then 20 %
RISING = (Tier(Fraction(0), Decimal("0.04")), Tier(Decimal("0.5"), Fraction(1, 10)),
          Tier(Fraction(4, 5), Fraction(1, 5)))
FALLING = Tier(Fraction(0), Fraction(1, 3))
SLICES, ALL = Band(0, RISING), Band(0, RISING, mode=WHOLE)
PLACED = Entrusted("P", TODAY, 1000, 50)


def paid(on, amount, since=None, placement="P"):
    return Receipt(placement, day(on), amount, None if since is None else day(since))


def lines(receipts, band=SLICES, placements=(PLACED,), window_days=0):
    return list(success_lines(placements, receipts, (band,), window_days))


def brief(found):
    return [(line.amount, line.rate, line.fee, line.why) for line in found]


def fee(found):
    return sum(line.fee for line in found)


def plain(amount, recovered, band):
    """F unit by unit: each unit is asked which tier it is in."""
    recovered = min(recovered, amount)

    def rate(unit, reached):
        rates = [(tier.above, Fraction(tier.rate)) for tier in band.tiers
                 if int(Fraction(tier.above) * amount) + (not reached) <= unit]
        return max(rates, default=(0, Fraction(0)))[1]

    if band.mode == WHOLE:
        total = rate(recovered, True) * recovered
    else:
        total = sum(rate(unit, False) for unit in range(1, recovered + 1))
    return int(total + Fraction(1, 2))


class TestEarned(DomainCase):
    def test_by_slices_and_by_all(self):
        for recovered, by_slices, by_all in (
            (0, 0, 0), (1, 0, 0), (13, 1, 1), (499, 20, 20), (500, 20, 50), (501, 20, 50),
            (600, 30, 60), (800, 50, 160), (900, 70, 180), (1000, 90, 200), (1200, 90, 200),
            (-5, 0, 0),
        ):
            with self.subTest(recovered=recovered):
                self.assertEqual(earned(1000, recovered, SLICES), by_slices)
                self.assertEqual(earned(1000, recovered, ALL), by_all)

    def test_half_a_unit_is_rounded_up(self):
        band = Band(0, (Tier(Fraction(0), Fraction(1, 2)),))
        self.assertEqual([earned(9, n, band) for n in range(4)], [0, 1, 1, 2])

    def test_no_tier_from_zero(self):
        band = Band(0, (Tier(Fraction(1, 4), Fraction(1, 10)),))
        self.assertEqual([earned(400, n, band) for n in (100, 110, 400)], [0, 1, 30])

    @given(st.integers(0, 300), st.integers(0, 320), bands(rising=False, ages=(0,)))
    def test_a_plain_recomputation_finds_the_same(self, amount, recovered, made):
        assume(len({int(tier.above * amount) for tier in made[0].tiers}) == len(made[0].tiers))
        self.assertEqual(
            earned(amount, recovered, made[0]), plain(amount, recovered, made[0])
        )

    @given(st.integers(0, 300), st.integers(0, 320), bands(rising=False, ages=(0,)))
    def test_more_recovered_never_earns_less(self, amount, recovered, made):
        self.assertLessEqual(
            earned(amount, recovered, made[0]), earned(amount, recovered + 1, made[0])
        )

    @given(st.integers(0, 300), st.integers(0, 320), bands([MARGINAL], False, (0,)))
    def test_no_jump_across_a_limit(self, amount, recovered, made):
        """One unit more earns its own rate at the most, and the rounding of one unit."""
        more = earned(amount, recovered + 1, made[0]) - earned(amount, recovered, made[0])
        self.assertLess(more, 1 + max(tier.rate for tier in made[0].tiers))
        self.assertGreaterEqual(more, 0)

    def test_by_all_there_is_a_jump(self):
        self.assertEqual(earned(1000, 500, ALL) - earned(1000, 499, ALL), 30)


class TestBandOf(DomainCase):
    BANDS = (
        Band(0, RISING), Band(91, RISING), Band(181, RISING), Band(0, (), "legal"),
        Band(31, (), "courtesy"),
    )

    def test_by_age_and_kind(self):
        for age, kind, expected in (
            (0, "collection", 0), (90, "collection", 0), (91, "collection", 1),
            (180, "collection", 1), (181, "collection", 2), (999, "collection", 2),
            (999, "legal", 3), (31, "courtesy", 4), (30, "courtesy", None), (-5, "legal", None),
        ):
            with self.subTest(age=age, kind=kind):
                placement = PLACED._replace(age=age, kind=kind)
                band = None if expected is None else self.BANDS[expected]
                self.assertEqual(band_of(placement, self.BANDS), band)

    def test_no_band_no_fee(self):
        found = lines([paid(1, 500)], Band(60, RISING))
        self.assertEqual(brief(found), [(500, 0, 0, SUCCESS)])

    def test_nonsense_is_refused(self):
        tier = RISING[0]
        for code, made in (
            ("mode", [Band(0, (), mode="some")]), ("rate", [Band(0, (tier._replace(rate=2),))]),
            ("rate", [Band(0, (tier._replace(rate=-1),))]),
            ("above", [Band(0, (tier._replace(above=1),))]),
            ("whole_falls", [Band(0, (RISING[2], FALLING), mode=WHOLE)]),
            ("two_bands", [Band(0, ()), Band(0, RISING)]), ("two_tiers", [Band(0, (tier, tier))]),
        ):
            with self.subTest(code):
                self.assertEqual(faults(made), (code,))
                with self.assertRaises(ValueError) as raised:
                    list(success_lines((PLACED,), (), made))
                self.assertEqual(raised.exception.args, (code,))
        self.assertEqual(faults(self.BANDS), ())


class TestSuccessLines(DomainCase):
    def test_each_tier_has_a_line(self):
        tenth, fifth = Fraction(1, 10), Fraction(1, 5)
        for name, receipts, expected in (
            ("one payment through all tiers", [paid(1, 900)], [
                (500, Fraction(1, 25), 20, SUCCESS), (300, tenth, 30, SUCCESS),
                (100, fifth, 20, SUCCESS),
            ]),
            ("up to the limit, and on from there", [paid(1, 500), paid(2, 100)], [
                (500, Fraction(1, 25), 20, SUCCESS), (100, tenth, 10, SUCCESS),
            ]),
            ("above what was placed", [paid(1, 800), paid(2, 250)], [
                (500, Fraction(1, 25), 20, SUCCESS), (300, tenth, 30, SUCCESS),
                (200, fifth, 40, SUCCESS), (50, 0, 0, BEYOND),
            ]),
            ("taken back across a limit", [paid(1, 600), paid(9, -200, 1)], [
                (500, Fraction(1, 25), 20, SUCCESS), (100, tenth, 10, SUCCESS),
                (-100, tenth, -10, SUCCESS), (-100, Fraction(1, 25), -4, SUCCESS),
            ]),
        ):
            with self.subTest(name):
                self.assertEqual(brief(lines(receipts)), expected)

    def test_the_step_of_the_whole_has_a_line_of_its_own(self):
        tenth, low = Fraction(1, 10), Fraction(1, 25)
        found = lines([paid(1, 400), paid(2, 200), paid(3, -150, 2)], ALL)
        self.assertEqual(brief(found), [
            (400, low, 16, SUCCESS), (200, tenth, 20, SUCCESS), (400, tenth - low, 24, STEP),
            (-150, low, -6, SUCCESS), (600, low - tenth, -36, STEP),
        ])

        self.assertEqual(brief(lines([paid(1, 600)], ALL)), [(600, tenth, 60, SUCCESS)])

    def test_only_cash_that_counts(self):
        courtesy = PLACED._replace(kind=COURTESY, until=day(30))
        for name, on, why in (
            ("before the placement", -1, EARLY), ("on its day", 0, WINDOW),
            ("last day of the window", 5, WINDOW), ("after the window", 6, SUCCESS),
            ("last day of the placement", 30, SUCCESS), ("after it", 31, LATE),
        ):
            with self.subTest(name):
                (found,) = lines([paid(on, 100)], placements=[courtesy], window_days=5)
                self.assertEqual((found.why, found.fee), (why, 4 if why == SUCCESS else 0))
                back = lines([paid(on, 100), paid(60, -100, on)], placements=[courtesy],
                             window_days=5)
                self.assertEqual((back[1].why, back[1].fee), (why, -found.fee))
        (found,) = lines([paid(0, 100)], window_days=5)
        self.assertEqual(found.why, SUCCESS, "the window is for courtesy calls alone")

    def test_what_fell_into_the_window_raises_no_tier(self):
        found = lines([paid(1, 500), paid(9, 100)], window_days=5,
                      placements=[PLACED._replace(kind=COURTESY)])
        self.assertEqual(fee(found), 4)

    def test_a_pool_is_one(self):
        pool = [PLACED._replace(key=key, pool="May") for key in "PQ"]
        receipts = [paid(1, 1000), paid(2, 500, placement="Q")]
        self.assertEqual(fee(lines(receipts, placements=pool)), 40 + 50)
        alone = [each._replace(pool=None) for each in pool]
        self.assertEqual(fee(lines(receipts, placements=alone)), 90 + 20)
        older = [pool[0], pool[1]._replace(age=400)]
        ages = (SLICES, Band(365, RISING))
        self.assertEqual(fee(success_lines(older, receipts, ages)), 90 + 20, "a band is no pool")

    def test_what_cannot_be_is_refused(self):
        for code, receipt in (
            ("placement", paid(1, 5, placement="X")), ("since", paid(1, -5)),
            ("since", paid(1, -5, 2)),
        ):
            with self.subTest(code), self.assertRaises(ValueError) as raised:
                lines([receipt])
            self.assertEqual(raised.exception.args, (code,))


class TestSuccessProperties(DomainCase):
    @given(books(), bands(rising=False), st.integers(0, 15))
    def test_all_cash_is_on_some_line(self, book, made, window):
        found = list(success_lines(*book, made, window))
        amounts = {receipt: 0 for receipt in book[1]}
        for line in found:
            if line.why != STEP:
                amounts[line.receipt] += line.amount
        for receipt, amount in amounts.items():
            self.assertEqual(amount, receipt.amount * book[1].count(receipt))

    @given(books(), bands(rising=False), st.integers(0, 15))
    def test_a_reversal_gives_back_exactly(self, book, made, window):
        placements, receipts = book
        self.assertEqual(
            fee(success_lines(placements, receipts, made, window)),
            fee(success_lines(placements, without_reversed(receipts), made, window)),
        )

    @given(books(), bands(rising=False), st.integers(0, 2), st.integers(1, 300))
    def test_the_last_payment_gives_back_what_it_earned(self, book, made, number, amount):
        placements, receipts = book
        key = placements[number % len(placements)].key
        came, went = Receipt(key, day(200), amount), Receipt(key, day(205), -amount, day(200))
        found = list(success_lines(placements, (*receipts, came, went), made))
        self.assertEqual(fee(line for line in found if line.receipt == came),
                         -fee(line for line in found if line.receipt == went))

    @given(books(), bands(rising=False), st.integers(0, 15), st.data())
    def test_neither_order_nor_pieces_matter(self, book, made, window, data):
        placements, receipts = book
        pieces = []
        for receipt in receipts:
            part = data.draw(st.integers(0, abs(receipt.amount)))
            part = part if receipt.amount > 0 else -part
            pieces += [
                receipt._replace(amount=each) for each in (part, receipt.amount - part) if each
            ]

        def by_day(receipts):
            days = {}
            for line in success_lines(placements, receipts, made, window):
                key = (line.receipt.on, line.receipt.placement)
                days[key] = days.get(key, 0) + line.fee
            return {key: value for key, value in days.items() if value}

        self.assertEqual(by_day(data.draw(st.permutations(pieces))), by_day(receipts))

    @given(books(), bands(rising=False), st.data())
    def test_the_lines_do_not_depend_on_the_order_of_reading(self, book, made, data):
        placements, receipts = book
        shuffled = data.draw(st.permutations(receipts))
        self.assertEqual(list(success_lines(placements, shuffled, made)),
                         list(success_lines(placements, receipts, made)))

    @given(books(pools=False), bands())
    def test_the_sum_is_that_of_each_placement(self, book, made):
        placements, receipts = book
        placements = [each._replace(kind="collection", until=None) for each in placements]
        expected = 0
        for each in placements:
            kept = without_reversed(receipts)
            come = sum(r.amount for r in kept if r.placement == each.key and r.on >= each.on)
            expected += earned(each.amount, come, band_of(each, made))
        self.assertEqual(fee(success_lines(placements, receipts, made)), expected)
