from collections import defaultdict
from itertools import chain, repeat
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

from ..domain.behaviour import History, Paid, behaviour

MONTHS = 24  # of the past that habits are made of


class Habits(NamedTuple):
    """Days late of past payments: ``own`` of each debtor, ``segment`` of all debtors of a policy;
    ``policies``: the policy of each debtor."""

    own: dict
    segment: dict
    policies: dict

    def of(self, partner_id):
        policy_id = self.policies.get(partner_id)
        return self.own.get(partner_id, History()), self.segment.get(policy_id, History())


class CreditFigures(models.AbstractModel):
    """How debtors have paid: their own past, and that of the customers under the same policy."""

    _inherit = "credit.figures"

    def _get_paid(self, company, day, partner_ids=None):
        """SQL: claims that were settled up to ``day`` within the last two years, mostly by cash:
        ``line_id, partner_id, due_on, paid_on`` (the day of the last cash) ``, amount``."""
        lines = SQL(
            """SELECT known.id FROM account_move_line known
                 JOIN res_partner payer ON payer.id = known.partner_id
                WHERE payer.commercial_partner_id IN %s""",
            tuple(partner_ids) or (0,),
        ) if partner_ids is not None else None
        return SQL(
            """SELECT part.line_id, part.partner_id, part.due_on, MAX(part.claim) AS amount,
                      MAX(part.paid_on) FILTER (WHERE part.cash > 0) AS paid_on
                 FROM (%s) AS part
                GROUP BY part.line_id, part.partner_id, part.due_on
               HAVING SUM(part.amount) >= MAX(part.claim)
                  AND 2 * SUM(part.cash) > MAX(part.claim)""",
            self._get_parts(company, day - relativedelta(months=MONTHS), day, lines),
        )

    def _get_behaviour(self, company, partner_ids, day):
        """``{debtor: domain.behaviour.Behaviour}``, by one query."""
        payments = defaultdict(list)
        for partner_id, due_on, paid_on, units in self.env.execute_query(SQL(
            """SELECT partner_id, due_on, paid_on, ROUND(amount / %s)::bigint
                 FROM (%s) AS paid WHERE partner_id IS NOT NULL""",
            company.currency_id.rounding, self._get_paid(company, day, partner_ids),
        )):
            payments[partner_id].append(Paid(due_on, paid_on, units))
        return {
            partner_id: behaviour(payments.get(partner_id, ()), day) for partner_id in partner_ids
        }

    def _read_habits(self, company, day, partner_ids=None):
        """``Habits`` of all debtors; of these alone without what others did."""
        own = self._read_histories(company, day, partner_ids)
        if partner_ids is not None:
            return Habits(own, {}, {})
        policies = self._read_policies(company)
        segment = defaultdict(list)
        for partner_id, history in own.items():
            if policies.get(partner_id):
                segment[policies[partner_id]] += history
        return Habits(
            own, {policy_id: History(days) for policy_id, days in segment.items()}, policies
        )

    def _read_segments(self, company, day):
        """``segment`` and ``policies`` of ``Habits``; the first as the night has kept it, where it
        is slow to read: of thousands of payments those of a day more or less say the same."""
        kept = company.sudo().credit_dashboard_kept
        if not kept or kept["day"] != str(day) or not kept["habits"]:
            habits = self._read_habits(company, day)
            return habits.segment, habits.policies
        return {
            int(policy_id): History(chain.from_iterable(repeat(*late) for late in counts))
            for policy_id, counts in kept["habits"].items()
        }, self._read_policies(company)

    def _read_histories(self, company, day, partner_ids=None):
        return {
            partner_id: History(days) for partner_id, days in self.env.execute_query(SQL(
                """SELECT partner_id, array_agg(paid_on - due_on)
                     FROM (%s) AS paid WHERE partner_id IS NOT NULL GROUP BY partner_id""",
                self._get_paid(company, day, partner_ids),
            ))
        }

    def _read_policies(self, company):
        """``{debtor: policy}``, by segment as the night would resolve it, case or not."""
        return dict(self.env.execute_query(SQL(
            """SELECT debtor.id, %s::int FROM res_partner debtor
                WHERE debtor.commercial_partner_id = debtor.id""",
            self.env["credit.ledger"].sudo()._policy_of_partner(company),
        )))
