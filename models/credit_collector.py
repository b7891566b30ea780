from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .credit_mandate import OPEN

IDENTITY = {"user_id", "mandate_id"}  # who a row is about


class CreditCollector(models.Model):
    """A person of the agency who may work under a mandate: an external user, made with core's
    own wizard. Whether he is qualified for relationship priority is a manager's word."""

    _name = "credit.collector"
    _description = "Collector"
    _inherit = ["credit.guarded"]
    _order = "mandate_id, qualified_on, id"
    _rec_names_search = ["user_id"]
    _by_door = frozenset({"qualified_on", "qualified_by"})  # it says by whom and since when

    mandate_id = fields.Many2one("credit.mandate", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="mandate_id.company_id", store=True, index=True)
    agency_id = fields.Many2one(related="mandate_id.agency_id")
    user_id = fields.Many2one(
        "res.users", required=True, index=True, ondelete="restrict",
        domain="[('share', '=', True), ('partner_id.commercial_partner_id', '=', agency_id)]",
    )
    is_leader = fields.Boolean("Team leader", help="Assigns collectors to placements.")
    active = fields.Boolean(default=True)
    qualified_on = fields.Date("Qualified on", readonly=True, copy=False)
    qualified_by = fields.Many2one("res.users", "Qualified by", readonly=True, copy=False)

    _once = models.Constraint(
        "UNIQUE (mandate_id, user_id)", "This collector is on the mandate already."
    )

    @api.depends("user_id")
    def _compute_display_name(self):
        for collector in self:
            collector.display_name = collector.user_id.sudo().name or ""

    def _get_signature(self):
        """His name with that of the agency, as the house reads it."""
        return f"{self.user_id.sudo().name} ({self.sudo().agency_id.name})" if self else ""

    @api.constrains("user_id", "mandate_id")
    def _check_user_of_agency(self):
        for collector in self:
            user, agency = collector.user_id.sudo(), collector.mandate_id.agency_id
            if user._is_internal():
                raise ValidationError(self.env._(
                    "“%(user)s” is a colleague of ours. A collector is an external user: invite"
                    " him to the portal from his contact.", user=user.name,
                ))
            if user.partner_id.commercial_partner_id != agency:
                raise ValidationError(self.env._(
                    "“%(user)s” does not belong to %(agency)s. Put his contact under the agency,"
                    " or choose somebody else.", user=user.name, agency=agency.name,
                ))

    # ------------------------------------------------------------------ qualification

    def action_qualify(self):
        """From now on he may work where the relationship comes first."""
        for collector in self._checked().filtered(lambda c: not c.qualified_on):
            collector.write({
                "qualified_on": collector.company_id._credit_today(),
                "qualified_by": self.env.user.id,
            })
        return True

    def action_disqualify(self):
        collectors = self._checked()
        collectors.write({"qualified_on": False, "qualified_by": False})
        collectors._withdraw()
        return True

    def _withdraw(self):
        """Off the placements on which he may not work any more."""
        self.env["credit.placement"].sudo().search([
            ("collector_id", "in", self.ids), ("state", "in", OPEN),
        ])._withdraw_unfit()

    def _checked(self):
        return self._entitled("manager", self.env._("Only a credit manager qualifies collectors."))

    # ------------------------------------------------------------------ what he may enter

    @api.model_create_multi
    def create(self, vals_list):
        collectors = super().create(vals_list)
        collectors.user_id._follow_credit_mandates()
        return collectors

    def write(self, vals):
        users = self.user_id
        others = self.filtered(lambda one: any(
            vals[name] != one[name].id for name in IDENTITY & vals.keys()
        ))
        if others:
            others._check_unused()
        result = super().write(vals)
        if others:
            others.sudo().write({"qualified_on": False, "qualified_by": False})
        if {"user_id", "mandate_id", "active"} & vals.keys():
            (users | self.user_id)._follow_credit_mandates()
            self._withdraw()
        return result

    def _check_unused(self):
        """A row that becomes another person's takes nothing along: what was done under it stays
        with who did it, and whether somebody is qualified is said of him alone."""
        named = [("collector_id", "in", self.ids)]
        if any(self.env[model].sudo().search_count(named, limit=1)
               for model in ("credit.action", "credit.placement")):
            raise UserError(self.env._(
                "“%(collector)s” has worked under this mandate, and that stays. Archive this row,"
                " and add a new one.", collector=self[0].display_name,
            ))

    def unlink(self):
        users = self.user_id
        result = super().unlink()
        users._follow_credit_mandates()
        return result
