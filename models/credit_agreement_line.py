from odoo import api, fields, models

STATES = [
    ("open", "Not due yet"),
    ("part", "Partly paid"),
    ("paid", "Paid"),
    ("late", "Late"),
    ("missed", "Missed"),
]
EDITABLE = {"agreement_id", "due_on", "amount", "interest"}


class CreditAgreementLine(models.Model):
    """An instalment: what is to come on a day, and what the ledger has received of it."""

    _name = "credit.agreement.line"
    _description = "Instalment of a credit agreement"
    _inherit = ["credit.guarded"]
    _by_hand = frozenset(EDITABLE)  # what was received is the ledger's word
    _order = "agreement_id, due_on, id"

    agreement_id = fields.Many2one(
        "credit.agreement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="agreement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="agreement_id.currency_id")
    due_on = fields.Date("Due on", required=True)
    amount = fields.Monetary(required=True)
    interest = fields.Monetary("Of which interest")
    received = fields.Monetary(readonly=True, copy=False)
    paid_on = fields.Date("Paid on", readonly=True, copy=False)
    counts_on = fields.Date(
        "Counts from", readonly=True, copy=False,
        help="The day from which it is late: the one agreed, or later where we had to look into"
        " something first. Empty while that goes on.",
    )
    late_days = fields.Integer("Days late", readonly=True, copy=False)
    state = fields.Selection(STATES, default="open", required=True, readonly=True, copy=False)

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "An instalment is more than nothing."
    )
    _interest_within = models.Constraint(
        "CHECK (interest >= 0 AND interest < amount)",
        "Interest is a part of its instalment: not below 0, and less than the whole of it.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.agreement_id._check_draft()
        return lines

    def write(self, vals):
        """Neither is an instalment changed that was proposed, nor is one slipped under it."""
        self.agreement_id._check_draft()
        result = super().write(vals)
        self.agreement_id._check_draft()
        return result

    def _get_day(self):
        return self.counts_on or self.due_on

    @api.ondelete(at_uninstall=False)
    def _unlink_except_proposed(self):
        self.agreement_id._check_draft()
