"""The window that asks what to agree on, and the sums of what comes of it."""
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import day
from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestPlanWizard(AgreementCommon):
    def setUp(self):
        super().setUp()
        self.move = self._create_due(-2, 1000.0)
        self._night(0)

    def _open(self, user=None, case=None, **values):
        wizard = self.env["credit.plan"].with_user(user or self.controller)
        case = (case or self._case()).with_user(user or self.controller)
        return wizard.browse(wizard._open(case, **values)["res_id"])

    def _agreement(self, action):
        return self.env["credit.agreement"].browse(action["res_id"])

    def test_everything_open_is_chosen_beforehand(self):
        self._create_due(4, 300.0)
        self._night(0)
        with self.at(0):
            plan = self._open()
        self.assertEqual(plan.item_ids, self._case().open_item_ids)
        self.assertEqual(plan.amount_open, 1300.0)

    def test_one_currency_at_a_time(self):
        other = self.setup_other_currency("EUR")
        self._create_due(-1, 200.0, currency_id=other.id)
        self._night(0)
        with self.at(0):
            plan = self._open()
            self.assertEqual(plan.currency_id, self.company.currency_id)
            self.assertEqual(plan.amount_open, 1000.0)
            with Form(plan) as form:
                form.currency_id = other
            self.assertEqual(plan.item_ids.currency_id, other)
            self.assertEqual(plan.amount_open, 200.0)

    def test_the_preview_shows_what_would_come_before_anything_exists(self):
        with self.at(0), Form(self._open()) as form:
            form.count = 4
            form.first_on = day(12)
            for part in ("in 4 payments", "250.00", "16 Mar 2026"):
                self.assertIn(part, self._text(form.preview))
            form.count = 0
            self.assertIn("how many instalments", form.problem)
            form.count = 2
            self.assertFalse(form.problem)
        self.assertFalse(self._case().agreement_ids)

    def test_what_falls_on_a_sunday_is_due_on_monday(self):
        with self.at(0):
            wizard = self._open(count=2, frequency="week", first_on=day(4))
            plan = self._agreement(wizard.action_save())
            self.assertEqual(plan.line_ids.mapped("due_on"), [day(5), day(12)])
            wizard.working_days = False
            plan = self._agreement(wizard.action_save())
            self.assertEqual(plan.line_ids.mapped("due_on"), [day(4), day(11)])

    def test_in_three_years_too(self):
        with self.at(0):
            wizard = self._open(count=48, first_on=day(4))
            plan = self._agreement(wizard.action_save())
        days = plan.line_ids.mapped("due_on")
        self.assertEqual(len(days), 48)
        self.assertFalse([on for on in days if on.weekday() > 4])

    def _text(self, html):
        return " ".join(str(html).replace("\xa0", " ").replace("<strong>", "").replace(
            "</strong>", "").split())

    def test_it_says_who_has_to_approve(self):
        self.policy.plan_limit_ids = [(0, 0, {"up_to": 0, "max_months": 2, "min_instalment": 0})]
        with self.at(0), Form(self._open()) as form:
            form.count = 2
            self.assertFalse(form.excess_note)
            form.count = 6
            self.assertIn("longer than the policy allows", form.excess_note)
            self.assertIn(self.env.user.name, form.excess_note)

    def test_propose(self):
        with self.at(0):
            plan = self._agreement(self._open(count=4).action_propose())
        self.assertEqual((plan.state, plan.kind), ("proposed", "plan"))
        self.assertEqual(plan.line_ids.mapped("amount"), [250.0] * 4)
        self.assertEqual(plan.user_id, self.controller)
        self.assertEqual(self.messages.purpose, "proposal")

    def test_save_as_draft_tells_nobody(self):
        with self.at(0):
            plan = self._agreement(self._open(count=4).action_save())
        self.assertEqual(plan.state, "draft")
        self.assertFalse(self.messages)
        self.assertFalse(self._case().hold_reason)

    def test_signed_on_paper_starts_it(self):
        with self.at(0):
            wizard = self._open(count=2)
            with self.assertRaises(UserError):
                wizard.action_sign_on_paper()
            wizard.signed_by = "Anna Ferri"
            plan = self._agreement(wizard.action_sign_on_paper())
        self.assertEqual((plan.state, plan.signed_by), ("running", "Anna Ferri"))
        self.assertTrue(plan.on_paper)
        self.assertFalse(self.messages)

    def test_a_promise_of_a_part(self):
        with self.at(0):
            wizard = self._open(kind="promise", amount_promised=400.0, first_on=day(4))
            promise = self._agreement(wizard.action_start())
        self.assertEqual(promise.state, "running")
        self.assertEqual(promise.line_ids.mapped("amount"), [400.0])
        self.assertDay(promise.line_ids.due_on, 4)
        self._pay(self.move, 400.0, on=4)
        self._night(4)
        self.assertEqual(promise.state, "kept")

    def test_a_plan_is_not_started_by_word_of_mouth(self):
        with self.at(0), self.assertRaises(UserError):
            self._open(count=2).action_start()

    def test_a_settlement_waits_for_the_manager(self):
        with self.at(0):
            wizard = self._open(kind="settlement", amount_settlement=600.0, count=2)
            self.assertIn("400.00", self._text(wizard.preview))
            deal = self._agreement(wizard.action_propose())
        self.assertEqual(deal.line_ids.mapped("amount"), [300.0, 300.0])
        self.assertEqual(deal.amount_reduction, 400.0)
        self.assertTrue(deal.waits_for_approval)
        self.assertFalse(self.messages)

    def test_a_settlement_is_less_than_what_is_open(self):
        with self.at(0):
            for amount in (0, 1000.0, 1200.0):
                wizard = self._open(kind="settlement", amount_settlement=amount, count=1)
                with self.subTest(amount=amount):
                    self.assertIn("less than the $", str(wizard.problem).replace("\xa0", " "))
                    with self.assertRaises(UserError):
                        wizard.action_propose()

    def test_by_what_he_can_pay(self):
        sheet = self.env["credit.capacity"].create({
            "case_id": self._case().id, "currency_id": self.company.currency_id.id,
            "net_income": 1500.0, "housing": 500.0, "living": 200.0,
        })
        self.assertEqual(sheet.monthly, 250.0)  # half of 1500 - 500 - 500, the protected minimum
        with self.at(0):
            wizard = self._open(sizing="capacity")
            self.assertEqual(wizard.capacity_id, sheet)
            self.assertEqual(wizard.monthly, 250.0)
            plan = self._agreement(wizard.action_save())
        self.assertEqual(plan.line_ids.mapped("amount"), [250.0] * 4)
        self.assertEqual(plan.capacity_id, sheet)

    def test_the_sheet_of_another_debtor_or_currency_is_refused(self):
        case, own = self._case(), {"currency_id": self.company.currency_id.id}
        self._create_due(-2, partner=self._create_debtor("Bianchi"))
        self._night(0)
        other = self.env["credit.case"].search([("id", "!=", case.id)], limit=1)
        with self.at(0):
            plan = self._agreement(self._open().action_save())
        for values in (
            {"case_id": other.id, **own},
            {"case_id": case.id, "currency_id": self.env.ref("base.CHF").id},
        ):
            sheet = self.env["credit.capacity"].create({"net_income": 1500.0, **values})
            with self.subTest(values), self.assertRaises(ValidationError):
                plan.sudo().capacity_id = sheet
        plan.sudo().capacity_id = self.env["credit.capacity"].create({"case_id": case.id, **own})

    def test_who_has_nothing_left_gets_no_plan(self):
        self.env["credit.capacity"].create({
            "case_id": self._case().id, "currency_id": self.company.currency_id.id,
            "net_income": 600.0, "housing": 500.0,
        })
        with self.at(0):
            wizard = self._open(sizing="capacity")
            self.assertIn("Nothing is left to pay from", wizard.problem)
            with self.assertRaises(UserError):
                wizard.action_propose()

    def test_a_salesperson_does_not_agree_in_our_name(self):
        with self.at(0), self.assertRaises(AccessError):
            self._open(self.salesperson)

    def test_of_two_controllers_each_has_his_own_window(self):
        with self.at(0):
            wizard = self._open()
        with self.assertRaises(AccessError):
            wizard.with_user(self.manager).read(["note"])


