from fractions import Fraction

from odoo.tests import tagged

from ..domain import intervals
from .care_common import CareCommon
from .common import day


@tagged("post_install", "-at_install")
class TestCustomers(CareCommon):
    def _get(self, first=-400, last=0, filters=None):
        self.env.invalidate_all()
        with self.at():
            return self.env["credit.figures"]._get_customers(
                self.company, day(first), day(last), filters
            )

    def _count(self, rows):
        """How many records a click leads to."""
        with self.at():
            return self.env[rows["model"]].with_user(self.controller).with_context(
                allowed_company_ids=self.company.ids, **rows["context"]
            ).search_count(rows["domain"])

    def test_recovery_is_of_what_had_its_days_behind_it(self):
        self._overdue(-200, 1000.0, (-150, 600.0))
        self._overdue(-120, 1000.0, (-100, 100.0), partner=self._create_debtor("Second"))
        self._overdue(-20, 5000.0, partner=self._create_debtor("Young"))
        found = self._get()["recovery"]
        self.assertEqual((found["value"], found["n"], found["too_young"]), (0.35, 2, 1))
        self.assertEqual(self._count(found["rows"]), 2)
        last = self._get(-30, 0)["recovery"]
        self.assertEqual((last["value"], last["n"]), (0.1, 1))

    def test_cash_of_its_first_day_is_recovered_and_that_of_the_due_date_was_never_overdue(self):
        self._overdue(-200, 1000.0, (-199, 250.0))
        self._overdue(-200, 1000.0, (-200, 500.0), partner=self._create_debtor("Second"))
        found = self._get()["recovery"]
        self.assertEqual(
            [(line["recovered"], line["amount"]) for line in found["horizons"]], [(250, 1500)] * 4
        )

    def test_what_was_credited_was_never_owed(self):
        items = self._overdue(-200, 1000.0)
        self._credit_matched(items, 300.0, -150)
        self._pay(items.move_line_id.move_id, 350.0, -140)
        found = self._get()
        self.assertEqual((found["recovery"]["value"], found["legal"]["n"]), (0.5, 1))
        [line] = [one for one in found["recovery"]["horizons"] if one["days"] == 90]
        self.assertEqual((line["recovered"], line["amount"]), (350, 700))

    def test_what_the_rate_of_exchange_took_was_never_owed(self):
        """1000 pounds were 500 when invoiced and 400 when paid: all of it came."""
        pounds = self.setup_other_currency(
            "GBP", rates=[("2020-01-01", 2.0), (str(day(-170)), 2.5)]
        )
        self._overdue(-200, 1000.0, (-150, 1000.0), currency_id=pounds.id)
        found = self._get()["recovery"]
        [line] = [one for one in found["horizons"] if one["days"] == 90]
        self.assertEqual((line["recovered"], line["amount"]), (400, 400))

    def test_who_paid_as_much_as_was_written_off_has_recovered(self):
        for paid, count in ((499.0, 0), (500.0, 1)):
            items = self._overdue(-200, 1000.0, partner=self._create_debtor(f"D{paid}"))
            self._give_up(items, -150, paid)
            self.assertEqual(self._get()["kept"]["customers"], count)

    def test_in_default_from_the_31st_day_and_an_order_counts_from_the_next(self):
        for paid, invoiced, counts in (
            (-170, -140, (0, 0)), (-169, -169, (1, 0)), (-169, -168, (1, 1)), (-169, -79, (1, 1)),
            (-169, -78, (1, 0)),
        ):
            partner = self._create_debtor(f"D{paid}{invoiced}")
            self._overdue(-200, 100.0, (paid, 100.0), partner=partner)
            self._create_due(invoiced + 30, partner=partner)
            with self.subTest(paid=paid, invoiced=invoiced):
                found = self._get()["kept"]
                self.assertEqual((found["customers"], found["kept"]), counts)
            self.env["credit.case"].sudo().search([]).item_ids.unlink()

    def test_a_message_of_that_very_day_came_before_the_money(self):
        case = self._overdue(-100, 1000.0, (-90, 100.0), (-91, 50.0)).case_id
        self.root["credit.action"].create({
            "case_id": case.id, "company_id": self.company.id, "date": day(-90), "state": "sent",
            "kind": "contact", "channel": "email",
        })
        found = self._get()["stages"]["stages"]
        self.assertEqual(
            {one["code"]: one["amount"] for one in found if one["amount"]},
            {"unasked": 50, "reminder": 100},
        )

    def test_nothing_is_none_and_never_0(self):
        found = self._get()
        for code in ("recovery", "legal", "kept", "lost", "again", "promises_kept", "plans_kept"):
            self.assertIsNone(found[code]["value"], code)
            self.assertEqual(found[code]["n"], 0)

    def test_filters_leave_the_cases_they_name(self):
        self._overdue(-200, 1000.0, (-150, 600.0))
        second = self._create_debtor("Second", user_id=self.controller.id)
        self._open_case(second, salesperson_id=self.controller.id)
        self._overdue(-200, 1000.0, partner=second)
        for filters, share in (
            ({"salesperson_id": self.controller.id}, 0), ({"policy_id": self.policy.id}, 0.3),
            ({"salesperson_id": [self.salesperson.id]}, 0.6), ({"agency_id": 1}, None),
            ({"reason_id": 0}, 0.3),
        ):
            with self.subTest(filters=filters):
                found = self._get(filters=filters)["recovery"]
                self.assertEqual(found["value"], share)
                self.assertEqual(self._count(found["rows"]), found["n"])
        with self.assertRaises(ValueError):
            self._get(filters={"id) OR TRUE --": 1})

    def _place(self, case, *items, agency="Angels", sent=None, ended=None, kind="collection"):
        mandate = self.env["credit.mandate"].sudo().create({
            "name": agency, "company_id": self.company.id,
            "agency_id": self.env["res.partner"].create({"name": agency, "is_company": True}).id,
        })
        note = self.env["credit.handover"].sudo().create({
            "case_id": case.id, "user_id": self.salesperson.id, "state": "submitted",
            "ended_on": ended and day(ended),
        })
        return self.env["credit.placement"].sudo().create({
            "case_id": case.id, "handover_id": note.id, "mandate_id": mandate.id, "kind": kind,
            "state": "ready" if sent is None else "closed" if ended else "sent",
            "sent_on": sent and day(sent), "ended_on": ended and day(ended),
            "line_ids": [(0, 0, {"item_id": item.id, "amount": 1}) for item in items],
        })

    def test_by_agency_are_the_cases_it_has_had_and_none_those_that_none_has_had(self):
        mine = self._overdue(-200, 1000.0, (-150, 600.0))
        placement = self._place(mine.case_id, mine, sent=-180)
        waiting = self._overdue(-200, 1000.0, partner=self._create_debtor("Waiting"))
        never = self._place(waiting.case_id, waiting, agency="Never")
        self._overdue(-200, 500.0, partner=self._create_debtor("House"))
        for agency, expected in (
            (placement.agency_id.id, (0.6, 1)), (never.agency_id.id, (None, 0)), (0, (0, 2)),
            ([0, placement.agency_id.id], (0.24, 3)),
        ):
            with self.subTest(agency=agency):
                found = self._get(filters={"agency_id": agency})["recovery"]
                self.assertEqual((found["value"], found["n"]), expected)
                self.assertEqual(self._count(found["rows"]), found["n"])

    def test_money_of_the_day_of_a_change_of_hands_is_the_first_ones(self):
        """In what brought it as in what each of them has received, by which they are paid."""
        items = self._overdue(-200, 1000.0, (-150, 600.0), (-149, 100.0))
        first = self._place(items.case_id, items, sent=-180, ended=-150)
        second = self._place(items.case_id, items, agency="Others", sent=-150, kind="legal")
        found = self._get()["stages"]["stages"]
        self.assertEqual(
            {one["code"]: one["amount"] for one in found if one["amount"]},
            {"collection": 600, "legal": 100},
        )
        self.assertEqual(
            [sum(units for _day, units in receipts) for receipts in
             (first | second)._read_cash_since().values()], [60_000, 10_000],
        )
        late = self.env["credit.receipt.report"].with_company(self.company).search([])
        self.assertEqual(
            late.sorted("paid_on").mapped("agency_id"), (first | second).agency_id
        )

    def test_what_went_to_a_lawyer_leads_to_what_it_counts(self):
        """Of 1000, 300 and 200, that of 300 is with a lawyer; another one is of the year before."""
        self._overdue(-200, 1000.0)
        items = self._overdue(-150, 300.0, partner=self._create_debtor("Sued"))
        self._place(items.case_id, items, sent=-50, kind="legal")
        self._overdue(-30, 200.0, partner=items.case_id.partner_id)  # after it was placed
        before = self._overdue(-500, 900.0, partner=self._create_debtor("Before"))
        self._place(before.case_id, before, sent=-60, kind="legal")
        for last, value in ((0, 0.2), (-51, 0)):
            found = self._get(-300, last)["legal"]
            self.assertEqual(found["value"], value)
            self.assertEqual(self._count(found["rows"]), bool(value))
        self.assertEqual(self._get(-300)["legal"]["n"], 3)

    def test_in_default_again_is_asked_of_the_customer_whatever_the_case(self):
        """He paid in one case, for a reason, and is in default again in the next."""
        reason = self.env.ref("account_credit_care.credit_reason_no_money")
        case = self._overdue(-250, 100.0, (-200, 100.0)).case_id.sudo()
        case.write({"reason_id": reason.id, "state": "closed", "closed_on": day(-200)})
        self._overdue(-190, 100.0)
        for filters in ({}, {"reason_id": reason.id}):
            with self.subTest(filters=filters):
                found = self._get(filters=filters)["again"]
                self.assertEqual((found["again"], found["n"]), (1, 1))
                self.assertEqual(self._count(found["rows"]), 1)

    def test_a_month_leads_to_what_it_counts(self):
        """Of the first one only what is young enough for a horizon; of the last one all."""
        for due in (-220, -210, -200, -140, -20, -5):
            self._overdue(due, 100.0, partner=self._create_debtor(f"D{due}"))
        months = self._get(-110)["recovery"]["months"]
        self.assertEqual(sum(month["n"] for month in months), 5)
        for month in months:
            with self.subTest(month["month"]):
                self.assertEqual(self._count(month["rows"]), month["n"])

    def test_what_brought_the_money(self):
        items = self._overdue(-100, 1000.0, (-95, 100.0), (-80, 200.0), (-60, 300.0), (-40, 50.0))
        case = items.case_id
        self.root["credit.action"].create([
            {
                "case_id": case.id, "company_id": self.company.id, "date": day(on), "state": state,
                "kind": "contact", "channel": channel, "outcome": outcome,
            } for on, channel, state, outcome in (
                (-90, "email", "sent", False), (-70, "phone", "done", "reached"),
                (-50, "letter", "sent", False), (-45, "phone", "done", "not_reached"),
                (-41, "email", "cancelled", False),
            )
        ])
        found = self._get()["stages"]
        self.assertEqual(
            {one["code"]: one["amount"] for one in found["stages"] if one["amount"]},
            {"unasked": 100, "reminder": 250, "call": 300},
        )
        self.assertEqual(self._count(found["rows"]), 4)
        self.assertEqual(
            [self._count(one["rows"]) for one in found["stages"]], [1, 2, 1, 0, 0, 0]
        )
        self.assertEqual(self._get(-85, -65)["stages"]["value"], 200)

    def test_promises_are_those_decided_in_the_period(self):
        case = self._overdue(-100).case_id
        self.env["credit.agreement"].sudo().create([
            {
                "case_id": case.id, "currency_id": self.company.currency_id.id, "kind": kind,
                "state": state, "ended_on": ended, "broken_on": broken,
            } for kind, state, ended, broken in (
                ("promise", "kept", day(-20), False), ("promise", "kept", day(-10), False),
                ("promise", "broken", day(-10), day(-12)), ("promise", "running", False, False),
                ("promise", "cancelled", day(-10), False),
                ("promise", "cancelled", day(-10), day(-15)),
                ("promise", "kept", day(-200), False), ("plan", "kept", day(-5), False),
                ("settlement", "broken", day(-5), day(-6)),
            )
        ])
        found = self._get(-90)
        promises = found["promises_kept"]
        self.assertEqual((promises["kept"], promises["broken"], promises["n"]), (2, 2, 4))
        estimate = intervals.share(2, 4)
        self.assertEqual((promises["low"], promises["high"]), (estimate.low, estimate.high))
        self.assertEqual(self._count(promises["rows"]), 4)
        self.assertEqual(found["plans_kept"]["value"], 0.5)
        self.assertEqual(self._get(-90, -13)["promises_kept"]["n"], 2)

    def test_reasons_and_our_own_failures(self):
        case = self._overdue(-100).case_id
        failure = self.env.ref("account_credit_care.credit_reason_our_failure")
        money = self.env.ref("account_credit_care.credit_reason_no_money")
        self.root["credit.action"].create([
            {
                "case_id": case.id, "company_id": self.company.id, "date": day(on),
                "kind": "contact", "channel": "phone", "state": state, "reason_id": reason.id,
            } for on, state, reason in (
                (-60, "done", money), (-55, "done", money), (-20, "done", failure),
                (-10, "planned", money), (-300, "done", failure),
            )
        ])
        self.env["credit.dispute"].sudo().create([
            {
                "case_id": case.id, "kind": "department", "reason_id": failure.id,
                "user_id": self.salesperson.id, "opened_on": day(on), "until": day(on + 30),
                "state": "resolved" if closed else "open", "closed_on": closed and day(closed),
            } for on, closed in ((-20, -10), (-30, -14), (-9, False), (-200, -190))
        ])
        found = self._get(-90)
        self.assertEqual(
            [(one["code"], one["n"], self._count(one["rows"])) for one in
             found["reasons"]["kinds"]],
            [("no_money", 2, 2), ("our_failure", 1, 1)],
        )
        self.assertEqual(
            found["reasons"]["months"],
            [{"month": "2026-01-01", "no_money": 2}, {"month": "2026-02-01", "our_failure": 1}],
        )
        [department] = found["failures"]["departments"]
        self.assertEqual(
            (department["owner"], department["n"], department["days"], department["answered"]),
            ("Sara Serra", 3, 13, 2),
        )
        self.assertEqual(self._count(department["rows"]), 3)

    def test_kept_customers_are_shown_with_their_interval(self):
        for number in range(3):
            self._overdue(-200, 100.0, (-150, 100.0), partner=self._create_debtor(f"D{number}"))
        found = self._get()
        self.assertEqual((found["kept"]["value"], found["kept"]["n"]), (0, 3))
        self.assertGreater(found["kept"]["high"], 0.5)
        self.assertEqual((found["lost"]["value"], self._count(found["lost"]["rows"])), (1, 3))

    def test_the_number_of_queries_does_not_grow(self):
        counts = []
        for number in range(2):
            for _each in range(3 * number + 1):
                self._overdue(-200, 100.0, (-150, 100.0), partner=self._create_debtor("D"))
            self._get()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._get()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_a_share_without_cash_is_a_fraction_of_nothing(self):
        self._overdue(-200, 1000.0)
        found = self._get()["recovery"]
        self.assertEqual((found["value"], Fraction(found["horizons"][0]["share"])), (0, 0))

    def test_fees_are_those_that_stand(self):
        agency = self.env["res.partner"].create({"name": "Angels", "is_company": True})
        mandate = self.env["credit.mandate"].create({
            "name": "M", "agency_id": agency.id, "company_id": self.company.id,
        })
        self._overdue(-100, 1000.0, (-60, 800.0))
        statements = self.env["credit.statement"].sudo()
        for first, last, state, total in (
            (-90, -61, "confirmed", 100.0), (-60, -31, "billed", 60.0), (-30, -1, "draft", 50.0),
            (-400, -371, "billed", 500.0),
        ):
            statements.create({
                "mandate_id": mandate.id, "from_on": day(first), "until_on": day(last),
                "state": state, "amount_total": total, "amount_cash": 500.0,
            })
        found = self._get(-120)["cost"]
        self.assertEqual((found["value"], found["n"], found["fees"]), (0.2, 2, 160))
        self.assertEqual([self._count(part["rows"]) for part in found["parts"]], [2])
        self.assertIsNone(self._get(-120, filters={"policy_id": self.policy.id})["cost"]["value"])
        self.assertEqual(
            self.env["credit.figures"]._read_cost_of_agencies(self.company, day(-120), day(0)),
            {agency.id: 0.16},
        )

    def _spend(self, case, on, amount, placement=None, currency=None):
        return self.env["credit.cost"].sudo().create({
            "name": "Court fee", "case_id": case.id, "date": day(on), "amount": amount,
            "placement_id": placement and placement.id,
            "currency_id": (currency or case.company_id.currency_id).id,
        })

    def test_court_costs_are_in_what_a_euro_has_cost(self):
        agency, other = self.env["res.partner"].create([
            {"name": name, "is_company": True} for name in ("Angels", "Others")
        ])
        mandate, beside = self.env["credit.mandate"].create([
            {"name": "M", "agency_id": one.id, "company_id": self.company.id}
            for one in (agency, other)
        ])
        case = self._overdue(-100, 1000.0, (-60, 800.0)).case_id
        second = self._overdue(
            -100, 1000.0, (-50, 200.0), partner=self._create_debtor("Second")
        ).case_id
        second.sudo().policy_id = self._create_policy(name="Another", is_default=False).id
        placed, besides = (
            self.env["credit.placement"].sudo().create({
                "case_id": one.id, "mandate_id": to.id, "handover_id": self.env[
                    "credit.handover"
                ].sudo().create({
                    "case_id": one.id, "user_id": self.salesperson.id, "state": "submitted",
                }).id,
            }) for one, to in ((case, mandate), (second, beside))
        )
        self.env["credit.statement"].sudo().create({
            "mandate_id": mandate.id, "from_on": day(-90), "until_on": day(-61),
            "state": "confirmed", "amount_total": 100.0, "amount_cash": 500.0,
        })
        pounds = self.setup_other_currency("GBP", rates=[("2020-01-01", 2.0)])
        self._spend(case, -70, 60.0, placed, pounds)  # 30 in the company's
        self._spend(case, -40, 20.0)
        self._spend(second, -30, 50.0, besides)
        self._spend(case, -121, 500.0, placed)  # the day before the period
        elsewhere = self.setup_other_company(name="Corsini")["company"]
        self._spend(self._open_case(company=elsewhere), -40, 7000.0)

        def get(**filters):
            found = self._get(-120, filters=filters)["cost"]
            return found["value"], found["fees"], found["court"], found["n"]

        # 1000 came: 800 of the one, 200 of the other
        self.assertEqual(get(), (0.2, 100, 100, 4))
        self.assertEqual(get(policy_id=self.policy.id), (50 / 800, 0, 50, 2))
        self.assertEqual(get(policy_id=second.policy_id.id), (50 / 200, 0, 50, 1))
        self.assertEqual(get(agency_id=agency.id)[1:], (100, 30, 2))
        self.assertEqual(get(agency_id=other.id)[1:], (0, 50, 1))
        self.assertEqual(get(agency_id=0)[1:], (0, 20, 1))
        self.assertEqual(get(policy_id=self.policy.id, agency_id=agency.id)[1:], (0, 30, 1))
        parts = self._get(-120)["cost"]["parts"]
        self.assertEqual([(one["n"], self._count(one["rows"])) for one in parts], [(1, 1), (3, 3)])
        rows = self._get(-120, filters={"policy_id": self.policy.id})["cost"]["rows"]
        self.assertEqual((rows["model"], self._count(rows)), ("credit.cost", 2))
        # (100 + 30) of the 500 that the fees are for
        self.assertEqual(
            self.env["credit.figures"]._read_cost_of_agencies(self.company, day(-120), day(0)),
            {agency.id: 0.26},
        )
        with self.at():
            there = self.env["credit.figures"]._get_customers(elsewhere, day(-120), day(0))
        self.assertEqual((there["cost"]["court"], there["cost"]["fees"]), (7000, 0))
