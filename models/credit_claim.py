from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain import claims
from ..domain.money import to_units

METHODS = [
    ("transfer", "Bank transfer"),
    ("cash", "Cash"),
    ("cheque", "Cheque"),
    ("card", "Card"),
    ("other", "Otherwise"),
]
STATES = [
    ("claimed", "Looked for"),
    ("found", "Found"),
    ("refused", "Not found"),
]
FOREIGN_SLACK = 0.02  # rates of two days differ


class CreditClaim(models.Model):
    """Money that an agency says was paid. It changes no amount anywhere: the ledger bears it out,
    or the house says that nothing came."""

    _name = "credit.claim"
    _description = "Claim of a collection"
    _inherit = ["credit.guarded"]  # a fact, and what came of it has its doors
    _order = "paid_on desc, id desc"

    placement_id = fields.Many2one(
        "credit.placement", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="placement_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="placement_id.partner_id", string="Debtor", store=True)
    agency_id = fields.Many2one(related="placement_id.agency_id", string="Agency", store=True)
    salesperson_id = fields.Many2one(related="placement_id.salesperson_id", store=True, index=True)
    collector_id = fields.Many2one(
        "credit.collector", "Claimed by", readonly=True, ondelete="restrict"
    )
    state = fields.Selection(
        STATES, required=True, default="claimed", readonly=True, index=True, copy=False
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    paid_on = fields.Date("Paid on", required=True, readonly=True)
    method = fields.Selection(METHODS, required=True, readonly=True)
    remark = fields.Text(readonly=True)
    settled_on = fields.Date("Cleared up on", readonly=True, copy=False)
    settled_by = fields.Many2one(
        "res.users", "Cleared up by", readonly=True, copy=False, help="Empty: by the ledger."
    )
    answer = fields.Char("Why not found", readonly=True, copy=False)
    activity_id = fields.Many2one("mail.activity", ondelete="set null", readonly=True, copy=False)

    _once = models.UniqueIndex(
        "(placement_id, currency_id, amount, paid_on) WHERE state != 'refused'",
        "This payment was claimed already.",
    )
    _positive = models.Constraint("CHECK (amount > 0)", "What was paid is more than 0.")

    @api.depends("placement_id", "amount", "currency_id")
    def _compute_display_name(self):
        for claim in self:
            amount = claim.currency_id.format(claim.amount) if claim.currency_id else ""
            claim.display_name = f"{claim.placement_id.name or ''} · {amount}"

    # ------------------------------------------------------------------ the doors

    def action_find(self):
        """The money is there, whatever the ledger has seen of it so far."""
        self._settle("found")
        return True

    def action_refuse(self):
        return self.env["credit.ask"]._open("not_found", self)

    def _refuse(self, reason):
        self._settle("refused", reason)

    def _settle(self, state, reason=False):
        """A credit user's word."""
        self._check_user(access="read")
        if any(claim.state != "claimed" for claim in self):
            raise UserError(self.env._("This claim was cleared up already."))
        self.sudo()._set_state(state, self.env.user, reason)

    def _set_state(self, state, user, reason=False):
        """The only way out of “looked for”. Without ``user`` it was the ledger."""
        for claim in self.filtered(lambda one: one.state == "claimed"):
            claim.activity_id.action_feedback(feedback=reason or "")
            claim.write({
                "state": state, "settled_by": user.id, "answer": reason, "activity_id": False,
                "settled_on": claim.company_id._credit_today(),
            })
        self.flush_recordset(["state"])  # one that was refused may be claimed again

    def _look(self, company, today):
        """The night: what came in since bears out what was claimed."""
        open_claims = self.sudo().search([
            ("company_id", "=", company.id), ("state", "=", "claimed"),
        ])
        self.env["credit.run"]._isolated(open_claims, lambda batch: batch._compare())

    def _compare(self):
        """With the cash on what was placed, all claims of a placement together."""
        receipts = self.placement_id._read_receipts()
        for placement in self.placement_id:
            told = placement.claim_ids.filtered(lambda claim: claim.state != "refused")
            found = claims.borne_out(
                [claim._to_domain() for claim in told], receipts.get(placement.id, ())
            )
            told.filtered(lambda claim, keys=found: claim.id in keys)._set_state(
                "found", self.env["res.users"]
            )

    def _to_domain(self):
        """Receipts are in the company's currency; of another one a little less will do."""
        company = self.company_id
        own = company.currency_id
        value = self.currency_id._convert(self.amount, own, company, self.paid_on)
        if self.currency_id != own:
            value *= 1 - FOREIGN_SLACK
        return claims.Claim(
            self.id, self.paid_on, to_units(value, own.rounding), self.state == "found"
        )

    # ------------------------------------------------------------------ rights

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._("A claim belongs to the history of its placement."))
