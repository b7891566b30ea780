from ..domain.freshness import is_stale
from .domain_common import TODAY, DomainCase, day


class TestFreshness(DomainCase):
    def test_books_are_stale_when_the_last_entry_is_older_than_the_days_allowed(self):
        for last, fresh_days, expected in (
            (0, 3, False), (-3, 3, False), (-4, 3, True), (-1, 1, False), (-2, 1, True),
            (2, 3, False), (None, 3, True), (None, 0, False), (-400, 0, False),
        ):
            with self.subTest(last=last, fresh_days=fresh_days):
                entry = None if last is None else day(last)
                self.assertEqual(is_stale(entry, fresh_days, TODAY), expected)
