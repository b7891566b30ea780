from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..domain.fees import COURTESY
from .credit_placement import OUT

WARN_DAYS = 7  # before a placement comes back by itself
COURTESY_DAYS = 7  # for a courtesy call that no step of the policy asked for


class CreditPlacement(models.Model):
    """How long the agency has it: a last day, a renewal with a reason, the way on to a lawyer."""

    _inherit = "credit.placement"

    def _get_last_day(self, today):
        days = self.mandate_id.placement_days
        if self.kind == COURTESY:
            days = self.level_id.agency_days or days or COURTESY_DAYS
        return today + timedelta(days=days) if days else False

    def _renew(self, until, reason):
        """A longer term, on a manager's word; what was placed stays what it was."""
        for placement in self._checked():
            placement._check_renewal(until)
            before = placement.until_on
            placement.write({
                "until_on": until, "renewed_on": placement.company_id._credit_today(),
            })
            self.env["credit.task"]._close_renewal(placement)
            body = self.env._(
                "%(placement)s renewed until %(day)s (before: %(before)s): %(reason)s",
                placement=placement.name, day=format_date(self.env, until), reason=reason,
                before=format_date(self.env, before) if before else self.env._("open"),
            )
            placement.message_post(body=body)
            placement.case_id.message_post(body=body)
            placement.case_id._recheck()

    def _check_renewal(self, until):
        today, last = self.company_id._credit_today(), self.mandate_id.until_on
        if self.state not in OUT:
            raise UserError(self.env._("Only what is with an agency can be renewed."))
        if not until or until <= max(today, self.until_on or today):
            raise UserError(self.env._("Choose a later day than the one it ends on now."))
        if last and until > last:
            raise UserError(self.env._(
                "The mandate ends on %(day)s: a placement cannot last longer. Agree on a later day"
                " first.", day=format_date(self.env, last),
            ))

    def _watch_terms(self, company, today):
        """The night: what has reached its last day comes back; before that a manager is asked."""
        out = self.sudo().search([
            ("company_id", "=", company.id), ("state", "in", OUT),
            ("until_on", "<=", today + timedelta(days=WARN_DAYS)),
        ])
        over = out.filtered(lambda placement: placement.until_on < today)
        run = self.env["credit.run"]
        run._isolated(over, lambda placements: placements._come_back())
        soon = (out - over).filtered(lambda placement: placement.kind != COURTESY)
        run._isolated(soon, lambda placements: self.env["credit.task"]._ask_for_renewal(placements))

    def _come_back(self):
        for placement in self:
            placement._end("recalled", self.env._("Its last day is over"))

    # ------------------------------------------------------------------ on to a lawyer

    def _pass_on(self, reason):
        """The agency has done what it could: the case is prepared for a lawyer. It is a new
        placement under another mandate, with the same note."""
        self.ensure_one()
        placement = self._checked()
        if placement.state not in OUT or placement.kind == "legal":
            raise UserError(self.env._(
                "Only what is with an agency can be passed on to a lawyer."
            ))
        placement._end("recalled", self.env._("Passed on to a lawyer: %(reason)s", reason=reason))
        legal = self._prepare(placement.case_id, "legal")
        legal.message_post(body=self.env._(
            "Passed on from %(placement)s (%(agency)s): %(reason)s", placement=placement.name,
            agency=placement.agency_id.name, reason=reason,
        ))
        return legal

    # ------------------------------------------------------------------ buttons

    def action_renew(self):
        return self.env["credit.ask"]._open("renew", self)

    def action_pass_on(self):
        return self.env["credit.ask"]._open("pass_on", self)

    def _default_renewal(self):
        """As long again as the mandate gives, within its own end."""
        self.ensure_one()
        own = self.sudo()
        today = own.company_id._credit_today()
        start = max(own.until_on or today, today)
        day = fields.Date.add(start, days=own.mandate_id.placement_days or 30)
        return min(filter(None, (day, own.mandate_id.until_on)))
