import logging
from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..domain import ladder
from ..domain.money import from_units
from .errors import brief, is_passing

_logger = logging.getLogger(__name__)

TASKS = ("phone", "activity")  # channels that lay out a task for a person


class CreditRun(models.AbstractModel):
    """The night, top to bottom: ledger → items → decision → actions. Its preview is
    ``credit.forecast``."""

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
            claims = action.line_ids._claims().item_id.ids
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
