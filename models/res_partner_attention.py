from odoo import models
from odoo.exceptions import AccessError


class ResPartner(models.Model):
    """Special attention: said by whoever knows the customer, at any time. Salespeople may not
    write customers in core; this one thing they say through a door of its own."""

    _inherit = "res.partner"

    def action_credit_attention(self):
        self.ensure_one()
        self._check_credit_attention()
        return self.env["credit.attention"]._open(self.commercial_partner_id)

    def _set_credit_attention(self, how, why=""):
        for partner in self._check_credit_attention():
            text = "\n".join(part.strip() for part in (how, why) if part and part.strip())
            if text == (partner.credit_care_attention or ""):
                continue
            partner.credit_care_attention = text or False
            partner.message_post(
                body=self.env._("Special attention: %(text)s", text=text) if text
                else self.env._("No special attention any more."),
                author_id=self.env.user.partner_id.id,
            )

    def _check_credit_attention(self):
        """Credit users, the customer's salesperson and the head of his team. Returns the customers
        with all rights."""
        self.check_access("read")
        user = self.env.user
        customers = self.commercial_partner_id.sudo()
        if not user.has_group("account_credit_care.group_credit_user"):
            for customer in customers:
                seller = customer.user_id
                cases = self.env["credit.case"].sudo().search([
                    ("partner_id", "=", customer.id), ("state", "!=", "closed"),
                    ("salesperson_id", "=", user.id),
                ], limit=1)
                if user not in (seller, seller.sale_team_id.user_id) and not cases:
                    raise AccessError(self.env._(
                        "The salesperson of %(customer)s, or a credit user, may say this.",
                        customer=customer.display_name,
                    ))
        return customers
