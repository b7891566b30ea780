"""What Odoo does not undo by itself when the add-on goes."""

MODULE = "account_credit_care"
# records that name a model by its technical name: without it they fail, or are shown to nobody
NAMING = {
    "ir.filters": "model_id",
    "ir.exports": "resource",
    "mail.scheduled.message": "model",
    "snailmail.letter": "model",
}


def uninstall_hook(env):
    """Tables, columns, records of data, messages and followers go by themselves. The flags of
    core's own records (``no_followup``) are the user's decision about the invoice and stay."""
    env = env(context=dict(env.context, active_test=False))
    own = [name for name, model in env.registry.items() if model._original_module == MODULE]
    for name, field in NAMING.items():
        env[name].search([(field, "in", own)]).unlink()
    kinds = env["ir.model.data"].search([
        ("module", "=", MODULE), ("model", "=", "mail.activity.type"),
    ])
    env["mail.activity"].search([("activity_type_id", "in", kinds.mapped("res_id"))]).unlink()
    _forget_names(env, own)
    _forget_keys(env, own)


def _forget_names(env, own):
    """External ids that mail, sms… have given to parts of our models outlive these."""
    parts = {
        "ir.model.inherit": "model_id.model",
        "ir.model.fields.selection": "field_id.model",
    }
    for name, path in parts.items():
        records = env[name].search([(path, "in", own)])
        env["ir.model.data"].search([
            ("model", "=", name), ("res_id", "in", records.ids), ("module", "!=", MODULE),
        ]).unlink()


def _forget_keys(env, own):
    """Core forgets the foreign keys of a model that goes, not those of a column that does."""
    env["ir.model.constraint"].search([
        ("module.name", "=", MODULE), ("type", "=", "f"), ("model.model", "not in", own),
    ]).unlink()
