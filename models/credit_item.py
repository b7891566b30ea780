from odoo import api, fields, models
from odoo.tools import format_date

from ..domain.money import from_units
from ..domain.owed import FREE
from .credit_action import WAITING
from .windows import open_record

CLOSE_REASONS = [
    ("cash", "Paid"),
    ("credit_note", "Credit note"),
    ("other", "Written off or set off"),
    ("withdrawn", "Entry withdrawn"),
    ("given_up", "Closed by hand"),
]


class CreditItem(models.Model):
    """One receivable line (each instalment on its own) under credit management: where it stands.

    Amounts, due date and exclusion are the ledger's; here is only what credit management adds.
    ``reached_day`` is the day of the step taken last: it survives a change of policy.
    """

    _name = "credit.item"
    _description = "Credit item"
    _inherit = ["credit.guarded"]
    _order = "due_on, id"

    move_line_id = fields.Many2one("account.move.line", readonly=True, ondelete="set null")
    move_id = fields.Many2one(related="move_line_id.move_id")
    name = fields.Char("Document", readonly=True)
    case_id = fields.Many2one("credit.case", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    currency_id = fields.Many2one("res.currency", required=True)
    due_on = fields.Date("Due date", required=True, readonly=True)
    level_id = fields.Many2one("credit.policy.level", readonly=True)
    reached_day = fields.Integer(readonly=True, help="Day of the step taken last.")
    level_on = fields.Date("Level since", readonly=True)
    round = fields.Integer(default=1, required=True, readonly=True)
    restarted_on = fields.Date(
        "Sent again on", readonly=True,
        help="The steps count from this day instead of the due date: the invoice had got lost.",
    )
    opened_on = fields.Date("Opened on", readonly=True)
    amount_opened = fields.Monetary("Amount when opened", readonly=True)
    amount_residual = fields.Monetary(
        "Open amount", related="move_line_id.amount_residual_currency", currency_field="currency_id"
    )
    no_followup = fields.Boolean(related="move_line_id.no_followup", string="Excluded")
    days_overdue = fields.Integer("Days overdue", compute="_compute_days_overdue")
    closed_on = fields.Date("Closed on", readonly=True)
    close_reason = fields.Selection(CLOSE_REASONS, "Why closed", readonly=True)
    paused_until = fields.Date("Paused until", readonly=True)
    pause_reason = fields.Char("Why paused", readonly=True)
    hold_note = fields.Char("Waits", compute="_compute_hold_note")
    thanked_on = fields.Date("Thanked on", readonly=True)
    expected_on = fields.Date(
        "Expected on", compute="_compute_expected_on",
        help="When all of it may be here: by what was agreed, else as the customer usually pays.",
    )
    expected_note = fields.Char("Why then", compute="_compute_expected_on")
    line_ids = fields.One2many("credit.action.line", "item_id", "Steps taken")

    _move_line_once = models.Constraint(
        "UNIQUE (move_line_id)", "This receivable is under credit management already."
    )
    _open = models.Index("(company_id, case_id) WHERE closed_on IS NULL")

    def init(self):
        """An item that takes a step is written again: with room beside it and no index on what
        changes, all its indexes stay as they are."""
        self.env.cr.execute("ALTER TABLE credit_item SET (fillfactor = 50)")
        return super().init()

    @api.depends("name", "due_on")
    def _compute_display_name(self):
        for item in self:
            item.display_name = item.name or self.env._("Item %(id)s", id=item.id)

    @api.depends("due_on", "closed_on", "company_id")
    def _compute_days_overdue(self):
        for company, items in self.grouped("company_id").items():
            today = company.sudo()._credit_today()
            for item in items:
                late = (today - item.due_on).days if item.due_on and not item.closed_on else 0
                item.days_overdue = max(late, 0)

    def _compute_hold_note(self):
        """Why nobody asks for it now, or for a part of it, and until when."""
        standing = self.env["credit.standing"].sudo()
        self.hold_note = False
        for company, items in self.filtered(lambda i: not i.closed_on).grouped(
            "company_id"
        ).items():
            today = company._credit_today()
            holds = standing._read_item_holds(items.ids, today)
            # under an agreement as well: what is looked into is told with its own day
            holds |= {
                key: hold for key, hold in self.env["credit.dispute"]._read_holds(
                    items.ids, today
                ).items() if hold.held
            }
            for item in items:
                item.hold_note = item._explain_hold(holds.get(item.id, FREE), today)

    def _compute_expected_on(self):
        """A batch at a time, on demand: what the past says today is not what it says tomorrow."""
        self.expected_on = self.expected_note = False
        figures = self.env["credit.figures"].sudo()
        for company, items in self.sudo().filtered(lambda i: not i.closed_on).grouped(
            "company_id"
        ).items():
            expected = figures._get_expected(company, items.move_line_id.ids)
            for item in items:
                flows = expected.get(item.move_line_id.id, [])
                days = [flow.on for flow in flows]
                item.expected_on = max(days) if days and all(days) else False
                item.expected_note = " ".join(figures._explain_flow(flow) for flow in flows)

    def _explain_hold(self, hold, today):
        if not hold.held and self.paused_until and self.paused_until >= today:
            hold = hold._replace(held="paused", until=self.paused_until)
        if not hold.held and not hold.disputed:
            return False
        what = self.env["credit.standing"]._explain(hold.held or "disputed")
        if not hold.held:
            amount = from_units(hold.disputed, self.currency_id.rounding)
            what = self.env._("%(amount)s disputed", amount=self.currency_id.format(amount))
        if not hold.until:
            return what
        return self.env._(
            "%(what)s until %(day)s", what=what, day=format_date(self.env, hold.until)
        )

    def action_resend(self):
        """The existing PDFs of these items once more."""
        self._check_user(access="read")
        for case, items in self.grouped("case_id").items():
            case.sudo()._resend(items)
        return self.env["credit.action"]._tell(self.env._("The invoices are on their way."))

    def action_dispute(self):
        return self.env["credit.dispute.new"]._open(self.case_id, self)

    def action_pause(self):
        return self.env["credit.ask"]._open("pause", self)

    def action_resume(self):
        self._check_user(access="read")
        self.sudo().write({"paused_until": False, "pause_reason": False})
        self.sudo().case_id._recheck()

    def action_include(self):
        """Takes entries that core leaves out of follow-up (opening balances) into it."""
        self._set_followup(True)

    def action_exclude(self):
        self._set_followup(False)

    def _set_followup(self, wanted):
        self._check_user(access="read")
        # the flag is the accountant's: credit users may set it on receivables and nothing else
        self.sudo().move_line_id.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).write({"no_followup": not wanted})
        self.sudo().case_id._recheck()

    def action_open_move(self):
        self.ensure_one()
        return open_record(self.move_id)

    def _pause(self, until, reason):
        self._check_user(access="read")
        self.sudo().write({"paused_until": until, "pause_reason": reason})
        self.sudo().case_id._recheck()

    def _restart(self, today):
        """A new round: the ladder starts again on purpose, counted from today (the lost invoice was
        sent again). Once: whoever asks a second time gets his copy, and the steps go on. What is
        not overdue has nothing to begin again."""
        again = self.filtered(
            lambda item: not item.closed_on and not item.restarted_on and item.due_on < today
        )
        again._withdraw_steps()
        for item in again:
            item.write({
                "round": item.round + 1, "reached_day": False, "level_id": False,
                "level_on": False, "restarted_on": today,
            })
        again.case_id._recheck()
        return again

    def _withdraw_steps(self):
        """Reminders of these items that have not arrived leave without them, or not at all."""
        claims = self.line_ids._claims().filtered(
            lambda line: line.action_id.state in WAITING or line.action_id._is_laid_out()
        )
        actions = claims.action_id
        claims._release()
        actions.filtered(lambda action: not action.line_ids._claims())._cancel("resent")
