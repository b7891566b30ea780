from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query


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
        search="_search_credit_paused_until", groups="account_credit_care.group_credit_user",
    )
    credit_care_note = fields.Char(
        compute="_compute_credit_care_note", groups="base.group_user"
    )
    credit_allowance_on = fields.Date(
        "Bad-debt allowance at", readonly=True, copy=False, index="btree_not_null",
        groups="account_credit_care.group_credit_user",
    )
    credit_agreement_id = fields.Many2one(
        "credit.agreement", "Writes off", copy=False, readonly=True, index="btree_not_null",
        groups="account_credit_care.group_credit_user,account.group_account_invoice",
    )

    def _compute_credit_care(self):
        """The highest level and the longest pause of the invoice's instalments."""
        items = self.env["credit.item"].search([("move_line_id.move_id", "in", self.ids)])
        by_move = items.grouped("move_id")
        for move in self:
            own = by_move.get(move, items.browse())
            open_items = own.filtered(lambda item: not item.closed_on)
            move.credit_item_ids = own
            reached = open_items.filtered("level_id").sorted(lambda i: (i.reached_day, -i.id))
            move.credit_level_id = reached[-1:].level_id
            move.credit_paused_until = max(
                open_items.filtered("paused_until").mapped("paused_until"), default=False
            )

    def _search_credit_level_id(self, operator, value):
        if operator in ("any", "any!"):
            value = self.env["credit.policy.level"]._search(value)
        elif operator != "in":
            return NotImplemented
        if not isinstance(value, Query) and False in value:
            others = tuple(level_id for level_id in value if level_id) or (0,)
            return Domain("id", "not in", self._credit_moves(SQL("level_id NOT IN %s", others)))
        levels = value.subselect() if isinstance(value, Query) else tuple(value) or (0,)
        return Domain("id", "in", self._credit_moves(SQL("level_id IN %s", levels)))

    def _search_credit_paused_until(self, operator, value):
        if operator not in (">=", ">"):
            return NotImplemented
        lines = self.env["credit.item"].sudo()._search([
            ("closed_on", "=", False), ("paused_until", operator, value),
        ])
        return Domain("line_ids", "in", lines.subselect("move_line_id"))

    def _credit_moves(self, condition):
        return SQL("SELECT move_id FROM (%s) AS reached WHERE %s", self._credit_levels(), condition)

    def _credit_levels(self):
        """The highest level reached by the open items of each invoice, as a table: what the field
        computes, for filters, groups and order. One pass over the open items."""
        item = self.env["credit.item"].sudo()
        return SQL(
            """SELECT DISTINCT ON (line.move_id) line.move_id, %(level)s AS level_id
                 FROM credit_item item
                 JOIN account_move_line line ON line.id = item.move_line_id
                WHERE %(closed)s IS NULL AND %(level)s IS NOT NULL
                ORDER BY line.move_id, %(day)s DESC, item.id""",
            level=item._field_to_sql("item", "level_id"),
            closed=item._field_to_sql("item", "closed_on"),
            day=item._field_to_sql("item", "reached_day"),
        )

    def _field_to_sql(self, alias, fname, query=None):
        if fname != "credit_level_id" or query is None:
            return super()._field_to_sql(alias, fname, query)
        self._check_field_access(self._fields[fname], "read")
        reached = query.make_alias(alias, "credit_levels")
        query.add_join(
            "LEFT JOIN", reached, SQL("(%s)", self._credit_levels()),
            SQL("%s = %s", SQL.identifier(reached, "move_id"), SQL.identifier(alias, "id")),
        )
        return SQL.identifier(reached, "level_id")

    @api.depends("partner_id", "company_id", "move_type", "state")
    def _compute_credit_care_note(self):
        for move in self:
            case = (
                move.move_type == "out_invoice" and move.state == "draft"
                and move.partner_id.sudo()._credit_suspension(move.company_id)
            )
            move.credit_care_note = case._get_cause_text() if case else False

    def _post(self, soft=True):
        """A write-off that the accountant has accepted settles the items of its settlement; a
        credit note what was disputed with reason."""
        for move in self.sudo().filtered("credit_agreement_id"):
            move.credit_agreement_id._check_write_off(move)
        posted = super()._post(soft)
        for move in posted.sudo().filtered("credit_agreement_id"):
            move.credit_agreement_id._match_write_off(move)
        notes = posted.sudo().filtered(lambda move: move.move_type == "out_refund")
        if notes.reversed_entry_id:
            self.env["credit.dispute"]._close_credited(notes.reversed_entry_id)
        return posted

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

    def action_credit_resend(self):
        """The existing PDF once more, for the customer who has lost it."""
        return self.credit_item_ids.filtered(lambda item: not item.closed_on).action_resend()

    def action_open_credit_items(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_item_action"
        )
        return action | {"domain": [("id", "in", self.credit_item_ids.ids)], "context": {}}
