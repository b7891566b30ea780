from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL

from ..domain.money import from_units


class CreditPlacement(models.Model):
    """Cash on what was placed, in the company's currency, as the ledger has it: read anew each
    time, so that a payment that bounces leaves no trace."""

    _inherit = "credit.placement"

    amount_open = fields.Monetary(
        "Open now", compute="_compute_open", compute_sudo=True,
        help="What is still owed of the placed items, in the company's currency.",
    )

    def _compute_open(self):
        for placement in self:
            placement.amount_open = sum(
                placement.line_ids.item_id.move_line_id.mapped("amount_residual")
            )

    def _read_receipts(self, since=None):
        """``{placement id: [(day, units), …]}``: cash on the items while they are, or were, placed
        (those not sent yet: from ``since`` on), the oldest first. Money of a day on which another
        placement of the item ended is that one's: nothing is ever paid for twice."""
        self.env.flush_all()
        found = defaultdict(list)
        for placement_id, day, units in self.env.execute_query(SQL(
            """SELECT placement.id, cash.day,
                      SUM(ROUND(cash.company / currency.rounding))::bigint
                 FROM credit_placement placement
                 JOIN credit_placement_line line ON line.placement_id = placement.id
                 JOIN credit_item item ON item.id = line.item_id
                 JOIN res_company company ON company.id = placement.company_id
                 JOIN res_currency currency ON currency.id = company.currency_id
                CROSS JOIN LATERAL (%(cash)s) AS cash
                WHERE placement.id IN %(ids)s
                  AND cash.day >= COALESCE(placement.sent_on, %(since)s)
                  AND (placement.ended_on IS NULL OR cash.day <= placement.ended_on)
                  AND NOT EXISTS (
                      SELECT FROM credit_placement_line again
                        JOIN credit_placement earlier ON earlier.id = again.placement_id
                       WHERE again.item_id = item.id AND earlier.id < placement.id
                         AND earlier.sent_on IS NOT NULL AND earlier.ended_on >= cash.day)
                GROUP BY placement.id, cash.day
                ORDER BY placement.id, cash.day""",
            ids=tuple(self.ids) or (0,), cash=self.env["credit.ledger"]._cash(), since=since,
        )):
            if units > 0:
                found[placement_id].append((day, units))
        return found

    def _read_cash_since(self):
        """``{placement id: [(day, units), …]}`` of what came after it was placed. What had come on
        that very day, or was dated later and booked already, is taken off; a payment of before that
        is booked later is the customer's own."""
        receipts = self._read_receipts()
        return {
            placement.id: list(placement._without_earlier(receipts[placement.id]))
            for placement in self.filtered("sent_on")
        }

    def _without_earlier(self, receipts):
        """Each day for itself, so that what bounces of it takes nothing from later money."""
        before = self.paid_before or {}
        for day, units in receipts:
            if units > before.get(str(day), 0):
                yield day, units - before.get(str(day), 0)

    def _remember_earlier(self, today):
        """What is on the items already when they leave is no merit of the agency: units by day."""
        self.paid_before = {str(day): units for day, units in self._read_receipts(today)[self.id]}

    def _get_last_cash_day(self, today):
        """Today, or the day of money that settles it and is dated ahead (a cheque): a placement
        that ended before would lose it."""
        return max([today, *(day for day, _units in self._read_receipts()[self.id])])

    def _compute_received(self):
        since = self.sudo()._read_cash_since()
        for placement in self:
            cash = sum(units for _day, units in since.get(placement.id, ()))
            received = from_units(cash, placement.currency_id.rounding)
            placement.amount_received = received
            placement.received_share = 100 * received / placement.amount if placement.amount else 0
