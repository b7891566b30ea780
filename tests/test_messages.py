from odoo.tests import tagged

from .common import day
from .test_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestMessages(AgreementCommon):
    """Messages that are no step of the policy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.thanks = True

    def _purposes(self):
        return self.messages.mapped("purpose")

    def test_who_pays_after_a_reminder_is_thanked_once(self):
        first = self._create_due(-3, 100.0)
        self._create_due(-3, 200.0)
        self._night(0)
        self._pay(first, on=1)
        for offset in (1, 2, 3):
            self._night(offset)
        self.assertEqual(self._purposes(), ["thanks"])
        self.assertEqual(self.messages.state, "queued")

    def test_the_last_payment_gets_one_message_not_two(self):
        first = self._create_due(-3, 100.0)
        self._night(0)
        self._pay(first, on=1)
        self._night(1)
        self._night(2)
        self.assertEqual(self._purposes(), ["closing"])

    def test_who_pays_in_time_is_left_in_peace(self):
        move = self._create_due(4, 100.0)
        self._night(0)
        self._pay(move, on=1)
        self._night(1)
        self.assertFalse(self.messages)

    def test_a_credit_note_is_no_payment(self):
        move = self._create_due(-3, 100.0)
        self._night(0)
        note = self._credit(move)
        (note | move).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self._night(1)
        self.assertFalse(self.messages)

    def test_an_answer_leaves_while_the_bank_is_not_booked(self):
        self.company.credit_bank_fresh_days = 5
        self._create_due(-3, 100.0)
        self._night(0)
        with self.at(0):
            self.root["credit.action"]._plan_message(
                self._case(), "resend", items=self._case().open_item_ids
            )
        self._tick("credit.action", "_cron_send")
        self.assertEqual(self.messages.state, "queued")
        self.assertEqual(self.actions.state, "planned")

    def test_an_answer_is_no_contact_that_delays_the_ladder(self):
        self._create_due(0, 100.0)
        self.policy.level_ids[0].min_amount = 1000.0  # no courtesy before
        self._night(0)
        with self.at(2):
            self.root["credit.action"]._plan_message(
                self._case(), "resend", items=self._case().open_item_ids
            )
        self._night(2)
        self._night(3)
        self.assertEqual(self.actions.level_id.mapped("delay_days"), [3])

    def test_an_instalment_paid_since_the_night_is_not_chased(self):
        move = self._create_due(-2)
        self._night(0)
        self._agree("plan", [(10, 500.0), (40, 500.0)])
        self._night(8)
        self._night(12, send=False)
        chase = self.messages[-1]
        self.assertEqual((chase.purpose, chase.state), ("chase", "planned"))
        self._pay(move, 500.0, on=12)
        with self.at(12):
            self._send()
        self.assertEqual(chase.state, "cancelled")

    def test_a_message_of_an_instalment_names_its_day_and_amount(self):
        self._create_due(-2)
        self._night(0)
        self._agree("plan", [(10, 400.0), (40, 600.0)])
        self._night(8)
        self.assertIn("400.00", self.messages.body)
        self.assertNotIn("600.00", self.messages.body)

    def test_every_message_carries_the_link_to_the_page_but_thanks(self):
        move = self._create_due(-3, 100.0)
        self._night(0)
        self.assertIn(f"/credit/{self._case().id}/", self.actions.body)
        self._pay(move, on=1)
        self._night(1)
        self.assertNotIn("/credit/", self.messages.body)

    def test_a_night_over_many_plans_costs_as_many_queries_as_over_few(self):
        for number in range(24):
            partner = self._create_debtor(f"D{number}")
            self._create_due(-2, 100.0, partner)
        self._night(0)
        cases = self.env["credit.case"].search([("company_id", "=", self.company.id)])
        for case in cases:
            self._agree("plan", [(20, 50.0), (50, 50.0)], case=case)
        agreements = self.env["credit.agreement"].browse(cases.agreement_ids.ids)
        few, many = (self._cost_of_review(some, 5) for some in (agreements[:3], agreements))
        self.assertLessEqual(many, few)
        few, many = (
            self._cost_of_review(some, 18) for some in (agreements[:3], agreements[3:])
        )
        self.assertLessEqual(many, few)
        self.assertEqual(len(self.messages), 24, "each has been reminded")

    def _cost_of_review(self, agreements, offset):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with self.at(offset):
            agreements._review(day(offset))
            self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_nobody_is_chased_while_his_answer_is_looked_into(self):
        self._create_due(-2)
        self._night(0)
        self._agree("plan", [(10, 500.0), (40, 500.0)])
        self._night(8)
        self._case().sudo().write({"paused_until": day(14), "pause_reason": "He says he has paid"})
        self._night(12)
        self.assertNotIn("queued", self.messages.filtered(
            lambda action: action.purpose == "chase"
        ).mapped("state"))
        self._night(13)
        self._night(15)
        chase = self.messages.filtered(lambda action: action.purpose == "chase")
        self.assertEqual(chase.mapped("state"), ["queued"])

    def test_nobody_is_chased_for_what_is_disputed(self):
        self._create_due(-2)
        self._night(0)
        self._agree("plan", [(10, 500.0), (40, 500.0)])
        self._night(8)
        case = self._case()
        with self.at(9):
            self.env["credit.dispute"]._open(
                case, dict.fromkeys(case.open_item_ids, 0), day(30), text="Broken glass"
            )
        self._night(12)
        self.assertNotIn("queued", self.messages.filtered(
            lambda action: action.purpose == "chase"
        ).mapped("state"))

    def test_no_instalment_asks_for_more_than_is_open(self):
        move = self._create_due(-2)
        self._night(0)
        self._agree("plan", [(10, 500.0), (40, 500.0)])
        note = self._credit(move, 850.0)
        (note.line_ids | move.line_ids).filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        self._night(8)
        self.assertIn("150.00", self.messages.body)
        self.assertEqual(self.messages.body.count("500.00"), 1)  # of which 150 are left

    def test_a_text_that_somebody_has_deleted_stops_no_night(self):
        self._create_due(-2)
        self._night(0)
        plan = self._agree("plan", [(10, 500.0), (40, 500.0)])
        for purpose in ("instalment", "thanks", "closing"):
            self.env.ref(f"account_credit_care.mail_template_{purpose}").unlink()
        self._night(8)
        self.assertEqual(self.messages.channel, "activity")
        self.assertFalse(plan.activity_ids)

    def test_who_is_asked_for_an_instalment_reads_where_to_pay(self):
        bank = self._create_bank()
        self._create_due(-2)
        self._night(0)
        self._agree("plan", [(10, 400.0), (40, 600.0)])
        for offset in range(1, 16):
            self._night(offset)
        self.assertEqual(self._purposes(), ["instalment", "chase"])
        for message in self.messages:
            self.assertIn(bank.acc_number[-4:], message.body)

    def test_one_who_cannot_be_thanked_stops_no_thanks_of_others(self):
        other = self._create_debtor("Other")
        moves = [self._create_due(-3, partner=partner) for partner in (self.debtor, other)]
        self._night(0)
        self.env.cr.execute(
            """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
               AS $$ BEGIN RAISE 'refused'; END $$;
               CREATE TRIGGER refuse BEFORE INSERT ON credit_action FOR EACH ROW
               WHEN (NEW.purpose = 'closing' AND NEW.case_id = %s) EXECUTE FUNCTION refuse()""",
            [self._case().id],
        )
        for move in moves:
            self._pay(move, on=1)
        with self.assertLogs("odoo.addons.account_credit_care", "ERROR"):
            self._night(1)
        self.assertEqual(self.messages.mapped("case_id.partner_id"), other)
        self.env.cr.execute("DROP TRIGGER refuse ON credit_action")
        self._night(2)
        self.assertEqual(self.messages.mapped("case_id.partner_id"), self.debtor | other)

    def test_nobody_is_thanked_for_a_payment_that_came_back(self):
        first = self._create_due(-3, 100.0)
        self._create_due(-3, 200.0)
        self._night(0)
        payment = self._pay(first, on=1)
        self._night(1, send=False)
        self.assertEqual((self._purposes(), self.messages.state), (["thanks"], "planned"))
        payment.action_draft()
        payment.action_cancel()
        self._night(2)
        self.assertEqual(self.messages.state, "cancelled")
        self._pay(first, on=3)
        self._night(3)
        self.assertEqual(self.messages.mapped("state"), ["cancelled", "queued"])

    def test_the_end_is_not_thanked_for_before_it_has_come(self):
        first = self._create_due(-3, 100.0)
        second = self._create_due(-3, 200.0)
        self._night(0)
        self._pay(first, on=1)
        payment = self._pay(second, on=1)
        self._night(1, send=False)
        self.assertEqual((self._purposes(), self.messages.state), (["closing"], "planned"))
        payment.action_draft()
        payment.action_cancel()
        for offset in (2, 3):
            self._night(offset)
        self.assertEqual(self.messages.mapped("purpose"), ["closing", "thanks"])
        self.assertEqual(self.messages.mapped("state"), ["cancelled", "queued"])
