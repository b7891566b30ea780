from odoo import fields, models

from ..domain import fees
from .credit_mandate import KINDS
from .credit_mandate_terms import to_share


class CreditFeeTier(models.Model):
    """One slice of the success fee: so much of what comes in above a share of what was placed,
    for placements that were so old when they were placed."""

    _name = "credit.fee.tier"
    _description = "Success fee"
    _inherit = "credit.fee.terms"
    _order = "mandate_id, kind, from_age, above, id"

    kind = fields.Selection(KINDS, help="Empty: any that has no rates of its own.")
    from_age = fields.Integer("From days overdue", help="Of its oldest item when it was placed.")
    above = fields.Float("Above % recovered", digits=(5, 2), help="0: from the first cent.")
    rate = fields.Float("Fee, %", digits=(5, 2), help="Of the cash received.")

    _in_range = models.Constraint(
        "CHECK (rate >= 0 AND rate <= 100 AND above >= 0 AND above < 100 AND from_age >= 0)",
        "A fee is 0 to 100 % of what comes in; a tier begins at 0 % recovered or more, below 100 %;"
        " days overdue are 0 or more.",
    )

    def _to_tier(self):
        return fees.Tier(to_share(self.above), to_share(self.rate))
