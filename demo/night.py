"""The demo's nights: some weeks of credit management behind us, then the night of today.

    from odoo.addons.account_credit_care.demo import night
    tables = night.run(env)   # commits; a second call on the same day sends nothing

The months before are walked with a frozen clock on a ledger into which the receipts come in on
their days (`history`), so that cases were opened, won and lost in their time; their mails count as
sent long ago. The plot is played in the last weeks. Tonight's mails leave through the mail server.
"""
from collections import Counter
from datetime import datetime, time, timedelta

from freezegun import freeze_time

from . import agency, dues, figures, history, plot, scenes, staff, voices

WEEKS_BEHIND = 7
CONTROLLERS = ("chiara", "davide")  # chiara works for the first company only


def run(env):
    """Runs what is missing up to tonight; returns the tables to print."""
    companies = env["res.company"].search([], order="id")
    if not env["credit.policy"].search_count([("state", "=", "active")], limit=1):
        _switch_on(env, companies)
        stage = scenes.Stage(env, companies[0])
        stage.set()
        _live_through_the_past(env, companies[0]._credit_today(), stage)
        figures.prepare(env)
        dues.close_the_books(env, companies[0], stage.users["marta"])
    voices.listen(env)
    notes = _open_the_doors(env)
    before = set(env["credit.action"].search([]).ids)
    env["credit.run"]._cron_review()
    env["credit.action"]._cron_send()
    env["mail.mail"].process_email_queue()
    env.cr.commit()
    tables = {
        f"The night of {companies[0]._credit_today()}": _count(env),
        "Messages of this night": _messages(env, before),
        "Suspension of credit": _suspensions(env),
        "What was said and agreed": scenes.count(env),
    }
    if notes:
        tables["For the demonstration"] = [[note] for note in notes]
    return tables | {"logins": _logins(env), "pages": _pages(env)}


# ------------------------------------------------------------------ once


def _switch_on(env, companies):
    users = {user.login: user for user in env["res.users"].search([])}
    for company, login in zip(companies, CONTROLLERS, strict=False):
        company.credit_controller_id = users.get(login, env.user)
        manager = users.get("marta", env.user)
        env["credit.policy"].with_user(manager).with_company(company).action_load_starters()
    policies = env["credit.policy"].search([])
    for policy in policies:
        policy.user_id = policy.company_id.credit_controller_id
    policies.level_ids.filtered(lambda level: level.delay_days == 31).automatic = False
    policies.write({"state": "active"})


def _live_through_the_past(env, today, stage):
    """Night after night of the last weeks, as the scheduler would have run them, and what people
    did on each day."""
    fresh = {company: company.credit_bank_fresh_days for company in env["res.company"].search([])}
    for company in fresh:
        company.credit_bank_fresh_days = 0  # the demo's bank is only booked up to today
    receipts = history.Receipts(env)
    hands = agency.Agency(env, stage.company, stage.users["marta"])
    for back in history.days(WEEKS_BEHIND):
        morning = datetime.combine(today - timedelta(days=back), time(9, 30))
        with freeze_time(morning):
            receipts.come_in(morning.date() - timedelta(days=1))
            hands.begin(morning.date())
            env["credit.run"]._cron_review()
            env["credit.action"].search([("needs_review", "=", True)]).write(
                {"needs_review": False}
            )
            env["credit.action"]._cron_send()
            _deliver_long_ago(env)
            _work_through_calls(env, morning.date())
            stage.play(back, morning.date())
            hands.work(morning.date(), back)
            env["credit.action"]._cron_send()
            _deliver_long_ago(env)
            env.cr.commit()
    receipts.come_in(today)
    for company, days in fresh.items():
        company.credit_bank_fresh_days = days
    env.cr.commit()


def _deliver_long_ago(env):
    mails = env["mail.mail"].search([("state", "=", "outgoing")])
    mails.write({"state": "sent"})
    mails._postprocess_sent_message(mails.recipient_ids, [])
    letters = env["credit.action"].search([("channel", "=", "letter"), ("state", "=", "queued")])
    letters._set_state("sent")


