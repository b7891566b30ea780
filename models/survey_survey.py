from odoo import api, fields, models
from odoo.exceptions import UserError


class SurveySurvey(models.Model):
    """Surveys about the way we collect: a type of their own, because whoever may read all surveys
    of the house is not thereby one who may read what a debtor has said."""

    _inherit = "survey.survey"

    survey_type = fields.Selection(
        selection_add=[("credit", "Credit care")], ondelete={"credit": "set default"}
    )

    @api.depends("survey_type")
    @api.depends_context("uid")
    def _compute_allowed_survey_types(self):
        result = super()._compute_allowed_survey_types()
        if self.env.user.has_group("account_credit_care.group_credit_manager"):
            self.allowed_survey_types = [*(self.allowed_survey_types or []), "credit"]
        return result

    def write(self, vals):
        """Another type would show the answers of debtors to others."""
        kind = vals.get("survey_type")
        other = self.filtered(lambda own: (own.survey_type == "credit") != (kind == "credit"))
        if kind and other and not self.env.su:
            raise UserError(self.env._(
                "A survey of Credit Care stays one. Make a new survey for another use."
            ))
        return super().write(vals)

    @api.model
    def get_formview_id(self, access_uid=None):
        if self.survey_type == "credit":
            return self.env.ref("account_credit_care.survey_survey_view_form").id
        return super().get_formview_id(access_uid=access_uid)

    def _get_first_question(self):
        """The one that a message asks at once, with a tap for each answer."""
        self.ensure_one()
        return self.question_ids.filtered("credit_metric")[:1]
