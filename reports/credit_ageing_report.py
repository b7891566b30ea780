import operator as compared

from odoo import api, fields, models
from odoo.tools import SQL

COMPARE = {"<": compared.lt, "<=": compared.le, ">": compared.gt, ">=": compared.ge}


class CreditAgeingReport(models.Model):
    """The receivable lines of the current company that were open at the end of a day: today, or
    ``credit_day`` of the context. One company at a time: nothing is added across companies, whose
    currencies may differ. The id of a row is that of its line."""

    _name = "credit.ageing.report"
    _description = "Ageing"
    _auto = False
    _order = "due_on, id"
    _rec_name = "move_id"

    move_line_id = fields.Many2one("account.move.line", "Journal item", readonly=True)
    move_id = fields.Many2one("account.move", "Document", readonly=True)
    item_id = fields.Many2one("credit.item", readonly=True)
    case_id = fields.Many2one("credit.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", "Debtor", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    policy_id = fields.Many2one("credit.policy", readonly=True)
    salesperson_id = fields.Many2one("res.users", readonly=True)
    segment_id = fields.Many2one(
        "res.partner.industry", readonly=True, help="The industry of the customer."
    )
    agency_id = fields.Many2one("res.partner", readonly=True)
    reason_id = fields.Many2one("credit.reason", "Why not paid", readonly=True)
    kind = fields.Selection(
        [("debt", "Owed by customers"), ("credit", "Open credits")], readonly=True
    )
    issued_on = fields.Date("Booked on", readonly=True)
    due_on = fields.Date("Due date", readonly=True)
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
            """SELECT claim.line_id AS id, claim.line_id AS move_line_id, claim.move_id,
                      claim.item_id, claim.case_id, %(company)s AS company_id,
                      %(currency)s AS currency_id, claim.partner_id, debtor.country_id,
                      claim.policy_id, claim.salesperson_id, claim.segment_id, claim.agency_id,
                      claim.reason_id, claim.issued_on, claim.due_on, claim.amount,
                      claim.open AS amount_open,
                      CASE WHEN claim.open < 0 THEN 'credit' ELSE 'debt' END AS kind,
                      GREATEST(%(day)s - claim.due_on, 0) AS days_overdue, claim.bucket,
                      bucket.id AS bucket_id
                 FROM (SELECT found.*, width_bucket(%(day)s - found.due_on, %(ends)s) AS bucket
                         FROM (%(claims)s) AS found) AS claim
                 LEFT JOIN res_partner debtor ON debtor.id = claim.partner_id
                 LEFT JOIN credit_allowance_rate bucket ON bucket.company_id = %(company)s
                       AND bucket.over_days = (%(overs)s)[claim.bucket + 1]""",
            company=company.id, currency=company.currency_id.id, day=day,
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
        """The lines of which any part is expected then."""
        if operator not in COMPARE:
            return NotImplemented
        company = self.env.company
        wanted = fields.Date.to_date(value)
        flows = self.env["credit.figures"].sudo()._read_flows(company, company._credit_today())
        compare = COMPARE[operator]
        return [("id", "in", {flow.key for flow in flows if flow.on and compare(flow.on, wanted)})]

    def _get_day(self):
        given = fields.Date.to_date(self.env.context.get("credit_day"))
        return given or self.env.company._credit_today()

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

    def action_open(self):
        """The item, where there is one; else the document."""
        self.ensure_one()
        target = self.item_id or self.move_id
        return {
            "type": "ir.actions.act_window", "res_model": target._name, "res_id": target.id,
            "view_mode": "form", "views": [(False, "form")],
        }
