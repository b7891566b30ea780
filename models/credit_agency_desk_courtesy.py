from odoo import api, models
from odoo.exceptions import UserError


class CreditAgencyDesk(models.AbstractModel):
    """Calls in the company's own name, at the desk: what to say, and what came of it."""

    _inherit = "credit.agency.desk"

    @api.model
    def get_script(self, placement_id):
        """What to say, the disclosure line first; nothing where it is no call in our name."""
        return str(self._get_placement(placement_id).script or "")

    @api.model
    def log_courtesy(self, placement_id, outcome, remark="", on=None):
        """What came of a call of this moment: refused where hours and caps allow none. ``on``: the
        day on which the customer pays."""
        placement, seat = self._begin(placement_id)
        if placement.kind != "courtesy":
            raise UserError(self.env._("This is no call in our name. Log it as a contact."))
        words = placement._check_words(remark, required=False)
        day = self._read_day(on) if on else None
        placement._place_in_time(None)
        placement._take(seat)
        action = placement._log_courtesy(outcome, words, day, seat)
        return {"id": action.id, "state": placement.state}
