"""What the peer (OCA account_credit_control 19.0) was found to get wrong with runs, ours must get
right. The numbers are those of the list of its weaknesses."""
from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.credit_facts import Facts
from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestPeerRuns(CreditCommon):
    def test_9_running_again_changes_nothing(self):
        debtors = [self._create_debtor(f"Debtor{n}") for n in range(5)]
        for n, debtor in enumerate(debtors):
            self._create_due(-4 - 10 * n, partner=debtor)
        self._tick("credit.run", "_cron_review")
        lines, actions = self.env["credit.action.line"].search([]), self.actions
        cases = self.env["credit.case"].search([])
        state = cases.read(["state", "next_check_on", "last_contact_on", "level_id", "priority"])
        self.assertEqual(len(actions), 5)
        for _n in range(3):
            self._tick("credit.run", "_cron_review")
            self._tick("credit.run", "_cron_refresh")
        self.assertEqual(self.env["credit.action.line"].search([]), lines)
        self.assertEqual(self.actions, actions)
        self.assertEqual(self.env["credit.case"].search([]), cases)
        self.assertEqual(
            cases.read(["state", "next_check_on", "last_contact_on", "level_id", "priority"]),
            state,
        )

    def test_9_the_database_refuses_a_step_taken_twice(self):
        self._create_due(-4)
        line = self._night().line_ids
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                line.sudo().copy()

    def test_9_sending_again_sends_nothing(self):
        self._create_due(-4)
        self._tick("credit.run", "_cron_review")
        self._tick("credit.action", "_cron_send")
        mails = self._mails()
        self.assertEqual(len(mails), 1)
        for _n in range(3):
            self._tick("credit.action", "_cron_send")
        self.assertEqual(self._mails(), mails)

    def _mails(self):
        return self.env["mail.mail"].search([("model", "=", "credit.case")])

    def test_11_the_night_comes_by_itself(self):
        for xmlid in ("ir_cron_credit_review", "ir_cron_credit_send", "ir_cron_credit_refresh"):
            cron = self.env.ref(f"account_credit_care.{xmlid}")
            self.assertTrue(cron.active)
            self.assertEqual(cron.user_id, self.env.ref("base.user_root"))

    def test_14_an_earlier_day_after_a_later_one_harms_nothing(self):
        self._create_due(-4)
        self._night(5)
        before = self.actions
        self._night(0)
        self.assertEqual(self.actions, before)

    # ------------------------------------------------------------------ one fails, others do not

    def _poison(self):
        self.template.body_html = (
            "<p><t t-out=\"1 / (object.partner_id.name != 'Poison')\"/>"
            "<t t-out=\"object.table_html\"/></p>"
        )
        names = ("Before", "Poison", "After")
        debtors = {name: self._create_debtor(name) for name in names}
        for debtor in debtors.values():
            self._create_due(-4, partner=debtor)
        return debtors

    def test_a_message_that_cannot_be_written_fails_alone_and_tells_somebody(self):
        debtors = self._poison()
        self._tick("credit.run", "_cron_review")
        with mute_logger("odoo.addons.account_credit_care.models.credit_action"):
            self._tick("credit.action", "_cron_send")
        states = {a.case_id.partner_id.name: a.state for a in self.actions}
        self.assertEqual(states, {"Before": "queued", "Poison": "failed", "After": "queued"})
        self.assertTrue(self._case(debtors["Poison"]).activity_ids)
        self.assertFalse(self._case(debtors["After"]).activity_ids)
        failed = self.actions.filtered(lambda a: a.state == "failed")
        self.assertIn("division by zero", failed.failure)

    def test_a_case_that_cannot_be_reviewed_fails_alone_and_is_met_the_next_day(self):
        debtors = [self._create_debtor(name) for name in ("Before", "Poison", "After")]
        for debtor in debtors:
            self._create_due(-4, partner=debtor)
        poison = debtors[1]
        decide = Facts.decide

        def fails(facts, *values):
            if facts.partner_id == poison.id:
                raise ValueError("a bug")
            return decide(facts, *values)

        with (
            patch.object(Facts, "decide", fails),
            mute_logger("odoo.addons.account_credit_care.models.credit_run"),
        ):
            self._tick("credit.run", "_cron_review")
        self.assertEqual(set(self.actions.case_id.partner_id), {debtors[0], debtors[2]})
        case = self._case(poison)
        self.assertEqual(case.night_error, "a bug")
        self.assertTrue(case.filtered_domain(self.env["credit.case"]._get_worklist_domain()))
        self._tick("credit.run", "_cron_review", 1)
        self.assertEqual(len(self.actions), 3)
        self.assertFalse(case.night_error)

    def test_a_company_whose_night_fails_is_told_and_does_not_stop_the_others(self):
        other = self.root["res.company"].create({"name": "Broken"})
        self._create_due(-4)
        refresh = type(self.env["credit.ledger"])._refresh

        def fails(ledger, company, today):
            if company.id == other.id:
                raise ValueError("a field that is gone")
            return refresh(ledger, company, today)

        with (
            patch.object(type(self.env["credit.ledger"]), "_refresh", fails),
            patch.object(
                type(self.env["credit.run"]), "_get_companies",
                lambda run: run.env["res.company"].browse((other | self.company).ids),
            ),
            mute_logger("odoo.addons.account_credit_care.models.credit_run"),
        ):
            self._tick("credit.run", "_cron_review")
            self._tick("credit.run", "_cron_review")
            self._tick("credit.run", "_cron_refresh")
        self.assertEqual(len(self.actions), 1)
        told = self.root["mail.activity"].search([
            ("res_model", "=", "res.partner"), ("res_id", "=", other.partner_id.id),
        ])
        self.assertEqual(len(told), 1, "once, not each night")
        self.assertIn("a field that is gone", told.note)

    # ------------------------------------------------------------------ 13 the invoice changes

    def test_13_a_reminded_invoice_reset_to_draft_is_withdrawn_and_comes_back(self):
        invoice = self._create_due(-4)
        self._night()
        item, case = self._items(invoice), self._case()
        invoice.button_draft()
        self._night(1)
        self.assertEqual((item.close_reason, case.state), ("withdrawn", "closed"))
        invoice.action_post()
        self._night(2)
        self.assertFalse(item.closed_on)
        self.assertEqual(item.level_id.delay_days, 3)
        self.assertEqual(item.case_id, self._case())
        self.assertEqual(len(self.actions), 1, "the step was taken")

    def test_13_a_reminded_invoice_may_lose_its_receivable_lines(self):
        invoice = self._create_due(-4)
        self._night()
        item = self._items(invoice)
        invoice.button_draft()
        invoice.invoice_payment_term_id = self.env["account.payment.term"].create({
            "name": "Halves", "line_ids": [
                Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                for days in (0, 20)
            ],
        })
        invoice.action_post()
        self.assertEqual(len(invoice.line_ids.filtered("date_maturity")), 2)
        self._night(6)
        self.assertEqual(item.name, invoice.name)
        self.assertEqual(sum(self._items(invoice).filtered(
            lambda i: not i.closed_on).mapped("amount_residual")), 1000.0)

    def test_13_a_reminded_invoice_may_be_deleted_and_the_history_stays(self):
        invoice = self._create_due(-4)
        name = invoice.name
        action = self._night()
        item, case = self._items(invoice), self._case()
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        self._night(1)
        self.assertEqual((item.close_reason, case.state), ("withdrawn", "closed"))
        self.assertEqual(action.line_ids.name, name)
        self.assertEqual(action.line_ids.amount, 1000.0)

    def test_13_reset_to_draft_between_planning_and_sending_stops_the_message(self):
        invoice = self._create_due(-4)
        action = self._night(send=False)
        invoice.button_draft()
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "cancelled")

    def test_13_deleted_between_planning_and_sending_stops_the_message(self):
        invoice = self._create_due(-4)
        action = self._night(send=False)
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "cancelled")

    def test_13_a_cancelled_invoice_is_withdrawn(self):
        invoice = self._create_due(-4)
        self._night()
        invoice.button_draft()
        invoice.button_cancel()
        self._night(1)
        self.assertEqual(self._items(invoice).close_reason, "withdrawn")
