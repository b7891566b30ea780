from collections import defaultdict
from datetime import timedelta

from odoo import models
from odoo.tools import SQL, format_date

from ..domain import forecast
from ..domain.behaviour import OWN, TERMS
from ..domain.forecast import Agreed, Open
from .credit_figures_habit import Habits

WEEKS = 13
HELD = ("disputed", "department")


class CreditFigures(models.AbstractModel):
    """When what is open may come: agreements, then habit, then terms. Always from today, because
    nobody keeps the past of agreements."""

    _inherit = "credit.figures"

    def _get_forecast(self, company, filters=None, weeks=WEEKS):
        """The cash of the weeks ahead; what comes later and what nobody can say are apart."""
        today = company._credit_today()
        filters = self._check_filters(filters)
        flows = self._read_flows(company, today, filters)
        starts = [today + timedelta(days=7 * number) for number in range(weeks + 1)]
        *ahead, later = forecast.by_period(flows, starts)
        bases, unknown = defaultdict(int), 0
        for flow in flows:
            bases[flow.basis] += flow.amount
            unknown += 0 if flow.on else flow.amount
        to_amount = self._to_amount
        lines = {flow.key for flow in flows if flow.on and flow.on < starts[-1]}
        return self._to_figure(
            to_amount(company, sum(bucket.amount for bucket in ahead)), "money", len(lines),
            self.env._(
                "From %(day)s, %(weeks)s weeks: what was agreed on its day, the rest when the"
                " customer usually pays, else the customers of his policy, else when it is due.",
                day=format_date(self.env, today), weeks=weeks,
            ),
            self._rows_of_flows(filters, today, starts[-1]),
            buckets=[
                {
                    "first": bucket.first, "amount": to_amount(company, bucket.amount),
                    "sure": to_amount(company, bucket.sure),
                    "rows": self._rows_of_flows(
                        filters, bucket.first, bucket.first + timedelta(days=7)
                    ),
                }
                for bucket in ahead
            ],
            later=to_amount(company, later.amount), unknown=to_amount(company, unknown),
            bases={basis: to_amount(company, units) for basis, units in bases.items()},
        )

    def _rows_of_flows(self, filters, first, end):
        """The lines of which a part is expected on one of these days; “from … to …” names those
        with a part before and another one after, too."""
        rows = self._rows_of_claims(first, filters)
        days = [str(first + timedelta(days=number)) for number in range((end - first).days)]
        return rows | {"context": {}, "domain": [*rows["domain"], ("expected_on", "in", days)]}

    def _get_expected(self, company, line_ids):
        """``{receivable line: its flows}``, for the open ones of ``line_ids``."""
        found = defaultdict(list)
        for flow in self._read_flows(company, company._credit_today(), line_ids=line_ids):
            found[flow.key].append(flow)
        return {line_id: found[line_id] for line_id in line_ids if line_id in found}

    def _explain_flow(self, flow):
        """Why that day, so that whoever reads it can count himself."""
        values = {
            "day": format_date(self.env, flow.on), "n": flow.n,
            "first": format_date(self.env, flow.earliest),
            "last": format_date(self.env, flow.latest),
        }
        if flow.basis == forecast.DISPUTED:
            return self.env._("In question: nobody expects it before there is an answer.")
        if flow.basis == forecast.PROMISE:
            return self.env._("Promised for %(day)s.", **values)
        if flow.basis == forecast.PLAN:
            return self.env._("Agreed for %(day)s.", **values)
        if not flow.on:
            return self.env._("Nobody can say: it is later than any payment known.")
        if flow.basis == TERMS:
            return self.env._("%(day)s, when it is due: too few payments are known.", **values)
        if flow.basis == OWN:
            return self.env._(
                "%(day)s, half of the time between %(first)s and %(last)s: the median of %(n)s"
                " payments of this customer.", **values
            )
        return self.env._(
            "%(day)s, half of the time between %(first)s and %(last)s: the median of %(n)s payments"
            " of the customers under the same policy, for he has paid too few himself.", **values
        )

    # ------------------------------------------------------------------ reading

    def _read_flows(self, company, today, filters=None, line_ids=None):
        """``[domain.forecast.Flow]`` of all that is open, by receivable line, or of ``line_ids``
        and what else their debtors owe."""
        rows = self._read_open(company, today, filters, line_ids)
        agreed = self._read_agreed(company, line_ids)
        disputed = self._read_disputed(company, today)

        def flow(habits):
            return forecast.forecast((
                Open(
                    line_id, due_on, units, tuple(agreed.get(line_id, ())),
                    *habits.of(partner_id), disputed.get(line_id, 0),
                )
                for line_id, partner_id, due_on, units in rows
            ), today)

        if line_ids is None:
            return flow(self._read_habits(company, today))
        own = self._read_habits(company, today, {row[1] for row in rows if row[1]})
        flows = flow(own)
        # the others are asked only where somebody's own past has no answer
        if any(each.basis == TERMS for each in flows):
            return flow(Habits(own.own, *self._read_segments(company, today)))
        return flows

    def _read_open(self, company, day, filters=None, line_ids=None):
        """``[(line, debtor, due date, units)]``: what is owed after open credits have covered the
        oldest debts of their debtor."""
        claims = self._get_claims(company, day, filters)
        if line_ids is not None:
            claims = SQL(
                """SELECT claim.* FROM (%s) AS claim WHERE claim.partner_id IN (
                       SELECT owner.commercial_partner_id FROM account_move_line line
                         JOIN res_partner owner ON owner.id = line.partner_id
                        WHERE line.id IN %s)""",
                claims, tuple(line_ids) or (0,),
            )
        return self.env.execute_query(SQL(
            """SELECT line_id, partner_id, due_on,
                      ROUND(LEAST(open, upto - credit) / %s)::bigint
                 FROM (SELECT claim.line_id, claim.partner_id, claim.due_on, claim.open,
                              SUM(GREATEST(claim.open, 0)) OVER (
                                  PARTITION BY claim.partner_id ORDER BY claim.due_on, claim.line_id
                              ) AS upto,
                              -SUM(LEAST(claim.open, 0)) OVER (PARTITION BY claim.partner_id)
                                  AS credit
                         FROM (%s) AS claim) AS owed
                WHERE open > 0 AND upto > credit""",
            company.currency_id.rounding, claims,
        ))

    def _read_agreed(self, company, line_ids=None):
        """``{line: [Agreed]}``: the unpaid instalments of running agreements, dealt out to the
        lines they cover, the oldest first, in the company's currency."""
        rows = self.env.execute_query(SQL(
            """SELECT agreement.id, agreement.kind, line.id,
                      ROUND(line.amount_residual_currency / currency.rounding)::bigint,
                      ROUND(line.amount_residual / %(rounding)s)::bigint
                 FROM credit_agreement agreement
                 JOIN credit_agreement_item_rel rel ON rel.agreement_id = agreement.id
                 JOIN credit_item item ON item.id = rel.item_id AND item.closed_on IS NULL
                 JOIN account_move_line line ON line.id = item.move_line_id
                 JOIN res_currency currency ON currency.id = line.currency_id
                WHERE agreement.company_id = %(company)s AND agreement.state = 'running'
                  AND line.amount_residual_currency > 0 AND %(wanted)s
                ORDER BY agreement.id, item.due_on, line.id""",
            rounding=company.currency_id.rounding, company=company.id,
            wanted=SQL("TRUE") if line_ids is None else SQL(
                """agreement.id IN (
                       SELECT wanted.agreement_id FROM credit_agreement_item_rel wanted
                         JOIN credit_item one ON one.id = wanted.item_id
                        WHERE one.move_line_id IN %s)""",
                tuple(line_ids) or (0,),
            ),
        ))
        covered = defaultdict(list)
        for agreement_id, kind, line_id, own, units in rows:
            covered[agreement_id, kind].append((line_id, own, units))
        due = self._read_instalments([agreement_id for agreement_id, _kind in covered])
        found = defaultdict(list)
        for (agreement_id, kind), lines in covered.items():
            basis = forecast.PROMISE if kind == "promise" else forecast.PLAN
            for line_id, on, units in forecast.deal(due.get(agreement_id, ()), lines):
                found[line_id].append(Agreed(on, units, basis))
        return found

    def _read_instalments(self, agreement_ids):
        """``{agreement: [(day, units of its currency)]}`` of what is still to come of them,
        without interest, which has an invoice of its own."""
        due = defaultdict(list)
        for agreement_id, on, units in self.env.execute_query(SQL(
            """SELECT line.agreement_id, COALESCE(line.counts_on, line.due_on) AS on_day,
                      ROUND((line.amount
                      - COALESCE(line.interest, 0) - COALESCE(line.received, 0))
                      / currency.rounding)::bigint
                 FROM credit_agreement_line line
                 JOIN credit_agreement agreement ON agreement.id = line.agreement_id
                 JOIN res_currency currency ON currency.id = agreement.currency_id
                WHERE line.agreement_id IN %s ORDER BY on_day, line.id""",
            tuple(agreement_ids) or (0,),
        )):
            if units > 0:
                due[agreement_id].append((on, units))
        return due

    def _read_disputed(self, company, today):
        """``{line: units}`` that nobody expects before somebody has answered; a part in dispute in
        the same proportion."""
        lines = {item_id: row for item_id, *row in self.env.execute_query(SQL(
            """SELECT DISTINCT item.id, line.id,
                      ROUND(line.amount_residual_currency / currency.rounding)::bigint,
                      ROUND(line.amount_residual / %s)::bigint
                 FROM credit_dispute dispute
                 JOIN credit_dispute_line part ON part.dispute_id = dispute.id
                 JOIN credit_item item ON item.id = part.item_id
                 JOIN account_move_line line ON line.id = item.move_line_id
                 JOIN res_currency currency ON currency.id = line.currency_id
                WHERE dispute.company_id = %s AND dispute.state = 'open' AND dispute.until >= %s
                  AND line.amount_residual_currency > 0""",
            company.currency_id.rounding, company.id, today,
        ))}
        found = {}
        for item_id, hold in self.env["credit.dispute"]._read_holds(list(lines), today).items():
            line_id, own, units = lines[item_id]
            if hold.held in HELD:
                found[line_id] = units
            elif not hold.held:
                found[line_id] = units * min(hold.disputed, own) // own
        return found
