"""The traps of Odoo 19's accounting that cost others real bugs: each stands here as a fact."""
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from .common import CreditCommon, day


@tagged("post_install", "-at_install")
class TestTraps(CreditCommon):
    def _term(self, *instalments, **values):
        """``instalments``: pairs (percent, days after the invoice's date)."""
        return self.env["account.payment.term"].create({
            "name": "Term", "company_id": self.company.id,
            "line_ids": [
                Command.create({"value": "percent", "value_amount": percent, "nb_days": days})
                for percent, days in instalments
            ],
            **values,
        })

    def _create_on_term(self, term, invoiced_on, amount=1000.0):
        return self._create_due(
            0, amount, invoice_date=day(invoiced_on), invoice_payment_term_id=term.id,
            invoice_date_due=False,
        )

    def _entry(self, amount=700.0, due=-40, journal="default_journal_misc", partner=None):
        """A receivable booked without an invoice: an opening balance."""
        entry = self.env["account.move"].create({
            "move_type": "entry", "date": day(due), "company_id": self.company.id,
            "journal_id": self.company_data[journal].id,
            "line_ids": [
                Command.create({
                    "account_id": self.receivable.id, "debit": amount, "date_maturity": day(due),
                    "partner_id": (partner or self.debtor).id, "name": "Opening",
                }),
                Command.create({
                    "account_id": self.company_data["default_account_revenue"].id,
                    "credit": amount,
                }),
            ],
        })
        entry.action_post()
        return entry

    def _activities(self, payment):
        return self.env["mail.activity"].search([
            ("res_model", "=", "account.payment"), ("res_id", "=", payment.id),
            ("activity_type_id", "=",
             self.env.ref("account_credit_care.mail_activity_type_payment").id),
        ])

    # ------------------------------------------------------------------ 1 blocked is sticky

    def test_1_a_blocked_invoice_stays_blocked_when_paid_and_is_closed_all_the_same(self):
        invoice = self._create_due(-4)
        self._night()
        case, item = self._case(), self._items(invoice)
        invoice.action_toggle_block_payment()
        self._pay(invoice, on=1)
        self.assertEqual(invoice.payment_state, "blocked", "core has mended it: tell reuse.md")
        self._night(15)
        self.assertEqual(item.close_reason, "cash")
        self.assertEqual(case.state, "closed")
        self.assertEqual(len(self.actions), 1)

    def test_1_blocking_a_payment_is_no_dispute_and_stops_no_reminder(self):
        invoice = self._create_due(-4)
        invoice.action_toggle_block_payment()
        self.assertEqual(self._night().state, "queued")

    # ------------------------------------------------------------------ 2 instalments

    def test_2_the_first_instalment_is_reminded_while_the_last_is_not_due(self):
        invoice = self._create_on_term(self._term((40, 20), (60, 90)), -30)
        self.assertEqual(invoice.invoice_date_due, day(60))
        action = self._night()
        self.assertEqual(action.level_id.delay_days, 3)
        self.assertEqual(action.line_ids.mapped("amount"), [400.0])
        self.assertEqual(action.line_ids.due_on, day(-10))
        self.assertEqual(action.amount_total, 400.0)

    def test_2_each_instalment_climbs_by_itself(self):
        invoice = self._create_on_term(self._term((40, 20), (60, 45)), -30)
        for offset in range(0, 40):
            self._night(offset)
        first, second = self._items(invoice).sorted("due_on")
        steps = [
            item.line_ids.filtered("level_id").mapped("level_id.delay_days")
            for item in (first, second)
        ]
        self.assertEqual(steps[0], [3, 10, 20, 31, 40])
        self.assertEqual(steps[1], [3, 10, 20])

    def test_2_a_paid_instalment_is_not_asked_for_with_the_other(self):
        invoice = self._create_on_term(self._term((40, 20), (60, 25)), -30)
        self._pay(invoice, 400.0)
        action = self._night(0)
        self.assertEqual(action.line_ids.mapped("amount"), [600.0])
        self.assertEqual(action.line_ids.due_on, day(-5))

    def test_2_suspension_counts_from_the_oldest_instalment(self):
        self._create_on_term(self._term((40, 10), (60, 90)), -45)
        self._night(0)
        self._night(1)
        self.assertDay(self._case().suspended_on, 1)

    # ------------------------------------------------------------------ 3 early discount

    def _discount_invoice(self, invoiced_on):
        term = self._term(
            (100, 30), early_discount=True, discount_percentage=2, discount_days=10,
            early_pay_discount_computation="excluded",
        )
        return self._create_on_term(term, invoiced_on)

    def test_3_the_day_of_the_early_discount_is_not_the_due_date(self):
        invoice = self._discount_invoice(-4)
        with self.at(0):
            self.assertEqual(invoice.next_payment_date, day(6))
        for offset in (6, 7, 9, 14):
            self._night(offset)
        self.assertFalse(self.actions)
        self._night(26 - 5)
        self.assertEqual(self.actions.level_id.delay_days, -5)
        self.assertEqual(self.actions.line_ids.due_on, day(26))
        self.assertEqual(self.actions.line_ids.amount, 1000.0)

    def test_3_paid_with_the_discount_is_paid_by_cash(self):
        invoice = self._discount_invoice(-4)
        self._night(21)
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": day(3)})
        self.assertEqual(wizard.amount, 980.0)
        wizard._create_payments()
        self._night(29)
        item = self._items(invoice)
        self.assertEqual(item.close_reason, "cash")
        self.assertEqual(len(self.actions), 1, "only the courtesy of before the payment")

    # ------------------------------------------------------------------ 4 payments set back

    def test_4_a_payment_set_back_to_draft_asks_somebody_to_undo_it(self):
        invoice = self._create_due(-4)
        payment = self._pay(invoice)
        payment.action_draft()
        self.assertEqual(invoice.amount_residual, 0.0, "core has mended it: tell reuse.md")
        self._tick("credit.run", "_cron_review")
        activity = self._activities(payment)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.controller)
        self._tick("credit.run", "_cron_review", 1)
        self.assertEqual(self._activities(payment), activity, "asked once, not each night")

    def test_4_a_rejected_payment_asks_somebody_to_undo_it(self):
        invoice = self._create_due(-4)
        payment = self._pay(invoice)
        payment.action_reject()
        self._tick("credit.run", "_cron_review")
        self.assertEqual(len(self._activities(payment)), 1)

    def test_4_a_valid_payment_asks_nobody(self):
        payment = self._pay(self._create_due(-4))
        self._tick("credit.run", "_cron_review")
        self.assertFalse(self._activities(payment))

    def test_4_a_cancelled_payment_opens_the_item_again_at_its_place(self):
        invoice = self._create_due(-4)
        first = self._night()
        payment = self._pay(invoice, on=1)
        self._night(1)
        item = self._items(invoice)
        self.assertEqual(item.close_reason, "cash")
        payment.action_draft()
        payment.action_cancel()
        self._night(6)
        self.assertFalse(item.closed_on)
        self.assertFalse(item.close_reason)
        self.assertEqual((self.actions - first).level_id.delay_days, 10)

    # ------------------------------------------------------------------ 5 in payment

    def _in_payment(self):
        """The state of accounting add-ons that book payments only with the bank statement."""
        return patch.object(
            self.env.registry["account.move"], "_get_invoice_in_payment_state",
            lambda move: "in_payment",
        )

    def _pay_without_entry(self, invoice, amount=None, **values):
        """A payment that has no entry: core leaves the residual of the invoice as it is."""
        self.company_data["default_journal_bank"].inbound_payment_method_line_ids.write(
            {"payment_account_id": False}
        )
        with self._in_payment():
            payment = self._pay(invoice, amount)
        self.assertFalse(payment.move_id)
        self.assertEqual(invoice.amount_residual, invoice.amount_total)
        return payment

    def test_5_a_payment_on_its_way_without_an_entry_is_not_reminded(self):
        invoice = self._create_due(-4)
        payment = self._pay_without_entry(invoice)
        self.assertEqual(payment.state, "in_process")
        self._night()
        self._night(10)
        self.assertFalse(self.actions)
        self.assertEqual(self._case().hold_reason, "payment on its way")

    def test_5_a_payment_on_its_way_between_night_and_sending_stops_the_message(self):
        invoice = self._create_due(-4)
        action = self._night(send=False)
        self._pay_without_entry(invoice)
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "cancelled")

    def test_5_part_of_it_on_its_way_leaves_the_rest_to_be_asked(self):
        invoice = self._create_due(-4)
        self._pay_without_entry(invoice, 300.0)
        action = self._night()
        self.assertEqual(action.line_ids.amount, 700.0)
        self.assertEqual(action.amount_total, 700.0)

    def test_5_a_rejected_payment_without_an_entry_is_reminded_again(self):
        invoice = self._create_due(-4)
        payment = self._pay_without_entry(invoice)
        self._night()
        with self._in_payment():
            payment.action_reject()
        self._night(1)
        self.assertEqual(self.actions.line_ids.amount, 1000.0)

    def test_5_a_payment_on_its_way_does_not_suspend_credit(self):
        self._pay_without_entry(self._create_due(-60))
        for offset in range(3):
            self._night(offset)
        self.assertFalse(self._case().suspended_on)

    def test_5_a_payment_on_its_way_does_not_end_a_pause_in_the_preview(self):
        invoice = self._create_due(-4)
        self._night(-8)
        with self.at(-8):
            self._items(invoice).with_user(self.controller)._pause(day(20), "He called")
        self._pay_without_entry(invoice, 300.0)
        with self.at(0):
            plans, _notices = self.root["credit.forecast"]._preview(self.company, day(15))
        self.assertFalse(plans)

    def _book_bank(self, invoice, amount, on=1):
        """The bank statement, matched with the invoice itself as such add-ons do."""
        line = self.env["account.bank.statement.line"].create({
            "journal_id": self.company_data["default_journal_bank"].id, "amount": amount,
            "date": day(on), "payment_ref": "Transfer", "partner_id": invoice.partner_id.id,
        })
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.receivable
        (suspense | invoice.line_ids.filtered(
            lambda one: one.account_id == self.receivable)).reconcile()

    def test_5_what_the_bank_has_booked_is_on_its_way_no_more(self):
        """The payment without an entry stays linked, and would be deducted twice: nobody would ever
        ask for the rest."""
        invoice = self._create_due(-4)
        payment = self._pay_without_entry(invoice, 300.0)
        with self._in_payment():
            self._book_bank(invoice, 300.0)
            payment.action_validate()
        self.assertEqual((payment.state, invoice.amount_residual), ("paid", 700.0))
        self.assertEqual(self._night(1).line_ids.amount, 700.0)

    def test_5_a_payment_that_somebody_calls_paid_counts_before_the_bank_has_booked_it(self):
        invoice = self._create_due(-4)
        payment = self._pay_without_entry(invoice, 300.0)
        with self._in_payment():
            payment.action_validate()
        self.assertEqual((payment.state, invoice.amount_residual), ("paid", 1000.0))
        self.assertEqual(self._night(0).line_ids.amount, 700.0)

    def test_5_a_payment_on_its_way_in_another_currency_stops_the_reminder(self):
        """What it comes to is known when the bank is booked."""
        gbp = self.setup_other_currency("GBP", rates=[("2020-01-01", 2.0)])
        invoice = self._create_due(-4)
        self.company_data["default_journal_bank"].inbound_payment_method_line_ids.write(
            {"payment_account_id": False}
        )
        with self._in_payment():
            payment = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({"payment_date": day(0), "currency_id": gbp.id})._create_payments()
        self.assertFalse(payment.move_id)
        self.assertEqual(payment.currency_id, gbp)
        self._night(0)
        self.assertFalse(self.actions)
        self.assertEqual(self._case().hold_reason, "payment on its way")

    # ------------------------------------------------------------------ 6 write-off in the partial

    def _close_with_difference(self, invoice, cash):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({
            "payment_date": day(1), "amount": cash, "payment_difference_handling": "reconcile",
            "writeoff_account_id": self.company_data["default_account_expense"].id,
        })
        return wizard._create_payments()

    def test_6_mostly_paid_with_a_write_off_is_closed_as_paid(self):
        invoice = self._create_due(-4)
        self._night()
        self._close_with_difference(invoice, 700.0)
        [partial] = invoice.line_ids.matched_credit_ids
        self.assertEqual(partial.amount, 1000.0, "core has mended it: tell reuse.md")
        self._night(1)
        self.assertEqual(self._items(invoice).close_reason, "cash")

    def test_6_mostly_written_off_is_not_closed_as_paid(self):
        invoice = self._create_due(-4)
        self._night()
        self._close_with_difference(invoice, 10.0)
        self._night(1)
        self.assertEqual(self._items(invoice).close_reason, "other")

    def test_6_a_write_off_by_an_entry_is_not_closed_as_paid(self):
        invoice = self._create_due(-4)
        self._night()
        entry = self.env["account.move"].create({
            "move_type": "entry", "date": day(1), "company_id": self.company.id,
            "line_ids": [
                Command.create({
                    "account_id": self.receivable.id, "credit": 1000.0,
                    "partner_id": self.debtor.id,
                }),
                Command.create({
                    "account_id": self.company_data["default_account_expense"].id,
                    "debit": 1000.0,
                }),
            ],
        })
        entry.action_post()
        (invoice.line_ids | entry.line_ids).filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        self._night(1)
        self.assertEqual(self._items(invoice).close_reason, "other")

    def test_6_a_credit_note_is_told_apart(self):
        invoice = self._create_due(-4)
        self._night()
        note = self._credit(invoice)
        (invoice.line_ids | note.line_ids).filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        self._night(1)
        self.assertEqual(self._items(invoice).close_reason, "credit_note")

    def test_6_several_counterparts_the_greatest_in_sum_tells_the_reason(self):
        """Three payments of 200 and a credit note of 400: it was paid."""
        invoice = self._create_due(-4)
        self._night()
        for _n in range(3):
            self._pay(invoice, 200.0)
        note = self._credit(invoice, 400.0)
        (invoice.line_ids | note.line_ids).filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        self._night(1)
        self.assertEqual(self._items(invoice).close_reason, "cash")

    # ------------------------------------------------------------------ 7 no_followup

    def test_7_an_opening_entry_is_seen_and_not_dunned(self):
        entry = self._entry()
        line = entry.line_ids.filtered("debit")
        self.assertTrue(line.no_followup, "core has changed it: tell reuse.md")
        for offset in range(3):
            self._night(offset)
        item = self._items(entry)
        self.assertEqual(len(item), 1)
        self.assertTrue(item.no_followup)
        self.assertFalse(self.actions)
        case = self._case()
        self.assertEqual(case.hold_reason, "excluded from follow-up")
        self.assertEqual((case.amount_overdue, case.amount_excluded), (0.0, 700.0))
        self.assertFalse(case.suspended_on)

    def test_7_excluded_items_are_not_listed_beside_what_is_asked(self):
        self._entry()
        invoice = self._create_due(-4)
        action = self._night()
        self.assertEqual(action.line_ids.item_id, self._items(invoice))
        self.assertEqual(action.amount_total, 1000.0)

    def test_7_included_by_a_controller_it_is_reminded(self):
        entry = self._entry()
        self._night()
        item = self._items(entry)
        item.with_user(self.controller).action_include()
        self.assertFalse(item.no_followup)
        self._night(1)
        self.assertEqual(self.actions.line_ids.item_id, item)

    def test_7_including_one_debtor_leaves_the_others_of_the_same_entry_out(self):
        other = self._create_debtor("Other")
        entry = self._entry()
        entry.button_draft()
        entry.write({"line_ids": [
            Command.create({
                "account_id": self.receivable.id, "debit": 50.0, "partner_id": other.id,
                "date_maturity": day(-40),
            }),
            Command.create({
                "account_id": self.company_data["default_account_revenue"].id, "credit": 50.0,
            }),
        ]})
        entry.action_post()
        self._night()
        items = self._items(entry)
        items.filtered(lambda i: i.partner_id == other).with_user(self.controller).action_include()
        self._night(1)
        self.assertEqual(self.actions.case_id.partner_id, other)

    def test_7_an_excluded_invoice_is_not_reminded_and_comes_back_when_included(self):
        invoice = self._create_due(-4)
        invoice.no_followup = True
        self._night()
        self.assertFalse(self.actions)
        self._items(invoice).with_user(self.controller).action_include()
        self.assertFalse(invoice.no_followup)
        self._night(1)
        self.assertEqual(len(self.actions), 1)

    def test_7_a_younger_invoice_included_by_the_accountant_is_met_in_the_same_night(self):
        """Nothing about it shows in what is open or in the oldest due date."""
        self._create_due(-50)
        for offset in range(0, 60):
            self._night(offset)
        young = self._create_due(0)
        young.no_followup = True
        for offset in range(60, 64):
            self._night(offset)
        before = self.actions
        young.no_followup = False
        self._night(64)
        self.assertEqual((self.actions - before).line_ids.filtered("level_id").item_id,
                         self._items(young))

    def test_7_excluded_between_night_and_sending_stops_the_message(self):
        invoice = self._create_due(-4)
        action = self._night(send=False)
        invoice.no_followup = True
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "cancelled")

    # ------------------------------------------------------------------ 8 partner.credit

    def test_8_a_limit_paid_down_in_the_same_transaction_lets_the_order_pass(self):
        """``partner.credit`` is stale after a reconciliation: it is asked afresh."""
        self.company.account_use_credit_limit = True
        self.policy.suspend_on_credit_limit = True
        self.debtor.write({"use_partner_credit_limit": True, "credit_limit": 500.0})
        invoice = self._create_due(20)
        for offset in range(14, 17):
            self._night(offset)
        case = self._case()
        self.assertEqual(case.suspension_cause, "credit_limit")
        self.assertEqual(self.debtor.credit, 1000.0)
        self._pay(invoice, 800.0)
        with self.at(16):
            self.assertFalse(self.debtor._credit_suspension(self.company))

    def test_8_what_is_asked_is_of_this_company_alone(self):
        """``partner.credit`` sums the whole tree of branches; a message never does."""
        self._create_due(-4)
        branch = self.root["res.company"].create({
            "name": "Bellandi Sud", "parent_id": self.company.id,
        })
        self.debtor.with_company(branch).sudo().property_account_receivable_id = self.receivable
        move = self.root["account.move"].with_company(branch).with_context(
            allowed_company_ids=(branch | self.company).ids
        ).create({
            "move_type": "out_invoice", "partner_id": self.debtor.id, "company_id": branch.id,
            "journal_id": self.company_data["default_journal_sale"].id,
            "invoice_date": day(-30), "invoice_date_due": day(-4),
            "invoice_line_ids": [Command.create({
                "name": "Goods", "price_unit": 300.0, "tax_ids": [Command.clear()],
                "account_id": self.company_data["default_account_revenue"].id,
            })],
        })
        move.action_post()
        self.assertEqual((move.state, move.company_id), ("posted", branch))
        action = self._night()
        self.assertEqual(action.company_id, self.company)
        self.assertEqual(action.amount_total, 1000.0)
        self.assertEqual(self._case().amount_open, 1000.0)

    def test_8_a_debt_booked_on_a_contact_is_asked_of_his_company(self):
        contact = self.env["res.partner"].create({
            "name": "Dora", "parent_id": self.debtor.id, "email": "dora@debtor.example",
            "property_account_receivable_id": self.receivable.id,
        })
        self._create_due(-4, partner=contact)
        self._create_due(-4)
        action = self._night()
        self.assertEqual(action.case_id.partner_id, self.debtor)
        self.assertEqual(action.amount_total, 2000.0)
