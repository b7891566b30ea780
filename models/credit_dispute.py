from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..domain.owed import Hold

STATES = [
    ("open", "Open"),
    ("resolved", "Resolved"),
    ("expired", "Day passed"),
    ("cancelled", "Cancelled"),
]
KINDS = [
    ("dispute", "Dispute"),
    ("department", "With a department"),
    ("pause", "Pause"),
]
RESOLUTIONS = [
    ("accepted", "The customer is right"),
    ("partly", "Partly"),
    ("rejected", "Not accepted"),
    ("answered", "Answered"),
]
SOURCES = [
    ("staff", "Staff"),
    ("debtor", "Debtor"),
    ("agency", "Agency"),
]
EDITABLE = {"text", "mediator_id", "mediation_on", "mediation_outcome", "mediation_note"}


class CreditDispute(models.Model):
    """Items, or a part of their amount, on which reminders wait until a day: the customer says
    something is wrong, a department of ours has to answer, or somebody asked for time. What is
    not disputed goes on being collected; on the day it comes back by itself."""

    _name = "credit.dispute"
    _description = "Credit dispute"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, until, id desc"

    case_id = fields.Many2one(
        "credit.case", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    salesperson_id = fields.Many2one(related="case_id.salesperson_id", store=True, index=True)
    kind = fields.Selection(KINDS, required=True, default="dispute", readonly=True)
    state = fields.Selection(
        STATES, required=True, default="open", readonly=True, index=True, tracking=True
    )
    reason_id = fields.Many2one("credit.reason", readonly=True, tracking=True)
    user_id = fields.Many2one(
        "res.users", "Owner", readonly=True, tracking=True, index=True,
        help="Who finds out and answers.",
    )
    source = fields.Selection(SOURCES, "Raised by", required=True, default="staff", readonly=True)
    text = fields.Text("What is wrong", help="In the customer's words.")
    opened_on = fields.Date("Since", readonly=True)
    until = fields.Date(required=True, readonly=True, tracking=True)
    closed_on = fields.Date("Ended on", readonly=True)
    resolution = fields.Selection(RESOLUTIONS, readonly=True, tracking=True)
    answer = fields.Text("Answer to the customer", readonly=True)
    line_ids = fields.One2many("credit.dispute.line", "dispute_id", "Items", readonly=True)
    mediator_id = fields.Many2one("res.partner")
    mediation_on = fields.Date("Mediation on")
    mediation_outcome = fields.Selection(
        [("agreed", "Agreed"), ("not_agreed", "No agreement"), ("absent", "Somebody stayed away")],
        tracking=True,
    )
    mediation_note = fields.Text("Outcome in words")

    @api.depends("partner_id", "reason_id")
    def _compute_display_name(self):
        for dispute in self:
            what = dispute.reason_id.name or self.env._("Dispute")
            dispute.display_name = f"{what} · {dispute.partner_id.sudo().display_name or ''}"

    # ------------------------------------------------------------------ what it holds

    def _read_holds(self, item_ids, today):
        """``{item id: Hold}`` of what is disputed today, by one query."""
        if not item_ids:
            return {}
        self.env["credit.dispute.line"].flush_model()
        self.flush_model(["state", "until", "kind"])
        rows = self.env.execute_query(SQL(
            """SELECT line.item_id, MIN(dispute.until),
                      BOOL_OR(COALESCE(line.amount, 0) = 0), MIN(dispute.kind),
                      SUM(ROUND(COALESCE(line.amount, 0) / currency.rounding))::bigint
                 FROM credit_dispute_line line
                 JOIN credit_dispute dispute ON dispute.id = line.dispute_id
                 JOIN credit_item item ON item.id = line.item_id
                 JOIN res_currency currency ON currency.id = item.currency_id
                WHERE line.item_id IN %s AND dispute.state = 'open' AND dispute.until >= %s
                GROUP BY line.item_id""",
            tuple(item_ids), today,
        ))
        held = {"department": "department", "pause": "paused", "dispute": "disputed"}
        return {
            item_id: Hold(held[kind], until) if whole else Hold("", until, int(units))
            for item_id, until, whole, kind, units in rows
        }

    # ------------------------------------------------------------------ the door

    def _open(self, case, amounts, until, reason=None, owner=None, text="", **values):
        """Opens a dispute on ``amounts``: ``{item: disputed amount, 0 for all of it}``."""
        if until < case.company_id._credit_today():
            raise UserError(self.env._("Choose the day, today or later, until which it waits."))
        owner = owner or (reason and reason.user_id) or case.user_id
        dispute = self.sudo().create({
            "case_id": case.id, "opened_on": case.company_id._credit_today(), "until": until,
            "reason_id": reason.id if reason else False, "user_id": owner.id, "text": text,
            "line_ids": [
                (0, 0, {"item_id": item.id, "amount": self._part(item, amount)})
                for item, amount in amounts.items()
            ],
            **values,
        })
        dispute.line_ids._exclude(True)
        if reason and not case.reason_id:
            case.sudo().reason_id = reason
        if dispute.kind != "pause":
            self.env["credit.task"]._ask_to_resolve(dispute)
        case._recheck()
        return dispute

    def _part(self, item, amount):
        """0 stands for the whole item, whatever becomes of it."""
        if not amount or item.currency_id.compare_amounts(amount, item.amount_residual) >= 0:
            return 0
        return max(amount, 0)

    def _end(self, state, **values):
        """The only way out: the flag of the ledger goes back, the night looks again."""
        live = self.filtered(lambda dispute: dispute.state == "open")
        live.line_ids._exclude(False)
        for company, batch in live.grouped("company_id").items():
            batch.write({"state": state, "closed_on": company._credit_today(), **values})
        live.activity_ids.unlink()
        live.case_id._recheck()
        return live

    def _resolve(self, resolution, answer=""):
        """What was found out. The customer gets the answer before any reminder."""
        disputes = self._checked()._end("resolved", resolution=resolution, answer=answer)
        if answer:
            for dispute in disputes:
                self.env["credit.action"]._plan_message(
                    dispute.case_id, "answer", dispute_id=dispute.id,
                    items=dispute.line_ids.item_id,
                )
        return disputes

    def _expire(self, company, today):
        """What ran out comes back into focus: its owner is asked, reminders go on."""
        over = self.sudo().search([
            ("company_id", "=", company.id), ("state", "=", "open"), ("until", "<", today),
        ])
        for dispute in over._end("expired"):
            if dispute.kind != "pause":
                self.env["credit.task"]._tell_expired(dispute)

    # ------------------------------------------------------------------ screen

    def action_cancel(self):
        self._checked()._end("cancelled")
        return True

    def action_credit_note(self):
        """Core's wizard, on the invoices of the dispute; whoever may post decides there."""
        self._checked()
        moves = self.line_ids.item_id.move_id
        return {
            "type": "ir.actions.act_window", "res_model": "account.move.reversal",
            "view_mode": "form", "target": "new", "name": self.env._("Credit note"),
            "context": {"active_model": "account.move", "active_ids": moves.ids},
        }

    def _check_user(self):
        mine = all(dispute.user_id == self.env.user for dispute in self.sudo())
        if not mine and not self.env.user.has_group("account_credit_care.group_credit_user"):
            raise AccessError(self.env._("Only credit users and its owner may decide this."))
        self.check_access("read")

    def _checked(self):
        self._check_user()
        return self.sudo()

    def _has_field_access(self, field, operation):
        """What was said may be noted down; all else passes through the doors."""
        if operation == "write" and not self.env.su and field.name not in EDITABLE:
            if "account_credit_care" in field._modules:
                return False
        return super()._has_field_access(field, operation)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._("A dispute belongs to the history of its case: cancel it."))
