import logging
import random
import time
from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

import pytz

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..domain import ladder, nights, thresholds
from ..domain.contact import ANSWERS
from .credit_facts import Facts
from .errors import brief, is_passing

_logger = logging.getLogger(__name__)

TRIES = 4


class Outcome(NamedTuple):
    """What the night decides on one debtor: ``marks`` and ``state`` are those after it."""

    fact: Facts
    decision: ladder.Decision
    standing: thresholds.Standing
    marks: thresholds.Marks
    state: str


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

        def night():
            self._refresh(company, today)
            done = self._review(company, today, batch_size)
            self.env["credit.action"]._plan_thanks(company, today)
            self.env["credit.survey.rule"]._ask_customers(company, today)
            return done

        return self._retrying(company, night) is not False

    def _cron_refresh(self):
        """After payments: bring items and totals in line at once, decide nothing."""
        for company in self._get_companies():
            run, today = self.with_company(company), company._credit_today()
            run._retrying(company, lambda run=run, own=company, on=today: run._refresh(own, on))

    def _retrying(self, company, step):
        """``step()`` again, on a fresh look at the database, while others write on the same rows; a
        few times, as core does with requests. All that a night does may be done twice."""
        for left in reversed(range(TRIES)):
            try:
                return step()
            except Exception as error:
                self.env.cr.rollback()
                self.env.invalidate_all()
                if not left or not is_passing(error):
                    self._note_failure(company, error)
                    return None
                time.sleep(random.uniform(0, 0.5))
        return None

    def _note_failure(self, company, error):
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
        companies = self.env["res.company"].union(*(company for (company,) in groups + live))
        return companies.filtered("active")  # one that was closed down asks for nothing

    def _refresh(self, company, today):
        self._follow_ledger(company, today)
        self.env["credit.task"]._ask_about_ghosts(
            self.env["credit.ledger"]._ghost_payments(company), company
        )
        self.env["ir.cron"]._commit_progress()

    def _follow_ledger(self, company, today):
        """Items, disputes and agreements as they stand today; no commit."""
        self.env["credit.ledger"]._refresh(company, today)
        if self.env["credit.dispute"]._expire(company, today):
            self.env["credit.ledger"]._total_again(company, today)
        self.env["credit.agreement"]._review_due(company, today)
        self.env["credit.handover"]._chase(company, today)
        self.env["credit.mandate"]._watch(company, today)
        self.env["credit.claim"]._look(company, today)
        self.env["credit.placement"]._follow(company, today)
        self.env["credit.mandate"]._state_due(company, today)
        self.env["credit.case"]._tell_payments(company, today)

    def _isolated(self, records, step):
        """``step(records)``; a batch that fails is met again by halves. The one that fails is
        somebody's task, the one in others' hands stays as it is: both are met by the next night,
        and nobody is forgotten for another's sake."""
        if not records:
            return
        try:
            with self.env.cr.savepoint():
                step(records)
        except Exception as error:
            self.env.invalidate_all()
            if len(records) > 1:
                middle = len(records) // 2
                self._isolated(records[:middle], step)
                self._isolated(records[middle:], step)
            elif not is_passing(error):
                _logger.exception("%s could not be followed", records)
                self.env["credit.task"]._ask_about_failure(records, brief(error))

    def _review(self, company, today, batch_size):
        """Returns whether all due cases were met before the time was over."""
        tried = set()
        while found := self._pick(company, today, batch_size, tried):
            tried.update(found.ids)
            self._review_batch(found.ids, company, today)
            left = self.env["credit.case"].search_count(
                self._get_due_domain(company, today) & Domain("id", "not in", list(tried))
            )
            in_time = self.env["ir.cron"]._commit_progress(len(found), remaining=left)
            if left and not in_time:  # the scheduler comes back, as long as something is left
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
        self._end_notes(outcome)
        self._apply_heads(outcome, today)

    def _decide(self, fact):
        at = fact.position()  # the same for both
        standing = fact.stand(at)
        return Outcome(
            fact, fact.decide(at), standing, nights.mark(fact.marks, standing, fact.today),
            self._get_state(fact),
        )

    def _get_state(self, fact):
        """Courtesy and collection follow the ledger; agency and legal are decisions."""
        state = fact.head["state"]
        if state not in ("courtesy", "collection"):
            return state
        overdue = any(i.due_on < fact.today and not i.held for i in fact.debtor.items)
        return "collection" if overdue else "courtesy"

    # ------------------------------------------------------------------ calendar, caps

    def _closed_days(self, calendar, today, horizon):
        """Days from today on without any working interval of ``calendar``; holidays of the
        calendar and of the whole company included."""
        if not calendar:
            return frozenset()
        zone = pytz.timezone(calendar.tz or "UTC")
        start = zone.localize(datetime.combine(today, datetime.min.time()))
        end = zone.localize(datetime.combine(today + timedelta(days=horizon), datetime.max.time()))
        intervals = calendar._work_intervals_batch(start, end)[False]
        open_days = {begin.astimezone(zone).date() for begin, _stop, _meta in intervals}
        days = (today + timedelta(days=n) for n in range(horizon + 1))
        return frozenset(day for day in days if day not in open_days)

    def _recent_contacts(self, cases, today):
        """``{case id: [day, …]}`` of the contacts of the last week, whoever made them, also
        on a case of the same debtor that is closed since."""
        self.env["credit.action"].flush_model()
        contacts = defaultdict(list)
        for case_id, day in self.env.execute_query(SQL(
            """SELECT care.id, action.date
                 FROM credit_case care
                 JOIN credit_case own
                   ON own.partner_id = care.partner_id AND own.company_id = care.company_id
                 JOIN credit_action action ON action.case_id = own.id
                WHERE care.id IN %s AND action.direction = 'out' AND action.date > %s
                  AND action.channel IN ('email', 'sms', 'letter', 'phone')
                  AND action.state IN ('queued', 'sent', 'done')
                  AND (action.purpose IS NULL OR action.purpose NOT IN %s)
                  AND (action.channel != 'phone' OR action.state = 'done')""",
            tuple(cases.ids) or (0,), today - timedelta(days=7), ANSWERS,
        )):
            contacts[case_id].append(day)
        return contacts
