"""Roles, one record of each kind, and how the forbidden is tried: as a client of RPC does."""
from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CreditCommon, day

STORED = (
    "credit.snapshot", "credit.allowance.rate",
    "credit.case", "credit.item", "credit.action", "credit.action.line", "credit.policy",
    "credit.policy.level", "credit.reason", "credit.dispute", "credit.dispute.line",
    "credit.agreement", "credit.agreement.line", "credit.capacity", "credit.plan.limit",
    "credit.handover", "credit.mandate", "credit.fee.tier", "credit.fee.target",
    "credit.collector", "credit.placement", "credit.placement.line", "credit.statement",
    "credit.statement.line", "credit.claim",
    "credit.mandate.rule", "credit.mandate.share", "credit.cost", "credit.agency.entry",
    "credit.monthly",
)
TOUCHED = (
    *(model.replace(".", "_") for model in STORED),
    "mail_mail", "mail_message", "mail_activity", "sale_order", "res_partner", "account_move",
    "account_move_line", "ir_cron_trigger", "ir_attachment",
)
REFUSED = (AccessError, UserError, ValidationError, RedirectWarning)
QUIET = (
    "odoo.models", "odoo.models.unlink", "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
)


class _Undo(Exception):
    """Ends a savepoint by rolling it back."""


