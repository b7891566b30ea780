from odoo import fields, models
from odoo.tools import split_every

AT_ONCE = 20  # mails between two looks at the ledger


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _send(self, auto_commit=False, **options):
        """A reminder leaves once at most, and not any more when it is no longer true. Core commits
        after the mail server has taken a mail: a process that dies in between would send it again.
        So each reminder is marked as handed over, and the mark committed, before; a mark that is
        found tells of such a death."""
        actions = self._credit_actions()
        over = actions.filtered(lambda action: action.state != "queued")
        # settled or skipped since: core passes over what is cancelled
        over.mail_mail_id.filtered(lambda mail: mail.state == "outgoing").cancel()
        actions -= over
        if not auto_commit:
            actions._take_back_untrue()
            return super(MailMail, self.exists())._send(auto_commit=auto_commit, **options)
        result = super(MailMail, self - actions.mail_mail_id.with_env(self.env))._send(
            auto_commit=auto_commit, **options
        )
        for some in split_every(AT_ONCE, actions.ids, actions.browse):
            for action in some - some._take_back_untrue():
                mail = action.mail_mail_id.with_env(self.env)
                if mail._credit_hand_over(action):
                    super(MailMail, mail)._send(auto_commit=auto_commit, **options)
        return result

    def _credit_hand_over(self, action):
        """Whether this mail may go to the server now."""
        fresh = action.try_lock_for_update().filtered(lambda a: a.state == "queued")
        unknown = bool(fresh.handed_over_at)
        if unknown:
            reason = self.env._(
                "Sending was interrupted: it is not known whether this message left. Ask the"
                " customer, then retry or skip it."
            )
            self.write({"state": "exception", "failure_type": "unknown", "failure_reason": reason})
            fresh._fail(reason)
        fresh.write({"handed_over_at": fields.Datetime.now()})
        # the mark must outlive a death of this process: this is the point of it
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return bool(fresh) and not unknown

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

    def _credit_actions(self):
        return self.env["credit.action"].sudo().search([("mail_mail_id", "in", self.ids)])

    def mark_outgoing(self):
        """Core's buttons of a failed mail. Days may have passed: a reminder goes back into the
        outbox, which looks at the ledger and at the address once more and writes what is true
        then. The mail of then never leaves, nor one that another has replaced."""
        self.check_access("write")
        ours = self.filtered(
            lambda mail: mail.model == "credit.case" and mail.message_type == "email_outgoing"
        )
        ours._credit_actions().filtered(lambda action: action.state == "failed")._try_again()
        ours.filtered(lambda mail: mail.state == "exception").cancel()
        return super(MailMail, self - ours).mark_outgoing()
