from itertools import product
from math import comb, exp, lgamma, pi, sqrt
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ..domain.intervals import (
    CLEAR,
    LIKELY,
    NO_EVIDENCE,
    TOO_FEW,
    correlate,
    mean,
    nps,
    share,
    student,
    top_share,
)
from .domain_common import DomainCase

scores = st.lists(st.integers(0, 10), min_size=1, max_size=40)


def trinomial(n, p, q):
    """``(promoters, detractors, probability)`` of each outcome of ``n`` answers."""
    for a, b in product(range(n + 1), repeat=2):
        if a + b <= n:
            rest = 1 - p - q
            yield a, b, comb(n, a) * comb(n - a, b) * p ** a * q ** b * rest ** (n - a - b)


class TestShare(DomainCase):
    def test_against_published_figures(self):
        """Newcombe (1998), table I, method 3: Wilson's interval, to four places."""
        for hits, n, low, high in (
            (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718), (3, 3, 0.4385, 1.0),
            (1, 2, 0.0945, 0.9055),
        ):
            with self.subTest(hits=hits, n=n):
                found = share(hits, n)
                self.assertEqual((found.value, found.n), (hits / n, n))
                self.assertAlmostEqual(found.low, low, 4)
                self.assertAlmostEqual(found.high, high, 4)

    def test_nothing_and_nonsense(self):
        self.assertIsNone(share(0, 0))
        for hits, n in ((2, 1), (-1, 3), (0, -1)):
            with self.assertRaises(ValueError):
                share(hits, n)

    def test_csat(self):
        self.assertEqual(top_share([5, 4, 3, 1], 4), share(2, 4))
        self.assertIsNone(top_share([], 4))

    @given(st.integers(1, 300), st.data())
    def test_the_ends_solve_the_equation(self, n, data):
        """Wilson's ends are where the value is just 1.96 standard errors of the end away."""
        hits = data.draw(st.integers(0, n))
        found = share(hits, n)
        for end in (found.low, found.high):
            if 1e-9 < end < 1 - 1e-9:
                variance = end * (1 - end) / n
                self.assertAlmostEqual((hits / n - end) ** 2, 1.959964 ** 2 * variance, 6)
        self.assertTrue(0 <= found.low <= found.value <= found.high <= 1)

    def test_it_holds_what_it_promises(self):
        """Summed over all outcomes: about 19 of 20, on the average of the shares."""
        for n in (5, 10, 30):
            held = [
                sum(comb(n, k) * p ** k * (1 - p) ** (n - k) for k in range(n + 1)
                    if share(k, n).low <= p <= share(k, n).high)
                for p in (number / 50 for number in range(1, 50))
            ]
            self.assertGreater(sum(held) / len(held), 0.94)
            self.assertGreater(min(held), 0.8)


class TestMean(DomainCase):
    def test_student_against_integration(self):
        def tail(freedom, t, steps=4000):
            """Simpson from 0 to t over the density."""
            scale = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(freedom * pi)
            width = t / steps
            power = -(freedom + 1) / 2
            at = [(1 + (i * width) ** 2 / freedom) ** power for i in range(steps + 1)]
            inner = 4 * sum(at[1:-1:2]) + 2 * sum(at[2:-1:2])
            return 0.5 - scale * width / 3 * (at[0] + inner + at[-1])

        for freedom in (1, 2, 5, 10, 11, 15, 30, 100):
            with self.subTest(freedom=freedom):
                self.assertAlmostEqual(tail(freedom, student(freedom)), 0.025, 4)

    def test_by_hand(self):
        # 3, 4, 5 and the ends 1, 5: mean 3.6, squares 2.8, sd √2.8 = 1.6733, error 0.7483 · 2.7764
        found = mean([3, 4, 5], 1, 5)
        self.assertEqual((found.value, found.n, found.high), (4.0, 3, 5))
        self.assertAlmostEqual(found.low, 3.6 - 2.7764 * 0.74833, 3)
        self.assertIsNone(mean([], 1, 5))

    def test_equal_answers_are_no_certainty(self):
        three, thirty = mean([5] * 3, 1, 5), mean([5] * 30, 1, 5)
        self.assertGreater(three.width, 2)
        self.assertLess(thirty.width, 1)
        self.assertEqual(three.high, 5)

    def test_it_holds_what_it_promises(self):
        chance = Random(7)
        for weights in ((1, 1, 1, 1, 1), (0, 0, 1, 2, 6), (5, 0, 0, 0, 5), (1, 0, 0, 1, 20)):
            truth = sum(w * s for w, s in zip(weights, range(1, 6), strict=True)) / sum(weights)
            for n in (4, 12):
                drawn = [mean(chance.choices(range(1, 6), weights, k=n), 1, 5) for _i in range(800)]
                held = sum(each.low <= truth <= each.high for each in drawn) / 800
                self.assertGreater(held, 0.9, (weights, n))


