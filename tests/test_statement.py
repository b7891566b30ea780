"""What an agency is paid: story, memory, periods, targets, bill, rights."""
from datetime import date, timedelta
from fractions import Fraction

from psycopg2.errors import ExclusionViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .agency_common import AgencyCommon
from .common import TODAY, day

MARCH, APRIL, MAY = date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)


def offset(when):
    return (when - TODAY).days


class StatementCommon(AgencyCommon):
    def _on(self, when):
        return self.at(offset(when))

    def _state(self, when, mandate=None, until=None):
        """A draft made by a manager on a day."""
        with self._on(when):
            action = (mandate or self.mandate).with_user(self.manager).action_make_statement()
            statement = self.env["credit.statement"].browse(action["res_id"])
            if until:
                statement.with_user(self.manager).until_on = until
        return statement

    def _confirm(self, statement, when):
        with self._on(when):
            result = statement.with_user(self.manager).action_confirm()
        return result

    def _stated(self, when, until=None, mandate=None):
        statement = self._state(when, mandate, until)
        self.assertIs(self._confirm(statement, when), True)
        return statement

    def _undo(self, payment):
        payment.action_draft()
        payment.action_cancel()

    def _rows(self, statement):
        return [(line.kind, line.cash, line.rate, line.fee) for line in statement.line_ids]


