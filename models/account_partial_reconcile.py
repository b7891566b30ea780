from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._credit_wake()
        return partials

    def unlink(self):
        self._credit_wake()
        return super().unlink()

    def _credit_wake(self):
        """Something was paid, or a payment came back: have the totals refreshed soon. Nothing
        heavy here, it runs inside each reconciliation: no case is locked, no row rewritten."""
        if self.debit_move_id._credit_touches_receivable():
            cron = self.env.ref(
                "account_credit_care.ir_cron_credit_refresh", raise_if_not_found=False
            )
            if cron:
                cron.sudo()._trigger()
