from odoo import models

from .windows import open_record


class CreditCase(models.Model):
    """What people do with a case: pause, look now, close. Whoever acts is asked for
    his rights first."""

    _inherit = "credit.case"

    def action_pause(self):
        return self.env["credit.ask"]._open("pause", self)

    def action_resume(self):
        cases = self._checked()
        cases.write({"paused_until": False, "pause_reason": False})
        cases._recheck()

    def _open_form(self):
        self.ensure_one()
        return open_record(self)

    def action_review_now(self):
        """Lets the night look at these cases now; messages go out with the next sending."""
        for company, cases in self._checked().grouped("company_id").items():
            today = company._credit_today()
            cases.env["credit.ledger"]._refresh_now(company, today)
            self.env.invalidate_all()
            cases.env["credit.run"]._review_cases(cases, company, today)
        return True

    def action_close(self):
        return self.env["credit.ask"]._open("close", self)

    def action_agree(self):
        """A promise, a plan or a settlement: the window asks, the agreement acts."""
        self.ensure_one()
        self._check_user()
        return self.env["credit.plan"]._open(self)

    def _pause(self, until, reason):
        """No reminder until the day has passed; the case comes back by itself."""
        cases = self._checked()
        cases.write({"paused_until": until, "pause_reason": reason})
        cases._recheck()

    def _close_by_hand(self, reason):
        """A manager closes what will not be followed any more; the items stay in the ledger."""
        given_up = self._checked(manager=True)
        for company, cases in given_up.grouped("company_id").items():
            today = company._credit_today()
            cases.action_ids._cancel("closed")
            cases.dispute_ids._end("cancelled")
            cases.agreement_ids.filtered(
                lambda agreement: agreement.state in ("draft", "proposed", "running")
            )._stop()
            cases.open_item_ids.write({"closed_on": today, "close_reason": "given_up"})
            self.env["credit.run"].sudo()._release_credit(cases.filtered("suspended_on"), today)
            cases._set_state("closed", today, reason)
        for case in given_up:
            case.message_post(body=self.env._("Closed: %(reason)s", reason=reason))
