from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models
from odoo.tools import format_datetime

from ..domain import contact

AHEAD = 21  # days in which the next allowed moment is looked for


class CreditCase(models.Model):
    """When this debtor may be contacted, by company and agency together."""

    _inherit = "credit.case"

    def _get_contact_zone(self):
        calendar = self.policy_id.sudo().calendar_id
        return pytz.timezone(calendar.tz) if calendar.tz else self.company_id._credit_zone()

    def _get_openings(self, day, days=1):
        """``[(from, to), …]``, the hours of contact of so many days, in the debtors' time."""
        zone = self._get_contact_zone()
        starts = [
            zone.localize(datetime.combine(day + timedelta(days=number), time.min))
            for number in range(days + 1)
        ]
        calendar = self.policy_id.sudo().calendar_id
        if not calendar:
            return list(zip(starts, starts[1:], strict=False))
        return [
            (start.astimezone(zone), stop.astimezone(zone))
            for start, stop, _meta in calendar._work_intervals_batch(starts[0], starts[-1])[False]
        ]

    def _get_caps(self):
        policy = self.policy_id.sudo()
        return policy.max_contacts_day, policy.max_contacts_week

    def _get_breaches(self, day, moment=None):
        """What a contact on this day (or at this moment, in UTC) goes against, as codes."""
        self.ensure_one()
        local = moment and pytz.utc.localize(moment).astimezone(self._get_contact_zone())
        past = self.env["credit.run"].sudo()._recent_contacts(self, day).get(self.id, ())
        return contact.breaches(past, day, local, self._get_openings(day), *self._get_caps())

    def _get_next_contact(self, moment=None):
        """The first moment (UTC) from ``moment``, or now, on at which he may be contacted."""
        self.ensure_one()
        now = pytz.utc.localize(moment or fields.Datetime.now())
        now = now.astimezone(self._get_contact_zone())
        past = self.env["credit.run"].sudo()._recent_contacts(
            self, self.company_id._credit_today()
        ).get(self.id, ())
        found = contact.next_contact(
            past, now, self._get_openings(now.date(), AHEAD), *self._get_caps()
        )
        return found and found.astimezone(pytz.utc).replace(tzinfo=None)

    def _explain_breaches(self, codes):
        day, week = self._get_caps()
        texts = {
            "hours": self.env._("outside the hours of contact"),
            "day": self.env._("more than %(count)s contacts on one day", count=day),
            "week": self.env._("more than %(count)s contacts in a week", count=week),
        }
        return ", ".join(texts[code] for code in codes)

    def _explain_next_contact(self, moment):
        """In the debtor's time; to a reader elsewhere in his own, which is named then."""
        if not moment:
            return self.env._("Please ask when he may be contacted.")
        own = self._get_contact_zone().zone
        zone = self.env.context.get("credit_reader_zone") or own
        text = format_datetime(self.env, moment, tz=zone, dt_format="EEEE d MMMM, HH:mm")
        return self.env._(
            "The next allowed time: %(moment)s.", moment=text if zone == own else f"{text} ({zone})"
        )
