from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

DIMENSIONS = {
    "policy_id": "COALESCE(care.policy_id, chosen.id)",
    "salesperson_id": "COALESCE(care.salesperson_id, debtor.user_id, move.invoice_user_id)",
    "segment_id": "debtor.industry_id",
    "agency_id": "placed.agency_id",
    "reason_id": "care.reason_id",
}


class CreditFigures(models.AbstractModel):
    """Figures of one company, read from the ledger set-based: what was open at the end of any day,
    by whom it can be told apart, and the words and clicks that go with each figure.

    A figure is a dict: ``value`` (None: cannot be told), ``unit`` ("money", "days", "share",
    "count"), ``n`` (how many records it comes from), ``basis`` (a sentence: what was divided by
    what), ``rows`` (where its records are: ``model``, ``domain``, ``context``), and what a figure
    needs beside.
    """

    _name = "credit.figures"
    _description = "Credit care: figures"

    def _get_half(self, half, company, first, last, filters=None):
        """A part of the page of figures: "money", "customers" or "hands"."""
        return getattr(self, f"_get_{half}")(company, first, last, filters)

    # ------------------------------------------------------------------ what was open

    def _get_claims(self, company, day, filters=None, dimensions=False):
        """SQL, one statement's worth: the receivable lines of ``company`` that were open at the end
        of ``day``, as ``line_id, move_id, partner_id`` (the commercial one, NULL without),
        ``issued_on, due_on, amount`` (as booked) and ``open`` (what was left), in the company's
        currency; with ``dimensions`` those of ``DIMENSIONS``, ``case_id`` and ``item_id``, too.
        Open credits are below 0, so that the sum is the balance of the receivable accounts.

        What is open now and what was matched since give what was open then: no need to go over all
        that was ever matched."""
        self._prepare()
        claims = SQL(
            """SELECT line.id AS line_id, line.move_id, line.partner_id AS contact_id,
                      line.date AS issued_on, COALESCE(line.date_maturity, line.date) AS due_on,
                      line.balance AS amount,
                      line.amount_residual + COALESCE(later.amount, 0) AS open
                 FROM account_move_line line LEFT JOIN (%(later)s) AS later
                   ON later.line_id = line.id
                WHERE %(receivable)s AND line.date <= %(day)s AND line.reconciled IS NOT TRUE
            UNION ALL
               SELECT line.id, line.move_id, line.partner_id,
                      line.date, COALESCE(line.date_maturity, line.date),
                      line.balance, line.amount_residual + later.amount
                 FROM account_move_line line JOIN (%(later)s) AS later ON later.line_id = line.id
                WHERE %(receivable)s AND line.date <= %(day)s AND line.reconciled""",
            later=self._matched_after(day), receivable=self._is_receivable(company), day=day,
        )
        wanted = self._check_filters(filters)
        if not wanted and not dimensions:
            return SQL(
                """SELECT claim.line_id, claim.move_id, debtor.commercial_partner_id AS partner_id,
                          claim.issued_on, claim.due_on, claim.amount, claim.open
                     FROM (%s) AS claim LEFT JOIN res_partner debtor ON debtor.id = claim.contact_id
                    WHERE claim.open != 0""",
                claims,
            )
        return SQL(
            """SELECT claim.line_id, claim.move_id, debtor.id AS partner_id, claim.issued_on,
                      claim.due_on, claim.amount, claim.open, %(dimensions)s
                 FROM (%(claims)s) AS claim %(joins)s
                WHERE claim.open != 0 AND %(wanted)s""",
            claims=claims, dimensions=self._select_dimensions(), wanted=self._where(wanted),
            joins=self._join_dimensions(company, self._placed_on(company, day)),
        )

    def _prepare(self):
        """All is read by SQL; compiling such a statement takes longer than it does."""
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL jit = off")

    def _matched_after(self, day):
        """SQL: by line, what was matched after ``day``, to be added to its residual of now."""
        return SQL(
            """SELECT side.line_id, SUM(side.amount) AS amount
                 FROM account_partial_reconcile partial
                CROSS JOIN LATERAL (VALUES (partial.debit_move_id, partial.amount),
                                           (partial.credit_move_id, -partial.amount)
                                   ) AS side (line_id, amount)
                WHERE partial.max_date > %s
                GROUP BY side.line_id""",
            day,
        )

    def _is_receivable(self, company):
        """SQL on ``line``: posted, on a trade receivable account of ``company``."""
        return SQL(
            """line.company_id = %s AND line.parent_state = 'posted' AND line.account_id IN %s""",
            company.id, self.env["credit.ledger"]._account_ids(company),
        )

    # ------------------------------------------------------------------ by whom

    def _check_filters(self, filters):
        """The filters that say something: ``{dimension: ids, 0 for none}``. ``ValueError`` for one
        that is not in ``DIMENSIONS``: names become SQL."""
        wanted = {}
        for name, value in (filters or {}).items():
            if name not in DIMENSIONS:
                raise ValueError(name)
            if value is None or value == []:
                continue
            values = value if isinstance(value, Iterable) else [value]
            wanted[name] = tuple(int(one or 0) for one in values)
        return wanted

    def _where(self, wanted):
        return SQL(" AND ").join([SQL("TRUE"), *(
            SQL("COALESCE(%s, 0) IN %s", SQL(DIMENSIONS[name]), ids)
            for name, ids in wanted.items()
        )])

    def _select_dimensions(self):
        return SQL(", ").join([
            SQL("care.id AS case_id, item.id AS item_id"),
            *(SQL("%s AS %s", SQL(sql), SQL.identifier(name)) for name, sql in DIMENSIONS.items()),
        ])

    def _join_dimensions(self, company, placed):
        """SQL after ``claim``: its debtor, its case (that of its item, else the live one), the
        agency it was with (``placed``, which knows ``item``: see ``_placed_on``). Policy (of a
        debtor without a case: that he would have), salesperson and reason are those of today:
        nobody keeps their past."""
        return SQL(
            """JOIN account_move move ON move.id = claim.move_id
               LEFT JOIN res_partner contact ON contact.id = claim.contact_id
               LEFT JOIN res_partner debtor ON debtor.id = contact.commercial_partner_id
               LEFT JOIN credit_item item ON item.move_line_id = claim.line_id
               LEFT JOIN credit_case live ON live.partner_id = debtor.id
                     AND live.company_id = %(company)s AND live.state != 'closed'
               LEFT JOIN credit_case care ON care.id = COALESCE(item.case_id, live.id)
               LEFT JOIN LATERAL (SELECT %(policy)s::int AS id) AS chosen
                 ON care.policy_id IS NULL AND debtor.id IS NOT NULL
               %(placed)s""",
            company=company.id, placed=placed,
            policy=self.env["credit.ledger"].sudo()._policy_of_partner(company),
        )

    def _placed_on(self, company, day):
        """SQL: the agency that had ``item`` at the end of ``day``."""
        return SQL(
            """LEFT JOIN (
                    SELECT line.item_id, MAX(placement.agency_id) AS agency_id
                      FROM credit_placement_line line
                      JOIN credit_placement placement ON placement.id = line.placement_id
                     WHERE placement.company_id = %(company)s AND placement.sent_on <= %(day)s
                       AND (placement.ended_on IS NULL OR placement.ended_on > %(day)s)
                     GROUP BY line.item_id) AS placed ON placed.item_id = item.id""",
            company=company.id, day=day,
        )

    # ------------------------------------------------------------------ periods and units

    def _get_limits(self, company):
        """Days overdue over which the buckets of ``company`` begin."""
        return self.env["credit.allowance.rate"]._get_limits(company)

    def _get_period(self, last, months=3):
        """``(first, last)`` of so many months that end on ``last``."""
        return last + timedelta(days=1) - relativedelta(months=months), last

    def _day_before(self, day):
        return day - timedelta(days=1)

    def _get_months(self, last, count=24):
        """``[(first, last)]`` of the calendar months up to ``last``, the latest first; the latest
        ends on ``last``."""
        months = []
        first = last.replace(day=1)
        for _number in range(count):
            months.append((first, last))
            last = first - timedelta(days=1)
            first = last.replace(day=1)
        return months

    def _to_amount(self, company, units):
        """``units`` (a ``Fraction`` too) in the company's currency, rounded to it."""
        rounding = Decimal(str(company.currency_id.rounding))
        return company.currency_id.round(float(Fraction(units) * Fraction(rounding)))

    def _to_figure(self, value, unit, n, basis, rows=None, **more):
        if isinstance(value, Fraction):
            value = float(value)
        return {"value": value, "unit": unit, "n": n, "basis": basis, "rows": rows, **more}

    def _to_rows(self, model, domain, **context):
        return {"model": model, "domain": domain, "context": context}
