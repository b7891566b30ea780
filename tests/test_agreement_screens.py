"""Screens, rights and documents of agreements."""
from lxml import etree
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..models.credit_agreement_line import EDITABLE as LINE_EDITABLE
from ..models.credit_agreement_screen import EDITABLE
from .common import day
from .test_agreement import AgreementCommon

ACTIONS = (
    "credit_agreement_action", "credit_agreement_approve_action", "credit_agreement_broken_action",
    "credit_agreement_week_action",
)


class AgreementScreens(AgreementCommon):
    def setUp(self):
        super().setUp()
        self._create_due(-2)
        self._night(0)
        self.policy.plan_limit_ids = [(0, 0, {"up_to": 0, "max_months": 1, "min_instalment": 0})]

    def _short(self, **values):
        return self._draft("plan", [(10, 600.0), (20, 400.0)], **values)

    def _long(self, **values):
        return self._draft("plan", [(10, 600.0), (70, 400.0)], **values)

    def _rpc(self, user, model, method, *args, **kwargs):
        return call_kw(self.env[model].with_user(user), method, list(args), kwargs)


@tagged("post_install", "-at_install")
class TestAgreementRights(AgreementScreens):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_seller = new_test_user(
            cls.env, "other_seller", "sales_team.group_sale_salesman", company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.portal = new_test_user(cls.env, "portal_agree", "base.group_portal")
        cls.portal.partner_id.parent_id = cls.debtor

    def test_a_controller_proposes_and_starts_what_is_within_the_limits(self):
        plan = self._short().with_user(self.controller)
        with self.at(0):
            plan.action_propose()
            self.assertEqual(plan.state, "proposed")
            self.assertFalse(plan.excess_note)
            plan._sign_on_paper("Anna Ferri")
        self.assertEqual(plan.state, "running")

    def test_nobody_starts_what_a_manager_has_not_approved(self):
        plan = self._long().with_user(self.controller)
        with self.at(0):
            self.assertIn(self.env.user.name, plan.excess_note)
            with self.assertRaises(UserError):
                plan.action_start()
            plan._sign_on_paper("Anna Ferri")
            self.assertEqual((plan.state, plan.waits_for_approval), ("proposed", True))
            with self.assertRaises(AccessError):
                plan.action_approve()
            with self.assertRaises(AccessError):
                plan._refuse("no")
            plan.with_user(self.manager).action_approve()
        self.assertEqual(plan.state, "running")
        self.assertEqual(plan.approver_id, self.manager)

    def test_a_draft_beyond_the_limits_does_not_start_by_its_machinery_either(self):
        plan = self._long()
        with self.at(0), self.assertRaises(UserError):
            plan._start()

    def test_an_approval_is_of_these_terms_and_no_others(self):
        plan = self._long()
        with self.at(0):
            with self.assertRaises(UserError):  # nothing to approve yet
                plan.with_user(self.manager).action_approve()
            plan.with_user(self.controller).action_propose()
            plan.with_user(self.manager).action_approve()
            plan.with_user(self.controller).action_revise()
            self.assertFalse(plan.approver_id)
            plan.line_ids.sorted("due_on")[-1].due_on = day(100)
            plan.with_user(self.controller).action_propose()
            self.assertTrue(plan.waits_for_approval)

    def test_who_proposed_is_told_why_it_was_not_approved(self):
        with self.at(0):
            plan = self._long(user_id=self.controller.id).with_user(self.controller)
            plan.action_propose()
            self.assertTrue(plan.activity_ids)
            ask = self.env["credit.ask"].with_user(self.manager).browse(
                plan.with_user(self.manager).action_refuse()["res_id"]
            )
            ask.reason = "Ask for more"
            ask.action_apply()
        self.assertEqual(plan.state, "draft")
        self.assertFalse(plan.activity_ids)
        self.assertIn("Ask for more", plan.message_ids[0].body)
        self.assertIn(self.controller.partner_id, plan.message_ids[0].partner_ids)

    def test_a_cancelled_agreement_says_why(self):
        with self.at(0):
            plan = self._short().with_user(self.controller)
            plan.action_propose()
            ask = self.env["credit.ask"].with_user(self.controller).browse(
                plan.action_cancel()["res_id"]
            )
            ask.reason = "He pays all of it"
            ask.action_apply()
        self.assertEqual(plan.state, "cancelled")
        self.assertIn("He pays all of it", plan.message_ids[0].body)
        self.assertFalse(self._case().hold_reason)

    def test_a_salesperson_reads_his_customers_and_does_nothing(self):
        plan = self._short()
        own = plan.with_user(self.salesperson)
        self.assertEqual(own.amount_agreed, 1000.0)
        self.assertEqual(own.line_ids.mapped("amount"), [600.0, 400.0])
        with self.assertRaises(AccessError):
            plan.with_user(self.other_seller).read(["amount_agreed"])
        with self.assertRaises(AccessError):
            own.read(["capacity_id"])
        for method in (
            "action_propose", "action_start", "action_approve", "action_revise", "action_write_off",
            "action_make_schedule", "unlink", "action_open_interest",
        ):
            with self.subTest(method=method), self.at(0), self.assertRaises(UserError):
                self._rpc(self.salesperson, plan._name, method, plan.ids)
        with self.assertRaises(AccessError):
            own.write({"note": "x"})
        with self.assertRaises(AccessError):
            own._sign_on_paper("x")
        with self.assertRaises(AccessError):
            self._case().with_user(self.salesperson).action_agree()

    def test_what_a_debtor_earns_is_for_credit_users_only(self):
        sheet = self.env["credit.capacity"].create({
            "case_id": self._case().id, "currency_id": self.company.currency_id.id,
            "net_income": 1000.0,
        })
        self.assertTrue(sheet.with_user(self.controller).read(["net_income"]))
        for user in (self.salesperson, self.portal, self.env.ref("base.public_user")):
            with self.subTest(user=user.id), self.assertRaises(AccessError):
                sheet.with_user(user).read(["net_income"])

    def test_portal_users_get_nothing(self):
        plan = self._short()
        for records in (plan, plan.line_ids, self.policy.plan_limit_ids):
            for user in (self.portal, self.env.ref("base.public_user")):
                with self.subTest(model=records._name, user=user.id):
                    with self.assertRaises(AccessError):
                        records.with_user(user).read(["id", "display_name"])

    # ------------------------------------------------------------------ by RPC

    def test_terms_that_were_proposed_stand_still(self):
        plan = self._short()
        draft = self._short()
        with self.at(0):
            plan._propose()
        line = plan.line_ids[0]
        for model, method, args in (
            ("credit.agreement.line", "write", [line.ids, {"amount": 1.0}]),
            ("credit.agreement.line", "write", [draft.line_ids.ids, {"agreement_id": plan.id}]),
            ("credit.agreement.line", "write", [line.ids, {"agreement_id": draft.id}]),
            ("credit.agreement.line", "unlink", [line.ids]),
            ("credit.agreement.line", "create", [
                {"agreement_id": plan.id, "due_on": day(9), "amount": 1.0}
            ]),
            ("credit.agreement", "write", [plan.ids, {"line_ids": [(5, 0, 0)]}]),
            ("credit.agreement", "write", [plan.ids, {"item_ids": [(5, 0, 0)]}]),
            ("credit.agreement", "write", [plan.ids, {"kind": "promise"}]),
            ("credit.agreement", "action_make_schedule", [plan.ids]),
            ("credit.agreement", "unlink", [plan.ids]),
        ):
            with self.subTest(method=f"{model}.{method}", args=args):
                with self.assertRaises(UserError):
                    self._rpc(self.manager, model, method, *args)
                    self.env.flush_all()
                self.env.invalidate_all()
        self.assertEqual(plan.line_ids.mapped("amount"), [600.0, 400.0])
        self._rpc(self.controller, plan._name, "write", plan.ids, {"note": "He will call"})
        self.assertEqual(plan.note, "He will call")

    def test_what_the_machinery_writes_nobody_writes(self):
        values = {
            "state": "running", "approver_id": self.manager.id, "signed_on": "2026-03-04 10:00:00",
            "signed_by": "x", "excess": False, "amount_received": 1000.0, "tolerance_days": 99,
            "start_on": day(0), "paid_before": -1000.0, "breaks_on": False, "name": "x",
            "valid_until": day(99), "interest_move_id": False, "next_check_on": False,
            "amount_open": 1.0, "amount_agreed": 1.0, "write_off_move_id": False,
        }
        plan = self._short()
        guarded = {
            name for name, field in plan._fields.items()
            if "account_credit_care" in field._modules and name not in EDITABLE
        }
        self.assertLessEqual(values.keys(), guarded)
        for name, value in values.items():
            with self.subTest(field=name), self.assertRaises(AccessError):
                self._rpc(self.manager, plan._name, "write", plan.ids, {name: value})
            with self.subTest(created_with=name), self.assertRaises(AccessError):
                self._rpc(self.manager, plan._name, "create", {
                    "kind": "plan", "case_id": plan.case_id.id,
                    "currency_id": plan.currency_id.id, name: value,
                })
        for name in ("received", "paid_on", "late_days", "state"):
            self.assertNotIn(name, LINE_EDITABLE)
            value = {"received": 5.0, "paid_on": day(1), "late_days": 0, "state": "paid"}[name]
            with self.subTest(line=name), self.assertRaises(AccessError):
                self._rpc(self.manager, "credit.agreement.line", "write",
                          plan.line_ids.ids, {name: value})
            with self.subTest(line_created_with=name), self.assertRaises(AccessError):
                self._rpc(self.manager, "credit.agreement.line", "create", {
                    "agreement_id": plan.id, "due_on": day(9), "amount": 1.0, name: value,
                })

    def test_a_copy_is_a_draft_of_ones_own(self):
        plan = self._short()
        with self.at(0):
            plan._start()
            copy = plan.with_user(self.controller).copy()
        self.assertEqual((copy.state, copy.name, copy.amount_received), ("draft", False, 0))
        self.assertEqual(copy.line_ids.mapped("amount"), [600.0, 400.0])


@tagged("post_install", "-at_install")
class TestAgreementScreens(AgreementScreens):
    def test_each_role_opens_the_screens(self):
        plan = self._long()
        with self.at(0):
            plan._propose()
        for user in (self.controller, self.manager, self.salesperson):
            views = self.env["credit.agreement"].with_user(user).get_views(
                [(False, kind) for kind in ("list", "kanban", "form", "search")]
            )["views"]
            for kind, view in views.items():
                if kind == "search":
                    continue
                names = [
                    node.get("name") for node in etree.fromstring(view["arch"]).iter("field")
                    if next(node.iterancestors("field"), None) is None
                ]
                with self.subTest(user=user.login, view=kind):
                    self.assertTrue(plan.with_user(user).read(names))

    def test_filters_find_what_they_say(self):
        with self.at(0):
            waiting = self._long()
            waiting._propose()
            views = self.env["credit.agreement"].get_views([(False, "search")])["views"]
            arch = etree.fromstring(views["search"]["arch"])
            found = {
                node.get("name"): self.env["credit.agreement"].search(
                    self._domain(node.get("domain"))
                )
                for node in arch.iter("filter") if node.get("domain")
            }
            self.assertIn(waiting, found["to_approve"])
            self.assertNotIn(waiting, found["broken"])
            waiting.with_user(self.manager)._approve()
            waiting._sign("Anna Ferri")
        with self.at(6):  # Tuesday, the instalment is due on Saturday
            week = self._domain(arch.find(".//filter[@name='this_week']").get("domain"))
            self.assertIn(waiting, self.env["credit.agreement"].search(week))
        with self.at(1):
            self.assertNotIn(waiting, self.env["credit.agreement"].search(week))

    def _domain(self, text):
        return safe_eval(text, {"uid": self.env.uid})

    def test_empty_lists_say_what_to_do(self):
        for name in ACTIONS:
            action = self.env.ref(f"account_credit_care.{name}")
            with self.subTest(action=name):
                self.assertIn("o_view_nocontent_smiling_face", action.help)

    def test_the_case_says_that_it_is_under_a_plan_and_counts_it(self):
        plan = self._short()
        with self.at(0):
            plan._start()
            case = self._case()
            self.assertEqual(case.hold_reason, "under a payment plan")
            self.assertEqual(case.agreement_count, 1)
            action = case.action_open_agreements()
        self.assertEqual(self.env["credit.agreement"].search(action["domain"]), plan)
        self.assertEqual(self.debtor.credit_care_agreement_ids, plan)

    def test_progress_is_of_the_principal(self):
        move = self._create_due(-3, 500.0, partner=self._create_debtor("Rossi"))
        self._night(0)
        case = self._case(move.partner_id)
        plan = self._draft("plan", [], items=self._items(move), case=case, count=2,
                           interest_rate=12.0, first_on=day(5), frequency="week")
        with self.at(0):
            plan.action_make_schedule()
            plan._start()
        self.assertGreater(plan.amount_interest, 0)
        self._pay(move, 250.0, on=3)
        self._night(3)
        self.assertEqual(plan.progress, 50.0)

    def test_a_broken_agreement_raises_the_priority_and_says_so(self):
        plan = self._short()
        with self.at(0):
            plan._start()
        for offset in (24, 30):
            self._night(offset)
        with self.at(30):
            self.assertEqual(plan.state, "broken")
            case = self._case()
            self.assertIn("agreement broken +8", case.priority_note)
            points = sum(int(part.split("+")[1]) for part in case.priority_note.split(" · "))
            self.assertEqual(case.priority, points)
            again = self._draft("plan", [(40, 1000.0)], 30)
            again._start()
        self._night(30)
        with self.at(30):
            self.assertNotIn("agreement broken", self._case().priority_note)

    def test_the_policy_is_set_on_its_form(self):
        with Form(self.policy) as form:
            form.promise_tolerance_days = 5
            with form.plan_limit_ids.new() as limit:
                limit.up_to = 500
                limit.max_months = 6
        self.assertEqual(len(self.policy.plan_limit_ids), 2)


@tagged("post_install", "-at_install")
class TestAgreementDocument(AgreementScreens):
    def _html(self, agreement):
        report = self.env.ref("account_credit_care.action_report_credit_agreement")
        html, _type = report._render_qweb_html(report, agreement.ids)
        return " ".join("".join(etree.HTML(html.decode()).itertext()).split())

    def test_the_proposal_carries_the_sheet(self):
        plan = self._short()
        with self.at(0):
            plan._propose()
        message = self.messages
        self.assertEqual(message.purpose, "proposal")
        self.assertEqual(len(message.attachment_ids), 1)
        self.assertEqual(message.attachment_ids.res_id, plan.id)
        self.assertIn(plan.name.replace("/", "-"), message.attachment_ids.name)

    def test_what_colleagues_file_beside_the_sheet_is_not_sent_to_the_customer(self):
        plan = self._short()
        with self.at(0):
            plan._propose()
            sheet = plan._file_document()
            self.env["ir.attachment"].with_user(self.controller).create({
                "name": "What the bank says of him.pdf", "raw": b"%PDF-1.4",
                "mimetype": "application/pdf", "res_model": plan._name, "res_id": plan.id,
            })
            plan._confirm()
        sent = self.messages.filtered(lambda message: message.purpose == "agreed")
        self.assertEqual(sent.attachment_ids, sheet)

    def test_the_signed_sheet_stays_on_the_agreement(self):
        plan = self._short()
        pixel = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
            b"RU5ErkJggg=="
        )
        with self.at(0):
            plan._propose()
            plan._sign("Anna Ferri", signature=pixel)
            text = self._html(plan)
        signed = plan.message_ids.filtered(lambda m: "Anna Ferri" in m.body)
        self.assertEqual(len(signed.attachment_ids), 1)
        self.assertIn("Anna Ferri, 4 Mar 2026", text)

    def test_the_sheet_says_who_what_when_and_what_if(self):
        plan = self._short()
        with self.at(0):
            plan._propose()
            text = self._html(plan)
        item = plan.item_ids
        for part in (
            "Bellandi", "Ferri S.r.l.", item.name, "2 Mar 2026", "14 Mar 2026", "24 Mar 2026",
            "600.00", "400.00", "1,000.00", "up to 3 days late changes nothing",
        ):
            with self.subTest(part=part):
                self.assertIn(part, text)

    def test_a_settlement_says_what_is_given_up_and_when(self):
        deal = self._draft("settlement", [(10, 600.0)], amount_settlement=600.0)
        with self.at(0):
            deal._propose()
            text = self._html(deal)
        self.assertIn("we give up the rest of $ 400.00", text.replace("\xa0", " "))
        self.assertIn("the whole amount is open again", text)

    def test_interest_is_told_line_by_line(self):
        plan = self._draft("plan", [], count=2, interest_rate=12.0, first_on=day(30))
        with self.at(0):
            plan.action_make_schedule()
            plan._fix_terms()
            text = self._html(plan)
        for line in plan.line_ids:
            self.assertIn(f"{line.interest:.2f}", text)
        self.assertIn("Interest of 12.00 % a year", text)


