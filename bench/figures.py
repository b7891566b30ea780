"""Figures on a large ledger with two years behind it (past.py): what the page of figures costs, and
each part of it, beside one statement that reads what is open.

A step of measure.py: figures.
"""

from statistics import median

from meter import Measure, count, same
from odoo_process import at, following
from seed import MONDAY


def figures(env):
    """Each figure five times, the first apart, today and a year ago."""
    env = env(user=env.ref("base.user_admin"))
    env.user.sudo().group_ids |= env.ref("account_credit_care.group_credit_manager")
    company, reader = env.company, env["credit.figures"].sudo()
    today = following(MONDAY, 30)
    report, page = env["credit.ageing.report"], env["credit.dashboard"]
    year = today.replace(year=today.year - 1)
    period = reader._get_period(today)
    twelve = reader._get_period(today, 12)
    names = ("policy_id", "salesperson_id", "agency_id", "reason_id")

    def item():
        return env["credit.item"].search([("closed_on", "=", False)], limit=1).expected_on

    asked = {
        "one statement": lambda: _sum_open(env),
        "money, anew": lambda: page.get_figures("money", anew=True),
        "customers, anew": lambda: page.get_figures("customers", anew=True),
        "hands and league, anew": lambda: page.get_figures("hands", anew=True),
        "one item, anew": item,
        "the night keeps the page": lambda: page._keep(company),
        "dashboard opened": lambda: [
            page.get_figures(half) for half in ("choices", "money", "customers", "hands")],
        "forecast": lambda: reader._get_forecast(company),
        "money but the forecast": lambda: reader._get_past_money(company, *period),
        "recovery by cohort": lambda: reader._get_recovery(company, *twelve, {}, None),
        "what brought the money": lambda: reader._get_stages(company, *twelve, {}, None),
        "customers kept": lambda: reader._read_relations(company, *twelve),
        "ageing": lambda: reader._read_buckets(company, today),
        "ageing a year ago": lambda: reader._read_buckets(company, year),
        "ageing by policy, pivot": lambda: report.formatted_read_group(
            [], ["policy_id", "bucket_id"], ["amount_open:sum"]),
        "ageing by all dimensions": lambda: [
            report.formatted_read_group([], [name], ["amount_open:sum"]) for name in names],
        "snapshot of a day": lambda: env["credit.snapshot"].sudo()._take(company, today),
        "snapshot of a past day": lambda: env["credit.snapshot"].sudo()._take(company, year),
        "one customer": lambda: reader._get_behaviour(
            company, env["credit.case"].search([], limit=1).partner_id.ids, today),
        "one item": item,
    }
    with at(today):
        same(round(sum(row.open for row in reader._read_buckets(company, today)) / 100),
             round(_sum_open(env)))
        found = {name: _median(env, act) for name, act in asked.items()}
    env.cr.rollback()
    return found


def _sum_open(env):
    """What any program has to read at the least."""
    return float(count(env, """
        SELECT SUM(line.amount_residual) FROM account_move_line line
          JOIN account_account account
            ON account.id = line.account_id AND account.account_type = 'asset_receivable'
         WHERE line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
           AND line.company_id = %s""", env.company.id))


def _median(env, act):
    rounds = []
    for _again in range(6):
        measure = Measure(env)
        with measure.taken():
            act()
        rounds.append(measure.values)
    return {key: median(one[key] for one in rounds[1:]) for key in rounds[0]}


STEPS = (figures,)
