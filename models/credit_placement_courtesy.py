from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..domain.fees import COURTESY
from .credit_placement import OUT
from .errors import brief


class CreditPlacement(models.Model):
    """Calls in the company's own name: a step of the policy that an agency takes. The case stays
    what it is; for some days nobody else asks, then it goes on in the house by itself."""

    _inherit = "credit.placement"

    level_id = fields.Many2one(
        "credit.policy.level", "Step of the policy", readonly=True, ondelete="restrict",
        index="btree_not_null", help="The call that the agency makes in our name.",
    )
    script = fields.Html(
        "What to say", compute="_compute_script",
        help="The disclosure line first, in the customer's language.",
    )

    @api.depends("mandate_id", "level_id", "kind")
    def _compute_script(self):
        for placement in self:
            placement.script = placement.kind == COURTESY and placement.sudo()._render_script()

    def _render_script(self):
        """Who he is and for whom he calls, before anything else (invariant: the disclosure is the
        mandate's and cannot be left out)."""
        lang = self.env["credit.message"]._in_language_of(self.partner_id).env.context.get("lang")
        own = self.with_context(lang=lang)
        step = own.level_id or own.case_id.level_id
        disclosure = plaintext2html(own.mandate_id.disclosure or "")
        return Markup("%s%s") % (disclosure, Markup(step.script or ""))

    # ------------------------------------------------------------------ entrusted

    @api.model
    def _entrust_calls(self, actions):
        """``{action: why not}``: calls that the policy leaves to an agency. Those that may not go
        stay in the house, so that nobody waits for a paper; the others are the agency's. The note
        is asked of every kind: where there is none it is asked for now."""
        refused = {}
        calls = actions.filtered(
            lambda a: a.channel == "phone" and a.level_id.executor == "agency"
        )
        if calls:
            self.env["credit.handover"]._request(calls.case_id)
        for action in calls:
            try:
                with self.env.cr.savepoint():
                    self._entrust_call(action)
            except UserError as error:
                self.env.invalidate_all()
                refused[action] = brief(error)
        return refused

    def _entrust_call(self, action):
        """The action is the agency's from now on: its items keep the step, the house makes no
        call of it."""
        level = action.level_id
        placement = self._prepare(
            action.case_id, COURTESY, level=level, items=action.line_ids._claims().item_id
        )
        action.activity_id.unlink()
        action.write({"placement_id": placement.id})
        if action.state == "planned":
            action._set_state("queued", subject=level.name, body=placement.script)
        placement._hand_over()

    @api.model
    def _entrust_waiting(self, company):
        """Calls that waited in the house for the salesperson's word go when it is there."""
        if not self.env["credit.policy.level"].sudo().search_count(
            [("company_id", "=", company.id), ("executor", "=", "agency")], limit=1
        ):
            return
        waiting = self.env["credit.action"].sudo().search([
            ("company_id", "=", company.id), ("kind", "=", "reminder"), ("state", "=", "queued"),
            ("channel", "=", "phone"), ("level_id.executor", "=", "agency"),
            ("placement_id", "=", False),
            ("case_id.handover_ids", "any", [
                ("ended_on", "=", False), ("state", "in", ("submitted", "waived")),
            ]),
        ])
        self._entrust_calls(waiting)

    def _give_call_back(self):
        """It ends before anybody said what came of the call: the step counts as taken, and the next
        one follows."""
        contacts = self.sudo().action_ids.filtered(lambda a: a.state == "done")
        self.sudo().action_ids.filtered(lambda a: a.state == "queued")._set_state(
            "skipped", skip_reason=self.env._("The agency has made its contacts") if contacts
            else self.env._("The agency has not called"),
        )

    # ------------------------------------------------------------------ what came of it

    def _log_courtesy(self, outcome, remark="", on=None, collector=None):
        """What came of a call in our name, and what follows from it. Whoever calls this has asked
        for rights: a credit user's window, or the desk of the agency, which says for whom."""
        self.ensure_one()
        actions = self.env["credit.action"].sudo()
        if self.kind != COURTESY or self.state not in OUT:
            raise UserError(self.env._("This is no courtesy call that is still to be made."))
        actions._check_courtesy(self, outcome, remark, on)
        own = self.sudo()
        action = actions._take_courtesy(own, outcome, remark, collector)
        label = action._get_courtesy_label()
        if outcome != "not_reached":
            own._end("returned", label)
        action._follow_courtesy(own, on)
        return action

    def action_log_courtesy(self):
        self.ensure_one()
        self._check_user(access="read")
        return self.env["credit.courtesy"]._open(self)
