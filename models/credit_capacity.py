from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain import capacity
from ..domain.money import from_units, to_units

HOUSEHOLD = (
    "net_income", "other_income", "housing", "utilities", "living", "other_instalments", "other",
)
BUSINESS = (
    "expected_receipts", "suppliers", "staff", "rent", "taxes", "other_instalments", "other",
)


class CreditCapacity(models.Model):
    """What a debtor can really pay a month, from a simple sheet of his money. Personal data: it is
    kept with the agreement it served and can be deleted without it."""

    _name = "credit.capacity"
    _description = "What a debtor can pay"
    _order = "id desc"

    case_id = fields.Many2one("credit.case", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    kind = fields.Selection(
        [("household", "Household"), ("business", "Company")], required=True, default="household"
    )
    net_income = fields.Monetary("Net income")
    other_income = fields.Monetary("Other income")
    housing = fields.Monetary("Rent or mortgage")
    utilities = fields.Monetary("Energy, water, phone")
    living = fields.Monetary("Food and living")
    dependants = fields.Integer("Persons he provides for")
    expected_receipts = fields.Monetary("Expected receipts")
    suppliers = fields.Monetary()
    staff = fields.Monetary()
    rent = fields.Monetary()
    taxes = fields.Monetary("Taxes and contributions")
    other_instalments = fields.Monetary("Other instalments")
    other = fields.Monetary("Other expenses")
    share = fields.Float("Share asked for, %", default=50.0)
    monthly = fields.Monetary("He can pay a month", compute="_compute_monthly")

    @api.depends("kind", "dependants", "share", "currency_id", *HOUSEHOLD, *BUSINESS)
    def _compute_monthly(self):
        for sheet in self:
            rounding = sheet.currency_id.rounding or 0.01
            try:
                units = capacity.capacity(sheet._to_sheet(), Fraction(str(sheet.share)) / 100)
            except ValueError:
                units = 0
            sheet.monthly = from_units(units, rounding)

    @api.depends("kind", "monthly")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for sheet in self:
            sheet.display_name = self.env._(
                "%(sheet)s: %(amount)s a month", sheet=kinds[sheet.kind],
                amount=sheet.currency_id.format(sheet.monthly),
            ) if sheet.currency_id else kinds[sheet.kind]

    @api.constrains("share", "dependants", *HOUSEHOLD, *BUSINESS)
    def _check_figures(self):
        for sheet in self:
            try:
                capacity.capacity(sheet._to_sheet(), Fraction(str(sheet.share)) / 100)
            except ValueError as error:
                raise UserError(self.env._(
                    "Figures of the sheet are 0 or more, and the share is 0 to 100 %."
                )) from error

    def _to_sheet(self):
        rounding = self.currency_id.rounding or 0.01
        names = HOUSEHOLD if self.kind == "household" else BUSINESS
        values = {name: to_units(self[name], rounding) for name in names}
        if self.kind == "business":
            return capacity.Business(**values)
        minimum = to_units(self.company_id.credit_minimum_per_head, rounding)
        return capacity.Household(
            **values, dependants=self.dependants, minimum_per_head=minimum,
        )
