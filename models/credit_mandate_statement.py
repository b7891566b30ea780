from fractions import Fraction

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..domain import cohorts, fee_memory, fee_statement
from ..domain.fee_statement import Result
from ..domain.money import to_units
from ..domain.rules import DAY
from .credit_statement import STATED

MEASURED_DAYS = 90
AFTERMATH_YEARS = 1  # in which the night still looks for payments taken back after the end
NOTHING = Result(None, 0)


class CreditMandate(models.Model):
    """The periods of a mandate's statements, and what its targets are measured by."""

    _inherit = "credit.mandate"

    def action_open_statements(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_statement_action"
        )
        return action | {"domain": [("mandate_id", "in", self.ids)], "context": {}}

    def action_make_statement(self):
        """The first period that is in no statement, up to the end of its span or yesterday."""
        self.ensure_one()
        mandate = self._checked()
        if mandate.state == "draft":
            raise UserError(self.env._(
                "Nothing is owed before the mandate is active. Activate it first."
            ))
        yesterday = mandate.company_id._credit_today() - DAY
        first, gap_end = mandate._get_first_unstated()
        last = fee_statement.span_end(first, int(mandate.limit_months))
        last = min(filter(None, (last, gap_end, max(yesterday, first))))
        return mandate._draft_statement(first, last)._open()

    def _get_first_unstated(self, states=("draft", "confirmed", "billed")):
        """``(day, last day before the next statement)``, by statements in these states."""
        self.env.flush_all()
        return fee_memory.first_unstated(self.start_on, self.env.execute_query(SQL(
            """SELECT from_on, until_on FROM credit_statement
                WHERE mandate_id = %s AND state IN %s""", self.id, tuple(states),
        )))

    def _draft_statement(self, first, last):
        statement = self.env["credit.statement"].sudo().create({
            "mandate_id": self.id, "from_on": first, "until_on": last,
        })
        statement._state_again()
        return statement.with_env(self.env)

    def _check_last_day(self, until):
        """Months, and the minimum of a span that ended with the mandate, were stated by its last
        day: another one would state them twice, or not at all."""
        for mandate in self.sudo().filtered(lambda one: one.until_on != until):
            stated = max(mandate.statement_ids.filtered(
                lambda one: one.state in STATED).mapped("until_on"), default=None)
            last_days = [day for day in (mandate.until_on, until) if day]
            if stated and last_days and (
                min(last_days) < stated or mandate.until_on == stated
            ):
                raise UserError(self.env._(
                    "Its fees are stated up to %(day)s. Make a new mandate, or cancel the statement"
                    " first.", day=format_date(self.env, stated),
                ))

    # ------------------------------------------------------------------ the night

    def _state_due(self, company, today):
        """A draft of each span that is over, for whoever is responsible to look at."""
        due = self.sudo().search([
            ("company_id", "=", company.id), "|", ("state", "=", "active"),
            "&", ("state", "=", "ended"),
            ("ended_on", ">", fields.Date.subtract(today, years=AFTERMATH_YEARS)),
        ])
        self.env["credit.run"]._isolated(due, lambda mandates: mandates._draft_due(today))

    def _draft_due(self, today):
        """Spans in which nothing happened are left to the statement of the next one."""
        for mandate in self.filtered("start_on"):
            months = int(mandate.limit_months)
            first = max(
                (one.until_on + DAY for one in mandate.statement_ids if one.state != "cancelled"),
                default=mandate.start_on,
            )
            last = fee_statement.span_end(first, months)
            while last < today:
                statement = self.env["credit.statement"].sudo().new({
                    "mandate_id": mandate.id, "from_on": first, "until_on": last,
                })
                if statement._compute_statement({}).lines:
                    mandate._draft_statement(first, last)._ask_to_confirm()
                    first = last + DAY
                last = fee_statement.span_end(last + DAY, months)

    # ------------------------------------------------------------------ targets

    def _measure(self, measure, first, last):
        """What was measured of a target from ``first`` to ``last``, each day included: of the
        cases whose 90 days were over, of the answers given."""
        return getattr(self, f"_measure_{measure}")(first, last)

    def _measure_recovered(self, first, last):
        """The share of the amounts placed that came within 90 days, by the ledger. What the house
        has taken back before they were over is nobody's failure, and left out; what the agency
        returned counts."""
        placements = self._search_measured("sent_on", first, last).filtered(
            lambda one: one.state != "recalled" or one.ended_on >= one.sent_on + MEASURED_DAYS * DAY
        )
        cash, rounding = placements._read_cash_since(), self.currency_id.rounding
        [cohort] = cohorts.recovery([
            cohorts.Recovery(
                one.sent_on, to_units(one.amount, rounding), tuple(cash[one.id]), one.age
            )
            for one in placements
        ], last, (MEASURED_DAYS,))
        return Result(cohort.share, cohort.cases)

    def _measure_kept(self, first, last):
        """Of the customers whose placement was closed with money, those who ordered again within
        90 days: a new order, or an invoice without one."""
        placements = self._search_measured("ended_on", first, last).filtered(
            lambda one: one.state == "closed" and one.amount_received > 0
        )
        orders = self._read_orders(placements, last)
        found = cohorts.relations([
            cohorts.Ordered(one.ended_on, tuple(orders.get(one.partner_id.id, ())))
            for one in placements
        ], last, MEASURED_DAYS)
        if not found.customers:
            return NOTHING
        return Result(Fraction(found.kept, found.customers), found.customers)

    def _measure_satisfied(self, first, last):
        """The share of good answers (CSAT) of those days about its placements. Several items of
        one customer are one answer."""
        answers = self.env["credit.feedback.report"].sudo()._read_group([
            ("mandate_id", "=", self.id), ("metric", "=", "csat"),
            ("answered_on", ">=", first), ("answered_on", "<=", last),
        ], ["answer_id"], ["points:avg"])
        if not answers:
            return NOTHING
        good = sum(Fraction(str(points)) for _answer, points in answers)
        return Result(good / 100 / len(answers), len(answers))

    def _search_measured(self, field, first, last):
        span = MEASURED_DAYS * DAY
        return self.env["credit.placement"].sudo().search([
            ("mandate_id", "=", self.id), ("sent_on", "!=", False),
            (field, ">=", first - span), (field, "<=", last - span),
        ])

    def _read_orders(self, placements, until):
        """``{debtor id: [day, …]}`` of new orders, as the figures of customers kept read them."""
        self.env.flush_all()
        return dict(self.env.execute_query(SQL(
            """SELECT partner_id, ARRAY_AGG(day ORDER BY day) FROM (%s) AS ordered
                WHERE partner_id IN %s GROUP BY partner_id""",
            self.env["credit.positions"]._orders(self.company_id, until),
            tuple(placements.partner_id.ids) or (0,),
        )))