@tagged("post_install", "-at_install")
class TestStory(StatementCommon):
    def test_two_months_to_the_cent(self):
        """10 a placement; 10 % up to half of what was placed, 20 % above; 1000.10 placed."""
        move = self._create_due(-35, 1000.10)
        self._nights(-12, -6, 0)
        note = self._case().note_id
        self._write_note(note, 1)
        placement = self._send(self._prepare())
        self._pay(move, 333.33, on=10)
        bounced = self._pay(move, 266.67, on=20)
        march = self._stated(date(2026, 4, 2), MARCH)
        self.assertRegex(march.name, r"^FEE/2026/\d{4}$")
        self.assertDay(march.from_on, -100)
        self.assertEqual(self._rows(march), [
            ("placement", 0.0, 0.0, 10.0),
            ("success", 333.33, 10.0, 33.33),
            ("success", 166.72, 10.0, 16.68),  # F(500.05) = 50.005, half up 50.01
            ("success", 99.95, 20.0, 19.99),  # F(600.00) = 69.995, 70.00
        ])
        self.assertEqual(march.amount_total, 80.0)
        self.assertEqual(march.amount_cash, 600.0)
        # the bank takes the second payment back; a new one comes
        self._undo(bounced)
        with self._on(date(2026, 4, 10)):
            self.assertEqual(march.amount_total, 80.0)
        self._pay(move, 200.0, on=offset(date(2026, 4, 20)))
        april = self._stated(date(2026, 5, 2))
        self.assertEqual((april.from_on, april.until_on), (date(2026, 4, 1), APRIL))
        self.assertEqual(self._rows(april), [
            ("success", -99.95, 20.0, -19.99),
            ("success", -166.72, 10.0, -16.68),
            ("success", 166.72, 10.0, 16.68),
            ("success", 33.28, 20.0, 6.65),  # F(533.33) = 50.005 + 6.656 = 56.661
        ])
        self.assertEqual(april.line_ids[0].description, "Payment of 03/24/2026 taken back")
        self.assertEqual(march.amount_total + april.amount_total, 66.66)
        # down to the records
        self.assertEqual(march.line_ids.placement_id, placement)
        payments = self.env["account.move"].search(
            april.line_ids[2].with_user(self.controller).action_open_payments()["domain"]
        )
        self.assertEqual(payments.date, date(2026, 4, 20))

    def test_the_bill_is_a_draft_by_the_statement_and_never_posted_by_us(self):
        self._placed_and_paid(600.0)
        march = self._stated(date(2026, 4, 2), MARCH)
        account = self.company_data["default_account_expense"]
        self.company.credit_fee_account_id = account
        with self._on(date(2026, 4, 3)):
            bill = self.env["account.move"].browse(
                march.with_user(self.manager).action_bill()["res_id"]
            )
        self.assertEqual((bill.move_type, bill.state), ("in_invoice", "draft"))
        self.assertEqual(bill.partner_id, self.agency)
        self.assertEqual(bill.amount_untaxed, march.amount_total)
        self.assertEqual(bill.invoice_line_ids.account_id, account)
        self.assertEqual(march.state, "billed")
        with self._on(date(2026, 4, 3)):
            self.assertEqual(
                march.with_user(self.manager).action_bill()["res_id"], bill.id
            )

    def test_what_the_agency_owes_is_a_refund(self):
        payment = self._placed_and_paid(600.0)
        self._stated(date(2026, 4, 2), MARCH)
        self._undo(payment)
        april = self._stated(date(2026, 5, 2))
        self.assertEqual(april.amount_total, -70.0)
        with self._on(date(2026, 5, 3)):
            april.with_user(self.manager).action_bill()
        self.assertEqual(april.move_id.move_type, "in_refund")
        self.assertEqual(april.move_id.amount_untaxed, 70.0)

    def test_a_product_gives_account_and_taxes(self):
        self.mandate.with_user(self.manager).fee_product_id = self.product_a
        self._placed_and_paid(100.0)
        march = self._stated(date(2026, 4, 2), MARCH)
        with self._on(date(2026, 4, 3)):
            march.with_user(self.manager).action_bill()
        self.assertEqual(march.move_id.invoice_line_ids.product_id, self.product_a)
        self.assertTrue(march.move_id.invoice_line_ids.tax_ids)

    def test_where_prices_include_taxes_the_fee_is_still_the_net(self):
        """What the statement says is owed without tax, whatever the habits of the house."""
        included, excluded = (
            self.env["account.tax"].create({
                "name": f"{amount} % {include}", "amount": amount, "type_tax_use": "purchase",
                "company_id": self.company.id, "price_include_override": include,
            })
            for amount, include in ((22, "tax_included"), (5, "tax_excluded"))
        )
        self.product_a.supplier_taxes_id = included | excluded
        self.mandate.with_user(self.manager).fee_product_id = self.product_a
        self._placed_and_paid(333.33)
        march = self._stated(date(2026, 4, 2), MARCH)
        self.assertEqual(march.amount_total, 43.33)
        with self._on(date(2026, 4, 3)):
            march.with_user(self.manager).action_bill()
        self.assertEqual(march.move_id.invoice_line_ids.tax_ids, included | excluded)
        self.assertEqual(march.move_id.amount_untaxed, 43.33)
        self.assertEqual(march.move_id.amount_tax, 11.70)  # 27 % of 10 and of 33.33

    def _placed_and_paid(self, amount, on=10):
        placement = self._placed()
        return self._pay(placement.line_ids.item_id.move_id, amount, on=on)

    def test_consecutive_statements_add_up_to_one_of_the_whole(self):
        placement = self._placed()
        move = placement.line_ids.item_id.move_id
        for amount, when in ((120.0, 10), (333.33, 25), (1.01, 40), (400.0, 61)):
            self._pay(move, amount, on=when)
        twin = self._create_mandate(fee_per_month=3.0, fee_minimum=20.0, fee_cap=60.0)
        self.mandate.sudo().write({"state": "draft"})
        self.mandate.write({"fee_per_month": 3.0, "fee_minimum": 20.0, "fee_cap": 60.0})
        self.mandate.sudo().write({"state": "active"})
        twin.unlink()
        june = date(2026, 6, 2)
        whole = self._state(june, until=MAY)
        total, lines = whole.amount_total, self._rows(whole)
        self.assertTrue(total and lines)
        whole.with_user(self.manager).unlink()
        parts = [self._stated(june, until) for until in (date(2026, 3, 16), MARCH, APRIL, MAY)]
        self.assertAlmostEqual(sum(part.amount_total for part in parts), total, 2)

    def test_a_foreign_currency_is_paid_for_as_it_was_booked(self):
        pound = self.setup_other_currency("GBP", rates=[("2020-01-01", 2.0)])
        move = self._create_due(-35, 800.0, currency_id=pound.id)
        self._nights(-12, -6, 0)
        self._write_note(self._case().note_id, 1)
        placement = self._send(self._prepare())
        self.assertEqual(placement.amount, 400.0)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({
            "payment_date": day(9), "currency_id": pound.id, "amount": 200.0,
        })._create_payments()
        march = self._stated(date(2026, 4, 2), MARCH)
        self.assertEqual(march.amount_cash, 100.0)
        self.assertEqual(march.amount_success, 10.0)

    def test_two_companies_have_two_books(self):
        other = self.setup_other_company(name="Corsini")["company"]
        self._placed_and_paid(600.0)
        march = self._stated(date(2026, 4, 2), MARCH)
        self.manager.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        found = self.env["credit.statement"].with_user(self.manager).with_company(other)
        self.assertFalse(found.search([("id", "=", march.id)]))
        with self.assertRaises(AccessError):
            found.browse(march.id).action_bill()


