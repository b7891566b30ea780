from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

WEEK = timedelta(days=7)


class CreditDisputeTerms(models.AbstractModel):
    """What is asked when a dispute is opened, in the call and on its own: which items, how much of
    them, who finds out, until when."""

    _name = "credit.dispute.terms"
    _inherit = "credit.window"
    _description = "Credit care: terms of a dispute"

    case_id = fields.Many2one("credit.case", required=True, readonly=True)
    company_id = fields.Many2one(related="case_id.company_id")
    reason_id = fields.Many2one("credit.reason", "Why not paid")
    dispute_item_ids = fields.Many2many(
        "credit.item", string="Which items", compute="_compute_dispute_item_ids", store=True,
        readonly=False, domain="[('case_id', '=', case_id), ('closed_on', '=', False)]",
    )
    dispute_currency_id = fields.Many2one(
        related="dispute_item_ids.currency_id", string="Currency of the items"
    )
    dispute_amount = fields.Monetary(
        "Disputed amount", currency_field="dispute_currency_id",
        help="Of one item. 0: all of it. The rest goes on being asked for.",
    )
    dispute_user_id = fields.Many2one(
        "res.users", "Who finds out", compute="_compute_dispute_user_id", store=True,
        readonly=False, domain="[('share', '=', False)]",
    )
    dispute_until = fields.Date(
        "Wait until", compute="_compute_dispute_until", store=True, readonly=False,
        help="No reminders up to and including this day; afterwards it comes back by itself.",
    )
    mediator_id = fields.Many2one("res.partner")
    mediation_on = fields.Date("Mediation on")

    @api.depends("case_id")
    def _compute_dispute_item_ids(self):
        """The one item that is open, else whoever asks has to choose."""
        for terms in self:
            items = terms.case_id.open_item_ids
            terms.dispute_item_ids = items if len(items) == 1 else items.browse()

    @api.depends("case_id", "reason_id")
    def _compute_dispute_user_id(self):
        for terms in self:
            owner = terms.reason_id.user_id or terms.case_id.user_id
            terms.dispute_user_id = owner or self.env.user

    @api.depends("mediation_on")
    def _compute_dispute_until(self):
        """A week to find out; after a mediation, a week to do what was agreed."""
        for terms in self:
            start = terms.mediation_on or terms.company_id._credit_today()
            terms.dispute_until = start + WEEK

    def _open_dispute(self, kind, text, **values):
        """Asks the model to open it; the rights are those of whoever asks."""
        self.case_id._check_user()
        items = self.dispute_item_ids
        if not items:
            raise UserError(self.env._("Choose the items it is about."))
        if not self.dispute_until:
            raise UserError(self.env._("Choose the day until which it waits."))
        if self.dispute_amount and len(items) > 1:
            raise UserError(self.env._(
                "A part can be disputed of one item. Choose that item, or leave the amount at 0."
            ))
        return self.env["credit.dispute"]._open(
            self.case_id, dict.fromkeys(items, self.dispute_amount), self.dispute_until,
            reason=self.reason_id, owner=self.dispute_user_id, text=text or "", kind=kind,
            mediator_id=self.mediator_id.id, mediation_on=self.mediation_on, **values,
        )
