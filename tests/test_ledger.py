"""Ledgers as people really have them: the night goes through, and the right ones are asked."""
from odoo import Command
from odoo.tests import tagged

from .common import CreditCommon, day


@tagged("post_install", "-at_install")
class TestUnusualLedgers(CreditCommon):
    def _book(self, *lines):
        """An entry whose receivable lines are ``lines``; a line of revenue makes it balance."""
        values = [
            {"account_id": self.receivable.id, "name": "Old books", "no_followup": False, **line}
            for line in lines
        ]
        values.append({
            "account_id": self.company_data["default_account_revenue"].id,
            "balance": -sum(line["balance"] for line in values),
        })
        entry = self.env["account.move"].create({
            "move_type": "entry", "date": day(-60), "company_id": self.company.id,
            "journal_id": self.company_data["default_journal_misc"].id,
            "line_ids": [Command.create(line) for line in values],
        })
        entry.action_post()
        return entry

    def test_lines_of_all_kinds_in_one_entry(self):
        gbp = self.setup_other_currency("GBP", rates=[("2020-01-01", 2.0)])
        names = ("Dateless", "Negative", "Zero", "Difference", "Contact", "Gone", "Supplier")
        made = {name: self._create_debtor(name) for name in names}
        made["Supplier"].write({"supplier_rank": 5, "customer_rank": 0})
        clerk = self._create_debtor("Clerk", is_company=False, parent_id=made["Contact"].id)
        entry = self._book(
            {"partner_id": made["Dateless"].id, "balance": 100.0, "date_maturity": False},
            {"partner_id": made["Negative"].id, "balance": -70.0, "date_maturity": day(-40)},
            {"partner_id": made["Zero"].id, "balance": 0.0, "date_maturity": day(-40)},
            {"partner_id": made["Difference"].id, "balance": 5.0, "date_maturity": day(-40)},
            {"partner_id": clerk.id, "balance": 30.0, "date_maturity": day(-40)},
            {"partner_id": made["Gone"].id, "balance": 20.0, "date_maturity": day(-40)},
            {"partner_id": made["Supplier"].id, "balance": 10.0, "date_maturity": day(-40)},
            {"partner_id": False, "balance": 900.0, "date_maturity": day(-40)},
        )
        made["Gone"].active = False
        self.env.flush_all()
        self.env.cr.execute(  # a difference of exchange, as core books it
            """UPDATE account_move_line SET currency_id = %s, amount_currency = 0,
                      amount_residual_currency = 0 WHERE partner_id = %s AND move_id = %s""",
            [gbp.id, made["Difference"].id, entry.id],
        )
        self.env.invalidate_all()
        dateless = entry.line_ids.filtered(lambda line: line.partner_id == made["Dateless"])
        self.assertFalse(dateless.date_maturity, "core fills it: the test shows nothing")
        self._tick("credit.run", "_cron_review")
        asked = {a.case_id.partner_id: a.line_ids.mapped("amount") for a in self.actions}
        self.assertEqual(asked, {
            made["Dateless"]: [100.0], made["Contact"]: [30.0], made["Gone"]: [20.0],
            made["Supplier"]: [10.0],
        })
        self.assertDay(self._case(made["Dateless"]).oldest_due_on, -60)
        self.assertFalse(self.root["mail.activity"].search([
            ("res_model", "=", "res.partner"), ("res_id", "=", self.company.partner_id.id),
        ]), "no night failed")
        self._tick("credit.action", "_cron_send")
        self.assertEqual(set(self.actions.mapped("state")), {"queued"})

    def test_a_customer_who_became_a_contact_of_another_leaves_him_his_debts(self):
        """Not by core's merge: somebody has set the company of a person."""
        person = self._create_debtor("Person", is_company=False)
        self._create_due(-4, 200.0, person)
        self._night(0)
        self.assertTrue(self._case(person))
        person.parent_id = self.debtor
        self.assertEqual(person.commercial_partner_id, self.debtor)
        self._night(6)
        self.assertFalse(self._case(person))
        self.assertEqual(self._case().open_item_ids.mapped("amount_residual"), [200.0])
        self.assertEqual(
            self.actions.mapped("level_id.delay_days"), [3, 10], "no step is taken twice"
        )

    def test_an_entry_posted_anew_with_another_number_is_called_by_it(self):
        invoice = self._create_due(-4)
        self._night(0)
        old = invoice.name
        invoice.button_draft()
        invoice.name = "FT/2026/00099"
        invoice.action_post()
        self._night(6)
        self.assertEqual(self._items(invoice).name, "FT/2026/00099")
        self.assertNotEqual(old, "FT/2026/00099")

    def test_an_entry_posted_anew_in_another_currency_is_asked_in_it(self):
        """1,000 yen must not be asked as 1,000 euro."""
        yen = self.setup_other_currency("JPY", rates=[("2020-01-01", 150.0)], rounding=1.0)
        invoice = self._create_due(-4)
        self._night(0)
        item = self._items(invoice)
        invoice.button_draft()
        invoice.currency_id = yen
        invoice.action_post()
        self._night(1)
        [open_item] = self._items(invoice).filtered(lambda one: not one.closed_on)
        self.assertEqual(open_item.currency_id, yen)
        self.assertEqual(open_item.amount_opened, 1000.0)
        self.assertTrue(item)

    def test_what_was_said_of_the_debtor_holds_on_in_the_case_that_a_bounce_opens(self):
        move = self._create_due(-12)
        self._night(0)
        with self.at(0):
            case = self._case()
            case.with_user(self.manager).relationship_priority = True
            case.with_user(self.controller)._pause(day(20), "His plant burnt down")
        payment = self._pay(move, on=1)
        self._night(2)
        self.assertEqual(case.state, "closed")
        with self.at(5):
            payment.action_draft()
            payment.action_cancel()
            move.line_ids.remove_move_reconcile()
            plans, _notices = self.root["credit.forecast"]._preview(
                self.company, day(25), start=day(5)
            )
        self._night(5)
        again = self._case()
        self.assertNotEqual(again, case)
        self.assertTrue(again.relationship_priority)
        self.assertEqual(
            (again.paused_until, again.pause_reason), (day(20), "His plant burnt down")
        )
        before = self.actions
        for offset in range(6, 26):
            self._night(offset)
        self.assertEqual((self.actions - before).mapped("date"), [plan.day for plan in plans])
        self.assertEqual(plans[0].day, day(21))

    def test_a_case_that_went_into_another_says_nothing(self):
        """Closed by a merge, it is younger than the one that went on and was closed later."""
        move = self._create_due(-12)
        self._night(0)
        case = self._case()
        with self.at(0):
            case.with_user(self.controller)._pause(day(30), "His plant burnt down")
        self.env["credit.case"].sudo().create({
            "partner_id": self.debtor.id, "company_id": self.company.id, "state": "closed",
            "policy_id": self.policy.id, "opened_on": day(-9), "state_since": day(0),
            "merged_into_id": case.id,
        })
        payment = self._pay(move, on=1)
        self._night(2)
        payment.action_draft()
        payment.action_cancel()
        self._night(5)
        self.assertEqual(self._case().paused_until, day(30))

    def test_a_priority_of_long_ago_is_asked_for_anew(self):
        move = self._create_due(-12)
        self._night(0)
        with self.at(0):
            self._case().with_user(self.manager).relationship_priority = True
        self._pay(move, on=1)
        self._night(2)
        self._create_due(100)
        self._night(100)
        self.assertFalse(self._case().relationship_priority)

    def test_a_branch_is_as_fresh_as_the_journals_of_its_company(self):
        branch = self.env["res.company"].sudo().create({
            "name": "Bellandi Modena", "parent_id": self.company.id, "credit_bank_fresh_days": 5,
        })
        # core gives each company journals of its own
        self.env["account.journal"].sudo().search([("company_id", "=", branch.id)]).unlink()
        with self.at(0):
            self.assertTrue(branch._credit_is_stale())
            self._pay_on_account(self.debtor, 10.0, on=-3)
            self.assertFalse(branch._credit_is_stale())
            self.env["account.journal"].sudo().create({
                "name": "Modena", "type": "bank", "code": "BMO", "company_id": branch.id,
            })
            self.assertTrue(branch._credit_is_stale(), "it has a bank, and nobody books it")

    def test_a_company_that_was_closed_down_asks_for_nothing(self):
        other = self.setup_other_company(name="Corsini")["company"]
        self.root["credit.policy"].create({
            "name": "Theirs", "company_id": other.id, "state": "active", "is_default": True,
            "user_id": self.root.user.id, "do_nothing": True,
        })
        run = self.root["credit.run"]
        self.assertIn(other, run._get_companies())
        other.sudo().active = False
        self.assertNotIn(other, run._get_companies())
        self.assertIn(self.company, run._get_companies())

    def test_days_overdue_are_those_of_the_company_wherever_it_is_read(self):
        """At noon in London it is tomorrow in Auckland."""
        self.company.resource_calendar_id.tz = "Pacific/Auckland"
        invoice = self._create_due(-9)
        self._night(0)
        with self.at(0):
            self.env.invalidate_all()
            self.assertEqual(self.company._credit_today(), day(1))
            self.assertEqual(self._case().oldest_days, 10)
            self.assertEqual(self._items(invoice).days_overdue, 10)


