"""The night killed between any two steps, and two nights at once: real processes, real commits.

On a database of its own (a copy of the installed module), in forked processes that die by SIGKILL.
Whatever happens, each debtor gets one message, and none is lost.
"""
import os
import signal
import socket
import subprocess
import threading
import time
import traceback
from collections import Counter
from datetime import date, timedelta

from aiosmtpd.controller import Controller
from freezegun import freeze_time

import odoo
from odoo import SUPERUSER_ID, Command, api, sql_db, tools
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, tagged
from odoo.tools import SQL

TODAY = date(2026, 3, 4)
NOON = f"{TODAY} 12:00:00"
DEBTORS = 5
DATABASE = f"crash_{os.getpid()}"


class Sink:
    """A mail server that counts what it has taken, by recipient. It lives in the parent."""

    def __init__(self):
        self.taken = Counter()

    async def handle_DATA(self, server, session, envelope):
        self.taken.update(envelope.rcpt_tos)
        return "250 OK"


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = os.environ.get("CREDIT_CARE_TEMPLATE")
        if not template:
            raise AssertionError("Run by dev/test: CREDIT_CARE_TEMPLATE names the database to copy")
        subprocess.run(["createdb", "-T", template, DATABASE], check=True)
        cls.addClassCleanup(cls._drop)
        cls.sink = Sink()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        cls.smtp = Controller(cls.sink, hostname="127.0.0.1", port=port)
        cls.smtp.start()
        cls.addClassCleanup(cls.smtp.stop)
        testing = tools.config["test_enable"]
        tools.config["test_enable"] = False  # loading a registry would look for tests to run
        try:
            cls.registry_of_copy = Registry(DATABASE)
        finally:
            tools.config["test_enable"] = testing
        cls._finish(cls._fork(lambda env: cls._write_ledger(env, port)))

    @classmethod
    def _drop(cls):
        Registry.delete(DATABASE)
        sql_db.close_db(DATABASE)
        subprocess.run(["dropdb", "--force", DATABASE], check=True)

    # ------------------------------------------------------------------ processes

    @classmethod
    def _fork(cls, job):
        """A process of its own with ``job(env)`` on real connections; returns its pid."""
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            # the parent's connections are not ours to close
            cls.inherited = (sql_db._Pool, sql_db._Pool_readonly)
            sql_db._Pool = sql_db._Pool_readonly = None
            cls.registry_of_copy._db = sql_db.db_connect(DATABASE)
            odoo.modules.module.current_test = None
            threading.current_thread().dbname = DATABASE
            with freeze_time(NOON), cls.registry_of_copy.cursor() as cr:
                job(api.Environment(cr, SUPERUSER_ID, {}))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:  # never back into the test runner
            os._exit(code)

    @classmethod
    def _finish(cls, pid):
        """Waits; returns whether the process was killed. An error of its own fails the test."""
        _pid, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            return True
        if os.WEXITSTATUS(status):
            raise AssertionError("The night ended with an error: see the log")
        return False

    @classmethod
    def _write_ledger(cls, env, port):
        company = env.company
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.write({"credit_bank_fresh_days": 0, "email": "office@bellandi.example"})
        env["ir.mail_server"].create({
            "name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_encryption": "none",
        })
        partners = env["res.partner"].create([
            {"name": f"Debtor {n}", "email": f"debtor{n}@debtor.example"} for n in range(DEBTORS)
        ])
        moves = env["account.move"].create([
            {
                "move_type": "out_invoice", "partner_id": partner.id,
                "invoice_date": TODAY - timedelta(days=30),
                "invoice_date_due": TODAY - timedelta(days=4),
                "invoice_line_ids": [Command.create({
                    "name": "Goods", "price_unit": 100, "tax_ids": [Command.clear()],
                })],
            }
            for partner in partners
        ])
        moves.action_post()
        template = env.ref("account_credit_care.mail_template_friendly")
        env["credit.policy"].create({
            "name": "Crash", "state": "active", "is_default": True, "company_id": company.id,
            "level_ids": [Command.create({
                "name": "Reminder", "delay_days": 3, "channel": "email",
                "mail_template_id": template.id,
            })],
        })

    @classmethod
    def _night(cls, env):
        """A whole night in batches of two, so that there are steps to die between."""
        env["credit.run"]._cron_review(batch_size=2)
        env["credit.action"]._cron_send(batch_size=2)
        env["mail.mail"].process_email_queue()

    def _night_dying(self, moment):
        """A night that is killed at its ``moment``-th commit: before it when odd, after it when
        even. Returns whether it was."""
        def job(env):
            count = 0
            commit = sql_db.Cursor.commit

            def dying_commit(cursor):
                nonlocal count
                count += 1
                mine = count  # a commit may run others, of its hooks
                if 2 * mine - 1 == moment:
                    os.kill(os.getpid(), signal.SIGKILL)
                result = commit(cursor)
                if 2 * mine == moment:
                    os.kill(os.getpid(), signal.SIGKILL)
                return result

            sql_db.Cursor.commit = dying_commit
            self._night(env)

        return self._finish(self._fork(job))

    # ------------------------------------------------------------------ what is there

    def _query(self, query):
        with sql_db.db_connect(DATABASE).cursor() as cr:
            cr.execute(query)
            return cr.fetchall() if cr.description else []

    def _begin_anew(self):
        self.sink.taken.clear()
        with sql_db.db_connect(DATABASE).cursor() as cr:
            for table in (
                "mail_activity", "mail_notification", "mail_mail", "credit_action_line",
                "survey_user_input", "credit_action", "credit_item", "credit_case",
            ):
                cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
            cr.execute("DELETE FROM mail_message WHERE model = 'credit.case'")

    def _states(self):
        return dict(self._query("SELECT state, count(*) FROM credit_action GROUP BY state"))

    def _assert_once(self, unknown=0):
        """Each debtor has one action about his item, sent or (``unknown`` at most) to be asked
        about; the mail server took none of them twice."""
        self.assertEqual(
            self._query("SELECT count(*), count(DISTINCT item_id) FROM credit_action_line"
                        " WHERE level_id IS NOT NULL AND released IS NOT TRUE"),
            [(DEBTORS, DEBTORS)],
        )
        states = self._states()
        self.assertLessEqual(states.get("failed", 0), unknown, states)
        self.assertEqual(states.get("sent", 0) + states.get("failed", 0), DEBTORS, states)
        self.assertEqual(set(self.sink.taken.values()) - {1}, set())
        self.assertGreaterEqual(len(self.sink.taken), DEBTORS - unknown)

    # ------------------------------------------------------------------ tests

    def test_killed_at_any_commit_nothing_is_sent_twice_nor_lost(self):
        moment, killed = 0, True
        while killed:
            moment += 1
            self._begin_anew()
            killed = self._night_dying(moment)
            with self.subTest(moment=moment, killed=killed):
                if killed:
                    self._finish(self._fork(self._night))
                # only a death between the server's answer and our commit leaves one in doubt
                self._assert_once(unknown=1)
        self.assertGreater(moment, 2 * DEBTORS, "the night was not killed often enough")

    def test_a_message_of_which_nobody_knows_whether_it_left_is_not_sent_again(self):
        self._begin_anew()

        def job(env):
            env["credit.run"]._cron_review()
            env["credit.action"]._cron_send()
            server = env.registry["ir.mail_server"]
            send = server.send_email

            def send_and_die(model, *args, **kwargs):
                send(model, *args, **kwargs)
                os.kill(os.getpid(), signal.SIGKILL)

            server.send_email = send_and_die
            env["mail.mail"].process_email_queue()

        self.assertTrue(self._finish(self._fork(job)))
        self._finish(self._fork(self._night))
        self.assertEqual(self._states(), {"failed": 1, "sent": DEBTORS - 1})
        self.assertEqual(set(self.sink.taken.values()), {1})
        self.assertEqual(len(self.sink.taken), DEBTORS)

    def test_two_nights_at_once_send_each_message_once(self):
        for _round in range(3):
            self._begin_anew()
            pids = [self._fork(self._two_at_once) for _side in range(2)]
            for pid in pids:
                self._finish(pid)
            self._finish(self._fork(self._night))  # what both left to the other
            self._assert_once()

    def test_two_nights_at_once_ask_each_customer_once(self):
        self._begin_anew()
        self._finish(self._fork(self._night))
        self._finish(self._fork(self._talk_to_all))
        for _round in range(2):
            self.sink.taken.clear()
            with sql_db.db_connect(DATABASE).cursor() as cr:
                cr.execute("DELETE FROM credit_action WHERE purpose = 'survey'")
                cr.execute("DELETE FROM survey_user_input")
            pids = [self._fork(self._two_at_once) for _side in range(2)]
            for pid in pids:
                self._finish(pid)
            self._finish(self._fork(self._night))
            self.assertEqual(
                self._query("SELECT count(*), count(DISTINCT credit_case_id)"
                            " FROM survey_user_input WHERE credit_rule_id IS NOT NULL"),
                [(DEBTORS, DEBTORS)],
            )
            self.assertEqual(
                self._query("SELECT state, count(*) FROM credit_action"
                            " WHERE purpose = 'survey' GROUP BY state"),
                [("sent", DEBTORS)],
            )
            self.assertEqual((set(self.sink.taken.values()), len(self.sink.taken)), ({1}, DEBTORS))

    def test_two_requests_for_a_new_link_at_once_send_one(self):
        self._begin_anew()
        self._finish(self._fork(self._night))
        for pid in [self._fork(self._ask_for_a_link) for _side in range(2)]:
            self._finish(pid)
        self.assertEqual(
            self._query("SELECT count(*) FROM credit_action"
                        " WHERE purpose = 'link' AND direction = 'out'"), [(1,)],
        )

    @classmethod
    def _ask_for_a_link(cls, env):
        def ask():
            env["credit.case"].search([], limit=1)._answer_new_link()
            env.flush_all()
            time.sleep(0.5)  # before the commit: the other one is at it by now

        retrying(ask, env)

    @classmethod
    def _talk_to_all(cls, env):
        """Everybody was called today, and a rule asks how it was."""
        env["credit.policy"].search([]).write({"max_contacts_day": 0, "max_contacts_week": 0})
        rule = env["credit.survey.rule"].create({
            "name": "After a call", "company_id": env.company.id, "event": "contact",
            "survey_id": env.ref("account_credit_care.survey_contact").id, "delay_days": 0,
        })
        rule.action_start()
        env["credit.action"].create([
            {
                "case_id": case.id, "company_id": case.company_id.id, "kind": "contact",
                "channel": "phone", "state": "done", "outcome": "reached", "date": TODAY,
            }
            for case in env["credit.case"].search([])
        ])

    def _two_at_once(self, env):
        env["credit.run"]._cron_review(batch_size=2)
        env["credit.action"]._cron_send(batch_size=2)
