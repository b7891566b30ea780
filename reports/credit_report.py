from odoo import fields, models
from odoo.tools import SQL

from ..models.windows import open_record

SHARES = {
    "share": ("recovered", "amount"),
    "share_30": ("recovered_30", "asked_30"),
    "share_60": ("recovered_60", "asked_60"),
    "share_90": ("recovered_90", "asked_90"),
    "share_100": ("recovered_100", "asked_100"),
}


class CreditReport(models.AbstractModel):
    """What the tables of figures have in common: the current company alone, so that nothing is
    added across currencies; the day they are looked at (a past one by the key ``credit_day`` of
    the context); the record behind a row; shares that are the quotient of two sums, never the mean
    of percentages."""

    _name = "credit.report"
    _description = "Credit care: tables of figures"
    _opens = ("case_id",)  # the first of these that a row has is the record behind it

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", "Debtor", readonly=True)
    salesperson_id = fields.Many2one("res.users", readonly=True)

    _depends = {
        "account.partial.reconcile": ["amount", "max_date", "debit_move_id", "credit_move_id"],
    }

    def _get_day(self):
        wanted = self.env.context.get("credit_day")
        today = self.env.company._credit_today()
        return min(fields.Date.to_date(wanted), today) if wanted else today

    def _in_money(self, *names):
        """SQL: columns that hold units, as amounts of the company's currency."""
        return SQL(", ").join(
            SQL("%s * row.rounding AS %s", expression, SQL.identifier(name))
            for name, expression in names
        )

    def action_open(self):
        self.ensure_one()
        target = next(filter(None, (self[name] for name in self._opens)))
        return open_record(target)

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, function = aggregate_spec.partition(":")
        if name not in SHARES or function != "avg":
            return super()._read_group_select(aggregate_spec, query)
        part, whole = SHARES[name]
        return SQL(
            "100 * SUM(%s) / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, part, query),
            self._field_to_sql(self._table, whole, query),
        )
