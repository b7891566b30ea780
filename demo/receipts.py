"""What came in on the bank: payments reconciled with what they pay, and some that are not."""

from collections import defaultdict
from datetime import timedelta
from math import ceil

from . import story
from .company import bank, direct_debit
from .people import DEBTORS

SETTLED_AFTER = 75  # days after the opening entry, for those who have paid since
OVERPAID = 650


def collect(house, issued, opening):
    """Register and reconcile every payment of the story; return the payments."""
    receipts = defaultdict(list)    # (day, company, partner, currency, part of): [(line, amount)]
    for invoice, sale in issued.items():
        for line in _owed(invoice):
            left = line.amount_residual_currency
            for day, share in story.payments(sale, line.date_maturity, house.today):
                amount = line.currency_id.round(left * share)
                whole = amount == line.amount_residual_currency
                key = _key(line, day, part=0 if whole else line.id)
                receipts[key].append((line, amount))
                left -= amount
    settled = {house.partners[debtor.name] for debtor in DEBTORS if debtor.opening < 0}
    for line in _owed(opening).filtered(lambda line: line.partner_id in settled):
        day = opening.date + timedelta(days=SETTLED_AFTER)
        receipts[_key(line, day)].append((line, line.amount_residual_currency))
    return _register(house, receipts)


def pay_on_account(house):
    """Money of some debtors that nobody has allocated: enough for what is open, or more."""
    workshop, payments = house.companies["workshop"], house.env["account.payment"]
    for debtor in DEBTORS:
        if debtor.on_account:
            partner = house.partners[debtor.name]
            currency = house.env["res.currency"].search([("name", "=", debtor.currency)])
            lines = house.env["account.move.line"].search([
                ("partner_id", "=", partner.id), ("company_id", "=", workshop.id),
                ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ])
            open_amount = sum(lines.mapped("amount_residual_currency"))
            amount = ceil(open_amount) + (OVERPAID if debtor.on_account == "over" else 0)
            payments += house.env["account.payment"].create(_payment(
                house.today - timedelta(days=12), workshop, partner, currency, amount,
                memo="Acconto" if debtor.lang == "it_IT" else "Payment on account",
            ))
    payments.action_post()
    return payments


def _owed(moves):
    return moves.line_ids.filtered(
        lambda line: line.account_type == "asset_receivable" and not line.reconciled
    ).sorted("date_maturity")


def _key(line, day, part=0):
    return day, line.company_id, line.partner_id, line.currency_id, part


def _register(house, receipts):
    """One payment a key, in the order of the bank's statement."""
    keys = sorted(receipts, key=lambda key: (key[0], key[1].id, key[2].id, key[3].id, key[4]))
    debited = {house.partners[debtor.name] for debtor in DEBTORS if debtor.debit}
    payments = house.env["account.payment"].create([
        _payment(
            day, company, partner, currency, sum(amount for _line, amount in receipts[key]),
            memo=", ".join(line.move_id.name for line, _amount in receipts[key]),
            invoices=[line.move_id.id for line, _amount in receipts[key]
                      if line.move_id.is_invoice()],
            debit=partner in debited,
        )
        for key in keys
        for day, company, partner, currency, _part in [key]
    ])
    payments.action_post()
    plan = []
    for key, payment in zip(keys, payments, strict=True):
        lines = house.env["account.move.line"].union(*(line for line, _amount in receipts[key]))
        plan.append(lines + _owed(payment.move_id))
    house.env["account.move.line"]._reconcile_plan(plan)
    return payments


def _payment(day, company, partner, currency, amount, memo, invoices=(), debit=False):
    journal = bank(company, currency)
    method = direct_debit(company) if debit else journal.inbound_payment_method_line_ids[:1]
    return {
        "payment_type": "inbound", "partner_type": "customer", "partner_id": partner.id,
        "company_id": company.id, "journal_id": journal.id, "currency_id": currency.id,
        "payment_method_line_id": method.id, "date": day, "amount": amount, "memo": memo,
        "invoice_ids": [(6, 0, list(invoices))],
    }
