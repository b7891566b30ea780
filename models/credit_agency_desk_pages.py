import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..domain.contact import NEEDS
from .credit_action import OUTCOMES
from .credit_agency_desk import iso
from .credit_claim import METHODS

PAGE = 30
MAX_SEARCH = 80
ORDERS = {
    "newest": "sent_on desc, id desc",
    "oldest": "sent_on, id",
    "amount": "amount desc, id desc",
    "age": "age desc, id desc",
    "again": "again_at, id",
}


class CreditAgencyDesk(models.AbstractModel):
    """What the agency sees: home, list, placement. A constant number of queries a page."""

    _inherit = "credit.agency.desk"

    # ------------------------------------------------------------------ home

    @api.model
    def get_home(self):
        """How many positions wait for what, by filter, and the mandates of this user."""
        seats = self._get_seats()
        return {
            "id": self.env.user.id, "state": "ready" if seats else "none",
            "name": self.env.user.name,
            "counters": {
                name: self.env["credit.placement"].sudo().search_count(
                    self._get_domain() & domain
                )
                for name, domain in self._get_filters().items()
            },
            "labels": self._get_filter_labels(),
            "mandates": [self._show_seat(seat) for seat in seats],
            "statements": [self._show_statement(one) for one in self._get_statements()],
        }

    def _get_statements(self):
        """What the agency is owed is for its leaders to read; a sheet that names a debtor whose
        relationship comes first, for qualified ones."""
        leaders = self._get_seats().filtered("is_leader")
        qualified = leaders.filtered("qualified_on").mandate_id
        return self.env["credit.statement"]._for_agency(leaders.mandate_id).filtered(
            lambda one: one.mandate_id in qualified
            or not any(one.line_ids.placement_id.mapped("relationship_priority"))
        )

    def _show_statement(self, statement):
        return {
            "id": statement.id, "name": statement.name, "from_on": iso(statement.from_on),
            "until_on": iso(statement.until_on), "total": statement.amount_total,
            "currency": statement.currency_id.name, "company": statement.company_id.name,
        }

    @api.model
    def _get_statement(self, statement_id):
        """The sheet as a PDF, or nothing."""
        statement = self._get_statements().filtered(lambda one: one.id == statement_id)
        if not statement:
            return None
        content, _kind = self.env["ir.actions.report"].sudo()._render_qweb_pdf(
            "account_credit_care.action_report_credit_fees", statement.ids
        )
        return {"content": content, "filename": f"{statement.name.replace('/', '-')}.pdf"}

    def _show_seat(self, seat):
        mandate = seat.mandate_id
        return {
            "id": mandate.id, "name": mandate.name, "company": mandate.company_id.name,
            "agency": mandate.agency_id.name, "is_leader": seat.is_leader,
            "is_qualified": bool(seat.qualified_on), "until": iso(mandate.until_on),
        }

    def _get_filters(self):
        seats = self._get_seats()
        return {
            "all": Domain.TRUE,
            "new": Domain("state", "=", "sent"),
            "mine": Domain("collector_id", "in", seats.ids),
            "free": Domain("collector_id", "=", False),
            "again": Domain("again_at", "<=", self._get_end_of_day(seats)),
            "silent": Domain("action_ids", "=", False),
            "priority": Domain("case_id.relationship_priority", "=", True),
        }

    def _get_end_of_day(self, seats):
        """Where the user is, in UTC."""
        name = self.env.user.tz
        zone = pytz.timezone(name) if name else seats[:1].company_id._credit_zone()
        here = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).replace(tzinfo=None)
        late = zone.localize(fields.Datetime.end_of(here, "day"))
        return late.astimezone(pytz.utc).replace(tzinfo=None)

    def _get_filter_labels(self):
        return {
            "all": self.env._("Entrusted to us"), "new": self.env._("To accept"),
            "mine": self.env._("Assigned to me"), "free": self.env._("Assigned to nobody"),
            "again": self.env._("To call back today"),
            "silent": self.env._("Not contacted yet"),
            "priority": self.env._("Relationship first"),
        }

    def _count(self):
        """For the portal's start page; nobody but a collector has the door."""
        domain = self._get_domain()
        return self.env["credit.placement"].sudo().search_count(domain) if self._get_seats() else 0

    # ------------------------------------------------------------------ list

    def _get_order_labels(self):
        return {
            "newest": self.env._("Newest first"), "oldest": self.env._("Oldest first"),
            "amount": self.env._("Largest first"), "age": self.env._("Longest overdue first"),
            "again": self.env._("Next call first"),
        }

    @api.model
    def get_list(self, search="", filters=None, order="newest", page=1):
        """One page of positions. ``filters``: names as in ``get_home``; all of them hold."""
        known = self._get_filters()
        wanted = [filters] if isinstance(filters, str) else list(filters or ())
        if set(wanted) - set(known):
            raise UserError(self.env._("There is no filter “%(name)s”.", name=", ".join(wanted)))
        if order not in ORDERS:
            raise UserError(self.env._("There is no order “%(name)s”.", name=str(order)[:40]))
        domain = Domain.AND([known[name] for name in wanted]) & self._get_search(search)
        total = self.env["credit.placement"].sudo().search_count(self._get_domain() & domain)
        size = self._get_page_size()
        pages = max(-(-total // size), 1)
        page = min(max(page, 1), pages) if isinstance(page, int) else 1
        rows = self._get_placements(
            domain, order=ORDERS[order], limit=size, offset=(page - 1) * size
        )
        return {
            "rows": [self._show_row(one) for one in rows], "total": total, "page": page,
            "pages": pages, "filters": wanted, "order": order,
        }

    def _get_page_size(self):
        return PAGE

    def _get_search(self, search):
        text = search.replace("\x00", "").strip()[:MAX_SEARCH] if isinstance(search, str) else ""
        if not text:
            return Domain.TRUE
        return Domain.OR([
            Domain("name", "ilike", text),
            Domain("partner_id.name", "ilike", text),
            Domain("line_ids.item_id.move_id.name", "ilike", text),
        ])

    def _show_row(self, placement):
        return {
            "id": placement.id, "name": placement.name, "state": placement.state,
            "state_text": self._label(placement, "state"), "debtor": placement.partner_id.name,
            "city": placement.partner_id.city or "", "kind": self._label(placement, "kind"),
            "company": placement.company_id.name, "priority": placement.relationship_priority,
            "totals": self._show_totals(placement), "age": placement.age,
            "sent_on": iso(placement.sent_on), "again_at": iso(placement.again_at),
            "collector": placement.collector_id.display_name or "",
            "last_contact_on": iso(placement.case_id.last_contact_on),
            "zone": self._get_zone(placement).zone,
        }

    def _label(self, record, name):
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")

    def _show_totals(self, placement):
        """By currency: never one sum over several."""
        return [
            {
                "currency": currency.name,
                "placed": sum(lines.mapped("amount")),
                "open": sum(lines.mapped("amount_open")),
            }
            for currency, lines in placement.line_ids.grouped("currency_id").items()
        ]

    # ------------------------------------------------------------------ one placement

    @api.model
    def get_placement(self, placement_id):
        """All that a collector may know of one position, and what he may do."""
        placement = self._get_placement(placement_id)
        seat = self._get_seat(placement)
        return {
            **self._show_row(placement),
            "accepted_on": iso(placement.accepted_on),
            "pressure": placement.pressure_now,
            "pressure_text": self._label(placement, "pressure_now"),
            "disclosure": placement.mandate_id.disclosure or "",
            "is_leader": seat.is_leader,
            "now": placement._show_now(),
            "person": placement._show_person(),
            "note": placement._show_note(),
            "items": placement._show_items(),
            "history": placement._show_history(),
            "agreements": placement._show_agreements(),
            "disputes": placement._show_disputes(),
            "claims": placement._show_claims(),
            "messages": placement._show_messages(),
            "team": placement._show_team() if seat.is_leader else [],
            "choices": self._show_choices(placement),
            "acts": self._get_acts(placement), "script": "",
            "until_on": iso(placement.until_on),
            "zone_of_hours": placement.case_id._get_contact_zone().zone,
        }

    def _get_acts(self, _placement):
        """What may be told of a position, in the order in which it is offered."""
        return ["contact", "promise", "plan", "settlement", "claim", "ask", "give_back"]

    def _show_choices(self, placement):
        reasons = self.env["credit.reason"]._get_all()
        codes = reasons._get_codes()
        channels = {
            "phone": self.env._("Phone call"), "email": self.env._("E-mail"),
            "sms": self.env._("SMS"), "letter": self.env._("Letter"),
            "notice": self.env._("Formal notice (registered letter)"),
        }
        outcomes = placement.env["credit.action"]._fields["outcome"]
        methods = placement.env["credit.claim"]._fields["method"]
        return {
            "reasons": [
                {"id": one.id, "code": codes[one.id], "name": one.name,
                 "guidance": one.guidance or ""}
                for one in reasons
            ],
            "outcomes": _pairs(OUTCOMES, outcomes._description_selection(self.env)),
            "channels": [
                [code, channels[code]] for code in NEEDS if placement._may_use(code)
            ],
            "methods": _pairs(METHODS, methods._description_selection(self.env)),
            "currencies": placement.line_ids.currency_id.mapped("name"),
        }

    @api.model
    def _get_invoice(self, placement_id, move_id):
        """The PDF of a placed invoice: asked anew each time, by no link that outlives a recall."""
        placement = self._get_placement(placement_id)
        moves = placement.line_ids.item_id.move_id
        if move_id not in moves.ids:
            return None
        return placement.case_id._get_page_invoice(move_id) or None


def _pairs(known, labels):
    words = dict(labels)
    return [[code, words[code]] for code, _label in known]
