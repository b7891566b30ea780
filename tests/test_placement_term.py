from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .agency_common import AgencyCommon
from .common import day


@tagged("post_install", "-at_install")
class TestTerm(AgencyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mandate.placement_days = 30

    def _renew(self, placement, until, offset=20, user=None):
        with self.at(offset):
            placement.with_user(user or self.manager)._renew(day(until), "They are talking")

    def test_it_has_a_last_day_and_comes_back_by_itself_after_it(self):
        placement = self._placed()
        self.assertDay(placement.until_on, 31)
        self._nights(31)
        self.assertEqual(placement.state, "sent")
        self._nights(32)
        self.assertEqual((placement.state, self._case().state), ("recalled", "collection"))
        self.assertEqual(placement.end_reason, "Its last day is over")

    def test_a_mandate_without_days_gives_no_last_day(self):
        self.mandate.placement_days = 0
        self.assertFalse(self._placed().until_on)

    def test_a_manager_is_asked_once_a_week_before(self):
        placement = self._placed()
        self._nights(23)
        self.assertFalse(placement.activity_ids)
        self._nights(24, 25, 26)
        self.assertEqual(len(placement.activity_ids), 1)
        self.assertEqual(placement.activity_ids.user_id, self.manager)

    def test_renewed_it_stays_and_the_task_is_done(self):
        placement = self._placed()
        self._nights(24)
        self._renew(placement, 60, 25)
        self.assertFalse(placement.activity_ids)
        self.assertDay(placement.renewed_on, 25)
        self.assertIn("They are talking", placement.case_id.message_ids[0].body)
        self._nights(32)
        self.assertEqual(placement.state, "sent")
        self._nights(53)
        self.assertEqual(len(placement.activity_ids), 1, "asked again before the new last day")

    def test_a_renewal_has_limits(self):
        placement = self._placed()
        for user in (self.controller, self.salesperson):
            with self.assertRaises(AccessError):
                self._renew(placement, 60, user=user)
        with self.assertRaisesRegex(UserError, "later day"):
            self._renew(placement, 31)
        self.mandate.until_on = day(50)
        with self.assertRaisesRegex(UserError, "mandate ends"):
            self._renew(placement, 51)
        self._renew(placement, 50)
        with self.at(21):
            placement.with_user(self.manager)._recall("Ours")
        with self.assertRaisesRegex(UserError, "with an agency"):
            self._renew(placement, 49, 22)

    def test_the_window_proposes_as_long_again(self):
        placement = self._placed()
        with self.at(20):
            action = placement.with_user(self.manager).action_renew()
            ask = self.env["credit.ask"].with_user(self.manager).browse(action["res_id"])
            self.assertEqual(ask.until, day(61))
            ask.reason = "More time"
            ask.action_apply()
        self.assertDay(placement.until_on, 61)

    # ------------------------------------------------------------------ on to a lawyer

    def _lawyer(self):
        lawyer = self._create_mandate(
            name="Lawyer", does_collection=False, does_legal=True, licence_number=False,
        )
        lawyer.with_user(self.manager).action_activate()
        return lawyer

    def test_it_is_passed_on_to_a_lawyer_with_the_same_note(self):
        placement, lawyer = self._placed(), self._lawyer()
        with self.at(20):
            for user in (self.controller, self.salesperson):
                with self.assertRaises(AccessError):
                    placement.with_user(user)._pass_on("He hides")
            legal = placement.with_user(self.manager)._pass_on("He hides")
        self.assertEqual((placement.state, legal.state), ("recalled", "ready"))
        self.assertEqual((legal.kind, legal.mandate_id), ("legal", lawyer))
        self.assertEqual(legal.handover_id, placement.handover_id)
        self._send(legal, 20)
        self.assertEqual(self._case().state, "legal")

    def test_without_a_lawyer_it_says_so_and_a_manager_chooses(self):
        placement = self._placed()
        with self.at(20):
            legal = placement.with_user(self.manager)._pass_on("He hides")
            self.assertIn("No mandate is chosen", legal.refusal_note)

    def test_what_is_not_out_cannot_be_passed_on(self):
        placement = self._ready()
        with self.assertRaises(UserError):
            placement.with_user(self.manager)._pass_on("x")
