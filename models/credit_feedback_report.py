from odoo import api, fields, models
from odoo.tools import SQL

from ..domain import intervals, voices
from .survey_question import METRICS

BOUNDS = ("low", "high")


class CreditFeedbackReport(models.Model):
    """Each answer that measures something, by who was heard. Groups of one metric show where the
    truth lies beside the figure: Wilson for shares, Rocks for NPS (see ``domain/intervals.py``).
    Groups of several metrics show none, since they cannot be added."""

    _name = "credit.feedback.report"
    _description = "Voice of the customer"
    _auto = False
    _rec_name = "question_id"
    _order = "answered_on desc, id desc"
    _depends = {
        "survey.user_input": [
            "credit_answered_on", "credit_case_id", "credit_collector_id", "credit_company_id",
            "credit_placement_id", "credit_rule_id", "survey_id", "test_entry",
        ],
        "survey.user_input.line": ["question_id", "skipped", "user_input_id", "value_scale"],
        "survey.question": ["credit_metric", "scale_max", "scale_min"],
        "credit.case": ["partner_id", "policy_id", "salesperson_id", "user_id"],
        "credit.placement": ["agency_id", "kind", "mandate_id"],
        "credit.survey.rule": ["event"],
    }

    answer_id = fields.Many2one(
        "survey.user_input", "Answers", readonly=True, aggregator="count_distinct",
        help="Who has answered. Several items of one survey are one answer.",
    )
    answered_on = fields.Date("Day", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    case_id = fields.Many2one("credit.case", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    policy_id = fields.Many2one("credit.policy", readonly=True)
    user_id = fields.Many2one("res.users", "Controller", readonly=True)
    salesperson_id = fields.Many2one("res.users", readonly=True)
    placement_id = fields.Many2one("credit.placement", readonly=True)
    mandate_id = fields.Many2one("credit.mandate", readonly=True)
    agency_id = fields.Many2one("res.partner", readonly=True)
    collector_id = fields.Many2one("credit.collector", readonly=True)
    stage = fields.Selection(
        [
            ("house", "The house"),
            ("courtesy", "Agency, in our name"),
            ("collection", "Agency"),
            ("legal", "Lawyer"),
        ],
        "Heard by", readonly=True,
    )
    survey_id = fields.Many2one("survey.survey", readonly=True)
    question_id = fields.Many2one("survey.question", readonly=True)
    metric = fields.Selection(METRICS, readonly=True)
    value = fields.Integer("Answer", readonly=True, aggregator="avg")
    points = fields.Float(
        readonly=True, aggregator="avg", digits=(4, 0),
        help="CSAT and CES: share of good answers, 0 to 100. NPS: -100 to 100.",
    )
    low = fields.Float(
        "From", readonly=True, aggregator="min", digits=(4, 0),
        help="The truth lies between “From” and “To” 19 times of 20.",
    )
    high = fields.Float("To", readonly=True, aggregator="max", digits=(4, 0))

    @property
    def _table_query(self):
        return SQL(
            """SELECT line.id, line.user_input_id AS answer_id,
                      answer.credit_answered_on AS answered_on,
                      answer.credit_company_id AS company_id, answer.credit_case_id AS case_id,
                      care.partner_id, care.policy_id, care.user_id, care.salesperson_id,
                      placement.id AS placement_id, placement.mandate_id, placement.agency_id,
                      answer.credit_collector_id AS collector_id,
                      COALESCE(placement.kind, 'house') AS stage,
                      answer.survey_id, question.id AS question_id,
                      question.credit_metric AS metric, line.value_scale AS value,
                      CASE WHEN question.credit_metric NOT IN ('csat', 'ces')
                           THEN CASE WHEN line.value_scale >= %(promoter)s THEN 100
                                     WHEN line.value_scale <= %(detractor)s THEN -100
                                     ELSE 0 END
                           WHEN line.value_scale >= CASE question.credit_metric
                                WHEN 'csat' THEN %(csat)s ELSE %(ces)s END THEN 100
                           ELSE 0 END::float AS points,
                      NULL::float AS low, NULL::float AS high
                 FROM survey_user_input_line line
                 JOIN survey_user_input answer ON answer.id = line.user_input_id
                 JOIN survey_question question ON question.id = line.question_id
                 JOIN credit_case care ON care.id = answer.credit_case_id
                 LEFT JOIN credit_placement placement ON placement.id = answer.credit_placement_id
                WHERE question.credit_metric IS NOT NULL AND line.skipped IS NOT TRUE
                  AND answer.credit_answered_on IS NOT NULL AND answer.test_entry IS NOT TRUE
                  AND line.value_scale BETWEEN question.scale_min AND question.scale_max""",
            promoter=intervals.PROMOTER, detractor=intervals.DETRACTOR,
            csat=voices.GOOD[voices.CSAT], ces=voices.GOOD[voices.CES],
        )

    # ------------------------------------------------------------------ intervals of groups

    def _read_group_select(self, aggregate_spec, query):
        """Figures are of one metric. The bounds of a group come from all of its answers, by the
        formulas of ``domain/intervals.py`` (a test holds them equal)."""
        name, _colon, how = aggregate_spec.partition(":")
        if name not in BOUNDS:
            plain = super()._read_group_select(aggregate_spec, query)
            if how != "avg":
                return plain
            metric = self._field_to_sql(self._table, "metric", query)
            return SQL("CASE WHEN COUNT(DISTINCT %s) = 1 THEN %s END", metric, plain)
        self._check_field_access(self._fields[name], "read")
        metric, points, answer = (
            self._field_to_sql(self._table, field, query)
            for field in ("metric", "points", "answer_id")
        )
        answers = SQL("COUNT(DISTINCT %s)", answer)
        sign, side = (SQL("-"), SQL("GREATEST")) if name == "low" else (SQL("+"), SQL("LEAST"))
        inner = SQL("LEAST") if name == "low" else SQL("GREATEST")
        return SQL(
            """CASE WHEN COUNT(DISTINCT %(metric)s) != 1 THEN NULL
                    WHEN MIN(%(metric)s) IN ('csat', 'ces') THEN %(share)s
                    ELSE %(nps)s END""",
            metric=metric, share=self._share_bound(points, answers, sign, side, inner, name),
            nps=self._nps_bound(points, sign, side, inner, name),
        )

    def _share_bound(self, points, answers, sign, side, inner, name):
        z2 = intervals.Z ** 2
        return SQL(
            """%(side)s(%(end)s, %(inner)s(AVG(%(points)s), 100 * (
                   AVG(%(points)s) / 100 + %(z2)s / (2 * %(n)s) %(sign)s %(z)s * SQRT(
                       AVG(%(points)s) / 100 * (1 - AVG(%(points)s) / 100) / %(n)s
                       + %(z2)s / (4 * %(n)s ^ 2))
               ) / (1 + %(z2)s / %(n)s)))""",
            side=side, inner=inner, points=points, sign=sign, z=intervals.Z, z2=z2, n=answers,
            end=0 if name == "low" else 100,
        )

    def _nps_bound(self, points, sign, side, inner, name):
        fans = SQL("(COUNT(*) FILTER (WHERE %s > 0) + 0.75) / (COUNT(*) + 3)", points)
        foes = SQL("(COUNT(*) FILTER (WHERE %s < 0) + 0.75) / (COUNT(*) + 3)", points)
        return SQL(
            """%(side)s(%(end)s, %(inner)s(AVG(%(points)s), 100 * (
                   %(fans)s - %(foes)s %(sign)s %(z)s * SQRT(
                       (%(fans)s + %(foes)s - (%(fans)s - %(foes)s) ^ 2) / (COUNT(*) + 3)))))""",
            side=side, inner=inner, points=points, sign=sign, z=intervals.Z, fans=fans, foes=foes,
            end=-100 if name == "low" else 100,
        )

    # ------------------------------------------------------------------ for an agency

    @api.model
    def _get_agency_feedback(self, mandates, minimum=None):
        """``{mandate: {metric: {"label", "n", "value", "low", "high"}}}`` in points, of metrics
        with enough answers: an agency never learns what one customer has said. ``minimum`` is the
        company's setting where nothing is said, and never below it. Whoever calls this has asked
        for rights."""
        self.env.flush_all()
        labels = dict(self._fields["metric"]._description_selection(self.env))
        rows = self.sudo()._read_group(
            [("mandate_id", "in", mandates.ids)], ["mandate_id", "metric"],
            ["value:array_agg", "answer_id:count_distinct", "partner_id:count_distinct"],
        )
        found = {mandate: {} for mandate in mandates}
        for mandate, metric, values, answers, customers in rows:
            needed = max(minimum or 0, mandate.company_id.credit_feedback_minimum)
            if customers < needed:
                continue
            estimate = voices.measure(metric, values, answers)
            found[mandate.with_env(self.env)][metric] = {
                "label": labels[metric], **estimate._asdict(),
            }
        return found

    @api.model
    def _count_agency_customers(self, mandates):
        """``{mandate: {metric: (label, how many customers have answered)}}``, however few: what
        is missing up to the minimum may be known, what they said may not."""
        self.env.flush_all()
        labels = dict(self._fields["metric"]._description_selection(self.env))
        found = {mandate: {} for mandate in mandates}
        for mandate, metric, customers in self.sudo()._read_group(
            [("mandate_id", "in", mandates.ids)], ["mandate_id", "metric"],
            ["partner_id:count_distinct"],
        ):
            found[mandate.with_env(self.env)][metric] = (labels[metric], customers)
        return found
