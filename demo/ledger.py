"""The demo ledger, from nothing to fourteen months of books.

    from odoo.addons.account_credit_care.demo import ledger
    ledger.build(env)   # a database with l10n_it and sale, without Odoo's own demo data
    ledger.check(env)   # raises if something promised is missing
"""

import logging
from time import monotonic

from odoo.exceptions import UserError

from . import books, company, debtors, orders, papers, receipts, staff
from .facts import check, figures

__all__ = ["build", "check"]

_logger = logging.getLogger(__name__)

PRINTED = 30    # open overdue invoices that have their PDF

QUIET = {   # no mails, no log of creation, no followers: a history is being written
    "tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True,
    "mail_notrack": True, "mail_auto_subscribe_no_notify": True, "no_reset_password": True,
    "lang": "en_US",
}


def build(env):
    """Write the whole ledger, relative to today; return what is there in figures."""
    _refuse_twice(env)
    today, started = company.today_there(env), monotonic()
    house = company.open_house(env(context=env.context | QUIET), today)
    staff.hire(house)
    debtors.register(house)
    opening = books.carry_over(house)
    issued = books.issue(house)
    books.correct(house, issued)
    receipts.collect(house, issued, opening)
    receipts.pay_on_account(house)
    orders.quote(house)
    papers.attach_invoices(_overdue(house)[:PRINTED])
    staff.retire(house)
    env.invalidate_all()
    found = figures(env, today)
    _logger.info("Demo ledger written in %.0f s: %s", monotonic() - started, found)
    return found


def _refuse_twice(env):
    if env["res.company"].search_count([("name", "=", company.WORKSHOP)], limit=1):
        raise UserError("The demo ledger is in this database already.")
    missing = {"sale", "l10n_it"} - env["ir.module.module"]._installed().keys()
    if missing:
        raise UserError(f"The demo ledger needs {', '.join(sorted(missing))}.")


def _overdue(house):
    """Open overdue invoices of the workshop, the latest of each debtor first."""
    lines = house.env["account.move.line"].search([
        ("account_type", "=", "asset_receivable"), ("move_id.move_type", "=", "out_invoice"),
        ("company_id", "=", house.companies["workshop"].id), ("parent_state", "=", "posted"),
        ("reconciled", "=", False), ("date_maturity", "<", house.today),
    ], order="date_maturity desc, id desc")
    latest = {line.partner_id: line.move_id for line in reversed(lines)}
    return house.env["account.move"].union(*latest.values()) | lines.move_id
