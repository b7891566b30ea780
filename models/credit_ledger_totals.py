from odoo import fields, models
from odoo.tools import SQL


class CreditLedger(models.AbstractModel):
    """Totals of live cases, and whether the ledger has moved since they were taken."""

    _inherit = "credit.ledger"

    def _total_again(self, company, today):
        """Once more in the same night: what was left out counts again."""
        self.env.flush_all()
        self._total(company, today)
        self.env.invalidate_all()

    def _total(self, company, today):
        """Totals of live cases; a case whose totals moved is looked at today. Company currency:
        for sorting and figures only."""
        self._run(SQL(
            """UPDATE credit_case care
                  SET item_count = fresh.items, amount_open = fresh.open,
                      amount_overdue = fresh.overdue, oldest_due_on = fresh.oldest,
                      amount_credit = fresh.credit, amount_excluded = fresh.excluded,
                      next_check_on = %(today)s, write_date = %(now)s
                 FROM (%(totals)s) AS fresh
                WHERE care.id = fresh.id AND %(moved)s""",
            **self._values(company, today), totals=self._totals(company, today),
            moved=self._has_moved(),
        ))

    def _totals(self, company, today):
        """SQL: the totals of each live case as the ledger has them now."""
        return SQL(
            """WITH debts AS (
                   SELECT item.case_id, %(sums)s
                     FROM credit_item item JOIN account_move_line line
                       ON line.id = item.move_line_id
                    WHERE item.company_id = %(company)s AND item.closed_on IS NULL
                    GROUP BY item.case_id
               ), credits AS (
                   SELECT partner.commercial_partner_id AS partner_id,
                          -SUM(line.amount_residual) AS credit
                     FROM %(receivables)s AND line.amount_residual < 0
                    GROUP BY partner.commercial_partner_id
               )
               SELECT live.id, COALESCE(debts.items, 0) AS items,
                      COALESCE(debts.open, 0) AS open, COALESCE(debts.overdue, 0) AS overdue,
                      COALESCE(credits.credit, 0) AS credit,
                      COALESCE(debts.excluded, 0) AS excluded, debts.oldest
                 FROM credit_case live
                 LEFT JOIN debts ON debts.case_id = live.id
                 LEFT JOIN credits ON credits.partner_id = live.partner_id
                WHERE live.company_id = %(company)s AND live.state != 'closed'""",
            company=company.id, today=today, receivables=self._receivables(company),
            sums=self._sums(today, SQL("item.due_on")),
        )

    def _sums(self, today, due_on):
        """SQL: what receivables (rows of ``line``) come to for one debtor."""
        return SQL(
            """COUNT(*)::int AS items, SUM(line.amount_residual) AS open,
               SUM(line.amount_residual) FILTER (
                   WHERE %(due_on)s < %(today)s AND line.no_followup IS NOT TRUE) AS overdue,
               SUM(line.amount_residual) FILTER (WHERE line.no_followup) AS excluded,
               MIN(%(due_on)s) FILTER (WHERE line.no_followup IS NOT TRUE) AS oldest""",
            today=today, due_on=due_on,
        )

    def _has_moved(self):
        return SQL(
            """(care.item_count, care.amount_open, care.amount_overdue, care.amount_credit,
                care.amount_excluded, care.oldest_due_on)
               IS DISTINCT FROM
               (fresh.items, fresh.open, fresh.overdue, fresh.credit, fresh.excluded,
                fresh.oldest)"""
        )

    def _read_moved(self, company, today, until):
        """Debtors whose live case the refresh of ``today`` or of a night until ``until`` would
        have looked at, because the ledger is no longer as the case has it."""
        self.env.flush_all()
        return {partner_id for (partner_id,) in self.env.execute_query(SQL(
            """SELECT care.partner_id FROM credit_case care JOIN (%(totals)s) AS fresh
                   ON care.id = fresh.id
                WHERE %(moved)s
            UNION
               SELECT partner.commercial_partner_id FROM %(receivables)s
                  AND line.amount_residual_currency > 0
                  AND COALESCE(line.date_maturity, line.date) <= %(horizon)s
                  AND NOT EXISTS (
                      SELECT FROM credit_item known
                       WHERE known.move_line_id = line.id
                         AND (known.closed_on IS NULL OR known.close_reason = 'given_up')
                         AND known.due_on = COALESCE(line.date_maturity, line.date))""",
            totals=self._totals(company, today), moved=self._has_moved(),
            receivables=self._receivables(company),
            horizon=fields.Date.add(until, days=self._lead_days(company)),
        ))}
