from odoo import api, fields, models


class CreditAttention(models.TransientModel):
    """What needs care with a customer, said at any time, before anything is overdue. Asks; the
    customer keeps it."""

    _name = "credit.attention"
    _description = "Special attention for a customer"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True
    )
    how = fields.Text("In what way")
    why = fields.Text()

    @api.model
    def _open(self, partner):
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "view_mode": "form",
            "name": self.env._("Special attention"), "target": "new",
            "context": {
                "default_partner_id": partner.id, "default_how": partner.credit_care_attention,
            },
        }

    def action_save(self):
        self.ensure_one()
        self.partner_id._set_credit_attention(self.how, self.why)
        return {"type": "ir.actions.act_window_close"}
