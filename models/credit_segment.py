import logging
from ast import literal_eval

import psycopg2

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# what ast.literal_eval raises on malformed or hostile text (its documentation), and Domain on what
# is no domain
UNREADABLE = (
    AttributeError, KeyError, MemoryError, NotImplementedError, RecursionError, SyntaxError,
    TypeError, UserError, ValueError,
)


class CreditSegment(models.AbstractModel):
    """Records that hold for customers of a segment: conditions that people pick, kept as text."""

    _name = "credit.segment"
    _description = "Credit care: conditions on customers"

    segment_domain = fields.Char("Segment", default="[]", help="Conditions on customers.")

    def _has_segment(self):
        return (self.segment_domain or "").replace(" ", "") not in ("", "[]")

    def _parse_segment(self):
        """The conditions as a domain on customers; raises if they are none. Nothing is run: the
        text may hold literals only."""
        conditions = literal_eval(self.segment_domain or "[]")
        if not isinstance(conditions, list):
            raise ValueError(self.env._("it is not a list of conditions"))
        segment = Domain(conditions)
        segment.validate(self.env["res.partner"])
        return segment

    def _get_segment_fault(self):
        """What is wrong with the conditions, in words, or False."""
        try:
            with self.env.cr.savepoint():
                self.env["res.partner"].search_count(self._parse_segment(), limit=1)
        except SyntaxError:
            return self.env._("it is not a list of conditions")
        except (*UNREADABLE, psycopg2.Error) as error:
            if "malformed node" in str(error):
                return self.env._("it holds a formula where a value must stand")
            return str(error).splitlines()[0]
        return False

    def _get_segment(self):
        """Customers of the segment; nobody while it cannot be read, because a field that went with
        its add-on must not stop anything."""
        try:
            return self._parse_segment()
        except UNREADABLE:
            _logger.warning("%s: its segment cannot be read", self, exc_info=True)
            return Domain.FALSE
