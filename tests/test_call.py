from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import TODAY, day
from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class CallCommon(AgreementCommon):
    def _call(self, offset=0, user=None, case=None, then="action_save", **values):
        """A call as the screen logs it: the window it opens next is returned."""
        with self.at(offset):
            case = (case or self._case()).with_user(user or self.controller)
            screen = self.env["credit.call"].with_user(user or self.controller).browse(
                case.action_log_call()["res_id"]
            )
            screen.write(values)
            return getattr(screen, then)()

    def _reason(self, name):
        return self.env.ref(f"account_credit_care.credit_reason_{name}")

    def _calls(self, case=None):
        return (case or self._case()).action_ids.filtered("outcome")

    def _call_tasks(self, case=None):
        kind = self.env.ref("account_credit_care.mail_activity_type_call")
        return (case or self._case()).activity_ids.filtered(lambda t: t.activity_type_id == kind)


@tagged("post_install", "-at_install")
class TestCall(CallCommon):
    def test_reached_promises_friday(self):
        """The planned call is the one action; its activity is closed; the promise covers what is
        asked for today and nothing else."""
        self._create_due(-12)
        later = self._create_due(20, 500.0)
        self._night(0)
        self._night(6)
        planned = self._case().action_ids.filtered(lambda a: a.channel == "phone")
        self.assertEqual(planned.state, "queued")
        self._call(6, outcome="reached", promise_soon="friday", remark="On Friday")
        self.assertEqual(self._calls(), planned)
        self.assertEqual((planned.state, planned.user_id), ("done", self.controller))
        self.assertFalse(self._call_tasks())
        promise = self._case().agreement_ids
        self.assertEqual((promise.kind, promise.state), ("promise", "running"))
        self.assertEqual((promise.line_ids.amount, promise.line_ids.due_on), (1000.0, day(9)))
        self.assertNotIn(self._items(later), promise.item_ids)
        self._night(7)
        with self.at(7):
            self.assertEqual(self._case().hold_reason, "payment promised")

    def test_the_screen_shows_what_is_open_agreed_and_disputed(self):
        """And the guidance of the reason, as soon as one is chosen."""
        promised, disputed = self._create_due(-12), self._create_due(-11)
        self._night(0)
        promise = self._agree("promise", [(5, 1000.0)], items=self._items(promised))
        with self.at(0):
            dispute = self.env["credit.dispute"]._open(
                self._case(), {self._items(disputed): 0}, day(9), text="Broken glass"
            )
            case = self._case().with_user(self.controller)
            screen = self.env["credit.call"].with_user(self.controller).browse(
                case.action_log_call()["res_id"]
            )
            self.assertEqual(screen.item_ids, self._items(promised | disputed))
            self.assertEqual(screen.agreement_ids, promise)
            self.assertEqual(screen.dispute_ids, dispute)
            with Form(screen) as form:
                form.outcome = "reached"
                form.reason_id = self._reason("no_money")
                self.assertEqual(form.guidance, self._reason("no_money").guidance)
            screen.agreement_ids.line_ids.read(["due_on", "amount"])

    def test_a_friday_that_is_today_is_the_next_one(self):
        self._create_due(-12)
        self._night(2)
        self._call(2, outcome="reached", promise_soon="friday")
        self.assertDay(self._case().agreement_ids.line_ids.due_on, 9)

    def test_a_part_is_promised_on_the_oldest_items(self):
        old, new = self._create_due(-12, 300.0), self._create_due(-5, 700.0)
        self._night(0)
        self._call(outcome="reached", promise_soon="week", promise_amount=300.0)
        self.assertEqual(self._case().agreement_ids.item_ids, self._items(old))
        self._night(6)
        self.assertEqual(self.actions[-1:].line_ids.item_id, self._items(new))

    def test_what_credits_cover_is_not_promised(self):
        self._create_due(-12)
        self._night(0)
        self._pay_on_account(self.debtor, 400.0)
        self._call(outcome="reached", promise_soon="week")
        self.assertEqual(self._case().agreement_ids.line_ids.amount, 600.0)

    def test_nobody_there_is_tried_again_on_the_next_working_day(self):
        """Friday's call comes again on Monday; the call back keeps its hour."""
        self.policy.calendar_id = self.env.ref("account_credit_care.calendar_contact_hours")
        self._create_due(-12)
        self._night(0)
        self._call(2, outcome="not_reached")
        self.assertDay(self._call_tasks().date_deadline, 3)
        moment = datetime.combine(TODAY, datetime.min.time()) + timedelta(days=5, hours=14)
        self._call(3, outcome="call_back", again_at=moment)
        task = self._call_tasks()
        self.assertDay(task.date_deadline, 5)
        self.assertIn("15:00" if self.controller.tz == "Europe/Rome" else "14:00", task.summary)
        self.assertEqual(len(self._calls()), 2)

    def test_a_wrong_number_is_mended_by_somebody(self):
        self._create_due(-12)
        self._night(0)
        self._call(outcome="wrong_number")
        kind = self.env.ref("account_credit_care.mail_activity_type_address")
        self.assertIn(kind, self._case().activity_ids.activity_type_id)
        self.assertNotEqual(self._case().last_contact_on, False)

    def test_the_answers_are_asked_for(self):
        self._create_due(-12)
        self._night(0)
        for values in ({}, {"outcome": "call_back"},
                       {"outcome": "reached", "follow_up": "promise"},
                       {"outcome": "reached", "follow_up": "mediation"}):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._call(**values)
            self.assertFalse(self._calls())

    def test_the_reason_says_what_follows(self):
        for name, follow_up in (
            ("not_received", "resend"), ("no_money", "plan"), ("our_failure", "department"),
            ("dispute", "dispute"), ("forgot", "promise"),
        ):
            with self.subTest(reason=name):
                screen = self.env["credit.call"].new({"reason_id": self._reason(name).id})
                self.assertEqual(screen.follow_up, follow_up)
                self.assertTrue(self._reason(name).guidance)

    def test_each_reason_that_ships_has_its_guidance_in_both_languages(self):
        self._speak_italian()
        reasons = self.env["credit.reason"].browse(
            self.env["ir.model.data"].search([
                ("module", "=", "account_credit_care"), ("model", "=", "credit.reason"),
            ]).mapped("res_id")
        )
        self.assertGreaterEqual(len(reasons), 9)
        self.assertLessEqual({
            "forgot", "not_received", "no_money", "our_failure", "dispute", "administrative",
            "unreachable", "paid",
        }, set(reasons.mapped("kind")))
        for reason in reasons:
            for name in ("name", "guidance"):
                texts = {reason.with_context(lang=lang)[name] for lang in ("en_US", "it_IT")}
                with self.subTest(reason=reason.name, field=name):
                    self.assertTrue(all(texts))
                    self.assertEqual(len(texts), 2)

    def test_a_plan_opens_as_a_draft(self):
        move = self._create_due(-12)
        self._night(0)
        window = self._call(
            outcome="reached", reason_id=self._reason("no_money").id, then="action_save_next"
        )
        plan = self.env["credit.agreement"].browse(window["res_id"])
        self.assertEqual((plan.kind, plan.state), ("plan", "draft"))
        self.assertEqual(plan.item_ids, self._items(move))
        self.assertFalse(self._items(move).hold_note)

    def test_our_failure_waits_with_the_department(self):
        move = self._create_due(-12)
        self._night(0)
        owner = new_test_user(self.env, "warehouse", "base.group_user")
        reason = self._reason("our_failure")
        reason.user_id = owner
        self._call(outcome="reached", reason_id=reason.id, remark="Two boxes broken")
        dispute = self._case().dispute_ids
        self.assertEqual((dispute.kind, dispute.user_id), ("department", owner))
        self.assertEqual(dispute.line_ids.item_id, self._items(move))
        self.assertEqual(dispute.activity_ids.user_id, owner)
        self.assertEqual(dispute.text, "Two boxes broken")

    def test_a_mediation_is_recorded(self):
        self._create_due(-12)
        self._night(0)
        mediator = self.env["res.partner"].create({"name": "Chamber of commerce"})
        self._call(
            outcome="reached", follow_up="mediation", mediator_id=mediator.id,
            mediation_on=day(10), dispute_until=day(17),
        )
        dispute = self._case().dispute_ids
        self.assertEqual((dispute.mediator_id, dispute.mediation_on), (mediator, day(10)))
        self.assertDay(dispute.until, 17)

    def test_the_lost_invoice_goes_out_again(self):
        move = self._create_due(-12)
        self._night(0)
        self._call(outcome="reached", reason_id=self._reason("not_received").id)
        self.assertEqual(self.messages.purpose, "resend")
        self.assertEqual(self.messages.line_ids.item_id, self._items(move))
        self.assertEqual(self._items(move).round, 2)

    def test_an_invoice_of_a_plan_is_sent_again_without_being_asked_for(self):
        agreed, other = self._create_due(-12), self._create_due(-11, 70.0)
        self._night(0)
        self._agree("plan", [(30, 1000.0)], items=self._items(agreed))
        with self.at(1):
            self._case()._resend(self._items(agreed))
            self._send()
        mail = self.messages.body
        self.assertIn("to be paid as agreed on 4 Mar 2026", mail)
        self.assertNotIn("late", mail)
        self.assertNotIn("To be paid", mail)
        self.assertFalse(self.messages.pay_url)
        with self.at(2):
            self._case()._resend(self._items(agreed | other))
            self._send()
        mail = self.messages[-1].body
        [_before, total] = mail.split("To be paid")
        self.assertIn("70.00", total[:200])

    def test_what_was_settled_is_not_asked_for_by_an_invoice_sent_again(self):
        move = self._create_due(-12)
        self._night(0)
        deal = self._settle(600.0)
        self._pay(move, 600.0, on=1)
        self._night(1)
        self.assertEqual(deal.state, "kept")
        with self.at(2):
            self._case()._resend(self._items(move))
            self._send()
        mail = self.messages[-1].body
        self.assertIn("settled as agreed on 4 Mar 2026", mail)
        self.assertNotIn("To be paid", mail)

    def test_on_to_the_next_debtor_of_the_worklist(self):
        """Those with a call to make, the most important first, nobody twice in one pass."""
        self.company.credit_controller_id = self.controller
        debtors = [self._create_debtor(name) for name in ("Alfa", "Beta", "Gamma")]
        for debtor, amount in zip(debtors, (900.0, 90000.0, 9000.0), strict=True):
            self._create_due(-12, amount, partner=debtor)
        self._night(0)
        self._night(6)
        called = []
        with self.at(6):
            case = self._case(debtors[1]).with_user(self.controller)
            window = case.action_log_call()
            while window["type"] == "ir.actions.act_window":
                screen = self.env["credit.call"].with_user(self.controller).browse(
                    window["res_id"]
                )
                called.append(screen.partner_id.name)
                screen.write({"outcome": "call_back", "again_at": datetime(2026, 3, 10, 18)})
                window = screen.action_save_next()
        self.assertEqual(called, ["Beta", "Gamma", "Alfa"])

    def test_the_screen_shows_who_and_what_to_say(self):
        self.env["res.partner"].create({
            "name": "Anna Ferri", "parent_id": self.debtor.id, "type": "invoice",
            "phone": "+39 333 1234567", "function": "Accounts", "email": "anna@debtor.example",
        })
        self.policy.level_ids.filtered(lambda level: level.delay_days == 10).script = "<p>Ask</p>"
        self._create_due(-12)
        self._night(0)
        self._night(6)
        with self.at(6):
            case = self._case().with_user(self.controller)
            screen = self.env["credit.call"].browse(case.action_log_call()["res_id"])
            self.assertEqual(screen.contact_id.name, "Anna Ferri")
            self.assertIn("333", screen.phone)
            self.assertIn("Ask", screen.script)
            self.assertTrue(screen.tone)
            self.assertEqual(len(screen.recent_ids), 1)


