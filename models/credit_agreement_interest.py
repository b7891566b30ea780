from odoo import Command, models


class CreditAgreement(models.Model):
    """The interest of a plan is asked by an invoice of its own, due with the last instalment: a
    draft that the accountant looks at, taxes included. Instalments are followed without it."""

    _inherit = "credit.agreement"

    def _ask_interest(self):
        """Once a plan starts; never a second time for the same plan."""
        for agreement in self.sudo():
            live = agreement.interest_move_id.state in ("draft", "posted")
            if live or agreement.currency_id.compare_amounts(agreement.amount_interest, 0) <= 0:
                continue
            moves = self.env["account.move"].sudo().with_company(agreement.company_id)
            agreement.interest_move_id = moves.create(agreement._to_interest_invoice())
            agreement.message_post(body=self.env._(
                "An invoice for the interest of %(amount)s was prepared; it waits to be posted.",
                amount=agreement.currency_id.format(agreement.amount_interest),
            ))

    def _to_interest_invoice(self):
        last = max(self.line_ids.mapped("due_on"))
        partner = self.partner_id
        lang = partner.lang or self.env.lang
        label = self.with_context(lang=lang).env._("Interest of payment plan %(number)s",
                                                   number=self.name)
        return {
            "move_type": "out_invoice", "partner_id": partner.id,
            "company_id": self.company_id.id, "currency_id": self.currency_id.id,
            "invoice_payment_term_id": False, "invoice_date_due": last,
            "ref": self.name, "invoice_user_id": self.salesperson_id.id,
            "invoice_line_ids": [Command.create({
                "name": label, "quantity": 1, "price_unit": self.amount_interest,
                "tax_ids": [Command.clear()],
            })],
        }

    def _forgo_interest(self):
        """What ended before its time asks no interest any more. What was posted stays: somebody
        says whether it is still owed."""
        for agreement in self.sudo():
            move = agreement.interest_move_id
            if move.state == "draft":
                move.button_cancel()
            elif move.state == "posted" and move.amount_residual:
                self.env["credit.task"]._ask_about_interest(agreement)
