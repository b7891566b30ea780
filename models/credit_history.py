from odoo import fields, models
from odoo.tools import SQL

from ..domain.portfolio import Past

HORIZON = 90
YEARS = 2


class CreditHistory(models.AbstractModel):
    """What came of debts of an age in this house's own past: the basis of what is expected of
    those of today. The whole ledger of the last years, whether or not this add-on was there."""

    _name = "credit.history"
    _description = "Credit care: past recovery"

    def _read_past(self, company, today, bands):
        """``{age: Past}``: of what was open on the day it became older than ``age`` days, what came
        as cash within the 90 days from then; of the days that are at least so long ago, and at
        most two years more. What a credit note or the rate of exchange took away was no debt."""
        self.env.flush_all()
        last = fields.Date.subtract(today, days=HORIZON)
        rows = self.env.execute_query(SQL(
            """WITH claim AS MATERIALIZED (
                   SELECT line.id, debtor.commercial_partner_id AS debtor_id, currency.rounding,
                          COALESCE(line.date_maturity, line.date) AS due_on,
                          ROUND(line.balance / currency.rounding)::bigint AS amount
                     FROM account_move_line line
                     JOIN res_partner debtor ON debtor.id = line.partner_id
                     JOIN res_company company ON company.id = line.company_id
                     JOIN res_currency currency ON currency.id = company.currency_id
                    WHERE %(receivable)s AND line.balance > 0 AND line.no_followup IS NOT TRUE
                      AND line.journal_id != %(exchange)s
                      AND COALESCE(line.date_maturity, line.date) BETWEEN %(since)s AND %(last)s
               ), matched AS MATERIALIZED (
                   SELECT claim.id, partial.max_date AS day, other.move_id, other.payment_id,
                          partial.amount / claim.rounding AS units,
                          other.payment_id IS NOT NULL
                              OR other.statement_line_id IS NOT NULL AS is_money
                     FROM claim
                     JOIN account_partial_reconcile partial ON partial.debit_move_id = claim.id
                     JOIN account_move_line other ON other.id = partial.credit_move_id
               ), money AS (%(money)s),
               part AS MATERIALIZED (
                   SELECT matched.id, matched.day, matched.units,
                          matched.units * COALESCE(money.share, 0) AS cash,
                          CASE WHEN move.move_type = 'out_refund' OR move.journal_id = %(exchange)s
                               THEN matched.units ELSE 0 END AS credit
                     FROM matched
                     JOIN account_move move ON move.id = matched.move_id
                     LEFT JOIN money ON money.move_id = matched.move_id AND matched.is_money
               ), grown AS (
                   SELECT band.age, claim.debtor_id, claim.amount - COALESCE(SUM(
                              CASE WHEN part.day < claim.due_on + band.age + 1 THEN part.units
                                   ELSE part.credit END), 0) AS open,
                          COALESCE(SUM(part.cash) FILTER (
                              WHERE part.day - claim.due_on - band.age - 1
                                    BETWEEN 0 AND %(horizon)s), 0) AS cash
                     FROM claim
                    CROSS JOIN unnest(%(bands)s) AS band (age)
                     LEFT JOIN part ON part.id = claim.id
                    WHERE claim.due_on + band.age + 1 BETWEEN %(first)s AND %(last)s
                    GROUP BY claim.id, claim.debtor_id, claim.amount, band.age
               )
               SELECT age, COUNT(DISTINCT debtor_id), COUNT(*), SUM(ROUND(open))::bigint,
                      SUM(ROUND(LEAST(GREATEST(cash, 0), open)))::bigint
                 FROM grown WHERE open > 0 GROUP BY age""",
            receivable=self.env["credit.figures"]._is_receivable(company),
            money=self.env["credit.positions"]._money(), bands=list(bands), horizon=HORIZON,
            exchange=company.currency_exchange_journal_id.id or 0,
            last=last, first=fields.Date.subtract(last, years=YEARS),
            since=fields.Date.subtract(last, years=YEARS, days=max(bands)),
        ))
        return {age: Past(*values) for age, *values in rows}
