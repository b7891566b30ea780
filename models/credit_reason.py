from odoo import fields, models

KINDS = [
    ("forgot", "Forgot"),
    ("not_received", "Invoice not received"),
    ("no_money", "No money now"),
    ("our_failure", "Our own failure"),
    ("dispute", "Dispute"),
    ("administrative", "Administrative hurdle"),
    ("unreachable", "Cannot be reached"),
    ("paid", "Says it is paid"),
    ("experience", "A bad experience with us"),
    ("other", "Other"),
]


class CreditReason(models.Model):
    """Why a debtor has not paid: how to speak with him follows from it."""

    _name = "credit.reason"
    _description = "Reason for non-payment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, required=True, default="other")
    guidance = fields.Text(
        translate=True, help="What the caller should keep in mind and offer with this reason."
    )
    user_id = fields.Many2one(
        "res.users", "Handled by", domain="[('share', '=', False)]",
        help="Who looks into it, when it is not the controller of the case: the department that"
        " failed, or whoever corrects invoices. Any colleague; he sees what he has to answer and"
        " nothing else.",
    )
    follow_up = fields.Selection(
        [
            ("none", "Nothing more"),
            ("promise", "Agree on a day"),
            ("resend", "Resend the invoice"),
            ("plan", "Propose a plan"),
            ("dispute", "Open a dispute"),
            ("department", "Ask the department"),
        ],
        "What follows", required=True, default="none",
    )

    def _get_all(self):
        """What a caller may choose from: a dozen."""
        return self.sudo().search([("active", "=", True)])

    def _get_codes(self):
        """``{id: code}``: names that stay the same on every installation, for programs."""
        found = {
            row["res_id"]: row["name"].removeprefix("credit_reason_")
            for row in self.env["ir.model.data"].sudo().search_read([
                ("model", "=", self._name), ("res_id", "in", self.ids),
                ("module", "=", "account_credit_care"),
            ], ["name", "res_id"])
        }
        return {reason.id: found.get(reason.id, str(reason.id)) for reason in self}
