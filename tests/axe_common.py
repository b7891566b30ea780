"""axe-core in the browser: what keeps a page from those who cannot see it, or not well."""
import json
from pathlib import Path

# Whatever fades in is looked at when it is there: half transparent, its contrast is nobody's
AXE_TOOLS = """
const wait = (holds) => new Promise((done) => {
    const again = () => holds() ? done() : setTimeout(again, 50);
    again();
});
const isStill = () => document.getAnimations().every(
    (one) => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity);
const isThere = (query) => wait(() => document.querySelector(query) && isStill());
const tellSerious = (violations) => violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id} ${one.nodes.map((node) => node.html).join(" ")}`);
const bad = [];
const conclude = () => bad.length ? console.error(bad.join(" | ")) : console.log("test successful");
"""
LOOK_AT_PAGES = """
async function look(name) {
    await Promise.all([...document.querySelectorAll("link[rel=stylesheet]")].map((link) =>
        link.sheet || new Promise((done) => { link.onload = link.onerror = done; })));
    await wait(isStill);
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    bad.push(...tellSerious(violations).map((one) => `${name}: ${one}`));
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
    FIRST
    for (const [url, values] of PAGES) {
        await show(url, values);
    }
    conclude();
})();
"""


def with_axe(code):
    """``code`` with axe-core and ``AXE_TOOLS`` before it."""
    import axe_playwright_python  # a development tool: never shipped with the module

    axe = Path(axe_playwright_python.__file__).parent / "axe.min.js"
    return f"{axe.read_text()};\n{AXE_TOOLS}\n{code}"


def look_at_pages(pages, first=""):
    """Looks at the page that is open, after ``first`` (JavaScript) at what that has opened, and at
    ``pages``: ``(url, None, or the values to post)``."""
    return with_axe(LOOK_AT_PAGES.replace("PAGES", json.dumps(pages)).replace("FIRST", first))
