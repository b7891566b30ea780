from odoo import models
from odoo.tools import SQL


class CreditLedger(models.AbstractModel):
    """Debtors who are others since: customers who have become another's contact, and invoices that
    were made out to the wrong one and posted again."""

    _inherit = "credit.ledger"

    def _hand_over_cases(self, company):
        """A customer who has become another's contact brings his case along, as when two are
        merged: pauses, suspension and days between messages hold on."""
        for (partner_id,) in self.env.execute_query(SQL(
            """SELECT DISTINCT care.partner_id FROM credit_case care
                 JOIN res_partner partner ON partner.id = care.partner_id
                WHERE care.company_id = %s AND care.state != 'closed'
                  AND partner.commercial_partner_id != partner.id""",
            company.id,
        )):
            partner = self.env["res.partner"].sudo().browse(partner_id)
            self.env["credit.case"]._hand_to_commercial(partner)

    def _withdraw_items(self, item_ids, today):
        """The item stays with its old debtor, as withdrawn, with all that was said and agreed about
        it. The new one has heard of nothing: his item begins at the first step."""
        items = self.env["credit.item"].sudo().browse(item_ids)
        if not items:
            return
        self.env["credit.dispute.line"].sudo().search([
            ("item_id", "in", items.ids)
        ])._exclude(False)
        items.filtered(lambda item: not item.closed_on).write({
            "closed_on": today, "close_reason": "withdrawn",
        })
        items.write({"move_line_id": False})
        self.env.flush_all()
