from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditPlacementLine(models.Model):
    """An item of a placement with the amount that was placed: a copy, whatever is paid later."""

    _name = "credit.placement.line"
    _description = "Item of a placement"
    _order = "placement_id, due_on, id"

    placement_id = fields.Many2one(
        "credit.placement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="placement_id.company_id", store=True, index=True)
    item_id = fields.Many2one("credit.item", required=True, index=True, ondelete="restrict")
    due_on = fields.Date("Due date", related="item_id.due_on", store=True)
    currency_id = fields.Many2one(related="item_id.currency_id")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    amount = fields.Monetary("Placed")
    amount_company = fields.Monetary(
        "Placed (company currency)", currency_field="company_currency_id"
    )
    amount_open = fields.Monetary("Open now", related="item_id.amount_residual")

    _once = models.Constraint(
        "UNIQUE (placement_id, item_id)", "This item is in the placement already."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_placed(self):
        if any(line.placement_id.state != "ready" for line in self):
            raise UserError(self.env._("What was placed does not change. Recall the placement."))
