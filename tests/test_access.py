"""Each role tries the forbidden thing, over the same door that a client of RPC has."""
from odoo import Command
from odoo.tests import tagged

from ..models.credit_case import EDITABLE
from .access_common import STORED, AccessCommon
from .common import day

OWNED = ("credit.dispute", "credit.dispute.line")


@tagged("post_install", "-at_install")
class TestAccess(AccessCommon):
    # ------------------------------------------------------------------ reading

    def test_strangers_read_nothing(self):
        for role in ("colleague", "accountant", "portal", "public", "collector"):
            for model in (*STORED, "credit.ask", "credit.call", "credit.dispute.new",
                          "credit.preview", "credit.preview.line", "credit.portfolio",
                          "credit.courtesy", "credit.attention"):
                with self.subTest(role=role, model=model):
                    if model in OWNED and role in ("colleague", "accountant"):
                        # whoever has to find out sees his own, and he is none of these
                        found = self._rpc(self.roles[role], model, "search_read", [], ["id"])
                        self.assertFalse(found)
                        continue
                    self.assertRefused(self.roles[role], model, "search_read", [], ["id"])

    def test_a_salesperson_reads_his_customers_and_nobody_elses(self):
        stranger = self._create_debtor("Stranger", user_id=self.roles["other_seller"].id)
        self._create_due(-10, partner=stranger)
        self._night(1)
        for model in ("credit.case", "credit.item", "credit.action", "credit.action.line"):
            with self.subTest(model=model):
                every = self.root[model].search([])
                own = self.env[model].with_user(self.salesperson).search([])
                others = self.env[model].with_user(self.roles["other_seller"]).search([])
                self.assertTrue(own and others)
                self.assertFalse(own & others)
                self.assertLess(len(own), len(every))
                self.assertRefused(self.roles["other_seller"], model, "read", own.ids, ["id"])
                own.read(["display_name"])

    def test_a_salesperson_may_open_the_case_with_all_that_it_shows(self):
        case = self.case.with_user(self.salesperson)
        case.read()
        case.item_ids.read()
        case.action_ids.read()
        for view in ("form", "list", "kanban"):
            case.get_view(view_type=view)

    def test_a_manager_of_another_company_finds_nothing(self):
        for model in STORED:
            if model == "credit.reason":
                continue
            ours = self.root[model].search([
                ("company_id", "=", self.company.id)
            ])
            self.assertTrue(ours, model)
            with self.subTest(model=model):
                found = self._rpc(self.foreigner, model, "search", [("id", "in", ours.ids)])
                self.assertFalse(found)
                self.assertRefused(self.foreigner, model, "read", ours.ids[:1], ["display_name"])
                self.assertRefused(self.foreigner, model, "write", ours.ids[:1], {"note": "x"}
                                   if model == "credit.action" else {"display_name": "x"})

    def test_a_company_not_his_cannot_be_chosen_by_the_client(self):
        self.assertRefused(
            self.foreigner, "credit.case", "search", [], companies=self.company
        )

    # ------------------------------------------------------------------ writing

    def test_nobody_else_writes_creates_deletes(self):
        roles = {**self.roles, "salesperson": self.salesperson}
        for model in STORED:
            record = self.root[model].search(
                [("company_id", "=", self.company.id)]
                if "company_id" in self.env[model]._fields else [], limit=1,
            )
            name = next(n for n in ("name", "note", "text", "approach_note", "due_on", "weight",
                                         "write_date")
                        if n in record._fields)
            for role, user in roles.items():
                if role == "foreigner" and model == "credit.reason":
                    continue  # reasons are common to all companies
                if (role, model) == ("salesperson", "credit.handover"):
                    continue  # it was asked from him
                with self.subTest(role=role, model=model):
                    values = {
                        "credit.snapshot": {
                            "company_id": self.company.id, "day": day(-9), "code": "dso",
                            "unit": "days",
                        },
                        "credit.allowance.rate": {
                            "company_id": self.company.id, "over_days": 7,
                        },
                        "credit.policy": {"name": "x", "company_id": self.company.id},
                        "credit.policy.level": {
                            "name": "x", "policy_id": self.policy.id, "delay_days": 77,
                            "channel": "none",
                        },
                        "credit.agreement": {
                            "case_id": self.case.id, "currency_id": self.company.currency_id.id,
                        },
                        "credit.agreement.line": {
                            "agreement_id": self.agreement.id, "due_on": day(9), "amount": 1.0,
                        },
                        "credit.capacity": {
                            "case_id": self.case.id, "currency_id": self.company.currency_id.id,
                        },
                        "credit.plan.limit": {"policy_id": self.policy.id},
                        "credit.handover": {"case_id": self.case.id, "user_id": user.id},
                        "credit.mandate": {
                            "name": "x", "agency_id": self.mandate.agency_id.id,
                            "company_id": self.company.id,
                        },
                        "credit.fee.tier": {"mandate_id": self.mandate.id},
                        "credit.fee.target": {
                            "mandate_id": self.mandate.id, "at_least": 1, "measure": "kept",
                        },
                        "credit.collector": {
                            "mandate_id": self.mandate.id, "user_id": self.roles["portal"].id,
                        },
                        "credit.placement": {
                            "case_id": self.case.id, "handover_id": self.case.note_id.id,
                        },
                        "credit.claim": {
                            "placement_id": self.placement.id, "amount": 1, "method": "cash",
                            "currency_id": self.company.currency_id.id, "paid_on": day(1),
                        },
                        "credit.agency.entry": {
                            "mandate_id": self.mandate.id, "user_id": user.id, "key": "k-2",
                            "kind": "contact", "digest": "d",
                        },
                        "credit.placement.line": {
                            "placement_id": self.placement.id, "item_id": self.case.item_ids[0].id,
                        },
                        "credit.statement": {
                            "mandate_id": self.mandate.id, "from_on": day(30), "until_on": day(40),
                        },
                        "credit.statement.line": {
                            "statement_id": self.statement.id, "kind": "month", "fee": 1.0,
                        },
                        "credit.mandate.rule": {"name": "x", "company_id": self.company.id},
                        "credit.mandate.share": {
                            "rule_id": self.house.id, "mandate_id": self.mandate.id,
                        },
                        "credit.cost": {
                            "name": "x", "case_id": self.case.id, "amount": 1.0,
                            "currency_id": self.company.currency_id.id,
                        },
                    }.get(model, {})
                    self.assertRefused(user, model, "write", record.ids, {name: "x"})
                    self.assertRefused(user, model, "create", [values])
                    self.assertRefused(user, model, "unlink", record.ids)

    def test_history_is_not_created_deleted_or_copied_by_anybody(self):
        for user in (self.controller, self.manager):
            for model in ("credit.case", "credit.item", "credit.action", "credit.action.line"):
                record = self.root[model].search([("company_id", "=", self.company.id)], limit=1)
                with self.subTest(user=user.login, model=model):
                    self.assertRefused(user, model, "unlink", record.ids)
                    self.assertRefused(user, model, "create", [record.copy_data()[0]])
                    self.assertRefused(user, model, "copy", record.ids)

    def _own_fields(self, model):
        return {
            name for name, field in self.env[model]._fields.items()
            if "account_credit_care" in field._modules and field.type != "one2many"
        }

    def test_no_field_of_a_case_is_written_but_the_few_that_people_decide(self):
        names = self._own_fields("credit.case") - EDITABLE
        doors = {name for name in names if self.env["credit.case"]._fields[name].inverse}
        self.assertEqual(doors, {"reminder_contact_id", "own_policy_id", "never_suspend"})
        names -= doors
        self.assertIn("amount_overdue", names)
        for name in doors - {"reminder_contact_id"}:
            self.assertRefused(
                self.controller, "credit.case", "write", self.case.ids, {name: False}
            )
        for user in (self.controller, self.manager):
            for name in names:
                with self.subTest(user=user.login, field=name):
                    self.assertRefused(user, "credit.case", "write", self.case.ids, {name: False})
            for name in ("item_ids", "action_ids", "open_item_ids"):
                line = self.case[name][:1]
                for command in (Command.update(line.id, {}), Command.delete(line.id),
                                Command.unlink(line.id), Command.clear(), Command.create({})):
                    self.assertRefused(
                        user, "credit.case", "write", self.case.ids, {name: [command]}
                    )

    def test_what_people_decide_on_a_case_they_may_write(self):
        values = {
            "pressure": "gentle", "relationship_priority": True, "user_id": self.manager.id,
            "reason_id": self.env.ref("account_credit_care.credit_reason_forgot").id,
            "cost_ids": [],
        }
        self.assertEqual(values.keys(), EDITABLE)
        self.assertRefused(
            self.controller, "credit.case", "write", self.case.ids, {"relationship_priority": True}
        )
        self._rpc(self.manager, "credit.case", "write", self.case.ids, dict(values))
        values["relationship_priority"] = True  # as it is: no decision of his
        values["reminder_contact_id"] = self.debtor.id
        self._rpc(self.controller, "credit.case", "write", self.case.ids, values)
        self.assertEqual(self.case.pressure, "gentle")
        self.assertEqual(self.debtor.credit_care_contact_id, self.debtor)

    def test_no_field_of_an_action_is_written_but_the_reviewers_text(self):
        self._create_due(-10, partner=self._create_debtor("Second"))
        waiting = self._night(2, send=False).filtered(lambda a: a.state == "planned")
        self.assertTrue(waiting)
        for user in (self.controller, self.manager):
            for name in self._own_fields("credit.action") - {"note"}:
                with self.subTest(user=user.login, field=name):
                    self.assertRefused(user, "credit.action", "write", waiting.ids, {name: False})
            self.assertRefused(
                user, "credit.action", "write", self.action.ids, {"note": "other words"}
            )
            self._rpc(user, "credit.action", "write", waiting.ids, {"note": "<p>Mine</p>"})
        self.assertEqual(waiting.note, "<p>Mine</p>")

    def test_the_reviewers_text_is_cleaned(self):
        self._create_due(-10, partner=self._create_debtor("Second"))
        waiting = self._night(2, send=False).filtered(lambda a: a.state == "planned")
        self._rpc(self.controller, "credit.action", "write", waiting.ids, {
            "note": "<p>Mine</p><script>alert(1)</script>",
        })
        self.assertNotIn("script", waiting.note)
        with self.at(2):
            self._send()
        self.assertIn("Mine", waiting.body)
        self.assertNotIn("alert(1)", waiting.body)

    def test_the_controller_does_not_change_policies(self):
        self.assertRefused(
            self.controller, "credit.policy", "write", self.policy.ids, {"min_gap_days": 0}
        )
        self.assertRefused(self.controller, "credit.policy", "action_activate", self.policy.ids)
        self.assertRefused(self.controller, "credit.policy", "action_draft", self.policy.ids)
        self.assertRefused(self.controller, "credit.policy", "action_load_starters")
        self.assertRefused(
            self.controller, "credit.policy.level", "write", self.policy.level_ids.ids,
            {"delay_days": 1},
        )

    # ------------------------------------------------------------------ customers, orders

    def _with_partner_rights(self, user):
        user.sudo().group_ids |= self.env.ref("base.group_partner_manager")
        return user

    def test_only_a_manager_exempts_a_customer_or_sets_his_policy(self):
        controller = self._with_partner_rights(self.controller)
        manager = self._with_partner_rights(self.manager)
        for name, value in (
            ("credit_care_never_suspend", True), ("credit_care_policy_id", self.policy.id),
        ):
            with self.subTest(field=name):
                self.assertRefused(
                    controller, "res.partner", "write", self.debtor.ids, {name: value}
                )
                self.assertRefused(
                    controller, "res.partner", "create", [{"name": "New", name: value}]
                )
                self.assertRefused(
                    controller, "res.partner", "create", [{"name": "New"}],
                    context={f"default_{name}": value},
                )
                self._rpc(manager, "res.partner", "write", self.debtor.ids, {name: value})
                self.assertRefused(
                    controller, "res.partner", "write", self.debtor.ids, {name: False}
                )
                self._rpc(controller, "res.partner", "write", self.debtor.ids, {"city": "Bra"})
                self._rpc(manager, "res.partner", "write", self.debtor.ids, {name: False})

    def test_a_colleague_learns_of_a_customer_that_he_is_suspended_and_no_more(self):
        colleague = self._with_partner_rights(self.roles["colleague"])
        [values] = self._rpc(colleague, "res.partner", "read", self.debtor.ids, [
            "credit_care_suspended", "credit_care_note",
        ])
        self.assertTrue(values["credit_care_suspended"])
        self.assertNotIn("1,000", values["credit_care_note"])
        for name in ("credit_care_case_id", "credit_care_case_ids", "credit_care_policy_id",
                     "credit_care_never_suspend", "credit_care_contact_id"):
            self.assertRefused(colleague, "res.partner", "read", self.debtor.ids, [name])
            self.assertRefused(
                colleague, "res.partner", "write", self.debtor.ids, {name: False}
            )
        mine = self._rpc(
            self.salesperson, "res.partner", "read", self.debtor.ids, ["credit_care_note"]
        )
        self.assertIn("1,000", mine[0]["credit_care_note"])

    def test_the_customer_himself_reads_none_of_our_notes(self):
        self.order.action_quotation_sent()
        self.order.message_subscribe(self.roles["portal"].partner_id.ids)
        portal = self.roles["portal"]
        self.assertTrue(self._rpc(portal, "sale.order", "read", self.order.ids, ["name"]))
        for name in ("credit_override", "credit_override_reason", "credit_care_note",
                     "credit_care_case_id"):
            if name in self.env["sale.order"]._fields:
                self.assertRefused(portal, "sale.order", "read", self.order.ids, [name])
        for name in ("credit_care_suspended", "credit_care_note", "credit_care_case_id"):
            self.assertRefused(portal, "res.partner", "read", self.debtor.ids, [name])
        move = self._items_of_case().move_id[:1]
        self.assertRefused(portal, "account.move", "read", move.ids, ["credit_care_note"])
        self.assertRefused(portal, "account.move", "read", move.ids, ["credit_level_id"])

    def _items_of_case(self):
        return self.case.item_ids

    def test_a_salesperson_does_not_override_a_suspension(self):
        seller = self.salesperson
        for values in ({"credit_override": True}, {"credit_override_reason": "x"}):
            self.assertRefused(seller, "sale.order", "write", self.order.ids, values)
        vals = {"partner_id": self.debtor.id, "company_id": self.company.id}
        self.assertRefused(
            seller, "sale.order", "create", [{**vals, "credit_override": True}]
        )
        self.assertRefused(
            seller, "sale.order", "create", [vals], context={"default_credit_override": True}
        )
        self.assertRefused(seller, "sale.order", "action_credit_override", self.order.ids)
        self.assertRefused(seller, "sale.order", "action_confirm", self.order.ids)
        copy_id = self._rpc(seller, "sale.order", "create", [vals])
        self.assertTrue(copy_id)

    # ------------------------------------------------------------------ others go on working

    def test_an_accountant_without_our_group_posts_and_pays(self):
        accountant = self.roles["accountant"]
        move = self._create_due(-2).with_user(accountant)
        move.read()
        wizard = self.env["account.payment.register"].with_user(accountant).with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"payment_date": day(0)})
        wizard.action_create_payments()
        self.assertEqual(move.amount_residual, 0.0)
        payment = self.root["account.payment"].search([], limit=1, order="id desc")
        payment.with_user(accountant).action_draft()

    def test_a_salesperson_sells_to_whom_is_not_suspended(self):
        order = self._create_order(self._create_debtor("Good")).with_user(self.salesperson)
        order.read()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_colleague_edits_customers(self):
        colleague = self._with_partner_rights(self.roles["colleague"])
        self.debtor.with_user(colleague).write({"city": "Bra"})
        self.env["res.partner"].with_user(colleague).create({"name": "New"})
        self.debtor.with_user(colleague).get_view(view_type="form")
