from odoo import fields, models
from odoo.tools import SQL

from ..domain.money import from_units

# a better piece of news about the same customer stands for these
COVERED_BY_SAVED = ("released", "placement_closed", "paid")


class CreditCase(models.Model):
    """What the salesperson hears of his customer once he was asked for his word: agreements,
    payments, and at the end that the customer is saved."""

    _inherit = "credit.case"

    cash_told = fields.Monetary(
        readonly=True, copy=False, help="Cash on the case that the salesperson was told of."
    )
    is_saved = fields.Boolean(
        "Saved", readonly=True, copy=False,
        help="Had been with an agency or without credit, and ended with the money paid.",
    )

    def _is_followed(self):
        """Whether its salesperson has a part in it: he was asked, or it is out."""
        return bool(self.salesperson_id) and bool(
            self.note_id or self.placement_ids.filtered(lambda p: p.state in ("sent", "accepted"))
        )

    def _tell_seller(self, code, details=None):
        """``details``: a sentence for each case. With the next digest, and on the case."""
        for company, cases in self.sudo().grouped("company_id").items():
            heads = self.env["credit.standing"].sudo()._read_heads(cases)
            self._notify_seller(code, company, heads.values(), details or {})

    def _notify_seller(self, code, company, heads, details):
        today = company._credit_today()
        self.env["credit.run"].sudo()._notify([(head, code) for head in heads], company, today)
        told = self.env["credit.action"].sudo().search([
            ("case_id", "in", [head["case_id"] for head in heads]), ("notice", "=", code),
            ("state", "=", "planned"), ("date", "=", today),
        ])
        for notice in told.filtered(lambda one: not one.summary):
            notice.summary = details.get(notice.case_id.id, False)

    # ------------------------------------------------------------------ payments

    def _tell_payments(self, company, today):
        """The night: cash that has come in on followed cases since the last time. What bounced
        lowers the mark, so that the same money is news again when it comes."""
        self.env.flush_all()
        rounding = company.currency_id.rounding
        news = {}
        for case_id, told, before, units in self._read_cash_to_tell(company, today):
            mark = before if told is None else told
            if units > mark:
                amount = company.currency_id.format(from_units(units - mark, rounding))
                news[case_id] = self.env._("%(amount)s received", amount=amount)
            self.browse(case_id).cash_told = from_units(units, rounding)
        if news:
            self.browse(news)._tell_seller("paid", news)

    def _read_cash_to_tell(self, company, today):
        """``(case, told, received before today, received in all)`` in units, of followed cases on
        which that has changed. One query, whatever the size of the ledger."""
        return self.env.execute_query(SQL(
            """SELECT care.id, ROUND(care.cash_told / %(rounding)s)::bigint,
                      COALESCE(SUM(ROUND(cash.company / %(rounding)s))
                          FILTER (WHERE cash.day < %(today)s), 0)::bigint,
                      COALESCE(SUM(ROUND(cash.company / %(rounding)s)), 0)::bigint
                 FROM credit_case care
                 LEFT JOIN credit_item item ON item.case_id = care.id
                 LEFT JOIN LATERAL (%(cash)s) AS cash ON TRUE
                WHERE care.company_id = %(company)s AND care.state != 'closed'
                  AND care.salesperson_id IS NOT NULL
                  AND care.id IN (
                      SELECT case_id FROM credit_handover
                       WHERE company_id = %(company)s AND ended_on IS NULL
                       UNION
                      SELECT case_id FROM credit_placement
                       WHERE company_id = %(company)s AND state IN ('sent', 'accepted'))
                GROUP BY care.id
               HAVING care.cash_told IS NULL
                   OR COALESCE(SUM(ROUND(cash.company / %(rounding)s)), 0)
                      != ROUND(care.cash_told / %(rounding)s)
                ORDER BY care.id""",
            rounding=company.currency_id.rounding, today=today, company=company.id,
            cash=self.env["credit.ledger"]._cash(),
        ))

    # ------------------------------------------------------------------ saved

    def _find_saved(self):
        """Of cases that are about to close because all is settled: those that had been out or
        without credit, and ended with money. Given up, or credited away, is not saved."""
        return self.filtered(lambda case: case._has_been_far() and case._has_ended_well())

    def _has_been_far(self):
        return bool(self.suspended_on) or any(self.placement_ids.mapped("sent_on")) or any(
            action.notice == "suspended" and action.state != "cancelled"
            for action in self.action_ids
        )

    def _has_ended_well(self):
        reasons = set(self.item_ids.mapped("close_reason"))
        return "cash" in reasons and "given_up" not in reasons

    def _tell_saved(self):
        self.is_saved = True
        self.filtered("salesperson_id")._tell_seller("saved")
