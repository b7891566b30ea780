from odoo import fields, models
from odoo.tools import formatLang


class CreditAgreement(models.Model):
    """The agreement as a document, in the debtor's language: sent with the proposal, and kept with
    the signature once it was signed."""

    _inherit = "credit.agreement"

    sheet_id = fields.Many2one(
        "ir.attachment", "Document", readonly=True, copy=False, ondelete="set null",
        help="The latest sheet: what customer and agency may have, and nothing else of the files.",
    )

    def _get_document(self):
        """What the sheet says, in words of the language of ``self.env``."""
        self.ensure_one()
        agreement = self.sudo()
        words, currency = self.env["credit.message"], agreement.currency_id
        lines = agreement.line_ids.sorted(lambda line: (line.due_on, line.id))
        items = agreement.item_ids.sorted("due_on")
        open_now = sum(items.mapped("amount_residual"))
        principal = agreement.amount_agreed - agreement.amount_interest
        return {
            "title": agreement._get_document_title(),
            "today": words._day(agreement.company_id._credit_today()),
            "accent": words._get_accent(agreement.company_id),
            "creditor": agreement._get_party(agreement.company_id.partner_id),
            "debtor": agreement._get_party(agreement.partner_id),
            "items": [agreement._describe_item(item) for item in items],
            "open": words._money(agreement.amount_open or open_now, currency),
            "since": currency.compare_amounts(agreement.amount_open, open_now) > 0
            and words._money(agreement.amount_open - open_now, currency),
            "lines": [
                {"number": number, **agreement._describe_line(line)}
                for number, line in enumerate(lines, 1)
            ],
            "with_interest": bool(agreement.amount_interest),
            "interest": words._money(agreement.amount_interest, currency),
            "rate": formatLang(self.env, agreement.interest_rate),
            "principal": words._money(principal, currency),
            "total": words._money(agreement.amount_agreed, currency),
            "reduction": words._money(agreement.amount_reduction, currency),
            "last": words._day(max(lines.mapped("due_on"), default=None)),
            "until": words._day(agreement.valid_until),
            "grace": agreement.tolerance_days,
            "late": max(agreement.max_late_days, agreement.tolerance_days),
            "signed_on": words._day(agreement.signed_on),
            "accounts": words._get_accounts(items.move_id, agreement.company_id),
            "reference": agreement.name,
        }

    def _describe_item(self, item):
        words = self.env["credit.message"]
        return {
            "name": item.name, "due": words._day(item.due_on),
            "issued": words._day(item.move_id.invoice_date or item.move_id.date),
            "open": words._money(item.amount_residual, self.currency_id),
        }

    def _describe_line(self, line):
        words, currency = self.env["credit.message"], self.currency_id
        return {
            "day": words._day(line.due_on),
            "principal": words._money(line.amount - line.interest, currency),
            "interest": words._money(line.interest, currency),
            "amount": words._money(line.amount, currency),
        }

    def _get_document_title(self):
        titles = {
            "promise": self.env._("Promise to pay"),
            "plan": self.env._("Payment plan"),
            "settlement": self.env._("Settlement"),
        }
        return " ".join(filter(None, (titles[self.kind], self.name)))

    def _get_party(self, partner):
        """Name, address and number for taxes, a line each."""
        lines = self.env["credit.message"]._format_address(partner, self.company_id)
        tax = partner.vat and self.env._("VAT %(number)s", number=partner.vat)
        return [*lines, tax] if tax else lines

    def _render_preview(self):
        """The schedule in the user's language, for whoever is still asking."""
        return self.env["ir.qweb"]._render(
            "account_credit_care.plan_preview",
            {"sheet": self._get_document(), "kind": self.kind}, minimal_qcontext=True,
        )

    def _in_debtors_language(self):
        lang = self.partner_id.sudo().lang
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        return self.with_context(lang=lang) if lang in installed else self

    def _file_document(self):
        """The sheet as an attachment of the agreement. Which one is remembered: whatever else
        colleagues file there is not for others."""
        self.ensure_one()
        agreement = self._in_debtors_language()
        report = self.env.ref("account_credit_care.action_report_credit_agreement").sudo()
        pdf, _type = report._render_qweb_pdf(report, agreement.ids)
        sheet = self.env["ir.attachment"].sudo().create({
            "name": f"{agreement._get_document_title().replace('/', '-')}.pdf", "raw": pdf,
            "res_model": self._name, "res_id": self.id, "mimetype": "application/pdf",
        })
        self.sudo().sheet_id = sheet
        return sheet

    def _confirm(self):
        """Both have the same sheet in hand from the first day on."""
        self.env["credit.action"]._plan_message(
            self.case_id, "agreed", agreement_id=self.id,
            attachment_ids=[(6, 0, self.sudo().sheet_id.ids)],
        )

    def _file_signed(self):
        """With name, day and signature, for both sides to find again."""
        for agreement in self:
            agreement.message_post(
                body=self.env._("Signed by %(name)s", name=agreement.signed_by),
                attachment_ids=agreement._file_document().ids,
            )
