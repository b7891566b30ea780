from odoo import models
from odoo.exceptions import AccessError, UserError


class CreditDispute(models.Model):
    """What people do with a dispute: its owner answers, credit users decide."""

    _inherit = "credit.dispute"

    # ------------------------------------------------------------------ screen

    def action_cancel(self):
        """Its owner answers; to let it go without a decision is for credit users."""
        self.case_id._check_user()
        self.sudo()._end("cancelled")
        return True

    def action_answer(self):
        return self.env["credit.resolve"]._open(self, "answered")

    def action_resolve(self):
        return self.env["credit.resolve"]._open(self)

    def action_more_time(self):
        return self.env["credit.resolve"]._open(self, later=True)

    def action_open_case(self):
        self.ensure_one()
        return self.case_id._open_form()

    def action_credit_note(self):
        """Core's wizard, on the invoices of the dispute; whoever may post decides there."""
        moves = self._checked().line_ids.item_id.move_id.filtered("invoice_date")
        if not moves:
            raise UserError(self.env._("There is no invoice here that could be credited."))
        return {
            "type": "ir.actions.act_window", "res_model": "account.move.reversal",
            "view_mode": "form", "target": "new", "name": self.env._("Credit note"),
            "context": {"active_model": "account.move", "active_ids": moves.ids},
        }

    def _check_user(self, manager=False, access="read"):
        mine = all(dispute.user_id == self.env.user for dispute in self.sudo())
        if not mine and not self.env.user.has_group("account_credit_care.group_credit_user"):
            raise AccessError(self.env._("Only credit users and its owner may decide this."))
        self.check_access(access)
