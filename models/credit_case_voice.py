from datetime import timedelta

from odoo import fields, models


class CreditCase(models.Model):
    """What its customer thinks of the way he was treated, and what follows from a bad answer."""

    _inherit = "credit.case"

    answer_count = fields.Integer(
        "Answers", compute="_compute_answer_count", groups="account_credit_care.group_credit_user"
    )

    def _compute_answer_count(self):
        counts = dict(self.env["survey.user_input"]._read_group(
            [("credit_case_id", "in", self.ids), ("credit_answered_on", "!=", False)],
            ["credit_case_id"], ["__count"],
        ))
        for case in self:
            case.answer_count = counts.get(case, 0)

    def action_open_answers(self):
        return self._open_related(
            "survey_user_input_action", [("credit_case_id", "in", self.ids)]
        )

    def _get_all_of_debtor(self):
        return self.sudo().search([
            ("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id),
        ])

    def _is_complaining(self):
        """Something of this customer is disputed, or waits for an answer of ours."""
        return bool(self.env["credit.dispute"].sudo().search_count([
            ("case_id", "in", self._get_all_of_debtor().ids), ("state", "=", "open"),
        ], limit=1))

    def _hear_bad_answer(self, answer, lines):
        """The manager is told today, reminders wait, and somebody calls: not to collect, to
        listen. What he has said stays with the answer: cases, their pauses and their tasks are read
        by salespeople, too."""
        self.ensure_one()
        live = self._get_all_of_debtor().filtered(lambda case: case.state != "closed")[:1]
        case = live or self
        self.env["credit.task"]._tell_bad_answer(case, answer, lines)
        days = answer.credit_rule_id.pause_days
        items = live.open_item_ids if days else self.env["credit.item"]
        items = live._get_unheld(items)
        if items:
            own = live._for_owner()
            # not why he has not paid: the case keeps its own reason
            reason = self.env.ref("account_credit_care.credit_reason_experience", False)
            own.env["credit.dispute"]._open(
                own, dict.fromkeys(items.with_env(own.env), 0),
                self.company_id._credit_today() + timedelta(days=days),
                owner=live._get_owner(), kind="pause", source="debtor",
                reason_id=reason and reason.id,
            )

    def _get_unheld(self, items):
        """What is disputed already goes on waiting for its own reason."""
        held = self.env["credit.dispute.line"].sudo().search([
            ("item_id", "in", items.ids), ("dispute_id.state", "=", "open"), ("amount", "=", 0),
        ])
        return items - held.item_id
