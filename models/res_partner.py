from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..domain import thresholds

MANAGER = "account_credit_care.group_credit_manager"
GUARDED = {"credit_care_policy_id", "credit_care_never_suspend"}
SETTINGS = (*sorted(GUARDED), "credit_care_contact_id")


class ResPartner(models.Model):
    _inherit = "res.partner"

    credit_care_policy_id = fields.Many2one(
        "credit.policy", "Credit policy", company_dependent=True, check_company=True, copy=False,
        groups="account_credit_care.group_credit_user",
        help="Wins over the segments. Empty: the first policy whose segment matches.",
    )
    credit_care_never_suspend = fields.Boolean(
        "Never suspend credit", company_dependent=True, copy=False,
        groups="account_credit_care.group_credit_user",
    )
    credit_care_contact_id = fields.Many2one(
        "res.partner", "Contact for reminders", copy=False,
        domain="['|', ('parent_id', '=', id), ('id', '=', id)]", ondelete="set null",
        groups="account_credit_care.group_credit_user",
        help="Empty: the invoice address.",
    )
    credit_care_no_survey = fields.Boolean(
        "Ask no questions", help="Has told us that he wants no surveys.",
    )
    credit_care_attention = fields.Text(
        "Special attention", copy=False,
        groups="account_credit_care.group_credit_user,sales_team.group_sale_salesman",
        help="In what way this customer needs care when payments are late. Seen by whoever calls.",
    )
    credit_care_no_calls = fields.Boolean(
        "Wants no calls", copy=False,
        groups="account_credit_care.group_credit_user,sales_team.group_sale_salesman",
        help="Steps by phone take their other way, for own staff and agencies alike.",
    )
    credit_care_case_ids = fields.One2many(
        "credit.case", "partner_id", "Credit cases",
        groups="account_credit_care.group_credit_user",
    )
    credit_care_agreement_ids = fields.One2many(
        "credit.agreement", "partner_id", "Credit agreements",
        groups="account_credit_care.group_credit_user",
    )
    credit_care_case_id = fields.Many2one(
        "credit.case", "Live credit case", compute="_compute_credit_care_case",
        groups="account_credit_care.group_credit_user,sales_team.group_sale_salesman",
    )
    credit_care_overdue = fields.Monetary(
        "Overdue", compute="_compute_credit_care_case", currency_field="credit_care_currency_id",
        groups="account_credit_care.group_credit_user,sales_team.group_sale_salesman",
    )
    credit_care_currency_id = fields.Many2one(
        "res.currency", compute="_compute_credit_care_case", string="Currency of the case",
        groups="base.group_user",
    )
    credit_care_is_manager = fields.Boolean(
        compute="_compute_credit_care_is_manager", groups="base.group_user"
    )
    credit_care_suspended = fields.Boolean(
        "Credit suspended", compute="_compute_credit_care_case",
        search="_search_credit_care_suspended", groups="base.group_user",
    )
    credit_care_note = fields.Char(
        compute="_compute_credit_care_case", groups="base.group_user"
    )

    @api.depends_context("company", "uid")
    def _compute_credit_care_case(self):
        """The live case in the company of the user, for whom may read it; whoever may read a
        customer learns whether credit is suspended, not more."""
        cases = self.env["credit.case"].sudo().search([
            ("partner_id", "in", self.commercial_partner_id.ids), ("state", "!=", "closed"),
            ("company_id", "=", self.env.company.id),
        ])
        own = self.env["credit.case"]
        own = own.browse(cases.ids)._filtered_access("read") if own.has_access("read") else own
        by_partner = {case.partner_id: case for case in cases}
        for partner in self:
            case = by_partner.get(partner.commercial_partner_id, cases.browse())
            shown = case & own.sudo()
            partner.credit_care_case_id = shown.id
            partner.credit_care_overdue = shown.amount_overdue
            partner.credit_care_currency_id = shown.currency_id
            partner.credit_care_suspended = bool(case.suspended_on)
            partner.credit_care_note = shown.suspension_note or (
                case.suspended_on and self.env._("Credit suspended")
            )

    def _compute_credit_care_is_manager(self):
        self.credit_care_is_manager = self.env.user.has_group(MANAGER)

    def _search_credit_care_suspended(self, operator, value):
        if operator != "in":
            return NotImplemented
        cases = self.env["credit.case"].sudo()._search([
            ("suspended_on", "!=", False), ("company_id", "=", self.env.company.id),
        ])
        query = cases.subselect("partner_id")
        return [("commercial_partner_id", "in" if True in value else "not in", query)]

    def _credit_suspension(self, company):
        """The suspended case of this customer in ``company`` if its cause still stands at this
        moment, else an empty one: who has just paid may order at once."""
        case = self.env["credit.case"].sudo().search([
            ("partner_id", "=", self.commercial_partner_id.id), ("company_id", "=", company.id),
            ("state", "!=", "closed"), ("suspended_on", "!=", False),
        ])
        if not case:
            return case
        facts = self.env["credit.standing"].sudo().with_company(company)._read_cases(
            case, company
        )[case.partner_id.id]
        cause = thresholds.suspension_cause(
            facts.blocking(), facts.limits, facts.marks, facts.today
        )
        return case if cause else case.browse()

    @api.model_create_multi
    def create(self, vals_list):
        given = {name for vals in vals_list for name in GUARDED if vals.get(name)}
        given |= {name for name in GUARDED if self.env.context.get(f"default_{name}")}
        self._check_credit_care_rights(given)
        return super().create(vals_list)

    def write(self, vals):
        touched = {
            name for name in GUARDED & vals.keys()
            if any(
                partner._fields[name].convert_to_write(partner[name], partner)
                != (vals[name] or False)
                for partner in self.sudo()
            )
        }
        self._check_credit_care_rights(touched)
        result = super().write(vals)
        if "credit_care_never_suspend" in touched:  # the night looks at him, whenever it meant to
            self.env["credit.case"].sudo().search([
                ("partner_id", "in", self.ids), ("state", "!=", "closed"),
            ])._recheck()
        return result

    def _check_credit_care_rights(self, touched):
        """Who takes a customer out of dunning or out of suspension, or puts him back, signs for
        it: a manager."""
        if touched and not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._(
                "Only a credit manager sets the policy of a customer or exempts him from"
                " suspension."
            ))

    def _credit_hand_settings_to(self, partner):
        """Policy, exemption and contact of customers who are merged into ``partner``, where he has
        none of his own; in each company."""
        target = partner.sudo()
        target.invalidate_recordset()  # core's merge writes by SQL
        # companies are few, and each of them is meant
        # pylint: disable-next=no-search-all
        for company in self.env["res.company"].sudo().search([]):
            for source in self.sudo().with_company(company):
                own = target.with_company(company)
                for name in SETTINGS:
                    if source[name] and not own[name]:
                        own[name] = source[name]

    def action_open_credit_case(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_care.credit_case_action"
        )
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        if self.credit_care_case_id:
            action |= {"res_id": self.credit_care_case_id.id, "views": [(False, "form")]}
        return action
