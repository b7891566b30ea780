from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from ..domain import capacity, schedule
from ..domain.money import from_units, to_units

MARGIN = 31  # days of the calendar beyond the last instalment, for one that falls on holidays
LONGEST = 3700  # days: of a plan of more than ten years nobody knows the holidays


class CreditAgreement(models.Model):
    """How a schedule is made of its terms, and what the policy allows without a manager."""

    _inherit = "credit.agreement"

    def action_make_schedule(self):
        """Instalments anew from the terms; the debtor sees them before anything is proposed."""
        for agreement in self:
            agreement._check_draft()
            agreement._fill(agreement._compute_instalments())
        return True

    def _check_draft(self):
        if any(agreement.state != "draft" for agreement in self) and not self.env.su:
            raise UserError(self.env._(
                "What was proposed does not change. Cancel it and make a new agreement."
            ))

    def _fill(self, instalments):
        rounding = self.currency_id.rounding
        self.sudo().update({
            "amount_open": sum(self.item_ids.mapped("amount_residual")),
            "interest_from": self.company_id._credit_today(),
        })
        self.line_ids = [(5, 0, 0)] + [
            (0, 0, {
                "due_on": each.due_on, "amount": from_units(each.amount, rounding),
                "interest": from_units(each.interest, rounding),
            })
            for each in instalments
        ]

    def _compute_instalments(self):
        self.ensure_one()
        if self.kind == "promise":
            return self._compute_promise()
        if self.kind == "settlement":
            owed = sum(self.item_ids.mapped("amount_residual"))
            self._check_settlement(self.amount_settlement, owed)
        try:
            return schedule.schedule(self._to_terms())
        except ValueError as error:
            raise UserError(self._explain_terms(str(error))) from error

    def _check_settlement(self, amount, owed):
        if not 0 < amount or self.currency_id.compare_amounts(amount, owed) >= 0:
            raise UserError(self.env._(
                "A settlement is less than the %(owed)s that are open. Say how much is to be paid"
                " instead.", owed=self.currency_id.format(owed),
            ))

    def _check_interest(self):
        """Whoever types interest by hand asks no more than the rate that the sheet names."""
        rounding, rate = self.currency_id.rounding, Decimal(str(self.interest_rate)) / 100
        most = from_units(schedule.most_interest(
            [
                schedule.Instalment(
                    line.due_on, to_units(line.amount, rounding), to_units(line.interest, rounding)
                )
                for line in self.line_ids
            ], rate, self.interest_from or self.company_id._credit_today(),
        ), rounding)
        if self.currency_id.compare_amounts(self.amount_interest, most) > 0:
            raise UserError(self.env._(
                "The instalments ask %(asked)s of interest, and %(rate)s %% a year come to"
                " %(most)s at most. Lower the interest, or name its rate.",
                asked=self.currency_id.format(self.amount_interest),
                rate=f"{self.interest_rate:g}", most=self.currency_id.format(most),
            ))

    def _compute_promise(self):
        """One date as it was said, working day or not, and the amount: all of it unless less was
        promised."""
        owed = self._get_total()
        amount = min(self.instalment_amount or owed, owed)
        units = to_units(amount, self.currency_id.rounding)
        if units <= 0:
            raise UserError(self._explain_terms("negative" if owed > 0 else "total"))
        today = self.company_id._credit_today()
        return (schedule.Instalment(self.first_on or today, units),)

    def _to_terms(self):
        """The terms as numbers. A plan covers all that is open of its items; a settlement the
        amount agreed; the capacity of the debtor stands in for the amount of each."""
        rounding = self.currency_id.rounding
        today = self.company_id._credit_today()
        total = self._get_total()
        amount = self.instalment_amount
        if self.capacity_id and not self.count and not amount:
            try:
                units = capacity.terms_from_capacity(
                    to_units(total, rounding), to_units(self.capacity_id.monthly, rounding),
                    self.first_on or today, self.frequency,
                ).amount
            except ValueError as error:
                raise UserError(self._explain_terms(str(error))) from error
        else:
            units = to_units(amount, rounding)
        terms = schedule.Terms(
            total=to_units(total, rounding),
            first_on=self.first_on or today,
            count=self.count, amount=0 if self.count else units,
            frequency=self.frequency, day_of_month=self.day_of_month,
            down_payment=to_units(self.down_payment, rounding),
            down_on=(self.down_on or today) if self.down_payment else None,
            rate=Decimal(str(self.interest_rate)) / 100,
            interest_from=today if self.interest_rate else None,
        )
        if not self.working_days:
            return terms
        last = schedule.schedule(terms)[-1].due_on
        return terms._replace(closed=self._get_closed(today, last))

    def _get_total(self):
        if self.kind == "settlement":
            return self.amount_settlement
        return sum(self.item_ids.mapped("amount_residual"))

    def _get_closed(self, today, until):
        """Days up to ``until`` on which nobody pays, by the working week and holidays of the
        company: the contact hours of the policy are about calling, on a Saturday say."""
        if not self.working_days:
            return frozenset()
        calendar = self.company_id.sudo().resource_calendar_id
        days = min(max((until - today).days, 0) + MARGIN, LONGEST)
        return self.env["credit.run"]._closed_days(calendar, today, days)

    def _get_excess(self, today):
        """In what it goes beyond the limits of the policy, in words, or False."""
        policy, rounding = self.case_id.policy_id.sudo(), self.currency_id.rounding
        if self.kind == "settlement":
            return self.env._("less than the whole debt")
        if self.kind == "promise":
            return False
        limits = [limit._to_limit(self.currency_id, today) for limit in policy.plan_limit_ids]
        instalments = [
            schedule.Instalment(line.due_on, to_units(line.amount, rounding))
            for line in self.line_ids.sorted("due_on")
        ]
        codes = schedule.excess(
            instalments, to_units(self.amount_agreed + self._get_deferred(today), rounding), limits,
            today, self._get_closed(today, max(self.line_ids.mapped("due_on"), default=today)),
        )
        texts = {
            "too_long": self.env._("longer than the policy allows"),
            "instalment_too_small": self.env._("instalments smaller than the policy allows"),
            "total_too_high": self.env._("a debt above the limits of the policy"),
        }
        return ", ".join(texts[code] for code in codes) or False

    def _get_deferred(self, today):
        """What his other plans, running or offered, still wait for: a large debt does not become
        small by being cut into several plans."""
        others = self.case_id.agreement_ids.filtered(
            lambda one: one.kind == "plan" and one.currency_id == self.currency_id
            and not one.item_ids & self.item_ids._origin and one != self._origin
            and (one.state == "running" or one.state == "proposed"
                 and (not one.valid_until or one.valid_until >= today))
        )
        return sum(
            max(one.amount_agreed - one.amount_interest - one.amount_received, 0) for one in others
        )

    def _explain_terms(self, code):
        texts = {
            "total": self.env._("Nothing is open on the chosen items."),
            "negative": self.env._("Amounts and numbers of a plan are more than 0."),
            "no_size": self.env._("Say how many instalments, or how much each, or fill in what the"
                                  " debtor can pay."),
            "two_sizes": self.env._("Say how many instalments or how much each, not both."),
            "down_payment": self.env._("The down payment is less than the whole debt."),
            "down_date": self.env._("The down payment comes before the first instalment."),
            "frequency": self.env._("Choose how often an instalment is due."),
            "day_of_month": self.env._("The day of the month is 1 to 31, or 0."),
            "rate": self.env._("Interest is a rate a year, 0 to 100 %."),
            "first_date": self.env._("The first date is too far away."),
            "too_many": self.env._("That would be more than 600 instalments: ask for more each, or"
                                   " look for a settlement."),
            "too_small": self.env._("There are more instalments than money: choose fewer."),
            "amount_below_interest": self.env._(
                "An instalment would not even cover its interest: ask for more each, or for none."),
            "no_capacity": self.env._(
                "Nothing is left to pay from. Agree on a pause, a settlement, or less interest;"
                " a plan would be broken from the start."),
        }
        return texts.get(code, code)
