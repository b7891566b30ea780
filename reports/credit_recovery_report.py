from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..models.credit_positions import KEPT_DAYS

OUTCOMES = [
    ("kept", "Ordered again"),
    ("later", "Ordered later"),
    ("lost", "Has not ordered since"),
    ("young", "Too early to say"),
]


class CreditRecoveryReport(models.Model):
    """A row for each time a debtor came out of default, and whether the customer stayed."""

    _name = "credit.recovery.report"
    _description = "Customers kept after recovery"
    _inherit = ["credit.report"]
    _auto = False
    _rec_name = "partner_id"
    _order = "recovered_on desc, id desc"

    partner_id = fields.Many2one(string="Customer")
    case_id = fields.Many2one("credit.case", readonly=True)
    policy_id = fields.Many2one("credit.policy", readonly=True)
    began_on = fields.Date("In default from", readonly=True)
    recovered_on = fields.Date("Recovered on", readonly=True)
    ordered_on = fields.Date("First new order", readonly=True)
    again_on = fields.Date("In default again", readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True)
    is_again = fields.Boolean("Defaulted again within 90 days", readonly=True)

    _depends = {
        "credit.case": ["partner_id", "policy_id", "salesperson_id"],
        "credit.item": ["case_id", "move_line_id", "due_on", "opened_on"],
        "sale.order": ["state", "date_order", "partner_id"],
        "account.move": ["state", "invoice_date", "partner_id"],
    }

    @property
    def _table_query(self):
        return self._select(self.env.company, self._get_day())

    def _select(self, company, until, cases=None):
        """SQL: the rows of ``company`` as they were known on ``until``, those that ended in one of
        ``cases``. All cases of a customer make them: whether he is in default again is not told by
        the one he paid in."""
        source = self.env["credit.positions"]
        return SQL(
            """WITH recovery AS MATERIALIZED (%(recoveries)s),
               ordered AS MATERIALIZED (%(orders)s),
               found AS (
                   SELECT recovery.id, recovery.company_id, recovery.partner_id, recovery.case_id,
                          recovery.began_on, recovery.recovered_on, recovery.again_on,
                          MIN(ordered.day) AS ordered_on
                     FROM recovery LEFT JOIN ordered ON ordered.partner_id = recovery.partner_id
                      AND ordered.company_id = recovery.company_id
                      AND ordered.day > recovery.recovered_on
                    GROUP BY 1, 2, 3, 4, 5, 6, 7
               )
               SELECT found.id, found.company_id, %(currency)s AS currency_id, found.partner_id,
                      found.case_id, care.policy_id, care.salesperson_id, found.began_on,
                      found.recovered_on, found.ordered_on, found.again_on,
                      CASE WHEN found.recovered_on > %(ripe)s THEN 'young'
                           WHEN found.ordered_on <= found.recovered_on + %(days)s THEN 'kept'
                           WHEN found.ordered_on IS NOT NULL THEN 'later' ELSE 'lost' END
                           AS outcome,
                      found.recovered_on <= %(ripe)s
                      AND COALESCE(found.again_on > found.recovered_on
                          AND found.again_on <= found.recovered_on + %(days)s, FALSE)
                      AS is_again
                 FROM found
                 JOIN credit_case care ON care.id = found.case_id
                WHERE %(chosen)s""",
            currency=company.currency_id.id, recoveries=source._recoveries(company, until),
            chosen=source._chosen("found", cases),
            orders=source._orders(company, until),
            ripe=until - timedelta(days=KEPT_DAYS), days=KEPT_DAYS,
        )
