"""Two companies never see each other, also where they have a customer in common."""
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from .access_common import AccessCommon
from .common import day


@tagged("post_install", "-at_install")
class TestTwoCompanies(AccessCommon):
    """One customer of both companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.company_ids |= cls.other_company
        cls.other_policy = cls.env["credit.policy"].with_company(cls.other_company).create({
            "name": "Theirs", "company_id": cls.other_company.id, "state": "active",
            "is_default": True, "user_id": cls.foreigner.id, "tolerance": 0.5,
            "suspend_after_days": 30,
            "level_ids": [Command.create({
                "name": "Theirs", "delay_days": 3, "channel": "email",
                "mail_template_id": cls.template.id,
            })],
        })
        cls.debtor.with_company(cls.other_company).property_account_receivable_id = (
            cls.other_data["default_account_receivable"]
        )

    def _create_there(self, due, amount):
        move = self.env["account.move"].with_company(self.other_company).create({
            "move_type": "out_invoice", "partner_id": self.debtor.id,
            "company_id": self.other_company.id,
            "invoice_date": day(min(due, 0) - 30), "invoice_date_due": day(due),
            "invoice_line_ids": [Command.create({
                "name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()],
                "account_id": self.other_data["default_account_revenue"].id,
            })],
        })
        move.action_post()
        return move

    def _case_there(self):
        return self.root["credit.case"].search([
            ("partner_id", "=", self.debtor.id), ("company_id", "=", self.other_company.id),
        ])

    def test_each_has_its_case_its_message_and_its_amounts(self):
        self._create_there(-10, 77.0)
        self._tick("credit.run", "_cron_review", 2)
        self._tick("credit.action", "_cron_send", 2)
        there = self._case_there()
        self.assertEqual(there.amount_open, 77.0)
        self.assertEqual(self.case.amount_open, 1000.0)
        action = there.action_ids.filtered(lambda a: a.kind == "reminder")
        self.assertEqual(action.line_ids.mapped("amount"), [77.0])
        self.assertEqual(action.user_id, self.foreigner)
        self.assertIn("Corsini", action.mail_mail_id.email_from)
        self.assertNotIn("1,000", action.body)

    def test_suspended_in_one_he_buys_from_the_other(self):
        order = self.root["sale.order"].with_company(self.other_company).create({
            "partner_id": self.debtor.id, "company_id": self.other_company.id,
        })
        self.assertFalse(order._credit_stop())
        self.assertTrue(self.order._credit_stop())
        there = self.debtor.with_company(self.other_company)
        self.assertFalse(there.credit_care_suspended)
        self.assertTrue(self.debtor.with_company(self.company).credit_care_suspended)

    def test_an_exemption_in_one_says_nothing_in_the_other(self):
        self.debtor.with_company(self.other_company).sudo().write({
            "credit_care_never_suspend": True, "credit_care_policy_id": self.other_policy.id,
        })
        self._night(2)
        self.assertEqual(self.case.policy_id, self.policy)
        self.assertTrue(self.case.suspended_on)

    def test_a_credit_in_one_covers_nothing_in_the_other(self):
        self._create_there(-10, 77.0)
        self._pay_on_account(self.debtor, 5000.0)
        self._tick("credit.run", "_cron_review", 2)
        self.assertEqual(
            self._case_there().action_ids.filtered(lambda a: a.kind == "reminder").amount_total,
            77.0,
        )

    def test_the_policy_of_one_is_never_used_in_the_other(self):
        self.debtor.with_company(self.company).sudo().credit_care_policy_id = self.policy
        self._create_there(-10, 77.0)
        self._tick("credit.run", "_cron_review", 2)
        self.assertEqual(self._case_there().policy_id, self.other_policy)

    def test_a_company_whose_night_takes_all_the_time_leaves_the_others_theirs(self):
        """What is done does not have the scheduler come back: nobody would look before tomorrow."""
        self._create_due(-10, 50.0, partner=self._create_debtor("Here"))
        self._create_there(-10, 77.0)
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0.0):
            self._tick("credit.run", "_cron_review", 2)
            self._tick("credit.action", "_cron_send", 2)
        for company in (self.company, self.other_company):
            reminders = self.root["credit.action"].search([
                ("company_id", "=", company.id), ("kind", "=", "reminder"), ("date", "=", day(2)),
            ])
            self.assertEqual(reminders.mapped("state"), ["queued"], company.name)
