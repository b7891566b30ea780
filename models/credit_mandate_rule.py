from odoo import api, fields, models
from odoo.fields import Domain

from ..domain import mandate
from ..domain.money import to_units
from .credit_mandate import KINDS

PRIORITIES = [
    ("yes", "Where the relationship comes first"),
    ("no", "Where it does not"),
]


class CreditMandateRule(models.Model):
    """Which agency gets a case: the first rule that holds it says between whom it is dealt out.
    A rule without mandates keeps its cases in the house."""

    _name = "credit.mandate.rule"
    _description = "Which agency gets a case"
    _inherit = ["credit.segment"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    policy_ids = fields.Many2many(
        "credit.policy", string="Policies", check_company=True,
        help="Debtors under one of these. Empty: under any.",
    )
    country_ids = fields.Many2many("res.country", string="Countries", help="Empty: all.")
    state_ids = fields.Many2many(
        "res.country.state", string="Provinces",
        help="Only these of their country; a country without any is taken as a whole.",
    )
    zip_prefixes = fields.Char(
        "Postal codes", help="How they begin, separated by commas: 41, 42. In one country.",
    )
    kind = fields.Selection(KINDS, help="Empty: every kind of placement.")
    min_amount = fields.Monetary("From")
    max_amount = fields.Monetary("Below", help="0: without end.")
    priority = fields.Selection(PRIORITIES, "Relationship", help="Empty: both.")

    share_ids = fields.One2many("credit.mandate.share", "rule_id", "Goes to", copy=True)
    shares_since = fields.Date(
        "Counted from", readonly=True, copy=False, default=fields.Date.context_today,
        help="Cases are dealt out by shares from this day on: when the shares last changed.",
    )
    case_note = fields.Char("Takes", compute="_compute_notes")
    share_note = fields.Char("Goes to (in words)", compute="_compute_notes")
    warning = fields.Char(compute="_compute_warning")

    _amounts = models.Constraint(
        "CHECK (coalesce(min_amount, 0) >= 0 AND coalesce(max_amount, 0) >= 0)",
        "Amounts of a rule cannot be negative; 0 means without end.",
    )

    # ------------------------------------------------------------------ computed

    @api.depends(
        "policy_ids", "segment_domain", "country_ids", "state_ids", "zip_prefixes", "kind",
        "min_amount", "max_amount", "priority", "share_ids.weight", "share_ids.mandate_id",
    )
    @api.depends_context("lang")
    def _compute_notes(self):
        for rule in self:
            rule.case_note = " · ".join(rule._describe_cases()) or self.env._("Every case")
            rule.share_note = rule._describe_shares()

    def _describe_cases(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("kind", "priority")
        }
        amount = {"least": self.currency_id.format(self.min_amount),
                  "most": self.currency_id.format(self.max_amount)}
        parts = [
            labels["kind"].get(self.kind), ", ".join(self.policy_ids.mapped("name")),
            self._has_segment() and self.env._("a segment"),
            ", ".join((self.country_ids | self.state_ids.country_id).mapped("name")),
            ", ".join(self.state_ids.mapped("name")),
            self.zip_prefixes and self.env._("postal codes %(codes)s", codes=self.zip_prefixes),
            self.min_amount and self.env._("from %(least)s", **amount),
            self.max_amount and self.env._("below %(most)s", **amount),
            labels["priority"].get(self.priority),
        ]
        return filter(None, parts)

    def _describe_shares(self):
        whole = sum(self.share_ids.mapped("weight"))
        if not whole:
            return self.env._("Stays in the house")
        return " · ".join(
            self.env._(
                "%(who)s %(percent)s %%", who=self._name_share(share.mandate_id),
                percent=round(100 * share.weight / whole),
            )
            for share in self.share_ids
        )

    def _name_share(self, mandate):
        """Most mandates bear the name of their agency: it need not be said twice."""
        agency = mandate.agency_id.name
        return mandate.name if agency in mandate.name else f"{agency} ({mandate.name})"

    @api.depends("sequence", "active", "company_id", "case_note", "share_ids.mandate_id.state")
    def _compute_warning(self):
        for rule in self:
            rule.warning = rule.active and rule._get_warning()

    def _get_warning(self):
        """What makes a rule idle, although it is no mistake."""
        rules = self.search([("company_id", "=", self.company_id.id)])
        number = rules.ids.index(self._origin.id) if self._origin in rules else len(rules)
        first = next((rule for rule in rules[:number] if not any(rule._describe_cases())), None)
        if first:
            return self.env._(
                "Never reached: “%(rule)s” before it takes every case. Move it up.",
                rule=first.name,
            )
        idle = self.share_ids.mandate_id.filtered(lambda one: one.state != "active")
        if idle:
            return self.env._(
                "“%(mandate)s” is not active: its share goes to the others.", mandate=idle[0].name
            )
        return False

    # ------------------------------------------------------------------ for the domain

    def _get_areas(self):
        """Provinces and postal codes are narrower than their country, and stand in its place."""
        prefixes = self._get_prefixes()
        narrowed = self.state_ids.country_id
        if prefixes:
            narrowed |= self.country_ids
        return frozenset(
            [("state", state.id) for state in self.state_ids]
            + [("zip", country.id, prefix) for country in self.country_ids for prefix in prefixes]
            + [("country", country.id) for country in self.country_ids - narrowed]
        )

    def _get_prefixes(self):
        return [part.strip() for part in (self.zip_prefixes or "").split(",") if part.strip()]

    def _to_domain(self):
        """For ``domain.mandate``; the rule itself names the segment of those whom it may take."""
        rounding = self.currency_id.rounding
        narrow = self._has_segment() or self.policy_ids
        return mandate.Rule(
            {share.mandate_id.id: share.weight for share in self.share_ids.sorted("id")},
            frozenset([self.id] if narrow else ()), self._get_areas(),
            frozenset([self.kind] if self.kind else ()),
            to_units(self.min_amount, rounding), to_units(self.max_amount, rounding) or None,
            {"yes": True, "no": False}.get(self.priority),
        )

    def _get_segments(self, policy_of):
        """``{partner id: ids of the rules whose segment and policies hold him}`` for debtors with
        their policies; one query a rule. A segment that cannot be read holds nobody."""
        held = {partner_id: set() for partner_id in policy_of}
        for rule in self:
            wanted = set(rule.policy_ids.ids)
            partner_ids = [p for p, policy in policy_of.items() if not wanted or policy in wanted]
            if rule._has_segment():
                segment = Domain("id", "in", partner_ids) & rule._get_segment()
                partner_ids = self.env["res.partner"].with_context(active_test=False).search(
                    segment
                ).ids
            for partner_id in partner_ids:
                held[partner_id].add(rule.id)
        return held

    # ------------------------------------------------------------------ what follows a change

    def _count_anew(self):
        """Shares are those among who is dealt to: from today on."""
        for company, rules in self.grouped("company_id").items():
            rules.sudo().write({"shares_since": company._credit_today()})
