from odoo import api, models

from .credit_case import STATES


class CreditCase(models.Model):
    """Two customers become one: so do their live cases, with all their history."""

    _inherit = "credit.case"

    @api.model
    def _merge_partners(self, sources, target):
        """Before core moves its keys: two live cases of one company become one, with all history.
        The target's case survives, or the oldest of the sources'."""
        cases = self.sudo().search(
            [("partner_id", "in", (sources | target).ids), ("state", "!=", "closed")], order="id"
        )
        for _company, same in cases.grouped("company_id").items():
            keep = same.filtered(lambda c: c.partner_id == target)[:1] or same[:1]
            for case in same - keep:
                case._merge_into(keep)

    def _merge_into(self, keep):
        today = keep.company_id._credit_today()
        for field in ("item_ids", "action_ids", "dispute_ids", "agreement_ids"):
            self[field].write({"case_id": keep.id})
        self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "=", self.id)]
        ).write({"res_id": keep.id})
        self.env["mail.activity"].with_context(active_test=False).search(
            [("res_model", "=", self._name), ("res_id", "=", self.id)]
        ).write({"res_id": keep.id})
        order = [state for state, _label in STATES if state != "closed"]
        state = max(keep.state, self.state, key=order.index)
        keep.write({
            "state": state,
            "next_check_on": today,
            "opened_on": min(filter(None, (keep.opened_on, self.opened_on)), default=False),
            "relationship_priority": keep.relationship_priority or self.relationship_priority,
            **{
                name: max(filter(None, (keep[name], self[name])), default=False)
                for name in ("last_contact_on", "paused_until")
            },
            **{
                name: min(filter(None, (keep[name], self[name])), default=False)
                for name in (
                    "defaulted_on", "warned_on", "suspended_on", "handover_on", "ready_on"
                )
            },
            "suspension_cause": keep.suspension_cause or self.suspension_cause,
        })
        self.write({
            "state": "closed", "closed_on": today, "next_check_on": False,
            "suspended_on": False, "suspension_cause": False,
            "close_reason": self.env._("Merged into the case of the other customer"),
        })
        self.flush_recordset()
