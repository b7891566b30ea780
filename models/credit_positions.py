from odoo import models
from odoo.tools import SQL

KEPT_DAYS = 90  # within which a customer who came out of default orders again
DEFAULT_DAYS = 30  # so many days late and more: the debtor is in default, not only late


class CreditPositions(models.AbstractModel):
    """The rows that figures of customers and hands are made of, as SQL. Everything is dated by the
    ledger, so that a past day gives what was known on it.

    A **position** is what one case let become overdue on one day. A case may live for years, as
    long as something of its debtor is open: figures of cases by their first default alone would
    leave out all the later ones, and most of all those of the customers who stayed.
    """

    _name = "credit.positions"
    _description = "Credit care: what became overdue and what came of it"

    def _ctes(self, company, until, since=None, cases=None, paid_since=None):
        """``care``: items overdue by ``until``, from the day they were (or came under care); those
        of ``since`` and later; ``part``: what settled them by then (of ``paid_since`` and later),
        in units of the company's currency, split into cash, credit notes (with what the rate of
        exchange took) and the rest. Conditions are on plain columns: of an expression PostgreSQL
        knows no statistics, expects a handful of rows, and loops."""
        self.env["credit.figures"]._prepare()
        return SQL(
            """care AS MATERIALIZED (
                   SELECT item.id, item.case_id, item.company_id, item.due_on, line.id AS line_id,
                          GREATEST(item.due_on + 1, item.opened_on) AS began_on,
                          ROUND(line.balance / currency.rounding)::bigint AS amount,
                          currency.rounding
                     FROM credit_item item
                     JOIN account_move_line line ON line.id = item.move_line_id
                     JOIN res_company company ON company.id = item.company_id
                     JOIN res_currency currency ON currency.id = company.currency_id
                    WHERE item.company_id = %(company)s AND line.parent_state = 'posted'
                      AND line.no_followup IS NOT TRUE AND line.balance > 0
                      AND item.due_on < %(until)s
                      AND (item.opened_on <= %(until)s OR item.opened_on IS NULL)
                      AND %(recent)s AND %(chosen)s
               ), matched AS MATERIALIZED (
                   SELECT care.id, partial.id AS partial_id, partial.max_date AS day,
                          partial.amount / care.rounding AS units, other.move_id,
                          other.payment_id,
                          other.payment_id IS NOT NULL
                              OR other.statement_line_id IS NOT NULL AS is_money
                     FROM care
                     JOIN account_partial_reconcile partial ON partial.debit_move_id = care.line_id
                     JOIN account_move_line other ON other.id = partial.credit_move_id
                    WHERE partial.max_date BETWEEN %(paid_since)s AND %(until)s
               ), money AS (%(money)s),
               part AS MATERIALIZED (
                   SELECT matched.id, matched.partial_id, matched.day,
                          ROUND(matched.units)::bigint AS units,
                          ROUND(matched.units * COALESCE(money.share, 0))::bigint AS cash,
                          CASE WHEN move.move_type = 'out_refund' OR move.journal_id = %(exchange)s
                               THEN ROUND(matched.units)::bigint ELSE 0 END AS credit
                     FROM matched
                     JOIN account_move move ON move.id = matched.move_id
                     LEFT JOIN money ON money.move_id = matched.move_id AND matched.is_money
               )""",
            company=company.id, until=until, paid_since=paid_since or "0001-01-01",
            money=self._money(), chosen=self._chosen("item", cases),
            exchange=company.currency_exchange_journal_id.id or 0,
            recent=SQL("(item.due_on + 1 >= %(since)s OR item.opened_on >= %(since)s)", since=since)
            if since else SQL("TRUE"),
        )

    def _chosen(self, alias, cases):
        """SQL: that a row of ``alias`` belongs to ``cases`` (a query of ids; None: to any)."""
        if cases is None:
            return SQL("TRUE")
        return SQL("%s.case_id IN %s", SQL.identifier(alias), cases.subselect())

    def _money(self):
        """SQL: which part of the entries in ``matched`` is money."""
        return self.env["credit.ledger"]._paid_shares(
            SQL("SELECT DISTINCT move_id FROM matched WHERE is_money")
        )

    def _positions(self, company, until, since=None, cases=None):
        """SQL: a row a position that began from ``since`` to ``until``: ``amount`` open on the day
        it began, less what credit notes took of it since; cash within 30, 60, 90 and 100 days and
        in all, each between nothing and the amount; ``settled_on`` when nothing is open."""
        return SQL(
            """WITH %(ctes)s, sums AS (
                   SELECT care.id, COALESCE(SUM(part.units), 0) AS units, MAX(part.day) AS last_on,
                          COALESCE(SUM(CASE WHEN part.day < care.began_on THEN part.units
                                            ELSE part.credit END), 0) AS gone,
                          %(cash)s
                     FROM care LEFT JOIN part ON part.id = care.id
                    GROUP BY care.id
               ), position AS (
                   SELECT MIN(care.id) AS id, care.case_id, care.company_id, care.began_on,
                          COUNT(*) AS items, MAX(care.began_on - care.due_on) AS age,
                          MIN(care.due_on) AS due_on, MIN(care.rounding) AS rounding,
                          CASE WHEN BOOL_AND(sums.units >= care.amount) THEN MAX(sums.last_on)
                               END AS settled_on,
                          GREATEST(SUM(GREATEST(care.amount - sums.gone, 0)), 0)::bigint AS amount,
                          SUM(GREATEST(care.amount - sums.units, 0))::bigint AS open,
                          SUM(cash_30)::bigint AS cash_30, SUM(cash_60)::bigint AS cash_60,
                          SUM(cash_90)::bigint AS cash_90, SUM(cash_100)::bigint AS cash_100,
                          SUM(cash_all)::bigint AS cash_all
                     FROM care JOIN sums ON sums.id = care.id
                    GROUP BY care.case_id, care.company_id, care.began_on
               )
               SELECT id, case_id, company_id, began_on, due_on, age, items, rounding, settled_on,
                      amount, open, %(clipped)s
                 FROM position WHERE amount > 0""",
            ctes=self._ctes(company, until, since, cases),
            cash=SQL(", ").join([*(
                SQL(
                    "COALESCE(SUM(part.cash) FILTER (WHERE part.day >= care.began_on"
                    " AND part.day <= care.began_on + %s), 0) AS %s",
                    days, SQL.identifier(f"cash_{days}"),
                ) for days in (30, 60, 90, 100)
            ), SQL(
                "COALESCE(SUM(part.cash) FILTER (WHERE part.day >= care.began_on), 0) AS cash_all"
            )]),
            clipped=SQL(", ").join(
                SQL("LEAST(GREATEST(%s, 0), amount) AS %s", name, name)
                for name in (
                    SQL.identifier(f"cash_{span}") for span in (30, 60, 90, 100, "all")
                )
            ),
        )

    def _went_to_a_lawyer(self, alias, until):
        """SQL: that the case of the position ``alias`` was placed with a lawyer while it was open,
        up to ``until``."""
        return SQL(
            """EXISTS (SELECT FROM credit_placement placement
                        WHERE placement.case_id = %(row)s.case_id AND placement.kind = 'legal'
                          AND placement.sent_on BETWEEN %(row)s.began_on AND %(until)s
                          AND (%(row)s.settled_on IS NULL
                               OR placement.sent_on <= %(row)s.settled_on))""",
            row=SQL.identifier(alias), until=until,
        )

    def _recoveries(self, company, until):
        """SQL: a row for each time that a debtor was in default (something more than 30 days late)
        and then was not any more, mostly by cash: ``began_on``, ``recovered_on``, and the day of
        the next default, if any."""
        return SQL(
            """WITH %(ctes)s, span AS (
                   SELECT care.company_id, one.partner_id, care.id, care.case_id,
                          care.due_on + %(late)s AS began_on, COALESCE(sums.cash, 0) AS cash,
                          COALESCE(sums.units - sums.cash - sums.credit, 0) AS loss,
                          CASE WHEN sums.units >= care.amount THEN sums.last_on END AS ended_on
                     FROM care
                     JOIN credit_case one ON one.id = care.case_id
                     LEFT JOIN (
                          SELECT id, SUM(units) AS units, SUM(cash) AS cash, SUM(credit) AS credit,
                                 MAX(day) AS last_on
                            FROM part GROUP BY id) sums ON sums.id = care.id
                    WHERE care.due_on + %(late)s <= %(until)s
               ), marked AS (
                   SELECT span.*, COALESCE(ended_on, 'infinity'::date) AS over_on,
                          MAX(COALESCE(ended_on, 'infinity'::date)) OVER (
                              PARTITION BY company_id, partner_id ORDER BY began_on, id
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                     FROM span WHERE ended_on IS NULL OR ended_on >= began_on
               ), numbered AS (
                   SELECT marked.*, COUNT(*) FILTER (WHERE before IS NULL OR before < began_on)
                          OVER (PARTITION BY company_id, partner_id ORDER BY began_on, id) AS turn
                     FROM marked
               ), spell AS (
                   SELECT company_id, partner_id, turn, MIN(began_on) AS began_on,
                          MAX(over_on) AS over_on, SUM(cash) AS cash, SUM(loss) AS loss,
                          MAX(case_id) AS case_id, MIN(id) AS id
                     FROM numbered GROUP BY company_id, partner_id, turn
               ), followed AS (
                   SELECT spell.*, over_on < 'infinity' AND cash > 0 AND cash >= loss AS is_over,
                          LEAD(began_on) OVER (
                              PARTITION BY company_id, partner_id ORDER BY turn) AS again_on
                     FROM spell
               )
               SELECT id, company_id, partner_id, case_id, began_on, over_on AS recovered_on,
                      again_on
                 FROM followed WHERE is_over""",
            ctes=self._ctes(company, until), until=until, late=DEFAULT_DAYS + 1,
        )

    def _orders(self, company, until):
        """SQL: days on which debtors ordered: sales confirmed, and invoices that come of no sale
        (nor of our own interest)."""
        return SQL(
            """SELECT sale.company_id, debtor.commercial_partner_id AS partner_id,
                      sale.date_order::date AS day
                 FROM sale_order sale JOIN res_partner debtor ON debtor.id = sale.partner_id
                WHERE sale.company_id = %(company)s AND sale.state = 'sale'
                  AND sale.date_order::date <= %(until)s
            UNION ALL
               SELECT move.company_id, debtor.commercial_partner_id, move.invoice_date
                 FROM account_move move JOIN res_partner debtor ON debtor.id = move.partner_id
                WHERE move.company_id = %(company)s AND move.move_type = 'out_invoice'
                  AND move.state = 'posted' AND move.invoice_date <= %(until)s
                  AND NOT EXISTS (
                      SELECT FROM account_move_line line
                        JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
                       WHERE line.move_id = move.id)
                  AND NOT EXISTS (
                      SELECT FROM credit_agreement agreement
                       WHERE agreement.interest_move_id = move.id)""",
            company=company.id, until=until,
        )
