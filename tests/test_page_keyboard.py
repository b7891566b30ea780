"""The debtor's page without a mouse and without a screen: by Tab, Space and Enter, and as Chromium
tells it to a reader of screens."""
from datetime import timedelta

from odoo.tests import tagged

from .keyboard_common import FIELDS, FOCUS, KeyboardCase
from .page_common import PageCase


@tagged("post_install", "-at_install")
class TestPageKeyboard(PageCase, KeyboardCase):
    def _answer(self, page, link, button, **typed):
        page.goto(self.start)
        self._press(page, link)
        for key, text in typed.items():
            self._tab_to(page, key)
            page.keyboard.type(text)
        self._press(page, button)

    def test_tab_meets_all_in_the_order_of_the_page_and_shows_where_it_is(self):
        path = self._path()
        kinds = ("", "/tell/paid", "/tell/invoice", "/tell/plan", "/tell/wrong", "/tell/call")
        walks = {}
        with self._browser() as page:
            for kind in kinds:
                page.goto(path + kind)
                walks[kind] = self._walk(page)
        for kind, walk in walks.items():
            with self.subTest(page=kind):
                places = [focus["place"] for focus in walk]
                self.assertEqual(places, sorted(places))
                mine = [focus for focus in walk if focus["ours"]]
                self.assertGreater(len(mine), 3)
                self.assertEqual([f for f in mine if not (f["seen"] and f["outlined"])], [])
        wanted = [f"{path}/tell/{kind}" for kind in ("paid", "invoice", "plan", "wrong", "call")]
        self.assertEqual([f["key"] for f in walks[""] if "/tell/" in f["key"]], wanted)

    def test_every_answer_is_sent_by_keyboard(self):
        self.start, soon = self._path(), self.today + timedelta(days=10)
        reached = []
        with self._browser() as page:
            self._answer(page, "Call me", "Ask for the call", remark="Please")
            reached.append(page.url)
            self._answer(page, "I have not got the invoice", "Send it again")
            reached.append(page.url)
            page.goto(self.start)
            self._press(page, "I have paid")
            self._type_day(page, "paid_on", self.today - timedelta(days=1))
            self._press(page, "Send")
            reached.append(page.url)
            page.goto(self.start)
            self._press(page, "I cannot pay it all now")
            self._tab_to(page, "count")
            page.keyboard.type("4")
            self._type_day(page, "first_on", soon)
            self._press(page, "Show me the dates")
            self._press(page, "Send this proposal")
            reached.append(page.url)
            self._tab_to(page, "name")
            page.keyboard.type("Franco Ferri")
            self._press(page, "Accept and sign")
            reached.append(page.url)
        self.assertEqual(
            [url.rpartition("/")[2] for url in reached], ["call", "invoice", "paid", "plan", "sign"]
        )
        self.assertEqual(
            [one.answer for one in self._answers()], ["call", "resend", "paid", "plan", "sign"]
        )
        self.assertEqual(self.case.agreement_ids.state, "running")

    def test_what_is_wrong_is_sent_by_keyboard(self):
        self.start = self._path()
        with self._browser() as page:
            page.goto(self.start)
            self._press(page, "Something is wrong")
            self._tab_to(page, "item")
            page.keyboard.press("Space")
            self._tab_to(page, "reason")
            page.keyboard.press("ArrowDown")
            self._tab_to(page, "text")
            page.keyboard.type("Two boxes were broken")
            self._press(page, "Send")
            url = page.url
        self.assertTrue(url.endswith("/thanks/wrong"))
        self.assertEqual(self.case.dispute_ids.text, "Two boxes were broken")

    def test_a_mistake_is_where_the_keyboard_stands(self):
        path = self._path()
        with self._browser() as page:
            page.goto(f"{path}/tell/plan")
            self._type_day(page, "first_on", self.today)
            self._press(page, "Show me the dates")
            focus, tree = page.evaluate(FOCUS), self._read(page)
        self.assertIn("o_credit_error", focus["key"])
        self.assertIn(("alert", focus["text"]), [(role, text) for role, text, _rest in tree])

    # ------------------------------------------------------------------ as it is read out

    def test_a_reader_of_screens_hears_headings_names_and_answers_in_order(self):
        path = self._path()
        with self._browser() as page:
            page.goto(path)
            main = self._read(page)
            trees = {}
            for kind in ("paid", "invoice", "plan", "wrong", "call"):
                page.goto(f"{path}/tell/{kind}")
                trees[kind] = self._read(page)
            page.goto(f"{path}/thanks/paid")
            thanks = self._read(page)
        self.assertEqual(
            [(name, level) for role, name, level in main if role == "heading"],
            [("What is open", 1), ("Invoices", 2), ("Tell us", 2)],
        )
        for kind, tree in trees.items():
            with self.subTest(form=kind):
                self.assertEqual([level for role, _n, level in tree if role == "heading"], [1])
                nameless = [role for role, name, _l in tree if role in FIELDS and not name]
                self.assertEqual(nameless, [])
                roles = [role for role, _name, _level in tree]
                self.assertLess(roles.index("heading"), roles.index("button"))
        names = [name for role, name, _l in trees["wrong"] if role in FIELDS]
        wanted = ["Back to", "INV", "What is it about", "What happened", "Photo", "Send"]
        at = [next(n for n, name in enumerate(names) if word in name) for word in wanted]
        self.assertEqual(at, sorted(at))
        told = [name for role, name, _l in thanks if role == "status"]
        self.assertTrue(told and told[0].startswith("We look for your payment now"))
