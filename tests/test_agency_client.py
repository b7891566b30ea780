"""The agency's program against a live server: real requests, real commits, real cuts."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import odoorpc
import psycopg2
from lxml import etree

from odoo import Command
from odoo.tests import tagged

from .live_common import LiveCase, Wire

CLIENT = Path(__file__).parent.parent / "client"
SCHEMA = Path(__file__).parent.parent / "static" / "xsd" / "dossier-1.0.xsd"
NAMES = ("Alfa", "Beta", "Gamma", "Delta")
DESK = "credit.agency.desk"


# ------------------------------------------------------------------ jobs, in other processes


def seed(env):
    """Four positions of one mandate, two collectors with a key each. Returns what tests need."""
    company = env.company
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    company.write({
        "name": "Bellandi", "credit_bank_fresh_days": 0, "email": "office@bellandi.example",
    })
    policy = env["credit.policy"].search([("company_id", "=", company.id)], limit=1)
    policy.write({"is_default": True, "state": "active"})
    for name in NAMES:
        _owe(env, name)
    env["credit.run"]._cron_review()
    agency = env["res.partner"].create({"name": "Credit Angels", "is_company": True})
    mandate = env["credit.mandate"].create({
        "name": "Collection", "agency_id": agency.id, "company_id": company.id,
        "start_on": date.today() - timedelta(days=100), "pressure": "firm",
        "licence_number": "12/A", "licence_office": "Questura di Modena",
        "contract_on": date.today() - timedelta(days=100), "disclosure": "I call for Bellandi",
    })
    keys = {login: _hire(env, mandate, login) for login in ("gina", "paul")}
    mandate.action_activate()
    placements = {name: _place(env, name, mandate) for name in NAMES}
    _keep_invoice(env, placements["Alfa"])
    return {
        "keys": keys,
        "ids": {name: one.id for name, one in placements.items()},
        "numbers": {name: one.name for name, one in placements.items()},
    }


def _owe(env, name):
    partner = env["res.partner"].create({
        "name": name, "is_company": True, "email": f"{name.lower()}@debtor.example",
    })
    env["account.move"].create({
        "move_type": "out_invoice", "partner_id": partner.id,
        "invoice_date": date.today() - timedelta(days=90),
        "invoice_date_due": date.today() - timedelta(days=60),
        "invoice_line_ids": [Command.create({
            "name": "Goods", "price_unit": 1000, "tax_ids": [Command.clear()],
        })],
    }).action_post()


def _hire(env, mandate, login):
    user = env["res.users"].with_context(no_reset_password=True).create({
        "name": login.title(), "login": login, "email": f"{login}@angels.example",
        "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        "company_id": env.company.id, "company_ids": [Command.set(env.company.ids)],
    })
    user.partner_id.parent_id = mandate.agency_id
    collector = env["credit.collector"].create({"mandate_id": mandate.id, "user_id": user.id})
    collector.action_qualify()
    until = datetime.now() + timedelta(days=30)
    return env(user=user.id)["res.users.apikeys"]._generate(None, "client", until)


def _case(env, name):
    return env["credit.case"].search([("partner_id.name", "=", name)])


def _place(env, name, mandate):
    case = _case(env, name)
    if not case.note_id:
        case.action_request_note()
    case.note_id.write({"approach_note": "Call in the morning", "contact_name": "Anna"})
    case.note_id.action_submit()
    placement = env["credit.placement"].browse(case.action_place()["res_id"])
    placement.mandate_id = mandate
    placement.action_send()
    return placement


def _keep_invoice(env, placement):
    move = placement.line_ids.item_id.move_id
    env["ir.attachment"].create({
        "name": "INV.pdf", "raw": b"%PDF-1.4 kept", "res_model": "account.move",
        "res_id": move.id, "res_field": "invoice_pdf_report_file", "mimetype": "application/pdf",
    })


def recall_delta(env):
    _case(env, "Delta").placement_ids._recall("The customer has called")
    return True


def pay_beta(env):
    move = _case(env, "Beta").placement_ids.line_ids.item_id.move_id
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=move.ids
    ).create({"amount": 100})._create_payments()
    return True


def take_back_key(env):
    user = env["res.users"].search([("login", "=", "paul")])
    user.api_key_ids._remove()
    env.registry.signal_changes()  # what a request does at its end
    return True


# ------------------------------------------------------------------ tests


@tagged("post_install", "-at_install")
class TestAgencyClient(LiveCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seeded = cls._run(seed)
        cls._sql(
            "INSERT INTO ir_config_parameter (key, value) VALUES ('report.url', %s)", cls.url
        )
        cls._serve()

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.home = Path(folder.name)
        self.out = self.home / "dossiers"

    @classmethod
    def _sql(cls, query, *arguments):
        with psycopg2.connect(dbname=cls.database) as connection, connection.cursor() as cursor:
            cursor.execute(query, arguments)
            return cursor.fetchall() if cursor.description else []

    # ------------------------------------------------------------------ the client

    def _command(self, *arguments, login="gina", url=None, key=None):
        config = self.home / f"{login}.json"
        if not config.exists():
            config.touch(mode=0o600)
        config.write_text(json.dumps({
            "url": url or self.url, "db": self.database, "login": login, "timeout": 30,
        }))
        env = {
            **os.environ, "PYTHONPATH": str(CLIENT),
            "CREDIT_CARE_KEY": key or self.seeded["keys"][login],
        }
        return [
            sys.executable, "-m", "credit_care_agency", "--config", str(config), "--json",
            *map(str, arguments),
        ], env

    def _client(self, *arguments, code=0, **options):
        """Runs it and returns what it tells; its exit code has to be ``code``."""
        command, env = self._command(*arguments, **options)
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stderr, "")
        for key in self.seeded["keys"].values():
            self.assertNotIn(key, done.stdout)
        return json.loads(done.stdout)

    def _file(self, *lines, head="kind,placement,on,outcome,amount,method,remark,key"):
        path = self.home / "day.csv"
        path.write_text("\n".join([head, *lines]) + "\n")
        return path

    def _contact(self, name, remark, key=""):
        today = date.today().isoformat()
        return f"contact,{self.seeded['numbers'][name]},{today},reached,,,{remark},{key}"

    def _remarks(self, like):
        return [row[0] for row in self._sql(
            "SELECT summary FROM credit_action WHERE summary LIKE %s ORDER BY id", f"{like}%"
        )]

    def _folder(self, name):
        return self.out / self.seeded["numbers"][name].replace("/", "-")

    def _wire(self):
        wire = Wire(self.port)
        self.addCleanup(wire.close)
        return wire, f"http://127.0.0.1:{wire.port}"

    # ------------------------------------------------------------------ login, status

    def test_login_tries_the_key_and_keeps_it_for_its_owner_alone(self):
        config = self.home / "own" / "config.json"
        command = [
            sys.executable, "-m", "credit_care_agency", "--config", str(config), "login",
            "--url", self.url, "--db", self.database, "--login", "gina",
        ]
        env = {**os.environ, "PYTHONPATH": str(CLIENT)}
        for key, code in (("wrong", 6), (self.seeded["keys"]["gina"], 0)):
            done = subprocess.run(
                command, env=env, input=f"{key}\n", capture_output=True, text=True, check=False
            )
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertEqual(config.exists(), not code)
            self.assertNotIn(key + "\n", done.stdout + done.stderr)
        self.assertEqual(config.stat().st_mode & 0o777, 0o600)
        told = self._client("status")["status"]
        self.assertEqual([one["creditor"] for one in told["mandates"]], ["Bellandi"])
        self.assertIn("reached", told["codes"]["outcome"])

    # ------------------------------------------------------------------ pull

    def test_pull_fetches_what_is_valid_and_then_only_what_changed(self):
        told = self._client("pull", self.out)
        self.assertGreaterEqual(len(told["new"]), 3)
        alfa = self._folder("Alfa")
        self.assertEqual((alfa / "invoices" / "INV.pdf").read_bytes(), b"%PDF-1.4 kept")
        self.assertTrue((alfa / "statement.pdf").read_bytes().startswith(b"%PDF-"))
        manifest = etree.parse(alfa / "manifest.xml")
        etree.XMLSchema(etree.parse(SCHEMA)).assertValid(manifest)
        self.assertEqual(manifest.find("{*}debtor").get("name"), "Alfa")

        again = self._client("pull", self.out)
        self.assertEqual((again["new"], again["changed"]), ([], []))
        self._run(pay_beta)
        again = self._client("pull", self.out)
        self.assertEqual([one["number"] for one in again["changed"]],
                         [self.seeded["numbers"]["Beta"]])
        manifest = etree.parse(self._folder("Beta") / "manifest.xml")
        self.assertEqual(manifest.find("{*}items")[0].get("open"), "900.00")

    def test_killed_between_two_dossiers_it_goes_on_there(self):
        command, env = self._command("pull", self.out)
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        index, until = self.out / ".credit-care.json", time.monotonic() + 60
        while not index.exists() and time.monotonic() < until:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        self.assertEqual(process.wait(), -signal.SIGKILL, "it was done before it was killed")
        kept = [path for path in self.out.iterdir() if path.is_dir() and path.name[0] != "."]
        moments = {path: (path / "manifest.xml").stat().st_mtime_ns for path in kept}
        self.assertTrue(kept)
        told = self._client("pull", self.out)
        self.assertGreaterEqual(told["unchanged"], 1)
        self.assertGreaterEqual(len(told["new"]), 1)
        for one in told["new"]:
            moments.pop(self.out / one["folder"], None)
        for path, moment in moments.items():
            self.assertEqual((path / "manifest.xml").stat().st_mtime_ns, moment)
        self.assertFalse(list(self.out.glob(".part-*")))

    def test_a_connection_that_is_cut_for_good_is_told_and_gone_on_with(self):
        wire, url = self._wire()
        seen = []

        def cut_the_second(request):
            if b"pull_dossier" in request:
                seen.append(request)
            return "cut" if len(seen) > 1 else "pass"

        wire.rule = cut_the_second
        told = self._client("pull", self.out, url=url, code=5)
        self.assertIn("start the same command again", told["message"])
        self.assertEqual(len(seen), 4, "the second was tried three times")
        self.assertEqual(len([one for one in self.out.iterdir() if one.is_dir()]), 1)
        wire.rule = lambda request: "pass"
        told = self._client("pull", self.out, url=url)
        self.assertEqual(told["unchanged"], 1)
        self.assertGreaterEqual(len(told["new"]), 2)

    def test_a_hiccup_is_not_even_told(self):
        wire, url = self._wire()
        cut = []

        def cut_each_once(request):
            body = request.partition(b"\r\n\r\n")[2]
            mark = json.loads(body)["params"]
            if mark in cut:
                return "pass"
            cut.append(mark)
            return "cut"

        wire.rule = cut_each_once
        told = self._client("pull", self.out, url=url)
        self.assertGreaterEqual(len(told["new"]), 3)
        self.assertEqual(told["bad"], [])

    def test_what_is_recalled_is_removed_and_takes_no_entry(self):
        self._client("pull", self.out)
        delta = self._folder("Delta")
        self.assertTrue(delta.exists())
        self._run(recall_delta)
        told = self._client("pull", self.out)
        self.assertEqual(told["ended"],
                         [{"number": self.seeded["numbers"]["Delta"], "why": "recalled"}])
        self.assertFalse(delta.exists())
        told = self._client("push", self._file(
            self._contact("Delta", "too late"), self._contact("Alfa", "in time"),
        ), code=4)
        [refused] = told["refused"]
        self.assertEqual((refused["line"], refused["field"]), (2, "placement"))
        self.assertEqual((self._remarks("too late"), self._remarks("in time")), ([], ["in time"]))

    # ------------------------------------------------------------------ push

    def test_push_enters_and_pushed_again_enters_nothing(self):
        today = date.today().isoformat()
        number = self.seeded["numbers"]["Gamma"]
        path = self._file(
            self._contact("Gamma", "twice"),
            f"promise,{number},{today},,300,,twice promised,",
            f"claim,{number},{today},,250.50,transfer,,own-1",
        )
        self.assertEqual(self._client("push", "--dry-run", path)["total"], 3)
        self.assertEqual(self._remarks("twice"), [])
        first = self._client("push", path)
        self.assertEqual((len(first["done"]), first["refused"]), (3, []))
        again = self._client("push", path)
        self.assertEqual((again["done"], len(again["repeated"])), ([], 3))
        self.assertEqual([one["id"] for one in again["repeated"]],
                         [one["id"] for one in first["done"]])
        self.assertEqual(self._remarks("twice"), ["twice"])
        for table in ("credit_agreement", "credit_claim"):
            self.assertEqual(self._sql(  # pylint: disable=sql-injection
                f"SELECT count(*) FROM {table} WHERE placement_id = %s",
                self.seeded["ids"]["Gamma"],
            ), [(1,)])

    def test_an_answer_that_got_lost_is_asked_for_again_and_nothing_is_done_twice(self):
        wire, url = self._wire()
        lost = []

        def lose_the_first_push(request):
            if b'"push"' in request and not lost:
                lost.append(request)
                return "drop"
            return "pass"

        wire.rule = lose_the_first_push
        path = self._file(*(self._contact("Alfa", f"lost {number}") for number in range(3)))
        told = self._client("push", path, url=url)
        self.assertEqual(len(lost), 1)
        self.assertEqual((told["done"], len(told["repeated"])), ([], 3))
        self.assertEqual(self._remarks("lost"), ["lost 0", "lost 1", "lost 2"])

    def test_cut_off_for_good_it_is_pushed_again_as_a_whole(self):
        wire, url = self._wire()
        wire.rule = lambda request: "drop" if b'"push"' in request else "pass"
        path = self._file(self._contact("Alfa", "gone 1"), self._contact("Alfa", "gone 2"))
        told = self._client("push", path, url=url, code=5)
        self.assertEqual((told["report"]["total"], told["report"]["done"]), (2, []))
        wire.rule = lambda request: "pass"
        self.assertEqual(len(self._client("push", path, url=url)["repeated"]), 2)
        self.assertEqual(self._remarks("gone"), ["gone 1", "gone 2"])

    def test_of_a_malformed_file_nothing_is_sent(self):
        good = [self._contact("Alfa", f"none {number}") for number in range(3)]
        for bad in (
            "contact,PL/1", "visit,PL/1,2026-01-01,,,,,", f"{good[0]}",
            f"claim,{self.seeded['numbers']['Alfa']},2026-01-01,,x,transfer,,",
        ):
            told = self._client("push", self._file(*good, bad), code=3)
            self.assertEqual([one["line"] for one in told["problems"]], [5])
        path = self.home / "day.xml"
        for content in ("<entries", "<!DOCTYPE x><entries xmlns='urn:credit-care:entries:1'/>"):
            path.write_text(content)
            self.assertTrue(self._client("push", path, code=3)["problems"])
        self.assertEqual(self._remarks("none"), [])

    def test_the_same_key_from_two_sides_at_once_is_done_once(self):
        """Both are held at the position's row; when it is let go, one has the key and the other
        waits for its commit."""
        entry = {
            "key": "at-once", "placement": self.seeded["numbers"]["Alfa"], "kind": "contact",
            "outcome": "reached", "on": date.today().isoformat(), "remark": "at once",
        }
        answers = []

        def push():
            odoo = odoorpc.ODOO("127.0.0.1", port=self.port, version="19.0")
            odoo.login(self.database, "gina", self.seeded["keys"]["gina"])
            answers.extend(odoo.execute_kw(DESK, "push", [[entry]], {}))

        held = psycopg2.connect(dbname=self.database)
        self.addCleanup(held.close)
        with held.cursor() as cursor:
            cursor.execute("SELECT FROM credit_placement WHERE id = %s FOR UPDATE",
                           [self.seeded["ids"]["Alfa"]])
        sides = [threading.Thread(target=push) for _side in range(2)]
        for side in sides:
            side.start()
        self._wait_for_locks(2)
        held.rollback()
        for side in sides:
            side.join(60)
        self.assertEqual([one["ok"] for one in answers], [True, True], answers)
        self.assertEqual(sorted(one["repeated"] for one in answers), [False, True])
        self.assertEqual(len({one["id"] for one in answers}), 1)
        self.assertEqual(self._remarks("at once"), ["at once"])

    def _wait_for_locks(self, count):
        query = """SELECT count(*) FROM pg_stat_activity
                    WHERE datname = %s AND wait_event_type = 'Lock'"""
        until = time.monotonic() + 30
        while self._sql(query, self.database)[0][0] < count:
            self.assertLess(time.monotonic(), until, "nobody waits")
            time.sleep(0.05)

    # ------------------------------------------------------------------ the key

    def test_a_key_that_was_taken_back_opens_nothing_and_removes_nothing(self):
        self._client("pull", self.out, login="paul")
        before = sorted(path for path in self.out.rglob("*"))
        self._run(take_back_key)
        path = self._file(self._contact("Alfa", "revoked"))
        for arguments in (("pull", self.out), ("push", path), ("status",)):
            told = self._client(*arguments, login="paul", code=6)
            self.assertIn("make a new one", told["message"])
        self.assertEqual(sorted(path for path in self.out.rglob("*")), before)
        self.assertEqual(self._remarks("revoked"), [])

    # ------------------------------------------------------------------ one schema

    def test_client_and_server_have_one_schema(self):
        """The client does not need the module: it carries a copy."""
        own = CLIENT / "credit_care_agency" / SCHEMA.name
        self.assertEqual(own.read_bytes(), SCHEMA.read_bytes())
