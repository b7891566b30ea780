"""A mandate with an agency that has two collectors, for the tests of what leaves the house."""
from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import day
from .test_handover import HandoverCommon


@tagged("post_install", "-at_install")
class AgencyCommon(HandoverCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agency = cls.env["res.partner"].create({"name": "Credit Angels", "is_company": True})
        cls.mandate = cls._create_mandate()
        cls.qualified, cls.plain = (
            cls._create_collector(login, cls.mandate) for login in ("gina", "paul")
        )
        cls.qualified.with_user(cls.manager).action_qualify()
        cls.mandate.with_user(cls.manager).action_activate()

    @classmethod
    def _create_mandate(cls, **values):
        return cls.env["credit.mandate"].create({
            "name": "Collection", "agency_id": cls.agency.id, "company_id": cls.company.id,
            "user_id": cls.manager.id, "start_on": day(-100), "does_collection": True,
            "pressure": "firm", "licence_number": "12/A", "licence_office": "Questura di Modena",
            "contract_on": day(-100), "disclosure": "I call for Bellandi",
            "fee_per_placement": 10.0,
            "tier_ids": [
                Command.create({"above": 0, "rate": 10}), Command.create({"above": 50, "rate": 20}),
            ],
            **values,
        })

    @classmethod
    def _create_collector(cls, login, mandate, **values):
        user = new_test_user(
            cls.env, login, "base.group_portal", name=login.title(),
            email=f"{login}@angels.example", company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        user.partner_id.parent_id = mandate.agency_id
        return cls.env["credit.collector"].create({
            "mandate_id": mandate.id, "user_id": user.id, **values,
        })

    def _ready(self, offset=1):
        """A placement that waits for the manager's word: noted, of one item of 1000."""
        self._write_note(self._ask(), offset)
        return self._prepare(offset)

    def _prepare(self, offset=1, case=None):
        with self.at(offset):
            action = (case or self._case()).with_user(self.controller).action_place()
        return self.env["credit.placement"].browse(action["res_id"])

    def _send(self, placement=None, offset=1):
        if placement is None:  # the outbox of the night
            return super()._send()
        with self.at(offset):
            placement.with_user(self.manager).action_send()
        return placement

    def _placed(self, offset=1):
        return self._send(self._ready(offset), offset)
