import logging
from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..domain import ladder, nights, thresholds, worklist
from ..domain.money import from_units
from .credit_standing import Facts
from .errors import brief, is_passing

_logger = logging.getLogger(__name__)

TASKS = ("phone", "activity")  # channels that lay out a task for a person


class Outcome(NamedTuple):
    """What the night decides on one debtor: ``marks`` and ``state`` are those after it."""

    fact: Facts
    decision: ladder.Decision
    standing: thresholds.Standing
    marks: thresholds.Marks
    state: str


def _columns(rows):
    return [list(column) for column in zip(*rows, strict=True)]


class CreditRun(models.AbstractModel):
    """The night, top to bottom: ledger → items → decision → actions. Its preview is
    ``credit.forecast``."""

    _name = "credit.run"
    _description = "Credit care: the night"

    # ------------------------------------------------------------------ the night

    def _cron_review(self, batch_size=5000):
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
            self._review_batch(found.ids, company, today)
            left = self.env["credit.case"].search_count(
                self._get_due_domain(company, today) & Domain("id", "not in", list(tried))
            )
            if not self.env["ir.cron"]._commit_progress(len(found), remaining=left):
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
        """A batch that fails is met again by halves, down to the case that fails: it is noted and
        met tomorrow."""
        cases = self.env["credit.case"].browse(ids)
        due = self._get_due_domain(company, today)
        try:
            mine = cases.search(due & Domain("id", "in", cases.try_lock_for_update().ids))
            self._review_cases(mine, company, today)
            self.env.flush_all()
        except Exception as error:
            self.env.cr.rollback()
            self.env.invalidate_all()
            if len(ids) > 1:
                middle = len(ids) // 2
                for half in (ids[:middle], ids[middle:]):
                    self._review_batch(half, company, today)
                    self.env["ir.cron"]._commit_progress()
                return
            if is_passing(error):
                return  # somebody else wrote on it at this moment: it stays due
            _logger.exception("Credit case %s could not be reviewed", ids[0])
            cases.try_lock_for_update().write({
                "night_error": brief(error), "next_check_on": today + timedelta(days=1),
            })

    def _review_cases(self, cases, company, today):
        """Reads, decides, applies; no commit. Whatever the number of cases, as many queries."""
        standing = self.env["credit.standing"]
        facts = standing._read_cases(cases, company, today, anew=True)
        withdrawn = self._withdraw_settled(facts)
        if withdrawn:
            facts |= standing._read_cases(withdrawn, company, today, anew=True)
        met = [fact for fact in facts.values() if fact.head["state"] != "closed"]
        self._close_settled([fact for fact in met if not fact.debtor.items], today)
        outcome = [self._decide(fact) for fact in met if fact.debtor.items]
        self._apply_steps(outcome, company, today)
        self._apply_standing(outcome, company, today)
        self._apply_heads(outcome, today)

    def _decide(self, fact):
        standing = fact.stand()
        return Outcome(
            fact, fact.decide(), standing, nights.mark(fact.marks, standing, fact.today),
            self._get_state(fact),
        )

    def _get_state(self, fact):
        """Courtesy and collection follow the ledger; agency and legal are decisions."""
        state = fact.head["state"]
        if state not in ("courtesy", "collection"):
            return state
        overdue = any(i.due_on < fact.today and not i.held for i in fact.debtor.items)
        return "collection" if overdue else "courtesy"

    # ------------------------------------------------------------------ apply

    def _find_settled(self, facts):
        """``{action: why}`` of messages, calls and letters that wait although nothing is due."""
        fact_of = {fact.case_id: fact for fact in facts.values() if fact.case_id}
        actions = self.env["credit.action"].search([
            ("case_id", "in", list(fact_of)), ("state", "in", ("planned", "failed", "queued")),
            ("kind", "=", "reminder"),
        ]).filtered(lambda a: a.state != "queued" or a._is_laid_out())
        settled = {}
        for action in actions:
            fact = fact_of[action.case_id.id]
            due = {item.key for item in fact.asked()}
            claims = action.line_ids._claims().item_id.ids
            if fact.hold() or not due.intersection(claims):
                settled[action] = fact.hold() or "settled"
        return settled

    def _withdraw_settled(self, facts):
        """What waits for nothing is cancelled at once, so that all lists show only what is still
        true. Returns the cases concerned."""
        withdrawn = self.env["credit.case"]
        for action, why in self._find_settled(facts).items():
            action._cancel(why)
            withdrawn |= action.case_id
        return withdrawn

    def _close_settled(self, facts, today):
        for fact in facts:
            case = self.env["credit.case"].browse(fact.case_id)
            case.pays_late = fact.debtor.pays_late
        cases = self.env["credit.case"].browse(fact.case_id for fact in facts)
        if cases:
            self._release_credit(cases.filtered("suspended_on"), today)
            cases._set_state("closed", today, self.env._("Everything is settled"))

    def _apply_steps(self, outcome, company, today):
        """Plans one message a debtor: actions, their claims, and the items' new places, each in
        one statement for the whole batch."""
        steps = [row for row in outcome if row.decision.verdict == ladder.STEP]
        if not steps:
            return
        levels = self.env["credit.policy.level"].browse({row.decision.step.key for row in steps})
        level_of = {level.id: level for level in levels}
        reach = self.env["credit.channel"]._resolve(
            [(row.fact.partner_id, level_of[row.decision.step.key]) for row in steps], company,
        )
        rows = []
        for fact, decision, *_rest in steps:
            level, target = level_of[decision.step.key], reach[fact.partner_id]
            value = sum(item.value for item in decision.shown)
            rows.append((
                fact.case_id, level.id, target.channel, not level.automatic,
                fact.head["pressure"] or level.pressure,
                from_units(value, fact.rounding["company"]), target.contact_id,
                target.email, target.phone, target.lang, fact.head["user_id"],
            ))
        action_ids = self._insert_actions(rows, company, today)
        self._insert_claims(steps, action_ids, today)
        self._supersede_tasks(action_ids, [
            row.fact.case_id for row in steps if reach[row.fact.partner_id].channel in TASKS
        ])

    def _insert_actions(self, rows, company, today):
        """Returns ``{case id: action id}``."""
        now = fields.Datetime.now()
        return dict(self.env.execute_query(SQL(
            """INSERT INTO credit_action (
                   case_id, level_id, channel, needs_review, pressure, amount_total,
                   contact_id, email_to, phone, lang, user_id, company_id, date,
                   kind, direction, state, create_uid, create_date, write_date)
               SELECT v.*, %s, %s, 'reminder', 'out', 'planned', %s, %s, %s
                 FROM unnest(%s::int[], %s::int[], %s::varchar[], %s::boolean[], %s::varchar[],
                             %s::numeric[], %s::int[], %s::varchar[], %s::varchar[],
                             %s::varchar[], %s::int[]) AS v
            RETURNING case_id, id""",
            company.id, today, self.env.uid, now, now, *_columns(rows),
        )))

    def _insert_claims(self, steps, action_ids, today):
        """The items take their steps: unique per item, level and round, so that no step is ever
        taken twice, whatever runs at the same time."""
        rows = []
        for fact, decision, *_rest in steps:
            action_id, rounding = action_ids[fact.case_id], fact.rounding
            for item, step in decision.climbs:
                detail = fact.details[item.key]
                rows.append((
                    action_id, item.key, step.key, step.day,
                    from_units(detail["residual"], rounding[item.currency]),
                    from_units(detail["value"], rounding["company"]),
                ))
        self.env.execute_query(SQL(
            """WITH claim AS (
                   SELECT * FROM unnest(
                       %s::int[], %s::int[], %s::int[], %s::int[], %s::numeric[], %s::numeric[])
                   AS v (action_id, item_id, level_id, day, amount, amount_company)
               ), written AS (
                   INSERT INTO credit_action_line (
                       action_id, item_id, level_id, round, due_on, days_overdue, amount,
                       amount_company, former_level_id, former_day, former_on, released)
                   SELECT claim.action_id, claim.item_id, claim.level_id, item.round,
                          item.due_on, GREATEST(%s - item.due_on, 0), claim.amount,
                          claim.amount_company, item.level_id, item.reached_day, item.level_on,
                          FALSE
                     FROM claim JOIN credit_item item ON item.id = claim.item_id
               ), climbed AS (
                   UPDATE credit_item item
                      SET level_id = claim.level_id, reached_day = claim.day, level_on = %s
                     FROM claim WHERE item.id = claim.item_id
               )
               SELECT""",
            *_columns(rows), today, today,
        ))
        self.env["credit.item"].invalidate_model()

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
        for fact, _decision, stand, *_rest in outcome:
            told = (
                ("suspension_warning", stand.warn), ("suspended", stand.suspend),
                ("handover", stand.handover), ("ready", stand.ready), ("released", stand.lift),
            )
            notices += [(fact.head, code) for code, holds in told if holds]
        self._notify(notices, company, today)

    def _release_credit(self, cases, today):
        """Credit of ``cases`` is released, whatever the cause was."""
        cases.write({"suspended_on": False, "suspension_cause": False, "warned_on": False})
        for company, batch in cases.grouped("company_id").items():
            heads = self.env["credit.standing"]._read_heads(batch).values()
            self._notify([(head, "released") for head in heads], company, today)

    def _notify(self, notices, company, today):
        """``(head, code)``: a notice waits in the outbox like any action: told once, visible on
        the case. To the controller what he must do, to the salesperson what he should know."""
        if not notices:
            return
        now = fields.Datetime.now()
        rows = [
            (
                head["case_id"], code, head["amount_overdue"],
                head["user_id"] if code in ("handover", "ready")
                else head["salesperson_id"] or head["user_id"],
            )
            for head, code in notices
        ]
        self.env.execute_query(SQL(
            """INSERT INTO credit_action (
                   case_id, notice, amount_total, user_id, company_id, date, kind, direction,
                   channel, state, needs_review, create_uid, create_date, write_date)
               SELECT v.*, %s, %s, 'notice', 'internal', 'none', 'planned', FALSE, %s, %s, %s
                 FROM unnest(%s::int[], %s::varchar[], %s::numeric[], %s::int[]) AS v
            RETURNING id""",
            company.id, today, self.env.uid, now, now, *_columns(rows),
        ))
        self.env["credit.case"].invalidate_model(["action_ids"])

    def _apply_heads(self, outcome, today):
        """What the night leaves on the cases, in one statement. The states it moves are the two
        that follow the ledger; all others go through ``_set_state``."""
        rows = [self._to_head(*row) for row in outcome]
        if not rows:
            return
        self.env.flush_all()
        self.env.execute_query(SQL(
            """UPDATE credit_case care
                  SET next_check_on = v.next_check_on, last_contact_on = v.last_contact_on,
                      level_id = v.level_id, priority = v.priority, pays_late = v.pays_late,
                      state = v.state, state_since = CASE WHEN care.state = v.state
                          THEN care.state_since ELSE %(today)s END,
                      defaulted_on = CASE WHEN v.state = 'collection' AND care.state != v.state
                          THEN COALESCE(care.defaulted_on, %(today)s) ELSE care.defaulted_on END,
                      warned_on = v.warned_on, suspended_on = v.suspended_on,
                      suspension_cause = v.cause, handover_on = v.handover_on,
                      ready_on = v.ready_on, night_error = NULL, write_date = %(now)s
                 FROM unnest(%(id)s::int[], %(next)s::date[], %(contact)s::date[],
                             %(level)s::int[], %(priority)s::int[], %(late)s::boolean[],
                             %(state)s::varchar[], %(warned)s::date[], %(suspended)s::date[],
                             %(cause)s::varchar[], %(handover)s::date[], %(ready)s::date[])
                      AS v (id, next_check_on, last_contact_on, level_id, priority, pays_late,
                            state, warned_on, suspended_on, cause, handover_on, ready_on)
                WHERE care.id = v.id
            RETURNING care.id""",
            today=today, now=fields.Datetime.now(), **dict(zip((
                "id", "next", "contact", "level", "priority", "late", "state", "warned",
                "suspended", "cause", "handover", "ready",
            ), _columns(rows), strict=True)),
        ))
        self.env["credit.case"].invalidate_model()

    def _to_head(self, fact, decision, standing, marks, state):
        head, step = fact.head, decision.step
        oldest = head["oldest_due_on"]
        age = max((fact.today - oldest).days, 0) if oldest else 0
        band = worklist.next_age_band(age)
        days = (
            decision.next_check_on, standing.next_check_on,
            oldest and band and oldest + timedelta(days=band),
        )
        priority = worklist.prioritise(head["amount_overdue"] or 0, age, worklist.risks(
            bool(marks.suspended_on), fact.debtor.pays_late, head["reason_kind"]
        ))
        return (
            fact.case_id, min(filter(None, days), default=None),
            fact.today if step and step.contact else head["last_contact_on"],
            step.key if step else self._get_top_level(fact), priority.points,
            fact.debtor.pays_late, state, marks.warned_on, marks.suspended_on,
            standing.cause if marks.suspended_on else None, marks.handover_on, marks.ready_on,
        )

    def _get_top_level(self, fact):
        reached = [item for item in fact.debtor.items if item.reached is not None]
        top = max(reached, key=lambda item: item.reached, default=None)
        return fact.details[top.key]["level_id"] if top else None

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
