from odoo import fields, models
from odoo.tools import SQL

# columns of ``credit.figures`` that both tables show as they are
COLUMNS = (
    "move_id", "partner_id", "policy_id", "salesperson_id", "segment_id", "agency_id", "reason_id",
    "due_on",
)


class CreditLedgerReport(models.AbstractModel):
    """What the tables of receivable lines and of the cash on them have in common: the document and
    by whom it may be told apart."""

    _name = "credit.ledger.report"
    _description = "Credit care: tables of the ledger"
    _inherit = ["credit.report"]
    _opens = ("move_id",)

    move_line_id = fields.Many2one("account.move.line", "Journal item", readonly=True)
    move_id = fields.Many2one("account.move", "Document", readonly=True)
    policy_id = fields.Many2one("credit.policy", readonly=True)
    segment_id = fields.Many2one(
        "res.partner.industry", readonly=True, help="The industry of the customer."
    )
    agency_id = fields.Many2one("res.partner", readonly=True)
    reason_id = fields.Many2one("credit.reason", "Why not paid", readonly=True)
    due_on = fields.Date("Due date", readonly=True)

    def _select_common(self, table):
        """SQL: the columns of these fields, from ``table`` of the current company."""
        company = self.env.company
        return SQL(
            "%(line)s AS move_line_id, %(company)s AS company_id, %(currency)s AS currency_id,"
            " %(own)s",
            line=SQL.identifier(table, "line_id"), company=company.id,
            currency=company.currency_id.id,
            own=SQL(", ").join(SQL.identifier(table, name) for name in COLUMNS),
        )
