from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..domain import fee_statement, fees

RECEIPTS = (fees.SUCCESS, fees.EARLY, fees.WINDOW, fees.LATE, fees.BEYOND)
TARGET = "target"
KINDS = [
    (fee_statement.PLACEMENT, "Per placement"),
    (fee_statement.MONTH, "Per month"),
    (fees.SUCCESS, "Success"),
    (fees.STEP, "Step to the next rate"),
    (fees.WINDOW, "Days without a fee"),
    (fees.BEYOND, "Above what was placed"),
    (fees.EARLY, "Before the placement"),
    (fees.LATE, "After the placement"),
    (fee_statement.MINIMUM, "Minimum"),
    (fee_statement.CAP, "Cap"),
    (fee_statement.BONUS, "Bonus"),
    (TARGET, "Target measured"),
]


class CreditStatementLine(models.Model):
    """One fee and where it comes from: receipt → placement → tier. Those of receipts are the
    statement's memory, also where they earned nothing."""

    _name = "credit.statement.line"
    _description = "Line of a fee statement"
    _order = "statement_id, sequence, id"

    statement_id = fields.Many2one(
        "credit.statement", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer()
    company_id = fields.Many2one(related="statement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    kind = fields.Selection(KINDS, required=True)
    booked_on = fields.Date("Day", help="On which it counts for the statement.")
    received_on = fields.Date("Paid on", help="Of a payment taken back: the day it had come.")
    placement_id = fields.Many2one("credit.placement", index="btree_not_null", ondelete="restrict")
    target_id = fields.Many2one("credit.fee.target", ondelete="restrict")
    cash = fields.Monetary("Received", help="The part of the receipt that lies within the tier.")
    rate = fields.Float("Rate, %", digits=(5, 2))
    fee = fields.Monetary()
    measured = fields.Float("Measured, %", digits=(5, 2))
    cases = fields.Integer()
    description = fields.Char(compute="_compute_description")

    @api.depends("kind", "booked_on", "received_on", "placement_id", "target_id", "cash", "cases")
    @api.depends_context("lang")
    def _compute_description(self):
        for line in self:
            line.description = line._describe()

    def _describe(self):
        values = {
            "day": format_date(self.env, self.received_on or self.booked_on),
            "month": format_date(self.env, self.booked_on, date_format="MMMM y"),
            "span": self._get_span(),
        }
        texts = {
            fee_statement.PLACEMENT: self.env._("Placed on %(day)s", **values),
            fee_statement.MONTH: self.env._("Fee of %(month)s", **values),
            fees.STEP: self.env._("The rate reached, for all that had come before", **values),
            fees.WINDOW: self.env._(
                "Received on %(day)s, in the days without a fee", **values),
            fees.BEYOND: self.env._("Received on %(day)s, above what was placed", **values),
            fees.EARLY: self.env._("Received on %(day)s, before the placement", **values),
            fees.LATE: self.env._("Received on %(day)s, after the placement", **values),
            fee_statement.MINIMUM: self.env._("Up to the minimum, %(span)s", **values),
            fee_statement.CAP: self.env._("Above the cap, %(span)s", **values),
            fee_statement.BONUS: self._describe_target(),
            TARGET: self._describe_target(),
        }
        return texts.get(self.kind) or self._describe_receipt(values)

    def _describe_receipt(self, values):
        if self.cash < 0:
            return self.env._("Payment of %(day)s taken back", **values)
        if self.received_on != self.booked_on:
            return self.env._("Received on %(day)s, booked after its period", **values)
        return self.env._("Received on %(day)s", **values)

    def _get_span(self):
        """The calendar span that a minimum or cap is for."""
        if self.kind not in (fee_statement.MINIMUM, fee_statement.CAP) or not self.received_on:
            return ""
        months = int(self.statement_id.mandate_id.limit_months)
        return self.env._(
            "%(first)s to %(last)s", first=format_date(self.env, self.received_on),
            last=format_date(self.env, fee_statement.span_end(self.received_on, months)),
        )

    def _describe_target(self):
        target = self.target_id
        if not target:
            return ""
        label = dict(target._fields["measure"]._description_selection(self.env))[target.measure]
        if self.cases < target.min_cases:
            return self.env._(
                "%(target)s: %(cases)s cases so far, measured from %(enough)s on", target=label,
                cases=self.cases, enough=target.min_cases,
            )
        return self.env._(
            "%(target)s: %(measured)s %% of %(cases)s cases, %(agreed)s %% agreed",
            target=label, measured=formatLang(self.env, self.measured, digits=1),
            cases=self.cases, agreed=formatLang(self.env, target.at_least, digits=1),
        )

    # ------------------------------------------------------------------ down to the records

    def action_open_payments(self):
        """The entries of the bank that this receipt was; none are left of one taken back."""
        return self._open_entries()

    def _open_entries(self):
        """The payments, as their entries, of the days and placements of these lines."""
        self.check_access("read")
        moves = self.env["account.move"]
        for line in self.filtered(lambda one: one.kind in RECEIPTS):
            partials = line.placement_id.line_ids.item_id.move_line_id.matched_credit_ids
            same = partials.filtered(lambda each, day=line.received_on: each.max_date == day)
            moves |= same.credit_move_id.filtered(
                lambda each: each.payment_id or each.statement_line_id
            ).move_id
        return {
            "type": "ir.actions.act_window", "name": self.env._("Payments"),
            "res_model": "account.move", "view_mode": "list,form",
            "views": [(self.env.ref("account.view_move_tree").id, "list"), (False, "form")],
            "domain": [("id", "in", moves.ids)],
            "context": {"create": False},
        }
