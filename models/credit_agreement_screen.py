from odoo import api, fields, models
from odoo.exceptions import UserError

from .windows import open_record

EDITABLE = {
    "kind", "case_id", "currency_id", "user_id", "negotiated_by", "mediator_id", "note",
    "item_ids", "line_ids", "frequency", "count", "instalment_amount", "day_of_month", "first_on",
    "down_payment", "down_on", "interest_rate", "working_days", "capacity_id",
    "amount_settlement",
}


class CreditAgreement(models.Model):
    """What people do with an agreement, and what its screens show. Terms are written while it is a
    draft; all else passes through the doors, which ask for rights first."""

    _inherit = "credit.agreement"
    _by_hand = frozenset(EDITABLE)

    progress = fields.Float("Paid, %", compute="_compute_progress")
    excess_note = fields.Char(compute="_compute_excess_note")
    waits_for_approval = fields.Boolean(compute="_compute_excess_note")

    @api.depends("amount_received", "amount_agreed", "amount_interest", "state")
    def _compute_progress(self):
        """Of the principal: the interest is paid by an invoice of its own."""
        for agreement in self:
            principal = agreement.amount_agreed - agreement.amount_interest
            share = agreement.amount_received / principal if principal > 0 else 0
            agreement.progress = 100 if agreement.state == "kept" else min(100 * share, 100)

    @api.depends("state", "excess", "approver_id", "kind", "line_ids.due_on", "line_ids.amount")
    def _compute_excess_note(self):
        """What only a manager may agree to: foretold for a draft, kept once it was proposed."""
        for agreement in self:
            excess = agreement.excess
            if agreement.state == "draft" and agreement.case_id and agreement.line_ids:
                excess = agreement._get_excess(agreement.company_id._credit_today())
            waits = agreement.state in ("draft", "proposed") and not agreement.approver_id
            agreement.waits_for_approval = bool(
                agreement.state == "proposed" and excess and waits
            )
            agreement.excess_note = excess and waits and agreement._explain_excess(excess)

    def _explain_excess(self, excess):
        manager = self.env["credit.task"]._get_manager(self.company_id)
        return self.env._(
            "Beyond what you may agree to alone: %(excess)s. %(manager)s has to approve it.",
            excess=excess, manager=manager.name or self.env._("A credit manager"),
        )

    # ------------------------------------------------------------------ buttons

    def action_propose(self):
        self._propose()
        return True

    def action_start(self):
        """A promise by phone: somebody's word is enough. Plans and settlements are signed."""
        agreements = self._checked()
        if any(agreement.kind != "promise" for agreement in agreements):
            raise UserError(self.env._(
                "A plan or settlement starts when the customer has signed it, on his page or on"
                " paper."
            ))
        agreements._start()
        return True

    def action_approve(self):
        self._approve()
        return True

    def action_revise(self):
        """Other terms: the offer is taken back."""
        self._checked()._take_back()
        return True

    def action_refuse(self):
        return self.env["credit.ask"]._open("refuse", self)

    def action_cancel(self):
        return self.env["credit.ask"]._open("cancel", self)

    def action_sign_on_paper(self):
        return self.env["credit.ask"]._open("paper", self)

    def action_open_interest(self):
        self._check_user()
        return open_record(self.interest_move_id)

    def action_open_write_off(self):
        self._check_user()
        return open_record(self.write_off_move_id)

    def action_open_case(self):
        self.ensure_one()
        return self.case_id._open_form()

    def _sign_on_paper(self, name):
        """The customer has signed a printed copy. What nobody may agree to alone waits, signed,
        for the manager."""
        for agreement in self._checked():
            if agreement.state == "draft":
                agreement._submit()
            agreement._sign(name, on_paper=True)

    # ------------------------------------------------------------------ rights

    def write(self, vals):
        """Once proposed, terms are fixed: they change through a new proposal only."""
        if not self.env.su and any(agreement.state != "draft" for agreement in self):
            if EDITABLE & vals.keys() - {"note"}:
                raise UserError(self.env._(
                    "What was proposed does not change. Take it back or make a new agreement."
                ))
        return super().write(vals)

    def _check_user(self, manager=False, access="write"):
        if self.env.su:  # the page of the debtor, the night
            return None
        return super()._check_user(manager, access)
