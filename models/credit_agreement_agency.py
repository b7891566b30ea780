from odoo import fields, models


class CreditAgreement(models.Model):
    """What a collector has negotiated bears his name, and knows under which placement."""

    _inherit = "credit.agreement"

    placement_id = fields.Many2one(
        "credit.placement", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    collector_id = fields.Many2one(
        "credit.collector", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    def _get_excess(self, today):
        """A collector's word binds as far as the policy has written down, and not after an
        agreement that was not kept: then a manager decides."""
        excess = super()._get_excess(today)
        if self.negotiated_by != "collector" or self.kind != "plan":
            return excess
        broken = self.case_id.agreement_ids.filtered(lambda one: one.state == "broken")
        return ", ".join(filter(None, (
            excess,
            not self.case_id.policy_id.sudo().plan_limit_ids
            and self.env._("the policy has no limits for plans"),
            broken and self.env._("an earlier agreement was not kept"),
        ))) or False
