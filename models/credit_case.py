
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..domain import ladder
from .credit_policy import PRESSURES

STATES = [
    ("courtesy", "Courtesy"),
    ("collection", "Collection"),
    ("agency", "Agency"),
    ("legal", "Legal"),
    ("closed", "Closed"),
]
TRANSITIONS = {
    "courtesy": {"collection", "closed"},
    "collection": {"courtesy", "agency", "legal", "closed"},
    "agency": {"collection", "legal", "closed"},
    "legal": {"collection", "agency", "closed"},
    "closed": set(),
}
AHEAD = 120  # days in which the next step of a case is looked for
EDITABLE = {"pressure", "relationship_priority", "user_id", "reason_id", "cost_ids"}
SUSPENSION_CAUSES = [
    ("overdue", "Overdue for too long"),
    ("credit_limit", "Over the credit limit"),
    ("agreement", "Agreement broken"),
]


class CreditCase(models.Model):
    """The file of one debtor in one company, from the first contact to the closing.

    Totals and dates are written by the night and by the refresh after a payment; whatever can
    be derived from them on the day of reading (days overdue, why it waits) is computed.
    """

    _name = "credit.case"
    _description = "Credit case"
    _inherit = [
        "credit.guarded", "credit.door", "mail.thread", "mail.activity.mixin",
        "credit.case.display",
    ]
    _order = "priority desc, amount_overdue desc, id"
    _check_company_auto = True
    _transitions = TRANSITIONS
    _by_hand = frozenset(EDITABLE)
    _mail_thread_customer = True
    _rec_names_search = ["partner_id.name", "partner_id.ref", "partner_id.vat"]

    partner_id = fields.Many2one("res.partner", "Debtor", required=True, index=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy_id = fields.Many2one(
        "credit.policy", check_company=True, index="btree_not_null", readonly=True
    )
    level_id = fields.Many2one("credit.policy.level", index="btree_not_null", readonly=True)
    state = fields.Selection(
        STATES, required=True, default="courtesy", readonly=True, index=True,
        group_expand="_expand_states",
    )
    state_since = fields.Date("In this state since", readonly=True)
    pressure = fields.Selection(PRESSURES, default="standard", tracking=True)
    relationship_priority = fields.Boolean(
        "Relationship priority", tracking=True,
        help="Keeping this customer is as important as the money.",
    )
    user_id = fields.Many2one(
        "res.users", "Controller", domain="[('share', '=', False)]", tracking=True, index=True
    )
    salesperson_id = fields.Many2one("res.users", index=True, readonly=True)
    reason_id = fields.Many2one("credit.reason", "Why not paid", tracking=True)

    opened_on = fields.Date("Opened on", readonly=True)
    defaulted_on = fields.Date("First overdue on", readonly=True)
    closed_on = fields.Date("Closed on", readonly=True)
    close_reason = fields.Char("Why closed", readonly=True)
    next_check_on = fields.Date("Next look", readonly=True)
    last_contact_on = fields.Date("Last contact", readonly=True)
    paused_until = fields.Date(
        "Paused until", tracking=True, help="Nobody is reminded up to and including this day."
    )
    pause_reason = fields.Char("Why paused", tracking=True)

    amount_open = fields.Monetary("Open", readonly=True)
    amount_overdue = fields.Monetary("Overdue", readonly=True)
    amount_credit = fields.Monetary("Open credits", readonly=True)
    amount_excluded = fields.Monetary(
        "Excluded", readonly=True, help="Open items that core's flag leaves out of follow-up."
    )
    oldest_due_on = fields.Date("Oldest due date", readonly=True)
    oldest_days = fields.Integer("Days overdue", compute="_compute_oldest_days")
    item_count = fields.Integer("Open items count", readonly=True)
    priority = fields.Integer(
        readonly=True, aggregator="max", help="0 to 100, see the explanation."
    )
    priority_note = fields.Char("Why first", compute="_compute_priority_note")
    pays_late = fields.Boolean("Has paid late before", readonly=True)
    hold_reason = fields.Char("On hold", compute="_compute_hold_reason")
    next_step_note = fields.Char("What comes next", compute="_compute_hold_reason")
    night_error = fields.Char("Error of the last night", readonly=True)

    warned_on = fields.Date("Suspension announced on", readonly=True)
    suspended_on = fields.Date("Credit suspended on", readonly=True, index="btree_not_null")
    suspension_cause = fields.Selection(SUSPENSION_CAUSES, readonly=True)
    handover_on = fields.Date("Note asked on", readonly=True)
    ready_on = fields.Date("Ready for the agency on", readonly=True)

    item_ids = fields.One2many("credit.item", "case_id", "Items")
    open_item_ids = fields.One2many(
        "credit.item", "case_id", "Open items", domain=[("closed_on", "=", False)]
    )
    action_ids = fields.One2many("credit.action", "case_id", "Actions")
    dispute_ids = fields.One2many("credit.dispute", "case_id", "Disputes")
    agreement_ids = fields.One2many("credit.agreement", "case_id", "Agreements")
    handover_ids = fields.One2many("credit.handover", "case_id", "Salesperson's notes")
    note_id = fields.Many2one("credit.handover", compute="_compute_note_id")
    waiting_count = fields.Integer("Messages waiting", compute="_compute_waiting_count")
    bank_note = fields.Char(compute="_compute_bank_note")
    partner_phone = fields.Char(related="partner_id.phone", string="Phone")
    partner_email = fields.Char(related="partner_id.email", string="E-mail")

    _one_live_case = models.UniqueIndex(
        "(partner_id, company_id) WHERE state != 'closed'",
        "This debtor has a live case in this company already.",
    )
    _due = models.Index("(company_id, next_check_on) WHERE state != 'closed'")
    _worklist = models.Index("(company_id, priority DESC, id) WHERE state != 'closed'")

    # ------------------------------------------------------------------ computed

    def _expand_states(self, states, domain):
        """Columns in the order of a case's life; closed cases only where they are asked for."""
        return [state for state, _label in STATES if state != "closed" or state in states]

    @api.depends("partner_id", "company_id")
    def _compute_display_name(self):
        for case in self:
            case.display_name = case.partner_id.sudo().display_name or self.env._("New")

    @api.depends("oldest_due_on", "company_id")
    def _compute_oldest_days(self):
        """On the day of the company, whoever reads it and wherever he is."""
        for company, cases in self.grouped("company_id").items():
            today = company.sudo()._credit_today()
            for case in cases:
                late = (today - case.oldest_due_on).days if case.oldest_due_on else 0
                case.oldest_days = max(late, 0)

    def _compute_waiting_count(self):
        counts = self._count("credit.action", ("state", "=", "planned"), ("kind", "=", "reminder"))
        for case in self:
            case.waiting_count = counts.get(case, 0)

    @api.depends("handover_ids.state", "handover_ids.ended_on")
    def _compute_note_id(self):
        for case in self:
            live = case.handover_ids.filtered(lambda note: not note.ended_on)
            case.note_id = live.sorted("id")[-1:]

    def _compute_bank_note(self):
        for company, cases in self.grouped("company_id").items():
            cases.bank_note = company.sudo()._credit_bank_note()

    def _compute_hold_reason(self):
        """Why nothing is asked today and what comes next, in a sentence; from the same decision
        that the night takes, so that the screen can never tell another story."""
        self.hold_reason = False
        self.next_step_note = False
        for company, cases in self.filtered(lambda c: c.state != "closed").grouped(
            "company_id"
        ).items():
            facts = self.env["credit.standing"].sudo()._read_cases(cases.sudo(), company)
            today = company._credit_today()
            until = fields.Date.add(today, days=AHEAD)
            contacts = self.env["credit.agreement"].sudo()._foresee_contacts(
                company, today, until, cases.partner_id.ids
            )
            closed = {
                policy: policy.sudo()._get_closed_days(today, AHEAD + 60)
                for policy in cases.policy_id
            }
            for case in cases:
                key, days = case.partner_id.id, closed.get(case.policy_id, frozenset())
                case._explain_facts(facts[key], until, days, contacts.get(key, ()))

    def _explain_facts(self, facts, until, closed, contacts):
        decision = facts.decide()
        if decision.verdict == ladder.HOLD:
            self.hold_reason = self.env["credit.standing"]._explain(decision.reason)
        day, upcoming = facts.next_step(until, closed, contacts)
        if upcoming:
            level = self.env["credit.policy.level"].browse(upcoming.step.key)
            self.next_step_note = self.env._(
                "%(level)s on %(day)s",
                level=level.name, day=format_date(self.env, day),
            )

    # ------------------------------------------------------------------ constraints

    @api.constrains("partner_id")
    def _check_partner_is_commercial(self):
        for case in self:
            if case.partner_id != case.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "A case belongs to the company, not to its contact. Use %(debtor)s.",
                        debtor=case.partner_id.commercial_partner_id.display_name,
                    )
                )

    def unlink(self):
        # core deletes the messages of a thread before it asks whether the thread may go
        self._unlink_except_history()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(
            self.env._("A case keeps the history of a debtor. Close it instead of deleting it.")
        )

    # ------------------------------------------------------------------ the door

    def _is_kept(self, field):
        return not field.inverse and super()._is_kept(field)  # inverses ask for rights themselves

    def _set_state(self, target, today, reason=False):
        """Writes the state, its date and, on closing, the reason. Batch: one write a call."""
        self._check_transition(target)
        values = {"state": target, "state_since": today}
        if target == "collection":
            fresh = self.filtered(lambda case: not case.defaulted_on)
            fresh.write({"defaulted_on": today})
        if target == "closed":
            values |= {
                "closed_on": today, "close_reason": reason, "next_check_on": False,
                "suspended_on": False, "suspension_cause": False, "warned_on": False,
            }
        self.write(values)
        if target == "closed":
            # a new case of the same debtor is inserted by SQL in this same transaction
            self.flush_recordset()
            self.activity_unlink(self.env["credit.task"]._activity_xmlids())
            self.placement_ids._end_with_case()
            self.handover_ids._end()

    def _recheck(self, domain=None):
        """Asks the night to look again at these cases (or those of ``domain``) at its next run."""
        cases = self if domain is None else self.sudo().search(domain)
        for company, batch in cases.sudo().grouped("company_id").items():
            batch.write({"next_check_on": company._credit_today()})

    # ------------------------------------------------------------------ suspension

    def _get_cause_text(self):
        """Why credit stands suspended, with figures that a salesperson may repeat."""
        if not self:
            return ""
        if self.suspension_cause == "credit_limit":
            return self.env._("the credit limit is exceeded")
        if self.suspension_cause == "agreement":
            return self.env._("an agreement was broken")
        return self.env._(
            "%(amount)s overdue, the oldest for %(days)s days",
            amount=self.currency_id.format(self.amount_overdue), days=self.oldest_days,
        )