@tagged("post_install", "-at_install")
class TestEarlierMoney(StatementCommon):
    """What had come before it left, and bounced later."""

    def _compare(self, placement, amount):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(placement.amount_received, amount)
        report = self.env["credit.agency.report"].with_context(credit_day=str(day(60)))
        row = report.search([("case_id", "=", placement.case_id.id)])
        self.assertEqual(row.recovered, amount)

    def test_a_payment_of_that_very_day(self):
        placement = self._ready()
        move = placement.line_ids.item_id.move_id
        with self.at(1):
            early = self._pay(move, 300.0, on=1)
        self._send(placement)
        self.assertEqual(placement.amount, 700.0)
        self._pay(move, 100.0, on=1)
        self._compare(placement, 100.0)
        self._undo(early)
        self._pay(move, 600.0, on=10)
        # of that day 100 are left, and nobody can say whose they are: the customer's own
        self._compare(placement, 600.0)

    def test_a_cheque_of_a_later_day(self):
        placement = self._ready()
        move = placement.line_ids.item_id.move_id
        with self.at(1):
            early = self._pay(move, 300.0, on=9)
        self._send(placement)
        self.assertEqual(placement.amount, 700.0)
        self._pay(move, 100.0, on=1)
        self._compare(placement, 100.0)
        self._pay(move, 500.0, on=10)
        self._compare(placement, 600.0)
        self._undo(early)
        self._pay(move, 100.0, on=11)
        self._compare(placement, 700.0)


@tagged("post_install", "-at_install")
class TestMemory(StatementCommon):
    def setUp(self):
        super().setUp()
        self.placement = self._placed()
        self.move = self.placement.line_ids.item_id.move_id

    def test_a_payment_found_after_its_period_was_stated_is_made_good(self):
        self._stated(date(2026, 4, 2), MARCH)
        self._pay(self.move, 300.0, on=10)
        april = self._stated(date(2026, 5, 2))
        self.assertEqual(self._rows(april), [("success", 300.0, 10.0, 30.0)])
        self.assertIn("booked after its period", april.line_ids.description)

    def test_what_was_given_back_is_not_given_back_again(self):
        payment = self._pay(self.move, 300.0, on=10)
        self._stated(date(2026, 4, 2), MARCH)
        self._undo(payment)
        self.assertEqual(self._stated(date(2026, 5, 2)).amount_total, -30.0)
        self.assertEqual(self._stated(date(2026, 6, 2)).amount_total, 0.0)

    def test_money_dated_ahead_that_settles_it_is_the_agencys(self):
        with self.at(5):
            self._pay(self.move, 1000.0, on=9)  # a cheque
        self._nights(6)
        self.assertEqual(self.placement.state, "closed")
        self.assertDay(self.placement.ended_on, 9)
        self.assertEqual(self.placement.amount_received, 1000.0)
        self.assertEqual(self._stated(date(2026, 4, 2), MARCH).amount_success, 150.0)

    def test_the_last_day_by_which_a_minimum_was_stated_stands(self):
        end = date(2026, 3, 20)
        twin = self._create_mandate(name="Short", fee_minimum=50.0, until_on=end, start_on=day(-3))
        with self.at():
            twin.with_user(self.manager).action_activate()
        stated = self._stated(date(2026, 3, 21), end, mandate=twin)
        self.assertEqual(stated.amount_limits, 50.0)
        for until in (date(2026, 12, 31), date(2026, 3, 10), False):
            with self.subTest(until=until), self.assertRaisesRegex(UserError, "stated up to"):
                twin.with_user(self.manager).until_on = until
        self.mandate.with_user(self.manager).until_on = end  # nothing is stated of this one
        self.mandate.with_user(self.manager).until_on = False

    def test_a_credit_note_earns_nothing(self):
        credit = self._credit(self.move, 300.0)
        (credit.line_ids | self.move.line_ids).filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        self.assertEqual(self._stated(date(2026, 4, 2), MARCH).amount_success, 0.0)

    def test_a_draft_that_the_ledger_has_overtaken_is_shown_again_first(self):
        draft = self._state(date(2026, 4, 2), until=MARCH)
        self._pay(self.move, 100.0, on=10)
        answer = self._confirm(draft, date(2026, 4, 3))
        self.assertEqual(answer["tag"], "display_notification")
        self.assertEqual((draft.state, draft.amount_success), ("draft", 10.0))
        self.assertIs(self._confirm(draft, date(2026, 4, 3)), True)
        self.assertEqual(draft.state, "confirmed")

    def test_cancelled_its_period_is_stated_anew(self):
        self._pay(self.move, 100.0, on=10)
        first = self._stated(date(2026, 4, 2), MARCH)
        with self._on(date(2026, 4, 3)):
            first.with_user(self.manager).action_bill()
            first.with_user(self.manager)._cancel("The mandate was read wrongly")
        self.assertEqual((first.state, first.move_id.state), ("cancelled", "cancel"))
        again = self._stated(date(2026, 4, 4), MARCH)
        self.assertEqual(again.amount_total, first.amount_total)
        self.assertEqual(again.from_on, first.from_on)

    def test_one_that_others_build_on_or_whose_bill_is_posted_stays(self):
        self._pay(self.move, 100.0, on=10)
        march = self._stated(date(2026, 4, 2), MARCH)
        april = self._stated(date(2026, 5, 2))
        with self.assertRaisesRegex(UserError, "builds on this"):
            march.with_user(self.manager)._cancel("x")
        with self._on(date(2026, 5, 3)):
            april.with_user(self.manager)._cancel("x")
            march.with_user(self.manager).action_bill()
            march.move_id.invoice_date = date(2026, 5, 3)
            march.move_id.action_post()
            with self.assertRaisesRegex(UserError, "is posted"):
                march.with_user(self.manager)._cancel("x")


