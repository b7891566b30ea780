"""Two years behind the bench ledger: what was invoiced and paid, asked for, placed with agencies
and said of it. All of it copied in SQL, so that 100,000 paid lines take seconds.

A step of measure.py: figures_history.
"""

from meter import count, same, vacuum
from seed import MONDAY

MONTHS, COPIES = 24, 5  # each debtor's paid invoice once more every five months or so
APART = MONTHS * 30 // COPIES
LATEST = 120  # days late; the paid invoices spread evenly from the due date up to there
PLACED = 45  # days overdue when it goes to an agency, if it is open so long
PLACING, ANSWERING = 5, 10  # of one debtor in five; one placement in ten has an answer
AGENCIES, COLLECTORS = 5, 2
SHIFT = f"(copy.number * {APART} - settled.rank % {APART})::int"
LATE = f"((settled.rank * 7919 + copy.number * 60493) % {LATEST + 1})::int"
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
    """The paid invoice of each debtor and its payment copied into the past, and what led to it."""
    env.cr.execute("SET session_replication_role = replica")  # the pattern's keys hold for copies
    _copy_invoices(env.cr)
    _copy_payments(env.cr)
    _take_in(env.cr)
    mandates = _make_agencies(env)
    _place(env.cr, mandates)
    _answer(env)
    vacuum(env)
    found = {
        name: count(env, f"SELECT count(*) FROM {table}") for name, table in (
            ("partials", "account_partial_reconcile"), ("placements", "credit_placement"),
            ("answers", "survey_user_input"),
        )
    }
    _check(env)
    return found


def _copy_invoices(cr):
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
               copy.number, {SHIFT} - side.paid * LEAST({LATE}, {SHIFT}) AS days, side.line_id,
               {SHIFT} AS shift, LEAST({LATE}, {SHIFT}) AS late
          FROM settled CROSS JOIN generate_series(1, {COPIES}) AS copy (number)
         CROSS JOIN LATERAL (VALUES (settled.move_id, settled.debit_id, 0),
                                    (settled.payment_move_id, settled.credit_id, 1)
                            ) AS side (move_id, line_id, paid)""")
    for table, key in (("account_move", "id"), ("account_move_line", "move_id")):
        cr.execute("""SELECT column_name FROM information_schema.columns
                       WHERE table_name = %s ORDER BY ordinal_position""", [table])
        columns = [name for (name,) in cr.fetchall()]
        values = [MOVED[table].get(name, f'row."{name}"') for name in columns]
        names = ", ".join(f'"{name}"' for name in columns)
        cr.execute(f"""INSERT INTO {table} ({names}) SELECT {", ".join(values)}
                         FROM copy JOIN {table} row ON row.{key} = copy.move_id""")


def _copy_payments(cr):
    """``past``: each copied claim with the day on which it was paid."""
    cr.execute("""
        CREATE TEMP TABLE past AS
        SELECT settled.id AS partial_id, settled.rank AS partner_id, owed.number,
               debit.id AS debit_id, credit.id AS credit_id, debit.date_maturity AS due_on,
               credit.date AS paid_on, debit.balance AS amount, debit.move_name
          FROM settled
          JOIN copy owed ON owed.partial_id = settled.id AND owed.line_id = settled.debit_id
          JOIN copy paid ON paid.partial_id = settled.id AND paid.line_id = settled.credit_id
           AND paid.number = owed.number
          JOIN account_move_line debit ON debit.move_id = owed.id
           AND debit.account_id = (SELECT account_id FROM account_move_line
                                    WHERE id = settled.debit_id)
          JOIN account_move_line credit ON credit.move_id = paid.id
           AND credit.account_id = debit.account_id""")
    cr.execute("""
        INSERT INTO account_partial_reconcile (
            debit_move_id, credit_move_id, debit_currency_id, credit_currency_id, company_id,
            amount, debit_amount_currency, credit_amount_currency, max_date)
        SELECT past.debit_id, past.credit_id, old.debit_currency_id, old.credit_currency_id,
               old.company_id, old.amount, old.debit_amount_currency, old.credit_amount_currency,
               GREATEST(past.paid_on, debit.date)
          FROM past JOIN account_partial_reconcile old ON old.id = past.partial_id
          JOIN account_move_line debit ON debit.id = past.debit_id""")


def _take_in(cr):
    """Each of them an item of its debtor's case, with a reminder three days after it was due."""
    cr.execute("""
        INSERT INTO credit_item (
            move_line_id, name, case_id, company_id, currency_id, due_on, opened_on, round,
            amount_opened, closed_on, close_reason)
        SELECT past.debit_id, past.move_name, care.id, care.company_id, line.currency_id,
               past.due_on, past.due_on - 30, 1, past.amount, past.paid_on, 'cash'
          FROM past JOIN credit_case care ON care.partner_id = past.partner_id
          JOIN account_move_line line ON line.id = past.debit_id""")
    cr.execute("""
        INSERT INTO credit_action (case_id, company_id, kind, channel, direction, state, date)
        SELECT care.id, care.company_id, 'reminder', 'email', 'out', 'sent', past.due_on + 3
          FROM past JOIN credit_case care ON care.partner_id = past.partner_id
         WHERE past.paid_on > past.due_on + 3""")


