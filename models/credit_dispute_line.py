from datetime import timedelta

from odoo import fields, models


class CreditDisputeLine(models.Model):
    """An item of a dispute: all of it, or a part."""

    _name = "credit.dispute.line"
    _description = "Item of a credit dispute"
    _order = "dispute_id, id"

    dispute_id = fields.Many2one(
        "credit.dispute", required=True, index=True, ondelete="cascade"
    )
    item_id = fields.Many2one("credit.item", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="dispute_id.company_id", store=True, index=True)
    name = fields.Char(related="item_id.name", string="Document")
    currency_id = fields.Many2one(related="item_id.currency_id")
    due_on = fields.Date(related="item_id.due_on")
    amount = fields.Monetary("Disputed", help="0: all of it.")
    amount_residual = fields.Monetary(related="item_id.amount_residual")
    credited = fields.Boolean(
        readonly=True, help="A credit note was posted for its invoice since it was accepted."
    )
    excluded = fields.Boolean(help="Core's flag “no follow-up” was set by this dispute.")
    held_on = fields.Date("Waits since", readonly=True)
    freed_on = fields.Date("Waited until", readonly=True)
    waited = fields.Monetary(
        readonly=True, help="What is in dispute, or was and is asked for again since that day."
    )

    def _hold(self, today):
        """Waits from now on. What had been let go and waits again keeps the days that it has waited
        before."""
        for line in self:
            before = line.held_on and line.freed_on
            days = line.freed_on - line.held_on if before else timedelta()
            left = max(line.amount_residual, 0)
            line.write({
                "held_on": today - days, "freed_on": False,
                "waited": min(line.amount or left, left),
            })

    def _let_go(self, today):
        """Is asked for again, as far as it was not credited. What was paid meanwhile has waited all
        the same."""
        for line in self:
            left, waited = max(line.amount_residual, 0), line.waited
            if line.dispute_id.resolution == "accepted" and line.amount:
                waited = 0
            elif line.dispute_id.resolution in ("accepted", "partly"):
                waited = min(waited, left)
            line.write({"freed_on": today, "waited": waited})

    def _exclude(self, wanted):
        """Core's own lists leave out what is disputed as a whole. A flag that somebody else has set
        stays; of two disputes of one item the one that ends hands the flag on to the other."""
        whole = self.filtered(lambda line: not line.amount and line.item_id.move_line_id)
        if wanted:
            chosen = whole.filtered(lambda line: not line.item_id.move_line_id.no_followup)
        else:
            chosen = whole.filtered("excluded")
            chosen.excluded = False
            heirs = self.search([
                ("item_id", "in", chosen.item_id.ids), ("dispute_id.state", "=", "open"),
                ("amount", "=", 0), ("dispute_id", "not in", self.dispute_id.ids),
            ])
            heirs.excluded = True
            chosen = chosen.filtered(lambda line: line.item_id not in heirs.item_id)
        chosen.item_id.move_line_id._credit_flag(wanted)
        chosen.excluded = wanted
