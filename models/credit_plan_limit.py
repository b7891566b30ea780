from odoo import fields, models

from ..domain.money import to_units
from ..domain.schedule import Limit


class CreditPlanLimit(models.Model):
    """What plans a policy allows without a manager, by the size of the debt."""

    _name = "credit.plan.limit"
    _description = "Limit of payment plans"
    _order = "policy_id, up_to"

    policy_id = fields.Many2one("credit.policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="policy_id.currency_id")
    up_to = fields.Monetary("Debt up to", help="0: any.")
    max_months = fields.Integer("Months at most", help="0: not limited.")
    min_instalment = fields.Monetary("Instalment at least")

    _not_negative = models.Constraint(
        "CHECK (coalesce(up_to, 0) >= 0 AND max_months >= 0 AND coalesce(min_instalment, 0) >= 0)",
        "Limits of plans are 0 or more.",
    )

    def _to_limit(self, currency, today):
        """In units of the currency of the plan, at the rate of the day."""
        def units(amount):
            own = self.currency_id._convert(amount, currency, self.company_id, today)
            return to_units(own, currency.rounding)

        return Limit(units(self.up_to) or None, self.max_months, units(self.min_instalment))
