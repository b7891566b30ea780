from datetime import date

from odoo import fields, models
from odoo.tools import SQL


class CreditReceiptReport(models.Model):
    """The cash of the current company: each payment matched with a receivable line, and how late
    it was. One company at a time, as for the ageing."""

    _name = "credit.receipt.report"
    _description = "Payments received"
    _auto = False
    _order = "paid_on desc, id desc"
    _rec_name = "move_id"

    move_line_id = fields.Many2one("account.move.line", "Journal item", readonly=True)
    move_id = fields.Many2one("account.move", "Document", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", "Debtor", readonly=True)
    policy_id = fields.Many2one("credit.policy", readonly=True)
    salesperson_id = fields.Many2one("res.users", readonly=True)
    segment_id = fields.Many2one("res.partner.industry", readonly=True)
    agency_id = fields.Many2one("res.partner", readonly=True)
    reason_id = fields.Many2one("credit.reason", "Why not paid", readonly=True)
    due_on = fields.Date("Due date", readonly=True)
    paid_on = fields.Date("Paid on", readonly=True)
    days_late = fields.Integer("Days late", readonly=True, aggregator="avg")
    amount = fields.Monetary("Cash", readonly=True)
    weighted_days = fields.Float(
        "Cash × days late", readonly=True,
        help="Divided by the cash it is the average days late, by amount.",
    )

    @property
    def _table_query(self):
        company = self.env.company
        parts = self.env["credit.figures"].sudo()._get_parts(
            company, date(1, 1, 1), company._credit_today(), dimensions=True
        )
        return SQL(
            """SELECT part.partial_id AS id, part.line_id AS move_line_id, part.move_id,
                      %(company)s AS company_id, %(currency)s AS currency_id, part.partner_id,
                      part.policy_id, part.salesperson_id, part.segment_id, part.agency_id,
                      part.reason_id, part.due_on, part.paid_on,
                      part.paid_on - part.due_on AS days_late,
                      ROUND(part.cash / %(rounding)s) * %(rounding)s AS amount,
                      ROUND(part.cash / %(rounding)s) * %(rounding)s
                          * (part.paid_on - part.due_on) AS weighted_days
                 FROM (%(parts)s) AS part
                WHERE ROUND(part.cash / %(rounding)s) != 0""",
            company=company.id, currency=company.currency_id.id, parts=parts,
            rounding=company.currency_id.rounding,
        )