@tagged("post_install", "-at_install")
class TestPeriods(StatementCommon):
    def test_a_day_is_in_one_statement(self):
        self._state(date(2026, 4, 2), until=MARCH)
        values = {"mandate_id": self.mandate.id, "from_on": MARCH, "until_on": APRIL}
        with self.assertRaises(ExclusionViolation), mute_logger("odoo.sql_db"):
            self.root["credit.statement"].create(values)

    def test_two_mandates_may_state_the_same_days(self):
        other = self._create_mandate(name="Second")
        other.with_user(self.manager).action_activate()
        self._state(date(2026, 4, 2), until=MARCH)
        self.assertTrue(self._state(date(2026, 4, 2), other, MARCH))

    def test_a_day_that_is_not_over_is_not_confirmed(self):
        draft = self._state(date(2026, 4, 2), until=APRIL)
        with self.assertRaisesRegex(UserError, "not over"):
            self._confirm(draft, APRIL)
        self._confirm(draft, date(2026, 5, 1))
        self.assertEqual(draft.state, "confirmed")

    def test_no_days_are_left_out(self):
        march = self._state(date(2026, 4, 2), until=MARCH)
        april = self._state(date(2026, 5, 2))
        with self.assertRaisesRegex(UserError, "no confirmed statement"):
            self._confirm(april, date(2026, 5, 2))
        march.with_user(self.manager).unlink()
        again = self._state(date(2026, 5, 2), until=MARCH)
        self.assertEqual(again.until_on, MARCH)
        for statement in (again, april):
            self.assertIs(self._confirm(statement, date(2026, 5, 2)), True)

    def test_drafts_of_two_months_state_a_payment_once(self):
        placement = self._placed()
        self._pay(placement.line_ids.item_id.move_id, 100.0, on=10)
        march = self._state(date(2026, 4, 2), until=MARCH)
        april = self._state(date(2026, 5, 2))
        self.assertEqual((march.amount_cash, april.amount_cash), (100.0, 0.0))
        march.with_user(self.manager).unlink()
        self.assertEqual(april.amount_cash, 100.0)
        again = self._state(date(2026, 5, 2), until=MARCH)
        self.assertEqual((again.amount_cash, april.amount_cash), (100.0, 0.0))

    def test_the_night_drafts_each_span_that_is_over_and_asks_the_responsible(self):
        self._placed()
        self.assertFalse(self.mandate.statement_ids.filtered("line_ids"))
        self._nights(offset(date(2026, 4, 1)), offset(date(2026, 4, 2)))
        [march] = self.mandate.statement_ids
        self.assertEqual((march.until_on, march.state), (MARCH, "draft"))
        self.assertEqual(march.activity_ids.user_id, self.manager)
        self._confirm(march, date(2026, 4, 2))
        self.assertFalse(march.activity_ids)

    def test_a_span_without_anything_waits_for_the_next(self):
        placement = self._placed()
        self._stated(date(2026, 4, 2), MARCH)
        self._nights(offset(date(2026, 5, 1)))
        self.assertEqual(len(self.mandate.statement_ids), 1)
        self._pay(placement.line_ids.item_id.move_id, 100.0, on=offset(date(2026, 5, 20)))
        self._nights(offset(date(2026, 6, 1)))
        [may] = self.mandate.statement_ids.filtered(lambda one: one.state == "draft")
        self.assertEqual((may.from_on, may.until_on), (date(2026, 4, 1), MAY))

    def test_what_comes_back_after_the_mandate_has_ended_is_given_back(self):
        placement = self._placed()
        payment = self._pay(placement.line_ids.item_id.move_id, 100.0, on=10)
        with self._on(date(2026, 3, 20)):
            self.mandate.with_user(self.manager)._end("They have merged")
        self._stated(date(2026, 4, 2), MARCH)
        with self.assertRaises(UserError):
            self.mandate.with_user(self.manager).until_on = APRIL
        self._undo(payment)
        self._nights(offset(date(2026, 5, 1)))
        [april] = self.mandate.statement_ids.filtered(lambda one: one.state == "draft")
        self.assertEqual(april.amount_total, -10.0)

    def test_a_mandate_that_was_ended_asks_no_more_months(self):
        mandate = self._create_mandate(
            name="Monthly", fee_per_month=30.0, start_on=day(0), until_on=date(2026, 12, 31)
        )
        mandate.with_user(self.manager).action_activate()
        with self._on(date(2026, 4, 5)):
            mandate.with_user(self.manager)._end("x")
        statement = self._state(date(2026, 7, 2), mandate, date(2026, 6, 30))
        self.assertEqual(statement.amount_fixed, 60.0)


