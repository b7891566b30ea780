from odoo import api, fields, models

from ..domain.behaviour import RECENT

USER = "account_credit_care.group_credit_user"


class ResPartner(models.Model):
    """How a customer has paid in the company of the user: computed when his page is opened, since
    any payment changes it."""

    _inherit = "res.partner"

    credit_care_payments = fields.Integer(
        "Paid invoices", compute="_compute_credit_care_behaviour", groups=USER,
        help="Settled by cash within the last two years.",
    )
    credit_care_days_late = fields.Float(
        "Average days late", compute="_compute_credit_care_behaviour", groups=USER, digits=(16, 1),
        help="Each invoice the same; below 0: early.",
    )
    credit_care_days_late_weighted = fields.Float(
        "By amount", compute="_compute_credit_care_behaviour", groups=USER, digits=(16, 1),
        help="Average days late, a large invoice weighing more.",
    )
    credit_care_late_share = fields.Float(
        "Paid late", compute="_compute_credit_care_behaviour", groups=USER,
        help="The share of his invoices that he paid after the due date.",
    )
    credit_care_behaviour_note = fields.Char(
        "Trend", compute="_compute_credit_care_behaviour", groups=USER
    )

    @api.depends_context("company")
    def _compute_credit_care_behaviour(self):
        company = self.env.company
        known = self.env["credit.figures"].sudo()._get_behaviour(
            company, self.commercial_partner_id.ids, company._credit_today()
        )
        for partner in self:
            found = known.get(partner.commercial_partner_id.id)
            partner.credit_care_payments = found.n if found else 0
            partner.credit_care_days_late = float(found.mean or 0) if found else 0
            partner.credit_care_days_late_weighted = float(found.weighted or 0) if found else 0
            partner.credit_care_late_share = float(found.late_share or 0) if found else 0
            partner.credit_care_behaviour_note = self._credit_explain_trend(found)

    def _credit_explain_trend(self, found):
        """The latest payments against those before, in words."""
        if not found or not found.n:
            return self.env._("No invoice was paid within two years.")
        if found.trend is None:
            return self.env._(
                "Too few payments for a trend: it takes %(n)s.", n=2 * RECENT
            )
        days = round(abs(found.trend))
        if not days:
            return self.env._("His latest %(n)s payments came as those before.", n=RECENT)
        if found.trend > 0:
            return self.env._(
                "Slower: his latest %(n)s payments came %(days)s days later than those before.",
                n=RECENT, days=days,
            )
        return self.env._(
            "Faster: his latest %(n)s payments came %(days)s days earlier than those before.",
            n=RECENT, days=days,
        )
