from collections import defaultdict

from odoo import models
from odoo.fields import Domain

from ..domain.cohorts import cost_per_unit
from ..domain.money import to_units
from .credit_statement import STATED


class CreditFigures(models.AbstractModel):
    """What a euro collected has cost: the fees that agencies have stated, and what was written
    down for court, bailiff, lawyer and searches."""

    _inherit = "credit.figures"

    def _get_fees_domain(self, company, first, last):
        """Statements that stand, by the last day of what they cover: earlier than the bill, and
        the same whenever one looks."""
        return Domain([
            ("company_id", "=", company.id), ("state", "in", STATED),
            ("until_on", ">=", str(first)), ("until_on", "<=", str(last)),
        ])

    def _get_costs_domain(self, company, first, last, filters):
        """Costs by their day. A cost is of its case, and of the agency that had it placed: 0 is
        what the house itself has spent."""
        cases = {name: ids for name, ids in filters.items() if name != "agency_id"}
        domain = Domain([
            ("company_id", "=", company.id), ("date", ">=", str(first)), ("date", "<=", str(last)),
        ]) & self._to_case_domain(cases, "case_id.")
        agencies = filters.get("agency_id")
        if not agencies:
            return domain
        placed = Domain("placement_id.mandate_id.agency_id", "in", [one for one in agencies if one])
        return domain & (
            placed | Domain("placement_id", "=", False) if 0 in agencies else placed
        )

    def _get_cost(self, company, first, last, filters, received):
        """Fees and costs of the period / cash of the period on what was overdue. ``received``:
        that cash. Fees are of an agency: they cannot be told by policy, salesperson, segment or
        reason, and are left out there."""
        by_case = bool(filters.keys() - {"agency_id"})
        stated = Domain.FALSE if by_case else self._get_fees_domain(company, first, last)
        if "agency_id" in filters:
            stated &= Domain("agency_id", "in", [one for one in filters["agency_id"] if one])
        spent = self._get_costs_domain(company, first, last, filters)
        (fees, statements), (court, costs) = (
            self.env[model].sudo()._read_group(domain, [], [f"{name}:sum", "__count"])[0]
            for model, domain, name in (
                ("credit.statement", stated, "amount_total"),
                ("credit.cost", spent, "amount_company"),
            )
        )
        fees, court = fees or 0, court or 0
        rounding, count = company.currency_id.rounding, statements + costs
        cost = cost_per_unit(
            to_units(fees, rounding) + to_units(court, rounding), to_units(received, rounding)
        )
        parts = [
            {"name": name, "n": n, "rows": self._to_rows(model, list(domain))}
            for name, n, model, domain in (
                (self.env._("Fees"), statements, "credit.statement", stated),
                (self.env._("Court costs"), costs, "credit.cost", spent),
            ) if n
        ]
        return self._to_figure(
            cost if count else None, "share", count,
            self._explain_cost(by_case, statements, costs), parts[0]["rows"] if parts else None,
            fees=fees, court=court, parts=parts,
        )

    def _explain_cost(self, by_case, statements, costs):
        if by_case:
            return self.env._(
                "Court costs of the period on these cases, over all that came for what was overdue"
                " on them. Fees are of an agency as a whole: they are told without a filter, by"
                " agency, and in the league."
            )
        return self.env._(
            "Fees stated by agencies for the period (statements: %(statements)s) and court costs"
            " written on cases (%(costs)s), over all that came for what was overdue. The work of"
            " your own people is not in it.", statements=statements, costs=costs,
        )

    def _read_cost_of_agencies(self, company, first, last):
        """``{agency id: fees and costs of its placements, over the cash the fees are for}``."""
        court = defaultdict(float)
        for placement, amount in self.env["credit.cost"].sudo()._read_group(
            self._get_costs_domain(company, first, last, {}) & Domain("placement_id", "!=", False),
            ["placement_id"], ["amount_company:sum"],
        ):
            court[placement.agency_id] += amount
        return {
            agency.id: (fees + court[agency]) / cash if cash > 0 else None
            for agency, fees, cash in self.env["credit.statement"].sudo()._read_group(
                self._get_fees_domain(company, first, last), ["agency_id"],
                ["amount_total:sum", "amount_cash:sum"],
            )
        }
