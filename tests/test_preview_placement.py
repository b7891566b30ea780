from odoo.tests import tagged

from .common import day
from .test_mandate_rule import MandateRuleCommon


@tagged("post_install", "-at_install")
class TestPreviewPlacement(MandateRuleCommon):
    """What the preview says would be placed is what the night of that day places."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.place_by_itself = True

    def _foresee(self, offset, until):
        with self.at(offset):
            return self.root["credit.forecast"]._preview_placements(self.company, day(until))

    def _make_ready(self):
        """Six debtors with a note: four ready on the day 10, one small, one under a promise until
        then, and one whose salesperson has not written."""
        debtors = [self._create_debtor(name) for name in ("A", "B", "C", "D", "Small", "Silent")]
        for number, debtor in enumerate(debtors):
            self._create_due(-35, 50.0 if debtor.name == "Small" else 1000.0 + number, debtor)
            self._create_due(-5, 20.0, debtor)  # overdue as well by then
        self._nights(-12, -6, 0)
        with self.at(2):
            for debtor in debtors[:-1]:
                self._case(debtor).note_id.with_user(self.manager)._waive("test")
        self._create_rule((self.other, 2), self.mandate, name="Large", min_amount=100)
        self._create_rule(name="Small stay here", max_amount=100)
        return debtors

    def test_the_night_does_exactly_what_was_foreseen(self):
        debtors = self._make_ready()
        self._nights(*range(3, 8))
        foreseen = [one for one in self._foresee(8, 12) if one.day == day(10)]
        self.assertEqual(len(foreseen), 5)
        stays = [one for one in foreseen if not one.mandate_id]
        self.assertEqual([one.partner_id for one in stays], debtors[4].ids)
        self.assertIn("keeps it in the house", stays[0].why)
        self._nights(8, 9)
        self.assertEqual([one for one in self._foresee(10, 10)], foreseen)
        self.assertFalse(self.env["credit.placement"].search([]))
        self._nights(10)
        placed = self.env["credit.placement"].search([]).sorted(lambda one: one.case_id.id)
        self.assertEqual(
            [(p.partner_id.id, p.mandate_id.id, p.amount, p.age) for p in placed],
            [(g.partner_id, g.mandate_id, g.amount, g.age) for g in foreseen if g.mandate_id],
        )
        self.assertEqual(len(placed), 4)
        self.assertEqual(len(placed.mandate_id), 2)

    def test_what_somebody_prepares_by_hand_does_not_go_by_itself(self):
        debtors = self._make_ready()
        self._nights(*range(3, 8))
        prepared = self._prepare(8, self._case(debtors[0]))
        foreseen = self._foresee(8, 10)
        self.assertNotIn(debtors[0].id, [one.partner_id for one in foreseen])
        self._nights(8, 9, 10)
        self.assertEqual(prepared.state, "ready")
        tasks = self._case(debtors[0]).activity_ids
        self.assertTrue(tasks.filtered(lambda one: "about to be" in str(one.note)))
        placed = self.env["credit.placement"].search([("state", "=", "sent")]).partner_id
        self.assertEqual(
            set(placed.ids), {one.partner_id for one in foreseen if one.mandate_id}
        )

    def test_the_price_is_the_one_shown_on_the_placement(self):
        self._make_ready()
        self._nights(*range(3, 8))
        one = next(going for going in self._foresee(8, 10) if going.mandate_id)
        case = self.env["credit.case"].browse(one.case_id)
        with self.at(10):
            placement = self.env["credit.placement"].browse(
                case.with_user(self.controller).action_place()["res_id"]
            )
            html = str(placement.with_user(self.controller).price_html)
        for fee in one.fees:
            self.assertIn(f"{fee:,.2f}", html)

    def test_by_hand_nothing_is_foreseen(self):
        self.policy.place_by_itself = False
        self._make_ready()
        self._nights(*range(3, 8))
        self.assertFalse(self._foresee(8, 12))

    def test_the_window_shows_agency_and_price(self):
        self._make_ready()
        self._nights(*range(3, 8))
        with self.at(8):
            Preview = self.env["credit.preview"].with_user(self.manager).with_company(self.company)
            preview = Preview.browse(Preview._open()["res_id"])
            preview.until = day(10)
            preview.action_compute()
            summary = str(preview.summary)
        for words in ("Goes to an agency by itself", "Gentle Calls", "keeps it in the house",
                      "if 20 % comes in"):
            self.assertIn(words, summary.replace("\xa0", " "))
