import json

from odoo import fields
from odoo.tests import HttpCase, tagged

from .axe_common import with_axe
from .common import TODAY, CreditCommon

# Odoo's own: what stands around the form, its menu of choices (roles, autocomplete), the grey of
# its labels
CORES = [".o-mail-Form-chatter", ".o_select_menu", ".o-dropdown", ".o_form_label"]
LOOK = """
(async () => {
    await isThere("div[name=special_how] textarea");
    await isThere("div[name=priority_why] textarea");
    const where = { include: [[".o_form_renderer"]], exclude: CORES.map((one) => [one]) };
    const { violations, passes } = await axe.run(where);
    bad.push(...tellSerious(violations));
    if (passes.length < 10) {
        bad.push("axe looked at hardly anything");
    }
    conclude();
})();
"""


@tagged("post_install", "-at_install")
class TestNoteBrowser(CreditCommon, HttpCase):
    """The salesperson's note on his phone, as a reader of screens meets it."""

    browser_size = "375x667"
    touch_enabled = True

    def test_axe_finds_nothing_serious_on_the_note(self):
        offset = (fields.Date.today() - TODAY).days
        self._create_due(offset - 36)
        self._night(offset)
        note = self.env["credit.handover"]._request(self._case())
        note.with_user(self.salesperson).write({"special_attention": True, "asks_priority": True})
        code = with_axe(LOOK.replace("CORES", json.dumps(CORES)))
        self.browser_js(
            f"/odoo/credit-handover/{note.id}", code,
            login="salesperson", timeout=120,
            ready="document.querySelector('div[name=special_attention] input') !== null",
        )
