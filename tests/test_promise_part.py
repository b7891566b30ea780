"""A promise silences what it is about and nothing else, wherever it was given."""
from odoo.tests import tagged

from .common import day
from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestPromiseOfAPart(AgreementCommon):
    def setUp(self):
        super().setUp()
        self.old = self._create_due(-12, 300.0)
        self.new = self._create_due(-11, 700.0)
        self._night(0)

    def _window(self, **values):
        wizard = self.env["credit.plan"].with_user(self.controller)
        case = self._case().with_user(self.controller)
        return wizard.browse(wizard._open(case, kind="promise", **values)["res_id"])

    def test_in_the_window(self):
        with self.at(0):
            window = self._window(amount_promised=300.0)
            promise = self.env["credit.agreement"].browse(window.action_start()["res_id"])
        self.assertEqual(promise.item_ids, self._items(self.old))
        self._night(6)
        self.assertEqual(self.actions[-1:].line_ids.item_id, self._items(self.new))

    def test_all_of_it_where_no_amount_is_said(self):
        with self.at(0):
            promise = self.env["credit.agreement"].browse(self._window().action_start()["res_id"])
        self.assertEqual(promise.item_ids, self._items(self.old | self.new))

    def test_on_the_form(self):
        promise = self._draft("promise", [(5, 300.0)])
        self.assertEqual(len(promise.item_ids), 2)
        with self.at(0):
            promise.with_user(self.controller).action_start()
        self.assertEqual(promise.item_ids, self._items(self.old))

    def test_two_dates_are_two_amounts(self):
        promise = self._draft("promise", [(5, 300.0), (9, 700.0)])
        with self.at(0):
            promise.with_user(self.controller).action_start()
        self.assertEqual(promise.item_ids, self._items(self.old | self.new))
        self._pay(self.old, on=5)
        self._night(5)
        self.assertEqual(promise.line_ids.mapped("state"), ["paid", "open"])
        for offset in range(6, 14):
            self._night(offset)
        self.assertEqual(promise.state, "broken")

    def test_credits_come_on_top(self):
        """Of 1500 a payment covers 900 of the oldest: who promises the other 600 promises all."""
        debtor = self._create_debtor("Rossi S.p.A.")
        self._create_due(-12, 1000.0, partner=debtor)
        self._create_due(-11, 500.0, partner=debtor)
        self._pay_on_account(debtor, 900.0)
        self._night(0)
        with self.at(0):
            case = self._case(debtor).with_user(self.controller)
            promise = case._promise(case._get_asked_items(), 600.0, day(5))
        self.assertEqual(promise.item_ids, case.open_item_ids)
