from odoo import api, fields, models
from odoo.fields import Domain

from ..domain import worklist


class CreditCase(models.Model):
    """Why one case comes before another in the worklist, and which cases are in it."""

    _inherit = "credit.case"

    def _compute_priority_note(self):
        broken = self.env["credit.agreement"].sudo()._read_broken_cases(self.ids)
        for case in self:
            case.priority_note = case._explain_priority(case._get_priority(case.id in broken))

    # ------------------------------------------------------------------ priority

    def _get_priority(self, broken):
        self.ensure_one()
        risks = worklist.risks(
            bool(self.suspended_on), self.pays_late, self.reason_id.kind, broken
        )
        return worklist.prioritise(self.amount_overdue, self.oldest_days, risks)

    def _explain_priority(self, priority):
        risks = {
            "broken": self.env._("agreement broken"),
            "suspended": self.env._("credit suspended"),
            "pays_late": self.env._("has paid late before"),
            "unreachable": self.env._("cannot be reached"),
        }
        if not priority.points:
            return ""
        parts = []
        if priority.amount_points:
            amount = self.env._("amount +%(points)s", points=priority.amount_points)
            parts.append(amount)
        if priority.age_points:
            parts.append(self.env._(
                "%(days)s days late +%(points)s",
                days=self.oldest_days, points=priority.age_points,
            ))
        parts += [f"{risks[risk]} +{worklist.RISK_POINTS[risk]}" for risk in priority.risks]
        return " · ".join(parts)

    # ------------------------------------------------------------------ mail

    @api.model
    def _get_worklist_domain(self):
        today = fields.Date.context_today(self)
        return Domain("state", "!=", "closed") & (
            Domain("activity_ids.date_deadline", "<=", today)
            | Domain("action_ids", "any", [
                ("state", "in", ("planned", "failed")), ("kind", "=", "reminder"),
                "|", ("needs_review", "=", True), ("state", "=", "failed"),
            ])
            | Domain("night_error", "!=", False)
        )
