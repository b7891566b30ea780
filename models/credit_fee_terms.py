from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditFeeTerms(models.AbstractModel):
    """A row of the remuneration of a mandate: fixed with it."""

    _name = "credit.fee.terms"
    _description = "Row of a mandate's remuneration"

    mandate_id = fields.Many2one("credit.mandate", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="mandate_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="mandate_id.currency_id")

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_draft()
        return rows

    def write(self, vals):
        self._check_draft()
        result = super().write(vals)
        self._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_active(self):
        self._check_draft()

    def _check_draft(self):
        for row in self:
            if row.mandate_id.state != "draft":
                raise UserError(self.env._(
                    "“%(mandate)s” is active: what it pays does not change. End it and make a new"
                    " one.", mandate=row.mandate_id.name,
                ))
