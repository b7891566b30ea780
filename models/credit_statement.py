from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

STATES = [
    ("draft", "Draft"),
    ("confirmed", "Confirmed"),
    ("billed", "Billed"),
    ("cancelled", "Cancelled"),
]
TRANSITIONS = {
    "draft": {"confirmed"},
    "confirmed": {"billed", "cancelled"},
    "billed": {"cancelled"},
    "cancelled": set(),
}
STATED = ("confirmed", "billed")  # the agency sees it, and later ones build on it


class CreditStatement(models.Model):
    """What an agency is owed for a period, line by line. A draft is computed from the ledger each
    time; a confirmed one stands, and remembers the receipts that it was computed from: the next
    one gives back what was paid on a receipt that is gone."""

    _name = "credit.statement"
    _description = "Fee statement"
    _inherit = ["credit.guarded", "credit.door", "mail.thread", "mail.activity.mixin"]
    _order = "until_on desc, id desc"
    _check_company_auto = True
    _transitions = TRANSITIONS
    _by_hand = frozenset({"until_on"})  # what is owed is computed, never typed

    name = fields.Char("Number", readonly=True, copy=False)
    mandate_id = fields.Many2one(
        "credit.mandate", required=True, index=True, readonly=True, ondelete="restrict"
    )
    agency_id = fields.Many2one(
        related="mandate_id.agency_id", string="Agency", store=True, index=True
    )
    company_id = fields.Many2one(related="mandate_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    from_on = fields.Date("From", required=True, readonly=True)
    until_on = fields.Date("Until", required=True)
    state = fields.Selection(
        STATES, required=True, default="draft", readonly=True, index=True, tracking=True,
        copy=False,
    )
    line_ids = fields.One2many("credit.statement.line", "statement_id", "Lines", readonly=True)
    amount_cash = fields.Monetary(
        "Received", readonly=True, help="Cash of this statement, less payments taken back."
    )
    amount_fixed = fields.Monetary("Fixed fees", readonly=True)
    amount_success = fields.Monetary("Success fees", readonly=True)
    amount_limits = fields.Monetary("Minimum and cap", readonly=True)
    amount_bonus = fields.Monetary("Bonus", readonly=True)
    amount_total = fields.Monetary(
        "Total", readonly=True, tracking=True, help="Below 0 it is the agency's debt."
    )
    confirmed_on = fields.Date("Confirmed on", readonly=True, copy=False)
    confirmed_by = fields.Many2one("res.users", "Confirmed by", readonly=True, copy=False)
    cancel_reason = fields.Char("Why cancelled", readonly=True, copy=False, tracking=True)
    move_id = fields.Many2one(
        "account.move", "Vendor bill", readonly=True, copy=False, index="btree_not_null"
    )
    bill_state = fields.Selection(related="move_id.state", string="State of the bill")

    _in_order = models.Constraint(
        "CHECK (until_on >= from_on)", "A period ends on the day it begins, or later."
    )
    # a range of one mandate, since plain numbers have no such index without an extension
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(mandate_id, mandate_id, '[]') WITH =,"
        " daterange(from_on, until_on, '[]') WITH &&) WHERE (state != 'cancelled')",
        "These days are in another statement of the mandate already. Choose days that are in none.",
    )

    @api.depends("name", "agency_id", "from_on", "until_on")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = " · ".join(filter(None, (
                statement.name or self.env._("Draft"), statement.sudo().agency_id.name,
                statement._get_period(),
            )))

    def _get_period(self):
        return self.env._(
            "%(first)s to %(last)s", first=format_date(self.env, self.from_on),
            last=format_date(self.env, self.until_on),
        ) if self.from_on and self.until_on else ""

    @api.model
    def _for_agency(self, mandates):
        """What an agency sees of its ``mandates``, which the caller has checked to be its own:
        nothing that is not decided."""
        return self.sudo().search([
            ("mandate_id", "in", mandates.ids), ("state", "in", STATED),
        ])

    # ------------------------------------------------------------------ the door

    def _confirm(self):
        """Each in its turn, as the ledger stands now. Returns those that do not stand any more as
        they were shown: somebody looks at them again."""
        moved = self.browse()
        for statement in self._checked().sorted("from_on"):
            today = statement.company_id._credit_today()
            statement._check_turn(today)
            if statement._state_again():
                moved |= statement
                continue
            statement._set_state(
                "confirmed", confirmed_on=today, confirmed_by=self.env.uid,
                name=statement._next_number(),
            )
            statement.activity_feedback(["account_credit_care.mail_activity_type_statement"])
            statement._get_later()._state_again()
        return moved

    def _check_turn(self, today):
        """A day is stated once it is over, and none is left out."""
        if self.until_on >= today:
            raise UserError(self.env._(
                "The period ends on %(day)s and is not over: what comes in until then would be in"
                " no statement. Confirm it afterwards, or choose an earlier day.",
                day=format_date(self.env, self.until_on),
            ))
        first = self.mandate_id._get_first_unstated(STATED)[0]
        if self.state == "draft" and self.from_on != first:
            raise UserError(self.env._(
                "%(day)s and the days after it are in no confirmed statement yet. Confirm the"
                " statement of those days first, or make one from the mandate.",
                day=format_date(self.env, first),
            ))

    def _cancel(self, reason):
        """It was wrong: the period can be stated anew. Later ones have built on it."""
        for statement in self._checked():
            later = statement._get_later()
            if later.filtered(lambda one: one.state != "draft"):
                raise UserError(self.env._(
                    "A later statement builds on this one. Cancel that one first."
                ))
            statement._drop_bill()
            statement._set_state("cancelled", cancel_reason=reason)
            later.unlink()  # drafts: made again after the period is stated anew

    def _get_later(self):
        return self.search([
            ("mandate_id", "=", self.mandate_id.id), ("from_on", ">", self.until_on),
            ("state", "!=", "cancelled"),
        ])

    def _next_number(self):
        return self.env["ir.sequence"].sudo().with_company(self.company_id).next_by_code(
            "credit.statement"
        )

    # ------------------------------------------------------------------ rights

    def _checked(self):
        return self._entitled(
            "manager", self.env._("Only a credit manager decides on fee statements.")
        )

    def write(self, vals):
        is_period = "until_on" in vals
        if is_period and any(statement.state != "draft" for statement in self):
            raise UserError(self.env._("What was confirmed stands. Cancel it, and make a new one."))
        result = super().write(vals)
        if is_period:
            self.sudo()._state_again()
        return result

    def unlink(self):
        later = self.browse().union(*(statement._get_later() for statement in self)) - self
        result = super().unlink()
        later.sudo()._state_again()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        if any(statement.state != "draft" for statement in self):
            raise UserError(self.env._("A confirmed statement is kept: cancel it instead."))
