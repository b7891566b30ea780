from collections import defaultdict
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged

from ..domain import cohorts
from ..domain.figures import CASH, CREDIT, LOSS
from .care_common import CareCommon
from .common import day
from .figures_common import FiguresCommon, few, ledgers

spans = st.tuples(st.integers(-250, 0), st.integers(10, 200)).map(
    lambda drawn: (day(drawn[0] - drawn[1]), day(drawn[0]))
)


def sums(claim, first, last, *kinds):
    return sum(
        part.amount for part in claim.settled if first <= part.on <= last and part.kind in kinds
    )


class PlainCustomers:
    """The figures once more, claim by claim in plain Python."""

    def __init__(self, claims, last):
        self.last = last
        self.claims = {
            key: claim for key, claim in claims.items()
            if claim.amount > 0 and claim.due_on < last
        }

    def positions(self):
        """``Recovery`` of what one case let become overdue on one day."""
        found = defaultdict(list)
        for (case, _line), claim in self.claims.items():
            found[case, claim.due_on + timedelta(days=1)].append(claim)
        recoveries = []
        for (_case, began), own in found.items():
            past = began - timedelta(days=1)
            amount = sum(max(
                claim.open_on(past) - sums(claim, began, self.last, CREDIT), 0
            ) for claim in own)
            cash = tuple(
                (part.on, part.amount) for claim in own for part in claim.settled
                if part.kind == CASH and part.on >= began
            )
            if amount > 0:
                recoveries.append(cohorts.Recovery(began, amount, cash, 1))
        return recoveries

    def spells(self):
        """``(began, over, cash, loss)`` of the times in default, in their order."""
        spans_ = []
        for claim in self.claims.values():
            began = claim.due_on + timedelta(days=31)
            known = [part for part in claim.settled if part.on <= self.last]
            is_over = sum(part.amount for part in known) >= claim.amount
            over = max(part.on for part in known) if is_over else None
            if began <= self.last and (over is None or over >= began):
                cash, loss = (
                    sum(part.amount for part in known if part.kind == kind)
                    for kind in (CASH, LOSS)
                )
                spans_.append((began, over, cash, loss))
        spells = []
        for span in sorted(spans_, key=lambda each: each[0]):
            before = spells[-1] if spells else None
            if before and (before[1] is None or before[1] >= span[0]):
                over = None if None in (before[1], span[1]) else max(before[1], span[1])
                spells[-1] = (before[0], over, before[2] + span[2], before[3] + span[3])
            else:
                spells.append(span)
        return spells

    def relations(self, first, orders):
        spells, found = self.spells(), []
        for number, (_began, over, cash, loss) in enumerate(spells):
            if over and cash > 0 and cash >= loss and over >= first - timedelta(days=90):
                again = spells[number + 1][0] if number + 1 < len(spells) else None
                found.append(cohorts.Ordered(over, tuple(orders), again))
        return cohorts.relations(found, self.last)


@tagged("post_install", "-at_install")
class TestCustomersAgainstPlainOnes(FiguresCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_other_company()

    def _take_all_in(self, company):
        """All claims of the company under care since they were overdue; ``{(case, line): claim}``
        of them, and the days on which the debtor ordered."""
        debts, keyed = self._read_debts(company), {}
        case = CareCommon._open_case.__func__(type(self), self.debtor, company)
        for line, claim in debts.items():
            CareCommon._take_in.__func__(type(self), line.move_id, case=case)
            keyed[case.id, line.id] = claim
        return keyed, [claim.issued_on for claim in debts.values()]

    @few
    @given(ledgers, ledgers, spans)
    def test_recovery_and_relations(self, mine, others, span):
        first, last = span
        with self.at(), self.cr.savepoint() as savepoint:
            self._write_ledger(self.company, mine)
            self._write_ledger(self.other, others)
            for company in (self.company, self.other):
                keyed, invoiced = self._take_all_in(company)
                plain = PlainCustomers(keyed, last)
                found = self.env["credit.figures"]._get_customers(company, first, last)
                self._compare_recovery(company, found["recovery"], plain, first, last)
                self._compare_relations(found, plain.relations(first, invoiced))
                cash = sum(
                    sums(claim, max(first, claim.due_on + timedelta(days=1)), last, CASH)
                    for claim in plain.claims.values()
                )
                self.assertEqual(
                    found["stages"]["value"], self.figures._to_amount(company, cash)
                )
            savepoint.rollback()
            self.env.invalidate_all()

    def _compare_recovery(self, company, found, plain, first, last):
        for line in found["horizons"]:
            days = line["days"]
            since = first - timedelta(days=days)
            own = [each for each in plain.positions() if each.began_on >= since]
            [cohort] = cohorts.recovery(own, last, (days,))
            self.assertEqual(
                (line["recovered"], line["amount"], line["n"], line["too_young"]),
                (
                    self.figures._to_amount(company, cohort.recovered),
                    self.figures._to_amount(company, cohort.amount), cohort.cases,
                    cohort.too_young,
                ),
            )
            self.assertEqual(line["share"], cohort.share and float(cohort.share))

    def _compare_relations(self, found, wanted):
        self.assertEqual(
            (found["kept"]["customers"], found["kept"]["kept"], found["lost"]["lost"],
             found["again"]["again"], found["kept"]["too_young"]),
            tuple(wanted),
        )
