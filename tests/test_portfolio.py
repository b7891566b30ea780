"""What a portfolio is made of, what it may bring and cost, and that its sheet names nobody."""
import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.credit_portfolio_sheet import AGES
from .agency_common import AgencyCommon
from .common import day

NAMES = ("Ferri", "Galli", "Martini", "Conti", "Rinaldi")


class PortfolioCommon(AgencyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debtors = cls.debtor | cls.env["res.partner"].union(*(
            cls._create_debtor(f"{name} {number}", vat=f"IT0123456{number}")
            for number, name in enumerate(NAMES[1:], 1)
        ))
        cls.moves = cls.env["account.move"].union(*(
            cls._create_due(-50 - 10 * number, 1000.0 + number, partner=debtor)
            for number, debtor in enumerate(cls.debtors)
        ))

    def setUp(self):
        super().setUp()
        self._night(0, send=False)

    def _open(self, **values):
        portfolio = self.env["credit.portfolio"].with_user(self.controller).with_company(
            self.company
        ).create({"company_id": self.company.id, **values})
        return portfolio

    def _sheet(self, least=3, **values):
        with self.at(0):
            return self._open(**values)._get_sheet(least)

    def _table(self, sheet, title):
        [table] = [table for table in sheet["tables"] if table["title"] == title]
        return [(row["name"], row["debtors"]) for row in table["rows"]]


@tagged("post_install", "-at_install")
class TestPortfolio(PortfolioCommon):
    def test_it_counts_debtors_and_adds_up(self):
        sheet = self._sheet(1)
        self.assertEqual(sheet["debtors"], 5)
        self.assertIn("5,010.00", sheet["amount"])
        self.assertEqual(
            [(row["name"], row["debtors"]) for row in sheet["ages"]],
            [("46 to 90 days", 5)],
        )
        self.assertEqual(
            [debtors for _name, debtors in self._table(sheet, "By what each owes")], [5]
        )
        self.assertEqual(self._table(sheet, "By segment"), [("Test policy", 5)])

    def test_reasons_disputes_and_habits_are_told_apart(self):
        reason = self.env["credit.reason"].create({"name": "Fire in the shed", "kind": "other"})
        cases = self.env["credit.case"].search([("partner_id", "in", self.debtors.ids)])
        cases[:2].reason_id = reason
        cases[:1].sudo().pays_late = True
        with self.at(0):
            self.root["credit.dispute"]._open(
                cases[0], {cases[0].open_item_ids: 0}, day(30), text="x", owner=self.controller
            )
        sheet = self._sheet(1)
        self.assertEqual(
            self._table(sheet, "By reason"), [("Not known", 3), ("Fire in the shed", 2)]
        )
        self.assertEqual(
            self._table(sheet, "Disputes"), [("No dispute", 4), ("Something in dispute", 1)]
        )
        self.assertEqual(
            self._table(sheet, "Past behaviour")[-1], ("Has paid late before", 1)
        )

    def test_in_the_sheet_for_others_small_groups_are_joined_and_not_named(self):
        reason = self.env["credit.reason"].create({"name": "Fire in the shed", "kind": "other"})
        self._case(self.debtors[0]).reason_id = reason
        sheet = self._sheet()
        self.assertEqual(self._table(sheet, "By reason"), [("All others", 5)])

    def test_of_two_debtors_nothing_is_said_to_others(self):
        cases = self.env["credit.case"].search([("partner_id", "in", self.debtors[:2].ids)])
        portfolio = self._open(case_domain=str([("id", "in", cases.ids)]))
        with self.at(0):
            html = self._render(portfolio)
        self.assertIn("Fewer than", html)
        self.assertNotIn("1,000.00", html)
        self.assertNotIn("2,001.00", html)

    def test_the_sheet_names_nobody(self):
        """No name, number for taxes, e-mail, telephone, address or document of any debtor."""
        portfolio = self._open()
        with self.at(0):
            html = self._render(portfolio)
        self.assertIn("5,010.00", html)
        secrets = set(self.moves.mapped("name")) | set(self.moves.mapped("payment_reference"))
        for debtor in self.debtors:
            secrets |= {debtor.name, debtor.name.split()[0], debtor.vat, debtor.email, debtor.phone,
                        debtor.street, debtor.city, debtor.zip, debtor.ref}
        secrets |= {self.salesperson.name, self.controller.name}
        for secret in filter(None, secrets):
            self.assertNotIn(secret, html)
        self.assertFalse(re.search(r"credit\.case|res\.partner|/web#|data-oe-id", html))

    def _render(self, portfolio):
        html, _type = self.env["ir.actions.report"].with_user(self.controller)._render_qweb_html(
            "account_credit_care.report_credit_portfolio", portfolio.ids
        )
        return html.decode()

    def test_filters_choose(self):
        self.assertEqual(self._sheet(1, min_days=75)["debtors"], 2)
        self.assertEqual(self._sheet(1, min_amount=1003.0)["debtors"], 2)
        with self.assertRaises(UserError):
            self._sheet(1, case_domain="[('user_id', '=', uid)]")

    def test_only_those_who_follow_credit_see_it_and_each_his_own(self):
        portfolio = self._open()
        with self.assertRaises(AccessError):
            portfolio.with_user(self.salesperson).read(["analysis_html"])
        with self.assertRaises(AccessError):
            portfolio.with_user(self.manager).read(["analysis_html"])
        with self.at(0):
            self.assertIn("5,010.00", portfolio.read(["analysis_html"])[0]["analysis_html"])

    def test_from_chosen_cases(self):
        cases = self.env["credit.case"].search([("partner_id", "in", self.debtors[:3].ids)])
        with self.at(0):
            action = self.env["credit.portfolio"].with_user(self.controller)._open(cases)
            portfolio = self.env["credit.portfolio"].browse(action["res_id"])
            self.assertEqual(portfolio.with_user(self.controller).case_count, 3)


@tagged("post_install", "-at_install")
class TestCost(PortfolioCommon):
    def test_what_it_costs_is_what_a_statement_would_ask(self):
        """10 a placement; 10 % up to half, 20 % above. Of 5010: 50 and 100.20 at 20 %."""
        draft = self._create_mandate(name="Offer", start_on=False)
        with self.at(0):
            portfolio = self.env["credit.portfolio"].with_user(self.controller).browse(
                draft.with_user(self.controller).action_simulate()["res_id"]
            )
            today, rows = portfolio._read()
            costs = portfolio._simulate(rows, today)
            html = str(portfolio.cost_html)
        self.assertEqual([cost.fixed for cost in costs], [5000] * 4)
        # 60 %: of each half at 10 %, a tenth at 20 %
        self.assertEqual([cost.success for cost in costs], [10020, 20040, 35070, 75150])
        for amount in ("1,002.00", "150.20", "250.40", "400.70"):
            self.assertIn(amount, html)

    def test_what_is_in_dispute_would_not_be_placed(self):
        case = self._case(self.debtors[0])
        with self.at(0):
            self.root["credit.dispute"]._open(
                case, {case.open_item_ids: 400.0}, day(30), text="x", owner=self.controller
            )
            portfolio = self._open(mandate_id=self.mandate.id)
            today, rows = portfolio._read()
        self.assertEqual(sum(row.amount - row.free for row in rows), 40000)
        self.assertEqual(portfolio._simulate(rows, today)[3].recovered, 461000)

    def test_months_that_a_mandate_has_behind_it_are_no_part_of_the_cost(self):
        mandate = self._create_mandate(name="Monthly", fee_per_month=100.0, start_on=day(-400))
        with self.at(0):
            portfolio = self._open(mandate_id=mandate.id)
            today, rows = portfolio._read()
        # March 4th to September 3rd: seven calendar months
        self.assertEqual(portfolio._simulate(rows, today)[0].fixed, 5000 + 70000)


@tagged("post_install", "-at_install")
class TestHistory(PortfolioCommon):
    def _past(self):
        return self.env["credit.history"]._read_past(self.company, day(0), AGES)

    def test_it_is_cash_within_ninety_days_of_what_was_so_old(self):
        """By hand: due 200 days ago. It became older than 45 days on day -154, than 90 on -109:
        100 came on -160 (before), 300 on -120, 200 on -60 (past 90 days of the first, within
        those of the second), 50 by a credit note."""
        before = self._past()
        other = self._create_debtor("Past")
        move = self._create_due(-200, 1000.0, partner=other)
        for amount, on in ((100.0, -160), (300.0, -120), (200.0, -60)):
            self._pay(move, amount, on=on)
        credit = self._credit(move, 50.0)
        (credit.line_ids | move.line_ids).filtered(
            lambda line: line.account_id == self.receivable and not line.reconciled
        ).reconcile()
        after = self._past()
        for age, expected in (
            (0, (1, 1, 95000, 40000)), (45, (1, 1, 85000, 30000)), (90, (1, 1, 55000, 20000)),
        ):
            with self.subTest(age=age):
                known = before.get(age, (0, 0, 0, 0))
                self.assertEqual(
                    tuple(a - b for a, b in zip(after[age], known, strict=True)), expected
                )
        self.assertNotIn(180, after)

    def test_with_enough_of_it_a_number_is_named_with_its_basis(self):
        for number in range(12):
            debtor = self._create_debtor(f"Past{number}")
            move = self._create_due(-200, 100.0, partner=debtor)
            if number < 6:
                self._pay(move, on=-120)
        sheet = self._sheet(1)
        [row] = [row for row in sheet["ages"] if row["name"] == "46 to 90 days"]
        self.assertEqual(row["basis"], "50 % (12 claims of 12 debtors)")
        self.assertIn("2,505.00", row["expected"])

    def test_with_too_little_of_it_no_number_is_named(self):
        sheet = self._sheet(1)
        self.assertEqual([row["expected"] for row in sheet["ages"]], ["–"])
        self.assertEqual([row["basis"] for row in sheet["ages"]], ["too little history"])
        self.assertIn("too little history", sheet["expected"])

    def test_another_companys_past_is_not_ours(self):
        other = self.setup_other_company(name="Corsini")["company"]
        self.assertEqual(self.env["credit.history"]._read_past(other, day(0), AGES), {})
