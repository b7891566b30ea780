"""A debtor with an overdue invoice, his page, and what he types there."""
import re
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user

from .common import TODAY, CreditCommon

PDF = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00"
    b"\x00IEND\xaeB`\x82"
)


class PageCase(CreditCommon, HttpCase):
    """On the day of the run: browsers have no frozen clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = (fields.Date.today() - TODAY).days
        cls.policy.plan_limit_ids = [
            (0, 0, {"up_to": 5000, "max_months": 6, "min_instalment": 100})
        ]
        cls.move = cls._create_due(cls.now - 12)
        cls.other = cls._create_debtor("Other S.p.A.")
        cls.other_move = cls._create_due(cls.now - 12, partner=cls.other)

    def setUp(self):
        super().setUp()
        self._night(self.now)
        self.case = self._case()
        self.item = self._items(self.move)
        self.today = self.company._credit_today()

    # ------------------------------------------------------------------ what a browser does

    def _path(self, case=None):
        url = (case or self.case)._get_page_url()
        return url[url.index("/credit/"):]

    def _get(self, path="", case=None):
        return self.url_open(self._path(case) + path, allow_redirects=False)

    def _csrf(self, html):
        return re.search(r'name="csrf_token" value="([^"]+)"', html)[1]

    def _post(self, path, data=None, files=None, base=None, follow=True):
        base = base or self._path()
        form = self.url_open(base + path).text if "/tell/" in path else self.url_open(base).text
        token = re.search(r'csrf_token: "([^"]+)"', form)[1]
        return self.url_open(
            base + path, data={"csrf_token": token, **(data or {})}, files=files,
            allow_redirects=follow,
        )

    def _create_login(self):
        """A person of the debtor with a login to the portal."""
        contact = self.env["res.partner"].create({
            "name": "Franca Ferri", "parent_id": self.debtor.id, "email": "franca@debtor.example",
        })
        return new_test_user(
            self.env, "franca", "base.group_portal", partner_id=contact.id,
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )

    # ------------------------------------------------------------------ what is there afterwards

    def _answers(self, case=None):
        return (case or self.case).action_ids.filtered(lambda a: a.kind == "inbound").sorted("id")

    def _tasks(self):
        return self.env["mail.activity"].search([
            ("res_model", "=", "credit.case"), ("res_id", "=", self.case.id),
            ("user_id", "=", self.controller.id),
        ])

    def _plan(self):
        return {
            "item": self.item.id, "count": "4",
            "first_on": (self.today + timedelta(days=10)).isoformat(), "step": "send",
        }

    def assertPaused(self):
        self.env.invalidate_all()
        self.assertEqual(
            self.case.paused_until, self.today + timedelta(days=self.policy.answer_wait_days)
        )
