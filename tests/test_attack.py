"""Everybody outside tries everything: each model that the module adds and what it touches of
core's, each public method, each route, documents by their URL. What is refused is counted and
printed; what passes must stand on the white-lists below, with its reason."""
import atexit
import inspect
import json
import re
import threading
from collections import Counter

from odoo import Command, http
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .agency_page_common import AgencyPageCase

SECRET = "Zanzibar"  # a word that stands in everything of the debtor and nowhere else
MODULE = "account_credit_care"
READS = {
    "search": [[]], "search_count": [[]], "search_read": [[]], "web_search_read": [[], {"id": {}}],
    "name_search": [SECRET], "read_group": [[], ["__count"], []],
    "formatted_read_group": [[], [], ["__count"]], "web_read_group": [[], ["create_uid"]],
}
READS_OF_IDS = {
    "read": [], "web_read": [{"display_name": {}}], "export_data": [["id"]], "copy": [],
    "message_post": [],
}
# core tells of any record of any model who wrote it and when, and nothing that is in it
TOLD_BY_CORE = "get_metadata"
CORE = (
    "account.move", "account.move.line", "account.payment", "account.partial.reconcile",
    "res.partner", "res.partner.bank", "ir.attachment", "mail.message", "mail.followers",
    "mail.activity", "mail.mail", "mail.notification", "mail.tracking.value", "sale.order",
    "res.users", "bus.bus", "ir.logging",
)
# core gives these to anybody with a login; none of them tells of the debtor (checked by SECRET)
OPEN_MODELS = {
    "res.partner": "his own family of contacts, by core's rule",
    "res.users": "himself and his colleagues, by core's rule",
    "mail.message": "his own words elsewhere, by core's rule",
    "mail.notification": "his own notifications, by core's rule",
    "account.move": "his own bills, by core's rule",
    "account.move.line": "lines of his own bills, by core's rule",
    "sale.order": "his own orders, by core's rule",
    "mail.followers": "none, by core's rule",
    "res.partner.bank": "his own accounts, by core's rule",
}
# routes of ours that answer whoever asks: each with why
OPEN_ROUTES = {
    "/my/credit": "a customer's own cases; empty for whoever owes nothing",
    "/my/agency": "the start page of a collector: counters of his own",
    "/my/agency/list": "the list of a collector: his own positions",
}
DESK = {
    "get_placement": (), "accept": (), "log_contact": ("reached",),
    "promise": (10, "EUR", "2030-01-01"), "propose": ("plan", {}),
    "claim": (10, "EUR", "2030-01-01", "cash"), "ask": ("Who is it?",),
    "give_back": ("No time for it",), "assign": (None,), "pull_dossier": (),
    "get_script": (), "log_courtesy": ("not_reached",),
}
# they answer with what is one's own
SEATLESS = ("get_home", "get_list", "get_status", "pull_list", "push")
REFUSED = (
    AccessError, UserError, ValidationError, AttributeError, TypeError, ValueError, KeyError,
    NotImplementedError, AssertionError,
)
QUIET = (
    "odoo.http", "odoo.models", "odoo.models.unlink", "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model", "odoo.sql_db", "werkzeug",
)


class _Undo(Exception):
    """Ends a savepoint by rolling it back."""


