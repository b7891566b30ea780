from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..domain.fees import COURTESY
from .credit_action_courtesy import COURTESY_OUTCOMES


class CreditAgencyDesk(models.AbstractModel):
    """Calls in the company's own name, at the desk: what to say, and what came of it."""

    _inherit = "credit.agency.desk"

    # ------------------------------------------------------------------ what is shown

    def _show_row(self, placement):
        """The house calls it a call in its own name; that would read wrongly here."""
        row = super()._show_row(placement)
        is_courtesy = placement.kind == COURTESY
        kind = self.env._("Courtesy call") if is_courtesy else row["kind"]
        return row | {"is_courtesy": is_courtesy, "kind": kind}

    def _get_filters(self):
        """Whose mandates have such calls finds them by themselves: they are short of days."""
        calls = {"courtesy": Domain("kind", "=", COURTESY)} if self._has_courtesy() else {}
        return super()._get_filters() | calls

    def _get_filter_labels(self):
        calls = {"courtesy": self.env._("Calls in the creditor's name")}
        return super()._get_filter_labels() | (calls if self._has_courtesy() else {})

    def _has_courtesy(self):
        return any(self._get_seats().mandate_id.mapped("does_courtesy"))

    def _get_acts(self, placement):
        """A call in our name asks and listens: what the customer says has outcomes of its own, and
        what follows from them is the house's."""
        if placement.kind == COURTESY:
            return ["courtesy", "ask", "give_back"]
        return super()._get_acts(placement)

    @api.model
    def get_placement(self, placement_id):
        """Of a call in our name also what to say, until when, and what may come of it."""
        shown = super().get_placement(placement_id)
        placement = self._get_placement(placement_id)
        if placement.kind == COURTESY:
            outcomes = self.env["credit.action"]._fields["courtesy_outcome"]
            labels = dict(outcomes._description_selection(self.env))
            shown["script"] = str(placement.script or "")
            shown["choices"]["courtesy"] = [[code, labels[code]] for code, _ in COURTESY_OUTCOMES]
        return shown

    @api.model
    def get_script(self, placement_id):
        """What to say, the disclosure line first; nothing where it is no call in our name."""
        return str(self._get_placement(placement_id).script or "")

    # ------------------------------------------------------------------ what came of it

    @api.model
    def log_courtesy(self, placement_id, outcome, remark="", on=None):
        """What came of a call of this moment: refused where hours and caps allow none. ``on``: the
        day on which the customer pays."""
        placement, seat = self._begin(placement_id)
        if placement.kind != COURTESY:
            raise UserError(self.env._("This is no call in our name. Log it as a contact."))
        words = placement._check_words(remark, required=False)
        day = self._read_day(on) if on else None
        if day:
            placement._check_promise_day(day)
        placement._place_in_time(None)
        placement._take(seat)
        action = placement._log_courtesy(outcome, words, day, seat)
        return {"id": action.id, "state": placement.state}
