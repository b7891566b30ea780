

from odoo import Command
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .policy_common import PolicyCommon


@tagged("post_install", "-at_install")
class TestPolicy(PolicyCommon):
    def _policy_of(self, partner, extra=None):
        self.env.flush_all()
        return self.env["credit.policy"].browse(
            self.env["credit.forecast"]._resolve_open(self.company, extra).get(partner.id)
        )

    # ------------------------------------------------------------------ whom it takes

    def test_the_debtors_own_policy_wins_then_segments_in_order_then_the_default(self):
        self._create_due(-4)
        second = self._create_policy(
            name="Second", is_default=False, sequence=6,
            segment_domain="[('is_company', '=', True)]",
        )
        first = self._create_policy(
            name="First", is_default=False, sequence=5, segment_domain="[('city', '=', 'Modena')]"
        )
        chosen = self._create_policy(name="Chosen", is_default=False, sequence=1)
        self.assertEqual(chosen.scope, "chosen")
        self.assertEqual(self._policy_of(self.debtor), first)
        self.debtor.city = "Parma"
        self.assertEqual(self._policy_of(self.debtor), second)
        self.debtor.is_company = False
        self.assertEqual(self._policy_of(self.debtor), self.policy)
        self.debtor.with_company(self.company).credit_care_policy_id = chosen
        self.assertEqual(self._policy_of(self.debtor), chosen)
        self._night()
        self.assertEqual(self._case().policy_id, chosen)

    def test_the_own_policy_counts_only_while_it_is_active(self):
        self._create_due(-4)
        own = self._create_policy(name="Own", is_default=False)
        partner = self.debtor.with_company(self.company)
        partner.credit_care_policy_id = own
        own.state = "draft"
        self.assertEqual(self._policy_of(self.debtor), self.policy)
        own.write({"state": "active", "active": False})
        self.assertEqual(self._policy_of(self.debtor), self.policy)
        own.active = True
        self.assertEqual(self._policy_of(self.debtor), own)

    def test_the_policy_of_another_company_is_refused_on_a_customer(self):
        other = self.setup_other_company()["company"]
        foreign = self.policy.copy({"company_id": other.id, "user_id": False})
        with self.assertRefused("(?i)company", error=UserError):
            self.debtor.with_company(self.company).credit_care_policy_id = foreign
        self.debtor.with_company(other).credit_care_policy_id = foreign

    def test_a_policy_that_does_nothing(self):
        self._create_due(-60)
        self._create_policy((), name="Friends", is_default=False, do_nothing=True, sequence=1,
                            segment_domain="[('is_company', '=', True)]")
        self.assertFalse(self._night(0))
        self.assertFalse(self._night(1))
        case = self._case()
        self.assertEqual(case.policy_id.name, "Friends")
        self.assertFalse(case.warned_on or case.suspended_on or case.handover_on)

    def test_scope_follows_segment_and_default(self):
        policy = self.env["credit.policy"].create({"name": "P", "company_id": self.company.id})
        self.assertEqual((policy.scope, policy.is_default), ("chosen", False))
        policy.segment_domain = "[('is_company', '=', True)]"
        self.assertEqual((policy.scope, policy.is_default), ("segment", False))
        policy.is_default = True
        self.assertEqual((policy.scope, policy.is_default), ("default", True))
        policy.segment_domain = "[('is_company', '=', False)]"
        self.assertEqual((policy.scope, policy.is_default), ("default", True))
        policy.scope = "chosen"
        self.assertFalse(policy.is_default)
        policy.is_default = True
        policy.is_default = False
        self.assertEqual(policy.scope, "segment")

    # ------------------------------------------------------------------ live count

    def test_the_count_of_debtors(self):
        other = self._create_debtor("Other", is_company=False)
        self._create_due(-4)
        self._create_due(60)
        self._create_due(300, partner=other)
        paid = self._create_due(-10, partner=self._create_debtor("Paid"))
        self._pay(paid)
        self.assertEqual(self.policy.debtor_count, 2)
        companies = self._create_policy(
            name="Companies", is_default=False, state="draft",
            segment_domain="[('is_company', '=', True)]",
        )
        self.assertEqual(companies.debtor_count, 1)
        self.assertEqual(self.policy.debtor_count, 2, "a draft takes nobody away")
        companies.state = "active"
        self.env.invalidate_all()
        self.assertEqual((companies + self.policy).mapped("debtor_count"), [1, 1])
        self.assertEqual(
            self.env["res.partner"].search(companies.action_debtors()["domain"]), self.debtor
        )

    def test_the_count_follows_the_screen(self):
        self._create_due(-4)
        form = Form(self.env["credit.policy"].with_company(self.company))
        form.name = "New"
        self.assertEqual(form.debtor_count, 0)
        form.scope = "segment"
        form.segment_domain = "[('name', 'ilike', 'ferri')]"
        self.assertEqual(form.debtor_count, 1)
        form.segment_domain = "[('name', 'ilike', 'nobody')]"
        self.assertEqual(form.debtor_count, 0)
        form.segment_domain = "[('nonsense'"
        self.assertEqual(form.debtor_count, 0)
        self.assertTrue(form.segment_error)
        form.scope = "default"
        self.assertEqual(form.debtor_count, 1)

    # ------------------------------------------------------------------ copies, deletions

    def test_a_copy_is_a_draft_with_the_same_table_and_no_default(self):
        copy = self.policy.copy()
        self.assertEqual(copy.name, "Test policy (copy)")
        self.assertEqual((copy.state, copy.is_default, copy.scope), ("draft", False, "chosen"))
        self.assertEqual(
            copy.level_ids.mapped("delay_days"), self.policy.level_ids.mapped("delay_days")
        )
        self.assertFalse(copy.level_ids & self.policy.level_ids)
        self.assertEqual(self.policy.copy({"name": "X"}).name, "X")

    def test_used_levels_and_policies_stay(self):
        self._create_due(-4)
        action = self._night()
        with self.assertRefused("Step 3.*Ferri.*Archive", error=UserError):
            action.level_id.unlink()
        with self.assertRefused("Step 3.*Ferri", error=UserError):
            self.policy.write({"level_ids": [Command.delete(action.level_id.id)]})
        with self.assertRefused("Test policy.*Ferri.*Archive", error=UserError):
            self.policy.unlink()
        unused = self.policy.level_ids.filtered(lambda level: level.delay_days == 40)
        unused.unlink()
        self.policy.active = False

    def test_a_policy_whose_cases_moved_on_keeps_its_history(self):
        self._create_due(-4)
        action = self._night()
        self._create_policy(name="New", is_default=False,
                            segment_domain="[('is_company', '=', True)]")
        self._night(1)
        self.assertEqual(self._case().policy_id.name, "New")
        with self.assertRefused("Step 3.*Ferri", error=UserError):
            self.policy.unlink()
        self.assertTrue(action.level_id.exists())

    def test_an_unused_policy_can_go(self):
        policy = self.policy.copy()
        levels = policy.level_ids
        policy.unlink()
        self.assertFalse(levels.exists())

    # ------------------------------------------------------------------ companies

    def test_a_used_policy_keeps_its_company(self):
        other = self.setup_other_company()["company"]
        draft = self.policy.copy({"user_id": False})
        draft.company_id = other
        self.assertEqual(draft.level_ids.company_id, other)
        self._create_due(-4)
        self._night()
        self.policy.user_id = False
        with self.assertRefused("Test policy.*Ferri.*Copy"):
            self.policy.company_id = other

    def test_controller_and_hours_belong_to_the_company(self):
        other = self.setup_other_company()["company"]
        calendar = self.env["resource.calendar"].create({"name": "C", "company_id": other.id})
        for values in ({"company_id": other.id}, {"calendar_id": calendar.id}):
            with self.subTest(values), self.assertRefused("(?i)company", error=UserError):
                self.policy.copy().write(values)

    def test_starters_for_a_company_that_has_none(self):
        other = self.setup_other_company()["company"]
        self.manager.company_ids |= other
        Policy = self.env["credit.policy"].with_user(self.manager).with_company(other)
        Policy.action_load_starters()
        policies = Policy.search([("company_id", "=", other.id)])
        self.assertTrue(policies)
        self.assertEqual(set(policies.mapped("state")), {"draft"})
        self.assertEqual(len(policies.filtered("is_default")), 1)
        self.assertNotIn("(copy)", "".join(policies.mapped("name")))
        Policy.action_load_starters()
        self.assertEqual(Policy.search([("company_id", "=", other.id)]), policies)

    # ------------------------------------------------------------------ rights

    def test_only_managers_switch_policies(self):
        draft = self.policy.copy()
        for policy in (draft.with_user(self.controller), draft.with_user(self.salesperson)):
            with self.assertRaises(UserError):
                policy.action_activate()
        with self.assertRaises(UserError):
            self.policy.with_user(self.controller).action_draft()
        accountant = new_test_user(
            self.env, "plain", "account.group_account_invoice", company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(UserError):
            draft.with_user(accountant).action_preview()

    # ------------------------------------------------------------------ the picture

    def test_the_time_line(self):
        self.policy.level_ids[2].automatic = False
        timeline = self.policy.timeline
        self.assertEqual(
            [mark["day"] for mark in timeline["levels"]], [-5, 3, 10, 20, 31, 40]
        )
        call = timeline["levels"][2]
        self.assertEqual(
            (call["channel"], call["channel_name"], call["pressure"], call["automatic"]),
            ("phone", "Phone call", "gentle", False),
        )
        self.assertEqual(
            [(mark["code"], mark["day"]) for mark in timeline["thresholds"]],
            [("suspend", 30), ("handover", 35), ("place", 45)],
        )
        self.policy.suspend_after_days = 0
        self.assertNotIn("suspend", [mark["code"] for mark in self.policy.timeline["thresholds"]])
        self.policy.do_nothing = True
        self.assertFalse(self.policy.timeline["thresholds"])

    def test_the_time_line_follows_the_screen(self):
        with Form(self.policy) as form:
            with form.level_ids.edit(2) as level:
                level.automatic = False
                level.pressure = "formal"
            mark = form.timeline["levels"][2]
            self.assertEqual((mark["automatic"], mark["pressure_name"]), (False, "Formal"))
            form.level_ids.remove(0)
            self.assertEqual(form.timeline["levels"][0]["day"], 3)
            form.place_after_days = 60
            self.assertEqual(form.timeline["thresholds"][-1]["day"], 60)


@tagged("post_install", "-at_install")
class TestShippedPolicies(AccountTestInvoicingCommon):
    def test_they_are_drafts_that_keep_their_own_rules(self):
        for name in ("business", "consumer"):
            policy = self.env.ref(f"account_credit_care.credit_policy_{name}").sudo()
            policy._check_configuration()
            policy._check_segment_domain()
            self.assertTrue(policy.level_ids)

    def test_the_table_is_that_of_the_sources(self):
        days = (-5, 3, 10, 20, 31, 40)
        channels = {
            "business": ("email", "email", "phone", "email", "letter", "phone"),
            "consumer": ("email", "email", "phone", "email", "email", "phone"),
        }
        for name, expected in channels.items():
            policy = self.env.ref(f"account_credit_care.credit_policy_{name}").sudo()
            levels = policy.level_ids.sorted("delay_days")
            with self.subTest(name):
                self.assertEqual(policy.state, "draft")
                self.assertEqual(tuple(levels.mapped("delay_days")), days)
                self.assertEqual(tuple(levels.mapped("channel")), expected)
                self.assertEqual(
                    (policy.suspend_after_days, policy.handover_after_days,
                     policy.place_after_days),
                    (30, 35, 45),
                )
                self.assertEqual(
                    [level.late_payers_only for level in levels],
                    [name == "business", *[False] * 5],
                )
                self.assertTrue(all(levels.filtered(lambda lv: lv.channel == "phone").mapped(
                    "script")), "a call has its script")
                self.assertTrue(levels[1].attach_invoices)
                self.assertEqual(levels.filtered("is_dunning"), levels[1:])
        italian = self.env.ref(
            "account_credit_care.credit_policy_business").sudo().with_context(lang="it_IT")
        self.assertNotEqual(
            italian.level_ids.mapped("name"),
            italian.with_context(lang="en_US").level_ids.mapped("name"),
        )
