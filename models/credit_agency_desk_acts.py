import math
from datetime import date, datetime

import pytz

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class CreditAgencyDesk(models.AbstractModel):
    """What the agency does: plain values in, plain values out. Whatever arrives was typed by a
    stranger or made by his program; rules are kept by the placement."""

    _inherit = "credit.agency.desk"

    # ------------------------------------------------------------------ acts

    @api.model
    def accept(self, placement_id):
        """From here on it is worked on. A collector takes it for himself, a leader for his team."""
        placement, seat = self._begin(placement_id)
        if placement.state == "sent":
            placement._set_state("accepted", accepted_on=placement.company_id._credit_today())
        if not placement.collector_id and not seat.is_leader:
            placement.collector_id = seat
        return self._answer(placement)

    @api.model
    def log_contact(
        self, placement_id, outcome, reason=None, remark="", channel="phone", on=None,
        again_at=None,
    ):
        """A contact with the debtor. ``on``: the day or moment at which it took place; without it
        the contact is of this moment, and refused where hours and caps do not allow one."""
        placement, seat = self._begin(placement_id, "contact")
        return self._answer(placement._log_contact(
            seat, outcome or False, self._read_reason(reason),
            placement._check_words(remark, required=False), channel or "phone",
            self._read_moment(placement, on, day_too=True), self._read_moment(placement, again_at),
        ), "breach")

    @api.model
    def promise(self, placement_id, amount, currency, on, remark=""):
        placement, seat = self._begin(placement_id, "promise")
        return self._answer(placement._promise(
            seat, self._read_amount(amount), self._read_currency(placement, currency),
            self._read_day(on), placement._check_words(remark, required=False),
        ))

    @api.model
    def propose(self, placement_id, kind, terms):
        """A plan or a settlement. ``terms``: count or amount of each, first_on, frequency,
        down_payment, down_on, settlement, currency, items, remark."""
        placement, seat = self._begin(placement_id, kind)
        return self._answer(
            placement._propose(seat, kind, self._read_terms(placement, terms)), "excess"
        )

    @api.model
    def claim(self, placement_id, amount, currency, on, method, remark=""):
        """Money that the debtor is said to have paid."""
        placement, seat = self._begin(placement_id, "claim")
        return self._answer(placement._claim(
            seat, self._read_amount(amount), self._read_currency(placement, currency),
            self._read_day(on), method, placement._check_words(remark, required=False),
        ))

    @api.model
    def ask(self, placement_id, text):
        """A question to the house, in the thread that both read."""
        placement, seat = self._begin(placement_id)
        text = placement._check_words(text)
        message = placement._post_of_agency(seat, text)
        placement.env["credit.task"]._ask_to_answer_agency(placement, seat, text)
        return {"id": message.id, "state": "asked"}

    @api.model
    def give_back(self, placement_id, reason):
        placement, seat = self._begin(placement_id)
        words = placement._check_words(reason)
        placement._end("returned", f"{words} ({seat._get_signature()})")
        return self._answer(placement)

    @api.model
    def assign(self, placement_id, collector_id):
        """A team leader gives it to one of his team, or with nothing takes it off everybody."""
        placement, seat = self._begin(placement_id)
        if not seat.is_leader:
            raise AccessError(self.env._("Only the team leader assigns collectors."))
        team = placement.mandate_id.collector_ids.filtered("active")
        collector = team.filtered(lambda one: one.id == collector_id)
        if collector_id and not collector:
            raise UserError(self.env._("Choose somebody of your team."))
        placement.collector_id = collector
        return self._answer(placement)

    # ------------------------------------------------------------------ before and after

    def _begin(self, placement_id, act=None):
        """The placement, in the name of the machinery, and as whom the user works on it, if the
        ``act`` is one of its kind. One act at a time: a recall of this moment is seen."""
        placement = self._get_placement(placement_id)
        if act and act not in self._get_acts(placement):
            raise UserError(self.env._(
                "This is not told of “%(placement)s”. Open its page: it shows what can be.",
                placement=placement.name,
            ))
        seat = self._get_seat(placement)
        self.env.execute_query(SQL(
            "SELECT id FROM credit_placement WHERE id = %s FOR NO KEY UPDATE", placement.id
        ))
        house = placement.with_user(SUPERUSER_ID).with_company(placement.company_id)
        return house, seat.with_env(house.env)

    def _answer(self, record, *more):
        return {name: record[name] or False for name in ("id", "state", *more)}

    # ------------------------------------------------------------------ what was typed

    def _read_day(self, value):
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._(
                "“%(value)s” is no day. Write it like 2026-03-31.", value=str(value)[:40]
            )) from error

    def _read_moment(self, placement, value, day_too=False):
        """A moment in UTC. One without a zone is in the time of whoever typed it; a day alone stays
        a day where that will do."""
        if not value:
            return False
        try:
            if day_too and len(value) == 10:
                return date.fromisoformat(value)
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
            if not 2000 <= moment.year < 2100:  # at the ends of the calendar zones overflow
                raise ValueError(value)
        except (AttributeError, TypeError, ValueError) as error:
            raise UserError(self.env._(
                "“%(value)s” is no time. Write it like 2026-03-31T14:30.", value=str(value)[:40]
            )) from error
        if not moment.tzinfo:
            moment = self._get_zone(placement).localize(moment)
        return moment.astimezone(pytz.utc).replace(tzinfo=None, microsecond=0)

    def _read_amount(self, value):
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not 0 < value < 10**12:
            raise UserError(self.env._(
                "“%(value)s” is no amount. Write it in figures.", value=str(value)[:40]
            ))
        return float(value)

    def _read_currency(self, placement, value):
        """By its code, one of those of the placement; of a placement in one currency it may be
        left out."""
        known = placement.line_ids.currency_id
        if not value and len(known) == 1:
            return known
        found = known.filtered(lambda one: value and value in (one.name, one.id))
        if not found:
            raise UserError(self.env._(
                "Choose one of the currencies of this position: %(names)s.",
                names=", ".join(known.mapped("name")),
            ))
        return found

    def _read_reason(self, value):
        """By its number, or by its code: the name under which it was delivered, else its kind."""
        reasons = self.env["credit.reason"].sudo()
        if not value:
            return reasons
        known = reasons._get_all()
        found = known.filtered(lambda one: one.id == value)
        if not found and isinstance(value, str):
            codes = known._get_codes()
            found = known.filtered(lambda one: codes[one.id] == value)
            found = found or known.filtered(lambda one: one.kind == value)[:1]
        if not found:
            raise UserError(self.env._("There is no reason “%(value)s”.", value=str(value)[:40]))
        return found

    def _read_terms(self, placement, terms):
        if not isinstance(terms, dict):
            raise UserError(self.env._("Write the terms as names with values."))
        read = {name: value for name, value in terms.items() if value not in (None, "", False)}
        read["currency"] = self._read_currency(placement, read.get("currency"))
        for name in ("amount", "down_payment", "settlement"):
            if name in read:
                read[name] = self._read_amount(read[name])
        for name in ("first_on", "down_on"):
            if name in read:
                read[name] = self._read_day(read[name])
        if "count" in read and type(read["count"]) is not int:
            raise UserError(self.env._("Please choose 1 to 60 instalments."))
        items = read.get("items", [])
        if not isinstance(items, list) or any(type(one) is not int for one in items):
            raise UserError(self.env._("Choose items that are open on this position."))
        read["remark"] = placement._check_words(read.get("remark"), required=False)
        return read
