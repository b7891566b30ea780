import json
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import json_default

from ..models import credit_dashboard_kept
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


@tagged("post_install", "-at_install")
class TestDashboardKept(CareCommon):
    """What the night keeps of a page that is slow to read."""

    def _ask(self, *args, lang="en_US", at=0):
        with self.at(at):
            return self.env["credit.dashboard"].with_user(self.controller).with_context(
                allowed_company_ids=self.company.ids, lang=lang
            ).get_figures("customers", *args)

    def _keep(self, quick):
        self.env["res.lang"]._activate_lang("it_IT")
        self.manager.lang = "it_IT"
        with self.at(), patch.object(credit_dashboard_kept, "QUICK", quick):
            self.env["credit.dashboard"]._keep(self.company)

    def _shown(self, found):
        return found["figures"]["recovery"]["value"], bool(found["kept_at"])

    def test_what_is_slow_is_shown_as_the_night_left_it(self):
        self._overdue(-150, 1000.0, (-100, 400.0))
        live = self._ask()
        self._keep(quick=-1)
        kept = self._ask()
        self.assertEqual(self._shown(live), (0.4, False))
        self.assertEqual(kept["figures"], json.loads(
            json.dumps(live["figures"], default=json_default)
        ))
        self.assertEqual(fields.Datetime.to_datetime(kept["kept_at"]).date(), day(0))
        self._overdue(-150, 600.0)
        self.assertEqual(self._shown(self._ask()), (0.4, True))
        for args in (
            (None, None, None, True), (str(day(-300)),), (None, str(day(-1))),
            (None, None, {"policy_id": self.policy.id}),
        ):
            with self.subTest(args=args):
                self.assertEqual(self._shown(self._ask(*args)), (0.25, False))
        self.assertEqual(self._shown(self._ask(at=1)), (0.25, False), "of another day")
        self.assertEqual(self._shown(self._ask("2025-03-05", str(day(0)))), (0.4, True))

    def test_each_in_his_language(self):
        self._keep(quick=-1)
        english, italian = (
            self._ask(lang=lang)["figures"]["recovery"]["basis"] for lang in ("en_US", "it_IT")
        )
        self.assertNotEqual(english, italian)

    def test_what_is_quick_is_not_kept(self):
        self._keep(quick=-1)
        self._keep(quick=60)
        self.assertFalse(self.company.credit_dashboard_kept)
        self.assertFalse(self._ask()["kept_at"])

    def test_the_night_keeps_it_and_others_do_not_read_it(self):
        with patch.object(credit_dashboard_kept, "QUICK", -1):
            self._tick("credit.snapshot", "_cron_take")
        self.env.invalidate_all()
        self.assertTrue(self.company.credit_dashboard_kept)
        with self.assertRaises(AccessError):
            self.company.with_user(self.salesperson).read(["credit_dashboard_kept"])