@tagged("post_install", "-at_install")
class TestTargets(StatementCommon):
    def _with_target(self, **values):
        self.mandate.sudo().write({"state": "draft"})
        self.mandate.target_ids = [Command.create({
            "measure": "recovered", "at_least": 40, "amount": 100.0, "min_cases": 1, **values,
        })]
        self.mandate.sudo().write({"state": "active"})

    def test_the_share_within_ninety_days_is_the_ledgers(self):
        self._with_target()
        placement = self._placed()  # on March 5th: over on June 3rd
        move = placement.line_ids.item_id.move_id
        self._pay(move, 400.0, on=80)
        self._pay(move, 500.0, on=95)
        early = self._stated(date(2026, 6, 2), MAY)
        self.assertEqual((early.amount_bonus, early.line_ids[-1].cases), (0.0, 0))
        june = self._stated(date(2026, 7, 2))
        self.assertEqual(june.amount_bonus, 100.0)
        self.assertEqual((june.line_ids[-1].measured, june.line_ids[-1].cases), (40.0, 1))
        july = self._stated(date(2026, 8, 2))
        self.assertEqual(july.amount_bonus, 0.0)

    def test_few_cases_wait_until_they_are_enough(self):
        self._with_target(min_cases=2)
        placement = self._placed()
        self._pay(placement.line_ids.item_id.move_id, 1000.0, on=20)
        june = self._stated(date(2026, 7, 2), date(2026, 6, 30))
        self.assertEqual((june.amount_bonus, june.line_ids[-1].cases), (0.0, 1))
        other = self._create_debtor("Other")
        self._create_due(100, partner=other)
        self._nights(*range(103, 150, 6))
        self._case(other).note_id.with_user(self.manager)._waive("x")
        self._send(self._prepare(150, self._case(other)), 150)
        october = self._stated(date(2026, 12, 2), date(2026, 11, 30))
        line = october.line_ids[-1]
        self.assertEqual((line.cases, line.measured, october.amount_bonus), (2, 50.0, 100.0))

    def test_what_the_house_has_taken_back_is_nobodys_failure(self):
        self._with_target()
        placement = self._placed()
        with self.at(5):
            placement.with_user(self.manager)._recall("We speak with them")
        self.assertEqual(self.mandate._measure("recovered", day(0), day(200)).cases, 0)

    def test_what_the_agency_returned_counts(self):
        placement = self._placed()
        with self.at(5):
            placement.with_user(self.manager)._return("Too hard")
        self.assertEqual(self.mandate._measure("recovered", day(0), day(200)), (0, 1))

    def test_a_customer_is_kept_who_orders_again_within_ninety_days(self):
        placement = self._placed()
        self._pay(placement.line_ids.item_id.move_id, on=9)
        self._nights(10)
        self.assertEqual(placement.state, "closed")
        asked = day(100) - timedelta(days=5), day(200)
        self.assertEqual(self.mandate._measure("kept", *asked), (0, 1))
        order = self.root["sale.order"].create({
            "partner_id": self.debtor.id, "company_id": self.company.id,
            "order_line": [Command.create({"product_id": self.product_a.id})],
        })
        self.assertEqual(self.mandate._measure("kept", *asked), (0, 1))
        order.write({"state": "sale", "date_order": day(40)})
        self.assertEqual(self.mandate._measure("kept", *asked), (1, 1))
        order.date_order = day(10)  # the day of the payment is no new order
        self.assertEqual(self.mandate._measure("kept", *asked), (0, 1))
        self._create_due(90)  # an invoice without an order, of the day 0 - 30
        self.assertEqual(self.mandate._measure("kept", *asked), (0, 1))
        self._create_due(90, invoice_date=day(50))
        self.assertEqual(self.mandate._measure("kept", *asked), (1, 1))

    def test_nothing_is_said_of_satisfaction_without_answers(self):
        self.assertEqual(self.mandate._measure("satisfied", day(0), day(200)), (None, 0))

    def test_satisfied_are_customers_whose_answers_are_good(self):
        placement = self._placed()
        survey = self.env.ref("account_credit_care.survey_contact")
        [question] = survey.question_ids.filtered(lambda one: one.credit_metric == "csat")[:1]
        for value, on in ((5, 10), (4, 20), (2, 30), (1, 50)):
            self.root["survey.user_input"].create({
                "survey_id": survey.id, "partner_id": self.debtor.id, "state": "done",
                "credit_company_id": self.company.id, "credit_case_id": placement.case_id.id,
                "credit_placement_id": placement.id, "credit_answered_on": day(on),
                "user_input_line_ids": [Command.create({
                    "question_id": question.id, "answer_type": "scale", "value_scale": value,
                })],
            })
        self.assertEqual(self.mandate._measure("satisfied", day(0), day(30)), (Fraction(2, 3), 3))


