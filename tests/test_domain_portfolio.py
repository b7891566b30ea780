from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ..domain.portfolio import (
    LEAST,
    Expected,
    Group,
    Part,
    Past,
    by_size,
    expected,
    in_order,
)
from .domain_common import DomainCase

PARTS = st.lists(st.builds(
    Part, st.integers(1, 9), st.sampled_from("abcde"), st.integers(1, 100)
), max_size=25)


def parts(**groups):
    """``a=3``: three debtors of 10 each in the bucket a; no debtor is in two."""
    return [
        Part((key, number), key, 10) for key, count in groups.items() for number in range(count)
    ]


class TestGroups(DomainCase):
    def test_in_order_few_are_joined_with_the_next(self):
        for counts, shown in (
            ({"a": 3, "b": 4}, [("a",), ("b",)]),
            ({"a": 2, "b": 1, "c": 3}, [("a", "b"), ("c",)]),
            ({"a": 3, "c": 2}, [("a", "c")]),
            ({"a": 1, "e": 1}, []),
            ({}, []),
        ):
            with self.subTest(counts=counts):
                found = in_order(parts(**counts), "abcde")
                self.assertEqual([group.keys for group in found], shown)

    def test_without_order_few_become_the_others(self):
        for counts, shown in (
            ({"a": 3, "b": 5}, [(("b",), False), (("a",), False)]),
            ({"a": 5, "b": 2, "c": 1}, [(("a",), False), (("b", "c"), True)]),
            ({"a": 5, "b": 3, "c": 1}, [(("a",), False), (("b", "c"), True)]),
            ({"a": 5, "c": 2}, [(("a", "c"), True)]),
            ({"a": 2}, []),
        ):
            with self.subTest(counts=counts):
                found = by_size(parts(**counts))
                self.assertEqual([(group.keys, group.others) for group in found], shown)

    def test_a_debtor_in_two_buckets_is_one_debtor(self):
        twice = [Part(1, "a", 5), Part(1, "b", 5), Part(2, "a", 5)]
        self.assertEqual(in_order(twice, "ab", 1), (Group(("a",), 2, 10), Group(("b",), 1, 5)))
        self.assertEqual(in_order(twice, "ab", 2), (Group(("a", "b"), 2, 15),))

    @given(PARTS)
    def test_no_group_is_small_and_nothing_is_missing(self, found):
        for groups in (in_order(found, "abcde"), by_size(found)):
            for group in groups:
                self.assertGreaterEqual(group.debtors, LEAST)
            if groups:
                self.assertEqual(
                    sum(group.amount for group in groups), sum(part.amount for part in found)
                )
            else:
                self.assertLess(len({part.debtor for part in found}), LEAST)


class TestExpected(DomainCase):
    PAST = {"young": Past(12, 40, 1000, 600), "old": Past(9, 40, 1000, 100)}

    def test_few_debtors_say_nothing(self):
        self.assertEqual(self.PAST["young"].share, Fraction(3, 5))
        self.assertIsNone(self.PAST["old"].share)
        self.assertIsNone(Past(20, 20, 0, 0).share)

    def test_what_the_past_says_nothing_of_is_told_apart(self):
        self.assertEqual(
            expected({"young": 501, "old": 300}, self.PAST), Expected(301, 501, 300)
        )

    def test_without_any_past_there_is_no_number(self):
        self.assertEqual(expected({"old": 300, "x": 1}, self.PAST), Expected(None, 0, 301))
