from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import TODAY, CreditCommon

# Many policies, some of them hard: nothing may be cut off or lie on something else.
LAYOUT = """
    const { horizontal, vertical, fit } =
        odoo.loader.modules.get("@account_credit_care/credit_timeline/timeline_layout");
    const ruler = (text, bold) => text.length * (bold ? 7.5 : 6.5);
    const wrong = (what, policy) => { throw new Error(what + " " + JSON.stringify(policy)); };
    let seed = 7;
    const dice = (sides) => (seed = (seed * 16807) % 2147483647) % sides;
    for (let round = 0; round < 400; round++) {
        const levels = [], thresholds = [];
        let day = -dice(30);
        for (let left = dice(12); left > 0; left--) {
            day += 5 + dice(round % 4 ? 15 : 300);
            const name = "A level with a name ".repeat(1 + dice(4));
            const marks = "Phone call · agency · to review";
            levels.push({ day, name, marks, note: "day +10 · " + marks });
        }
        for (const name of ["Credit suspended", "Note asked", "Ready for the agency"]) {
            if (dice(4)) thresholds.push({ day: 1 + dice(90), name, code: name });
        }
        const policy = { levels, thresholds };
        const width = 560 + dice(900);
        const wide = horizontal(policy, width, ruler);
        for (const [kind, marks] of [["card", wide.cards], ["flag", wide.flags]]) {
            for (const one of marks) {
                if (one.left < 0 || one.right > width) wrong(kind + " is cut off", policy);
                if (one.y < 0 || one.y > wide.height) wrong(kind + " is out of sight", policy);
                for (const other of marks) {
                    if (one !== other && one.y === other.y
                        && one.left < other.right && other.left < one.right) {
                        wrong(kind + " lies on another", policy);
                    }
                }
            }
        }
        const order = wide.cards.map((card) => card.x);
        if (order.some((x, i) => i && x <= order[i - 1])) wrong("out of order", policy);
        if (wide.cards.some((card) => (card.day < 0) !== (card.x < wide.due) && card.day)) {
            wrong("on the wrong side of the due date", policy);
        }
        const narrow = vertical(policy, 320 + dice(200), ruler);
        const places = [...narrow.cards, ...narrow.flags].map((mark) => mark.y).concat(narrow.due);
        places.sort((a, b) => a - b);
        if (places.some((y, i) => i && y - places[i - 1] < 30)) wrong("too close", policy);
        if (places.at(-1) > narrow.height) wrong("out of sight", policy);
        for (const card of narrow.cards) {
            if (narrow.textLeft + ruler(card.name, true) > narrow.width) wrong("cut off", policy);
        }
    }
    if (fit("Reminder", 30, ruler) !== "Rem…" || fit("Call", 99, ruler) !== "Call") {
        throw new Error("texts are not fitted: " + fit("Reminder", 30, ruler));
    }
    console.log("test successful");
"""


class TimelineCommon(CreditCommon, HttpCase):
    @property
    def address(self):
        return f"/odoo/credit-policies/{self.policy.id}"


@tagged("post_install", "-at_install")
class TestTimeline(TimelineCommon):
    def test_nothing_lies_on_anything_else(self):
        self.browser_js("/odoo", LAYOUT, ready="odoo.isReady === true", login="credit_manager")

    def test_the_picture_follows_the_editing(self):
        self.start_tour(self.address, "credit_policy_timeline", login="credit_manager")
        self.assertEqual(
            self.policy.level_ids.sorted("delay_days").mapped("delay_days"),
            [-8, 10, 20, 31, 40, 60],
        )

    def test_the_preview_comes_before_the_activation(self):
        self.policy.state = "draft"
        self.policy.level_ids.filtered(lambda level: level.delay_days > 3).unlink()
        self._create_due((fields.Date.today() - TODAY).days - 8)
        self.start_tour("/odoo/credit-policies", "credit_policy_activate", login="credit_manager")
        self.assertEqual(self.policy.state, "active")


@tagged("post_install", "-at_install")
class TestTimelineOnPhone(TimelineCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_the_picture_fits_a_phone(self):
        self.policy.level_ids[-1].name = "A name that is certainly much too long for a telephone"
        self.start_tour(self.address, "credit_policy_timeline_phone", login="credit_manager")
