from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import day
from .test_statement import APRIL, MARCH, StatementCommon, offset


@tagged("post_install", "-at_install")
class TestStoryAgency(StatementCommon):
    """A good customer in trouble: from the suspension through the agency and back to the
    salesperson. The invoice is 30 days overdue on the day 0; every night is lived."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.write({
            "place_by_itself": True, "max_contacts_day": 1, "max_contacts_week": 3,
            "calendar_id": cls.env.ref("account_credit_care.calendar_contact_hours").id,
            "plan_limit_ids": [Command.create({
                "up_to": 5000, "max_months": 6, "min_instalment": 100,
            })],
        })

    def test_the_money_comes_and_the_customer_stays(self):
        self.move = self._create_due(-30, 1000.10)
        self._walk(-30, 0)
        self.case = self._case()
        self._is_suspended_at_30_days()
        self._is_noted_at_35_days()
        self._is_placed_at_45_days()
        self._is_worked_by_the_qualified_only()
        self._agrees_to_a_plan()
        self._pays_and_is_saved()
        self._the_agency_is_paid_to_the_cent()

    def _walk(self, first, last):
        self._nights(*range(first, last + 1))

    # ------------------------------------------------------------------ in the house

    def _is_suspended_at_30_days(self):
        self.assertEqual(self.actions.level_id.mapped("delay_days"), [3, 10])
        self.assertDay(self.case.warned_on, 0)
        self.assertFalse(self.case.suspended_on)
        self._walk(1, 1)
        self.assertDay(self.case.suspended_on, 1)
        order = self.root["sale.order"].with_company(self.company).create({
            "partner_id": self.debtor.id, "company_id": self.company.id,
            "user_id": self.salesperson.id,
            "order_line": [Command.create({
                "product_id": self.product_a.id, "product_uom_qty": 1, "price_unit": 100.0,
            })],
        })
        with self.at(1), self.assertRaisesRegex(UserError, "suspended"):
            order.with_user(self.salesperson).action_confirm()
        self.order = order

    def _is_noted_at_35_days(self):
        self._walk(2, 4)
        self.assertFalse(self.case.note_id)
        self._walk(5, 5)
        note = self.case.note_id
        self.assertEqual((note.user_id, note.state), (self.salesperson, "requested"))
        self.assertEqual(note.activity_ids.user_id, self.salesperson)
        self._walk(6, 6)
        self._write_note(
            note, 6, special_attention=True, special_how="Never by letter", asks_priority=True,
            priority_why="He buys for three towns",
        )
        self.assertEqual(self.debtor.credit_care_attention, "Never by letter")
        self._walk(7, 7)
        asked = self.env["credit.task"]._get_manager(self.company)
        self.assertEqual(note.activity_ids.user_id, asked)
        with self.at(7):
            note.with_user(self.manager).action_grant_priority()
        self.assertTrue(self.case.relationship_priority)

    # ------------------------------------------------------------------ at the agency

    def _is_placed_at_45_days(self):
        self._walk(8, 14)
        self.assertFalse(self.case.placement_ids)
        self.assertEqual(self.case.state, "collection")
        self._walk(15, 15)
        self.placement = self.case.placement_ids
        self.assertEqual(
            (self.placement.state, self.placement.mandate_id, self.case.state),
            ("sent", self.mandate, "agency"),
        )
        self.assertEqual((self.placement.amount, self.placement.age), (1000.10, 45))
        self.assertTrue(self._told("placed"))

    def _is_worked_by_the_qualified_only(self):
        paul, gina = (self._desk(one) for one in (self.plain, self.qualified))
        with self.at(16):
            self.assertEqual(paul.get_list()["total"], 0)
            for attempt in (
                lambda: paul.get_placement(self.placement.id),
                lambda: paul.accept(self.placement.id),
                lambda: paul.log_contact(self.placement.id, "reached"),
                lambda: paul.pull_dossier(self.placement.id),
            ):
                with self.assertRaises(AccessError):
                    attempt()
            with self.assertRaises(UserError):
                self.placement.with_user(self.manager).collector_id = self.plain
            shown = gina.get_placement(self.placement.id)
            self.assertTrue(shown["priority"])
            self.assertEqual(shown["note"]["how"], "Call in the morning")
            self.assertIn("Never by letter", shown["note"]["care"])
            self.assertEqual(shown["person"]["contact"], "Anna Ferri")
            gina.log_contact(
                self.placement.id, "reached", reason="no_money", remark="Waits for the town",
            )
        contact = self.placement.action_ids
        self.assertEqual((contact.collector_id, contact.outcome), (self.qualified, "reached"))
        self.assertEqual(self.placement.state, "accepted")
        self.assertEqual(self.case.reason_id.kind, "no_money")
        with self.at(16), self.assertRaisesRegex(UserError, "on one day"):
            gina.log_contact(self.placement.id, "reached")
        self.assertIn(contact, self.case.with_user(self.salesperson).action_ids)
        self.assertTrue(self._told("agency_contact"))

    def _agrees_to_a_plan(self):
        with self.at(16):
            answer = self._desk(self.qualified).propose(self.placement.id, "plan", {
                "count": 3, "first_on": day(20).isoformat(), "frequency": "fortnight",
            })
        self.assertEqual((answer["state"], answer["excess"]), ("proposed", False))
        self.plan = self.case.agreement_ids
        self.assertEqual(self.plan.line_ids.mapped("amount"), [333.37, 333.37, 333.36])
        self._walk(17, 17)
        with self.at(17):
            self.case._answer_sign(self.plan, "Anna Ferri")
        self.assertEqual((self.plan.state, self.plan.signed_by), ("running", "Anna Ferri"))
        self.assertEqual(self.plan.negotiated_by, "collector")

    # ------------------------------------------------------------------ money, and home

    def _pays_and_is_saved(self):
        before = self.actions
        last = 17
        for line in self.plan.line_ids:
            due = offset(line.due_on)
            self._walk(last + 1, due - 1)
            with self.at(due):
                self._pay(self.move, line.amount, on=due)
            last = due - 1
        self.assertEqual(self.case.state, "agency")
        self._walk(last + 1, due + 1)
        self.assertEqual(self.plan.line_ids.mapped("state"), ["paid"] * 3)
        self.assertEqual(self.plan.state, "kept")
        self.assertEqual(self.actions, before, "the house asked for nothing meanwhile")
        self.assertEqual((self.case.state, self.placement.state), ("closed", "closed"))
        self.assertFalse(self.case.suspended_on)
        self.assertTrue(self.case.is_saved)
        self.assertEqual(len(self._told("agreed")), 1)
        mail = self._mails().filtered(lambda one: "Customer saved" in one.body_html)
        self.assertEqual(len(mail), 1)
        with self.at(due + 1):
            self.order.with_user(self.salesperson).action_confirm()
            self.assertFalse(self._desk(self.qualified).get_list()["total"])
        self.assertEqual(self.order.state, "sale")
        self.last = due + 1

    def _the_agency_is_paid_to_the_cent(self):
        """10 a placement; 10 % up to half of the 1000.10, 20 % above."""
        self._walk(self.last + 1, offset(date(2026, 5, 2)))
        march, april = self.mandate.statement_ids.sorted("until_on")
        self.assertEqual((march.until_on, april.until_on), (MARCH, APRIL))
        self.assertEqual(march.activity_ids.user_id, self.manager)
        for statement in (march, april):
            self.assertIs(self._confirm(statement, date(2026, 5, 2)), True)
        self.assertEqual(self._rows(march), [
            ("placement", 0.0, 0.0, 10.0), ("success", 333.37, 10.0, 33.34),
        ])
        self.assertEqual(self._rows(april), [
            ("success", 166.68, 10.0, 16.67),  # F(500.05) = 50.005, half up 50.01
            ("success", 166.69, 20.0, 33.33),  # F(666.74) = 83.343
            ("success", 333.36, 20.0, 66.68),  # F(1000.10) = 150.015, half up 150.02
        ])
        self.assertEqual((march.amount_total, april.amount_total), (43.34, 116.68))
        with self._on(date(2026, 5, 3)):
            for statement in (march, april):
                statement.with_user(self.manager).action_bill()
        bills = (march | april).move_id
        self.assertEqual(set(bills.mapped("move_type")), {"in_invoice"})
        self.assertEqual(set(bills.mapped("state")), {"draft"})
        self.assertEqual(bills.partner_id, self.agency)
        self.assertEqual(sum(bills.mapped("amount_untaxed")), 160.02)

    # ------------------------------------------------------------------ who hears what

    def _desk(self, collector):
        return self.env["credit.agency.desk"].with_user(collector.user_id)

    def _told(self, code):
        told = self.case.action_ids.filtered(
            lambda a: a.notice == code and a.state != "cancelled"
        )
        self.assertEqual(told.user_id or self.salesperson, self.salesperson)
        return told

    def _mails(self):
        return self.env["mail.mail"].search([
            ("recipient_ids", "in", self.salesperson.partner_id.ids),
        ])
