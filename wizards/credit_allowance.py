from datetime import timedelta

from odoo import Command, api, fields, models

from ..models.windows import open_record


class CreditAllowance(models.TransientModel):
    """Shows the bad-debt allowance of a day, bucket by bucket, beside what was lost in the past;
    asks when it is reversed. The company makes the entries."""

    _name = "credit.allowance"
    _description = "Bad-debt allowance"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    day = fields.Date(
        "End of the day", required=True,
        default=lambda self: self.env.company._credit_today().replace(day=1) - timedelta(days=1),
    )
    reverse_on = fields.Date(
        "Reversed on", required=True, compute="_compute_reverse_on", store=True, readonly=False,
        precompute=True,
    )
    line_ids = fields.One2many(
        "credit.allowance.line", "allowance_id", "Buckets", compute="_compute_line_ids",
        store=True, precompute=False,
    )
    amount = fields.Monetary("Allowance", compute="_compute_amount")
    has_proposal = fields.Boolean(compute="_compute_amount")

    @api.depends("day")
    def _compute_reverse_on(self):
        for allowance in self:
            allowance.reverse_on = allowance.day and allowance.day + timedelta(days=1)

    @api.depends("day", "company_id")
    def _compute_line_ids(self):
        to_amount = self.env["credit.figures"]._to_amount
        for allowance in self:
            company, day = allowance.company_id, allowance.day
            lines = [Command.clear()]
            if day:
                proposals = company._credit_propose_rates(day)
                for (name, part), past in zip(
                    company._credit_get_allowance(day), proposals, strict=True
                ):
                    lines.append(Command.create({
                        "name": name, "rate": float(part.rate),
                        "amount": to_amount(company, part.amount),
                        "allowance": to_amount(company, part.allowance),
                        "has_proposal": past.rate is not None, "cases": past.cases,
                        "past_rate": float(past.rate or 0),
                    }))
            allowance.line_ids = lines

    @api.depends("line_ids")
    def _compute_amount(self):
        for allowance in self:
            allowance.amount = sum(allowance.line_ids.mapped("allowance"))
            allowance.has_proposal = any(allowance.line_ids.mapped("has_proposal"))

    def action_use_proposal(self):
        """The rates of the past become those of the table; shows the window again."""
        self.ensure_one()
        self.company_id._credit_use_rates(self.day)
        self._compute_line_ids()
        return open_record(self, name=self._description, target="new")

    def action_prepare(self):
        self.ensure_one()
        moves = self.company_id._credit_prepare_allowance(self.day, self.reverse_on)
        return {
            "type": "ir.actions.act_window", "res_model": "account.move", "view_mode": "list,form",
            "name": self.env._("Allowance and its reversal"), "domain": [("id", "in", moves.ids)],
        }


class CreditAllowanceLine(models.TransientModel):
    _name = "credit.allowance.line"
    _description = "Bucket of the bad-debt allowance"

    allowance_id = fields.Many2one(
        "credit.allowance", "Allowance of the day", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="allowance_id.currency_id")
    name = fields.Char("Bucket", readonly=True)
    amount = fields.Monetary("Open", readonly=True)
    rate = fields.Float(readonly=True)
    allowance = fields.Monetary(readonly=True)
    has_proposal = fields.Boolean(readonly=True)
    past_rate = fields.Float(
        "Not paid within a year", readonly=True,
        help="Of what was open in this bucket a year before, the share that no cash had settled.",
    )
    cases = fields.Integer(
        "Of claims", readonly=True, help="Fewer than 20 make no rate: chance would speak."
    )
