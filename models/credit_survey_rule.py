from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

EVENTS = [
    ("contact", "A conversation"),
    ("closed", "All settled"),
    ("plan", "A plan that was kept"),
    ("yearly", "Once a year"),
]


class CreditSurveyRule(models.Model):
    """After which event which customers are asked what. The night does it, once for each event;
    nobody is asked while he complains, nor twice within the cooling-off."""

    _name = "credit.survey.rule"
    _description = "Survey rule"
    _inherit = ["credit.guarded", "mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"
    _check_company_auto = True
    _by_door = frozenset({"state", "started_on"})  # the buttons switch it on and off

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, help="Of two rules that would ask the same customer, the first one does."
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [("draft", "Off"), ("active", "On")], required=True, default="draft", readonly=True,
        copy=False, tracking=True,
    )
    started_on = fields.Date(
        "On since", readonly=True, copy=False, help="What was before is not asked about."
    )
    event = fields.Selection(EVENTS, "After", required=True, default="closed", tracking=True)
    survey_id = fields.Many2one(
        "survey.survey", required=True, ondelete="restrict", tracking=True,
        domain="[('survey_type', '=', 'credit')]",
    )
    channel = fields.Selection(
        [("email", "E-mail"), ("sms", "SMS with a link")], required=True, default="email"
    )
    delay_days = fields.Integer("Delay", default=2)
    share = fields.Float(
        "Share asked, %", default=100, digits=(5, 1),
        help="Percent of the events; which ones is drawn once, and is the same at every look.",
    )
    cooling_days = fields.Integer(
        "Cooling-off", default=90,
        help="Days in which a customer is not asked again, by whichever rule.",
    )
    reminder_days = fields.Integer(
        "Reminder after", default=5, help="Days; one reminder, to who has not answered. 0: none."
    )
    expire_days = fields.Integer("Open for", default=21, help="Days; then the link ends.")
    bad_nps = fields.Integer(
        "NPS up to", default=4, help="Of 10. From here down an answer is a bad one."
    )
    bad_csat = fields.Integer("Satisfaction up to", default=2, help="Of 5.")
    bad_ces = fields.Integer("Ease up to", default=2, help="Of 7.")
    pause_days = fields.Integer(
        "Reminders wait", default=7, help="Days, after a bad answer. 0: they go on."
    )
    asked_count = fields.Integer("Asked", compute="_compute_counts")
    answered_count = fields.Integer("Answered", compute="_compute_counts")

    _days = models.Constraint(
        "CHECK (delay_days >= 0 AND cooling_days >= 0 AND reminder_days >= 0 AND pause_days >= 0)",
        "Days are counted from 0.",
    )
    _share_range = models.Constraint(
        "CHECK (share >= 0 AND share <= 100)", "The share is between 0 and 100 %."
    )

    # ------------------------------------------------------------------ computed, constraints

    def _compute_counts(self):
        asked = self.env["survey.user_input"]._read_group(
            [("credit_rule_id", "in", self.ids)], ["credit_rule_id"],
            ["__count", "credit_answered_on:count"],
        )
        counts = {rule.id: numbers for rule, *numbers in asked}
        for rule in self:
            rule.asked_count, rule.answered_count = counts.get(rule.id, (0, 0))

    @api.constrains("expire_days", "reminder_days")
    def _check_days(self):
        for rule in self:
            if rule.expire_days < 1 or rule.reminder_days >= rule.expire_days:
                raise ValidationError(self.env._(
                    "The link must be open longer than until the reminder of “%(rule)s”.",
                    rule=rule.name,
                ))

    @api.constrains("survey_id")
    def _check_survey(self):
        for rule in self:
            if rule.survey_id.sudo().survey_type != "credit":
                raise ValidationError(self.env._(
                    "Choose a survey of Credit Care: who may read the answers depends on it."
                ))

    # ------------------------------------------------------------------ what ships

    @api.model
    def _provide(self, companies):
        """The rules that ship, switched off, for each company that has none."""
        rules = self.sudo().with_context(active_test=False)
        have = rules.search([("company_id", "in", companies.ids)]).company_id
        shipped = rules.browse(self.env["ir.model.data"].sudo().search([
            ("module", "=", "account_credit_care"), ("model", "=", self._name),
        ]).mapped("res_id")).exists().sorted()
        for company in companies - have:
            for rule in shipped:
                rule.copy({"company_id": company.id, "active": True})

    @api.model
    def _provide_all(self):
        # companies are few, and each of them is meant
        # pylint: disable-next=no-search-all
        self._provide(self.env["res.company"].sudo().search([]))

    def _get_limits(self):
        """The highest bad answer of each metric."""
        return {"nps": self.bad_nps, "csat": self.bad_csat, "ces": self.bad_ces}

    # ------------------------------------------------------------------ screen

    def action_start(self):
        """From today on; nobody is asked about the past."""
        for rule in self._checked().filtered(lambda rule: rule.state == "draft"):
            if not rule.survey_id._get_first_question():
                raise UserError(self.env._(
                    "“%(survey)s” measures nothing: say on one of its questions what it measures.",
                    survey=rule.survey_id.title,
                ))
            rule.write({"state": "active", "started_on": rule.company_id._credit_today()})
        return True

    def action_stop(self):
        """Nobody is asked any more; who was asked may still answer."""
        self._checked().write({"state": "draft"})
        return True

    def action_open_answers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.survey_user_input_action"
        )
        return action | {"domain": [("credit_rule_id", "=", self.id)], "context": {}}

    def _checked(self):
        self.check_access("write")
        return self.sudo()
