from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..domain.money import from_units
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
    ("settled", "Settled meanwhile"),
]
SOURCES = [
    ("staff", "Staff"),
    ("debtor", "Debtor"),
    ("agency", "Agency"),
]
TRANSITIONS = {
    "open": {"resolved", "expired", "cancelled"},
    "expired": {"open", "resolved", "cancelled"},  # an answer may come late
    "resolved": set(),
    "cancelled": set(),
}
CREDITING = ("accepted", "partly")  # a credit note is to follow


class CreditDispute(models.Model):
    """Items, or a part of their amount, on which reminders wait until a day: the customer says
    something is wrong, a department of ours has to answer, or somebody asked for time. What is
    not disputed goes on being collected; on the day it comes back by itself."""

    _name = "credit.dispute"
    _description = "Credit dispute"
    _inherit = ["credit.guarded", "mail.thread", "mail.activity.mixin"]
    _by_hand = frozenset({  # what was said
        "text", "mediator_id", "mediation_on", "mediation_outcome", "mediation_note",
    })
    _order = "state, until, id desc"

    case_id = fields.Many2one(
        "credit.case", required=True, index=True, ondelete="restrict", readonly=True
    )
    reason_name = fields.Char(related="reason_id.name", string="Reason in words")
    controller_id = fields.Many2one(related="case_id.user_id", string="Controller")
    currency_id = fields.Many2one(related="line_ids.currency_id")
    amount = fields.Monetary(
        "In dispute", compute="_compute_amount", help="Of what is open today, one currency."
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
            own = dispute.sudo()  # its owner may read neither reasons nor the case
            what = own.reason_id.name or self.env._("Dispute")
            dispute.display_name = f"{what} · {own.partner_id.display_name or ''}"

    @api.depends("line_ids.amount", "line_ids.item_id")
    def _compute_amount(self):
        for dispute in self:
            lines = dispute.sudo().line_ids
            dispute.amount = sum(
                line.amount or line.amount_residual for line in lines
                if line.currency_id == lines[:1].currency_id
            )

    # ------------------------------------------------------------------ what it holds

    def _read_holds(self, item_ids, today):
        """``{item id: Hold}`` of what is disputed today, by one query."""
        if not item_ids:
            return {}
        self.env["credit.dispute.line"].flush_model()
        self.flush_model(["state", "until", "kind"])
        rows = self.env.execute_query(SQL(
            """SELECT line.item_id,
                      MIN(CASE WHEN dispute.resolution IS NULL THEN dispute.until END),
                      BOOL_OR(COALESCE(line.amount, 0) = 0), MIN(dispute.kind),
                      SUM(ROUND(COALESCE(line.amount, 0) / currency.rounding))::bigint
                 FROM credit_dispute_line line
                 JOIN credit_dispute dispute ON dispute.id = line.dispute_id
                 JOIN credit_item item ON item.id = line.item_id
                 JOIN res_currency currency ON currency.id = item.currency_id
                WHERE line.item_id IN %s AND dispute.state = 'open'
                  -- what was accepted waits for its credit note
                  AND (dispute.until >= %s OR dispute.resolution IS NOT NULL)
                GROUP BY line.item_id""",
            tuple(item_ids), today,
        ))
        held = {"department": "department", "pause": "paused", "dispute": "disputed"}
        return {
            item_id: Hold(held[kind], until) if whole else Hold("", until, int(units))
            for item_id, until, whole, kind, units in rows
        }

    def _get_parts(self, items, today):
        """``{item id: amount}`` of what is disputed today of items that are asked for otherwise."""
        holds = self._read_holds(items.ids, today)
        return {
            item.id: min(
                from_units(holds[item.id].disputed, item.currency_id.rounding),
                item.amount_residual,
            )
            for item in items.sudo() if item.id in holds
        }

    # ------------------------------------------------------------------ the door

    def _open(self, case, amounts, until, reason=None, owner=None, text="", **values):
        """Opens a dispute on ``amounts``: ``{item: disputed amount, 0 for all of it}``."""
        self._check_until(case, until)
        stray = [item for item in amounts if item.sudo().case_id != case]
        if stray:
            raise UserError(self.env._(
                "“%(item)s” is no item of this case.", item=stray[0].sudo().display_name
            ))
        reason = reason or self.env["credit.reason"]
        owner = owner or reason.sudo().user_id or case.user_id
        dispute = self.sudo().create({
            "case_id": case.id, "opened_on": case.company_id._credit_today(), "until": until,
            "reason_id": reason.id, "user_id": owner.id, "text": text,
            "line_ids": [
                (0, 0, {"item_id": item.id, "amount": self._part(item, amount)})
                for item, amount in amounts.items()
            ],
            **values,
        })
        dispute.line_ids._hold(dispute.opened_on)
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
        live = self.filtered(lambda dispute: state in TRANSITIONS[dispute.state])
        live.line_ids._exclude(False)
        for company, batch in live.grouped("company_id").items():
            held = batch.filtered(lambda dispute: dispute.state == "open").line_ids
            held._let_go(company._credit_today())
            batch.write({"state": state, "closed_on": company._credit_today(), **values})
        live.activity_ids.unlink()
        live.case_id._recheck()
        return live

    def _extend(self, until):
        """More time, also for what has run out: it waits again."""
        disputes = self._checked()
        for dispute in disputes:
            if dispute.state not in ("open", "expired"):
                raise UserError(self.env._(
                    "This has been decided already. Reload the page to see how."
                ))
            self._check_until(dispute.case_id, until, dispute.opened_on)
            was_over = dispute.state == "expired"
            dispute._wait_until(until)
            if was_over and dispute.kind != "pause":
                self.env["credit.task"]._ask_to_resolve(dispute)

    def _wait_until(self, until):
        over = self.filtered(lambda dispute: dispute.state != "open")
        for company, batch in over.grouped("company_id").items():
            batch.line_ids._hold(company._credit_today())
        self.write({"until": until, "state": "open", "closed_on": False})
        self.line_ids._exclude(True)
        self.case_id._recheck()

    def _check_until(self, case, until, since=None):
        """For how long something waits in all is the policy's word, beyond it a manager's."""
        today = case.company_id._credit_today()
        if until < today:
            raise UserError(self.env._("Choose the day, today or later, until which it waits."))
        days = case.sudo().policy_id.dispute_max_days
        latest = fields.Date.add(since or today, days=days)
        is_manager = self.env.user._is_superuser() or self.env.user.has_group(
            "account_credit_care.group_credit_manager"
        )
        if days and until > latest and not is_manager:
            raise UserError(self.env._(
                "This may wait for %(days)s days in all, until %(day)s. Decide by then, or ask a"
                " credit manager for more time.",
                days=days, day=format_date(self.env, max(latest, today)),
            ))

    def _resolve(self, resolution, answer=""):
        """What was found out. The customer gets the answer before any reminder. What is accepted
        waits on, until the credit note stands in the ledger."""
        disputes = self._checked()
        for dispute in disputes:
            if "resolved" not in TRANSITIONS[dispute.state]:
                raise UserError(self.env._(
                    "This has been decided already. Reload the page to see how."
                ))
        if resolution in CREDITING:
            disputes._await_credit(resolution, answer)
        else:
            disputes._end("resolved", resolution=resolution, answer=answer)
        if answer:
            for dispute in disputes:
                self.env["credit.action"]._plan_message(
                    dispute.case_id, "answer", dispute_id=dispute.id,
                    items=dispute.line_ids.item_id,
                )
        return disputes

    def _expire(self, company, today):
        """What ran out comes back into focus: its owner is asked, reminders go on. What was paid
        in the meantime needs no decision any more. Returns whether anything has run out."""
        own = [("company_id", "=", company.id), ("state", "=", "open")]
        run = self.env["credit.run"]
        run._isolated(self.sudo().search([
            *own, ("kind", "!=", "department"),
            ("line_ids", "not any", [("item_id.closed_on", "=", False)]),
        ]), lambda disputes: disputes._end("resolved", resolution="settled"))
        over = self.sudo().search([*own, ("until", "<", today)])
        run._isolated(over, lambda disputes: disputes._run_out(today))
        return bool(over)

    def _run_out(self, today):
        """What was accepted waits on: that the credit note is late is no fault of the customer."""
        accepted = self.filtered("awaits_credit")
        for dispute in accepted:
            days = dispute.case_id.policy_id.answer_wait_days or 7
            dispute.until = fields.Date.add(today, days=days)
            if not dispute.activity_ids:
                self.env["credit.task"]._ask_for_credit_note(dispute)
        for dispute in (self - accepted)._end("expired"):
            if dispute.kind != "pause":
                self.env["credit.task"]._tell_expired(dispute)

    # ------------------------------------------------------------------ history

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._("A dispute belongs to the history of its case: cancel it."))
