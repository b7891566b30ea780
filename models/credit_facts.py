from typing import NamedTuple

from ..domain import ladder, nights, owed, thresholds
from ..domain.money import from_units


class Facts(NamedTuple):
    """All that is known of one debtor on one day, as domain values, and what follows from it."""

    partner_id: int
    case_id: int
    policy_id: int
    debtor: owed.Debtor
    rules: ladder.Rules
    limits: thresholds.Thresholds
    marks: thresholds.Marks
    today: object
    rounding: dict
    details: dict
    head: dict

    def position(self):
        return owed.position(self.debtor, self.rules, self.today)

    def decide(self, at=None):
        return ladder.decide(self.debtor, self.rules, self.today, at=at)

    def stand(self, at=None):
        return thresholds.stand(
            self.debtor, self.rules, self.limits, self.marks, self.today, at=at
        )

    def asked(self):
        return owed.uncovered(self.debtor, self.rules, self.today)

    def blocking(self):
        """What counts for the suspension of credit, asked for or not."""
        return owed.uncovered(self.debtor, self.rules, self.today, blocking=True)

    def to_amount(self, item):
        """What is asked of this item, in its currency."""
        return from_units(item.residual, self.rounding[item.currency])

    def hold(self):
        """Why nothing at all may be asked of this debtor now, or ''."""
        if self.debtor.held:
            return self.debtor.held
        if not self.rules.steps:
            return "do_nothing"
        if not self.debtor.items:
            return "nothing_open"
        return ""

    def next_step(self, until, closed, contacts=()):
        """``(day, decision)`` of the first step from today on if the ledger does not change;
        ``closed``: days without contact, ``contacts``: those on which he hears of something else.
        """
        rules = self.rules._replace(closed=closed)
        spoken = {rules.next_open(on) for on in contacts}
        ahead = nights.walk(
            self.debtor, rules, self.limits, self.marks, self.today, until, spoken
        )
        steps = ((night.day, night.decision) for night in ahead if night.decision.step)
        return next(steps, (None, None))

    def told_amounts(self, keys):
        """``{key: amounts of a line}`` of those of ``keys`` that are open, where a message tells of
        them beside the ladder: open credits deducted, and nothing asked of what is disputed."""
        asked = {item.key: item.residual for item in self.asked()}
        return {
            item.key: self._to_told(item, asked.get(item.key, 0))
            for item in self.debtor.items if item.key in keys
        }

    def _to_told(self, item, asked):
        detail, rounding = self.details[item.key], self.rounding[item.currency]
        residual, value, disputed = detail["residual"], detail["value"], detail["disputed"]
        if item.held in ("disputed", "department"):
            residual, value, disputed = 0, 0, residual + disputed
        has_credit = self.debtor.credits.get(item.currency) and not item.is_held(self.today)
        return {
            "due_on": item.due_on, "days_overdue": max(item.days_overdue(self.today), 0),
            "amount": from_units(residual, rounding),
            "amount_company": from_units(value, self.rounding["company"]),
            "amount_original": detail["original"],
            "amount_disputed": from_units(disputed, rounding),
            "amount_credit": from_units(residual - asked if has_credit else 0, rounding),
        }

    def _line_values(self, action, claims, due, today):
        """Values for the lines of ``action``: the claims with the amounts of now, and everything
        else that is overdue, as listed lines."""
        values = []
        claimed = {line.item_id.id: line.id for line in claims}
        for item in due.values():
            if item.key not in claimed and item.due_on >= today:
                continue
            detail = self.details[item.key]
            row = {
                "action_id": action.id, "item_id": item.key,
                "round": detail["round"], "due_on": item.due_on,
                "days_overdue": max(item.days_overdue(today), 0),
                "amount": from_units(detail["residual"], self.rounding[item.currency]),
                "amount_company": from_units(detail["value"], self.rounding["company"]),
                "amount_original": detail["original"],
                "amount_disputed": from_units(
                    detail["disputed"], self.rounding[item.currency]
                ),
                "amount_credit": from_units(
                    detail["residual"] - item.residual, self.rounding[item.currency]
                ),
            }
            if item.key in claimed:
                row["id"] = claimed[item.key]
            values.append(row)
        return values
