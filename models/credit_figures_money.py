from odoo import models


class CreditFigures(models.AbstractModel):
    """The money: what is open and how old, how long it takes to come, when it may come."""

    _inherit = "credit.figures"

    def _get_money(self, company, first, last, filters=None):
        """``{code: figure}`` of the period from ``first`` to ``last``."""
        return {}
