"""Takes the picture for dev/shot, which says how to call it."""

import argparse
import base64
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import mails
from playwright.sync_api import sync_playwright

PHONE = {"device_scale_factor": 2, "is_mobile": True, "has_touch": True}
SIZES = {
    "desktop": {"viewport": {"width": 1366, "height": 850}},
    "phone": {"viewport": {"width": 390, "height": 844}, **PHONE},
}
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--force-color-profile=srgb",
]
TIMEOUT = 60_000  # the first page of a database compiles its styles


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("page")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password")
    parser.add_argument("--public", action="store_true")
    parser.add_argument("--lang")
    parser.add_argument("--width", default="desktop")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--click", action="append", default=[])
    parser.add_argument("--wait")
    parser.add_argument("--logins", type=Path)
    args = parser.parse_args()
    if args.width not in SIZES:
        SIZES[args.width] = {"viewport": {"width": int(args.width), "height": 850}}
    name = re.sub(r"[^A-Za-z0-9]+", "-", re.sub(r"^https?://[^/]+|^.*/(?=[^/]+$)", "", args.page))
    args.out = args.out or args.folder / f"{name.strip('-') or 'page'}-{args.width}.png"
    return args


def main():
    args = arguments()
    if args.page.endswith(".pdf"):
        return pdf(args)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=FLAGS
        )
        context = browser.new_context(**SIZES[args.width], timezone_id="Europe/Rome")
        context.set_default_timeout(TIMEOUT)
        if args.page.endswith(".eml"):
            args.page = f"file://{mail_page(args.page, Path(folder))}"
        elif args.page.startswith("/"):
            args.page = f"file://{args.page}"
        restore = None
        if not args.public:
            restore = enter(context, args)
        try:
            take(context, args)
        finally:
            if restore:
                restore()
            browser.close()


def pdf(args):
    subprocess.run(
        ["pdftoppm", "-r", "80", "-png", args.page, str(args.out.with_suffix(""))], check=True
    )
    for picture in sorted(args.out.parent.glob(f"{args.out.stem}-*.png")):
        print(picture)


def mail_page(path, folder):
    """An .eml as a page: its head, then its HTML part with the pictures that it carries."""
    message = mails.read(path)
    body = message.get_body(("html", "plain"))
    content = body.get_content() if body else ""
    if body and body.get_content_type() == "text/plain":
        content = f"<pre>{html.escape(content)}</pre>"
    for part in message.walk():
        if part["Content-ID"]:
            data = base64.b64encode(part.get_payload(decode=True) or b"").decode()
            source = f"data:{part.get_content_type()};base64,{data}"
            content = content.replace(f"cid:{part['Content-ID'].strip('<> ')}", source)
    head = [(name, message[name]) for name in ("From", "To", "Reply-To", "Cc", "Subject")]
    head.append(("Attachments", ", ".join(mails.attachments(message))))
    lines = "".join(f"<b>{name}</b> {html.escape(str(text))}<br>" for name, text in head if text)
    page = folder / "mail.html"
    page.write_text(
        "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<div style='font:13px sans-serif;background:#eee;padding:8px'>{lines}</div>{content}"
    )
    return page


def enter(context, args):
    """Log in; with --lang, read the pages in that language. Returns what undoes the latter."""
    base = re.match(r"https?://[^/]+", args.page)[0]
    known = json.loads(args.logins.read_text()) if args.logins and args.logins.exists() else []
    passwords = {login: password for login, password, *_ in known}
    page = context.new_page()
    page.goto(f"{base}/web/login")
    form = {
        "csrf_token": page.eval_on_selector("input[name=csrf_token]", "e => e.value"),
        "login": args.user,
        "password": args.password or passwords.get(args.user, args.user),
        "redirect": "/web/health",
    }
    page.close()
    if "/web/login" in context.request.post(f"{base}/web/login", form=form).url:
        sys.exit(f"dev/shot: the login of {args.user} was refused")
    if not args.lang:
        return None

    def call(route, **params):
        answer = context.request.post(f"{base}{route}", data={"jsonrpc": "2.0", "params": params})
        return answer.json()["result"]

    session = call("/web/session/get_session_info")

    def speak(lang):
        values = {"lang": lang}
        call(
            "/web/dataset/call_kw/res.users/write",
            model="res.users",
            method="write",
            args=[[session["uid"]], values],
            kwargs={},
        )

    speak(args.lang)
    context.add_cookies([{"name": "frontend_lang", "value": args.lang, "url": base}])
    return lambda: speak(session["user_context"]["lang"])


def settle(page, args):
    """The web client draws after `load`: wait until it shows something and nothing is loading."""
    page.wait_for_load_state("load")
    if page.locator("script[src*='assets_web'], .o_web_client").count():
        page.wait_for_selector(".o_action_manager > *, .o_error_dialog, .o_app, .o_home_menu")
        page.wait_for_function("() => !document.querySelector('.o_loading_indicator')")
    page.wait_for_timeout(700)
    page.evaluate("() => document.fonts.ready.then(() => 1)")
    for selector in args.click:
        page.click(selector)
        page.wait_for_timeout(700)
    if args.wait:
        page.wait_for_selector(args.wait)


def take(context, args):
    page = context.new_page()
    problems = []
    page.on("console", lambda m: m.type == "error" and problems.append(f"console: {m.text}"))
    page.on("pageerror", lambda error: problems.append(f"page: {error}"))
    page.on("requestfailed", lambda request: problems.append(f"{request.failure}: {request.url}"))
    page.on("response", lambda r: r.status >= 400 and problems.append(f"{r.status}: {r.url}"))
    page.goto(args.page, wait_until="commit")
    try:
        settle(page, args)
    except Exception as error:  # the picture of the stuck page is what one wants to see
        problems.append(f"not settled: {str(error).splitlines()[0]}")
    dialog = page.locator(".o_error_dialog, .o_notification.border-danger")
    problems += [f"shown: {' '.join(text.split())[:200]}" for text in dialog.all_inner_texts()]
    overflow = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    page.screenshot(path=str(args.out), full_page=args.full)
    print(args.out)
    print(f"{page.title() or page.url}: overflow {max(0, overflow)} px, {len(problems)} problems")
    for problem in problems:
        print(f"  {problem}")


if __name__ == "__main__":
    main()
