"""What the ledger promises, looked up in the database."""

from datetime import timedelta

from .company import DIRECT_DEBIT, PARTS, WORKSHOP, today_there
from .people import DEBTORS
from .staff import LEFT, STAFF, TEAMS

STEPS = (5, 0, -3, -10, -20, -30, -31, -35, -40, -45)   # due dates that must have a debtor


def figures(env, today):
    """How much of everything there is."""
    lines, payments = _receivables(env), env["account.payment"].search([])
    open_lines = lines.filtered(lambda line: not line.reconciled)
    owed = open_lines.filtered(lambda line: line.amount_residual > 0)
    overdue = owed.filtered(lambda line: line.date_maturity < today)
    orders = env["sale.order"].search([])
    return {
        "debtors": len(_debtors(env)),
        "invoices": len(_moves(env, "out_invoice")),
        "credit_notes": len(_moves(env, "out_refund")),
        "payments": len(payments),
        "unallocated_payments": len(payments.filtered(lambda payment: not payment.is_reconciled)),
        "open_lines": len(open_lines),
        "overdue_lines": len(overdue),
        "overdue_debtors": len(overdue.partner_id),
        "owed": round(sum(open_lines.mapped("amount_residual")), 2),
        "overdue": round(sum(overdue.mapped("amount_residual")), 2),
        "orders": len(orders.filtered(lambda order: order.state == "sale")),
        "quotations": len(orders.filtered(lambda order: order.state in ("draft", "sent"))),
        "printed_invoices": len(_printed(env)),
    }


def check(env, today=None):
    """Print the figures; raise AssertionError naming every promise the ledger does not keep.

    Exact due dates hold on the day of the build: pass that day to check an older ledger.
    """
    today = today or today_there(env)
    found = figures(env, today)
    for name, figure in found.items():
        print(f"{name:22} {figure:>12,}")   # noqa: T201 (read by a person at a shell)
    promises = {
        **_size(env, found, today), **_people(env), **_ways_to_pay(env, today),
        **_complications(env, today), **_orders(env),
    }
    broken = [promise for promise, kept in promises.items() if not kept]
    if broken:
        raise AssertionError(f"The demo ledger lacks: {'; '.join(broken)}")
    return found


def _size(env, found, today):
    companies = env["res.company"].search([("name", "in", (WORKSHOP, PARTS))])
    moves = env["account.move"].search([])
    invoices = _moves(env, "out_invoice")
    numbers = invoices.grouped(lambda move: (move.journal_id, move.sequence_prefix)).values()
    by_date = [batch.sorted("sequence_number").mapped("date") for batch in numbers]
    return {
        "two companies with the Italian chart": companies.mapped("chart_template") == ["it", "it"],
        "about 80 debtors": 76 <= found["debtors"] <= 84,
        "about 600 invoices": 560 <= found["invoices"] <= 640,
        "14 months": (today - min(invoices.mapped("date"))).days > 400,
        "invoices of the last week": max(invoices.mapped("date")) >= today - timedelta(days=7),
        "nothing after today": max(moves.mapped("date")) <= today,
        "nothing left in draft": not moves.filtered(lambda move: move.state != "posted"),
        "numbers without gaps": not any(moves.mapped("made_sequence_gap")),
        "numbers in order of date": all(dates == sorted(dates) for dates in by_date),
        "no mail queued": not env["mail.mail"].search_count([]),
        "about 30 printed invoices": 25 <= found["printed_invoices"] <= 35,
        "an overdue quarter": 0.2 < found["overdue"] / found["owed"] < 0.8,
    }


def _people(env):
    debtors, users = _debtors(env), env["res.users"].with_context(active_test=False)
    staff = {user.login: user for user in users.search([("login", "in", list(STAFF))])}
    sellers = [login for login, row in STAFF.items() if row[1] == "sales" and staff[login].active]
    clerks = debtors.child_ids.filtered(lambda child: child.type == "invoice" and child.email)
    silent = debtors.filtered(lambda partner: not partner.email)
    italian = debtors.filtered(lambda partner: partner.lang == "it_IT")
    companies = {
        partner: batch.company_id
        for partner, batch in _moves(env, "out_invoice").grouped("commercial_partner_id").items()
    }
    return {
        "six salespeople": len(sellers) == 6,
        "sellers' rights": all(
            staff[login].has_group("sales_team.group_sale_salesman") for login in sellers),
        "two teams with a leader": env["crm.team"].search_count([
            ("user_id", "in", [staff[login].id for login in TEAMS])]) == 2,
        "a salesperson who left": staff[LEFT] in debtors.user_id and not staff[LEFT].active,
        "a debtor of nobody": debtors.filtered(lambda partner: not partner.user_id),
        "Italian and English": 50 < len(italian) < len(debtors) - 10,
        "consumers": 15 < len(debtors.filtered(lambda partner: not partner.is_company)) < 30,
        "invoice contacts": len(clerks) > 8,
        "only the invoice contact's mail": silent & clerks.parent_id,
        "letters only": (silent - clerks.parent_id).filtered(
            lambda partner: partner.phone and partner.street and partner.zip),
        "one out of reach": len(debtors.filtered(
            lambda partner: not (partner.email or partner.phone or partner.street))) == 1,
        "mails that bounce": len(debtors.filtered(
            lambda partner: (partner.email or "").endswith("@bounce.example"))) == 2,
        "shared debtors": sum(len(found) == 2 for found in companies.values()) > 10,
        "direct debits": len(debtors.filtered(
            lambda partner: partner.property_inbound_payment_method_line_id.name == DIRECT_DEBIT[0]
        )) == 2,
    }