@tagged("post_install", "-at_install")
class TestAttack(AgencyPageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.count = Counter()
        cls.debtor.write({
            "name": f"{SECRET} S.r.l.", "phone": "+39 059 987654", "vat": False,
        })
        rival = cls.env["res.partner"].create({"name": "Rival", "is_company": True})
        cls.rival = cls._create_mandate(agency_id=rival.id, share=0)
        cls.stranger = cls._create_collector("sven", cls.rival)
        cls.stranger.is_leader = True
        cls.stranger.with_user(cls.manager).action_qualify()
        cls.rival.with_user(cls.manager).action_activate()
        cls.leader_collector = cls._create_collector("lena", cls.mandate)
        cls.leader_collector.is_leader = True
        cls._create_others()

    @classmethod
    def _create_others(cls):
        """A collector of another company, a customer with a login, the public."""
        other = cls.setup_other_company(name="Corsini")["company"]
        mandate = cls._create_mandate(company_id=other.id, user_id=cls.env.user.id)
        person = cls._create_collector("otto", mandate)
        person.user_id.write({
            "company_ids": [Command.set(other.ids)], "company_id": other.id,
        })
        cls.env.user.company_ids |= other
        mandate.sudo()._set_state("active")
        cls.customer = new_test_user(
            cls.env, "petra", "base.group_portal", company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.attackers = {
            "another agency's leader": cls.stranger.user_id,
            "not qualified": cls.plain.user_id,
            "leader not qualified": cls.leader_collector.user_id,
            "another company's collector": person.user_id,
            "customer": cls.customer,
            "public": cls.env.ref("base.public_user").sudo(),
        }
        for user in cls.attackers.values():
            if user.login != "public":
                user.password = f"{user.login}-password"

    def setUp(self):
        """The debtor's relationship comes first, a qualified collector works on him, and there is
        a record of each kind about him."""
        super().setUp()
        self.case.relationship_priority = True
        with self.at(self.now):
            desk = self._desk(self.qualified)
            desk.accept(self.placement.id)
            desk.log_contact(self.placement.id, "reached", remark=f"He of {SECRET} listens")
            desk.claim(self.placement.id, 10, None, self.today.isoformat(), "cash", SECRET)
            desk.ask(self.placement.id, f"Who is {SECRET}?")
            self.placement.with_user(self.controller)._answer_agency(f"The owner of {SECRET}")
            desk.promise(self.placement.id, 20, None, self._in(3), SECRET)
        self.move = self.placement.line_ids.item_id.move_id
        self.file = self.env["ir.attachment"].sudo().create({
            "name": f"{SECRET}.pdf", "raw": b"%PDF-1.4 " + SECRET.encode(),
            "res_model": "credit.placement", "res_id": self.placement.id,
        })
        self.env.flush_all()

    def _desk(self, collector):
        return self.env["credit.agency.desk"].with_user(collector.user_id)

    # ------------------------------------------------------------------ how it is tried

    def _rpc(self, user, model, method, *args, **kwargs):
        """As the RPC controller calls it; the user's own companies, and ours in vain."""
        env = self.env(user=user, context={"allowed_company_ids": user.company_ids.ids})
        return call_kw(env[model], method, list(args), kwargs)

    def _try(self, user, model, method, *args, **kwargs):
        """What came back, or None where it was refused; what it did is undone."""
        result = None
        with mute_logger(*QUIET):
            try:
                with self.env.cr.savepoint():
                    result = self._rpc(user, model, method, *args, **kwargs)
                    self.env.flush_all()
                    raise _Undo
            except _Undo:
                return result if result is not None else "done"
            except REFUSED:
                return None
            finally:
                self.env.invalidate_all()

    def _refuse(self, who, what, passed, allowed=False):
        """Counts; fails on what passed."""
        passed = passed is not None and passed is not False
        if passed and not allowed:
            self.fail(f"{who} may: {what}")
        self.count["allowed" if passed else who] += 1

    def _tells(self, answer):
        return SECRET in str(answer) or "987654" in str(answer)

    def _our_models(self):
        return sorted(
            name for name, cls in self.registry.items()
            if self.env[name]._original_module == MODULE
        )

    @classmethod
    def tearDownClass(cls):
        refused = sum(cls.count.values()) - cls.count["allowed"]
        told = ", ".join(f"{who} {count}" for who, count in sorted(cls.count.items()))
        # when all is over: a runner swallows what passing tests print
        atexit.register(print, f"attack: {refused} attempts refused ({told})")
        super().tearDownClass()

    # ------------------------------------------------------------------ models

    def test_no_model_of_ours_answers(self):
        models = self._our_models()
        self.assertGreater(len(models), 40)
        for who, user in self.attackers.items():
            for model in models:
                if model == "credit.agency.desk":
                    continue  # its methods have a test of their own
                record = self.env[model].sudo()
                ids = [] if record._abstract else record.search([], limit=3).ids
                self._attack_model(who, user, model, ids)

    def _attack_model(self, who, user, model, ids):
        for method, args in READS.items():
            self._refuse(who, f"{model}.{method}", self._try(user, model, method, *args))
        for method, args in READS_OF_IDS.items():
            if ids:
                self._refuse(who, f"{model}.{method}", self._try(user, model, method, ids, *args))
        if ids:
            answer = self._try(user, model, TOLD_BY_CORE, ids)
            self._refuse(who, f"{model}.{TOLD_BY_CORE}", answer, not self._tells(answer))
        self._refuse(who, f"{model}.create", self._try(user, model, "create", [{}]))
        if ids:
            name = next(iter(self.env[model]._fields))
            self._refuse(who, f"{model}.write", self._try(user, model, "write", ids, {name: 1}))
            self._refuse(who, f"{model}.unlink", self._try(user, model, "unlink", ids))

    def test_cores_models_tell_nothing_of_the_debtor(self):
        for who, user in self.attackers.items():
            for model in CORE:
                found = self.env[model].sudo().search([], order="id desc", limit=80).ids
                tried = [
                    self._try(user, model, method, *args)
                    for method, args in READS.items()
                ]
                tried.append(self._try(user, model, "search_read", [], None, 0, 400))
                tried += [self._try(user, model, "read", [one]) for one in found]
                for answer in tried:
                    passed = answer is not None and self._tells(answer)
                    self._refuse(who, f"{model} tells: {str(answer)[:300]}", passed)
                    if answer and not passed and model not in OPEN_MODELS:
                        self.assertFalse(
                            who != "public" and model == "ir.attachment" and self._names(answer),
                            f"{who} reads {model}",
                        )

    def _names(self, answer):
        return isinstance(answer, list) and self.file.id in [
            row.get("id") for row in answer if isinstance(row, dict)
        ]

    def test_records_of_the_debtor_cannot_be_read_written_or_followed(self):
        records = {
            "account.move": self.move, "account.move.line": self.move.line_ids,
            "res.partner": self.debtor | self.placement.handover_id.contact_id,
            "ir.attachment": self.file,
            "mail.message": self.env["mail.message"].search([
                ("model", "in", ("credit.case", "credit.placement", "credit.agreement")),
            ]),
            "mail.activity": self.env["mail.activity"].search([
                ("res_model", "in", ("credit.case", "credit.placement")),
            ]),
        }
        for who, user in {**self.attackers, "qualified": self.qualified.user_id}.items():
            for model, found in records.items():
                self.assertTrue(found, model)
                for one in found:
                    for method, args in (
                        ("read", []), ("write", [{"id": one.id}]), ("unlink", []),
                        ("export_data", [["id"]]), ("copy", []),
                        ("message_subscribe", [user.partner_id.ids]), ("message_post", []),
                    ):
                        if not hasattr(self.env[model], method):
                            continue
                        answer = self._try(user, model, method, [one.id], *args)
                        self._refuse(who, f"{model}.{method}({one.id})", answer)
            for model in ("credit.case", "credit.placement", "account.move"):
                self._refuse(who, f"follow {model}", self._try(
                    user, "mail.followers", "create",
                    [{"res_model": model, "res_id": 1, "partner_id": user.partner_id.id}],
                ))

    # ------------------------------------------------------------------ methods

    def _public_methods(self, model):
        """What our classes add, and what they bring along by inheritance."""
        cls = self.registry[model]
        return sorted({
            name for base in cls.mro() for name, value in vars(base).items()
            if not name.startswith("_") and inspect.isfunction(value)
            and base.__module__.startswith(f"odoo.addons.{MODULE}.")
        })

    def test_no_public_method_does_anything(self):
        ours = [name for name in self.registry if self._public_methods(name)]
        for who, user in self.attackers.items():
            for model in ours:
                if model == "credit.agency.desk" or self.env[model]._abstract:
                    continue
                record = self.env[model].sudo().search([], limit=1)
                for name in self._public_methods(model):
                    if name in ("create", "write", "unlink", "copy_data", "default_get"):
                        continue  # tried on each model above
                    before = self._marks()
                    answer = self._try(user, model, name, record.ids)
                    self._refuse(
                        who, f"{model}.{name}: {answer}",
                        self._tells(answer) or self._marks() != before,
                    )

    def _marks(self):
        """Where everything of the debtor stands."""
        self.env.cr.execute(
            "SELECT (SELECT max(write_date)::text FROM credit_placement),"
            " (SELECT count(*) FROM credit_action), (SELECT count(*) FROM credit_claim),"
            " (SELECT string_agg(state, ',' ORDER BY id) FROM credit_placement),"
            " (SELECT count(*) FROM mail_message), (SELECT count(*) FROM credit_agreement)"
        )
        return self.env.cr.fetchone()

    def test_the_desk_refuses_whoever_has_no_seat_at_this_position(self):
        for who, user in self.attackers.items():
            for name, args in DESK.items():
                answer = self._try(
                    user, "credit.agency.desk", name, self.placement.id, *args
                )
                self._refuse(who, f"desk.{name}: {answer}", answer is not None)
            entry = {
                "key": "1", "placement": self.placement.id, "kind": "claim", "amount": "10",
                "on": self.today.isoformat(), "method": "cash",
            }
            for name in SEATLESS:
                args = {"get_list": [SECRET], "push": [[entry]]}.get(name, [])
                answer = self._try(user, "credit.agency.desk", name, *args)
                passed = name == "push" and answer and answer[0]["ok"]
                passed = passed or answer and self.placement.name in str(answer)
                self._refuse(who, f"desk.{name}: {answer}", passed or self._tells(answer))
        self.assertEqual(
            set(self._public_methods("credit.agency.desk")), {*DESK, *SEATLESS},
            "a new method of the desk is tried here",
        )

    def test_what_is_over_is_over_for_whoever_worked_on_it(self):
        """Recalled, given back, closed, off the mandate, the mandate ended: at once."""
        user = self.qualified.user_id
        self.assertTrue(self._try(
            user, "credit.agency.desk", "get_placement", self.placement.id
        ), "the test would try nothing")
        ends = {
            "recalled": lambda: self.placement.sudo()._end("recalled", "He called us"),
            "returned": lambda: self.placement.sudo()._end("returned", "No time"),
            "closed": lambda: self.placement.sudo()._end("closed", "Paid"),
            "off the mandate": lambda: self.qualified.sudo().write({"active": False}),
            "no more qualified": lambda: self.qualified.with_user(
                self.manager).action_disqualify(),
            "mandate ended": lambda: self.mandate.with_user(self.manager)._end("Too dear"),
        }
        for why, end in ends.items():
            with self.subTest(end=why), self.at(self.now):
                savepoint = self.env.cr.savepoint()
                end()
                self.env.flush_all()
                self._attack_as_former(f"qualified, {why}", user)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def _attack_as_former(self, who, user):
        for name, args in DESK.items():
            answer = self._try(user, "credit.agency.desk", name, self.placement.id, *args)
            self._refuse(who, f"desk.{name}: {answer}", answer is not None)
        answer = self._try(user, "credit.agency.desk", "get_list", SECRET)
        self._refuse(who, f"list: {answer}", self._tells(answer))
        for model in ("mail.message", "mail.activity", "ir.attachment", "account.move"):
            answer = self._try(user, model, "search_read", [])
            self._refuse(who, f"{model}: {answer}", answer is not None and self._tells(answer))

    # ------------------------------------------------------------------ routes

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
            "statement_id": 1,
        }
        kinds = {"act": "contact", "kind": "paid"}
        return re.sub(
            r"<(?:[^<>:]*:)?(\w+)>", lambda m: str(values.get(m[1], kinds.get(m[1], 1))), rule
        )

    def test_no_route_of_ours_opens(self):
        routes = self._our_routes()
        self.assertGreater(len(routes), 12)
        for who, user in self.attackers.items():
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
        for who, user in self.attackers.items():
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
