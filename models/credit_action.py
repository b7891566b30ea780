import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html_sanitize

from .credit_policy_level import CHANNELS

_logger = logging.getLogger(__name__)

STATES = [
    ("planned", "Planned"),
    ("queued", "On its way"),
    ("sent", "Sent"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("skipped", "Skipped"),
    ("cancelled", "Cancelled"),
]
TRANSITIONS = {
    "planned": {"queued", "sent", "done", "failed", "skipped", "cancelled"},
    "queued": {"planned", "sent", "done", "failed", "skipped", "cancelled"},
    "sent": {"failed"},
    "failed": {"planned", "queued", "sent", "skipped", "cancelled", "done"},
    "done": set(),
    "skipped": set(),
    "cancelled": set(),
}
LAID_OUT = ("phone", "activity", "letter")
OUTCOMES = [
    ("reached", "Reached"),
    ("not_reached", "Not reached"),
    ("wrong_number", "Wrong number"),
    ("call_back", "To be called back"),
]
NOTICES = [
    ("suspension_warning", "Suspension announced"),
    ("suspended", "Credit suspended"),
    ("released", "Credit released"),
    ("handover", "Salesperson's note due"),
    ("ready", "Ready for the agency"),
    ("override", "Suspension overridden"),
    ("placed", "Placed with an agency"),
    ("recalled", "Recalled from the agency"),
    ("returned", "Returned by the agency"),
    ("placement_closed", "The agency has finished"),
    ("agency_contact", "The agency has spoken with the customer"),
    ("agency_agreed", "Agreed by the agency"),
    ("agreed", "Agreed with the customer"),
    ("paid", "Payment received"),
    ("saved", "Customer saved"),
]
WAITING = {"planned", "failed"}


class CreditAction(models.Model):
    """One thing done or to be done on a case: ledger and outbox in one.

    The night plans, ``_cron_send`` looks again and delivers. Once delivered an action is a fact:
    its text, recipient and amounts are copies and never change.
    """

    _name = "credit.action"
    _description = "Credit action"
    _inherit = ["credit.guarded", "credit.door"]
    _order = "date desc, id desc"
    _transitions = TRANSITIONS
    _by_hand = frozenset({"note"})  # of a reviewer

    case_id = fields.Many2one("credit.case", required=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("reminder", "Step of the policy"),
            ("message", "Message"),
            ("notice", "Notice to a colleague"),
            ("contact", "Contact by hand"),
            ("inbound", "Answer of the debtor"),
        ],
        required=True, default="reminder",
    )
    notice = fields.Selection(NOTICES)
    level_id = fields.Many2one("credit.policy.level", index="btree_not_null")
    channel = fields.Selection([*CHANNELS, ("activity", "Activity")], required=True, default="none")
    direction = fields.Selection(
        [("out", "Outgoing"), ("in", "Incoming"), ("internal", "Internal")],
        required=True, default="out",
    )
    state = fields.Selection(STATES, required=True, default="planned", index=True)
    date = fields.Date(required=True, help="Planned for, then done on.")
    done_at = fields.Datetime("Done on")
    handed_over_at = fields.Datetime(help="Given to the mail server; see mail.mail.")
    needs_review = fields.Boolean("To review")
    pressure = fields.Char()
    amount_total = fields.Monetary(
        "Amount", help="In the company's currency, for sorting; messages show each currency."
    )
    contact_id = fields.Many2one("res.partner", "Recipient")
    email_to = fields.Char("E-mail address")
    phone = fields.Char()
    lang = fields.Char("Language")
    subject = fields.Char()
    body = fields.Html("Text", sanitize=False, help="As it was sent.")
    note = fields.Html("Text of the reviewer", help="Replaces the template's text when set.")
    attachment_ids = fields.Many2many("ir.attachment", bypass_search_access=True)
    mail_mail_id = fields.Many2one("mail.mail", ondelete="set null", index="btree_not_null")
    mail_message_id = fields.Many2one("mail.message", ondelete="set null", index="btree_not_null")
    sms_uuid = fields.Char(index="btree_not_null")
    letter_id = fields.Many2one("snailmail.letter", ondelete="set null")
    activity_id = fields.Many2one("mail.activity", ondelete="set null", index="btree_not_null")
    user_id = fields.Many2one("res.users", "By", help="Who did it, or whose name it bears.")
    outcome = fields.Selection(OUTCOMES)
    reason_id = fields.Many2one("credit.reason")
    failure = fields.Char("What went wrong")
    skip_reason = fields.Char("Why not done")
    summary = fields.Char("Remark")
    line_ids = fields.One2many("credit.action.line", "action_id", "Items")
    title = fields.Char("What", compute="_compute_title")
    status = fields.Char(compute="_compute_status")
    result_note = fields.Char("What came of it", compute="_compute_result_note")
    preview_html = fields.Html("Message", compute="_compute_preview_html", sanitize=False)
    table_html = fields.Html(compute="_compute_table_html", sanitize=False)
    pay_url = fields.Char(compute="_compute_pay_url")
    greeting = fields.Char(compute="_compute_words")
    documents = fields.Char(compute="_compute_words")
    answer_to = fields.Char(compute="_compute_words")

    _outbox = models.Index("(company_id, date) WHERE state = 'planned'")
    _case_date = models.Index("(case_id, date)")

    @api.depends("level_id", "notice", "purpose", "kind")
    def _compute_title(self):
        names = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("kind", "notice", "purpose")
        }
        for action in self:
            action.title = action.level_id.name or next(
                names[name][action[name]] for name in ("notice", "purpose", "kind") if action[name]
            )

    @api.depends("state", "channel", "needs_review")
    def _compute_status(self):
        """The state in the words of its channel: a call is not on its way, it is to be made."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for action in self:
            action.status = labels[action.state]
            if action.state == "planned" and action.needs_review:
                action.status = self.env._("To review")
            elif action.state == "queued" and action.channel in ("phone", "activity"):
                action.status = self.env._("To do")
            elif action.state == "queued" and action.channel == "letter":
                action.status = (
                    labels["queued"] if action.letter_id else self.env._("To print")
                )

    @api.depends("title", "case_id")
    def _compute_display_name(self):
        for action in self:
            action.display_name = f"{action.title} · {action.case_id.display_name}"

    @api.depends(
        "outcome", "courtesy_outcome", "reason_id", "failure", "skip_reason", "summary", "subject"
    )
    def _compute_result_note(self):
        """What came of an action, in one column."""
        outcomes, courtesy = (
            dict(self._fields[name]._description_selection(self.env))
            for name in ("outcome", "courtesy_outcome")
        )
        for action in self:
            heard = action.subject if action.kind == "inbound" else False
            parts = (
                courtesy.get(action.courtesy_outcome) or outcomes.get(action.outcome),
                action.reason_id.name, action.failure, action.skip_reason, action.summary, heard,
            )
            action.result_note = " · ".join(filter(None, parts))

    @api.depends("body", "note", "line_ids", "level_id", "state", "channel", "subject")
    def _compute_preview_html(self):
        """The message as it was sent; of one that waits, as it would be sent now."""
        layouts = {"letter": {"layout": "account_credit_care.letter_body"}, "email": {}}
        for action in self:
            layout = layouts.get(action.channel)
            waiting = action.state == "planned" and action.kind in ("reminder", "message")
            html = action.body
            if waiting and layout is not None and action._get_template():
                one = action._origin or action
                html = self.env["credit.channel"]._render(one, one.company_id, **layout)[one.id][1]
            if html and action.channel == "letter":
                style = self.env["ir.qweb"]._render("account_credit_care.letter_style")
                html = style + Markup(
                    '<div class="credit_letter" style="max-width:680px; margin:auto">%s</div>'
                ) % Markup(html)
            action.preview_html = html

    @api.depends("line_ids")
    @api.depends_context("lang")
    def _compute_table_html(self):
        tables = self.env["credit.message"]._render_tables(self)
        for action in self:
            action.table_html = tables[action.id]

    @api.depends("line_ids", "contact_id", "user_id")
    @api.depends_context("lang")
    def _compute_words(self):
        """What the texts of templates may name."""
        words = self.env["credit.message"]
        words._warm(self)
        for action in self:
            action.greeting = words._get_greeting(action)
            action.documents = words._get_documents(action)
            action.answer_to = words._get_answer_to(action)

    def _compute_pay_url(self):
        """Core's page of overdue invoices asks for a login; a single invoice has its own token."""
        agreed = self.env["credit.message"]._read_agreements(self)
        for action in self:
            moves = action.line_ids.filtered(
                lambda line: line.amount > 0 and line.item_id not in agreed
            ).item_id.move_id
            action.pay_url = self.env["credit.channel"]._get_pay_url(moves)

    def mail_allowed_qweb_expressions(self):
        """Texts may be edited without the right to run code in templates, and render without
        being compiled."""
        return (
            *super().mail_allowed_qweb_expressions(), "object.greeting", "object.documents",
            "object.answer_to", "object.table_html", "object.company_id.name",
            "object.answer_text", "object.page_html", "object.valid_until_text",
        )

    # ------------------------------------------------------------------ append-only

    def write(self, vals):
        """A delivered action is a fact: what was said, to whom and about what does not change."""
        if not self.env.su and any(action.state not in WAITING for action in self):
            raise UserError(self.env._("What has been sent or done cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._("Actions are the history of a case: skip or cancel them."))

    # ------------------------------------------------------------------ the door

    def _set_state(self, target, **values):
        self._check_transition(target)
        if target in ("sent", "done"):
            values.setdefault("done_at", fields.Datetime.now())
        return self.write({"state": target, **values})

    def _cancel(self, why):
        """Nothing has arrived: the items get their former place on the ladder back."""
        actions = self.filtered(lambda a: a.state in WAITING or a._is_laid_out())
        if not actions:
            return
        actions.activity_id.unlink()
        actions.line_ids._release()
        actions._set_state("cancelled", skip_reason=self.env["credit.standing"]._explain(why))
        actions.case_id._restore_last_contact()
        actions.case_id._recheck()

    def _without_key(self, html):
        """A message as colleagues may read it for ever."""
        return html

    def _get_sms_template(self):
        return self.level_id.sms_template_id

    def _is_laid_out(self):
        """A call that nobody made, a letter that nobody printed or posted: nothing has reached the
        debtor."""
        laid_out = self.state == "queued" and self.channel in LAID_OUT
        posted = self.sudo().letter_id.state == "sent"
        return laid_out and not posted and not self._is_with_agency()

    def _fail(self, message):
        """Visible on the action, and an activity for whoever can mend the address."""
        for action in self:
            action._set_state("failed", failure=message)
            self.env["credit.task"]._ask_to_mend(action, message)

    # ------------------------------------------------------------------ answers of the debtor

    def _log_inbound(self, cases, msg_dict):
        for case in cases:
            today = case.company_id._credit_today()
            self.create({
                "case_id": case.id, "company_id": case.company_id.id, "kind": "inbound",
                "channel": "email", "direction": "in", "state": "done", "date": today,
                "done_at": fields.Datetime.now(), "subject": msg_dict.get("subject"),
                "body": html_sanitize(msg_dict.get("body") or ""),
                "email_to": msg_dict.get("from"),
            })
            self.env["credit.task"]._ask_to_answer(case, msg_dict.get("subject") or "")
