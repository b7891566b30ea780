"""What went wrong, for whoever has to mend it."""
from psycopg2.errors import UniqueViolation

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
    """Somebody else wrote on the same rows at this moment: nothing to mend, to be tried again. That
    he was quicker is also what the unique indexes of our tables are there to say."""
    cause = root(error)
    if isinstance(cause, UniqueViolation):
        return (cause.diag.table_name or "").startswith("credit_")
    return isinstance(cause, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)
