import base64
from datetime import date

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .agency_common import AgencyCommon
from .care_common import CareCommon
from .common import day


@tagged("post_install", "-at_install")
class TestMonthly(AgencyCommon, CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Monthly = cls.env["credit.monthly"]
        cls.agency.email = "office@angels.example"

    def _make(self, user=None):
        with self.at():
            self.Monthly.with_user(user or self.manager).with_context(
                allowed_company_ids=self.company.ids
            ).action_make_last_month()
        return self.Monthly.search([("company_id", "=", self.company.id)])

    def _html(self, report):
        with self.at():
            content, _kind = self.env["ir.actions.report"].sudo()._render_qweb_html(
                "account_credit_care.credit_monthly_report", report.ids
            )
        return content.decode()

    def test_the_month_is_made_once(self):
        self._overdue(-150, 1000.0, (-100, 400.0))
        report = self._make()
        self.assertEqual(
            (report.first_on, report.last_on, report.mandate_id.id),
            (date(2026, 2, 1), date(2026, 2, 28), False),
        )
        self.assertTrue(base64.b64decode(report.pdf))
        self.assertEqual(self._make(), report)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            report.sudo().copy()

    def test_nobody_else_reads_it_by_its_number(self):
        """Core opens a report for whoever is logged in: the document asks for the right itself."""
        self._overdue(-150, 1000.0, (-100, 400.0))
        report = self._make()
        employee = new_test_user(
            self.env, "employee", "base.group_user", company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for user in (employee, self.salesperson, self.qualified.user_id):
            reports = self.env["ir.actions.report"].with_user(user)
            self.env.invalidate_all()
            with self.at(), self.subTest(user=user.login), self.assertRaises(AccessError):
                reports._render_qweb_html(
                    "account_credit_care.report_credit_monthly", report.ids
                )

    def test_the_owner_reads_what_the_page_shows(self):
        self._overdue(-150, 1000.0, (-100, 400.0))
        html = self._html(self._make())
        for text in ("February 2026", "40 %", "n = 1", "too few to rely on", "Before anybody"):
            self.assertIn(text, html)

    def test_the_agency_reads_of_itself_and_of_nobody_else(self):
        stern = self.env["res.partner"].create({"name": "Stern Ltd", "is_company": True})
        other = self._create_mandate(name="Second", agency_id=stern.id)
        for number, mandate in enumerate((self.mandate, other)):
            debtor = self._create_debtor(f"Secret{number}")
            items = self._overdue(-200, 500.0, (-120, 321.0), partner=debtor)
            note = self.env["credit.handover"].sudo().create({
                "case_id": items.case_id.id, "user_id": self.salesperson.id, "state": "submitted",
            })
            self.env["credit.placement"].sudo().create({
                "case_id": items.case_id.id, "handover_id": note.id, "mandate_id": mandate.id,
                "state": "sent", "sent_on": day(-150), "age": 50,
                "line_ids": [(0, 0, {
                    "item_id": items.id, "amount": 500.0, "amount_company": 500.0,
                })],
            })
        reports = self._make()
        self.assertEqual(reports.agency_id, self.agency | stern)
        html = self._html(reports.filtered(lambda report: report.agency_id == self.agency))
        self.assertIn("Credit Angels", html)
        self.assertIn("321", html)
        self.assertIn("With you at the end of it", html)
        self.assertIn("Too few customers have answered", html)
        for text in ("Stern", "Secret", "Before anybody asked", "Expected"):
            self.assertNotIn(text, html)

    def test_the_night_makes_and_sends_it_where_somebody_wants_it(self):
        self._overdue(-150, 1000.0)
        self._tick("credit.monthly", "_cron_make")
        self.assertFalse(self.Monthly.search([]))
        self.company.credit_monthly_user_ids = self.manager
        for _night in range(2):
            self._tick("credit.monthly", "_cron_make")
        report = self.Monthly.search([("company_id", "=", self.company.id)])
        self.assertDay(report.sent_on, 0)
        [message] = report.message_ids.filtered("attachment_ids")
        self.assertEqual(message.partner_ids, self.manager.partner_id)

    def test_a_report_that_cannot_be_sent_is_somebodys_task(self):
        self.manager.partner_id.email = False
        self.company.credit_monthly_user_ids = self.manager
        with mute_logger("odoo.addons.account_credit_care.models.credit_run"):
            for _night in range(2):
                self._tick("credit.monthly", "_cron_make")
        report = self.Monthly.search([("company_id", "=", self.company.id)])
        self.assertFalse(report.sent_on)
        self.assertEqual(len(report.activity_ids), 1)

    def test_it_speaks_the_language_of_its_reader(self):
        """The night has no language of its own."""
        self.env["res.lang"]._activate_lang("it_IT")
        self.manager.partner_id.lang = "it_IT"
        self.company.credit_monthly_user_ids = self.manager
        report = self._make()
        self.assertEqual(report._get_lang(), "it_IT")
        with self.at():
            report.sudo().with_context(lang=None)._send()
        [message] = report.message_ids.filtered("attachment_ids")
        self.assertEqual(message.subject, "Rapporto crediti febbraio 2026")
        self.assertEqual(message.attachment_ids.name, "febbraio 2026 · Per il titolare.pdf")

    def test_who_has_no_address_is_said(self):
        report = self._make()
        with self.at(), self.assertRaisesRegex(UserError, "Choose people"):
            report.with_user(self.manager).action_send()

    def test_only_managers_make_and_send_it(self):
        report = self._make()
        for user in (self.controller, self.salesperson, self.plain.user_id):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    report.with_user(user).action_send()
                with self.assertRaises(AccessError):
                    self._make(user)
        self.assertTrue(report.with_user(self.controller).pdf_name)
        for user in (self.salesperson, self.plain.user_id):
            with self.assertRaises(AccessError):
                report.with_user(user).read(["pdf"])


@tagged("post_install", "-at_install")
class TestDigest(CareCommon):
    def _read(self, user, name, first=-30, last=0):
        digest = self.env.ref("digest.digest_digest_default").sudo()
        digest.company_id = self.company
        digest.invalidate_recordset([name])
        with self.at():
            return digest.with_user(user).with_company(self.company).with_context(
                start_datetime=day(first), end_datetime=day(last)
            )[name]

    def test_two_figures_go_with_the_mail(self):
        self._overdue(-60, 900.0, (-20, 300.0), (-40, 100.0))
        self.assertEqual(self._read(self.controller, "kpi_credit_recovered_value"), 300)
        # 500 open, of 900 invoiced on the 90 days before
        self._create_due(-10, 1000.0)
        value = self._read(self.controller, "kpi_credit_dso_value")
        self.assertAlmostEqual(value, 1500 / 1000 * 90, delta=0.01)

    def test_a_day_is_in_one_of_two_mails_that_follow_each_other(self):
        """Core compares the span from a day to another with the one that ends on the first."""
        self._overdue(-60, 900.0, (-14, 10.0), (-13, 20.0), (-7, 40.0), (-6, 80.0), (0, 160.0))
        spans = [
            self._read(self.controller, "kpi_credit_recovered_value", first, last)
            for first, last in ((-7, 0), (-14, -7))
        ]
        self.assertEqual(spans, [240, 60])

    def test_who_is_no_credit_user_gets_the_mail_without(self):
        for name in ("kpi_credit_dso_value", "kpi_credit_recovered_value"):
            with self.subTest(name), self.assertRaises(AccessError):
                self._read(self.salesperson, name)
