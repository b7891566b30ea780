from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models


class CreditSnapshotRebuild(models.TransientModel):
    """Asks for the past days whose figures are taken anew."""

    _name = "credit.snapshot.rebuild"
    _description = "Figures of past days"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    first = fields.Date(
        "From", required=True,
        default=lambda self: self.env.company._credit_today() - relativedelta(months=3),
    )
    last = fields.Date(
        "To", required=True,
        default=lambda self: self.env.company._credit_today() - timedelta(days=1),
    )

    def action_rebuild(self):
        self.ensure_one()
        done = self.env["credit.snapshot"]._rebuild(self.company_id, self.first, self.last)
        figures = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_snapshot_action"
        )
        return figures if done else {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "These are many days: they are being taken in the background, the first ones"
                    " first, and appear here one after the other."
                ),
                "next": figures,
            },
        }
