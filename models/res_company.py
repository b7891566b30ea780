from datetime import datetime

import pytz

from odoo import api, fields, models

from ..domain.freshness import is_stale
from ..domain.portfolio import LEAST

COLLEAGUES = "base.group_user"  # companies are read by everybody, customers and agencies as well


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_controller_id = fields.Many2one(
        "res.users", "Credit controller",
        domain="[('share', '=', False), ('company_ids', 'in', id)]", groups=COLLEAGUES,
        help="Signs the messages where the policy names nobody else.",
    )
    credit_bank_fresh_days = fields.Integer(
        "Bank entries at most", default=5, groups=COLLEAGUES,
        help="Days without a bank or cash entry after which nothing is sent; 0: never mind.",
    )
    credit_debit_method_ids = fields.Many2many(
        "account.payment.method.line", string="Direct debit methods",
        relation="credit_company_debit_method_rel", groups=COLLEAGUES,
        help="Items to be collected by these methods wait the policy's days before a reminder.",
    )
    credit_minimum_per_head = fields.Monetary(
        "Protected minimum a head", default=500.0, groups=COLLEAGUES,
        help="What each person of a household needs a month: no plan asks for it.",
    )
    credit_write_off_account_id = fields.Many2one(
        "account.account", "Account of write-offs", check_company=True, groups=COLLEAGUES,
        help="Where the rest of a settlement goes once all that was agreed has been paid.",
    )
    credit_fee_account_id = fields.Many2one(
        "account.account", "Account of agencies' fees", check_company=True, groups=COLLEAGUES,
        help="On the draft bill of a fee statement, where the mandate names no product.",
    )
    credit_monthly_user_ids = fields.Many2many(
        "res.users", "credit_company_monthly_rel", string="Monthly report to",
        domain="[('share', '=', False)]", groups=COLLEAGUES,
        help="On the first night of a month the report of the last one is made and sent to them.",
    )
    credit_post_letters = fields.Boolean(
        "Post letters", groups=COLLEAGUES,
        help="Letters are printed and posted by Odoo's postal service (credits).",
    )
    credit_dashboard_kept = fields.Json(
        "Dashboard of the night", groups="account_credit_care.group_credit_user", prefetch=False,
        copy=False,
    )
    credit_rebuild_from = fields.Date(
        "Figures anew from", groups="account_credit_care.group_credit_manager", copy=False,
        help="The first of the past days whose figures the scheduler still has to take again.",
    )
    credit_rebuild_until = fields.Date(
        "Figures anew until", groups="account_credit_care.group_credit_manager", copy=False,
    )
    credit_feedback_minimum = fields.Integer(
        "Answers at least", default=5, groups=COLLEAGUES,
        help="Below it an agency sees no figure about itself: it could guess who has answered.",
    )

    _credit_feedback_least = models.Constraint(
        f"CHECK (credit_feedback_minimum >= {LEAST})",
        "An agency sees figures of three customers at least: of fewer it would know who said what.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Each company has the buckets of its ageing, and the survey rules that ship."""
        companies = super().create(vals_list)
        for company in companies:
            self.env["credit.allowance.rate"]._provide(company)
        self.env["credit.survey.rule"]._provide(companies)
        return companies

    def _credit_today(self):
        """Today where the company is; with a frozen clock the frozen day."""
        self.ensure_one()
        today = pytz.utc.localize(fields.Datetime.now()).astimezone(self._credit_zone())
        return datetime.date(today)

    def _credit_zone(self):
        return pytz.timezone(self.resource_calendar_id.tz or self.partner_id.tz or "UTC")

    def _credit_is_stale(self, today=None):
        """Whether the bank is too old to remind anybody (see ``domain/freshness.py``)."""
        today = today or self._credit_today()
        last = self.env["credit.ledger"]._last_bank_entry(self, today)
        return is_stale(last, self.credit_bank_fresh_days, today)

    def _credit_bank_note(self):
        """The sentence for whoever wonders why nothing leaves, or False."""
        today = self._credit_today()
        if not self._credit_is_stale(today):
            return False
        last = self.env["credit.ledger"]._last_bank_entry(self, today)
        if not last:
            return self.env._(
                "No bank or cash entry yet: reminders are planned and not sent, so that nobody is"
                " reminded of what he has paid. Book the bank, then they leave by themselves."
            )
        return self.env._(
            "The last bank or cash entry is of %(day)s: reminders are planned and not sent, so that"
            " nobody is reminded of what he has paid. Book the bank, then they leave by"
            " themselves.",
            day=fields.Date.to_string(last),
        )
