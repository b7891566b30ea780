from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError

from ..domain import figures

DSO_MONTHS = 3


class DigestDigest(models.Model):
    """Two figures in the mail that core sends: how long money takes, and what came of what was
    overdue."""

    _inherit = "digest.digest"

    kpi_credit_dso = fields.Boolean("Days sales outstanding")
    kpi_credit_dso_value = fields.Float(compute="_compute_kpi_credit_dso_value")
    kpi_credit_recovered = fields.Boolean("Overdue money received")
    kpi_credit_recovered_value = fields.Monetary(compute="_compute_kpi_credit_recovered_value")

    def _compute_kpi_credit_dso_value(self):
        """At the end of the days of the mail; of three months, since in a day or a week there may
        be no sale at all."""
        for digest, company, _first, last in self._get_credit_periods():
            engine = self.env["credit.figures"].sudo().with_company(company)
            first, last = engine._get_period(last, DSO_MONTHS)
            open_ = sum(bucket.open for bucket in engine._read_buckets(company, last))
            sales, _months = engine._read_sales(company, first, last)
            digest.kpi_credit_dso_value = figures.dso(open_, sales, (last - first).days + 1) or 0

    def _compute_kpi_credit_recovered_value(self):
        for digest, company, first, last in self._get_credit_periods():
            engine = self.env["credit.figures"].sudo().with_company(company)
            found = engine._get_stages(company, first, last, {}, None)
            digest.kpi_credit_recovered_value = found["value"]

    def _get_credit_periods(self):
        """``(digest, company, first, last)``. The mail compares a span with the one before, which
        ends where it begins: that day is of the earlier one, as in core's own figures. Whoever
        gets the mail sees what he might see on the page; core leaves it out of the mails of all
        others."""
        if not self.env.user.has_group("account_credit_care.group_credit_user"):
            raise AccessError(self.env._("These figures are for credit users."))
        start, end, _companies = self._get_kpi_compute_parameters()
        first = fields.Date.to_date(start) + timedelta(days=1)
        last = fields.Date.to_date(end)
        for digest in self:
            yield digest, digest.company_id or self.env.company, first, last

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("account_credit_care.credit_menu_root").id
        action = f"account_credit_care.credit_dashboard_action?menu_id={menu}"
        return super()._compute_kpis_actions(company, user) | {
            "kpi_credit_dso": action, "kpi_credit_recovered": action,
        }
