from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .survey_common import SurveyCommon

INPUT, LINE = "survey.user_input", "survey.user_input.line"


@tagged("post_install", "-at_install")
class TestSurveyAccess(SurveyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        own = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.officer = new_test_user(
            cls.env, "officer", "base.group_user,survey.group_survey_user", **own
        )
        cls.administrator = new_test_user(
            cls.env, "administrator", "base.group_user,survey.group_survey_manager", **own
        )
        cls.portal = new_test_user(cls.env, "visitor", "base.group_portal", **own)
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.foreigner = new_test_user(
            cls.env, "foreigner", "account_credit_care.group_credit_manager",
            company_id=cls.elsewhere.id, company_ids=[Command.set(cls.elsewhere.ids)],
        )

    def setUp(self):
        super().setUp()
        self.rule = self._rule("closed")
        self.asked = self._asked(self._settled(on=2))
        self._answer(self.asked, 5, 9, on=3, remark="All well")

    def _seen(self, user, model=INPUT):
        path = "user_input_id." if model == LINE else ""
        return self.env[model].with_user(user).search([(f"{path}credit_case_id", "!=", False)])

    def test_each_company_has_the_rules_that_ship_switched_off(self):
        rules = self.env["credit.survey.rule"].sudo()
        shipped = rules.search([("company_id", "=", self.env.ref("base.main_company").id)])
        shipped.filtered(lambda rule: rule.event == "closed").action_start()
        later = self.env["res.company"].create({"name": "Later"})
        for company in (self.elsewhere, later):
            own = rules.search([("company_id", "=", company.id)])
            with self.subTest(company=company.name):
                self.assertEqual(set(own.mapped("state")), {"draft"})
                self.assertEqual(own.mapped("name"), shipped.mapped("name"))
                self.assertEqual(own.survey_id, shipped.survey_id)
        rules._provide(self.elsewhere | later)
        self.assertEqual(len(rules.search([("company_id", "=", later.id)])), len(shipped))

    def test_credit_users_read_answers_and_write_none(self):
        for user in (self.controller, self.manager):
            with self.subTest(user=user.login):
                self.assertEqual(self._seen(user), self.asked)
                self.assertEqual(len(self._seen(user, LINE)), 3)
                self.assertEqual(self.asked.with_user(user).credit_remark, "All well")
                with self.assertRaises(AccessError):
                    self.asked.with_user(user).write({"credit_heard_on": False})
                with self.assertRaises(AccessError):
                    self.asked.with_user(user).user_input_line_ids[0].write({"value_scale": 10})
                with self.assertRaises(AccessError):
                    self.asked.with_user(user).unlink()

    def test_the_key_is_not_for_whoever_is_judged(self):
        own = self.asked.with_user(self.controller)
        for read in (
            lambda: own.access_token, lambda: own.read(["access_token"]), own.get_start_url,
            lambda: own.credit_link, lambda: own.search([("access_token", "like", "a")]),
            own.action_print_answers,
        ):
            with self.assertRaises(AccessError):
                read()
        self.assertIn(
            self.asked.sudo().access_token, self.asked.with_user(self.manager).credit_link
        )

    def test_officers_of_surveys_do_not_see_ours(self):
        for user in (self.officer, self.administrator):
            with self.subTest(user=user.login):
                self.assertFalse(self._seen(user))
                self.assertFalse(self._seen(user, LINE))
                with self.assertRaises(AccessError):
                    self.asked.with_user(user).read(["state"])
                survey = self.asked.survey_id.with_user(user)
                with self.assertRaises(AccessError):
                    survey.write({"survey_type": "survey"})
                self.assertNotIn(survey, survey.search([]))
                with self.assertRaises(AccessError):
                    survey.question_ids[0].write({"title": "Whatever"})

    def test_not_even_where_the_type_was_changed(self):
        self.asked.survey_id.sudo().survey_type = "survey"
        self.assertFalse(self._seen(self.administrator))
        self.assertFalse(self._seen(self.administrator, LINE))

    def test_officers_keep_their_own_surveys(self):
        survey = self.env["survey.survey"].with_user(self.officer).create({"title": "Lunch"})
        answer = survey._create_answer(user=self.officer)
        self.assertEqual(answer.with_user(self.administrator).state, "new")

    def test_salespeople_portal_and_agency_see_nothing(self):
        for user in (self.salesperson, self.portal, self.plain.user_id):
            for model in (INPUT, LINE, "credit.feedback.report", "credit.survey.rule"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
        question = self._questions().with_user(self.salesperson)
        with self.assertRaises(AccessError):
            question.read(["survey_input_id"])
        self.assertNotIn(self.asked.sudo().access_token, str(question.read()))

    def test_another_company_sees_nothing(self):
        self.assertFalse(self._seen(self.foreigner))
        self.assertFalse(self._seen(self.foreigner, LINE))
        self.assertFalse(self.env["credit.feedback.report"].with_user(self.foreigner).search([]))
        self.assertNotIn(
            self.rule, self.env["credit.survey.rule"].with_user(self.foreigner).search([])
        )
        with self.assertRaises(AccessError):
            self.asked.with_user(self.foreigner).read(["state"])

    def test_managers_make_surveys_and_rules(self):
        survey = self.env["survey.survey"].with_user(self.manager).create({
            "title": "Ours", "survey_type": "credit", "access_mode": "token",
            "question_and_page_ids": [Command.create({
                "title": "Well?", "question_type": "scale", "scale_min": 1, "scale_max": 5,
                "credit_metric": "csat",
            })],
        })
        rule = self.rule.with_user(self.manager).copy({"survey_id": survey.id})
        self.assertEqual(rule.state, "draft")
        rule.action_start()
        self.assertEqual(rule.state, "active")

    def test_credit_users_switch_nothing_on(self):
        with self.assertRaises(AccessError):
            self.rule.with_user(self.controller).action_stop()
        with self.assertRaises(AccessError):
            self.rule.with_user(self.manager).write({"state": "draft"})
