from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..domain.money import to_units
from ..domain.policy import StepSpec
from ..domain.rules import Step
from .credit_policy import PRESSURES

CHANNELS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("letter", "Letter"),
    ("phone", "Phone call"),
    ("none", "No contact"),
]


class CreditPolicyLevel(models.Model):
    """One contact of a policy, and nothing else: thresholds stand on the policy."""

    _name = "credit.policy.level"
    _description = "Credit policy level"
    _order = "policy_id, delay_days, id"

    policy_id = fields.Many2one("credit.policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="policy_id.company_id.currency_id")
    sequence = fields.Integer(compute="_compute_sequence", store=True)
    name = fields.Char(required=True, translate=True)
    delay_days = fields.Integer(
        "Days after due", required=True, help="Negative: days before the due date."
    )
    channel = fields.Selection(CHANNELS, required=True, default="email")
    fallback = fields.Selection(
        [("email", "E-mail"), ("letter", "Letter"), ("activity", "Activity")],
        "If not reachable", required=True, default="activity",
        help="What happens when the debtor has no address for the channel.",
    )
    executor = fields.Selection(
        [("own", "Own staff"), ("agency", "Agency, in our name")], required=True, default="own"
    )
    agency_days = fields.Integer(
        "Days for the agency", default=7,
        help="So long nobody else asks; then the case goes on in the house by itself.",
    )
    pressure = fields.Selection(PRESSURES, required=True, default="gentle")
    mail_template_id = fields.Many2one(
        "mail.template", "Text", domain="[('model', '=', 'credit.action')]", ondelete="restrict",
        help="Text of the e-mail or letter.",
    )
    sms_template_id = fields.Many2one(
        "sms.template", "SMS text", domain="[('model', '=', 'credit.action')]", ondelete="restrict"
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type", "Kind of activity", ondelete="restrict"
    )
    activity_role = fields.Selection(
        [
            ("controller", "Controller"),
            ("salesperson", "Salesperson"),
            ("manager", "Credit manager"),
        ],
        "Who calls", required=True, default="controller",
    )
    script = fields.Html(
        translate=True, help="What to say, shown to whoever calls."
    )
    is_dunning = fields.Boolean(
        "Reminder", compute="_compute_is_dunning", store=True, readonly=False,
        help="A courtesy contact is no reminder.",
    )
    automatic = fields.Boolean(
        default=True, help="Off: planned messages wait in a list until somebody sends them."
    )
    attach_invoices = fields.Boolean(
        "Attach the invoices", default=True,
        help="The PDF of each invoice, where one exists already.",
    )
    min_amount = fields.Monetary(
        "From amount", help="Taken only when at least this is overdue in all (or coming due)."
    )
    late_payers_only = fields.Boolean(
        "Only late payers", help="Only debtors who have paid late before."
    )

    # deferred: while a table is written row by row, two rows may pass through the same day
    _day_once = models.Constraint(
        "UNIQUE (policy_id, delay_days) DEFERRABLE INITIALLY DEFERRED",
        "Two levels of a policy cannot come on the same day. Give each level a day of its own.",
    )
    _amount_positive = models.Constraint(
        "CHECK (coalesce(min_amount, 0) >= 0)", "The amount of a level cannot be negative."
    )

    _agency_days_positive = models.Constraint(
        "CHECK (executor != 'agency' OR agency_days > 0)",
        "Give the agency a day at least for its call.",
    )

    @api.depends("delay_days", "policy_id.level_ids.delay_days")
    def _compute_sequence(self):
        for level in self:
            siblings = level.policy_id.level_ids.mapped("delay_days")
            level.sequence = 1 + sum(day < level.delay_days for day in siblings)

    @api.depends("delay_days")
    def _compute_is_dunning(self):
        for level in self:
            level.is_dunning = level.delay_days > 0

    @api.constrains(
        "policy_id", "delay_days", "channel", "fallback", "mail_template_id", "sms_template_id"
    )
    def _check_table(self):
        """Of a table that is written in one, the first rows may be in each other's way; the policy
        looks when all are there."""
        if not self.env.context.get("credit_table_as_a_whole"):
            self.policy_id._check_configuration()

    @api.constrains("executor", "channel")
    def _check_executor(self):
        for level in self:
            if level.executor == "agency" and level.channel != "phone":
                raise ValidationError(self.env._(
                    "“%(level)s”: an agency calls in our name, it does not write. Choose the phone"
                    " call, or own staff.", level=level.name,
                ))

    @api.constrains("mail_template_id", "sms_template_id")
    def _check_templates(self):
        for level in self:
            for template in (level.mail_template_id, level.sms_template_id):
                if template and template.sudo().model != "credit.action":
                    raise ValidationError(
                        self.env._(
                            "“%(level)s”: the text “%(template)s” is written for something else"
                            " than reminders. Choose one made for credit actions.",
                            level=level.name, template=template.sudo().name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create(vals_list)
        levels.policy_id._recheck_cases()
        return levels

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"policy_id", "delay_days", "channel", "min_amount", "late_payers_only"}:
            self.policy_id._recheck_cases()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["credit.action"].sudo().search([("level_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "“%(level)s” has been used (%(debtor)s, for one): its history would be lost."
                    " Archive the policy and copy it, or change the level's text and day.",
                    level=used.level_id.name, debtor=used.case_id.partner_id.display_name,
                )
            )

    def _to_step(self, currency):
        return Step(
            key=self.id,
            day=self.delay_days,
            contact=self.channel != "none",
            min_amount=to_units(self.min_amount, currency.rounding),
            late_payers_only=self.late_payers_only,
        )

    def _to_spec(self):
        texts = {
            "email": self.mail_template_id, "letter": self.mail_template_id,
            "sms": self.sms_template_id,
        }
        return StepSpec(
            self.delay_days, self.channel, bool(texts.get(self.channel)), self.fallback,
            bool(texts.get(self.fallback)),
        )

    def _is_agency_call(self, channel):
        """Whether this step, on the channel on which the debtor is reached, is a call that an
        agency makes in our name: what cannot be called at all stays with the house."""
        return self.executor == "agency" and channel == "phone"

    def _to_mark(self):
        """What the time line shows of it."""
        labels = {
            name: dict(self._fields[name]._description_selection(self.env)).get(self[name], "")
            for name in ("channel", "pressure")
        }
        return {
            "day": self.delay_days, "name": self.name or "",
            "channel": self.channel, "channel_name": labels["channel"],
            "pressure": self.pressure, "pressure_name": labels["pressure"],
            "automatic": self.automatic, "agency": self.executor == "agency",
        }
