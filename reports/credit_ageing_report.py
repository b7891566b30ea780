import operator as compared

from odoo import api, fields, models
from odoo.tools import SQL

COMPARE = {"<": compared.lt, "<=": compared.le, ">": compared.gt, ">=": compared.ge}


class CreditAgeingReport(models.Model):
    """The receivable lines that were open at the end of a day. The id of a row is that of its
    line."""

    _name = "credit.ageing.report"
    _description = "Ageing"
    _inherit = ["credit.ledger.report"]
    _auto = False
    _order = "due_on, id"
    _rec_name = "move_id"
    _opens = ("item_id", "move_id")

    item_id = fields.Many2one("credit.item", readonly=True)
    case_id = fields.Many2one("credit.case", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    kind = fields.Selection(
        [("debt", "Owed by customers"), ("credit", "Open credits")], readonly=True
    )
    issued_on = fields.Date("Booked on", readonly=True)
    days_overdue = fields.Integer("Days overdue", readonly=True, aggregator="max")
    bucket = fields.Integer("Number of the bucket", readonly=True, aggregator=None)
    bucket_id = fields.Many2one("credit.allowance.rate", readonly=True)
    amount = fields.Monetary("As booked", readonly=True)
    amount_open = fields.Monetary("Open", readonly=True)
    expected_on = fields.Date(
        "Expected on", compute="_compute_expected_on", search="_search_expected_on",
        help="When it may be here, as of today: by what was agreed, else as the customer usually"
        " pays.",
    )

    @property
    def _table_query(self):
        company = self.env.company
        figures = self.env["credit.figures"].sudo()
        limits = figures._get_limits(company)
        day = self._get_day()
        return SQL(
            """SELECT claim.line_id AS id, %(common)s, claim.item_id, claim.case_id,
                      debtor.country_id, claim.issued_on, claim.amount, claim.open AS amount_open,
                      CASE WHEN claim.open < 0 THEN 'credit' ELSE 'debt' END AS kind,
                      GREATEST(%(day)s - claim.due_on, 0) AS days_overdue, claim.bucket,
                      bucket.id AS bucket_id
                 FROM (SELECT found.*, width_bucket(%(day)s - found.due_on, %(ends)s) AS bucket
                         FROM (%(claims)s) AS found) AS claim
                 LEFT JOIN res_partner debtor ON debtor.id = claim.partner_id
                 LEFT JOIN credit_allowance_rate bucket ON bucket.company_id = %(company)s
                       AND bucket.over_days = (%(overs)s)[claim.bucket + 1]""",
            company=company.id, common=self._select_common("claim"), day=day,
            ends=figures._to_ends(limits),
            overs=self.env["credit.allowance.rate"]._get_starts(company),
            claims=figures._get_claims(company, day, dimensions=True),
        )

    def _compute_expected_on(self):
        expected = self.env["credit.figures"].sudo()._get_expected(self.env.company, self.ids)
        for row in self:
            days = [flow.on for flow in expected.get(row.id, [])]
            row.expected_on = max(days) if days and all(days) else False

    def _search_expected_on(self, operator, value):
        """The lines of which any part is expected then; without a day: of which nobody can say."""
        if operator not in COMPARE and operator != "in":
            return NotImplemented
        company = self.env.company
        flows = self.env["credit.figures"].sudo()._read_flows(company, company._credit_today())
        if operator == "in":
            wanted = {fields.Date.to_date(day) for day in value}
            return [("id", "in", {flow.key for flow in flows if flow.on in wanted})]
        wanted, compare = fields.Date.to_date(value), COMPARE[operator]
        return [("id", "in", {flow.key for flow in flows if flow.on and compare(flow.on, wanted)})]

    @api.model
    def _open_at(self, day):
        """The action that shows the ageing at the end of ``day``."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_ageing_report_action"
        )
        return action | {
            "display_name": self.env._(
                "Ageing at %(day)s", day=fields.Date.to_string(day)
            ),
            "context": {"credit_day": fields.Date.to_string(day)},
        }
