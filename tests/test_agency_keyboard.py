from datetime import timedelta

from odoo.tests import tagged

from .agency_page_common import AgencyPageCase
from .keyboard_common import FIELDS, FOCUS, KeyboardCase

FORMS = ("contact", "promise", "plan", "settlement", "claim", "ask", "give_back")


@tagged("post_install", "-at_install")
class TestAgencyKeyboard(AgencyPageCase, KeyboardCase):
    """The agency's pages by Tab, Space and Enter, and as they are read out."""

    def setUp(self):
        super().setUp()
        self.call = self._place_call_now()
        self.base, self.calls = (
            f"/my/agency/{one.id}" for one in (self.placement, self.call)
        )
        self._login(self.plain)

    def _open(self, page, path):
        page.goto(path)
        page.wait_for_load_state("networkidle")

    def test_tab_meets_all_in_the_order_of_the_page_and_shows_where_it_is(self):
        self.plain.is_leader = True  # who has one field more on the page
        paths = [
            "/my/agency", "/my/agency/list", self.base, self.calls, f"{self.calls}/do/courtesy",
            *(f"{self.base}/do/{form}" for form in FORMS),
        ]
        walks = {}
        with self._browser() as page:
            for path in paths:
                self._open(page, path)
                walks[path] = [focus for focus in self._walk(page) if focus["ours"]]
        for path, walk in walks.items():
            with self.subTest(page=path):
                places = [focus["place"] for focus in walk]
                self.assertEqual(places, sorted(places))
                self.assertGreater(len(walk), 2)
                self.assertEqual([f for f in walk if not (f["seen"] and f["outlined"])], [])
        offered = [f["key"].rpartition("/")[2] for f in walks[self.base] if "/do/" in f["key"]]
        self.assertEqual(offered[:7], list(FORMS))

    def test_a_contact_a_promise_and_a_call_in_our_name_are_told_by_keyboard(self):
        with self._browser() as page:
            self._open(page, self.base)
            self._press(page, "A contact")
            self._tab_to(page, "outcome")
            page.keyboard.press("Space")
            self._tab_to(page, "remark")
            page.keyboard.type("Listens")
            self._press(page, "Save the contact")
            self._press(page, "A promise")
            self._tab_to(page, "amount")
            page.keyboard.type("250")
            self._type_day(page, "on", self.today + timedelta(days=5))
            self._press(page, "Note the promise")
            self._open(page, self.calls)
            self._press(page, "What came of the call")
            self._tab_to(page, "outcome")
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
            self._type_day(page, "on", self.today + timedelta(days=4))
            self._press(page, "Save the call")
            url = page.url
        self.assertTrue(url.endswith("/my/agency?done=courtesy"), url)
        contact = self.placement.action_ids
        self.assertEqual((contact.outcome, contact.summary), ("reached", "Listens"))
        self.assertEqual(self.case.agreement_ids.amount_agreed, 250)
        self.assertEqual(self.call.action_ids.courtesy_outcome, "will_pay")
        self.assertEqual(
            self.call.case_id.agreement_ids.line_ids.due_on, self.today + timedelta(days=4)
        )

    def test_a_mistake_is_where_the_keyboard_stands(self):
        with self._browser() as page:
            self._open(page, f"{self.base}/do/promise")
            self._tab_to(page, "amount")
            page.keyboard.type("9000")
            self._type_day(page, "on", self.today + timedelta(days=5))
            self._press(page, "Note the promise")
            focus, tree = page.evaluate(FOCUS), self._read(page)
        self.assertIn("o_credit_error", focus["key"])
        self.assertIn(("alert", focus["text"]), [(role, text) for role, text, _rest in tree])

    def test_a_reader_of_screens_hears_headings_and_every_field_by_its_name(self):
        trees = {}
        with self._browser() as page:
            for path in (self.calls, f"{self.calls}/do/courtesy", f"{self.base}/do/contact"):
                self._open(page, path)
                trees[path] = self._read(page)
        for path, tree in trees.items():
            with self.subTest(page=path):
                levels = [level for role, _name, level in tree if role == "heading"]
                self.assertEqual(levels.count(1), 1)
                nameless = [role for role, name, _l in tree if role in FIELDS and not name]
                self.assertEqual(nameless, [])
        names = [name for role, name, _l in trees[self.calls] if role == "heading"]
        self.assertEqual(names[:4], [
            "Gallo S.r.l.", "What to say", "Speak with", "What happened?",
        ])
        roles = [role for role, _name, _l in trees[f"{self.calls}/do/courtesy"]]
        self.assertEqual(roles.count("radio"), 7)
