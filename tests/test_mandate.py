from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .agency_common import AgencyCommon
from .common import day

GROUP = "account_credit_care.group_credit_collector"


@tagged("post_install", "-at_install")
class TestMandate(AgencyCommon):
    def _activate(self, mandate, offset=0):
        with self.at(offset):
            mandate.with_user(self.manager).action_activate()

    def test_a_mandate_that_lacks_a_paper_is_refused_with_what_to_do(self):
        for values, words in (
            ({"does_collection": False}, "tick"),
            ({"licence_number": False}, "Enter its number"),
            ({"licence_until": day(-1)}, "renewed"),
            ({"contract_on": False}, "personal data"),
            ({"does_courtesy": True, "disclosure": False}, "disclosure line"),
            ({"fee_minimum": 50.0, "fee_cap": 20.0}, "Raise the cap"),
            ({"tier_ids": [Command.create({"above": 50, "rate": 5})]}, "same share"),
            ({"fee_mode": "whole", "tier_ids": [
                Command.clear(), Command.create({"above": 0, "rate": 20}),
                Command.create({"above": 50, "rate": 10}),
            ]}, "may not fall"),
        ):
            mandate = self._create_mandate()
            mandate.write(values)
            with self.subTest(values=values), self.assertRaisesRegex(UserError, words):
                self._activate(mandate)
            self.assertEqual(mandate.state, "draft")

    def test_a_lawyer_needs_no_licence_of_the_police(self):
        mandate = self._create_mandate(
            does_collection=False, does_legal=True, licence_number=False
        )
        self._activate(mandate)
        self.assertEqual(mandate.state, "active")

    def test_terms_stand_still_once_it_is_active(self):
        for values in (
            {"fee_per_placement": 0}, {"agency_id": self.debtor.id}, {"does_legal": True},
            {"tier_ids": [Command.create({"above": 70, "rate": 30})]},
            {"tier_ids": [Command.update(self.mandate.tier_ids[0].id, {"rate": 1})]},
            {"tier_ids": [Command.clear()]},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.mandate.with_user(self.manager).write(values)
        with self.assertRaises(UserError):
            self.mandate.tier_ids.with_user(self.manager)[:1].write({"rate": 1})
        with self.assertRaises(UserError):
            self.mandate.tier_ids.with_user(self.manager).unlink()
        self.mandate.with_user(self.manager).write({
            "licence_until": day(300), "pressure": "gentle",
        })

    def test_a_manager_alone_decides_and_through_the_door(self):
        draft = self._create_mandate()
        with self.assertRaises(AccessError):
            draft.with_user(self.controller).action_activate()
        with self.assertRaises(AccessError):
            draft.with_user(self.controller).write({"share": 3})
        with self.assertRaises(AccessError):
            draft.with_user(self.manager).write({"state": "active"})
        with self.assertRaises(AccessError):
            self.env["credit.mandate"].with_user(self.manager).create({
                "agency_id": self.agency.id, "state": "active",
            })

    def test_what_has_ended_does_not_come_back(self):
        with self.at(1):
            self.mandate.with_user(self.manager)._end("They have merged")
        self.assertEqual(self.mandate.state, "ended")
        self.assertEqual(self.mandate.end_reason, "They have merged")
        with self.assertRaises(UserError):
            self._activate(self.mandate)

    def test_it_ends_the_night_after_its_last_day(self):
        self.mandate.until_on = day(5)
        self._nights(5)
        self.assertEqual(self.mandate.state, "active")
        self._nights(6)
        self.assertEqual(self.mandate.state, "ended")
        self.assertDay(self.mandate.ended_on, 6)

    def test_the_licence_warns_once_before_it_expires(self):
        self.mandate.licence_until = day(31)
        self._nights(0)
        self.assertFalse(self.mandate.activity_ids)
        self._nights(1, 2, 3)
        self.assertEqual(self.mandate.activity_ids.user_id, self.manager)
        self.assertEqual(len(self.mandate.activity_ids), 1)
        with self.at(3):
            self.mandate.invalidate_recordset(["warning"])
            self.assertIn("expires", self.mandate.warning)
        with self.at(32):
            self.mandate.invalidate_recordset(["warning"])
            self.assertIn("nothing new can be placed", self.mandate.warning)

    # ------------------------------------------------------------------ collectors

    def test_a_collector_is_an_external_user_of_the_agency(self):
        stranger = self._create_collector(
            "stranger", self._create_mandate(agency_id=self.debtor.id)
        ).user_id
        for user in (self.salesperson, stranger):
            with self.subTest(user=user.login), self.assertRaises(ValidationError):
                self.env["credit.collector"].create({
                    "mandate_id": self.mandate.id, "user_id": user.id,
                })
        self.assertFalse(self.salesperson.has_group(GROUP))

    def test_whom_cores_wizard_has_invited_to_the_portal_becomes_a_collector(self):
        person = self.env["res.partner"].create({
            "name": "Nora", "email": "nora@angels.example", "parent_id": self.agency.id,
        })
        wizard = self.env["portal.wizard"].with_context(active_ids=person.ids).create({})
        wizard.user_ids.filtered(lambda row: row.partner_id == person).action_grant_access()
        collector = self.env["credit.collector"].with_user(self.manager).create({
            "mandate_id": self.mandate.id, "user_id": person.user_ids.id,
        })
        self.assertTrue(collector.user_id.has_group(GROUP))
        self.assertFalse(collector.user_id._is_internal())
        with self.at(1):
            home = self.env["credit.agency.desk"].with_user(collector.user_id).get_home()
        self.assertEqual([one["id"] for one in home["mandates"]], self.mandate.ids)

    def test_the_group_comes_and_goes_with_the_mandate(self):
        user = self.plain.user_id
        self.assertTrue(user.has_group(GROUP))
        self.plain.active = False
        self.assertFalse(user.has_group(GROUP))
        self.plain.active = True
        self.assertTrue(user.has_group(GROUP))
        with self.at(1):
            self.mandate.with_user(self.manager)._end("Over")
        self.assertFalse(user.has_group(GROUP))
        self.assertTrue(user.has_group("base.group_portal"))

    def test_who_is_qualified_is_a_managers_word_with_name_and_day(self):
        self.assertEqual(self.qualified.qualified_by, self.manager)
        for user in (self.controller, self.plain.user_id):
            with self.assertRaises(AccessError):
                self.plain.with_user(user).action_qualify()
        with self.assertRaises(AccessError):
            self.plain.with_user(self.manager).write({"qualified_on": day(0)})
        with self.at(4):
            self.plain.with_user(self.manager).action_qualify()
        self.assertDay(self.plain.qualified_on, 4)

    def test_who_is_qualified_is_one_person_and_no_row_of_a_table(self):
        """A row turned to another person, or another mandate, passes nothing on."""
        other = self._create_collector("nora", self._create_mandate(name="Draft")).user_id
        row = self.qualified.with_user(self.manager)
        row.write({"user_id": row.user_id.id, "is_leader": True})
        self.assertTrue(row.qualified_on)
        row.user_id = other
        self.assertEqual((row.qualified_on, row.qualified_by.ids), (False, []))
        row.action_qualify()
        row.mandate_id = self._create_mandate(name="Another")
        self.assertFalse(row.qualified_on)

    def test_who_has_worked_under_a_mandate_stays_in_its_history(self):
        placement = self._placed()
        desk = self.env["credit.agency.desk"].with_user(self.plain.user_id)
        with self.at(1):
            desk.log_contact(placement.id, "not_reached")
        other = self._create_collector("nora", self._create_mandate(name="Draft")).user_id
        with self.assertRaisesRegex(UserError, "has worked under this mandate"):
            self.plain.with_user(self.manager).user_id = other
        self.assertEqual(placement.action_ids.who, "Paul (Credit Angels)")
        self.plain.with_user(self.manager).write({"active": False, "is_leader": True})

    def test_a_collector_reads_nothing_by_rpc(self):
        for model in ("credit.mandate", "credit.collector", "credit.fee.tier", "credit.case"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.qualified.user_id).search_read([], ["id"])
