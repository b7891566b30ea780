import logging
from ast import literal_eval
from collections import Counter
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..domain import policy, rules, thresholds
from ..domain.money import to_units

_logger = logging.getLogger(__name__)

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
    segment_domain = fields.Char("Segment", default="[]", help="Conditions on customers.")
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
    place_after_days = fields.Integer("Ready for the agency after", default=45)
    suspend_min_amount = fields.Monetary("Suspend from", help="Overdue below this never suspends.")
    suspend_on_credit_limit = fields.Boolean(
        "Suspend over the credit limit",
        help="Also when the customer's open invoices exceed the credit limit set on the customer.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar", "Contact hours", check_company=True,
        help="Working hours and holidays outside which nobody is contacted. Empty: any time.",
    )
    max_contacts_day = fields.Integer("Contacts a day at most", default=1)
    max_contacts_week = fields.Integer("Contacts a week at most", default=3)
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

    # ------------------------------------------------------------------ computed

    @api.depends("segment_domain")
    def _compute_scope(self):
        for record in self:
            if record.scope != "default":
                record.scope = record._get_segment_scope()

    @api.depends("scope")
    def _compute_is_default(self):
        for record in self:
            record.is_default = record.scope == "default"

    def _inverse_is_default(self):
        for record in self:
            record.scope = "default" if record.is_default else record._get_segment_scope()

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
                        ("handover", record.handover_after_days, self.env._("Note asked")),
                        ("place", record.place_after_days, self.env._("Ready for the agency")),
                    )
                    if day
                ],
            }

    # ------------------------------------------------------------------ constraints

    @api.constrains("segment_domain", "scope")
    def _check_segment_domain(self):
        for record in self:
            if record.scope == "segment" and not record._has_conditions():
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” takes the customers of a segment, and the segment has no"
                        " condition. Add one, or choose another kind of customers.",
                        policy=record.name,
                    )
                )
            fault = record._get_segment_fault()
            if fault:
                raise ValidationError(
                    self.env._(
                        "The segment of “%(policy)s” cannot be read: %(fault)s. Open the segment"
                        " editor and pick the conditions again.",
                        policy=record.name, fault=fault,
                    )
                )

    @api.constrains(
        "level_ids", "min_gap_days", "suspend_after_days", "handover_after_days",
        "place_after_days", "do_nothing", "state",
    )
    def _check_configuration(self):
        for record in self:
            levels = record.level_ids.sorted("delay_days")
            faults = policy.faults([level._to_spec() for level in levels], record.min_gap_days)
            for code, index in faults:
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

    @api.constrains("calendar_id")
    def _check_calendar(self):
        for record in self.filtered("calendar_id"):
            horizon = 60
            closed = record._get_closed_days(record.company_id._credit_today(), horizon)
            if len(closed) > horizon:
                raise ValidationError(
                    self.env._(
                        "“%(calendar)s” has no working hour in the next two months: nobody could be"
                        " contacted. Choose other contact hours, or none.",
                        calendar=record.calendar_id.name,
                    )
                )

    @api.constrains("company_id")
    def _check_company_stays(self):
        for record in self:
            stray = self.env["credit.case"].sudo().search(
                [("policy_id", "=", record.id), ("company_id", "!=", record.company_id.id)], limit=1
            )
            if stray:
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” has cases in %(company)s (%(debtor)s, for one). Copy the"
                        " policy and give the copy to the other company.",
                        policy=record.name, company=stray.company_id.name,
                        debtor=stray.partner_id.display_name,
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
            "fallback_without_text": self.env._(
                "“%(level)s” has no text for those who cannot be reached. Choose a template, or an"
                " activity under “If not reachable”.", **values),
            "negative": self.env._("Thresholds are days after the due date: 0 or more."),
            "note_after_agency": self.env._(
                "The salesperson's note is asked after the agency's day. Lower “Ask the"
                " salesperson's note after”, or raise “Ready for the agency after”."),
        }
        return texts[code]

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

    # ------------------------------------------------------------------ actions

    def action_preview(self):
        """What the next night would do under this policy, before it is switched on."""
        self.ensure_one()
        return self.env["credit.preview"]._open(self)

    def action_activate(self):
        self._check_manager()
        for record in self:
            record._check_ready()
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
            "domain": [("id", "in", self.env["credit.forecast"]._policy_debtors(self))],
        }

    def action_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_case_action"
        )
        return action | {"domain": [("policy_id", "=", self.id)], "context": {}}

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

    def _check_ready(self):
        """What a draft may lack and an active policy may not."""
        other = self.sudo().search([
            ("company_id", "=", self.company_id.id), ("is_default", "=", True),
            ("state", "=", "active"), ("id", "!=", self.id),
        ], limit=1)
        if self.is_default and other:
            raise UserError(
                self.env._(
                    "“%(other)s” takes all other customers of %(company)s already. Set it back to"
                    " draft first, or let one of the two take a segment.",
                    other=other.name, company=self.company_id.name,
                )
            )
        if not self.do_nothing and not self.user_id and not self.company_id.credit_controller_id:
            raise UserError(
                self.env._(
                    "Nobody signs the messages of “%(policy)s”. Choose its controller, or the one"
                    " of the company in the settings.",
                    policy=self.name,
                )
            )

    def _check_manager(self):
        if not self.env.user.has_group("account_credit_care.group_credit_manager"):
            raise UserError(self.env._("Only a credit manager switches policies on and off."))

    # ------------------------------------------------------------------ as domain values

    def _has_conditions(self):
        return (self.segment_domain or "").replace(" ", "") not in ("", "[]")

    def _get_segment_scope(self):
        return "segment" if self._has_conditions() else "chosen"

    def _parse_segment(self):
        """The conditions as a domain on customers; raises if they are none. Nothing is run: the
        text may hold literals only."""
        conditions = literal_eval(self.segment_domain or "[]")
        if not isinstance(conditions, list):
            raise ValueError(self.env._("it is not a list of conditions"))
        segment = Domain(conditions)
        segment.validate(self.env["res.partner"])
        return segment

    def _get_segment_fault(self):
        """What is wrong with the segment, in words, or False."""
        try:
            with self.env.cr.savepoint():
                self.env["res.partner"].search_count(self._parse_segment(), limit=1)
        except SyntaxError:
            return self.env._("it is not a list of conditions")
        except Exception as error:
            if "malformed node" in str(error):
                return self.env._("it holds a formula where a value must stand")
            return str(error).splitlines()[0]
        return False

    def _get_segment(self):
        """Customers of the segment; nobody while it cannot be read, because a field that went with
        its add-on must not stop the night of all others."""
        try:
            return self._parse_segment()
        except Exception:
            _logger.warning("Credit policy %s: its segment cannot be read", self.id, exc_info=True)
            return Domain.FALSE

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
