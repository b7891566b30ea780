from odoo import fields, models
from odoo.tools import SQL


class CreditActionLine(models.Model):
    """An item in an action. With a level: the item took that step by this action (a claim, once
    in a round). Without: it was merely listed. Amounts are those of the day of sending."""

    _name = "credit.action.line"
    _description = "Item in a credit action"
    _order = "due_on, id"
    _log_access = False  # by whom and when stands on the action; there are many lines

    action_id = fields.Many2one("credit.action", required=True, index=True, ondelete="cascade")
    item_id = fields.Many2one("credit.item", required=True, index=True, ondelete="restrict")
    level_id = fields.Many2one("credit.policy.level", "Step taken")
    round = fields.Integer(required=True, default=1)
    released = fields.Boolean(help="The step was not done after all: the item may take it again.")
    former_level_id = fields.Many2one("credit.policy.level")
    former_day = fields.Integer()
    former_on = fields.Date()
    name = fields.Char("Document", related="item_id.name")
    due_on = fields.Date("Due date")
    days_overdue = fields.Integer("Days overdue")
    currency_id = fields.Many2one(related="item_id.currency_id")
    company_currency_id = fields.Many2one(
        related="action_id.company_id.currency_id", string="Company currency"
    )
    amount_original = fields.Monetary("Amount of the document")
    amount = fields.Monetary("Open amount")
    amount_credit = fields.Monetary(
        "Covered by credits", help="Open credits of the debtor that count towards this item."
    )
    amount_disputed = fields.Monetary(
        "Disputed", help="Part of the document that nobody asks for at the moment."
    )
    amount_company = fields.Monetary(
        "Open amount, company currency", currency_field="company_currency_id"
    )
    company_id = fields.Many2one(related="action_id.company_id")

    _step_once = models.UniqueIndex(
        "(item_id, level_id, round) WHERE level_id IS NOT NULL AND released IS NOT TRUE",
        "This item has taken this step already.",
    )

    def _claims(self):
        """The lines by which items take a step; the others are merely listed."""
        return self.filtered(lambda line: line.level_id and not line.released)

    def _release(self):
        """Gives the items their former place back and frees the steps for later."""
        for line in self.filtered(lambda claim: claim.level_id and not claim.released):
            item = line.item_id
            if item.level_id == line.level_id and item.round == line.round:
                item.write({
                    "level_id": line.former_level_id.id, "level_on": line.former_on,
                    "reached_day": line.former_day,
                })
        self.write({"released": True})

    def _refresh(self, values):
        """Writes the amounts of now on the claims and adds the lines merely listed, in one query
        each: ``values`` are dicts with ``id`` (claim) or without (listed)."""
        listed = [v for v in values if not v.get("id")]
        claims = [v for v in values if v.get("id")]
        if claims:
            self.flush_model()
            keys = (
                "id", "amount", "amount_company", "amount_original", "amount_credit",
                "amount_disputed", "due_on", "days_overdue",
            )
            self.env.execute_query(SQL(
                """UPDATE credit_action_line line
                      SET amount = v.amount, amount_company = v.company,
                          amount_original = v.original, amount_credit = v.credit,
                          amount_disputed = v.disputed, due_on = v.due_on, days_overdue = v.days
                     FROM unnest(%s::int[], %s::numeric[], %s::numeric[], %s::numeric[],
                                 %s::numeric[], %s::numeric[], %s::date[], %s::int[])
                          AS v (id, amount, company, original, credit, disputed, due_on, days)
                    WHERE line.id = v.id
                   RETURNING line.id""",
                *([claim[key] for claim in claims] for key in keys),
            ))
            self.invalidate_model()
        if listed:
            self.create(listed)
