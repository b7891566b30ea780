"""What Odoo cannot undo by itself when the add-on goes."""


def uninstall_hook(env):
    """Activities of our types and messages' links die with their models; the flags of core's own
    records (``no_followup``) are the user's decision about the invoice and stay."""
    env["mail.activity"].with_context(active_test=False).search(
        [("res_model", "in", ["credit.case", "credit.policy"])]
    ).unlink()
