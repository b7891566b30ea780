"""A ledger of N open receivable lines on N/5 debtors, in seconds.

seed.py DATABASE LINES

One debtor with five open invoices and a sixth that was paid late is made by the ORM; the rest are
copies of those rows in SQL, with every key that points into the pattern moved along. Then the ORM
reads a sample, recomputes what the copies claim and registers payments on a few. The module itself
is not needed: the same ledger serves the peer.
"""

import sys
from datetime import date, timedelta

from odoo_process import environment, show

MONDAY = date(2026, 3, 2)  # the first night
YOUNGEST, OLDEST = 5, 200  # days overdue on that night
AMOUNTS = (80.0, 240.0, 650.0, 1500.0, 4200.0)
TABLES = (
    "res_partner",
    "account_move",
    "account_move_line",
    "account_payment",
    "account_full_reconcile",
    "account_partial_reconcile",
)


def make_pattern(env):
    """``{table: ids}`` of one debtor as the ORM makes him."""
    partner = env["res.partner"].create(
        {
            "name": "Debtor 0",
            "is_company": True,
            "email": "debtor0@bench.example",
            "phone": "+39 059 100000",
            "street": "Via Emilia 1",
            "city": "Modena",
            "zip": "41121",
            "lang": "en_US",
            "country_id": env.ref("base.it").id,
        }
    )
    day = MONDAY - timedelta(days=YOUNGEST)
    invoices = env["account.move"].create(
        [_invoice(partner, amount, day) for amount in (*AMOUNTS, 330.0)]
    )
    invoices.action_post()
    payment = (
        env["account.payment.register"]
        .with_context(active_model="account.move", active_ids=invoices[-1:].ids)
        .create({"payment_date": MONDAY - timedelta(days=1)})
        ._create_payments()
    )
    env.flush_all()
    moves = invoices | payment.move_id
    partials = moves.line_ids.matched_debit_ids | moves.line_ids.matched_credit_ids
    records = (partner, moves, moves.line_ids, payment, partials.full_reconcile_id, partials)
    return {table: some.sorted("id").ids for table, some in zip(TABLES, records, strict=True)}


def _invoice(partner, amount, due):
    return {
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": due - timedelta(days=30),
        "invoice_date_due": due,
        "invoice_line_ids": [
            (0, 0, {"name": "Goods", "price_unit": amount, "quantity": 1, "tax_ids": [(5,)]}),
        ],
    }


class Cloner:
    """Copies of the pattern's rows: copy k of the row with rank r becomes
    ``first + (k - 1) * rows + r``, in every table and in every key between them."""

    def __init__(self, cr, pattern, copies):
        self.cr, self.copies = cr, copies
        self.pattern = {table: ids for table, ids in pattern.items() if ids}
        self.first = {}
        for table, ids in self.pattern.items():
            cr.execute(f"SELECT nextval('{table}_id_seq')")
            self.first[table] = cr.fetchone()[0]
            last = self.first[table] + copies * len(ids)
            cr.execute(f"SELECT setval('{table}_id_seq', {last})")
            cr.execute(f"CREATE TEMP TABLE rank_{table} (id int PRIMARY KEY, rank int)")
            cr.executemany(
                f"INSERT INTO rank_{table} VALUES (%s, %s)",
                [(row_id, rank) for rank, row_id in enumerate(ids)],
            )

    def copied(self, table, column):
        """SQL: the copy's id for ``column``, where that points into the pattern."""
        rows = len(self.pattern[table])
        return (
            f"COALESCE((SELECT {self.first[table]} + (k - 1) * {rows} + r.rank"
            f" FROM rank_{table} r WHERE r.id = {column}), {column})"
        )

    def clone(self, table, **own):
        """``own``: SQL by column, with ``old`` the pattern's row and ``k`` the copy's number."""
        keys = self._keys(table)
        columns, values = [], []
        for column in self._columns(table):
            columns.append(f'"{column}"')
            if column == "id":
                values.append(self.copied(table, "old.id"))
            elif column in own:
                values.append(own[column])
            elif column in keys:
                values.append(self.copied(keys[column], f'old."{column}"'))
            else:
                values.append(f'old."{column}"')
        self.cr.execute(f"""
            INSERT INTO {table} ({", ".join(columns)})
            SELECT {", ".join(values)}
              FROM generate_series(1, {self.copies}) k, {table} old
              JOIN rank_{table} mine ON mine.id = old.id
             ORDER BY k, mine.rank
        """)

    def _columns(self, table):
        self.cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND is_generated = 'NEVER' ORDER BY ordinal_position",
            (table,),
        )
        return [name for (name,) in self.cr.fetchall()]

    def _keys(self, table):
        self.cr.execute(
            """SELECT attname, confrelid::regclass::text FROM pg_constraint
                 JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
                WHERE contype = 'f' AND conrelid = %s::regclass""",
            (table,),
        )
        return {column: other for column, other in self.cr.fetchall() if other in self.pattern}


