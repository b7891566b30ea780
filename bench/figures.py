"""Figures on a large ledger with two years behind it: what a page of them costs, beside one
statement that reads what is open.

Steps of measure.py: figures_history, figures.
"""

from statistics import median

from meter import Measure, count, same, vacuum
from odoo_process import at, following
from seed import MONDAY

MONTHS, COPIES = 24, 5  # each debtor's paid invoice once more every five months or so
SHIFT = f"(copy.number * {MONTHS * 30 // COPIES} - settled.rank % {MONTHS * 30 // COPIES})::int"
MOVED = {  # columns of the copies that are not those of the pattern
    "account_move": {
        "id": "copy.id", "date": "row.date - copy.days",
        "invoice_date": "row.invoice_date - copy.days",
        "invoice_date_due": "row.invoice_date_due - copy.days",
        "name": "row.name || '/' || copy.number",
    },
    "account_move_line": {
        "id": "nextval('account_move_line_id_seq')", "move_id": "copy.id",
        "move_name": "row.move_name || '/' || copy.number", "date": "row.date - copy.days",
        "date_maturity": "row.date_maturity - copy.days", "full_reconcile_id": "NULL",
    },
}


def figures_history(env):
    """The paid invoice of each debtor with its payment, copied into the past in SQL."""
    cr = env.cr
    cr.execute("SET session_replication_role = replica")  # the pattern's keys hold for its copies
    cr.execute("""
        CREATE TEMP TABLE settled AS
        SELECT partial.id, debit.id AS debit_id, credit.id AS credit_id, debit.move_id,
               credit.move_id AS payment_move_id, debit.partner_id AS rank
          FROM account_partial_reconcile partial
          JOIN account_move_line debit ON debit.id = partial.debit_move_id
          JOIN account_move_line credit ON credit.id = partial.credit_move_id""")
    cr.execute(f"""
        CREATE TEMP TABLE copy AS
        SELECT nextval('account_move_id_seq')::int AS id, side.move_id, settled.id AS partial_id,
               copy.number, {SHIFT} AS days, side.line_id
          FROM settled CROSS JOIN generate_series(1, {COPIES}) AS copy (number)
         CROSS JOIN LATERAL (VALUES (settled.move_id, settled.debit_id),
                                    (settled.payment_move_id, settled.credit_id)
                            ) AS side (move_id, line_id)""")
    for table, key in (("account_move", "id"), ("account_move_line", "move_id")):
        cr.execute("""SELECT column_name FROM information_schema.columns
                       WHERE table_name = %s ORDER BY ordinal_position""", [table])
        columns = [name for (name,) in cr.fetchall()]
        values = [MOVED[table].get(name, f'row."{name}"') for name in columns]
        names = ", ".join(f'"{name}"' for name in columns)
        cr.execute(f"""INSERT INTO {table} ({names}) SELECT {", ".join(values)}
                         FROM copy JOIN {table} row ON row.{key} = copy.move_id""")
    cr.execute("""
        INSERT INTO account_partial_reconcile (
            debit_move_id, credit_move_id, debit_currency_id, credit_currency_id, company_id,
            amount, debit_amount_currency, credit_amount_currency, max_date)
        SELECT debit.id, credit.id, old.debit_currency_id, old.credit_currency_id, old.company_id,
               old.amount, old.debit_amount_currency, old.credit_amount_currency,
               GREATEST(debit.date, credit.date)
          FROM settled JOIN account_partial_reconcile old ON old.id = settled.id
          JOIN copy owed ON owed.partial_id = old.id AND owed.line_id = settled.debit_id
          JOIN copy paid ON paid.partial_id = old.id AND paid.line_id = settled.credit_id
           AND paid.number = owed.number
          JOIN account_move_line debit ON debit.move_id = owed.id
           AND debit.account_id = (SELECT account_id FROM account_move_line
                                    WHERE id = settled.debit_id)
          JOIN account_move_line credit ON credit.move_id = paid.id
           AND credit.account_id = debit.account_id""")
    vacuum(env)
    return {"partials": count(env, "SELECT count(*) FROM account_partial_reconcile")}


def figures(env):
    """Each figure five times, the first apart, today and a year ago."""
    env = env(user=env.ref("base.user_admin"))
    env.user.sudo().group_ids |= env.ref("account_credit_care.group_credit_manager")
    company, reader = env.company, env["credit.figures"].sudo()
    today = following(MONDAY, 30)
    report = env["credit.ageing.report"]
    year = today.replace(year=today.year - 1)
    period = reader._get_period(today)
    names = ("policy_id", "salesperson_id", "agency_id", "reason_id")
    asked = {
        "one statement": lambda: _sum_open(env),
        "ageing": lambda: reader._read_buckets(company, today),
        "ageing a year ago": lambda: reader._read_buckets(company, year),
        "ageing by policy, pivot": lambda: report.formatted_read_group(
            [], ["policy_id", "bucket_id"], ["amount_open:sum"]),
        "ageing by all dimensions": lambda: [
            report.formatted_read_group([], [name], ["amount_open:sum"]) for name in names],
        "all but the forecast": lambda: reader._get_past_money(company, *period),
        "forecast": lambda: reader._get_forecast(company),
        "snapshot of a day": lambda: env["credit.snapshot"].sudo()._take(company, today),
        "snapshot of a past day": lambda: env["credit.snapshot"].sudo()._take(company, year),
        "one customer": lambda: reader._get_behaviour(
            company, env["credit.case"].search([], limit=1).partner_id.ids, today),
        "one item": lambda: env["credit.item"].search([], limit=1).expected_on,
    }
    with at(today):
        same(round(sum(row[0] for row in reader._read_buckets(company, today)) / 100),
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


STEPS = (figures_history, figures)
