from decimal import Decimal

from ..domain.typed import parse_amount
from .domain_common import DomainCase


class TestTyped(DomainCase):
    def test_an_amount_is_read_as_its_writer_means_it(self):
        for text, value in (
            ("250", "250"), ("250,50", "250.50"), ("250.5", "250.5"), ("1.234,56", "1234.56"),
            ("1,234.56", "1234.56"), ("1 234,5 €", "1234.5"), ("1.234", "1234"), ("0,05", "0.05"),
            ("1.234.567", "1234567"), ("1'200.00", "1200.00"), ("1.234,567", "1234.567"),
        ):
            self.assertEqual(parse_amount(text), Decimal(value), text)

    def test_what_is_no_amount_is_none(self):
        for text in (
            "", "-5", "1e9", "nan", "inf", "12a", "<b>1</b>", ",", ",5", "9" * 40, "1,2,3.4,5",
            "1,23,456", "١٢",
        ):
            self.assertIsNone(parse_amount(text), text)
