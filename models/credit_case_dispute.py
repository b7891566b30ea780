from odoo import fields, models


class CreditCase(models.Model):
    """What its customer finds wrong, as the screens of a case show it."""

    _inherit = "credit.case"

    dispute_count = fields.Integer("Disputes count", compute="_compute_dispute_count")

    def _compute_dispute_count(self):
        """Those that wait for an answer."""
        counts = self._count("credit.dispute", ("state", "in", ("open", "expired")))
        for case in self:
            case.dispute_count = counts.get(case, 0)

    def action_dispute(self):
        self.ensure_one()
        return self.env["credit.dispute.new"]._open(self)

    def action_open_disputes(self):
        return self._open_related("credit_dispute_action", [("case_id", "in", self.ids)])
