from contextlib import contextmanager

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .common import CreditCommon


class PolicyCommon(CreditCommon):
    @contextmanager
    def assertRefused(self, *words, error=ValidationError):
        """Ends in a sentence with these words; what was written is rolled back."""
        with mute_logger("odoo.sql_db"), self.assertRaises(error) as caught:
            yield
            self.env.flush_all()
        sentence = str(caught.exception)
        if not isinstance(caught.exception, UserError):
            table = caught.exception.diag.table_name
            model = next(model for model in self.env.values() if model._table == table)
            sentence = model._sql_error_to_message(caught.exception)
        self.assertRegex(sentence, "(?s)" + ".*".join(words))
