from collections import defaultdict

from odoo import fields, models
from odoo.tools import format_date

GOING_LISTED = 100  # cases that would be placed; the figure counts all


class CreditPreview(models.TransientModel):
    """The figures above the list: counted once, kept as data, told in the language of who reads."""

    _inherit = "credit.preview"

    def _prepare_figures(self, plans, channels, notices):
        groups = defaultdict(lambda: [0, 0.0])
        for plan, channel in zip(plans, channels, strict=True):
            group = groups[plan.step.day, plan.step.key, channel]
            group[0] += 1
            group[1] += plan.amount
        by_code = defaultdict(set)
        for notice in notices:
            by_code[notice.code].add(notice.partner_id)
        return {
            "rows": [
                {"level_id": level_id, "day": day, "channel": channel, "count": count,
                 "amount": amount}
                for (day, level_id, channel), (count, amount) in sorted(groups.items())
            ],
            "debtors": len({plan.partner_id for plan in plans}),
            "closed": self.until in self._get_closed_days(self.until),
            "notices": {code: len(partner_ids) for code, partner_ids in by_code.items()},
        }

    def _prepare_going(self, going):
        """What would be placed, with whom and at what price."""
        wanted = [one for one in going if not self.only_day or one.day == self.until]
        return {
            "count": len(wanted), "amount": sum(one.amount for one in wanted if one.mandate_id),
            "rows": [
                {"partner_id": one.partner_id, "mandate_id": one.mandate_id, "amount": one.amount,
                 "age": one.age, "fees": one.fees, "why": one.why,
                 "day": fields.Date.to_string(one.day)}
                for one in wanted[:GOING_LISTED]
            ],
        }

    # ------------------------------------------------------------------ in words

    def _prepare_summary(self, figures):
        levels = self.env["credit.policy.level"].browse(
            [row["level_id"] for row in figures["rows"]]
        ).exists()
        labels = dict(self.env["credit.preview.line"]._fields["channel"]._description_selection(
            self.env
        ))
        rows = [
            row | {
                "level": levels.browse(row["level_id"]).name,
                "policy": levels.browse(row["level_id"]).policy_id.name,
                "review": not levels.browse(row["level_id"]).automatic,
                "channel_name": labels.get(row["channel"]),
                "by_agency": levels.browse(row["level_id"])._is_agency_call(row["channel"]),
            }
            for row in figures["rows"] if row["level_id"] in levels.ids
        ]
        return {
            "rows": rows,
            "most": max((row["count"] for row in rows), default=1),
            "total": sum(row["count"] for row in rows),
            "amount": sum(row["amount"] for row in rows),
            "debtors": figures.get("debtors", 0),
            "several": len(levels.policy_id) > 1,
            "notices": self._explain_notices(figures["notices"]),
            "going": self._prepare_going_rows(figures.get("going", {}).get("rows", ())),
            "going_count": figures.get("going", {}).get("count", 0),
            "only_day": self.only_day,
            "currency": self.currency_id,
            "listed": figures.get("listed", 0),
            "closed": figures.get("closed"),
            "when": self._explain_when(),
        }

    def _prepare_going_rows(self, rows):
        partners = self.env["res.partner"].browse(row["partner_id"] for row in rows).exists()
        mandates = self.env["credit.mandate"].browse(
            row["mandate_id"] for row in rows if row["mandate_id"]
        ).exists()
        forecast = self.env["credit.forecast"]
        return [
            row | {
                "name": partners.browse(row["partner_id"]).display_name,
                "agency": mandates.browse(row["mandate_id"]).agency_id.name
                if row["mandate_id"] in mandates.ids else "",
                "fee": forecast._explain_fee(row["fees"], row["why"], self.currency_id),
                "when": format_date(self.env, row["day"]),
            }
            for row in rows if row["partner_id"] in partners.ids
        ]

    def _explain_when(self):
        day = format_date(self.env, self.until, date_format="EEEE d MMMM")
        if not self.only_day and self.until != self.start:
            return self.env._("Up to %(day)s", day=day)
        if self.until == self.start:
            return self.env._("The next night, %(day)s", day=day)
        return self.env._("On %(day)s", day=day)

    def _explain_notices(self, counts):
        texts = {
            "warn": (self.env._("Salespeople are told that credit ends soon"), "fa-bell-o"),
            "suspend": (self.env._("Credit is suspended"), "fa-lock"),
            "handover": (self.env._("The salesperson's note is asked for"), "fa-pencil"),
            "ready": (self.env._("Ready for the agency"), "fa-briefcase"),
        }
        return [(counts[code], *text) for code, text in texts.items() if counts.get(code)]
