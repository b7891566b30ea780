from hypothesis import given
from hypothesis import strategies as st

from ..domain.claims import Claim, borne_out
from .domain_common import DomainCase, day

moneys = st.lists(st.tuples(st.integers(-9, 0).map(day), st.integers(1, 9)), max_size=6)


class TestClaims(DomainCase):
    def test_what_bears_out_a_claim(self):
        claim = Claim("a", day(0), 100)
        for receipts, expected in (
            ([], False), ([(0, 100)], True), ([(0, 99)], False), ([(5, 60), (9, 40)], True),
            ([(-3, 100)], True), ([(-4, 100)], False), ([(0, -100)], False),
        ):
            with self.subTest(receipts=receipts):
                found = borne_out([claim], [(day(at), units) for at, units in receipts])
                self.assertEqual(found, {"a"} if expected else set())

    def test_money_bears_out_one_claim_only(self):
        claims = [Claim("a", day(0), 100), Claim("b", day(1), 100)]
        self.assertEqual(borne_out(claims, [(day(1), 100)]), {"a"})
        self.assertEqual(borne_out(claims, [(day(1), 199)]), {"a"})
        self.assertEqual(borne_out(claims, [(day(1), 100), (day(2), 100)]), {"a", "b"})

    def test_what_was_borne_out_keeps_its_money(self):
        claims = [Claim("a", day(0), 100), Claim("b", day(1), 100, borne_out=True)]
        self.assertEqual(borne_out(claims, [(day(1), 100)]), {"b"})

    def test_a_claim_covered_in_part_takes_nothing_from_others(self):
        claims = [Claim("a", day(0), 100), Claim("b", day(1), 30)]
        self.assertEqual(borne_out(claims, [(day(1), 50)]), {"b"})

    @given(moneys, moneys)
    def test_never_more_is_borne_out_than_came_in(self, claimed, receipts):
        claims = [Claim(key, at, units) for key, (at, units) in enumerate(claimed)]
        found = borne_out(claims, receipts)
        total = sum(claim.amount for claim in claims if claim.key in found)
        self.assertLessEqual(total, sum(units for _day, units in receipts))
