from hypothesis import given
from hypothesis import strategies as st

from ..domain.contact import may_contact
from .domain_common import TODAY, DomainCase, day

pasts = st.lists(st.integers(-10, 0), max_size=8)


class TestContact(DomainCase):
    def test_caps_by_day_and_week(self):
        for past, per_day, per_week, expected in (
            ((), 1, 3, True), ((0,), 1, 3, False), ((0,), 2, 3, True), ((0, 0), 2, 3, False),
            ((-1,), 1, 3, True), ((-1, -2, -3), 1, 3, False), ((-1, -2), 1, 3, True),
            ((-4, -5, -6), 1, 3, False), ((-5, -6, -7), 1, 3, True), ((-7, -8, -9), 1, 3, True),
            ((0, 0, 0, 0), 0, 0, True), ((0, -1, -2), 0, 3, False), ((0, 0), 0, 3, True),
            ((0, -1, -2, -3), 2, 0, True), ((0, 0), 2, 0, False), ((1,), 1, 1, True),
        ):
            with self.subTest(past=past, per_day=per_day, per_week=per_week):
                days = [day(number) for number in past]
                self.assertEqual(may_contact(days, TODAY, per_day, per_week), expected)

    @given(pasts, st.integers(1, 3), st.integers(1, 5))
    def test_however_often_one_asks_the_caps_are_kept(self, past, per_day, per_week):
        """Contacts made day by day, whenever they are allowed, and those of others before."""
        contacts = [day(number) for number in past if number < 0]
        for number in range(15):
            made = 0
            while may_contact(contacts, day(number), per_day, per_week):
                contacts.append(day(number))
                made += 1
            week = [c for c in contacts if day(number - 6) <= c <= day(number)]
            self.assertLessEqual(made, per_day)
            if made:
                self.assertLessEqual(len(week), per_week)
