from odoo import api, fields, models
from odoo.exceptions import UserError

COURTESY_OUTCOMES = [
    ("solved", "Solved by the call"),
    ("will_pay", "Pays on a day"),
    ("invoice_lost", "Has no invoice"),
    ("complaint", "Something is wrong"),
    ("not_reached", "Not reached"),
    ("wrong_number", "Wrong number"),
    ("no_more_calls", "Wants no more calls"),
]
UNHEARD = ("not_reached", "wrong_number")
MAX_REMARK = 1000


class CreditAction(models.Model):
    """A courtesy call in the history: its own outcomes, and what follows from each. What the
    customer said is heard at once: a promise, the invoice again, a dispute, no more calls."""

    _inherit = "credit.action"

    courtesy_outcome = fields.Selection(COURTESY_OUTCOMES, "What came of the courtesy call")

    def _get_courtesy_label(self):
        labels = dict(self._fields["courtesy_outcome"]._description_selection(self.env))
        return labels.get(self.courtesy_outcome, "")

    def _is_with_agency(self):
        """Laid out for the agency: the house neither makes this call nor takes it back."""
        return self.state == "queued" and self.placement_id.state in ("ready", "sent", "accepted")

    @api.model
    def _check_courtesy(self, placement, outcome, remark, on):
        if outcome not in dict(COURTESY_OUTCOMES):
            raise UserError(self.env._("Choose what came of the call."))
        today = placement.company_id._credit_today()
        if outcome == "will_pay" and (not on or on < today):
            raise UserError(self.env._("Choose the day on which he pays, today or later."))
        if outcome == "complaint" and not (remark or "").strip():
            raise UserError(self.env._("Write in a few words what is wrong."))
        if len(remark or "") > MAX_REMARK:
            raise UserError(self.env._("That is very long: please keep it to 1000 letters."))

    @api.model
    def _take_courtesy(self, placement, outcome, remark, collector):
        """One action for one call: the one that was laid out, else a contact like any other."""
        case, today = placement.case_id, placement.company_id._credit_today()
        call = placement.action_ids.filtered(lambda a: a.state == "queued")[:1] or self.create({
            "case_id": case.id, "company_id": case.company_id.id, "kind": "contact",
            "channel": "phone", "state": "queued", "date": today, "contact_id": case.partner_id.id,
            "placement_id": placement.id,
        })
        call._set_state(
            "done", courtesy_outcome=outcome, summary=remark or False, date=today,
            outcome=outcome if outcome in UNHEARD else "reached",
            user_id=collector.user_id.id if collector else self.env.user.id,
            collector_id=collector.id if collector else False,
        )
        if outcome not in UNHEARD:
            case.last_contact_on = today
        return call

    def _follow_courtesy(self, placement, on):
        """What the customer said takes effect, whoever heard it."""
        follow = getattr(self, f"_follow_{self.courtesy_outcome}", None)
        if follow:
            follow(placement, on)
        placement.case_id._recheck()

    def _get_open_items(self, placement):
        return placement.line_ids.item_id.filtered(lambda item: not item.closed_on)

    def _follow_solved(self, placement, _on):
        """He pays now, or has paid: what is on its way is waited for."""
        case, today = placement.case_id, placement.company_id._credit_today()
        until = fields.Date.add(today, days=case.policy_id.answer_wait_days or 0)
        if until > max(today, case.paused_until or today):
            case.write({"paused_until": until, "pause_reason": self._get_courtesy_label()})

    def _follow_will_pay(self, placement, on):
        """What is under a plan or disputed meanwhile stays so: a word by phone ends neither."""
        items = self._get_open_items(placement) - placement._get_taken()
        for currency, same in items.grouped("currency_id").items():
            amount = sum(same.mapped("amount_residual"))
            if currency.compare_amounts(amount, 0) > 0:
                by = placement._get_negotiator(self.collector_id) if self.collector_id else {}
                placement.case_id._give_promise(same, amount, on, self.summary or "", **by)

    def _follow_invoice_lost(self, placement, _on):
        items = self._get_open_items(placement)
        if items:
            placement.case_id._resend(items)

    def _follow_complaint(self, placement, _on):
        """Reminders wait until somebody has found out."""
        case, today = placement.case_id, placement.company_id._credit_today()
        items = self._get_open_items(placement)
        days = max(case.policy_id.answer_wait_days, 7)
        if items:
            self.env["credit.dispute"]._open(
                case, dict.fromkeys(items, 0), fields.Date.add(today, days=days),
                text=self.summary, source="agency",
            )

    def _follow_wrong_number(self, _placement, _on):
        self.env["credit.task"]._ask_to_mend(self, self.env._("The phone number is wrong"))

    def _follow_no_more_calls(self, placement, _on):
        """Nobody calls him again, neither the house nor an agency; he is written to."""
        placement.partner_id.credit_care_no_calls = True
        self.env["credit.task"]._ask_controller(placement.case_id, self.user_id, self.summary)
