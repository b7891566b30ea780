from odoo import models
from odoo.exceptions import AccessError


class CreditGuarded(models.AbstractModel):
    """Records that are written through doors which have asked for rights, whatever a client sends.
    People write the fields named in ``_by_hand`` and no other; where most fields are theirs,
    ``_by_door`` names those that are not. Fields of mail and of other add-ons are theirs."""

    _name = "credit.guarded"
    _description = "Credit care: fields that only its doors write"
    _by_hand = frozenset()
    _by_door = frozenset()

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and self._is_kept(field):
            return False
        return super()._has_field_access(field, operation)

    def _is_kept(self, field):
        """Whether the machinery alone writes ``field``."""
        if self._by_door:
            return field.name in self._by_door
        return "account_credit_care" in field._modules and field.name not in self._by_hand

    def _check_user(self, manager=False, access="write"):
        group = "manager" if manager else "user"
        refusal = self.env._("Only a credit manager may do this.") if manager else self.env._(
            "Only credit users may do this."
        )
        return self._entitled(group, refusal, access)

    def _checked(self, manager=False):
        """These records with all rights, once the user was found entitled."""
        self._check_user(manager)
        return self.sudo()

    def _entitled(self, group, refusal, access="write"):
        """The same for the group of a name, with a sentence of its own for all others."""
        if not self.env.user.has_group(f"account_credit_care.group_credit_{group}"):
            raise AccessError(refusal)
        self.check_access(access)
        return self.sudo()
