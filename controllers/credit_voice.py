from odoo import http
from odoo.addons.survey.controllers.main import Survey
from odoo.exceptions import UserError
from odoo.http import request

from .credit_answers import typed_text
from .credit_page import PAGE
from .credit_pages import sealed

DOOR = "/credit/voice/<string:token>"
MAX_REQUEST = 64 * 1024


class CreditVoice(Survey):
    """The first question of a survey, answered from the message. A link that is merely opened (by a
    scanner of mails, by a preview) answers nothing: the page asks for one more tap, which posts."""

    def _check_validity(
        self, survey_sudo, answer_sudo, answer_token, ensure_token=True, check_partner=True
    ):
        """The link is the key, also for a customer who is logged in under another contact; not for
        colleagues, who would answer in his name."""
        if answer_sudo.credit_case_id and request.env.user.share:
            check_partner = False
        return super()._check_validity(
            survey_sudo, answer_sudo, answer_token, ensure_token, check_partner
        )

    @http.route(
        [DOOR, f"{DOOR}/<string:value>"], methods=["GET"], **PAGE
    )
    def credit_voice(self, token, value="", **_kwargs):
        answer = self._get_credit_answer(token)
        return self._show_tap(answer, value) if answer else self._refuse_tap()

    @http.route(DOOR, methods=["POST"], max_content_length=MAX_REQUEST, **PAGE)
    def credit_voice_tell(self, token, **_kwargs):
        answer = self._get_credit_answer(token)
        if not answer:
            return self._refuse_tap()
        if request.env.user._is_internal():
            return self._show_tap(answer, "", request.env._(
                "You are logged in as a colleague: the answer is the customer's to give."
            ), status=403)
        try:
            with request.env.cr.savepoint():
                more = answer._take_tap(typed_text("value"))
        except UserError as error:
            return self._show_tap(answer, "", error.args[0], status=422)
        # the other questions, on core's page; its end is the thank you of both
        path = f"/survey/{answer.survey_id.access_token}/{answer.access_token}"
        return sealed(request.redirect(path if more else f"/credit/voice/{token}", code=303))

    @http.route(f"{DOOR}/stop", methods=["POST"], max_content_length=MAX_REQUEST, **PAGE)
    def credit_voice_stop(self, token, **_kwargs):
        answer = self._get_credit_answer(token)
        if not answer:
            return self._refuse_tap()
        answer.credit_case_id.partner_id.credit_care_no_survey = True
        return self._render_tap("page_voice_stopped", 200, self._get_frame(answer))

    # ------------------------------------------------------------------ what is shown

    def _get_credit_answer(self, token):
        """In the language in which the customer was asked, whoever looks. Wrong keys are all
        answered alike."""
        answers = request.env["survey.user_input"].sudo()
        answer = answers.search([
            ("access_token", "=", token.replace("\x00", "")), ("credit_case_id", "!=", False),
        ], limit=1)
        installed = {code for code, _name in request.env["res.lang"].get_installed()}
        wanted = (
            answer.lang_id.code, answer.credit_company_id.partner_id.lang, "en_US",
            *sorted(installed),
        )
        lang = next(code for code in wanted if code in installed)
        request.update_context(lang=lang)
        request.lang = request.env["res.lang"]._get_data(code=lang)
        return answer.with_env(request.env(su=True))

    def _show_tap(self, answer, value, error="", status=200):
        question = answer.survey_id._get_first_question()
        is_over = answer.state == "done" or answer._is_over() or not answer.survey_id.active
        chosen = value if question and not question.validate_question(value) else ""
        return self._render_tap("page_voice", status, {
            "question": question, "chosen": chosen, "error": error, "stop": value == "stop",
            "is_done": answer.state == "done", "is_over": is_over or not question,
            "values": range(question.scale_min, question.scale_max + 1) if question else (),
            **self._get_frame(answer),
        })

    def _get_frame(self, answer):
        company = answer.credit_company_id
        accent = request.env["credit.message"].sudo()._get_accent(company)
        return {"answer": answer, "company": company, "person": False, "accent": accent}

    def _refuse_tap(self):
        return self._render_tap("page_wrong", 404, {})

    def _render_tap(self, template, status, values):
        values |= {
            "base": "", "html_lang": request.env.lang.replace("_", "-"), "in_portal": False,
            "page_name": "credit", "credit_case": None,
        }
        response = request.render(f"account_credit_care.{template}", values, status=status)
        response.flatten()
        return sealed(response)
