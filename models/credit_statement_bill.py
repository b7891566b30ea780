from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from .credit_statement_line import TARGET
from .windows import open_record


class CreditStatement(models.Model):
    """What follows a confirmed statement: the vendor bill, as a draft that the accountant compares
    with the agency's invoice; and the sheet in the agency's language."""

    _inherit = "credit.statement"

    # ------------------------------------------------------------------ buttons

    def action_state_again(self):
        self._checked()._state_again()
        return True

    def action_confirm(self):
        moved = self._confirm()
        return self._tell_moved(moved) if moved else True

    def action_bill(self):
        self.ensure_one()
        move = self._checked()._bill()
        return open_record(move)

    def action_cancel(self):
        return self.env["credit.ask"]._open("void", self)

    def action_open_placements(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_placement_action"
        )
        return action | {
            "domain": [("id", "in", self.line_ids.placement_id.ids)], "context": {},
        }

    def action_open_payments(self):
        return self.line_ids._open_entries()

    def action_open_bill(self):
        self.ensure_one()
        return open_record(self.move_id)

    def _open(self):
        return open_record(self)

    def _tell_moved(self, moved):
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "warning", "sticky": True,
                "message": self.env._(
                    "The ledger has moved since this draft was made. It is computed anew: look at"
                    " it again, then confirm it."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _ask_to_confirm(self):
        for statement in self:
            user = statement.mandate_id.user_id
            own, record = self.env["credit.task"]._for(user, statement)
            own._ask(record, "statement", user, own.env._(
                "Look at it and confirm: %(statement)s", statement=record.display_name
            ))

    # ------------------------------------------------------------------ the bill

    def _bill(self):
        """A draft, once; another one when somebody has deleted or cancelled it."""
        if self.move_id.state in ("draft", "posted"):
            return self.move_id
        if self.state not in ("confirmed", "billed"):
            raise UserError(self.env._("Confirm the statement first: a draft still changes."))
        if self.currency_id.is_zero(self.amount_total):
            raise UserError(self.env._("Nothing is owed for this period: there is no bill."))
        self.move_id = self.env["account.move"].with_company(self.company_id).create(
            self._to_bill()
        )
        self._keep_net(self.move_id)
        if self.state == "confirmed":
            self._set_state("billed")
        self.message_post(body=self.env._(
            "A bill was prepared; the accountant compares it with the agency's and posts it."
        ))
        return self.move_id

    def _to_bill(self):
        """``in_invoice``, or ``in_refund`` where the agency owes us."""
        sign = 1 if self.amount_total > 0 else -1
        label = self.env._("Fees %(number)s, %(period)s", number=self.name,
                           period=self._get_period())
        return {
            "move_type": "in_invoice" if sign > 0 else "in_refund",
            "partner_id": self.agency_id.id, "company_id": self.company_id.id,
            "currency_id": self.currency_id.id, "invoice_origin": self.name,
            "narration": label,
            "invoice_line_ids": [
                Command.create({
                    "name": name, "quantity": 1, "price_unit": sign * amount,
                    **self._get_bill_account(),
                })
                for name, amount in self._get_bill_rows()
            ],
        }

    def _get_bill_rows(self):
        rows = [
            (self.env._("Fixed fees"), self.amount_fixed),
            (self.env._("Success fees on %(cash)s received",
                        cash=self.currency_id.format(self.amount_cash)), self.amount_success),
            (self.env._("Minimum and cap"), self.amount_limits),
            (self.env._("Bonus"), self.amount_bonus),
        ]
        period = self._get_period()
        return [
            (f"{self.name}: {name}, {period}", amount) for name, amount in rows
            if not self.currency_id.is_zero(amount)
        ]

    def _get_bill_account(self):
        """What is not said here is core's own choice: account and taxes of the product, of the
        vendor, of the journal."""
        product = self.mandate_id.fee_product_id
        if product:
            return {"product_id": product.id}
        account = self.company_id.credit_fee_account_id
        return {"account_id": account.id} if account else {}

    def _keep_net(self, bill):
        """Fees are without tax. Where taxes are part of the price, the price has to hold them."""
        for line in bill.invoice_line_ids.filtered(
            lambda one: any(one.tax_ids.mapped("price_include"))
        ):
            line.price_unit = line.tax_ids._adapt_price_unit_to_another_taxes(
                line.price_unit, line.product_id, line.tax_ids.browse(), line.tax_ids
            )

    def _drop_bill(self):
        """A draft goes with its statement; what is posted is for the accountant."""
        if self.move_id.state == "posted":
            raise UserError(self.env._(
                "The bill %(bill)s is posted. Reset it to draft first, or let the next statement"
                " give back what was too much.", bill=self.move_id.display_name,
            ))
        if self.move_id.state == "draft":
            self.move_id.button_cancel()

    # ------------------------------------------------------------------ the sheet

    def _in_agencys_language(self):
        lang = self.agency_id.sudo().lang
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        return self.with_context(lang=lang) if lang in installed else self

    def _get_document(self):
        """What the sheet says, in words of the language of ``self.env``."""
        self.ensure_one()
        words, currency = self.env["credit.message"], self.currency_id

        def money(amount):
            return words._money(amount, currency)

        kinds = dict(self.line_ids._fields["kind"]._description_selection(self.env))
        statement = self.sudo()
        return {
            "title": self._get_document_title(), "period": self._get_period(),
            "today": words._day(self.confirmed_on or self.company_id._credit_today()),
            "accent": words._get_accent(self.company_id),
            "creditor": self._get_party(statement.company_id.partner_id),
            "agency": self._get_party(statement.agency_id),
            "mandate": statement.mandate_id.name,
            "lines": [
                {
                    "kind": kinds[line.kind], "text": line.description,
                    "placement": line.placement_id.name or "",
                    "debtor": line.placement_id.partner_id.name or "",
                    "cash": money(line.cash) if line.cash else "",
                    "rate": f"{formatLang(self.env, line.rate)} %" if line.rate else "",
                    "fee": "" if line.kind == TARGET else money(line.fee),
                }
                for line in statement.line_ids
            ],
            "sums": [
                (statement._fields[name]._description_string(self.env), money(statement[name]))
                for name in ("amount_fixed", "amount_success", "amount_limits", "amount_bonus")
                if not currency.is_zero(statement[name])
            ],
            "received": money(self.amount_cash), "total": money(self.amount_total),
        }

    def _get_document_title(self):
        return " ".join(filter(None, (self.env._("Fee statement"), self.name)))

    def _get_party(self, partner):
        lines = self.env["credit.message"]._format_address(partner, self.company_id)
        tax = partner.vat and self.env._("VAT %(number)s", number=partner.vat)
        return [*lines, tax] if tax else lines
