from odoo import api, models
from odoo.exceptions import ValidationError


class CreditMandateRule(models.Model):
    """A rule that cannot work is refused when it is saved, with a sentence that says what to do."""

    _inherit = "credit.mandate.rule"

    @api.constrains("segment_domain")
    def _check_segment(self):
        for rule in self:
            fault = rule._get_segment_fault()
            if fault:
                raise ValidationError(self.env._(
                    "The segment of “%(rule)s” cannot be read: %(fault)s. Open the segment editor"
                    " and pick the conditions again.", rule=rule.name, fault=fault,
                ))

    @api.constrains("min_amount", "max_amount")
    def _check_amounts(self):
        for rule in self:
            if rule.max_amount and rule.min_amount >= rule.max_amount:
                raise ValidationError(self.env._(
                    "“%(rule)s” takes no case: “Below” (%(most)s) is not above “From” (%(least)s).",
                    rule=rule.name, most=rule.currency_id.format(rule.max_amount),
                    least=rule.currency_id.format(rule.min_amount),
                ))

    @api.constrains("country_ids", "state_ids", "zip_prefixes")
    def _check_area(self):
        for rule in self:
            foreign = [
                state for state in rule.state_ids
                if rule.country_ids and state.country_id not in rule.country_ids
            ]
            if foreign:
                raise ValidationError(self.env._(
                    "“%(rule)s”: %(state)s is in %(country)s, which is not among its countries."
                    " Add the country, or remove the province.", rule=rule.name,
                    country=foreign[0].country_id.name, state=foreign[0].name,
                ))
            if rule._get_prefixes() and len(rule.country_ids) != 1:
                raise ValidationError(self.env._(
                    "“%(rule)s”: postal codes mean something in one country only. Choose that"
                    " country, and no other.", rule=rule.name,
                ))

    @api.constrains("kind", "share_ids", "company_id")
    def _check_mandates(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for rule in self.filtered("kind"):
            unfit = rule.share_ids.mandate_id.filtered(
                lambda one, kind=rule.kind: kind not in one._get_kinds()
            )
            if unfit:
                raise ValidationError(self.env._(
                    "“%(rule)s” is for “%(kind)s”, which “%(mandate)s” does not allow. Choose"
                    " another mandate, or another kind.",
                    rule=rule.name, kind=labels[rule.kind], mandate=unfit[0].name,
                ))
