from datetime import date, timedelta
from fractions import Fraction

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from odoo.tools import SQL

from ..domain import figures
from ..domain.figures import Claim
from .common import TODAY, day
from .figures_common import FiguresCommon, Invoice, Part, few, ledgers

LIMITS = (0, 30, 60, 90)
past_days = st.integers(-320, 0).map(day)


def months_before(last):
    """The calendar months up to ``last``, the latest first."""
    first = date(last.year, last.month, 1)
    for _number in range(24):
        yield first, last
        last = first - timedelta(days=1)
        first = date(last.year, last.month, 1)


class TestFiguresMoney(FiguresCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_other_company()

    def _recompute(self, company, first, last):
        """Each figure from claims read line by line."""
        claims = list(self._read_claims(company).values())
        days = (last - first).days + 1
        sales = self._read_sales(company, first, last)
        months = [
            (self._read_sales(company, *month), (month[1] - month[0]).days + 1)
            for month in months_before(last)
        ]
        month = last + timedelta(days=1) - relativedelta(months=1)
        at_end = figures.receivables(claims, last)
        current = figures.not_due(claims, last)
        back = figures.dso_count_back(at_end, months)
        owed = self._read_debts(company).values()
        return {
            "ageing": figures.ageing(claims, last, LIMITS),
            "dso": figures.dso(at_end, sales, days),
            "dso_best": figures.dso(current, sales, days),
            "dso_count_back": back.days,
            "complete": back.complete,
            "cei": figures.effectiveness(
                figures.receivables(claims, month - timedelta(days=1)),
                self._read_sales(company, month, last), at_end, current,
            ),
            "average_days_late": figures.average_days_late(owed, first, last),
        }

    def _assert_same(self, company, last):
        first = last + timedelta(days=1) - relativedelta(months=3)
        expected = self._recompute(company, first, last)
        found = self.figures._get_money(company, first, last)
        self.assertEqual(
            [round(100 * bucket["amount"]) for bucket in found["ageing"]["buckets"]],
            list(expected.pop("ageing")),
        )
        self.assertEqual(found["dso_count_back"]["complete"], expected.pop("complete"))
        for code, value in expected.items():
            with self.subTest(code, day=last, company=company.name):
                if value is None:
                    self.assertIsNone(found[code]["value"])
                else:
                    self.assertAlmostEqual(found[code]["value"], float(value))
        return found

    @few
    @given(ledgers, ledgers, past_days)
    def test_any_ledger_at_any_day_as_recomputed(self, drawn, drawn_other, last):
        """Today and a past day, two companies, two currencies."""
        with self.at(), self.env.cr.savepoint() as savepoint:
            self._write_ledger(self.company, drawn)
            self._write_ledger(self.other, drawn_other)
            for company in (self.company, self.other):
                for each in (TODAY, last):
                    found = self._assert_same(company, each)
                    self.assertEqual(
                        round(100 * found["ageing"]["value"]), self._balance(company, each)
                    )
            savepoint.rollback()
            self.env.invalidate_all()

    def _balance(self, company, last):
        """What the receivable accounts said at the end of the day, in cents."""
        [(balance,)] = self.env["account.move.line"]._read_group([
            ("company_id", "=", company.id), ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"), ("date", "<=", last),
        ], aggregates=["balance:sum"])
        return round(100 * (balance or 0))

    def test_the_edges_of_a_day(self):
        """400 of 1000 came on day -20; on that day 500 were sold, of which 100 were credited."""
        with self.at():
            self._write_ledger(self.company, [
                Invoice(-60, 30, 100_000, False, (Part("cash", 40, 40),)),
                Invoice(-20, 40, 50_000, False, (Part("credit", 20, 5),)),
            ])
            opened = [
                sum(bucket[0] for bucket in self.figures._read_buckets(self.company, day(on)))
                for on in (-21, -20, -15)
            ]
            self.assertEqual(opened, [100_000, 110_000, 100_000])
            sales, _months = self.figures._read_sales(self.company, day(-20), TODAY)
            self.assertEqual(sales, 40_000)
            self.assertEqual(
                self.figures._read_effectiveness(
                    self.company, day(-20), TODAY, {}, (sales, 100_000, 40_000)
                ),
                figures.effectiveness(100_000, 40_000, 100_000, 40_000, 1),
            )

    def test_by_hand(self):
        """1000 of 90 days, 600 open of it since 400 came 10 days late; 500 not due."""
        with self.at():
            self._write_ledger(self.company, [
                Invoice(-60, 30, 100_000, False, (Part("cash", 40, 40),)),
                Invoice(-20, 40, 50_000, False, ()),
            ])
            found = self.figures._get_money(self.company, day(-89), TODAY)
            self.assertEqual(found["ageing"]["value"], 1100)
            self.assertEqual(
                [bucket["amount"] for bucket in found["ageing"]["buckets"]], [500, 600, 0, 0, 0]
            )
            self.assertEqual(found["ageing"]["overdue"], 600)
            self.assertEqual(found["ageing"]["n"], 2)
            self.assertEqual(found["dso"]["value"], 1100 / 1500 * 90)
            self.assertEqual(found["dso_best"]["value"], 500 / 1500 * 90)
            self.assertEqual(found["average_days_late"]["value"], 10)
            # in the last month 1000 + 500 - 500 not due yet were to come, and 400 did
            self.assertEqual(found["cei"]["value"], 0.4)
            self.assertEqual(found["nwc"]["value"], 600)
            rows = found["nwc"]["rows"]
            self.assertEqual(
                found["nwc"]["n"], self.env[rows["model"]].with_company(self.company).with_context(
                    allowed_company_ids=self.company.ids, **rows["context"]
                ).search_count(rows["domain"]),
            )
            self.assertAlmostEqual(found["nwc"]["per_day"], 1500 / 90, 2)
            early = self.figures._get_money(self.company, day(-111), day(-22))
            self.assertEqual(early["ageing"]["value"], 1000, "nothing had come yet")
            self.assertEqual(early["ageing"]["buckets"][1]["amount"], 1000)

    def test_overdue_is_what_is_past_its_day_whatever_the_buckets(self):
        """The first bucket of this house goes up to 30 days: 1000 in it are 10 days late."""
        self.env["credit.allowance.rate"]._read_company(self.company).filtered(
            lambda rate: rate.over_days == 0
        ).unlink()
        with self.at():
            self._write_ledger(self.company, [
                Invoice(-40, 30, 100_000, False, ()), Invoice(-40, 50, 50_000, False, ()),
            ])
            found = self.figures._get_money(self.company, day(-89), TODAY)
            ageing = found["ageing"]
            self.assertEqual([each["amount"] for each in ageing["buckets"]], [1500, 0, 0, 0])
            self.assertEqual((ageing["overdue"], ageing["overdue_n"]), (1000, 1))
            self.assertEqual(found["dso_best"]["value"], 500 / 1500 * 90)
            self.env["credit.snapshot"]._take(self.company, TODAY)
        kept = self.env["credit.snapshot"].search([
            ("company_id", "=", self.company.id), ("code", "=", "overdue"),
        ])
        self.assertEqual((kept.value, kept.n), (1000, 1))

    def test_a_month_begins_on_the_day_after_the_one_before(self):
        """The month that ends on 30 March began on 28 February, where the one before ended."""
        last = date(2025, 3, 30)
        with self.at():
            self._write_ledger(self.company, [
                Invoice((date(2025, 2, 28) - TODAY).days, 10, 100_000, False, ()),
                Invoice((date(2025, 3, 9) - TODAY).days, 60, 100_000, False, ()),
            ])
            self._assert_same(self.company, last)
            for today, first in ((last, date(2024, 3, 31)), (date(2029, 2, 28), date(2028, 3, 1))):
                with self.at((today - TODAY).days):
                    self.assertEqual(
                        self.env["credit.dashboard"]._read_period(self.company, None, None),
                        (first, today),
                    )

    def test_what_a_payment_leaves_behind(self):
        """Paid short with a write-off in the same entry: only the money is money."""
        with self.at():
            self._write_ledger(self.company, [
                Invoice(-60, 30, 100_000, False, (Part("short", 70, 40),)),
            ])
            claims = self._read_claims(self.company).values()
            [owed] = [claim for claim in claims if claim.amount > 0]
            self.assertEqual(
                sorted(part[1:] for part in owed.settled), [(30_000, "loss"), (70_000, "cash")]
            )
            weight, units, parts = self.figures._read_days_late(self.company, day(-90), TODAY)
            self.assertEqual((weight, units, parts), (700_000, 70_000, 1))

    def test_what_the_rate_of_exchange_did_is_nobodys_loss_and_no_payment(self):
        """1000 euros were worth 500 when they were invoiced; those that were paid in full brought
        400 the one time and 625 the other."""
        self.env["res.currency.rate"].create({
            "name": day(-30), "rate": 2.5, "currency_id": self.euro.id,
            "company_id": self.company.id,
        })
        with self.at():
            for paid, cash in ((-20, 400), (-50, 500)):
                with self.subTest(paid=paid), self.cr.savepoint() as savepoint:
                    self._write_ledger(self.company, [
                        Invoice(-200, 30, 100_000, True, (Part("cash", 100, 200 + paid),)),
                    ])
                    self.assertEqual(
                        self.figures._read_days_late(self.company, day(-90), TODAY),
                        (100 * cash * (170 + paid), 100 * cash, 1),
                    )
                    rates = self.figures._read_loss_rates(
                        self.company, day(-120), TODAY, LIMITS
                    )
                    self.assertEqual(rates[2], (0, 100 * cash, 1))
                    [habit] = self.figures._get_behaviour(
                        self.company, self.debtor.ids, TODAY
                    ).values()
                    self.assertEqual((habit.n, habit.mean), (1, 170 + paid))
                    [past] = [
                        past for past in self.env["credit.history"]._read_past(
                            self.company, TODAY, (0,)).values()
                    ]
                    self.assertEqual((past.claims, past.amount), (1, 100 * cash))
                    savepoint.rollback()
                    self.env.invalidate_all()

    def test_shares_as_the_ledger_says_of_one(self):
        """The set-based share of money is that by which items say why they were closed."""
        with self.at():
            self._write_ledger(self.company, [
                Invoice(-60, 30, 100_000, False, (
                    Part("cash", 20, 5), Part("credit", 10, 6), Part("loss", 10, 7),
                    Part("short", 30, 40),
                )),
            ])
        parts = self.figures._get_parts(self.company, day(-90), TODAY)
        rows = self.env.execute_query(SQL(
            """SELECT part.cash, part.amount * paid.share
                 FROM (%s) AS part
                 JOIN account_partial_reconcile partial ON partial.id = part.partial_id
                 JOIN account_move_line other ON other.id = partial.credit_move_id
                CROSS JOIN LATERAL (%s) AS paid""",
            parts, self.env["credit.ledger"]._paid_share(),
        ))
        self.assertEqual(len(rows), 4)
        for found, expected in rows:
            self.assertAlmostEqual(found, expected)

    def test_past_loss_rates_as_recomputed(self):
        ledger = [
            Invoice(-200, 20, 10_000 * number, number == 2, parts)
            for number, parts in enumerate((
                (), (Part("cash", 50, 90),), (Part("credit", 30, 90), Part("cash", 50, 150)),
                (Part("loss", 60, 120),), (Part("short", 40, 150),),
            ), 1)
        ]
        with self.at():
            self._write_ledger(self.company, ledger)
            claims = self._read_debts(self.company).values()
            found = self.figures._read_loss_rates(self.company, day(-120), TODAY, LIMITS)
        expected = figures.loss_rates(claims, day(-120), TODAY, LIMITS, min_cases=1)
        self.assertEqual(
            [(Fraction(lost, owed) if owed else None, cases) for lost, owed, cases in found],
            [(rate.rate, rate.cases) for rate in expected],
        )
        self.assertTrue(any(rate.rate for rate in expected))

    def test_filters_are_a_white_list(self):
        for filters in ({"partner_id": 1}, {"1=1; --": 1}):
            with self.assertRaises(ValueError):
                self.figures._get_claims(self.company, TODAY, filters)
        with self.assertRaises(ValueError):
            self.figures._get_claims(self.company, TODAY, {"policy_id": "1); DROP"})

    def test_a_figure_of_one_salesperson(self):
        other = self._create_debtor("Neri", user_id=self.manager.id)
        with self.at():
            self._write_ledger(self.company, [Invoice(-50, 20, 10_000, False, ())])
            self._write_ledger(self.company, [Invoice(-50, 20, 30_000, False, ())], other)
            for seller, amount in ((self.salesperson, 100), (self.manager, 300)):
                found = self.figures._get_money(
                    self.company, day(-89), TODAY, {"salesperson_id": seller.id}
                )
                self.assertEqual(found["ageing"]["value"], amount)
                self.assertEqual(found["dso"]["value"], 90)
                rows = found["ageing"]["rows"]
                report = self.env[rows["model"]].with_context(**rows["context"])
                self.assertEqual(
                    report.search(rows["domain"]).mapped("amount_open"), [amount]
                )
            none = self.figures._get_money(
                self.company, day(-89), TODAY, {"agency_id": [False]}
            )
            self.assertEqual(none["ageing"]["value"], 400)
            self.assertIsNone(none["dso"]["value"], "sales have no agency")

    def _place(self, item, sent, ended):
        mandate = self.env["credit.mandate"].sudo().create({
            "name": "M", "company_id": self.company.id,
            "agency_id": self.env["res.partner"].create({"name": "Angels", "is_company": True}).id,
        })
        note = self.env["credit.handover"].sudo().create({
            "case_id": item.case_id.id, "user_id": self.salesperson.id, "state": "submitted",
        })
        return self.env["credit.placement"].sudo().create({
            "case_id": item.case_id.id, "handover_id": note.id, "mandate_id": mandate.id,
            "state": "closed", "sent_on": day(sent), "ended_on": day(ended),
            "line_ids": [(0, 0, {"item_id": item.id, "amount": 1})],
        })

    def test_a_figure_of_one_agency_is_of_what_it_had_then(self):
        """With it from day -40 to -10; 400 of 1000 came while it was there, 100 before."""
        move = self._create_due(-60)
        self._night(-50)
        placement = self._place(self._items(move), -40, -10)
        with self.at():
            for on, amount in ((-45, 100), (-20, 300), (-10, 100), (-5, 200)):
                self._pay(move, amount, on)
            filters = {"agency_id": placement.agency_id.id}
            for last, owed in ((-41, 0), (-40, 900), (-11, 600), (-10, 0), (0, 0)):
                found = self.figures._get_past_money(self.company, day(-89), day(last), filters)
                self.assertEqual(found["ageing"]["value"], owed, last)
                rows = found["ageing"]["rows"]
                self.env.invalidate_all()
                report = self.env[rows["model"]].with_context(**rows["context"])
                self.assertEqual(sum(report.search(rows["domain"]).mapped("amount_open")), owed)
            for last, days, count in ((-15, 40, 1), (0, (300 * 40 + 100 * 50) / 400, 2)):
                late = self.figures._get_past_money(
                    self.company, day(-89), day(last), filters
                )["average_days_late"]
                self.assertEqual((late["value"], late["n"]), (days, count))
                self.assertEqual(
                    self.env[late["rows"]["model"]].search_count(late["rows"]["domain"]), count
                )

    def test_constant_number_of_queries(self):
        counts = []
        for number in (1, 8):
            with self.at():
                self._write_ledger(
                    self.company, [Invoice(-50, 20, 10_000, False, (Part("cash", 10, 5),))] * number
                )
                self.figures._get_money(self.company, day(-89), TODAY)
                self.env.flush_all()
                before = self.env.cr.sql_log_count
                self.figures._get_money(self.company, day(-89), TODAY)
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_no_other_company_is_seen(self):
        with self.at():
            self._write_ledger(self.other, [Invoice(-50, 20, 10_000, True, ())])
            found = self.figures._get_money(self.company, day(-89), TODAY)
            self.assertEqual((found["ageing"]["value"], found["ageing"]["n"]), (0, 0))

    def test_a_claim_is_what_the_domain_says(self):
        """The reading of the tests themselves."""
        with self.at():
            self._write_ledger(self.company, [
                Invoice(-60, 30, 100_000, False, (Part("cash", 40, 40),)),
            ])
        claims = {claim for claim in self._read_claims(self.company).values() if claim.amount > 0}
        self.assertEqual(claims, {Claim(
            day(-60), day(-30), 100_000, (figures.Settled(day(-20), 40_000),)
        )})
