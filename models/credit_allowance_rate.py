from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain.figures import LIMITS

NOT_DUE = -1


class CreditAllowanceRate(models.Model):
    """A bucket of the ageing, and which share of what is in it may never come. The buckets of a
    company are its rows, so that ageing and allowance can never tell two stories."""

    _name = "credit.allowance.rate"
    _description = "Ageing bucket and its allowance"
    _order = "company_id, over_days"

    name = fields.Char("Bucket", compute="_compute_name")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True,
        default=lambda self: self.env.company,
    )
    over_days = fields.Integer(
        "Overdue by more than", required=True,
        help="Days. The bucket goes up to the next one; -1: what is not overdue yet.",
    )
    rate = fields.Float(
        "Allowance", digits=(16, 6), help="The share of this bucket that may never be paid."
    )

    _bucket_once = models.Constraint(
        "UNIQUE (company_id, over_days)", "There is a bucket of these days already."
    )
    _days = models.Constraint("CHECK (over_days >= -1)", "A bucket begins at 0 days or later.")
    _share = models.Constraint(
        "CHECK (rate >= 0 AND rate <= 1)", "The allowance of a bucket is between 0 and 100 %."
    )

    @api.depends("over_days", "company_id")
    def _compute_name(self):
        for company, rates in self.grouped("company_id").items():
            names = dict(zip(
                self._get_starts(company), self._name_buckets(self._get_limits(company)),
                strict=True,
            ))
            for rate in rates:
                rate.name = names.get(rate.over_days)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_needed(self):
        for company, rates in self.grouped("company_id").items():
            left = (self._read_company(company) - rates).mapped("over_days")
            if NOT_DUE not in left or len(left) < 2:
                raise UserError(self.env._(
                    "Keep the bucket of what is not due, and one of what is overdue."
                ))

    def _name_buckets(self, limits):
        """The names of the buckets that begin over each of ``limits``, that of what is below the
        first one ahead."""
        first = limits[0]
        names = [
            self.env._("Not due") if not first else self.env._("Up to %(days)s days", days=first)
        ]
        for limit, following in zip(limits, [*limits[1:], None], strict=True):
            names.append(
                self.env._("Over %(days)s days", days=limit) if following is None
                else self.env._("%(first)s–%(last)s days", first=limit + 1, last=following)
            )
        return names

    def _read_company(self, company):
        return self.sudo().search([("company_id", "=", company.id)])

    def _get_limits(self, company):
        """Days overdue over which each bucket but the first begins."""
        days = self._read_company(company).mapped("over_days")
        return tuple(each for each in sorted(days) if each > NOT_DUE) or LIMITS

    def _get_starts(self, company):
        """Of each bucket, over how many days it begins."""
        return [NOT_DUE, *self._get_limits(company)]

    def _get_rates(self, company):
        """The rate of each bucket, as ``domain.figures.allowance`` takes them."""
        rates = {row.over_days: row.rate for row in self._read_company(company)}
        return tuple(
            Fraction(Decimal(str(round(rates.get(days, 0), 6))))
            for days in self._get_starts(company)
        )

    def _provide(self, company):
        """The rows of ``company``, begun with the usual buckets and no rate."""
        rows = self._read_company(company)
        if not rows:
            rows = self.sudo().create([
                {"company_id": company.id, "over_days": days} for days in (NOT_DUE, *LIMITS)
            ])
        return rows

    @api.model
    def _provide_all(self):
        # companies are few, and each of them is meant
        # pylint: disable-next=no-search-all
        for company in self.env["res.company"].sudo().search([]):
            self._provide(company)

    @api.model
    def action_open(self):
        """The table of the company, begun where there is none yet."""
        self.check_access("read")
        self._provide(self.env.company)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_allowance_rate_action"
        ) | {"domain": [("company_id", "=", self.env.company.id)]}
