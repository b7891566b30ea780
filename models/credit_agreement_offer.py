from odoo import models
from odoo.exceptions import UserError


class CreditAgreement(models.Model):
    """Between an offer and its signature days pass. Money that comes in them counts for the first
    instalments; what has changed otherwise makes another offer, never a dead end."""

    _inherit = "credit.agreement"

    def _get_come(self):
        """Cash that came on the items since this was offered."""
        self.ensure_one()
        if self.state != "proposed":
            return 0
        return max(self.currency_id.round(self._read_cash() - self.paid_before), 0)

    def _find_misfit(self):
        """Why it can no longer be signed as it was offered, in words for whoever offers it anew."""
        try:
            self._check_ready()
        except UserError as error:
            return str(error)
        return ""
