"""Invoices, credit notes and the opening entry: core's own documents, in batches."""

from datetime import timedelta

from odoo.fields import Command

from . import orders, story
from .people import DEBTORS

CREDITED = 0.3  # share of an invoice that a partial credit note takes back
CREDIT_REASONS = {
    "full": "Fattura errata, riemessa",
    "applied": "Merce resa",
    "open": "Contestazione: cilindro fuori tolleranza",
}


def issue(house):
    """Post all invoices of both companies; return {invoice: sale}, oldest first."""
    issued = {}
    for key, company in house.companies.items():
        sales = sorted(story.sales(key, house.today), key=lambda sale: not sale.by_order)
        ordered = [sale for sale in sales if sale.by_order]
        invoices = orders.invoice(house, ordered)
        invoices += house.env["account.move"].with_company(company).create([
            _invoice(house, company, sale) for sale in sales if not sale.by_order
        ])
        invoices.action_post()
        invoices.is_move_sent = True
        issued |= zip(invoices, sales, strict=True)
    for invoice, sale in issued.items():
        if sale.debtor.quiet and sale.held:
            invoice.no_followup = True
    return dict(sorted(issued.items(), key=lambda pair: pair[1].date))


def correct(house, issued):
    """Credit notes: a whole invoice taken back, a part of one, a part not reconciled yet."""
    notes = house.env["account.move"]
    for debtor in DEBTORS:
        if debtor.credit:
            mine = [move for move, sale in issued.items()
                    if sale.debtor == debtor and sale.company == "workshop"]
            disputed = next((move for move in mine if issued[move].held), mine[3])
            notes += _credit_note(house, disputed, debtor.credit)
    notes.action_post()     # core reconciles each with the invoice it reverses
    notes.is_move_sent = True
    return notes


def carry_over(house):
    """One entry brings what customers owed in the old books; core keeps it out of follow-up."""
    company = house.companies["workshop"]
    chart = house.env["account.chart.template"].with_company(company)
    day = house.today - timedelta(days=story.PERIOD + 5)
    owing = [debtor for debtor in DEBTORS if debtor.opening]
    entry = house.env["account.move"].with_company(company).create({
        "move_type": "entry", "journal_id": chart.ref("general").id, "date": day,
        "ref": "Apertura conti clienti",
        "line_ids": [
            Command.create({
                "name": "Saldo precedente", "partner_id": house.partners[debtor.name].id,
                "account_id": chart.ref("1501").id, "debit": abs(debtor.opening),
                "date_maturity": day + timedelta(days=20),
            })
            for debtor in owing
        ] + [Command.create({
            "name": "Bilancio di apertura", "account_id": chart.ref("2801").id,
            "credit": sum(abs(debtor.opening) for debtor in owing),
        })],
    })
    entry.action_post()
    return entry


def _invoice(house, company, sale):
    debtor, partner = sale.debtor, house.partners[sale.debtor.name]
    currency = company.currency_id if debtor.currency == "EUR" else house.env.ref("base.USD")
    return {
        "move_type": "out_invoice", "company_id": company.id, "currency_id": currency.id,
        "partner_id": partner.address_get(["invoice"])["invoice"],
        "invoice_date": sale.date, "invoice_payment_term_id": house.terms[sale.term].id,
        "invoice_user_id": house.staff[debtor.rep].id if debtor.rep else False,
        "invoice_line_ids": [
            Command.create({
                "product_id": house.goods[product].id, "quantity": quantity,
                "price_unit": story.price(product, debtor),
            })
            for product, quantity in sale.lines
        ],
    }


def _credit_note(house, invoice, kind):
    """A draft credit note on the invoice, made by core's wizard."""
    env = house.env(context=house.env.context | {
        "active_model": "account.move", "active_ids": invoice.ids,
    })
    wizard = env["account.move.reversal"].with_company(invoice.company_id).create({
        "reason": CREDIT_REASONS[kind], "journal_id": invoice.journal_id.id,
        "date": min(invoice.invoice_date + timedelta(days=12), house.today - timedelta(days=2)),
    })
    wizard.refund_moves()
    note = wizard.new_move_ids.with_env(house.env)
    if kind != "full":
        note.invoice_line_ids = [
            Command.update(line.id, {"price_unit": round(line.price_unit * CREDITED, 2)})
            for line in note.invoice_line_ids
        ]
    if kind == "open":
        note.reversed_entry_id = False
    return note
