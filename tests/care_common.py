"""A ledger of overdue items with what came of them, for the tests of figures: cases and items are
written as the night leaves them, everything else goes through core's own methods."""
from odoo import Command
from odoo.tests import tagged

from .common import CreditCommon, day


@tagged("post_install", "-at_install")
class CareCommon(CreditCommon):
    @classmethod
    def _open_case(cls, partner=None, company=None, **values):
        company = company or cls.company
        partner = partner or cls.debtor
        return cls.env["credit.case"].sudo().search([
            ("partner_id", "=", partner.id), ("company_id", "=", company.id),
            ("state", "!=", "closed"),
        ]) or cls.env["credit.case"].sudo().create({
            "partner_id": partner.id, "company_id": company.id, "state": "collection",
            "policy_id": company == cls.company and cls.policy.id,
            "salesperson_id": cls.salesperson.id, "user_id": cls.controller.id,
            "opened_on": day(-700), **values,
        })

    @classmethod
    def _take_in(cls, move, opened=None, case=None):
        """The items of ``move`` under care, since they were overdue if nothing else is said."""
        case = case or cls._open_case(move.commercial_partner_id, move.company_id)
        lines = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        return cls.env["credit.item"].sudo().create([
            {
                "move_line_id": line.id, "name": move.name, "case_id": case.id,
                "company_id": move.company_id.id, "currency_id": line.currency_id.id,
                "due_on": line.date_maturity, "amount_opened": line.amount_currency,
                "opened_on": line.date_maturity if opened is None else day(opened),
            }
            for line in lines
        ])

    @classmethod
    def _overdue(cls, due, amount=1000.0, *cash, partner=None, opened=None, **values):
        """An item due on a day, with ``cash`` as (day, amount)."""
        move = cls._create_due(due, amount, partner, **values)
        items = cls._take_in(move, opened)
        for on, part in cash:
            cls._pay(move, part, on)
        return items

    @classmethod
    def _give_up(cls, items, on, paid):
        """``paid`` came and the rest was written off, in one go."""
        move = items.move_line_id.move_id
        cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({
            "payment_date": day(on), "amount": paid, "payment_difference_handling": "reconcile",
            "writeoff_account_id": cls.company_data["default_account_expense"].id,
        })._create_payments()

    @classmethod
    def _credit_matched(cls, items, amount, on):
        """A credit note of that day, matched with the items."""
        move = items.move_line_id.move_id
        note = cls.env["account.move"].create({
            "move_type": "out_refund", "partner_id": move.partner_id.id,
            "company_id": move.company_id.id, "invoice_date": day(on), "date": day(on),
            "currency_id": move.currency_id.id,
            "invoice_line_ids": [Command.create({
                "name": "Returned", "price_unit": amount, "tax_ids": [Command.clear()],
            })],
        })
        note.action_post()
        lines = (note | move).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        lines.reconcile()

    def _rows(self, model, until=None, user=None, companies=None, **conditions):
        """Rows of a table of figures as they were known on a day."""
        self.env.flush_all()
        self.env.invalidate_all()
        report = self.env[model].with_user(user or self.controller).with_context(
            allowed_company_ids=(companies or self.company).ids,
            credit_day=until is not None and str(day(until)),
        )
        return report.search([(name, "=", value) for name, value in conditions.items()])
