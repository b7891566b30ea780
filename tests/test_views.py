"""What holds for the screens of all models alike: whoever is touched by a button is thought of once
more, and whoever works for several companies can tell them apart."""
from lxml import etree

from odoo.tests import tagged

from .common import CreditCommon

ASKED_AGAIN = (
    ("credit_action_view_list_review", "action_send"),
    ("credit_case_view_form", "action_revoke_page"),
    ("credit_mandate_view_form", "action_disqualify"),
    ("credit_placement_view_form", "action_send"),
    ("credit_placement_view_list", "action_send"),
    ("credit_policy_view_form", "action_draft"),
    ("credit_preview_view_form", "action_activate"),
    ("credit_statement_view_form", "action_confirm"),
    ("credit_statement_view_list", "action_confirm"),
    ("credit_survey_rule_view_form", "action_start"),
)
COMPANIES_ELSEWHERE = {  # a part of what another list holds, or of one company at a time
    "credit_preview_line_view_search", "credit_reason_view_search",
}


@tagged("post_install", "-at_install")
class TestViews(CreditCommon):
    def _arch(self, name, user=None):
        view = self.env.ref(f"account_credit_care.{name}")
        model = self.env[view.model].with_user(user or self.manager)
        return etree.fromstring(model.get_view(view.id, view.type)["arch"])

    def test_what_goes_out_to_people_is_asked_about_once_more(self):
        for name, button in ASKED_AGAIN:
            with self.subTest(view=name, button=button):
                found = self._arch(name).xpath(
                    f"//header/button[@name='{button}']"
                ) or self._arch(name).xpath(f"//button[@name='{button}']")
                self.assertTrue(found)
                for one in found:
                    self.assertTrue(one.get("confirm"))

    def test_the_links_to_the_page_are_taken_back_on_the_case_by_credit_users(self):
        path = "//button[@name='action_revoke_page']"
        self.assertTrue(self._arch("credit_case_view_form", self.controller).xpath(path))
        self.assertFalse(self._arch("credit_case_view_form", self.salesperson).xpath(path))

    def test_what_two_companies_hold_can_be_told_apart(self):
        views = self.env["ir.ui.view"].search([("type", "=", "search"), ("mode", "=", "primary")])
        names = views.get_external_id()
        own = {
            names[view.id].partition(".")[2]: view for view in views
            if names[view.id].startswith("account_credit_care.")
        }
        self.assertGreater(len(own), 15)
        for name, view in own.items():
            fields = self.env[view.model]._fields.keys() & {"company_id", "credit_company_id"}
            if fields and name not in COMPANIES_ELSEWHERE:
                with self.subTest(view=name):
                    arch = etree.fromstring(view.arch)
                    self.assertTrue(arch.xpath("//filter[contains(@context, 'company_id')]"))
