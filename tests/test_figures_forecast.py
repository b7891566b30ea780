from collections import defaultdict
from unittest.mock import patch

from hypothesis import given

from odoo.exceptions import AccessError

from ..domain.behaviour import History, Paid, behaviour
from ..domain.figures import CASH
from ..domain.forecast import Flow, Open, by_period, forecast
from ..models import credit_dashboard_kept
from .common import TODAY, day
from .figures_common import FiguresCommon, Invoice, Part, few, ledgers


def paid_late(days, number=5, ago=200):
    """So many invoices, each paid that late by one payment."""
    return [
        Invoice(-ago + count, 30, 10_000, False, (Part("cash", 100, 30 + days),))
        for count in range(number)
    ]


class TestFiguresForecast(FiguresCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_other_company()

    def _recompute(self, company, today):
        """Flows and behaviour of each debtor from claims read line by line. The other company has
        no policy, so nobody there pays as others do."""
        claims = {
            line: claim for line, claim in self._read_claims(company).items()
            if claim.issued_on <= today
        }
        debts = self._read_debts(company)
        past, owed, credits = defaultdict(list), [], defaultdict(int)
        for line, claim in claims.items():
            partner = line.partner_id.commercial_partner_id
            cash = [part for part in claim.settled if part.kind == CASH and part.on <= today]
            units = claim.open_on(today)
            if units > 0:
                owed.append((claim.due_on, line.id, partner, units))
            credits[partner] -= min(units, 0)
            if not units and line in debts and 2 * sum(p.amount for p in cash) > claim.amount:
                past[partner].append(
                    Paid(claim.due_on, max(part.on for part in cash), claim.amount)
                )
        everybody = [
            paid.days_late for known in past.values() for paid in known if company == self.company
        ]
        opened = []
        for due_on, line_id, partner, units in sorted(owed):
            covered = min(units, credits[partner])
            credits[partner] -= covered
            opened.append(Open(
                line_id, due_on, units - covered,
                own=tuple(paid.days_late for paid in past[partner]), segment=tuple(everybody),
            ))
        return forecast(opened, today), past

    @few
    @given(ledgers, ledgers)
    def test_any_ledger_as_recomputed(self, drawn, drawn_other):
        """In two companies and two currencies; a habit at a past day, too."""
        other = self._create_debtor("Neri")
        with self.at(), self.env.cr.savepoint() as savepoint:
            self._write_ledger(self.company, drawn + paid_late(7, 3))
            self._write_ledger(self.company, drawn_other + paid_late(20), other)
            self._write_ledger(self.other, drawn_other + paid_late(12))
            for company in (self.company, self.other):
                self._assert_same(company, self.debtor | other)
            savepoint.rollback()
            self.env.invalidate_all()

    def _assert_same(self, company, partners):
        flows, _past = self._recompute(company, TODAY)
        self.env.flush_all()
        self.assertEqual(
            sorted(self.figures._read_flows(company, TODAY), key=lambda flow: flow.key),
            sorted(flows, key=lambda flow: flow.key),
        )
        found = self.figures._get_forecast(company)
        weeks = by_period(flows, [day(7 * number) for number in range(14)])
        self.assertEqual(
            [round(100 * week["amount"]) for week in found["buckets"]],
            [week.amount for week in weeks[:-1]],
        )
        for on in (TODAY, day(-60)):
            _flows, past = self._recompute(company, on)
            self.assertEqual(
                self.figures._get_behaviour(company, partners.ids, on),
                {partner.id: behaviour(past[partner], on) for partner in partners},
            )

    def _expect(self, move):
        """What the item of ``move`` says."""
        self.env.invalidate_all()
        return self._items(move).expected_on, self._items(move).expected_note

    def test_the_item_says_when_and_why(self):
        other = self._create_debtor("Neri")
        with self.at():
            self._write_ledger(self.company, paid_late(7), other)
        move = self._create_due(2)
        theirs = self._create_due(2, partner=other)
        self._night()
        with self.at():
            on, why = self._expect(theirs)
            self.assertEqual(on, day(9))
            self.assertIn("the median of 5 payments of this customer", why)
            on, why = self._expect(move)
            self.assertEqual(on, day(9), "nothing of his own: as the customers of his policy")
            self.assertIn("paid too few himself", why)
            self._write_ledger(self.company, paid_late(-1))
            self.assertEqual(self._expect(move)[0], day(1), "his own habit: early")
        late = self._create_due(-3)
        self._night()
        with self.at():
            on, why = self._expect(late)
            self.assertEqual(on, day(4), "he was never that late: as the others")
            self.assertIn("paid too few himself", why)

    def test_the_habits_that_the_night_has_kept_say_the_same(self):
        """Where they are slow to read; on another day they are read again."""
        other = self._create_debtor("Neri")
        with self.at():
            self._write_ledger(self.company, paid_late(7) + paid_late(20, 3, 150), other)
        move = self._create_due(2)
        self._night()
        with self.at():
            live = self._expect(move)
            habits = self.figures._read_habits(self.company, TODAY)
            with patch.object(credit_dashboard_kept, "QUICK", -1):
                self.env["credit.dashboard"]._keep(self.company)
            segment, policies = self.figures._read_segments(self.company, TODAY)
            self.assertEqual((segment, policies), (habits.segment, habits.policies))
            self.assertEqual(self._expect(move), live)
            self._write_ledger(self.company, paid_late(0, 9, 100), other)
            self.assertEqual(self._expect(move), live, "kept by the night")
        with self.at(1):
            self.assertEqual(self._expect(move)[0], day(2))

    def test_open_credits_cover_the_oldest_debt_first(self):
        first, line = (self._line(self._create_due(days)) for days in (20, 30))
        with self.at():
            self._pay_on_account(self.debtor, 1300.0)
            found = self.figures._get_expected(self.company, (first | line).ids)
            self.assertEqual(
                {line_id: [flow.amount for flow in flows] for line_id, flows in found.items()},
                {line.id: [70_000]},
            )

    def test_what_cash_paid_half_of_is_no_payment(self):
        with self.at():
            self._write_ledger(self.company, [
                Invoice(-200, 30, 10_000, False, (Part("cash", 50, 35), Part("credit", 50, 40))),
                Invoice(-190, 30, 10_000, False, (Part("cash", 51, 37), Part("credit", 49, 40))),
            ])
            [found] = self.figures._get_behaviour(
                self.company, self.debtor.ids, TODAY
            ).values()
        self.assertEqual((found.n, found.mean), (1, 7))

    def test_nothing_known(self):
        move = self._create_due(2)
        late = self._create_due(-20)
        self._night()
        with self.at():
            self.assertEqual(self._expect(move)[0], day(2))
            on, why = self._expect(late)
            self.assertFalse(on)
            self.assertIn("Nobody can say", why)
            found = self.figures._get_forecast(self.company)
            self.assertEqual((found["value"], found["unknown"]), (1000, 1000))

    def test_agreements_come_first(self):
        with self.at():
            self._write_ledger(self.company, paid_late(7))
        move = self._create_due(-20)
        self._night()
        with self.at():
            case = self._case()
            agreement = self.env["credit.agreement"].create({
                "case_id": case.id, "kind": "promise", "currency_id": self.company.currency_id.id,
                "item_ids": [(6, 0, self._items(move).ids)],
                "line_ids": [(0, 0, {"due_on": day(5), "amount": 400})],
            })
            agreement.sudo().state = "running"
            [promised, rest] = self.figures._get_expected(
                self.company, self._items(move).move_line_id.ids
            )[self._items(move).move_line_id.id]
            self.assertEqual((promised.on, promised.amount, promised.basis),
                             (day(5), 40_000, "promise"))
            self.assertEqual(rest.amount, 60_000)
            found = self.figures._get_forecast(self.company)
            self.assertEqual(found["bases"]["promise"], 400)
            self.assertEqual(found["buckets"][0]["sure"], 400)

    def test_what_is_in_question_is_not_expected(self):
        move = self._create_due(-20)
        self._night()
        with self.at():
            self.env["credit.dispute"]._open(self._case(), {self._items(move): 250.0}, day(9))
            flows = self.figures._get_expected(
                self.company, self._items(move).move_line_id.ids
            )[self._items(move).move_line_id.id]
            self.assertEqual(
                [(flow.amount, flow.basis) for flow in flows],
                [(25_000, "disputed"), (75_000, "terms")],
            )

    def test_weeks_click_down(self):
        with self.at():
            self._write_ledger(self.company, paid_late(7))
        move = self._create_due(2)
        with self.at():
            week = self.figures._get_forecast(self.company)["buckets"][1]
            rows = week["rows"]
            found = self.env[rows["model"]].with_context(**rows["context"]).search(rows["domain"])
            self.assertEqual((week["amount"], found.move_id), (1000, move))
            self.assertEqual(found.expected_on, day(9))

    def test_a_week_leads_to_the_lines_of_which_a_part_is_expected_in_it(self):
        """Two instalments five weeks apart: nothing of it comes in the weeks between."""
        move = self._create_due(-20)
        self._night()
        with self.at():
            plan = self.env["credit.agreement"].create({
                "case_id": self._case().id, "kind": "plan",
                "currency_id": self.company.currency_id.id,
                "item_ids": [(6, 0, self._items(move).ids)],
                "line_ids": [(0, 0, {"due_on": day(on), "amount": 500}) for on in (1, 36)],
            })
            plan.sudo().state = "running"
            found = self.figures._get_forecast(self.company)
            report = self.env[found["rows"]["model"]]
            self.assertEqual(
                [(week["amount"], report.search_count(week["rows"]["domain"]))
                 for week in found["buckets"][:7]],
                [(500, 1), (0, 0), (0, 0), (0, 0), (0, 0), (500, 1), (0, 0)],
            )
            self.assertEqual((found["n"], report.search_count(found["rows"]["domain"])), (1, 1))
            plan.sudo().state = "cancelled"
            found = self.figures._get_forecast(self.company)
            self.assertEqual((found["n"], report.search_count(found["rows"]["domain"])), (0, 0))
            self.assertEqual(report.search([("expected_on", "=", False)]).move_id, move)

    def test_the_customer_page(self):
        with self.at():
            self._write_ledger(self.company, paid_late(-2) + paid_late(10, ago=100))
            partner = self.debtor.with_user(self.controller).with_company(self.company)
            self.assertEqual(partner.credit_care_payments, 10)
            self.assertEqual(partner.credit_care_days_late, 4)
            self.assertEqual(partner.credit_care_late_share, 0.5)
            self.assertIn("12 days later", partner.credit_care_behaviour_note)
            with self.assertRaises(AccessError):
                self.debtor.with_user(self.salesperson).read(["credit_care_days_late"])

    def test_a_batch_in_a_constant_number_of_queries(self):
        counts = []
        for number in (2, 6):
            for count in range(number):
                self._create_due(2 + count, partner=self._create_debtor(f"Debtor{number}{count}"))
            self._night()
            with self.at():
                items = self.env["credit.item"].search([("company_id", "=", self.company.id)])
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                items.mapped("expected_on")
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_the_flow_of_a_claim_without_debtor(self):
        self.assertEqual(self.figures._read_habits(self.company, TODAY).of(False),
                         (History(), History()))
        self.assertEqual(Flow("A", None, 1, "terms").n, 0)