@tagged("post_install", "-at_install")
class TestInterest(AgreementScreens):
    def _plan(self):
        self.policy.plan_limit_ids.unlink()
        plan = self._draft("plan", [], count=3, interest_rate=12.0, first_on=day(30))
        with self.at(0):
            plan.action_make_schedule()
            plan._start()
        return plan

    def test_interest_waits_as_a_draft_for_the_accountant(self):
        plan = self._plan()
        move = plan.interest_move_id
        self.assertEqual((move.state, move.move_type), ("draft", "out_invoice"))
        self.assertEqual(move.amount_total, plan.amount_interest)
        self.assertEqual(move.partner_id, self.debtor)
        self.assertEqual(move.invoice_date_due, max(plan.line_ids.mapped("due_on")))
        self.assertIn("interest", plan.message_ids.mapped("body")[0].lower())

    def test_the_invoice_can_be_posted_and_keeps_its_day(self):
        plan = self._plan()
        plan.interest_move_id.invoice_date = day(0)
        plan.interest_move_id.action_post()
        due = plan.interest_move_id.line_ids.filtered("date_maturity").date_maturity
        self.assertEqual(due, max(plan.line_ids.mapped("due_on")))

    def test_principal_alone_keeps_the_plan(self):
        plan = self._plan()
        self._pay(plan.item_ids.move_id, on=5)
        self._night(5)
        self.assertEqual(plan.state, "kept")
        self.assertEqual(plan.interest_move_id.state, "draft")

    def test_no_invoice_without_interest(self):
        plan = self._draft("plan", [(10, 1000.0)])
        with self.at(0):
            plan._start()
        self.assertFalse(plan.interest_move_id)

    def test_what_is_cancelled_asks_no_interest(self):
        plan = self._plan()
        with self.at(1):
            plan._cancel("He pays all of it")
        self.assertEqual(plan.interest_move_id.state, "cancel")

    def _break(self, plan):
        """Nobody pays: it breaks."""
        with self.at(60):
            plan._review(day(60))
        self.assertEqual(plan.state, "broken")

    def _interest_tasks(self):
        return self._case().activity_ids.filtered(lambda one: "interest" in (one.summary or ""))

    def test_a_broken_plan_asks_no_interest_any_more(self):
        plan = self._plan()
        self._break(plan)
        self.assertEqual(plan.interest_move_id.state, "cancel")
        self.assertFalse(self._interest_tasks())

    def test_interest_that_was_posted_stays_and_somebody_looks_at_it(self):
        plan = self._plan()
        plan.interest_move_id.invoice_date = day(0)
        plan.interest_move_id.action_post()
        self._break(plan)
        self.assertEqual(plan.interest_move_id.state, "posted")
        task = self._interest_tasks()
        self.assertEqual(task.user_id, self.controller)
        self.assertIn(plan.interest_move_id.name, task.summary)

    def test_interest_typed_by_hand_keeps_within_its_instalment(self):
        for wrong in (-1.0, 400.0, 10**9):
            line = {"due_on": day(10), "amount": 400.0, "interest": wrong}
            with self.subTest(interest=wrong), mute_logger("odoo.sql_db"), self.cr.savepoint():
                with self.assertRaises(CheckViolation):
                    self._draft("plan", [], line_ids=[Command.create(line)])

    def test_interest_typed_by_hand_is_what_its_rate_gives(self):
        """1000.00 for 10 days at 12 % a year: 3.29."""
        for rate, interest, is_too_much in ((0, 0.5, True), (12, 900, True), (12, 3.29, False)):
            line = {"due_on": day(10), "amount": 1000.0 + interest, "interest": interest}
            plan = self._draft("plan", [], interest_rate=rate, line_ids=[Command.create(line)])
            with self.subTest(rate=rate, interest=interest), self.at(0):
                if is_too_much:
                    with self.assertRaises(UserError) as caught:
                        plan._propose()
                    self.assertIn("interest", str(caught.exception))
                else:
                    plan._propose()
                    self.assertEqual(plan.state, "proposed")
