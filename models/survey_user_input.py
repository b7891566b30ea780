import logging
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain import voices

_logger = logging.getLogger(__name__)

KEYS = ("access_token", "invite_token")


class SurveyUserInput(models.Model):
    """A customer who was asked, and what he answered: about which case, contact, placement and
    collector. An answer is heard at once, and once."""

    _inherit = "survey.user_input"

    credit_rule_id = fields.Many2one(
        "credit.survey.rule", "Rule", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    credit_event_key = fields.Char(
        "Event", readonly=True, copy=False, help="What was asked about; once for each rule."
    )
    credit_company_id = fields.Many2one("res.company", "Company", readonly=True, index=True)
    credit_case_id = fields.Many2one(
        "credit.case", "Case", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    credit_action_id = fields.Many2one(
        "credit.action", "Conversation", readonly=True, index="btree_not_null", ondelete="set null",
        help="The conversation that it is about.",
    )
    credit_placement_id = fields.Many2one(
        "credit.placement", "Placement", readonly=True, index="btree_not_null", ondelete="set null"
    )
    credit_collector_id = fields.Many2one(
        "credit.collector", "Collector", readonly=True, index="btree_not_null", ondelete="set null"
    )
    credit_asked_on = fields.Date("Asked on", readonly=True)
    credit_reminded_on = fields.Date("Reminded on", readonly=True, copy=False)
    credit_answered_on = fields.Date("Answered on", readonly=True, copy=False)
    credit_heard_on = fields.Date(
        "Acted on", readonly=True, copy=False, help="A bad answer: what followed, followed then."
    )
    credit_scores = fields.Char("What was answered", compute="_compute_credit_scores")
    credit_remark = fields.Text("In his words", compute="_compute_credit_scores")
    credit_link = fields.Char(
        "Link", compute="_compute_credit_link", groups="account_credit_care.group_credit_manager",
        help="Opens the questions in the name of the customer: for him and nobody else.",
    )

    _credit_once = models.UniqueIndex(
        "(credit_rule_id, credit_event_key) WHERE credit_rule_id IS NOT NULL",
        "This was asked already.",
    )
    _credit_asked = models.Index(
        "(credit_company_id, credit_case_id, credit_asked_on) WHERE credit_case_id IS NOT NULL"
    )

    # ------------------------------------------------------------------ computed

    @api.depends("user_input_line_ids.value_scale", "user_input_line_ids.skipped")
    def _compute_credit_scores(self):
        """In a line, in the order of the questions: “NPS 8 of 10 · Satisfaction 5, 4 of 5”."""
        names = {voices.CSAT: self.env._("Satisfaction"), voices.CES: self.env._("Effort")}
        for answer in self:
            lines = answer.user_input_line_ids.filtered(lambda line: not line.skipped)
            measured = lines.filtered("question_id.credit_metric").grouped(
                lambda line: line.question_id.credit_metric
            )
            answer.credit_scores = " · ".join(
                self.env._(
                    "%(what)s %(values)s of %(best)s", what=names.get(metric, "NPS"),
                    values=", ".join(str(line.value_scale) for line in group),
                    best=group[:1].question_id.scale_max,
                )
                for metric, group in measured.items()
            )
            answer.credit_remark = "\n".join(filter(None, lines.mapped("value_text_box"))) or False

    @api.depends("access_token")
    def _compute_credit_link(self):
        for answer in self:
            base = (answer.credit_company_id or self.env.company).get_base_url()
            answer.credit_link = base + answer._get_credit_path()

    def _get_credit_path(self):
        return f"/credit/voice/{self.access_token}"

    # ------------------------------------------------------------------ rights

    def _has_field_access(self, field, operation):
        """Whoever is judged by the answers must not be able to give them: the key to the page is
        the customer's, and nobody writes what was asked and answered."""
        if not self.env.su:
            if field.name in KEYS and not self._may_hold_keys():
                return False
            if operation == "write" and "account_credit_care" in field._modules:
                return False
        return super()._has_field_access(field, operation)

    def _may_hold_keys(self):
        user = self.env.user
        return user.has_group("survey.group_survey_user") or user.has_group(
            "account_credit_care.group_credit_manager"
        )

    # ------------------------------------------------------------------ the answer

    def _save_lines(self, question, answer, comment=None, overwrite_existing=True):
        """What was tapped in the message may be changed until the rest is sent."""
        mine = bool(self.credit_case_id)
        return super()._save_lines(question, answer, comment, overwrite_existing or mine)

    def _mark_done(self):
        result = super()._mark_done()
        self.filtered("credit_case_id")._hear()
        return result

    def _take_tap(self, value):
        """The first question, answered from the message by whoever has the link. Returns whether
        there is more to ask."""
        self.ensure_one()
        self._lock()
        if self.state == "done" or self._is_over():
            raise UserError(self.env._("This has been answered already, or it is too late."))
        question = self.survey_id._get_first_question()
        if not question or not value or question.validate_question(value):
            raise UserError(self.env._("Please choose one of the answers."))
        if self.state == "new":
            self._mark_in_progress()
        self._save_lines(question, value)
        if self.survey_id.question_ids == question:
            self._mark_done()
            return False
        self._hear()
        return True

    def _lock(self):
        """One tap at a time."""
        self.env.execute_query(SQL(
            "SELECT id FROM survey_user_input WHERE id IN %s FOR UPDATE", tuple(self.ids)
        ))
        self.invalidate_recordset(["state", "credit_heard_on"])

    def _is_over(self):
        return bool(self.deadline and self.deadline < fields.Datetime.now())

    # ------------------------------------------------------------------ what follows

    def _hear(self):
        """Notes the day; a bad answer is acted on, once. What goes wrong there must not cost the
        customer his answer: the night tries again."""
        for answer in self.with_user(SUPERUSER_ID):
            answer._lock()
            today = answer.credit_company_id._credit_today()
            if not answer.credit_answered_on:
                answer.credit_answered_on = today
            bad = answer._get_bad_lines()
            if not bad or answer.credit_heard_on:
                continue
            try:
                with self.env.cr.savepoint():
                    answer.credit_heard_on = today
                    answer.credit_case_id._hear_bad_answer(answer, bad)
            except Exception:
                _logger.exception("The bad answer %s could not be acted on", answer.id)
                answer.invalidate_recordset()

    def _hear_again(self, company, today):
        """The night: a bad answer on which nobody could act is acted on now. What was heard in time
        stays as it is; what is older than a week is no news any more."""
        self.sudo().search([
            ("credit_company_id", "=", company.id), ("credit_case_id", "!=", False),
            ("credit_answered_on", ">=", today - timedelta(days=voices.GRACE_DAYS)),
            ("credit_heard_on", "=", False),
        ]).filtered(lambda answer: answer._get_bad_lines())._hear()

    def _get_bad_lines(self):
        limits = self.credit_rule_id._get_limits()
        return self.user_input_line_ids.filtered(
            lambda line: not line.skipped and line.question_id.credit_metric
            and voices.is_bad(line.question_id.credit_metric, line.value_scale, limits)
        )
