from collections import defaultdict
from datetime import timedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..domain import intervals
from ..domain.cohorts import Relations
from .credit_positions import KEPT_DAYS


class CreditFigures(models.AbstractModel):
    """The customers: whether they stayed, what they said, and where we failed them."""

    _inherit = "credit.figures"

    def _get_customers(self, company, first, last, filters=None):
        """``{code: figure}`` of the period from ``first`` to ``last``, as known on the last day. A
        constant number of queries."""
        filters = self._check_filters(filters)
        self.env.flush_all()
        cases = self._get_cases(company, filters)
        stages = self._get_stages(company, first, last, filters, cases)
        return {
            "recovery": self._get_recovery(company, first, last, filters, cases),
            "stages": stages,
            "cost": self._get_cost(company, first, last, filters, stages["value"]),
            "legal": self._get_legal(company, first, last, filters, cases),
            **self._get_relations(company, first, last, filters, cases),
            **self._get_promises(company, first, last, filters),
            "satisfaction": self._get_satisfaction(company, first, last, filters),
            "reasons": self._get_reasons(company, first, last, filters),
            "failures": self._get_failures(company, first, last, filters),
        }

    # ------------------------------------------------------------------ relationship kept

    def _read_relations(self, company, first, last, cases=None):
        """``Relations`` of the customers whose 90 days after recovery ended in the period, so that
        a short period has customers, too; ``too_young``: who recovered in it since."""
        recoveries = self.env["credit.recovery.report"].sudo()._select(company, last, cases)
        [row] = self.env.execute_query(SQL(
            """SELECT COUNT(*) FILTER (WHERE ripe),
                      COUNT(*) FILTER (WHERE ripe AND outcome = 'kept'),
                      COUNT(*) FILTER (WHERE ripe AND outcome = 'lost'),
                      COUNT(*) FILTER (WHERE ripe AND is_again), COUNT(*) FILTER (WHERE NOT ripe)
                 FROM (SELECT found.*, found.recovered_on <= %(ripe)s AS ripe
                         FROM (%(recoveries)s) AS found
                        WHERE found.recovered_on >= %(since)s) AS recovery""",
            recoveries=recoveries, since=first - timedelta(days=KEPT_DAYS),
            ripe=last - timedelta(days=KEPT_DAYS),
        ))
        return Relations(*row)

    def _get_relations(self, company, first, last, filters, cases):
        found = self._read_relations(company, first, last, cases)
        ripe = (
            ("recovered_on", ">=", str(first - timedelta(days=KEPT_DAYS))),
            ("recovered_on", "<=", str(last - timedelta(days=KEPT_DAYS))),
        )

        def rows(*conditions):
            return self._rows_of("credit.recovery.report", filters, last, *ripe, *conditions)

        kept = self.env._(
            "Each time that a customer came out of default (more than 30 days late) and his 90 days"
            " after it ended in the period: those with a new order in them. %(young)s are younger.",
            young=found.too_young,
        )
        return {
            "kept": self._to_share(
                intervals.share(found.kept, found.customers), kept,
                rows(("outcome", "=", "kept")), claim=self._get_claim("kept"),
                customers=found.customers, kept=found.kept, too_young=found.too_young,
            ),
            "lost": self._to_share(
                intervals.share(found.lost, found.customers),
                self.env._("The same times: those without any order since."),
                rows(("outcome", "=", "lost")), lost=found.lost,
            ),
            "again": self._to_share(
                intervals.share(found.again, found.customers),
                self.env._(
                    "The same times: those with another default within 90 days. Who always pays"
                    " late counts each time."
                ),
                rows(("is_again", "=", True)), claim=self._get_claim("again"), again=found.again,
            ),
        }

    # ------------------------------------------------------------------ why not paid

    def _get_reasons(self, company, first, last, filters):
        """What was said in calls and answers, by month."""
        domain = Domain([
            ("company_id", "=", company.id), ("reason_id", "!=", False),
            ("state", "in", ("sent", "done")),
            ("date", ">=", str(first)), ("date", "<=", str(last)),
        ]) & self._to_case_domain(filters, "case_id.")
        labels = dict(self.env["credit.reason"]._fields["kind"]._description_selection(self.env))
        counts = defaultdict(int)
        months = defaultdict(lambda: defaultdict(int))
        for month, reason, count in self.env["credit.action"].sudo()._read_group(
            domain, ["date:month", "reason_id"], ["__count"]
        ):
            counts[reason.kind] += count
            months[str(month)][reason.kind] += count
        total = sum(counts.values())
        return self._to_figure(
            total, "count", total,
            self.env._("Calls and answers of the period in which a reason was named."),
            self._to_rows("credit.action", list(domain)),
            kinds=[
                {
                    "code": kind, "name": labels[kind], "n": counts[kind],
                    "rows": self._to_rows(
                        "credit.action", list(domain & Domain("reason_id.kind", "=", kind))
                    ),
                } for kind in sorted(counts, key=lambda kind: (-counts[kind], kind))
            ],
            months=[{"month": month, **months[month]} for month in sorted(months)],
        )

    def _get_failures(self, company, first, last, filters):
        """Our own failures by what failed and who answers for it, and how long the customer waited
        for the answer."""
        domain = Domain([
            ("company_id", "=", company.id), ("reason_id.kind", "=", "our_failure"),
            ("opened_on", ">=", str(first)), ("opened_on", "<=", str(last)),
        ]) & self._to_case_domain(filters, "case_id.")
        disputes = self.env["credit.dispute"].sudo().search_fetch(
            domain, ["reason_id", "user_id", "opened_on", "closed_on"]
        )
        departments = []
        for (reason, owner), own in disputes.grouped(lambda d: (d.reason_id, d.user_id)).items():
            waited = [
                (dispute.closed_on - dispute.opened_on).days
                for dispute in own if dispute.closed_on and dispute.closed_on <= last
            ]
            departments.append({
                "name": reason.name, "owner": owner.name or "", "n": len(own),
                "days": sum(waited) / len(waited) if waited else None, "answered": len(waited),
                "rows": self._to_rows("credit.dispute", list(
                    domain & Domain("reason_id", "=", reason.id)
                    & Domain("user_id", "=", owner.id)
                )),
            })
        return self._to_figure(
            len(disputes), "count", len(disputes),
            self.env._("Disputes opened in the period because something of ours was wrong."),
            self._to_rows("credit.dispute", list(domain)),
            departments=sorted(departments, key=lambda one: (-one["n"], one["name"])),
        )
