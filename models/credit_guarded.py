from odoo import models


class CreditGuarded(models.AbstractModel):
    """Records of which people write a few fields, named in ``_by_hand``, whatever a client sends;
    all else is written by the machinery, behind doors that have asked for rights. Fields of mail
    and of other add-ons are theirs."""

    _name = "credit.guarded"
    _description = "Credit care: fields that only its doors write"
    _by_hand = frozenset()

    def _has_field_access(self, field, operation):
        ours = "account_credit_care" in field._modules and field.name not in self._by_hand
        if operation == "write" and ours and not self.env.su:
            return False
        return super()._has_field_access(field, operation)
