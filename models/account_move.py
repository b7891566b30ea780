from odoo import api, fields, models
from odoo.fields import Domain


class AccountMove(models.Model):
    _inherit = "account.move"

    credit_item_ids = fields.Many2many(
        "credit.item", compute="_compute_credit_care",
        groups="account_credit_care.group_credit_user",
    )
    credit_level_id = fields.Many2one(
        "credit.policy.level", "Dunning level", compute="_compute_credit_care",
        search="_search_credit_level_id", groups="account_credit_care.group_credit_user",
    )
    credit_paused_until = fields.Date(
        "Reminders paused until", compute="_compute_credit_care",
        groups="account_credit_care.group_credit_user",
    )
    credit_care_note = fields.Char(compute="_compute_credit_care_note")

    def _compute_credit_care(self):
        """The highest level and the longest pause of the invoice's instalments."""
        items = self.env["credit.item"].search([("move_line_id.move_id", "in", self.ids)])
        by_move = items.grouped("move_id")
        for move in self:
            own = by_move.get(move, items.browse())
            open_items = own.filtered(lambda item: not item.closed_on)
            move.credit_item_ids = own
            move.credit_level_id = open_items.sorted("reached_day")[-1:].level_id
            move.credit_paused_until = max(
                open_items.filtered("paused_until").mapped("paused_until"), default=False
            )

    def _search_credit_level_id(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        items = Domain("closed_on", "=", False) & Domain("level_id", operator, value)
        none_wanted = operator == "in" and False in value
        lines = self.env["credit.item"]._search(items).subselect("move_line_id")
        found = Domain("line_ids", "in", lines)
        if none_wanted:
            known = self.env["credit.item"]._search([
                ("closed_on", "=", False), ("level_id", "!=", False),
            ]).subselect("move_line_id")
            found |= Domain("line_ids", "not in", known)
        return found

    @api.depends("partner_id", "company_id", "move_type", "state")
    def _compute_credit_care_note(self):
        for move in self:
            case = (
                move.move_type == "out_invoice" and move.state == "draft"
                and move.partner_id.sudo()._credit_suspension(move.company_id)
            )
            move.credit_care_note = case and case._get_cause_text()

    def _get_alerts(self):
        alerts = super()._get_alerts()
        if self.credit_care_note:
            alerts["credit_care_suspended"] = {
                "level": "warning",
                "message": self.env._(
                    "Credit of %(customer)s is suspended: %(cause)s.",
                    customer=self.partner_id.display_name, cause=self.credit_care_note,
                ),
            }
        return alerts

    def action_open_credit_items(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_item_action"
        )
        return action | {"domain": [("id", "in", self.credit_item_ids.ids)], "context": {}}
