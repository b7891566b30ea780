import json
import logging
import re
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from odoo import api, models
from odoo.exceptions import UserError

from ..domain.contact import NEEDS
from .credit_action import OUTCOMES
from .credit_claim import METHODS
from .errors import is_passing

_logger = logging.getLogger(__name__)

MAX_ENTRIES = 100
MAX_KEY = 100
MAX_TEXT = 3000
ID = re.compile(r"#([1-9][0-9]{0,8})")
NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?")
# of each kind: its fields, and whether they have to be there
KINDS = {
    "contact": {
        "outcome": False, "reason": False, "remark": False, "channel": False, "on": True,
        "again_at": False,
    },
    "promise": {"amount": True, "currency": False, "on": True, "remark": False},
    "claim": {"amount": True, "currency": False, "on": True, "method": True, "remark": False},
}
COMMON = {"key", "placement", "kind"}


class EntryError(UserError):
    """What is wrong with which field."""

    def __init__(self, field, message):
        super().__init__(message)
        self.field = field


class CreditAgencyDesk(models.AbstractModel):
    """What a program of the agency enters: each entry by itself, each once."""

    _inherit = "credit.agency.desk"

    @api.model
    def push(self, entries):
        """``entries``: dicts with ``key``, ``placement`` (number or id), ``kind`` (contact, promise
        or claim) and the fields of that kind. Answers one by one, in their order: ``ok``, and the
        ``id`` of what was written or the ``message`` and ``field`` of what is wrong. An entry
        that is refused leaves nothing behind, and stops no other."""
        if not isinstance(entries, list) or not 0 < len(entries) <= MAX_ENTRIES:
            raise UserError(self.env._(
                "Send 1 to %(count)s entries at a time.", count=MAX_ENTRIES
            ))
        desk = self if self.env.context.get("lang") else self.with_context(lang=self.env.user.lang)
        return [desk._push_one(entry) for entry in entries]

    def _push_one(self, entry):
        key = entry.get("key") if isinstance(entry, dict) else None
        refused = {"key": key if isinstance(key, str) else "", "ok": False, "id": False}
        try:
            with self.env.cr.savepoint():
                return {"key": key, "ok": True, **self._act_once(entry)}
        except UserError as error:
            self.env.invalidate_all()
            field = getattr(error, "field", "")
            return {**refused, "field": field, "message": str(error.args[0])}
        except Exception as error:
            self.env.invalidate_all()
            if is_passing(error):
                raise
            _logger.exception("Entry %r of user %s failed", key, self.env.uid)
            return {**refused, "field": "", "message": self.env._(
                "Something went wrong on our side, and nothing was written. Send it again later, or"
                " tell us."
            )}

    def _act_once(self, entry):
        kind, values = self._check_entry(entry)
        digest = sha256(json.dumps(
            [str(entry["placement"]), kind, values], sort_keys=True
        ).encode()).hexdigest()
        entries, key = self.env["credit.agency.entry"].sudo(), entry["key"]
        known = entries.search([("user_id", "=", self.env.uid), ("key", "=", key)])
        same = known.filtered(lambda one: one.digest == digest)
        if same:
            return {**same[0].result, "repeated": True}
        placement = self._find_placement(entry["placement"])
        claimed = entries.with_user(self.env.user)._claim_key(placement, key, kind, digest)
        if not claimed:
            raise EntryError("key", self.env._(
                "This key was used for another entry. Give each entry a key of its own."
            ))
        result = self._act(placement, kind, values)
        claimed.write({"result": result})
        return {**result, "repeated": False}

    def _act(self, placement, kind, values):
        verbs = {"contact": self.log_contact, "promise": self.promise, "claim": self.claim}
        if kind == "contact":
            values = {"outcome": "", **values}
        else:
            values = {"currency": "", **values, "amount": float(values["amount"])}
        answer = verbs[kind](placement.id, **values)
        breach = answer.get("breach")
        return {
            "id": answer["id"], "state": answer.get("state") or "", "field": "",
            "message": breach and self.env._(
                "Written down, and shown to the creditor, since it was %(why)s.", why=breach
            ) or "",
        }

    def _find_placement(self, wanted):
        """By its number, or by its id, which from a file comes as “#12”: two companies may use one
        number, and a number may be digits alone."""
        number = ID.fullmatch(wanted) if isinstance(wanted, str) else None
        by_id = int(number[1]) if number else wanted if isinstance(wanted, int) else 0
        found = self._get_placements([("id", "=", by_id)] if by_id else [("name", "=", wanted)],
                                     limit=2)
        if not found:
            raise EntryError("placement", self.env._(
                "The position %(number)s is not, or no longer, entrusted to you.",
                number=str(wanted)[:40],
            ))
        if len(found) > 1:
            raise EntryError("placement", self.env._(
                "Two of your positions have the number %(number)s. Write the id of the one you mean"
                " instead, with a # before it: it stands in its manifest.", number=str(wanted)[:40],
            ))
        return found

    # ------------------------------------------------------------------ what was sent

    def _check_entry(self, entry):
        """``(kind, {field: value})`` of what was filled in, or the first field that is wrong."""
        if not isinstance(entry, dict):
            raise EntryError("", self.env._("An entry has names with values."))
        self._check_common(entry)
        kind = entry["kind"]
        known = KINDS[kind]
        unknown = sorted(str(name) for name in entry.keys() - known.keys() - COMMON)
        if unknown:
            raise EntryError(unknown[0][:40], self.env._(
                "A %(kind)s has no such field. It has: %(names)s.",
                kind=kind, names=", ".join(known),
            ))
        values = {
            name: entry[name] for name in known if entry.get(name) not in (None, "", False)
        }
        for name, is_required in known.items():
            if is_required and name not in values:
                raise EntryError(name, self.env._("Fill this in: it is missing."))
        return kind, {name: self._check_value(name, value) for name, value in values.items()}

    def _check_common(self, entry):
        key, placement = entry.get("key"), entry.get("placement")
        if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY or "\x00" in key:
            raise EntryError("key", self.env._(
                "Give each entry a key of its own, of 1 to %(count)s letters.", count=MAX_KEY
            ))
        if isinstance(placement, bool) or not isinstance(placement, (int, str)) or not placement:
            raise EntryError("placement", self.env._("Write the number of the position."))
        if isinstance(placement, str) and "\x00" in placement or (
            isinstance(placement, int) and not 0 < placement < 2**31
        ):
            raise EntryError("placement", self.env._("Write the number of the position."))
        if not isinstance(entry.get("kind"), str) or entry["kind"] not in KINDS:
            raise EntryError("kind", self.env._(
                "Write one of: %(codes)s.", codes=", ".join(KINDS)
            ))

    def _check_value(self, name, value):
        if name == "amount":
            return self._check_amount(value)
        if not isinstance(value, str) or len(value) > MAX_TEXT or "\x00" in value:
            raise EntryError(name, self.env._(
                "Write a text of %(count)s letters at most.", count=MAX_TEXT
            ))
        choices = {
            "outcome": [code for code, _label in OUTCOMES], "channel": list(NEEDS),
            "method": [code for code, _label in METHODS],
        }.get(name)
        if choices and value not in choices:
            raise EntryError(name, self.env._(
                "“%(value)s” is not one of: %(codes)s.",
                value=value[:40], codes=", ".join(choices),
            ))
        if name in ("on", "again_at"):
            self._check_day(name, value)
        return value

    def _check_day(self, name, value):
        try:
            if len(value) == 10 and name == "on":
                date.fromisoformat(value)
            else:
                datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError as error:
            raise EntryError(name, self.env._(
                "“%(value)s” is no day or time. Write it like 2026-03-31 or 2026-03-31T14:30.",
                value=value[:40],
            )) from error

    def _check_amount(self, value):
        """As text, so that 100 and 100.00 are one amount."""
        text = str(value) if isinstance(value, (int, float, str)) else ""
        if isinstance(value, bool) or not NUMBER.fullmatch(text) or not Decimal(text):
            raise EntryError("amount", self.env._(
                "“%(value)s” is no amount. Write it like 1234.56.", value=text[:40]
            ))
        return format(Decimal(text).normalize(), "f")