def clone_all(cr, pattern, copies):
    """Due dates are spread evenly over the backlog: number of the copy and rank, well mixed."""
    cr.execute("SET LOCAL session_replication_role = replica")  # no check of each foreign key
    make = Cloner(cr, pattern, copies)
    spread = OLDEST - YOUNGEST + 1

    def shift(rank):  # days further back than the pattern; the paid invoice stays where it is
        return (
            f"CASE WHEN {rank} < {len(AMOUNTS)}"
            f" THEN (k::bigint * 7919 + {rank} * 60493 + k / {spread}) % {spread} ELSE 0 END::int"
        )

    move_rank = "(SELECT r.rank FROM rank_account_move r WHERE r.id = old.move_id)"
    number = f"(k * {len(pattern['account_move'])} + mine.rank)"
    make.clone(
        "res_partner",
        name="'Debtor ' || k",
        complete_name="'Debtor ' || k",
        email="'debtor' || k || '@bench.example'",
        email_normalized="'debtor' || k || '@bench.example'",
    )
    days = shift("mine.rank")
    name = f"old.sequence_prefix || 'B' || lpad({number}::text, 7, '0')"
    make.clone(
        "account_move",
        name=name,
        payment_reference=f"CASE WHEN old.payment_reference IS NOT NULL THEN {name} END",
        sequence_number=f"100000 + {number}",
        access_token="NULL",
        invoice_partner_display_name="'Debtor ' || k",
        **{c: f"old.{c} - {days}" for c in ("date", "invoice_date", "invoice_date_due")},
    )
    days = shift(move_rank)
    move = make.copied("account_move", "old.move_id")
    move_name = f"(SELECT m.name FROM account_move m WHERE m.id = {move})"
    make.clone(
        "account_move_line",
        move_name=move_name,
        matching_number=(
            f"COALESCE({make.copied('account_full_reconcile', 'old.full_reconcile_id')}::text,"
            " old.matching_number)"
        ),
        **{c: f"old.{c} - {days}" for c in ("date", "invoice_date", "date_maturity")},
    )
    make.clone("account_payment", memo="old.memo", name="old.name || '-' || k")
    if "account_full_reconcile" in make.pattern:
        make.clone("account_full_reconcile")
    if "account_partial_reconcile" in make.pattern:
        make.clone("account_partial_reconcile")
    cr.execute(
        f"""
        INSERT INTO account_move__account_payment (invoice_id, payment_id)
        SELECT {make.copied("account_move", "old.invoice_id")},
               {make.copied("account_payment", "old.payment_id")}
          FROM generate_series(1, {copies}) k, account_move__account_payment old
         WHERE old.payment_id IN %s
    """,
        (tuple(pattern["account_payment"]),),
    )
    cr.execute("SET LOCAL session_replication_role = DEFAULT")


def check(env, lines):
    """What the ORM says of the copies."""
    env.invalidate_all()
    open_lines = [
        ("account_type", "=", "asset_receivable"),
        ("reconciled", "=", False),
        ("parent_state", "=", "posted"),
        ("amount_residual", ">", 0),
    ]
    Line = env["account.move.line"]
    _same(Line.search_count(open_lines), lines, "open lines")
    _same(
        Line._read_group(open_lines, [], ["partner_id:count_distinct"])[0][0], lines // 5, "debtors"
    )
    moves = env["account.move"].search([("move_type", "=", "out_invoice")])
    sample = (
        moves[:: max(1, len(moves) // 60)]
        | moves.filtered(lambda m: m.payment_state != "not_paid")[:5]
    )
    for move in sample:
        before = move.read(["payment_state", "amount_residual", "amount_total", "state"])[0]
        line = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        kept = line.amount_residual, line.reconciled
        env.add_to_compute(line._fields["amount_residual"], line)
        env.add_to_compute(move._fields["payment_state"], move)
        env.add_to_compute(move._fields["amount_residual"], move)
        _same(
            move.read(["payment_state", "amount_residual", "amount_total", "state"])[0],
            before,
            move.name,
        )
        _same((line.amount_residual, line.reconciled), kept, f"residual of {move.name}")
        _same(line.date_maturity, move.invoice_date_due, f"due date of {move.name}")
        _same(move.line_ids.mapped("move_name"), [move.name] * 2, f"lines of {move.name}")
    unpaid = sample.filtered(lambda m: m.payment_state == "not_paid")[:3]
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=unpaid.ids
    ).create({"payment_date": MONDAY, "group_payment": False})._create_payments()
    _same(
        [
            m.payment_state in ("paid", "in_payment")
            and m.line_ids.filtered(lambda line: line.account_type == "asset_receivable").reconciled
            for m in unpaid
        ],
        [True] * len(unpaid),
        "payment",
    )
    env.cr.rollback()  # the payments were a trial


def _same(found, wanted, what):
    if found != wanted:
        sys.exit(f"the copied ledger is wrong, {what}: {found} instead of {wanted}")


def main(database, lines):
    debtors = int(lines) // 5
    with environment(database) as env:
        env = env(context=dict(env.context, tracking_disable=True, lang="en_US"))
        pattern = make_pattern(env)
        clone_all(env.cr, pattern, debtors - 1)
        env.cr.commit()
        env.cr._cnx.autocommit = True
        env.cr.execute("VACUUM ANALYZE")
        env.cr._cnx.autocommit = False
        check(env, debtors * 5)
    show({"lines": debtors * 5, "debtors": debtors})


if __name__ == "__main__":
    main(*sys.argv[1:])
