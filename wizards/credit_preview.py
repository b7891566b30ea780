from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ..models.windows import open_record

LISTED = 5000  # messages in the list; the figures count all
FURTHEST = 366


class CreditPreview(models.TransientModel):
    """What the next night, or any later day, will do. Writes nothing but itself."""

    _name = "credit.preview"
    _inherit = "credit.window"
    _description = "Preview of the night"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy_id = fields.Many2one("credit.policy", check_company=True)
    policy_state = fields.Selection(related="policy_id.state")
    do_nothing = fields.Boolean(related="policy_id.do_nothing")
    start = fields.Date("Next night", readonly=True)
    until = fields.Date("Day", required=True)
    only_day = fields.Boolean(
        "Only that day", default=True, help="Off: all nights up to that day."
    )
    line_ids = fields.One2many("credit.preview.line", "preview_id", readonly=True)
    figures = fields.Json(readonly=True)
    message_count = fields.Integer(compute="_compute_summary")
    summary = fields.Html(compute="_compute_summary", sanitize=False)
    bank_note = fields.Char(compute="_compute_notes")
    waiting_count = fields.Integer(compute="_compute_notes")
    can_activate = fields.Boolean(compute="_compute_can_activate")

    # ------------------------------------------------------------------ computed

    @api.depends("policy_id")
    def _compute_display_name(self):
        for preview in self:
            preview.display_name = self.env._(
                "Preview: %(policy)s",
                policy=preview.policy_id.name or self.env._("all active policies"),
            )

    @api.depends("figures")
    @api.depends_context("lang")
    def _compute_summary(self):
        for preview in self:
            figures = preview.figures or {"rows": [], "notices": {}}
            preview.message_count = sum(row["count"] for row in figures["rows"])
            preview.summary = self.env["ir.qweb"]._render(
                "account_credit_care.preview_summary", preview._prepare_summary(figures)
            )

    @api.depends("company_id", "policy_id")
    def _compute_notes(self):
        for preview in self:
            preview.bank_note = preview.company_id.sudo()._credit_bank_note()
            preview.waiting_count = self.env["credit.action"].search_count(
                preview._get_waiting_domain()
            )

    @api.depends("policy_state")
    def _compute_can_activate(self):
        is_manager = self.env.user.has_group("account_credit_care.group_credit_manager")
        for preview in self:
            preview.can_activate = is_manager and preview.policy_state == "draft"

    def _get_waiting_domain(self):
        domain = [
            ("company_id", "=", self.company_id.id), ("state", "=", "planned"),
            ("kind", "=", "reminder"),
        ]
        if self.policy_id:
            domain.append(("case_id.policy_id", "=", self.policy_id.id))
        return domain

    # ------------------------------------------------------------------ buttons

    @api.model
    def _open(self, policy=None):
        """The preview of one policy, or of all active ones, on the next night."""
        company = policy.company_id if policy else self.env.company
        preview = self.create({
            "company_id": company.id, "policy_id": policy and policy.id,
            "until": company._credit_today(),
        })
        preview.action_next_night()
        return open_record(preview, name=preview.display_name)

    def action_next_night(self):
        return self._look_at(0)

    def action_in_a_week(self):
        return self._look_at(7)

    def action_in_a_month(self):
        return self._look_at(30)

    def _look_at(self, days):
        """So many days after the next night, or on the first day after it with contacts."""
        night = self.env["credit.forecast"]._next_night(self.company_id) + timedelta(days=days)
        closed = self._get_closed_days(night)
        self.until = next(
            day for day in (night + timedelta(days=n) for n in range(len(closed) + 1))
            if day not in closed
        )
        return self.action_compute()

    def _get_closed_days(self, day):
        """Days from ``day`` on, for two weeks, on which none of the policies contacts anybody."""
        policies = self.policy_id.sudo() or self.env["credit.policy"].sudo().search([
            ("company_id", "=", self.company_id.id), ("state", "=", "active"),
        ])
        closed = [policy._get_closed_days(day, 14) for policy in policies]
        return frozenset.intersection(*closed) if closed else frozenset()

    def action_compute(self):
        """Fills figures and list; again after each change of day or policy."""
        self.ensure_one()
        self._check_allowed()
        plans, notices = self.env["credit.forecast"].sudo().with_company(
            self.company_id
        )._preview(self.company_id, self.until, policy=self.policy_id.sudo())
        if self.only_day:
            plans = [plan for plan in plans if plan.day == self.until]
            notices = [notice for notice in notices if notice.day == self.until]
        channels = self._read_channels(plans)
        going = self.env["credit.forecast"].sudo().with_company(
            self.company_id
        )._preview_placements(self.company_id, self.until, policy=self.policy_id.sudo())
        self.figures = self._prepare_figures(plans, channels, notices) | {
            "going": self._prepare_going(going), "listed": min(len(plans), LISTED),
        }
        self._list(plans, channels)
        return True

    def _check_allowed(self):
        self.check_access("write")
        if not self.env.user.has_group("account_credit_care.group_credit_user"):
            raise AccessError(self.env._("Only credit users see the preview."))
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Switch to this company first."))
        self.start = self.env["credit.forecast"]._next_night(self.company_id)
        if not self.start <= self.until <= self.start + timedelta(days=FURTHEST):
            raise UserError(
                self.env._(
                    "Choose a day from the next night (%(day)s) to a year after.",
                    day=format_date(self.env, self.start),
                )
            )

    def action_activate(self):
        self.policy_id.action_activate()
        return True

    def action_open_lines(self):
        """All messages, by level, to be searched and summed."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_preview_line_action"
        ) | {"domain": [("preview_id", "=", self.id)]}

    def action_open_waiting(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_action_action"
        ) | {"domain": self._get_waiting_domain(), "context": {}}

    # ------------------------------------------------------------------ the list

    def _read_channels(self, plans):
        """The channel of each plan: the level's, or its fallback for who cannot be reached."""
        levels = self.env["credit.policy.level"].sudo()
        by_level = defaultdict(set)
        for plan in plans:
            by_level[plan.step.key].add(plan.partner_id)
        channels = {}
        for level_id, partner_ids in by_level.items():
            level = levels.browse(level_id)
            reach = self.env["credit.channel"].sudo()._resolve(
                [(partner_id, level) for partner_id in partner_ids], self.company_id
            )
            for partner_id, target in reach.items():
                channels[level_id, partner_id] = target.channel
        return [channels[plan.step.key, plan.partner_id] for plan in plans]

    def _list(self, plans, channels):
        """One row a message, in two statements however many there are."""
        self.env.flush_all()
        self.env.execute_query(SQL(
            "DELETE FROM credit_preview_line WHERE preview_id = %s RETURNING id", self.id
        ))
        rows = [
            (rank, plan.day, plan.partner_id, plan.policy_id, plan.step.key, channel, plan.amount,
             plan.item_count)
            for rank, (plan, channel) in enumerate(zip(plans, channels, strict=True))
        ][:LISTED]
        if rows:
            now = fields.Datetime.now()
            self.env.execute_query(SQL(
                """INSERT INTO credit_preview_line (
                       preview_id, sequence, day, partner_id, policy_id, level_id, channel, amount,
                       item_count, create_uid, create_date, write_uid, write_date)
                   SELECT %s, v.*, %s, %s, %s, %s
                     FROM unnest(%s::int[], %s::date[], %s::int[], %s::int[], %s::int[],
                                 %s::varchar[], %s::numeric[], %s::int[]) AS v
                RETURNING id""",
                self.id, self.env.uid, now, self.env.uid, now,
                *[list(column) for column in zip(*rows, strict=True)],
            ))
        self.invalidate_recordset(["line_ids"])
