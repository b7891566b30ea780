from odoo import models

GROUP = "account_credit_care.group_credit_collector"


class ResUsers(models.Model):
    _inherit = "res.users"

    def _follow_credit_mandates(self):
        """Collectors are exactly those whom a live mandate names: the group comes and goes with
        it. External users only, which the collector's own check has made sure of."""
        group = self.env.ref(GROUP)
        named = self.env["credit.collector"].sudo().search([
            ("user_id", "in", self.ids), ("mandate_id.state", "!=", "ended"),
        ]).user_id
        for user in self.sudo():
            wanted = user in named
            if wanted != (group in user.group_ids):
                user.write({"group_ids": [(4 if wanted else 3, group.id)]})
