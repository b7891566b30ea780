from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .credit_agreement import LIVE


class CreditAgreement(models.Model):
    """How an agreement comes about: proposed, approved, signed, started, cancelled. Whoever acts
    is asked for his rights first."""

    _inherit = "credit.agreement"

    def _set_state(self, target, **values):
        """The night looks at the case again."""
        result = super()._set_state(target, **values)
        self.case_id._recheck()
        return result

    def _propose(self):
        """Fixes the terms and offers them: reminders wait for the answer. What goes beyond the
        limits of the policy waits for a manager first."""
        for agreement in self._checked()._submit():
            agreement._offer()

    def _submit(self):
        """From here on the terms stand still. Returns those that need no manager; he is asked
        about the others. An approval of other terms counts no more."""
        for agreement in self:
            agreement._cover_promised()
            agreement._check_ready()
            agreement._fix_terms()
            today = agreement.company_id._credit_today()
            agreement._set_state(
                "proposed",
                excess=agreement._get_excess(today), approver_id=False, approved_on=False,
                valid_until=agreement._get_answer_day(),
            )
            if agreement._needs_approval():
                self.env["credit.task"]._ask_to_approve(agreement)
        return self.filtered(lambda agreement: not agreement._needs_approval())

    def _get_answer_day(self):
        """Until when an offer made today stands."""
        days = self.case_id.policy_id.answer_wait_days or 7
        return fields.Date.add(self.company_id._credit_today(), days=days)

    def _offer(self):
        """Sends the proposal with the document and the link where it can be signed."""
        self.env["credit.action"]._plan_message(
            self.case_id, "proposal", agreement_id=self.id, items=self.item_ids,
            attachment_ids=[(6, 0, self._file_document().ids)],
        )

    def _needs_approval(self):
        return bool(self.excess) and not self.approver_id

    def _approve(self):
        """A manager's word, for what goes beyond the limits."""
        for agreement in self._checked(manager=True):
            if agreement.state != "proposed" or not agreement._needs_approval():
                raise UserError(self.env._("Nothing of this waits for an approval."))
            agreement.write({
                "approver_id": self.env.user.id, "approved_on": fields.Datetime.now(),
                "valid_until": max(agreement.valid_until, agreement._get_answer_day()),
            })
            self.env["credit.task"]._close_approval(agreement)
            if agreement.signed_on:
                agreement._start()
            else:
                agreement._offer()

    def _refuse(self, reason):
        """A manager's no, with its reason: it is a draft again, and who proposed it is told."""
        for agreement in self._checked(manager=True):
            agreement._take_back()
            agreement.message_post(
                body=self.env._("Not approved: %(reason)s", reason=reason),
                partner_ids=agreement.user_id.partner_id.ids,
                subtype_xmlid="mail.mt_note",
            )

    def _take_back(self):
        """Back on the desk: what was offered, signed or approved of these terms counts no more."""
        self._set_state(
            "draft", excess=False, valid_until=False, approver_id=False, approved_on=False,
            signed_by=False, signed_on=False, signature=False, on_paper=False,
        )
        for agreement in self:
            self.env["credit.task"]._drop_approval(agreement)

    def _sign(self, name, signature=False, on_paper=False):
        """The debtor accepts. Without an approval that it needs it does not start yet."""
        self.ensure_one()
        today = self.company_id._credit_today()
        over = not on_paper and self.valid_until and self.valid_until < today
        if self.state != "proposed" or self.signed_on or over:
            raise UserError(self.env._("This offer stands no longer. Please call us."))
        agreement = self.sudo()
        agreement.write({
            "signed_by": name, "signature": signature, "signed_on": fields.Datetime.now(),
            "on_paper": on_paper,
        })
        agreement._file_signed()
        if not agreement._needs_approval():
            agreement._start()

    def _start(self):
        """From now on the ledger says whether it is kept."""
        for agreement in self:
            today = agreement.company_id._credit_today()
            if agreement.state == "draft":
                agreement._cover_promised()
                agreement.sudo().write({
                    "excess": agreement._get_excess(today), "approver_id": False,
                })
            if agreement._needs_approval():
                raise UserError(self.env._(
                    "“%(agreement)s” goes beyond the limits of the policy: a credit manager has"
                    " to approve it first.", agreement=agreement.display_name,
                ))
            agreement._check_ready()
            agreement._replace_others()
            if agreement.state == "draft":
                agreement._fix_terms()
            agreement._set_state(
                "running", start_on=today, next_check_on=today, broken_on=False, broken_why=False,
            )
            agreement._ask_interest()
            agreement._review(today)
            agreement._tell_agreed()
            if agreement.signed_on and not agreement.on_paper:
                agreement._confirm()

    def _tell_agreed(self):
        """His salesperson hears of it, where he was asked for his word; of a promise to the agency
        he has heard from there."""
        case = self.case_id.sudo()
        by_agency = self.kind == "promise" and self.negotiated_by == "collector"
        if case._is_followed() and not by_agency:
            case._tell_seller("agreed", {case.id: self.display_name})

    def _replace_others(self):
        """One agreement an item: a new one takes the place of those that run on the same items."""
        others = self.sudo().search([
            ("item_ids", "in", self.item_ids.ids), ("state", "in", LIVE + ("draft",)),
            ("id", "!=", self.id), ("case_id", "=", self.case_id.id),
        ])
        others._stop()
        for other in others:
            other.message_post(body=self.env._(
                "Replaced by %(agreement)s", agreement=self.display_name
            ))

    def _cancel(self, reason):
        for agreement in self._checked():
            agreement._stop()
            agreement.message_post(body=self.env._("Cancelled: %(reason)s", reason=reason))

    def _stop(self):
        """By somebody's word: nobody pays its interest nor decides on it any more."""
        for agreement in self:
            agreement._set_state("cancelled", ended_on=agreement.company_id._credit_today())
            agreement._forgo_interest()
            self.env["credit.task"]._drop_approval(agreement)

    def _cover_promised(self):
        """A promise waits for what it is about, whatever was chosen."""
        if self.kind == "promise" and self.item_ids:
            covered = self.case_id._get_promised_items(self.item_ids, self.amount_agreed)
            if covered != self.item_ids:
                self.sudo().item_ids = covered

    def _fix_terms(self):
        """The conditions of the policy as they are now are part of what is agreed, and so is what
        is open: whatever comes from this moment on counts."""
        for agreement in self:
            policy = agreement.case_id.policy_id
            one_date = agreement.kind == "promise"
            agreement.sudo().write({
                "name": agreement.name or agreement._next_number(),
                "tolerance_days": policy.promise_tolerance_days,
                "max_missed": 1 if one_date else max(policy.plan_max_missed, 1),
                "max_late_days": policy.promise_tolerance_days if one_date
                else policy.plan_max_late_days,
                "amount_open": sum(agreement.item_ids.mapped("amount_residual")),
                "paid_before": agreement._read_cash(),
            })

    def _next_number(self):
        return self.env["ir.sequence"].sudo().with_company(self.company_id).next_by_code(
            "credit.agreement"
        )

    def _check_ready(self):
        self.ensure_one()
        come = self._get_come()
        if not come and not self.item_ids.filtered(lambda item: not item.closed_on):
            raise UserError(self.env._("Choose the open items that the agreement covers."))
        if not self.line_ids:
            raise UserError(self.env._("There is no date and amount yet: make the schedule first."))
        self._check_days(come)
        if self.state == "draft":
            self._check_interest()
        owed = sum(self.item_ids.mapped("amount_residual")) + come
        paid = self.amount_agreed - self.amount_interest
        if self.kind == "settlement":
            self._check_settlement(paid, owed)
        if self.kind == "plan" and self.currency_id.compare_amounts(paid, owed):
            raise UserError(self.env._(
                "The instalments come to %(paid)s and the items to %(owed)s: make the schedule"
                " again, or make it a settlement.",
                paid=self.currency_id.format(paid), owed=self.currency_id.format(owed),
            ))

    def _check_days(self, come):
        """No day that is over already, but where its money has come."""
        today = self.company_id._credit_today()
        for line in self.line_ids.sorted(lambda line: (line.due_on, line.id)):
            come -= line.amount - line.interest
            if line.due_on < today and self.currency_id.compare_amounts(come, 0) < 0:
                raise UserError(self.env._(
                    "%(day)s is over already. Choose later dates.",
                    day=format_date(self.env, line.due_on),
                ))
