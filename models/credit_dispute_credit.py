from odoo import api, fields, models

from .credit_dispute import CREDITING


class CreditDispute(models.Model):
    """Where the customer is right he is asked for nothing until the credit note stands in the
    ledger."""

    _inherit = "credit.dispute"

    awaits_credit = fields.Boolean(compute="_compute_awaits_credit")

    @api.depends("state", "resolution")
    def _compute_awaits_credit(self):
        """Accepted, and held all the same: nobody is asked for what a credit note will settle."""
        for dispute in self:
            dispute.awaits_credit = dispute.state == "open" and dispute.resolution in CREDITING

    def _await_credit(self, resolution, answer):
        for dispute in self:
            today = dispute.company_id._credit_today()
            days = dispute.case_id.policy_id.answer_wait_days or 7
            dispute._wait_until(max(dispute.until, fields.Date.add(today, days=days)))
            dispute.write({"resolution": resolution, "answer": answer})
            dispute.activity_ids.unlink()
            self.env["credit.task"]._ask_for_credit_note(dispute)

    def _close_credited(self, moves):
        """Credit notes on ``moves`` were posted: what was accepted is settled by them, once each
        invoice has had its own. One of before the dispute was for something else."""
        waiting = self.sudo().search([
            ("state", "=", "open"), ("resolution", "in", CREDITING),
            ("line_ids.item_id.move_line_id.move_id", "in", moves.ids),
        ])
        credited = waiting.line_ids.filtered(lambda line: line.item_id.move_id in moves)
        credited.credited = True
        for dispute in waiting:
            if all(line.credited or line.item_id.closed_on for line in dispute.line_ids):
                dispute._end("resolved")
