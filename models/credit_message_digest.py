from urllib.parse import quote

from odoo import models


class CreditMessage(models.AbstractModel):
    """The words in which colleagues are told, and the text that they may pass on to the
    customer."""

    _inherit = "credit.message"

    # ------------------------------------------------------------------ colleagues

    def _get_digest_rows(self, actions):
        """``{notice: row}``: the customer, where he stands, a text for him in his language."""
        rows = {}
        for action in actions:
            case = action.case_id.sudo()
            overdue = case.open_item_ids.filtered(
                lambda item, today=action.date: item.due_on < today and not item.no_followup
            )
            text = self._in_language_of(case.partner_id)._get_ready_text(action, overdue)
            subject = self._in_language_of(case.partner_id)._get_ready_subject(action)
            email = case.partner_id.email_normalized
            rows[action] = {
                "name": case.partner_id.name,
                "url": f"{case.get_base_url()}/odoo/credit.case/{case.id}",
                "standing": overdue and self.env._(
                    "%(amount)s overdue, the oldest for %(days)s days",
                    amount=" + ".join(
                        self._money(sum(items.mapped("amount_residual")), currency)
                        for currency, items in overdue.grouped("currency_id").items()
                    ),
                    days=case.oldest_days,
                ),
                "detail": action.summary,
                "documents": self._join(overdue),
                "controller": case.user_id.name,
                "text": text,
                "mailto": email and f"mailto:{email}?subject={quote(subject)}&body={quote(text)}",
            }
        return rows

    def _in_language_of(self, partner):
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        lang = partner.lang if partner.lang in installed else self.env.lang
        return self.with_context(lang=lang)

    def _get_ready_subject(self, action):
        return self.env._("A word from %(seller)s", seller=action.user_id.name)

    def _get_ready_text(self, action, overdue):
        """What the salesperson may send to his customer as it stands."""
        values = {"documents": self._join(overdue), "seller": action.user_id.name}
        texts = {
            "suspension_warning": self.env._(
                "Good morning, I would rather tell you myself. Still open with us: %(documents)s."
                " From tomorrow our system takes new orders with payment in advance only, until"
                " this is settled. Is something holding it up? If anything on our side went wrong,"
                " or if you need other dates, let me know and I will look into it today. If you"
                " have paid already, please forget this message.\n\nThank you,\n%(seller)s",
                **values),
            "suspended": self.env._(
                "Good morning, still open with us: %(documents)s. For now we take new orders with"
                " payment in advance. Prepaid orders are handled as always, and it ends by itself"
                " when the payment has arrived. If anything on our side went wrong, or if you need"
                " other dates, call me: I would like to go on working with you.\n\nThank you,\n"
                "%(seller)s", **values),
            "saved": self.env._(
                "Good morning, everything is settled: thank you for seeing to it. Your orders are"
                " welcome on the usual terms, as before. Is there anything that we should have"
                " done better on the way? Tell me. When you need something, I am here.\n\n"
                "Kind regards,\n%(seller)s", **values),
            "released": self.env._(
                "Good morning, your account is open again: orders on the usual terms, as before."
                " Thank you for seeing to it. When you need something, I am here.\n\n"
                "Kind regards,\n%(seller)s", **values),
        }
        return texts.get(action.notice, "")
