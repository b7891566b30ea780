"""What the peer (OCA account_credit_control 19.0) was found to get wrong with money, ours must get
right. The numbers are those of the list of its weaknesses."""


from odoo.tests import tagged

from .common import CreditCommon, day


@tagged("post_install", "-at_install")
class TestPeerMoney(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.company.currency_id
        cls.yen = cls.env.ref("base.JPY")
        cls.yen.active = True
        cls.env["res.currency.rate"].create({
            "currency_id": cls.yen.id, "company_id": cls.company.id,
            "name": day(-400), "rate": 150.0,
        })

    def test_5_a_credit_note_that_covers_the_debt_stops_the_reminder(self):
        invoice = self._create_due(-4)
        self._credit(invoice)
        self._night()
        self.assertFalse(self.actions)
        self.assertEqual(self._case().hold_reason, "open credits cover what is due")

    def test_5_an_unapplied_payment_that_covers_the_debt_stops_the_reminder(self):
        self._create_due(-4)
        self._pay_on_account(self.debtor, 1000.0)
        self._night()
        self.assertFalse(self.actions)

    def test_5_a_credit_covers_the_oldest_and_the_rest_is_asked(self):
        self._create_due(-20, 300.0)
        young = self._create_due(-4, 700.0)
        self._pay_on_account(self.debtor, 400.0)
        action = self._night()
        self.assertEqual(action.line_ids.item_id, self._items(young))

    def test_5_a_credit_note_after_the_planning_stops_the_message(self):
        invoice = self._create_due(-4)
        action = self._night(send=False)
        self._credit(invoice)
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "cancelled")

    def test_5_a_credit_in_another_currency_covers_nothing(self):
        self._create_due(-4)
        self._pay_on_account(self.debtor, 1_000_000.0, currency_id=self.yen.id)
        action = self._night()
        self.assertEqual(len(action), 1)
        self.assertEqual(action.line_ids.currency_id, self.home)

    def test_5_a_credit_of_another_customer_covers_nothing(self):
        self._create_due(-4)
        self._pay_on_account(self._create_debtor("Other"), 1000.0)
        self.assertEqual(len(self._night()), 1)

    def test_12_part_paid_between_planning_and_sending_asks_only_the_rest(self):
        invoice = self._create_due(-4)
        action = self._night(send=False)
        self._pay(invoice, 237.02)
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "queued")
        self.assertEqual(action.line_ids.amount, 762.98)
        self.assertEqual(action.amount_total, 762.98)
        self.assertIn("762.98", action.body)
        self.assertNotIn("1,000.00 due", action.body)

    def test_12_one_of_two_paid_between_planning_and_sending_leaves_the_message(self):
        paid, owed = self._create_due(-4, 400.0), self._create_due(-5, 600.0)
        action = self._night(send=False)
        self._pay(paid)
        with self.at(0):
            self._send()
        self.assertEqual(action.state, "queued")
        live = action.line_ids.filtered(lambda line: not line.released)
        self.assertEqual(live.item_id, self._items(owed))
        self.assertEqual(action.amount_total, 600.0)
        self.assertNotIn(paid.name, action.body)

    def test_12_the_message_softens_when_what_was_oldest_is_paid(self):
        self.policy.level_ids.filtered(lambda lv: lv.delay_days == 10).write({
            "channel": "letter", "mail_template_id": self.template.id,
        })
        old = self._create_due(-11, 400.0)
        first = self._night(-8)
        self._create_due(-4, 600.0)
        action = self._night(0, send=False) - first
        self.assertEqual((action.level_id.delay_days, action.channel), (10, "letter"))
        self._pay(old)
        with self.at(0):
            self._send()
        self.assertEqual(
            (action.level_id.delay_days, action.channel, action.state), (3, "email", "queued")
        )
        self.assertEqual(action.amount_total, 600.0)

    def test_15_the_tolerance_is_converted_into_the_currency_of_the_item(self):
        self.policy.tolerance = 10.0
        with self.at(0):
            rules = self.policy._to_rules(day(0), self.yen | self.home)
        self.assertEqual(rules.tolerances[self.yen.id], 1500)
        self.assertEqual(rules.tolerances[self.home.id], 1000)

    def test_15_below_the_tolerance_in_a_foreign_currency_nobody_is_reminded(self):
        self.policy.tolerance = 10.0
        below, above = self._create_debtor("Below"), self._create_debtor("Above")
        self._create_due(-4, 1499.0, partner=below, currency_id=self.yen.id)
        self._create_due(-4, 1501.0, partner=above, currency_id=self.yen.id)
        self.assertEqual(self._night().case_id.partner_id, above)

    def test_16_two_currencies_are_never_added_in_a_message(self):
        self._create_due(-4, 1600.0, currency_id=self.yen.id)
        self._create_due(-4, 100.0)
        action = self._night()
        amounts = {line.currency_id: line.amount for line in action.line_ids}
        self.assertEqual(amounts, {self.yen: 1600.0, self.home: 100.0})
        self.assertEqual(action.amount_total, 110.67, "company currency, for sorting")
        self.assertNotIn("110.67", action.body)
        self.assertNotIn("1,700", action.body)
        self.assertIn("1,600", action.body)
        self.assertIn("100.00", action.body)

    def test_19_one_message_a_debtor_though_levels_and_currencies_differ(self):
        self._create_due(-11)
        self._night(-8)
        self._create_due(-3, 50.0)
        self._create_due(-3, 9000.0, currency_id=self.yen.id)
        before = self.actions
        self._night(0)
        action = self.actions - before
        self.assertEqual(len(action), 1)
        self.assertEqual(action.level_id.delay_days, 10)
        self.assertEqual(len(action.line_ids), 3)
        self.assertEqual(
            sorted(action.line_ids.level_id.mapped("delay_days")), [3, 10], "each climbs its own"
        )
