"""One measure in a process of its own, so that its peak of memory is its own.

measure.py DATABASE STEP [ARGUMENT]      steps: the functions of STEPS
"""

import cProfile
import os
import pstats
import resource
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

from odoo_process import at, environment, following, show
from seed import MONDAY

from odoo.sql_db import Cursor

TICK = os.sysconf("SC_CLK_TCK")
QUIET, BUSY = following(MONDAY, 4), following(MONDAY, 5)  # the gap between messages is over
LADDER = (  # the kind that the module ships: day, channel
    (-5, "email"), (3, "email"), (10, "phone"), (20, "email"), (31, "letter"), (40, "phone"),
)


class Measure:
    """Seconds, processor of this process and of its PostgreSQL backend, statements, peak memory."""

    def __init__(self, env):
        self.env = env
        env.cr.execute("SELECT pg_backend_pid()")
        self.backend = env.cr.fetchone()[0]
        self.values = {"start_mb": _peak_mb()}

    def _backend_cpu(self):
        fields = Path(f"/proc/{self.backend}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    @contextmanager
    def taken(self, repeated=False):
        self.env.flush_all()
        self.env.invalidate_all()
        profile = _profiler(self)
        queries, database = self.env.cr.sql_log_count, self._backend_cpu()
        if profile:
            profile.enable()
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.env.flush_all()
        if profile:
            profile.disable()
            profile.show()
        self.values |= {
            "seconds": time.perf_counter() - wall,
            "python_cpu": time.process_time() - cpu,
            "database_cpu": self._backend_cpu() - database,
            "queries": self.env.cr.sql_log_count - queries,
            "peak_mb": _peak_mb(),
        }


class PythonProfile(cProfile.Profile):
    def show(self):
        pstats.Stats(self).sort_stats("tottime").print_stats(50)
        pstats.Stats(self).sort_stats("cumulative").print_stats(70)


class SqlProfile:
    """Seconds, processor of the backend and number of each statement."""

    def __init__(self, backend_cpu):
        self.spent, self.backend_cpu = {}, backend_cpu

    def enable(self):
        execute = Cursor.execute

        def timed(cursor, query, *args, **kwargs):
            start, cpu = time.perf_counter(), self.backend_cpu()
            try:
                return execute(cursor, query, *args, **kwargs)
            finally:
                code = query.code if hasattr(query, "code") else query
                spent = self.spent.setdefault(" ".join(code.split())[:110], [0, 0, 0])
                spent[0] += 1
                spent[1] += time.perf_counter() - start
                spent[2] += self.backend_cpu() - cpu

        self.patch = patch.object(Cursor, "execute", timed)
        self.patch.start()

    def disable(self):
        self.patch.stop()

    def show(self):
        ranked = sorted(self.spent.items(), key=lambda row: -row[1][1])
        for query, (count, seconds, cpu) in ranked[:40]:
            print(f"{seconds:8.3f} s {cpu:7.2f} s cpu {count:6}  {query}")


def _profiler(measure):
    """BENCH_PROFILE=python or sql shows where the time goes; the figures then are not for use."""
    kind = os.environ.get("BENCH_PROFILE")
    if kind == "sql":
        return SqlProfile(measure._backend_cpu)
    return PythonProfile() if kind else None


def _peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _middle(rounds):
    """The median of each figure over several rounds."""
    return {key: median(one[key] for one in rounds) for key in rounds[0]}


def _count(env, query, *arguments):
    env.cr.execute(query, arguments)
    return env.cr.fetchone()[0]


# ---------------------------------------------------------------------- the module


def policy(env):
    """The policy in force, and who signs."""
    company = env.company
    controller = env.ref("base.user_admin")
    company.write({"credit_controller_id": controller.id, "credit_bank_fresh_days": 0,
                   "email": "office@bench.example"})
    template = env.ref("account_credit_care.mail_template_friendly")
    env["credit.policy"].search([("company_id", "=", company.id)]).write(
        {"is_default": False, "state": "draft"})
    env["credit.policy"].create({
        "name": "Bench", "company_id": company.id, "is_default": True, "state": "active",
        "catch_up": "first", "user_id": controller.id, "min_gap_days": 5,
        "calendar_id": env.ref("account_credit_care.calendar_contact_hours").id,
        "level_ids": [
            (0, 0, {
                "name": f"Day {day}", "delay_days": day, "channel": channel,
                "mail_template_id": channel in ("email", "letter") and template.id,
            })
            for day, channel in LADDER
        ],
    })
    return {}


def _night(env, day):
    with at(day):
        env["credit.run"]._cron_review()


def first(env):
    """Cases and items are opened, decisions made, messages planned."""
    measure = Measure(env)
    with measure.taken():
        _night(env, MONDAY)
    return measure.values | {
        "cases": _count(env, "SELECT count(*) FROM credit_case"),
        "items": _count(env, "SELECT count(*) FROM credit_item"),
        "planned": _count(env, "SELECT count(*) FROM credit_action WHERE kind = 'reminder'"),
        "steps": _count(env, "SELECT count(*) FROM credit_action_line WHERE level_id IS NOT NULL"),
    }


def settle(env):
    """Between the nights: the messages have left, and 19 of 20 debtors are paused, so that when
    the gap is over only the others are due. The nights in between are run unmeasured."""
    env.cr.execute(
        "UPDATE credit_action SET state = 'sent', done_at = date WHERE kind = 'reminder'")
    env.cr.execute("UPDATE credit_action SET state = 'done', done_at = date WHERE kind = 'notice'")
    env.cr.execute(
        "UPDATE credit_case SET paused_until = %s, next_check_on = %s WHERE partner_id %% 20 != 0",
        (following(BUSY, 60), following(MONDAY, 1)),
    )
    for days in range(1, 1 + (QUIET - MONDAY).days):
        _night(env, following(MONDAY, days))
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE")  # as autovacuum does by day
    env.cr._cnx.autocommit = False
    return {}


def quiet(env):
    """A night in which nothing is due, beside the one statement that finds the due lines."""
    floor, night = [], []
    for _round in range(5):
        measure = Measure(env)
        with measure.taken():
            due = _find_due_lines(env)
        floor.append(measure.values)
        _same(_due_cases(env, QUIET), 0)
        measure = Measure(env)
        with measure.taken():
            _night(env, QUIET)
        night.append(measure.values)
    return _middle(night) | {"floor": _middle(floor) | {"due_lines": due}}


def busy(env):
    """A night in which 5 % of the debtors are due."""
    measure = Measure(env)
    before = _count(env, "SELECT count(*) FROM credit_action_line WHERE level_id IS NOT NULL")
    cases = _due_cases(env, BUSY)
    with measure.taken():
        _night(env, BUSY)
    steps = _count(env, "SELECT count(*) FROM credit_action_line WHERE level_id IS NOT NULL")
    return measure.values | {"cases": cases, "steps": steps - before}


def _due_cases(env, day):
    return _count(env, "SELECT count(*) FROM credit_case WHERE next_check_on <= %s"
                       " AND state != 'closed'", day)


def _find_due_lines(env):
    """What plain SQL needs at the least: for every open receivable line the last level of its
    debtor's policy whose day has come."""
    return _count(env, """
        SELECT count(*) FROM (
            SELECT line.id, max(level.delay_days) AS day
              FROM account_move_line line
              JOIN account_account account
                ON account.id = line.account_id AND account.account_type = 'asset_receivable'
              JOIN res_partner partner ON partner.id = line.partner_id
              JOIN res_partner debtor ON debtor.id = partner.commercial_partner_id
              JOIN credit_policy policy ON policy.is_default AND policy.state = 'active'
              JOIN credit_policy_level level
                ON level.policy_id = COALESCE(
                       (debtor.credit_care_policy_id ->> %s)::int, policy.id)
               AND line.date_maturity + level.delay_days <= %s
             WHERE line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
               AND line.amount_residual >= 0.10 AND line.company_id = %s
             GROUP BY line.id) due
    """, str(env.company.id), QUIET, env.company.id)


def send(env, messages):
    """Messages looked at again, rendered, and handed to the outgoing queue."""
    env.cr.execute(
        "UPDATE credit_action SET date = %s WHERE id NOT IN (SELECT id FROM credit_action"
        " WHERE kind = 'reminder' ORDER BY id LIMIT %s)", (following(MONDAY, 30), int(messages)))
    env.cr.commit()
    with at(MONDAY):  # the first message compiles templates and warms caches
        env["credit.action"].search([("date", "=", MONDAY)], limit=1)._deliver(env.company, MONDAY)
    env.cr.commit()
    measure = Measure(env)
    with at(MONDAY), measure.taken():
        env["credit.action"]._cron_send()
    mails = _count(env, "SELECT count(*) FROM mail_mail WHERE state = 'outgoing'"
                        " AND id IN (SELECT mail_mail_id FROM credit_action)")
    return measure.values | {"messages": mails - 1}


def pay(env):
    """A payment registered on an invoice of the ledger; with the module and without it."""
    moves = env["account.move"].search(
        [("move_type", "=", "out_invoice"), ("payment_state", "=", "not_paid")], limit=12)
    rounds = []
    for move in moves:
        measure = Measure(env)
        with at(MONDAY), measure.taken():
            env["account.payment.register"].with_context(
                active_model="account.move", active_ids=move.ids
            ).create({"payment_date": MONDAY})._create_payments()
        rounds.append(measure.values)
    env.cr.rollback()
    return _middle(rounds[1:])


def screens(env):
    """Opening the lists and the preview as the credit controller does."""
    env = env(user=env.ref("base.user_admin"))
    env.user.sudo().group_ids |= env.ref("account_credit_care.group_credit_manager")
    # what was planned in the last night waits for review: all these cases are on the worklist
    env.cr.execute("UPDATE credit_action SET needs_review = TRUE WHERE state = 'planned'")
    env.cr.commit()
    Case, Item, Action = env["credit.case"], env["credit.item"], env["credit.action"]
    Move, invoices = env["account.move"], [("move_type", "=", "out_invoice")]
    case_fields = {name: {} for name in (
        "display_name", "state", "priority", "amount_overdue", "amount_open", "oldest_days",
        "priority_note", "hold_reason", "next_step_note", "level_id", "next_check_on")}
    overdue = [("state", "!=", "closed")]
    opens = {
        "worklist": lambda: Case.web_search_read(
            list(Case._get_worklist_domain()), case_fields | {"todo_note": {}}, limit=80),
        "cases": lambda: Case.web_search_read(overdue, case_fields, limit=80),
        "cases by level": lambda: Case.web_read_group(
            overdue, ["level_id"], ["amount_overdue:sum"]),
        "one case": lambda: Case.search(overdue, limit=1).web_read(
            case_fields | {"open_item_ids": {"fields": {"name": {}, "days_overdue": {}}}}),
        "items": lambda: Item.web_search_read(
            [("closed_on", "=", False)],
            {n: {} for n in ("name", "due_on", "days_overdue", "amount_residual", "level_id")},
            limit=80),
        "outbox": lambda: Action.web_search_read(
            [("state", "=", "planned")],
            {n: {} for n in ("date", "display_name", "channel", "amount_total", "email_to")},
            limit=80),
        "invoices": lambda: Move.web_search_read(
            invoices, {n: {} for n in ("name", "amount_residual", "credit_level_id")}, limit=80),
        "invoices by dunning level": lambda: Move.web_read_group(
            invoices, ["credit_level_id"], ["amount_residual:sum"]),
        "preview": lambda: env["credit.preview"]._open(),
    }
    figures = {}
    for name, action in opens.items():
        with at(QUIET if name != "preview" else BUSY):
            for _again in range(2):  # the second time: caches of the server are warm
                env.invalidate_all()
                measure = Measure(env)
                with measure.taken():
                    action()
        figures[name] = measure.values
        env.cr.rollback()
    return figures


# ---------------------------------------------------------------------- the peer


def peer(env):
    """OCA's account_credit_control computes its lines on the same ledger and the same day."""
    template = env.ref("account_credit_control.email_template_credit_control_base")
    receivable = env["account.account"].search([("account_type", "=", "asset_receivable")])
    policy = env["credit.control.policy"].create({
        "name": "Bench 10/30/60", "account_ids": [(6, 0, receivable.ids)],
        "level_ids": [
            (0, 0, {
                "name": f"{days} days", "level": rank, "computation_mode": "net_days",
                "delay_days": days, "email_template_id": template.id, "channel": "email",
                "custom_text": "Please pay.", "custom_mail_text": "<p>Please pay.</p>",
            })
            for rank, days in enumerate((10, 30, 60), 1)
        ],
    })
    env.company.credit_policy_id = policy
    env.cr.commit()
    measure = Measure(env)
    with measure.taken():
        run = env["credit.control.run"].create(
            {"date": MONDAY, "policy_ids": [(6, 0, policy.ids)]})
        run.generate_credit_lines()
        env.cr.commit()
    return measure.values | {"lines": len(run.line_ids)}


def _same(found, wanted):
    if found != wanted:
        sys.exit(f"the ledger is not what the measure needs: {found} instead of {wanted}")


STEPS = {
    f.__name__: f for f in (policy, first, settle, quiet, busy, send, pay, screens, peer)
}


def main(database, step, *arguments):
    with environment(database) as env:
        values = STEPS[step](env(context=dict(env.context, lang="en_US")), *arguments)
    show({"step": step} | values)


if __name__ == "__main__":
    main(*sys.argv[1:])
