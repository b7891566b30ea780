"""Fourteen months of credit management on the demo's books.

The books are written whole, before the module is there. To live through the past as it was, the
receipts are taken back to drafts first and come in again on their days: at each night the ledger
holds what had been paid by then, and no more.
"""
from collections import defaultdict

from . import story

STEP = 5    # days between two nights of the far past, when nobody looks at single days
FIRST = 45  # days after the first invoice; before that nothing is overdue


class Receipts:
    """The receipts of the books, waiting for their days."""

    def __init__(self, env):
        self.env = env
        payments = env["account.payment"].search([("state", "in", ("in_process", "paid"))])
        self.waiting = defaultdict(payments.browse)
        self.done = payments.filtered(lambda payment: payment.state == "paid")
        self.pays = {}  # payment: the lines it is matched with
        for payment in payments:
            self.pays[payment] = self._owed(payment).matched_debit_ids.debit_move_id.filtered(
                lambda line: line.journal_id != line.company_id.currency_exchange_journal_id
            )
            self.waiting[payment.date] |= payment
        self._owed(payments).remove_move_reconcile()  # core's draft would keep the matching
        payments.action_draft()

    def come_in(self, day):
        """Books what came in up to and on ``day``, each matched with what it paid."""
        days = sorted(one for one in self.waiting if one <= day)
        payments = self.env["account.payment"].union(*(self.waiting.pop(one) for one in days))
        if not payments:
            return
        payments.action_post()
        self.env["account.move.line"]._reconcile_plan([
            self.pays[payment] + self._owed(payment) for payment in payments if self.pays[payment]
        ])
        (payments & self.done).action_validate()

    def _owed(self, payments):
        return payments.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )


def days(last_weeks):
    """The nights to live through, as days before today: some days apart, then daily."""
    far = range(story.PERIOD - FIRST, 7 * last_weeks, -STEP)
    return [*far, *range(7 * last_weeks, 0, -1)]
