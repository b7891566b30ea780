from odoo import fields, models
from odoo.tools import SQL

from ..domain.cohorts import BANDS
from ..models.credit_mandate import KINDS
from ..models.credit_placement import STATES

BAND_LABELS = [
    ("0", "Up to 45 days"),
    ("1", "46 to 90 days"),
    ("2", "91 to 180 days"),
    ("3", "181 to 365 days"),
    ("4", "Over a year"),
]


class CreditAgencyReport(models.Model):
    """A row a placement: what an agency and its collector made of it."""

    _name = "credit.agency.report"
    _description = "Results of placements"
    _inherit = ["credit.report"]
    _auto = False
    _rec_name = "placement_id"
    _order = "sent_on desc, id desc"
    _opens = ("placement_id",)

    placement_id = fields.Many2one("credit.placement", readonly=True)
    case_id = fields.Many2one("credit.case", readonly=True)
    agency_id = fields.Many2one("res.partner", readonly=True)
    collector_id = fields.Many2one("credit.collector", readonly=True)
    mandate_id = fields.Many2one("credit.mandate", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    state = fields.Selection(STATES, "State now", readonly=True)
    sent_on = fields.Date("Placed on", readonly=True)
    ended_on = fields.Date("Ended on", readonly=True)
    age = fields.Integer("Days overdue when placed", readonly=True, aggregator="avg")
    age_band = fields.Selection(BAND_LABELS, "Age when placed", readonly=True)
    amount = fields.Monetary("Placed", readonly=True)
    recovered = fields.Monetary("Received", readonly=True)
    share = fields.Float("Received, %", readonly=True, aggregator="avg")
    asked_90 = fields.Monetary("Placed 90 days ago or earlier", readonly=True)
    recovered_90 = fields.Monetary("Received within 90 days", readonly=True)
    share_90 = fields.Float("Within 90 days, %", readonly=True, aggregator="avg")
    days = fields.Float(
        "Days to the money", readonly=True, aggregator="avg", help="By amount received."
    )
    cash_days = fields.Float(readonly=True)

    _depends = {
        "credit.placement": [
            "case_id", "mandate_id", "collector_id", "kind", "state", "sent_on", "ended_on", "age",
            "amount", "paid_before",
        ],
        "credit.placement.line": ["placement_id", "item_id"],
        "credit.item": ["move_line_id"],
    }

    @property
    def _table_query(self):
        until = self._get_day()
        is_old = SQL("row.sent_on + 90 <= %s", until)
        came = SQL("LEAST(row.cash, row.amount)")
        came_90 = SQL("LEAST(row.cash_90, row.amount)")
        band = SQL(" + ").join(SQL("(row.age > %s)::int", limit) for limit in BANDS)
        return SQL(
            """SELECT row.id, row.id AS placement_id, row.case_id, row.company_id,
                      %(currency)s AS currency_id, row.partner_id, row.agency_id,
                      row.collector_id, row.mandate_id, row.salesperson_id, row.kind, row.state,
                      row.sent_on, row.ended_on, row.age, (%(band)s)::varchar AS age_band,
                      100.0 * %(came)s / NULLIF(row.amount, 0) AS share,
                      CASE WHEN %(is_old)s THEN 100.0 * %(came_90)s / NULLIF(row.amount, 0)
                           END AS share_90,
                      row.cash_days / NULLIF(row.cash, 0)::float AS days, %(amounts)s
                 FROM (%(placements)s) AS row""",
            currency=self.env.company.currency_id.id, band=band, came=came, came_90=came_90,
            is_old=is_old,
            placements=self.env["credit.positions"]._placements(self.env.company, until),
            amounts=self._in_money(
                ("amount", SQL("row.amount")), ("recovered", came),
                ("asked_90", SQL("CASE WHEN %s THEN row.amount ELSE 0 END", is_old)),
                ("recovered_90", SQL("CASE WHEN %s THEN %s ELSE 0 END", is_old, came_90)),
                ("cash_days", SQL("row.cash_days")),
            ),
        )

    def _read_group_select(self, aggregate_spec, query):
        """Days weigh by amount, over all placements together."""
        if aggregate_spec != "days:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "SUM(%s) / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, "cash_days", query),
            self._field_to_sql(self._table, "recovered", query),
        )
