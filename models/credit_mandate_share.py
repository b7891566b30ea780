from odoo import api, fields, models


class CreditMandateShare(models.Model):
    """A mandate among those to whom a rule deals out its cases: 3 and 1 is three of four."""

    _name = "credit.mandate.share"
    _description = "Share of a mandate in a rule"
    _order = "rule_id, id"
    _check_company_auto = True

    rule_id = fields.Many2one(
        "credit.mandate.rule", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="rule_id.company_id", store=True, index=True)
    mandate_id = fields.Many2one(
        "credit.mandate", required=True, index=True, ondelete="cascade", check_company=True,
        domain="[('state', '!=', 'ended'), ('company_id', '=', company_id)]",
    )
    weight = fields.Integer("Share", default=1, required=True, help="3 and 1: three of four cases.")

    _once = models.Constraint(
        "UNIQUE (rule_id, mandate_id)", "A mandate has one share in a rule: change that one."
    )
    _positive = models.Constraint(
        "CHECK (weight > 0)",
        "A share is 1 or more. Remove the mandate from the rule if it is to get nothing.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        shares = super().create(vals_list)
        shares.rule_id._count_anew()
        return shares

    def write(self, vals):
        result = super().write(vals)
        if {"weight", "mandate_id", "rule_id"} & vals.keys():
            self.rule_id._count_anew()
        return result

    def unlink(self):
        rules = self.rule_id
        result = super().unlink()
        rules.exists()._count_anew()
        return result
