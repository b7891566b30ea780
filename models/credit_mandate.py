from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from .credit_policy import PRESSURES

STATES = [
    ("draft", "Draft"),
    ("active", "Active"),
    ("ended", "Ended"),
]
TRANSITIONS = {
    "draft": {"active", "ended"},
    "active": {"ended"},
    "ended": set(),
}
KINDS = [
    ("courtesy", "Courtesy calls in our name"),
    ("collection", "Collection"),
    ("legal", "Legal"),
]
SPANS = [("1", "Month"), ("3", "Quarter"), ("6", "Half-year"), ("12", "Year")]
MODES = [
    ("marginal", "Each rate for its own slice"),
    ("whole", "The rate reached for all"),
]
OPEN = ("ready", "sent", "accepted")  # placements that are not over
WARN_DAYS = 30  # before a licence or the mandate ends
# what was agreed: once active it changes by a new mandate only
TERMS = {
    "agency_id", "company_id", "start_on", "does_courtesy", "does_collection", "does_legal",
    "courtesy_window_days", "fee_per_placement", "fee_per_month", "fee_minimum", "fee_cap",
    "limit_months", "fee_mode", "tier_ids", "target_ids",
}


class CreditMandate(models.Model):
    """The contract with an agency (or a lawyer): what it may do, on which papers, by whom, for
    what remuneration. Terms stand still once it is active, since fees are computed from them."""

    _name = "credit.mandate"
    _description = "Agency mandate"
    _inherit = ["credit.guarded", "credit.door", "mail.thread", "mail.activity.mixin"]
    _order = "state, agency_id, id"
    _check_company_auto = True
    _transitions = TRANSITIONS
    _by_door = frozenset({"state", "ended_on", "end_reason"})

    name = fields.Char(required=True, default=lambda self: self.env._("New mandate"), copy=False)
    agency_id = fields.Many2one(
        "res.partner", required=True, index=True, tracking=True, ondelete="restrict",
        domain="[('is_company', '=', True)]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        STATES, required=True, default="draft", readonly=True, index=True, copy=False,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users", "Responsible", default=lambda self: self.env.user, check_company=True,
        domain="[('share', '=', False)]", help="Is warned before the licence or the mandate ends.",
    )
    start_on = fields.Date("From", tracking=True)
    until_on = fields.Date(
        "Until", tracking=True, help="The agency's access ends after this day. Empty: open."
    )
    ended_on = fields.Date("Ended on", readonly=True, copy=False)
    end_reason = fields.Char("Why ended", readonly=True, copy=False, tracking=True)

    does_courtesy = fields.Boolean("Courtesy calls in our name")
    does_collection = fields.Boolean("Collection", default=True)
    does_legal = fields.Boolean("Legal (lawyer)")
    pressure = fields.Selection(
        PRESSURES, "Pressure at most", required=True, default="standard", tracking=True,
        help="No placement under this mandate allows more, whatever the case allows.",
    )
    placement_days = fields.Integer(
        "Days per placement", tracking=True,
        help="After them a case comes back by itself unless it is renewed. 0: no last day.",
    )
    share = fields.Integer(
        "Share of cases", default=1,
        help="Weight among the mandates that may take a case: 3 and 1 is three of four cases."
        " 0: by hand only.",
    )
    disclosure = fields.Text(
        "Disclosure line", translate=True,
        help="What a collector says of himself and for whom he calls, first of all.",
    )

    licence_number = fields.Char("Licence", tracking=True)
    licence_office = fields.Char("Issued by", help="In Italy the questura of the province.")
    licence_on = fields.Date("Issued on")
    licence_until = fields.Date("Licence valid until", tracking=True, help="Empty: without end.")
    contract_on = fields.Date(
        "Processor contract of", tracking=True, help="GDPR art. 28; without it no data leave."
    )
    contract_file = fields.Binary("Processor contract", attachment=True, copy=False)
    contract_name = fields.Char()
    document_ids = fields.Many2many(
        "ir.attachment", "credit_mandate_attachment_rel", string="Other documents", copy=False,
        bypass_search_access=True,
    )
    warning = fields.Char(compute="_compute_warning")

    fee_mode = fields.Selection(
        MODES, "Rates apply", required=True, default="marginal",
        help="“The rate reached for all” jumps at a limit: then rates may not fall.",
    )
    fee_per_placement = fields.Monetary("Per placement")
    fee_per_month = fields.Monetary("Per month")
    fee_minimum = fields.Monetary("Minimum")
    fee_cap = fields.Monetary("Cap", help="0: none.")
    limit_months = fields.Selection(
        SPANS, "Minimum and cap of each", required=True, default="1"
    )
    courtesy_window_days = fields.Integer(
        "Days without a fee", default=7,
        help="After a courtesy call was placed: what comes in would have been paid anyway.",
    )
    fee_product_id = fields.Many2one(
        "product.product", "Product on the bill", check_company=True,
        domain="[('purchase_ok', '=', True)]",
        help="Gives the vendor bill its account and taxes. Empty: the account of the settings.",
    )
    tier_ids = fields.One2many("credit.fee.tier", "mandate_id", "Success fee", copy=True)
    target_ids = fields.One2many("credit.fee.target", "mandate_id", "Bonus", copy=True)
    collector_ids = fields.One2many("credit.collector", "mandate_id", "Collectors")
    placement_ids = fields.One2many("credit.placement", "mandate_id", "Placements")
    statement_ids = fields.One2many("credit.statement", "mandate_id", "Fee statements")
    placement_count = fields.Integer("Placements count", compute="_compute_placement_count")
    qualified_count = fields.Integer("Qualified", compute="_compute_qualified_count")

    _not_negative = models.Constraint(
        "CHECK (coalesce(fee_per_placement, 0) >= 0 AND coalesce(fee_per_month, 0) >= 0"
        " AND coalesce(fee_minimum, 0) >= 0 AND coalesce(fee_cap, 0) >= 0"
        " AND courtesy_window_days >= 0 AND share >= 0"
        " AND coalesce(placement_days, 0) >= 0)",
        "Fees, days and shares of a mandate cannot be negative.",
    )
    _dates_in_order = models.Constraint(
        "CHECK (until_on IS NULL OR start_on IS NULL OR until_on >= start_on)",
        "A mandate ends on the day it begins or later: correct “Until”.",
    )

    # ------------------------------------------------------------------ computed

    @api.depends("collector_ids.qualified_on", "collector_ids.active")
    def _compute_qualified_count(self):
        for mandate in self:
            able = mandate.collector_ids.filtered(lambda c: c.active and c.qualified_on)
            mandate.qualified_count = len(able)

    def _compute_placement_count(self):
        counts = dict(self.env["credit.placement"]._read_group(
            [("mandate_id", "in", self.ids)], ["mandate_id"], ["__count"]
        ))
        for mandate in self:
            mandate.placement_count = counts.get(mandate, 0)

    @api.depends("licence_number", "licence_until", "until_on", "state", "company_id")
    def _compute_warning(self):
        for mandate in self:
            mandate.warning = mandate.state != "ended" and mandate.company_id and (
                mandate._get_warning(mandate.company_id._credit_today())
            )

    def _get_warning(self, today):
        """What must be renewed soon, in a sentence."""
        soon = fields.Date.add(today, days=WARN_DAYS)
        if self.licence_until and self.licence_until < today:
            return self.env._(
                "The licence expired on %(day)s: nothing new can be placed. Enter the renewed one.",
                day=format_date(self.env, self.licence_until),
            )
        if self.licence_until and self.licence_until <= soon:
            return self.env._(
                "The licence expires on %(day)s: ask the agency for the renewed one.",
                day=format_date(self.env, self.licence_until),
            )
        if self.until_on and self.until_on <= soon:
            return self.env._(
                "The mandate ends on %(day)s, and with it the agency's access. Agree on a later"
                " day, or recall what is placed.", day=format_date(self.env, self.until_on),
            )
        return False

    def _is_running(self, today):
        """Whether the agency may work under it on this day."""
        return self.state == "active" and (self.start_on or today) <= today and (
            not self.until_on or today <= self.until_on
        )

    # ------------------------------------------------------------------ the door

    def action_activate(self):
        for mandate in self._checked():
            mandate.start_on = mandate.start_on or mandate.company_id._credit_today()
            mandate._check_ready()
            mandate._set_state("active")
        return True

    def action_open_placements(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_placement_action"
        )
        return action | {"domain": [("mandate_id", "in", self.ids)], "context": {}}

    def action_end(self):
        return self.env["credit.ask"]._open("end", self)

    def _end(self, reason):
        """The contract is over: so is the agency's access, and what it has comes back."""
        for mandate in self._checked():
            mandate._become_ended(mandate.company_id._credit_today(), reason)

    def _become_ended(self, today, reason):
        for placement in self.sudo().placement_ids.filtered(lambda p: p.state in OPEN):
            placement._end("recalled", self.env._("The mandate has ended: %(reason)s",
                                                  reason=reason))
        self._set_state("ended", ended_on=today, end_reason=reason)
        self.sudo().collector_ids.user_id._follow_credit_mandates()

    def _watch(self, company, today):
        """The night: mandates whose last day is over end; who is responsible hears of papers
        that run out, once a paper."""
        active = self.sudo().search([
            ("company_id", "=", company.id), ("state", "=", "active"),
        ])
        self.env["credit.run"]._isolated(active, lambda mandates: mandates._watch_day(today))

    def _watch_day(self, today):
        for mandate in self.filtered(lambda m: m.until_on and m.until_on < today):
            mandate._become_ended(today, self.env._("Its last day is over"))
        for mandate in self.filtered(lambda m: m.state == "active"):
            warning = mandate._get_warning(today)
            if warning:
                self.env["credit.task"]._ask_to_renew(mandate, warning)

    # ------------------------------------------------------------------ rights

    def _checked(self):
        return self._entitled("manager", self.env._("Only a credit manager decides on mandates."))

    def write(self, vals):
        changed = TERMS & vals.keys()
        if changed and any(mandate.state != "draft" for mandate in self):
            raise UserError(self.env._(
                "The terms of an active mandate do not change, since fees are computed from them."
                " End it and make a new one."
            ))
        if "until_on" in vals and any(mandate.state == "ended" for mandate in self):
            raise UserError(self.env._("It has ended: what was owed until then stands."))
        if "until_on" in vals:
            self._check_last_day(fields.Date.to_date(vals["until_on"]))
        return super().write(vals)

    @api.constrains("agency_id", "company_id")
    def _check_agency(self):
        for mandate in self:
            own = mandate.company_id.partner_id
            if mandate.agency_id.commercial_partner_id != mandate.agency_id:
                raise ValidationError(self.env._(
                    "“%(contact)s” is a person of %(agency)s. A mandate is with the agency itself.",
                    contact=mandate.agency_id.name,
                    agency=mandate.agency_id.commercial_partner_id.name,
                ))
            if mandate.agency_id == own:
                raise ValidationError(self.env._("An agency is somebody else than %(company)s.",
                                                 company=own.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(mandate.state != "draft" for mandate in self):
            raise UserError(self.env._("A mandate belongs to the history: end it instead."))
