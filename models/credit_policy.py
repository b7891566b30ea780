from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..domain import rules

PRESSURES = [
    ("gentle", "Gentle"),
    ("standard", "Standard"),
    ("firm", "Firm"),
    ("formal", "Formal"),
]


class CreditPolicy(models.Model):
    """The table of steps on a time line for a segment of customers, and its thresholds."""

    _name = "credit.policy"
    _description = "Credit policy"
    _inherit = ["credit.segment", "mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active")],
        required=True, default="draft", copy=False, tracking=True,
    )
    scope = fields.Selection(
        [
            ("segment", "Customers of a segment"),
            ("chosen", "Only customers who name it"),
            ("default", "All other customers"),
        ],
        "Takes", compute="_compute_scope", store=True, readonly=False, precompute=True,
        required=True, copy=False,
        help="A customer's own policy comes first, then the first policy in order whose segment "
        "matches, then the one that takes all others.",
    )
    is_default = fields.Boolean(
        "Default of the company", compute="_compute_is_default", inverse="_inverse_is_default",
        store=True, copy=False, help="Takes the debtors whom no other policy's segment matches.",
    )
    do_nothing = fields.Boolean(
        "Do nothing",
        help="Debtors under this policy are seen and never contacted nor suspended."
    )
    segment_error = fields.Char(compute="_compute_segment_error")
    debtor_count = fields.Integer("Debtors", compute="_compute_debtor_count")
    case_count = fields.Integer("Cases", compute="_compute_case_count")
    # the table is checked when all of it is written, not row by row (see _check_table)
    level_ids = fields.One2many(
        "credit.policy.level", "policy_id", "Levels", copy=True,
        context={"credit_table_as_a_whole": True},
    )
    level_count = fields.Integer("Number of levels", compute="_compute_levels")
    uses_sms = fields.Boolean(compute="_compute_levels")
    user_id = fields.Many2one(
        "res.users", "Controller", domain="[('share', '=', False)]",
        check_company=True, help="Signs the messages and answers the debtors of this policy.",
    )
    pressure = fields.Selection(PRESSURES, required=True, default="standard")
    catch_up = fields.Selection(
        [
            (rules.CATCH_UP_FIRST, "At the first step"),
            (rules.CATCH_UP_HIGHEST, "At the highest step reached"),
        ],
        "Old debts start", required=True, default=rules.CATCH_UP_FIRST,
    )
    min_gap_days = fields.Integer(
        "Days between messages", default=5, help="Never two messages to a debtor within these days."
    )
    direct_debit_wait_days = fields.Integer(
        "Wait for direct debit", default=7,
        help="Days waited on top for items that a direct debit or bank receipt should collect.",
    )
    min_amount = fields.Monetary(
        "Remind from", help="Nobody is reminded while less than this is overdue in all."
    )
    tolerance = fields.Monetary(
        default=1.0,
        help="What is left of an item up to this amount is not asked for. Converted into the "
        "currency of the item at the rate of the day.",
    )
    suspend_after_days = fields.Integer("Suspend credit after", default=30, tracking=True)
    handover_after_days = fields.Integer("Ask the salesperson's note after", default=35)
    own_step_days = fields.Integer(
        "Own step of the salesperson", default=10,
        help="Days that he may take to settle it himself before anything is handed over.",
    )
    place_after_days = fields.Integer("Ready for the agency after", default=45)
    place_by_itself = fields.Boolean(
        "Place by itself", tracking=True,
        help="A case that is ready goes to the agency whose turn it is. Off: a manager decides.",
    )
    suspend_min_amount = fields.Monetary("Suspend from", help="Overdue below this never suspends.")
    suspend_on_credit_limit = fields.Boolean(
        "Suspend over the credit limit",
        help="Also when the customer's open invoices exceed the credit limit set on the customer "
        "or, where he has none, on the company.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar", "Contact hours", check_company=True,
        help="Working hours and holidays outside which nobody is contacted. Empty: any time.",
    )
    max_contacts_day = fields.Integer("Contacts a day at most", default=1)
    max_contacts_week = fields.Integer("Contacts a week at most", default=3)
    promise_tolerance_days = fields.Integer(
        "Days of grace", default=3, help="Days after a promised date before it counts as broken."
    )
    plan_limit_ids = fields.One2many(
        "credit.plan.limit", "policy_id", "Plans without a manager", copy=True,
        help="Beyond these a credit manager approves. Without any: all plans pass.",
    )
    plan_auto_accept = fields.Boolean(
        "Accept at once", default=True,
        help="A plan within the limits that a customer proposes on his page starts when he signs.",
    )
    plan_max_missed = fields.Integer("Unpaid instalments", default=2)
    plan_max_late_days = fields.Integer("Days late", default=15)
    plan_lifts_suspension = fields.Boolean(
        "A running plan frees credit", help="Off: credit stays suspended until all is paid."
    )
    suspend_on_broken = fields.Boolean("Suspend when an agreement breaks", default=True)
    instalment_remind_days = fields.Integer("Remind before", default=3)
    instalment_chase_days = fields.Integer("Chase after", default=2)
    answer_wait_days = fields.Integer(
        "Wait for answers", default=7,
        help="Days without reminders after the customer has answered, or got an offer.",
    )
    dispute_max_days = fields.Integer(
        "Disputes wait at most", default=90,
        help="Days in all, from the day a dispute was raised; more is a manager's word. 0: no"
             " limit.",
    )
    resend_restarts = fields.Boolean(
        "A lost invoice starts anew", default=True,
        help="When an invoice is sent again its steps start from the beginning.",
    )
    page_days = fields.Integer("Links open for", default=60, help="Days after the message.")
    thanks = fields.Boolean("Thank for payments", default=True)
    timeline = fields.Json(compute="_compute_timeline")

    _one_default = models.UniqueIndex(
        "(company_id) WHERE is_default AND active AND state = 'active'",
        "This company has an active policy for all other customers already. Set that one back to"
        " draft first, or let one of the two take a segment.",
    )
    _gap_positive = models.Constraint(
        "CHECK (min_gap_days >= 0 AND direct_debit_wait_days >= 0)",
        "Days between messages and days of waiting cannot be negative.",
    )
    _amounts_positive = models.Constraint(
        "CHECK (coalesce(min_amount, 0) >= 0 AND coalesce(tolerance, 0) >= 0"
        " AND coalesce(suspend_min_amount, 0) >= 0)",
        "Amounts of a policy cannot be negative.",
    )
    _caps_positive = models.Constraint(
        "CHECK (max_contacts_day >= 0 AND max_contacts_week >= 0)",
        "Caps cannot be negative; 0 means no cap.",
    )
    _agreement_days_positive = models.Constraint(
        "CHECK (promise_tolerance_days >= 0 AND plan_max_missed >= 0 AND plan_max_late_days >= 0"
        " AND instalment_remind_days >= 0 AND instalment_chase_days >= 0"
        " AND answer_wait_days >= 0 AND dispute_max_days >= 0 AND page_days > 0)",
        "Days of agreements and disputes cannot be negative, and links stay open for a day at"
        " least.",
    )

    # ------------------------------------------------------------------ computed

    @api.depends("segment_domain")
    def _compute_scope(self):
        for record in self:
            if record.scope != "default":
                record.scope = record._get_scope()

    def _get_scope(self):
        return "segment" if self._has_segment() else "chosen"

    @api.depends("scope")
    def _compute_is_default(self):
        for record in self:
            record.is_default = record.scope == "default"

    def _inverse_is_default(self):
        for record in self:
            record.scope = "default" if record.is_default else record._get_scope()

    @api.depends("segment_domain", "scope")
    def _compute_segment_error(self):
        for record in self:
            record.segment_error = record.scope == "segment" and record._get_segment_fault()

    @api.depends(
        "segment_domain", "scope", "sequence", "state", "active", "company_id",
        "level_ids.delay_days",
    )
    def _compute_debtor_count(self):
        """Debtors with something open today whom this policy takes, itself counted as active; while
        it is edited, as it stands on the screen."""
        forecast = self.env["credit.forecast"]
        settled = self.filtered(lambda p: p.id and p.active and p.state == "active")
        for company, group in settled.grouped("company_id").items():
            counts = Counter(forecast._resolve_open(company).values())
            for record in group:
                record.debtor_count = counts[record.id]
        for record in self - settled:
            record.debtor_count = len(forecast._policy_debtors(record)) if record.company_id else 0

    def _compute_case_count(self):
        counts = dict(self.env["credit.case"]._read_group(
            [("policy_id", "in", self.ids), ("state", "!=", "closed")], ["policy_id"], ["__count"],
        ))
        for record in self:
            record.case_count = counts.get(record, 0)

    @api.depends("level_ids.channel")
    def _compute_levels(self):
        for record in self:
            record.level_count = len(record.level_ids)
            record.uses_sms = "sms" in record.level_ids.mapped("channel")

    @api.depends(
        "level_ids.delay_days", "level_ids.channel", "level_ids.name", "level_ids.pressure",
        "level_ids.automatic", "level_ids.executor", "do_nothing", "suspend_after_days",
        "handover_after_days", "place_after_days",
    )
    @api.depends_context("lang")
    def _compute_timeline(self):
        for record in self:
            record.timeline = {
                "do_nothing": record.do_nothing,
                "levels": [level._to_mark() for level in record.level_ids.sorted("delay_days")],
                "thresholds": [] if record.do_nothing else [
                    {"day": day, "code": code, "name": name}
                    for code, day, name in (
                        ("suspend", record.suspend_after_days, self.env._("Credit suspended")),
                        ("handover", record._get_note_day(), self.env._("Note asked")),
                        ("place", record.place_after_days, self.env._("Ready for the agency")),
                    )
                    if day
                ],
            }

    # ------------------------------------------------------------------ what follows a change

    def write(self, vals):
        """The days on which cases are looked at again were computed with the policy as it was."""
        result = super().write(vals)
        if vals.keys() - {"name", "sequence", "message_follower_ids"}:
            self._recheck_cases()
        return result

    def _recheck_cases(self):
        self.env["credit.case"]._recheck(
            Domain("policy_id", "in", self.ids) & Domain("state", "!=", "closed")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["credit.case"].sudo().search([("policy_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "“%(policy)s” has cases (%(debtor)s, for one). Archive it instead.",
                    policy=used.policy_id.name, debtor=used.partner_id.display_name,
                )
            )
        self.level_ids._unlink_except_used()

    def copy_data(self, default=None):
        default = dict(default or {})
        values_list = super().copy_data(default)
        if "name" not in default:
            for record, values in zip(self, values_list, strict=True):
                values["name"] = self.env._("%(policy)s (copy)", policy=record.name)
        return values_list
