from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..domain.fee_statement import Book, statement
from ..domain.fees import Entrusted, Receipt
from .agency_common import AgencyCommon
from .common import day


@tagged("post_install", "-at_install")
class TestCourtesy(AgencyCommon):
    """A step by phone that an agency makes in our name: day 20 of a ladder 3, 10, 20, 30."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.write({"place_after_days": 90, "level_ids": [
            (0, 0, {
                "name": "Courtesy call", "delay_days": 20, "channel": "phone",
                "executor": "agency", "agency_days": 6, "script": "<p>How are you?</p>",
            }),
            (0, 0, {
                "name": "After it", "delay_days": 30, "channel": "email",
                "mail_template_id": cls.template.id,
            }),
        ]})
        cls.level = cls.policy.level_ids.filtered(lambda level: level.delay_days == 20)
        cls.calls = cls._create_mandate(
            name="Calls", does_courtesy=True, does_collection=False, courtesy_window_days=5,
        )
        cls.calls.with_user(cls.manager).action_activate()

    def _overdue(self, *nights, noted=True):
        """Overdue since the day -10, so that the call falls on the day 10."""
        self._create_due(-10)
        self._nights(-7, 0, 5)
        if noted:
            self._write_note(self._case().note_id, 6)
        self._nights(*(nights or (10,)))
        return self._case().placement_ids

    def _log(self, placement, outcome, offset=12, user=None, **values):
        with self.at(offset):
            return placement.with_user(user or self.controller)._log_courtesy(outcome, **values)

    # ------------------------------------------------------------------ entrusted

    def test_the_salesperson_is_asked_before_the_call(self):
        self._create_due(-10)
        self._nights(-7, 0, 5)
        note = self._case().note_id
        self.assertDay(note.requested_on, 5)
        self.assertDay(note.deadline_on, 9)

    def test_the_step_goes_to_an_agency_and_the_case_stays_what_it_is(self):
        placement = self._overdue()
        self.assertEqual(
            (placement.kind, placement.state, placement.mandate_id, placement.pressure),
            ("courtesy", "sent", self.calls, "gentle"),
        )
        case = self._case()
        self.assertEqual(case.state, "collection")
        self.assertFalse(case.activity_ids)
        self.assertDay(placement.until_on, 16)
        call = placement.action_ids
        self.assertEqual((call.level_id, call.state, call.channel), (self.level, "queued", "phone"))
        self.assertEqual(self._items(placement.line_ids.item_id.move_id).level_id, self.level)

    def test_the_disclosure_comes_first_in_the_script(self):
        script = str(self._overdue().script)
        self.assertLess(script.index("I call for Bellandi"), script.index("How are you?"))

    def test_without_disclosure_nobody_calls_in_our_name(self):
        self.calls.disclosure = False
        self.assertFalse(self._overdue())
        self.assertIn("disclosure line", self._case().activity_ids.note)

    def test_without_the_note_the_house_calls_until_it_is_there(self):
        self.assertFalse(self._overdue(noted=False))
        case = self._case()
        task = case.activity_ids.filtered(lambda a: a.summary == "Courtesy call")
        self.assertIn("without the note", task.note)
        self.assertIn("How are you?", task.note)
        self._nights(11)
        self.assertFalse(case.placement_ids)
        self._write_note(case.note_id, 11)
        self._nights(12)
        self.assertEqual(case.placement_ids.state, "sent")
        self.assertFalse(task.exists())
        self.assertEqual(len(case.placement_ids.action_ids), 1)

    def test_where_a_placement_is_prepared_the_house_calls(self):
        self._create_due(-10)
        self._nights(-7, 0, 5)
        self._write_note(self._case().note_id, 6)
        prepared = self._prepare(7)
        self._nights(10)
        case = self._case()
        self.assertEqual((case.placement_ids, prepared.state), (prepared, "ready"))
        task = case.activity_ids.filtered(lambda a: a.summary == "Courtesy call")
        self.assertIn("placed, or about to be", task.note)

    def test_a_call_that_the_house_has_made_is_not_entrusted_any_more(self):
        self._overdue(noted=False)
        case = self._case()
        with self.at(11):
            case.with_user(self.controller)._log_outcome("reached", self.env["credit.reason"], "")
        self._write_note(case.note_id, 11)
        self._nights(12)
        self.assertFalse(case.placement_ids)

    def test_meanwhile_nobody_else_asks_and_the_night_takes_nothing_back(self):
        placement = self._overdue()
        before = self.actions
        self._nights(11, 13, 16)
        self.assertEqual(self.actions, before)
        self.assertEqual((placement.state, placement.action_ids.state), ("sent", "queued"))
        with self.at(12):
            self.assertIn("entrusted", self._case().hold_reason)

    def test_after_its_days_it_comes_home_and_the_steps_go_on(self):
        placement = self._overdue()
        self._nights(16, 17, 20)
        self.assertEqual((placement.state, placement.action_ids.state), ("recalled", "skipped"))
        self.assertDay(placement.ended_on, 17)
        self.assertIn(30, self.actions.level_id.mapped("delay_days"))

    def test_the_house_does_not_log_the_agencys_call_as_its_own(self):
        placement = self._overdue()
        case = self._case()
        self.assertFalse(case._get_planned_call())
        self.assertFalse(self.env["credit.case"].with_user(self.controller)._get_next_call([]))
        self.assertEqual(placement.action_ids.state, "queued")

    def test_before_anything_is_due_a_call_is_about_what_falls_due(self):
        self.policy.level_ids = [(0, 0, {
            "name": "Hello", "delay_days": -5, "channel": "phone", "executor": "agency",
        })]
        self._create_due(7)
        self._night(0)
        self._night(2, send=False)
        case = self._case()
        with self.at(2):
            case.with_user(self.controller).action_request_note()
            case.note_id.with_user(self.manager)._waive("An old friend")
            self._send()
        self.assertEqual(case.placement_ids.state, "sent")
        self.assertEqual((case.state, case.placement_ids.age), ("courtesy", 0))
        self.assertFalse(case.defaulted_on)

    def test_who_wants_no_calls_gets_none(self):
        self.debtor.credit_care_no_calls = True
        self.assertFalse(self._overdue())
        call = self.actions.filtered(lambda a: a.level_id == self.level)
        self.assertEqual(call.channel, "activity")

    # ------------------------------------------------------------------ what came of it

    def test_each_outcome_is_followed(self):
        placement = self._overdue()
        call = self._log(placement, "not_reached")
        self.assertEqual((call.state, call.outcome), ("done", "not_reached"))
        self.assertEqual(placement.state, "sent")
        again = self._log(placement, "will_pay", 13, on=day(20), remark="On the 20th")
        self.assertNotEqual(again, call)
        self.assertEqual((placement.state, placement.end_reason), ("returned", "Pays on a day"))
        promise = self._case().agreement_ids
        self.assertEqual((promise.kind, promise.state, promise.amount_agreed),
                         ("promise", "running", 1000.0))
        self.assertIn("Pays on a day", again.result_note)

    def test_what_was_lost_is_sent_again(self):
        placement = self._overdue()
        self._log(placement, "invoice_lost")
        self.assertTrue(self._case().action_ids.filtered(lambda a: a.purpose == "resend"))

    def test_a_complaint_is_a_dispute_of_the_house(self):
        placement = self._overdue()
        with self.assertRaises(UserError):
            self._log(placement, "complaint")
        self._log(placement, "complaint", remark="Two boxes were broken")
        dispute = self._case().dispute_ids
        self.assertEqual((dispute.state, dispute.source), ("open", "agency"))
        self.assertEqual(dispute.text, "Two boxes were broken")

    def test_solved_waits_for_the_money(self):
        self._log(self._overdue(), "solved")
        self.assertDay(self._case().paused_until, 19)

    def test_no_more_calls_is_kept_and_told(self):
        placement = self._overdue()
        self._log(placement, "no_more_calls", remark="Write to me")
        self.assertTrue(self.debtor.credit_care_no_calls)
        self.assertIn("Write to me", self._case().activity_ids.mapped("note")[-1])
        with self.at(13), self.assertRaisesRegex(UserError, "wants no calls"):
            self.env["credit.placement"]._prepare(self._case(), "courtesy")

    def test_only_what_is_on_the_list_and_only_while_it_is_out(self):
        placement = self._overdue()
        for outcome, values in (
            ("anything", {}), ("will_pay", {}), ("will_pay", {"on": day(1)}),
            ("solved", {"remark": "x" * 1001}),
        ):
            with self.subTest(outcome), self.assertRaises(UserError):
                self._log(placement, outcome, **values)
        self._log(placement, "solved")
        with self.assertRaises(UserError):
            self._log(placement, "solved")
        with self.assertRaises(AccessError):
            placement.with_user(self.salesperson).action_log_courtesy()
        with self.assertRaises(UserError):
            placement.action_ids.with_user(self.controller).write({"courtesy_outcome": "solved"})

    def test_the_window_writes_it_down(self):
        placement = self._overdue()
        with self.at(12):
            window = self.env["credit.courtesy"].with_user(self.controller).create({
                "placement_id": placement.id, "outcome": "solved", "remark": "Has paid today",
            })
            window.action_save()
        self.assertEqual(placement.action_ids.courtesy_outcome, "solved")
        self.assertEqual(placement.action_ids.user_id, self.controller)

    def test_a_call_of_the_agency_counts_in_the_caps_of_all_hands(self):
        """Invariant 7: what the agency has said today, the house does not say again."""
        self.policy.write({"max_contacts_day": 1, "max_contacts_week": 3})
        placement = self._overdue()
        run = self.root["credit.run"]
        case = self._case()
        self.assertFalse(run._recent_contacts(case, day(12))[case.id])
        self._log(placement, "not_reached", 12)
        self.assertEqual(run._recent_contacts(case, day(12))[case.id], [day(12)])

    def test_no_success_fee_on_what_would_have_been_paid_anyway(self):
        placement = self._overdue()
        move = placement.line_ids.item_id.move_id
        self._pay(move, 600.0, on=12)
        self._pay(move, 300.0, on=16)
        placed = Entrusted(placement.id, placement.sent_on, 100000, placement.age, "courtesy")
        [(_key, cash)] = placement._read_cash_since().items()
        told = statement(
            self.calls._to_terms(),
            Book((placed,), tuple(Receipt(placement.id, on, units) for on, units in cash)),
            day(0), day(30),
        )
        # nothing on the 600 of the second day; 10 % of the 300 after the window of five
        self.assertEqual((told.fixed, told.success), (1000, 3000))

    def test_what_comes_after_the_call_is_told_as_what_the_call_has_brought(self):
        """It has given the item back as soon as it has reached somebody."""
        placement = self._overdue()
        move = placement.line_ids.item_id.move_id
        self._log(placement, "solved", 12)
        self.assertDay(placement.ended_on, 12)
        self._pay(move, 600.0, on=15)
        with self.at(20):
            self._case().with_user(self.controller)._log_outcome(
                "reached", self.env["credit.reason"], "Will pay the rest"
            )
        self._pay(move, 400.0, on=21)
        with self.at(25):
            found = self.env["credit.figures"]._get_customers(self.company, day(0), day(25))
        self.assertEqual(
            {one["code"]: one["amount"] for one in found["stages"]["stages"] if one["amount"]},
            {"courtesy": 600, "call": 400},
        )

    # ------------------------------------------------------------------ at the desk

    def test_the_agency_logs_it_at_its_desk_within_hours_and_caps(self):
        collector = self._create_collector("cora", self.calls)
        placement = self._overdue()
        desk = self.env["credit.agency.desk"].with_user(collector.user_id)
        with self.at(12):
            self.assertIn("I call for Bellandi", desk.get_script(placement.id))
            answer = desk.log_courtesy(placement.id, "not_reached")
        call = self.env["credit.action"].browse(answer["id"])
        self.assertEqual((call.collector_id, call.user_id), (collector, collector.user_id))
        self.assertEqual((placement.state, placement.collector_id), ("accepted", collector))
        self.policy.max_contacts_day = 1
        with self.at(12), self.assertRaisesRegex(UserError, "Not now"):
            desk.log_courtesy(placement.id, "solved")
        with self.at(13):
            desk.log_courtesy(placement.id, "will_pay", "On Friday", "2026-03-27")
            with self.assertRaises(AccessError):
                desk.log_courtesy(placement.id, "solved")
        self.assertEqual(self._case().agreement_ids.negotiated_by, "collector")

    def test_what_follows_from_such_a_call_is_the_houses_also_by_rpc(self):
        collector = self._create_collector("cora", self.calls)
        placement = self._overdue()
        desk = self.env["credit.agency.desk"].with_user(collector.user_id)
        acts = (
            ("log_contact", "reached"), ("promise", 10, "EUR", "2026-03-20"),
            ("propose", "plan", {}), ("propose", "settlement", {}),
            ("claim", 10, "EUR", "2026-03-15", "cash"),
        )
        for act, *values in acts:
            with self.subTest(act=act), self.at(12), self.assertRaisesRegex(UserError, "its page"):
                getattr(desk, act)(placement.id, *values)

    def test_a_collector_silences_nobody_for_longer_than_a_promise_may_last(self):
        collector = self._create_collector("cora", self.calls)
        placement = self._overdue()
        desk = self.env["credit.agency.desk"].with_user(collector.user_id)
        with self.at(12), self.assertRaisesRegex(UserError, "propose a plan"):
            desk.log_courtesy(placement.id, "will_pay", "In ten years", "2036-03-27")
        self.assertFalse(self._case().agreement_ids)

    def test_a_word_by_phone_ends_no_plan_that_was_signed_meanwhile(self):
        placement = self._overdue()
        with self.at(11):
            plan = self.env["credit.agreement"].sudo().create({
                "case_id": placement.case_id.id, "kind": "plan", "count": 2, "first_on": day(20),
                "currency_id": self.company.currency_id.id,
                "item_ids": [(6, 0, placement.line_ids.item_id.ids)],
            })
            plan.action_make_schedule()
            plan._start()
        self._log(placement, "will_pay", on=day(14))
        self.assertEqual(plan.state, "running")
        self.assertEqual(placement.case_id.agreement_ids, plan)

    def test_a_call_in_our_name_is_over_for_the_agency_after_its_last_day(self):
        collector = self._create_collector("cora", self.calls)
        placement = self._overdue()
        desk = self.env["credit.agency.desk"].with_user(collector.user_id)
        with self.at(16):
            self.assertTrue(desk._get_placements())
        with self.at(17):  # before the night
            self.assertFalse(desk._get_placements())
        self.assertEqual(placement.state, "sent")

    # ------------------------------------------------------------------ mistakes

    def test_an_agency_does_not_write_in_our_name(self):
        with self.assertRaisesRegex(ValidationError, "it does not write"):
            self.level.write({"channel": "email", "mail_template_id": self.template.id})
