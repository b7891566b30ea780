from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CreditPolicy(models.Model):
    """What people do with a policy: look ahead, switch it on and off, see whom it is about."""

    _inherit = "credit.policy"

    # ------------------------------------------------------------------ actions

    def action_preview(self):
        """What the next night would do under this policy, before it is switched on."""
        self.ensure_one()
        return self.env["credit.preview"]._open(self)

    def action_activate(self):
        self._check_manager()
        for record in self:
            record._check_ready()
        self.write({"state": "active"})
        self.env["credit.case"]._recheck(
            Domain("company_id", "in", self.company_id.ids) & Domain("state", "!=", "closed")
        )

    def action_draft(self):
        self._check_manager()
        self.write({"state": "draft"})

    def action_debtors(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Debtors under %(policy)s", policy=self.name),
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": [("id", "in", self.env["credit.forecast"]._policy_debtors(self))],
        }

    def action_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_case_action"
        )
        return action | {"domain": [("policy_id", "=", self.id)], "context": {}}

    @api.model
    def action_load_starters(self):
        """Copies the shipped policies into a company that has none, as drafts."""
        self._check_manager()
        company = self.env.company
        if not self.search_count([("company_id", "=", company.id)]):
            for xmlid in ("credit_policy_business", "credit_policy_consumer"):
                # shipped for the main company, which this manager may not see
                starter = self.sudo().env.ref(
                    f"account_credit_care.{xmlid}", raise_if_not_found=False
                )
                if starter:
                    starter.copy({
                        "company_id": company.id, "name": starter.name, "user_id": False,
                        "is_default": starter.is_default,
                    })
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_policy_action"
        )

    def _check_ready(self):
        """What a draft may lack and an active policy may not."""
        other = self.sudo().search([
            ("company_id", "=", self.company_id.id), ("is_default", "=", True),
            ("state", "=", "active"), ("id", "!=", self.id),
        ], limit=1)
        if self.is_default and other:
            raise UserError(
                self.env._(
                    "“%(other)s” takes all other customers of %(company)s already. Set it back to"
                    " draft first, or let one of the two take a segment.",
                    other=other.name, company=self.company_id.name,
                )
            )
        if not self.do_nothing and not self.user_id and not self.company_id.credit_controller_id:
            raise UserError(
                self.env._(
                    "Nobody signs the messages of “%(policy)s”. Choose its controller, or the one"
                    " of the company in the settings.",
                    policy=self.name,
                )
            )

    def _check_manager(self):
        if not self.env.user.has_group("account_credit_care.group_credit_manager"):
            raise UserError(self.env._("Only a credit manager switches policies on and off."))
