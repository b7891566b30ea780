from odoo import api, fields, models

from ..models.credit_dispute import KINDS
from ..models.windows import open_record


class CreditDisputeNew(models.TransientModel):
    """Opens a dispute or a pause on items of a case, or on a part of one."""

    _name = "credit.dispute.new"
    _inherit = "credit.dispute.terms"
    _description = "New dispute"

    kind = fields.Selection(KINDS, "What it is", required=True, default="dispute")
    text = fields.Text("What is wrong")

    @api.model
    def _open(self, case, items=None):
        case.ensure_one()
        case._check_user()
        values = {"case_id": case.id}
        if items:
            values["dispute_item_ids"] = [(6, 0, items.ids)]
        question = self.create(values)
        return open_record(question, name=self.env._("New dispute"), target="new")

    @api.onchange("reason_id")
    def _onchange_reason_id(self):
        """Our own failure is for the department that failed."""
        if self.reason_id:
            self.kind = "department" if self.reason_id.kind == "our_failure" else "dispute"

    def action_apply(self):
        self.ensure_one()
        dispute = self._open_dispute(self.kind, self.text)
        return open_record(dispute)
