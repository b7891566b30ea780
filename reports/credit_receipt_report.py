from datetime import date

from odoo import fields, models
from odoo.tools import SQL


class CreditReceiptReport(models.Model):
    """The cash: each payment matched with a receivable line, and how late it was."""

    _name = "credit.receipt.report"
    _description = "Payments received"
    _inherit = ["credit.ledger.report"]
    _auto = False
    _order = "paid_on desc, id desc"
    _rec_name = "move_id"

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
            """SELECT part.partial_id AS id, %(common)s, part.paid_on,
                      part.paid_on - part.due_on AS days_late,
                      ROUND(part.cash / %(rounding)s) * %(rounding)s AS amount,
                      ROUND(part.cash / %(rounding)s) * %(rounding)s
                          * (part.paid_on - part.due_on) AS weighted_days
                 FROM (%(parts)s) AS part
                WHERE ROUND(part.cash / %(rounding)s) != 0""",
            common=self._select_common("part"), parts=parts,
            rounding=company.currency_id.rounding,
        )
