from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain import voices

METRICS = [
    (voices.CSAT, "Satisfaction (CSAT)"),
    (voices.CES, "Effort (CES)"),
    (voices.TRANSACTIONAL, "NPS, after an experience"),
    (voices.RELATIONAL, "NPS, of the relationship"),
    (voices.COMPETITIVE, "NPS, us beside another"),
    (voices.COMPETITOR, "NPS, the other one"),
]
MAX_TEXT = 3000


class SurveyQuestion(models.Model):
    """What an answer measures is said on the question, never guessed from its title."""

    _inherit = "survey.question"

    credit_metric = fields.Selection(
        METRICS, "Measures",
        help="CSAT: 1 to 5. CES: 1 to 7, 7 is easy. NPS: 0 to 10. High is good on each.",
    )

    @api.constrains("credit_metric", "question_type", "scale_min", "scale_max")
    def _check_credit_metric(self):
        for question in self.filtered("credit_metric"):
            lowest, highest = voices.SCALES[question.credit_metric]
            given = (question.question_type, question.scale_min, question.scale_max)
            if given != ("scale", lowest, highest):
                raise ValidationError(self.env._(
                    "“%(question)s” needs a scale from %(lowest)s to %(highest)s, else its answers"
                    " cannot be compared.",
                    question=question.title, lowest=lowest, highest=highest,
                ))

    @api.onchange("credit_metric")
    def _onchange_credit_metric(self):
        if self.credit_metric:
            self.question_type = "scale"
            self.scale_min, self.scale_max = voices.SCALES[self.credit_metric]

    @api.private  # core's page calls it, no client
    def validate_question(self, answer, comment=None):
        """Core takes any number for a scale, and text of any length. What arrives here was sent by
        a stranger."""
        self.ensure_one()
        if self.survey_id.survey_type == "credit" and answer and not self._is_fair(answer):
            return {self.id: self.env._("Please choose or write an answer to this question.")}
        return super().validate_question(answer, comment)

    def _is_fair(self, answer):
        if self.question_type in ("text_box", "char_box"):
            return isinstance(answer, str) and len(answer) <= MAX_TEXT and "\x00" not in answer
        if self.question_type != "scale":
            return True
        # two digits, so that no other alphabet's and no long number gets any further
        short = isinstance(answer, str) and answer.isascii() and answer.isdigit()
        return short and len(answer) <= 2 and self.scale_min <= int(answer) <= self.scale_max
