from collections import defaultdict
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL, split_every

from ..domain import receipts
from ..domain.money import from_units, to_units
from ..domain.owed import FREE
from ..domain.schedule import Instalment

BATCH = 5000


class Watched(NamedTuple):
    """A running agreement as the ledger sees it today. Amounts in units of its currency.
    ``open``: of its items; ``free``: what of it is not in dispute, None where nothing is.
    ``spans``: what was, or is, in dispute."""

    id: int
    kind: str
    state: str
    rounding: float
    instalments: tuple
    receipts: tuple
    monitoring: receipts.Monitoring
    settled: bool
    cash: int
    credit: int
    open: int
    free: int | None
    spans: tuple
    line_ids: tuple
    contact_days: tuple


class CreditAgreement(models.Model):
    """Whether agreements are kept: receipts are matched to instalments by the ledger, each time
    anew. A payment that bounced leaves no trace; one that nobody has matched yet saves the debtor
    from being chased."""

    _inherit = "credit.agreement"

    # ------------------------------------------------------------------ reading the ledger

    def _read_cash(self):
        """Cash received so far on the items of one agreement, in its currency."""
        self.ensure_one()
        self.env.flush_all()
        rows = self._read_receipts(self.ids).get(self.id, ())
        rounding = self.currency_id.rounding
        return from_units(sum(amount for _day, amount in rows), rounding)

    def _read_receipts(self, ids):
        """``{agreement id: [(day, units), …]}``: the cash part of what was matched with the items
        covered, the oldest first."""
        found = defaultdict(list)
        for agreement_id, day, units in self.env.execute_query(SQL(
            """SELECT rel.agreement_id, cash.day,
                      SUM(ROUND(cash.own / currency.rounding))::bigint
                 FROM credit_agreement_item_rel rel
                 JOIN credit_item item ON item.id = rel.item_id
                 JOIN res_currency currency ON currency.id = item.currency_id
                CROSS JOIN LATERAL (%(cash)s) AS cash
                WHERE rel.agreement_id IN %(ids)s
                GROUP BY rel.agreement_id, cash.day
                ORDER BY rel.agreement_id, cash.day""",
            ids=tuple(ids) or (0,), cash=self.env["credit.ledger"]._cash(),
        )):
            if units > 0:
                found[agreement_id].append((day, units))
        return found

    def _read_unmatched(self, ids):
        """``{agreement id: units}``: payments of its debtor, in its currency, that nobody has
        matched with an invoice yet."""
        return dict(self.env.execute_query(SQL(
            """SELECT agreement.id, SUM(ROUND(
                          -line.amount_residual_currency / currency.rounding))::bigint
                 FROM credit_agreement agreement
                 JOIN res_partner partner ON partner.commercial_partner_id = agreement.partner_id
                 JOIN account_move_line line ON line.partner_id = partner.id
                  AND line.company_id = agreement.company_id
                  AND line.currency_id = agreement.currency_id
                 JOIN account_account account ON account.id = line.account_id
                 JOIN res_currency currency ON currency.id = line.currency_id
                WHERE agreement.id IN %s AND account.account_type = 'asset_receivable'
                  AND line.parent_state = 'posted' AND line.reconciled IS NOT TRUE
                  AND line.amount_residual_currency < 0
                  AND (line.payment_id IS NOT NULL OR line.statement_line_id IS NOT NULL)
                GROUP BY agreement.id""",
            tuple(ids) or (0,),
        )))

    def _read_items(self, ids, today):
        """``{agreement id: (settled, open, free)}``. Settled: nothing is open on its items any
        more, however that came. ``free``: units that are open and not in dispute, None where
        nothing is in dispute."""
        return {row[0]: row[1:] for row in self.env.execute_query(SQL(
            """SELECT rel.agreement_id, BOOL_AND(item.closed_on IS NOT NULL),
                      SUM(owed.units)::bigint,
                      CASE WHEN BOOL_OR(part.whole IS NOT NULL AND owed.units > 0)
                           THEN SUM(CASE WHEN part.whole THEN 0
                                         ELSE GREATEST(owed.units - COALESCE(part.units, 0), 0)
                                    END)::bigint END
                 FROM credit_agreement_item_rel rel
                 JOIN credit_item item ON item.id = rel.item_id
                 JOIN res_currency currency ON currency.id = item.currency_id
                 LEFT JOIN account_move_line line ON line.id = item.move_line_id
                CROSS JOIN LATERAL (
                     SELECT CASE WHEN item.closed_on IS NULL THEN ROUND(GREATEST(
                         line.amount_residual_currency, 0) / currency.rounding) ELSE 0 END AS units
                      ) AS owed
                 LEFT JOIN LATERAL (
                     SELECT ROUND(SUM(own.amount) / currency.rounding) AS units,
                            BOOL_OR(COALESCE(own.amount, 0) = 0) AS whole
                       FROM credit_dispute_line own
                       JOIN credit_dispute dispute ON dispute.id = own.dispute_id
                      WHERE own.item_id = item.id AND dispute.state = 'open'
                        -- what was accepted waits for its credit note
                        AND (dispute.until >= %s OR dispute.resolution IS NOT NULL)
                     HAVING COUNT(*) > 0) AS part ON TRUE
                WHERE rel.agreement_id IN %s
                GROUP BY rel.agreement_id""",
            today, tuple(ids) or (0,),
        ))}

    def _read_spans(self, ids, today):
        """``{agreement id: (Span, …)}`` of what was looked into up to today, and of what is."""
        found = defaultdict(tuple)
        for agreement_id, *span in self.env.execute_query(SQL(
            """SELECT rel.agreement_id, own.item_id, wait.since, wait.until,
                      ROUND(COALESCE(NULLIF(own.waited, 0), NULLIF(own.amount, 0),
                                     line.amount_residual_currency) / currency.rounding)::bigint
                 FROM credit_agreement_item_rel rel
                 JOIN credit_dispute_line own ON own.item_id = rel.item_id
                 JOIN credit_dispute dispute ON dispute.id = own.dispute_id
                 JOIN credit_item item ON item.id = own.item_id
                 JOIN res_currency currency ON currency.id = item.currency_id
                 LEFT JOIN account_move_line line ON line.id = item.move_line_id
                CROSS JOIN LATERAL (
                     SELECT COALESCE(own.held_on, dispute.opened_on) AS since,
                            CASE WHEN own.freed_on IS NOT NULL THEN own.freed_on
                                 -- what was accepted waits for its credit note
                                 WHEN dispute.resolution IS NOT NULL THEN %(today)s
                                 ELSE LEAST(dispute.until + 1, %(today)s) END AS until
                      ) AS wait
                WHERE rel.agreement_id IN %(ids)s AND wait.since < wait.until
                  AND (own.freed_on IS NOT NULL AND own.waited > 0 OR dispute.state = 'open')
                ORDER BY rel.agreement_id, own.id""",
            ids=tuple(ids) or (0,), today=today,
        )):
            if span[-1]:
                found[agreement_id] += (receipts.Span(*span),)
        return found

    def _read_terms(self):
        """What was agreed, by row in the order of ``self``: one query, where the ORM reads a
        thousand records at a time."""
        rows = {row["id"]: row for row in self.env.execute_query_dict(SQL(
            """SELECT agreement.id, agreement.kind, agreement.state, agreement.start_on,
                      agreement.tolerance_days, agreement.max_missed, agreement.max_late_days,
                      currency.rounding,
                      ROUND(COALESCE(agreement.paid_before, 0) / currency.rounding)::bigint
                          AS paid_before,
                      ARRAY_AGG(line.id ORDER BY line.due_on, line.id) AS line_ids,
                      ARRAY_AGG(line.due_on ORDER BY line.due_on, line.id) AS due_days,
                      -- interest is asked by an invoice of its own, and paid there
                      ARRAY_AGG(ROUND(
                          (line.amount - COALESCE(line.interest, 0)) / currency.rounding
                      )::bigint ORDER BY line.due_on, line.id) AS amounts,
                      COALESCE(policy.instalment_remind_days, 0) AS remind_days,
                      COALESCE(policy.instalment_chase_days, 0) AS chase_days
                 FROM credit_agreement agreement
                 JOIN credit_agreement_line line ON line.agreement_id = agreement.id
                 JOIN res_currency currency ON currency.id = agreement.currency_id
                 JOIN credit_case care ON care.id = agreement.case_id
                 LEFT JOIN credit_policy policy ON policy.id = care.policy_id
                WHERE agreement.id IN %s
                GROUP BY agreement.id, currency.id, policy.id""",
            tuple(self.ids) or (0,),
        ))}
        return [rows[agreement_id] for agreement_id in self.ids]

    def _read_asked(self, today):
        """``{line id: amount}`` that may be asked of each instalment today: no more in all than is
        open and free of dispute on the items, and nothing that has come in without being matched.
        """
        agreements, asked = self.sudo(), {}
        unmatched, items = agreements._read_unmatched(agreements.ids), agreements.item_ids
        holds = self.env["credit.dispute"]._read_holds(items.ids, today)
        for agreement in agreements:
            rounding = agreement.currency_id.rounding
            come = unmatched.get(agreement.id, 0)
            room = max(sum(
                max(to_units(item.amount_residual, rounding) - holds.get(item.id, FREE).disputed, 0)
                for item in agreement.item_ids if not item.closed_on
                and not holds.get(item.id, FREE).held and not item.no_followup
                and not (item.paused_until and item.paused_until >= today)
            ) - come, 0)
            for line in agreement.line_ids.sorted(lambda line: (line.due_on, line.id)):
                left = max(to_units(line.amount - line.interest - line.received, rounding), 0)
                used = min(left, come)
                amount = min(left - used, room)
                come, room = come - used, room - amount
                asked[line.id] = (
                    from_units(amount, rounding) + line.interest if amount else 0
                )
        return asked

    def _read_watched(self, today):
        """These agreements as domain values: a constant number of queries."""
        self.env.flush_all()
        cash, unmatched = self._read_receipts(self.ids), self._read_unmatched(self.ids)
        items, spans = self._read_items(self.ids, today), self._read_spans(self.ids, today)
        return [
            Watched(
                row["id"], row["kind"], row["state"], row["rounding"],
                tuple(map(Instalment, row["due_days"], row["amounts"])),
                tuple(self._since(
                    row["start_on"], row["paid_before"], cash.get(row["id"], ())
                )),
                receipts.Monitoring(
                    row["tolerance_days"] or 0, row["max_missed"] or 0, row["max_late_days"] or 0,
                ),
                settled,
                sum(units for _day, units in cash.get(row["id"], ())),
                unmatched.get(row["id"], 0), *owed, spans[row["id"]], tuple(row["line_ids"]),
                (row["remind_days"], row["chase_days"]),
            )
            for row in self._read_terms()
            for settled, *owed in [items.get(row["id"], (False, 0, None))]
        ]

    def _since(self, start_on, before, cash):
        """What came after the agreement was made; a payment of before that is booked later counts
        from its start."""
        for day, units in cash:
            used = min(before, units)
            before -= used
            if units > used:
                yield receipts.Receipt(max(day, start_on), units - used)

    # ------------------------------------------------------------------ the night

    def _pick_due(self, company, today):
        """Ids of agreements whose answer may have changed: their day has come, or money has moved
        on their items. Those kept are looked at when what they had received is gone again, or what
        had settled them without being received (a credit note that was undone)."""
        self.env.flush_all()
        return [row[0] for row in self.env.execute_query(SQL(
            """WITH live AS (
                   SELECT agreement.id, agreement.state, agreement.next_check_on,
                          COALESCE(agreement.amount_received, 0) < agreement.amount_agreed
                              - COALESCE(agreement.amount_interest, 0) AS short,
                          ROUND(COALESCE(agreement.cash_seen, 0) / currency.rounding) AS seen
                     FROM credit_agreement agreement
                     JOIN res_currency currency ON currency.id = agreement.currency_id
                    WHERE agreement.company_id = %(company)s
                      AND (agreement.state = 'running'
                           OR agreement.state = 'kept' AND agreement.ended_on > %(recent)s)
               ), cash AS (
                   SELECT rel.agreement_id,
                          SUM(ROUND(cash.own / currency.rounding))::bigint AS units
                     FROM live JOIN credit_agreement_item_rel rel ON rel.agreement_id = live.id
                     JOIN credit_item item ON item.id = rel.item_id
                     JOIN res_currency currency ON currency.id = item.currency_id
                    CROSS JOIN LATERAL (%(cash)s) AS cash
                    GROUP BY rel.agreement_id)
               SELECT live.id FROM live LEFT JOIN cash ON cash.agreement_id = live.id
                WHERE live.state = 'running' AND live.next_check_on <= %(today)s
                   OR COALESCE(cash.units, 0) != live.seen
                   OR (live.state = 'running' OR live.short)
                      AND (live.state = 'kept') = EXISTS (
                       SELECT FROM credit_agreement_item_rel rel
                         JOIN credit_item item ON item.id = rel.item_id
                        WHERE rel.agreement_id = live.id AND item.closed_on IS NULL)
                ORDER BY live.id""",
            company=company.id, today=today, recent=fields.Date.subtract(today, years=1),
            cash=self.env["credit.ledger"]._cash(),
        ))]

    def _review_due(self, company, today):
        for ids in split_every(BATCH, self._pick_due(company, today)):
            self._review_or_note(ids, today)

    def _review_or_note(self, ids, today):
        """One agreement that fails does not stop the others."""
        self.env["credit.run"]._isolated(
            self.browse(ids), lambda agreements: agreements._review(today)
        )
