from odoo.tests import tagged

from .agency_page_common import AgencyPageCase
from .axe_common import look_at_pages

FORMS = ("contact", "promise", "plan", "settlement", "claim", "ask", "give_back")


@tagged("post_install", "-at_install")
class TestAgencyBrowser(AgencyPageCase):
    """The collector's day on a phone: by tapping, and as a reader of screens meets it."""

    browser_size = "375x812"
    touch_enabled = True

    def test_a_collectors_day(self):
        self.start_tour("/my/agency", "credit_care_agency_day", login="paul")
        contact = self.placement.action_ids
        self.assertEqual((contact.outcome, contact.reason_id.kind), ("reached", "no_money"))
        self.assertEqual(self.case.agreement_ids.amount_agreed, 400)
        self.assertEqual(self.placement.state, "returned")

    def test_axe_finds_nothing_serious_on_any_page(self):
        self.plain.is_leader = True
        with self.at(self.now):
            desk = self.env["credit.agency.desk"].with_user(self.plain.user_id)
            desk.accept(self.placement.id)
            desk.log_contact(self.placement.id, "reached", remark="Listens")
            desk.log_contact(
                self.placement.id, "call_back", again_at=f"{self._in(1)}T10:00:00",
            )
            desk.promise(self.placement.id, 20, None, self._in(3))
            desk.claim(self.placement.id, 10, None, self.today.isoformat(), "cash")
            desk.ask(self.placement.id, "Who signs there?")
        call = self._place_call_now()
        base, calls = (f"/my/agency/{one.id}" for one in (self.placement, call))
        pages = [
            (calls, None), (f"{calls}/do/courtesy", None),
            (f"{calls}/do/courtesy", {"outcome": "will_pay"}),
            ("/my/agency/list", None), ("/my/agency/list?search=nobody", None), (base, None),
            (f"{base}?done=claim", None), ("/my/agency/999999999", None),
            *((f"{base}/do/{form}", None) for form in FORMS),
            (f"{base}/do/promise", {"amount": "9000", "on": self._in(2)}),
        ]
        self.browser_js(
            "/my/agency", look_at_pages(pages), login="paul", timeout=240,
            ready="document.querySelector('.o_credit_page h1') !== null",
        )


@tagged("post_install", "-at_install")
class TestAgencyBrowserDesk(TestAgencyBrowser):
    """The same at a desk."""

    browser_size = "1280x800"
    touch_enabled = False
