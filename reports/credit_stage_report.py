from datetime import date

from odoo import fields, models
from odoo.tools import SQL

STAGES = [
    ("unasked", "Before anybody asked"),
    ("reminder", "After a reminder"),
    ("call", "After a call of ours"),
    ("courtesy", "Courtesy call of an agency"),
    ("collection", "Agency"),
    ("legal", "Lawyer"),
]


class CreditStageReport(models.Model):
    """A row a receipt on something overdue, with the last thing done about it before: what brought
    the money."""

    _name = "credit.stage.report"
    _description = "What brought the money"
    _inherit = ["credit.report"]
    _auto = False
    _rec_name = "item_id"
    _order = "paid_on desc, id desc"

    case_id = fields.Many2one("credit.case", readonly=True)
    item_id = fields.Many2one("credit.item", readonly=True)
    policy_id = fields.Many2one("credit.policy", readonly=True)
    paid_on = fields.Date("Received on", readonly=True)
    stage = fields.Selection(STAGES, readonly=True)
    amount = fields.Monetary("Received", readonly=True)

    _depends = {
        "credit.case": ["partner_id", "policy_id", "salesperson_id"],
        "credit.item": ["case_id", "move_line_id", "due_on", "opened_on"],
        "credit.action": ["case_id", "date", "state", "channel", "outcome", "kind"],
        "credit.placement": ["case_id", "kind", "sent_on", "ended_on"],
    }

    @property
    def _table_query(self):
        company = self.env.company
        return SQL(
            """SELECT row.id, row.item_id, row.case_id, row.company_id,
                      %(currency)s AS currency_id, care.partner_id, care.policy_id,
                      care.salesperson_id, row.day AS paid_on, row.stage, %(amounts)s
                 FROM (%(stages)s) AS row JOIN credit_case care ON care.id = row.case_id""",
            currency=company.currency_id.id,
            amounts=self._in_money(("amount", SQL("row.cash"))),
            stages=self.env["credit.positions"]._stages(
                company, date(1, 1, 1), self._get_day()
            ),
        )
