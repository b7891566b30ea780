from odoo import fields, models


class CreditCase(models.Model):
    """What its customer finds wrong, as the screens of a case show it."""

    _inherit = "credit.case"

    dispute_count = fields.Integer("Disputes count", compute="_compute_dispute_count")

    def _compute_dispute_count(self):
        """Those that wait for an answer."""
        counts = dict(self.env["credit.dispute"]._read_group(
            [("case_id", "in", self.ids), ("state", "in", ("open", "expired"))],
            ["case_id"], ["__count"],
        ))
        for case in self:
            case.dispute_count = counts.get(case, 0)

    def action_dispute(self):
        self.ensure_one()
        return self.env["credit.dispute.new"]._open(self)

    def action_open_disputes(self):
        return self._open_related("credit_dispute_action", [("case_id", "in", self.ids)])
