from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .agency_common import AgencyCommon
from .care_common import CareCommon
from .common import day


@tagged("post_install", "-at_install")
class TestRecoveryReport(CareCommon):
    def test_what_came_within_each_horizon(self):
        self._overdue(-120, 1000.0, (-100, 200.0), (-70, 300.0), (-25, 100.0))
        with self.at():
            row = self._rows("credit.case.report")
        self.assertDay(row.began_on, -119)
        self.assertEqual(
            (row.amount, row.open, row.recovered, row.recovered_30, row.recovered_60,
             row.recovered_90, row.recovered_100),
            (1000, 400, 600, 200, 500, 500, 600),
        )
        self.assertEqual((row.share_30, row.share_90), (20, 50))
        self.assertFalse(row.settled_on)

    def test_a_past_day_gives_what_was_known_on_it(self):
        self._overdue(-120, 1000.0, (-100, 200.0), (-70, 800.0))
        with self.at():
            row = self._rows("credit.case.report", until=-80)
            self.assertEqual((row.recovered, row.open, row.asked_30, row.asked_60), (
                200, 800, 1000, 0))
            self.assertFalse(row.settled_on)
            self.assertFalse(self._rows("credit.case.report", until=-121))
            self.assertDay(self._rows("credit.case.report").settled_on, -70)

    def test_what_was_paid_before_it_came_under_care_is_not_part_of_it(self):
        self._overdue(-120, 1000.0, (-110, 300.0), (-80, 100.0), opened=-90)
        with self.at():
            row = self._rows("credit.case.report")
        self.assertDay(row.began_on, -90)
        self.assertEqual((row.age, row.amount, row.recovered), (30, 700, 100))

    def test_a_credit_note_lessens_what_was_to_be_recovered(self):
        items = self._overdue(-120, 1000.0)
        self._credit_matched(items, 400.0, -60)
        self._pay(items.move_line_id.move_id, 300.0, -50)
        with self.at():
            row = self._rows("credit.case.report")
        self.assertEqual((row.amount, row.recovered, row.open), (600, 300, 300))

    def test_what_was_written_off_with_a_payment_is_no_cash(self):
        items = self._overdue(-120, 1000.0)
        self._give_up(items, -60, 700.0)
        with self.at():
            row = self._rows("credit.case.report")
        self.assertEqual((row.amount, row.recovered, row.open), (1000, 700, 0))

    def test_items_of_one_day_are_one_position_and_shares_are_of_sums(self):
        self._overdue(-120, 1000.0, (-100, 1000.0))
        self._overdue(-120, 3000.0)
        self._overdue(-100, 500.0)
        with self.at():
            rows = self._rows("credit.case.report")
            self.assertEqual(rows.sorted("began_on").mapped("amount"), [4000, 500])
            [(share,)] = rows._read_group([("id", "in", rows.ids)], [], ["share_90:avg"])
        self.assertAlmostEqual(share, 100 * 1000 / 4500)

    def test_a_foreign_currency_counts_as_booked(self):
        self.env["res.currency.rate"].search([]).unlink()
        pound = self.env.ref("base.GBP")
        pound.active = True
        self.env["res.currency.rate"].create({
            "currency_id": pound.id, "company_id": self.company.id, "name": day(-900), "rate": 2,
        })
        items = self._overdue(-120, 1000.0, currency_id=pound.id)
        self._pay(items.move_line_id.move_id, 400.0, -100)
        with self.at():
            row = self._rows("credit.case.report")
        self.assertEqual((row.amount, row.recovered), (500, 200))

    def test_the_excluded_are_left_out(self):
        items = self._overdue(-120)
        items.move_line_id.no_followup = True
        with self.at():
            self.assertFalse(self._rows("credit.case.report"))


