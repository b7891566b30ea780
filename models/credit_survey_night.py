from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.tools import SQL

from ..domain import voices


class CreditSurveyRule(models.Model):
    """The night of the surveys: who is asked, who is reminded. By batch, in a constant number of
    queries for each rule; the unique index on the event has the last word when two nights meet."""

    _inherit = "credit.survey.rule"

    def _ask_customers(self, company, today):
        self.env["survey.user_input"]._hear_again(company, today)
        rules = self.sudo().search([("company_id", "=", company.id), ("state", "=", "active")])
        for rule in rules:
            self.env["credit.run"]._isolated(rule, lambda own: own._ask(today))
        late = rules.filtered("reminder_days")
        self.env["credit.run"]._isolated(late, lambda own: own._remind(today))

    def _ask(self, today):
        """Invites those of today's events who are drawn and may be asked. Returns the answers to
        come."""
        rule = self.try_lock_for_update()
        if not rule or rule.state != "active" or not rule.survey_id.active:
            return self.env["survey.user_input"]
        return rule._invite(rule._choose(rule._read_events(today)), today)

    def _invite(self, events, today):
        rows = self._address(events)
        # core's own keys: nobody follows an invitation, and it needs no log of its creation
        answers = self.env["survey.user_input"].sudo().with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True
        ).create([self._to_answer(row, today) for row in rows])
        self.env["credit.action"]._plan_surveys(answers, "survey")
        self.env.flush_all()
        return answers

    # ------------------------------------------------------------------ who

    def _choose(self, events):
        """One event a customer, of those drawn and not asked about yet."""
        drawn = [
            event for event in events
            if voices.is_sampled(f"{self.id}|{event['key']}", self.share)
        ]
        if not drawn:
            return []
        known = set(self.env["survey.user_input"].sudo().search([
            ("credit_rule_id", "=", self.id),
            ("credit_event_key", "in", [event["key"] for event in drawn]),
        ]).mapped("credit_event_key"))
        fresh = {}
        for event in drawn:
            if event["key"] not in known:
                fresh.setdefault(event["partner_id"], event)
        return list(fresh.values())

    def _address(self, events):
        """Who can be written to on the channel of the rule, or by e-mail, and has not said no."""
        wish = self.env["credit.action"]._get_survey_wish(self)
        targets = self.env["credit.channel"].sudo()._resolve(
            [(event["partner_id"], wish) for event in events], self.company_id
        )
        silent = self._find_silent(targets)
        return [
            event | {"target": targets[event["partner_id"]]} for event in events
            if targets[event["partner_id"]].channel in ("email", "sms")
            and event["partner_id"] not in silent
        ]

    @api.model
    def _find_silent(self, targets):
        """Debtors of ``targets`` who have said no: their address is on the blacklist, or they would
        get an SMS and have answered one with STOP."""
        unwanted = set(self.env["mail.blacklist"].sudo().search([
            ("email", "in", [target.email for target in targets.values() if target.email]),
        ]).mapped("email"))
        return self._find_silent_phones(targets) | {
            debtor for debtor, target in targets.items() if target.email in unwanted
        }

    def _find_silent_phones(self, targets):
        asked = {debtor: one for debtor, one in targets.items() if one.channel == "sms"}
        contacts = self.env["res.partner"].sudo().browse(one.contact_id for one in asked.values())
        numbers = {
            debtor: contact._phone_format(number=one.phone) or one.phone
            for (debtor, one), contact in zip(asked.items(), contacts, strict=True)
        }
        unwanted = set(self.env["phone.blacklist"].sudo().search([
            ("number", "in", list(numbers.values())),
        ]).mapped("number")) if numbers else set()
        return {debtor for debtor, number in numbers.items() if number in unwanted}

    def _to_answer(self, event, today):
        target, answers = event["target"], self.env["survey.user_input"]
        end = datetime.combine(today + timedelta(days=self.expire_days), time.max)
        lang = target.lang or self.company_id.partner_id.lang
        return {
            "survey_id": self.survey_id.id, "partner_id": target.contact_id,
            "email": target.email, "deadline": end.replace(microsecond=0),
            "invite_token": answers._generate_invite_token(),
            "lang_id": lang and self.env["res.lang"]._get_data(code=lang).id or False,
            "credit_rule_id": self.id, "credit_event_key": event["key"],
            "credit_company_id": self.company_id.id, "credit_case_id": event["case_id"],
            "credit_action_id": event["action_id"], "credit_asked_on": today,
            "credit_placement_id": event["placement_id"],
            "credit_collector_id": event["collector_id"],
        }

    # ------------------------------------------------------------------ events

    def _read_events(self, today):
        """What happened ``delay_days`` ago (up to a week more, for nights that did not run), oldest
        first, without customers who complain, who were asked lately, or who want no questions."""
        self.env.flush_all()
        rows = self.env.execute_query_dict(SQL(
            """SELECT event.source, event.case_id, event.event_on, event.action_id, event.number,
                      care.partner_id,
                      COALESCE(event.placement_id, placement.id) AS placement_id,
                      COALESCE(event.collector_id, placement.collector_id) AS collector_id
                 FROM (%(events)s) event
                 JOIN credit_case care ON care.id = event.case_id
                 JOIN res_partner debtor ON debtor.id = care.partner_id
                 LEFT JOIN LATERAL (
                      SELECT id, collector_id FROM credit_placement
                       WHERE case_id = care.id AND sent_on <= event.event_on
                         AND (ended_on IS NULL OR ended_on >= event.event_on)
                       ORDER BY id DESC LIMIT 1
                 ) placement ON TRUE
                WHERE debtor.active AND debtor.credit_care_no_survey IS NOT TRUE
                  AND NOT EXISTS (%(complaints)s) AND NOT EXISTS (%(asked)s)
                ORDER BY event.event_on, event.source""",
            events=self._get_events_query(today), complaints=self._get_complaints_query(),
            asked=self._get_asked_query(today),
        ))
        if self.event == "yearly":
            days = voices.own_days(today, self.delay_days)
            rows = [row | {"event_on": days[row["number"]]} for row in rows]
        return [
            row | {"key": self._get_key(row)} for row in rows if row["event_on"] >= self.started_on
        ]

    def _get_key(self, event):
        key = f"{self.event}|{event['source']}"
        return f"{key}|{event['event_on'].year}" if self.event == "yearly" else key

    def _get_complaints_query(self):
        """Somebody complains, or is waiting for our word: not the moment for questions."""
        return SQL(
            """SELECT FROM credit_dispute dispute JOIN credit_case other
                   ON other.id = dispute.case_id
                WHERE other.partner_id = care.partner_id AND other.company_id = care.company_id
                  AND dispute.state = 'open'"""
        )

    def _get_asked_query(self, today):
        return SQL(
            """SELECT FROM survey_user_input asked JOIN credit_case other
                   ON other.id = asked.credit_case_id
                WHERE other.partner_id = care.partner_id AND other.company_id = care.company_id
                  AND asked.credit_asked_on > %s""",
            today - timedelta(days=self.cooling_days),
        )

    def _get_events_query(self, today):
        """``(source, case, day, conversation, placement, collector, own day of the year)``"""
        first, last = voices.event_days(today, self.delay_days)
        span = {"company": self.company_id.id, "first": first, "last": last}
        return getattr(self, f"_get_{self.event}_query")(today, span)

    def _get_contact_query(self, today, span):
        return SQL(
            """SELECT id AS source, case_id, date AS event_on, id AS action_id,
                      placement_id, collector_id, NULL::int AS number
                 FROM credit_action
                WHERE company_id = %(company)s AND channel = 'phone' AND state = 'done'
                  AND outcome = 'reached' AND date BETWEEN %(first)s AND %(last)s""",
            **span,
        )

    def _get_closed_query(self, today, span):
        """Cases that were overdue and were paid; not those that became part of another."""
        return SQL(
            """SELECT id AS source, id AS case_id, closed_on AS event_on, NULL::int AS action_id,
                      NULL::int AS placement_id, NULL::int AS collector_id, NULL::int AS number
                 FROM credit_case settled
                WHERE company_id = %(company)s AND state = 'closed'
                  AND closed_on BETWEEN %(first)s AND %(last)s AND defaulted_on IS NOT NULL
                  AND merged_into_id IS NULL AND EXISTS (
                      SELECT FROM credit_item item
                       WHERE item.case_id = settled.id AND item.close_reason = 'cash')""",
            **span,
        )

    def _get_plan_query(self, today, span):
        return SQL(
            """SELECT id AS source, case_id, ended_on AS event_on, NULL::int AS action_id,
                      NULL::int AS placement_id, NULL::int AS collector_id, NULL::int AS number
                 FROM credit_agreement
                WHERE company_id = %(company)s AND kind IN ('plan', 'settlement')
                  AND state = 'kept' AND ended_on BETWEEN %(first)s AND %(last)s""",
            **span,
        )

    def _get_yearly_query(self, today, span):
        """Customers with whom we had to do, each on his own day of the year (see
        ``voices.own_days``); not those whom an agency or a lawyer asks for money now."""
        return SQL(
            """SELECT partner_id AS source, case_id, NULL::date AS event_on,
                      NULL::int AS action_id, NULL::int AS placement_id,
                      NULL::int AS collector_id, number
                 FROM (SELECT DISTINCT ON (partner_id) partner_id, id AS case_id, state,
                              (('x' || left(md5(%(salt)s || partner_id), 8))::bit(32)::bigint
                               %% %(year)s)::int AS number
                         FROM credit_case WHERE company_id = %(company)s
                        ORDER BY partner_id, id DESC) latest
                WHERE state NOT IN ('agency', 'legal') AND number IN %(numbers)s""",
            salt=f"{self.id}|yearly|", year=voices.YEAR, company=span["company"],
            numbers=tuple(voices.own_days(today, self.delay_days)) or (-1,),
        )

    # ------------------------------------------------------------------ the reminder

    def _remind(self, today):
        """Once, who has got the message and has not answered; not while he complains."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """SELECT answer.id FROM survey_user_input answer
                 JOIN credit_survey_rule rule ON rule.id = answer.credit_rule_id
                 JOIN survey_survey survey ON survey.id = answer.survey_id
                 JOIN credit_case care ON care.id = answer.credit_case_id
                 JOIN credit_action message ON message.survey_input_id = answer.id
                WHERE rule.id IN %(rules)s AND answer.state = 'new' AND survey.active
                  AND answer.credit_reminded_on IS NULL AND answer.deadline::date > %(today)s
                  AND message.purpose = 'survey' AND message.state IN ('queued', 'sent')
                  AND message.date <= %(today)s::date - rule.reminder_days
                  AND NOT EXISTS (%(complaints)s)
                ORDER BY answer.id""",
            rules=tuple(self.ids) or (0,), today=today, complaints=self._get_complaints_query(),
        ))
        answers = self.env["survey.user_input"].sudo().browse(row[0] for row in rows)
        answers = answers.try_lock_for_update().filtered(lambda own: not own.credit_reminded_on)
        answers.write({"credit_reminded_on": today})
        return self.env["credit.action"]._plan_surveys(answers, "survey_reminder")
