from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .credit_policy import PRESSURES

STATES = [
    ("requested", "Asked for"),
    ("submitted", "Written"),
    ("waived", "Waived"),
]
WRITABLE = {
    "approach", "approach_note", "special_attention", "special_how", "special_why", "contact_id",
    "contact_name", "contact_phone", "contact_email", "asks_priority", "priority_why",
    "own_step", "own_step_until",
}


class CreditHandover(models.Model):
    """The salesperson's note, the key to placement: how to approach this customer, what needs
    attention, whom to speak with. Nothing leaves the house without it, or without the name and
    reason of the manager who waived it."""

    _name = "credit.handover"
    _description = "Salesperson's note"
    _inherit = ["credit.guarded", "mail.thread", "mail.activity.mixin"]
    _by_hand = frozenset(WRITABLE)  # the author's word: dates and states are the machinery's
    _order = "state, deadline_on, id desc"

    case_id = fields.Many2one(
        "credit.case", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Customer", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_overdue = fields.Monetary(related="case_id.amount_overdue")
    oldest_days = fields.Integer(related="case_id.oldest_days")
    user_id = fields.Many2one(
        "res.users", "Asked from", required=True, index=True, readonly=True, tracking=True
    )
    state = fields.Selection(
        STATES, required=True, default="requested", readonly=True, index=True, tracking=True
    )
    requested_on = fields.Date("Asked on", readonly=True)
    deadline_on = fields.Date("Wanted by", readonly=True)
    reminded_on = fields.Date("Reminded on", readonly=True)
    escalated_on = fields.Date("Passed on", readonly=True)
    submitted_on = fields.Date("Written on", readonly=True)
    ended_on = fields.Date(readonly=True, help="What it was about has been settled.")

    approach = fields.Selection(
        PRESSURES, "How firmly", help="What suits this customer; the controller decides."
    )
    approach_note = fields.Text("How to approach")
    special_attention = fields.Boolean("Needs special attention", tracking=True)
    special_how = fields.Text("In what way")
    special_why = fields.Text("Why")
    contact_id = fields.Many2one(
        "res.partner", "Person to speak with",
        domain="['|', ('parent_id', '=', partner_id), ('id', '=', partner_id)]",
    )
    contact_name = fields.Char("Or somebody new")
    contact_phone = fields.Char("His phone")
    contact_email = fields.Char("His e-mail")
    asks_priority = fields.Boolean(
        "The relationship comes first", tracking=True,
        help="Keeping this customer is as important as the money: a manager decides.",
    )
    priority_why = fields.Text("Why it comes first")
    priority_decision = fields.Selection(
        [("granted", "Yes"), ("refused", "No")], "Relationship first", readonly=True, copy=False,
        help="What a manager decided.",
    )
    awaits_priority = fields.Boolean(compute="_compute_awaits_priority")
    own_step = fields.Text("What I do myself first")
    own_step_until = fields.Date(
        "Until", help="Nothing is handed over before this day has passed. Once."
    )
    waiver_id = fields.Many2one("res.users", "Waived by", readonly=True)
    waive_reason = fields.Char("Why waived", readonly=True, tracking=True)

    _one_live = models.UniqueIndex(
        "(case_id) WHERE ended_on IS NULL", "This case has a note already."
    )

    @api.depends("partner_id")
    def _compute_display_name(self):
        for note in self:
            note.display_name = self.env._(
                "Note on %(customer)s", customer=note.partner_id.sudo().display_name or ""
            )

    @api.depends("asks_priority", "state", "priority_decision")
    def _compute_awaits_priority(self):
        for note in self:
            asked = note.asks_priority and note.state == "submitted"
            note.awaits_priority = asked and not note.priority_decision

    # ------------------------------------------------------------------ the doors

    def _submit(self):
        """The salesperson's word is given; what he said takes effect."""
        for note in self._checked_author():
            if note.state != "requested":
                raise UserError(self.env._(
                    "This note was given already. Reload the page to read it."
                ))
            note._check_complete()
            note._add_contact()
            today = note.company_id._credit_today()
            note.write({"state": "submitted", "submitted_on": today})
            note.activity_ids.action_done()
            note._tell_customer_file()
            if note.asks_priority and not note.case_id.relationship_priority:
                self.env["credit.task"]._ask_about_priority(note)
            note.case_id.message_post(
                body=self.env._("%(name)s has written his note.", name=note.user_id.name)
            )
            note.case_id._recheck()

    def _check_complete(self):
        if not self.approach_note:
            raise UserError(self.env._(
                "Write in a sentence how to approach this customer: whoever calls has only that."
            ))
        if not self.contact_id and not self.contact_name:
            raise UserError(self.env._("Name the person to speak with."))
        family = self.contact_id.commercial_partner_id
        if family and family != self.partner_id:
            raise UserError(self.env._(
                "%(contact)s is no contact of this customer: nobody else is spoken with.",
                contact=self.contact_id.display_name,
            ))
        if self.special_attention and not self.special_how:
            raise UserError(self.env._("Say in what way this customer needs attention."))
        if self.own_step and not self.own_step_until:
            raise UserError(self.env._("Say until which day you take care of it yourself."))
        today = self.company_id._credit_today()
        latest = fields.Date.add(today, days=self.case_id.policy_id.own_step_days or 10)
        if self.own_step_until and not today <= self.own_step_until <= latest:
            raise UserError(self.env._(
                "Your own step may take until %(day)s at the latest.",
                day=fields.Date.to_string(latest),
            ))

    def _add_contact(self):
        """A person whom nobody had written down becomes a contact of the customer."""
        if self.contact_id or not self.contact_name:
            return
        self.contact_id = self.env["res.partner"].create({
            "name": self.contact_name, "parent_id": self.partner_id.id, "type": "contact",
            "phone": self.contact_phone, "email": self.contact_email,
        })

    def _get_person(self):
        """Whom to speak with, as long as he is a contact of the customer: who has left, or works
        for somebody else by now, hears nothing of its debts."""
        person = self.contact_id
        is_his = person.active and person.commercial_partner_id == self.partner_id
        return person if is_his else person.browse()

    def _tell_customer_file(self):
        """Special attention outlives the case: it stands on the customer."""
        if self.special_attention:
            self.partner_id.credit_care_attention = "\n".join(
                filter(None, (self.special_how, self.special_why))
            )

    def _waive(self, reason):
        """A manager takes it on himself that there is no note."""
        self._check_manager()
        for note in self.sudo():
            if note.state != "requested":
                raise UserError(self.env._(
                    "This note was given already. Reload the page to read it."
                ))
            note.write({
                "state": "waived", "waiver_id": self.env.user.id, "waive_reason": reason,
                "submitted_on": note.company_id._credit_today(),
            })
            note.activity_ids.unlink()
            note.case_id.message_post(body=self.env._(
                "%(name)s waived the salesperson's note: %(reason)s",
                name=self.env.user.name, reason=reason,
            ))
            note.case_id._recheck()

    def _grant_priority(self, granted):
        """The owner's side decides on the salesperson's advice."""
        self._check_manager()
        kind = self.env.ref("account_credit_care.mail_activity_type_priority")
        for note in self.sudo():
            note.case_id.relationship_priority = granted
            note.priority_decision = "granted" if granted else "refused"
            note.activity_ids.filtered(lambda a: a.activity_type_id == kind).action_done()
            note.message_post(body=self.env._("Relationship priority granted") if granted
                              else self.env._("Relationship priority not granted"))

    def _end(self):
        """Its matter is over: a later default asks again."""
        live = self.sudo().filtered(lambda note: not note.ended_on)
        live.activity_ids.unlink()
        for company, notes in live.grouped("company_id").items():
            notes.write({"ended_on": company._credit_today()})

    # ------------------------------------------------------------------ screen

    def action_submit(self):
        self._submit()
        return {"type": "ir.actions.act_window_close"}

    def action_waive(self):
        return self.env["credit.ask"]._open("waive", self)

    def action_grant_priority(self):
        self._grant_priority(True)
        return True

    def action_refuse_priority(self):
        self._grant_priority(False)
        return True

    def action_open_case(self):
        self.ensure_one()
        return self.case_id._open_form()

    # ------------------------------------------------------------------ rights

    def _checked_author(self):
        """Whoever was asked, his team leader once it was passed on, or a credit user."""
        self.check_access("read")
        for note in self.sudo():
            leader = note.escalated_on and note._get_leader()
            if self.env.user not in (note.user_id, leader) and not self.env.user.has_group(
                "account_credit_care.group_credit_user"
            ):
                raise AccessError(self.env._("This note is asked from %(name)s.",
                                             name=note.user_id.name))
        return self.sudo()

    def _check_manager(self):
        return self._entitled("manager", self.env._("Only a credit manager may decide this."))

    def write(self, vals):
        """A note that was given is a fact."""
        if not self.env.su:
            if any(note.state != "requested" for note in self) and WRITABLE & vals.keys():
                raise UserError(self.env._(
                    "This note was given already. Reload the page to read it."
                ))
            if WRITABLE & vals.keys():
                self._checked_author()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._("A note belongs to the history of its case."))
