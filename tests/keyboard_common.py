"""A page without a mouse and without a screen: by Tab, Space and Enter, and as Chromium tells it to
a reader of screens."""
import resource
import shutil
from contextlib import contextmanager

from odoo.tests import HttpCase
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME

MOST = 80  # presses of Tab; more is a trap
FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) { return null; }
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    return {
        key: one.name || one.getAttribute("href") || one.id || one.className,
        text: (one.innerText || "").trim(),
        place: [...document.querySelectorAll("*")].indexOf(one),
        seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        ours: Boolean(one.closest(".o_credit_page")),
    };
}"""
FIELDS = {"textbox", "checkbox", "combobox", "spinbutton", "Date", "InputTime", "button", "link"}


class KeyboardCase(HttpCase):
    session = None

    @contextmanager
    def _browser(self):
        """A page of a real browser, on a phone's width; meanwhile the database is its own. Whoever
        has authenticated is logged in."""
        from playwright.sync_api import sync_playwright  # a development tool

        self.env.flush_all()
        self.env.invalidate_all()
        with self.allow_requests(), self._without_limit(), sync_playwright() as tool:
            browser = tool.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
            )
            context = browser.new_context(
                viewport={"width": 375, "height": 812}, locale="en-US", base_url=self.base_url()
            )
            context.set_default_timeout(60_000)
            cookies = {TEST_CURSOR_COOKIE_NAME: self.http_request_key}
            if self.session:
                cookies["session_id"] = self.session.sid
            context.add_cookies([
                {"name": name, "value": value, "url": self.base_url()}
                for name, value in cookies.items()
            ])
            yield context.new_page()
            browser.close()
            self._wait_remaining_requests()
        self.env.invalidate_all()

    @contextmanager
    def _without_limit(self):
        """Odoo limits its memory, and Chromium would inherit that."""
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
        yield
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

    # ------------------------------------------------------------------ by keyboard

    def _walk(self, page):
        """All that Tab meets, in order, once around."""
        found = []
        for _press in range(MOST):
            page.keyboard.press("Tab")
            focus = page.evaluate(FOCUS)
            if not focus or len(found) > 1 and focus["place"] == found[0]["place"]:
                return found
            if not found or found[-1]["place"] != focus["place"]:  # a date has several stops
                found.append(focus)
        raise AssertionError(f"Tab finds no end: {found[-3:]}")

    def _tab_to(self, page, key):
        """On to what has this name or text."""
        for _press in range(MOST):
            focus = page.evaluate(FOCUS)
            if focus and (focus["key"] == key or focus["text"].startswith(key)):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"“{key}” is not reached by Tab")

    def _press(self, page, key):
        """The link or button with this text, by Enter."""
        self._tab_to(page, key)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def _type_day(self, page, key, day):
        self._tab_to(page, key)
        page.keyboard.type(day.strftime("%m%d%Y"))

    # ------------------------------------------------------------------ as it is read out

    def _read(self, page):
        """``(role, name, level)`` in the order of Chromium's accessibility tree; a live region
        with its text."""
        session = page.context.new_cdp_session(page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}

        def text_of(node):
            if node.get("role", {}).get("value") == "StaticText":
                return node["name"]["value"]
            return "".join(text_of(by_id[key]) for key in node.get("childIds", ()) if key in by_id)

        def visit(node):
            role = node.get("role", {}).get("value")
            if not node.get("ignored") and role:
                name = node.get("name", {}).get("value", "")
                if role in ("alert", "status"):
                    name = text_of(node).strip()
                levels = [p["value"]["value"] for p in node.get("properties", ())
                          if p["name"] == "level"]
                yield role, name, levels[0] if levels else 0
            for key in node.get("childIds", ()):
                if key in by_id:
                    yield from visit(by_id[key])

        return list(visit(nodes[0]))
