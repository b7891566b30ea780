"""Builders shared by all tests: a company with a chart, debtors, invoices, payments, a policy.

Everything is relative to ``TODAY``, a Wednesday at noon UTC; ``at(days)`` freezes the clock so
many days after it.
"""
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.tests import new_test_user, tagged

TODAY = date(2026, 3, 4)
LADDER = ((-5, "email"), (3, "email"), (10, "phone"), (20, "email"), (31, "letter"), (40, "phone"))


def day(offset):
    return TODAY + timedelta(days=offset)


@tagged("post_install", "-at_install")
class CreditCommon(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        # of core's books for tests only what is used: see _set_up_books
        super(AccountTestInvoicingCommon, cls).setUpClass()
        cls._set_up_books()
        cls.env.user.group_ids |= cls.env.ref("account_credit_care.group_credit_manager")
        cls.company = cls.company_data["company"]
        cls.company.write({
            "name": "Bellandi", "email": "office@bellandi.example", "credit_bank_fresh_days": 0,
        })
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.controller = new_test_user(
            cls.env, "controller", "account_credit_care.group_credit_user",
            name="Carla Conti", email="carla@bellandi.example", company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.manager = new_test_user(
            cls.env, "credit_manager", "account_credit_care.group_credit_manager",
            name="Mario Monti", email="mario@bellandi.example", company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.salesperson = new_test_user(
            cls.env, "salesperson", "sales_team.group_sale_salesman",
            name="Sara Serra", email="sara@bellandi.example", company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.company.credit_controller_id = cls.controller
        cls.env.user.company_ids |= cls.company
        cls.template = cls.env.ref("account_credit_care.mail_template_friendly")
        cls.policy = cls._create_policy()
        cls.debtor = cls._create_debtor("Ferri S.r.l.")

    @classmethod
    def _create_company(cls, **create_values):
        """The chart of a company takes most of a class's time: dev/test keeps two companies with
        theirs. Elsewhere, and from the third on, they are made, as core does."""
        ready = cls.env["res.company"].sudo().search([
            ("name", "=like", "Credit Care tests _"),
        ], order="id", limit=1).sudo(False)
        if not ready or create_values.keys() - {"name"}:
            return super()._create_company(**create_values)
        cls.env.user.company_ids = [Command.link(ready.id)]
        ready.name = create_values["name"]
        return ready

    @classmethod
    def _set_up_books(cls):
        """Of what core sets up for a class of tests: the company with its chart, one product and
        the accounts of payments on their way. The rest (taxes, positions, terms, rounding, other
        partners) nobody uses here, and it takes a quarter of the time."""
        cls.company_data = cls.collect_company_accounting_data(cls.env.company)
        cls.tax_sale_a = cls.company_data["default_tax_sale"]
        cls.product_a = cls._create_product(name="product_a", lst_price=1000.0)
        bank = cls.company_data["default_journal_bank"]
        for way, lines in (
            ("debit", bank.inbound_payment_method_line_ids),
            ("credit", bank.outbound_payment_method_line_ids),
        ):
            lines[0].payment_account_id = cls.env["account.chart.template"].ref(
                f"account_journal_payment_{way}_account_id"
            )

    # ------------------------------------------------------------------ builders

    @classmethod
    def _create_policy(cls, ladder=LADDER, **values):
        level_keys = ("pressure", "automatic", "late_payers_only", "min_amount", "fallback")
        level_values = {key: values.pop(key) for key in level_keys if key in values}
        return cls.env["credit.policy"].create({
            "name": "Test policy", "company_id": cls.company.id, "state": "active",
            "is_default": True, "user_id": cls.controller.id, "tolerance": 0.5, "thanks": False,
            "level_ids": [
                Command.create({
                    "name": f"Step {days}", "delay_days": days, "channel": channel,
                    "mail_template_id": channel in ("email", "letter") and cls.template.id,
                    **level_values,
                })
                for days, channel in ladder
            ],
            **values,
        })

    @classmethod
    def _create_debtor(cls, name="Debtor", **values):
        slug = name.split()[0].lower()
        return cls.env["res.partner"].create({
            "name": name, "is_company": True, "email": f"{slug}@debtor.example",
            "phone": "+39 059 123456", "street": "Via Emilia 1", "city": "Modena", "zip": "41121",
            "user_id": cls.salesperson.id, "lang": "en_US",
            "property_account_receivable_id": cls.receivable.id,
            **values,
        })

    @classmethod
    def _create_due(cls, due=0, amount=1000.0, partner=None, **values):
        """A posted invoice whose due date is ``due`` days from TODAY (negative: overdue)."""
        move = cls.env["account.move"].with_company(cls.company).create({
            "move_type": "out_invoice", "partner_id": (partner or cls.debtor).id,
            "company_id": cls.company.id,
            "invoice_date": day(min(due, 0) - 30), "invoice_date_due": day(due),
            "invoice_line_ids": [Command.create({
                "name": "Goods", "price_unit": amount, "quantity": 1,
                "tax_ids": [Command.clear()],
                "account_id": cls.company_data["default_account_revenue"].id,
            })],
            **values,
        })
        move.action_post()
        return move

    @classmethod
    def _pay(cls, move, amount=None, on=0):
        wizard = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"payment_date": day(on), **({"amount": amount} if amount else {})})
        return wizard._create_payments()

    @classmethod
    def _pay_on_account(cls, partner, amount, on=0, **values):
        payment = cls.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": partner.id,
            "amount": amount, "date": day(on), "company_id": cls.company.id,
            "journal_id": cls.company_data["default_journal_bank"].id, **values,
        })
        payment.action_post()
        return payment

    @classmethod
    def _credit(cls, move, amount=None):
        """A posted credit note that is not matched with its invoice."""
        note = cls.env["account.move"].create({
            "move_type": "out_refund", "partner_id": move.partner_id.id,
            "company_id": cls.company.id, "invoice_date": day(0),
            "invoice_line_ids": [Command.create({
                "name": "Returned", "price_unit": amount or move.amount_total, "quantity": 1,
                "tax_ids": [Command.clear()],
                "account_id": cls.company_data["default_account_revenue"].id,
            })],
        })
        note.action_post()
        return note

    @classmethod
    def _create_bank(cls):
        """The account to which customers of the company pay."""
        return cls.env["res.partner.bank"].create({
            "acc_number": "IT60X0542811101000000123456", "partner_id": cls.company.partner_id.id,
        })

    @classmethod
    def _speak_italian(cls):
        """With the texts of the files as they are now."""
        cls.env["res.lang"]._activate_lang("it_IT")
        cls.env["ir.module.module"]._load_module_terms(
            ["account_credit_care"], ["it_IT"], overwrite=True
        )

    # ------------------------------------------------------------------ the night

    @contextmanager
    def at(self, offset=0, hour=12):
        moment = datetime.combine(day(offset), datetime.min.time()) + timedelta(hours=hour)
        with freeze_time(moment):
            yield

    def _night(self, offset=0, send=True):
        """The night and the sending of that day, without commits."""
        with self.at(offset):
            run = self.root["credit.run"].with_company(self.company)
            today = self.company._credit_today()
            run._follow_ledger(self.company, today)
            due = self.root["credit.case"].search(run._get_due_domain(self.company, today))
            run._review_cases(due, self.company, today)
            self.root["credit.action"]._plan_thanks(self.company, today)
            self.root["credit.survey.rule"]._ask_customers(self.company, today)
            self.env.flush_all()
            if send:
                self._send()
        return self.actions

    def _tick(self, model, method, offset=0, hour=12, **kwargs):
        """A scheduled job as the scheduler runs it: its own cursor, which commits and rolls back
        (savepoints of the test's own transaction)."""
        with self.at(offset, hour), self.enter_registry_test_mode(), self.registry.cursor() as cr:
            job = api.Environment(cr, SUPERUSER_ID, {})[model]
            getattr(job, method)(**kwargs)

    def _send(self):
        today = self.company._credit_today()
        outbox = self.root["credit.action"]._get_outbox_domain(self.company, today)
        actions = self.root["credit.action"].search(outbox, order="id")
        if actions and not self.company._credit_is_stale(today):
            actions._deliver(self.company, today)
            self.env.flush_all()

    @property
    def root(self):
        """The environment in which the scheduler runs."""
        return self.env(user=SUPERUSER_ID)

    @property
    def actions(self):
        return self.env["credit.action"].search(
            [("company_id", "=", self.company.id), ("kind", "=", "reminder")], order="id"
        )

    def _case(self, partner=None):
        return self.env["credit.case"].search([
            ("partner_id", "=", (partner or self.debtor).id), ("state", "!=", "closed"),
            ("company_id", "=", self.company.id),
        ])

    def _items(self, move):
        return self.env["credit.item"].search([("move_line_id", "in", move.line_ids.ids)])

    def assertDay(self, value, offset):
        self.assertEqual(fields.Date.to_date(value), day(offset))
