"""Everybody outside knocks at every door: the routes that the module adds, and documents by their
address."""
import json
import re
import threading

from odoo import http
from odoo.tests import tagged
from odoo.tools import mute_logger

from .attack_common import MODULE, QUIET, SECRET, AttackCase

# routes of ours that answer whoever asks: each with why
OPEN_ROUTES = {
    "/my/credit": "a customer's own cases; empty for whoever owes nothing",
    "/my/agency": "the start page of a collector: counters of his own",
    "/my/agency/list": "the list of a collector: his own positions",
}


@tagged("post_install", "-at_install")
class TestAttackRoutes(AttackCase):
    def _our_routes(self):
        """``{path: methods}`` of what our controllers add, as the server knows them."""
        found = {}
        threading.current_thread().dbname = self.env.cr.dbname  # as the server's threads have it
        for rule in self.env["ir.http"].routing_map().iter_rules():
            if rule.endpoint.func.__module__.startswith(f"odoo.addons.{MODULE}."):
                found[rule.rule] = rule.endpoint.routing
        return found

    def _fill(self, rule):
        values = {
            "placement_id": self.placement.id, "case_id": self.case.id, "move_id": self.move.id,
            "agreement_id": self.case.agreement_ids[:1].id, "token": "x" * 40,
            "statement_id": self.statement.id,
        }
        kinds = {"act": "contact", "kind": "paid"}
        return re.sub(
            r"<(?:[^<>:]*:)?(\w+)>", lambda m: str(values.get(m[1], kinds.get(m[1], 1))), rule
        )

    def test_no_route_of_ours_opens(self):
        routes = self._our_routes()
        self.assertGreater(len(routes), 12)
        for who, user in {**self.attackers, **self.insiders}.items():
            self._enter(user)
            for rule, routing in routes.items():
                for method in routing.get("methods") or ("POST",):
                    answer = self._knock(self._fill(rule), method, routing.get("type"))
                    allowed = rule in OPEN_ROUTES and not self._tells(answer.text)
                    passed = answer.status_code == 200 and "error" not in answer.text[:200]
                    self._refuse(
                        who, f"{method} {rule}: {answer.text[:300]}",
                        self._tells(answer.text) or passed, allowed,
                    )

    def _enter(self, user):
        if user == self.env.ref("base.public_user"):
            self.authenticate(None, None)
        else:
            self.authenticate(user.login, f"{user.login}-password")

    def _knock(self, path, method, kind):
        with mute_logger(*QUIET):
            if kind == "jsonrpc":
                return self.url_open(
                    path, json.dumps({"params": {}}), headers={"Content-Type": "application/json"}
                )
            if method == "POST":
                token = http.Request.csrf_token(self._as_request())
                return self.url_open(
                    path, data={"csrf_token": token}, allow_redirects=False
                )
            return self.url_open(path, allow_redirects=False)

    def _as_request(self):
        """Enough of a request to sign a form as this session would."""
        class Signed:
            session, env = self.session, self.env
        return Signed

    def test_no_document_comes_by_its_address(self):
        move, report = self.move.id, "account.account_invoices"
        placement, case = self.placement.id, self.case.id
        messages = self.env["mail.message"].search([
            ("model", "=", "credit.placement"), ("res_id", "=", placement),
        ])
        paths = [
            f"/web/content/{self.file.id}", f"/web/image/{self.file.id}",
            f"/web/content/credit.placement/{placement}/name",
            f"/web/image/res.partner/{self.debtor.id}/avatar_128",
            f"/web/content/account.move/{move}/invoice_pdf_report_file",
            f"/report/pdf/{report}/{move}", f"/report/html/{report}/{move}",
            *self._sheets(),
            f"/my/invoices/{move}", f"/my/invoices/{move}?report_type=pdf&download=True",
            f"/mail/view?model=credit.placement&res_id={placement}",
            f"/mail/view?model=credit.case&res_id={case}",
            *(f"/mail/message/{message.id}" for message in messages),
            f"/my/agency/{placement}/invoice/{move}", f"/my/agency/{placement}",
            f"/odoo/credit.placement/{placement}", "/json/1/credit.placement",
            f"/my/credit/{case}", "/web/export/csv?data={}",
        ]
        calls = {
            "/mail/thread/messages": {"thread_model": "credit.placement", "thread_id": placement},
            "/mail/thread/data": {
                "thread_model": "credit.placement", "thread_id": placement, "request_list": [],
            },
            "/mail/message/post": {
                "thread_model": "credit.placement", "thread_id": placement,
                "post_data": {"body": "x", "message_type": "comment"},
            },
            "/mail/chatter_fetch": {"thread_model": "credit.placement", "thread_id": placement},
        }
        for who, user in {**self.attackers, **self.insiders}.items():
            self._enter(user)
            for path in paths:
                answer = self._knock(path, "GET", "http")
                self._refuse(who, f"GET {path}: {answer.text[:200]}", self._tells(answer.text))
            for path, params in calls.items():
                answer = self.url_open(
                    path, json.dumps({"params": params}),
                    headers={"Content-Type": "application/json"},
                )
                self._refuse(who, f"{path}: {answer.text[:200]}", self._tells(answer.text))

    def _sheets(self):
        """Each document that the module prints, of what is attacked or of the first there is."""
        reports = self.env["ir.actions.report"].search([("report_name", "=like", f"{MODULE}.%")])
        self.assertGreaterEqual(len(reports), 5)
        for report in reports:
            records = {
                "credit.placement": self.placement, "credit.case": self.placement.case_id,
                "credit.mandate": self.placement.mandate_id, "res.company": self.company,
            }.get(report.model, self.env[report.model].search([], limit=1))
            yield f"/report/html/{report.report_name}/{records.id or 1}"

    def test_the_one_who_works_on_it_gets_documents_by_the_checked_route_only(self):
        user = self.qualified.user_id
        user.password = "gina-password"
        self._enter(user)
        self.assertIn(SECRET, self.url_open(f"/my/agency/{self.placement.id}").text)
        path = f"/my/agency/{self.placement.id}/invoice"
        self.assertEqual(self.url_open(f"{path}/{self.move.id}").status_code, 200)
        strange = self._create_due(self.now - 60, partner=self._create_debtor("Other"))
        for other in (
            f"{path}/{strange.id}", f"/web/content/{self.file.id}",
            f"/web/content/account.move/{self.move.id}/invoice_pdf_report_file",
            f"/report/pdf/account.account_invoices/{self.move.id}",
            f"/my/invoices/{self.move.id}",
        ):
            answer = self._knock(other, "GET", "http")
            self._refuse("qualified", f"GET {other}", self._tells(answer.text))
            self.assertNotEqual(answer.status_code, 200, other)
