import json
from datetime import timedelta
from pathlib import Path

from odoo.tests import tagged

from .page_common import PageCase

RUN_AXE = """
const bad = [];
async function look(name) {
    await Promise.all([...document.querySelectorAll("link[rel=stylesheet]")].map((link) =>
        link.sheet || new Promise((done) => { link.onload = link.onerror = done; })));
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    for (const one of violations.filter((v) => ["serious", "critical"].includes(v.impact))) {
        bad.push(`${name}: ${one.id} ${one.nodes.map((n) => n.html).join(" ")}`);
    }
}
async function show(url, values) {
    const body = values && new URLSearchParams({ csrf_token: odoo.csrf_token, ...values });
    const answer = await fetch(url, body ? { method: "POST", body } : {});
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.documentElement.replaceWith(page.documentElement);
    if (!document.querySelector(".o_credit_page h1")) {
        bad.push(`${url}: not the page`);
    }
    await look(url);
}
(async () => {
    await look("with scripts");
    document.querySelector(".o_credit_draw button").click();
    await new Promise((done) => setTimeout(done, 1500));
    await look("core's form to draw");
    for (const [url, values] of PAGES) {
        await show(url, values);
    }
    if (bad.length) {
        console.error(bad.join(" | "));
    } else {
        console.log("test successful");
    }
})();
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
        import axe_playwright_python  # a development tool: never shipped with the module

        axe = Path(axe_playwright_python.__file__).parent / "axe.min.js"
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
        code = RUN_AXE.replace("PAGES", json.dumps(pages))
        self.browser_js(path, f"{axe.read_text()};\n{code}", timeout=180, login="franca")
