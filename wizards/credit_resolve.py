from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.credit_dispute import CREDITING
from ..models.windows import open_record

DECISIONS = [
    ("answered", "We have an answer"),
    ("accepted", "The customer is right"),
    ("partly", "The customer is right in part"),
    ("rejected", "We do not accept it"),
]


class CreditResolve(models.TransientModel):
    """Asks what was found out about a dispute and what the customer is told, or for more time;
    whoever has to find out may be no credit user."""

    _name = "credit.resolve"
    _inherit = "credit.window"
    _description = "Answer to a dispute"

    dispute_id = fields.Many2one("credit.dispute", required=True, readonly=True)
    later = fields.Boolean(readonly=True)
    debtor_name = fields.Char(related="dispute_id.partner_id.name", string="Customer")
    text = fields.Text(related="dispute_id.text", string="What the customer said")
    resolution = fields.Selection(DECISIONS, "What came out")
    answer = fields.Text("Answer to the customer")
    until = fields.Date("Wait until")

    @api.model
    def _open(self, dispute, resolution=False, later=False):
        dispute.ensure_one()
        dispute._check_user()
        question = self.create({
            "dispute_id": dispute.id, "resolution": resolution, "later": later,
        })
        name = self.env._("More time") if later else self.env._("Answer the customer")
        return open_record(question, name=name, target="new")

    def action_apply(self):
        self.ensure_one()
        if self.later:
            if not self.until:
                raise UserError(self.env._("Choose the day until which it waits."))
            self.dispute_id._extend(self.until)
            return {"type": "ir.actions.act_window_close"}
        if not self.resolution:
            raise UserError(self.env._("Choose what came out."))
        if self.dispute_id.sudo().kind == "department" and not (self.answer or "").strip():
            raise UserError(self.env._("The customer waits for an answer: write a few words."))
        self.dispute_id._resolve(self.resolution, (self.answer or "").strip())
        if self.resolution in CREDITING and self.env.user.has_group(
            "account.group_account_invoice"
        ):
            return self.dispute_id.action_credit_note()
        return {"type": "ir.actions.act_window_close"}
