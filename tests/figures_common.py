"""Ledgers for the tests of figures: drawn by hypothesis, made through core's own documents, and
read back the plain way, line by line, as the claims that ``domain.figures`` takes."""
from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.tests import tagged

from ..domain.figures import CASH, CREDIT, LOSS, Claim, Settled
from ..domain.money import to_units
from .common import CreditCommon, day
from .domain_common import EXAMPLES

few = settings(
    max_examples=EXAMPLES or 4, deadline=None, database=None, derandomize=not EXAMPLES,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),  # a ledger takes a second: what fails is not made smaller
)


class Part(NamedTuple):
    """What settles a part of an invoice: in hundredths of it, so many days after its date."""

    kind: str
    share: int
    after: int


class Invoice(NamedTuple):
    issued: int  # days from TODAY
    term: int
    amount: int  # cents
    foreign: bool
    parts: tuple


part_lists = st.lists(
    st.builds(
        Part, st.sampled_from((CASH, CASH, CASH, CREDIT, LOSS, "short")),
        st.integers(5, 60), st.integers(0, 150),
    ), max_size=3,
)
invoices = st.builds(
    Invoice, st.integers(-300, -5), st.integers(0, 90), st.integers(2_000, 900_000),
    st.booleans(), part_lists.map(tuple),
)
ledgers = st.lists(invoices, min_size=1, max_size=5)


@tagged("post_install", "-at_install")
class FiguresCommon(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency(
            "EUR", rates=[("2020-01-01", 2.0), (str(day(-60)), 1.6)]
        )
        cls.figures = cls.env["credit.figures"]
        cls.data_of = {cls.company: cls.company_data}

    @classmethod
    def _add_other_company(cls):
        cls.other_data = cls.setup_other_company(name="Corsini")
        cls.other = cls.other_data["company"]
        cls.env.user.company_ids |= cls.other
        cls.data_of[cls.other] = cls.other_data

    def setUp(self):
        super().setUp()
        self.kinds = {}  # entry that settled something: (kind, the part of it that is money)

    # ------------------------------------------------------------------ writing

    def _write_ledger(self, company, drawn, partner=None):
        """The documents of ``drawn`` in ``company``; what lies in the future stays out."""
        for invoice in drawn:
            move = self._write_invoice(company, invoice, partner or self.debtor)
            left = 100
            for part in sorted(invoice.parts, key=lambda each: each.after):
                on = invoice.issued + part.after
                share = min(part.share, left)
                if on > 0 or share <= 0 or not move.amount_residual:
                    continue
                left -= share
                amount = min(
                    move.currency_id.round(move.amount_total * share / 100), move.amount_residual
                )
                if amount:
                    self._settle(company, move, part.kind, amount, on)

    def _write_invoice(self, company, invoice, partner):
        data = self.data_of[company]
        move = self.env["account.move"].with_company(company).create({
            "move_type": "out_invoice", "partner_id": partner.id, "company_id": company.id,
            "invoice_date": day(invoice.issued), "currency_id": (
                self.euro if invoice.foreign else company.currency_id
            ).id,
            "invoice_date_due": day(invoice.issued + invoice.term),
            "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create({
                "name": "Goods", "price_unit": invoice.amount / 100, "tax_ids": [Command.clear()],
                "account_id": data["default_account_revenue"].id,
            })],
        })
        move.action_post()
        return move

    def _settle(self, company, move, kind, amount, on):
        if kind == CREDIT:
            return self._credit_on(company, move, amount, on)
        if kind == LOSS:
            return self._write_off(company, move, amount, on)
        values = {"amount": amount, "payment_date": day(on)}
        share = Fraction(1)
        if kind == "short" and move.currency_id == company.currency_id:
            rest = move.amount_residual - amount
            if rest > 0:  # paid short, and the rest written off by the same entry
                share = Fraction(round(amount * 100), round(move.amount_residual * 100))
                values |= {
                    "payment_difference_handling": "reconcile",
                    "writeoff_account_id": self.data_of[company]["default_account_expense"].id,
                }
        payment = self.env["account.payment.register"].with_company(company).with_context(
            active_model="account.move", active_ids=move.ids
        ).create(values)._create_payments()
        self.kinds[payment.move_id] = (CASH, share)

    def _credit_on(self, company, move, amount, on):
        note = self.env["account.move"].with_company(company).create({
            "move_type": "out_refund", "partner_id": move.partner_id.id, "company_id": company.id,
            "invoice_date": day(on), "currency_id": move.currency_id.id,
            "invoice_line_ids": [Command.create({
                "name": "Returned", "price_unit": amount, "tax_ids": [Command.clear()],
                "account_id": self.data_of[company]["default_account_revenue"].id,
            })],
        })
        note.action_post()
        self.kinds[note] = (CREDIT, Fraction(0))
        self._match(move, note)

    def _write_off(self, company, move, amount, on):
        value = move.currency_id._convert(amount, company.currency_id, company, day(on))
        account = self._line(move).account_id
        entry = self.env["account.move"].with_company(company).create({
            "move_type": "entry", "date": day(on), "company_id": company.id,
            "line_ids": [Command.create({
                "account_id": one.id, "partner_id": move.partner_id.id, "name": "Lost",
                "currency_id": move.currency_id.id, "amount_currency": sign * amount,
                "balance": sign * value,
            }) for one, sign in (
                (account, -1), (self.data_of[company]["default_account_expense"], 1)
            )],
        })
        entry.action_post()
        self._match(move, entry)

    def _line(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _match(self, move, other):
        (self._line(move) + self._line(other)).reconcile()

    # ------------------------------------------------------------------ reading, the plain way

    def _read_claims(self, company):
        """``{receivable line: Claim}``, each with all that was ever matched with it."""
        rounding = company.currency_id.rounding
        lines = self.env["account.move.line"].search([
            ("company_id", "=", company.id), ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
        ])
        parts = defaultdict(list)
        for partial in lines.matched_credit_ids | lines.matched_debit_ids:
            units = to_units(partial.amount, rounding)
            other = CREDIT if self._is_exchange(partial.credit_move_id) else LOSS
            kind, share = self.kinds.get(partial.credit_move_id.move_id, (other, Fraction(0)))
            on = max(partial.debit_move_id.date, partial.credit_move_id.date)
            cash = int(units * share + Fraction(1, 2))
            rest = LOSS if kind == CASH else kind
            parts[partial.debit_move_id] += [
                Settled(on, cash, CASH), Settled(on, units - cash, rest)
            ]
            parts[partial.credit_move_id].append(Settled(on, -units, CREDIT))
        return {
            line: Claim(
                line.date, line.date_maturity or line.date, to_units(line.balance, rounding),
                tuple(part for part in parts[line] if part.amount),
            )
            for line in lines
        }

    def _is_exchange(self, line):
        """What a change of the rate made of a payment: nobody owes it."""
        return line.journal_id == line.company_id.currency_exchange_journal_id

    def _read_debts(self, company):
        """Of the claims those that somebody owed."""
        return {
            line: claim for line, claim in self._read_claims(company).items()
            if claim.amount > 0 and not self._is_exchange(line)
        }

    def _read_sales(self, company, first, last):
        moves = self.env["account.move"].search([
            ("company_id", "=", company.id), ("state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("date", ">=", first), ("date", "<=", last),
        ])
        return to_units(sum(moves.mapped("amount_total_signed")), company.currency_id.rounding)
