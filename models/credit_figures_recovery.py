from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..domain import cohorts, intervals

PATHS = {
    "policy_id": "policy_id",
    "salesperson_id": "salesperson_id",
    "segment_id": "partner_id.industry_id",
    "reason_id": "reason_id",
}
# what firms of the trade claim of themselves (see docs/figures.md); nobody has checked it
CLAIMS = {
    "recovery": ("above", 0.40), "kept": ("above", 0.76), "again": ("below", 0.05),
    "legal": ("below", 0.05),
}


def _to_float(share):
    """A share of nothing at all is 0, and no ``Fraction``, which JSON has none of."""
    return None if share is None else float(share)


class CreditFigures(models.AbstractModel):
    """How much of what became overdue came in, when, and what brought it."""

    _inherit = "credit.figures"

    # ------------------------------------------------------------------ which cases

    def _get_cases(self, company, filters):
        """A query of the cases that ``filters`` leave, None without any. All dimensions are those
        of today; an agency is one that has ever had the case."""
        domain = self._to_case_domain(self._check_filters(filters))
        if domain.is_true():
            return None
        return self.env["credit.case"].sudo()._search(
            domain & Domain("company_id", "=", company.id)
        )

    def _to_case_domain(self, wanted, path=""):
        """The filters as a domain on cases, or on records that know theirs by ``path``."""
        return Domain.AND(
            self._has_been_with(ids, path) if name == "agency_id"
            else Domain(f"{path}{PATHS[name]}", "in", [one or False for one in ids])
            for name, ids in wanted.items()
        )

    def _has_been_with(self, agencies, path):
        """Cases that one of ``agencies`` has had; 0: that no agency has ever had. What was made
        ready and never sent was with nobody."""
        sent = Domain("sent_on", "!=", False)
        found = Domain(f"{path}placement_ids", "any", list(
            sent & Domain("agency_id", "in", [one for one in agencies if one])
        ))
        if 0 in agencies:
            found |= Domain(f"{path}placement_ids", "not any", list(sent))
        return found

    def _rows_of(self, model, filters, day, *conditions, path="case_id."):
        """Where the records of a figure are, as they were known on ``day``."""
        domain = Domain.AND([
            *(Domain(*condition) for condition in conditions),
            self._to_case_domain(self._check_filters(filters), path),
        ])
        return self._to_rows(model, list(domain), **({"credit_day": str(day)} if day else {}))

    def _to_share(self, estimate, basis, rows, **more):
        """A share of counts with the interval in which the truth lies."""
        if estimate is None:
            return self._to_figure(None, "share", 0, basis, rows, **more)
        return self._to_figure(
            estimate.value, "share", estimate.n, basis, rows,
            low=estimate.low, high=estimate.high, **more,
        )

    def _get_claim(self, code):
        """What firms of the trade claim: ``{"side", "value"}``."""
        side, value = CLAIMS[code]
        return {"side": side, "value": value}

    # ------------------------------------------------------------------ by cohort

    def _read_cohorts(self, company, first, last, cases=None):
        """``[(month, Cohort)]`` by the month in which something became overdue, for each horizon
        the positions that had it behind them in the period, as known on its last day: so a short
        period has its cohorts, too. Too young are those that will have it later."""
        self.env.flush_all()
        columns = SQL(", ").join(
            SQL(
                """COALESCE(SUM(%(cash)s) FILTER (WHERE %(asked)s), 0)::bigint,
                   COALESCE(SUM(amount) FILTER (WHERE %(asked)s), 0)::bigint,
                   COUNT(*) FILTER (WHERE %(asked)s),
                   COUNT(*) FILTER (WHERE began_on + %(days)s > %(last)s)""",
                cash=SQL.identifier(f"cash_{days}"), days=days, last=last,
                asked=SQL("began_on + %s BETWEEN %s AND %s", days, first, last),
            ) for days in cohorts.HORIZONS
        )
        since = first - timedelta(days=max(cohorts.HORIZONS))
        rows = self.env.execute_query(SQL(
            """SELECT date_trunc('month', began_on)::date, %s
                 FROM (%s) AS position GROUP BY 1 ORDER BY 1""",
            columns, self.env["credit.positions"]._positions(company, last, since, cases),
        ))
        found = []
        for month, *sums in rows:
            for number, days in enumerate(cohorts.HORIZONS):
                found.append((month, cohorts.Cohort(days, *sums[4 * number:4 * number + 4])))
        return found

    def _get_recovery(self, company, first, last, filters, cases):
        read = self._read_cohorts(company, first, last, cases)
        horizons = []
        for days in cohorts.HORIZONS:
            own = [cohort for _month, cohort in read if cohort.days == days]
            horizons.append(cohorts.Cohort(days, *(
                sum(getattr(cohort, name) for cohort in own)
                for name in ("recovered", "amount", "cases", "too_young")
            )))
        whole = next(cohort for cohort in horizons if cohort.days == 90)
        rows = self._rows_of(
            "credit.case.report", filters, last,
            ("began_on", ">=", str(first - timedelta(days=90))),
            ("began_on", "<=", str(last - timedelta(days=90))),
        )
        months = {}
        for month, cohort in read:
            one = months.setdefault(month, {
                "month": str(month), "n": 0,
                "rows": self._rows_of_month(month, first, last, filters),
            })
            one[f"share_{cohort.days}"] = _to_float(cohort.share)
            one["n"] = max(one["n"], cohort.cases + cohort.too_young)
        return self._to_figure(
            whole.share, "share", whole.cases,
            self.env._(
                "Cash within 90 days of what had become overdue, by amount, for what had its 90"
                " days behind it in the period. %(young)s positions are younger and are not asked"
                " yet.",
                young=whole.too_young,
            ), rows, too_young=whole.too_young, claim=self._get_claim("recovery"),
            horizons=[
                {
                    "days": cohort.days, "share": _to_float(cohort.share),
                    "recovered": self._to_amount(company, cohort.recovered),
                    "amount": self._to_amount(company, cohort.amount), "n": cohort.cases,
                    "too_young": cohort.too_young,
                } for cohort in horizons
            ],
            months=list(months.values()),
        )

    def _rows_of_month(self, month, first, last, filters):
        """What became overdue in the month, as far back as any horizon looks."""
        since = first - timedelta(days=max(cohorts.HORIZONS))
        return self._rows_of(
            "credit.case.report", filters, last,
            ("began_on", ">=", str(max(month, since))),
            ("began_on", "<", str(month + relativedelta(months=1))),
        )

    # ------------------------------------------------------------------ by stage

    def _get_stages(self, company, first, last, filters, cases):
        """What brought the money of the period on what was overdue: the last thing done."""
        rows = self.env.execute_query(SQL(
            """SELECT stage, SUM(cash)::bigint, COUNT(DISTINCT case_id) FROM (%s) AS receipt
                GROUP BY stage""",
            self.env["credit.positions"]._stages(company, first, last, cases),
        ))
        found = {stage: (units, count) for stage, units, count in rows}
        total = sum(units for units, _count in found.values())
        conditions = (("paid_on", ">=", str(first)), ("paid_on", "<=", str(last)))
        labels = self.env["credit.stage.report"]._fields["stage"]._description_selection(self.env)
        return self._to_figure(
            self._to_amount(company, total), "money", sum(count for _u, count in found.values()),
            self.env._(
                "Cash of the period for what was overdue, by the last thing done before it came."
            ),
            self._rows_of("credit.stage.report", filters, last, *conditions),
            stages=[
                {
                    "code": code, "name": label,
                    "amount": self._to_amount(company, found.get(code, (0, 0))[0]),
                    "share": found.get(code, (0, 0))[0] / total if total > 0 else None,
                    "n": found.get(code, (0, 0))[1],
                    "rows": self._rows_of(
                        "credit.stage.report", filters, last, *conditions, ("stage", "=", code)
                    ),
                } for code, label in labels
            ],
        )

    def _get_legal(self, company, first, last, filters, cases):
        """The share that went to a lawyer."""
        positions = self.env["credit.positions"]
        [(whole, legal, count)] = self.env.execute_query(SQL(
            """SELECT COALESCE(SUM(amount), 0)::bigint,
                      COALESCE(SUM(amount) FILTER (WHERE is_legal), 0)::bigint, COUNT(*)
                 FROM (SELECT position.amount, %(is_legal)s AS is_legal
                         FROM (%(positions)s) AS position) AS marked""",
            is_legal=positions._went_to_a_lawyer("position", last),
            positions=positions._positions(company, last, first, cases),
        ))
        return self._to_figure(
            legal / whole if whole else None, "share", count,
            self.env._("Of what became overdue in the period, by amount: what went to a lawyer."),
            self._rows_of(
                "credit.case.report", filters, last, ("began_on", ">=", str(first)),
                ("began_on", "<=", str(last)), ("is_legal", "=", True),
            ),
            claim=self._get_claim("legal"), amount=self._to_amount(company, legal),
        )

    # ------------------------------------------------------------------ promises and plans

    def _get_promises(self, company, first, last, filters):
        """Promises and plans that were decided in the period. A broken one stays broken; what was
        taken back by the house before is neither."""
        inside = [("company_id", "=", company.id)]
        over = Domain("state", "=", "kept") & Domain("ended_on", ">=", first) & Domain(
            "ended_on", "<=", last)
        broken = Domain("state", "in", ("broken", "cancelled")) & Domain(
            "broken_on", ">=", first) & Domain("broken_on", "<=", last)
        chosen = self._to_case_domain(self._check_filters(filters), "case_id.")
        counts = {
            (kind, bool(day)): count
            for domain, day in ((over, True), (broken, False))
            for kind, count in self.env["credit.agreement"].sudo()._read_group(
                Domain(inside) & domain & chosen, ["kind"], ["__count"]
            )
        }
        words = {
            "promise": self.env._("Promises that were kept, of those decided in the period."),
            "plan": self.env._("Plans and settlements kept, of those decided in the period."),
        }
        found = {}
        for code, kinds in (("promise", ("promise",)), ("plan", ("plan", "settlement"))):
            kept, lost = (
                sum(counts.get((kind, good), 0) for kind in kinds) for good in (True, False)
            )
            found[f"{code}s_kept"] = self._to_share(
                intervals.share(kept, kept + lost), words[code],
                self._to_rows("credit.agreement", list(
                    Domain(inside) & Domain("kind", "in", kinds) & chosen & (over | broken)
                )), kept=kept, broken=lost,
            )
        return found
