from collections import defaultdict
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..domain import ladder, worklist
from ..domain.money import from_units

TASKS = ("phone", "activity")  # channels that lay out a task for a person


def _columns(rows):
    return [list(column) for column in zip(*rows, strict=True)]


class CreditRun(models.AbstractModel):
    """What the night decided is written, each kind of thing in one statement for all cases."""

    _inherit = "credit.run"

    def _find_settled(self, facts):
        """``{why: actions}``: messages, calls and letters that wait although nothing is due."""
        fact_of = {fact.case_id: fact for fact in facts.values() if fact.case_id}
        actions = self.env["credit.action"].search([
            ("case_id", "in", list(fact_of)), ("state", "in", ("planned", "failed", "queued")),
            ("kind", "=", "reminder"),
        ]).filtered(lambda a: a.state != "queued" or a._is_laid_out())
        settled = defaultdict(actions.browse)
        for action in actions:
            fact = fact_of[action.case_id.id]
            due = {item.key for item in fact.asked()}
            claims = action.line_ids._claims().item_id.ids
            if fact.hold() or not due.intersection(claims):
                settled[fact.hold() or "settled"] |= action
        return settled

    def _withdraw_settled(self, facts):
        """What waits for nothing is cancelled at once, so that all lists show only what is still
        true. Returns the cases concerned."""
        withdrawn = self.env["credit.case"]
        for why, actions in self._find_settled(facts).items():
            actions._cancel(why)
            withdrawn |= actions.case_id
        return withdrawn

    def _close_settled(self, facts, today):
        for fact in facts:
            case = self.env["credit.case"].browse(fact.case_id)
            case.pays_late = fact.debtor.pays_late
        cases = self.env["credit.case"].browse(fact.case_id for fact in facts)
        if cases:
            cases._find_saved()._tell_saved()
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

    def _end_notes(self, outcome):
        """What was that old has been settled: the note has served."""
        over = [row.fact.case_id for row in outcome if "handover_on" in row.standing.over]
        if over:
            self.env["credit.case"].browse(over).handover_ids._end()

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
            bool(marks.suspended_on), fact.debtor.pays_late, head["reason_kind"], head["broken"]
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
