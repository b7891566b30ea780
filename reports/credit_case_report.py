from odoo import fields, models
from odoo.tools import SQL

from ..domain.cohorts import HORIZONS
from ..models.credit_case import STATES


class CreditCaseReport(models.Model):
    """A row a position: what one case let become overdue on one day, and what came of it."""

    _name = "credit.case.report"
    _description = "Recovery of cases"
    _inherit = ["credit.report"]
    _auto = False
    _rec_name = "case_id"
    _order = "began_on desc, id desc"

    case_id = fields.Many2one("credit.case", readonly=True)
    policy_id = fields.Many2one("credit.policy", readonly=True)
    user_id = fields.Many2one("res.users", "Controller", readonly=True)
    reason_id = fields.Many2one("credit.reason", "Why not paid", readonly=True)
    state = fields.Selection(STATES, "State now", readonly=True)
    began_on = fields.Date("Overdue from", readonly=True)
    settled_on = fields.Date("Settled on", readonly=True)
    is_legal = fields.Boolean(
        "Went to a lawyer", readonly=True, help="Its case was placed with one while it was open."
    )
    age = fields.Integer("Days overdue at the start", readonly=True, aggregator="avg")
    items = fields.Integer(readonly=True)
    amount = fields.Monetary("Became overdue", readonly=True)
    open = fields.Monetary("Still open", readonly=True)
    recovered = fields.Monetary("Received", readonly=True)
    share = fields.Float("Received, %", readonly=True, aggregator="avg")
    asked_30 = fields.Monetary("30 days or older", readonly=True)
    asked_60 = fields.Monetary("60 days or older", readonly=True)
    asked_90 = fields.Monetary("90 days or older", readonly=True)
    asked_100 = fields.Monetary("100 days or older", readonly=True)
    recovered_30 = fields.Monetary("Received within 30 days", readonly=True)
    recovered_60 = fields.Monetary("Received within 60 days", readonly=True)
    recovered_90 = fields.Monetary("Received within 90 days", readonly=True)
    recovered_100 = fields.Monetary("Received within 100 days", readonly=True)
    share_30 = fields.Float("Within 30 days, %", readonly=True, aggregator="avg")
    share_60 = fields.Float("Within 60 days, %", readonly=True, aggregator="avg")
    share_90 = fields.Float("Within 90 days, %", readonly=True, aggregator="avg")
    share_100 = fields.Float("Within 100 days, %", readonly=True, aggregator="avg")

    _depends = {
        "credit.case": [
            "partner_id", "policy_id", "salesperson_id", "user_id", "reason_id", "state",
        ],
        "credit.item": ["case_id", "move_line_id", "due_on", "opened_on"],
        "credit.placement": ["case_id", "kind", "sent_on"],
        "account.move.line": ["balance", "parent_state", "no_followup"],
    }

    @property
    def _table_query(self):
        until, source = self._get_day(), self.env["credit.positions"]
        asked = [
            (days, SQL("row.began_on + %s <= %s", days, until)) for days in HORIZONS
        ]
        columns = [("amount", SQL("row.amount")), ("open", SQL("row.open")),
                   ("recovered", SQL("row.cash_all"))]
        shares = [SQL("100.0 * row.cash_all / row.amount AS share")]
        for days, is_old in asked:
            cash = SQL.identifier("row", f"cash_{days}")
            columns += [
                (f"asked_{days}", SQL("CASE WHEN %s THEN row.amount ELSE 0 END", is_old)),
                (f"recovered_{days}", SQL("CASE WHEN %s THEN %s ELSE 0 END", is_old, cash)),
            ]
            shares.append(SQL(
                "CASE WHEN %s THEN 100.0 * %s / row.amount END AS %s", is_old, cash,
                SQL.identifier(f"share_{days}"),
            ))
        return SQL(
            """SELECT row.id, row.case_id, row.company_id, %(currency)s AS currency_id,
                      row.began_on, row.settled_on, row.age, row.items, care.partner_id,
                      care.policy_id, care.salesperson_id, care.user_id, care.reason_id, care.state,
                      %(is_legal)s AS is_legal, %(amounts)s, %(shares)s
                 FROM (%(positions)s) AS row
                 JOIN credit_case care ON care.id = row.case_id""",
            currency=self.env.company.currency_id.id, amounts=self._in_money(*columns),
            shares=SQL(", ").join(shares),
            is_legal=source._went_to_a_lawyer("row", until),
            positions=source._positions(self.env.company, until),
        )
