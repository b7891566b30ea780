from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz

from odoo import SUPERUSER_ID, models
from odoo.tools import SQL

from ..domain import ladder, nights
from ..domain.money import from_units
from .credit_action import WAITING
from .credit_ledger_policy import NEW_POLICY

NOTICES = ("warn", "suspend", "handover", "ready")


class Plan(NamedTuple):
    """One message that a night will send. ``amount`` in the company's currency."""

    day: object
    partner_id: int
    policy_id: int
    step: ladder.Step
    amount: float
    item_count: int


class Notice(NamedTuple):
    """A threshold that a night will find passed; ``code`` as in ``thresholds.Standing``."""

    day: object
    partner_id: int
    code: str


class CreditForecast(models.AbstractModel):
    """The nights ahead: which policy takes whom, and what it will do. Reads, never writes."""

    _name = "credit.forecast"
    _description = "Credit care: the nights ahead"

    def _preview(self, company, until, start=None, policy=None):
        """What the nights from ``start`` (the next one) to ``until`` will do if the ledger does
        not change: ``policy`` for its own debtors, a draft looked at as if it were active, else
        all active ones. Returns messages and notices in the order of days."""
        start = start or self._next_night(company)
        policy_of = self._resolve(company, until, policy)
        if policy:
            policy_of = {p: pid for p, pid in policy_of.items() if pid == policy.id}
        plans, notices = [], []
        for partner_id in self._read_quiet(company, policy_of, start, until):
            del policy_of[partner_id]
        for fact, night in self._walk(company, policy_of, start, until):
            notices += self._to_notices(fact, night)
            if night.decision.step:
                plans.append(self._to_plan(fact, night))
        plans.sort(key=lambda plan: (plan.day, -plan.step.day, -plan.amount, plan.partner_id))
        return plans, sorted(notices)

    def _walk(self, company, policy_of, start, until):
        """``(facts, night)`` of each of these debtors, night after night."""
        contacts = self.env["credit.agreement"].sudo()._foresee_contacts(company, start, until)
        closed = self._read_closed(set(policy_of.values()), start, until)
        for facts in self._read_in_batches(company, policy_of, start):
            for fact in facts.values():
                rules = fact.rules._replace(closed=closed[fact.policy_id])
                # what is planned on a closed day leaves on the next open one
                spoken = {rules.next_open(on) for on in contacts.get(fact.partner_id, ())}
                for night in nights.walk(
                    fact.debtor, rules, fact.limits, fact.marks, start, until, spoken
                ):
                    yield fact, night

    def _to_plan(self, fact, night):
        shown = night.decision.shown
        value = sum(item.value for item in shown)
        return Plan(
            night.day, fact.partner_id, fact.policy_id, night.decision.step,
            from_units(value, fact.rounding["company"]), len(shown),
        )

    def _to_notices(self, fact, night):
        return [
            Notice(night.day, fact.partner_id, code)
            for code in NOTICES if getattr(night.standing, code)
        ]

    def _next_night(self, company):
        """Today until the night of today has run, then tomorrow."""
        today = company._credit_today()
        zone = company._credit_zone()
        midnight = zone.localize(datetime.combine(today, time.min)).astimezone(pytz.utc)
        midnight = midnight.replace(tzinfo=None)
        cron = self.env.ref("account_credit_care.ir_cron_credit_review").sudo()
        ran = (cron.lastcall and cron.lastcall >= midnight) or self.env[
            "credit.action"
        ].sudo().search_count([
            ("company_id", "=", company.id), ("kind", "=", "reminder"),
            ("create_uid", "=", SUPERUSER_ID), ("create_date", ">=", midnight),
        ], limit=1)
        return today + timedelta(days=1) if ran else today

    # ------------------------------------------------------------------ reading

    def _read_quiet(self, company, policy_of, start, until):
        """Debtors at whom no night until then will look, since nothing has moved."""
        moved = self.env["credit.ledger"].sudo()._read_moved(company, start, until)
        rows = self.env.execute_query(SQL(
            """SELECT partner_id, policy_id FROM credit_case
                WHERE company_id = %s AND state != 'closed'
                  AND (next_check_on IS NULL OR next_check_on > %s)""",
            company.id, until,
        ))
        return {
            partner_id for partner_id, policy_id in rows
            if partner_id not in moved and policy_of.get(partner_id) == policy_id
            and partner_id in policy_of
        }

    def _read_closed(self, policy_ids, start, until):
        """Days without contact by policy, far enough that the last night finds its next day."""
        horizon = (until - start).days + 60
        policies = self.env["credit.policy"].sudo().browse(policy_ids)
        return {policy.id: policy._get_closed_days(start, horizon) for policy in policies}

    def _read_in_batches(self, company, policy_of, day, size=5000):
        """Facts of all these debtors on ``day``, whether they have a case or not."""
        standing = self.env["credit.standing"].sudo()
        levels = self.env["credit.policy"].sudo().browse(set(policy_of.values())).level_ids
        asks_late = any(levels.mapped("late_payers_only"))
        partner_ids = list(policy_of)
        for first in range(0, len(partner_ids), size):
            batch = partner_ids[first : first + size]
            cases = self.env["credit.case"].sudo().search([
                ("partner_id", "in", batch), ("company_id", "=", company.id),
                ("state", "!=", "closed"),
            ])
            heads = self._read_former(company, batch) | standing._read_heads(cases)
            late = standing._read_late_payers(company, batch, day) if asks_late else ()
            for partner_id, head in heads.items():
                head["policy_id"] = policy_of[partner_id]
                head["pays_late"] = partner_id in late
            yield self._without_settled(standing._build(heads, company, day, virtual=True))
            self.env.invalidate_all()

    def _read_former(self, company, partner_ids):
        """Heads of debtors without a live case: when they were last spoken to, and until when they
        are left in peace, counts all the same."""
        former = {row.pop("partner_id"): row for row in self.env.execute_query_dict(
            SQL("SELECT * FROM (%s) AS former WHERE partner_id IN %s",
                self.env["credit.ledger"]._former(company, company._credit_today()),
                tuple(partner_ids) or (0,))
        )}
        return {
            partner_id: {
                "case_id": None,
                "last_contact_on": former.get(partner_id, {}).get("last_contact_on"),
                "paused_until": former.get(partner_id, {}).get("paused_until"),
            }
            for partner_id in partner_ids
        }

    def _without_settled(self, facts):
        """The night first takes back what waits for nothing (paid, paused): items get their place
        and the debtor his last contact back, and may take another step at once."""
        run = self.env["credit.run"].sudo()
        settled = run.env["credit.action"].union(*run._find_settled(facts).values())
        if not settled:
            return facts
        cases = settled.case_id
        contacts = cases._read_last_contacts(without=settled.ids)
        waiting = cases.action_ids.filtered(
            lambda a: (a.kind == "reminder" or a.purpose == "answer")
            and a.state in WAITING and a not in settled
        ).case_id
        for case, actions in settled.grouped("case_id").items():
            fact = facts[case.partner_id.id]
            lines = actions.line_ids._claims()
            facts[fact.partner_id] = fact._replace(debtor=fact.debtor._replace(
                items=tuple(self._take_back(item, lines) for item in fact.debtor.items),
                last_contact_on=contacts.get(case), waiting=case in waiting,
            ))
        return facts

    def _take_back(self, item, claims):
        for line in claims.sorted("id", reverse=True):
            if line.item_id.id == item.key and item.reached == line.level_id.delay_days:
                place = line.former_day if line.former_on else None
                item = item._replace(reached=place, reached_on=line.former_on or None)
        return item

    # ------------------------------------------------------------------ policies

    def _resolve(self, company, until, extra=None):
        """``{debtor: policy id}`` of all debtors with something open that falls due in time."""
        ledger = self.env["credit.ledger"].sudo()
        self.env.flush_all()
        lead = ledger._lead_days(company)
        if extra:
            lead = max(lead, *(-level.delay_days for level in extra.level_ids), 0)
        rows = self.env.execute_query(SQL(
            """SELECT debtor.id, %(policy)s::int
                 FROM (SELECT DISTINCT partner.commercial_partner_id AS id
                         FROM %(receivables)s AND line.amount_residual_currency > 0
                          AND COALESCE(line.date_maturity, line.date) <= %(horizon)s) AS due
                 JOIN res_partner debtor ON debtor.id = due.id""",
            policy=ledger._policy_of_partner(company, extra),
            receivables=ledger._receivables(company),
            horizon=until + timedelta(days=lead),
        ))
        return {partner_id: policy_id for partner_id, policy_id in rows if policy_id}

    def _resolve_open(self, company, extra=None):
        """The same of all debtors with something open, whenever it falls due."""
        return self._resolve(company, company._credit_today() + timedelta(days=3650), extra)

    def _policy_debtors(self, policy):
        """Ids of the debtors with something open whom this policy takes, as it stands on the
        screen."""
        chosen = self._resolve_open(policy.company_id, policy)
        wanted = policy._origin.id or NEW_POLICY
        return [partner_id for partner_id, policy_id in chosen.items() if policy_id == wanted]
