from odoo import models


class CreditAgreement(models.Model):
    """What a debtor may grant himself on his page."""

    _inherit = "credit.agreement"

    def _get_excess(self, today):
        """What the policy wrote down for him, and nothing after an agreement that he did not
        keep."""
        excess = super()._get_excess(today)
        if self.negotiated_by != "debtor":
            return excess
        policy = self.case_id.policy_id.sudo()
        broken = self.case_id.agreement_ids.filtered(lambda one: one.state == "broken")
        return ", ".join(filter(None, (
            excess,
            not policy.plan_auto_accept and self.env._("proposed by the customer himself"),
            not policy.plan_limit_ids and self.env._("the policy has no limits for plans"),
            broken and self.env._("an earlier agreement was not kept"),
        ))) or False

    def _is_his_and_waits(self):
        """What he proposed or signed, and a manager has not decided yet. What colleagues ask a
        manager about is no offer yet, and not shown."""
        his = self.negotiated_by == "debtor" or self.signed_on
        return self.state == "proposed" and self._needs_approval() and bool(his)
