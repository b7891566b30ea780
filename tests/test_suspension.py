"""Credit is suspended by itself, ends by itself, and says so; who pays first is served."""
from datetime import timedelta
from uuid import uuid4

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import CreditCommon, day


@tagged("post_install", "-at_install")
class SuspensionCommon(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["payment.provider"].sudo().create({
            "name": "Dummy", "code": "none", "state": "test", "company_id": cls.company.id,
        })
        cls._create_dummy_payment_method_for_provider(
            provider=cls.provider, journal=cls.company_data["default_journal_bank"],
        )
        cls.method = cls.env.ref("payment.payment_method_unknown").sudo()

    def _suspend(self, amount=1000.0):
        """An invoice 31 days overdue, warned the day before: suspended on TODAY."""
        invoice = self._create_due(-31, amount)
        self._night(-1)
        self._night(0)
        self.assertTrue(self._case().suspended_on)
        return invoice

    def _order(self, partner=None, amount=100.0, **values):
        return self.root["sale.order"].with_company(self.company).create({
            "partner_id": (partner or self.debtor).id, "company_id": self.company.id,
            "user_id": self.salesperson.id,
            "order_line": [Command.create({
                "product_id": self.product_a.id, "product_uom_qty": 1, "price_unit": amount,
                "tax_ids": [Command.clear()],
            })],
            **values,
        })

    def _confirm(self, order, user=None):
        with self.at(0):
            order.with_user(user or self.salesperson).action_confirm()
        return order.state

    def _pay_online(self, order, amount, state="done"):
        return self.env["payment.transaction"].sudo().create({
            "provider_id": self.provider.id, "payment_method_id": self.method.id,
            "reference": f"{order.name} {uuid4()}", "amount": amount,
            "currency_id": order.currency_id.id, "partner_id": order.partner_id.id,
            "state": state, "sale_order_ids": [Command.set(order.ids)],
        })

    def _notices(self, *codes):
        return self.root["credit.action"].search([
            ("kind", "=", "notice"), ("company_id", "=", self.company.id),
            *([("notice", "in", codes)] if codes else []),
        ], order="id")


@tagged("post_install", "-at_install")
class TestSuspension(SuspensionCommon):
    # ------------------------------------------------------------------ causes

    def test_it_starts_over_thirty_days_and_is_announced_the_day_before(self):
        self._create_due(-29)
        seen = []
        for offset in range(4):
            self._night(offset)
            case = self._case()
            seen.append((bool(case.warned_on), bool(case.suspended_on)))
        self.assertEqual(seen, [(False, False), (True, False), (True, True), (True, True)])
        self.assertDay(self._case().suspended_on, 2)

    def test_the_cause_may_be_the_credit_limit(self):
        self.company.account_use_credit_limit = True
        self.policy.suspend_on_credit_limit = True
        self.debtor.write({"use_partner_credit_limit": True, "credit_limit": 999.0})
        self._create_due(4)
        self._night(0)
        self.assertDay(self._case().warned_on, 0)
        self._night(1)
        self.assertEqual(self._case().suspension_cause, "credit_limit")
        with self.assertRaisesRegex(UserError, "credit limit"):
            self._confirm(self._order())

    def test_the_credit_limit_counts_only_where_the_policy_says_so(self):
        self.company.account_use_credit_limit = True
        self.debtor.write({"use_partner_credit_limit": True, "credit_limit": 999.0})
        self._create_due(4)
        for offset in range(3):
            self._night(offset)
        self.assertFalse(self._case().suspended_on)

    def test_the_limit_of_the_company_counts_where_the_customer_has_none(self):
        """As in core: a limit of 0 is none, and one of nobody's own is the company's."""
        self.company.account_use_credit_limit = True
        self.policy.suspend_on_credit_limit = True
        self.env["ir.default"].set(
            "res.partner", "credit_limit", 999.0, company_id=self.company.id
        )
        free = self._create_debtor("Free")
        free.with_company(self.company).sudo().credit_limit = 0.0
        for partner in (free, self.debtor):
            self._create_due(4, partner=partner)
        self.env.flush_all()
        for offset in range(2):
            self._night(offset)
        self.assertEqual(self._case().suspension_cause, "credit_limit")
        self.assertFalse(self._case(free).suspended_on)

    def _never_suspended(self, nights=4):
        for offset in range(nights):
            self._night(offset)
        self.assertFalse(self._case().suspended_on)
        self.assertFalse(self._case().warned_on)
        self.assertFalse(self._notices("suspension_warning", "suspended"))

    def test_not_a_customer_exempted_by_a_manager(self):
        self.debtor.with_user(self.manager).sudo().credit_care_never_suspend = True
        self._create_due(-60)
        self._never_suspended()

    def test_not_when_the_policy_sets_no_days(self):
        self.policy.suspend_after_days = 0
        self._create_due(-60)
        self._never_suspended()

    def test_not_under_a_policy_that_does_nothing(self):
        self.policy.level_ids.unlink()
        self.policy.do_nothing = True
        self._create_due(-60)
        self._never_suspended()

    def test_not_below_the_floor_of_the_policy(self):
        self.policy.suspend_min_amount = 1000.01
        self._create_due(-60)
        self._never_suspended()
        self._create_due(-1, 0.51)
        self._night(4)
        self._night(5)
        self.assertTrue(self._case().suspended_on, "together they reach it")

    def test_not_for_what_open_credits_cover(self):
        self._create_due(-60)
        self._pay_on_account(self.debtor, 999.6)
        self._never_suspended()

    def test_not_for_an_item_that_is_paused(self):
        invoice = self._create_due(-29)
        self._night(0)
        with self.at(0):
            self._items(invoice).with_user(self.controller)._pause(day(30), "disputed")
        self._never_suspended(6)

    def test_exempting_a_suspended_customer_releases_him_in_the_next_night(self):
        self._suspend()
        with self.at(1):
            self._case().with_user(self.manager).never_suspend = True
        self.assertEqual(self._confirm(self._order()), "sale")
        self._night(1)
        self.assertFalse(self._case().suspended_on)

    # ------------------------------------------------------------------ end

    def test_payment_ends_it_and_a_payment_that_comes_back_starts_it_again(self):
        invoice = self._suspend()
        self._create_due(-1, 10.0)
        payment = self._pay(invoice, on=1)
        self._night(1)
        case = self._case()
        self.assertFalse(case.suspended_on)
        self.assertEqual(len(self._notices("released")), 1)
        payment.action_draft()
        payment.action_cancel()
        self._night(2)
        self.assertDay(case.warned_on, 2)
        self.assertFalse(case.suspended_on, "announced first")
        self._night(3)
        self.assertDay(case.suspended_on, 3)

    def test_closing_the_case_ends_it(self):
        self._suspend()
        case = self._case()
        with self.at(0):
            case.with_user(self.manager)._close_by_hand("Agreed with the owner")
        self.assertFalse(case.suspended_on)
        with self.at(0):
            self._send()
        self.assertEqual(self._notices("released").mapped("state"), ["sent"])
        self.assertIn("Ferri", self._digests()[-1].body_html)
        self.assertEqual(self._confirm(self._order()), "sale")

    def test_part_of_it_paid_down_to_what_is_young_ends_it(self):
        old = self._suspend()
        self._create_due(-5, 500.0)
        self._pay(old)
        self._night(1)
        self.assertFalse(self._case().suspended_on)
        self.assertEqual(self._case().state, "collection")

    # ------------------------------------------------------------------ orders

    def test_an_order_waits_and_says_why_since_when_how_much_and_whom_to_ask(self):
        self._suspend()
        order = self._order()
        with self.assertRaises(UserError) as refusal:
            self._confirm(order)
        text = str(refusal.exception)
        for word in ("Ferri S.r.l.", "1,000.00", "31 days", "Carla Conti", "prepaid"):
            self.assertIn(word, text)
        self.assertEqual(order.state, "draft")
        with self.at(0):
            self.assertEqual(order.with_user(self.salesperson).credit_care_note, text)

    def test_a_quotation_is_still_sent(self):
        self._suspend()
        order = self._order()
        order.action_quotation_sent()
        self.assertEqual(order.state, "sent")

    def test_orders_of_his_contacts_and_addresses_wait_as_well(self):
        self._suspend()
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.debtor.id})
        with self.assertRaises(UserError):
            self._confirm(self._order(contact))
        other = self._create_debtor("Other")
        with self.assertRaises(UserError):
            self._confirm(self._order(other, partner_invoice_id=contact.id))

    def test_orders_of_others_pass(self):
        self._suspend()
        self.assertEqual(self._confirm(self._order(self._create_debtor("Other"))), "sale")

    def test_paid_a_minute_ago_he_may_order_before_any_night(self):
        invoice = self._suspend()
        order = self._order()
        self._pay(invoice)
        self.assertTrue(self._case().suspended_on, "the night has not come")
        with self.at(0):
            self.assertFalse(order.credit_care_note)
        self.assertEqual(self._confirm(order), "sale")

    def test_credited_a_minute_ago_as_well(self):
        invoice = self._suspend()
        self._credit(invoice)
        self.assertEqual(self._confirm(self._order()), "sale")

    def test_paid_a_minute_ago_too_little_he_may_not(self):
        invoice = self._suspend()
        self._pay(invoice, 900.0)
        with self.assertRaises(UserError):
            self._confirm(self._order())

    # ------------------------------------------------------------------ prepaid

    def test_a_prepaid_order_passes(self):
        self._suspend()
        order = self._order()
        self._pay_online(order, 99.99)
        with self.assertRaises(UserError):
            self._confirm(order)
        self._pay_online(order, 0.01)
        self.assertEqual(self._confirm(order), "sale")

    def test_money_that_did_not_come_is_no_prepayment(self):
        self._suspend()
        order = self._order()
        for state in ("draft", "pending", "cancel", "error"):
            self._pay_online(order, 100.0, state)
        with self.assertRaises(UserError):
            self._confirm(order)

    def test_nothing_required_is_not_prepaid(self):
        """``_is_confirmation_amount_reached`` is true with nothing paid when nothing is asked."""
        self._suspend()
        order = self._order(require_payment=False)
        self.assertTrue(order._is_confirmation_amount_reached())
        with self.assertRaises(UserError):
            self._confirm(order)

    def test_an_order_paid_online_in_full_is_confirmed_by_its_payment(self):
        self._suspend()
        order = self._order(require_payment=True, prepayment_percent=1.0)
        order.action_quotation_sent()
        transaction = self._pay_online(order, 100.0)
        with self.at(0):
            transaction._post_process()
        self.assertEqual(order.state, "sale")
        self.assertTrue(transaction.payment_id)

    def test_money_paid_online_in_part_is_booked_though_the_order_waits(self):
        """Refusing would undo the booking of the money, and try again for days."""
        self._suspend()
        order = self._order(require_payment=True, prepayment_percent=0.5)
        order.action_quotation_sent()
        transaction = self._pay_online(order, 50.0)
        self.assertTrue(order._is_confirmation_amount_reached())
        with self.at(0):
            transaction._post_process()
        self.assertEqual(order.state, "sent")
        self.assertEqual(transaction.payment_id.amount, 50.0)
        self.assertEqual(order.activity_ids.user_id, self.salesperson)
        with self.at(0):
            self._pay_online(order, 50.0)._post_process()
        self.assertEqual(order.state, "sale")

    def test_to_the_customer_himself_it_is_said_civilly(self):
        self._suspend()
        portal = new_test_user(self.env, "buyer", "base.group_portal", email="b@debtor.example")
        portal.partner_id.parent_id = self.debtor
        for user in (portal, self.env.ref("base.public_user")):
            with self.at(0):
                text = self._order().with_user(user).sudo()._confirmation_error_message()
            self.assertTrue(text)
            self.assertNotIn("suspended", text)
            self.assertNotIn("1,000", text)
            self.assertNotIn("Carla", text)

    def test_who_is_exempted_is_released_by_the_next_night(self):
        """Nothing else brings his case up that day."""
        self._suspend()
        for offset in range(1, 5):
            self._night(offset)
        with self.at(5):
            self.debtor.with_user(self.manager).sudo().with_company(
                self.company
            ).credit_care_never_suspend = True
        self._night(5)
        self.assertFalse(self._case().suspended_on)
        self.assertTrue(self._notices("released"))

    # ------------------------------------------------------------------ override

    def test_a_manager_lets_an_order_pass_with_his_name_and_his_reason(self):
        self._suspend()
        order, second = self._order(), self._order()
        with self.at(0):
            order.with_user(self.manager)._override_credit("Pays on Friday, I called him")
        self.assertEqual(self._confirm(order), "sale")
        self.assertEqual(order.credit_override_reason, "Pays on Friday, I called him")
        message = order.message_ids.filtered(lambda m: "Pays on Friday" in (m.body or ""))
        self.assertEqual(message.author_id, self.manager.partner_id)
        notice = self._notices("override")
        self.assertEqual((notice.case_id, notice.user_id), (self._case(), self.manager))
        self.assertIn("Pays on Friday", notice.summary)
        self.assertIn(order.name, notice.summary)
        self.assertIn("Pays on Friday", "".join(self._case().message_ids.mapped("body")))
        with self.assertRaises(UserError):
            self._confirm(second)
        self.assertFalse(order.copy().credit_override)

    def test_what_is_added_after_he_said_so_is_stopped_again(self):
        self._suspend()
        order = self._order()
        with self.at(0):
            order.with_user(self.manager)._override_credit("Pays on Friday, I called him")
            order.order_line.price_unit = 200.0
            with self.assertRaisesRegex(UserError, "let pass for Ferri S.r.l. up to"):
                self._confirm(order)
            order.order_line.price_unit = 100.0
        self.assertEqual(self._confirm(order), "sale")

    def test_as_much_in_another_currency_is_not_what_he_said(self):
        self._suspend()
        yen = self.setup_other_currency("JPY", rates=[("2020-01-01", 100.0)])
        order = self._order()
        with self.at(0):
            order.currency_id = yen
            order.with_user(self.manager)._override_credit("Pays on Friday, I called him")
            self.assertFalse(order._credit_stop())
            order.currency_id = self.company.currency_id
            self.assertTrue(order._credit_stop())

    def test_he_said_so_of_this_customer_only(self):
        self._suspend()
        other = self._create_debtor("Gatti")
        self._create_due(-40, partner=other)
        self._night(0)
        self._night(1)
        order = self._order()
        with self.at(1):
            order.with_user(self.manager)._override_credit("Pays on Friday, I called him")
            order.write({"partner_id": other.id, "partner_invoice_id": other.id})
        with self.assertRaisesRegex(UserError, "let pass for Ferri"):
            self._confirm(order)

    # ------------------------------------------------------------------ notices

    def _digests(self):
        return self.root["mail.mail"].search([
            ("recipient_ids", "in", self.salesperson.partner_id.ids),
        ], order="id")

    def test_the_salesperson_is_told_the_day_ahead_then_of_the_end_once_each(self):
        debtors = [self._create_debtor(f"Debtor{n}") for n in range(3)]
        invoices = [self._create_due(-30, partner=debtor) for debtor in debtors]
        told = []
        for offset in range(4):
            self._night(offset)
            told.append(len(self._digests()))
        self.assertEqual(told, [1, 2, 2, 2], "one mail a day for all customers, never repeated")
        warned, suspended = self._digests()
        for debtor in debtors:
            self.assertIn(debtor.name, warned.body_html)
            self.assertIn(debtor.name, suspended.body_html)
        self._pay(invoices[0], on=4)
        self._night(4)
        released = self._digests()[-1]
        self.assertIn(debtors[0].name, released.body_html)
        self.assertNotIn(debtors[1].name, released.body_html)
        self.assertEqual(
            {(a.notice, a.state) for a in self._notices()},
            {("suspension_warning", "sent"), ("suspended", "sent"), ("released", "sent"),
             ("saved", "sent"),
             *(set() if not self._notices("handover") else {("handover", "done")})},
        )

    def test_a_salesperson_who_has_left_hears_of_nobodys_debts(self):
        """Neither what is new, nor what waited for the morning; the controller is told."""
        self._create_due(-30)
        self._night(0, send=False)
        self.salesperson.sudo().active = False
        with self.at(0):
            self._send()
        self._night(1)
        self.assertFalse(self._digests())
        self.assertEqual(self._notices("suspension_warning").state, "done")
        self.assertEqual(self._notices("suspended").user_id, self.controller)
        self.assertEqual(self._notices("suspended").state, "sent")

    def test_each_salesperson_is_told_of_his_own_customers(self):
        other = new_test_user(
            self.env, "second_seller", "sales_team.group_sale_salesman",
            email="second@bellandi.example", company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        theirs = self._create_debtor("Theirs", user_id=other.id)
        self._create_due(-30)
        self._create_due(-30, partner=theirs)
        self._night(0)
        [mail] = self._digests()
        self.assertIn("Ferri", mail.body_html)
        self.assertNotIn("Theirs", mail.body_html)

    def test_a_debtor_who_pays_on_the_day_of_the_warning_is_never_suspended(self):
        invoice = self._create_due(-30)
        self._night(0)
        self._pay(invoice, on=0)
        self._night(1)
        self.assertFalse(self._notices("suspended"))

    def test_a_notice_that_waited_is_not_told_when_it_is_no_longer_true(self):
        """The night is at half past one, the mail in the morning: paid in between."""
        invoice = self._create_due(-31)
        self._night(-1)
        self._night(0, send=False)
        self.assertEqual(self._notices("suspended").state, "planned")
        self._pay(invoice)
        with self.at(0):
            self._send()
        self.assertEqual(self._notices("suspended").state, "cancelled")
        self.assertFalse(any("suspended" in (mail.body_html or "") and "Ferri" in mail.body_html
                             for mail in self._digests()[1:]))

    def test_a_salesperson_without_address_or_none_at_all_stops_nothing(self):
        self.salesperson.email = False
        nobody = self._create_debtor("Nobody", user_id=False)
        self._create_due(-31)
        self._create_due(-31, partner=nobody, invoice_user_id=False)
        self._night(0)
        self._night(1)
        self.assertTrue(self._case(nobody).suspended_on)
        self.assertNotIn("planned", self._notices().mapped("state"))
        self.assertNotIn("failed", self._notices().mapped("state"))

    def test_the_days_of_the_policy_are_its_own(self):
        self.policy.suspend_after_days = 10
        invoice = self._create_due(-9)
        for offset in range(3):
            self._night(offset)
        self.assertDay(self._case().suspended_on, 2)
        self.assertEqual(self._case().suspended_on - invoice.invoice_date_due, timedelta(days=11))
