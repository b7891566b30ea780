from odoo import api, fields, models

from ..domain.contact import ANSWERS
from ..domain.mandate import granted
from .credit_mandate import OPEN
from .windows import open_record


class CreditCase(models.Model):
    """A case and the agency: what was placed of it, and what the house stops doing meanwhile."""

    _inherit = "credit.case"

    placement_ids = fields.One2many("credit.placement", "case_id", "Placements")
    cost_ids = fields.One2many("credit.cost", "case_id", "Costs")
    cost_total = fields.Monetary(
        "Cost of collection", compute="_compute_cost_total",
        help="Court, lawyer, searches; without the fees of agencies.",
    )
    placement_count = fields.Integer("Placements count", compute="_compute_placement_count")

    def _compute_placement_count(self):
        counts = self._count("credit.placement")
        for case in self:
            case.placement_count = counts.get(case, 0)

    @api.depends("cost_ids.amount_company")
    def _compute_cost_total(self):
        totals = dict(self.env["credit.cost"]._read_group(
            [("case_id", "in", self.ids)], ["case_id"], ["amount_company:sum"]
        ))
        for case in self:
            case.cost_total = totals.get(case, 0)

    def action_place(self):
        """Prepares a placement, or opens the one that is there: a manager sends it."""
        self.ensure_one()
        self._check_user()
        placement = self.placement_ids.filtered(lambda p: p.state in OPEN)
        if not placement:
            placement = self.env["credit.placement"]._prepare(self.sudo())
        return open_record(placement)

    def action_open_placements(self):
        return self._open_related("credit_placement_action", [("case_id", "in", self.ids)])

    def _stop_own_dunning(self):
        """Two hands never ask for the same: what waits is taken back. What the debtor has asked
        for, or is glad to read, still goes out."""
        self.action_ids.filtered(
            lambda a: a.kind == "reminder" or a.kind == "message" and a.purpose not in ANSWERS
        )._cancel("placed")
        self.activity_feedback(["account_credit_care.mail_activity_type_agency"])

    def write(self, vals):
        """Where the relationship has come first, only the qualified go on, from this moment."""
        wanted = bool(vals.get("relationship_priority"))
        if "relationship_priority" in vals and not self.env.su and any(
            case.relationship_priority != wanted for case in self
        ):
            self._check_user(manager=True)  # the salesperson advises, a manager grants
        result = super().write(vals)
        if vals.get("relationship_priority"):
            self.sudo().placement_ids._withdraw_unfit()
        return result

    def _join_papers(self, keep):
        """Of two notes and two placements one is left, before both belong to one case."""
        notes = (keep.note_id, self.note_id)
        if all(notes):
            kept, own = notes
            is_better = kept.state == "requested" and own.state != "requested"
            (kept if is_better else own)._end()
        out = [case.placement_ids.filtered(lambda p: p.state in OPEN) for case in (keep, self)]
        if all(out):
            kept, own = out
            loser = kept if kept.state == "ready" else own
            loser._end("recalled", self.env._("Merged with another customer"), back=False)
        for placement in self.placement_ids.filtered(lambda p: p.state in OPEN):
            placement.pressure = granted(placement.pressure, keep.pressure)
        if keep.relationship_priority:
            self.relationship_priority = True  # whoever is not qualified is off before it moves
