import logging
from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import html_sanitize

from ..domain import contact
from .credit_policy_level import CHANNELS
from .errors import brief, is_passing

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
    "queued": {"sent", "done", "failed", "skipped", "cancelled"},
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
]
AT_ANY_HOUR = ("none", "phone", "activity")  # nobody hears of it but a colleague
WAITING = {"planned", "failed"}


class CreditAction(models.Model):
    """One thing done or to be done on a case: ledger and outbox in one.

    The night plans, ``_cron_send`` looks again and delivers. Once delivered an action is a fact:
    its text, recipient and amounts are copies and never change.
    """

    _name = "credit.action"
    _description = "Credit action"
    _order = "date desc, id desc"

    case_id = fields.Many2one("credit.case", required=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("reminder", "Step of the policy"),
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

    @api.depends("level_id", "notice", "kind")
    def _compute_title(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        notices = dict(self._fields["notice"]._description_selection(self.env))
        for action in self:
            action.title = action.level_id.name or notices.get(action.notice) or kinds[action.kind]

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

    @api.depends("outcome", "reason_id", "failure", "skip_reason", "summary", "subject")
    def _compute_result_note(self):
        """What came of an action, in one column."""
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        for action in self:
            heard = action.subject if action.kind == "inbound" else False
            parts = (
                outcomes.get(action.outcome), action.reason_id.name, action.failure,
                action.skip_reason, action.summary, heard,
            )
            action.result_note = " · ".join(filter(None, parts))

    @api.depends("body", "note", "line_ids", "level_id", "state", "channel", "subject")
    def _compute_preview_html(self):
        """The message as it was sent; of one that waits, as it would be sent now."""
        layouts = {"letter": {"layout": "account_credit_care.letter_body"}, "email": {}}
        for action in self:
            layout = layouts.get(action.channel)
            waiting = action.state == "planned" and action.kind == "reminder"
            html = action.body
            if waiting and layout is not None and action.level_id.mail_template_id:
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
        for action in self:
            moves = action.line_ids.item_id.move_id
            action.pay_url = self.env["credit.channel"]._get_pay_url(moves)

    def mail_allowed_qweb_expressions(self):
        """Texts may be edited without the right to run code in templates, and render without
        being compiled."""
        return (
            *super().mail_allowed_qweb_expressions(), "object.greeting", "object.documents",
            "object.answer_to", "object.table_html", "object.company_id.name",
        )

    # ------------------------------------------------------------------ append-only

    def _has_field_access(self, field, operation):
        """A reviewer may write the text of a message; all else is written by the machinery."""
        if operation == "write" and not self.env.su and field.name != "note":
            if "account_credit_care" in field._modules:
                return False
        return super()._has_field_access(field, operation)

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
        """The only way from one state to another; refuses what ``TRANSITIONS`` does not allow."""
        for action in self:
            if target not in TRANSITIONS[action.state]:
                raise UserError(
                    self.env._(
                        "“%(action)s” cannot go from %(source)s to %(target)s.",
                        action=action.display_name, source=action.state, target=target,
                    )
                )
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

    def _is_laid_out(self):
        """A call that nobody made, a letter that nobody printed: nothing has reached the debtor."""
        return self.state == "queued" and self.channel in LAID_OUT and not self.letter_id

    def _fail(self, message):
        """Visible on the action, and an activity for whoever can mend the address."""
        for action in self:
            action._set_state("failed", failure=message)
            self.env["credit.task"]._ask_to_mend(action, message)

    # ------------------------------------------------------------------ screen

    def action_send(self):
        """Sends what waited for review, at once if hours and caps allow it."""
        waiting = self._checked().filtered(lambda a: a.state == "planned" and a.needs_review)
        waiting.write({"needs_review": False})
        self.env.ref("account_credit_care.ir_cron_credit_send").sudo()._trigger()
        return True

    def action_skip(self):
        return self.env["credit.ask"]._open("skip", self)

    def action_retry(self):
        failed = self._checked().filtered(lambda a: a.state == "failed")
        failed._set_state("planned", failure=False, handed_over_at=False)
        self.env.ref("account_credit_care.ir_cron_credit_send").sudo()._trigger()
        return True

    def action_log_outcome(self):
        return self.env["credit.ask"]._open("outcome", self)

    def action_print_letters(self):
        """All letters of the selection as one PDF; they count as sent once printed. Days may have
        passed: who has paid since gets none, the others get the amounts of now."""
        letters = self._checked().filtered(lambda a: a.channel == "letter")
        again = letters.filtered(lambda a: a.state == "sent")
        fresh = (letters - again).filtered(lambda a: a.state == "queued" and not a.letter_id)
        if not fresh and not again:
            raise UserError(self.env._("There is no letter to print in this selection."))
        printed = again
        for company, batch in fresh.grouped("company_id").items():
            going = batch._look_again(company, company._credit_today())
            going.env["credit.channel"]._freeze_letters(going, company)
            printed |= going
        if not printed:
            return self._tell(self.env._("Everything was settled in the meantime: no letter left."))
        # the PDF first: whatever cannot be printed has not been sent
        report = self.env.ref("account_credit_care.action_report_credit_letter")
        pdf, _type = report._render_qweb_pdf(report, printed.sorted("id").ids)
        (printed - again)._set_state("sent", user_id=self.env.user.id)
        day = fields.Date.to_string(fields.Date.context_today(self))
        attachment = self.env["ir.attachment"].create({
            "name": self.env._("Letters of %(day)s.pdf", day=day), "raw": pdf,
        })
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}?download=true"}

    def _tell(self, message):
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {"message": message, "next": {"type": "ir.actions.act_window_close"}},
        }

    def action_open_case(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "credit.case", "view_mode": "form",
            "res_id": self.case_id.id,
        }

    def _skip(self, reason):
        """A controller lets a step pass: the item keeps it as taken, nothing is sent."""
        actions = self._checked().filtered(lambda a: a.state in WAITING)
        actions._set_state("skipped", skip_reason=reason, user_id=self.env.user.id)
        actions.activity_id.action_feedback(feedback=reason)
        actions.case_id._recheck()

    def _log_outcome(self, outcome, reason, remark, call_back_on):
        """A call that was made: the activity is closed, the next one asked for if need be."""
        tasks = self.env["credit.task"]
        for action in self._checked():
            case = action.case_id
            today = case.company_id._credit_today()
            action._set_state(
                "done", outcome=outcome, reason_id=reason.id, summary=remark, date=today,
                user_id=self.env.user.id,
            )
            action.activity_id.action_feedback(feedback=remark or "")
            if outcome == "reached":
                case.write({"last_contact_on": today, "reason_id": reason.id or case.reason_id.id})
            if call_back_on:
                kind = self.env.ref("account_credit_care.mail_activity_type_call")
                tasks._create_activities([tasks._activity_values(
                    case, kind, self.env.user, call_back_on, self.env._("Call back"), remark,
                )])
            if outcome == "wrong_number":
                tasks._ask_to_mend(action, self.env._("The phone number is wrong"))
            case._recheck()

    def _supersede(self):
        """A later call takes the place of one that nobody made."""
        self.activity_id.action_feedback(feedback=self.env["credit.standing"]._explain("superseded"))
        self._set_state(
            "skipped", skip_reason=self.env["credit.standing"]._explain("superseded")
        )

    def _check_user(self):
        if not self.env.user.has_group("account_credit_care.group_credit_user"):
            raise AccessError(self.env._("Only credit users may do this."))
        self.check_access("write")

    def _checked(self):
        """These actions with all rights, once the user was found entitled."""
        self._check_user()
        return self.sudo()

    # ------------------------------------------------------------------ sending

    @api.model
    def _cron_send(self, batch_size=100):
        """Delivers what is planned for today, company by company: looks again, renders, hands
        over to the outgoing queue, in one commit a batch. A batch that fails goes one by one."""
        self._sync_delivery()
        for company in self._get_sending_companies():
            today = company._credit_today()
            if company._credit_is_stale(today):
                continue
            tried = set()
            while found := self._pick(company, today, batch_size, tried):
                tried.update(found.ids)
                self._deliver_batch(found.ids, company, today)
                left = self.search_count(self._get_outbox_domain(company, today))
                if not self.env["ir.cron"]._commit_progress(len(found), remaining=left):
                    return

    @api.model
    def _get_sending_companies(self):
        groups = self._read_group(
            [("state", "=", "planned"), ("needs_review", "=", False)], ["company_id"]
        )
        return self.env["res.company"].union(*(company for (company,) in groups))

    @api.model
    def _get_outbox_domain(self, company, today):
        return Domain([
            ("company_id", "=", company.id), ("state", "=", "planned"),
            ("needs_review", "=", False), ("date", "<=", today),
        ])

    def _pick(self, company, today, batch_size, tried):
        """Those met in this run already are left for the next; some may be in others' hands."""
        domain = self._get_outbox_domain(company, today) & Domain("id", "not in", list(tried))
        policies = self.env["credit.policy"].search([("company_id", "=", company.id)])
        shut = policies.filtered(lambda policy: not policy._is_contact_time())
        domain &= Domain("channel", "in", AT_ANY_HOUR) | Domain(
            "case_id.policy_id", "not in", shut.ids
        )
        return self.search(domain, limit=batch_size, order="id")

    def _deliver_batch(self, ids, company, today):
        """Locks, looks again whether they still wait, delivers; no commit where all goes well."""
        actions = self.browse(ids)
        try:
            actions.try_lock_for_update().filtered_domain(
                self._get_outbox_domain(company, today)
            )._deliver(company, today)
            self.env.flush_all()
        except Exception as error:
            self.env.cr.rollback()
            self.env.invalidate_all()
            if len(ids) == 1 and is_passing(error):
                return  # somebody else wrote on it at this moment: it stays planned
            if len(ids) == 1:
                _logger.exception("Action %s could not be sent", ids[0])
                actions.try_lock_for_update()._note_failure(error)
                return
            for action_id in ids:
                self._deliver_batch([action_id], company, today)
                self.env["ir.cron"]._commit_progress()

    def _note_failure(self, error):
        for action in self.filtered(lambda a: a.state == "planned"):
            action._fail(brief(error))

    def _deliver(self, company, today):
        """Looks at the ledger again, then lets each channel deliver its own. Hours and caps are
        asked twice: a look at the addresses may have changed the channel."""
        reminders = self.filtered(lambda a: a.kind == "reminder")
        going = reminders._within_hours_and_caps(today)._look_again(company, today)
        going._readdress(company)
        channel = self.env["credit.channel"]
        for name, batch in going._within_hours_and_caps(today).grouped("channel").items():
            channel._deliver(name, batch, company, today)
        self.env["credit.task"]._deliver_notices(self - reminders, company, today)

    def _look_again(self, company, today):
        """Paid, paused, disputed since? What is no longer due leaves the message; a message
        without anything due is cancelled. The rest gets the amounts of now. Returns what may go."""
        facts = self.env["credit.standing"]._read_cases(self.case_id, company, today)
        going = self.browse()
        values, dropped = [], self.env["credit.action.line"]
        cancelled = defaultdict(self.browse)
        for action in self:
            fact = facts[action.case_id.partner_id.id]
            due = {item.key: item for item in fact.asked()}
            claims = action.line_ids._claims()
            kept = claims.browse(
                line.id for line in claims if not fact.hold() and line.item_id.id in due
            )
            if not kept:
                cancelled[fact.hold() or "settled"] |= action
                continue
            going |= action
            dropped |= claims - kept
            values += fact._line_values(action, kept, due, today)
        for why, batch in cancelled.items():
            batch._cancel(why)
        dropped._release()
        self.line_ids.filtered(lambda line: not line.level_id).unlink()
        self.env["credit.action.line"]._refresh(values)
        self.invalidate_recordset()  # what was rendered of them
        going._settle_level()
        return going

    def _settle_level(self):
        """The message goes at the highest step that is still due."""
        for action in self:
            lines = action.line_ids.filtered(lambda line: not line.released)
            top = max(lines.level_id, key=lambda lv: (lv.channel != "none", lv.delay_days))
            # what is left to pay, as when it was planned and as the preview said
            total = sum(
                line.amount_company * (line.amount - line.amount_credit) / line.amount
                for line in lines if line.amount
            )
            action.write({
                "amount_total": action.currency_id.round(total), "level_id": top.id,
            })

    def _readdress(self, company):
        """Addresses as they are now: one may have been mended, or lost, since the planning."""
        targets = self.env["credit.channel"]._resolve(
            [(action.case_id.partner_id.id, action.level_id) for action in self], company
        )
        for action in self:
            target = targets[action.case_id.partner_id.id]
            action.write({
                "channel": target.channel, "contact_id": target.contact_id,
                "email_to": target.email, "phone": target.phone, "lang": target.lang,
            })

    def _within_hours_and_caps(self, today):
        """Phone tasks and things without contact may be laid out at any hour; whoever calls sees
        the hours. The rest waits for the contact hours and for the caps of all hands together."""
        past = self.env["credit.run"]._recent_contacts(self.case_id, today)
        allowed = self.browse()
        for policy, batch in self.grouped(lambda a: a.case_id.policy_id).items():
            is_open = policy._is_contact_time()
            for action in batch:
                free = action.channel in AT_ANY_HOUR
                within = contact.may_contact(
                    past.get(action.case_id.id, ()), today,
                    policy.max_contacts_day, policy.max_contacts_week,
                )
                if free or (is_open and within):
                    allowed |= action
        return allowed

    def _sync_delivery(self):
        """SMS and postal letters tell their fate late: take it over. A mail that somebody deleted
        or cancelled in the queue tells nothing: see to it that its action is not forgotten."""
        self.env["credit.channel"]._sync_letters()
        self.search([
            ("state", "=", "queued"), ("channel", "=", "email"),
            "|", ("mail_mail_id", "=", False),
            ("mail_mail_id.state", "in", ("cancel", "exception")),
        ])._fail(self.env._("The mail was taken out of the queue"))

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
