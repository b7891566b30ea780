from odoo import models


class SnailmailLetter(models.Model):
    _inherit = "snailmail.letter"

    def _generate_report_pdf(self, report):
        """Core prints the record on which a letter hangs. Ours hangs on the case, a thread, and
        prints one action: its frozen text, in the language of that text."""
        action = self.env["credit.action"].sudo().search([("letter_id", "=", self.id)], limit=1)
        if not action:
            return super()._generate_report_pdf(report)
        reports = self.env["ir.actions.report"].with_context(snailmail_layout=not self.cover)
        pdf, _kind = reports._render_qweb_pdf(report, action.ids)
        return f"{action.title}.pdf", pdf
