from collections import defaultdict
from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ..domain import cohorts, intervals

HORIZON = 90
KINDS = ("collection", "legal")


class CreditFigures(models.AbstractModel):
    """The hands: agencies and collectors side by side, fairly. Whoever is given old debts is
    compared with what was to be expected of them; whoever has had few is shown and not ranked."""

    _inherit = "credit.figures"

    def _get_hands(self, company, first, last, filters=None):
        """``{code: figure}`` of the placements that had their 90 days behind them in the period,
        as known on its last day."""
        filters = self._check_filters(filters)
        self.env.flush_all()
        cases = self._get_cases(company, filters)
        placements = self._read_placements(company, first, last, cases)
        kept = self._read_kept(company, first, last)
        found = {}
        for code, hand in (("agencies", "agency_id"), ("collectors", "collector_id")):
            costs = {} if hand != "agency_id" else self._read_cost_of_agencies(
                company, first, last
            )
            voices = self._read_satisfaction(hand, company, first, last, filters)
            found[code] = self._get_league(
                hand, placements, kept, voices, costs, company, (first, last), filters
            )
        found["together"] = self._get_together(company, first, last, filters, placements, kept)
        return found

    # ------------------------------------------------------------------ reading

    def _read_placements(self, company, first, last, cases=None):
        """Placements sent from 90 days before the period on; courtesy calls are no collection."""
        return self.env.execute_query_dict(SQL(
            """SELECT row.*, row.sent_on + %(days)s <= %(last)s AS is_old
                 FROM (%(rows)s) AS row
                WHERE row.sent_on >= %(since)s AND row.kind IN %(kinds)s ORDER BY row.id""",
            days=HORIZON, last=last, since=first - timedelta(days=HORIZON), kinds=KINDS,
            rows=self.env["credit.positions"]._placements(company, last, cases),
        ))

    def _read_kept(self, company, first, last):
        """``{placement id: outcome}`` of those after which the customer had come out of default."""
        return dict(self.env.execute_query(SQL(
            """SELECT DISTINCT ON (placement.id) placement.id, recovery.outcome
                 FROM (%(recoveries)s) AS recovery
                 JOIN credit_placement placement ON placement.partner_id = recovery.partner_id
                  AND placement.company_id = recovery.company_id
                  AND recovery.recovered_on >= placement.sent_on
                  AND (placement.ended_on IS NULL OR recovery.recovered_on <= placement.ended_on)
                WHERE placement.sent_on >= %(since)s AND recovery.outcome != 'young'
                ORDER BY placement.id, recovery.recovered_on DESC""",
            recoveries=self.env["credit.recovery.report"].sudo()._select(company, last),
            since=first - timedelta(days=HORIZON),
        )))

    # ------------------------------------------------------------------ the league

    def _get_league(self, hand, placements, kept, voices, costs, company, period, filters):
        """Best first; ``ranked`` False where fewer than ten cases make a place luck."""
        first, last = period
        own = defaultdict(list)
        for row in placements:
            if row[hand]:
                own[row[hand]].append(row)
        places = cohorts.league(
            [self._to_recovery(row, hand) for rows in own.values() for row in rows], last, HORIZON
        )
        model = self.env["credit.placement"]._fields[hand].comodel_name
        names = {one.id: one.display_name for one in self.env[model].sudo().browse(own)}
        lines = [
            self._to_place(place, names, own[place.hand], kept, company, period, filters, hand)
            | {
                "satisfaction": self._to_interval(voices.get(place.hand)),
                "cost_per_unit": costs.get(place.hand),
            }
            for place in places
        ]
        ranked = sum(line["ranked"] for line in lines)
        return self._to_figure(
            ranked, "count", sum(line["n"] for line in lines),
            self.env._(
                "Placements that had 90 days behind them in the period. Adjusted: the share that"
                " would have come of everybody's mix of ages. Below %(minimum)s placements a place"
                " is luck, so none is given.", minimum=cohorts.MIN_CASES,
            ),
            self._rows_of(
                "credit.agency.report", filters, last, ("kind", "in", KINDS), (hand, "!=", False),
                *self._counted(first, last),
            ),
            lines=lines, too_young=sum(not row["is_old"] for row in placements if row[hand]),
        )

    def _to_recovery(self, row, hand):
        return cohorts.Recovery(
            row["sent_on"], row["amount"], tuple(
                (row["sent_on"] + timedelta(days=days), int(cash))
                for days, cash in row["receipts"] or ()
            ), row["age"], row[hand],
        )

    def _to_place(self, place, names, rows, kept, company, period, filters, hand):
        first, last = period
        asked = [row for row in rows if row["is_old"]]
        cash = sum(row["cash"] for row in asked)
        outcomes = [kept[row["id"]] for row in asked if row["id"] in kept]
        stayed = intervals.share(sum(one == "kept" for one in outcomes), len(outcomes))
        return {
            "id": place.hand, "name": names[place.hand], "n": place.cases,
            "ranked": place.ranked and place.ratio is not None,
            "amount": self._to_amount(company, place.amount),
            "recovered": self._to_amount(company, place.recovered),
            "share": place.recovered / place.amount if place.amount else None,
            "expected": self._to_amount(company, place.expected),
            "ratio": None if place.ratio is None else float(place.ratio),
            "adjusted": None if place.adjusted is None else float(place.adjusted),
            "days": float(sum(row["cash_days"] for row in asked) / cash) if cash else None,
            "kept": self._to_interval(stayed),
            "rows": self._rows_of(
                "credit.agency.report", filters, last, (hand, "=", place.hand),
                ("kind", "in", KINDS), *self._counted(first, last),
            ),
        }

    def _counted(self, first, last):
        """Conditions: placements that had their 90 days behind them in the period, and on which
        something was to be had."""
        horizon = timedelta(days=HORIZON)
        return (
            ("sent_on", ">=", str(first - horizon)), ("sent_on", "<=", str(last - horizon)),
            ("amount", ">", 0),
        )

    def _to_interval(self, estimate):
        return estimate and {
            "value": estimate.value, "low": estimate.low, "high": estimate.high, "n": estimate.n,
        }
