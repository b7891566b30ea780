"""One measure in a process of its own, so that its peak of memory is its own.

measure.py DATABASE STEP [ARGUMENT]      steps: the functions of STEPS
"""

import sys
from statistics import median

import dossiers
import figures
import past
import plans
from meter import Measure, count, same, vacuum
from odoo_process import at, environment, following, show
from seed import MONDAY

QUIET, BUSY = following(MONDAY, 4), following(MONDAY, 5)  # the gap between messages is over
LADDER = (  # the kind that the module ships: day, channel
    (-5, "email"), (3, "email"), (10, "phone"), (20, "email"), (31, "letter"), (40, "phone"),
)


def _middle(rounds):
    """The median of each figure over several rounds."""
    return {key: median(one[key] for one in rounds) for key in rounds[0]}


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
        "cases": count(env, "SELECT count(*) FROM credit_case"),
        "items": count(env, "SELECT count(*) FROM credit_item"),
        "planned": count(env, "SELECT count(*) FROM credit_action WHERE kind = 'reminder'"),
        "steps": count(env, "SELECT count(*) FROM credit_action_line WHERE level_id IS NOT NULL"),
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
    vacuum(env)
    return {}


def quiet(env):
    """A night in which nothing is due, beside the one statement that finds the due lines."""
    floor, night = [], []
    for _round in range(5):
        measure = Measure(env)
        with measure.taken():
            due = _find_due_lines(env)
        floor.append(measure.values)
        same(_due_cases(env, QUIET), 0)
        measure = Measure(env)
        with measure.taken():
            _night(env, QUIET)
        night.append(measure.values)
    return _middle(night) | {"floor": _middle(floor) | {"due_lines": due}}


def busy(env):
    """A night in which 5 % of the debtors are due."""
    measure = Measure(env)
    before = count(env, "SELECT count(*) FROM credit_action_line WHERE level_id IS NOT NULL")
    cases = _due_cases(env, BUSY)
    with measure.taken():
        _night(env, BUSY)
    steps = count(env, "SELECT count(*) FROM credit_action_line WHERE level_id IS NOT NULL")
    return measure.values | {"cases": cases, "steps": steps - before}


def _due_cases(env, day):
    return count(env, "SELECT count(*) FROM credit_case WHERE next_check_on <= %s"
                       " AND state != 'closed'", day)


def _find_due_lines(env):
    """What plain SQL needs at the least: for every open receivable line the last level of its
    debtor's policy whose day has come."""
    return count(env, """
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
    mails = count(env, "SELECT count(*) FROM mail_mail WHERE state = 'outgoing'"
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


STEPS = {
    f.__name__: f
    for f in (
        policy, first, settle, quiet, busy, send, pay, screens, peer, past.figures_history,
        *plans.STEPS, *figures.STEPS, *dossiers.STEPS,
    )
}


def main(database, step, *arguments):
    with environment(database) as env:
        values = STEPS[step](env(context=dict(env.context, lang="en_US")), *arguments)
    show({"step": step} | values)


if __name__ == "__main__":
    main(*sys.argv[1:])
