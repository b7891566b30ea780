from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.credit_policy_level import CHANNELS


class CreditPreview(models.TransientModel):
    """What the next night, or any later day, would do: nothing is written."""

    _name = "credit.preview"
    _description = "Preview of the night"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy_id = fields.Many2one("credit.policy", check_company=True)
    policy_state = fields.Selection(related="policy_id.state")
    until = fields.Date("Up to", required=True, default=fields.Date.context_today)
    only_day = fields.Boolean("Only that day", default=True)
    line_ids = fields.One2many("credit.preview.line", "preview_id")
    summary = fields.Html(compute="_compute_summary", sanitize=False)
    bank_note = fields.Char(compute="_compute_bank_note")

    @api.model
    def _open(self, policy=None):
        values = {"policy_id": policy.id, "company_id": policy.company_id.id} if policy else {}
        preview = self.create(values)
        return preview.action_compute()

    @api.depends("company_id")
    def _compute_bank_note(self):
        for preview in self:
            preview.bank_note = preview.company_id.sudo()._credit_bank_note()

    @api.depends("line_ids")
    def _compute_summary(self):
        for preview in self:
            groups = defaultdict(lambda: [0, 0.0])
            for line in preview.line_ids:
                groups[line.level_id, line.channel][0] += 1
                groups[line.level_id, line.channel][1] += line.amount
            labels = dict(preview.line_ids._fields["channel"]._description_selection(self.env))
            preview.summary = self.env["ir.qweb"]._render(
                "account_credit_care.preview_summary", {
                    "rows": [
                        (level.name, labels.get(channel), count, amount)
                        for (level, channel), (count, amount) in groups.items()
                    ],
                    "currency": preview.currency_id,
                    "debtors": len(preview.line_ids.partner_id),
                },
            )

    def action_compute(self):
        """Fills the list; again after each change of day or policy."""
        self.ensure_one()
        if not self.env.user.has_group("account_credit_care.group_credit_user"):
            raise AccessError(self.env._("Only credit users see the preview."))
        self.line_ids.unlink()
        run = self.env["credit.run"].sudo().with_company(self.company_id)
        plans = run._preview(self.policy_id.sudo(), self.company_id, self.until)
        if self.only_day:
            plans = [plan for plan in plans if plan.day == self.until]
        levels = self.env["credit.policy.level"].sudo()
        reach = self.env["credit.channel"].sudo()._resolve(
            [(plan.partner_id, levels.browse(plan.decision.step.key)) for plan in plans],
            self.company_id,
        )
        self.env["credit.preview.line"].create([
            {
                "preview_id": self.id, "day": plan.day, "partner_id": plan.partner_id,
                "policy_id": plan.policy_id, "level_id": plan.decision.step.key,
                "channel": reach[plan.partner_id].channel, "amount": plan.amount,
                "item_count": len(plan.decision.shown),
            }
            for plan in plans
        ])
        return {
            "type": "ir.actions.act_window", "name": self.env._("What the night would do"),
            "res_model": self._name, "res_id": self.id, "view_mode": "form", "target": "current",
        }

    def action_activate(self):
        self.policy_id.action_activate()
        return self.action_compute()


class CreditPreviewLine(models.TransientModel):
    _name = "credit.preview.line"
    _description = "Message in the preview of the night"
    _order = "day, amount desc, id"

    preview_id = fields.Many2one("credit.preview", required=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="preview_id.currency_id")
    day = fields.Date(required=True)
    partner_id = fields.Many2one("res.partner", "Debtor", required=True)
    policy_id = fields.Many2one("credit.policy")
    level_id = fields.Many2one("credit.policy.level")
    channel = fields.Selection([*CHANNELS, ("activity", "Activity")])
    amount = fields.Monetary()
    item_count = fields.Integer("Items")
