from base64 import b64encode
from datetime import date, timedelta
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..domain.contact import NEEDS
from .credit_action import OUTCOMES
from .credit_agency_desk import iso
from .credit_agency_desk_push import MAX_ENTRIES
from .credit_claim import METHODS
from .credit_placement import OUT

MAX_LIST = 100
MAX_GONE = 1000


class CreditAgencyDesk(models.AbstractModel):
    """What a program of the agency fetches: which positions there are, what has changed, and the
    dossiers."""

    _inherit = "credit.agency.desk"

    # ------------------------------------------------------------------ what there is

    @api.model
    def get_status(self):
        """Who I am here, until when, and the codes that may be entered."""
        reasons = self.env["credit.reason"].sudo()._get_all()
        codes = reasons._get_codes()
        return {
            "user": self.env.user.name, "zone": self.env.user.tz or "",
            "now": fields.Datetime.now().isoformat(timespec="seconds") + "Z",
            "mandates": [self._describe_seat(seat) for seat in self._get_seats()],
            "keys": [
                {"name": key.name, "until": iso(key.expiration_date) or ""}
                for key in self.env.user.sudo().api_key_ids
            ],
            "codes": {
                "outcome": self._get_labels("credit.action", "outcome", OUTCOMES),
                "channel": self._get_labels("credit.action", "channel", NEEDS),
                "method": self._get_labels("credit.claim", "method", METHODS),
                "reason": {codes[reason.id]: reason.name for reason in reasons},
            },
            "limits": {"entries": MAX_ENTRIES, "list": MAX_LIST},
        }

    def _describe_seat(self, seat):
        mandate = seat.mandate_id
        own = self._get_domain() & Domain("mandate_id", "=", mandate.id)
        return {
            "id": mandate.id, "name": mandate.name, "agency": mandate.agency_id.name,
            "creditor": mandate.company_id.name, "until": iso(mandate.until_on) or "",
            "is_leader": seat.is_leader, "is_qualified": bool(seat.qualified_on),
            "open": self.env["credit.placement"].sudo().search_count(own),
        }

    def _get_labels(self, model, name, codes):
        labels = dict(self.env[model]._fields[name]._description_selection(self.env))
        wanted = [code if isinstance(code, str) else code[0] for code in codes]
        return {code: labels.get(code, code) for code in wanted}

    # ------------------------------------------------------------------ the list

    @api.model
    def pull_list(self, since=None, after=None, limit=MAX_LIST):
        """The positions that this user sees, in the order of their numbers: those after the id
        ``after``, ``limit`` of them. ``digest`` changes with the dossier. ``gone``, with the first
        part: what has ended since the day ``since``. Whatever is in no part any more is no longer
        entrusted to this user, for whatever reason."""
        wanted = min(max(_whole(limit) or MAX_LIST, 1), MAX_LIST)
        after = _whole(after)
        found = self._get_placements([("id", ">", after)], order="id", limit=wanted + 1)
        part = found[:wanted]
        dossiers = part._read_dossiers() if part else {}
        return {
            "now": fields.Datetime.now().isoformat(timespec="seconds") + "Z",
            "placements": [
                {
                    "id": one.id, "name": one.name, "state": one.state,
                    "digest": dossiers[one.id][2],
                }
                for one in part
            ],
            "next": part[-1:].id if len(found) > wanted else False,
            "gone": [] if after or not since else self._list_gone(since),
        }

    def _list_gone(self, since):
        """Of what was this user's while it was with the agency, or could have been."""
        try:
            # a day in UTC; where the company is it may have been the day before
            day = date.fromisoformat(since[:10]) - timedelta(days=1)
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(self.env._(
                "“%(value)s” is no day. Write it like 2026-03-31.", value=str(since)[:40]
            )) from error
        seats = self.env["credit.collector"].sudo().with_context(active_test=False).search([
            ("user_id", "=", self.env.uid),
        ])
        ended = self.env["credit.placement"].sudo().search(
            Domain("sent_on", "!=", False) & Domain("state", "not in", OUT)
            & Domain("ended_on", ">=", day) & Domain.OR(map(self._could_see, seats)),
            order="id", limit=MAX_GONE,
        )
        return [{"id": one.id, "name": one.name, "state": one.state} for one in ended]

    def _could_see(self, seat):
        """Placements of the seat; where the relationship comes first, of the unqualified only what
        was on his table: he has to let go of it."""
        own = Domain("mandate_id", "=", seat.mandate_id.id)
        if not seat.is_leader:
            own &= Domain("collector_id", "in", (seat.id, False))
        if not seat.qualified_on:
            own &= Domain("case_id.relationship_priority", "=", False) | Domain(
                "collector_id", "=", seat.id
            )
        return own

    # ------------------------------------------------------------------ one dossier

    @api.model
    def pull_dossier(self, placement_id, digest=None):
        """The ZIP in base64, unless it is the one that the program has already."""
        placement = self._get_placement(placement_id)
        if digest and placement._read_dossiers()[placement.id][2] == digest:
            return {"unchanged": True, "digest": digest}
        placement._note_fetched()
        current, file = placement._make_dossier()
        with file:
            content = file.read()
        return {
            "unchanged": False, "digest": current, "name": placement._get_dossier_name(),
            "size": len(content), "sha256": sha256(content).hexdigest(),
            "content": b64encode(content).decode(),
        }


def _whole(value):
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
