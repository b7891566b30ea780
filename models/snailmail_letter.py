from odoo import models


class SnailmailLetter(models.Model):
    _inherit = "snailmail.letter"

    def _snailmail_print(self, immediate=True):
        """Core keeps letters in a queue for an hour, and for weeks where credits are missing: the
        ledger is asked once more before one of ours goes."""
        going = self._credit_look_again() if immediate else self
        return super(SnailmailLetter, going)._snailmail_print(immediate=immediate)

    def _credit_look_again(self):
        """Those that may go, with the amounts of now. What was settled or taken back meanwhile, has
        failed or was tried anew is cancelled; what somebody works on at this moment waits."""
        sheet = self.env.ref("account_credit_care.action_report_credit_letter")
        ours = self.filtered(lambda letter: letter.report_template == sheet)
        actions = ours._credit_actions()
        waiting = actions.try_lock_for_update().filtered(lambda action: action.state == "queued")
        going = actions.browse()
        for company, batch in waiting.grouped("company_id").items():
            due = batch.with_company(company)._look_before_it_goes(
                company, company._credit_today()
            )
            self.env["credit.channel"].sudo()._freeze_letters(due, company)
            going |= due
        printed = going.letter_id.attachment_id  # for an earlier try, with the amounts of then
        going.letter_id.attachment_id = False
        printed.unlink()
        waits = actions.filtered(lambda action: action.state == "queued").letter_id
        (ours - waits).cancel()
        return self - ours | going.letter_id.with_env(self.env)

    def _credit_actions(self):
        return self.env["credit.action"].sudo().search([("letter_id", "in", self.ids)])

    def _generate_report_pdf(self, report):
        """Core prints the record on which a letter hangs. Ours hangs on the case, a thread, and
        prints one action: its frozen text, in the language of that text."""
        action = self._credit_actions()
        if not action:
            return super()._generate_report_pdf(report)
        reports = self.env["ir.actions.report"].with_context(snailmail_layout=not self.cover)
        content, _kind = reports._render_qweb_pdf(report, action.ids)
        return f"{action.title}.pdf", content
