from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tools.float_utils import float_round

from ..domain.money import from_units, to_units
from .domain_common import DomainCase

ROUNDINGS = (1.0, 0.1, 0.05, 0.01, 0.001)
roundings = st.sampled_from(ROUNDINGS)


class TestMoney(DomainCase):
    def test_amounts_in_units_of_their_rounding(self):
        for amount, rounding, units in (
            (12.34, 0.01, 1234), (150, 1.0, 150), (0.15, 0.05, 3), (1.234, 0.001, 1234),
            (0.1 + 0.2, 0.01, 30), (1.1 * 3, 0.01, 330), (0.0, 0.01, 0), (-12.34, 0.01, -1234),
            (Decimal("12.34"), 0.01, 1234), ("12.34", 0.01, 1234), (1e-06, 0.01, 0),
            (123456789012.34, 0.01, 12345678901234),
        ):
            with self.subTest(amount=amount, rounding=rounding):
                found = to_units(amount, rounding)
                self.assertEqual((found, type(found)), (units, int))

    def test_half_a_unit_goes_away_from_zero(self):
        for amount, rounding, units in (
            (0.005, 0.01, 1), (1.005, 0.01, 101), (2.675, 0.01, 268), (0.5, 1.0, 1), (2.5, 1.0, 3),
            (0.025, 0.05, 1), (0.075, 0.05, 2), (0.0004, 0.001, 0), (0.00499, 0.01, 0),
        ):
            with self.subTest(amount=amount, rounding=rounding):
                self.assertEqual(to_units(amount, rounding), units)
                self.assertEqual(to_units(-amount, rounding), -units)

    def test_units_as_amounts(self):
        for units, rounding, amount in (
            (1234, 0.01, 12.34), (150, 1.0, 150.0), (3, 0.05, 0.15), (-3, 0.1, -0.3),
            (0, 0.01, 0.0),
        ):
            with self.subTest(units=units, rounding=rounding):
                self.assertEqual(repr(from_units(units, rounding)), repr(amount))

    @given(st.integers(-(10**13), 10**13), roundings)
    def test_there_and_back_again(self, units, rounding):
        self.assertEqual(to_units(from_units(units, rounding), rounding), units)

    @given(st.decimals(-(10**9), 10**9, places=4), roundings)
    def test_no_amount_moves_by_more_than_half_a_unit(self, amount, rounding):
        exact = Decimal(str(rounding))
        units = to_units(amount, rounding)
        self.assertLessEqual(abs(units * exact - amount) * 2, exact)
        self.assertEqual(to_units(-amount, rounding), -units)

    @given(st.decimals(-(10**6), 10**6, places=4), roundings)
    def test_units_are_what_odoo_rounds_to(self, amount, rounding):
        rounded = float_round(float(amount), precision_rounding=rounding)
        units = to_units(float(amount), rounding)
        self.assertAlmostEqual(from_units(units, rounding), rounded, places=9)
