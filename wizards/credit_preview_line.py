from odoo import api, fields, models

from ..models.credit_policy_level import CHANNELS
from ..models.windows import open_record


class CreditPreviewLine(models.TransientModel):
    _name = "credit.preview.line"
    _description = "Message in the preview of the night"
    _order = "sequence, id"

    preview_id = fields.Many2one("credit.preview", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer()
    currency_id = fields.Many2one(related="preview_id.currency_id")
    day = fields.Date(required=True)
    partner_id = fields.Many2one("res.partner", "Debtor", required=True)
    policy_id = fields.Many2one("credit.policy")
    level_id = fields.Many2one("credit.policy.level")
    pressure = fields.Selection(related="level_id.pressure")
    automatic = fields.Boolean(related="level_id.automatic")
    channel = fields.Selection([*CHANNELS, ("activity", "Activity")])
    by_agency = fields.Boolean("Agency, in our name", compute="_compute_by_agency")
    amount = fields.Monetary()
    item_count = fields.Integer("Items")

    @api.depends("level_id", "channel")
    def _compute_by_agency(self):
        for line in self:
            line.by_agency = line.level_id._is_agency_call(line.channel)

    def action_open_debtor(self):
        """His case where there is one, else the customer."""
        self.ensure_one()
        case = self.env["credit.case"].search([
            ("partner_id", "=", self.partner_id.id), ("state", "!=", "closed"),
            ("company_id", "=", self.preview_id.company_id.id),
        ], limit=1)
        record = case or self.partner_id
        return open_record(record)