def _make_agencies(env):
    """Mandates of some agencies, each with its collectors, by the module's own methods."""
    mandates = env["credit.mandate"]
    for number in range(AGENCIES):
        agency = env["res.partner"].create({"name": f"Agency {number}", "is_company": True})
        mandate = mandates.create({
            "name": f"Mandate {number}", "agency_id": agency.id, "company_id": env.company.id,
            "user_id": env.ref("base.user_admin").id, "start_on": MONDAY, "pressure": "firm",
            "does_collection": True, "fee_per_placement": 10.0,
        })
        for person in range(COLLECTORS):
            user = env["res.users"].create({
                "name": f"Collector {number}{person}", "login": f"collector{number}{person}",
                "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
            })
            user.partner_id.parent_id = agency
            env["credit.collector"].create({"mandate_id": mandate.id, "user_id": user.id})
        mandates |= mandate
    env.flush_all()
    return mandates


def _place(cr, mandates):
    """One debtor in so many had an agency on whatever was not paid when it was old."""
    cr.execute(f"""
        CREATE TEMP TABLE entrusted AS
        SELECT past.*, care.id AS case_id, care.company_id, item.id AS item_id,
               nextval('credit_placement_id_seq')::int AS placement_id,
               nextval('credit_handover_id_seq')::int AS handover_id, hand.collector_id,
               hand.mandate_id, hand.agency_id
          FROM past JOIN credit_case care ON care.partner_id = past.partner_id
          JOIN credit_item item ON item.move_line_id = past.debit_id
          JOIN (SELECT collector.id AS collector_id, mandate.id AS mandate_id, mandate.agency_id,
                       ROW_NUMBER() OVER (ORDER BY collector.id) - 1 AS place
                  FROM credit_collector collector
                  JOIN credit_mandate mandate ON mandate.id = collector.mandate_id
                 WHERE mandate.id IN %s) AS hand
            ON hand.place = (past.partner_id / {PLACING} + past.number)
                            %% {AGENCIES * COLLECTORS}
         WHERE past.partner_id %% {PLACING} = 0 AND past.paid_on > past.due_on + {PLACED}""",
        [tuple(mandates.ids)])
    cr.execute("""
        INSERT INTO credit_handover (
            id, case_id, company_id, partner_id, user_id, state, ended_on)
        SELECT handover_id, case_id, company_id, partner_id, 2, 'submitted', paid_on
          FROM entrusted""")
    cr.execute(f"""
        INSERT INTO credit_placement (
            id, case_id, company_id, partner_id, handover_id, mandate_id, agency_id, collector_id,
            age, name, kind, state, pressure, sent_on, ended_on, amount)
        SELECT placement_id, case_id, company_id, partner_id, handover_id, mandate_id, agency_id,
               collector_id, {PLACED}, 'P' || placement_id, 'collection', 'closed', 'firm',
               due_on + {PLACED}, paid_on, amount
          FROM entrusted""")
    cr.execute("""
        INSERT INTO credit_placement_line (
            placement_id, company_id, item_id, due_on, amount, amount_company)
        SELECT placement_id, company_id, item_id, due_on, amount, amount FROM entrusted""")


def _answer(env):
    """Some customers have said how satisfied they were with the agency."""
    question = env["survey.question"].search([("credit_metric", "=", "csat")], limit=1)
    env.cr.execute("""
        CREATE TEMP TABLE heard AS
        SELECT entrusted.*, nextval('survey_user_input_id_seq')::int AS answer_id FROM entrusted
         WHERE placement_id %% %s = 0""", [ANSWERING])
    env.cr.execute("""
        INSERT INTO survey_user_input (
            id, survey_id, access_token, state, test_entry, credit_company_id, credit_case_id,
            credit_placement_id, credit_collector_id, credit_answered_on)
        SELECT answer_id, %s, 'bench' || answer_id, 'done', FALSE, company_id, case_id,
               placement_id, collector_id, paid_on
          FROM heard""", [question.survey_id.id])
    env.cr.execute("""
        INSERT INTO survey_user_input_line (
            user_input_id, survey_id, question_id, skipped, answer_type, value_scale)
        SELECT answer_id, %s, %s, FALSE, 'scale', 1 + (answer_id * 7919) %% 5
          FROM heard""", [question.survey_id.id, question.id])


def _check(env):
    """What the module says of the copies, of a sample: paid in full by cash, and whose cash."""
    env.invalidate_all()
    placements = env["credit.placement"].search([], limit=40)
    same([one.amount_received for one in placements], [one.amount for one in placements])
    items = placements.line_ids.item_id
    same(set(items.mapped("amount_residual")), {0.0})
    same([one.matched_credit_ids.amount for one in items.move_line_id],
         items.mapped("amount_opened"))
