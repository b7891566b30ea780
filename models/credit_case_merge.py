from odoo import api, models

from .credit_case import STATES
from .credit_policy import PRESSURES

LIVE_STATES = [state for state, _label in STATES if state != "closed"]
GRADES = [grade for grade, _label in PRESSURES]


def _earliest(*days):
    return min(filter(None, days), default=False)


def _latest(*days):
    return max(filter(None, days), default=False)


class CreditCase(models.Model):
    """What becomes of the cases when two customers are merged. Whoever may merge customers does
    it, credit user or not, in all companies: hence all of it with all rights."""

    _inherit = "credit.case"

    @api.model
    def _merge_partners(self, sources, target):
        """The live cases of these customers in one company become one, with all history. The
        target's case survives, or else the oldest."""
        cases = self.sudo().search(
            [("partner_id", "in", (sources | target).ids), ("state", "!=", "closed")], order="id"
        )
        for same in cases.grouped("company_id").values():
            keep = same.filtered(lambda c: c.partner_id == target)[:1] or same[:1]
            for case in same - keep:
                case._merge_into(keep)

    @api.model
    def _hand_to_commercial(self, partner):
        """A customer who has become a contact of another one leaves him his cases: a debtor is a
        company, not its contact."""
        commercial = partner.commercial_partner_id
        if partner == commercial:
            return
        self._merge_partners(partner, commercial)
        self.sudo().search([("partner_id", "=", partner.id)]).write({"partner_id": commercial.id})

    def _merge_into(self, keep):
        today = keep.company_id._credit_today()
        values = self._merged_values(keep)
        self._join_papers(keep)
        self._hand_over_history(keep)
        keep.write(values)
        self._set_state("closed", today, self.env._("Merged into the case of the other customer"))
        self.merged_into_id = keep
        keep._take_back_waiting()
        keep._recheck()
        keep._message_log(
            body=self.env._(
                "The case of %(customer)s, opened on %(day)s, was merged into this one.",
                customer=self.display_name, day=self.opened_on,
            ),
            author_id=self.env.user.partner_id.id,
        )
        # amounts of both until then on two cases
        self.env.ref("account_credit_care.ir_cron_credit_refresh")._trigger()

    def _hand_over_history(self, keep):
        """All that belongs to a case, and all that core hangs on a record of a thread."""
        for field in self._get_keys():
            self.env[field.model_name].with_context(active_test=False).search(
                [(field.name, "=", self.id)]
            ).write({field.name: keep.id})
        for model, name in (
            ("mail.message", "model"), ("mail.activity", "res_model"),
            ("ir.attachment", "res_model"),
        ):
            self.env[model].with_context(active_test=False).search(
                [(name, "=", self._name), ("res_id", "=", self.id)]
            ).write({"res_id": keep.id})
        keep.message_subscribe(self.message_partner_ids.ids)

    def _get_keys(self):
        """The fields by which records belong to a case; items first, then notes and sheets: others
        are checked against them."""
        first = ["credit.item", "credit.handover", "credit.capacity"]
        keys = [
            field
            for name, model in self.env.registry.items()
            if not model._abstract and not model._transient and model._auto
            for field in model._fields.values()
            if field.type == "many2one" and field.comodel_name == self._name
            and field.store and not field.compute and not field.related
        ]
        return sorted(
            keys, key=lambda field: first.index(field.model_name)
            if field.model_name in first else len(first)
        )

    def _merged_values(self, keep):
        """The further state, the gentler grade, the earlier marks; a pause or suspension of one
        holds for both, until the night finds that its cause is gone."""
        further = max(keep, self, key=lambda case: LIVE_STATES.index(case.state))
        paused = max(keep, self, key=lambda case: str(case.paused_until or ""))
        suspended = keep if keep.suspended_on else self
        return {
            "state": further.state, "state_since": further.state_since,
            "pressure": min(keep.pressure, self.pressure, key=GRADES.index),
            "relationship_priority": keep.relationship_priority or self.relationship_priority,
            "user_id": (keep.user_id or self.user_id).id,
            "salesperson_id": (keep.salesperson_id or self.salesperson_id).id,
            "reason_id": (keep.reason_id or self.reason_id).id,
            "last_contact_on": _latest(keep.last_contact_on, self.last_contact_on),
            "paused_until": paused.paused_until, "pause_reason": paused.pause_reason,
            "suspension_cause": suspended.suspension_cause,
            **{
                name: _earliest(keep[name], self[name])
                for name in (
                    "opened_on", "defaulted_on", "warned_on", "suspended_on", "handover_on",
                    "ready_on",
                )
            },
        }

    def _take_back_waiting(self):
        """Two messages that waited for two debtors would reach one: the next night plans a single
        one. Of two notices that say the same, one is told."""
        planned = self.action_ids.filtered(lambda a: a.kind == "notice" and a.state == "planned")
        told = set()
        for notice in planned.sorted("id"):
            if notice.notice in told:
                notice._cancel("merged")
            told.add(notice.notice)
        self.action_ids.filtered(lambda a: a.kind == "reminder")._cancel("merged")
