from odoo import models
from odoo.tools import SQL


class CreditLedger(models.AbstractModel):
    """What of the ledger is money: what settled an item, how much of a payment was paid, and
    payments that are none any more."""

    _inherit = "credit.ledger"

    def _how_settled(self):
        """SQL: what settled the most of ``line``: cash, credit notes, or something else."""
        return SQL(
            """SELECT part.how
                 FROM account_partial_reconcile partial
                 JOIN account_move_line other ON other.id = partial.credit_move_id
                 JOIN account_move move ON move.id = other.move_id
                CROSS JOIN LATERAL (%(share)s) AS paid
                CROSS JOIN LATERAL (VALUES
                      ('cash', partial.amount * paid.share),
                      (CASE WHEN move.move_type = 'out_refund' THEN 'credit_note'
                            ELSE 'other' END, partial.amount * (1 - paid.share))
                      ) AS part (how, amount)
                WHERE partial.debit_move_id = line.id
                GROUP BY part.how ORDER BY SUM(part.amount) DESC, part.how LIMIT 1""",
            share=self._paid_share(),
        )

    def _paid_share(self):
        """SQL: which part of ``other`` (a counterpart in an entry of a payment or of the bank) is
        money: what reached the bank or waits to reach it, of all that the entry settles."""
        return SQL(
            """SELECT CASE WHEN other.payment_id IS NULL AND other.statement_line_id IS NULL
                           THEN 0
                           ELSE COALESCE(LEAST(1, GREATEST(0,
                                SUM(beside.balance) FILTER (WHERE beside.account_id IN (
                                    payment.outstanding_account_id, journal.default_account_id))
                                / NULLIF(-SUM(beside.balance) FILTER (
                                    WHERE account.account_type = 'asset_receivable'), 0))), 1)
                           END AS share
                 FROM account_move_line beside
                 JOIN account_account account ON account.id = beside.account_id
                 JOIN account_journal journal ON journal.id = beside.journal_id
                 LEFT JOIN account_payment payment ON payment.id = other.payment_id
                WHERE beside.move_id = other.move_id"""
        )

    def _paid_shares(self, entries):
        """SQL: ``move_id, share`` of those of ``entries`` (SQL of their ids) that are a payment's
        or the bank's: what ``_paid_share`` says of one, for thousands at once."""
        return SQL(
            """SELECT beside.move_id, COALESCE(LEAST(1, GREATEST(0,
                          SUM(beside.balance) FILTER (WHERE beside.account_id IN (
                              payment.outstanding_account_id, journal.default_account_id))
                          / NULLIF(-SUM(beside.balance) FILTER (
                              WHERE account.account_type = 'asset_receivable'), 0))), 1) AS share
                 FROM (%s) AS settling (move_id)
                 JOIN account_move_line beside ON beside.move_id = settling.move_id
                 JOIN account_account account ON account.id = beside.account_id
                 JOIN account_journal journal ON journal.id = beside.journal_id
                 LEFT JOIN account_payment payment ON payment.id = beside.payment_id
                WHERE beside.payment_id IS NOT NULL OR beside.statement_line_id IS NOT NULL
                GROUP BY beside.move_id""",
            entries,
        )

    def _cash(self):
        """SQL: the cash that ``item`` has received, by the day on which it was there: in the
        company's currency as the ledger booked it, and in the item's own."""
        return SQL(
            """SELECT partial.max_date AS day, partial.amount * paid.share AS company,
                      partial.debit_amount_currency * paid.share AS own
                 FROM account_partial_reconcile partial
                 JOIN account_move_line other ON other.id = partial.credit_move_id
                CROSS JOIN LATERAL (%s) AS paid
                WHERE partial.debit_move_id = item.move_line_id""",
            self._paid_share(),
        )

    # ------------------------------------------------------------------ controls

    def _last_bank_entry(self, company, today):
        """Day of the newest posted entry in the bank and cash journals, not in the future. A branch
        without a bank of its own is paid through that of its company."""
        own = self.env["account.journal"].sudo().search_count([
            ("company_id", "=", company.id), ("type", "=", "bank"),
        ], limit=1)
        [(day,)] = self.env.execute_query(SQL(
            # the last of each journal by core's index: there may be a hundred thousand of them
            """SELECT MAX(last.date)
                 FROM account_journal journal
                CROSS JOIN unnest(%(companies)s) AS company (id)
                CROSS JOIN LATERAL (
                      SELECT move.date FROM account_move move
                       WHERE move.journal_id = journal.id AND move.company_id = company.id
                         AND move.state = 'posted' AND move.date <= %(today)s
                       ORDER BY move.date DESC LIMIT 1) AS last
                WHERE journal.type IN ('bank', 'cash')""",
            companies=company.ids if own else company.sudo().parent_ids.ids, today=today,
        ))
        return day

    def _ghost_payments(self, company):
        """Payments set back to draft, rejected or cancelled that still close an invoice: core
        leaves the reconciliation, and the debt would vanish from every list."""
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT payment.id
                 FROM account_payment payment
                 JOIN account_move_line line ON line.payment_id = payment.id
                 JOIN account_partial_reconcile partial ON partial.credit_move_id = line.id
                 JOIN account_move_line debt ON debt.id = partial.debit_move_id
                 JOIN account_account account ON account.id = debt.account_id
                WHERE payment.company_id = %s AND account.account_type = 'asset_receivable'
                  AND (payment.state IN ('draft', 'rejected', 'canceled')
                       OR line.parent_state != 'posted')""",
            company.id,
        ))
        return self.env["account.payment"].browse(row[0] for row in rows)