@tagged("post_install", "-at_install")
class TestSums(AgreementCommon):
    """Instalments add up to the agreement to the smallest unit of any currency, by hand."""

    def _lines(self, currency, amount, **terms):
        self._create_due(-2, amount, currency_id=currency.id)
        self._night(0)
        case = self._case()
        plan = self._draft(
            "plan", [], items=case.open_item_ids, case=case, first_on=day(10),
            working_days=False, **terms,
        )
        with self.at(0):
            plan.action_make_schedule()
        return plan

    def test_yen_have_no_cents(self):
        yen = self.setup_other_currency("JPY", rounding=1.0)
        plan = self._lines(yen, 10001.0, count=3)
        self.assertEqual(plan.line_ids.mapped("amount"), [3334.0, 3334.0, 3333.0])
        self.assertEqual(plan.amount_agreed, 10001.0)

    def test_dinars_have_three_decimals(self):
        dinar = self.setup_other_currency("KWD", rounding=0.001)
        plan = self._lines(dinar, 100.001, count=3)
        self.assertEqual(
            [round(amount, 3) for amount in plan.line_ids.mapped("amount")],
            [33.334, 33.334, 33.333],
        )
        self.assertFalse(dinar.compare_amounts(plan.amount_agreed, 100.001))

    def test_by_amount_the_last_one_takes_what_is_left(self):
        plan = self._lines(self.company.currency_id, 1000.01, instalment_amount=300.0)
        self.assertEqual(plan.line_ids.mapped("amount"), [300.0, 300.0, 300.0, 100.01])

    def test_interest_by_hand(self):
        """1000.00 in 2 instalments after 10 and 41 days at 10 % a year: 1000 x 10 / 3650 = 2.74,
        then 500 x 31 / 3650 = 4.25."""
        plan = self._lines(self.company.currency_id, 1000.0, count=2, interest_rate=10.0)
        self.assertEqual(plan.line_ids.mapped("interest"), [2.74, 4.25])
        self.assertEqual(plan.line_ids.mapped("amount"), [502.74, 504.25])
        self.assertEqual(plan.amount_interest, 6.99)

    def test_a_down_payment_is_part_of_the_whole(self):
        plan = self._lines(
            self.company.currency_id, 1000.0, count=3, down_payment=100.0, down_on=day(1),
        )
        self.assertEqual(plan.line_ids.mapped("amount"), [100.0, 300.0, 300.0, 300.0])
        self.assertEqual(plan.amount_agreed, 1000.0)
