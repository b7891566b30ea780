from ast import literal_eval
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..domain import policy, rules, thresholds
from ..domain.money import to_units

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
    _inherit = ["mail.thread"]
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
    is_default = fields.Boolean(
        "Default of the company", copy=False,
        help="Takes the debtors whom no other policy's segment matches.",
    )
    do_nothing = fields.Boolean(
        help="Debtors under this policy are seen and never contacted nor suspended."
    )
    segment_domain = fields.Char(
        "Segment", default="[]",
        help="Which customers. Policies are asked in their order, the first that matches wins; "
        "the policy set on a customer wins over all.",
    )
    debtor_count = fields.Integer("Debtors", compute="_compute_debtor_count")
    level_ids = fields.One2many("credit.policy.level", "policy_id", "Levels", copy=True)
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
    place_after_days = fields.Integer("Ready for the agency after", default=45)
    suspend_min_amount = fields.Monetary("Suspend from", help="Overdue below this never suspends.")
    suspend_on_credit_limit = fields.Boolean(
        "Suspend over the credit limit",
        help="Also when the customer's open invoices exceed the credit limit set on the customer.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar", "Contact hours",
        help="Working hours and holidays outside which nobody is contacted. Empty: any time.",
    )
    max_contacts_day = fields.Integer("Contacts a day at most", default=1)
    max_contacts_week = fields.Integer("Contacts a week at most", default=3)
    timeline = fields.Json(compute="_compute_timeline")

    _one_default = models.UniqueIndex(
        "(company_id) WHERE is_default AND active AND state = 'active'",
        "This company has a default policy already. Remove the mark there first.",
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

    @api.depends("segment_domain", "sequence", "is_default", "state", "company_id")
    def _compute_debtor_count(self):
        """Debtors with something open today whom this policy takes, itself counted as active."""
        for record in self:
            record.debtor_count = (
                len(self.env["credit.run"]._policy_debtors(record)) if record.company_id else 0
            )

    @api.depends(
        "level_ids.delay_days", "level_ids.channel", "level_ids.name", "level_ids.pressure",
        "suspend_after_days", "handover_after_days", "place_after_days",
    )
    def _compute_timeline(self):
        for record in self:
            channels = dict(record.level_ids._fields["channel"]._description_selection(self.env))
            record.timeline = {
                "levels": [
                    {
                        "day": level.delay_days,
                        "name": level.name or "",
                        "channel": level.channel,
                        "channel_name": channels.get(level.channel, ""),
                        "pressure": level.pressure,
                        "automatic": level.automatic,
                    }
                    for level in record.level_ids.sorted("delay_days")
                ],
                "thresholds": [
                    {"day": day, "code": code, "name": name}
                    for code, day, name in (
                        ("suspend", record.suspend_after_days, self.env._("Credit suspended")),
                        ("handover", record.handover_after_days, self.env._("Note asked")),
                        ("place", record.place_after_days, self.env._("Ready for the agency")),
                    )
                    if day
                ],
            }

    # ------------------------------------------------------------------ constraints

    @api.constrains("segment_domain")
    def _check_segment_domain(self):
        for record in self:
            try:
                self.env["res.partner"].search_count(record._get_segment(), limit=1)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The segment of “%(policy)s” cannot be read (%(error)s). Open the segment"
                        " editor and pick the conditions again.",
                        policy=record.name, error=error,
                    )
                ) from error

    @api.constrains(
        "level_ids", "min_gap_days", "suspend_after_days", "handover_after_days",
        "place_after_days", "do_nothing", "state",
    )
    def _check_configuration(self):
        for record in self:
            levels = record.level_ids.sorted("delay_days")
            for code, index in policy.faults(
                [level._to_spec() for level in levels], record.min_gap_days
            ):
                raise ValidationError(record._explain_fault(code, levels, index))
            codes = policy.threshold_faults(
                record.suspend_after_days, record.handover_after_days, record.place_after_days
            )
            for code in codes:
                raise ValidationError(record._explain_fault(code, levels, 0))
            if record.state == "active" and not record.do_nothing and not levels:
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” has no level. Add at least one, or tick “Do nothing”.",
                        policy=record.name,
                    )
                )

    def _explain_fault(self, code, levels, index):
        level = levels[index : index + 1]
        before = levels[index - 1 : index] if index else level
        values = {
            "level": level.name or "",
            "before": before.name or "",
            "day": level.delay_days,
            "gap": self.min_gap_days,
        }
        texts = {
            "day_out_of_range": self.env._(
                "“%(level)s”: %(day)s days cannot be right. Set between 90 days before and ten"
                " years after the due date.", **values),
            "delays_do_not_grow": self.env._(
                "“%(level)s” comes on the same day as “%(before)s” (%(day)s). Give each level a"
                " day of its own.", **values),
            "closer_than_gap": self.env._(
                "“%(level)s” comes less than %(gap)s days after “%(before)s”. Move it, or lower"
                " the days between messages.", **values),
            "no_template": self.env._(
                "“%(level)s” has no text to send. Choose a template for it.", **values),
            "fallback_is_channel": self.env._(
                "“%(level)s” falls back on its own channel. Choose another fallback.", **values),
            "negative": self.env._("Thresholds are days after the due date: 0 or more."),
            "note_after_agency": self.env._(
                "The salesperson's note is asked after the agency's day. Lower “Ask the"
                " salesperson's note after”, or raise “Ready for the agency after”."),
        }
        return texts[code]

    @api.constrains("is_default", "segment_domain", "state")
    def _check_default_is_alone(self):
        for record in self.filtered(lambda p: p.is_default and p.state == "active"):
            others = self.search_count([
                ("company_id", "=", record.company_id.id), ("is_default", "=", True),
                ("state", "=", "active"), ("id", "!=", record.id),
            ])
            if others:
                raise ValidationError(
                    self.env._(
                        "%(company)s has another default policy. Remove the mark there first.",
                        company=record.company_id.name,
                    )
                )

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

    # ------------------------------------------------------------------ actions

    def action_preview(self):
        """What the next night would do under this policy, before it is switched on."""
        self.ensure_one()
        return self.env["credit.preview"]._open(self)

    def action_activate(self):
        self._check_manager()
        self.write({"state": "active"})
        self.env["credit.case"]._recheck(
            Domain("company_id", "in", self.company_id.ids) & Domain("state", "!=", "closed")
        )

    def action_draft(self):
        self._check_manager()
        self.write({"state": "draft"})

    def action_debtors(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Debtors under %(policy)s", policy=self.name),
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": [("id", "in", self.env["credit.run"]._policy_debtors(self))],
        }

    @api.model
    def action_load_starters(self):
        """Copies the shipped policies into a company that has none, as drafts."""
        self._check_manager()
        company = self.env.company
        if not self.search_count([("company_id", "=", company.id)]):
            for xmlid in ("credit_policy_business", "credit_policy_consumer"):
                # shipped for the main company, which this manager may not see
                starter = self.sudo().env.ref(
                    f"account_credit_care.{xmlid}", raise_if_not_found=False
                )
                if starter:
                    starter.copy({
                        "company_id": company.id, "name": starter.name, "user_id": False,
                        "is_default": starter.is_default,
                    })
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_policy_action"
        )

    def _check_manager(self):
        if not self.env.user.has_group("account_credit_care.group_credit_manager"):
            raise UserError(self.env._("Only a credit manager switches policies on and off."))

    # ------------------------------------------------------------------ as domain values

    def _get_segment(self):
        return Domain(literal_eval(self.segment_domain or "[]"))

    def _to_rules(self, today, currencies):
        """The policy as numbers, for debtors who owe in ``currencies``."""
        self.ensure_one()
        company_currency = self.company_id.currency_id
        steps = () if self.do_nothing else tuple(
            level._to_step(company_currency) for level in self.level_ids.sorted("delay_days")
        )
        tolerances = {
            currency.id: to_units(
                company_currency._convert(self.tolerance, currency, self.company_id, today),
                currency.rounding,
            )
            for currency in currencies
        }
        return rules.Rules(
            steps=steps,
            min_gap=self.min_gap_days,
            tolerances=tolerances,
            min_value=to_units(self.min_amount, company_currency.rounding),
            catch_up=self.catch_up,
            closed=self._get_closed_days(today),
        )

    def _to_thresholds(self):
        if self.do_nothing:
            return thresholds.Thresholds(0, 0, 0)
        return thresholds.Thresholds(
            self.suspend_after_days, self.handover_after_days, self.place_after_days,
            to_units(self.suspend_min_amount, self.company_id.currency_id.rounding),
        )

    def _get_closed_days(self, today, horizon=60):
        """Days without any working interval in the contact calendar, from today on."""
        return self.env["credit.run"]._closed_days(self.calendar_id, today, horizon)

    def _is_contact_time(self):
        """Whether the debtors of this policy may be contacted at this moment."""
        now = pytz.utc.localize(fields.Datetime.now())
        if not self.calendar_id:
            return True
        intervals = self.calendar_id._work_intervals_batch(now, now + timedelta(minutes=1))[False]
        return bool(list(intervals))
