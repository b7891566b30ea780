from odoo import api, models


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Two live cases of one company would break on the unique index when core moves their
        keys: they become one before, with all their history."""
        self.env["credit.case"]._merge_partners(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Who merges customers need not see what credit managers have set on them, and loses
        none of it. The customer that is left may be another's contact."""
        src_partners._credit_hand_settings_to(dst_partner)
        result = super()._update_values(src_partners, dst_partner)
        self.env["credit.case"]._hand_to_commercial(dst_partner)
        return result
