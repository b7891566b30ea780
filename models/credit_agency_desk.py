from datetime import datetime

import pytz

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .credit_placement import OUT


class CreditAgencyDesk(models.AbstractModel):
    """The agency's only door. External users have no right on any record of this module; by page
    or by RPC they come through the methods of this desk, and each of them asks first where the
    user has a seat today. What is handed out is a white-list, never a record."""

    _name = "credit.agency.desk"
    _description = "Desk of the agency"

    @api.model
    def _get_seats(self):
        """The user's places on mandates that run today, with all rights: who has none is nobody
        here. Asked anew by each request, so that an end is an end at once."""
        user, collectors = self.env.user, self._bare().env["credit.collector"].sudo()
        if not user.has_group("account_credit_care.group_credit_collector"):
            return collectors
        return collectors.search([
            ("user_id", "=", user.id), ("mandate_id.state", "=", "active"),
        ]).filtered(lambda seat: seat.mandate_id._is_running(seat.company_id._credit_today()))

    @api.model
    def _get_domain(self):
        """The placements this user may see: open ones of his mandates that are his or nobody's
        yet, all of them for a team leader; where the relationship comes first, for the qualified
        only, leaders included."""
        domain = Domain.FALSE
        for seat in self._get_seats():
            today = seat.company_id._credit_today()
            own = Domain("mandate_id", "=", seat.mandate_id.id) & (
                Domain("until_on", "=", False) | Domain("until_on", ">=", today)
            )
            if not seat.is_leader:
                own &= Domain("collector_id", "in", (seat.id, False))
            if not seat.qualified_on:
                own &= Domain("case_id.relationship_priority", "=", False)
            domain |= own
        return domain & Domain("state", "in", OUT)

    @api.model
    def _get_placements(self, domain=Domain.TRUE, **options):
        return self._bare().env["credit.placement"].sudo().search(
            self._get_domain() & Domain(domain), **options
        )

    def _bare(self):
        """Of the context that a client sends language and time zone count, and nothing else: “the
        archived ones, too” would give back a seat that was taken."""
        known = {name: self.env.context[name] for name in ("lang", "tz")
                 if name in self.env.context}
        return self.with_env(self.env(context=known))

    @api.model
    def _get_placement(self, placement_id):
        """One placement with all rights. Whether it is another's, over, or does not exist is not
        told: the answer is the same."""
        wanted = placement_id if isinstance(placement_id, int) else 0
        placement = self._get_placements([("id", "=", wanted)])
        if not placement:
            raise AccessError(self.env._("This position is not, or no longer, entrusted to you."))
        return placement.with_context(credit_reader_zone=self._get_zone(placement).zone)

    @api.model
    def _get_seat(self, placement):
        """As whom the user works on a placement that he may see."""
        return self._get_seats().filtered(lambda seat: seat.mandate_id == placement.mandate_id)

    # ------------------------------------------------------------------ time

    @api.model
    def _get_zone(self, placement):
        """In whose time the user types and reads: his own; where his user has none, that of the
        debtor's hours of contact. Whether a moment is within those hours is always asked in the
        debtor's time."""
        own = self.env.user.tz
        return pytz.timezone(own) if own else placement.case_id._get_contact_zone()


def iso(value):
    """A moment is told in UTC and says so."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + "Z"
    return value.isoformat() if value else False
