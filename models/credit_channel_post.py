import uuid

from odoo import models
from odoo.tools import html2plaintext


class CreditChannel(models.AbstractModel):
    """Letters, printed or by core's snailmail, and SMS."""

    _inherit = "credit.channel"

    # ------------------------------------------------------------------ letter

    def _deliver_letter(self, actions, company, today):
        """The text is frozen now; it is printed in one batch by a person, or posted by core's
        service where the company has switched that on."""
        self._freeze_letters(actions, company)
        actions._set_state("queued")
        if company.credit_post_letters:
            self._post_letters(actions, company)

    def _freeze_letters(self, actions, company):
        texts = self._render(actions, company, layout="account_credit_care.letter_body")
        for action in actions:
            subject, body = texts[action.id]
            action.write({"subject": subject, "body": body})

    def _post_letters(self, actions, company):
        """Core hangs a letter on a thread: the case (see ``snailmail.letter``)."""
        report = self.env.ref("account_credit_care.action_report_credit_letter")
        letters = self.env["snailmail.letter"].sudo().create([
            {
                "partner_id": action.contact_id.id, "model": "credit.case",
                "res_id": action.case_id.id, "user_id": action.user_id.id or self.env.uid,
                "company_id": company.id, "report_template": report.id,
            }
            for action in actions
        ])
        for letter, action in zip(letters, actions, strict=True):
            action.write({"letter_id": letter.id})
        letters._snailmail_print(immediate=False)

    def _sync_letters(self):
        """What the post refused is not tried again by core's own job, for days and whoever has paid
        since: it goes back through the outbox when somebody has mended what was wrong."""
        waiting = self.env["credit.action"].search([
            ("state", "=", "queued"), ("letter_id.state", "in", ("sent", "error", "canceled")),
        ])
        self.env["credit.run"]._isolated(waiting, self._sync_some)

    def _sync_some(self, actions):
        for action in actions:
            letter = action.letter_id
            if letter.state == "sent":
                action._set_state("sent")
            else:
                reason = html2plaintext(letter.info_msg or "") or letter.error_code or ""
                letter.cancel()
                action._fail(reason)

    # ------------------------------------------------------------------ SMS

    def _deliver_sms(self, actions, company, today):
        """Through core's gateway; what becomes of it is told by ``sms.sms`` (see its override)."""
        values = []
        for template, batch in actions.grouped(lambda a: a._get_sms_template()).items():
            for lang, group in self._by_lang(batch).items():
                bodies = template.sudo()._render_field("body", group.ids, set_lang=lang)
                for action in group:
                    values.append((action, bodies[action.id]))
        messages = self.env["sms.sms"].sudo().create([
            {
                "partner_id": action.contact_id.id, "number": action.phone, "body": body,
                "uuid": uuid.uuid4().hex,
            }
            for action, body in values
        ])
        for sms, (action, body) in zip(messages, values, strict=True):
            kept = action._without_key(body)
            action._set_state("queued", body=kept, sms_uuid=sms.uuid)
            action.case_id._message_log(body=kept, message_type="sms")
        self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()
