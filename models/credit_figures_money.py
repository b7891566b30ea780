from fractions import Fraction
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL, format_date

from ..domain import figures

WITHOUT_SALES = {"agency_id", "reason_id"}  # an invoice is not issued under a reason


class Bucket(NamedTuple):
    """Units open, of which credits, in so many lines; and of them what was overdue. The first
    bucket may begin later than the due date, so that it holds both."""

    open: int = 0
    credits: int = 0
    lines: int = 0
    overdue: int = 0
    overdue_lines: int = 0


class CreditFigures(models.AbstractModel):
    """The money: what is open and how old, how long it takes to come, when it may come."""

    _inherit = "credit.figures"

    def _get_money(self, company, first, last, filters=None):
        """``{code: figure}`` of the period from ``first`` to ``last``: what was open at its end,
        what was sold and what came in it, and what may come in the weeks from today. A constant
        number of queries."""
        return self._get_past_money(company, first, last, filters) | {
            "forecast": self._get_forecast(company, filters)
        }

    def _get_past_money(self, company, first, last, filters=None):
        """All but the forecast: what the ledger says of any day alike."""
        filters = self._check_filters(filters)
        buckets = self._read_buckets(company, last, filters)
        found = self._get_ageing(company, last, filters, buckets)
        found |= self._get_speed(company, first, last, filters, buckets)
        return found

    # ------------------------------------------------------------------ what is open

    def _read_buckets(self, company, day, filters=None):
        """``[Bucket]`` of what was open at the end of ``day``."""
        limits = self._get_limits(company)
        rows = self.env.execute_query(SQL(
            """SELECT width_bucket(%(day)s - claim.due_on, %(ends)s),
                      ROUND(SUM(claim.open) / %(rounding)s)::bigint,
                      ROUND(COALESCE(SUM(claim.open) FILTER (WHERE claim.open < 0), 0)
                            / %(rounding)s)::bigint,
                      COUNT(*),
                      ROUND(COALESCE(SUM(claim.open) FILTER (WHERE claim.due_on < %(day)s), 0)
                            / %(rounding)s)::bigint,
                      COUNT(*) FILTER (WHERE claim.due_on < %(day)s)
                 FROM (%(claims)s) AS claim GROUP BY 1""",
            day=day, ends=self._to_ends(limits), rounding=company.currency_id.rounding,
            claims=self._get_claims(company, day, filters),
        ))
        found = {bucket: Bucket(*row) for bucket, *row in rows}
        return [found.get(number, Bucket()) for number in range(len(limits) + 1)]

    def _read_sales(self, company, first, last, filters=None, start=None):
        """``(units of the period, {first day of a month: units})`` of what was invoiced on credit,
        less credit notes, taxes included as in what is open; months from ``start`` on."""
        filters = self._check_filters(filters)
        start = min(start or first, first)
        rows = self.env.execute_query(SQL(
            """SELECT date_trunc('month', claim.issued_on)::date,
                      ROUND(SUM(claim.amount) / %(rounding)s)::bigint,
                      ROUND(COALESCE(SUM(claim.amount) FILTER (
                          WHERE claim.issued_on >= %(first)s), 0) / %(rounding)s)::bigint
                 FROM (SELECT line.id AS line_id, line.move_id, line.partner_id AS contact_id,
                              line.date AS issued_on, line.balance AS amount
                         FROM account_move_line line JOIN account_move move
                           ON move.id = line.move_id
                        WHERE %(receivable)s AND line.date BETWEEN %(start)s AND %(last)s
                          AND move.move_type IN ('out_invoice', 'out_refund')) AS claim %(joins)s
                WHERE %(wanted)s GROUP BY 1""",
            receivable=self._is_receivable(company), first=first, last=last, start=start,
            rounding=company.currency_id.rounding, wanted=self._where(filters),
            joins=self._join_dimensions(company, self._placed_on(company, last))
            if filters else SQL(),
        ))
        return sum(row[2] for row in rows), {month: units for month, units, _period in rows}

    def _get_ageing(self, company, day, filters, buckets):
        """The ageing, and the allowance that its table of rates makes of it."""
        limits = self._get_limits(company)
        Rate = self.env["credit.allowance.rate"]
        names = Rate._name_buckets(limits)
        provisions = figures.allowance([each.open for each in buckets], Rate._get_rates(company))
        lines = sum(bucket.lines for bucket in buckets)
        rows = self._rows_of_claims(day, filters)
        ageing = self._to_figure(
            self._to_amount(company, sum(bucket.open for bucket in buckets)), "money", lines,
            self.env._(
                "Receivables open at the end of %(day)s by days overdue; open credits lessen their"
                " bucket.", day=format_date(self.env, day),
            ),
            rows, buckets=self._to_buckets(company, day, filters, names, buckets),
            overdue=self._to_amount(company, sum(bucket.overdue for bucket in buckets)),
            overdue_n=sum(bucket.overdue_lines for bucket in buckets),
        )
        allowance = self._to_figure(
            self._to_amount(company, sum(each.allowance for each in provisions)), "money", lines,
            self.env._("Each bucket of the ageing times its rate in the settings."), rows,
            buckets=[
                {
                    "name": name, "amount": self._to_amount(company, each.amount),
                    "rate": float(each.rate),
                    "allowance": self._to_amount(company, each.allowance),
                }
                for name, each in zip(names, provisions, strict=True)
            ],
        )
        return {"ageing": ageing, "allowance": allowance}

    def _to_buckets(self, company, day, filters, names, buckets):
        return [
            {
                "name": name, "amount": self._to_amount(company, bucket.open),
                "credits": self._to_amount(company, bucket.credits), "n": bucket.lines,
                "rows": self._rows_of_claims(day, filters, number),
            }
            for number, (name, bucket) in enumerate(zip(names, buckets, strict=True))
        ]

    def _rows_of_claims(self, day, filters, bucket=None):
        """The lines of the ageing on ``day``; of one ``bucket``."""
        domain = [
            (name, "in", [one or False for one in ids]) for name, ids in filters.items()
        ]
        if bucket is not None:
            domain.append(("bucket", "=", bucket))
        return self._to_rows("credit.ageing.report", domain, credit_day=str(day))

    # ------------------------------------------------------------------ how fast it comes

    def _get_speed(self, company, first, last, filters, buckets):
        """DSO and its relatives, effectiveness, days late, and what a change of DSO is worth."""
        days = (last - first).days + 1
        at_end = sum(bucket.open for bucket in buckets)
        lines = sum(bucket.lines for bucket in buckets)
        rows = self._rows_of_claims(last, filters)
        blind = bool(WITHOUT_SALES & filters.keys())
        sales, months = (
            (0, []) if blind else self._read_months(company, first, last, filters)
        )
        current = at_end - sum(bucket.overdue for bucket in buckets)
        dso = figures.dso(at_end, sales, days)
        best = figures.dso(current, sales, days)
        back = None if blind else figures.dso_count_back(at_end, months)
        cei = None if blind else self._read_effectiveness(
            company, first, last, filters, (sales, at_end, current)
        )
        no_sales, no_words = self._say_sales(filters, sales), self._say_sales(filters, 1)
        texts = self._explain_speed(days)
        return {
            "dso": self._to_figure(dso, "days", lines, no_sales or texts["dso"], rows),
            "dso_best": self._to_figure(best, "days", lines, no_sales or texts["best"], rows),
            "dso_count_back": self._to_figure(
                back and back.days, "days", lines, no_words or self._say_count_back(back), rows,
                complete=bool(back and back.complete),
            ),
            "cei": self._to_figure(cei, "share", lines, no_words or texts["cei"], rows),
            "nwc": self._to_worth(company, (first, last), lines, sales, (dso, best), filters),
            "average_days_late": self._get_days_late(company, first, last, filters),
        }

    def _read_effectiveness(self, company, first, last, filters, known):
        """Of the last month of the period: over a year, what is open now beside what was open
        then tells how sales have grown rather than what was collected."""
        sales, at_end, current = known
        start, last = self._get_period(last, 1)
        if start > first:
            first, (sales, _months) = start, self._read_sales(company, start, last, filters)
        before = self._read_buckets(company, self._day_before(first), filters)
        return figures.effectiveness(
            sum(bucket.open for bucket in before), sales, at_end, current
        )

    def _read_months(self, company, first, last, filters):
        """Sales of the period, and of the months up to ``last``, as ``dso_count_back`` takes
        them."""
        months = self._get_months(last)
        sales, by_month = self._read_sales(company, first, last, filters, months[-1][0])
        return sales, [
            (by_month.get(start, 0), (end - start).days + 1) for start, end in months
        ]

    def _to_worth(self, company, period, lines, sales, speed, filters):
        """What is bound because invoices are paid late; and by one day of DSO."""
        (first, last), (dso, best) = period, speed
        days = (last - first).days + 1
        rows = self._rows_of_claims(last, filters)
        if dso is None:
            return self._to_figure(None, "money", 0, self._say_sales(filters, sales), rows)
        worth = figures.working_capital(sales, days, dso, best)
        a_day = figures.working_capital(sales, days, Fraction(1), Fraction(0))
        return self._to_figure(
            self._to_amount(company, worth), "money", lines,
            self.env._(
                "Sales a day times the days by which DSO is above the best possible: the money that"
                " would come in once if everybody paid in time."
            ), rows, per_day=self._to_amount(company, a_day),
        )

    def _get_days_late(self, company, first, last, filters):
        weight, units, parts = self._read_days_late(company, first, last, filters)
        domain = [
            ("paid_on", ">=", str(first)), ("paid_on", "<=", str(last)),
            *((name, "in", [one or False for one in ids]) for name, ids in filters.items()),
        ]
        return self._to_figure(
            Fraction(weight, units) if units > 0 else None, "days", parts,
            self.env._(
                "Of the cash of the period, by amount: the day it came less the due date. Early"
                " money counts below 0; what never comes is not in it."
            ),
            self._to_rows("credit.receipt.report", domain),
        )

    # ------------------------------------------------------------------ in words

    def _say_sales(self, filters, sales):
        """Why nothing can be divided by sales, or ""."""
        if WITHOUT_SALES & filters.keys():
            return self.env._("Sales are not told apart by agency or reason.")
        return "" if sales > 0 else self.env._("Nothing was sold on credit in the period.")

    def _explain_speed(self, days):
        return {
            "dso": self.env._(
                "What was open at the end, divided by the credit sales of the period (both with"
                " taxes), times its %(days)s days.", days=days,
            ),
            "best": self.env._("The same with what is not due yet: if everybody paid in time."),
            "cei": self.env._(
                "Of what was to be collected in the last month of the period (open before, plus"
                " new sales, less what is not due yet), the part that was."
            ),
        }

    def _say_count_back(self, back):
        if back.complete:
            return self.env._("The days of the latest sales that add up to what is open.")
        return self.env._(
            "At least: the sales of 24 months do not add up to what is open."
        )
