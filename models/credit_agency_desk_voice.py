from odoo import api, models


class CreditAgencyDesk(models.AbstractModel):
    """What customers have said of the agency's work: for its leaders, as figures of many."""

    _inherit = "credit.agency.desk"

    @api.model
    def get_home(self):
        return super().get_home() | {"feedback": self._show_feedback()}

    def _show_feedback(self):
        """By mandate the user leads and metric: n, points and interval, or how many customers are
        still missing. What a single one has said is never told."""
        mandates = self._get_seats().filtered("is_leader").mandate_id
        if not mandates:
            return []
        report = self.env["credit.feedback.report"]
        told = report._get_agency_feedback(mandates)
        heard = report._count_agency_customers(mandates)
        return [
            {
                "mandate": mandate.name, "company": mandate.company_id.name,
                "lines": [
                    self._show_estimate(metric, label, told[mandate].get(metric), n, mandate)
                    for metric, (label, n) in heard[mandate].items()
                ] or [self._show_estimate("", "", None, 0, mandate)],
            }
            for mandate in mandates
        ]

    def _show_estimate(self, metric, label, found, customers, mandate):
        minimum = mandate.company_id.credit_feedback_minimum
        if not found:
            text = self.env._(
                "Too few answers to be shown (%(n)s of %(minimum)s)", n=customers, minimum=minimum
            )
            return {"metric": metric, "label": label, "n": customers, "text": text}
        numbers = {name: round(found[name]) for name in ("value", "low", "high")}
        text = self.env._(
            "%(value)s points (%(low)s to %(high)s), answers: %(n)s", **numbers, n=found["n"]
        )
        return {"metric": metric, "label": label, "n": found["n"], "text": text, **numbers}
