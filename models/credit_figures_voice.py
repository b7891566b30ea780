from odoo import models
from odoo.fields import Domain

from ..domain import intervals, voices


class CreditFigures(models.AbstractModel):
    """What the customers say of being asked for money, beside what came of it."""

    _inherit = "credit.figures"

    def _get_answers_domain(self, company, first, last, filters):
        return Domain([
            ("company_id", "=", company.id), ("metric", "=", voices.CSAT),
            ("answered_on", ">=", str(first)), ("answered_on", "<=", str(last)),
        ]) & self._to_case_domain(filters, "case_id.")

    def _get_satisfaction(self, company, first, last, filters):
        """The share of good answers of the period, house and agencies together."""
        domain = self._get_answers_domain(company, first, last, filters)
        [(values, answers)] = self.env["credit.feedback.report"].sudo()._read_group(
            domain, [], ["value:array_agg", "answer_id:count_distinct"]
        )
        return self._to_share(
            self._measure(values, answers),
            self.env._("Answers of the period to “how satisfied are you”: 4 or 5 of 5."),
            self._to_rows("credit.feedback.report", list(domain)),
        )

    def _measure(self, values, answers):
        """Points of 100 as a share: one head that gives three answers is one head."""
        found = voices.measure(voices.CSAT, values or (), answers)
        return found and found._replace(
            value=found.value / 100, low=found.low / 100, high=found.high / 100
        )

    def _read_satisfaction(self, hand, company, first, last, filters):
        """``{hand: estimate}``."""
        domain = self._get_answers_domain(company, first, last, filters)
        return {
            record.id: self._measure(values, answers)
            for record, values, answers in self.env["credit.feedback.report"].sudo()._read_group(
                domain & Domain(hand, "!=", False), [hand],
                ["value:array_agg", "answer_id:count_distinct"],
            )
        }

    def _read_points(self, company, first, last, filters):
        """``{placement id: mean points}`` of what was said about it, whenever it was up to the last
        day."""
        domain = self._get_answers_domain(company, first.min, last, filters)
        return {
            placement.id: points
            for placement, points in self.env["credit.feedback.report"].sudo()._read_group(
                domain & Domain("placement_id", "!=", False), ["placement_id"], ["points:avg"]
            )
        }

    def _get_together(self, company, first, last, filters, placements, kept):
        """Whether satisfaction goes together with recovery, and with the loss of the customer:
        ranks, since answers are on a scale; in words, with n."""
        points = self._read_points(company, first, last, filters)
        told = [row for row in placements if row["id"] in points]
        counted = [row for row in told if row["is_old"] and row["amount"]]
        money = [
            (points[row["id"]], min(row["cash_90"], row["amount"]) / row["amount"])
            for row in counted
        ]
        loss = [
            (points[row["id"]], float(kept[row["id"]] == "lost"))
            for row in told if row["id"] in kept
        ]
        found = {
            "recovery": intervals.correlate(money, ranked=True),
            "loss": intervals.correlate(loss, ranked=True),
        }
        counts = {"recovery": len(money), "loss": len(loss)}
        return self._to_figure(
            found["recovery"] and found["recovery"].estimate.value, "count", len(money),
            self.env._("Placements with an answer, by ranks. What goes together need not be cause"
                       " and effect."),
            self._to_rows("credit.feedback.report", list(
                self._get_answers_domain(company, first.min, last, filters)
                & Domain("placement_id", "in", [row["id"] for row in counted])
            )),
            sentences=[self._tell(code, found[code], counts[code]) for code in found],
        )

    def _tell(self, code, correlation, n):
        what = {
            "recovery": self.env._("Satisfaction and recovery"),
            "loss": self.env._("Satisfaction and later loss of the customer"),
        }[code]
        if correlation is None:
            return self.env._(
                "%(what)s: nothing to say of %(n)s placements with an answer.", what=what, n=n
            )
        estimate = correlation.estimate
        values = {
            "what": what, "n": n, "r": f"{estimate.value:.2f}", "low": f"{estimate.low:.2f}",
            "high": f"{estimate.high:.2f}",
        }
        if correlation.certainty == intervals.TOO_FEW:
            return self.env._(
                "%(what)s: %(n)s placements are too few for any statement (r = %(r)s).", **values)
        if correlation.certainty == intervals.NO_EVIDENCE:
            return self.env._(
                "%(what)s: no evidence that they go together (r = %(r)s, between %(low)s and"
                " %(high)s, n = %(n)s).", **values)
        rising = estimate.value > 0
        return {
            (True, intervals.LIKELY): self.env._(
                "%(what)s: where one is higher the other likely is, too (r = %(r)s, between"
                " %(low)s and %(high)s, n = %(n)s, significant at 5 %%).", **values),
            (True, intervals.CLEAR): self.env._(
                "%(what)s: where one is higher the other clearly is, too (r = %(r)s, between"
                " %(low)s and %(high)s, n = %(n)s, significant at 1 %%).", **values),
            (False, intervals.LIKELY): self.env._(
                "%(what)s: where one is higher the other is likely lower (r = %(r)s, between"
                " %(low)s and %(high)s, n = %(n)s, significant at 5 %%).", **values),
            (False, intervals.CLEAR): self.env._(
                "%(what)s: where one is higher the other is clearly lower (r = %(r)s, between"
                " %(low)s and %(high)s, n = %(n)s, significant at 1 %%).", **values),
        }[rising, correlation.certainty]
