from odoo import api, models
from odoo.exceptions import ValidationError

from ..domain import policy


class CreditPolicy(models.Model):
    """Bad configuration is refused when it is saved, with a sentence that says what to do."""

    _inherit = "credit.policy"

    @api.constrains("segment_domain", "scope")
    def _check_segment_domain(self):
        for record in self:
            if record.scope == "segment" and not record._has_segment():
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” takes the customers of a segment, and the segment has no"
                        " condition. Add one, or choose another kind of customers.",
                        policy=record.name,
                    )
                )
            fault = record._get_segment_fault()
            if fault:
                raise ValidationError(
                    self.env._(
                        "The segment of “%(policy)s” cannot be read: %(fault)s. Open the segment"
                        " editor and pick the conditions again.",
                        policy=record.name, fault=fault,
                    )
                )

    @api.constrains(
        "level_ids", "min_gap_days", "suspend_after_days", "handover_after_days",
        "place_after_days", "do_nothing", "state",
    )
    def _check_configuration(self):
        for record in self:
            levels = record.level_ids.sorted("delay_days")
            faults = policy.faults([level._to_spec() for level in levels], record.min_gap_days)
            for code, index in faults:
                raise ValidationError(record._explain_fault(code, levels, index))
            codes = policy.threshold_faults(
                record.suspend_after_days, record.handover_after_days, record.place_after_days
            )
            for code in codes:
                raise ValidationError(record._explain_fault(code, levels, 0))
            if record.state == "active" and not record.do_nothing and not levels:
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” has no level. Add at least one, or tick “Do nothing”.",
                        policy=record.name,
                    )
                )

    @api.constrains("calendar_id")
    def _check_calendar(self):
        for record in self.filtered("calendar_id"):
            horizon = 60
            closed = record._get_closed_days(record.company_id._credit_today(), horizon)
            if len(closed) > horizon:
                raise ValidationError(
                    self.env._(
                        "“%(calendar)s” has no working hour in the next two months: nobody could be"
                        " contacted. Choose other contact hours, or none.",
                        calendar=record.calendar_id.name,
                    )
                )

    @api.constrains("company_id")
    def _check_company_stays(self):
        for record in self:
            stray = self.env["credit.case"].sudo().search(
                [("policy_id", "=", record.id), ("company_id", "!=", record.company_id.id)], limit=1
            )
            if stray:
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” has cases in %(company)s (%(debtor)s, for one). Copy the"
                        " policy and give the copy to the other company.",
                        policy=record.name, company=stray.company_id.name,
                        debtor=stray.partner_id.display_name,
                    )
                )

    def _explain_fault(self, code, levels, index):
        level = levels[index : index + 1]
        before = levels[index - 1 : index] if index else level
        values = {
            "level": level.name or "",
            "before": before.name or "",
            "day": level.delay_days,
            "gap": self.min_gap_days,
        }
        texts = {
            "day_out_of_range": self.env._(
                "“%(level)s”: %(day)s days cannot be right. Set between 90 days before and ten"
                " years after the due date.", **values),
            "delays_do_not_grow": self.env._(
                "“%(level)s” comes on the same day as “%(before)s” (%(day)s). Give each level a"
                " day of its own.", **values),
            "closer_than_gap": self.env._(
                "“%(level)s” comes less than %(gap)s days after “%(before)s”. Move it, or lower"
                " the days between messages.", **values),
            "no_template": self.env._(
                "“%(level)s” has no text to send. Choose a template for it.", **values),
            "fallback_is_channel": self.env._(
                "“%(level)s” falls back on its own channel. Choose another fallback.", **values),
            "fallback_without_text": self.env._(
                "“%(level)s” has no text for those who cannot be reached. Choose a template, or an"
                " activity under “If not reachable”.", **values),
            "negative": self.env._("Thresholds are days after the due date: 0 or more."),
            "note_after_agency": self.env._(
                "The salesperson's note is asked after the agency's day. Lower “Ask the"
                " salesperson's note after”, or raise “Ready for the agency after”."),
        }
        return texts[code]