@tagged("post_install", "-at_install")
class TestSalespersonCalls(CallCommon):
    """A salesperson who is the caller of a level logs that call, and does nothing else."""

    def setUp(self):
        super().setUp()
        self.policy.level_ids.filtered(
            lambda level: level.delay_days == 10
        ).activity_role = "salesperson"
        self._create_due(-12)
        self._night(0)
        self._night(6)
        self.planned = self._case().action_ids.filtered(lambda a: a.channel == "phone")
        self.assertEqual(self.planned.activity_id.user_id, self.salesperson)

    def test_he_logs_the_call_he_was_asked_for(self):
        self._call(
            6, self.salesperson, outcome="reached", reason_id=self._reason("no_money").id,
            remark="Wants to pay by month", promise_soon="friday", follow_up="promise",
        )
        self.assertEqual((self.planned.state, self.planned.outcome), ("done", "reached"))
        self.assertEqual(self.planned.user_id, self.salesperson)
        self.assertFalse(self._case().agreement_ids)
        asked = self._case().activity_ids.filtered(lambda t: t.user_id == self.controller)
        self.assertIn("Sara Serra has spoken", asked.summary)

    def test_one_call_and_no_second(self):
        self._call(6, self.salesperson, outcome="reached")
        with self.assertRaises(AccessError):
            self._call(6, self.salesperson, outcome="reached")

    def test_not_the_call_of_somebody_else(self):
        self.planned.activity_id.user_id = self.controller
        case = self._case().with_user(self.salesperson)
        self.assertFalse(case.can_call)
        with self.assertRaises(AccessError):
            self._call(6, self.salesperson, outcome="reached")
        with self.assertRaises(AccessError):
            self.planned.with_user(self.salesperson)._log_outcome(
                "reached", self._reason("forgot"), "", False
            )

    def test_nothing_else(self):
        screen = self.env["credit.call"].with_user(self.salesperson).create({
            "case_id": self._case().id, "outcome": "reached", "remark": "x",
            "promise_on": day(20), "dispute_item_ids": [(6, 0, self._case().open_item_ids.ids)],
        })
        with self.at(6):
            for door in ("promise", "plan", "resend", "dispute", "department"):
                with self.subTest(door=door), self.assertRaises(AccessError):
                    getattr(screen, f"_follow_{door}")()
            case = self._case().with_user(self.salesperson)
            for button in ("action_resend", "action_dispute"):
                with self.subTest(button=button), self.assertRaises(AccessError):
                    getattr(case, button)()

    def test_not_on_the_customer_of_a_colleague(self):
        other = new_test_user(
            self.env, "other_seller", "sales_team.group_sale_salesman",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )
        self.planned.activity_id.user_id = other
        with self.assertRaises(AccessError):
            self._call(6, other, outcome="reached")


