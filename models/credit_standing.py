from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL

from ..domain import ladder, owed, thresholds
from .credit_facts import Facts

NO_TERMS = (ladder.Rules(()), thresholds.Thresholds(0, 0, 0), 0)  # nobody's policy


def less(residual, value, part):
    """Both without ``part`` of the residual."""
    left = residual - part
    return (left, value * left // residual) if part else (residual, value)


class CreditStanding(models.AbstractModel):
    """Reads debtors as domain values: a constant number of queries whatever the batch. The night,
    its preview, the last look before sending and the stop on an order all read through here."""

    _name = "credit.standing"
    _description = "Credit care: where debtors stand"

    def _read_cases(self, cases, company, today=None, anew=False):
        """``{partner id: Facts}`` for ``cases`` (one company). ``anew``: whether a debtor pays late
        is asked of the ledger again (the night, which keeps the answer)."""
        today = today or company._credit_today()
        heads = self._read_heads(cases)
        if anew:
            late = self._read_late_payers(company, heads, today)
            for partner_id, head in heads.items():
                head["pays_late"] = partner_id in late
        return self._build(heads, company, today)

    def _read_heads(self, cases):
        """``{partner id: what his case says}``. A message is waiting that has not arrived:
        planned, or failed and not mended yet. Who has not got one reminder does not get the next,
        and nobody is reminded before he has our answer.
        A call that nobody has made yet, once laid out, does not hold the ladder up."""
        self.env.flush_all()  # everything here reads by SQL
        rows = self.env.execute_query_dict(SQL(
            """SELECT care.id AS case_id, care.partner_id, care.policy_id, care.state,
                      care.last_contact_on, care.paused_until, care.pays_late, care.warned_on,
                      care.suspended_on, care.suspension_cause, care.handover_on, care.ready_on,
                      care.pressure, care.user_id, care.amount_overdue,
                      CASE WHEN seller.active THEN seller.id END AS salesperson_id,
                      care.oldest_due_on, reason.kind AS reason_kind,
                      note.state IS NOT NULL AS noted, note.own_step_until,
                      courtesy.id AS courtesy_id, courtesy.until_on AS courtesy_until,
                      EXISTS (SELECT FROM credit_action waiting
                               WHERE waiting.case_id = care.id
                                 AND (waiting.kind = 'reminder' OR waiting.purpose = 'answer')
                                 AND waiting.state IN ('planned', 'failed')) AS waiting
                 FROM credit_case care LEFT JOIN credit_reason reason ON reason.id = care.reason_id
                 LEFT JOIN res_users seller ON seller.id = care.salesperson_id
                 LEFT JOIN LATERAL (
                     SELECT handover.state, handover.own_step_until
                       FROM credit_handover handover
                      WHERE handover.case_id = care.id AND handover.ended_on IS NULL
                        AND handover.state IN ('submitted', 'waived')
                      ORDER BY handover.id DESC LIMIT 1) AS note ON TRUE
                 LEFT JOIN credit_placement courtesy
                   ON courtesy.case_id = care.id AND courtesy.kind = 'courtesy'
                  AND courtesy.state IN ('sent', 'accepted')
                WHERE care.id IN %s
                ORDER BY care.id""",
            tuple(cases.ids) or (0,),
        ))
        broken = self.env["credit.agreement"]._read_broken_cases(cases.ids)
        return {
            row["partner_id"]: row | {"broken": row["case_id"] in broken} for row in rows
        }

    def _build(self, heads, company, today, virtual=False):
        """``virtual``: receivables that the ladder has not met count as well (the preview)."""
        self.env.flush_all()
        rows = self._read_lines(company, tuple(heads) or (0,))
        transit = self._read_transit(company, rows)
        unmatched = self._read_unmatched(company, tuple(heads) or (0,), today)
        holds = self._read_holds(rows, today)
        self._add_taken(rows)
        lines = defaultdict(list)
        for row in rows:
            lines[row["partner_id"]].append(row)
        currencies = self.env["res.currency"].browse(
            {row["currency_id"] for row in rows} | {company.currency_id.id}
        )
        rounding = {currency.id: currency.rounding for currency in currencies}
        rounding["company"] = company.currency_id.rounding
        policies = self.env["credit.policy"].browse(
            {head["policy_id"] for head in heads.values() if head["policy_id"]}
        )
        terms = {
            policy.id: (policy._to_rules(today, currencies), policy._to_thresholds(),
                        policy.direct_debit_wait_days)
            for policy in policies
        }
        exempt = self._read_exempt(company, heads)
        causes = self._read_causes(company, heads, policies)
        facts = {}
        for partner_id, head in heads.items():
            rules, limits, wait_days = terms.get(head["policy_id"], NO_TERMS)
            debtor, details = self._to_debtor(
                head, lines[partner_id], transit, holds, today, wait_days, virtual
            )
            debtor = self._add_unmatched(debtor, unmatched.get(partner_id), today)
            marks = thresholds.Marks(
                head.get("warned_on"), head.get("suspended_on"), head.get("handover_on"),
                head.get("ready_on"), partner_id in exempt, causes.get(partner_id, ""),
                bool(head.get("noted")), head.get("own_step_until"),
            )
            facts[partner_id] = Facts(
                partner_id, head["case_id"], head["policy_id"], debtor, rules, limits, marks,
                today, rounding, details, head,
            )
        return facts

    def _read_causes(self, company, heads, policies):
        """``{partner id: why}`` of those whose credit stops whatever the age of their debts."""
        strict = policies.filtered("suspend_on_broken").ids
        broken = {
            partner_id: "agreement" for partner_id, head in heads.items()
            if head.get("broken") and head["policy_id"] in strict
        }
        return broken | dict.fromkeys(
            self._read_over_limit(company, heads, policies), "credit_limit"
        )

    def _to_debtor(self, head, rows, transit, holds, today, wait_days, virtual):
        items, credits, details = [], defaultdict(int), {}
        for row in rows:
            if row["residual"] < 0:
                credits[row["currency_id"]] -= row["residual"]
            elif row["item_id"] or virtual:  # the others are met by the next refresh of the ledger
                hold = holds.get(row["item_id"], owed.FREE)
                item, detail = self._to_item(row, transit, hold, today, wait_days)
                items.append(item)
                details[item.key] = detail
        held, held_until = self._get_case_hold(head, today)
        return owed.Debtor(
            tuple(items), dict(credits), head.get("last_contact_on"), bool(head.get("waiting")),
            bool(head.get("pays_late")), held, held_until,
        ), details

    def _to_item(self, row, transit, hold, today, wait_days):
        """The item as the domain reads it, and what else a message says of it. What is on its way
        from the bank is taken from ``transit``."""
        held, held_until = self._get_hold(row, hold, today)
        paid = min(transit.get(row["move_id"], 0), row["residual"])
        if paid:
            # it may be rejected without a trace in the ledger's totals: look every day
            held_until = held_until if held else min(filter(None, (held_until, today)))
            transit[row["move_id"]] -= paid
        residual, value = less(row["residual"], row["value"], paid)
        disputed = min(hold.disputed, residual)
        residual, value = less(residual, value, disputed)
        item = owed.Item(
            row["item_id"] or -row["line_id"], row["due_on"], residual, value, row["currency_id"],
            row["reached_day"] if row["level_on"] else None, row["level_on"],
            self._get_extra_days(row, wait_days),
            held or ("" if residual else "disputed" if disputed else "in_payment"),
            held_until, hold.counts, row["taken"],
        )
        return item, {
            "residual": residual, "value": value, "round": row["round"] or 1,
            "original": row["original"], "level_id": row["level_id"], "disputed": disputed,
            "line_id": row["line_id"],
        }

    def _get_extra_days(self, row, wait_days):
        """What is waited beyond the due date; the due date itself, days overdue and suspension
        stay as they are."""
        sent_again = row["restarted_on"]
        late = max((sent_again - row["due_on"]).days, 0) if sent_again else 0
        return late + (wait_days if row["by_debit"] else 0)

    def _read_lines(self, company, partner_ids):
        """Open receivable lines of these debtors, credits included, in whole units."""
        return self.env.execute_query_dict(SQL(
            """SELECT partner.commercial_partner_id AS partner_id, line.id AS line_id,
                      line.move_id, item.id AS item_id,
                      COALESCE(line.date_maturity, line.date) AS due_on, line.currency_id,
                      ROUND(line.amount_residual_currency / currency.rounding)::bigint AS residual,
                      ROUND(line.amount_residual / %(rounding)s)::bigint AS value,
                      line.amount_currency AS original, item.paused_until,
                      line.no_followup AND NOT EXISTS (  -- a dispute holds by its own days
                          SELECT FROM credit_dispute_line ours
                           WHERE ours.item_id = item.id AND ours.excluded) AS no_followup,
                      item.reached_day, item.level_on, item.level_id, item.round,
                      item.restarted_on,
                      COALESCE(move.preferred_payment_method_line_id IN %(debits)s, FALSE)
                          AS by_debit
                 FROM account_move_line line
                 JOIN res_partner partner ON partner.id = line.partner_id
                 JOIN res_currency currency ON currency.id = line.currency_id
                 JOIN account_move move ON move.id = line.move_id
                 LEFT JOIN credit_item item ON item.move_line_id = line.id
                WHERE partner.commercial_partner_id IN %(partners)s
                  AND line.company_id = %(company)s AND line.account_id IN %(accounts)s
                  AND line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
                  AND line.amount_residual_currency != 0
                  AND (item.close_reason IS NULL OR item.close_reason != 'given_up')
                ORDER BY 1, 5, 2""",
            partners=partner_ids, company=company.id,
            rounding=company.currency_id.rounding,
            accounts=self.env["credit.ledger"]._account_ids(company),
            debits=tuple(company.sudo().credit_debit_method_ids.ids) or (0,),
        ))

    def _add_taken(self, rows):
        """Adds the levels that each item has taken and that stand ahead of it all the same, since
        somebody has moved them to a later day."""
        climbing = [row["item_id"] for row in rows if row["level_on"]]
        taken = dict(self.env.execute_query(SQL(
            """SELECT claim.item_id, ARRAY_AGG(claim.level_id)
                 FROM credit_action_line claim
                 JOIN credit_item item ON item.id = claim.item_id AND item.round = claim.round
                 JOIN credit_policy_level level ON level.id = claim.level_id
                WHERE claim.item_id IN %s AND claim.released IS NOT TRUE
                  AND level.delay_days > item.reached_day
                GROUP BY claim.item_id""",
            tuple(climbing),
        ))) if climbing else {}
        for row in rows:
            row["taken"] = frozenset(taken.get(row["item_id"], ()))

    def _read_exempt(self, company, heads):
        """Debtors whose credit is never suspended."""
        return {
            row[0] for row in self.env.execute_query(SQL(
                """SELECT id FROM res_partner
                    WHERE id IN %s AND (credit_care_never_suspend ->> %s)::boolean""",
                tuple(heads) or (0,), str(company.id),
            ))
        }

    def _read_over_limit(self, company, heads, policies):
        """Debtors over core's credit limit (their own, else the company's; 0 is none), where their
        policy suspends for it."""
        watching = policies.filtered("suspend_on_credit_limit")
        partner_ids = [p for p, head in heads.items() if head["policy_id"] in watching.ids]
        if not partner_ids or not company.account_use_credit_limit:
            return set()
        partners = self.env["res.partner"].sudo().with_company(company).browse(partner_ids)
        partners.invalidate_recordset(["credit"])  # stale inside a transaction
        return {
            partner.id for partner in partners
            if partner.credit_limit and partner.credit > partner.credit_limit
        }

    def _read_late_payers(self, company, partner_ids, today):
        """Debtors who have settled something at least three days late in the last two years."""
        return {
            row[0] for row in self.env.execute_query(SQL(
                """SELECT DISTINCT partner.commercial_partner_id
                     FROM account_partial_reconcile partial
                     JOIN account_move_line line ON line.id = partial.debit_move_id
                     JOIN res_partner partner ON partner.id = line.partner_id
                    WHERE partner.commercial_partner_id IN %s AND line.company_id = %s
                      AND line.account_id IN %s AND partial.max_date >= %s
                      AND partial.max_date >= COALESCE(line.date_maturity, line.date) + 3""",
                tuple(partner_ids) or (0,), company.id,
                self.env["credit.ledger"]._account_ids(company),
                fields.Date.subtract(today, years=2),
            ))
        }
