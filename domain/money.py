"""Money as whole units of a currency's rounding.

Inside ``domain/`` an amount is an ``int``: 12.34 EUR (rounding 0.01) is 1234, 150 JPY
(rounding 1) is 150, 0.15 of a currency rounded to 0.05 is 3. Amounts of two currencies are
never added; whoever needs both keeps a mapping by currency.
"""
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

Amount = Decimal | float | int | str


def to_units(amount: Amount, rounding: float) -> int:
    """``amount`` in units of ``rounding``; half a unit goes away from zero, as Odoo rounds."""
    quotient = Decimal(str(amount)) / _decimal(rounding)
    return int(quotient.to_integral_value(ROUND_HALF_UP))


def from_units(units: int, rounding: float) -> float:
    """The amount of ``units``, as the float that Odoo's Monetary fields take."""
    return float(units * _decimal(rounding))


@lru_cache
def _decimal(rounding: float) -> Decimal:
    return Decimal(str(rounding))
