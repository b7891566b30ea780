import re
from datetime import timedelta

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError
from odoo.tools import SQL, email_normalize, format_date

MAX_ANSWERS = 10  # a day and case: more is no answer
MAX_PAUSES = 5  # answers in a row that stop reminders by themselves, see ``_wait_for_answer``
MAX_TEXT = 3000
PAGE_REASONS = ("our_failure", "dispute", "administrative", "other")
PHONE = re.compile(r"\+?[0-9(][0-9 ()./-]{4,24}")
HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class CreditCase(models.Model):
    """What a debtor says on his own page. Each answer is an inbound action, a task for the
    controller, and some days without reminders. Whatever arrives here was typed by a stranger:
    all of it is checked again, and nothing goes to an address that we did not know before."""

    _inherit = "credit.case"

    # ------------------------------------------------------------------ before and after

    def _begin_answer(self):
        """The case in the name of the machinery, in the debtor's language; today."""
        self.ensure_one()
        case = self.with_user(SUPERUSER_ID).with_company(self.company_id)
        today = case.company_id._credit_today()
        if case.state == "closed":
            raise UserError(self.env._("Everything is settled: there is nothing to answer."))
        case._one_at_a_time()
        if case._count_answers(today) >= MAX_ANSWERS:
            raise UserError(self.env._(
                "We have got many answers from you today. Please call us, so that nothing is"
                " overlooked."
            ))
        return case, today

    def _one_at_a_time(self):
        """So that many answers at once are counted as well: whoever comes second waits, and is
        begun anew on what the first has left. A lock that writes nothing would not tell him."""
        self.env.execute_query(SQL(
            "UPDATE credit_case SET write_date = write_date WHERE id = %s RETURNING id", self.id
        ))

    def _count_answers(self, since):
        return self.env["credit.action"].sudo().search_count([
            ("case_id", "=", self.id), ("channel", "=", "page"), ("date", ">=", since),
        ])

    def _get_owner(self):
        return self.user_id or self.company_id.credit_controller_id

    def _for_owner(self):
        """What is noted is read by colleagues, in their language."""
        lang = self._get_owner().lang or self.company_id.partner_id.lang or "en_US"
        return self.with_context(lang=lang)

    def _take_answer(self, answer, facts, files=(), reason_kind=False, task=None):
        """Writes down what was said, asks the controller, and lets reminders wait. Returns the
        action."""
        own, reason = self._for_owner(), self.env["credit.reason"]
        if reason_kind:
            reason = reason.sudo().search([("kind", "=", reason_kind)], limit=1)
        action = own.env["credit.action"]._log_answer(
            own, answer, facts, reason_id=reason.id,
            attachment_ids=[(6, 0, self._keep_files(files).ids)],
        )
        if reason and not self.reason_id:
            self.reason_id = reason
        if task is not False:
            action.activity_id = own._ask_owner(action, **(task or {}))
        self._wait_for_answer()
        return action

    def _ask_owner(self, action, xmlid="answer", day=None, summary=""):
        task = self.env["credit.task"]
        return task._create_activities([task._activity_values(
            self, self.env.ref(f"account_credit_care.mail_activity_type_{xmlid}"),
            self._get_owner(), day or self.company_id._credit_today(),
            summary or f"{action.subject}: {self.display_name}", action.body,
        )])

    def _wait_for_answer(self):
        """Reminders wait for the policy's days; a longer pause stays. Who answers again and again
        is heard, and reminded all the same: the pauses are counted over twice the days that they
        take, so that an answer a week does not silence us for ever."""
        today = self.company_id._credit_today()
        days = self.policy_id.answer_wait_days if self.policy_id else 7
        until = today + timedelta(days=days)
        recent = self._count_answers(today - timedelta(days=max(2 * MAX_PAUSES * days, 30)))
        if days and recent <= MAX_PAUSES and (self.paused_until or today) < until:
            self.write({
                "paused_until": until,
                "pause_reason": self._for_owner().env._("The customer has answered on his page"),
            })
        self._recheck()

    # ------------------------------------------------------------------ what was typed

    def _check_text(self, text, required=False):
        text = (text or "").replace("\x00", "").strip()
        if required and len(text) < 3:
            raise UserError(self.env._("Please tell us in a few words what is wrong."))
        if len(text) > MAX_TEXT:
            raise UserError(self.env._("That is very long: please keep it to 3000 letters."))
        return text

    def _check_chosen(self, items):
        """Open items of this case and no others."""
        chosen = items & self._get_page_items()
        if not chosen or chosen != items:
            raise UserError(self.env._("Please choose at least one of the invoices."))
        return chosen

    def _name_items(self, items):
        return ", ".join(dict.fromkeys(items.mapped("display_name")))

    # ------------------------------------------------------------------ the answers

    def _answer_paid(self, paid_on, amount=None, currency=None, remark="", files=()):
        """It is looked for before anybody reminds again."""
        case, today = self._begin_answer()
        if not paid_on or not today - timedelta(days=400) <= paid_on <= today:
            raise UserError(self.env._("On which day did you pay? Choose today or a day before."))
        if amount is not None and not 0 < amount < 10**12:
            raise UserError(self.env._("Please write the amount in figures, or leave it out."))
        currency = currency or case._get_page_items().currency_id[:1] or case.currency_id
        env = case._for_owner().env
        return case._take_answer("paid", [
            (env._("Paid on"), format_date(env, paid_on)),
            (env._("Amount"), amount and currency.with_env(env).format(float(amount))),
            (env._("Remark"), self._check_text(remark)),
        ], self._check_files(files), "paid")

    def _answer_resend(self, items, address=""):
        """Sent again at once, to the address on file; another one is noted for the controller."""
        case, today = self._begin_answer()
        items = case._check_chosen(items.with_env(case.env))
        address = (address or "").strip()
        if address and not (len(address) < 200 and email_normalize(address)):
            raise UserError(self.env._(
                "“%(text)s” is no e-mail address. Please correct it, or leave it out.",
                text=address[:80],
            ))
        case._send_again(items, today)
        env = case._for_owner().env
        return case._take_answer("resend", [
            (env._("Invoices"), self._name_items(items)),
            (env._("Other address he gave (nothing was sent there)"), address),
        ], reason_kind="not_received")

    def _send_again(self, items, today):
        """Once a day at most."""
        sent = self.env["credit.action.line"].search([
            ("item_id", "in", items.ids), ("action_id.purpose", "=", "resend"),
            ("action_id.state", "!=", "cancelled"), ("action_id.date", ">=", today),
        ])
        if items - sent.item_id:
            self._resend(items - sent.item_id)

    def _answer_dispute(self, items, reason, text, files=()):
        """Reminders of these items wait until somebody has found out."""
        case, today = self._begin_answer()
        items = case._check_chosen(items.with_env(case.env))
        reason = reason.with_env(case.env) & case._get_page_reasons()
        if len(reason) != 1:
            raise UserError(self.env._("Please choose what it is about."))
        text, checked = self._check_text(text, required=True), self._check_files(files)
        fresh = case._get_undisputed(items)
        own = case._for_owner()
        action = case._take_answer("dispute", [
            (own.env._("Invoices"), self._name_items(items)),
            (own.env._("About"), reason.with_env(own.env).name), (own.env._("In his words"), text),
        ], checked, task=False if fresh else None)
        action.reason_id = reason
        if fresh:
            days = max(case.policy_id.answer_wait_days, 7)
            dispute = own.env["credit.dispute"]._open(
                own, dict.fromkeys(fresh.with_env(own.env), 0), today + timedelta(days=days),
                reason.with_env(own.env), reason.user_id or case._get_owner(), text,
                source="debtor",
                kind="department" if reason.follow_up == "department" else "dispute",
            )
            action.dispute_id = dispute
        return action

    def _get_page_reasons(self):
        """What a debtor may say is wrong."""
        return self.env["credit.reason"].sudo().search([("kind", "in", PAGE_REASONS)])

    def _get_undisputed(self, items):
        """Without what is being looked into, and what was answered once already."""
        known = self.dispute_ids.filtered(
            lambda one: one.source == "debtor" and one.state == "resolved"
            or one.state == "open" and one.kind != "pause"
        )
        return items - known.line_ids.item_id

    def _answer_call(self, on, at="", phone="", remark=""):
        """The number is for this call: it changes no address."""
        case, today = self._begin_answer()
        if not on or not today <= on <= today + timedelta(days=60):
            raise UserError(self.env._("On which day may we call? Choose one of the next weeks."))
        at, phone = (at or "").strip(), (phone or "").strip()
        if at and not HOUR.fullmatch(at):
            raise UserError(self.env._("Please write the hour like 14:30, or leave it out."))
        if phone and not PHONE.fullmatch(phone):
            raise UserError(self.env._(
                "“%(text)s” is no phone number. Please correct it, or leave it out.",
                text=phone[:40],
            ))
        remark = self._check_text(remark)
        env = case._for_owner().env
        return case._take_answer("call", [
            (env._("Call on"), " ".join(filter(None, (format_date(env, on), at)))),
            (env._("Number"), phone), (env._("Remark"), remark),
        ], task={"xmlid": "call", "day": on, "summary": env._(
            "Call %(debtor)s%(hour)s: he asked for it",
            debtor=case.display_name, hour=f" {at}" if at else "",
        )})

    def _answer_new_link(self):
        """A link to the address on file, once a day. Nobody is told whether one was sent."""
        self.ensure_one()
        case = self.with_user(SUPERUSER_ID).with_company(self.company_id)
        case._one_at_a_time()
        today = case.company_id._credit_today()
        asked = case.action_ids.filtered(lambda a: a.purpose == "link" and a.date >= today)
        if case.state != "closed" and not asked:
            case.env["credit.action"]._plan_message(case, "link")
            own = case._for_owner()
            own.env["credit.action"]._log_answer(own, "link", [])
