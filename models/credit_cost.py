from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CreditCost(models.Model):
    """What getting the money has cost on a case beside the agency's fees: court, bailiff, lawyer,
    searches. Each in its own currency; added up in the company's."""

    _name = "credit.cost"
    _description = "Cost of collection"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char("What", required=True)
    case_id = fields.Many2one(
        "credit.case", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor", store=True)
    placement_id = fields.Many2one(
        "credit.placement", index="btree_not_null", ondelete="restrict", check_company=True,
        domain="[('case_id', '=', case_id)]",
    )
    date = fields.Date(
        required=True, default=lambda self: self.env.company._credit_today()
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    amount = fields.Monetary(required=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    amount_company = fields.Monetary(
        "Amount (company currency)", currency_field="company_currency_id",
        compute="_compute_amount_company", store=True, help="At the rate of its day.",
    )
    bill_id = fields.Many2one(
        "account.move", "Vendor bill", index="btree_not_null", check_company=True,
        domain="[('move_type', 'in', ('in_invoice', 'in_refund')),"
               " ('company_id', '=', company_id)]",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    _positive = models.Constraint("CHECK (amount > 0)", "A cost is more than 0.")

    @api.depends("amount", "currency_id", "date", "company_id")
    def _compute_amount_company(self):
        for cost in self:
            company = cost.company_id
            cost.amount_company = company and cost.currency_id and cost.currency_id._convert(
                cost.amount, company.currency_id, company, cost.date or company._credit_today()
            )

    @api.constrains("placement_id")
    def _check_placement(self):
        for cost in self.filtered("placement_id"):
            if cost.placement_id.case_id != cost.case_id:
                raise ValidationError(self.env._(
                    "%(placement)s belongs to another case. Choose one of %(debtor)s.",
                    placement=cost.placement_id.name, debtor=cost.partner_id.display_name,
                ))

    @api.constrains("bill_id")
    def _check_bill(self):
        for cost in self.sudo().filtered("bill_id"):
            if not cost.bill_id.is_purchase_document():
                raise ValidationError(self.env._(
                    "“%(move)s” is no vendor bill. Choose one, or leave the field empty.",
                    move=cost.bill_id.display_name
                ))
