from odoo import api, fields, models

from .credit_action_message import Wish

SURVEYS = ("survey", "survey_reminder")
HIDDEN = "…"  # stands for the key where others read the message


class CreditAction(models.Model):
    """The question how it went, in the same outbox as all else: the caps of all hands, the last
    look, once. The key to the answer is in the mail alone, not in what colleagues read."""

    _inherit = "credit.action"

    purpose = fields.Selection(
        selection_add=[("survey", "How was it?"), ("survey_reminder", "How was it? (once more)")],
        ondelete={"survey": "set null", "survey_reminder": "set null"},
    )
    survey_input_id = fields.Many2one(
        "survey.user_input", "Survey answer", index="btree_not_null", ondelete="set null",
        groups="account_credit_care.group_credit_user",
    )
    survey_html = fields.Html(compute="_compute_survey", sanitize=False)
    survey_url = fields.Char(compute="_compute_survey")
    survey_until = fields.Char(compute="_compute_survey")

    _survey_once = models.UniqueIndex(
        "(survey_input_id, purpose) WHERE survey_input_id IS NOT NULL AND state != 'cancelled'",
        "This question was asked already.",
    )

    @api.depends("survey_input_id")
    @api.depends_context("lang", "uid")
    def _compute_survey(self):
        """The first question with a tap for each answer. Only the machinery, which sends it, gets
        the key (``uid`` stands for all rights as well)."""
        qweb, words = self.env["ir.qweb"], self.env["credit.message"]
        for action in self:
            answer = action.sudo().survey_input_id.with_context(lang=self.env.lang)
            question = answer and answer.survey_id._get_first_question()
            action.survey_url = action.survey_html = action.survey_until = False
            if not question:
                continue
            path = answer._get_credit_path()
            if not self.env.su:
                path = path.replace(answer.access_token, HIDDEN)
            action.survey_url = action.company_id.sudo().get_base_url() + path
            action.survey_until = words._day(answer.deadline.date())
            action.survey_html = qweb._render("account_credit_care.mail_survey", {
                "survey": answer.survey_id, "question": question, "url": action.survey_url,
                "values": range(question.scale_min, question.scale_max + 1),
                "accent": words._get_accent(action.company_id), "until": action.survey_until,
            }, minimal_qcontext=True)

    def mail_allowed_qweb_expressions(self):
        return (
            *super().mail_allowed_qweb_expressions(), "object.survey_html", "object.survey_url",
            "object.survey_until",
        )

    def _get_sms_template(self):
        if self.purpose in SURVEYS:
            template = self.env.ref("account_credit_care.sms_template_survey", False)
            return (template or self.env["sms.template"]).sudo()
        return super()._get_sms_template()

    def _without_key(self, html):
        """What is kept of a message and read by colleagues."""
        token = self.sudo().survey_input_id.access_token
        return html.replace(token, HIDDEN) if token else super()._without_key(html)

    # ------------------------------------------------------------------ planning

    def _get_survey_wish(self, rule, purpose="survey"):
        """Nobody is chased for an address to be asked a question: without one it stays unasked."""
        template = self.env.ref(f"account_credit_care.mail_template_{purpose}", False)
        fallback = "email" if rule.channel == "sms" else "none"
        return Wish(rule.channel, fallback, (template or self.env["mail.template"]).sudo())

    def _plan_surveys(self, answers, purpose):
        """One message for each of ``answers``, with the next tick of the outbox."""
        values = []
        for (company, rule), batch in answers.grouped(
            lambda answer: (answer.credit_company_id, answer.credit_rule_id)
        ).items():
            wish = self._get_survey_wish(rule, purpose)
            targets = self.env["credit.channel"].sudo()._resolve(
                [(answer.credit_case_id.partner_id.id, wish) for answer in batch], company
            )
            values += [
                self._to_message(
                    answer.credit_case_id, purpose, self.env["credit.item"],
                    targets[answer.credit_case_id.partner_id.id],
                ) | {"survey_input_id": answer.id}
                for answer in batch
            ]
        actions = self.sudo().create(values)
        if actions:
            self.env.ref("account_credit_care.ir_cron_credit_send").sudo()._trigger()
        return actions

    def _get_level(self):
        rule = self.sudo().survey_input_id.credit_rule_id
        return self._get_survey_wish(rule, self.purpose) if rule else super()._get_level()

    # ------------------------------------------------------------------ the last look

    def _look_at_messages(self, company, today):
        """Answered since, or too late, switched off, or somebody who has said no since: not sent.
        While he complains it waits."""
        surveys = self.filtered(lambda action: action.purpose in SURVEYS)
        over = surveys.filtered(lambda action: action._is_survey_over())
        over |= (surveys - over)._find_unwanted()
        over._cancel("settled")
        left = surveys - over
        left -= left.filtered(lambda action: action.case_id._is_complaining())
        return left | super(CreditAction, self - surveys)._look_at_messages(company, today)

    def _is_survey_over(self):
        answer = self.sudo().survey_input_id
        return not answer or answer.state != "new" or answer._is_over() or not (
            answer.survey_id.active and answer.credit_rule_id.state == "active"
            and not self.partner_id.sudo().credit_care_no_survey
        )

    def _find_unwanted(self):
        """Those whose debtor has had his address put on a blacklist since they were planned."""
        found, channels = self.browse(), self.env["credit.channel"].sudo()
        for (company, level), batch in self.grouped(
            lambda action: (action.company_id, action._get_level())
        ).items():
            targets = channels._resolve(
                [(partner_id, level) for partner_id in batch.case_id.partner_id.ids], company
            )
            silent = self.env["credit.survey.rule"]._find_silent(targets)
            found |= batch.filtered(
                lambda action, silent=silent: action.case_id.partner_id.id in silent
            )
        return found
