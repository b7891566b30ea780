from odoo import api, models


class CreditWindow(models.AbstractModel):
    """A window that asks about records of ours. Anybody may open one of his own, and it shows at
    once what it is about, much of it computed with all rights. So what a client names in it, by
    whatever way, he must be able to read."""

    _name = "credit.window"
    _description = "Credit care: window that asks"

    @api.model_create_multi
    def create(self, vals_list):
        windows = super().create(vals_list)
        windows._check_named()
        return windows

    def write(self, vals):
        result = super().write(vals)
        self._check_named()
        return result

    def onchange(self, values, field_names, fields_spec):
        """A window that is not saved yet shows as much as one that is."""
        names = self._get_naming_fields()
        named = {} if self else self.default_get(names)
        named |= {name: values[name] for name in names if name in values}
        self.new(named)._check_named()
        return super().onchange(values, field_names, fields_spec)

    def _get_naming_fields(self):
        return [
            name for name, field in self._fields.items()
            if field.store and field.type in ("many2one", "many2many")
            and field.comodel_name.startswith("credit.")
        ]

    def _check_named(self):
        for name in self._get_naming_fields():
            records = self[name]._origin
            if records:
                records.check_access("read")