@tagged("post_install", "-at_install")
class AccessCommon(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_data = cls.setup_other_company(name="Corsini")
        cls.other_company = cls.other_data["company"]
        cls.other_company.credit_bank_fresh_days = 0
        here, there = cls.company, cls.other_company
        cls.roles = {
            "colleague": cls._create_user("colleague", "base.group_user", here),
            "accountant": cls._create_user("accountant", "account.group_account_invoice", here),
            "other_seller": cls._create_user(
                "other_seller", "sales_team.group_sale_salesman", here
            ),
            "portal": cls._create_user("portal", "base.group_portal", here),
            "public": cls.env.ref("base.public_user"),
            "foreigner": cls._create_user(
                "foreigner", "account_credit_care.group_credit_manager"
                ",sales_team.group_sale_manager,base.group_partner_manager", there,
            ),
        }
        cls.roles["portal"].partner_id.parent_id = cls.debtor
        cls.foreigner = cls.roles["foreigner"]

    @classmethod
    def _create_user(cls, login, groups, company):
        return new_test_user(
            cls.env, login, groups, name=login.title(), email=f"{login}@users.example",
            company_id=company.id, company_ids=[Command.set(company.ids)],
        )

    def setUp(self):
        super().setUp()
        self._create_due(-40)
        self._night(0)
        self._night(1)
        self.case = self._case()
        self.assertTrue(self.case.suspended_on)
        self.action = self.actions[:1]
        self.order = self._create_order()
        self._create_agreements()

    def _create_agreements(self):
        """One of each kind of record that is negotiated; the agreement has run out of its draft."""
        items = self.case.open_item_ids
        with self.at(1):
            self.agreement = self.root["credit.agreement"].create({
                "kind": "plan", "case_id": self.case.id, "currency_id": items.currency_id.id,
                "item_ids": [Command.set(items.ids)],
                "line_ids": [Command.create({"due_on": day(20), "amount": 1000.0})],
                "capacity_id": self.root["credit.capacity"].create({
                    "case_id": self.case.id, "currency_id": items.currency_id.id,
                    "net_income": 2000.0,
                }).id,
            })
            self.agreement._propose()
            self.dispute = self.root["credit.dispute"]._open(
                self.case, {items[:1]: 10.0}, day(30), text="Two boxes were broken",
                owner=self.controller,
            )
            self.root["credit.handover"]._request(self.case)
            self.policy.plan_limit_ids = [Command.create({"max_months": 6})]
            self._create_placement()

    def _create_placement(self):
        """One that waits for a manager's word, under a mandate with a collector."""
        self.case.note_id.with_user(self.manager)._waive("He has left")
        agency = self.root["res.partner"].create({"name": "Angels", "is_company": True})
        self.mandate = self.root["credit.mandate"].create({
            "name": "Collection", "agency_id": agency.id, "company_id": self.company.id,
            "licence_number": "12/A", "contract_on": day(0), "user_id": self.manager.id,
            "tier_ids": [Command.create({"rate": 10})],
            "target_ids": [Command.create({"at_least": 40, "amount": 100})],
        })
        collector = self._create_user("collector", "base.group_portal", self.company)
        collector.partner_id.parent_id = agency
        self.root["credit.collector"].create({
            "mandate_id": self.mandate.id, "user_id": collector.id,
        })
        self.mandate._set_state("active", start_on=day(0))
        self.roles = self.roles | {"collector": collector}
        item = self.case.open_item_ids[:1]
        self.placement = self.root["credit.placement"].create({
            "case_id": self.case.id, "handover_id": self.case.note_id.id,
            "mandate_id": self.mandate.id,
            "line_ids": [Command.create({
                "item_id": item.id, "amount": 1000.0, "amount_company": 1000.0,
            })],
        })
        self.root["credit.snapshot"]._take(self.company, day(-1))
        self.root["credit.monthly"].create({
            "company_id": self.company.id, "first_on": day(-60), "last_on": day(-30),
        })
        self.statement = self.root["credit.statement"].create({
            "mandate_id": self.mandate.id, "from_on": day(0), "until_on": day(20),
            "line_ids": [Command.create({"kind": "month", "booked_on": day(0), "fee": 9.0})],
        })
        self.root["credit.claim"].create({
            "placement_id": self.placement.id, "amount": 5, "method": "cash", "paid_on": day(0),
            "currency_id": self.company.currency_id.id,
        })
        self.rule = self.root["credit.mandate.rule"].create({
            "name": "All", "company_id": self.company.id,
            "share_ids": [Command.create({"mandate_id": self.mandate.id})],
        })
        self.house = self.rule.copy({"name": "House", "share_ids": []})
        self.root["credit.cost"].create({
            "name": "Court", "case_id": self.case.id, "amount": 98.0, "date": day(1),
            "currency_id": self.company.currency_id.id,
        })
        self.root["credit.agency.entry"].create({
            "mandate_id": self.mandate.id, "user_id": self.roles["collector"].id,
            "placement_id": self.placement.id, "key": "k-1", "kind": "contact", "digest": "d",
        })

    def _create_order(self, partner=None, **values):
        return self.root["sale.order"].with_company(self.company).create({
            "partner_id": (partner or self.debtor).id, "company_id": self.company.id,
            "user_id": self.salesperson.id,
            "order_line": [Command.create({
                "product_id": self.product_a.id, "product_uom_qty": 1, "price_unit": 100.0,
                "tax_ids": [Command.clear()],
            })],
            **values,
        })

    def _rpc(self, user, model, method, *args, **kwargs):
        """As the RPC controller calls it: public methods only, the user's own companies."""
        companies = kwargs.pop("companies", user.company_ids)
        env = self.env(user=user, context={"allowed_company_ids": companies.ids})
        return call_kw(env[model], method, list(args), kwargs)

    def _try(self, call):
        """Whether ``call`` went through; what it did is undone."""
        with mute_logger(*QUIET):
            try:
                with self.env.cr.savepoint():
                    call()
                    self.env.flush_all()
                    raise _Undo
            except _Undo:
                return True
            except REFUSED:
                return False
            finally:
                self.env.invalidate_all()

    def assertRefused(self, user, model, method, *args, **kwargs):
        passed = self._try(lambda: self._rpc(user, model, method, *args, **kwargs))
        self.assertFalse(passed, f"{user.sudo().login} may: {model}.{method}{args}{kwargs}")

    def _fingerprint(self):
        self.env.flush_all()
        self.env.cr.execute(" UNION ALL ".join(
            f"SELECT '{table}', md5(string_agg(row::text, '|' ORDER BY id)) FROM {table} row"
            for table in TOUCHED
        ))
        return dict(self.env.cr.fetchall())
