from odoo import http
from odoo.http import request

from .credit_pages import MAX_REQUEST, DebtorPages

DOOR = "/credit/<int:case_id>/<string:token>"
PAGE = {"type": "http", "auth": "public", "website": True, "multilang": False, "sitemap": False}


class CreditPage(DebtorPages, http.Controller):
    """The debtor's page behind the link of a message. The link is the key: each request checks
    it again."""

    def _base(self, case_id, token):
        return f"/credit/{case_id}/{token}"

    def _with_case(self, case_id, token, answer):
        """``answer(case, base)`` for a good link; otherwise a page that tells nothing."""
        base = self._base(case_id, token)
        case, fault = request.env["credit.case"]._check_page_token(case_id, token)
        if fault == "expired":
            self._enter(case)
            return self._render("page_expired", base=base, status=410)
        return self._refuse() if fault else answer(case, base)

    @http.route(DOOR, methods=["GET"], **PAGE)
    def page(self, case_id, token, **_kwargs):
        return self._with_case(case_id, token, self._show)

    @http.route(f"{DOOR}/tell/<string:kind>", methods=["GET"], **PAGE)
    def ask(self, case_id, token, kind, **_kwargs):
        return self._with_case(case_id, token, lambda *door: self._ask(*door, kind))

    @http.route(
        f"{DOOR}/tell/<string:kind>", methods=["POST"], max_content_length=MAX_REQUEST, **PAGE
    )
    def tell(self, case_id, token, kind, **_kwargs):
        return self._with_case(case_id, token, lambda *door: self._tell(*door, kind))

    @http.route(f"{DOOR}/thanks/<string:kind>", methods=["GET"], **PAGE)
    def thanks(self, case_id, token, kind, **_kwargs):
        return self._with_case(case_id, token, lambda *door: self._thank(*door, kind))

    @http.route(f"{DOOR}/invoice/<int:move_id>", methods=["GET"], **PAGE)
    def invoice(self, case_id, token, move_id, **_kwargs):
        return self._with_case(
            case_id, token, lambda case, _base: self._send_invoice(case, move_id)
        )

    @http.route(f"{DOOR}/sign/<int:agreement_id>", methods=["POST"], **PAGE)
    def sign(self, case_id, token, agreement_id, **_kwargs):
        return self._with_case(
            case_id, token, lambda *door: self._sign_typed(*door, agreement_id)
        )

    @http.route(
        f"{DOOR}/draw/<int:agreement_id>", type="jsonrpc", auth="public", website=True
    )
    def draw(self, case_id, token, agreement_id, name=None, signature=None):
        case, fault = request.env["credit.case"]._check_page_token(case_id, token)
        if fault:
            return {"error": request.env._("This link does not work any more.")}
        base = self._base(case_id, token)
        return self._sign_drawn(case, base, agreement_id, name, signature)

    @http.route(f"{DOOR}/link", methods=["POST"], **PAGE)
    def link(self, case_id, token, **_kwargs):
        """A new link to the address on file. What is shown is the same whatever happened."""
        case, fault = request.env["credit.case"]._check_page_token(case_id, token)
        if fault == "wrong":
            return self._refuse()
        self._enter(case)._answer_new_link()
        return self._render("page_link_sent")
