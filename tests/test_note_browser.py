from pathlib import Path

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import TODAY
from .test_handover import HandoverCommon

RUN_AXE = """
(async () => {
    const { violations } = await axe.run(document.querySelector(".o_form_sheet"), {
        resultTypes: ["violations"],
    });
    const bad = violations.filter((one) => ["serious", "critical"].includes(one.impact));
    if (bad.length) {
        console.error(bad.map((one) => `${one.id}: ${one.nodes.map((n) => n.html)}`).join(" | "));
    } else {
        console.log("test successful");
    }
})();
"""


@tagged("post_install", "-at_install")
class TestNoteBrowser(HandoverCommon, HttpCase):
    """The salesperson's day on a phone, as a reader of screens meets it. Filling in the note is a
    tour of its own (``test_tours``)."""

    browser_size = "375x812"
    touch_enabled = True

    def _look(self, url):
        import axe_playwright_python  # a development tool: never shipped with the module

        axe = Path(axe_playwright_python.__file__).parent / "axe.min.js"
        self.browser_js(
            url, f"{axe.read_text()};\n{RUN_AXE}", login="salesperson", timeout=180,
            ready="!!document.querySelector('.o_form_sheet .o_field_widget')",
        )

    def test_axe_finds_nothing_serious_on_the_note_and_on_the_case(self):
        now = (fields.Date.today() - TODAY).days
        self._create_due(now - 35)
        self._nights(now - 12, now - 6, now)
        case = self._case()
        self._look(f"/odoo/credit-handover/{case.note_id.id}")
        self._look(f"/odoo/credit-cases/{case.id}")
