from odoo import fields, models
from odoo.exceptions import UserError

from .credit_action import WAITING
from .windows import open_record


class CreditAction(models.Model):
    """What a credit user does with an action: send, skip, print, say what came of a call."""

    _inherit = "credit.action"

    def action_send(self):
        """Sends what waited for review, at once if hours and caps allow it."""
        waiting = self._checked().filtered(lambda a: a.state == "planned" and a.needs_review)
        waiting.write({"needs_review": False})
        self.env.ref("account_credit_care.ir_cron_credit_send").sudo()._trigger()
        return True

    def action_skip(self):
        return self.env["credit.ask"]._open("skip", self)

    def action_retry(self):
        self._checked().filtered(lambda a: a.state == "failed")._try_again()
        return True

    def _try_again(self):
        """Through the outbox, by a new mail: what is left of the old one must not leave as well."""
        self.sudo().mail_mail_id.filtered(lambda mail: mail.state == "exception").cancel()
        self._set_state("planned", failure=False, handed_over_at=False)
        self.env.ref("account_credit_care.ir_cron_credit_send").sudo()._trigger()

    def action_log_outcome(self):
        self.ensure_one()
        return self.env["credit.call"]._open(self.case_id, self)

    def action_print_letters(self):
        """All letters of the selection as one PDF; they count as sent once printed. Days may have
        passed: who has paid since gets none, the others get the amounts of now."""
        letters = self._checked().filtered(lambda a: a.channel == "letter")
        again = letters.filtered(lambda a: a.state == "sent")
        fresh = (letters - again).filtered(lambda a: a.state == "queued" and not a.letter_id)
        if not fresh and not again:
            raise UserError(self.env._("There is no letter to print in this selection."))
        printed = again
        for company, batch in fresh.grouped("company_id").items():
            today = company._credit_today()
            going = batch._look_before_it_goes(company, today)
            going._move_to(today)
            going.env["credit.channel"]._freeze_letters(going, company)
            printed |= going
        if not printed:
            return self._tell(self.env._("Everything was settled in the meantime: no letter left."))
        # the PDF first: whatever cannot be printed has not been sent
        report = self.env.ref("account_credit_care.action_report_credit_letter")
        pdf, _type = report._render_qweb_pdf(report, printed.sorted("id").ids)
        (printed - again)._set_state("sent", user_id=self.env.user.id)
        day = fields.Date.to_string(fields.Date.context_today(self))
        attachment = self.env["ir.attachment"].create({
            "name": self.env._("Letters of %(day)s.pdf", day=day), "raw": pdf,
        })
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}?download=true"}

    def _tell(self, message):
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {"message": message, "next": {"type": "ir.actions.act_window_close"}},
        }

    def action_open_case(self):
        self.ensure_one()
        return open_record(self.case_id)

    def _skip(self, reason):
        """A controller lets a step pass: the item keeps it as taken, nothing is sent."""
        actions = self._checked().filtered(lambda a: a.state in WAITING)
        actions._set_state("skipped", skip_reason=reason, user_id=self.env.user.id)
        actions.activity_id.action_feedback(feedback=reason)
        actions.case_id._recheck()

    def _log_outcome(self, outcome, reason, remark, again_at=False):
        """A call that was made: the activity is closed, the next one asked for if need be. Credit
        users, and whoever was asked to call, may say so."""
        tasks = self.env["credit.task"]
        for action in self:
            case = action.case_id._as_caller(action)
            action = action.sudo()
            today = case.company_id._credit_today()
            action._set_state(
                "done", outcome=outcome, reason_id=reason.id, summary=remark, date=today,
                user_id=self.env.user.id,
            )
            action.activity_id.action_feedback(feedback=remark or "")
            case._close_call_tasks(outcome == "reached", remark)
            if outcome == "reached":
                case.write({"last_contact_on": today, "reason_id": reason.id or case.reason_id.id})
            if again_at:
                tasks._ask_to_call_again(case, self.env.user, again_at, remark)
            if outcome == "wrong_number":
                tasks._ask_to_mend(action, self.env._("The phone number is wrong"))
            case._recheck()

    def _supersede(self):
        """A later call takes the place of one that nobody made."""
        self.activity_id.action_feedback(feedback=self.env["credit.standing"]._explain("superseded"))
        self._set_state(
            "skipped", skip_reason=self.env["credit.standing"]._explain("superseded")
        )
