from typing import Any, NamedTuple

from odoo import models
from odoo.tools import SQL, format_date, formatLang

from ..domain import portfolio
from ..domain.money import from_units, to_units
from ..domain.portfolio import Part
from .credit_history import HORIZON, YEARS

AGES = (0, 45, 90, 180, 365)  # more than so many days overdue
SIZES = (0, 500, 2000, 10000, 50000)  # from so much owed
WITHOUT = 0


class Row(NamedTuple):
    """One chosen case. ``parts``: units overdue by age of the item; ``free``: of them, what no
    dispute holds."""

    case_id: int
    amount: int
    free: int
    days: int
    parts: dict
    policy_id: int
    reason_id: int
    habit: str


class Words(NamedTuple):
    """How the groups of one table are named and shown."""

    title: str
    groups: tuple
    name: Any


class CreditPortfolioSheet(models.AbstractModel):
    """What chosen cases are made of, for us and, without anybody who could be told from it, for an
    agency; and what our own past lets expect of them."""

    _name = "credit.portfolio.sheet"
    _description = "Credit care: what a portfolio is made of"

    # ------------------------------------------------------------------ reading

    def _read_rows(self, cases, today):
        """The cases with something overdue, as ``Row``: as many queries whatever their number."""
        self.env.flush_all()
        items = self._read_items(cases, today)
        holds = self.env["credit.dispute"]._read_holds([item for item, *_rest in items], today)
        broken = self.env["credit.agreement"]._read_broken_cases(cases.ids)
        parts, free, oldest = {}, {}, {}
        for item_id, case_id, days, amount, share in items:
            own = parts.setdefault(case_id, {})
            age = max(age for age in AGES if days > age)
            own[age] = own.get(age, 0) + amount
            oldest[case_id] = max(oldest.get(case_id, 0), days)
            hold = holds.get(item_id)
            open_part = 0 if hold and hold.held else amount
            if hold and not hold.held:  # the disputed part is in the item's own currency
                open_part = max(amount - round(hold.disputed * share), 0)
            free[case_id] = free.get(case_id, 0) + open_part
        return [
            Row(
                case.id, sum(parts[case.id].values()), free[case.id], oldest[case.id],
                parts[case.id], case.policy_id.id or WITHOUT, case.reason_id.id or WITHOUT,
                "broken" if case.id in broken else "late" if case.pays_late else "first",
            )
            for case in cases if case.id in parts
        ]

    def _read_items(self, cases, today):
        """``(item, case, days overdue, units, company units for a unit of the item's own)``; what
        is disputed included, though core's flag leaves it out of follow-up meanwhile."""
        return self.env.execute_query(SQL(
            """SELECT item.id, item.case_id, %(today)s - item.due_on,
                      ROUND(line.amount_residual / home.rounding)::bigint,
                      (line.amount_residual / line.amount_residual_currency
                       * own.rounding / home.rounding)::float
                 FROM credit_item item
                 JOIN account_move_line line ON line.id = item.move_line_id
                 JOIN res_currency own ON own.id = item.currency_id
                 JOIN res_company company ON company.id = item.company_id
                 JOIN res_currency home ON home.id = company.currency_id
                WHERE item.case_id IN %(cases)s AND item.closed_on IS NULL
                  AND item.due_on < %(today)s
                  AND (line.no_followup IS NOT TRUE OR EXISTS (
                      SELECT FROM credit_dispute_line held
                        JOIN credit_dispute dispute ON dispute.id = held.dispute_id
                       WHERE held.item_id = item.id AND dispute.state = 'open'))
                  AND line.amount_residual_currency > 0 AND line.amount_residual > 0""",
            cases=tuple(cases.ids) or (0,), today=today,
        ))

    # ------------------------------------------------------------------ the sheet

    def _get_sheet(self, rows, company, today, least):
        """What the analysis says, in words of the language of ``self.env``; groups of fewer than
        ``least`` debtors are joined."""
        past = self.env["credit.history"]._read_past(company, today, AGES)
        amounts = {}
        for row in rows:
            for age, amount in row.parts.items():
                amounts[age] = amounts.get(age, 0) + amount
        return {
            "few": len(rows) < least, "least": least, "debtors": len(rows),
            "amount": self._money(sum(row.amount for row in rows), company),
            "today": format_date(self.env, today),
            "ages": self._get_ages(rows, past, company, least),
            "expected": self._explain_expected(portfolio.expected(amounts, past), company),
            "tables": [
                {
                    "title": words.title,
                    "rows": [
                        {
                            "name": words.name(group), "debtors": group.debtors,
                            "amount": self._money(group.amount, company),
                            "share": self._share(group.amount, rows),
                        }
                        for group in words.groups
                    ],
                }
                for words in self._get_tables(rows, company, least)
            ],
        }

    def _get_ages(self, rows, past, company, least):
        """By age of the items, with what came of such ages in the past."""
        parts = [
            Part(row.case_id, age, amount)
            for row in rows for age, amount in row.parts.items()
        ]
        by_age = {age: sum(part.amount for part in parts if part.key == age) for age in AGES}
        return [
            {
                "name": self._name_range(group.keys, AGES, "days"), "debtors": group.debtors,
                "amount": self._money(group.amount, company),
                "share": self._share(group.amount, rows),
                "basis": "; ".join(dict.fromkeys(
                    self._explain_past(past.get(age)) for age in group.keys
                )),
                "expected": self._name_expected(portfolio.expected(
                    {age: by_age[age] for age in group.keys}, past
                ), company),
            }
            for group in portfolio.in_order(parts, AGES, least)
        ]

    def _get_tables(self, rows, company, least):
        policies = self.env["credit.policy"].sudo()
        reasons = self.env["credit.reason"].sudo()
        disputed = {True: self.env._("Something in dispute"), False: self.env._("No dispute")}
        habits = self._get_habits()

        def by_size(title, key, name):
            parts = [Part(row.case_id, key(row), row.amount) for row in rows]
            return Words(title, portfolio.by_size(parts, least), name)

        return (
            self._get_sizes(rows, company, least),
            by_size(self.env._("By segment"), lambda row: row.policy_id,
                    lambda group: self._name_records(policies, group)),
            by_size(self.env._("By reason"), lambda row: row.reason_id,
                    lambda group: self._name_records(reasons, group)),
            by_size(self.env._("Disputes"), lambda row: row.free < row.amount,
                    lambda group: self._name_keys(disputed, group)),
            by_size(self.env._("Past behaviour"), lambda row: row.habit,
                    lambda group: self._name_keys(habits, group)),
        )

    def _get_sizes(self, rows, company, least):
        limits = [(size, to_units(size, company.currency_id.rounding)) for size in SIZES]

        def size_of(row):
            return max(size for size, units in limits if row.amount >= units)

        parts = [Part(row.case_id, size_of(row), row.amount) for row in rows]
        return Words(
            self.env._("By what each owes"), portfolio.in_order(parts, SIZES, least),
            lambda group: self._name_range(group.keys, SIZES, "money", company),
        )

    def _get_habits(self):
        return {
            "broken": self.env._("Did not keep an agreement"),
            "late": self.env._("Has paid late before"),
            "first": self.env._("Late for the first time, as far as we know"),
        }

    # ------------------------------------------------------------------ words

    def _money(self, units, company):
        currency = company.currency_id
        return self.env["credit.message"]._money(from_units(units, currency.rounding), currency)

    def _share(self, amount, rows):
        total = sum(row.amount for row in rows)
        return f"{formatLang(self.env, 100 * amount / total, digits=0)} %" if total else ""

    def _name_records(self, records, group):
        """Segments and reasons that are joined are not named: they could be one debtor's own."""
        if group.others:
            return self.env._("All others")
        return records.browse(group.keys[0]).name or self.env._("Not known")

    def _name_keys(self, names, group):
        return " · ".join(names[key] for key in group.keys)

    def _name_range(self, keys, limits, unit, company=None):
        """“46–90 days” of the buckets from the first key up to the limit after the last one."""
        after = dict(zip(limits, limits[1:], strict=False)).get(keys[-1])
        if unit == "days":
            if after is None:
                return self.env._("more than %(days)s days", days=keys[0])
            return self.env._("%(first)s to %(last)s days", first=keys[0] + 1, last=after)
        rounding = company.currency_id.rounding

        def money(amount):
            return self._money(to_units(amount, rounding), company)

        if after is None:
            return self.env._("%(amount)s and more", amount=money(keys[0]))
        return self.env._(
            "%(first)s to below %(last)s", first=money(keys[0]), last=money(after)
        ) if keys[0] else self.env._("below %(amount)s", amount=money(after))

    def _explain_past(self, past):
        if past is None or past.share is None:
            return self.env._("too little history")
        return self.env._(
            "%(share)s %% (%(claims)s claims of %(debtors)s debtors)",
            share=formatLang(self.env, float(past.share * 100), digits=0),
            claims=past.claims, debtors=past.debtors,
        )

    def _name_expected(self, found, company):
        """No number where any of it has no past."""
        return "–" if found.amount is None or found.unknown else self._money(found.amount, company)

    def _explain_expected(self, found, company):
        values = {
            "days": HORIZON, "years": YEARS, "of": self._money(found.of, company),
            "rest": self._money(found.unknown, company), "company": company.name,
        }
        if found.amount is None:
            return self.env._(
                "%(company)s has too little history to say what may be expected of it: fewer than"
                " ten debtors of each age in the last %(years)s years.", **values)
        values["amount"] = self._money(found.amount, company)
        if found.unknown:
            return self.env._(
                "%(amount)s of %(of)s may be expected within %(days)s days, if it goes as in the"
                " books of %(company)s in the last %(years)s years; of the other %(rest)s there is"
                " too little history.", **values)
        return self.env._(
            "%(amount)s of %(of)s may be expected within %(days)s days, if it goes as in the books"
            " of %(company)s in the last %(years)s years.", **values)