def _work_through_calls(env, day):
    """Calls were made two days after they came up; what was said follows the case's number. What a
    reason would set in motion (a dispute, a plan) is in the plot."""
    calls = env["credit.action"].search([
        ("kind", "=", "reminder"), ("channel", "=", "phone"), ("state", "=", "queued"),
        ("date", "<=", day - timedelta(days=2)),
    ])
    reasons = env["credit.reason"].search([("follow_up", "in", (False, "none", "promise"))])
    for call in calls:
        number = call.case_id.id
        user = call.case_id.user_id or env.user
        if number % 3 == 0:
            call.with_user(user)._log_outcome("not_reached", reasons.browse(), "No answer", False)
        else:
            reason = reasons[number % len(reasons)]
            call.with_user(user)._log_outcome("reached", reason, reason.name, False)


def _open_the_doors(env):
    """A demonstration on a Sunday evening must show messages too."""
    shut = env["credit.policy"].search([("state", "=", "active")]).filtered(
        lambda policy: not policy._is_contact_time()
    )
    shut.write({"calendar_id": False})
    return [f"not in today's story: {what}" for what in scenes.lacks(env)] + [
        "It is outside the contact hours of the policies: they were lifted, so that messages leave."
    ] * bool(shut)


# ------------------------------------------------------------------ figures


def _count(env):
    live = env["credit.case"].search([("state", "!=", "closed")])
    items = env["credit.item"].search([("closed_on", "=", False)])
    rows = [["debtors with a live case", len(live)], ["open items", len(items)]]
    for company, cases in live.grouped("company_id").items():
        currency = company.currency_id
        rows.append([
            f"overdue, {company.name}", currency.format(sum(cases.mapped("amount_overdue")))
        ])
    waiting = env["credit.action"].search_count([
        ("state", "=", "planned"), ("needs_review", "=", True)
    ])
    return [*rows, ["messages waiting for review", waiting]]


def _messages(env, before):
    fresh = env["credit.action"].search([("id", "not in", list(before)), ("kind", "=", "reminder")])
    counts, amounts = Counter(), Counter()
    for action in fresh:
        key = (action.level_id.delay_days, action.level_id.name, action.channel, action.status)
        counts[key] += 1
        amounts[key] += action.amount_total
    unit = ", ".join(sorted(set(fresh.currency_id.mapped("name"))))
    rows = [["days after due, level", "channel", "state", "messages", f"amount, {unit}"]]
    for key in sorted(counts):
        day, name, channel, status = key
        rows.append([
            f"{day:+d} {name}", channel, status, counts[key], f"{amounts[key]:,.2f}"
        ])
    return rows if len(rows) > 1 else [["nothing: this day's night has run already"]]


def _suspensions(env):
    cases = env["credit.case"].search([("state", "!=", "closed")])
    return [
        ["announced for tomorrow",
         len(cases.filtered(lambda c: c.warned_on and not c.suspended_on))],
        ["suspended now", len(cases.filtered("suspended_on"))],
    ]


def _logins(env):
    roles = {
        "manager": "credit manager", "controller": "credit controller",
        "accountant": "accountant", "sales": "salesperson", "workshop": "head of the workshop",
    }
    known = set(env["res.users"].search([]).mapped("login"))
    rows = [
        [login, login, f"{name}, {roles[role]}"]
        for login, (name, role, *_rest) in staff.STAFF.items() if login in known
    ]
    rows += [
        [login, login, f"{name}, {house}"] for login, (name, house, *_rest) in
        agency.PEOPLE.items() if login in known
    ]
    login, debtor = plot.PORTAL
    rows.append([login, login, f"{debtor}, customer (portal)"])
    return [["admin", "admin", "administrator"], *rows]


def _pages(env):
    """Links of today to some debtors' pages, as their messages bear them."""
    cases = env["credit.case"].search([
        ("partner_id.name", "in", plot.LINKED), ("state", "!=", "closed"),
    ], order="id desc")
    return [[case.partner_id.name, case._get_page_url()] for case in cases]
