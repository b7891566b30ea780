import json
from pathlib import Path

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import TODAY, CreditCommon

# Odoo's own: what stands around the form, its menu of choices (roles, autocomplete), the grey of
# its labels
CORES = [".o-mail-Form-chatter", ".o_select_menu", ".o-dropdown", ".o_form_label"]
LOOK = """
(async () => {
    const wait = (query) => new Promise((done) => {
        const again = () => document.querySelector(query) ? done() : setTimeout(again, 50);
        again();
    });
    await wait("div[name=special_how] textarea");
    await wait("div[name=priority_why] textarea");
    const where = { include: [[".o_form_renderer"]], exclude: CORES.map((one) => [one]) };
    const { violations, passes } = await axe.run(where);
    const bad = violations.filter((one) => ["serious", "critical"].includes(one.impact));
    if (bad.length || passes.length < 10) {
        console.error(bad.map((one) =>
            `${one.id} ${one.nodes.map((node) => node.html).join(" ")}`).join(" | "));
    } else {
        console.log("test successful");
    }
})();
"""


@tagged("post_install", "-at_install")
class TestNoteBrowser(CreditCommon, HttpCase):
    """The salesperson's note on his phone, as a reader of screens meets it."""

    browser_size = "375x667"
    touch_enabled = True

    def test_axe_finds_nothing_serious_on_the_note(self):
        import axe_playwright_python  # a development tool: never shipped with the module

        axe = Path(axe_playwright_python.__file__).parent / "axe.min.js"
        offset = (fields.Date.today() - TODAY).days
        self._create_due(offset - 36)
        self._night(offset)
        note = self.env["credit.handover"]._request(self._case())
        note.with_user(self.salesperson).write({"special_attention": True, "asks_priority": True})
        code = LOOK.replace("CORES", json.dumps(CORES))
        self.browser_js(
            f"/odoo/credit-handover/{note.id}", f"{axe.read_text()};\n{code}",
            login="salesperson", timeout=120,
            ready="document.querySelector('div[name=special_attention] input') !== null",
        )
