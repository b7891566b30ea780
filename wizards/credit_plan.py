from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.credit_agreement import FREQUENCIES, KINDS, NEGOTIATORS
from ..models.windows import open_record

SIZES = [
    ("count", "By number"),
    ("amount", "By amount"),
    ("capacity", "By what he can pay"),
]
TERMS = (
    "kind", "frequency", "day_of_month", "first_on", "down_payment", "down_on", "interest_rate",
    "working_days", "negotiated_by", "note",
)


class CreditPlan(models.TransientModel):
    """Asks what to agree on with a debtor and shows at once what would come of it; the agreement
    reckons and acts."""

    _name = "credit.plan"
    _inherit = "credit.window"
    _description = "Agree with a debtor"

    case_id = fields.Many2one("credit.case", required=True, readonly=True)
    company_id = fields.Many2one(related="case_id.company_id")
    partner_id = fields.Many2one(related="case_id.partner_id")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, readonly=False, required=True,
        precompute=True, domain="[('id', 'in', open_currency_ids)]",
    )
    open_currency_ids = fields.Many2many("res.currency", compute="_compute_open_currency_ids")
    kind = fields.Selection(KINDS, "What", required=True, default="plan")
    item_ids = fields.Many2many(
        "credit.item", string="Items covered", compute="_compute_item_ids", store=True,
        readonly=False, precompute=True,
        domain="[('case_id', '=', case_id), ('closed_on', '=', False),"
        " ('currency_id', '=', currency_id)]",
    )
    amount_open = fields.Monetary("Open on these", compute="_compute_amount_open")
    amount_promised = fields.Monetary("Amount promised", help="Empty: all that is open.")
    amount_settlement = fields.Monetary("To be paid instead")
    sizing = fields.Selection(SIZES, "Instalments", required=True, default="count")
    count = fields.Integer("How many", default=3)
    instalment_amount = fields.Monetary("How much each")
    capacity_id = fields.Many2one(
        "credit.capacity", "What he can pay", compute="_compute_capacity_id", store=True,
        readonly=False, precompute=True, domain="[('case_id', '=', case_id)]",
    )
    monthly = fields.Monetary(related="capacity_id.monthly")
    frequency = fields.Selection(FREQUENCIES, "How often", required=True, default="month")
    first_on = fields.Date(
        "First on", compute="_compute_first_on", store=True, readonly=False, precompute=True
    )
    day_of_month = fields.Integer("On day", help="0: the day of the first one; 31: the last day.")
    down_payment = fields.Monetary("Down payment")
    down_on = fields.Date("Down payment on")
    interest_rate = fields.Float("Interest a year, %")
    working_days = fields.Boolean("Working days only", default=True)
    negotiated_by = fields.Selection(
        NEGOTIATORS, "Negotiated by", required=True, default="staff"
    )
    mediator_id = fields.Many2one("res.partner")
    note = fields.Text("What was said")
    signed_by = fields.Char("Signed by", help="Who has signed a printed copy.")
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    problem = fields.Char(compute="_compute_preview")
    excess_note = fields.Char(compute="_compute_preview")

    @api.model
    def _open(self, case, **values):
        """The window, filled in as far as it is known."""
        plan = self.create({"case_id": case.id, **values})
        return open_record(plan, name=self.env._("Agree"), target="new")

    # ------------------------------------------------------------------ what is proposed

    @api.depends("case_id")
    def _compute_open_currency_ids(self):
        for plan in self:
            plan.open_currency_ids = plan.case_id.open_item_ids.currency_id

    @api.depends("case_id")
    def _compute_currency_id(self):
        """The one in which the oldest debt is; of the others one makes another agreement."""
        for plan in self:
            oldest = plan.case_id.open_item_ids.sorted("due_on")[:1]
            plan.currency_id = oldest.currency_id or plan.company_id.currency_id

    @api.depends("case_id", "currency_id")
    def _compute_item_ids(self):
        """All that is open, without what a settlement gave up and the write-off waits for."""
        for plan in self:
            given_up = plan.case_id.agreement_ids.filtered(lambda one: one._is_given_up()).item_ids
            plan.item_ids = (plan.case_id.open_item_ids - given_up).filtered(
                lambda item, own=plan.currency_id: item.currency_id == own and not item.no_followup
            )

    @api.depends("item_ids")
    def _compute_amount_open(self):
        for plan in self:
            plan.amount_open = sum(plan.item_ids.mapped("amount_residual"))

    @api.depends("case_id", "currency_id")
    def _compute_capacity_id(self):
        for plan in self:
            plan.capacity_id = self.env["credit.capacity"].search([
                ("case_id", "=", plan.case_id.id), ("currency_id", "=", plan.currency_id.id),
            ], limit=1)

    @api.depends("kind", "case_id")
    def _compute_first_on(self):
        """A promise is for the coming days; a plan leaves time to sign it and to arrange it."""
        for plan in self:
            today = plan.company_id._credit_today() if plan.company_id else fields.Date.today()
            plan.first_on = fields.Date.add(today, days=7 if plan.kind == "promise" else 14)

    # ------------------------------------------------------------------ preview

    @api.depends(
        *TERMS, "item_ids", "currency_id", "amount_promised", "amount_settlement", "sizing",
        "count", "instalment_amount", "capacity_id", "monthly",
    )
    def _compute_preview(self):
        for plan in self:
            plan.preview = plan.problem = plan.excess_note = False
            draft = self.env["credit.agreement"].new(plan._to_agreement())
            try:
                draft._fill(draft._compute_instalments())
            except UserError as error:
                plan.problem = str(error)
                continue
            plan.preview = draft._render_preview()
            plan.excess_note = draft.excess_note

    def _to_agreement(self):
        """The answers, as values of an agreement."""
        values = {name: self[name] for name in TERMS}
        by_size = {
            "count": {"count": self.count},
            "amount": {"instalment_amount": self.instalment_amount},
            "capacity": {"capacity_id": self.capacity_id.id},
        }
        promise = {"instalment_amount": self.amount_promised, "count": 0, "down_payment": 0}
        items = self.item_ids
        if self.kind == "promise" and self.amount_promised and len(items.currency_id) == 1:
            items = self.case_id._get_promised_items(items, self.amount_promised)
        return {
            **values, "case_id": self.case_id.id, "currency_id": self.currency_id.id,
            "item_ids": [(6, 0, items.ids)],
            "mediator_id": self.mediator_id.id if self.negotiated_by == "mediator" else False,
            "amount_settlement": self.kind == "settlement" and self.amount_settlement,
            **(promise if self.kind == "promise" else by_size[self.sizing]),
        }

    # ------------------------------------------------------------------ buttons

    def action_propose(self):
        agreement = self._make()
        agreement.action_propose()
        return self._show(agreement)

    def action_start(self):
        agreement = self._make()
        agreement.action_start()
        return self._show(agreement)

    def action_sign_on_paper(self):
        if not self.signed_by:
            raise UserError(self.env._("Write who has signed."))
        agreement = self._make()
        agreement._sign_on_paper(self.signed_by)
        return self._show(agreement)

    def action_save(self):
        return self._show(self._make())

    def _make(self):
        self.ensure_one()
        self.case_id._check_user()
        agreement = self.env["credit.agreement"].create(self._to_agreement())
        agreement.action_make_schedule()
        return agreement

    def _show(self, agreement):
        return open_record(agreement)
