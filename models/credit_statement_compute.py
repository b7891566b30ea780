from collections import defaultdict
from fractions import Fraction

from odoo import Command, models
from odoo.tools import SQL

from ..domain import fee_memory, fee_statement
from ..domain.fees import Entrusted, Receipt
from ..domain.money import from_units, to_units
from ..domain.rules import DAY
from .credit_statement_line import RECEIPTS, TARGET

BEFORE = ("draft", "confirmed", "billed")


class CreditStatement(models.Model):
    """How a statement is computed: what those before have said and what the ledger says now,
    through ``domain.fee_statement``, into lines."""

    _inherit = "credit.statement"

    def _state_again(self):
        """Drafts as the ledger stands now, and the drafts after them, which build on them; returns
        whether anything of the former differs from before."""
        differs = False
        for statement in self.sorted("from_on").filtered(lambda one: one.state == "draft"):
            differs |= statement._state_once()
            for later in statement._get_later().sorted("from_on") - self:
                later._state_once()
        return differs

    def _state_once(self):
        self.ensure_one()
        if self.state != "draft":
            return False
        before = self._get_content()
        values = self._to_values()
        self.sudo().line_ids.unlink()
        self.sudo().write(values)
        return before != self._get_content()

    def _get_content(self):
        return [
            (line.kind, line.booked_on, line.placement_id.id, line.cash, line.fee, line.cases)
            for line in self.line_ids
        ]

    def _to_values(self):
        """Totals and lines of one draft."""
        self.ensure_one()
        results = self._measure_targets()
        made = self._compute_statement({
            target.measure: result for target, result in results.items()
        })
        lines = [self._to_line(line) for line in made.lines]
        lines += self._to_measured(results, lines)
        rounding = self.currency_id.rounding
        return {
            "amount_cash": sum(line["cash"] for line in lines if line["kind"] in RECEIPTS),
            "amount_fixed": from_units(made.fixed, rounding),
            "amount_success": from_units(made.success, rounding),
            "amount_limits": from_units(made.adjusted, rounding),
            "amount_bonus": from_units(made.bonus, rounding),
            "amount_total": from_units(made.total, rounding),
            "line_ids": [
                Command.create({"sequence": number, **line}) for number, line in enumerate(lines)
            ],
        }

    def _compute_statement(self, results):
        mandate = self.mandate_id.sudo()
        return fee_statement.statement(
            mandate._to_terms(), self._read_book(), self.from_on, self.until_on, results
        )

    # ------------------------------------------------------------------ what it is computed from

    def _read_book(self):
        """All that the mandate has seen, as this statement is to see it."""
        placements = self.env["credit.placement"].sudo().search([
            ("mandate_id", "=", self.mandate_id.id), ("sent_on", "!=", False),
        ], order="id")
        rounding = self.currency_id.rounding
        cash = {
            (placement_id, day): units
            for placement_id, days in placements._read_cash_since().items()
            for day, units in days
        }
        return fee_statement.Book(
            tuple(
                Entrusted(
                    one.id, one.sent_on, to_units(one.amount, rounding), one.age, one.kind,
                    one.ended_on or None,
                )
                for one in placements
            ),
            fee_memory.all_receipts(self._read_stated(), cash, self.from_on),
        )

    def _read_stated(self):
        """The receipts of the statements before this one; of one that lies in several tiers, the
        parts together. Drafts count: they are confirmed before this one can be, and what they say
        is not owed twice."""
        self.env.flush_all()
        return [
            Receipt(placement_id, on, units, received_on if received_on != on else None)
            for placement_id, on, received_on, units in self.env.execute_query(SQL(
                """SELECT line.placement_id, line.booked_on, line.received_on,
                          SUM(ROUND(line.cash / currency.rounding))::bigint
                     FROM credit_statement_line line
                     JOIN credit_statement statement ON statement.id = line.statement_id
                     JOIN res_company company ON company.id = statement.company_id
                     JOIN res_currency currency ON currency.id = company.currency_id
                    WHERE statement.mandate_id = %s AND statement.state IN %s
                      AND statement.until_on < %s AND line.kind IN %s
                    GROUP BY line.placement_id, line.booked_on, line.received_on
                    ORDER BY line.booked_on, line.placement_id, line.received_on""",
                self.mandate_id.id, BEFORE, self.from_on, RECEIPTS,
            ))
        ]

    def _measure_targets(self):
        """``{target: Result}`` of the cases whose time was over by the last day and that no
        statement before has judged: few ones wait until they are enough."""
        mandate = self.mandate_id.sudo()
        settled = defaultdict(lambda: mandate.start_on)
        known = self.env["credit.statement.line"].sudo().search([
            ("statement_id.mandate_id", "=", mandate.id), ("statement_id.state", "in", BEFORE),
            ("statement_id.until_on", "<", self.from_on), ("target_id", "!=", False),
        ])
        for line in known.filtered(lambda one: one.cases >= one.target_id.min_cases):
            after = line.statement_id.until_on + DAY
            settled[line.target_id] = max(settled[line.target_id], after)
        return {
            target: mandate._measure(target.measure, settled[target], self.until_on)
            for target in mandate.target_ids
        }

    # ------------------------------------------------------------------ lines

    def _to_line(self, line):
        rounding = self.currency_id.rounding
        values = {
            "kind": line.why, "booked_on": line.on, "cash": 0.0,
            "fee": from_units(line.fee, rounding),
        }
        if line.detail:
            receipt = line.detail.receipt
            return values | {
                "kind": line.detail.why, "placement_id": receipt.placement,
                "received_on": receipt.received_on, "rate": float(line.detail.rate * 100),
                "cash": from_units(line.detail.amount, rounding),
            }
        if line.why == fee_statement.PLACEMENT:
            return values | {"placement_id": line.key}
        if line.why == fee_statement.BONUS:
            targets = self.mandate_id.target_ids
            return values | {
                "target_id": targets.filtered(lambda one: one.measure == line.key).id,
            }
        if line.why in (fee_statement.MINIMUM, fee_statement.CAP):
            return values | {"received_on": line.key}
        return values

    def _to_measured(self, results, lines):
        """What was measured goes to the line of its bonus; a target that brought none is told,
        too."""
        bonus = {line["target_id"]: line for line in lines if "target_id" in line}
        missed = {
            target.id: {
                "kind": TARGET, "booked_on": self.until_on, "target_id": target.id,
                "fee": 0.0, "cash": 0.0,
            }
            for target in results if target.id not in bonus
        }
        for target, result in results.items():
            line = bonus.get(target.id) or missed[target.id]
            line["measured"] = float(Fraction(result.value or 0) * 100)
            line["cases"] = result.cases
        return list(missed.values())