class TestNps(DomainCase):
    def test_by_hand(self):
        # 4 promoters, 2 detractors of 10: p = 4.75/13, q = 2.75/13, d = 2/13,
        # √((7.5/13 - 4/169) / 13) = 0.20630
        found = nps([9, 10, 10, 9, 8, 7, 7, 8, 6, 0])
        self.assertEqual(found[1:], (4, 4, 2))
        self.assertEqual((found.estimate.value, found.estimate.n), (20.0, 10))
        self.assertAlmostEqual(found.estimate.low, 15.3846 - 1.95996 * 20.6296, 2)
        self.assertAlmostEqual(found.estimate.high, 15.3846 + 1.95996 * 20.6296, 2)
        self.assertIsNone(nps([]))

    def test_one_answer_says_little(self):
        found = nps([10]).estimate
        self.assertEqual((found.value, found.high), (100, 100))
        self.assertLess(found.low, 0)

    @given(scores)
    def test_within_the_scale_and_around_the_value(self, answers):
        found = nps(answers)
        self.assertTrue(-100 <= found.estimate.low <= found.estimate.value)
        self.assertTrue(found.estimate.value <= found.estimate.high <= 100)
        self.assertEqual(sum(found[1:]), len(answers))

    @given(scores)
    def test_the_mirror_shows_the_mirror(self, answers):
        turned = [0 if score >= 9 else 8 if score >= 7 else 10 for score in answers]
        here, there = nps(answers).estimate, nps(turned).estimate
        self.assertAlmostEqual(here.value, -there.value)
        self.assertAlmostEqual(here.low, -there.high)

    def test_it_holds_what_it_promises(self):
        for n in (5, 10, 20):
            held = []
            for p, q in ((0.1, 0.1), (0.3, 0.2), (0.6, 0.1), (0.5, 0.4), (0.2, 0.7), (0.8, 0.05)):
                held.append(sum(
                    chance for a, b, chance in trinomial(n, p, q)
                    if self.holds([10] * a + [0] * b + [8] * (n - a - b), 100 * (p - q))
                ))
            self.assertGreater(sum(held) / len(held), 0.94)
            self.assertGreater(min(held), 0.88)

    def holds(self, answers, truth):
        found = nps(answers).estimate
        return found.low <= truth <= found.high


class TestCorrelate(DomainCase):
    def test_by_hand(self):
        # from the means 3 and 4: products 4 + 0 + 0 + 2 + 2 = 8, squares 10 and 10, r = 8/10
        pairs = [(1, 2), (2, 4), (3, 3), (4, 6), (5, 5)]
        found = correlate(pairs)
        self.assertAlmostEqual(found.estimate.value, 0.8)
        # atanh 0.8 = 1.0986, error √(1/2) = 0.7071: ±1.3859
        self.assertAlmostEqual(found.estimate.low, -0.2796, 3)
        self.assertAlmostEqual(found.estimate.high, 0.9862, 3)
        self.assertAlmostEqual(found.p, 0.1203, 3)
        self.assertEqual((found.certainty, found.strength, found.estimate.n),
                         (TOO_FEW, "strong", 5))

    def test_no_answer(self):
        for pairs in ([], [(1, 2)] * 3, [(1, 2), (1, 3), (1, 4), (1, 5)],
                      [(1, 2), (2, 2), (3, 2), (4, 2)]):
            self.assertIsNone(correlate(pairs))

    def test_ranks_ask_for_the_order_only(self):
        pairs = [(n, 2 ** n) for n in range(12)]
        self.assertAlmostEqual(correlate(pairs, ranked=True).estimate.value, 1)
        self.assertLess(correlate(pairs).estimate.value, 0.8)
        # places 0.5 0.5 2 3 and 3 2 0.5 0.5, each from 1.5: products -4, squares 4.5 and 4.5
        found = correlate([(1, 9), (1, 7), (2, 3), (5, 3)], ranked=True)
        self.assertAlmostEqual(found.estimate.value, -4 / 4.5)

    def test_in_words(self):
        # each dozen has r = (8 - 4) / 12, atanh 0.3466; p by √(n - 3) of it
        dozen = [(0, 0)] * 4 + [(1, 1)] * 4 + [(0, 1)] * 2 + [(1, 0)] * 2
        for times, certainty in ((1, NO_EVIDENCE), (2, NO_EVIDENCE), (3, LIKELY), (5, CLEAR)):
            found = correlate(dozen * times)
            self.assertEqual((found.certainty, found.strength), (certainty, "moderate"))
        self.assertEqual(correlate([(0, 0), (1, 1)] * 4 + [(0, 1)]).certainty, TOO_FEW)
        for pairs, strength in (
            ([(0, 0), (1, 1), (0, 1), (1, 0)], "none"),
            ([(0, 0), (1, 1)] * 3 + [(0, 1), (1, 0)] * 2, "weak"),
            ([(0, 0), (1, 1)] * 4 + [(0, 1), (1, 0)], "strong"),
        ):
            self.assertEqual(correlate(pairs).strength, strength)

    @given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=30), st.booleans())
    def test_turned_and_stretched(self, pairs, ranked):
        found = correlate(pairs, ranked)
        turned = correlate([(3 * y + 1, -2 * x) for x, y in pairs], ranked)
        self.assertEqual(found is None, turned is None)
        if found:
            self.assertAlmostEqual(found.estimate.value, -turned.estimate.value)
            self.assertTrue(-1 <= found.estimate.low <= found.estimate.value)
            self.assertTrue(found.estimate.value <= found.estimate.high <= 1)

    def test_chance_alone_is_seldom_significant(self):
        chance = Random(11)
        found = [
            correlate([(chance.random(), chance.random()) for _i in range(15)], ranked)
            for _j in range(400) for ranked in (False, True)
        ]
        share_wrong = sum(each.p < 0.05 for each in found) / len(found)
        self.assertTrue(0.02 < share_wrong < 0.08, share_wrong)
