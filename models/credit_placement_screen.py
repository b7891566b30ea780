from odoo import models

from .windows import open_record


class CreditPlacement(models.Model):
    """Buttons of placements."""

    _inherit = "credit.placement"

    def action_send(self):
        self._send()
        return True

    def action_accept(self):
        self._accept()
        return True

    def action_recall(self):
        return self.env["credit.ask"]._open("recall", self)

    def action_return(self):
        return self.env["credit.ask"]._open("return", self)

    def action_answer_agency(self):
        return self.env["credit.ask"]._open("answer_agency", self)

    def action_open_case(self):
        self.ensure_one()
        return open_record(self.case_id)
