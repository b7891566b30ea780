from odoo import models


class CreditDossierStatement(models.AbstractModel):
    """The statement of account of what was placed, in the debtor's language: each document with
    what has been set against it. It bears the day of its last movement, not of its printing."""

    _name = "credit.dossier.statement"
    _description = "Statement of account of a placement"

    def _get_sheets(self, placements):
        """``{placement id: what its sheet says}``, in words; all of its variable content. In a
        constant number of queries."""
        placements.check_access("read")  # reports are opened by number
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        placements = placements.sudo()
        parts = self.env["credit.message"]._read_parts(placements.line_ids.item_id.move_id)
        sheets = {}
        for placement in placements:
            wanted = (placement.partner_id.lang, placement.company_id.partner_id.lang, "en_US")
            lang = next((code for code in wanted if code in installed), self.env.lang)
            sheets[placement.id] = self.with_context(lang=lang)._describe(
                placement.with_context(lang=lang), parts
            )
        return sheets

    def _describe(self, placement, parts):
        words, company = self.env["credit.message"], placement.company_id
        lines = placement.line_ids.sorted(lambda line: (line.due_on, line.id))
        moves = lines.item_id.move_id
        return {
            "lang": self.env.lang,
            "number": placement.name or "",
            "accent": words._get_accent(company),
            "logo": not company.uses_default_logo and company.logo_web
            and company.logo_web.decode() or "",
            "place": company.city or "",
            "last": words._day(max(self._get_days(placement, lines), default=None)),
            "creditor": self._get_party(company.partner_id, company),
            "debtor": self._get_party(placement.partner_id, company),
            "groups": [
                self._describe_group(currency, batch, parts)
                for currency, batch in lines.grouped("currency_id").items()
            ],
            "accounts": [
                {key: account[key] or "" for key in ("holder", "number", "bank")}
                for account in words._get_accounts(moves, company)
            ],
            "reference": words._get_reference(moves),
        }

    def _get_party(self, partner, company):
        lines = self.env["credit.message"]._format_address(partner, company)
        tax = partner.vat and self.env._("VAT %(number)s", number=partner.vat)
        return [*lines, tax] if tax else lines

    def _get_days(self, placement, lines):
        """Of all that stands on the sheet."""
        items = lines.item_id
        days = {item.move_id.invoice_date or item.move_id.date for item in items}
        days |= set(items.move_line_id.matched_credit_ids.mapped("max_date"))
        return {day for day in (*days, placement.sent_on) if day}

    def _describe_group(self, currency, lines, parts):
        words = self.env["credit.message"]
        return {
            "currency": currency.name,
            "rows": [self._describe_row(line.item_id, currency, parts) for line in lines],
            "total": words._money(
                sum(line.item_id.amount_residual for line in lines), currency
            ),
        }

    def _describe_row(self, item, currency, parts):
        words, move = self.env["credit.message"], item.move_id
        return {
            "document": item.name or "",
            "part": words._part(*parts.get(item.move_line_id.id, (0, 0))) or "",
            "issued": words._day(move.invoice_date or move.date),
            "due": words._day(item.due_on),
            "original": words._money(item.move_line_id.amount_currency, currency),
            "open": words._money(item.amount_residual, currency),
            "movements": [
                {
                    "day": words._day(partial.max_date),
                    "what": self._name_movement(partial.credit_move_id),
                    "amount": words._money(-partial.debit_amount_currency, currency),
                }
                for partial in item.move_line_id.matched_credit_ids.sorted(
                    lambda partial: (partial.max_date, partial.id)
                )
            ],
        }

    def _name_movement(self, line):
        move = line.move_id
        if move.move_type == "out_refund":
            return self.env._("Credit note %(number)s", number=move.name)
        if move.origin_payment_id or move.statement_line_id:
            return self.env._("Payment")
        return self.env._("Set off")
