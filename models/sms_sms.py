from odoo import models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def write(self, vals):
        """What became of an SMS reminder is written on its action."""
        result = super().write(vals)
        if vals.get("state") in ("pending", "sent", "error", "canceled"):
            self._credit_report(vals)
        return result

    def _credit_report(self, vals):
        actions = self.env["credit.action"].sudo().search([
            ("sms_uuid", "in", self.mapped("uuid")), ("state", "=", "queued"),
        ])
        if not actions:
            return
        if vals["state"] in ("pending", "sent"):
            actions._set_state("sent")
        else:
            labels = dict(self._fields["failure_type"]._description_selection(self.env))
            actions._fail(
                labels.get(vals.get("failure_type")) or self.env._("The SMS was not sent")
            )
