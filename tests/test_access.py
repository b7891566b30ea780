"""Each role tries the forbidden thing, over the same door that a client of RPC has."""
import inspect
from collections import defaultdict
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models.credit_case import EDITABLE
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
OWNED = ("credit.dispute", "credit.dispute.line")
TOUCHED = (
    "credit_snapshot", "credit_allowance_rate",
    "credit_case", "credit_item", "credit_action", "credit_action_line", "credit_policy",
    "credit_policy_level", "credit_reason", "credit_dispute", "credit_dispute_line",
    "credit_handover", "credit_agreement", "credit_agreement_line", "credit_capacity",
    "credit_plan_limit", "credit_mandate", "credit_fee_tier", "credit_fee_target",
    "credit_collector", "credit_placement", "credit_placement_line", "credit_statement",
    "credit_statement_line", "credit_claim",
    "credit_mandate_rule", "credit_mandate_share", "credit_cost", "credit_agency_entry",
    "mail_mail", "mail_message", "mail_activity",
    "sale_order", "res_partner", "account_move", "account_move_line", "ir_cron_trigger",
    "ir_attachment", "credit_dispute", "credit_dispute_line",
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

    # ------------------------------------------------------------------ public methods

    def _public_methods(self):
        """``{model: names}`` of what our classes add to the surface of RPC."""
        found = defaultdict(set)
        for model, cls in self.registry.items():
            for base in cls.mro():
                if not base.__module__.startswith("odoo.addons.account_credit_care."):
                    continue
                for name, value in vars(base).items():
                    if not name.startswith("_") and inspect.isfunction(value):
                        method = getattr(cls, name)
                        private = any(
                            getattr(getattr(c, name, None), "_api_private", False)
                            for c in cls.mro()
                        )
                        if not private:
                            found[model].add((name, method))
        return found

    def test_what_clients_can_call_are_buttons_and_nothing_else(self):
        """A new public method must be an action, or be thought about here."""
        known = {
            "create", "write", "unlink", "copy_data", "button_validate", "default_get",
            "mail_allowed_qweb_expressions",
            "get_formview_id",  # which screen opens a survey of ours; says nothing of its answers
            # the agency's door, which asks for a seat each time: test_attack tries all of it
            "get_home", "get_list", "get_placement", "accept", "log_contact", "promise",
            "propose", "claim", "ask", "give_back", "assign", "get_status", "pull_list",
            "pull_dossier", "push", "get_script", "log_courtesy",
            "get_figures",  # of the dashboard, for credit users: test_dashboard
            "check_access_make_key",  # core's, which collectors may pass: test_agency_push
        }
        for model, methods in self._public_methods().items():
            for name, _method in methods:
                with self.subTest(method=f"{model}.{name}"):
                    self.assertTrue(name.startswith("action_") or name in known)

    def _record_of(self, model):
        known = {
            "credit.case": self.case, "credit.action": self.action, "sale.order": self.order,
            "res.partner": self.debtor, "credit.handover": self.case.note_id,
        }
        record, values = self.root[model], self._get_window_values(model)
        if model in known:
            return known[model]
        if model == "credit.dispute":
            return record._open(self.case, {self.case.open_item_ids[:1]: 0}, date(2999, 1, 1))
        if values:
            return record.create(values)
        if record._abstract or record._transient:
            return record
        if not record._auto:  # tables of figures show the current company
            return record.with_company(self.company).search([], limit=1)
        return record.search([
            ("company_id", "in", self.company.ids)
        ] if "company_id" in record._fields else [], limit=1)

    def _get_window_values(self, model):
        """What a window of this kind asks about."""
        if model == "credit.resolve":
            dispute = self._record_of("credit.dispute")
            return {"dispute_id": dispute.id, "resolution": "rejected"}
        if model == "credit.preview.line":
            preview = self._record_of("credit.preview")
            return {"preview_id": preview.id, "day": day(1), "partner_id": self.debtor.id}
        return {
            "credit.ask": {
                "question": "close", "res_model": "credit.case", "res_ids": self.case.ids,
                "reason": "x",
            },
            "credit.call": {"case_id": self.case.id},
            "credit.ageing.at": {"day": day(-1)},
            "credit.allowance": {"company_id": self.company.id, "day": day(-1)},
            "credit.snapshot.rebuild": {
                "company_id": self.company.id, "first": day(-2), "last": day(-1),
            },
            "credit.survey.rule": {
                "name": "After a call", "company_id": self.company.id,
                "survey_id": self.env.ref("account_credit_care.survey_contact").id,
            },
            "credit.portfolio": {"company_id": self.company.id},
            "credit.dispute.new": {"case_id": self.case.id},
            "credit.plan": {
                "case_id": self.case.id, "currency_id": self.company.currency_id.id,
            },
            "credit.preview": {
                "company_id": self.company.id, "policy_id": self.policy.id, "until": day(1),
            },
        }.get(model)

    def test_no_button_does_anything_for_whom_it_is_not_meant(self):
        roles = {**self.roles, "salesperson": self.salesperson}
        records = {model: self._record_of(model).ids for model in self._public_methods()}
        before = self._fingerprint()
        tried, harm = 0, []
        for model, methods in self._public_methods().items():
            if self.env[model]._abstract and not self.env[model]._transient:
                continue  # their buttons are those of the models that inherit them
            ids = [records[model]]
            for name, method in methods:
                if not name.startswith("action_"):
                    continue
                args = [] if getattr(method, "_api_model", False) else ids
                for role, user in roles.items():
                    if role == "foreigner" and name in (
                        "action_load_starters", "action_make_last_month",
                    ):
                        continue  # in his own company he may
                    changed = []

                    def call(model=model, name=name, args=args, user=user, changed=changed):
                        try:
                            self._rpc(user, model, name, *args)
                        except ValueError as error:  # a table of figures without any row
                            self.assertIn("Expected singleton", str(error))
                        changed += before.items() ^ self._fingerprint().items()

                    self._try(call)
                    tried += 1
                    if changed:
                        harm.append((role, model, name, dict(changed).keys()))
        self.assertFalse(harm)
        self.assertGreater(tried, 100)

    def test_a_mail_of_ours_is_not_sent_again_by_a_colleague(self):
        mail = self.action.mail_mail_id
        mail._postprocess_sent_message([], [], "550", "unknown")
        self.assertEqual(self.action.state, "failed")
        for state in ("exception", "cancel"):
            mail.sudo().state = state
            for user in (self.roles["colleague"], self.salesperson):
                self.assertRefused(user, "mail.mail", "action_retry", mail.ids)
            self.assertEqual(self.action.state, "failed")

    def test_nobody_says_by_rpc_what_a_debtor_has_answered(self):
        for user in (self.controller, self.manager, self.salesperson):
            self.assertRefused(
                user, "credit.case", "message_update", self.case.ids,
                {"subject": "I admit the debt", "body": "", "from": "x@example.com"},
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

    # ------------------------------------------------------------------ questions

    def _ask(self, user, question, records, **values):
        ids = self._rpc(user, "credit.ask", "create", [{
            "question": question, "res_model": records._name, "res_ids": records.ids,
            "reason": "Because", **values,
        }])
        return self._rpc(user, "credit.ask", "action_apply", ids)

    def assertAskRefused(self, user, question, records, **values):
        passed = self._try(lambda: self._ask(user, question, records, **values))
        self.assertFalse(passed, f"{user.sudo().login} may: {question} {records} {values}")

    def test_questions_are_asked_by_credit_users_only(self):
        for role in ("colleague", "accountant", "other_seller", "portal", "public"):
            self.assertAskRefused(self.roles[role], "pause", self.case, until=day(30))
        self.assertAskRefused(self.salesperson, "pause", self.case, until=day(30))
        self.assertAskRefused(self.salesperson, "override", self.order)

    def test_questions_about_records_they_are_not_for_are_refused(self):
        for question in ("pause", "close", "skip", "override"):
            for records in (self.env["res.users"].browse(self.manager.id), self.debtor,
                            self.env["account.move"].search([], limit=1),
                            self.env["credit.policy"].browse(self.policy.id)):
                with self.subTest(question=question, model=records._name):
                    self.assertAskRefused(
                        self.manager, question, records, until="2999-01-01"
                    )
        self.assertAskRefused(self.manager, "skip", self.case)
        self.assertAskRefused(self.manager, "close", self.action)

    def test_questions_about_another_company_are_refused(self):
        foreigner = self.foreigner
        self.assertAskRefused(foreigner, "pause", self.case, until="2999-01-01")
        self.assertAskRefused(foreigner, "pause", self.case.item_ids, until="2999-01-01")
        self.assertAskRefused(foreigner, "close", self.case)
        self.assertAskRefused(foreigner, "skip", self.action)
        self.assertRefused(foreigner, "credit.case", "action_log_call", self.case.ids)
        self.assertRefused(foreigner, "credit.action", "action_log_outcome", self.action.ids)
        self.assertAskRefused(foreigner, "override", self.order)

    def test_what_a_manager_decides_a_controller_does_not(self):
        self.assertAskRefused(self.controller, "close", self.case)
        self.assertAskRefused(self.controller, "override", self.order)

    def test_nobody_answers_the_question_of_another(self):
        ids = self._rpc(self.manager, "credit.ask", "create", [{
            "question": "close", "res_model": "credit.case", "res_ids": self.case.ids,
        }])
        self.assertRefused(self.controller, "credit.ask", "read", ids, ["res_ids"])
        self.assertRefused(self.controller, "credit.ask", "write", ids, {"reason": "x"})
        self.assertRefused(self.controller, "credit.ask", "action_apply", ids)

    def test_a_question_that_was_answered_rightly_works(self):
        self._ask(self.controller, "pause", self.case, until="2999-01-01")
        self.assertEqual(self.case.pause_reason, "Because")
        self._ask(self.manager, "close", self.case)
        self.assertEqual(self.case.state, "closed")

    def test_what_a_manager_gave_up_does_not_come_back(self):
        self._ask(self.manager, "close", self.case)
        self.assertEqual((self.case.state, self.case.close_reason), ("closed", "Because"))
        for offset in range(2, 40):
            self._night(offset)
        self.assertFalse(self._case())

    def test_a_controller_logs_a_call_that_nobody_planned(self):
        forgot = self.env.ref("account_credit_care.credit_reason_forgot")
        with self.at(2):
            window = self._rpc(self.controller, "credit.case", "action_log_call", self.case.ids)
            ids = [window["res_id"]]
            self._rpc(self.controller, "credit.call", "write", ids, {
                "outcome": "reached", "reason_id": forgot.id, "follow_up": "none",
            })
            self._rpc(self.controller, "credit.call", "action_save", ids)
        call = self.case.action_ids.filtered(lambda a: a.kind == "contact")
        self.assertEqual(
            (call.state, call.outcome, call.user_id), ("done", "reached", self.controller)
        )
        self.assertEqual((self.case.reason_id, self.case.last_contact_on), (forgot, day(2)))

    # ------------------------------------------------------------------ preview

    def test_the_preview_is_of_ones_own_company_and_for_credit_users(self):
        for role in ("colleague", "accountant", "other_seller", "portal", "public"):
            self.assertRefused(self.roles[role], "credit.preview", "create", [{"until": day(1)}])
        self.assertRefused(
            self.foreigner, "credit.preview", "create",
            [{"company_id": self.company.id, "until": day(1)}],
        )
        ids = self._rpc(self.foreigner, "credit.preview", "create", [{"until": day(1)}])
        def look_elsewhere():
            self._rpc(
                self.foreigner, "credit.preview", "write", ids, {"company_id": self.company.id}
            )
            self.env.flush_all()
            self.env.invalidate_all()
            self._rpc(self.foreigner, "credit.preview", "action_compute", ids)

        self.assertFalse(self._try(look_elsewhere))
        self.assertRefused(
            self.foreigner, "credit.preview", "write", ids, {"policy_id": self.policy.id}
        )

    def test_nobody_sees_the_preview_of_another(self):
        with self.at(1):
            ids = self._rpc(self.controller, "credit.preview", "create", [{
                "until": day(60), "only_day": False,
            }])
            self._rpc(self.controller, "credit.preview", "action_compute", ids)
        lines = self.root["credit.preview.line"].search([("preview_id", "in", ids)])
        self.assertTrue(lines)
        self.assertRefused(self.foreigner, "credit.preview", "read", ids, ["until"])
        self.assertRefused(self.foreigner, "credit.preview.line", "read", lines.ids, ["amount"])
        self.assertFalse(self._rpc(self.foreigner, "credit.preview.line", "search", []))
        self.assertRefused(self.foreigner, "credit.preview", "action_activate", ids)

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


@tagged("post_install", "-at_install")
class TestTwoCompanies(AccessCommon):
    """One customer of both companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.company_ids |= cls.other_company
        cls.other_policy = cls.env["credit.policy"].with_company(cls.other_company).create({
            "name": "Theirs", "company_id": cls.other_company.id, "state": "active",
            "is_default": True, "user_id": cls.foreigner.id, "tolerance": 0.5,
            "suspend_after_days": 30,
            "level_ids": [Command.create({
                "name": "Theirs", "delay_days": 3, "channel": "email",
                "mail_template_id": cls.template.id,
            })],
        })
        cls.debtor.with_company(cls.other_company).property_account_receivable_id = (
            cls.other_data["default_account_receivable"]
        )

    def _create_there(self, due, amount):
        move = self.env["account.move"].with_company(self.other_company).create({
            "move_type": "out_invoice", "partner_id": self.debtor.id,
            "company_id": self.other_company.id,
            "invoice_date": day(min(due, 0) - 30), "invoice_date_due": day(due),
            "invoice_line_ids": [Command.create({
                "name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()],
                "account_id": self.other_data["default_account_revenue"].id,
            })],
        })
        move.action_post()
        return move

    def _case_there(self):
        return self.root["credit.case"].search([
            ("partner_id", "=", self.debtor.id), ("company_id", "=", self.other_company.id),
        ])

    def test_each_has_its_case_its_message_and_its_amounts(self):
        self._create_there(-10, 77.0)
        self._tick("credit.run", "_cron_review", 2)
        self._tick("credit.action", "_cron_send", 2)
        there = self._case_there()
        self.assertEqual(there.amount_open, 77.0)
        self.assertEqual(self.case.amount_open, 1000.0)
        action = there.action_ids.filtered(lambda a: a.kind == "reminder")
        self.assertEqual(action.line_ids.mapped("amount"), [77.0])
        self.assertEqual(action.user_id, self.foreigner)
        self.assertIn("Corsini", action.mail_mail_id.email_from)
        self.assertNotIn("1,000", action.body)

    def test_suspended_in_one_he_buys_from_the_other(self):
        order = self.root["sale.order"].with_company(self.other_company).create({
            "partner_id": self.debtor.id, "company_id": self.other_company.id,
        })
        self.assertFalse(order._credit_stop())
        self.assertTrue(self.order._credit_stop())
        there = self.debtor.with_company(self.other_company)
        self.assertFalse(there.credit_care_suspended)
        self.assertTrue(self.debtor.with_company(self.company).credit_care_suspended)

    def test_an_exemption_in_one_says_nothing_in_the_other(self):
        self.debtor.with_company(self.other_company).sudo().write({
            "credit_care_never_suspend": True, "credit_care_policy_id": self.other_policy.id,
        })
        self._night(2)
        self.assertEqual(self.case.policy_id, self.policy)
        self.assertTrue(self.case.suspended_on)

    def test_a_credit_in_one_covers_nothing_in_the_other(self):
        self._create_there(-10, 77.0)
        self._pay_on_account(self.debtor, 5000.0)
        self._tick("credit.run", "_cron_review", 2)
        self.assertEqual(
            self._case_there().action_ids.filtered(lambda a: a.kind == "reminder").amount_total,
            77.0,
        )

    def test_the_policy_of_one_is_never_used_in_the_other(self):
        self.debtor.with_company(self.company).sudo().credit_care_policy_id = self.policy
        self._create_there(-10, 77.0)
        self._tick("credit.run", "_cron_review", 2)
        self.assertEqual(self._case_there().policy_id, self.other_policy)
