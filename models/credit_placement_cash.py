from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..domain.money import from_units, to_units


class CreditPlacement(models.Model):
    """Cash on what was placed, in the company's currency, as the ledger has it: read anew each
    time, so that a payment that bounces leaves no trace."""

    _inherit = "credit.placement"

    def _read_receipts(self):
        """``{placement id: [(day, units), …]}``: the cash part of all that was matched with the
        items, whenever it came, the oldest first."""
        self.env.flush_all()
        found = defaultdict(list)
        for placement_id, day, units in self.env.execute_query(SQL(
            """SELECT line.placement_id, partial.max_date,
                      SUM(ROUND(partial.amount * paid.share / currency.rounding))::bigint
                 FROM credit_placement_line line
                 JOIN credit_item item ON item.id = line.item_id
                 JOIN res_company company ON company.id = line.company_id
                 JOIN res_currency currency ON currency.id = company.currency_id
                 JOIN account_partial_reconcile partial
                   ON partial.debit_move_id = item.move_line_id
                 JOIN account_move_line other ON other.id = partial.credit_move_id
                CROSS JOIN LATERAL (%(share)s) AS paid
                WHERE line.placement_id IN %(ids)s
                GROUP BY line.placement_id, partial.max_date
                ORDER BY line.placement_id, partial.max_date""",
            ids=tuple(self.ids) or (0,), share=self.env["credit.ledger"]._paid_share(),
        )):
            if units > 0:
                found[placement_id].append((day, units))
        return found

    def _read_cash_since(self):
        """``{placement id: [(day, units), …]}`` of what came after it was placed: what had come
        before is taken off from the oldest, and a payment of before that is booked later is the
        customer's own."""
        receipts = self._read_receipts()
        return {
            placement.id: [
                (day, units) for day, units in placement._without_earlier(receipts[placement.id])
                if day >= placement.sent_on and (
                    not placement.ended_on or day <= placement.ended_on
                )
            ]
            for placement in self.filtered("sent_on")
        }

    def _without_earlier(self, receipts):
        before = to_units(self.paid_before, self.currency_id.rounding)
        for day, units in receipts:
            used = min(before, units)
            before -= used
            if units > used:
                yield day, units - used

    def _compute_received(self):
        since = self.sudo()._read_cash_since()
        for placement in self:
            cash = sum(units for _day, units in since.get(placement.id, ()))
            received = from_units(cash, placement.currency_id.rounding)
            placement.amount_received = received
            placement.received_share = 100 * received / placement.amount if placement.amount else 0