@tagged("post_install", "-at_install")
class TestRights(StatementCommon):
    def test_a_manager_decides_a_controller_reads(self):
        self._placed()
        draft = self._state(date(2026, 4, 2), until=MARCH)
        reader = draft.with_user(self.controller)
        self.assertTrue(reader.read(["amount_total"]))
        for act in ("action_confirm", "action_bill", "action_state_again"):
            with self.subTest(act=act), self.assertRaises(AccessError):
                getattr(reader, act)()
        with self.assertRaises(AccessError):
            reader._cancel("x")
        with self.assertRaises(AccessError):
            reader.until_on = APRIL
        with self.assertRaises(AccessError):
            reader.unlink()
        with self.assertRaises(AccessError):
            self.mandate.with_user(self.controller).action_make_statement()

    def test_nobody_types_what_is_owed(self):
        self._placed()
        draft = self._state(date(2026, 4, 2), until=MARCH).with_user(self.manager)
        for values in (
            {"amount_total": 1.0}, {"state": "confirmed"}, {"from_on": day(0)}, {"name": "x"},
            {"mandate_id": self.mandate.id}, {"line_ids": [Command.clear()]}, {"move_id": False},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                draft.write(values)
        with self.assertRaises(AccessError):
            draft.line_ids[:1].write({"fee": 1.0})
        with self.assertRaises(AccessError):
            self.env["credit.statement"].with_user(self.manager).create({
                "mandate_id": self.mandate.id, "from_on": day(0), "until_on": day(1),
            })
        self._confirm(draft, date(2026, 4, 2))
        with self.assertRaises(UserError):
            draft.until_on = APRIL
        with self.assertRaises(UserError):
            draft.unlink()

    def test_the_agency_sees_what_is_decided_and_nothing_else(self):
        self._placed()
        march = self._stated(date(2026, 4, 2), MARCH)
        april = self._state(date(2026, 5, 2))
        statements = self.env["credit.statement"]
        self.assertEqual(statements._for_agency(self.mandate), march)
        self.assertFalse(statements._for_agency(self._create_mandate(name="Second")))
        for user in (self.qualified.user_id, self.salesperson):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                (march | april).with_user(user).read(["amount_total"])

    def test_the_sheet_is_in_the_agencys_language(self):
        self._placed()
        march = self._stated(date(2026, 4, 2), MARCH)
        self.agency.lang = "it_IT"
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            "account_credit_care.report_credit_fees", march.ids
        )
        text = html.decode()
        self.assertIn('lang="it"', text)
        self.assertIn(march.name, text)
        self.assertIn(self.debtor.name, text)
        self.assertIn("31/03/2026", text)
