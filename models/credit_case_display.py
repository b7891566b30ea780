from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import format_date

from .windows import open_record

MANAGER = "account_credit_care.group_credit_manager"


class CreditCaseDisplay(models.AbstractModel):
    """What the screens of a case show beyond its own data: sentences, counts, windows to open.
    Nothing here decides anything; everything is read by batch."""

    _name = "credit.case.display"
    _description = "Credit case: what its screens show"

    partner_id = fields.Many2one("res.partner")  # the case's own, which its contacts hang on
    todo_note = fields.Char("To do", compute="_compute_todo_note")
    suspension_note = fields.Char(compute="_compute_suspension_note")
    hold_note = fields.Char(compute="_compute_hold_note")
    action_count = fields.Integer("Actions count", compute="_compute_action_count")
    agreement_count = fields.Integer("Agreements count", compute="_compute_agreement_count")
    closed_item_ids = fields.One2many(
        "credit.item", "case_id", "Settled items", domain=[("closed_on", "!=", False)]
    )
    partner_contact_ids = fields.One2many(related="partner_id.child_ids", string="Contacts")
    reminder_contact_id = fields.Many2one(
        "res.partner", "Contact for reminders", compute="_compute_reminder_contact_id",
        inverse="_inverse_reminder_contact_id", groups="account_credit_care.group_credit_user",
        domain="['|', ('parent_id', '=', partner_id), ('id', '=', partner_id)]",
        help="Empty: the invoice address.",
    )
    own_policy_id = fields.Many2one(
        "credit.policy", "Policy of this customer", compute="_compute_partner_terms",
        inverse="_inverse_own_policy_id", groups=MANAGER,
        domain="[('company_id', '=', company_id)]", help="Wins over the segments.",
    )
    never_suspend = fields.Boolean(
        "Never suspend credit", compute="_compute_partner_terms",
        inverse="_inverse_never_suspend", groups=MANAGER,
    )

    def _compute_todo_note(self):
        """Why a case stands on the worklist: what somebody has to do on it by today."""
        errands = defaultdict(list)
        for case, review, failed in self._read_outbox_counts():
            if failed:
                errands[case.id].append(self.env._("%(count)s failed", count=failed))
            if review:
                errands[case.id].append(self.env._("%(count)s to review", count=review))
        due = self.env["mail.activity"].sudo()._read_group(
            [
                ("res_model", "=", self._name), ("res_id", "in", self.ids),
                ("date_deadline", "<=", fields.Date.context_today(self)),
            ],
            ["res_id", "activity_type_id"],
        )
        for case_id, kind in due:
            errands[case_id].append(kind.summary or kind.name)
        for case in self:
            error = [self.env._("error of the last night")] if case.night_error else []
            case.todo_note = " · ".join(errands[case.id] + error)

    def _read_outbox_counts(self):
        """``(case, to review, failed)`` for each case with a reminder that needs somebody."""
        counts = defaultdict(lambda: [0, 0])
        for case, state, count in self.env["credit.action"]._read_group(
            [
                ("case_id", "in", self.ids), ("kind", "=", "reminder"),
                "|", ("state", "=", "failed"),
                "&", ("state", "=", "planned"), ("needs_review", "=", True),
            ],
            ["case_id", "state"], ["__count"],
        ):
            counts[case][state == "failed"] = count
        return [(case, *pair) for case, pair in counts.items()]

    @api.depends("suspended_on", "suspension_cause", "amount_overdue", "oldest_due_on")
    def _compute_suspension_note(self):
        for case in self:
            case.suspension_note = case.suspended_on and self.env._(
                "Credit suspended since %(day)s: %(cause)s.",
                day=format_date(self.env, case.suspended_on), cause=case._get_cause_text(),
            )

    @api.depends("hold_reason", "paused_until", "pause_reason", "state")
    def _compute_hold_note(self):
        """The banner: why nobody is reminded at this moment."""
        today = fields.Date.context_today(self)
        for case in self:
            case.hold_note = False
            if case.state == "closed":
                case.hold_note = self.env._(
                    "Closed on %(day)s: %(reason)s",
                    day=format_date(self.env, case.closed_on), reason=case.close_reason or "",
                )
            elif case.paused_until and case.paused_until >= today:
                case.hold_note = self.env._(
                    "Nobody is reminded up to and including %(day)s: %(reason)s",
                    day=format_date(self.env, case.paused_until), reason=case.pause_reason or "",
                )
            elif case.hold_reason:
                case.hold_note = self.env._(
                    "Nobody is reminded now: %(reason)s.", reason=case.hold_reason
                )

    def _count(self, model, *conditions):
        """``{case: how many}`` records of ``model`` are on these cases."""
        return dict(self.env[model]._read_group(
            [("case_id", "in", self.ids), *conditions], ["case_id"], ["__count"]
        ))

    def _compute_action_count(self):
        counts = self._count("credit.action")
        for case in self:
            case.action_count = counts.get(case, 0)

    def _compute_agreement_count(self):
        counts = self._count("credit.agreement")
        for case in self:
            case.agreement_count = counts.get(case, 0)

    @api.depends("partner_id")
    def _compute_reminder_contact_id(self):
        for case in self:
            case.reminder_contact_id = case.partner_id.credit_care_contact_id

    @api.depends("partner_id", "company_id")
    def _compute_partner_terms(self):
        for company, cases in self.grouped("company_id").items():
            for case in cases.with_company(company):
                case.own_policy_id = case.partner_id.credit_care_policy_id
                case.never_suspend = case.partner_id.credit_care_never_suspend

    # Credit users may not write customers in general; what is theirs to say they say here.

    def _inverse_reminder_contact_id(self):
        self._check_user()
        for case in self:
            case.partner_id.sudo().credit_care_contact_id = case.reminder_contact_id

    def _inverse_own_policy_id(self):
        self._check_user(manager=True)
        for case in self:
            partner = case.partner_id.sudo().with_company(case.company_id)
            partner.credit_care_policy_id = case.own_policy_id
        self._recheck()

    def _inverse_never_suspend(self):
        self._check_user(manager=True)
        for case in self:
            partner = case.partner_id.sudo().with_company(case.company_id)
            partner.credit_care_never_suspend = case.never_suspend
        self._recheck()

    # ------------------------------------------------------------------ windows

    def action_open_items(self):
        return self._open_related("credit_item_action", [("case_id", "in", self.ids)])

    def action_open_actions(self):
        return self._open_related("credit_action_action", [("case_id", "in", self.ids)])

    def action_open_agreements(self):
        return self._open_related("credit_agreement_action", [("case_id", "in", self.ids)])

    def action_open_waiting(self):
        return self._open_related("credit_action_review_action", [
            ("case_id", "in", self.ids), ("state", "=", "planned"), ("kind", "=", "reminder"),
        ])

    def action_open_moves(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        return action | {
            "domain": [
                ("commercial_partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("move_type", "in", ("out_invoice", "out_refund")),
            ],
            "context": {"default_move_type": "out_invoice", "search_default_open": 1},
        }

    def action_open_partner(self):
        self.ensure_one()
        return open_record(self.partner_id)

    def _open_related(self, xmlid, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"account_credit_care.{xmlid}")
        return action | {"domain": domain, "context": {}}

    @api.model
    def action_worklist(self):
        """Everything that needs somebody today; one's own cases first, where one has any."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_case_worklist_action"
        )
        mine = [("user_id", "=", self.env.uid), ("state", "!=", "closed")]
        own = self.search_count(mine, limit=1)
        return action | {
            "domain": list(self._get_worklist_domain()),
            "context": {"search_default_my": 1} if own else {},
        }
