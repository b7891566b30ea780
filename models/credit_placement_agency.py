from datetime import datetime, timedelta

import pytz

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import formataddr

from ..domain.contact import NEEDS
from ..domain.fees import COURTESY
from ..domain.mandate import granted
from .credit_action import OUTCOMES

MAX_TEXT = 3000
GRACE = timedelta(minutes=5)  # clocks differ
NEWS = "account_credit_care.mt_placement_agency"


class CreditPlacement(models.Model):
    """What the agency does on a placement. The desk has found out who it is and hands over this
    record in the name of the machinery: whoever creates or signs a message in Odoo may read it for
    ever, and an agency's access ends with the placement."""

    _inherit = "credit.placement"

    again_at = fields.Datetime("Agency calls again", readonly=True, copy=False)
    action_ids = fields.One2many("credit.action", "placement_id", "Contacts of the agency")
    claim_ids = fields.One2many("credit.claim", "placement_id", "Claims of a collection")

    # ------------------------------------------------------------------ taken

    def _take(self, seat):
        """Who works on it has accepted it; what was nobody's is his."""
        if self.state == "sent":
            self._set_state("accepted", accepted_on=self.company_id._credit_today())
        if not self.collector_id:
            self.collector_id = seat

    # ------------------------------------------------------------------ contacts

    def _log_contact(self, seat, outcome, reason, remark, channel, on, again_at):
        """One contact, in the history and the caps of all. One that took place against hours or
        caps is told as it was and shown to a manager; one of this moment is refused."""
        self._check_contact(outcome, channel, again_at)
        case, company = self.case_id, self.company_id
        day, moment, breach = self._place_in_time(on)
        self._take(seat)
        needs = granted(self.pressure_now, "standard") if channel == "phone" else NEEDS[channel]
        action = self.env["credit.action"].create({
            "case_id": case.id, "company_id": company.id, "kind": "contact", "state": "done",
            "channel": "letter" if channel == "notice" else channel, "pressure": needs,
            "placement_id": self.id, "collector_id": seat.id, "user_id": seat.user_id.id,
            "contact_id": self._get_contact().id, "date": day,
            "done_at": moment or fields.Datetime.now(), "outcome": outcome or False,
            "reason_id": reason.id, "summary": remark or False, "breach": breach,
        })
        self.again_at = again_at
        self._follow_contact(action)
        return action

    def _check_contact(self, outcome, channel, again_at):
        if channel not in NEEDS:
            raise UserError(self.env._("Choose how the customer was contacted."))
        if outcome not in dict(OUTCOMES) and (outcome or channel == "phone"):
            raise UserError(self.env._("Choose what came of the call."))
        if not self._may_use(channel):
            labels = dict(self._fields["pressure"]._description_selection(self.env))
            raise UserError(self.env._(
                "This position allows “%(grade)s” at most: no such letter may be sent. Ask the"
                " creditor if you think it should.", grade=labels[self.pressure_now],
            ))
        if outcome == "call_back" and not again_at:
            raise UserError(self.env._("Choose when to call back."))
        if again_at:
            self._check_again(again_at)

    def _may_use(self, channel):
        return granted(self.pressure_now, NEEDS[channel]) == NEEDS[channel]

    def _check_again(self, again_at):
        case = self.case_id
        if again_at < fields.Datetime.now() - GRACE:
            raise UserError(self.env._("Choose a time that is not over yet for the next call."))
        day = self._to_local(again_at).date()
        if "hours" in case._get_breaches(day, again_at):
            raise UserError(self.env._(
                "That is outside the hours of contact. %(next)s",
                next=case._explain_next_contact(case._get_next_contact(again_at)),
            ))

    def _place_in_time(self, on):
        """``(day, moment in UTC or None, what it went against or False)``. ``on``: a day, a moment
        in UTC, or nothing for this moment."""
        case, now = self.case_id, fields.Datetime.now()
        moment = on if isinstance(on, datetime) else None if on else now
        day = self._to_local(moment).date() if moment else on
        if (moment or now) > now + GRACE or day > self.company_id._credit_today():
            raise UserError(self.env._("What has not taken place yet cannot be logged."))
        if day < self.sent_on:
            raise UserError(self.env._("This position was not entrusted to you on that day."))
        codes = case._get_breaches(day, moment)
        if codes and not on:
            words = self.env._(
                "Not now: %(why)s. %(next)s", why=case._explain_breaches(codes),
                next=case._explain_next_contact(case._get_next_contact()),
            )
            late = self.env._("If it has taken place all the same, say when.")
            raise UserError(words if self.kind == COURTESY else f"{words} {late}")
        return day, moment, codes and case._explain_breaches(codes) or False

    def _to_local(self, moment):
        zone = self.case_id._get_contact_zone()
        return pytz.utc.localize(moment).astimezone(zone)

    def _get_contact(self):
        """Who is spoken with: the person of the note, else the customer. Nobody else."""
        return self.handover_id._get_person() or self.partner_id

    def _follow_contact(self, action):
        """What colleagues have to know, or to do, after a contact of the agency."""
        case, tasks = self.case_id, self.env["credit.task"]
        if action.outcome == "reached":
            case.write({
                "last_contact_on": max(case.last_contact_on or action.date, action.date),
                "reason_id": action.reason_id.id or case.reason_id.id,
            })
            self._tell_sales("agency_contact")
            if action.reason_id.follow_up in ("dispute", "department", "resend"):
                tasks._ask_controller(
                    case, action.collector_id.user_id, action.summary or action.reason_id.name
                )
        if action.outcome == "wrong_number":
            tasks._ask_to_mend(action, self.env._("The phone number is wrong"))
        if action.breach:
            tasks._tell_breach(action)
        case._recheck()

    def _tell_sales(self, code):
        """The salesperson reads it in his next digest: once a day and kind."""
        today = self.company_id._credit_today()
        if self.case_id.action_ids.filtered(lambda a: a.notice == code and a.date == today):
            return
        heads = self.env["credit.standing"]._read_heads(self.case_id)
        self.env["credit.run"]._notify(
            [(head, code) for head in heads.values()], self.company_id, today
        )

    # ------------------------------------------------------------------ words between the houses

    def _check_words(self, text, required=True):
        text = (text if isinstance(text, str) else "").replace("\x00", "").strip()
        if required and len(text) < 3:
            raise UserError(self.env._("Write a few words: somebody has to understand it."))
        if len(text) > MAX_TEXT:
            raise UserError(self.env._("That is very long: please keep it to 3000 letters."))
        return text

    def _post_of_agency(self, seat, text):
        """A message of the agency: by name, and by nobody whom Odoo knows as its author."""
        email = seat.user_id.email_normalized or seat.agency_id.email_normalized
        return self.message_post(
            body=text, author_id=False, subtype_xmlid=NEWS, message_type="comment",
            email_from=formataddr((seat._get_signature(), email or self.company_id.email or "-")),
        )

    def _answer_agency(self, text):
        """The house's answer, for the agency to read on its page. Whoever asked hears of it by a
        mail that says nothing but where to look."""
        for placement in self:
            placement._check_user(access="read")
            house = placement.sudo()
            message = house.message_post(
                body=house._check_words(text), subtype_xmlid=NEWS, message_type="comment",
                author_id=self.env.user.partner_id.id,
            )
            kind = self.env["credit.task"]._kind("agency_question")
            house.activity_ids.filtered(
                lambda task, kind=kind: task.activity_type_id == kind
            ).action_feedback()
            house._mail_answer(message)

    def _mail_answer(self, message):
        user = self.collector_id.user_id
        if self.collector_id and user.email_normalized:
            words = self.with_context(lang=user.lang or self.env.lang)
            self.env["mail.mail"].create({
                "subject": words.env._("%(company)s has answered: %(number)s",
                                       company=self.company_id.name, number=self.name),
                "body_html": words.env["ir.qweb"]._render(
                    "account_credit_care.agency_answer_mail",
                    {"url": f"{self.get_base_url()}/my/agency/{self.id}", "user": user},
                    minimal_qcontext=True,
                ),
                "email_from": self.company_id.email_formatted or message.email_from,
                "email_to": user.email_normalized, "auto_delete": True, "state": "outgoing",
            })
