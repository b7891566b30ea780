from odoo import models
from odoo.tools import SQL

NEW_POLICY = -1  # stands for the id of a policy that is not saved yet


class CreditLedger(models.AbstractModel):
    """Which policy, salesperson and controller each live case has, by one statement each."""

    _inherit = "credit.ledger"

    # ------------------------------------------------------------------ policies

    def _policy_of_partner(self, company, extra=None):
        """SQL expression: the policy of ``partner`` (alias of its row, commercial): its own, else
        the first active one whose segment matches, else the company's default. ``extra`` is a
        policy looked at as if it were active, as it stands on the screen: its id is NEW_POLICY
        while it has none."""
        Policy = self.env["credit.policy"].sudo()
        policies = Policy.search([("company_id", "=", company.id), ("state", "=", "active")])
        if extra:
            policies = policies - extra._origin | extra.sudo()
        keys = {policy: policy._origin.id or NEW_POLICY for policy in policies}
        policies = policies.sorted(lambda p: (p.sequence, keys[p] == NEW_POLICY, keys[p]))
        own = SQL("(debtor.credit_care_policy_id ->> %s)::int", str(company.id))
        choices = [
            SQL("CASE WHEN %s IN %s THEN %s END", own, tuple(keys.values()) or (0,), own)
        ]
        for policy in policies.filtered(lambda p: p.scope == "segment"):
            query = self.env["res.partner"].sudo().with_company(company).with_context(
                active_test=False
            )._search(policy._get_segment())
            choices.append(SQL(
                "CASE WHEN debtor.id IN %s THEN %s END", query.subselect(), keys[policy]
            ))
        default = extra if extra and extra.is_default else policies.filtered("is_default")[-1:]
        choices.append(SQL("%s", keys.get(default)))
        return SQL("COALESCE(%s)", SQL(", ").join(choices))

    def _resolve_policies(self, company):
        """A debtor who changes segment changes policy; his items keep the day they reached."""
        self._run(SQL(
            """UPDATE credit_case AS care SET policy_id = found.policy_id, next_check_on = %(today)s
                 FROM (SELECT one.id, %(policy)s::int AS policy_id
                         FROM credit_case one JOIN res_partner debtor ON debtor.id = one.partner_id
                        WHERE one.company_id = %(company)s AND one.state != 'closed') AS found
                WHERE care.id = found.id AND care.policy_id IS DISTINCT FROM found.policy_id""",
            policy=self._policy_of_partner(company), company=company.id,
            today=company._credit_today(),
        ))

    def _follow_salespeople(self, company):
        """A customer who is given to another salesperson takes his case along."""
        self._run(SQL(
            """UPDATE credit_case care SET salesperson_id = seller.id
                 FROM res_partner debtor JOIN res_users seller ON seller.id = debtor.user_id
                WHERE debtor.id = care.partner_id AND care.company_id = %s
                  AND care.state != 'closed' AND seller.active AND NOT seller.share
                  AND care.salesperson_id IS DISTINCT FROM seller.id""",
            company.id,
        ))

    def _follow_controllers(self, company):
        """Nobody is written to in the name of somebody who has left: his cases go to the
        controller of their policy, else to the company's."""
        self._run(SQL(
            """UPDATE credit_case care SET user_id = heir.id
                 FROM credit_case left_one
                 JOIN res_users gone ON gone.id = left_one.user_id AND gone.active IS NOT TRUE
                 LEFT JOIN credit_policy policy ON policy.id = left_one.policy_id
                 LEFT JOIN res_users own ON own.id = policy.user_id AND own.active
                 LEFT JOIN res_users general ON general.id = %(controller)s AND general.active
                CROSS JOIN LATERAL (SELECT COALESCE(own.id, general.id) AS id) AS heir
                WHERE care.id = left_one.id AND care.company_id = %(company)s
                  AND care.state != 'closed' AND heir.id IS NOT NULL""",
            company=company.id, controller=company.credit_controller_id.id or None,
        ))
