from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.windows import open_record

QUESTIONS = [
    ("pause", "Pause reminders"),
    ("close", "Close the case"),
    ("skip", "Skip these messages"),
    ("override", "Let the order pass"),
    ("refuse", "Do not approve"),
    ("cancel", "Cancel the agreement"),
    ("paper", "Signed on paper"),
    ("waive", "Waive the note"),
    ("end", "End the mandate"),
    ("recall", "Recall from the agency"),
    ("return", "Returned by the agency"),
    ("answer_agency", "Write to the agency"),
    ("not_found", "Nothing came"),
    ("void", "Cancel the statement"),
    ("renew", "Renew the placement"),
    ("pass_on", "Pass on to a lawyer"),
]
TARGETS = {
    "pause": ("credit.case", "credit.item"),
    "close": ("credit.case",),
    "skip": ("credit.action",),
    "override": ("sale.order",),
    "refuse": ("credit.agreement",),
    "cancel": ("credit.agreement",),
    "paper": ("credit.agreement",),
    "waive": ("credit.handover",),
    "end": ("credit.mandate",),
    "recall": ("credit.placement",),
    "return": ("credit.placement",),
    "answer_agency": ("credit.placement",),
    "not_found": ("credit.claim",),
    "void": ("credit.statement",),
    "renew": ("credit.placement",),
    "pass_on": ("credit.placement",),
}


class CreditAsk(models.TransientModel):
    """Asks for the reason (and the day) that some decisions need; the models decide and act."""

    _name = "credit.ask"
    _description = "Reason for a decision"

    question = fields.Selection(QUESTIONS, required=True, readonly=True)
    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(required=True, readonly=True)
    reason = fields.Char()
    until = fields.Date()

    @api.model
    def _open(self, question, records):
        ask = self.create({
            "question": question, "res_model": records._name, "res_ids": records.ids,
            "until": question == "renew" and records[:1]._default_renewal(),
        })
        labels = dict(self._fields["question"]._description_selection(self.env))
        return open_record(ask, name=labels[question], target="new")

    def action_apply(self):
        self.ensure_one()
        if self.res_model not in TARGETS[self.question]:
            raise UserError(self.env._("This question does not belong to these records."))
        records = self.env[self.res_model].browse(self.res_ids).exists()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Write the reason: it stays on the record."))
        follow = getattr(self, f"_apply_{self.question}")(records)
        return follow or {"type": "ir.actions.act_window_close"}

    def _apply_pause(self, records):
        if not self.until or self.until < fields.Date.context_today(self):
            raise UserError(self.env._("Choose the day, today or later, on which the pause ends."))
        records._pause(self.until, self.reason)

    def _apply_close(self, cases):
        cases._close_by_hand(self.reason)

    def _apply_skip(self, actions):
        actions._skip(self.reason)

    def _apply_waive(self, notes):
        notes._waive(self.reason)

    def _apply_end(self, mandates):
        mandates._end(self.reason)

    def _apply_recall(self, placements):
        placements._recall(self.reason)

    def _apply_return(self, placements):
        placements._return(self.reason)

    def _apply_answer_agency(self, placements):
        placements._answer_agency(self.reason)

    def _apply_not_found(self, claims):
        claims._refuse(self.reason)

    def _apply_void(self, statements):
        statements._cancel(self.reason)

    def _apply_renew(self, placements):
        placements._renew(self.until, self.reason)

    def _apply_pass_on(self, placements):
        """Opens what was prepared: a manager looks at the price and sends it."""
        return open_record(placements._pass_on(self.reason))

    def _apply_override(self, orders):
        orders._override_credit(self.reason)

    def _apply_refuse(self, agreements):
        agreements._refuse(self.reason)

    def _apply_cancel(self, agreements):
        agreements._cancel(self.reason)

    def _apply_paper(self, agreements):
        agreements._sign_on_paper(self.reason)
