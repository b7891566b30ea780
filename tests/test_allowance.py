from fractions import Fraction

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import day
from .figures_common import FiguresCommon, Invoice, Part

RATES = {-1: 0.005, 0: 0.01, 30: 0.05, 60: 0.25, 90: 0.3333}


class TestAllowance(FiguresCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rates = cls.env["credit.allowance.rate"]._provide(cls.company)
        for row in cls.rates:
            row.rate = RATES[row.over_days]
        cls.company.write({
            "credit_allowance_journal_id": cls.company_data["default_journal_misc"].id,
            "credit_allowance_account_id": cls.company_data["default_account_assets"].id,
            "credit_allowance_expense_id": cls.company_data["default_account_expense"].id,
        })

    def _write(self):
        """1000.00 not due, 333.33 in 31–60 less 100.00, 200.01 over 90 days."""
        self._write_ledger(self.company, [
            Invoice(-20, 40, 100_000, False, ()),
            Invoice(-80, 30, 33_333, False, (Part("cash", 30, 70),)),
            Invoice(-200, 30, 20_001, False, ()),
        ])

    def _open(self, user=None, **values):
        return self.env["credit.allowance"].with_user(user or self.manager).with_company(
            self.company
        ).create({"day": day(0), **values})

    def test_to_the_cent(self):
        """0.5 % of 1000 = 5.00; 5 % of 233.33 = 11.67; 33.33 % of 200.01 = 66.66."""
        with self.at():
            self._write()
            wizard = self._open()
            self.assertEqual(wizard.line_ids.mapped("allowance"), [5.0, 0, 11.67, 0, 66.66])
            self.assertEqual(wizard.amount, 83.33)
            self.assertEqual(wizard.reverse_on, day(1))
            moves = self.env["account.move"].search(wizard.action_prepare()["domain"])
        entry, reversal = moves.sorted("date")
        self.assertEqual(set(moves.mapped("state")), {"draft"}, "never posted by us")
        self.assertEqual((entry.date, reversal.date), (day(0), day(1)))
        self.assertEqual(reversal.reversed_entry_id, entry)
        self.assertEqual(
            [(line.account_id, line.balance) for line in entry.line_ids.sorted("balance")],
            [
                (self.company.credit_allowance_account_id, -66.66),
                (self.company.credit_allowance_account_id, -11.67),
                (self.company.credit_allowance_account_id, -5.0),
                (self.company.credit_allowance_expense_id, 83.33),
            ],
        )
        self.assertEqual(
            sorted(reversal.line_ids.mapped("balance")),
            sorted(-line.balance for line in entry.line_ids),
        )
        figure = self.figures._get_money(self.company, day(-89), day(0))["allowance"]
        self.assertEqual(figure["value"], 83.33)

    def test_an_accountant_posts_both(self):
        with self.at():
            self._write()
            moves = self.company._credit_prepare_allowance(day(0), day(1))
        with self.at(1):
            moves.action_post()
            self.assertEqual(set(moves.mapped("state")), {"posted"})
            self.assertEqual(sum(moves.line_ids.mapped("balance")), 0)
            found = self.figures._get_money(self.company, day(-89), day(0))
            self.assertEqual(found["ageing"]["value"], 1433.34, "receivables stay what they are")

    def test_a_deleted_entry_is_made_again_and_its_reversal_does_not_stand_for_it(self):
        with self.at():
            self._write()
            first = self.company._credit_prepare_allowance(day(0), day(1))
            entry, orphan = first.sorted("date")
            entry.unlink()
            again, reversal = self.company._credit_prepare_allowance(day(0), day(1)).sorted("date")
        self.assertEqual((again.date, reversal.reversed_entry_id), (day(0), again))
        self.assertEqual(orphan.state, "cancel")

    def test_once_a_day(self):
        with self.at():
            self._write()
            first = self.company._credit_prepare_allowance(day(0), day(1))
            self.assertEqual(self.company._credit_prepare_allowance(day(0), day(1)), first)
            first.button_cancel()
            again = self.company._credit_prepare_allowance(day(0), day(1))
            self.assertFalse(again & first)

    def test_what_is_missing_is_said(self):
        with self.at():
            with self.assertRaisesRegex(UserError, "is nothing"):
                self.company._credit_prepare_allowance(day(0), day(1))
            self._write()
            with self.assertRaisesRegex(UserError, "comes after"):
                self.company._credit_prepare_allowance(day(0), day(0))
            self.company.credit_allowance_account_id = False
            with self.assertRaisesRegex(UserError, "Choose journal and accounts"):
                self.company._credit_prepare_allowance(day(0), day(1))

    def test_who_may(self):
        with self.at():
            self._write()
            for user in (self.controller, self.salesperson):
                with self.assertRaises(AccessError):
                    self._open(user)
                with self.assertRaises(AccessError):
                    self.company.with_user(user)._credit_prepare_allowance(day(0), day(1))

    def test_the_past_proposes_from_twenty_claims_on(self):
        partner = self._create_debtor("Many")
        self.env["account.move"].create([
            {
                "move_type": "entry", "date": day(-400),
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create({
                        "account_id": self.receivable.id, "partner_id": partner.id,
                        "debit": 100.0, "date_maturity": day(-370),
                    }),
                    Command.create({
                        "account_id": self.company_data["default_account_revenue"].id,
                        "credit": 100.0,
                    }),
                ],
            }
            for _number in range(20)
        ]).action_post()
        with self.at():
            self._write_ledger(self.company, [
                Invoice(-400, 60, 100_000, False, (Part("cash", 60, 390),)),
            ])
            rates = self.company._credit_propose_rates(day(0))
            self.assertEqual([rate.cases for rate in rates], [1, 20, 0, 0, 0])
            self.assertEqual([rate.rate for rate in rates], [None, Fraction(1), None, None, None])
            wizard = self._open()
            self.assertEqual(wizard.line_ids.mapped("has_proposal"),
                             [False, True, False, False, False])
            wizard.action_use_proposal()
            self.assertEqual(
                {row.over_days: row.rate for row in self.rates}, RATES | {0: 1.0}
            )
