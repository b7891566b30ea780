from datetime import date, timedelta

from odoo import fields, models
from odoo.tools import consteq
from odoo.tools.misc import hmac

SCOPE = "account_credit_care.page"


class CreditCase(models.Model):
    """The debtor's own page: a link in each message, without login. The link is signed with a
    secret of the database, ends with its own day, and all of them end when somebody takes them
    back. Nothing is stored for it, so that a thousand messages cost no write."""

    _inherit = "credit.case"

    merged_into_id = fields.Many2one(
        "credit.case", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    page_round = fields.Integer(
        readonly=True, copy=False, help="Raised when all links given so far are taken back."
    )

    def _get_page_url(self):
        """The link for a message of today."""
        self.ensure_one()
        today = self.company_id._credit_today()
        days = self.policy_id.sudo().page_days or 60
        token = self._sign_page(today + timedelta(days=days))
        return f"{self.get_base_url()}/credit/{self.id}/{token}"

    def _sign_page(self, until):
        """``until`` is part of the token: the last day on which it opens the page."""
        message = (self._name, self.id, self.page_round or 0, until.isoformat())
        return f"{until:%Y%m%d}-{hmac(self.env(su=True), SCOPE, message)}"

    def _check_page_token(self, case_id, token):
        """``(case, fault)`` of a link: the case with all rights, or nothing and why: "wrong" (or
        taken back: nobody is told which), "expired"."""
        token = (token or "").encode("ascii", "replace").decode()
        case = self.sudo().browse(case_id if case_id < 2**31 else 0).exists()
        stamp, _dash, _digest = token.partition("-")
        try:
            until = date.fromisoformat(stamp)
        except ValueError:
            return self.browse(), "wrong"
        # a token of a case that does not exist takes the same way, so that nobody can count cases
        expected = (case or self.sudo().new({"page_round": -1}))._sign_page(until)
        if not consteq(expected, token) or not case:
            return self.browse(), "wrong"
        case = case._get_live()
        if until < case.company_id._credit_today():
            return case, "expired"
        return case, ""

    def _get_live(self):
        """The case that goes on where this one ended: merged with another customer's, or opened
        anew since. Who follows an old link is never told that all is settled while it is not."""
        if self.state != "closed":
            return self
        partner = (self.merged_into_id or self).partner_id
        return self.search([
            ("partner_id", "=", partner.id), ("company_id", "=", self.company_id.id),
            ("state", "!=", "closed"),
        ], limit=1) or self

    def action_revoke_page(self):
        """Takes back all links to the page that were given so far."""
        for case in self._checked():
            # links of his closed cases lead here as well
            for own in case | self.sudo().search([
                ("company_id", "=", case.company_id.id), "|",
                ("partner_id", "=", case.partner_id.id),
                ("merged_into_id.partner_id", "=", case.partner_id.id),
            ]):
                own.page_round = (own.page_round or 0) + 1
            case.message_post(body=self.env._("The links to the customer's page were taken back."))
        return True

    def action_open_page(self):
        """The page as the debtor sees it."""
        self._check_user()
        return {"type": "ir.actions.act_url", "url": self._get_page_url(), "target": "new"}
