import json
from collections import Counter
from time import perf_counter

from odoo import fields, models
from odoo.tools import json_default

from .credit_dashboard import HALVES

QUICK = 1.0  # seconds: what is read within them is read anew each time


class CreditDashboard(models.AbstractModel):
    """On a large ledger some parts of the page take seconds. The night reads those, so that the
    page opens at once: as the night left it, with the hour beside it and a way to read it anew.
    Nothing is kept of what is quick, of other days, or under a filter."""

    _inherit = "credit.dashboard"

    def _keep(self, company):
        """The page of today in the languages of those who may open it, as far as it is slow."""
        today = company._credit_today()
        first, last = self._read_period(company, None, None)
        parts = {}
        for half in HALVES:
            for lang in self._get_languages(company):
                figures = self.env["credit.figures"].sudo().with_company(company)
                started = perf_counter()
                found = figures.with_context(lang=lang)._get_half(half, company, first, last, {})
                if perf_counter() - started <= QUICK:
                    break
                parts[f"{half} {lang}"] = json.loads(json.dumps(found, default=json_default))
        company, habits = company.sudo(), self._keep_habits(company, today)
        if parts or habits or company.credit_dashboard_kept:
            company.credit_dashboard_kept = (parts or habits) and {
                "day": str(today), "at": fields.Datetime.to_string(fields.Datetime.now()),
                "parts": parts, "habits": habits,
            }

    def _keep_habits(self, company, today):
        """``{policy: [(days late, payments)]}`` for the items whose debtor has no past."""
        started = perf_counter()
        habits = self.env["credit.figures"].sudo()._read_habits(company, today)
        if perf_counter() - started <= QUICK:
            return {}
        return {
            str(policy_id): sorted(Counter(history).items())
            for policy_id, history in habits.segment.items()
        }

    def _get_languages(self, company):
        group = self.env.ref("account_credit_care.group_credit_user").sudo()
        users = group.all_user_ids.filtered(lambda user: company in user.company_ids)
        return sorted({user.lang or self.env.lang or "en_US" for user in users})

    def _find_kept(self, company, half, first, last, filters):
        """``(figures, hour)`` as the night left them, or ``(None, False)``."""
        kept = company.sudo().credit_dashboard_kept
        if not kept or filters or kept["day"] != str(company._credit_today()) or (
            (first, last) != self._read_period(company, None, None)
        ):
            return None, False
        found = kept["parts"].get(f"{half} {self.env.lang or 'en_US'}")
        return found, bool(found) and kept["at"]