@tagged("post_install", "-at_install")
class TestUnmatched(CreditCommon):
    """Who has paid is not reminded because nobody has matched his transfer yet."""

    def _bring(self, amount, on=0, partner=None, **values):
        return self.env["account.bank.statement.line"].create({
            "journal_id": self.company_data["default_journal_bank"].id, "amount": amount,
            "date": day(on), "payment_ref": "Transfer", "partner_id": (partner or self.debtor).id,
            **values,
        })

    def test_a_transfer_on_the_statement_covers_what_is_due(self):
        self._create_due(-4)
        self._bring(1000.0)
        self._night(0)
        self.assertFalse(self.actions)
        with self.at(0):
            self.assertEqual(self._case().hold_reason, "open credits cover what is due")

    def test_part_of_it_leaves_the_rest_to_be_asked(self):
        self._create_due(-4)
        self._bring(300.0)
        action = self._night(0)
        self.assertEqual(action.amount_total, 700.0)
        self.assertIn("700.00", action.body)

    def test_it_comes_between_night_and_sending(self):
        self._create_due(-4)
        action = self._night(0, send=False)
        self._bring(1000.0)
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "cancelled")

    def test_it_does_not_suspend_credit(self):
        self._create_due(-60)
        self._bring(1000.0)
        for offset in range(3):
            self._night(offset)
        self.assertFalse(self._case().suspended_on)

    def test_matched_it_counts_once(self):
        invoice, _other = self._create_due(-4, 400.0), self._create_due(-4, 600.0)
        line = self._bring(400.0)
        _liquidity, suspense, _rest = line._seek_for_lines()
        suspense.account_id = self.receivable
        (suspense | invoice.line_ids.filtered(
            lambda one: one.account_id == self.receivable)).reconcile()
        self.assertEqual(self._night(0).amount_total, 600.0)

    def test_that_it_was_somebody_elses_is_seen_the_next_night(self):
        self._create_due(-4)
        line = self._bring(1000.0)
        self._night(0)
        self.assertFalse(self.actions)
        line.partner_id = self._create_debtor("Other")
        self._night(1)
        self.assertEqual(self.actions.amount_total, 1000.0)

    def test_it_covers_nothing_of_another_nor_in_another_currency_nor_after_many_days(self):
        gbp = self.setup_other_currency("GBP", rates=[("2020-01-01", 2.0)])
        cases = {
            "another": {"partner": self._create_debtor("Other")},
            "currency": {"foreign_currency_id": gbp.id, "amount_currency": 2000.0},
            "old": {"on": -10},
            "out": {"amount": -1000.0},
        }
        for name, values in cases.items():
            with self.subTest(name):
                debtor = values.pop("partner", None) or self._create_debtor(name)
                mine = self._create_debtor(f"{name} mine") if name == "another" else debtor
                self._create_due(-4, partner=mine)
                self._bring(**{"amount": 1000.0, "partner": debtor, **values})
                self._night(0)
                self.assertEqual(
                    self.actions.filtered(lambda a, p=mine: a.case_id.partner_id == p).amount_total,
                    1000.0,
                )

    def test_a_pause_goes_on_in_the_preview(self):
        """Looking every day does not end what holds an item for longer."""
        self._create_due(-4)
        self._night(-8)
        with self.at(-8):
            self._case().open_item_ids.with_user(self.controller)._pause(day(20), "He called")
        self._bring(300.0)
        with self.at(0):
            plans, _notices = self.root["credit.forecast"]._preview(self.company, day(15))
        self.assertFalse(plans)


