"""Runs demo code of the add-on on a database, in one transaction.

on_database.py DATABASE ledger                             demo/ledger.py's build(env)
on_database.py DATABASE companies                          the two that tests/common.py works in
on_database.py DATABASE staff                              the module's rights for the demo's people
on_database.py DATABASE night SMTP_PORT HTTP_PORT LOGINS   demo/night.py's run(env), with its mail;
                                                           logins go to the file LOGINS, links to
                                                           debtors' pages to LOGINS.pages
"""

import importlib
import json
import sys
from functools import partial
from pathlib import Path

from tables import show

import odoo.http
import odoo.modules.registry
import odoo.service.server
from odoo import SUPERUSER_ID, api
from odoo.service.model import retrying
from odoo.tools import config

DEMO = "odoo.addons.account_credit_care.demo"
# what the first pages of portal and web client fetch; Odoo compiles it when somebody asks for it
STYLES = ("web.assets_frontend", "web.assets_web", "web.assets_web_print")
SCRIPTS = (
    "web.assets_frontend_minimal", "web.assets_frontend_lazy", "web.assets_web",
    "web.chartjs_lib", "bus.websocket_worker_assets",
)


def ledger(env):
    importlib.import_module(f"{DEMO}.ledger").build(env)


def companies(env):
    core = importlib.import_module("odoo.addons.account.tests.common").AccountTestInvoicingCommon
    books = type("Books", (core,), {"env": env})
    for number in (1, 2):
        books._create_company(name=f"Credit Care tests {number}")


def staff(env):
    importlib.import_module(f"{DEMO}.staff").grant(env)


def night(env, smtp_port, http_port, logins_file):
    _send_mail_to(env, int(smtp_port))
    # where links in mails lead to, and where wkhtmltopdf fetches the styles of letters: us
    settings, address = env["ir.config_parameter"], f"http://127.0.0.1:{http_port}"
    settings.set_param("web.base.url", address)
    settings.set_param("web.base.url.freeze", "True")  # each administrator's login would move it
    settings.set_param("report.url", address)
    env.cr.commit()
    try:
        story = importlib.import_module(f"{DEMO}.night")
    except ModuleNotFoundError as error:
        if error.name != f"{DEMO}.night":
            raise
        print("demo/night.py is not there yet: no night was run")
        return
    told = story.run(env) or {}
    env.cr.commit()
    retrying(partial(_compile_pages, env), env)  # a browser that is still open asks for them too
    env.cr.commit()
    env["mail.mail"].process_email_queue()
    for title, rows in told.items():
        if title not in ("logins", "pages"):
            show(title, rows)
    Path(logins_file).write_text(json.dumps(told.get("logins", [])))
    Path(f"{logins_file}.pages").write_text(json.dumps(told.get("pages", [])))


def _compile_pages(env):
    """Here, and not while whoever opens the demo waits for his first page."""
    pages = env["ir.qweb"]
    for bundle in STYLES:
        pages._get_asset_bundle(bundle, js=False).css()
    for bundle in SCRIPTS:
        pages._get_asset_bundle(bundle, css=False).js()


def _send_mail_to(env, port):
    values = {
        "name": "SMTP sink of dev/demo",
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_encryption": "none",
    }
    servers = env["ir.mail_server"].with_context(active_test=False).search([])
    sink = servers.filtered(lambda server: server.name == values["name"])
    (servers - sink).active = False
    if sink:
        sink.write(values)
    else:
        env["ir.mail_server"].create(values)


def main(database, job, *arguments):
    options = ["-d", database, "--log-level=warn", "--max-cron-threads=0"]
    if job == "night":
        options.append(f"--http-port={arguments[1]}")
    config.parse_config(options, setup_logging=True)
    odoo.service.server.load_server_wide_modules()
    registry = odoo.modules.registry.Registry(database)
    if job == "night":
        server = odoo.service.server.server = odoo.service.server.ThreadedServer(odoo.http.root)
        server.http_spawn()
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        jobs = {"companies": companies, "ledger": ledger, "staff": staff, "night": night}
        jobs[job](env, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
