from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import format_date

from .common import CreditCommon, day


class AgreementCommon(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.credit_write_off_account_id = cls.company_data["default_account_expense"]

    def _agree(self, kind="plan", amounts=(), offset=0, items=None, case=None, **values):
        """A running agreement made on the day ``offset``: ``amounts`` are (day, amount)."""
        agreement = self._draft(kind, amounts, offset, items, case, **values)
        with self.at(offset):
            agreement._start()
        return agreement

    def _draft(self, kind="plan", amounts=(), offset=0, items=None, case=None, **values):
        case = case or self._case()
        items = items or case.open_item_ids
        with self.at(offset):
            return self.env["credit.agreement"].create({
                "kind": kind, "case_id": case.id, "currency_id": items.currency_id.id,
                "item_ids": [(6, 0, items.ids)],
                "line_ids": [(0, 0, {"due_on": day(on), "amount": sum_}) for on, sum_ in amounts],
                **values,
            })

    def _settle(self, amount):
        """A settlement that was approved and signed on the day it was made."""
        deal = self._draft("settlement", [(10, amount)], amount_settlement=amount)
        with self.at(0):
            deal._propose()
            deal.with_user(self.manager)._approve()
            deal._sign("Anna Ferri")
        return deal

    @property
    def messages(self):
        return self.env["credit.action"].search(
            [("company_id", "=", self.company.id), ("kind", "=", "message")], order="id"
        )


@tagged("post_install", "-at_install")
class TestPromise(AgreementCommon):
    def test_no_reminder_while_a_promise_is_in_time(self):
        self._create_due(-2)
        self._night(0)
        self._agree("promise", [(8, 1000.0)])
        for offset in range(1, 12):
            self._night(offset)
        self.assertFalse(self.actions)
        with self.at(11):
            self.assertEqual(self._case().hold_reason, "payment promised")

    def test_a_broken_promise_takes_the_next_step_once(self):
        self._create_due(-2)
        self._night(0)
        promise = self._agree("promise", [(8, 1000.0)])
        for offset in range(1, 13):
            self._night(offset)
        self.assertEqual(promise.state, "broken")
        self.assertDay(promise.broken_on, 12)
        self.assertEqual(len(self.actions), 1)
        self._night(13)
        self.assertEqual(len(self.actions), 1)

    def test_a_promise_is_kept_by_the_ledger(self):
        move = self._create_due(-2)
        self._night(0)
        promise = self._agree("promise", [(8, 1000.0)])
        self._pay(move, on=7)
        self._night(7)
        self.assertEqual(promise.state, "kept")
        self.assertDay(promise.line_ids.paid_on, 7)

    def test_credit_stays_suspended_while_somebody_only_promises(self):
        self._create_due(-40)
        self._night(0)
        self._night(1)
        self.assertTrue(self._case().suspended_on)
        self._agree("promise", [(10, 1000.0)], 1)
        self._night(2)
        self.assertTrue(self._case().suspended_on)


@tagged("post_install", "-at_install")
class TestPlan(AgreementCommon):
    def _plan(self, offset=0, **values):
        return self._agree("plan", [(10, 400.0), (40, 300.0), (70, 300.0)], offset, **values)

    def test_instalments_are_matched_in_order_by_the_ledger(self):
        move = self._create_due(-2)
        self._night(0)
        plan = self._plan()
        self._pay(move, 500.0, on=5)
        self._night(5)
        self.assertEqual(plan.line_ids.mapped("received"), [400.0, 100.0, 0.0])
        self.assertEqual(plan.line_ids.mapped("state"), ["paid", "part", "open"])
        self.assertEqual(plan.amount_received, 500.0)

    def test_what_was_paid_before_does_not_count(self):
        move = self._create_due(-2, 1500.0)
        self._pay(move, 500.0, on=-1)
        self._night(0)
        plan = self._plan()
        self._night(1)
        self.assertEqual(plan.amount_received, 0)

    def test_a_payment_that_bounces_leaves_no_trace(self):
        move = self._create_due(-2)
        self._night(0)
        plan = self._plan()
        payment = self._pay(move, 400.0, on=5)
        self._night(5)
        payment.action_draft()
        payment.action_cancel()
        self._night(6)
        self.assertEqual(plan.amount_received, 0)
        self.assertEqual(plan.line_ids.mapped("state"), ["open"] * 3)

    def test_a_bounce_after_the_end_opens_it_again(self):
        move = self._create_due(-2)
        self._night(0)
        plan = self._plan()
        payment = self._pay(move, on=5)
        self._night(5)
        self.assertEqual(plan.state, "kept")
        payment.action_draft()
        payment.action_cancel()
        self._night(6)
        self.assertEqual(plan.state, "running")

    def test_a_bounce_after_the_end_is_followed_on_the_case_that_it_opens(self):
        move = self._create_due(-2)
        self._night(0)
        old, plan = self._case(), self._plan()
        payment = self._pay(move, on=5)
        self._night(5)
        self.assertEqual((plan.state, old.state), ("kept", "closed"))
        payment.action_draft()
        payment.action_cancel()
        for offset in range(6, 27):
            self._night(offset)
        case = self._case()
        self.assertNotEqual(case, old)
        asked = self.messages.filtered("agreement_line_id")
        self.assertEqual((asked.mapped("purpose"), asked.case_id), (["instalment", "chase"], case))
        self.assertEqual(plan.state, "broken")
        self._night(27)
        self.assertEqual(case.suspension_cause, "agreement")

    def test_nobody_is_chased_for_what_he_paid_while_the_mail_waited(self):
        move = self._create_due(-2)
        self._night(0)
        self._plan()
        for offset in range(1, 13):
            self._night(offset)
        chaser = self.messages[-1]
        self.assertEqual((chaser.purpose, chaser.state), ("chase", "queued"))
        self._pay(move, 400.0, on=12)
        with self.at(12):
            self.assertEqual(chaser.with_env(self.root)._take_back_untrue(), chaser)
            self._send()
        self.assertEqual(chaser.state, "cancelled")

    def test_each_instalment_is_reminded_and_chased_once(self):
        self._create_due(-2)
        self._night(0)
        self._plan()
        for offset in range(1, 16):
            self._night(offset)
        self.assertEqual(self.messages.mapped("purpose"), ["instalment", "chase"])
        self.assertEqual(
            [(action.date - day(0)).days for action in self.messages], [7, 12]
        )
        self.assertFalse(self.actions)

    def test_reminders_of_other_debts_keep_their_distance_from_messages_about_the_plan(self):
        self._create_due(-2)
        self._night(0)
        self._plan()
        self._create_due(9, 300.0)
        for offset in range(1, 30):
            self._night(offset)
        said = [(self._offset(act), act.purpose) for act in self.messages]
        reminded = [self._offset(act) for act in self.actions]
        self.assertEqual(said, [(7, "instalment"), (12, "chase")])
        self.assertEqual(reminded, [4, 17, 22, 27])

    def test_the_preview_knows_that_a_message_about_the_plan_puts_off_a_reminder(self):
        self._create_due(-2)
        self._night(0)
        self._plan()
        self._create_due(9, 300.0)
        for offset in range(1, 30):
            with self.at(offset):
                before = self.actions
                plans, _notices = self.env["credit.forecast"].with_user(self.controller)._preview(
                    self.company, day(offset), start=day(offset)
                )
            sent = self._night(offset) - before
            self.assertEqual((offset, len(plans)), (offset, len(sent)))
            if offset > 4:  # before, the ladder has not met the other invoice
                self._check_next_step(offset)

    def _check_next_step(self, offset):
        """The case names the day that the preview does."""
        with self.at(offset):
            self.env.invalidate_all()
            plans, _notices = self.root["credit.forecast"]._preview(
                self.company, day(100), start=day(offset + 1)
            )
            note = self._case().next_step_note
        if plans:
            self.assertIn(format_date(self.env, plans[0].day), note)

    def test_of_two_messages_for_one_day_one_waits(self):
        """A reminder that somebody has let go, and the chaser of the same day."""
        self.policy.level_ids.automatic = False
        self._create_due(-2)
        self._night(0)
        self._plan()
        self._create_due(8, 300.0)
        for offset in range(1, 12):
            self._night(offset)
        with self.at(12):
            self.actions.with_user(self.controller).action_send()
        for offset in range(12, 14):
            self._night(offset)
        days = [self._offset(act) for act in self.messages | self.actions]
        self.assertEqual(sorted(days), [7, 12, 13])

    def _offset(self, action):
        return (action.date - day(0)).days

    def test_nobody_is_chased_for_what_he_paid_and_nobody_matched(self):
        self._create_due(-2)
        self._night(0)
        plan = self._plan()
        self._pay_on_account(self.debtor, 400.0, on=9)
        for offset in range(1, 30):
            self._night(offset)
        self.assertNotIn("chase", self.messages.mapped("purpose"))
        self.assertEqual(plan.state, "running")
        self.assertEqual(plan.amount_received, 0)

    def test_a_broken_plan_resumes_the_ladder_and_the_suspension(self):
        self.policy.plan_lifts_suspension = True
        self._create_due(-40)
        self._night(0)
        self._night(1)
        self.assertTrue(self._case().suspended_on)
        plan = self._plan(1)
        self._night(2)
        self.assertFalse(self._case().suspended_on)
        before = len(self.actions)
        for offset in range(3, 28):
            self._night(offset)
        self.assertEqual(plan.state, "broken")
        self.assertEqual(plan.broken_why, "late")
        self.assertGreater(len(self.actions), before)
        self.assertTrue(self._case().suspended_on)

    def test_original_due_dates_are_never_rewritten(self):
        move = self._create_due(-2)
        self._night(0)
        self._plan()
        self._night(1)
        self.assertDay(move.invoice_date_due, -2)
        self.assertDay(self._items(move).due_on, -2)

    def test_beyond_the_limits_a_manager_decides(self):
        self.policy.plan_limit_ids = [(0, 0, {"up_to": 0, "max_months": 1, "min_instalment": 0})]
        self._create_due(-2)
        self._night(0)
        plan = self._draft("plan", [(10, 400.0), (40, 300.0), (70, 300.0)])
        with self.at(0):
            plan.with_user(self.controller)._propose()
            self.assertTrue(plan.excess)
            with self.assertRaises(UserError):
                plan._start()
            plan._sign("Anna Ferri")
            self.assertEqual(plan.state, "proposed")
            plan.with_user(self.manager)._approve()
        self.assertEqual(plan.state, "running")


@tagged("post_install", "-at_install")
class TestSettlement(AgreementCommon):
    def test_the_rest_is_written_off_only_when_all_was_paid(self):
        move = self._create_due(-2)
        self._night(0)
        deal = self._settle(600.0)
        self.assertEqual(deal.state, "running")
        with self.at(0), self.assertRaises(UserError):
            deal.with_user(self.manager).action_write_off()
        self._pay(move, 600.0, on=9)
        self._night(9)
        self.assertEqual(deal.state, "kept")
        for offset in range(10, 30):
            self._night(offset)
        self.assertFalse(self.actions)
        with self.at(30):
            deal.with_user(self.manager).action_write_off()
            self.assertEqual(deal.write_off_move_id.state, "draft")
            deal.write_off_move_id.action_post()
        self._night(30)
        self.assertEqual(move.payment_state, "paid")
        self.assertFalse(self._case())

    def test_a_broken_settlement_revives_the_whole_debt(self):
        move = self._create_due(-2)
        self._night(0)
        deal = self._settle(600.0)
        for offset in range(1, 30):
            self._night(offset)
        self.assertEqual(deal.state, "broken")
        self.assertEqual(self._items(move).amount_residual, 1000.0)
        self.assertEqual(self.actions[-1:].amount_total, 1000.0)


@tagged("post_install", "-at_install")
class TestWatch(AgreementCommon):
    def test_a_broken_promise_that_is_paid_later_stays_broken(self):
        move = self._create_due(-2)
        self._night(0)
        promise = self._agree("promise", [(5, 1000.0)])
        for offset in range(1, 12):
            self._night(offset)
        self.assertEqual(promise.state, "broken")
        self._pay(move, on=12)
        self._night(12)
        self.assertEqual(promise.state, "broken")
        self.assertFalse(self._case())

    def test_one_agreement_that_fails_does_not_stop_the_others(self):
        other = self._create_debtor("Other")
        moves = [self._create_due(-2, partner=partner) for partner in (self.debtor, other)]
        self._night(0)
        bad = self._agree("plan", [(10, 500.0), (40, 500.0)])
        good = self._agree("plan", [(10, 500.0), (40, 500.0)], case=self._case(other))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE credit_agreement_line SET due_on = '9999-12-31' WHERE agreement_id = %s",
            [bad.id],
        )
        self.env.invalidate_all()
        self._pay(moves[1], 500.0, on=5)
        self._night(5)
        self._night(12)
        self.assertEqual(good.amount_received, 500.0)
        with self.assertLogs("odoo.addons.account_credit_care", "ERROR"):
            for _again in range(2):
                self.env["credit.agreement"]._review_or_note((bad | good).ids, day(12))
        self.assertEqual(len(bad.activity_ids), 1)

    def test_giving_a_case_up_ends_its_agreements_and_disputes(self):
        self._create_due(-2)
        self._night(0)
        case = self._case()
        plan = self._agree("plan", [(10, 500.0), (40, 500.0)])
        with self.at(0):
            dispute = self.env["credit.dispute"]._open(
                case, dict.fromkeys(case.open_item_ids, 0), day(10), text="Broken glass"
            )
            case.with_user(self.manager)._close_by_hand("Not worth it")
        self.assertEqual((plan.state, dispute.state), ("cancelled", "cancelled"))
        self._night(1)
        self.assertEqual(plan.state, "cancelled")

    def test_who_takes_a_new_agreement_leaves_the_old_one(self):
        self._create_due(-2)
        self._night(0)
        first = self._agree("promise", [(5, 1000.0)])
        second = self._agree("plan", [(10, 500.0), (40, 500.0)])
        self.assertEqual((first.state, second.state), ("cancelled", "running"))

    def test_an_agreement_of_two_currencies_is_refused(self):
        franc = self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])
        self._create_due(-2)
        self._create_due(-2, currency_id=franc.id)
        self._night(0)
        with self.assertRaises(UserError):
            self.env["credit.agreement"].create({
                "kind": "plan", "case_id": self._case().id, "currency_id": franc.id,
                "item_ids": [(6, 0, self._case().open_item_ids.ids)],
            })

    def test_the_preview_sees_the_day_a_promise_breaks(self):
        self._create_due(-2)
        self._night(0)
        self._agree("promise", [(8, 1000.0)])
        with self.at(1):
            plans, _notices = self.root["credit.forecast"]._preview(self.company, day(30))
        foreseen = [(plan.day - day(0)).days for plan in plans]
        for offset in range(1, 31):
            self._night(offset)
        self.assertEqual(foreseen, [(action.date - day(0)).days for action in self.actions])
        self.assertEqual(foreseen[0], 12)

    def test_nothing_is_written_off_after_the_payment_came_back(self):
        move = self._create_due(-2)
        self._night(0)
        deal = self._settle(600.0)
        payment = self._pay(move, 600.0, on=9)
        self._night(9)
        self.assertEqual(deal.state, "kept")
        payment.action_draft()
        payment.action_cancel()
        with self.at(10), self.assertRaises(UserError):
            deal.with_user(self.manager).action_write_off()

    def test_a_settlement_with_interest_is_written_off_all_the_same(self):
        move = self._create_due(-2)
        self._night(0)
        deal = self._draft(
            "settlement", [], amount_settlement=600.0, count=2, interest_rate=10.0, first_on=day(30)
        )
        with self.at(0):
            deal.action_make_schedule()
            deal._propose()
            deal.with_user(self.manager)._approve()
            deal._sign("Anna Ferri")
        self.assertGreater(deal.amount_interest, 0)
        self._pay(move, 600.0, on=9)
        self._night(9)
        self.assertEqual(deal.state, "kept")
        with self.at(9):
            deal.with_user(self.manager).action_write_off()
        write_off = deal.write_off_move_id.line_ids.filtered("debit")
        self.assertEqual(write_off.debit, 400.0)

    def test_what_is_approved_late_can_still_be_signed(self):
        self._create_due(-2)
        self._night(0)
        deal = self._draft("settlement", [(30, 600.0)], amount_settlement=600.0)
        with self.at(0):
            deal._propose()
        with self.at(9):
            deal.with_user(self.manager)._approve()
            deal._sign("Anna Ferri")
        self.assertEqual(deal.state, "running")

    def test_who_pays_his_instalment_after_an_older_payment_bounced_has_paid_it(self):
        move = self._create_due(-2, 1000.0)
        before = self._pay(move, 400.0, on=-1)
        self._night(0)
        plan = self._agree("plan", [(10, 300.0), (40, 300.0)])
        before.action_draft()
        before.action_cancel()
        self._night(5)
        self._pay(move, 300.0, on=9)
        self._night(9)
        self.assertEqual(plan.amount_received, 300.0)

    def test_a_type_of_task_that_somebody_has_deleted_stops_no_night(self):
        self._create_due(-2)
        self._night(0)
        promise = self._agree("promise", [(5, 1000.0)])
        kind = self.env.ref("account_credit_care.mail_activity_type_broken")
        kind.unlink()
        for offset in range(1, 12):
            self._night(offset)
        self.assertEqual(promise.state, "broken")
        self.assertIn("was not kept", " ".join(self._case().activity_ids.mapped("summary")))

    def test_no_more_is_written_off_than_was_given_up(self):
        move = self._create_due(-2)
        before = self._pay(move, 100.0, on=-1)
        self._night(0)
        deal = self._settle(600.0)
        before.action_draft()
        before.action_cancel()
        self._night(5)
        self._pay(move, 600.0, on=9)
        self._night(9)
        self.assertEqual((deal.state, deal.amount_reduction), ("kept", 300.0))
        with self.at(9), self.assertRaises(UserError):
            deal.with_user(self.manager).action_write_off()

    def test_who_has_left_gets_no_task(self):
        self._create_due(-2)
        self._night(0)
        self._agree("promise", [(5, 1000.0)])
        self.controller.sudo().active = False
        for offset in range(1, 12):
            self._night(offset)
        task = self._case().activity_ids.filtered(lambda one: "not kept" in (one.summary or ""))
        self.assertTrue(task.user_id.active)
