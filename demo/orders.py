"""Sale orders: some behind an invoice, some in hand, some quoted to debtors who owe."""

from datetime import datetime, time, timedelta

from odoo.fields import Command

from . import story
from .people import DEBTORS

IN_HAND = ("Caseificio Val d'Enza S.r.l.", "Tornerie Manfredini S.r.l.",
           "Nautica Delta S.r.l.")
QUOTED = ("Gres Secchia S.r.l.", "Edil Crostolo S.r.l.", "Impresa Edile Bedogni Geom. Aldo",
          "Autotrasporti Gualdi S.r.l.", "Frigor Adriatica S.r.l.", "Meccanica Savena S.r.l.",
          "Carpenteria Bonini & Figli S.n.c.", "Smalti e Colori Zanni S.r.l.")
PREPAID = "Marmi Apuani Tonelli S.r.l."


def invoice(house, sales):
    """Confirm an order for each sale and draft its invoice; return the invoices in that order."""
    if not sales:
        return house.env["account.move"]
    orders = _order(house, [
        (sale.debtor, sale.lines, sale.date - timedelta(days=9)) for sale in sales
    ])
    _confirm(orders)
    orders._create_invoices(grouped=True)   # grouped by order
    for order, sale in zip(orders, sales, strict=True):
        order.invoice_ids.write({
            "invoice_date": sale.date, "invoice_payment_term_id": house.terms[sale.term].id,
        })
    return orders.invoice_ids


def quote(house):
    """Orders nobody has invoiced: in hand, quoted, and quoted but paid beforehand."""
    _confirm(_recent(house, IN_HAND))
    _recent(house, QUOTED)[::2].state = "sent"
    _prepay(_recent(house, (PREPAID,)))


def _recent(house, names):
    by_name = {debtor.name: debtor for debtor in DEBTORS}
    return _order(house, [
        (by_name[name], story.lines(by_name[name], "workshop", f"quotation|{name}"),
         house.today - timedelta(days=3 + 2 * number))
        for number, name in enumerate(names)
    ])


def _order(house, wanted):
    workshop = house.companies["workshop"]
    return house.env["sale.order"].with_company(workshop).create([
        {
            "partner_id": house.partners[debtor.name].id, "company_id": workshop.id,
            "user_id": house.staff[debtor.rep].id if debtor.rep else False,
            "date_order": datetime.combine(day, time(9, 30)),
            "order_line": [
                Command.create({
                    "product_id": house.goods[product].id, "product_uom_qty": quantity,
                    "price_unit": story.price(product, debtor),
                })
                for product, quantity in lines
            ],
        }
        for debtor, lines, day in wanted
    ])


def _confirm(orders):
    """Confirm without moving the date of the order to now."""
    dates = {order: order.date_order for order in orders}
    orders.action_confirm()
    for order, date in dates.items():
        order.date_order = date


def _prepay(order):
    """The whole order is paid, and only waits for somebody to confirm it."""
    order.state = "sent"
    order.env["payment.transaction"].create({
        "provider_id": order.env.ref("payment.payment_provider_transfer").id,
        "payment_method_id": order.env.ref("payment.payment_method_bank_transfer").id,
        "reference": f"{order.name}-bonifico", "amount": order.amount_total,
        "currency_id": order.currency_id.id, "partner_id": order.partner_id.id,
        "sale_order_ids": [Command.set(order.ids)],
        "state": "done",
        "is_post_processed": True,  # or else the cron would confirm the order
    })