@tagged("post_install", "-at_install")
class TestResend(CallCommon):
    def _resend(self, offset, move=None):
        with self.at(offset):
            items = self._items(move) if move else self._case().open_item_ids
            items.with_user(self.controller).action_resend()

    def _steps(self):
        return [
            ((action.date - TODAY).days, action.level_id.delay_days)
            for action in self.actions if action.state != "cancelled"
        ]

    def test_the_steps_count_from_the_new_sending(self):
        """Sent again two weeks late: the next steps are those of 3 and 10 days after it, not the
        late ones; the call that nobody has made yet is taken back; the ledger's dates stay."""
        move = self._create_due(-2)
        for offset in range(0, 13):
            self._night(offset)
        self.assertEqual(self._steps(), [(1, 3), (8, 10)])
        self._resend(12)
        item = self._items(move)
        self.assertEqual((item.round, item.level_id.id, item.restarted_on), (2, False, day(12)))
        for offset in range(12, 34):
            self._night(offset)
        self.assertEqual(self._steps(), [(1, 3), (15, 3), (22, 10), (32, 20)])
        self.assertDay(item.due_on, -2)
        with self.at(33):
            item.invalidate_recordset()
            self.assertEqual(item.days_overdue, 35)

    def test_the_preview_agrees(self):
        self._create_due(-2)
        for offset in range(0, 13):
            self._night(offset)
        self._resend(12)
        with self.at(12):
            plans, _notices = self.env["credit.forecast"].sudo().with_company(
                self.company
            )._preview(self.company, day(30), start=day(13), policy=self.policy)
        foreseen = [((plan.day - TODAY).days, plan.step.day) for plan in plans]
        before = len(self._steps())
        for offset in range(13, 31):
            self._night(offset)
        self.assertEqual(foreseen, self._steps()[before:])
        self.assertEqual(foreseen[0], (15, 3))

    def test_suspension_looks_at_the_age_alone(self):
        """A click, perhaps the debtor's own, does not reopen credit."""
        self._create_due(-33)
        self._night(0)
        self._night(1)
        self.assertTrue(self._case().suspended_on)
        self._resend(1)
        self._night(2)
        self.assertTrue(self._case().suspended_on)

    def test_the_existing_pdf_goes_again_and_none_is_made(self):
        first, second = self._create_due(-2), self._create_due(-2)
        pdf = self.env["ir.attachment"].sudo().create({
            "name": "INV.pdf", "raw": b"%PDF-1.4", "res_model": "account.move",
            "res_id": first.id, "res_field": "invoice_pdf_report_file",
        })
        self._night(0)
        self._resend(0)
        with self.at(0):
            self._send()
        self.assertEqual(self.messages.attachment_ids, pdf)
        self.assertEqual(self.messages.line_ids.item_id, self._items(first | second))
        self.assertFalse(second.invoice_pdf_report_id)

    def test_it_starts_anew_once(self):
        move = self._create_due(-12)
        self._night(0)
        self._resend(0)
        self._resend(5)
        self.assertEqual(self._items(move).round, 2)
        self.assertDay(self._items(move).restarted_on, 0)
        self.assertEqual(len(self.messages), 2)

    def test_what_is_not_due_keeps_its_place(self):
        move = self._create_due(3)
        self._night(0)
        self._resend(0)
        self.assertEqual((self._items(move).round, self._items(move).restarted_on), (1, False))

    def test_where_the_policy_does_not_restart(self):
        self.policy.resend_restarts = False
        move = self._create_due(-12)
        self._night(0)
        self._resend(0)
        self.assertEqual(self._items(move).round, 1)
        self.assertEqual(self.messages.purpose, "resend")

    def test_a_reminder_that_waits_leaves_without_the_invoice(self):
        self.policy.level_ids.automatic = False
        lost, other = self._create_due(-12, 100.0), self._create_due(-12, 200.0)
        waiting = self._night(0)
        self.assertEqual(waiting.state, "planned")
        self._resend(0, lost)
        self.assertEqual(waiting.line_ids._claims().item_id, self._items(other))
        self._resend(0, other)
        self.assertEqual(waiting.state, "cancelled")

    def test_the_buttons_of_case_and_invoice(self):
        move = self._create_due(-12)
        self._create_due(5, 10.0)
        self._night(0)
        with self.at(0):
            self._case().with_user(self.controller).action_resend()
            self.assertEqual(self.messages.line_ids.item_id, self._items(move))
            self.env.user.group_ids |= self.env.ref("account.group_account_invoice")
            move.action_credit_resend()
            self.assertEqual(len(self.messages), 2)

    def test_the_case_says_when_there_is_nothing_to_send(self):
        self._create_due(5)
        self._night(0)
        with self.at(0), self.assertRaises(UserError):
            self._case().with_user(self.controller).action_resend()
