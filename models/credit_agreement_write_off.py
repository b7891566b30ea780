from odoo import Command, models
from odoo.exceptions import UserError

from ..domain.money import from_units, to_units
from ..domain.receipts import left_to_write_off
from .windows import open_record


class CreditAgreement(models.Model):
    """What a settlement gives up is written off when all that was agreed has been paid, on a
    manager's word, as a draft that the accountant posts. Posting matches it with the items."""

    _inherit = "credit.agreement"

    def action_write_off(self):
        self.ensure_one()
        move = self._checked(manager=True)._write_off()
        return open_record(move)

    def _write_off(self):
        if self.write_off_move_id.state in ("draft", "posted"):
            return self.write_off_move_id
        self._review_again(self.company_id._credit_today())  # a payment may have come back
        lines = self.item_ids.move_line_id.filtered(lambda line: not line.reconciled)
        if self.kind != "settlement" or self.state != "kept" or not self._get_left() or not lines:
            raise UserError(self.env._(
                "Nothing is written off before all that was agreed has been paid."
            ))
        open_now = sum(lines.mapped("amount_residual_currency"))
        if self.currency_id.compare_amounts(open_now, self._get_left()) > 0:
            raise UserError(self.env._(
                "%(open)s are open and %(left)s were given up: something that had been paid is open"
                " again. Look at the payments first.",
                open=self.currency_id.format(open_now),
                left=self.currency_id.format(self._get_left()),
            ))
        account = self.company_id.credit_write_off_account_id
        if not account:
            raise UserError(self.env._(
                "Choose the account of write-offs first (Settings, Credit Care)."
            ))
        self.write_off_move_id = self.env["account.move"].with_company(self.company_id).create(
            self._to_write_off(lines, account)
        )
        self.message_post(body=self.env._("A write-off was prepared; it waits to be posted."))
        return self.write_off_move_id

    def _check_write_off(self, move):
        """Between the draft and its posting a payment may have come back, or more have come in: no
        more leaves the books than was given up and is still open."""
        self._review_again(self.company_id._credit_today())
        receivable = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        asked = -sum(receivable.mapped("amount_currency"))
        open_now = sum(self.item_ids.move_line_id.mapped("amount_residual_currency"))
        most = min(open_now, self._get_left()) if self.state == "kept" else 0
        if self.currency_id.compare_amounts(asked, most) > 0:
            raise UserError(self.env._(
                "%(asked)s would be written off, and %(most)s may be: what was paid for"
                " “%(agreement)s” has changed since this was prepared. Cancel this entry; once all"
                " that was agreed is paid, prepare it again.",
                asked=self.currency_id.format(asked), most=self.currency_id.format(most),
                agreement=self.display_name,
            ))

    def _stop_write_off(self):
        """What was paid came back: nothing is given up any more. What has been posted is for a
        manager to look at."""
        for agreement in self.sudo():
            move = agreement.write_off_move_id
            if move.state == "draft":
                move.button_cancel()
            elif move.state == "posted":
                self.env["credit.task"]._ask_about_write_off(agreement)

    def _is_given_up(self):
        """Paid as agreed: what is left of its items waits for its write-off and nothing else."""
        return self.kind == "settlement" and self.state == "kept"

    def _get_left(self):
        """Interest is asked and paid by an invoice of its own."""
        rounding = self.currency_id.rounding
        principal = self.amount_agreed - self.amount_interest
        return from_units(left_to_write_off(
            to_units(self.amount_open, rounding), to_units(principal, rounding),
            to_units(self.amount_received, rounding),
        ), rounding)

    def _to_write_off(self, lines, account):
        """One entry: the rest of each receivable against the loss."""
        label = self.env._("Settlement %(number)s", number=self.name)
        return {
            "move_type": "entry", "ref": label, "credit_agreement_id": self.id,
            "date": self.company_id._credit_today(),
            "line_ids": [
                Command.create({
                    "name": label, "account_id": line.account_id.id,
                    "partner_id": line.partner_id.id, "currency_id": line.currency_id.id,
                    "amount_currency": -line.amount_residual_currency,
                    "balance": -line.amount_residual,
                })
                for line in lines
            ] + [Command.create({
                "name": label, "account_id": account.id, "partner_id": self.partner_id.id,
                "currency_id": self.currency_id.id,
                "amount_currency": sum(lines.mapped("amount_residual_currency")),
                "balance": sum(lines.mapped("amount_residual")),
            })],
        }

    def _match_write_off(self, move):
        """The accountant has posted it: the items are settled by it."""
        receivable = move.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        )
        items = self.item_ids.move_line_id.filtered(lambda line: not line.reconciled)
        for account in receivable.account_id:
            same = (receivable | items).filtered(lambda line, own=account: line.account_id == own)
            same.reconcile()
