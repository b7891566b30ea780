from odoo.exceptions import AccessError

from .agency_common import AgencyCommon
from .common import day


class TestAgencyDesk(AgencyCommon):
    """Who sees which placement, asked where the agency's pages and its client ask."""

    def _sees(self, collector, offset=1):
        with self.at(offset):
            return self.env["credit.agency.desk"].with_user(collector.user_id)._get_placements()

    def test_a_collector_sees_what_is_his_or_nobodys_yet(self):
        placement = self._placed()
        self.assertEqual(self._sees(self.plain), placement)
        placement.with_user(self.manager).collector_id = self.qualified
        self.assertFalse(self._sees(self.plain))
        self.assertEqual(self._sees(self.qualified), placement)
        self.plain.is_leader = True
        self.assertEqual(self._sees(self.plain), placement, "a leader sees all of the team")

    def test_where_the_relationship_comes_first_only_the_qualified_see_it(self):
        placement = self._placed()
        placement.case_id.relationship_priority = True
        self.plain.is_leader = True
        self.assertFalse(self._sees(self.plain))
        self.assertEqual(self._sees(self.qualified), placement)

    def test_a_placement_that_is_not_out_is_seen_by_nobody(self):
        placement = self._ready()
        self.assertFalse(self._sees(self.qualified))
        self._send(placement)
        self.assertEqual(self._sees(self.qualified), placement)
        with self.at(2):
            placement.with_user(self.manager)._recall("The customer has called")
        self.assertFalse(self._sees(self.qualified, 2))

    def test_the_access_ends_with_the_last_day_of_the_mandate_before_the_night(self):
        placement = self._placed()
        self.mandate.until_on = day(3)
        self.assertEqual(self._sees(self.qualified, 3), placement)
        self.assertFalse(self._sees(self.qualified, 4))

    def test_a_seat_that_was_taken_stays_taken_whatever_the_client_asks_for(self):
        """He works under another mandate still, and asks for archived records, too."""
        placement = self._placed()
        second = self._create_mandate(name="Second")
        second.with_user(self.manager).action_activate()
        self.env["credit.collector"].create({
            "mandate_id": second.id, "user_id": self.plain.user_id.id,
        })
        self.plain.active = False
        desk = self.env["credit.agency.desk"].with_user(self.plain.user_id)
        desk = desk.with_context(active_test=False)
        with self.at(1):
            self.assertFalse(desk._get_placements())
            with self.assertRaises(AccessError):
                desk.get_placement(placement.id)

    def test_a_record_of_another_is_refused_like_one_that_does_not_exist(self):
        placement = self._placed()
        stranger = self._create_collector("sven", self._create_mandate(
            agency_id=self.env["res.partner"].create({"name": "Other", "is_company": True}).id,
        ))
        stranger.mandate_id.with_user(self.manager).action_activate()
        desk = self.env["credit.agency.desk"].with_user(stranger.user_id)
        messages = set()
        for wanted in (placement.id, 10 ** 9, "1", None):
            with self.at(1), self.assertRaises(AccessError) as caught:
                desk._get_placement(wanted)
            messages.add(str(caught.exception))
        self.assertEqual(len(messages), 1)
