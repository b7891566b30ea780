from odoo import models
from odoo.exceptions import UserError


class CreditDoor(models.AbstractModel):
    """Records whose state changes by one door, along the ways of ``_transitions`` alone."""

    _name = "credit.door"
    _description = "Credit care: one way from state to state"
    _transitions = {}

    def _set_state(self, target, **values):
        self._check_transition(target)
        return self.sudo().write({"state": target, **values})

    def _check_transition(self, target):
        for record in self:
            if target not in self._transitions[record.state]:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(self.env._(
                    "“%(record)s” cannot go from %(before)s to %(target)s.",
                    record=record.display_name, before=labels[record.state], target=labels[target],
                ))
