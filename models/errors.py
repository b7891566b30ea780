"""What went wrong, for whoever has to mend it."""
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


def root(error):
    while error.__cause__:
        error = error.__cause__
    return error


def brief(error):
    """The root of an error as one line."""
    error = root(error)
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def is_passing(error):
    """Somebody else wrote on the same rows at this moment: nothing to mend, to be tried again."""
    return isinstance(root(error), PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)
