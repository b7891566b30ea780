"""Ceilings of queries, which an N+1 would break; seconds are printed by bench/night."""
import re
from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CreditCommon, day

OWN_TABLE = re.compile(r"\bcredit_(case|item|action|agreement|dispute)(_line)?\b")


@tagged("post_install", "-at_install")
class TestSpeed(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.handover_after_days = 33

    # ------------------------------------------------------------------ builders

    def _create_owing(self, due, count):
        """``count`` new debtors with one open invoice each."""
        partners = self.env["res.partner"].create([
            {
                "name": f"Debtor {due} {number}", "is_company": True, "lang": "en_US",
                "email": f"number{number}@debtor.example", "phone": "+39 059 123456",
                "street": "Via Emilia 1", "city": "Modena", "user_id": self.salesperson.id,
                "property_account_receivable_id": self.receivable.id,
            }
            for number in range(count)
        ])
        moves = self.env["account.move"].create([
            {
                "move_type": "out_invoice", "partner_id": partner.id,
                "company_id": self.company.id, "invoice_date": day(due - 30),
                "invoice_date_due": day(due),
                "invoice_line_ids": [Command.create({
                    "name": "Goods", "price_unit": 1000.0, "tax_ids": [Command.clear()],
                    "account_id": self.company_data["default_account_revenue"].id,
                })],
            }
            for partner in partners
        ])
        moves.action_post()
        return moves

    def _pay_all(self, moves, on):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        ).create({"payment_date": day(on), "group_payment": False})._create_payments()

    def _count(self, act):
        """Queries of ``act`` on a cold cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    # ------------------------------------------------------------------ the night

    def test_the_night_costs_as_many_queries_for_60_debtors_as_for_3(self):
        """One third of the debtors takes a step, one third also gets notices to colleagues, one
        third has paid while a message was waiting and is closed."""
        counts = {}
        for each in (1, 1, 20):  # the first round warms the server's caches
            reminded = self._create_owing(-3, each)
            noticed = self._create_owing(-34, each)
            paid = self._create_owing(-31, each)
            self._night_over(noticed | paid, 0)
            self._cases(noticed).action_ids.filtered("level_id")._set_state("sent")
            self._pay_all(paid, on=0)
            counts[each] = self._count(
                lambda moves=reminded | noticed | paid: self._night_over(moves, 8)
            )
            self._check_night(reminded, self._cases(noticed), self._cases(paid))
        self.assertEqual(counts[20], counts[1])
        self.assertLess(counts[1], 160)

    def _cases(self, moves):
        return self._items(moves).case_id.with_env(self.root)

    def _night_over(self, moves, offset):
        """The night, met by the debtors of these invoices only."""
        with self.at(offset):
            today = self.company._credit_today()
            run = self.root["credit.run"]
            run._follow_ledger(self.company, today)
            run._review_cases(self._cases(moves), self.company, today)

    def _check_night(self, reminded, noticed, paid):
        """Everything that was to be measured has happened."""
        self.assertEqual(self._items(reminded).level_id.mapped("delay_days"), [3])
        self.assertEqual(set(noticed.mapped("suspended_on")), {day(8)})
        self.assertEqual(set(paid.mapped("state")), {"closed"})
        messages = paid.action_ids.filtered("level_id")
        self.assertEqual(set(messages.mapped("state")), {"cancelled"})

    # ------------------------------------------------------------------ messages

    def test_one_message_more_costs_at_most_4_queries(self):
        """Looked at again, rendered, frozen and queued; the budget is 10."""
        self._night_over(self._create_owing(-4, 32), 0)
        actions = self.actions.with_env(self.root)
        counts = {}
        for start, end in ((0, 2), (2, 7), (7, 32)):  # the first ones warm the server's caches
            batch = actions[start:end]
            with self.at(0):
                counts[len(batch)] = self._count(
                    lambda batch=batch: batch._deliver(self.company, self.company._credit_today())
                )
            self.assertEqual(set(batch.mapped("state")), {"queued"})
            self.assertEqual(len(batch.mail_mail_id), len(batch))
        self.assertLessEqual((counts[25] - counts[5]) / 20, 4)

    # ------------------------------------------------------------------ payments

    def test_a_payment_costs_at_most_3_queries_more(self):
        """Those by which it asks for a refresh, and any on the module's tables."""
        moves = self._create_owing(-4, 2)
        self._night_over(moves, 0)
        self._pay(moves[0])  # warms the server's caches
        queries = self._list_queries(lambda: self._pay(moves[1]))
        self.assertGreater(len(queries), 50, "a payment costs more than that")
        asking = [query for query in queries if "ir_cron" in query]
        self.assertTrue(asking, "a payment asks for a refresh")
        own = [query for query in queries if OWN_TABLE.search(query)]
        self.assertLessEqual(len(own) + len(asking), 3, own + asking)

    def _list_queries(self, act):
        """The statements of ``act`` on a cold cache."""
        queries = []
        execute = Cursor.execute

        def listed(cursor, query, *args, **kwargs):
            code = query.code if isinstance(query, SQL) else query
            queries.append(code.decode() if isinstance(code, bytes) else code)
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", listed):
            self._count(act)
        return queries

    # ------------------------------------------------------------------ screens

    def test_the_worklist_of_60_cases_opens_as_that_of_3(self):
        """As the web client opens it: with all columns of the list, activities included."""
        self.policy.level_ids.automatic = False  # messages to review stand on the worklist
        action = self.env.ref("account_credit_care.credit_case_worklist_action")
        view = self.env.ref("account_credit_care.credit_case_view_list_worklist")
        controller = self.controller
        Case = self.env["credit.case"].with_user(controller).with_company(self.company)
        arch = Case.get_views([(view.id, "list")])["views"]["list"]["arch"]
        names = {node.get("name") for node in etree.fromstring(arch).iter("field")}
        self.assertIn("todo_note", names)
        self.assertEqual(action.res_model, Case._name)
        specification = {
            name: {"fields": {"display_name": {}}} if Case._fields[name].relational else {}
            for name in names
        }
        counts = {}
        for count in (3, 3, 54):
            self._night_over(self._create_owing(-4, count), 0)
            with self.at(0):
                domain = list(Case._get_worklist_domain())
                total = Case.search_count(domain)
                counts[total] = self._count(
                    lambda domain=domain: Case.web_search_read(domain, specification, limit=80)
                )
        self.assertEqual(list(counts), [3, 6, 60])
        self.assertEqual(counts[60], counts[6])

    # ------------------------------------------------------------------ figures

    def test_the_page_of_figures_of_33_debtors_costs_as_that_of_3(self):
        """Each with an invoice that is open and one that was paid late."""
        page = self.env["credit.dashboard"].with_user(self.controller).with_context(
            allowed_company_ids=self.company.ids
        )
        counts = {}
        for total, each in ((2, 2), (3, 1), (33, 30)):  # the first round warms the caches
            paid, owed = self._create_owing(-40, each), self._create_owing(-35, each)
            self._night_over(paid | owed, 0)
            self._pay_all(paid, on=1)
            with self.at(2):
                counts[total] = {
                    half: self._count(lambda half=half: page.get_figures(half))
                    for half in ("choices", "money", "customers", "hands")
                }
        self.assertEqual(counts[33], counts[3])
        self.assertLess(max(counts[3].values()), 45)

    # ------------------------------------------------------------------ plans

    def test_a_batch_of_plans_costs_10_queries_whatever_its_size(self):
        """9 of the review, and one that a cold cache asks for."""
        counts, review = {}, self.root["credit.agreement"]._review_due
        for each in (1, 1, 30):  # the first round warms the server's caches
            plans = self._start_plans(self._create_owing(-3, each))
            with self.at(7):
                counts[each] = self._count(lambda: review(self.company, day(7)))
            self.assertEqual(set(plans.mapped("next_check_on")), {day(9)})
        self.assertEqual(counts, {1: 10, 30: 10})

    def _start_plans(self, moves):
        self._night_over(moves, 0)
        with self.at(0):
            plans = self.env["credit.agreement"].create([
                {
                    "kind": "plan", "case_id": item.case_id.id, "currency_id": item.currency_id.id,
                    "item_ids": [Command.set(item.ids)],
                    "line_ids": [
                        Command.create({"due_on": day(12), "amount": 400.0}),
                        Command.create({"due_on": day(42), "amount": 600.0}),
                    ],
                }
                for item in self._items(moves)
            ])
            plans._start()
        plans.sudo().next_check_on = day(7)
        return plans
