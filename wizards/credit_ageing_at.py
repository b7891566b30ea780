from datetime import timedelta

from odoo import fields, models


class CreditAgeingAt(models.TransientModel):
    """Asks for the day of the ageing."""

    _name = "credit.ageing.at"
    _description = "Ageing at a day"

    day = fields.Date(
        "End of the day", required=True,
        default=lambda self: self.env.company._credit_today().replace(day=1) - timedelta(days=1),
    )

    def action_show(self):
        self.ensure_one()
        return self.env["credit.ageing.report"]._open_at(self.day)
