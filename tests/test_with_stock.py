"""Deliveries of a customer whose credit is suspended, where ``stock`` is really installed.

``stock`` is no dependency: it is installed on a copy of the database, in a process of its own.
"""
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .on_copy import CopyCase

TODAY = date(2026, 3, 4)


def _at(days):
    return freeze_time(f"{TODAY + timedelta(days=days)} 12:00:00")


class Store:
    """A warehouse with goods, and who works with it."""

    def __init__(self, env):
        self.env = env
        self.warehouse = env["stock.warehouse"].search(
            [("company_id", "=", env.company.id)], limit=1
        )
        self.product = env["product.product"].create({
            "name": "Goods", "type": "consu", "is_storable": True, "invoice_policy": "order",
        })
        env["stock.quant"]._update_available_quantity(
            self.product, self.warehouse.lot_stock_id, 100
        )
        self.keeper = new_test_user(env, "keeper", "stock.group_stock_user")
        self.manager = new_test_user(
            env, "manager", "account_credit_care.group_credit_manager,"
            "sales_team.group_sale_salesman_all_leads",
        )

    def order(self, partner):
        order = self.env["sale.order"].create({
            "partner_id": partner.id,
            "order_line": [Command.create({
                "product_id": self.product.id, "product_uom_qty": 1, "price_unit": 10,
                "tax_ids": [Command.clear()],
            })],
        })
        order.action_confirm()
        return order

    def transfer(self, partner, kind, source, target):
        picking = self.env["stock.picking"].create({
            "partner_id": partner.id, "picking_type_id": kind.id,
            "location_id": source.id, "location_dest_id": target.id,
            "move_ids": [Command.create({
                "product_id": self.product.id, "product_uom_qty": 1,
                "location_id": source.id, "location_dest_id": target.id,
            })],
        })
        picking.action_confirm()
        picking.action_assign()
        return picking

    def validate(self, picking):
        """The state after the storekeeper has validated it, or what he was told."""
        picking.move_ids.quantity = 1
        try:
            with self.env.cr.savepoint():
                picking.with_user(self.keeper).button_validate()
        except UserError as error:
            return str(error)
        return picking.state


def deliver(env):
    env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
    env.company.credit_bank_fresh_days = 0
    policy = env["credit.policy"].search([], limit=1)
    policy.write({"is_default": True, "state": "active"})
    with _at(-70):
        store = Store(env)
        customer, other = env["res.partner"].create([
            {"name": "Ferri", "email": "f@debtor.example", "is_company": True},
            {"name": "Bruni", "email": "b@debtor.example", "is_company": True},
        ])
        site = env["res.partner"].create({
            "name": "Site", "parent_id": customer.id, "type": "delivery",
        })
        first, second, foreign = map(store.order, (customer, customer, other))
        invoice = env["account.move"].create({
            "move_type": "out_invoice", "partner_id": customer.id,
            "invoice_date_due": TODAY - timedelta(days=31),
            "invoice_line_ids": [Command.create({
                "name": "Goods", "price_unit": 1000, "tax_ids": [Command.clear()],
            })],
        })
        invoice.action_post()
    for day in (-1, 0):
        with _at(day):
            env["credit.run"]._cron_review()
    with _at(0):
        return _try_all(env, store, first, second, foreign, site, invoice)


def _try_all(env, store, first, second, foreign, site, invoice):
    kinds, stock = store.warehouse, store.warehouse.lot_stock_id
    customers = env.ref("stock.stock_location_customers")
    suppliers = env.ref("stock.stock_location_suppliers")
    customer = first.partner_id
    told = {
        "suspended": customer.credit_care_suspended,
        "delivery": store.validate(first.picking_ids),
        "without order": store.validate(
            store.transfer(site, kinds.out_type_id, stock, customers)
        ),
        "receipt": store.validate(store.transfer(customer, kinds.in_type_id, customers, stock)),
        "return to the supplier": store.validate(
            store.transfer(customer, kinds.out_type_id, stock, suppliers)
        ),
        "transfer": store.validate(
            store.transfer(customer, kinds.int_type_id, stock, stock.copy({"name": "Shelf"}))
        ),
        "other customer": store.validate(foreign.picking_ids),
        "note": first.with_user(store.manager).credit_care_note,
        "note of other": foreign.credit_care_note,
    }
    second.with_user(store.manager)._override_credit("A wedding")
    told["let pass"] = store.validate(second.picking_ids)
    told["still held"] = store.validate(first.picking_ids)
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=invoice.ids
    ).create({})._create_payments()
    told["paid"] = store.validate(first.picking_ids)
    first.invalidate_recordset()
    told["note after"] = first.credit_care_note
    return told


@tagged("post_install", "-at_install")
class TestWithStock(CopyCase):
    template = "CREDIT_CARE_TEMPLATE"

    def test_deliveries_wait_while_credit_is_suspended(self):
        self._module("-i", "sale_stock")
        told = self._run(deliver)
        self.assertTrue(told["suspended"])
        for case in ("delivery", "still held", "without order"):
            self.assertRegex(told[case], r"^WH/OUT/\d+ waits: credit of Ferri is suspended")
            self.assertIn("1,000.00", told[case])
            self.assertIn("the oldest for 31 days", told[case])
            self.assertIn("credit manager", told[case])
        self.assertRegex(told["delivery"], r"order S\d+, is paid")
        self.assertIn("exempt the customer", told["without order"])
        for case in (
            "receipt", "return to the supplier", "transfer", "other customer", "let pass", "paid",
        ):
            self.assertEqual(told[case], "done", case)
        self.assertIn("let this order pass", told["note"])
        self.assertFalse(told["note of other"] or told["note after"])
