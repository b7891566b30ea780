from odoo import api, fields, models

from ..models.credit_action_courtesy import COURTESY_OUTCOMES


class CreditCourtesy(models.TransientModel):
    """What the agency told of a courtesy call, written down by the house. Asks; the placement
    acts."""

    _name = "credit.courtesy"
    _inherit = "credit.window"
    _description = "What came of a courtesy call"

    placement_id = fields.Many2one("credit.placement", required=True, readonly=True)
    partner_id = fields.Many2one(related="placement_id.partner_id", string="Debtor")
    script = fields.Html(related="placement_id.script")
    outcome = fields.Selection(COURTESY_OUTCOMES, "What came of it", required=True)
    on = fields.Date("Pays on")
    remark = fields.Text("What was said")

    @api.model
    def _open(self, placement):
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "view_mode": "form",
            "name": self.env._("What came of the call"), "target": "new",
            "context": {"default_placement_id": placement.id},
        }

    def action_save(self):
        self.ensure_one()
        self.placement_id.case_id._check_user()
        self.placement_id._log_courtesy(self.outcome, self.remark or "", self.on)
        return {"type": "ir.actions.act_window_close"}
