from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ..domain import intervals, voices
from .domain_common import DomainCase

LIMITS = {"csat": 2, "ces": 2, "nps": 4}
SCORES = {metric: st.integers(*scale) for metric, scale in voices.SCALES.items()}


class TestVoices(DomainCase):
    def test_the_same_key_is_drawn_alike_each_time(self):
        self.assertEqual(voices.draw("7|contact|12"), 0x13DF93E2)

    def test_a_sample_has_about_its_share(self):
        drawn = [voices.is_sampled(f"1|closed|{n}", 30) for n in range(10000)]
        self.assertAlmostEqual(sum(drawn) / len(drawn), 0.3, delta=0.02)

    @given(st.text(), st.floats(0, 100), st.floats(0, 100))
    def test_who_is_in_a_small_sample_is_in_a_larger_one(self, key, some, more):
        few, many = sorted((some, more))
        self.assertLessEqual(voices.is_sampled(key, few), voices.is_sampled(key, many))

    @given(st.text())
    def test_none_and_all(self, key):
        self.assertFalse(voices.is_sampled(key, 0))
        self.assertTrue(voices.is_sampled(key, 100))

    def test_an_event_is_asked_about_after_the_delay_and_for_a_week(self):
        first, last = voices.event_days(date(2026, 3, 10), 2)
        self.assertEqual((first, last), (date(2026, 3, 1), date(2026, 3, 8)))

    @given(st.integers(2024, 2030), st.text(), st.integers(0, 30))
    def test_everybody_has_one_day_a_year(self, year, key, delay):
        number = voices.draw(key) % voices.YEAR
        nights = (date(year, 1, 1) + timedelta(days=n) for n in range(366 + delay))
        found = {voices.own_days(night, delay).get(number) for night in nights} - {None}
        self.assertEqual(len([day for day in found if day.year == year]), 1)

    def test_what_is_bad(self):
        cases = [
            ("csat", 2, True), ("csat", 3, False), ("ces", 2, True), ("ces", 3, False),
            (voices.TRANSACTIONAL, 4, True), (voices.RELATIONAL, 5, False),
            (voices.COMPETITOR, 0, False),
        ]
        for metric, value, bad in cases:
            with self.subTest(metric=metric, value=value):
                self.assertEqual(voices.is_bad(metric, value, LIMITS), bad)

    def test_what_is_on_the_scale(self):
        for metric, (lowest, highest) in voices.SCALES.items():
            self.assertTrue(voices.is_on_scale(metric, lowest))
            self.assertTrue(voices.is_on_scale(metric, highest))
            self.assertFalse(voices.is_on_scale(metric, lowest - 1))
            self.assertFalse(voices.is_on_scale(metric, highest + 1))

    def test_no_answers_no_figure(self):
        for metric in voices.SCALES:
            self.assertIsNone(voices.measure(metric, []))
        self.assertIsNone(voices.compare([9], []))

    def test_three_of_three_are_no_certainty(self):
        found = voices.measure("csat", [5, 5, 4])
        self.assertEqual((found.value, found.n, found.high), (100.0, 3, 100.0))
        self.assertAlmostEqual(found.low, 43.85, places=2)  # Wilson, by hand

    def test_nps_in_points(self):
        found = voices.measure(voices.RELATIONAL, [10, 9, 8, 3])
        self.assertEqual((found.value, found.n), (25.0, 4))

    def test_ahead_of_the_competitor(self):
        self.assertEqual(voices.compare([10, 10], [10, 0]), 100.0)

    @given(st.sampled_from(sorted(SCORES)).flatmap(
        lambda metric: st.tuples(st.just(metric), st.lists(SCORES[metric], min_size=1))
    ))
    def test_the_value_lies_in_its_interval(self, row):
        metric, answers = row
        found = voices.measure(metric, answers)
        self.assertLessEqual(found.low, found.value)
        self.assertLessEqual(found.value, found.high)
        self.assertEqual(found.n, len(answers))
        if metric in voices.GOOD:
            good = sum(answer >= voices.GOOD[metric] for answer in answers)
            self.assertAlmostEqual(found.value, 100 * intervals.share(good, len(answers)).value)
