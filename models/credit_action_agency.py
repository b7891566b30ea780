from odoo import api, fields, models


class CreditAction(models.Model):
    """What the agency did stands in the same history, and counts in the same caps and hours."""

    _inherit = "credit.action"

    placement_id = fields.Many2one(
        "credit.placement", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    collector_id = fields.Many2one(
        "credit.collector", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    breach = fields.Char(
        "Outside hours or caps", readonly=True, help="What the contact went against, as it was."
    )
    who = fields.Char(compute="_compute_who")

    @api.depends("user_id", "collector_id")
    def _compute_who(self):
        """Colleagues by name; people of an agency with the agency."""
        for action in self:
            collector = action.sudo().collector_id
            action.who = collector._get_signature() if collector else action.user_id.name

    @api.depends("placement_id")
    def _compute_title(self):
        result = super()._compute_title()
        for action in self.filtered(lambda a: a.placement_id and a.kind == "contact"):
            action.title = self.env._("Contact by the agency")
        return result

    @api.depends("breach")
    def _compute_result_note(self):
        result = super()._compute_result_note()
        for action in self.filtered("breach"):
            action.result_note = " · ".join(filter(None, (action.breach, action.result_note)))
        return result
