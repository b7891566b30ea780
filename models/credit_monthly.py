import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang

from ..domain.cohorts import MIN_CASES
from ..domain.money import from_units


class CreditMonthly(models.Model):
    """The report of a month as a document: for the owner what the page shows, for an agency its
    own results and nothing of anybody else's. It is kept as it was made."""

    _name = "credit.monthly"
    _description = "Monthly report"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "first_on desc, mandate_id, id"
    _mail_post_access = "read"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True,
        default=lambda self: self.env.company,
    )
    mandate_id = fields.Many2one(
        "credit.mandate", readonly=True, index="btree_not_null", ondelete="restrict",
        help="Empty: the report for the owner.",
    )
    agency_id = fields.Many2one(related="mandate_id.agency_id", string="Agency", store=True)
    first_on = fields.Date("From", required=True, readonly=True)
    last_on = fields.Date("Until", required=True, readonly=True)
    pdf = fields.Binary("Document", attachment=True, readonly=True)
    pdf_name = fields.Char(compute="_compute_pdf_name")
    sent_on = fields.Date("Sent on", readonly=True)

    _once_owner = models.UniqueIndex(
        "(company_id, first_on) WHERE mandate_id IS NULL", "This month has its report already."
    )
    _once_agency = models.UniqueIndex(
        "(mandate_id, first_on) WHERE mandate_id IS NOT NULL",
        "This month has its report for the agency already.",
    )

    @api.depends("first_on", "mandate_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            report.display_name = " · ".join(filter(None, (
                report._name_month(),
                report.mandate_id.agency_id.sudo().name or self.env._("For the owner"),
            )))

    def _name_month(self):
        return format_date(self.env, self.first_on, date_format="MMMM yyyy")

    @api.depends("first_on", "mandate_id")
    @api.depends_context("lang")
    def _compute_pdf_name(self):
        for report in self:
            report.pdf_name = f"{report.display_name.rstrip('.')}.pdf"

    # ------------------------------------------------------------------ made

    @api.model
    def _cron_make(self):
        """On the first night of a month the reports of the last one, once; what could not be made
        or sent is met again by the next night."""
        run = self.env["credit.run"]
        for company in run._get_companies().filtered("credit_monthly_user_ids"):
            own = self.with_company(company)
            last = company._credit_today().replace(day=1) - timedelta(days=1)
            first = last.replace(day=1)
            own._make_missing(company, first, last)
            made = own.search([("company_id", "=", company.id), ("first_on", "=", first)])
            run._isolated(made.filtered(lambda r: not r.pdf), lambda reports: reports._render())
            run._isolated(
                made.filtered(lambda r: r.pdf and not r.mandate_id and not r.sent_on),
                lambda reports: reports._send(),
            )
            self.env["ir.cron"]._commit_progress(len(made))

    def _make_missing(self, company, first, last):
        """Reports of the month that are not there yet: the owner's, and those of agencies that
        had something."""
        placements = self.env["credit.placement"].sudo()
        mandates = placements._read_group([
            ("company_id", "=", company.id), ("sent_on", "<=", last),
            "|", ("ended_on", "=", False), ("ended_on", ">=", first),
        ], ["mandate_id"])
        there = self.sudo().search([("company_id", "=", company.id), ("first_on", "=", first)])
        wanted = [self.env["credit.mandate"], *(mandate for [mandate] in mandates)]
        return self.sudo().create([
            {
                "company_id": company.id, "first_on": first, "last_on": last,
                "mandate_id": mandate.id,
            } for mandate in wanted if mandate not in there.mapped("mandate_id")
            and (mandate or all(report.mandate_id for report in there))
        ])

    def _render(self):
        for report in self:
            reports = self.env["ir.actions.report"].sudo()
            content, _kind = reports.with_context(lang=report._get_lang())._render_qweb_pdf(
                "account_credit_care.credit_monthly_report", report.ids
            )
            report.pdf = base64.b64encode(content)

    def _get_lang(self):
        """The reader's language: the night that makes the report has none."""
        reader = self.agency_id or self.company_id.credit_monthly_user_ids[:1].partner_id
        return reader.lang or self.company_id.partner_id.lang or self.env.lang

    @api.model
    def action_make_last_month(self):
        """By hand: what the night would make on the first of the month."""
        self._check_manager()
        company = self.env.company
        last = company._credit_today().replace(day=1) - timedelta(days=1)
        self._make_missing(company, last.replace(day=1), last)._render()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_monthly_action"
        )

    # ------------------------------------------------------------------ sent

    def action_send(self):
        self._check_manager()
        self.check_access("read")
        self.sudo()._send()
        return True

    def _send(self):
        """The owner's to the people chosen in the settings, an agency's to the agency."""
        for found in self:
            report = found.with_context(lang=found._get_lang())
            to = report.agency_id or report.company_id.credit_monthly_user_ids.partner_id
            if not to.filtered("email"):
                raise UserError(self.env._(
                    "Nobody with an e-mail address gets this report. Choose people in the settings,"
                    " or enter the address of the agency."
                ))
            if not report.pdf:
                report._render()
            attachment = self.env["ir.attachment"].sudo().create({
                "name": report.pdf_name, "datas": report.pdf, "res_model": report._name,
                "res_id": report.id, "mimetype": "application/pdf",
            })
            report.message_post(
                partner_ids=to.ids,
                subject=report.env._("Credit report %(month)s", month=report._name_month()),
                body=report.env._("The report of the month is attached."),
                attachment_ids=attachment.ids, subtype_xmlid="mail.mt_comment",
            )
            report.sent_on = report.company_id._credit_today()

    def _check_manager(self):
        if not self.env.user.has_group("account_credit_care.group_credit_manager"):
            raise AccessError(self.env._("Only a credit manager makes and sends reports."))

    # ------------------------------------------------------------------ what it says

    def _get_document(self):
        """What the document shows: the month beside the twelve months up to it."""
        self.ensure_one()
        self.check_access("read")  # reports are opened by number
        report = self.sudo()
        company = report.company_id
        engine = self.env["credit.figures"].sudo().with_company(company)
        year, _last = engine._get_period(report.last_on, 12)
        if report.mandate_id:
            return {
                "month": report._get_own_month(), "league": report._get_own_lines(engine, year),
                "feedback": report._get_feedback(),
            }
        spans = [(report.first_on, report.last_on), (year, report.last_on)]
        halves = [
            engine._get_money(company, *span) | engine._get_customers(company, *span)
            for span in spans
        ]
        hands = engine._get_hands(company, year, report.last_on)
        return {
            "rows": [
                {"title": title, "values": [report._say(half.get(code)) for half in halves],
                 "basis": halves[1][code]["basis"]}
                for code, title in report._get_titles() if code in halves[1]
            ],
            "stages": halves[1]["stages"], "recovery": halves[1]["recovery"],
            "reasons": halves[1]["reasons"], "failures": halves[1]["failures"],
            "ageing": halves[1].get("ageing"),
            "league": hands["agencies"]["lines"], "sentences": hands["together"]["sentences"],
        }

    def _get_feedback(self):
        """What customers said of the agency, once enough of them have: never what one said."""
        found = self.env["credit.feedback.report"]._get_agency_feedback(self.mandate_id)
        return list(found[self.mandate_id].values())

    def _get_own_month(self):
        """What the agency was given in the month, what came in, and what it had at the end."""
        placements = self.env["credit.placement"].search([
            ("mandate_id", "=", self.mandate_id.id), ("sent_on", "<=", self.last_on),
            "|", ("ended_on", "=", False), ("ended_on", ">=", self.first_on),
        ])
        given = placements.filtered(lambda one: one.sent_on >= self.first_on)
        left = placements.filtered(lambda one: not one.ended_on or one.ended_on > self.last_on)
        units = sum(
            units for receipts in placements._read_cash_since().values()
            for day, units in receipts if self.first_on <= day <= self.last_on
        )
        received = from_units(units, self.company_id.currency_id.rounding)
        return [
            (self.env._("Placed in the month"), len(given), sum(given.mapped("amount"))),
            (self.env._("Received in the month"), None, received),
            (self.env._("With you at the end of it"), len(left), sum(left.mapped("amount"))),
        ]

    def _get_own_lines(self, engine, first):
        """The agency's own line. What it would be compared with tells of the others, so it is left
        out of the document."""
        found = engine._get_hands(self.company_id, first, self.last_on)["agencies"]
        return [line for line in found["lines"] if line["id"] == self.agency_id.id]

    def _get_titles(self):
        return [
            ("ageing", self.env._("Open receivables")),
            ("dso", self.env._("Days sales outstanding")),
            ("average_days_late", self.env._("Average days late")),
            ("cei", self.env._("Collection effectiveness")),
            ("allowance", self.env._("Bad-debt allowance")),
            ("recovery", self.env._("Recovered within 90 days")),
            ("kept", self.env._("Customers who ordered again")),
            ("lost", self.env._("Customers lost")),
            ("again", self.env._("In default again")),
            ("legal", self.env._("Went to a lawyer")),
            ("satisfaction", self.env._("Satisfied with how we asked")),
            ("promises_kept", self.env._("Promises kept")),
            ("plans_kept", self.env._("Plans kept")),
        ]

    def _say(self, figure):
        """A figure in words, never a bare percentage of a few."""
        if not figure or figure["value"] is None:
            return "–"
        value, n = figure["value"], figure["n"]
        if figure["unit"] == "money":
            return self.company_id.currency_id.format(value)
        if figure["unit"] == "days":
            return self.env._("%(days)s days", days=formatLang(self.env, value, digits=1))
        if figure["unit"] == "count":
            return str(value)
        if "low" in figure:
            return self._say_share(figure)
        few = self.env._("too few to rely on") if n < MIN_CASES else ""
        parts = self._say_percent(value), self.env._("n = %(n)s", n=n), few
        return " · ".join(filter(None, parts))

    def _say_percent(self, share):
        return f"{100 * share:.0f} %"

    def _say_share(self, estimate):
        """“62 % (51 % – 72 %) of 80”, and of a few “2 of 3”, with the interval all the same."""
        if not estimate:
            return "–"
        n = estimate["n"]
        values = {
            "n": n, "hits": round(estimate["value"] * n),
            **{name: self._say_percent(estimate[name]) for name in ("value", "low", "high")},
        }
        if n < MIN_CASES:
            return self.env._("%(hits)s of %(n)s (%(low)s – %(high)s)", **values)
        return self.env._("%(value)s of %(n)s (%(low)s – %(high)s)", **values)
