from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .credit_agreement import FREQUENCIES
from .credit_claim import METHODS

MAX_PROMISE = 31  # days: what takes longer is a plan
MAX_COUNT = 60
PLAN_TERMS = {
    "items", "currency", "count", "amount", "first_on", "frequency", "down_payment", "down_on",
    "settlement", "remark",
}


class CreditPlacement(models.Model):
    """What the agency agrees with the debtor, and what it says was paid. The ledger has the last
    word on money, the policy on terms."""

    _inherit = "credit.placement"

    def _get_negotiable(self, currency):
        """What was placed and is open still, and neither disputed nor under a plan."""
        taken = self._get_taken()
        items = self.line_ids.item_id.filtered(
            lambda item: not item.closed_on and item.currency_id == currency
            and currency.compare_amounts(item.amount_residual, 0) > 0
        )
        if not items - taken:
            raise UserError(self.env._(
                "Nothing of this position can be agreed on in %(currency)s: it is paid, disputed"
                " or under an agreement already.", currency=currency.name,
            ))
        return items - taken

    def _get_taken(self):
        """What a promise would take away from a plan, or from whoever looks into a dispute."""
        case = self.case_id
        return case.agreement_ids.filtered(
            lambda one: one.kind != "promise" and one.state in ("proposed", "running")
        ).item_ids | case.dispute_ids.filtered(lambda one: one.state == "open").line_ids.item_id

    def _agree(self, seat, agreement):
        """Everybody who has to know it knows it."""
        self._tell_sales("agency_agreed")
        self.case_id.message_post(body=self.env._(
            "%(collector)s has negotiated: %(agreement)s",
            collector=seat._get_signature(), agreement=agreement.display_name,
        ))
        return agreement

    def _get_negotiator(self, seat):
        return {
            "placement_id": self.id, "collector_id": seat.id, "negotiated_by": "collector",
            "user_id": (self.case_id.user_id or self.company_id.credit_controller_id).id
            or self.env.uid,
        }

    # ------------------------------------------------------------------ a promise

    def _promise(self, seat, amount, currency, on, remark):
        items = self._get_negotiable(currency)
        owed = sum(items.mapped("amount_residual"))
        if currency.compare_amounts(amount, 0) <= 0 or currency.compare_amounts(amount, owed) > 0:
            raise UserError(self.env._(
                "A promise is more than 0 and not more than the %(owed)s that are open.",
                owed=currency.format(owed),
            ))
        self._check_promise_day(on)
        self._take(seat)
        return self._agree(seat, self.case_id._promise(
            items, amount, on, remark, **self._get_negotiator(seat)
        ))

    def _check_promise_day(self, on):
        today = self.company_id._credit_today()
        latest = today + timedelta(days=MAX_PROMISE)
        if not today <= on <= latest:
            raise UserError(self.env._(
                "A promise is for a day from today until %(day)s. For later days propose a plan.",
                day=format_date(self.env, latest),
            ))

    # ------------------------------------------------------------------ a plan, a settlement

    def _propose(self, seat, kind, terms):
        """Within the limits of the policy the customer gets it to sign; beyond them a manager is
        asked first. A settlement always goes to a manager."""
        if kind not in ("plan", "settlement"):
            raise UserError(self.env._("Propose a plan or a settlement."))
        unknown = terms.keys() - PLAN_TERMS
        if unknown:
            raise UserError(self.env._("Unknown terms: %(names)s.", names=", ".join(unknown)))
        items = self._get_negotiable(terms["currency"])
        wanted = terms.get("items")
        if wanted:
            items = items.filtered(lambda item: item.id in wanted)
        if not items or wanted and len(items) != len(set(wanted)):
            raise UserError(self.env._("Choose items that are open on this position."))
        self._check_terms(kind, terms)
        self._take(seat)
        agreement = self.env["credit.agreement"].create({
            **self._get_negotiator(seat), **self._to_agreement(kind, terms),
            "case_id": self.case_id.id, "item_ids": [(6, 0, items.ids)],
        })
        agreement.action_make_schedule()
        agreement._propose()
        return self._agree(seat, agreement)

    def _check_terms(self, kind, terms):
        today = self.company_id._credit_today()
        first_on = terms.get("first_on")
        down_on = terms.get("down_on") or today
        if not first_on or down_on < today or not today <= first_on <= today + timedelta(days=366):
            raise UserError(self.env._("From which day on is he to pay? Choose a day from today."))
        if bool(terms.get("count")) == bool(terms.get("amount")):
            raise UserError(self.env._(
                "Say in how many instalments, or how much each: one of the two."
            ))
        if terms.get("count") and not 0 < terms["count"] <= MAX_COUNT:
            raise UserError(self.env._("Please choose 1 to 60 instalments."))
        if terms.get("frequency", "month") not in dict(FREQUENCIES):
            raise UserError(self.env._("Choose how often an instalment is due."))
        if (kind == "settlement") != bool(terms.get("settlement")):
            raise UserError(self.env._("Say how much is to be paid instead of all that is open."))

    def _to_agreement(self, kind, terms):
        return {
            "kind": kind, "currency_id": terms["currency"].id, "note": terms.get("remark") or "",
            "count": terms.get("count") or 0, "instalment_amount": terms.get("amount") or 0,
            "first_on": terms["first_on"], "frequency": terms.get("frequency") or "month",
            "down_payment": terms.get("down_payment") or 0, "down_on": terms.get("down_on"),
            "amount_settlement": kind == "settlement" and terms["settlement"],
        }

    # ------------------------------------------------------------------ a claim

    def _claim(self, seat, amount, currency, on, method, remark):
        """It is written down, and looked for. No amount changes by it."""
        lines = self.line_ids.filtered(lambda line: line.currency_id == currency)
        placed = sum(lines.mapped("amount"))
        if currency.compare_amounts(amount, 0) <= 0 or currency.compare_amounts(amount, placed) > 0:
            raise UserError(self.env._(
                "What was paid is more than 0 and not more than the %(placed)s that were placed.",
                placed=currency.format(placed),
            ))
        if not self.sent_on <= on <= self.company_id._credit_today():
            raise UserError(self.env._(
                "Choose the day of the payment: from %(day)s, when this position was entrusted"
                " to you, until today.", day=format_date(self.env, self.sent_on),
            ))
        if method not in dict(METHODS):
            raise UserError(self.env._("Choose how it was paid."))
        if self.claim_ids.filtered(lambda one: (
            one.state != "refused" and one.paid_on == on and one.currency_id == currency
            and not currency.compare_amounts(one.amount, amount)
        )):
            raise UserError(self.env._("This payment was claimed already."))
        self._take(seat)
        claim = self.env["credit.claim"].create({
            "placement_id": self.id, "collector_id": seat.id, "amount": amount,
            "currency_id": currency.id, "paid_on": on, "method": method, "remark": remark,
        })
        claim.activity_id = self.env["credit.task"]._ask_to_find(claim)
        self.case_id.message_post(body=self.env._(
            "%(collector)s says that %(amount)s were paid on %(day)s",
            collector=seat._get_signature(), amount=currency.format(amount),
            day=format_date(self.env, on),
        ))
        return claim
