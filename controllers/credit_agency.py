from datetime import date, datetime
from urllib.parse import urlencode

from markupsafe import Markup

from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request
from odoo.tools import format_date, format_datetime

from .credit_agency_forms import ACTS, ENDED, typed_filters
from .credit_answers import typed_number, typed_text
from .credit_pages import MAX_REQUEST, sealed

DOOR = "/my/agency/<int:placement_id>"
PAGE = {"type": "http", "auth": "user", "website": True, "multilang": False}
SHORT = 12  # contacts shown at once


class CreditAgency(CustomerPortal):
    """The agency's pages. They know nothing: what is shown, and what is done, goes through the
    desk, as it does for the agency's program. Odoo makes one class of all that extend the portal:
    hence the names."""

    def _agency_desk(self):
        return request.env["credit.agency.desk"]

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "credit_agency_count" in counters:
            values["credit_agency_count"] = self._agency_desk()._count()
        return values

    # ------------------------------------------------------------------ pages

    @http.route("/my/agency", methods=["GET"], **PAGE)
    def agency_home(self, **_kwargs):
        home = self._agency_desk().get_home()
        if home["state"] == "none":
            return self._agency_refuse()
        return self._agency_render("agency_home", home=home, done=typed_text("done"))

    @http.route("/my/agency/list", methods=["GET"], **PAGE)
    def agency_list(self, **_kwargs):
        desk = self._agency_desk()
        if not desk._get_seats():
            return self._agency_refuse()
        asked = {
            "search": typed_text("search"), "filters": typed_filters(),
            "order": typed_text("order") or "newest",
        }
        try:
            found = desk.get_list(**asked, page=typed_number("page"))
        except UserError:
            return self._agency_refuse()
        return self._agency_render(
            "agency_list", found=found, search=asked["search"],
            labels=desk._get_filter_labels(), orders=desk._get_order_labels(),
            page_url=lambda number: self._agency_page_url(asked, number),
        )

    def _agency_page_url(self, asked, number):
        return "/my/agency/list?" + urlencode([
            ("search", asked["search"]), *(("filter", one) for one in asked["filters"]),
            ("order", asked["order"]), ("page", number),
        ])

    @http.route(DOOR, methods=["GET"], **PAGE)
    def agency_placement(self, placement_id, **_kwargs):
        return self._agency_show(placement_id)

    @http.route(f"{DOOR}/do/<string:act>", methods=["GET"], **PAGE)
    def agency_form(self, placement_id, act, **_kwargs):
        if act not in ACTS or act in ("accept", "assign"):
            return self._agency_refuse()
        return self._agency_show(placement_id, f"agency_do_{act}", act=act)

    @http.route(f"{DOOR}/do/<string:act>", methods=["POST"], max_content_length=MAX_REQUEST, **PAGE)
    def agency_act(self, placement_id, act, **_kwargs):
        if act not in ACTS:
            return self._agency_refuse()
        try:
            with request.env.cr.savepoint():
                answer = ACTS[act](self._agency_desk(), placement_id)
        except AccessError:
            return self._agency_refuse()
        except UserError as error:
            template = "agency_placement" if act in ("accept", "assign") else f"agency_do_{act}"
            return self._agency_show(placement_id, template, 422, act=act, error=error.args[0])
        is_over = answer["state"] == ENDED
        target = "/my/agency" if is_over else f"/my/agency/{placement_id}"
        return sealed(request.redirect(f"{target}?done={act}", code=303))

    @http.route(f"{DOOR}/invoice/<int:move_id>", methods=["GET"], **PAGE)
    def agency_invoice(self, placement_id, move_id, **_kwargs):
        try:
            document = self._agency_desk()._get_invoice(placement_id, move_id)
        except AccessError:
            document = None
        return self._agency_send(document)

    @http.route("/my/agency/statement/<int:statement_id>", methods=["GET"], **PAGE)
    def agency_statement(self, statement_id, **_kwargs):
        return self._agency_send(self._agency_desk()._get_statement(statement_id))

    def _agency_send(self, document):
        if not document:
            return self._agency_refuse()
        return sealed(request.make_response(document["content"], [
            ("Content-Type", "application/pdf"),
            ("Content-Disposition", content_disposition(document["filename"])),
        ]))

    # ------------------------------------------------------------------ how it is shown

    def _agency_show(self, placement_id, template="agency_placement", status=200, **values):
        try:
            shown = self._agency_desk().get_placement(placement_id)
        except AccessError:
            return self._agency_refuse()
        if "act" in values and values["act"] not in (*shown["acts"], "accept", "assign"):
            return self._agency_refuse()
        history = shown["history"]
        typed = {key: text for key, text in request.params.items() if isinstance(text, str)}
        return self._agency_render(
            template, status, one=shown, base=f"/my/agency/{placement_id}", typed=typed,
            script=Markup(shown["script"]),  # was cleaned when a manager wrote it
            done=typed_text("done"), recent=history[:SHORT], older=history[SHORT:], **values,
        )

    def _agency_refuse(self):
        """The same whether it is another's, over, or was never there."""
        return self._agency_render("agency_refused", 404)

    def _agency_render(self, template, status=200, **values):
        values = {"done": "", "error": "", **values}
        response = request.render(f"account_credit_care.{template}", {
            **values, "page_name": "agency", "money": self._agency_money, "day": self._agency_day,
            "moment": self._agency_moment, "html_lang": request.env.lang.replace("_", "-"),
        }, status=status)
        response.flatten()
        return sealed(response)

    def _agency_money(self, amount, currency):
        currencies = request.env["res.currency"].sudo().with_context(active_test=False)
        return currencies.search([("name", "=", currency)], limit=1).format(amount)

    def _agency_day(self, text):
        return format_date(request.env, date.fromisoformat(text)) if text else ""

    def _agency_moment(self, text, zone):
        return format_datetime(
            request.env, datetime.fromisoformat(text.removesuffix("Z")),
            dt_format="EEE d MMM, HH:mm", tz=zone,
        ) if text else ""
