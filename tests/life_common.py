"""Two companies, some debtors in two currencies, and what may happen to them on any day: each deed
is drawn by the seed, done by core's own methods or by the buttons of the add-on."""
import random
from collections import Counter
from datetime import timedelta

from psycopg2 import Error as DatabaseError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CreditCommon, day

NAMES = ("Ferri", "Rossi", "Bruni", "Galli", "Serra")


@tagged("post_install", "-at_install")
class LifeCommon(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_data = cls.setup_other_company(name="Corsini")
        cls.other_company = cls.other_data["company"]
        cls.other_company.write({
            "credit_bank_fresh_days": 0, "email": "office@corsini.example",
        })
        cls.data = {cls.company: cls.company_data, cls.other_company: cls.other_data}
        cls.env.user.company_ids |= cls.other_company
        both = (cls.company | cls.other_company).ids
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": both})
        cls.policy, cls.debtor = cls.policy.with_env(cls.env), cls.debtor.with_env(cls.env)
        cls.template = cls.template.with_env(cls.env)
        cls.company.credit_write_off_account_id = cls.company_data["default_account_expense"]
        cls.foreigner = new_test_user(
            cls.env, "foreigner", "account_credit_care.group_credit_manager", name="Fausto",
            email="fausto@corsini.example", company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        cls.euro = cls.setup_other_currency("EUR", rates=[("2020-01-01", 0.8)])
        cls.policies = cls._make_policies()
        cls.debtors = cls.env["res.partner"].union(*map(cls._make_debtor, NAMES))
        cls.terms = cls._make_terms()
        cls.mandate = cls._make_mandate()

    @classmethod
    def _make_policies(cls):
        cls.policy.level_ids[2].write({"automatic": False})
        cls.policy.level_ids[0].write({"late_payers_only": True})
        other = cls.policy.with_company(cls.other_company).copy({
            "name": "Theirs", "company_id": cls.other_company.id, "user_id": cls.foreigner.id,
            "catch_up": "highest", "min_gap_days": 3, "suspend_after_days": 12,
            "handover_after_days": 15, "place_after_days": 20, "plan_lifts_suspension": True,
        })
        other.level_ids[1:].write({"late_payers_only": False, "automatic": True})
        other.write({"state": "active", "is_default": True})
        return cls.policy | other

    @classmethod
    def _make_debtor(cls, name):
        debtor = cls.debtor if name == "Ferri" else cls._create_debtor(f"{name} S.p.A.")
        debtor.with_company(cls.other_company).property_account_receivable_id = cls.other_data[
            "default_account_receivable"
        ]
        cls.env["res.partner"].create({
            "name": f"Anna {name}", "parent_id": debtor.id, "type": "invoice",
            "email": f"anna.{name.lower()}@debtor.example",
        })
        return debtor

    @classmethod
    def _make_terms(cls):
        def term(*lines, **values):
            return cls.env["account.payment.term"].create({
                "name": "Term", "line_ids": [
                    Command.create({"value": "percent", "value_amount": share, "nb_days": days})
                    for share, days in lines
                ], **values,
            })

        return term((40, 5), (30, 12), (30, 25)) | term((100, 0)) | term((50, 10), (50, 10)) | term(
            (100, 15), early_discount=True, discount_percentage=2, discount_days=5,
        )

    @classmethod
    def _make_mandate(cls):
        mandate = cls.env["credit.mandate"].create({
            "name": "Collection", "company_id": cls.company.id, "user_id": cls.manager.id,
            "agency_id": cls.env["res.partner"].create({"name": "Angels", "is_company": True}).id,
            "start_on": day(-100), "does_collection": True, "pressure": "firm",
            "licence_number": "12/A", "licence_office": "Modena", "contract_on": day(-100),
            "disclosure": "I call for Bellandi",
            "tier_ids": [Command.create({"above": 0, "rate": 10})],
        })
        cls._as(mandate).action_activate()
        return mandate

    # ------------------------------------------------------------------ drawing

    def begin(self, seed):
        self.rng, self.count, self.now = random.Random(seed), Counter(), 0
        self.log, self.bounced = [], {}

    def today(self):
        return day(self.now)

    def pick(self, records, size=1):
        """One of these; nothing where there are none."""
        ids = sorted(records.ids)
        return records.browse(self.rng.sample(ids, size)) if len(ids) >= size else records.browse()

    def chance(self, percent):
        return self.rng.random() * 100 < percent

    def live(self, company=None):
        domain = [("state", "!=", "closed")]
        return self.env["credit.case"].search(
            [*domain, ("company_id", "in", (company or self.company | self.other_company).ids)]
        )

    @classmethod
    def _as(cls, records):
        """In the hands of a manager of their company, who sees no other."""
        company = records.company_id[:1]
        user = cls.foreigner if company == cls.other_company else cls.manager
        return records.with_user(user).with_context(allowed_company_ids=company.ids)

    def do(self, name):
        """The deed of that name; what the add-on or core refuses is undone and counted."""
        try:
            with mute_logger("odoo.sql_db"), self.cr.savepoint():
                told = getattr(self, f"deed_{name}")()
                self.env.flush_all()
        except (UserError, ValidationError) as error:
            self.env.invalidate_all()
            self.count[f"{name} refused"] += 1
            self.log.append((self.now, name, "refused", str(error)[:80]))
            return
        except DatabaseError:
            raise
        self.count[name if told else f"{name} impossible"] += 1
        if told:
            self.log.append((self.now, name, *(told if isinstance(told, tuple) else (told,))))

    # ------------------------------------------------------------------ the ledger

    def invoice_lines(self, lines_of=None):
        return self.env["account.move.line"].search([
            ("company_id", "in", (self.company | self.other_company).ids),
            ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"),
            ("reconciled", "=", False), ("amount_residual_currency", ">", 0),
            ("move_id.move_type", "=", "out_invoice"),
        ])

    def _document(self, kind, company, partner, amount, currency, **values):
        move = self.env["account.move"].with_company(company).create({
            "move_type": kind, "partner_id": partner.id, "company_id": company.id,
            "currency_id": currency.id, "invoice_date": self.today(),
            "invoice_line_ids": [Command.create({
                "name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()],
                "account_id": self.data[company]["default_account_revenue"].id,
            })], **values,
        })
        move.action_post()
        return move

    def deed_invoice(self):
        company = self.rng.choice((self.company, self.company, self.other_company))
        debtor = self.pick(self.debtors.exists())
        partner = self.pick(debtor | debtor.child_ids)
        currency = self.rng.choice((company.currency_id, company.currency_id, self.euro))
        amount = self.rng.choice((0.4, 33.33, 100.0, 250.5, 1000.0))
        old = self.rng.choice((0, 0, 10, 30, 45))
        values = {"invoice_date": self.today() - timedelta(old)}
        if self.chance(50):
            values["invoice_payment_term_id"] = self.pick(self.terms).id
        else:
            values["invoice_date_due"] = self.today() + timedelta(self.rng.randint(-25, 12))
            values["invoice_date"] = min(values["invoice_date"], values["invoice_date_due"])
            values["invoice_payment_term_id"] = False
        move = self._document("out_invoice", company, partner, amount, currency, **values)
        return move.name, amount, str(move.invoice_date_due), partner.display_name

    def deed_credit_note(self):
        line = self.pick(self.invoice_lines())
        if not line:
            return False
        move = line.move_id
        amount = round(move.amount_total * self.rng.choice((0.2, 0.5, 1, 1.2)), 2)
        note = self._document(
            "out_refund", move.company_id, move.partner_id, amount, move.currency_id
        )
        if self.chance(50):
            self._reconcile(note.line_ids | move.line_ids)
        return note.name, move.name, amount

    def _reconcile(self, lines):
        lines.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()

    def _register(self, moves, **values):
        return self.env["account.payment.register"].with_company(moves.company_id).with_context(
            active_model="account.move", active_ids=moves.ids
        ).create({"payment_date": self.today(), **values})._create_payments()

    def deed_pay(self):
        line = self.pick(self.invoice_lines())
        if not line:
            return False
        move, left = line.move_id, line.move_id.amount_residual
        share = self.rng.choice((None, None, 0.3, 0.5, 1.3))
        amount = share and round(left * share, 2)
        self._register(move, **({"amount": amount} if amount else {}))
        return move.name, amount or "full"

    def deed_pay_short(self):
        """Paid less, and the rest is written off at once."""
        line = self.pick(self.invoice_lines())
        if not line:
            return False
        move = line.move_id
        self._register(
            move, amount=max(round(move.amount_residual * self.rng.choice((0.3, 0.97)), 2), 0.01),
            payment_difference_handling="reconcile",
            writeoff_account_id=self.data[move.company_id]["default_account_expense"].id,
        )
        return move.name

    def deed_write_off(self):
        """An entry of the accountant."""
        line = self.pick(self.invoice_lines())
        if not line:
            return False
        company = line.company_id
        entry = self.env["account.move"].with_company(company).create({
            "move_type": "entry", "date": self.today(), "company_id": company.id, "line_ids": [
                Command.create({
                    "account_id": line.account_id.id, "partner_id": line.partner_id.id,
                    "currency_id": line.currency_id.id, "balance": -line.amount_residual,
                    "amount_currency": -line.amount_residual_currency,
                }),
                Command.create({
                    "account_id": self.data[company]["default_account_expense"].id,
                    "currency_id": line.currency_id.id, "balance": line.amount_residual,
                    "amount_currency": line.amount_residual_currency,
                }),
            ],
        })
        entry.action_post()
        self._reconcile(line | entry.line_ids)
        return line.move_name

    def deed_pay_on_account(self):
        line = self.pick(self.invoice_lines())
        if not line:
            return False
        company = line.company_id
        payment = self.env["account.payment"].with_company(company).create({
            "payment_type": "inbound", "partner_type": "customer", "date": self.today(),
            "partner_id": line.partner_id.commercial_partner_id.id, "company_id": company.id,
            "currency_id": line.currency_id.id,
            "amount": max(
                round(line.amount_residual_currency * self.rng.choice((0.5, 1, 1.5)), 2), 0.01
            ),
            "journal_id": self.data[company]["default_journal_bank"].id,
        })
        payment.action_post()
        return payment.name, payment.amount, line.partner_id.display_name

    def credits(self):
        return self.env["account.move.line"].search([
            ("company_id", "in", (self.company | self.other_company).ids),
            ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"),
            ("reconciled", "=", False), ("amount_residual_currency", "<", 0),
        ])

    def deed_match(self):
        """What lay open as a credit is matched with a debt of the same customer."""
        credit = self.pick(self.credits())
        debts = self.invoice_lines().filtered(
            lambda line: line.company_id == credit.company_id
            and line.account_id == credit.account_id and line.currency_id == credit.currency_id
            and line.partner_id.commercial_partner_id == credit.partner_id.commercial_partner_id
        )
        if not credit or not debts:
            return False
        self._reconcile(credit | self.pick(debts))
        return credit.move_name

    def deed_refund_payment(self):
        """Money that was too much goes back."""
        credit = self.pick(self.credits())
        if not credit:
            return False
        company = credit.company_id
        payment = self.env["account.payment"].with_company(company).create({
            "payment_type": "outbound", "partner_type": "customer", "date": self.today(),
            "partner_id": credit.partner_id.commercial_partner_id.id, "company_id": company.id,
            "currency_id": credit.currency_id.id, "amount": -credit.amount_residual_currency,
            "journal_id": self.data[company]["default_journal_bank"].id,
        })
        payment.action_post()
        if self.chance(80):
            self._reconcile(credit | payment.move_id.line_ids)
        return payment.name, payment.amount

    def deed_bounce(self):
        """A payment that settled something comes back, in one of three ways."""
        payments = self.env["account.payment"].search([
            ("company_id", "in", (self.company | self.other_company).ids),
            ("payment_type", "=", "inbound"), ("state", "in", ("in_process", "paid")),
        ]).filtered("move_id.line_ids.matched_debit_ids")
        payment = self.pick(payments)
        if not payment:
            return False
        way = self.rng.choice(("unmatched", "cancelled", "reversed"))
        if way == "unmatched":
            payment.move_id.line_ids.remove_move_reconcile()
        elif way == "cancelled":
            payment.action_draft()
            payment.action_cancel()
        else:
            payment.move_id.line_ids.remove_move_reconcile()
            payment.move_id._reverse_moves([{"date": self.today()}], cancel=True)
        self.count[f"bounce {way}"] += 1
        return payment.name, way

    def deed_repost(self):
        """An invoice goes back to draft and is posted again with another day, or to another."""
        move = self.pick(self.invoice_lines()).move_id
        if not move or move.line_ids.matched_credit_ids:
            return False
        move.button_draft()
        if self.chance(25):
            return "left as draft", move.name
        if self.chance(40):
            move.partner_id = self.pick(self.debtors.exists())
            self.count["repost to another"] += 1
        if self.chance(60):
            move.invoice_payment_term_id = False
            move.invoice_date_due = self.today() + timedelta(self.rng.randint(-20, 10))
        move.action_post()
        return move.name, move.partner_id.name, str(move.invoice_date_due)

    def deed_post_draft(self):
        move = self.pick(self.env["account.move"].search([
            ("state", "=", "draft"), ("move_type", "=", "out_invoice"),
        ]))
        if not move:
            return False
        move.action_post()
        return move.name
