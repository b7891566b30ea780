from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _credit_touches_receivable(self):
        """Whether a reconciliation of these lines can change what a customer owes."""
        return any(line.account_type == "asset_receivable" for line in self)
