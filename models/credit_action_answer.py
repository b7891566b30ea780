from markupsafe import Markup

from odoo import fields, models

ANSWERS = [
    ("paid", "Says it is paid"),
    ("resend", "Asks for the invoice"),
    ("plan", "Proposes a plan"),
    ("dispute", "Says something is wrong"),
    ("call", "Asks for a call"),
    ("sign", "Has signed"),
    ("renew", "Would have signed"),
    ("link", "Asks for a new link"),
]


class CreditAction(models.Model):
    """What a debtor said on his page: part of the history like any message."""

    _inherit = "credit.action"

    channel = fields.Selection(
        selection_add=[("page", "Customer's page")], ondelete={"page": "set default"}
    )
    answer = fields.Selection(ANSWERS, readonly=True)

    def _log_answer(self, case, answer, facts, **values):
        """``facts``: what was said, as ``(label, text)``. Nothing of it is taken for HTML."""
        rows = [(label, text) for label, text in facts if text]
        body = Markup("").join(
            Markup('<p><strong>%s</strong><br/><span style="white-space:pre-line">%s</span></p>')
            % (label, text)
            for label, text in rows
        )
        words = dict(self._fields["answer"]._description_selection(self.env))
        return self.sudo().create({
            "case_id": case.id, "company_id": case.company_id.id, "kind": "inbound",
            "channel": "page", "direction": "in", "state": "done", "answer": answer,
            "date": case.company_id._credit_today(), "done_at": fields.Datetime.now(),
            "contact_id": case.partner_id.id, "subject": words[answer], "body": body,
            "summary": self._shorten(" · ".join(text for _label, text in rows)), **values,
        })

    def _shorten(self, text):
        line = " ".join(text.split())
        return line if len(line) < 160 else f"{line[:159]}…"
