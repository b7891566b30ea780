from hypothesis import given
from hypothesis import strategies as st

from ..domain.policy import StepSpec, faults, threshold_faults
from .domain_common import DomainCase

GOOD = StepSpec(3, "email", True, "letter")


class TestPolicy(DomainCase):
    def check(self, expected, *steps, min_gap=5):
        specs = [s if isinstance(s, StepSpec) else GOOD._replace(day=s) for s in steps]
        self.assertEqual(list(faults(specs, min_gap)), expected)

    def test_days_grow_by_the_gap_at_least(self):
        for days, min_gap, expected in (
            ((), 5, []), ((3,), 5, []), ((-5, 3, 10), 5, []), ((3, 8), 5, []),
            ((3, 7), 5, [("closer_than_gap", 1)]), ((3, 7), 4, []), ((3, 4), 0, []),
            ((3, 3), 0, [("delays_do_not_grow", 1)]), ((10, 3), 5, [("delays_do_not_grow", 1)]),
            ((3, 10, 12, 12), 5, [("closer_than_gap", 2), ("delays_do_not_grow", 3)]),
        ):
            with self.subTest(days=days, min_gap=min_gap):
                self.check(expected, *days, min_gap=min_gap)

    def test_days_lie_between_90_before_and_ten_years_after(self):
        for number, expected in (
            (-91, [("day_out_of_range", 0)]), (-90, []), (0, []), (3650, []),
            (3651, [("day_out_of_range", 0)]),
        ):
            with self.subTest(number=number):
                self.check(expected, number)

    def test_what_is_written_needs_a_text(self):
        for channel, has_template, expected in (
            ("email", False, [("no_template", 0)]), ("sms", False, [("no_template", 0)]),
            ("letter", False, [("no_template", 0)]), ("phone", False, []), ("none", False, []),
            ("email", True, []), ("letter", True, []), ("sms", True, []),
        ):
            with self.subTest(channel=channel, has_template=has_template):
                self.check(expected, StepSpec(3, channel, has_template, "activity"))

    def test_a_fallback_is_another_channel(self):
        for channel, fallback, expected in (
            ("email", "email", [("fallback_is_channel", 0)]),
            ("letter", "letter", [("fallback_is_channel", 0)]),
            ("phone", "phone", [("fallback_is_channel", 0)]),
            ("email", "letter", []), ("letter", "email", []), ("phone", "activity", []),
        ):
            with self.subTest(channel=channel, fallback=fallback):
                self.check(expected, StepSpec(3, channel, True, fallback))

    def test_a_fallback_that_is_written_needs_a_text_too(self):
        for channel, fallback, expected in (
            ("sms", "email", [("fallback_without_text", 0)]),
            ("phone", "letter", [("fallback_without_text", 0)]),
            ("sms", "activity", []), ("none", "email", []),
        ):
            with self.subTest(channel=channel, fallback=fallback):
                self.check(expected, StepSpec(3, channel, True, fallback, False))

    def test_of_the_channels_the_first_fault_is_told(self):
        self.check([("no_template", 0)], StepSpec(3, "email", False, "email", False))
        self.check([("fallback_is_channel", 0)], StepSpec(3, "email", True, "email", False))
        self.check(
            [("day_out_of_range", 0), ("no_template", 0)], StepSpec(4000, "sms", False, "email")
        )

    def test_thresholds_follow_each_other(self):
        for suspend, handover, place, expected in (
            (30, 35, 45, []), (0, 0, 0, []), (30, 45, 45, []), (60, 35, 45, []),
            (30, 46, 45, ["note_after_agency"]), (30, 46, 0, []), (30, 0, 45, []),
            (-1, 35, 45, ["negative"]), (30, -1, 45, ["negative"]), (30, 35, -1, ["negative"]),
        ):
            with self.subTest(suspend=suspend, handover=handover, place=place):
                found = list(threshold_faults(suspend, handover, place))
                self.assertEqual(found[: len(expected) or 1], expected)

    @given(st.sets(st.integers(-90, 3650), max_size=6), st.integers(0, 9))
    def test_a_table_in_order_has_no_fault_but_nearness(self, days, min_gap):
        days = sorted(days)
        near = [
            ("closer_than_gap", index) for index in range(1, len(days))
            if days[index] - days[index - 1] < min_gap
        ]
        self.check(near, *days, min_gap=min_gap)
