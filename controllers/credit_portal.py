from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import request

from .credit_pages import MAX_REQUEST, DebtorPages

DOOR = "/my/credit/<int:case_id>"
PAGE = {"type": "http", "auth": "user", "website": True, "multilang": False}


class CreditPortal(DebtorPages, CustomerPortal):
    """The same page for customers with a login: what is open with the companies they deal with."""

    def _get_own_domain(self):
        user = request.env.user
        return [
            ("partner_id", "=", user.partner_id.commercial_partner_id.id),
            ("company_id", "in", user.company_ids.ids),
        ]

    def _get_own_cases(self):
        return request.env["credit.case"].sudo().search(
            [*self._get_own_domain(), ("state", "!=", "closed")], order="id"
        )

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "credit_case_count" in counters:
            values["credit_case_count"] = sum(
                len(case._get_page_items()) for case in self._get_own_cases()
            )
        return values

    def _get_own_case(self, case_id):
        return request.env["credit.case"].sudo().search(
            [*self._get_own_domain(), ("id", "=", case_id)]
        )

    def _with_own(self, case_id, answer):
        case = self._get_own_case(case_id)
        return answer(case, f"/my/credit/{case_id}") if case else self._refuse()

    @http.route("/my/credit", methods=["GET"], **PAGE)
    def credit_home(self, **_kwargs):
        cases = self._get_own_cases()
        if len(cases) == 1:
            return self._show(cases, f"/my/credit/{cases.id}")
        return self._render("page_companies", base="/my/credit", cases=cases)

    @http.route(DOOR, methods=["GET"], **PAGE)
    def credit_page(self, case_id, **_kwargs):
        return self._with_own(case_id, self._show)

    @http.route(f"{DOOR}/tell/<string:kind>", methods=["GET"], **PAGE)
    def credit_ask(self, case_id, kind, **_kwargs):
        return self._with_own(case_id, lambda *door: self._ask(*door, kind))

    @http.route(
        f"{DOOR}/tell/<string:kind>", methods=["POST"], max_content_length=MAX_REQUEST, **PAGE
    )
    def credit_tell(self, case_id, kind, **_kwargs):
        return self._with_own(case_id, lambda *door: self._tell(*door, kind))

    @http.route(f"{DOOR}/thanks/<string:kind>", methods=["GET"], **PAGE)
    def credit_thanks(self, case_id, kind, **_kwargs):
        return self._with_own(case_id, lambda *door: self._thank(*door, kind))

    @http.route(f"{DOOR}/invoice/<int:move_id>", methods=["GET"], **PAGE)
    def credit_invoice(self, case_id, move_id, **_kwargs):
        return self._with_own(case_id, lambda case, _base: self._send_invoice(case, move_id))

    @http.route(f"{DOOR}/sign/<int:agreement_id>", methods=["POST"], **PAGE)
    def credit_sign(self, case_id, agreement_id, **_kwargs):
        return self._with_own(case_id, lambda *door: self._sign_typed(*door, agreement_id))

    @http.route(f"{DOOR}/draw/<int:agreement_id>", type="jsonrpc", auth="user", website=True)
    def credit_draw(self, case_id, agreement_id, name=None, signature=None):
        case = self._get_own_case(case_id)
        if not case:
            return {"error": request.env._("This page does not exist.")}
        return self._sign_drawn(case, f"/my/credit/{case_id}", agreement_id, name, signature)
