from odoo import models
from odoo.tools.image import image_data_uri

AGREED = ("plan", "promised", "settlement")  # in time with what was agreed: that is not late


class CreditCase(models.Model):
    """What the debtor's page shows, in words of the language of ``self.env``. Amounts by currency:
    never one sum over several."""

    _inherit = "credit.case"

    def _get_page_items(self):
        """What is open at this moment: the ledger's word, not last night's."""
        return self.sudo().open_item_ids.filtered(
            lambda item: item.currency_id.compare_amounts(item.amount_residual, 0) > 0
            and (not item.no_followup or self._is_disputed(item))
        )

    def _is_disputed(self, item):
        return item in self.sudo().dispute_ids.filtered(
            lambda one: one.state == "open"
        ).line_ids.item_id

    def _get_page_values(self):
        self.ensure_one()
        case = self.sudo()
        words, items = self.env["credit.message"], case._get_page_items()
        return {
            "case": case, "company": case.company_id, "person": case._get_page_person(),
            "accent": words._get_accent(case.company_id),
            "groups": case._get_page_groups(items),
            "accounts": words._get_accounts(items.move_id, case.company_id) if items else [],
            "reference": words._get_reference(items.move_id),
            "agreements": case._get_page_agreements(),
            "is_settled": case._is_settled(),
            "has_open": bool(items),
            "can_plan": bool(case._get_plannable()),
            "waits": bool(case.paused_until)
            and case.paused_until >= case.company_id._credit_today()
            and words._day(case.paused_until),
        }

    def _is_settled(self):
        """Closed because all of it came in or was taken back; not because we gave it up."""
        return self.state == "closed" and all(
            item.closed_on and item.close_reason != "given_up" for item in self.item_ids
        )

    def _get_page_person(self):
        """Who can be answered: with a name and a face, else the company."""
        user, company = self._get_owner(), self.company_id
        return {
            "name": user.name or company.name,
            "role": user.partner_id.function or "",
            "photo": user and image_data_uri(user.avatar_128),
            "phone": user.partner_id.phone or company.phone or "",
            "email": user.email_normalized or company.email or "",
        }

    # ------------------------------------------------------------------ what is open

    def _get_page_groups(self, items):
        words, today = self.env["credit.message"], self.company_id._credit_today()
        debtor = self.env["credit.standing"].sudo()._read_cases(self, self.company_id)[
            self.partner_id.id
        ].debtor
        held = {item.key: item.held for item in debtor.items}
        given_up = self._get_given_up(items)
        disputed = self.env["credit.dispute"].sudo()._get_parts(items, today)
        disputed |= {
            item.id: item.amount_residual for item in items
            if held.get(item.id) in ("disputed", "department")
        }
        parts = words._read_parts(items.move_id)
        groups = []
        for currency, batch in items.grouped("currency_id").items():
            credit = currency.round(debtor.credits.get(currency.id, 0) * currency.rounding)
            total = sum(batch.mapped("amount_residual"))
            late = batch.filtered(
                lambda item: item.due_on < today and held.get(item.id) not in AGREED
            )
            less = given_up.get(currency, 0)
            in_question = sum(disputed.get(item.id, 0) for item in batch)
            groups.append({
                "currency": currency.name,
                "rows": [
                    self._get_page_row(
                        item, held.get(item.id), parts, today, disputed.get(item.id, 0)
                    )
                    for item in batch.sorted(lambda item: (item.due_on, item.id))
                ],
                "total": words._money(total, currency),
                "credit": not currency.is_zero(credit) and words._money(-credit, currency),
                "given_up": less and words._money(-less, currency),
                "in_question": in_question and words._money(-in_question, currency),
                "late": late and late != batch
                and words._money(sum(late.mapped("amount_residual")), currency),
                "left": words._money(max(total - credit - less - in_question, 0), currency),
            })
        return groups

    def _get_given_up(self, items):
        """``{currency: amount}`` that stands in the ledger and that nobody asks for: what our
        settlements leave, until it is written off. Their interest is an invoice of its own."""
        amounts = {}
        deals = self.agreement_ids.filtered(
            lambda one: one.kind == "settlement" and one.state in ("running", "kept")
        )
        for deal in deals:
            due = max(deal.amount_agreed - deal.amount_interest - deal.amount_received, 0)
            open_now = sum((deal.item_ids & items).mapped("amount_residual"))
            less = deal.currency_id.round(max(open_now - due, 0))
            amounts[deal.currency_id] = amounts.get(deal.currency_id, 0) + less
        return amounts

    def _get_page_row(self, item, held, parts, today, disputed):
        words, move, currency = self.env["credit.message"], item.move_id, item.currency_id
        original = item.move_line_id.amount_currency
        settled = original - item.amount_residual
        return {
            "id": item.id, "document": item.display_name,
            "move_id": move.is_sale_document(include_receipts=True) and move.id,
            "pay_url": held != "settlement" and self._get_page_pay_url(move),
            "part": words._part(*parts.get(item.move_line_id.id, (0, 0))),
            "due": words._day(item.due_on),
            "late": held not in AGREED and words._late((today - item.due_on).days),
            "open": words._money(item.amount_residual, currency),
            "original": words._money(original, currency),
            "settled": currency.compare_amounts(settled, 0) > 0 and words._money(settled, currency),
            "note": self._explain_held(held) or disputed and self.env._(
                "%(amount)s in question: we are looking into it",
                amount=words._money(disputed, currency),
            ),
        }

    def _get_page_pay_url(self, move):
        if not move._has_to_be_paid():
            return False
        move._portal_ensure_token()
        return self.env["credit.channel"]._get_pay_url(move)

    def _explain_held(self, held):
        return {
            "disputed": self.env._("we are looking into it"),
            "department": self.env._("we are looking into it"),
            "in_payment": self.env._("your payment is on its way"),
            "plan": self.env._("part of your plan"),
            "promised": self.env._("as you promised"),
            "settlement": self.env._("part of our settlement"),
            "proposed": self.env._("part of the proposal"),
        }.get(held, "")

    # ------------------------------------------------------------------ agreements

    def _get_page_agreements(self):
        today, signable = self.company_id._credit_today(), self._get_signable()
        shown = self.agreement_ids.filtered(
            lambda one: one.state == "running" or one in signable
            or one._is_his_and_waits()
        )
        return [
            self._get_page_agreement(one, one in signable, today) for one in shown.sorted("id")
        ]

    def _get_page_agreement(self, agreement, is_signable, today):
        words, currency = self.env["credit.message"], agreement.currency_id
        kinds = dict(agreement._fields["kind"]._description_selection(self.env))
        states = dict(agreement.line_ids._fields["state"]._description_selection(self.env))
        come = is_signable and agreement._get_come()
        return {
            "id": agreement.id, "name": agreement.name, "kind": kinds[agreement.kind],
            "signable": is_signable, "running": agreement.state == "running",
            "until": words._day(agreement.valid_until), "signed_by": agreement.signed_by,
            "answer_by": agreement._needs_approval() and agreement.valid_until
            and agreement.valid_until >= today and words._day(agreement.valid_until),
            "come": come and words._money(come, currency),
            "total": words._money(agreement.amount_agreed, currency),
            "instead_of": agreement.kind == "settlement"
            and words._money(agreement.amount_open, currency),
            "interest": not currency.is_zero(agreement.amount_interest)
            and words._money(agreement.amount_interest, currency),
            "rows": [
                {
                    "day": words._day(line._get_day()),
                    "amount": words._money(line.amount, currency),
                    "state": states[line.state] if agreement.state == "running" else "",
                    "received": not currency.is_zero(line.received) and line.state != "paid"
                    and words._money(line.received, currency),
                }
                for line in agreement.line_ids.sorted(lambda line: (line.due_on, line.id))
            ],
        }

    def _get_plan_preview(self, plan):
        """The schedule of a plan that is nowhere stored yet, and whether it can start at once."""
        words, currency = self.env["credit.message"], plan.currency_id
        return {
            "rows": [
                {"day": words._day(line.due_on), "amount": words._money(line.amount, currency)}
                for line in plan.line_ids
            ],
            "total": words._money(sum(plan.line_ids.mapped("amount")), currency),
            "at_once": not plan._get_excess(self.company_id._credit_today()),
        }

    # ------------------------------------------------------------------ documents, words

    def _get_page_invoice(self, move_id):
        """The PDF of an invoice of this case, or nothing: what core has, or core's report."""
        move = self.sudo().item_ids.move_id.filtered(
            lambda one: one.id == move_id and one.company_id == self.company_id
            and one.commercial_partner_id == self.partner_id
            and one.state == "posted" and one.is_sale_document(include_receipts=True)
        )
        return move and move._get_invoice_legal_documents("pdf", allow_fallback=True)

    def _get_masked_email(self):
        """Enough to recognise one's own address, and nothing for anybody else."""
        case = self.sudo()
        wish = case.env["credit.action"]._get_wish("resend")
        target = case.env["credit.channel"]._resolve(
            [(case.partner_id.id, wish)], case.company_id
        )[case.partner_id.id]
        name, at, host = (target.channel == "email" and target.email or "").partition("@")
        return at and f"{name[:1]}…@{host}"
