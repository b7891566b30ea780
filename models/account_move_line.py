from odoo import models
from odoo.tools import SQL


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _credit_touches_receivable(self):
        """Whether a reconciliation of these lines can change what a customer owes."""
        return any(line.account_type == "asset_receivable" for line in self)

    def _credit_flag(self, wanted):
        """Core's “no follow-up” on these lines alone: written by the ORM it is the whole invoice's,
        and an instalment that nobody disputes would not be asked for any more."""
        if self:
            self.flush_recordset(["no_followup"])
            self.env.execute_query(SQL(
                "UPDATE account_move_line SET no_followup = %s WHERE id IN %s RETURNING id",
                wanted, tuple(self.ids),
            ))
            self.invalidate_recordset(["no_followup"])
            self.move_id.invalidate_recordset(["no_followup"])
