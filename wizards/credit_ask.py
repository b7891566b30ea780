from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.credit_action import OUTCOMES

QUESTIONS = [
    ("pause", "Pause reminders"),
    ("close", "Close the case"),
    ("skip", "Skip these messages"),
    ("override", "Let the order pass"),
    ("outcome", "Log the call"),
    ("waive", "Waive the note"),
]
TARGETS = {
    "pause": ("credit.case", "credit.item"),
    "close": ("credit.case",),
    "skip": ("credit.action",),
    "override": ("sale.order",),
    "outcome": ("credit.case", "credit.action"),
    "waive": ("credit.handover",),
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
    outcome = fields.Selection(OUTCOMES)
    reason_id = fields.Many2one("credit.reason", "Reason for not paying")
    guidance = fields.Text(related="reason_id.guidance")
    call_back_on = fields.Date("Call back on")
    script = fields.Html(compute="_compute_script")

    @api.model
    def _open(self, question, records):
        ask = self.create({
            "question": question, "res_model": records._name, "res_ids": records.ids,
        })
        labels = dict(self._fields["question"]._description_selection(self.env))
        return {
            "type": "ir.actions.act_window", "name": labels[question], "res_model": self._name,
            "res_id": ask.id, "view_mode": "form", "target": "new",
        }

    @api.depends("question", "res_model", "res_ids")
    def _compute_script(self):
        """What the policy suggests to say, for whoever fills this in while speaking."""
        for ask in self:
            ask.script = False
            if ask.question != "outcome" or ask.res_model not in TARGETS["outcome"]:
                continue
            records = self.env[ask.res_model].browse(ask.res_ids).exists()
            actions = records.action_ids if ask.res_model == "credit.case" else records
            calls = actions.filtered(lambda a: a.channel == "phone" and a.state == "queued")
            ask.script = calls.sorted("id")[-1:].level_id.script

    def action_apply(self):
        self.ensure_one()
        if self.res_model not in TARGETS[self.question]:
            raise UserError(self.env._("This question does not belong to these records."))
        records = self.env[self.res_model].browse(self.res_ids).exists()
        if self.question != "outcome" and not self.reason:
            raise UserError(self.env._("Write the reason: it stays on the record."))
        getattr(self, f"_apply_{self.question}")(records)
        return {"type": "ir.actions.act_window_close"}

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

    def _apply_override(self, orders):
        orders._override_credit(self.reason)

    def _apply_outcome(self, records):
        if not self.outcome:
            raise UserError(self.env._("Choose what came of the call."))
        records._log_outcome(self.outcome, self.reason_id, self.reason, self.call_back_on)
