"""What is planned leaves within the hours, under the caps, on fresh books, and while it is true."""
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import day
from .test_agreement import AgreementCommon


class OutboxCommon(AgreementCommon):
    def _tick_send(self, offset=0, hour=12):
        self._tick("credit.action", "_cron_send", offset, hour)
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestHours(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.write({
            "calendar_id": cls.env.ref("account_credit_care.calendar_contact_hours").id,
            "catch_up": "highest",
        })

    def test_a_mail_waits_for_the_hours_of_contact_and_a_task_does_not(self):
        caller = self._create_debtor("Caller")
        self._create_due(-4)
        self._create_due(-12, partner=caller)
        self._night(0, send=False)
        mail, call = (
            self.actions.filtered(lambda a, p=p: a.case_id.partner_id == p)
            for p in (self.debtor, caller)
        )
        self.assertEqual((mail.channel, call.channel), ("email", "phone"))
        self._tick_send(0, hour=2)
        self.assertEqual((mail.state, call.state), ("planned", "queued"))
        self._tick_send(0, hour=12)
        self.assertEqual(mail.state, "queued")

    def test_a_message_planned_before_a_sunday_waits_over_it(self):
        self._create_due(-4)
        self._night(0, send=False)
        self._tick_send(4, hour=12)
        self.assertEqual(day(4).isoweekday(), 7)
        self.assertEqual(self.actions.state, "planned")
        self._tick_send(5, hour=12)
        self.assertEqual(self.actions.state, "queued")
        self.assertDay(self.actions.date, 5)
        self.assertDay(self._case().last_contact_on, 5)


    def test_on_a_holiday_nobody_is_reminded_and_the_preview_knows(self):
        """A day off of the whole company, in the calendar of the contact hours."""
        self.env["resource.calendar.leaves"].sudo().create({
            "name": "Patron saint", "company_id": self.company.id,
            "calendar_id": self.policy.calendar_id.id,
            "date_from": f"{day(0)} 00:00:00", "date_to": f"{day(0)} 23:59:59",
        })
        self._create_due(-4)
        with self.at(0):
            plans, _notices = self.root["credit.forecast"]._preview(self.company, day(3))
        self.assertEqual([(plan.day, plan.step.day) for plan in plans], [(day(1), 3)])
        self._night(0)
        self.assertFalse(self.actions)
        self._night(1, send=False)
        self._tick_send(1)
        self.assertEqual((self.actions.state, self.actions.date), ("queued", day(1)))

    def test_what_was_planned_before_a_holiday_waits_over_it(self):
        self._create_due(-4)
        self._night(0, send=False)
        self.env["resource.calendar.leaves"].sudo().create({
            "name": "Closed", "company_id": self.company.id, "calendar_id": False,
            "date_from": f"{day(0)} 00:00:00", "date_to": f"{day(0)} 23:59:59",
        })
        self._tick_send(0)
        self.assertEqual(self.actions.state, "planned")
        self._tick_send(1)
        self.assertEqual(self.actions.state, "queued")


@tagged("post_install", "-at_install")
class TestCaps(OutboxCommon):
    """Invariant 7, on the house's side: no more contacts than the policy allows, whoever makes
    them."""

    def _log_calls(self, *offsets):
        for offset in offsets:
            with self.at(offset):
                self._case()._log_outcome("reached", self.env["credit.reason"], "Called", False)

    def test_who_was_called_today_is_written_to_tomorrow(self):
        self._create_due(-4)
        self._night(0, send=False)
        self._log_calls(0)
        self._tick_send(0)
        self.assertEqual(self.actions.state, "planned")
        self._tick_send(1)
        self.assertEqual(self.actions.state, "queued")

    def test_no_fourth_contact_within_seven_days(self):
        self._create_due(-4)
        self._night(0, send=False)
        self._log_calls(0, 1, 2)
        for offset in range(3, 7):
            self._tick_send(offset)
            self.assertEqual(self.actions.state, "planned")
        self._tick_send(7)
        self.assertEqual(self.actions.state, "queued")

    def test_what_a_cap_holds_back_does_not_keep_the_scheduler_busy(self):
        """Whatever is said to remain has the job started again at once, all day long."""
        self._create_due(-4)
        free = self._create_debtor("Free")
        self._create_due(-4, partner=free)
        self._night(0, send=False)
        self._log_calls(0)
        told = []

        def progress(crons, processed=0, *, remaining=None, **_values):
            told.append((processed, remaining))
            return float("inf")

        with patch.object(type(self.env["ir.cron"]), "_commit_progress", progress):
            self._tick_send(0)
        self.assertEqual(sorted(self.actions.mapped("state")), ["planned", "queued"])
        self.assertEqual(told, [(2, 0)])


@tagged("post_install", "-at_install")
class TestBooks(OutboxCommon):
    def test_nothing_leaves_before_the_bank_is_booked_and_then_by_itself(self):
        self.company.credit_bank_fresh_days = 5
        self._create_due(-4)
        self._pay_on_account(self._create_debtor("Other"), 10.0, on=-6)
        self._night(0, send=False)
        self._tick_send(0)
        action = self.actions
        self.assertEqual(action.state, "planned")
        with self.at(0):
            self.assertIn("2026-02-26", self._case().bank_note)
        self._pay_on_account(self._create_debtor("Third"), 10.0, on=-5)
        self._tick_send(0)
        self.assertEqual(action.state, "queued")
        with self.at(0):
            self._case().invalidate_recordset(["bank_note"])
            self.assertFalse(self._case().bank_note)

    def test_an_entry_of_tomorrow_says_nothing_about_today(self):
        self.company.credit_bank_fresh_days = 5
        self._create_due(-4)
        self._pay_on_account(self._create_debtor("Other"), 10.0, on=1)
        with self.at(0):
            self.assertTrue(self.company._credit_is_stale())


@tagged("post_install", "-at_install")
class TestReview(OutboxCommon):
    """What waits for a look is edited, skipped or sent, one by one or all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.level_ids.write({"automatic": False})
        cls.debtors = [cls._create_debtor(name) for name in ("First", "Second", "Third")]
        for debtor in cls.debtors:
            cls._create_due(-4, partner=debtor)

    def _wait(self):
        self._night(0)
        self._tick_send(0)
        self.assertEqual(set(self.actions.mapped("state")), {"planned"})
        return self.actions.with_user(self.controller)

    def test_one_by_one_and_all(self):
        waiting = self._wait()
        waiting[1].action_send()
        self._tick_send(0)
        self.assertEqual(waiting.mapped("state"), ["planned", "queued", "planned"])
        waiting.action_send()
        self._tick_send(0)
        self.assertEqual(set(waiting.mapped("state")), {"queued"})

    def test_an_edited_text_is_what_leaves(self):
        waiting = self._wait()[0]
        waiting.note = "<p>We spoke on Monday.</p>"
        waiting.action_send()
        self._tick_send(0)
        self.assertIn("We spoke on Monday.", waiting.body)
        self.assertIn("1,000.00", waiting.body, "the items are listed all the same")
        self.assertIn("We spoke on Monday.", waiting.sudo().mail_mail_id.body_html)

    def test_a_skipped_step_counts_as_taken(self):
        waiting = self._wait()[0]
        with self.at(0):
            waiting._skip("He has called")
        self._tick_send(0)
        self.assertEqual((waiting.state, waiting.skip_reason), ("skipped", "He has called"))
        self.assertFalse(waiting.sudo().mail_mail_id)
        for offset in range(1, 7):
            self._night(offset)
        following = self.actions.filtered(lambda a: a.case_id == waiting.case_id) - waiting
        self.assertEqual(following.level_id.mapped("delay_days"), [10])

    def test_whoever_may_only_read_sends_and_skips_nothing(self):
        waiting = self._wait().with_user(self.salesperson)
        with self.assertRaises(AccessError):
            waiting.action_send()
        with self.assertRaises(AccessError):
            waiting._skip("Because")

    def test_what_was_paid_while_it_waited_does_not_leave(self):
        waiting = self._wait()
        self._pay(waiting[0].line_ids.item_id.move_id.sudo())
        with self.at(3):
            waiting.action_send()
        self._tick_send(3)
        self.assertEqual(waiting.mapped("state"), ["cancelled", "queued", "queued"])


@tagged("post_install", "-at_install")
class TestOnItsWay(OutboxCommon, MailCommon):
    """Between the outbox and the mail server lies a queue, and in a queue time goes by."""

    def _queue(self):
        invoice = self._create_due(-4)
        action = self._night(0)
        self.assertEqual(action.state, "queued")
        return invoice, action

    def _empty_the_queue(self, offset=0):
        with self.mock_mail_gateway(), self.at(offset):
            mails = self.env["mail.mail"].sudo().search([("state", "=", "outgoing")])
            mails.send()
            self.env.invalidate_all()
            return self._mails

    def test_paid_while_the_mail_waits_for_the_server_it_does_not_leave(self):
        invoice, action = self._queue()
        message = action.mail_message_id
        self._pay(invoice)
        self.assertFalse(self._empty_the_queue())
        self.assertEqual(action.state, "planned")
        self.assertFalse(message.exists(), "the case tells of no message that nobody has got")
        self._tick_send(0)
        self.assertEqual(action.state, "cancelled")
        self.assertFalse(self._empty_the_queue())

    def test_paid_in_part_it_leaves_with_the_rest(self):
        invoice, action = self._queue()
        self._pay(invoice, 237.02)
        self.assertFalse(self._empty_the_queue())
        self._tick_send(0)
        mails = self._empty_the_queue()
        self.assertEqual(len(mails), 1)
        self.assertIn("762.98", mails[0]["body"])
        self.assertEqual(action.state, "sent")

    def test_what_nobody_has_paid_leaves(self):
        _invoice, action = self._queue()
        self.assertEqual(len(self._empty_the_queue()), 1)
        self.assertEqual(action.state, "sent")

    def test_the_scheduler_looks_as_well(self):
        """With commits a mail goes by itself (see ``test_concurrency``)."""
        invoice, action = self._queue()
        mail_id = action.mail_mail_id.id
        self._pay(invoice)
        with (
            self.mock_mail_gateway(), self.at(0), self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            api.Environment(cr, SUPERUSER_ID, {})["mail.mail"].browse(mail_id).send(
                auto_commit=True
            )
            self.assertFalse(self._mails)
        self.env.invalidate_all()
        self.assertEqual((action.state, action.handed_over_at), ("planned", False))

    def _fail(self, action):
        mail = action.mail_mail_id
        mail._postprocess_sent_message([], [], "450 try later", "unknown")
        mail.sudo().write({"state": "exception"})
        self.assertEqual(action.state, "failed")
        return mail.sudo()

    def test_a_failed_mail_tried_again_by_core_asks_what_is_open_then(self):
        invoice, action = self._queue()
        mail = self._fail(action)
        self._pay(invoice, 237.02, on=3)
        mail.action_retry()
        self.assertEqual((mail.state, action.state), ("cancel", "planned"))
        self._tick_send(3)
        self.assertIn("762.98", action.body)

    def test_a_failed_mail_about_what_was_paid_is_not_tried_again(self):
        invoice, action = self._queue()
        mail = self._fail(action)
        self._pay(invoice, on=1)
        self._night(1)
        self.assertEqual(action.state, "cancelled")
        mail.action_retry()
        self.assertFalse(self._empty_the_queue(1))

    def test_a_mail_that_another_has_replaced_is_not_tried_again(self):
        _invoice, action = self._queue()
        first = self._fail(action)
        action.with_user(self.controller).action_retry()
        self._tick_send(1)
        first.action_retry()
        self.assertEqual(len(self._empty_the_queue(1)), 1)
