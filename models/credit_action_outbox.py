import logging
from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from ..domain import contact
from ..domain.contact import ANSWERS, QUESTIONS
from .errors import brief, is_passing

_logger = logging.getLogger(__name__)

AT_ANY_HOUR = ("none", "phone", "activity")  # nobody hears of it but a colleague


class CreditAction(models.Model):
    """The outbox: what is planned is looked at again, rendered and handed over."""

    _inherit = "credit.action"

    @api.model
    def _cron_send(self, batch_size=100):
        """Delivers what is planned for today, company by company: looks again, renders, hands
        over to the outgoing queue, in one commit a batch. A batch that fails goes one by one."""
        self._sync_delivery()
        for company in self._get_sending_companies():
            today = company._credit_today()
            tried = set()
            while found := self.search(
                self._get_turn_domain(company, today, tried), limit=batch_size, order="id"
            ):
                tried.update(found.ids)
                self._deliver_batch(found.ids, company, today)
                left = self.search_count(self._get_turn_domain(company, today, tried))
                in_time = self.env["ir.cron"]._commit_progress(len(found), remaining=left)
                if left and not in_time:
                    return

    @api.model
    def _get_sending_companies(self):
        groups = self._read_group(
            [("state", "=", "planned"), ("needs_review", "=", False)], ["company_id"]
        )
        companies = self.env["res.company"].union(*(company for (company,) in groups))
        return companies.filtered("active")

    @api.model
    def _get_outbox_domain(self, company, today):
        """While the bank is not booked nobody is reminded; who has asked for something gets it."""
        domain = Domain([
            ("company_id", "=", company.id), ("state", "=", "planned"),
            ("needs_review", "=", False), ("date", "<=", today),
        ])
        if company._credit_is_stale(today):
            domain &= Domain("purpose", "in", ANSWERS)
        return domain

    def _get_turn_domain(self, company, today, tried):
        """Those met in this run already are left for the next: what a cap holds back today would
        keep the scheduler busy all day. Some may be in others' hands."""
        domain = self._get_outbox_domain(company, today) & Domain("id", "not in", list(tried))
        policies = self.env["credit.policy"].search([("company_id", "=", company.id)])
        shut = policies.filtered(lambda policy: not policy._is_contact_time())
        domain &= Domain.OR([
            Domain("channel", "in", AT_ANY_HOUR), Domain("purpose", "in", ANSWERS),
            Domain("case_id.policy_id", "not in", shut.ids),
        ])
        return domain

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

    def _move_to(self, today):
        """What was planned for an earlier day takes place today: the next message keeps its
        distance from now on."""
        late = self.filtered(lambda action: action.date < today)
        late.write({"date": today})
        contacts = late.filtered(lambda action: action.purpose not in (*ANSWERS, *QUESTIONS))
        contacts.case_id.write({"last_contact_on": today})
        late.case_id._recheck()

    def _note_failure(self, error):
        for action in self.filtered(lambda a: a.state == "planned"):
            action._fail(brief(error))

    def _deliver(self, company, today):
        """Looks at the ledger again, then lets each channel deliver its own. Hours and caps are
        asked twice: a look at the addresses may have changed the channel."""
        reminders = self.filtered(lambda a: a.kind == "reminder")
        messages = self.filtered(lambda a: a.kind == "message")
        going = reminders._within_hours_and_caps(today)._look_again(company, today)
        going |= messages._within_hours_and_caps(today)._look_at_messages(company, today)
        going._readdress(company)
        channel = self.env["credit.channel"]
        for name, batch in going._within_hours_and_caps(today).grouped("channel").items():
            channel._deliver(name, batch, company, today)
        self.env["credit.task"]._deliver_notices(self - reminders - messages, company, today)

    def _look_before_it_goes(self, company, today):
        """For letters that have lain: reminders by the ledger, messages by what they are about.
        Returns what may go."""
        reminders = self.filtered(lambda action: action.kind == "reminder")
        messages = (self - reminders)._look_at_messages(company, today)
        return reminders._look_again(company, today) | messages

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

    def _take_back_untrue(self):
        """Between the outbox and the mail server hours may lie. What asks for something that has
        been paid, paused or disputed since takes the outbox again; returns those. Not those of
        which nobody knows whether they have left."""
        untrue = self.browse()
        reminders = self.filtered(lambda a: a.kind == "reminder" and not a.handed_over_at)
        for company, batch in reminders.grouped("company_id").items():
            facts = self.env["credit.standing"].with_company(company)._read_cases(
                batch.case_id, company
            )
            untrue |= batch.filtered(
                lambda action, facts=facts: action._asks_too_much(facts[action.partner_id.id])
            )
        untrue |= self.filtered(lambda a: not a.handed_over_at)._find_outdated()
        untrue = untrue.try_lock_for_update().filtered(lambda a: a.state == "queued")
        messages = untrue.mail_message_id
        untrue._set_state(
            "planned", subject=False, body=False, mail_mail_id=False, mail_message_id=False,
        )
        messages.unlink()  # and the mail with it: nobody has got it
        if untrue:
            self.env.ref("account_credit_care.ir_cron_credit_send")._trigger()
        return untrue

    def _asks_too_much(self, fact):
        """Whether anything that it lists is less by now, or waits."""
        due = {} if fact.hold() else {item.key: fact.to_amount(item) for item in fact.asked()}
        return any(
            line.currency_id.compare_amounts(
                line.amount - line.amount_credit, due.get(line.item_id.id, 0)
            ) > 0
            for line in self.line_ids if not line.released
        )

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
        """Addresses as they are now: one may have been mended, or lost, since the planning. Who
        was to sign may have left."""
        for level, batch in self.grouped(lambda action: action._get_level()).items():
            targets = self.env["credit.channel"]._resolve(
                [(partner_id, level) for partner_id in batch.case_id.partner_id.ids], company
            )
            for action in batch:
                target = targets[action.case_id.partner_id.id]
                action.write({
                    "channel": target.channel, "contact_id": target.contact_id,
                    "email_to": target.email, "phone": target.phone, "lang": target.lang,
                })
        for action in self.filtered(lambda one: not one.user_id.active):
            action.user_id = action.case_id.user_id

    def _within_hours_and_caps(self, today):
        """Phone tasks and things without contact may be laid out at any hour; whoever calls sees
        the hours. The rest waits for the contact hours and for the caps of all hands together,
        what leaves beside it included."""
        past = self.env["credit.run"]._recent_contacts(self.case_id, today)
        allowed = self.browse()
        for policy, batch in self.grouped(lambda a: a.case_id.policy_id).items():
            is_open = policy._is_contact_time()
            for action in batch:
                free = action.channel in AT_ANY_HOUR or action.purpose in ANSWERS
                days = past[action.case_id.id]
                within = contact.may_contact(
                    days, today, policy.max_contacts_day, policy.max_contacts_week
                )
                if free:
                    allowed |= action
                elif is_open and within:
                    allowed |= action
                    days.append(today)
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
