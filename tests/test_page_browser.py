from datetime import timedelta

from odoo.tests import tagged

from .axe_common import look_at_pages
from .page_common import PageCase

OPEN_CORES_FORM_TO_DRAW = """
    document.querySelector(".o_credit_draw button").click();
    await isThere(".modal.show .o_portal_sign_submit");
    await look("core's form to draw");
"""


@tagged("post_install", "-at_install")
class TestPageBrowser(PageCase):
    """On a phone: by tapping, and as a reader of screens meets it."""

    browser_size = "375x812"
    touch_enabled = True

    def test_a_debtor_agrees_a_plan_on_his_phone(self):
        self.start_tour(self._path(), "credit_care_page_plan")
        plan = self.case.agreement_ids
        self.assertEqual((plan.state, plan.signed_by), ("running", "Franco Ferri"))
        self.assertEqual(plan.line_ids.mapped("amount"), [250.0] * 4)
        self.assertEqual([one.answer for one in self._answers()], ["plan", "sign"])

    def test_axe_finds_nothing_serious_on_any_page(self):
        self._create_due(self.now - 5, 300.0)
        self._night(self.now)
        self._post("/tell/plan", self._plan())
        path = self._path()
        old = self.case._sign_page(self.today - timedelta(days=1))
        free = self.case._get_plannable()
        self._create_login()
        plan = {"item": free.id, "count": 2, "first_on": self.today.isoformat(), "step": "preview"}
        pages = [
            (f"{path}/tell/{kind}", None) for kind in ("paid", "invoice", "plan", "wrong", "call")
        ] + [
            (f"{path}/tell/paid", {"paid_on": ""}), (f"{path}/tell/plan", plan),
            (f"{path}/thanks/plan", None), (f"{path}/thanks/call", None), (f"{path}x", None),
            (f"/credit/{self.case.id}/{old}", None), (f"/my/credit/{self.case.id}", None),
        ]
        code = look_at_pages(pages, OPEN_CORES_FORM_TO_DRAW)
        self.browser_js(path, code, timeout=180, login="franca")
