"""The agency's pages as a browser meets them: on the day of the run, with a position out."""
import re
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase

from .agency_common import AgencyCommon
from .common import TODAY


class AgencyPageCase(AgencyCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = (fields.Date.today() - TODAY).days
        # the tests run at any hour, on the day on which the house has written as well
        cls.policy.write({
            "calendar_id": False, "max_contacts_day": 5, "max_contacts_week": 9,
        })
        for collector in (cls.plain, cls.qualified):
            collector.user_id.password = f"{collector.user_id.login}-password"

    def setUp(self):
        super().setUp()
        self.placement = self._place_now(self.debtor)
        self.case = self.placement.case_id
        self.today = self.company._credit_today()

    def _place_now(self, partner, **values):
        self._create_due(self.now - 60, partner=partner, **values)
        self._night(self.now)
        case = self._case(partner)
        with self.at(self.now):
            note = case.note_id
            if not note:
                self.root["credit.handover"]._request(case)
                note = case.note_id
            note.with_user(self.salesperson).write({
                "approach_note": "Call in the morning", "contact_name": f"Anna of {partner.name}",
                "contact_phone": "+39 059 777",
            })
            note.with_user(self.salesperson).action_submit()
        return self._send(self._prepare(self.now, case), self.now)

    def _place_call_now(self, name="Gallo S.r.l."):
        """A call in our name, of the plain collector's agency, with its script."""
        partner = self._create_debtor(name)
        calls = self._create_mandate(name="Calls", does_courtesy=True, does_collection=False)
        self.root["credit.collector"].create({
            "mandate_id": calls.id, "user_id": self.plain.user_id.id,
        })
        calls.with_user(self.manager).action_activate()
        self.policy.level_ids = [Command.create({
            "name": "Courtesy call", "delay_days": 20, "channel": "phone", "executor": "agency",
            "agency_days": 6, "script": "<p>How are <em>you</em>?</p>",
        })]
        self._create_due(self.now - 12, partner=partner)
        self._night(self.now)
        case = self._case(partner)
        with self.at(self.now):
            self.root["credit.handover"]._request(case)
            case.note_id.with_user(self.manager)._waive("An old friend")
            placement = self.root["credit.placement"]._prepare(
                case, "courtesy", level=self.policy.level_ids.filtered("script"),
            )
            placement._hand_over()
        return placement

    def _login(self, collector):
        login = collector.user_id.login
        self.authenticate(login, f"{login}-password")

    def _get(self, path="", **options):
        return self.url_open(f"/my/agency{path}", allow_redirects=False, **options)

    def _do(self, act, placement=None, **typed):
        base = f"/my/agency/{(placement or self.placement).id}"
        form = self.url_open("/my/agency/list").text
        token = re.search(r'csrf_token: "([^"]+)"', form)[1]
        return self.url_open(
            f"{base}/do/{act}", data={"csrf_token": token, **typed}, allow_redirects=False,
        )

    def _in(self, days):
        return (self.today + timedelta(days=days)).isoformat()
