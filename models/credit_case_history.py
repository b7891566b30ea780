from odoo import api, fields, models

from ..domain.contact import ANSWERS, QUESTIONS


class CreditCase(models.Model):
    """What was told and to whom: mail that comes and goes, notices, the last contact."""

    _inherit = "credit.case"

    def _log_notice(self, notice, summary, user):
        self.env["credit.action"].sudo().create([
            {
                "case_id": case.id, "company_id": case.company_id.id, "kind": "notice",
                "notice": notice, "direction": "internal", "channel": "none", "state": "done",
                "date": case.company_id._credit_today(), "done_at": fields.Datetime.now(),
                "summary": summary, "user_id": user.id,
            }
            for case in self
        ])
        for case in self:
            case.sudo().message_post(body=summary, author_id=user.partner_id.id)

    def _read_last_contacts(self, without=()):
        """``{case: day}`` of the last contact that was made or is planned, leaving out actions; the
        debtor's, hence also on a case that is closed since."""
        self.env["credit.action"].flush_model()
        latest = {}
        for case, day in self.env["credit.action"]._read_group(
            [
                ("case_id.partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids), ("direction", "=", "out"),
                ("channel", "in", ("email", "sms", "letter", "phone")),
                ("state", "not in", ("cancelled", "skipped")), ("id", "not in", list(without)),
                "|", ("purpose", "=", False), ("purpose", "not in", (*ANSWERS, *QUESTIONS)),
            ],
            ["case_id"], ["date:max"],
        ):
            debtor = case.partner_id, case.company_id
            latest[debtor] = max(day, latest.get(debtor, day))
        found = ((case, latest.get((case.partner_id, case.company_id))) for case in self)
        return {case: day for case, day in found if day}

    def _restore_last_contact(self):
        """After a cancelled message: the day of the last contact that really took place."""
        found = self._read_last_contacts()
        for case in self:
            case.last_contact_on = found.get(case, False)

    # ------------------------------------------------------------------ mail

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ["partner_id"]

    def _message_receive_bounce(self, email, partner):
        """An address that bounced is mended by a person: the message is marked, an activity
        asks for it."""
        result = super()._message_receive_bounce(email, partner)
        self.sudo().action_ids.filtered(
            lambda a: a.channel == "email" and a.state in ("queued", "sent")
            and a.email_to and email and email in a.email_to
        ).sorted("id")[-1:]._fail(self.env._("The message came back: %(email)s", email=email))
        return result

    @api.private  # what the mail gateway brings; nobody else says what a debtor has answered
    def message_update(self, msg_dict, update_vals=None):
        """A reply of the debtor lands on the case and brings it to the top of the worklist."""
        result = super().message_update(msg_dict, update_vals)
        self.env["credit.action"].sudo()._log_inbound(self.sudo(), msg_dict)
        return result
