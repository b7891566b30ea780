from fractions import Fraction

from odoo import models
from odoo.exceptions import UserError

from ..domain import fee_statement, fees, mandate
from ..domain.money import to_units

PREVIEW = (20, 40, 60, 100)  # per cent recovered


def to_share(percent):
    """12.5 per cent as an exact share."""
    return Fraction(str(percent or 0)) / 100


class CreditMandate(models.Model):
    """A mandate as the domain reads it: who may take what, and what it costs; and what the
    domain finds wrong with it, in sentences that say what to do."""

    _inherit = "credit.mandate"

    def _to_domain(self):
        """For ``domain.mandate``: whether this agency may take a case."""
        able = self.collector_ids.filtered(lambda c: c.active and c.qualified_on)
        return mandate.Mandate(
            self.id, self.start_on, self.until_on or None, self._get_kinds(), self.pressure,
            bool(self.licence_number), self.licence_until or None, bool(self.contract_on),
            len(able),
        )

    def _get_kinds(self):
        wanted = {
            "courtesy": self.does_courtesy, "collection": self.does_collection,
            "legal": self.does_legal,
        }
        return frozenset(kind for kind, does in wanted.items() if does)

    def _to_terms(self):
        """For ``domain.fee_statement``, in units of the company's currency."""
        rounding = self.currency_id.rounding
        until = min(filter(None, (self.until_on, self.ended_on)), default=None)
        return fee_statement.Terms(
            self.start_on or self.company_id._credit_today(), until,
            self._to_bands(),
            to_units(self.fee_per_placement, rounding), to_units(self.fee_per_month, rounding),
            to_units(self.fee_minimum, rounding), to_units(self.fee_cap, rounding) or None,
            int(self.limit_months), self.courtesy_window_days,
            tuple(target._to_target() for target in self.target_ids),
        )

    def _to_bands(self):
        """Tiers of one kind and age at placement form a band."""
        return tuple(
            fees.Band(from_age, tuple(tier._to_tier() for tier in tiers), kind or "", self.fee_mode)
            for (from_age, kind), tiers in self.tier_ids.grouped(
                lambda tier: (tier.from_age, tier.kind)
            ).items()
        )

    # ------------------------------------------------------------------ what is wrong

    def _check_ready(self):
        """What a draft may lack and an active mandate may not."""
        self.ensure_one()
        today = self.company_id._credit_today()
        kinds = self._get_kinds()
        if not kinds:
            raise UserError(self.env._(
                "“%(mandate)s” allows nothing yet: tick courtesy calls, collection or legal.",
                mandate=self.name,
            ))
        for kind in sorted(kinds):
            one = self._to_domain()
            for code in mandate.refusals(mandate.Case(0, kind), one, max(one.start, today)):
                raise UserError(self._explain_refusal(code))
        if "courtesy" in kinds and not self.disclosure:
            raise UserError(self._explain_refusal("no_disclosure"))
        for code in fee_statement.faults(self._to_terms()):
            raise UserError(self._explain_fault(code))

    def _explain_refusal(self, code):
        """Why this agency may not take a case, and what to do about it."""
        values = {"mandate": self.name}
        texts = {
            "not_started": self.env._(
                "“%(mandate)s” has not begun. Wait for its first day, or choose another one.",
                **values),
            "ended": self.env._(
                "“%(mandate)s” is over. Agree on a later day, or choose another one.", **values),
            "kind": self.env._(
                "“%(mandate)s” does not allow this kind of placement. Choose another kind or"
                " another mandate.", **values),
            "pressure": self.env._(
                "“%(mandate)s” allows less pressure than this placement. Lower the pressure.",
                **values),
            "licence_missing": self.env._(
                "“%(mandate)s” has no licence of the agency. Enter its number, office and date.",
                **values),
            "licence_expired": self.env._(
                "The licence of “%(mandate)s” has expired. Enter the renewed one.", **values),
            "no_contract": self.env._(
                "“%(mandate)s” has no contract on the processing of personal data. Enter its date"
                " and document: without it no data may leave.", **values),
            "no_qualified": self.env._(
                "The relationship with this customer comes first, and “%(mandate)s” has no"
                " qualified collector. Qualify one, or choose another mandate.", **values),
            "no_disclosure": self.env._(
                "Whoever calls in our name says so: write the disclosure line of “%(mandate)s”.",
                **values),
            "unknown": self.env._("“%(mandate)s” is not active. Activate it first.", **values),
        }
        return texts[code]

    def _explain_fault(self, code):
        """What makes no sense in the remuneration."""
        texts = {
            "dates": self.env._("The mandate ends before it begins: correct “Until”."),
            "negative": self.env._("Fees cannot be negative."),
            "cap_below_minimum": self.env._(
                "The cap is below the minimum. Raise the cap, or set it to 0 for none."
            ),
            "limit_months": self.env._(
                "Choose month, quarter, half-year or year for minimum and cap."
            ),
            "target_rate": self.env._("The bonus on fees is 0 to 100 %."),
            "two_targets": self.env._("Two targets measure the same. Keep one of them."),
            "mode": self.env._("Choose how the rates apply."),
            "rate": self.env._("A rate is 0 to 100 % of what was recovered."),
            "above": self.env._("A tier begins at 0 % recovered or more, and below 100 %."),
            "two_bands": self.env._("Two tables are for the same age and kind: join them."),
            "two_tiers": self.env._(
                "Two tiers of one age and kind begin at the same share recovered. Remove one."
            ),
            "whole_falls": self.env._(
                "With “the rate reached for all” rates may not fall: more recovered would cost"
                " less. Raise the later rate, or let each rate apply to its own slice."
            ),
        }
        return texts[code]

    # ------------------------------------------------------------------ price

    def action_simulate(self):
        """What the cases of today would cost under it."""
        self.ensure_one()
        self.check_access("read")
        return self.env["credit.portfolio"].create({
            "company_id": self.company_id.id, "mandate_id": self.id,
        }).action_show()

    def _simulate(self, entrusted, alone=True):
        """What it costs if 20, 40, 60, 100 % come in. ``alone``: of one placement, what is owed
        whether it is placed or not (month, minimum, cap, bonus) left out."""
        terms = self._to_terms()
        if alone:
            terms = terms._replace(per_month=0, minimum=0, cap=None, targets=())
        shares = [to_share(percent) for percent in PREVIEW]
        return fee_statement.simulate(terms, entrusted, shares)
