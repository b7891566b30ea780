from odoo.tests import tagged

from .common import day
from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestOtherDebtor(AgreementCommon):
    """An invoice was made out to the wrong customer, who has been reminded of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_debtor("Other")

    def setUp(self):
        super().setUp()
        self.move = self._create_due(-11)
        for offset in range(6):
            self._night(offset)
        self.case, self.old = self._case(), self._items(self.move)
        self.assertEqual(self.old.reached_day, 10)

    def _hand_over(self):
        self.move.button_draft()
        self.move.partner_id = self.other
        self.move.invoice_date_due = day(-11)
        self.move.action_post()

    def _look(self):
        """At the new debtor's item, after some nights."""
        for offset in range(6, 8):
            self._night(offset)
        return self._items(self.move)

    def test_the_new_one_begins_at_the_first_step(self):
        self._hand_over()
        item = self._look()
        self.assertEqual(item.partner_id, self.other)
        self.assertEqual(item.reached_day, 3)
        reminder = self.actions[-1]
        self.assertEqual((reminder.case_id.partner_id, reminder.level_id.delay_days),
                         (self.other, 3))

    def test_history_stays_with_the_old_one(self):
        self._hand_over()
        self._look()
        self.assertEqual(self.old.case_id, self.case)
        self.assertEqual(self.old.close_reason, "withdrawn")
        self.assertEqual(self.case.state, "closed")
        self.assertEqual(self.actions[:2].case_id, self.case)

    def test_disputes_and_promises_of_the_old_one_hold_nothing_of_the_new_one(self):
        with self.at(5):
            promise = self.case._give_promise(self.old, 1000.0, day(20))
            dispute = self.env["credit.dispute"]._open(self.case, {self.old: 0}, day(20))
        self._hand_over()
        item = self._look()
        self.assertFalse(item.no_followup)
        self.assertEqual(item.reached_day, 3)
        self.assertEqual(dispute.state, "resolved")
        self.assertNotIn(item, promise.item_ids)

    def test_whoever_becomes_a_contact_of_another_keeps_his_place(self):
        self.debtor.write({"parent_id": self.other.id, "is_company": False})
        item = self._look()
        self.assertEqual(item, self.old)
        self.assertEqual((item.partner_id, item.reached_day), (self.other, 10))

    def test_whoever_becomes_a_contact_of_another_brings_his_pause_and_his_last_contact(self):
        self._create_due(-11, partner=self.other)
        with self.at(5):
            self.case.with_user(self.manager)._pause(day(8), "asked for time")
        self.debtor.write({"parent_id": self.other.id, "is_company": False})
        self._look()
        self.assertEqual(self._case(self.other), self.case)
        self.assertDay(self.case.paused_until, 8)
        self.assertEqual(len(self.actions), 2, "nobody is reminded while either is paused")

    def test_whoever_is_merged_keeps_his_place(self):
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.debtor | self.other).ids, self.other
        )
        item = self._look()
        self.assertEqual(item, self.old)
        self.assertEqual((item.partner_id, item.reached_day), (self.other, 10))
