import json
import re

from odoo.tests import HttpCase, tagged

from .common import TODAY
from .survey_common import SurveyCommon


@tagged("post_install", "-at_install")
class TestSurveyPage(SurveyCommon, HttpCase):
    """What a customer, a scanner of mails and a stranger do with the link. On the day of the run:
    browsers have no frozen clock."""

    def setUp(self):
        super().setUp()
        self.now = (self.env["credit.case"]._fields["opened_on"].today() - TODAY).days
        self._rule("closed", on=self.now - 1)
        move = self._create_due(self.now - 5, 1000.0)
        self._night(self.now - 1)
        self.case = self._case()
        self._pay(move, on=self.now)
        self._night(self.now)
        self.asked = self._asked(self.case).sudo()
        self.path = f"/credit/voice/{self.asked.access_token}"

    def _csrf(self, html):
        return re.search(r'csrf_token: "([^"]+)"', html)[1]

    def _tell(self, value, path=None, follow=False):
        html = self.url_open(self.path).text
        return self.url_open(
            path or self.path, data={"csrf_token": self._csrf(html), "value": value},
            allow_redirects=follow,
        )

    def _value(self):
        self.env.invalidate_all()
        return self.asked.user_input_line_ids.mapped("value_scale")

    def test_a_link_that_is_opened_answers_nothing(self):
        for value in ("/1", "/5", "", "/stop"):
            page = self.url_open(self.path + value)
            self.assertEqual(page.status_code, 200)
        self.url_open(f"{self.path}/1", method="HEAD")
        self.assertEqual(self._value(), [])
        self.assertEqual(self.asked.state, "new")
        self.assertFalse(self.debtor.credit_care_no_survey)

    def test_the_tap_is_chosen_and_sent_by_one_more(self):
        page = self.url_open(f"{self.path}/4").text
        self.assertIn('value="4" checked="checked"', page)
        answer = self._tell("4")
        self.assertEqual(answer.status_code, 303)
        self.assertIn(f"/survey/{self.asked.survey_id.access_token}/", answer.headers["Location"])
        self.assertEqual(self._value(), [4])
        self.assertEqual(self.asked.state, "in_progress")
        self.assertTrue(self.asked.credit_answered_on)

    def test_nobody_keeps_or_passes_on_the_page(self):
        headers = self.url_open(self.path).headers
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(headers["Cache-Control"], "no-store")

    def test_a_bad_tap_is_heard_at_once(self):
        self._tell("1")
        self.env.invalidate_all()
        self.assertTrue(self.asked.credit_heard_on)
        self.assertEqual(len(self._tasks(self.case, "voice")), 1)
        self._tell("2")
        self.assertEqual(len(self._tasks(self.case, "voice")), 1)
        self.assertEqual(self._value(), [2])

    def test_the_rest_follows_on_cores_page_with_the_tap_on_it(self):
        page = self._tell("4", follow=True)
        self.assertEqual(page.status_code, 200)
        self.assertIn("o_survey_form_choice_item_selected", page.text)
        survey = self.asked.survey_id
        csat, nps, remark = survey.question_ids
        url = f"/survey/submit/{survey.access_token}/{self.asked.access_token}"
        for values, fault in (
            ({csat.id: "4", nps.id: "99"}, True), ({csat.id: "9", nps.id: "9"}, True),
            ({csat.id: "4", nps.id: "9", remark.id: "x" * 4000}, True),
            ({csat.id: "4", nps.id: "9", remark.id: "Good"}, False),
        ):
            with self.subTest(values=str(values)[:40]):
                told = self._submit(url, values)
                self.assertEqual(told[1].get("error") == "validation", fault)
        self.assertEqual(self._value(), [4, 9, 0])
        self.assertEqual((self.asked.state, self.asked.credit_remark), ("done", "Good"))
        self.assertEqual(self._submit(url, {csat.id: "1"})[1], {"error": "unauthorized"})
        self.assertIn("Thank you", self.url_open(self.path).text)

    def _submit(self, url, values):
        params = {str(key): value for key, value in values.items()}
        reply = self.url_open(
            url, data=json.dumps({"params": params}),
            headers={"Content-Type": "application/json"},
        ).json()
        return reply["result"]

    def test_hostile_values(self):
        for value in ("6", "0", "-1", "", "1e1", "٣", "<script>", "9" * 500, "1\x00"):
            with self.subTest(value=value[:10]):
                self.assertEqual(self._tell(value).status_code, 422)
        for tail in ("/6", "/%3Cscript%3Ealert(1)", "/" + "9" * 500, "/%22%20autofocus"):
            page = self.url_open(self.path + tail)
            self.assertEqual(page.status_code, 200)
            self.assertNotIn("<script>alert(1)", page.text)
            self.assertNotIn('checked="checked"', page.text)
        self.assertEqual(self._value(), [])

    def test_without_the_token_of_the_form_nothing_is_taken(self):
        answer = self.url_open(self.path, data={"value": "4"}, allow_redirects=False)
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self._value(), [])

    def test_wrong_keys_are_all_answered_alike(self):
        other = self.env["survey.user_input"].sudo().create({
            "survey_id": self.asked.survey_id.id,
        })
        pages = {
            self.url_open(f"/credit/voice/{token}/1").text.split("<main>")[-1].split("</main>")[0]
            for token in ("0" * 36, other.access_token, "%27 OR 1=1")
        }
        self.assertEqual(len(pages), 1)
        self.assertIn("This page cannot be opened", pages.pop())
        self.assertEqual(self._tell("4", f"/credit/voice/{'0' * 36}").status_code, 404)

    def test_too_late(self):
        self.asked.deadline = "2020-01-01"
        self.env.flush_all()
        page = self.url_open(f"{self.path}/4").text
        self.assertIn("This is closed", page)
        self.assertEqual(self._tell("4").status_code, 422)
        self.assertEqual(self._value(), [])

    def test_no_more_questions(self):
        self.assertIn("Ask me no more questions", self.url_open(f"{self.path}/stop").text)
        self.assertEqual(self._tell("", f"{self.path}/stop").status_code, 200)
        self.env.invalidate_all()
        self.assertTrue(self.debtor.credit_care_no_survey)

    def test_no_more_questions_also_once_it_is_answered_or_over(self):
        for values in ({"state": "done"}, {"state": "new", "deadline": "2020-01-01"}):
            with self.subTest(**values):
                self.asked.write(values)
                self.debtor.credit_care_no_survey = False
                self.env.flush_all()
                page = self.url_open(f"{self.path}/stop").text
                self.assertIn("No more questions?", page)
                self.assertIn("Ask me no more questions", page)
                self.assertEqual(self._tell("", f"{self.path}/stop").status_code, 200)
                self.env.invalidate_all()
                self.assertTrue(self.debtor.credit_care_no_survey)

    def test_one_question_alone_is_done_with_the_tap(self):
        for question in self.asked.survey_id.question_ids[1:]:
            question.sudo().unlink()
        page = self._tell("4", follow=True)
        self.assertIn("Thank you", page.text)
        self.env.invalidate_all()
        self.assertEqual(self.asked.state, "done")

    def test_colleagues_do_not_answer_in_his_place(self):
        self.authenticate("controller", "controller")
        page = self.url_open(self.asked.get_start_url()).text
        self.assertNotIn("o_survey_form_content", page)
        self.assertEqual(self._tell("4").status_code, 403)
        self.assertEqual(self._value(), [])
