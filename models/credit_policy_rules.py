import logging
from ast import literal_eval
from datetime import timedelta

import psycopg2
import pytz

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..domain import rules, thresholds
from ..domain.money import to_units

_logger = logging.getLogger(__name__)
NOTE_LEAD = 5  # days for the salesperson before an agency's call in our name

# what literals and domains that are none raise
UNREADABLE = (
    AttributeError, KeyError, MemoryError, NotImplementedError, RecursionError, SyntaxError,
    TypeError, UserError, ValueError,
)


def parse_segment(text, customers):
    """The conditions as a domain on customers; raises if they are none. Nothing is run: the text
    may hold literals only."""
    conditions = literal_eval(text or "[]")
    if not isinstance(conditions, list):
        raise ValueError(customers.env._("it is not a list of conditions"))
    segment = Domain(conditions)
    segment.validate(customers)
    return segment


def explain_segment(text, customers):
    """What is wrong with conditions on customers, in words, or False."""
    try:
        with customers.env.cr.savepoint():
            customers.search_count(parse_segment(text, customers), limit=1)
    except SyntaxError:
        return customers.env._("it is not a list of conditions")
    except (*UNREADABLE, psycopg2.Error) as error:
        if "malformed node" in str(error):
            return customers.env._("it holds a formula where a value must stand")
        return str(error).splitlines()[0]
    return False


class CreditPolicy(models.Model):
    """A policy as the domain reads it: segment, steps, thresholds, days."""

    _inherit = "credit.policy"

    def _has_conditions(self):
        return (self.segment_domain or "").replace(" ", "") not in ("", "[]")

    def _get_segment_scope(self):
        return "segment" if self._has_conditions() else "chosen"

    def _parse_segment(self):
        return parse_segment(self.segment_domain, self.env["res.partner"])

    def _get_segment_fault(self):
        return explain_segment(self.segment_domain, self.env["res.partner"])

    def _get_segment(self):
        """Customers of the segment; nobody while it cannot be read, because a field that went with
        its add-on must not stop the night of all others."""
        try:
            return self._parse_segment()
        except UNREADABLE:
            _logger.warning("Credit policy %s: its segment cannot be read", self.id, exc_info=True)
            return Domain.FALSE

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
