from odoo import fields, models


class CreditAction(models.Model):
    """What the agency did stands in the same history, and counts in the same caps and hours."""

    _inherit = "credit.action"

    placement_id = fields.Many2one(
        "credit.placement", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    collector_id = fields.Many2one(
        "credit.collector", readonly=True, index="btree_not_null", ondelete="restrict"
    )
