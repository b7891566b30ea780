from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .agency_common import AgencyCommon
from .care_common import CareCommon
from .common import TODAY, day

HALVES = ("money", "customers", "hands")


@tagged("post_install", "-at_install")
class TestDashboard(AgencyCommon, CareCommon):
    def _ask(self, half="customers", *args, user=None, company=None):
        with self.at():
            return self.env["credit.dashboard"].with_user(user or self.controller).with_context(
                allowed_company_ids=(company or self.company).ids
            ).get_figures(half, *args)

    def test_credit_users_get_each_half(self):
        self._overdue(-150, 1000.0, (-100, 400.0))
        for half in HALVES:
            with self.subTest(half=half):
                found = self._ask(half)
                self.assertEqual((found["first"], found["last"]), ("2025-03-05", str(day(0))))
                self.assertTrue(found["figures"])
        self.assertEqual(self._ask()["figures"]["recovery"]["value"], 0.4)

    def test_salespeople_and_agencies_get_nothing(self):
        for user in (self.salesperson, self.leader, self.plain.user_id, self.qualified.user_id):
            for half in (*HALVES, "choices"):
                with self.subTest(user=user.login, half=half), self.assertRaises(AccessError):
                    self._ask(half, user=user)

    def test_a_company_that_is_not_ones_own_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(AccessError):
            self._ask("customers", company=other)

    def test_what_is_not_known_is_refused_in_words(self):
        for args in (
            ("everything",), ("__class__",), ("customers", "yesterday"), ("customers", 5),
            ("customers", "2026-02-01", "2026-01-01"), ("customers", "1990-01-01"),
            ("customers", None, None, {"partner_id": 1}),
            ("customers", None, None, {"policy_id": "1) OR (1=1"}),
            ("customers", None, None, {"policy_id": [1]}),
            ("customers", None, None, {"policy_id": True}),
        ):
            with self.subTest(args=args), self.assertRaises(UserError):
                self._ask(*args)

    def test_the_future_is_not_known(self):
        self.assertEqual(self._ask("customers", None, "2030-01-01")["last"], str(day(0)))

    def test_filters_are_passed_on(self):
        self._overdue(-150, 1000.0, (-100, 400.0))
        found = self._ask("customers", None, None, {"policy_id": 0})["figures"]
        self.assertEqual(found["recovery"]["n"], 0)
        found = self._ask("customers", None, None, {"policy_id": self.policy.id})["figures"]
        self.assertEqual(found["recovery"]["n"], 1)

    def test_choices_are_those_of_the_company(self):
        self._overdue(-150)
        found = self._ask("choices")
        self.assertEqual(found["company"], "Bellandi")
        filters = {one["name"]: [choice["name"] for choice in one["choices"]]
                   for one in found["filters"]}
        self.assertEqual(filters["policy_id"], ["Test policy"])
        self.assertEqual(filters["salesperson_id"], ["Sara Serra"])
        self.assertNotIn("agency_id", filters)


@tagged("post_install", "-at_install")
class TestDashboardPage(CareCommon, HttpCase):
    def test_the_page_in_a_browser(self):
        now = (fields.Date.today() - TODAY).days
        self._overdue(now - 150, 1000.0, (now - 100, 400.0))
        self.start_tour("/odoo/credit-dashboard", "credit_dashboard", login="controller")
