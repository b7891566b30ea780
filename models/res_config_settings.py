from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_controller_id = fields.Many2one(
        related="company_id.credit_controller_id", readonly=False
    )
    credit_bank_fresh_days = fields.Integer(
        related="company_id.credit_bank_fresh_days", readonly=False
    )
    credit_debit_method_ids = fields.Many2many(
        related="company_id.credit_debit_method_ids", readonly=False
    )
    credit_post_letters = fields.Boolean(related="company_id.credit_post_letters", readonly=False)