@tagged("post_install", "-at_install")
class TestWhoHasLeft(CreditCommon):
    """Nobody is written to in the name of somebody who cannot be answered."""

    def _leave(self):
        self.controller.sudo().active = False

    def test_his_cases_go_to_the_controller_of_the_company(self):
        self._create_due(-4)
        self._night(0)
        self.company.credit_controller_id = self.manager
        self._leave()
        self._night(6)
        self.assertEqual(self._case().user_id, self.manager)
        self.assertEqual(self.actions[-1].user_id, self.manager)

    def test_a_new_case_is_not_given_to_him(self):
        self.company.credit_controller_id = self.manager
        self._leave()
        self.assertEqual(self.policy.user_id, self.controller)
        self._create_due(-4)
        action = self._night(0)
        self.assertEqual((self._case().user_id, action.user_id), (self.manager, self.manager))
        self.assertIn("mario@bellandi.example", action.mail_mail_id.email_from)

    def test_the_new_controller_of_the_policy_comes_first(self):
        self._create_due(-4)
        self._night(0)
        self.policy.user_id = self.manager
        self._leave()
        self._night(1)
        self.assertEqual(self._case().user_id, self.manager)

    def test_a_message_that_waited_is_signed_by_who_is_there(self):
        self._create_due(-4)
        action = self._night(0, send=False)
        self.company.credit_controller_id = self.manager
        self._leave()
        self._night(1)
        self.assertEqual(action.user_id, self.manager)
        self.assertNotIn("Carla", action.body)

    def test_where_nobody_is_left_the_case_keeps_its_name(self):
        self._create_due(-4)
        self._night(0)
        self._leave()
        self._night(1)
        self.assertEqual(self._case().user_id, self.controller)