def _ways_to_pay(env, today):
    lines = _receivables(env).filtered(lambda line: line.move_id.move_type == "out_invoice")
    open_lines = lines.filtered(lambda line: not line.reconciled)
    delays = [
        (max(line.matched_credit_ids.mapped("max_date")) - line.date_maturity).days
        for line in lines - open_lines if line.matched_credit_ids
    ]
    offsets = {(line.date_maturity - today).days for line in open_lines}
    instalments = open_lines.move_id.filtered(lambda move: len(_terms(move)) == 3)
    fresh = env["account.payment"].search([("date", "=", today - timedelta(days=1))])
    return {
        "paid on time": sum(delay <= 0 for delay in delays) > 150,
        "paid 5 to 17 days late": sum(5 <= delay <= 17 for delay in delays) > 60,
        "paid 30 to 62 days late": sum(30 <= delay <= 62 for delay in delays) > 30,
        "part paid": sum(move.payment_state == "partial" for move in open_lines.move_id) > 4,
        "an instalment overdue, another not": instalments.filtered(lambda move: (
            min((_terms(move) & open_lines).mapped("date_maturity")) < today
            < max((_terms(move) & open_lines).mapped("date_maturity")))),
        "overdue for 40, 70 and 120 days": all(
            any(-age - 30 <= offset <= -age for offset in offsets) for age in (40, 70, 120)),
        "a payment yesterday in both companies": len(fresh.company_id) == 2,
        **{f"due on today{step:+d}": step in offsets for step in STEPS},
    }


def _complications(env, today):
    lines, invoices = _receivables(env), _moves(env, "out_invoice")
    notes = _moves(env, "out_refund")
    open_lines = lines.filtered(lambda line: not line.reconciled)
    opening = open_lines.filtered(lambda line: line.move_id.move_type == "entry"
                                  and not line.move_id.origin_payment_id)
    balance = {
        partner: sum(batch.mapped("amount_residual"))
        for partner, batch in open_lines.grouped("partner_id").items()
    }
    covered = open_lines.filtered(lambda line: line.amount_residual > 0
                                  and line.date_maturity < today
                                  and balance[line.partner_id] <= 0)
    dollars = open_lines.filtered(lambda line: line.currency_id.name == "USD")
    quiet = invoices.filtered(lambda move: move.no_followup and move.amount_residual)
    return {
        "an invoice reversed": invoices.filtered(lambda move: move.payment_state == "reversed"),
        "a credit note applied in part": invoices.filtered(
            lambda move: move.reversal_move_ids and move.payment_state == "partial"),
        "a credit note not reconciled": notes.filtered("amount_residual"),
        "overdue, but covered by money on account": len(covered.partner_id) >= 2,
        "a debtor in credit": any(amount < -100 for amount in balance.values()),
        "dollars owed": len(dollars.partner_id) > 2,
        "rates all along": env["res.currency.rate"].search_count([]) > 55,
        "one invoice not followed up": len(quiet) == 1,
        "old balances, out of follow-up": opening and all(opening.mapped("no_followup")),
    }


def _orders(env):
    orders = env["sale.order"].search([])
    quoted = orders.filtered(lambda order: order.state in ("draft", "sent"))
    overdue = _receivables(env).filtered(lambda line: not line.reconciled).partner_id
    return {
        "about 30 orders": 25 <= len(orders) <= 36,
        "orders invoiced": len(orders.invoice_ids) > 12,
        "orders in hand": orders.filtered(lambda order: order.invoice_status == "to invoice"),
        "quotations of those who owe": len(quoted.partner_id & overdue) > 5,
        "one prepaid": len(quoted.filtered(
            lambda order: order.amount_paid >= order.amount_total > 0)) == 1,
    }


def _debtors(env):
    return env["res.partner"].search([("name", "in", [debtor.name for debtor in DEBTORS])])


def _moves(env, move_type):
    return env["account.move"].search([("move_type", "=", move_type), ("state", "=", "posted")])


def _receivables(env):
    return env["account.move.line"].search([
        ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"),
    ])


def _terms(move):
    return move.line_ids.filtered(lambda line: line.display_type == "payment_term")


def _printed(env):
    return env["ir.attachment"].search([
        ("res_model", "=", "account.move"), ("res_field", "=", "invoice_pdf_report_file"),
    ])
