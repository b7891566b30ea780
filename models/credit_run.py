import logging
from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..domain import ladder
from ..domain.money import from_units
from .credit_ledger import NEW_POLICY
from .errors import brief, is_passing

_logger = logging.getLogger(__name__)

TASKS = ("phone", "activity")  # channels that lay out a task for a person


class Plan(NamedTuple):
    """One message that a night would send: a row of the preview."""

    day: object
    partner_id: int
    policy_id: int
    decision: ladder.Decision
    amount: float


class CreditRun(models.AbstractModel):
    """The night, top to bottom: ledger → items → decision → actions; and its preview."""

    _name = "credit.run"
    _description = "Credit care: the night"

    # ------------------------------------------------------------------ the night

    def _cron_review(self, batch_size=1000):
        """For each company: bring items in line with the ledger, then look at each case whose day
        has come, batch by batch, one commit a batch."""
        for company in self._get_companies():
            if not self.with_company(company)._review_company(company, batch_size):
                return
        self.env.ref("account_credit_care.ir_cron_credit_send")._trigger()

    def _review_company(self, company, batch_size):
        """A company whose night fails is told so and does not stop the others. Returns whether
        the time was enough."""
        today = company._credit_today()
        try:
            self._refresh(company, today)
            return self._review(company, today, batch_size)
        except Exception as error:
            self._note_failure(company, error)
            return True

    def _cron_refresh(self):
        """After payments: bring items and totals in line at once, decide nothing."""
        for company in self._get_companies():
            try:
                self.with_company(company)._refresh(company, company._credit_today())
            except Exception as error:
                self._note_failure(company, error)

    def _note_failure(self, company, error):
        self.env.cr.rollback()
        self.env.invalidate_all()
        _logger.exception("The night of company %s failed", company.id)
        if not is_passing(error):  # two at once: the next night is early enough
            self.env["credit.task"]._ask_about_night(company, brief(error))
        self.env["ir.cron"]._commit_progress()

    def _get_companies(self):
        groups = self.env["credit.policy"].sudo()._read_group(
            [("state", "=", "active")], ["company_id"]
        )
        live = self.env["credit.case"].sudo()._read_group(
            [("state", "!=", "closed")], ["company_id"]
        )
        return self.env["res.company"].union(*(company for (company,) in groups + live))

    def _refresh(self, company, today):
        self.env["credit.ledger"]._refresh(company, today)
        self.env["credit.task"]._ask_about_ghosts(
            self.env["credit.ledger"]._ghost_payments(company), company
        )
        self.env["ir.cron"]._commit_progress()

    def _review(self, company, today, batch_size):
        """Returns whether all due cases were met before the time was over."""
        tried = set()
        while found := self._pick(company, today, batch_size, tried):
            tried.update(found.ids)
            cases = found.try_lock_for_update().filtered_domain(
                self._get_due_domain(company, today)
            )
            self._review_batch(cases.ids, company, today)
            left = self.env["credit.case"].search_count(
                self._get_due_domain(company, today) & Domain("id", "not in", list(tried))
            )
            if not self.env["ir.cron"]._commit_progress(len(cases), remaining=left):
                return False
            self.env.invalidate_all()
        return True

    def _get_due_domain(self, company, today):
        return Domain([
            ("company_id", "=", company.id), ("state", "!=", "closed"),
            ("next_check_on", "<=", today),
        ])

    def _pick(self, company, today, batch_size, tried):
        """Due cases that this run has not met, the oldest first; some may be in others' hands."""
        due = self._get_due_domain(company, today) & Domain("id", "not in", list(tried))
        return self.env["credit.case"].search(due, limit=batch_size, order="id")

    def _review_batch(self, ids, company, today):
        """A batch that fails goes case by case; a case that fails is noted and met tomorrow."""
        cases = self.env["credit.case"].browse(ids)
        try:
            self._review_cases(cases, company, today)
            self.env.flush_all()
        except Exception as error:
            self.env.cr.rollback()
            self.env.invalidate_all()
            if len(ids) > 1:
                for case_id in ids:
                    one = cases.browse(case_id).try_lock_for_update()
                    if one.filtered_domain(self._get_due_domain(company, today)):
                        self._review_batch(one.ids, company, today)
                        self.env["ir.cron"]._commit_progress()
                return
            if is_passing(error):
                return  # somebody else wrote on it at this moment: it stays due
            _logger.exception("Credit case %s could not be reviewed", ids[0])
            cases.try_lock_for_update().write({
                "night_error": brief(error), "next_check_on": today + timedelta(days=1),
            })

    def _review_cases(self, cases, company, today):
        """Reads, decides, applies; no commit."""
        cases = cases.filtered(lambda case: case.state != "closed")
        standing = self.env["credit.standing"]
        self._refresh_heads(cases, company, today)
        facts = standing._read_cases(cases, company, today)
        withdrawn = self._withdraw_settled(cases, facts)
        if withdrawn:
            facts |= standing._read_cases(withdrawn, company, today)
        live = self._move_states(cases, facts, today)
        decided = [(case, facts[case.partner_id.id]) for case in live]
        outcome = [(case, fact, fact.decide(), fact.stand()) for case, fact in decided]
        self._apply_steps(outcome, company, today)
        self._apply_standing(outcome, company, today)
        self._apply_heads(outcome, company, today)

    # ------------------------------------------------------------------ apply

    def _refresh_heads(self, cases, company, today):
        """Whether the debtor has paid late before is asked of the ledger when his case is met."""
        late = self.env["credit.standing"]._read_late_payers(company, cases.partner_id.ids, today)
        for flag in (True, False):
            changed = cases.filtered(
                lambda c, flag=flag: (c.partner_id.id in late) == flag and c.pays_late != flag
            )
            if changed:
                changed.write({"pays_late": flag})

    def _withdraw_settled(self, cases, facts):
        """Messages that wait although nothing is due any more are cancelled at once, so that the
        review list shows only what is still true. Returns the cases concerned."""
        waiting = cases.filtered(lambda c: facts[c.partner_id.id].debtor.waiting)
        withdrawn = cases.browse()
        if not waiting:
            return withdrawn
        actions = self.env["credit.action"].search([
            ("case_id", "in", waiting.ids), ("state", "in", ("planned", "failed")),
            ("kind", "=", "reminder"),
        ])
        for action in actions:
            fact = facts[action.case_id.partner_id.id]
            due = {item.key for item in fact.asked()}
            claims = action.line_ids.filtered("level_id").item_id.ids
            if fact.hold() or not due.intersection(claims):
                action._cancel(fact.hold() or "settled")
                withdrawn |= action.case_id
        return withdrawn

    def _move_states(self, cases, facts, today):
        """Courtesy, collection and closed follow the ledger; agency and legal are decisions."""
        overdue = cases.browse(
            case.id for case in cases
            if any(i.due_on < today and not i.held for i in facts[case.partner_id.id].debtor.items)
        )
        empty = cases.filtered(lambda c: not facts[c.partner_id.id].debtor.items)
        (overdue & cases.filtered(lambda c: c.state == "courtesy"))._set_state("collection", today)
        calm = cases - overdue - empty
        calm.filtered(lambda c: c.state == "collection")._set_state("courtesy", today)
        if empty:
            self._release_credit(empty.filtered("suspended_on"), today)
            empty._set_state("closed", today, self.env._("Everything is settled"))
        return cases - empty

    def _apply_steps(self, outcome, company, today):
        """Plans one message a debtor: actions, their claims, and the items' new places, each in
        one statement for the whole batch."""
        steps = [row for row in outcome if row[2].verdict == ladder.STEP]
        if not steps:
            return
        levels = self.env["credit.policy.level"].browse({
            climb.step.key for row in steps for climb in row[2].climbs
        })
        level_of = {level.id: level for level in levels}
        reach = self.env["credit.channel"]._resolve(
            [(case.partner_id.id, level_of[decision.step.key])
             for case, _fact, decision, _stand in steps], company,
        )
        rounding = company.currency_id.rounding
        rows = []
        for case, _fact, decision, _stand in steps:
            level = level_of[decision.step.key]
            target = reach[case.partner_id.id]
            value = sum(item.value for item in decision.shown)
            rows.append((
                case.id, company.id, level.id, target.channel, not level.automatic,
                case.pressure or level.pressure, from_units(value, rounding), target.contact_id,
                target.email, target.phone, target.lang, case.user_id.id or None, today,
            ))
        action_ids = self._insert_actions(rows)
        self._insert_claims(steps, action_ids, level_of)
        self._supersede_tasks(action_ids, [
            case.id for case, _fact, _decision, _stand in steps
            if reach[case.partner_id.id].channel in TASKS
        ])

    def _insert_actions(self, rows):
        """Returns ``{case id: action id}``."""
        columns = [list(column) for column in zip(*rows, strict=True)]
        return dict(self.env.execute_query(SQL(
            """INSERT INTO credit_action (
                   case_id, company_id, level_id, channel, needs_review, pressure, amount_total,
                   contact_id, email_to, phone, lang, user_id, date,
                   kind, direction, state, create_uid, create_date, write_uid, write_date)
               SELECT v.*, 'reminder', 'out', 'planned', %s, %s, %s, %s
                 FROM unnest(%s::int[], %s::int[], %s::int[], %s::varchar[], %s::boolean[],
                             %s::varchar[], %s::numeric[], %s::int[], %s::varchar[],
                             %s::varchar[], %s::varchar[], %s::int[], %s::date[]) AS v
            RETURNING case_id, id""",
            self.env.uid, fields.Datetime.now(), self.env.uid, fields.Datetime.now(), *columns,
        )))

    def _insert_claims(self, steps, action_ids, level_of):
        """The items take their steps: unique per item, level and round, so that no step is ever
        taken twice, whatever runs at the same time."""
        columns = [[] for _ in range(9)]
        for case, fact, decision, _stand in steps:
            for climb in decision.climbs:
                item, detail = climb.item, fact.details[climb.item.key]
                values = (
                    action_ids[case.id], item.key, climb.step.key, detail["round"],
                    item.currency, item.due_on, climb.step.day,
                    from_units(detail["residual"], fact.rounding[item.currency]),
                    from_units(detail["value"], fact.rounding["company"]),
                )
                for column, value in zip(columns, values, strict=True):
                    column.append(value)
        today = steps[0][1].today
        company = steps[0][0].company_id
        self.env.execute_query(SQL(
            """WITH claim AS (
                   SELECT * FROM unnest(
                       %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::date[],
                       %s::int[], %s::numeric[], %s::numeric[])
                   AS v (action_id, item_id, level_id, round, currency_id, due_on, day,
                         amount, amount_company)
               ), written AS (
                   INSERT INTO credit_action_line (
                       action_id, item_id, level_id, round, currency_id, due_on, days_overdue,
                       amount, amount_company, former_level_id, former_day, former_on, company_id,
                       released, create_uid, create_date, write_uid, write_date)
                   SELECT claim.action_id, claim.item_id, claim.level_id, claim.round,
                          claim.currency_id, claim.due_on, GREATEST(%s - claim.due_on, 0),
                          claim.amount, claim.amount_company, item.level_id, item.reached_day,
                          item.level_on, %s, FALSE, %s, %s, %s, %s
                     FROM claim JOIN credit_item item ON item.id = claim.item_id
                   RETURNING item_id
               )
               UPDATE credit_item item
                  SET level_id = claim.level_id, reached_day = claim.day, level_on = %s
                 FROM claim WHERE item.id = claim.item_id
            RETURNING item.id""",
            *columns, today, company.id, self.env.uid, fields.Datetime.now(), self.env.uid,
            fields.Datetime.now(), today,
        ))

    def _supersede_tasks(self, action_ids, case_ids):
        """A call (or another task) that nobody did gives way to the next one, so that tasks do
        not pile up; a message takes nothing away."""
        if case_ids:
            self.env["credit.action"].search([
                ("case_id", "in", case_ids), ("kind", "=", "reminder"),
                ("channel", "in", TASKS), ("state", "in", ("planned", "queued")),
                ("id", "not in", list(action_ids.values())),
            ])._supersede()

    def _apply_standing(self, outcome, company, today):
        """Suspension and the other thresholds, as notices to colleagues."""
        notices = []
        for name, code in (
            ("warn", "suspension_warning"), ("suspend", "suspended"),
            ("handover", "handover"), ("ready", "ready"),
        ):
            cases = self.env["credit.case"].browse(
                case.id for case, _f, _d, stand in outcome if getattr(stand, name)
            )
            if cases:
                cases.write({self._mark_of(code): today})
                notices.append((code, cases))
        causes = defaultdict(self.env["credit.case"].browse)
        for case, _f, _d, stand in outcome:
            if stand.suspend or (case.suspended_on and stand.cause != case.suspension_cause):
                causes[stand.cause] |= case
        for cause, cases in causes.items():
            cases.write({"suspension_cause": cause or False})
        lifted = self.env["credit.case"].browse(
            case.id for case, _f, _d, stand in outcome if stand.lift
        )
        self._release_credit(lifted, today)
        self.env["credit.case"].browse(
            case.id for case, _f, _d, stand in outcome if stand.unwarn and not stand.lift
        ).write({"warned_on": False})
        for mark in ("handover_on", "ready_on"):
            self.env["credit.case"].browse(
                case.id for case, _f, _d, stand in outcome if mark in stand.over
            ).write({mark: False})
        for code, cases in notices:
            self._notify(cases, code, today)

    def _mark_of(self, code):
        return {
            "suspension_warning": "warned_on", "suspended": "suspended_on",
            "handover": "handover_on", "ready": "ready_on",
        }[code]

    def _release_credit(self, cases, today):
        if cases:
            cases.write({"suspended_on": False, "suspension_cause": False, "warned_on": False})
            self._notify(cases, "released", today)

    def _notify(self, cases, code, today):
        """A notice waits in the outbox like any action: told once, visible on the case."""
        self.env["credit.action"].create([
            {
                "case_id": case.id, "company_id": case.company_id.id, "kind": "notice",
                "notice": code, "direction": "internal", "channel": "none", "date": today,
                "state": "planned", "amount_total": case.amount_overdue,
                "user_id": (
                    case.user_id if code in ("handover", "ready")
                    else case.salesperson_id or case.user_id
                ).id,
            }
            for case in cases
        ])

    def _apply_heads(self, outcome, company, today):
        """Next look, last contact, level and priority of the batch in one statement."""
        rows = []
        for case, fact, decision, stand in outcome:
            step = decision.step
            days = (decision.next_check_on, stand.next_check_on, case._get_next_age_band_on())
            upcoming = min(filter(None, days), default=None)
            contact = today if step and step.contact else case.last_contact_on or None
            level = step.key if step else self._get_top_level(fact) or None
            rows.append((case.id, upcoming, contact, level, case._get_priority().points))
        if not rows:
            return
        self.env.flush_all()
        self.env.execute_query(SQL(
            """UPDATE credit_case care
                  SET next_check_on = v.next_check_on, last_contact_on = v.last_contact_on,
                      level_id = v.level_id, priority = v.priority, night_error = NULL,
                      write_date = %s
                 FROM unnest(%s::int[], %s::date[], %s::date[], %s::int[], %s::int[])
                      AS v (id, next_check_on, last_contact_on, level_id, priority)
                WHERE care.id = v.id
            RETURNING care.id""",
            fields.Datetime.now(), *([list(column) for column in zip(*rows, strict=True)]),
        ))
        self.env["credit.case"].invalidate_model()
        self.env["credit.item"].invalidate_model()

    def _get_top_level(self, fact):
        reached = [item for item in fact.debtor.items if item.reached is not None]
        top = max(reached, key=lambda item: item.reached, default=None)
        return top and fact.details[top.key]["level_id"]

    # ------------------------------------------------------------------ preview

    def _preview(self, policy=None, company=None, until=None):
        """What the nights from today until ``until`` would send, without writing anything, if the
        ledger does not change: ``policy`` (a draft too) for its own debtors, else all active ones.
        Returns a list of ``Plan`` in the order of days."""
        company = company or policy.company_id
        today = company._credit_today()
        until = until or today
        policy_of = self._resolve(company, until, extra=policy)
        if policy:
            policy_of = {p: pid for p, pid in policy_of.items() if pid == policy.id}
        plans = []
        for facts in self._read_in_batches(policy_of, company, today):
            for fact in facts.values():
                for day, decision in fact.walk(until):
                    value = sum(item.value for item in decision.shown)
                    plans.append(Plan(
                        day, fact.partner_id, fact.policy_id, decision,
                        from_units(value, fact.rounding["company"]),
                    ))
        return sorted(plans, key=lambda plan: (plan.day, -plan.decision.step.day, -plan.amount))

    def _read_in_batches(self, policy_of, company, today, size=1000):
        partner_ids = list(policy_of)
        late_of = self.env["credit.standing"]._read_late_payers
        for start in range(0, len(partner_ids), size):
            batch = partner_ids[start : start + size]
            cases = self.env["credit.case"].sudo().search([
                ("partner_id", "in", batch), ("company_id", "=", company.id),
                ("state", "!=", "closed"),
            ])
            standing = self.env["credit.standing"].sudo()
            heads = {p: {"case_id": None, "policy_id": policy_of[p]} for p in batch}
            for partner_id, head in standing._read_heads(cases).items():
                heads[partner_id] = head | {"policy_id": policy_of[partner_id]}
            late = late_of(company, batch, today)
            for partner_id, head in heads.items():
                head["pays_late"] = partner_id in late
            yield standing._build(heads, company, today, virtual=True)
            self.env.invalidate_all()

    def _resolve(self, company, until, extra=None):
        """``{debtor: policy id}`` of all debtors with something open that falls due in time."""
        ledger = self.env["credit.ledger"].sudo()
        self.env.flush_all()
        lead = max(
            [ledger._lead_days(company), *(-level.delay_days for level in extra.level_ids)]
            if extra else [ledger._lead_days(company)]
        )
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
        """``{debtor: policy id}`` of all debtors with something open, whenever it falls due."""
        return self._resolve(company, company._credit_today() + timedelta(days=3650), extra)

    def _policy_debtors(self, policy):
        """Ids of the debtors with something open whom this policy takes, as it stands on the
        screen."""
        chosen = self._resolve_open(policy.company_id, policy)
        wanted = policy._origin.id or NEW_POLICY
        return [partner_id for partner_id, policy_id in chosen.items() if policy_id == wanted]

    # ------------------------------------------------------------------ calendar, caps

    def _closed_days(self, calendar, today, horizon):
        """Days from today on without any working interval of ``calendar``; holidays of the
        calendar and of the whole company included."""
        if not calendar:
            return frozenset()
        zone = pytz.timezone(calendar.tz or "UTC")
        start = zone.localize(datetime.combine(today, time.min))
        end = zone.localize(datetime.combine(today + timedelta(days=horizon), time.max))
        intervals = calendar._work_intervals_batch(start, end)[False]
        open_days = {begin.astimezone(zone).date() for begin, _stop, _meta in intervals}
        days = (today + timedelta(days=n) for n in range(horizon + 1))
        return frozenset(day for day in days if day not in open_days)

    def _recent_contacts(self, cases, today):
        """``{case id: [day, …]}`` of the contacts of the last week, by whomever they were made."""
        self.env["credit.action"].flush_model()
        contacts = defaultdict(list)
        for case_id, day in self.env.execute_query(SQL(
            """SELECT case_id, date FROM credit_action
                WHERE case_id IN %s AND direction = 'out' AND date > %s
                  AND channel IN ('email', 'sms', 'letter', 'phone')
                  AND state IN ('queued', 'sent', 'done')
                  AND (channel != 'phone' OR state = 'done')""",
            tuple(cases.ids) or (0,), today - timedelta(days=7),
        )):
            contacts[case_id].append(day)
        return contacts
