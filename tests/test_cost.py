from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .agency_common import AgencyCommon
from .common import day


@tagged("post_install", "-at_install")
class TestCost(AgencyCommon):
    def _cost(self, user=None, **values):
        return self.env["credit.cost"].with_user(user or self.controller).create({
            "name": "Court fee", "case_id": self._case().id, "amount": 98.0, "date": day(3),
            "currency_id": self.company.currency_id.id, **values,
        })

    def test_costs_of_a_case_are_added_up_in_the_companys_currency(self):
        self._placed()
        usd = self.setup_other_currency("GBP", rates=[("2020-01-01", 2.0)])
        self._cost()
        foreign = self._cost(name="Search abroad", amount=50.0, currency_id=usd.id)
        self.assertEqual(foreign.amount_company, 25.0)
        self.assertEqual(self._case().cost_total, 123.0)

    def test_the_controller_writes_them_on_the_page_of_the_case(self):
        self._placed()
        self._case().with_user(self.controller).write({"cost_ids": [(0, 0, {
            "name": "Bailiff", "amount": 40.0, "currency_id": self.company.currency_id.id,
        })]})
        self.assertEqual(self._case().cost_ids.name, "Bailiff")

    def test_a_cost_names_a_placement_of_its_own_case_and_a_vendor_bill(self):
        placement = self._placed()
        other = self._create_debtor("Other")
        self._create_due(-5, partner=other)
        self._nights(2)
        self.assertEqual(self._cost(placement_id=placement.id).placement_id, placement)
        with self.assertRaisesRegex(ValidationError, "another case"):
            self._cost(placement_id=placement.id, case_id=self._case(other).id)
        with self.assertRaisesRegex(ValidationError, "no vendor bill"):
            self._cost(bill_id=placement.line_ids.item_id.move_id.id)

    def test_the_salesperson_reads_and_nobody_from_outside_does(self):
        self._placed()
        cost = self._cost()
        self.assertEqual(cost.with_user(self.salesperson).amount, 98.0)
        with self.assertRaises(AccessError):
            cost.with_user(self.salesperson).write({"amount": 1.0})
        for user in (self._create_seller("stranger"), self.qualified.user_id):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                cost.with_user(user).read(["amount"])

    def test_merged_customers_keep_their_costs(self):
        self._placed()
        other = self._create_debtor("Other")
        self._create_due(-5, partner=other)
        self._nights(2)
        cost = self._cost(case_id=self._case(other).id)
        with self.at(3):
            self.env["credit.case"]._merge_partners(other, self.debtor)
        self.assertEqual(cost.case_id, self._case())
