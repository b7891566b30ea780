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
    credit_monthly_user_ids = fields.Many2many(
        related="company_id.credit_monthly_user_ids", readonly=False
    )
    credit_post_letters = fields.Boolean(related="company_id.credit_post_letters", readonly=False)
    credit_minimum_per_head = fields.Monetary(
        related="company_id.credit_minimum_per_head", readonly=False,
        currency_field="credit_currency_id",
    )
    credit_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of Credit Care"
    )
    credit_feedback_minimum = fields.Integer(
        related="company_id.credit_feedback_minimum", readonly=False
    )
    credit_write_off_account_id = fields.Many2one(
        related="company_id.credit_write_off_account_id", readonly=False
    )
    credit_allowance_journal_id = fields.Many2one(
        related="company_id.credit_allowance_journal_id", readonly=False
    )
    credit_allowance_account_id = fields.Many2one(
        related="company_id.credit_allowance_account_id", readonly=False
    )
    credit_allowance_expense_id = fields.Many2one(
        related="company_id.credit_allowance_expense_id", readonly=False
    )
    credit_fee_account_id = fields.Many2one(
        related="company_id.credit_fee_account_id", readonly=False
    )