@tagged("post_install", "-at_install")
class TestCustomersKept(CareCommon):
    def _order(self, on, partner=None, state="sale"):
        order = self.root["sale.order"].create({
            "partner_id": (partner or self.debtor).id, "company_id": self.company.id,
        })
        order.write({"state": state, "date_order": f"{day(on)} 10:00:00"})
        return order

    def _one(self, until=None):
        with self.at():
            return self._rows("credit.recovery.report", until)

    def test_who_orders_within_90_days_was_kept(self):
        self._overdue(-200, 1000.0, (-150, 1000.0))
        self._order(-100)
        row = self._one()
        self.assertDay(row.began_on, -169)
        self.assertDay(row.recovered_on, -150)
        self.assertDay(row.ordered_on, -100)
        self.assertEqual(row.outcome, "kept")
        self.assertEqual(self._one(until=-101).outcome, "young")
        self.assertFalse(self._one(until=-151))

    def test_an_order_later_than_90_days_keeps_nobody(self):
        self._overdue(-200, 1000.0, (-150, 1000.0))
        self._order(-50)
        self.assertEqual(self._one().outcome, "later")
        self.assertEqual(self._one(until=-55).outcome, "lost")

    def test_an_order_of_the_day_of_payment_or_a_quotation_keeps_nobody(self):
        self._overdue(-200, 1000.0, (-150, 1000.0))
        self._order(-150)
        self._order(-120, state="draft")
        self.assertEqual(self._one().outcome, "lost")

    def test_an_invoice_without_an_order_is_an_order(self):
        self._overdue(-200, 1000.0, (-150, 1000.0))
        self._create_due(-70)  # invoiced on -100
        row = self._one()
        self.assertDay(row.ordered_on, -100)

    def test_a_new_invoice_of_the_time_of_the_debt_is_no_sign(self):
        self._overdue(-200, 1000.0, (-150, 1000.0))
        self._create_due(-125)  # invoiced on -155
        self.assertEqual(self._one().outcome, "lost")

    def test_a_little_late_is_no_default(self):
        self._overdue(-200, 1000.0, (-171, 1000.0))
        self.assertFalse(self._one())

    def test_debts_that_overlap_are_one_default_and_a_later_one_is_again(self):
        self._overdue(-200, 1000.0, (-150, 1000.0))
        self._overdue(-190, 500.0, (-140, 500.0))
        self._overdue(-130, 300.0, (-60, 300.0))
        rows = self._one()
        first, second = rows.sorted("began_on")
        self.assertDay(first.recovered_on, -140)
        self.assertDay(first.again_on, -99)
        self.assertTrue(first.is_again)
        self.assertFalse(second.is_again)

    def test_what_was_written_off_is_no_recovery(self):
        self._give_up(self._overdue(-200), -150, 300.0)
        self.assertFalse(self._one())


@tagged("post_install", "-at_install")
class TestAgencyReport(AgencyCommon):
    def test_placements_with_what_came_while_they_were_out(self):
        placement = self._placed(1)
        move = placement.line_ids.item_id.move_line_id.move_id
        self._pay(move, 400.0, on=11)
        self._pay(move, 100.0, on=31)
        with self.at(40):
            placement.with_user(self.manager)._recall("Enough")
        self._pay(move, 200.0, on=60)
        with self.at(100):
            row = self.env["credit.agency.report"].with_user(self.controller).search([])
            self.assertEqual(row.placement_id, placement)
            self.assertEqual((row.agency_id, row.age, row.age_band), (self.agency, 36, "0"))
            self.assertEqual((row.amount, row.recovered, row.share_90), (1000, 500, 50))
            self.assertAlmostEqual(row.days, (400 * 10 + 100 * 30) / 500)
            placement.invalidate_recordset()
            self.assertEqual(row.recovered, placement.amount_received)
            row = row.with_context(credit_day=str(day(20)))
            row.invalidate_recordset()
            self.assertEqual((row.recovered, row.asked_90), (400, 0))

    def test_what_had_come_before_is_not_the_agencys(self):
        self._ready(1)
        placement = self._case().placement_ids
        move = placement.line_ids.item_id.move_line_id.move_id
        self._pay(move, 250.0, on=0)
        self._send(placement, 2)
        self._pay(move, 100.0, on=12)
        with self.at(20):
            row = self.env["credit.agency.report"].search([])
            placement.invalidate_recordset()
            self.assertEqual(
                (row.amount, row.recovered), (placement.amount, placement.amount_received)
            )
            self.assertEqual((row.amount, row.recovered), (750, 100))

    def test_figures_are_for_credit_users_of_the_company(self):
        self._placed(1)
        reports = ("credit.agency.report", "credit.case.report", "credit.recovery.report")
        for model in reports:
            for user in (self.salesperson, self.plain.user_id, self.leader):
                with self.subTest(model=model, user=user.login), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
        other = self.env["res.company"].create({"name": "Other"})
        self.controller.company_ids = [Command.link(other.id)]
        for model in reports:
            with self.subTest(model=model):
                rows = self.env[model].with_user(self.controller).with_context(
                    allowed_company_ids=other.ids
                )
                self.assertFalse(rows.search([]))
