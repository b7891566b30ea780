from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..domain.mandate import granted
from .credit_mandate import KINDS, OPEN
from .credit_policy import PRESSURES

STATES = [
    ("ready", "Ready"),
    ("sent", "Placed"),
    ("accepted", "Accepted"),
    ("closed", "Closed"),
    ("recalled", "Recalled"),
    ("returned", "Returned"),
]
TRANSITIONS = {
    "ready": {"sent", "recalled"},
    "sent": {"accepted", "closed", "recalled", "returned"},
    "accepted": {"closed", "recalled", "returned"},
    "closed": set(),
    "recalled": set(),
    "returned": set(),
}
OUT = ("sent", "accepted")  # with the agency
EDITABLE = {"mandate_id", "kind", "pressure", "collector_id"}
CHOSEN = {"mandate_id", "kind"}  # before it is sent only


class CreditPlacement(models.Model):
    """Items of a case entrusted to an agency under a mandate. What was placed is frozen; what
    came in since is what the ledger says."""

    _name = "credit.placement"
    _description = "Placement"
    _inherit = ["credit.guarded", "credit.door", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _transitions = TRANSITIONS
    _by_hand = frozenset(EDITABLE)

    name = fields.Char("Number", readonly=True, copy=False)
    case_id = fields.Many2one(
        "credit.case", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor", store=True)
    salesperson_id = fields.Many2one(related="case_id.salesperson_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    relationship_priority = fields.Boolean(related="case_id.relationship_priority")
    handover_id = fields.Many2one(
        "credit.handover", "Salesperson's note", required=True, readonly=True,
        ondelete="restrict", help="Nothing leaves the house without it.",
    )
    mandate_id = fields.Many2one(
        "credit.mandate", index=True, tracking=True, check_company=True, ondelete="restrict",
        domain="[('state', '=', 'active'), ('company_id', '=', company_id)]",
    )
    agency_id = fields.Many2one(
        related="mandate_id.agency_id", string="Agency", store=True, index=True
    )
    kind = fields.Selection(KINDS, required=True, default="collection", tracking=True)
    state = fields.Selection(
        STATES, required=True, default="ready", readonly=True, index=True, tracking=True,
        copy=False, group_expand="_expand_states",
    )
    pressure = fields.Selection(
        PRESSURES, "Pressure at most", required=True, default="gentle", tracking=True
    )
    pressure_now = fields.Selection(
        PRESSURES, "Allowed today", compute="_compute_pressure_now",
        help="The gentlest of this placement, its mandate and its case; a courtesy call is gentle.",
    )
    collector_id = fields.Many2one(
        "credit.collector", tracking=True, ondelete="restrict",
        domain="[('mandate_id', '=', mandate_id)]",
    )
    ready_on = fields.Date("Prepared on", readonly=True, copy=False)
    sent_on = fields.Date("Placed on", readonly=True, copy=False)
    accepted_on = fields.Date("Accepted on", readonly=True, copy=False)
    until_on = fields.Date(
        "Last day", readonly=True, copy=False, tracking=True,
        help="After it the case comes back by itself, unless the placement is renewed.",
    )
    renewed_on = fields.Date("Renewed on", readonly=True, copy=False)
    ended_on = fields.Date("Ended on", readonly=True, copy=False)
    end_reason = fields.Char("Why ended", readonly=True, copy=False, tracking=True)
    age = fields.Integer(
        "Days overdue when placed", readonly=True, copy=False, help="Of its oldest item."
    )
    line_ids = fields.One2many("credit.placement.line", "placement_id", "Items")
    amount = fields.Monetary("Amount placed", compute="_compute_amount", store=True)
    paid_before = fields.Json(
        readonly=True, copy=False,
        help="Cash of that very day, or dated later, that was booked before they were placed.",
    )
    amount_received = fields.Monetary("Received since", compute="_compute_received")
    received_share = fields.Float("Received, %", compute="_compute_received")
    price_html = fields.Html(
        compute="_compute_price", groups="account_credit_care.group_credit_user"
    )
    refusal_note = fields.Text(
        compute="_compute_price", groups="account_credit_care.group_credit_user"
    )

    _one_open = models.UniqueIndex(
        "(case_id) WHERE state IN ('ready', 'sent', 'accepted')",
        "This case is placed, or about to be, already.",
    )

    # ------------------------------------------------------------------ computed

    def _expand_states(self, states, domain):
        return [state for state, _label in STATES if state in OPEN or state in states]

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for placement in self:
            debtor = placement.partner_id.sudo().display_name or ""
            placement.display_name = f"{placement.name or self.env._('New')} · {debtor}"

    @api.depends("line_ids.amount_company")
    def _compute_amount(self):
        for placement in self:
            placement.amount = sum(placement.line_ids.mapped("amount_company"))

    @api.depends("pressure", "case_id.pressure", "mandate_id.pressure", "kind")
    def _compute_pressure_now(self):
        for placement in self:
            own = placement.sudo()
            tone = own.kind == "courtesy" and "gentle"
            grades = (own.pressure, own.case_id.pressure, own.mandate_id.pressure, tone)
            placement.pressure_now = granted(*filter(None, grades))

    # ------------------------------------------------------------------ constraints

    @api.constrains("handover_id", "case_id", "state")
    def _check_note(self):
        """Whoever writes it, by whatever way: without the salesperson's word nothing leaves."""
        for placement in self:
            note = placement.handover_id
            if note.case_id != placement.case_id or note.state not in ("submitted", "waived"):
                raise ValidationError(self.env._(
                    "%(debtor)s cannot be placed without the note of the salesperson. Ask for it,"
                    " or let a manager waive it with a reason.",
                    debtor=placement.partner_id.display_name,
                ))

    @api.constrains("pressure", "mandate_id", "case_id")
    def _check_pressure(self):
        """Of what is not over: history follows its case wherever that goes."""
        labels = dict(self._fields["pressure"]._description_selection(self.env))
        for placement in self.filtered(lambda p: p.state in OPEN):
            cap = granted(*filter(None, (
                placement.case_id.pressure, placement.mandate_id.pressure, "formal",
            )))
            if granted(cap, placement.pressure) != placement.pressure:
                raise ValidationError(self.env._(
                    "The case and the mandate allow “%(cap)s” at most. Choose that, or less.",
                    cap=labels[cap],
                ))

    @api.constrains("collector_id", "mandate_id", "case_id")
    def _check_collector(self):
        for placement in self.filtered(lambda p: p.collector_id and p.state in OPEN):
            collector = placement.collector_id
            if collector.mandate_id != placement.mandate_id or not collector.active:
                raise ValidationError(self.env._(
                    "“%(collector)s” does not work under this mandate. Choose one of its"
                    " collectors.",
                    collector=collector.display_name,
                ))
            if placement.relationship_priority and not collector.qualified_on:
                raise ValidationError(self.env._(
                    "The relationship with %(debtor)s comes first, and “%(collector)s” is not"
                    " qualified for that. Choose a qualified collector.",
                    debtor=placement.partner_id.display_name, collector=collector.display_name,
                ))

    # ------------------------------------------------------------------ the door

    def _accept(self):
        for placement in self._checked():
            placement._set_state("accepted", accepted_on=placement.company_id._credit_today())

    def _recall(self, reason):
        """The house takes it back: from now on the agency sees and does nothing."""
        for placement in self._checked():
            placement._end("recalled", reason)

    def _return(self, reason):
        """The agency gives it back."""
        for placement in self._checked():
            placement._end("returned", reason)

    def _end(self, target, reason, back=True):
        """``back``: the case comes back to the house, and its ladder goes on where it was."""
        was_out = self.state in OUT
        today = self.company_id._credit_today()
        ended_on = self._get_last_cash_day(today) if target == "closed" else today
        self._set_state(target, ended_on=ended_on, end_reason=reason)
        if not was_out:
            return
        self._give_call_back()
        if back and self.case_id.state in ("agency", "legal"):
            self.case_id._set_state("collection", today)
        self._tell(target, today)
        if back:
            self.case_id._recheck()

    def _end_with_case(self):
        """The case is closed: what is with the agency ends with it."""
        for placement in self.sudo().filtered(lambda p: p.state in OPEN):
            settled = placement._is_settled() and placement.state in OUT
            placement._end(
                "closed" if settled else "recalled", placement.case_id.close_reason, back=False
            )

    def _is_settled(self):
        items = self.line_ids.item_id
        return all(item.closed_on and item.close_reason != "given_up" for item in items)

    def _tell(self, code, today):
        """The salesperson hears of it with the next digest, and reads it on the case."""
        heads = self.env["credit.standing"].sudo()._read_heads(self.case_id)
        self.env["credit.run"].sudo()._notify(
            [(head, "placement_closed" if code == "closed" else code) for head in heads.values()],
            self.company_id, today,
        )
        self.case_id.message_post(body=self._describe(code))

    def _describe(self, code):
        values = {
            "placement": self.name, "agency": self.agency_id.name, "reason": self.end_reason or "",
            "amount": self.currency_id.format(self.amount),
        }
        return {
            "placed": self.env._("%(placement)s: %(amount)s placed with %(agency)s", **values),
            "recalled": self.env._(
                "%(placement)s recalled from %(agency)s: %(reason)s", **values),
            "returned": self.env._("%(placement)s returned by %(agency)s: %(reason)s", **values),
            "closed": self.env._("%(placement)s with %(agency)s closed: %(reason)s", **values),
        }[code]

    # ------------------------------------------------------------------ rights

    def _checked(self):
        return self._entitled(
            "manager", self.env._("Only a credit manager decides on placements.")
        )

    def write(self, vals):
        if not self.env.su and EDITABLE & vals.keys():
            late = OUT if not CHOSEN & vals.keys() else ()
            if any(placement.state not in ("ready", *late) for placement in self):
                raise UserError(self.env._(
                    "What was placed does not change. Recall it, and place it anew."
                ))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._("A placement belongs to the history: recall it instead."))
