from typing import Any, NamedTuple

from odoo import models

from ..domain import owed
from ..domain.fees import Entrusted
from ..domain.money import from_units
from .credit_mandate import OPEN
from .credit_mandate_terms import PREVIEW


class Going(NamedTuple):
    """A case that the night will place by itself; with ``why`` in place of a mandate: what it
    would be kept for. ``fees``: what it costs if 20, 40, 60, 100 % come in."""

    day: Any
    partner_id: int
    case_id: int
    mandate_id: int
    amount: float
    age: int
    fees: tuple
    why: str


class CreditForecast(models.AbstractModel):
    """What the nights ahead will place with an agency: by the same rules, in the same order and
    at the same price as the night itself. Reads, never writes."""

    _inherit = "credit.forecast"

    def _preview_placements(self, company, until, start=None, policy=None):
        """``[Going, …]`` in the order of days and cases, under the policies that place by
        themselves, if the ledger does not change and every case is asked in its turn."""
        ready = self._find_ready(company, until, start, policy)
        placements = self.env["credit.placement"].sudo().with_company(company)
        table = None
        going = []
        for day, case, items, age in ready:
            if table is None or table.today != day:
                fresh = placements._read_table(company, day)
                table = fresh._replace(given=table.given) if table else fresh
            going.append(self._to_going(placements, table, day, case, items, age))
        return going

    def _find_ready(self, company, until, start, policy):
        """``(day, case, items that may be placed on it, age)`` as the nights will find them."""
        start = start or self._next_night(company)
        policies = (policy or self.env["credit.policy"].sudo().search([
            ("company_id", "=", company.id), ("state", "=", "active"),
        ])).filtered("place_by_itself")
        found = []
        if not policies:
            return found
        cases = self.env["credit.case"].sudo().search([
            ("company_id", "=", company.id), ("policy_id", "in", policies.ids),
            ("state", "in", ("courtesy", "collection")),
            ("placement_ids", "not any", [("state", "in", OPEN)]),  # somebody prepares it by hand
        ])
        policy_of = {case.partner_id.id: case.policy_id.id for case in cases}
        case_of = {case.partner_id.id: case.id for case in cases}
        for partner_id in self._read_quiet(company, policy_of, start, until):
            del policy_of[partner_id]
        for fact, night in self._walk(company, policy_of, start, until):
            if night.standing.ready:
                free = [
                    item for item in owed.uncovered(fact.debtor, fact.rules, night.day)
                    if item.due_on < night.day
                ]
                age = max((item.days_overdue(night.day) for item in free), default=0)
                found.append((night.day, case_of[fact.partner_id], free, age))
        found.sort(key=lambda row: row[:2])
        return [
            (day, self.env["credit.case"].sudo().browse(case_id), free, age)
            for day, case_id, free, age in found
        ]

    def _to_going(self, placements, table, day, case, items, age):
        rounding = case.currency_id.rounding
        units = sum(item.value for item in items)
        chosen, _rule, why = placements._choose(table, case, units, "collection")
        fees = ()
        if chosen:
            costs = chosen._simulate((Entrusted(case.id, day, units, age, "collection"),))
            fees = tuple(from_units(cost.total, rounding) for cost in costs)
        return Going(
            day, case.partner_id.id, case.id, chosen.id, from_units(units, rounding), age, fees,
            "" if chosen else why,
        )

    def _explain_fee(self, fees, why, currency):
        """The span between a fifth and all of it, in words; else why it would stay."""
        if not fees:
            return why
        return self.env._(
            "%(least)s if %(first)s %% comes in, %(most)s if all of it does",
            least=currency.format(fees[0]), first=PREVIEW[0],
            most=currency.format(fees[-1]),
        )
