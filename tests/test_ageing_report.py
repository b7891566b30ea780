from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import TODAY, day
from .figures_common import FiguresCommon, Invoice, Part

DIMENSIONS = ("policy_id", "salesperson_id", "segment_id", "agency_id", "reason_id", "bucket_id")


class TestAgeingReport(FiguresCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.industry = cls.env["res.partner.industry"].create({"name": "Ceramics"})
        cls.debtor.industry_id = cls.industry
        cls.reason = cls.env["credit.reason"].search([], limit=1)

    def _write(self):
        with self.at():
            self._write_ledger(self.company, [
                Invoice(-80, 20, 100_000, False, (Part("cash", 40, 70),)),
                Invoice(-20, 40, 50_000, True, ()),
            ])

    def _report(self, user=None, **context):
        report = self.env["credit.ageing.report"].with_context(**context)
        return report.with_user(user or self.controller).with_company(self.company)

    def test_rows_say_by_whom(self):
        self._write()
        self._night()
        self._case().reason_id = self.reason
        with self.at():
            old, new = self._report().search([])
            self.assertEqual(old.amount_open, 600)
            self.assertEqual((old.days_overdue, old.bucket_id.name), (60, "31–60 days"))
            self.assertEqual((new.days_overdue, new.bucket_id.name), (0, "Not due"))
            self.assertEqual(new.amount_open, 312.5, "500 EUR as booked, in the company's currency")
            for row in old, new:
                self.assertEqual(row.policy_id, self.policy)
                self.assertEqual(row.salesperson_id, self.salesperson)
                self.assertEqual(row.segment_id, self.industry)
                self.assertEqual(row.reason_id, self.reason)
                self.assertFalse(row.agency_id)
            self.assertEqual(old.action_open()["res_model"], "credit.item")
            for name in DIMENSIONS:
                groups = self._report()._read_group([], [name], ["amount_open:sum"])
                self.assertEqual(sum(amount for _group, amount in groups), 912.5, name)

    def test_a_past_day_shows_what_was_open_then(self):
        self._write()
        with self.at():
            [row] = self._report(credit_day=str(day(-30))).search([])
            self.assertEqual((row.amount_open, row.days_overdue), (1000, 30))
            action = self._report()._open_at(day(-30))
            self.env.invalidate_all()
            again = self._report(**action["context"]).search(action.get("domain") or [])
            self.assertEqual(again.amount_open, 1000)

    def test_buckets_are_the_rows_of_the_table(self):
        self._write()
        rates = self.env["credit.allowance.rate"]._read_company(self.company)
        self.assertEqual(
            rates.mapped("name"),
            ["Not due", "1–30 days", "31–60 days", "61–90 days", "Over 90 days"],
        )
        rates.filtered(lambda rate: rate.over_days == 60).over_days = 59
        with self.at():
            names = self._report().search([]).mapped("bucket_id.name")
        self.assertEqual(names, ["60–90 days", "Not due"])

    def test_the_table_stays_whole(self):
        rates = self.env["credit.allowance.rate"].with_user(self.manager)
        mine = rates.search([("company_id", "=", self.company.id)])
        with self.assertRaises(UserError):
            mine[0].unlink()
        with self.assertRaises(UserError):
            mine[1:].unlink()
        mine[2:].unlink()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            mine[0].rate = 1.5
            self.env.flush_all()

    def test_who_may_look(self):
        self._write()
        with self.at():
            self.assertTrue(self._report(self.manager).search([]))
            for model in ("credit.ageing.report", "credit.receipt.report"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(self.salesperson).search([])
            with self.assertRaises(AccessError):
                self.env["credit.allowance.rate"].with_user(self.controller).create({
                    "company_id": self.company.id, "over_days": 7,
                })

    def test_companies_do_not_meet(self):
        other = self.setup_other_company(name="Corsini")["company"]
        self.assertEqual(
            len(self.env["credit.allowance.rate"]._read_company(other)), 5, "a new one has its own"
        )
        stranger = new_test_user(
            self.env, "stranger", "account_credit_care.group_credit_user",
            company_id=other.id, company_ids=[Command.set(other.ids)],
        )
        self._write()
        with self.at():
            report = self.env["credit.ageing.report"].with_user(stranger).with_company(other)
            self.assertFalse(report.search([]))
            self.assertFalse(self.env["credit.receipt.report"].with_user(stranger).search([]))

    def test_receipts(self):
        self._write()
        with self.at():
            [row] = self.env["credit.receipt.report"].with_user(self.controller).with_company(
                self.company
            ).search([])
        self.assertEqual((row.amount, row.days_late, row.paid_on), (400, 50, day(-10)))
        self.assertEqual(row.weighted_days, 20_000)
        found = self.figures._get_money(self.company, day(-89), TODAY)["average_days_late"]
        self.assertEqual(found["value"], 50)
        rows = self.env[found["rows"]["model"]].with_company(self.company)
        self.assertEqual(rows.search_count(found["rows"]["domain"]), 1)
