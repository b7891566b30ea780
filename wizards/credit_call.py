from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.credit_action import OUTCOMES
from ..models.windows import open_record

FOLLOW_UPS = [
    ("none", "Nothing"),
    ("promise", "A promise"),
    ("plan", "A payment plan"),
    ("resend", "The invoice again"),
    ("department", "Ask the department"),
    ("dispute", "A dispute"),
    ("mediation", "A mediation"),
]
SOON = [
    ("tomorrow", "Tomorrow"),
    ("friday", "Friday"),
    ("week", "In a week"),
    ("month_end", "End of the month"),
]


class CreditCall(models.TransientModel):
    """The call, on one screen: who, what to say, what has been said before; then what came of it
    and what follows. Asks; ``credit.case`` acts."""

    _name = "credit.call"
    _inherit = "credit.dispute.terms"
    _description = "Call a debtor"

    action_id = fields.Many2one("credit.action", "Planned call", readonly=True)
    seen_ids = fields.Json(default=list, readonly=True)
    currency_id = fields.Many2one(related="case_id.currency_id")
    is_user = fields.Boolean(compute="_compute_is_user")

    # what the caller sees
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    contact_id = fields.Many2one("res.partner", "Ask for", compute="_compute_contact")
    contact_role = fields.Char(related="contact_id.function")
    phone = fields.Char(compute="_compute_contact")
    pressure = fields.Selection(related="case_id.pressure")
    tone = fields.Char(compute="_compute_tone")
    relationship_priority = fields.Boolean(related="case_id.relationship_priority")
    amount_overdue = fields.Monetary(related="case_id.amount_overdue")
    oldest_days = fields.Integer(related="case_id.oldest_days")
    attention = fields.Text(related="case_id.attention", string="Special attention")
    hold_note = fields.Char(related="case_id.hold_note", related_sudo=False)
    suspended_on = fields.Date(related="case_id.suspended_on")
    script = fields.Html(compute="_compute_script")
    note_by = fields.Char(compute="_compute_note")
    note_approach = fields.Text(compute="_compute_note")
    note_attention = fields.Text(compute="_compute_note")
    note_contact = fields.Char(compute="_compute_note")
    note_step = fields.Text(compute="_compute_note")
    guidance = fields.Text(related="reason_id.guidance")
    item_ids = fields.Many2many("credit.item", compute="_compute_history", string="Open items")
    recent_ids = fields.Many2many(
        "credit.action", compute="_compute_history", string="Last contacts"
    )
    agreement_ids = fields.Many2many(
        "credit.agreement", compute="_compute_history", string="What was agreed"
    )
    dispute_ids = fields.Many2many(
        "credit.dispute", compute="_compute_history", string="What is disputed"
    )

    # what came of it
    outcome = fields.Selection(OUTCOMES, "What came of it")
    remark = fields.Char("What was said")
    again_at = fields.Datetime(
        "Call again", compute="_compute_again_at", store=True, readonly=False
    )

    # what follows
    follow_up = fields.Selection(
        FOLLOW_UPS, "What follows", compute="_compute_follow_up", store=True, readonly=False
    )
    promise_soon = fields.Selection(SOON, "Pays by")
    promise_on = fields.Date(
        "Day", compute="_compute_promise_on", store=True, readonly=False
    )
    promise_currency_id = fields.Many2one(
        "res.currency", "Currency of the promise", compute="_compute_promise_amount",
        store=True, readonly=False,
    )
    promise_amount = fields.Monetary(
        "Amount", currency_field="promise_currency_id", compute="_compute_promise_amount",
        store=True, readonly=False,
    )

    @api.model
    def _open(self, case, action=None, seen=()):
        case.ensure_one()
        caller = case._get_caller()
        call = action or case.sudo()._get_planned_call(caller)
        case._as_caller(call)
        screen = self.create({
            "case_id": case.id, "action_id": call.id, "seen_ids": [*seen, case.id],
            "reason_id": case.reason_id.id, "follow_up": "none",  # a reason known is no news
        })
        return open_record(
            screen, name=self.env._("Call %(debtor)s", debtor=case.display_name), target="new",
            context={"dialog_size": "extra-large"},
        )

    # ------------------------------------------------------------------ what is proposed

    @api.depends("outcome")
    def _compute_again_at(self):
        """Whoever was not there is tried again on the next working day, at this hour."""
        for call in self:
            call.again_at = call._get_next_try() if call.outcome == "not_reached" else False

    def _get_next_try(self):
        today = self.company_id._credit_today()
        policy = self.case_id.policy_id.sudo()
        closed = policy._get_closed_days(today, 14) if policy else ()
        day = today + timedelta(days=1)
        while day in closed:
            day += timedelta(days=1)
        now = fields.Datetime.now()
        return now.replace(second=0) + (day - today)

    @api.depends("reason_id", "promise_soon")
    def _compute_follow_up(self):
        """What the reason asks for; a day that was named is a promise."""
        for call in self:
            call.follow_up = "promise" if call.promise_soon else call.reason_id.follow_up or "none"

    @api.depends("promise_soon")
    def _compute_promise_on(self):
        for call in self:
            today = call.company_id._credit_today()
            days = {
                "tomorrow": today + timedelta(days=1),
                "friday": today + timedelta(days=(4 - today.weekday()) % 7 or 7),
                "week": today + timedelta(days=7),
                "month_end": fields.Date.end_of(today + timedelta(days=1), "month"),
            }
            call.promise_on = days.get(call.promise_soon)

    @api.depends("case_id")
    def _compute_promise_amount(self):
        """All that is asked for today, in the currency in which most is owed."""
        for call in self:
            amounts = call.case_id._get_asked_amounts() if call.case_id else {}
            today = call.company_id._credit_today()
            best = max(amounts, default=call.currency_id, key=lambda currency: currency._convert(
                amounts[currency], call.currency_id, call.company_id, today
            ))
            call.promise_currency_id = best
            call.promise_amount = amounts.get(best, 0)

    # ------------------------------------------------------------------ buttons

    def action_save(self):
        follow = self._save()
        return follow or {"type": "ir.actions.act_window_close"}

    def action_save_next(self):
        """On to the next debtor of the worklist who is to be called."""
        follow = self._save()
        if follow:
            return follow
        case = self.env["credit.case"]._get_next_call(self.seen_ids or [])
        if case:
            return self._open(case, seen=self.seen_ids or [])
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "type": "success", "message": self.env._("That was the last call of today."),
            "next": {"type": "ir.actions.act_window_close"},
        }}

    def _save(self):
        """One action for the call, then what follows from it; returns a window, if one is next."""
        self.ensure_one()
        self._check_answers()
        records = self.action_id or self.case_id
        if self.action_id and self.action_id.sudo().state != "queued":
            records = self.case_id  # the night, or a colleague, was quicker
        again_at = self.again_at
        records._log_outcome(self.outcome, self.reason_id, self.remark or False, again_at)
        if self.outcome != "reached":
            return False
        if not self.is_user:
            if self.remark or self.reason_id.follow_up not in ("none", False):
                self.env["credit.task"]._ask_controller(
                    self.case_id.sudo(), self.env.user, self.remark or self.reason_id.name
                )
            return False
        return getattr(self, f"_follow_{self.follow_up or 'none'}")()

    def _check_answers(self):
        if not self.outcome:
            raise UserError(self.env._("Choose what came of the call."))
        if self.outcome == "call_back" and not self.again_at:
            raise UserError(self.env._("Choose when to call back."))
        if self.again_at and self.again_at < fields.Datetime.now() - timedelta(minutes=5):
            raise UserError(self.env._("Choose a time that is not over yet for the next call."))

    def _follow_none(self):
        return False

    def _follow_promise(self):
        if not self.promise_on:
            raise UserError(self.env._("Choose the day of the promise."))
        items = self.case_id._get_asked_items().filtered(
            lambda item: item.currency_id == self.promise_currency_id
        )
        if not items:
            raise UserError(self.env._("Nothing is asked for today that could be promised."))
        self.case_id._promise(items, self.promise_amount, self.promise_on, self.remark or "")
        return False

    def _follow_plan(self):
        plan = self.case_id._draft_plan(self.case_id._get_asked_items(), self.remark or "")
        return open_record(plan)

    def _follow_resend(self):
        self.case_id._check_user()
        items = self.dispute_item_ids or self.case_id._get_asked_items()
        self.case_id.sudo()._resend(items)
        return False

    def _follow_dispute(self):
        self._open_dispute("dispute", self.remark)
        return False

    def _follow_department(self):
        self._open_dispute("department", self.remark)
        return False

    def _follow_mediation(self):
        if not self.mediator_id or not self.mediation_on:
            raise UserError(self.env._("Choose the mediator and the day."))
        self._open_dispute("dispute", self.remark)
        return False
