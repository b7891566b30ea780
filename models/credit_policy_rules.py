from datetime import timedelta

import pytz

from odoo import fields, models

from ..domain import rules, thresholds
from ..domain.money import to_units

NOTE_LEAD = 5  # days for the salesperson before an agency's call in our name


class CreditPolicy(models.Model):
    """A policy as the domain reads it: steps, thresholds, days."""

    _inherit = "credit.policy"

    def _to_rules(self, today, currencies):
        """The policy as numbers, for debtors who owe in ``currencies``."""
        self.ensure_one()
        company_currency = self.company_id.currency_id
        steps = () if self.do_nothing else tuple(
            level._to_step(company_currency) for level in self.level_ids.sorted("delay_days")
        )
        tolerances = {
            currency.id: to_units(
                company_currency._convert(self.tolerance, currency, self.company_id, today),
                currency.rounding,
            )
            for currency in currencies
        }
        return rules.Rules(
            steps=steps,
            min_gap=self.min_gap_days,
            tolerances=tolerances,
            min_value=to_units(self.min_amount, company_currency.rounding),
            catch_up=self.catch_up,
            closed=self._get_closed_days(today),
        )

    def _to_thresholds(self):
        if self.do_nothing:
            return thresholds.Thresholds(0, 0, 0)
        return thresholds.Thresholds(
            self.suspend_after_days, self._get_note_day(), self.place_after_days,
            to_units(self.suspend_min_amount, self.company_id.currency_id.rounding),
        )

    def _get_agency_day(self):
        """The first reminder that an agency makes in our name; 0: none."""
        calls = self.level_ids.filtered(
            lambda level: level.executor == "agency" and level.delay_days > 0
        )
        return min(calls.mapped("delay_days"), default=0)

    def _get_note_day(self):
        """The salesperson is asked before anybody from outside calls, in our name or not."""
        call = self._get_agency_day()
        if not call or not self.handover_after_days:
            return self.handover_after_days
        return max(1, min(self.handover_after_days, call - NOTE_LEAD))

    def _get_closed_days(self, today, horizon=60):
        """Days without any working interval in the contact calendar, from today on."""
        return self.env["credit.run"]._closed_days(self.calendar_id, today, horizon)

    def _is_contact_time(self):
        """Whether the debtors of this policy may be contacted at this moment."""
        now = pytz.utc.localize(fields.Datetime.now())
        if not self.calendar_id:
            return True
        intervals = self.calendar_id._work_intervals_batch(now, now + timedelta(minutes=1))[False]
        return bool(list(intervals))
