"""Actions that the web client opens."""


def open_record(record, **more):
    """The window of one record; ``more``: its name, ``target="new"`` for a dialog."""
    return {
        "type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id,
        "view_mode": "form", "views": [(False, "form")], **more,
    }
