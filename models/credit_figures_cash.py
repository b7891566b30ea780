from odoo import models
from odoo.tools import SQL

from ..domain.money import to_units


class CreditFigures(models.AbstractModel):
    """What settled claims, and how much of it was money."""

    _inherit = "credit.figures"

    def _get_parts(self, company, first, last, lines=None, dimensions=False, filters=None):
        """SQL: what was matched with claims of ``company`` from ``first`` to ``last``, as
        ``partial_id, line_id, move_id, partner_id, issued_on, due_on, claim`` (as booked),
        ``paid_on, amount, cash`` (the part of it that is money, see ``credit.ledger._paid_share``)
        and ``credit`` (a credit note's, and what the rate of exchange took: never owed); with the
        dimensions, the agency being that of the day it came. ``lines``: SQL of their ids. Money
        that we paid out is no claim, nor is what a better rate has brought."""
        self._prepare()
        wanted = self._check_filters(filters)
        more = dimensions or wanted
        return SQL(
            """WITH part AS MATERIALIZED (
                   SELECT partial.id, line.id AS line_id, line.move_id,
                          line.partner_id AS contact_id, line.date AS issued_on,
                          COALESCE(line.date_maturity, line.date) AS due_on,
                          line.balance AS claim, partial.max_date AS paid_on, partial.amount,
                          other.move_id AS other_move_id, other.id AS other_id
                     FROM account_partial_reconcile partial
                     JOIN account_move_line line ON line.id = partial.debit_move_id
                     JOIN account_move_line other ON other.id = partial.credit_move_id
                    WHERE %(receivable)s AND line.date <= %(last)s
                      AND line.payment_id IS NULL AND line.statement_line_id IS NULL
                      AND line.journal_id != %(exchange)s
                      AND partial.max_date BETWEEN %(first)s AND %(last)s AND %(lines)s
               ), money AS (%(shares)s)
               SELECT claim.id AS partial_id, claim.line_id, claim.move_id,
                      COALESCE(contact.commercial_partner_id, contact.id) AS partner_id,
                      claim.issued_on, claim.due_on, claim.claim, claim.paid_on, claim.amount,
                      claim.amount * COALESCE(money.share, 0) AS cash,
                      CASE WHEN origin.move_type = 'out_refund' OR origin.journal_id = %(exchange)s
                           THEN claim.amount ELSE 0 END AS credit %(dimensions)s
                 FROM part claim
                 JOIN account_move origin ON origin.id = claim.other_move_id
                 LEFT JOIN money ON money.move_id = claim.other_move_id
                 %(joins)s
                WHERE %(wanted)s""",
            receivable=self._is_receivable(company), first=first, last=last,
            lines=SQL("line.id IN (%s)", lines) if lines else SQL("TRUE"),
            shares=self.env["credit.ledger"]._paid_shares(
                SQL("SELECT DISTINCT other_move_id FROM part")
            ),
            wanted=self._where(wanted), exchange=company.currency_exchange_journal_id.id or 0,
            dimensions=SQL(", %s", self._select_dimensions()) if more else SQL(),
            joins=self._join_dimensions(company, self._placed_when_paid()) if more else SQL(
                "LEFT JOIN res_partner contact ON contact.id = claim.contact_id"
            ),
        )

    def _placed_when_paid(self):
        """SQL: the agency that had ``item`` on the day the money of ``claim`` came; what has been
        paid is with nobody any more."""
        return SQL(
            """LEFT JOIN LATERAL (
                    SELECT placement.agency_id FROM credit_placement_line line
                      JOIN credit_placement placement ON placement.id = line.placement_id
                     WHERE line.item_id = item.id AND placement.sent_on <= claim.paid_on
                       AND COALESCE(placement.ended_on, claim.paid_on) >= claim.paid_on
                     ORDER BY placement.id LIMIT 1) AS placed ON TRUE"""
        )

    def _read_days_late(self, company, first, last, filters=None):
        """``(units x days late, units, parts)`` of the cash of a period."""
        [(weight, units, parts)] = self.env.execute_query(SQL(
            """SELECT COALESCE(SUM(units * (paid_on - due_on)), 0)::bigint,
                      COALESCE(SUM(units), 0)::bigint, COUNT(*) FILTER (WHERE units != 0)
                 FROM (SELECT part.paid_on, part.due_on,
                              ROUND(part.cash / %(rounding)s)::bigint AS units
                         FROM (%(parts)s) AS part) AS paid""",
            parts=self._get_parts(company, first, last, filters=filters),
            rounding=company.currency_id.rounding,
        ))
        return weight, units, parts

    def _read_loss_rates(self, company, day, until, limits):
        """``[(units lost, units owed, claims)]`` by bucket: of what was open on ``day``, what no
        cash had settled by ``until``; what a credit note settled was never owed."""
        claims = self._get_claims(company, day)
        rows = self.env.execute_query(SQL(
            """SELECT bucket, SUM(LEAST(GREATEST(owed - cash, 0), owed))::bigint,
                      SUM(owed)::bigint, COUNT(*)
                 FROM (SELECT width_bucket(%(day)s - claim.due_on, %(ends)s) AS bucket,
                              ROUND((claim.open - COALESCE(later.credit, 0)) / %(rounding)s)
                                  AS owed,
                              ROUND(COALESCE(later.cash, 0) / %(rounding)s) AS cash
                         FROM (%(claims)s) AS claim
                         LEFT JOIN (
                              SELECT line_id, SUM(cash) AS cash, SUM(credit) AS credit
                                FROM (%(parts)s) AS part WHERE paid_on > %(day)s
                               GROUP BY line_id) AS later ON later.line_id = claim.line_id
                      ) AS known
                WHERE owed > 0 GROUP BY bucket""",
            day=day, claims=claims, parts=self._get_parts(company, day, until),
            ends=self._to_ends(limits), rounding=company.currency_id.rounding,
        ))
        found = {bucket: row for bucket, *row in rows}
        return [tuple(found.get(number, (0, 0, 0))) for number in range(len(limits) + 1)]

    def _to_ends(self, limits):
        """What ``width_bucket`` takes for buckets that begin over each of ``limits``."""
        return [limit + 1 for limit in limits]

    def _to_units(self, company, amount):
        return to_units(amount or 0, company.currency_id.rounding)
