"""Windows that ask: they show at once, computed with all rights, what they are about. So nobody
names in one what he may not read: not when it is made, nor changed, nor before it is saved."""
from odoo import Command
from odoo.tests import tagged

from .access_common import AccessCommon
from .common import day

STRANGERS = ("colleague", "accountant", "other_seller", "portal", "public", "collector")
SECRET = "Two boxes were broken"


@tagged("post_install", "-at_install")
class TestAccessWindows(AccessCommon):
    def setUp(self):
        super().setUp()
        self.named = {
            "credit.case": self.case, "credit.action": self.action, "credit.policy": self.policy,
            "credit.policy.level": self.policy.level_ids[:1], "credit.item": self.case.item_ids,
            "credit.capacity": self.agreement.capacity_id, "credit.dispute": self.dispute,
            "credit.placement": self.placement, "credit.mandate": self.mandate,
        }
        self.due = {
            "credit.courtesy": {"outcome": "solved"}, "credit.preview": {"until": day(1)},
            "credit.plan": {"case_id": self.case.id}, "credit.call": {"case_id": self.case.id},
            "credit.dispute.new": {"case_id": self.case.id},
        }
        self.open_to_all = ("credit.reason",)  # common to all companies, and about nobody

    def _windows(self):
        """``[(model, field)]``: what windows name of ours."""
        return [
            (name, field) for name, model in self.env.items()
            if model._transient and hasattr(model, "_get_naming_fields")
            for field in model._get_naming_fields()
            if model._fields[field].comodel_name not in self.open_to_all
        ]

    def _tell(self, model, field, record):
        many = self.env[model]._fields[field].type == "many2many"
        return {field: [Command.set(record.ids)] if many else record.id}

    def test_every_window_that_names_a_record_asks_whether_he_may_read_it(self):
        guarded = {model for model, _field in self._windows()}
        naming = {
            name for name, model in self.env.items()
            if model._transient and model._original_module == "account_credit_care" and any(
                field.store and field.type in ("many2one", "many2many")
                and field.comodel_name.startswith("credit.")
                and field.comodel_name not in self.open_to_all
                and not self.env[field.comodel_name]._transient
                for field in model._fields.values()
            )
        }
        self.assertEqual(naming - guarded, {"credit.preview.line"})  # which nobody creates
        self.assertRefused(self.manager, "credit.preview.line", "create", [{}])
        self.assertGreater(len(guarded), 6)

    def test_nobody_names_what_he_may_not_read(self):
        tried = 0
        for model, field in self._windows():
            record = self.named[self.env[model]._fields[field].comodel_name]
            told = self._tell(model, field, record)
            values = {**self.due.get(model, {}), **told}
            for role in (*STRANGERS, "foreigner"):
                user = self.roles[role]
                with self.subTest(model=model, field=field, role=role):
                    self.assertRefused(user, model, "create", [values])
                    self.assertRefused(user, model, "web_save", [], values, {"display_name": {}})
                    self.assertRefused(
                        user, model, "onchange", [], told, [field],
                        {field: {"fields": {"display_name": {}}}},
                    )
                    self.assertRefused(
                        user, model, "onchange", [], {}, [],
                        {field: {"fields": {"display_name": {}}}},
                        context={f"default_{field}": record.ids if "ids" in field else record.id},
                    )
                    tried += 4
        self.assertGreater(tried, 200)

    def test_a_window_of_ones_own_is_not_turned_to_what_one_may_not_read(self):
        self._create_due(-40, partner=self._create_debtor("His", user_id=self.roles[
            "other_seller"].id))
        self._night(1)
        own = self._case(self.env["res.partner"].search([("name", "=", "His")]))
        seller = self.roles["other_seller"]
        ids = self._rpc(seller, "credit.call", "create", [{"case_id": own.id}])
        self.assertTrue(self._rpc(seller, "credit.call", "read", ids, ["amount_overdue"]))
        for values in ({"case_id": self.case.id}, {"action_id": self.action.id}):
            self.assertRefused(seller, "credit.call", "write", ids, values)
            self.assertRefused(
                seller, "credit.call", "onchange", ids, values, list(values), {"phone": {}}
            )

    def test_whoever_has_to_find_out_opens_his_window(self):
        owner = self.roles["colleague"]
        self.dispute.sudo().user_id = owner
        ids = self._rpc(owner, "credit.resolve", "create", [{"dispute_id": self.dispute.id}])
        [shown] = self._rpc(owner, "credit.resolve", "read", ids, ["debtor_name", "text"])
        self.assertEqual((shown["debtor_name"], shown["text"]), (self.debtor.name, SECRET))

    def test_a_portfolio_and_its_mandate_are_of_one_company(self):
        both = self.manager
        both.company_ids |= self.other_company
        self.assertRefused(both, "credit.portfolio", "create", [{
            "company_id": self.other_company.id, "mandate_id": self.mandate.id,
        }])

    # ------------------------------------------------------------------ what core leaves open

    def test_letters_to_debtors_are_read_by_credit_users_of_the_company(self):
        """Core's letters are open to every colleague, PDF included."""
        letter = self.root["snailmail.letter"].create({
            "partner_id": self.debtor.id, "model": "credit.case", "res_id": self.case.id,
            "company_id": self.company.id,
        })
        core = self.root["snailmail.letter"].create({
            "partner_id": self.debtor.id, "model": "account.move", "res_id": self.case.item_ids
            .move_id.id,
            "company_id": self.company.id,
        })
        for user in (self.roles["colleague"], self.salesperson, self.foreigner):
            with self.subTest(user=user.login):
                self.assertRefused(user, "snailmail.letter", "read", letter.ids, ["partner_id"])
                self.assertRefused(user, "snailmail.letter", "write", letter.ids, {"city": "x"})
                self.assertRefused(user, "snailmail.letter", "cancel", letter.ids)
                self.assertNotIn(letter.id, self._rpc(user, "snailmail.letter", "search", []))
        self.assertTrue(self._rpc(self.roles["colleague"], "snailmail.letter", "read", core.ids))
        self.assertTrue(self._rpc(self.controller, "snailmail.letter", "read", letter.ids))
