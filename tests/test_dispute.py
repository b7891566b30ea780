from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import html2plaintext

from .common import day
from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class DisputeCommon(AgreementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = new_test_user(
            cls.env, "warehouse", "base.group_user", name="Ugo Utili",
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
        )

    def _dispute(self, amounts, until=10, offset=0, user=None, **values):
        """``amounts``: ``{invoice: disputed part, 0 for all of it}``."""
        with self.at(offset):
            return self.env["credit.dispute"].with_user(user or self.controller)._open(
                self._case(), {self._items(move): part for move, part in amounts.items()},
                day(until), **values,
            )

    def _resolve(self, dispute, resolution, answer="", offset=0, user=None):
        with self.at(offset):
            user = user or self.controller
            window = dispute.with_user(user).action_resolve()
            question = self.env["credit.resolve"].with_user(user).browse(window["res_id"])
            question.write({"resolution": resolution, "answer": answer})
            return question.action_apply()

    def _reminders(self):
        return self.actions.filtered(lambda action: action.state not in ("cancelled", "skipped"))


@tagged("post_install", "-at_install")
class TestDispute(DisputeCommon):
    def test_the_rest_goes_on_being_collected(self):
        """Of 1000, 300 are disputed: the message asks for 700 and says what is looked into."""
        move = self._create_due(-2)
        self._night(0)
        self._dispute({move: 300.0}, until=60)
        self._night(1)
        reminder = self._reminders()
        self.assertEqual(reminder.amount_total, 700.0)
        self.assertEqual(reminder.line_ids.amount, 700.0)
        text = html2plaintext(reminder.body)
        self.assertRegex(text, r"being looked into, not asked for now\s*\$\s*300\.00")
        self.assertRegex(text, r"To be paid\W*\$\s*700\.00")
        self.assertNotIn("settled so far", text)

    def test_what_is_disputed_is_never_asked_for_by_an_answer_of_ours(self):
        move = self._create_due(-2)
        self._night(0)
        self._dispute({move: 300.0}, until=60)
        with self.at(0):
            self._items(move).with_user(self.controller).action_resend()
        self.assertEqual(self.messages.line_ids.amount, 700.0)
        self.assertEqual(self.messages.line_ids.amount_disputed, 300.0)

    def test_it_ends_on_its_day_and_comes_back(self):
        move = self._create_due(-2)
        line = self._items_line(move)
        self._night(0)
        dispute = self._dispute({move: 0}, until=10)
        self.assertTrue(line.no_followup)
        with self.at(0):
            self.assertIn("disputed until", self._items(move).hold_note)
        for offset in range(1, 11):
            self._night(offset)
        self.assertFalse(self._reminders())
        self.assertEqual(dispute.state, "open")
        self._night(11)
        self.assertEqual(dispute.state, "expired")
        self.assertFalse(line.no_followup)
        self.assertEqual(len(self._reminders()), 1)
        told = self._case().activity_ids.filtered(lambda t: "Not resolved" in (t.summary or ""))
        self.assertEqual(told.user_id, self.controller)

    def test_totals_are_right_on_the_day_after(self):
        move = self._create_due(-11)
        self._night(0)
        self._dispute({move: 0}, until=1)
        self._night(1)
        self.assertEqual(self._case().amount_overdue, 0)
        self._night(2)
        self.assertEqual(self._case().amount_overdue, 1000.0)
        self.assertDay(self._case().oldest_due_on, -11)

    def test_the_other_instalment_of_the_invoice_goes_on_being_collected(self):
        term = self.env["account.payment.term"].create({
            "name": "Two", "line_ids": [
                Command.create({"value": "percent", "value_amount": share, "nb_days": days})
                for share, days in ((40, 20), (60, 25))
            ],
        })
        move = self._create_due(
            0, invoice_date=day(-30), invoice_payment_term_id=term.id, invoice_date_due=False
        )
        self._night(0, send=False)
        first, second = self._items(move).sorted("due_on")
        with self.at(0):
            dispute = self.env["credit.dispute"]._open(self._case(), {first: 0}, day(9))
        self.assertEqual((first.no_followup, second.no_followup), (True, False))
        self._night(1)
        shown = self._reminders().line_ids.filtered(lambda line: not line.released)
        self.assertEqual(shown.item_id, second)
        dispute._end("cancelled")
        self.assertFalse(first.no_followup)

    def _items_line(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def test_more_time_holds_again_what_had_run_out(self):
        move = self._create_due(-2)
        self._night(0)
        dispute = self._dispute({move: 0}, until=1)
        self._night(2)
        self.assertEqual(dispute.state, "expired")
        with self.at(2):
            window = dispute.with_user(self.controller).action_more_time()
            question = self.env["credit.resolve"].with_user(self.controller).browse(
                window["res_id"]
            )
            question.until = day(30)
            question.action_apply()
        self.assertEqual((dispute.state, dispute.until), ("open", day(30)))
        self.assertTrue(self._items_line(move).no_followup)
        self._night(12)
        self.assertEqual(len(self._reminders()), 1)

    def test_what_was_paid_meanwhile_needs_no_decision(self):
        move = self._create_due(-2)
        self._create_due(-2, 50.0)
        self._night(0)
        dispute = self._dispute({move: 0}, until=30)
        self._pay(move, on=3)
        self._night(3)
        self.assertEqual((dispute.state, dispute.resolution), ("resolved", "settled"))

    def test_rejected_with_an_answer_before_any_reminder(self):
        move = self._create_due(-2)
        self._night(0)
        dispute = self._dispute({move: 0}, until=30)
        self._night(3)
        self._resolve(dispute, "rejected", "The price is the one of your order.", 3)
        self.assertEqual(self.messages.purpose, "answer")
        self.messages.sudo()._fail("no mail server")
        self._night(4)
        self.assertFalse(self._reminders())
        with self.at(4):
            self.messages.with_user(self.controller).action_retry()
        self._night(5)
        self.assertEqual(self.messages.state, "queued")
        self.assertIn("The price is the one of your order.", self.messages.body)
        self._night(6)
        self.assertEqual(len(self._reminders()), 1)

    def test_an_answer_names_what_was_paid_meanwhile(self):
        move = self._create_due(-2)
        self._create_due(-1)
        self._night(0)
        dispute = self._dispute({move: 0}, until=30)
        self._resolve(dispute, "rejected", "The price is the one of your order.", 1)
        self._pay(move, on=1)
        self._night(1)
        self.assertEqual(self.messages.subject, f"Our answer: {move.name} · Bellandi")

    def test_accepted_waits_for_the_credit_note(self):
        """Core's wizard opens for whoever may use it; until the note is posted nobody is asked."""
        move = self._create_due(-2)
        self._night(0)
        dispute = self._dispute({move: 0}, until=5)
        self.controller.group_ids |= self.env.ref("account.group_account_invoice")
        window = self._resolve(dispute, "accepted", "You are right, a credit note follows.")
        self.assertEqual(window["res_model"], "account.move.reversal")
        self.assertEqual(window["context"]["active_ids"], move.ids)
        self.assertTrue(dispute.awaits_credit)
        for offset in (1, 4, 6):
            self._night(offset)
        self.assertFalse(self._reminders())
        with self.at(6):
            self.env["account.move.reversal"].with_context(**window["context"]).create({
                "journal_id": move.journal_id.id, "date": day(6),
            }).refund_moves()
            note = move.reversal_move_ids
            self.assertEqual(dispute.state, "open")
            note.action_post()
        self.assertEqual((dispute.state, dispute.resolution), ("resolved", "accepted"))

    def test_accepted_on_two_invoices_waits_for_two_credit_notes(self):
        """A credit note of before, for something else, is none of them."""
        first, second = self._create_due(-2), self._create_due(-2)
        self._reverse(first, 0)
        self._night(0)
        dispute = self._dispute({first: 0, second: 0}, until=5)
        self._resolve(dispute, "partly", "You are right, credit notes follow.")
        self._reverse(second, 1)
        self.assertEqual(dispute.state, "open")
        self._reverse(first, 1)
        self.assertEqual((dispute.state, dispute.resolution), ("resolved", "partly"))

    def _reverse(self, move, offset):
        """A credit note of a part, by core's wizard."""
        with self.at(offset):
            window = self.env["account.move.reversal"].with_context(
                active_model="account.move", active_ids=move.ids
            ).create({"journal_id": move.journal_id.id, "date": day(offset)}).refund_moves()
            note = self.env["account.move"].browse(window["res_id"])
            note.invoice_line_ids.price_unit = 100.0
            note.action_post()

    def test_accepted_is_not_asked_for_however_late_the_credit_note(self):
        move = self._create_due(-2)
        self._night(0)
        dispute = self._dispute({move: 0}, until=5)
        self._resolve(dispute, "accepted", "You are right, a credit note follows.")
        for offset in range(1, 40):
            self._night(offset)
        self.assertFalse(self._reminders())
        self.assertTrue(dispute.awaits_credit)
        self.assertEqual(len(dispute.activity_ids), 1)

    def test_accepted_by_somebody_who_makes_no_credit_notes(self):
        move = self._create_due(-2)
        self._night(0)
        dispute = self._dispute({move: 0}, owner=self.owner, until=5)
        self._resolve(dispute, "accepted", user=self.owner)
        task = dispute.activity_ids
        self.assertIn("Make the credit note", task.summary)
        self.assertEqual(task.user_id, self.controller)

    def test_what_is_decided_is_decided(self):
        move = self._create_due(-2)
        self._night(0)
        dispute = self._dispute({move: 0})
        self._resolve(dispute, "rejected")
        for call in (lambda: self._resolve(dispute, "accepted"),
                     lambda: dispute.with_user(self.controller)._extend(day(20))):
            with self.at(0), self.assertRaises(UserError):
                call()

    def test_a_part_of_one_item_from_the_screen(self):
        first, second = self._create_due(-2), self._create_due(-2, 500.0)
        self._night(0)
        with self.at(0):
            items = self._items(first).with_user(self.controller)
            window = items.action_dispute()
            question = self.env["credit.dispute.new"].with_user(self.controller).browse(
                window["res_id"]
            )
            with Form(question) as form:
                form.reason_id = self.env.ref("account_credit_care.credit_reason_dispute")
                form.dispute_amount = 250.0
                form.text = "Price"
            dispute = self.env["credit.dispute"].browse(question.action_apply()["res_id"])
            self.assertEqual(dispute.line_ids.amount, 250.0)
            self.assertEqual(self._case().dispute_count, 1)
            self.assertIn("250.00 disputed", items.hold_note)
            question.dispute_item_ids |= self._items(second)
            with self.assertRaises(UserError):
                question.action_apply()

    def test_no_item_of_another_debtor_or_company(self):
        """Whatever ids a client sends: core's flag on somebody else's receivable stays as it is."""
        move, other = self._create_due(-2), self._create_debtor("Other S.p.A.")
        strange = self._create_due(-2, partner=other)
        self._night(0)
        question = self.env["credit.dispute.new"].with_user(self.controller).create({
            "case_id": self._case().id, "dispute_until": day(5),
            "dispute_item_ids": [Command.set((self._items(move) | self._items(strange)).ids)],
        })
        with self.at(0), self.assertRaises(UserError):
            question.action_apply()
        self.assertFalse(self._items_line(strange).no_followup)
        self.assertFalse(self._case().dispute_ids)

    def test_a_mediation_and_its_outcome(self):
        move = self._create_due(-2)
        self._night(0)
        dispute = self._dispute({move: 0}).with_user(self.controller)
        with Form(dispute) as form:
            form.mediator_id = self.env["res.partner"].create({"name": "Chamber of commerce"})
            form.mediation_on = day(8)
            form.mediation_outcome = "agreed"
            form.mediation_note = "Half now, half in May"
        self.assertEqual(dispute.mediation_outcome, "agreed")
        with self.assertRaises(AccessError):
            dispute.write({"until": day(99)})


@tagged("post_install", "-at_install")
class TestDepartment(DisputeCommon):
    """The owner is any colleague: he sees what he has to answer, and nothing else."""

    def setUp(self):
        super().setUp()
        self.move = self._create_due(-2)
        other = self._create_debtor("Other S.p.A.")
        self.other_move = self._create_due(-2, partner=other)
        self._night(0)
        reason = self.env.ref("account_credit_care.credit_reason_our_failure")
        reason.user_id = self.owner
        self.dispute = self._dispute(
            {self.move: 0}, kind="department", reason=reason, text="Two boxes broken"
        )
        with self.at(0):
            self.foreign = self.env["credit.dispute"].with_user(self.controller)._open(
                self._case(other), {self._items(self.other_move): 0}, day(10)
            )
        self.env.invalidate_all()

    def test_he_finds_it_and_reads_what_he_needs(self):
        task = self.env["mail.activity"].with_user(self.owner).search([
            ("user_id", "=", self.owner.id), ("res_model", "=", "credit.dispute"),
        ])
        self.assertEqual(task.res_id, self.dispute.id)
        mine = self.env["credit.dispute"].with_user(self.owner).search([])
        self.assertEqual(mine, self.dispute)
        form = Form(mine)
        self.assertEqual(form.text, "Two boxes broken")
        self.assertIn("faulty", form.reason_name)
        [values] = mine.web_read({
            "display_name": {}, "partner_id": {"fields": {"display_name": {}}},
            "controller_id": {"fields": {"display_name": {}}}, "amount": {}, "text": {},
            "line_ids": {"fields": {"name": {}, "due_on": {}, "amount_residual": {}}},
        })
        self.assertEqual(values["partner_id"]["display_name"], "Ferri S.r.l.")
        self.assertEqual(values["line_ids"][0]["name"], self.move.name)
        self.assertEqual(values["amount"], 1000.0)

    def test_he_reads_nothing_else(self):
        for record in (self.foreign, self.foreign.line_ids, self._case(), self._items(self.move)):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(self.owner).read(["display_name"])
        with self.assertRaises(AccessError):
            self.foreign.with_user(self.owner).action_answer()

    def test_his_answer_goes_to_the_customer_before_any_reminder(self):
        self._night(3)
        mine = self._reminders().filtered(lambda a: a.case_id == self._case())
        self.assertFalse(mine)
        with self.at(3):
            window = self.dispute.with_user(self.owner).action_answer()
            question = self.env["credit.resolve"].with_user(self.owner).browse(window["res_id"])
            with self.assertRaises(UserError):
                question.action_apply()
            with Form(question) as form:
                form.answer = "New boxes leave today."
            question.action_apply()
        self.assertEqual((self.dispute.state, self.dispute.resolution), ("resolved", "answered"))
        self.assertFalse(self.dispute.activity_ids)
        self._night(3)
        self.assertEqual(self.messages.purpose, "answer")
        self.assertEqual(self.messages.state, "queued")
        self.assertIn("New boxes leave today.", self.messages.body)
        self._night(4)
        self.assertTrue(self._reminders().filtered(lambda a: a.case_id == self._case()))

    def test_he_does_not_decide_on_what_is_not_his(self):
        self.dispute.sudo().user_id = self.controller
        with self.assertRaises(AccessError):
            self.dispute.with_user(self.owner)._resolve("answered", "x")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self.dispute.with_user(self.owner).read(["text"])

    def test_cancelling_is_for_credit_users(self):
        """Its owner answers; he does not make it disappear."""
        with self.assertRaises(AccessError):
            self.dispute.with_user(self.owner).action_cancel()


@tagged("post_install", "-at_install")
class TestDigest(DisputeCommon):
    def test_a_notice_keeps_its_own_customer_only(self):
        """One mail about all his customers; on a case nobody reads of the others."""
        other = self._create_debtor("Other S.p.A.")
        self._create_due(-34)
        self._create_due(-34, partner=other)
        self._night(0)
        self._night(1)
        notices = self._case().action_ids.filtered(lambda a: a.notice == "suspended")
        self.assertIn("Ferri S.r.l.", notices.body)
        self.assertNotIn("Other S.p.A.", notices.body)
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertIn("Ferri S.r.l.", mail.body_html)
        self.assertIn("Other S.p.A.", mail.body_html)


@tagged("post_install", "-at_install")
class TestDisputeTime(DisputeCommon):
    """How long something may be looked into without a manager."""

    def setUp(self):
        super().setUp()
        self.policy.dispute_max_days = 30
        self.move = self._create_due(-2)
        self._night(0)

    def _open(self, until=10, **values):
        return self._dispute({self.move: 0}, until=until, owner=self.owner, **values)

    def test_its_owner_takes_more_time_up_to_the_days_of_the_policy(self):
        dispute = self._open()
        with self.at(5):
            dispute.with_user(self.owner)._extend(day(30))
            self.assertEqual(dispute.until, day(30))
            for user in (self.owner, self.controller):
                with self.assertRaises(UserError) as caught:
                    dispute.with_user(user)._extend(day(31))
                self.assertIn("30 days", str(caught.exception))
            dispute.with_user(self.manager)._extend(day(31))
        self.assertEqual(dispute.until, day(31))

    def test_time_counts_from_the_day_it_was_raised(self):
        dispute = self._open()
        self._night(11)
        self.assertEqual(dispute.state, "expired")
        with self.at(25), self.assertRaises(UserError):
            dispute.with_user(self.owner)._extend(day(40))

    def test_nobody_opens_a_longer_one(self):
        with self.assertRaises(UserError):
            self._open(until=31)
        self.assertEqual(self._open(until=31, user=self.manager).until, day(31))

    def test_what_is_accepted_waits_for_its_credit_note_all_the_same(self):
        dispute = self._open(until=30)
        self._resolve(dispute, "accepted", offset=29)
        self.assertEqual((dispute.resolution, dispute.until), ("accepted", day(36)))

    def test_without_days_there_is_no_limit(self):
        self.policy.dispute_max_days = 0
        self.assertEqual(self._open(until=300).until, day(300))
