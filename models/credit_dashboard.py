from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

HALVES = ("money", "customers", "hands")
MONTHS = 12
LONGEST = 3700  # days: ten years


class CreditDashboard(models.AbstractModel):
    """The page of figures. It asks for one half at a time, so that what is quick stands while the
    rest is on its way."""

    _name = "credit.dashboard"
    _description = "Credit care: the page of figures"

    @api.model
    @api.readonly
    def get_figures(self, half, first=None, last=None, filters=None, anew=False):
        """Figures of the current company, for credit users: ``half`` is "money", "customers",
        "hands", or "choices" for what can be chosen on the page. Days as ISO dates; filters as
        in ``credit.figures``, each an id, 0 for none. What the night has kept of the page (see
        ``credit_dashboard_kept``) comes with its hour, unless it is wanted ``anew``."""
        self._check_user()
        company = self.env.company
        figures = self.env["credit.figures"].sudo().with_company(company)
        if half == "choices":
            return self._get_choices(company)
        if half not in HALVES:
            raise UserError(self.env._("There are figures of money, customers and hands."))
        first, last = self._read_period(company, first, last)
        filters = self._read_filters(filters)
        found, kept_at = None, False
        if not anew:
            found, kept_at = self._find_kept(company, half, first, last, filters)
        if found is None:
            found = figures._get_half(half, company, first, last, filters)
        return {
            "first": str(first), "last": str(last), "figures": found,
            "currency_id": company.currency_id.id, "kept_at": kept_at,
        }

    def _check_user(self):
        if not self.env.user.has_group("account_credit_care.group_credit_user"):
            raise AccessError(self.env._("Only credit users see the figures of the company."))

    # ------------------------------------------------------------------ what a client sends

    def _read_period(self, company, first, last):
        """Not after today: figures tell what was."""
        today = company._credit_today()
        last = min(self._read_day(last) or today, today)
        first = self._read_day(first) or self.env["credit.figures"]._get_period(last, MONTHS)[0]
        if first > last or (last - first).days > LONGEST:
            raise UserError(self.env._(
                "A period begins before it ends, and has ten years at most. Choose other days."
            ))
        return first, last

    def _read_day(self, given):
        if not given:
            return None
        try:
            return date.fromisoformat(given)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("“%(day)s” is no day.", day=given)) from error

    def _read_filters(self, filters):
        """Only what ``credit.figures`` knows, and only ids."""
        wanted = {}
        for name, value in (filters or {}).items():
            if isinstance(value, bool) or not isinstance(value, int | None):
                raise UserError(self.env._("A filter names one record."))
            if value is not None:
                wanted[name] = value
        try:
            return self.env["credit.figures"]._check_filters(wanted)
        except ValueError as error:
            raise UserError(self.env._("There is no such filter.")) from error

    # ------------------------------------------------------------------ what can be chosen

    def _get_choices(self, company):
        today = company._credit_today()
        own = [("company_id", "=", company.id)]
        cases = self.env["credit.case"].sudo()
        placements = self.env["credit.placement"].sudo()
        found = {
            "policy_id": self.env["credit.policy"].search(own),
            "salesperson_id": [
                user for [user] in cases._read_group(own, ["salesperson_id"]) if user
            ],
            "segment_id": [
                partner for [partner] in self.env["res.partner"].sudo()._read_group(
                    [("industry_id", "!=", False), ("id", "in", cases._search(own).subselect(
                        "partner_id"))], ["industry_id"],
                )
            ],
            "agency_id": [
                agency for [agency] in placements._read_group(own, ["agency_id"]) if agency
            ],
            "reason_id": [reason for [reason] in cases._read_group(own, ["reason_id"]) if reason],
        }
        labels = {
            "policy_id": self.env._("Policy"), "salesperson_id": self.env._("Salesperson"),
            "segment_id": self.env._("Segment"), "agency_id": self.env._("Agency"),
            "reason_id": self.env._("Why not paid"),
        }
        return {
            "today": fields.Date.to_string(today), "company": company.name,
            "currency_id": company.currency_id.id,
            "filters": [
                {
                    "name": name, "label": labels[name],
                    "choices": [{"id": one.id, "name": one.display_name} for one in records],
                } for name, records in found.items() if records
            ],
        }
