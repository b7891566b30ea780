from odoo import models
from odoo.fields import Domain

from ..domain.cohorts import cost_per_unit
from ..domain.money import to_units
from .credit_statement import STATED


class CreditFigures(models.AbstractModel):
    """What a euro collected has cost: the fees that agencies have stated."""

    _inherit = "credit.figures"

    def _get_fees_domain(self, company, first, last):
        """Statements that stand, by the last day of what they cover: earlier than the bill, and
        the same whenever one looks."""
        return Domain([
            ("company_id", "=", company.id), ("state", "in", STATED),
            ("until_on", ">=", str(first)), ("until_on", "<=", str(last)),
        ])

    def _get_cost(self, company, first, last, filters, received):
        """Fees of the period / cash of the period on what was overdue. ``received``: that cash.
        Fees are of an agency: they cannot be told by policy, salesperson, segment or reason."""
        domain = self._get_fees_domain(company, first, last)
        rows = self._to_rows("credit.statement", list(domain))
        if filters:
            return self._to_figure(None, "share", 0, self.env._(
                "Fees are of an agency as a whole: without any filter they are told here, and by"
                " agency in the league."
            ), rows)
        [(fees, count)] = self.env["credit.statement"].sudo()._read_group(
            domain, [], ["amount_total:sum", "__count"]
        )
        units = to_units(fees or 0, company.currency_id.rounding)
        cost = cost_per_unit(units, to_units(received, company.currency_id.rounding))
        return self._to_figure(
            cost if count else None, "share", count,
            self.env._(
                "Fees stated by agencies for the period, over all that came for what was overdue."
                " The work of your own people is not in it."
            ), rows, fees=fees or 0,
        )

    def _read_cost_of_agencies(self, company, first, last):
        """``{agency id: fees over the cash they are for}``."""
        return {
            agency.id: fees / cash if cash > 0 else None
            for agency, fees, cash in self.env["credit.statement"].sudo()._read_group(
                self._get_fees_domain(company, first, last), ["agency_id"],
                ["amount_total:sum", "amount_cash:sum"],
            )
        }
