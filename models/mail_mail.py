from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """What became of a reminder is written on its action before core deletes the mail."""
        actions = self.env["credit.action"].sudo().search([
            ("mail_mail_id", "in", self.ids), ("state", "=", "queued"),
        ])
        if actions:
            gone = bool(success_pids or success_emails) and not failure_type
            if gone:
                actions._set_state("sent")
            else:
                actions._fail(failure_reason or failure_type or self.env._("The mail failed"))
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    def action_retry(self):
        """Core's button of a failed mail: the action is on its way again."""
        self.env["credit.action"].sudo().search([
            ("mail_mail_id", "in", self.ids), ("state", "=", "failed"),
        ])._set_state("queued", failure=False)
        return super().action_retry()
