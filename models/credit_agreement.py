from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

KINDS = [
    ("promise", "Promise"),
    ("plan", "Payment plan"),
    ("settlement", "Settlement"),
]
STATES = [
    ("draft", "Draft"),
    ("proposed", "Proposed"),
    ("running", "Running"),
    ("kept", "Kept"),
    ("broken", "Broken"),
    ("cancelled", "Cancelled"),
]
TRANSITIONS = {
    "draft": {"proposed", "running", "cancelled"},
    "proposed": {"draft", "running", "cancelled"},
    "running": {"kept", "broken", "cancelled"},
    "broken": {"running", "cancelled"},
    "kept": {"running"},  # a payment that came back
    "cancelled": set(),
}
FREQUENCIES = [
    ("week", "Weekly"),
    ("fortnight", "Every two weeks"),
    ("month", "Monthly"),
    ("quarter", "Quarterly"),
]
NEGOTIATORS = [
    ("staff", "Staff"),
    ("collector", "Collector"),
    ("debtor", "The debtor himself"),
    ("mediator", "Mediator"),
]
BROKEN = [
    ("missed", "Instalments not paid"),
    ("late", "Too late"),
]
LIVE = ("proposed", "running")


class CreditAgreement(models.Model):
    """What was agreed with a debtor: a promise (one date), a payment plan, or a settlement (less
    than is owed). What was received is what the ledger says, never ticked by hand; the original
    due dates are never rewritten."""

    _name = "credit.agreement"
    _description = "Credit agreement"
    _inherit = ["credit.guarded", "credit.door", "mail.thread", "mail.activity.mixin"]
    _order = "state_rank, next_due_on, id desc"
    _transitions = TRANSITIONS

    name = fields.Char("Number", readonly=True, copy=False)
    kind = fields.Selection(KINDS, required=True, default="plan")
    state = fields.Selection(
        STATES, required=True, default="draft", readonly=True, index=True, tracking=True,
        copy=False,
    )
    state_rank = fields.Integer(compute="_compute_state_rank", store=True)
    case_id = fields.Many2one("credit.case", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor", store=True)
    salesperson_id = fields.Many2one(related="case_id.salesperson_id", store=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    user_id = fields.Many2one("res.users", "By", default=lambda self: self.env.user, index=True)
    negotiated_by = fields.Selection(
        NEGOTIATORS, "Negotiated by", required=True, default="staff", tracking=True
    )
    mediator_id = fields.Many2one("res.partner")
    note = fields.Text("What was said")
    item_ids = fields.Many2many(
        "credit.item", "credit_agreement_item_rel", "agreement_id", "item_id", "Items covered",
        domain="[('case_id', '=', case_id), ('closed_on', '=', False),"
        " ('currency_id', '=', currency_id)]",
    )
    line_ids = fields.One2many("credit.agreement.line", "agreement_id", "Instalments", copy=True)

    # terms: what the schedule is made of
    frequency = fields.Selection(FREQUENCIES, default="month")
    count = fields.Integer("Number of instalments")
    instalment_amount = fields.Monetary("Amount of each")
    day_of_month = fields.Integer("On day", help="0: the day of the first one; 31: the last day.")
    first_on = fields.Date("First on")
    down_payment = fields.Monetary("Down payment")
    down_on = fields.Date("Down payment on")
    interest_rate = fields.Float("Interest a year, %")
    interest_from = fields.Date(
        readonly=True, copy=False, help="When the schedule was made."
    )
    working_days = fields.Boolean(
        "Working days only", default=True, help="A date that is not moves to the next one."
    )
    capacity_id = fields.Many2one(
        "credit.capacity", "What he can pay", ondelete="set null", copy=False,
        groups="account_credit_care.group_credit_user",
    )

    amount_settlement = fields.Monetary(
        "Settled with", help="What is to be paid instead of all that is open."
    )
    amount_open = fields.Monetary(
        "Open debt", readonly=True, copy=False,
        help="Of the items covered, when the agreement was made.",
    )
    amount_agreed = fields.Monetary(
        "Agreed", compute="_compute_amounts", store=True, help="All instalments, with interest."
    )
    amount_interest = fields.Monetary("Interest", compute="_compute_amounts", store=True)
    amount_reduction = fields.Monetary(
        "Given up", compute="_compute_amounts", store=True, help="Only when all agreed was paid."
    )
    amount_received = fields.Monetary("Received", readonly=True, copy=False)
    amount_missing = fields.Monetary(
        "Late", readonly=True, copy=False, help="Due by now and not received."
    )
    paid_before = fields.Monetary(
        readonly=True, copy=False, help="Cash received on the items before it started."
    )
    cash_seen = fields.Monetary(
        readonly=True, copy=False, help="All cash on the items when the night looked last."
    )
    start_on = fields.Date("Starts on", readonly=True, copy=False)
    valid_until = fields.Date(
        "Offer stands until", copy=False, help="Reminders wait for the answer until this day."
    )
    next_due_on = fields.Date("Next instalment", readonly=True, copy=False)
    next_check_on = fields.Date(readonly=True, copy=False)
    breaks_on = fields.Date(
        readonly=True, copy=False, help="The day on which it breaks if nothing comes in."
    )
    broken_on = fields.Date("Broken on", readonly=True, copy=False)
    broken_why = fields.Selection(BROKEN, "Why broken", readonly=True, copy=False)
    ended_on = fields.Date("Ended on", readonly=True, copy=False)

    # as the policy had it when it was made
    tolerance_days = fields.Integer(readonly=True, copy=False)
    max_missed = fields.Integer(readonly=True, copy=False)
    max_late_days = fields.Integer(readonly=True, copy=False)

    excess = fields.Char("Beyond the limits", readonly=True, copy=False)
    approver_id = fields.Many2one("res.users", "Approved by", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)
    signature = fields.Binary(readonly=True, copy=False, attachment=True)
    signed_by = fields.Char("Signed by", readonly=True, copy=False)
    signed_on = fields.Datetime("Signed on", readonly=True, copy=False)
    on_paper = fields.Boolean("Signed on paper", readonly=True, copy=False)
    interest_move_id = fields.Many2one(
        "account.move", "Invoice of the interest", readonly=True, copy=False,
        groups="account_credit_care.group_credit_user,account.group_account_invoice",
    )
    write_off_move_id = fields.Many2one("account.move", "Write-off", readonly=True, copy=False)

    _watch = models.Index("(company_id, next_check_on) WHERE state = 'running'")

    # ------------------------------------------------------------------ computed

    @api.depends("state")
    def _compute_state_rank(self):
        order = ["broken", "draft", "proposed", "running", "kept", "cancelled"]
        for agreement in self:
            agreement.state_rank = order.index(agreement.state)

    @api.depends("name", "kind", "partner_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for agreement in self:
            debtor = agreement.partner_id.sudo().display_name or ""
            agreement.display_name = f"{agreement.name or kinds[agreement.kind]} · {debtor}"

    @api.depends("line_ids.amount", "line_ids.interest", "amount_open", "kind")
    def _compute_amounts(self):
        for agreement in self:
            agreement.amount_agreed = sum(agreement.line_ids.mapped("amount"))
            agreement.amount_interest = sum(agreement.line_ids.mapped("interest"))
            paid = agreement.amount_agreed - agreement.amount_interest
            given_up = agreement.amount_open - paid if agreement.kind == "settlement" else 0
            agreement.amount_reduction = max(given_up, 0)

    # ------------------------------------------------------------------ constraints

    @api.constrains("item_ids", "case_id", "currency_id")
    def _check_items(self):
        """People choose in a draft. Later a debt that is open again may go on in another case, and
        cases may become one: what had been covered stays."""
        for agreement in self.filtered(lambda one: one.state == "draft"):
            stray = agreement.item_ids.filtered(
                lambda item, own=agreement: item.case_id != own.case_id
                or item.currency_id != own.currency_id
            )
            if stray:
                raise ValidationError(self.env._(
                    "“%(item)s” is of another debtor or currency. An agreement covers items of one"
                    " debtor in one currency.", item=stray[0].display_name,
                ))

    @api.constrains("capacity_id", "case_id", "currency_id")
    def _check_capacity(self):
        for agreement in self.filtered("capacity_id"):
            sheet = agreement.capacity_id
            if sheet.case_id.partner_id != agreement.case_id.partner_id or (
                sheet.currency_id != agreement.currency_id
            ):
                raise ValidationError(self.env._(
                    "This sheet is of another debtor or currency. Fill in one of this customer."
                ))

    @api.constrains("interest_rate", "count", "day_of_month")
    def _check_terms(self):
        for agreement in self:
            if not 0 <= agreement.day_of_month <= 31:
                raise ValidationError(self.env._("The day of the month is 1 to 31, or 0."))
            if not 0 <= agreement.interest_rate < 100:
                raise ValidationError(self.env._("Interest is a rate a year, 0 to 100 %."))
            if agreement.count < 0:
                raise ValidationError(self.env._("The number of instalments cannot be negative."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if any(agreement.state != "draft" for agreement in self):
            raise UserError(self.env._("An agreement is history: cancel it instead."))
