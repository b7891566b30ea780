
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..domain import voices
from .common import day
from .survey_common import SurveyCommon


@tagged("post_install", "-at_install")
class TestSurveyRule(SurveyCommon):
    def test_shipped_rules_are_off(self):
        rules = self.env["credit.survey.rule"].sudo().search([])
        self.assertTrue(rules)
        self.assertEqual(set(rules.mapped("state")), {"draft"})

    def test_what_was_before_is_not_asked_about(self):
        self._settled(on=2)
        self._rule("closed", on=3)
        self._night(3)
        self.assertFalse(self._asked())

    def test_asked_after_the_delay(self):
        self._rule("closed", delay_days=3)
        self._settled(on=2)
        self._night(4)
        self.assertFalse(self._asked())
        self._night(5)
        self.assertEqual(len(self._asked()), 1)

    def test_nights_that_did_not_run_are_made_up_for_a_week(self):
        self._rule("closed", delay_days=1)
        self._settled(on=2)
        self._night(10)
        self.assertEqual(len(self._asked()), 1)

    def test_after_the_week_the_moment_is_gone(self):
        self._rule("closed", delay_days=1)
        self._settled(on=2)
        self._night(11)
        self.assertFalse(self._asked())

    def test_who_was_never_late_is_not_asked(self):
        self._rule("closed")
        move = self._create_due(-5)
        self._night(1)
        self._case().sudo().defaulted_on = False
        self._pay(move, on=2)
        self._night(2)
        self.assertFalse(self._asked())

    def test_nobody_is_asked_while_he_complains(self):
        self._rule("contact")
        case = self._talk()
        with self.at(1):
            dispute = self.env["credit.dispute"]._open(
                case, {case.open_item_ids[:1]: 0}, day(20), text="Broken"
            )
        self._night(1)
        self.assertFalse(self._asked())
        with self.at(3):
            dispute._end("resolved")
        self._night(3)
        self.assertEqual(len(self._asked()), 1)

    def test_a_question_waits_while_he_complains(self):
        self._rule("contact", delay_days=0)
        case = self._talk()
        self._night(1, send=False)
        question = self._questions("planned")
        with self.at(1):
            dispute = self.env["credit.dispute"]._open(
                case, {case.open_item_ids[:1]: 0}, day(5), text="Broken"
            )
        self._night(2)
        self.assertEqual(question.state, "planned")
        with self.at(3):
            dispute._end("resolved")
        self._night(3)
        self.assertEqual(question.state, "queued")

    def test_nobody_is_reminded_while_he_complains(self):
        case = self._talked(reminder_days=2)
        with self.at(3):
            self.env["credit.dispute"]._open(
                case, {case.open_item_ids[:1]: 0}, day(6), text="Broken"
            )
        self._night(5)
        self.assertFalse(self._questions(purpose="survey_reminder"))
        self._night(7)
        self.assertEqual(len(self._questions(purpose="survey_reminder")), 1)

    def test_who_has_answered_is_not_reminded(self):
        self._rule("closed", reminder_days=2)
        case = self._settled(on=2)
        self._answer(self._asked(case), 5, 10, on=3)
        self._night(5)
        self.assertFalse(self._questions(purpose="survey_reminder"))

    def test_who_has_said_no_since_is_not_reminded(self):
        """By the link in the message, by the blacklist, by an SMS with STOP."""
        for channel, say_no in (
            ("email", lambda: self.debtor.write({"credit_care_no_survey": True})),
            ("email", lambda: self.env["mail.blacklist"].sudo()._add(self.debtor.email)),
            ("sms", lambda: self.env["phone.blacklist"].sudo().add(
                self.debtor._phone_format(fname="phone"))),
        ):
            with self.subTest(channel=channel), self.cr.savepoint() as savepoint:
                self._rule("closed", reminder_days=2, channel=channel)
                self._settled(on=2)
                self.assertEqual(self._questions("queued").channel, channel)
                say_no()
                self._night(4)
                self._night(5)
                self.assertFalse(self._questions(purpose="survey_reminder"))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_waits_to_be_asked_is_withdrawn_with_its_rule(self):
        rule = self._rule("contact")
        self._talk()
        self._night(1, send=False)
        question = self._questions("planned")
        self.assertTrue(question)
        rule.with_user(self.manager).action_stop()
        self._night(2)
        self.assertEqual(question.state, "cancelled")

    def test_who_was_asked_by_a_rule_that_is_off_may_answer_and_is_not_reminded(self):
        rule = self._rule("closed", reminder_days=2)
        case = self._settled(on=2)
        rule.with_user(self.manager).action_stop()
        self._night(4)
        self.assertFalse(self._questions(purpose="survey_reminder"))
        self.assertEqual(self._answer(self._asked(case), 5, 10, on=5).state, "done")

    def test_who_wants_no_questions_gets_none(self):
        self._rule("closed")
        self.debtor.credit_care_no_survey = True
        self._settled(on=2)
        self.assertFalse(self._asked())

    def test_an_address_on_the_blacklist_is_left_alone(self):
        self._rule("closed")
        self.env["mail.blacklist"].sudo()._add(self.debtor.email)
        self._settled(on=2)
        self.assertFalse(self._asked())

    def test_who_has_answered_an_sms_with_stop_gets_no_other(self):
        self._rule("closed", channel="sms")
        self.env["phone.blacklist"].sudo().add(self.debtor._phone_format(fname="phone"))
        self._settled(on=2)
        self.assertFalse(self._asked())

    def test_nobody_is_chased_for_an_address(self):
        self._rule("closed")
        self.debtor.email = False
        case = self._settled(on=2)
        self.assertFalse(self._asked())
        self.assertFalse(self._tasks(case, "address"))

    def test_the_sample_is_drawn_once(self):
        rule = self._rule("closed", share=50)
        cases = self.env["credit.case"]
        for n in range(8):
            cases |= self._settled(self._create_debtor(f"Debtor{n}"), on=2)
        drawn = cases.filtered(
            lambda case: voices.is_sampled(f"{rule.id}|closed|{case.id}", 50)
        )
        self.assertEqual(self._asked().credit_case_id, drawn)
        self._night(3)
        self.assertEqual(self._asked().credit_case_id, drawn)

    def test_one_question_a_customer_within_the_cooling_off(self):
        """Two rules, two events, one customer: the first rule asks."""
        first = self._rule("closed", sequence=1)
        self._rule("closed", sequence=2, survey_id=self.surveys["yearly"].id)
        self._settled(on=2)
        self.assertEqual(self._asked().credit_rule_id, first)
        self._settled(on=9)
        self.assertEqual(len(self._asked()), 1)

    def test_without_cooling_off_each_event_is_asked_about(self):
        self._rule("closed", cooling_days=0)
        self._settled(on=2)
        self._settled(on=9)
        self.assertEqual(len(self._asked()), 2)

    def test_customers_have_a_day_of_their_own_in_the_year(self):
        rule = self._rule("yearly", on=-400, cooling_days=0)
        self._settled(on=2)
        number = voices.draw(f"{rule.id}|yearly|{self.debtor.id}") % voices.YEAR
        first = next(
            n for n in range(3, 400)
            if day(n).timetuple().tm_yday - 1 == number
        )
        self._night(first - 1)
        earlier = self._asked()
        self._night(first)
        self.assertEqual(len(self._asked() - earlier), 1)
        self._night(first + 1)
        self.assertEqual(len(self._asked() - earlier), 1)
        key = f"yearly|{self.debtor.id}|{day(first).year}"
        self.assertEqual(self._asked()[-1].credit_event_key, key)

    def test_the_index_has_the_last_word(self):
        self._rule("closed")
        asked = self._asked(self._settled(on=2))
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            asked.sudo().copy({
                "credit_event_key": asked.credit_event_key,
                "credit_rule_id": asked.credit_rule_id.id,
            })
            self.env.flush_all()

    def test_the_message_is_not_for_colleagues_to_answer(self):
        """The key is in the mail and nowhere else."""
        self._rule("closed")
        asked = self._asked(self._settled(on=2))
        question = self._questions("queued")
        token = asked.access_token
        self.assertIn(f"/credit/voice/{token}/5", question.mail_mail_id.sudo().body_html)
        self.assertNotIn(token, question.body)
        self.assertNotIn(token, question.mail_message_id.body)
        for user in (self.controller, self.manager):
            own = question.with_user(user)
            self.assertNotIn(token, own.survey_html)
            self.assertNotIn(token, own.survey_url)
            self.assertNotIn(token, own.preview_html)

    def test_a_question_asks_for_no_money(self):
        self._talked()
        body = self._questions("queued").body
        self.assertIn("o_credit_survey", body)
        self.assertNotIn("o_credit_items", body)
        self.assertNotIn("How to pay", body)

    def test_a_question_delays_no_reminder(self):
        case = self._talked()
        self.assertDay(self._questions("queued").date, 2)
        case.sudo()._restore_last_contact()
        self.assertDay(case.last_contact_on, 1)

    def test_a_question_counts_towards_the_caps(self):
        self._rule("contact")
        case = self._talk()
        self._night(1)
        self.assertEqual(self._questions().state, "planned")
        before = len(self.root["credit.run"]._recent_contacts(case, day(2))[case.id])
        self._night(2)
        self.assertEqual(self._questions().state, "queued")
        after = len(self.root["credit.run"]._recent_contacts(case, day(2))[case.id])
        self.assertEqual(after, before + 1)

    def test_by_sms_with_a_link(self):
        self._rule("closed", channel="sms")
        asked = self._asked(self._settled(on=2))
        question = self._questions("queued")
        self.assertEqual(question.channel, "sms")
        sms = self.env["sms.sms"].search([("uuid", "=", question.sms_uuid)])
        self.assertIn(f"/credit/voice/{asked.access_token}", sms.body)
        self.assertNotIn(asked.access_token, question.body)

    def test_the_language_is_the_customers(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.debtor.lang = "it_IT"
        self._rule("closed")
        asked = self._asked(self._settled(on=2))
        self.assertEqual(asked.lang_id.code, "it_IT")

    def test_a_plan_that_was_kept(self):
        rule = self._rule("plan")
        self._create_due(-5, 1000.0)
        self._night(1)
        case = self._case()
        plan = self.env["credit.agreement"].create({
            "kind": "plan", "case_id": case.id, "currency_id": self.company.currency_id.id,
            "item_ids": [Command.set(case.open_item_ids.ids)],
        })
        plan.sudo().write({"state": "kept", "ended_on": day(2)})
        self._night(2)
        self.assertEqual(self._asked().credit_rule_id, rule)
        self.assertEqual(self._asked().credit_event_key, f"plan|{plan.id}")

    def test_as_many_queries_for_many_as_for_few(self):
        rule = self._rule("closed").with_env(self.root)
        counts = []
        for round_, number in enumerate((2, 14)):
            partners = self.env["res.partner"].create([
                {"name": f"Debtor {round_} {n}", "email": f"d{round_}.{n}@debtor.example"}
                for n in range(number)
            ])
            cases = self.root["credit.case"].create([
                {
                    "partner_id": partner.id, "company_id": self.company.id, "state": "closed",
                    "policy_id": self.policy.id, "closed_on": day(4), "defaulted_on": day(0),
                    "opened_on": day(0),
                }
                for partner in partners
            ])
            events = [
                {"key": f"closed|{case.id}", "case_id": case.id, "partner_id": case.partner_id.id,
                 "action_id": None, "placement_id": None, "collector_id": None}
                for case in cases
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with self.at(4):
                self.assertEqual(len(rule._invite(events, day(4))), number)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3)

    def test_a_rule_that_fails_stops_nobody(self):
        broken = self._rule("closed", sequence=1)
        self._rule("closed", sequence=2)
        self.env.cr.execute(
            "UPDATE credit_survey_rule SET expire_days = 99999999 WHERE id = %s", [broken.id]
        )
        broken.invalidate_recordset()
        with mute_logger("odoo.addons.account_credit_care.models.credit_run"):
            self._settled(on=2)
        self.assertEqual(len(self._asked()), 1)
        self.assertTrue(broken.activity_ids)

    def test_a_rule_needs_something_to_measure(self):
        survey = self.env["survey.survey"].create({"title": "Empty", "survey_type": "credit"})
        rule = self.env["credit.survey.rule"].create({
            "name": "Nothing", "company_id": self.company.id, "survey_id": survey.id,
        })
        with self.assertRaisesRegex(UserError, "measures nothing"):
            rule.with_user(self.manager).action_start()

    def test_a_rule_takes_surveys_of_credit_care_only(self):
        survey = self.env["survey.survey"].sudo().create({
            "title": "Lunch", "survey_type": "survey", "user_id": False,
        })
        with self.assertRaises(ValidationError):
            self._rule("closed", survey_id=survey.id)

    def test_the_reminder_comes_before_the_end(self):
        with self.assertRaises(ValidationError):
            self._rule("closed", reminder_days=10, expire_days=10)


@tagged("post_install", "-at_install")
class TestBadAnswer(SurveyCommon):
    def _bad(self, *values, **options):
        self._rule("closed", **options)
        asked = self._asked(self._settled(on=2))
        return self._answer(asked, *(values or (1, 2)), on=3)

    def test_a_good_answer_alarms_nobody(self):
        asked = self._bad(4, 5)
        self.assertFalse(asked.credit_heard_on)
        self.assertFalse(self._tasks(asked.credit_case_id, "voice"))
        self.assertEqual(asked.credit_scores, "Satisfaction 4 of 5 · NPS 5 of 10")

    def test_the_thresholds_are_the_rules(self):
        asked = self._bad(3, 5, bad_csat=3)
        self.assertDay(asked.credit_heard_on, 3)

    def test_of_a_settled_case_nothing_is_paused(self):
        asked = self._bad()
        case = asked.credit_case_id
        self.assertFalse(case.dispute_ids)
        self.assertTrue(self._tasks(case, "voice"))
        self.assertTrue(self._tasks(case, "call"))

    def test_a_new_debt_of_the_same_customer_waits(self):
        self._rule("closed")
        asked = self._asked(self._settled(on=2))
        self._create_due(-5, 300.0)
        self._night(3)
        live = self._case()
        self._answer(asked, 1, 1, on=4)
        self.assertEqual(live.dispute_ids.kind, "pause")
        self.assertTrue(self._tasks(live, "call"))

    def test_what_is_disputed_already_is_left_to_its_dispute(self):
        case = self._talked()
        item = case.open_item_ids
        with self.at(2):
            dispute = self.env["credit.dispute"]._open(case, {item: 0}, day(30), text="Broken")
        self._answer(self._asked(case), 0, 1, 1, 1, 1, on=3)
        self.assertEqual(case.dispute_ids, dispute)

    def test_zero_days_pause_nothing(self):
        case = self._talked(pause_days=0)
        self._answer(self._asked(case), 0, 1, 1, 1, 1, on=3)
        self.assertFalse(case.dispute_ids)
        self.assertTrue(self._tasks(case, "voice"))

    def test_the_competitor_is_not_our_fault(self):
        rule = self._rule("closed", survey_id=self.surveys["competitive"].id)
        asked = self._asked(self._settled(on=2))
        self._answer(asked, 9, 0, on=3)
        self.assertEqual(asked.credit_rule_id, rule)
        self.assertFalse(asked.credit_heard_on)

    def test_an_answer_is_kept_whatever_fails_after_it(self):
        self._rule("closed")
        asked = self._asked(self._settled(on=2))
        mail = self.env.ref("account_credit_care.bad_answer_mail").sudo()
        words, mail.arch = mail.arch, '<t t-name="bad"><t t-out="nobody.knows"/></t>'
        with mute_logger("odoo.addons.account_credit_care.models.survey_user_input"):
            self._answer(asked, 1, 1, on=3)
        self.assertEqual((asked.state, asked.credit_heard_on), ("done", False))
        self.assertEqual(asked.credit_scores, "Satisfaction 1 of 5 · NPS 1 of 10")
        self.assertFalse(self._tasks(asked.credit_case_id, "voice"))
        # the night tries again, once
        mail.arch = words
        self._night(4)
        self._night(5)
        self.assertDay(asked.credit_heard_on, 4)
        self.assertEqual(len(self._tasks(asked.credit_case_id, "voice")), 1)

    def test_two_customers_merged_keep_their_answers(self):
        self._rule("contact")
        other = self._create_debtor("Second")
        case, second = self._talk(), self._talk(partner=other)
        self._night(1)
        asked = self._asked(second)
        self.assertTrue(asked)
        self.env["credit.case"]._merge_partners(other, self.debtor)
        self.assertEqual(asked.credit_case_id, case)


@tagged("post_install", "-at_install")
class TestQuestion(SurveyCommon):
    def test_a_metric_needs_its_scale(self):
        question = self.env.ref("account_credit_care.survey_plan_ces")
        with self.assertRaises(ValidationError):
            question.scale_max = 5

    def test_each_shipped_survey_measures_with_its_first_question(self):
        for name, survey in self.surveys.items():
            with self.subTest(survey=name):
                first = survey._get_first_question()
                self.assertEqual(first, survey.question_ids[0])
                self.assertEqual((survey.access_mode, survey.survey_type), ("token", "credit"))

    def test_the_five_surveys_measure_what_they_are_for_in_two_languages(self):
        self._speak_italian()
        metrics = {
            "contact": ["nps_transactional", "ces", "csat", "csat", "csat"],
            "closed": ["csat", "nps_relational"], "plan": ["ces"], "yearly": ["nps_relational"],
            "competitive": ["nps_competitive", "nps_competitor"],
        }
        for name, survey in self.surveys.items():
            with self.subTest(survey=name):
                questions = survey.question_ids
                self.assertEqual(
                    questions.filtered("credit_metric").mapped("credit_metric"), metrics[name]
                )
                for record in (survey, *questions):
                    self.assertNotEqual(record.with_context(lang="it_IT").title, record.title)
        self.assertEqual(
            self.surveys["contact"].question_ids.filtered(
                lambda question: question.credit_metric == "csat"
            ).mapped("title"),
            ["You were listened to.", "You were treated with respect.", "You were helped."],
        )

    def test_what_strangers_send(self):
        scale = self.env.ref("account_credit_care.survey_closed_csat")
        text = self.env.ref("account_credit_care.survey_closed_remark")
        for question, answer in (
            (scale, "6"), (scale, "0"), (scale, "-1"), (scale, "٣"), (scale, "1e1"), (scale, 3.5),
            (scale, ["3"]), (scale, {"3": 1}), (scale, "9" * 4000), (scale, "3; DROP"),
            (text, "x" * 3001), (text, "a\x00b"), (text, ["a"]), (text, {"a": "b"}),
        ):
            with self.subTest(answer=repr(answer)[:20]):
                self.assertTrue(question.validate_question(answer))
        self.assertFalse(scale.validate_question("3"))
        self.assertFalse(text.validate_question("Fine"))
        self.assertFalse(text.validate_question(""))

    def test_other_surveys_are_left_as_they_are(self):
        survey = self.env["survey.survey"].sudo().create({
            "title": "Lunch", "user_id": False, "question_and_page_ids": [
                Command.create({"title": "Good?", "question_type": "text_box"})
            ],
        })
        self.assertFalse(survey.question_ids.validate_question("x" * 5000))

    def test_a_survey_stays_one_of_credit_care(self):
        with self.assertRaises(UserError):
            self.surveys["closed"].with_user(self.manager).survey_type = "survey"
