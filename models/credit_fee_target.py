from odoo import fields, models

from ..domain import fee_statement
from ..domain.money import to_units
from .credit_mandate_terms import to_share

MEASURES = [
    ("recovered", "Recovered within 90 days"),
    ("satisfied", "Debtors satisfied with the contact"),
    ("kept", "Customers who ordered again"),
]


class CreditFeeTarget(models.Model):
    """A bonus on a measured target, agreed beforehand."""

    _name = "credit.fee.target"
    _description = "Bonus on a target"
    _inherit = "credit.fee.terms"
    _order = "mandate_id, measure, id"

    measure = fields.Selection(MEASURES, "Target", required=True, default="recovered")
    at_least = fields.Float("At least %", digits=(5, 2), required=True)
    amount = fields.Monetary("Bonus")
    rate = fields.Float("And % of success fees", digits=(5, 2))
    min_cases = fields.Integer(
        "From cases", default=10, help="With fewer measured cases nothing is said."
    )

    _once = models.Constraint(
        "UNIQUE (mandate_id, measure)", "This target has a bonus already: change that one."
    )
    _in_range = models.Constraint(
        "CHECK (coalesce(amount, 0) >= 0 AND rate >= 0 AND rate <= 100 AND min_cases >= 1)",
        "A bonus is 0 or more, on at least one case, and at most 100 % of the success fees.",
    )

    def _to_target(self):
        return fee_statement.Target(
            self.measure, to_share(self.at_least),
            to_units(self.amount, self.currency_id.rounding), to_share(self.rate), self.min_cases,
        )
