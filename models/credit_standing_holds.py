from collections import defaultdict
from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ..domain import owed

UNMATCHED_DAYS = 10


class CreditStanding(models.AbstractModel):
    """What waits and why: by the case, by the item, by what was agreed or disputed; and its
    words."""

    _inherit = "credit.standing"

    def _get_hold(self, row, hold, today):
        """Why nothing may be asked of this item, and until when."""
        if hold.held:
            return hold.held, hold.until
        if row["no_followup"]:
            return "excluded", None
        if row["paused_until"] and row["paused_until"] >= today:
            return "paused", row["paused_until"]
        return "", hold.until

    def _read_holds(self, rows, today):
        return self._read_item_holds(
            [row["item_id"] for row in rows if row["item_id"] and row["residual"] > 0], today
        )

    def _read_item_holds(self, item_ids, today):
        """``{item id: Hold}`` of items that are disputed or under an agreement."""
        holds = self.env["credit.dispute"]._read_holds(item_ids, today)
        agreed = self.env["credit.agreement"]._read_holds(item_ids, today)
        return {
            item_id: holds.get(item_id, owed.FREE).join(agreed.get(item_id, owed.FREE))
            for item_id in {*holds, *agreed}
        }

    def _read_transit(self, company, rows):
        """Money on its way: payments without an entry yet (other accounting add-ons), matched to
        an invoice whose residual still stands. ``{move id: units}``. Once the bank has booked a
        payment that stays without an entry, the residual knows of it. What a payment in another
        currency comes to is known by then: until then it is taken for all of the invoice."""
        moves = tuple({row["move_id"] for row in rows if row["residual"] > 0})
        if not moves:
            return {}
        return dict(self.env.execute_query(SQL(
            """SELECT link.invoice_id,
                      (COALESCE(SUM(part.units) FILTER (WHERE payment.state = 'in_process'), 0)
                       + GREATEST(COALESCE(SUM(part.units) FILTER (WHERE payment.state = 'paid'), 0)
                                  - MAX(booked.units), 0))::bigint
                 FROM account_move__account_payment link
                 JOIN account_payment payment ON payment.id = link.payment_id
                 JOIN account_move move ON move.id = link.invoice_id
                 JOIN res_currency currency ON currency.id = move.currency_id
                CROSS JOIN LATERAL (
                      -- days of bank and books differ
                      SELECT COALESCE(SUM(ROUND(
                                 partial.debit_amount_currency / currency.rounding)), 0) AS units
                        FROM account_move_line debt
                        JOIN account_partial_reconcile partial ON partial.debit_move_id = debt.id
                        JOIN account_move_line entry ON entry.id = partial.credit_move_id
                       WHERE debt.move_id = move.id AND entry.statement_line_id IS NOT NULL
                         AND entry.date >= payment.date - 7) AS booked
                CROSS JOIN LATERAL (
                      SELECT CASE WHEN payment.currency_id = move.currency_id
                                  THEN ROUND(payment.amount / currency.rounding)
                                  WHEN payment.state = 'in_process' OR booked.units = 0
                                  THEN ROUND(move.amount_total / currency.rounding)
                                  ELSE 0 END AS units) AS part
                WHERE link.invoice_id IN %s AND payment.move_id IS NULL
                  AND payment.state IN ('in_process', 'paid')
                GROUP BY link.invoice_id""",
            moves,
        )))

    def _read_unmatched(self, company, partner_ids, today):
        """``{partner id: {currency id: units}}``: what the bank statement has brought from these
        debtors in the last days and nobody has matched yet. It lies on the bank's suspense account
        and on nobody's own. Older lines tell of books that are not kept this way."""
        found = defaultdict(dict)
        for partner_id, currency_id, units in self.env.execute_query(SQL(
            """SELECT partner.commercial_partner_id, line.currency_id,
                      SUM(ROUND(-line.amount_currency / currency.rounding))::bigint AS units
                 FROM account_bank_statement_line receipt
                 JOIN account_move move ON move.id = receipt.move_id
                 JOIN account_journal journal ON journal.id = move.journal_id
                 JOIN account_move_line line ON line.move_id = move.id
                  AND line.account_id = journal.suspense_account_id
                 JOIN res_currency currency ON currency.id = line.currency_id
                 JOIN res_partner partner ON partner.id = receipt.partner_id
                WHERE receipt.company_id = %s AND receipt.is_reconciled IS NOT TRUE
                  AND receipt.amount > 0 AND move.state = 'posted' AND move.date > %s
                  AND partner.commercial_partner_id IN %s
                GROUP BY 1, 2 HAVING SUM(line.amount_currency) < 0""",
            company.id, today - timedelta(days=UNMATCHED_DAYS), partner_ids,
        )):
            found[partner_id][currency_id] = units
        return found

    def _add_unmatched(self, debtor, amounts, today):
        """Counts like any open credit. It may turn out to be somebody else's without a trace in the
        debtor's totals: look every day."""
        if not amounts:
            return debtor
        credits = dict(debtor.credits)
        for currency_id, units in amounts.items():
            credits[currency_id] = credits.get(currency_id, 0) + units
        return debtor._replace(credits=credits, items=tuple(
            item if item.held else item._replace(
                held_until=min(filter(None, (item.held_until, today)))
            )
            for item in debtor.items
        ))

    def _get_case_hold(self, head, today):
        if head.get("state") in ("agency", "legal"):
            return "placed", None
        if head.get("courtesy_id"):  # one of the house's own steps, made by others for some days
            return "placed", head["courtesy_until"]
        if head.get("paused_until") and head["paused_until"] >= today:
            return "paused", head["paused_until"]
        return "", None

    def _explain(self, reason):
        """A reason code in words."""
        texts = {
            "nothing_open": self.env._("nothing is open"),
            "settled": self.env._("settled in the meantime"),
            "came_back": self.env._("a payment came back"),
            "covered": self.env._("open credits cover what is due"),
            "excluded": self.env._("excluded from follow-up"),
            "paused": self.env._("paused"),
            "in_payment": self.env._("payment on its way"),
            "disputed": self.env._("disputed"),
            "department": self.env._("with the department that has to answer"),
            "promised": self.env._("payment promised"),
            "plan": self.env._("under a payment plan"),
            "settlement": self.env._("under a settlement"),
            "proposed": self.env._("an agreement is proposed"),
            "placed": self.env._("entrusted to the agency"),
            "do_nothing": self.env._("the policy does nothing"),
            "message_waiting": self.env._("a message is waiting to be sent"),
            "closed_day": self.env._("not a working day"),
            "gap": self.env._("the last message is too recent"),
            "not_due": self.env._("no step is due"),
            "closed": self.env._("the case was closed"),
            "superseded": self.env._("a later step took its place"),
            "merged": self.env._("the customer was merged with another one"),
            "resent": self.env._("the invoice was sent again, its steps start anew"),
        }
        return texts.get(reason, reason)
