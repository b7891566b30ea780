from odoo import models
from odoo.tools import SQL


class CreditPositions(models.AbstractModel):
    """The rows of hands: what an agency made of a placement, in whose hand an item was when money
    came."""

    _inherit = "credit.positions"

    def _placements(self, company, until, cases=None):
        """SQL: a row a placement that left by ``until``, with what came while it was out; the same
        cash as ``_read_cash_since``, up to a day and for all placements at once."""
        self.env["credit.figures"]._prepare()
        return SQL(
            """WITH %(ctes)s, came AS (
                   SELECT id, SUM(cash) AS cash, SUM(cash * days) AS cash_days,
                          SUM(cash) FILTER (WHERE days <= 90) AS cash_90,
                          JSONB_AGG(JSONB_BUILD_ARRAY(days, cash) ORDER BY days)
                              FILTER (WHERE cash > 0) AS receipts
                     FROM receipt GROUP BY id
               )
               SELECT chosen.id, chosen.case_id, chosen.company_id, chosen.mandate_id,
                      chosen.agency_id, chosen.collector_id, chosen.kind, chosen.state,
                      chosen.partner_id, chosen.salesperson_id,
                      chosen.sent_on, chosen.ended_on, COALESCE(chosen.age, 0) AS age,
                      chosen.rounding,
                      GREATEST(ROUND(chosen.amount / chosen.rounding)
                               - COALESCE(credited.credit, 0), 0)::bigint AS amount,
                      COALESCE(came.cash, 0)::bigint AS cash,
                      COALESCE(came.cash_90, 0)::bigint AS cash_90,
                      COALESCE(came.cash_days, 0)::bigint AS cash_days, came.receipts
                 FROM chosen
                 LEFT JOIN came ON came.id = chosen.id
                 LEFT JOIN credited ON credited.id = chosen.id""",
            ctes=self._placed_ctes(company, until, cases),
        )

    def _placed_ctes(self, company, until, cases):
        """SQL: ``chosen`` placements; their ``receipt`` rows by day, less the money of that day
        that had come before they left; what was ``credited`` since."""
        return SQL(
            """chosen AS MATERIALIZED (
                   SELECT placement.*, currency.rounding,
                          LEAST(COALESCE(placement.ended_on, %(until)s), %(until)s) AS last_on
                     FROM credit_placement placement
                     JOIN res_company company ON company.id = placement.company_id
                     JOIN res_currency currency ON currency.id = company.currency_id
                    WHERE placement.company_id = %(company)s AND placement.sent_on <= %(until)s
                      AND %(chosen)s
               ), matched AS MATERIALIZED (
                   SELECT chosen.id, chosen.sent_on, partial.max_date AS day, other.move_id,
                          partial.amount / chosen.rounding AS units, other.payment_id,
                          other.payment_id IS NOT NULL
                              OR other.statement_line_id IS NOT NULL AS is_money,
                          partial.max_date <= chosen.last_on AND NOT EXISTS (
                              SELECT FROM credit_placement_line again
                                JOIN credit_placement earlier ON earlier.id = again.placement_id
                               WHERE again.item_id = item.id AND earlier.id < chosen.id
                                 AND earlier.sent_on IS NOT NULL
                                 AND earlier.ended_on >= partial.max_date) AS is_own
                     FROM chosen
                     JOIN credit_placement_line line ON line.placement_id = chosen.id
                     JOIN credit_item item ON item.id = line.item_id
                     JOIN account_partial_reconcile partial
                       ON partial.debit_move_id = item.move_line_id
                     JOIN account_move_line other ON other.id = partial.credit_move_id
                    WHERE partial.max_date BETWEEN chosen.sent_on AND %(until)s
               ), money AS (%(money)s),
               daily AS (
                   SELECT matched.id, matched.day,
                          SUM(ROUND(matched.units * money.share)) AS cash
                     FROM matched JOIN money ON money.move_id = matched.move_id
                    WHERE matched.is_money AND matched.is_own
                    GROUP BY matched.id, matched.day
               ), receipt AS (
                   SELECT chosen.id, daily.day, daily.day - chosen.sent_on AS days,
                          GREATEST(daily.cash - COALESCE(
                              (chosen.paid_before ->> daily.day::text)::bigint, 0), 0) AS cash
                     FROM chosen JOIN daily ON daily.id = chosen.id
                    WHERE daily.cash > 0
               ), credited AS (
                   SELECT matched.id, SUM(ROUND(matched.units)) AS credit
                     FROM matched JOIN account_move move ON move.id = matched.move_id
                    WHERE move.move_type = 'out_refund'
                    GROUP BY matched.id
               )""",
            company=company.id, until=until, money=self._money(),
            chosen=self._chosen("placement", cases),
        )

    def _stages(self, company, since, until, cases=None):
        """SQL: a row a receipt of the days from ``since`` to ``until`` on what was overdue, with
        the stage it came in: the agency's hand that had the item that day, else whose the last word
        to the debtor before it was (a call that reached him, a reminder), else nobody had asked. A
        call of an agency stays its call: in our name it gives the item back as soon as it has
        reached somebody, and the money comes days later. Money of a day on which one hand gave it
        to another is the first one's, as in what agencies are paid for."""
        return SQL(
            """WITH %(ctes)s, receipt AS (
                   SELECT MIN(part.partial_id) AS id, care.id AS item_id, care.case_id,
                          care.company_id, part.day, SUM(part.cash)::bigint AS cash,
                          MIN(care.rounding) AS rounding
                     FROM part JOIN care ON care.id = part.id
                    WHERE part.day BETWEEN GREATEST(care.began_on, %(since)s) AND %(until)s
                    GROUP BY care.id, care.case_id, care.company_id, part.day
                   HAVING SUM(part.cash) != 0
               )
               SELECT receipt.*, COALESCE(
                          hand.kind, touch.kind, CASE WHEN touch.channel = 'phone' THEN 'call'
                              WHEN touch.channel IS NOT NULL THEN 'reminder'
                              ELSE 'unasked' END) AS stage
                 FROM receipt
                 LEFT JOIN LATERAL (
                      SELECT placement.kind FROM credit_placement placement
                        JOIN credit_placement_line line ON line.placement_id = placement.id
                       WHERE placement.case_id = receipt.case_id AND line.item_id = receipt.item_id
                         AND placement.sent_on <= receipt.day
                         AND COALESCE(placement.ended_on, receipt.day) >= receipt.day
                       ORDER BY placement.id LIMIT 1) AS hand ON TRUE
                 LEFT JOIN LATERAL (
                      SELECT action.channel, placement.kind FROM credit_action action
                        LEFT JOIN credit_placement placement
                          ON placement.id = action.placement_id
                       WHERE action.case_id = receipt.case_id AND action.date <= receipt.day
                         AND action.direction = 'out' AND action.state IN ('sent', 'done')
                         AND action.kind IN ('reminder', 'contact')
                         AND (action.channel IN ('email', 'sms', 'letter')
                              OR action.channel = 'phone' AND action.outcome = 'reached')
                       ORDER BY action.date DESC, action.id DESC LIMIT 1
                      ) AS touch ON hand.kind IS NULL""",
            ctes=self._ctes(company, until, cases=cases, paid_since=since), since=since,
            until=until,
        )
