from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .agency_common import AgencyCommon
from .common import day


@tagged("post_install", "-at_install")
class TestPlacing(AgencyCommon):
    def test_nothing_is_placed_without_the_salespersons_note(self):
        note = self._ask()
        case = self._case()
        with self.assertRaisesRegex(UserError, "without the note"):
            self._prepare()
        values = {"case_id": case.id, "handover_id": note.id, "mandate_id": self.mandate.id}
        for state in ("ready", "sent"):  # with all rights as well
            with self.subTest(state=state), self.assertRaises(ValidationError):
                self.root["credit.placement"].create({**values, "state": state})
        with self.assertRaises(AccessError):
            self.env["credit.placement"].with_user(self.manager).create(values)

    def test_the_note_of_another_customer_does_not_do(self):
        placement = self._ready()
        other = self._create_debtor("Other")
        self._create_due(-35, partner=other)
        self._nights(1)
        with self.assertRaises(ValidationError):
            self.root["credit.placement"].create({
                "case_id": self._case(other).id, "handover_id": placement.handover_id.id,
            })

    def test_a_note_that_was_waived_by_a_manager_will_do(self):
        note = self._ask()
        with self.at(1):
            note.with_user(self.manager)._waive("He has left")
        self._send(self._prepare())
        self.assertEqual(self._case().state, "agency")

    def test_a_controller_prepares_and_a_manager_sends(self):
        placement = self._ready()
        self.assertEqual((placement.state, placement.mandate_id), ("ready", self.mandate))
        self.assertEqual(self._case().state, "collection")
        for user in (self.controller, self.salesperson, self.qualified.user_id):
            with self.assertRaises(AccessError):
                placement.with_user(user).action_send()
        self._send(placement)
        self.assertEqual((placement.state, self._case().state), ("sent", "agency"))
        self.assertDay(placement.sent_on, 1)
        self.assertEqual(placement.age, 36)
        self.assertIn("PLA/", placement.name)

    def test_a_lawyer_brings_the_case_to_legal(self):
        placement = self._ready()
        lawyer = self._create_mandate(
            name="Lawyer", does_collection=False, does_legal=True, licence_number=False
        )
        lawyer.with_user(self.manager).action_activate()
        placement.with_user(self.manager).write({"kind": "legal", "mandate_id": lawyer.id})
        self._send(placement)
        self.assertEqual(self._case().state, "legal")

    def test_an_agency_that_may_not_take_it_is_refused_in_words(self):
        placement = self._ready()
        for values, words in (
            ({"licence_until": day(0)}, "licence of .* has expired"),
            ({"licence_until": False, "licence_number": False}, "no licence"),
            ({"licence_number": "12/A", "contract_on": False}, "personal data"),
            ({"contract_on": day(0), "until_on": day(0)}, "is over"),
        ):
            self.mandate.write(values)
            with self.subTest(values=values), self.assertRaisesRegex(UserError, words):
                self._send(placement)
        with self.at(1):
            placement.invalidate_recordset()
            self.assertIn("is over", placement.refusal_note)
        self.assertEqual((placement.state, self._case().state), ("ready", "collection"))

    def test_the_agency_furthest_behind_its_share_gets_the_next(self):
        other = self._create_mandate(name="Second", share=3)
        other.with_user(self.manager).action_activate()
        self.mandate.share = 1
        debtors = [self._create_debtor(f"Debtor{number}") for number in range(4)]
        for debtor in debtors:
            self._create_due(-35, partner=debtor)
        self._nights(-12, -6, 0)
        chosen = []
        for debtor in debtors:
            case = self._case(debtor)
            with self.at(0):
                case.note_id.with_user(self.manager)._waive("test")
            placement = self._prepare(1, case)
            self._send(placement)
            chosen.append(placement.mandate_id)
        self.assertEqual(chosen.count(other), 3)
        self.assertEqual(chosen.count(self.mandate), 1)

    def test_a_mandate_without_share_is_chosen_by_hand_only(self):
        self.mandate.share = 0
        placement = self._ready()
        self.assertFalse(placement.mandate_id)
        with self.assertRaisesRegex(UserError, "No mandate is chosen"):
            self._send(placement)
        placement.with_user(self.manager).mandate_id = self.mandate
        self._send(placement)
        self.assertEqual(placement.state, "sent")

    def test_the_price_is_shown_before_it_is_sent(self):
        placement = self._ready().with_user(self.controller)
        with self.at(1):
            html = str(placement.price_html)
        # 10 fixed; 10 % up to half, 20 % above: 400 → 40, 600 → 50 + 20, 1000 → 50 + 100
        for amount in ("50.00", "80.00", "160.00"):
            self.assertIn(amount, html)
        self._send(placement)
        placement.invalidate_recordset()
        self.assertFalse(placement.price_html)


@tagged("post_install", "-at_install")
class TestItems(AgencyCommon):
    def test_what_is_disputed_or_promised_stays_in_the_house(self):
        disputed, promised = self._create_due(-20, 300.0), self._create_due(-20, 200.0)
        self._write_note(self._ask(), 1)
        with self.at(1):
            self.root["credit.dispute"]._open(
                self._case(), {self._items(disputed): 0}, day(30), text="Broken",
                owner=self.controller,
            )
            self._promise(self._items(promised), 200.0, 5)
        placement = self._prepare()
        self.assertEqual(placement.line_ids.mapped("amount"), [1000.0])

    def test_what_is_held_between_preparing_and_sending_is_refused(self):
        placement = self._ready()
        with self.at(1):
            self.root["credit.dispute"]._open(
                self._case(), {placement.line_ids.item_id: 0}, day(30), text="Broken",
                owner=self.controller,
            )
        with self.assertRaisesRegex(UserError, "can be placed|cannot be placed"):
            self._send(placement)

    def test_one_held_item_of_two_is_named(self):
        second = self._create_due(-20, 300.0)
        placement = self._ready()
        self.assertEqual(len(placement.line_ids), 2)
        with self.at(1):
            self._promise(self._items(second), 300.0, 5)
        with self.assertRaisesRegex(UserError, "promised"):
            self._send(placement)
        placement.line_ids.filtered(lambda line: line.amount == 300).with_user(
            self.manager
        ).unlink()
        self._send(placement)
        self.assertEqual(placement.amount, 1000.0)

    def _promise(self, items, amount, offset):
        agreement = self.root["credit.agreement"].create({
            "kind": "promise", "case_id": items.case_id.id, "currency_id": items.currency_id.id,
            "item_ids": [Command.set(items.ids)],
            "line_ids": [Command.create({"due_on": day(offset), "amount": amount})],
        })
        agreement._start()

    def test_a_paused_case_and_his_own_step_wait(self):
        note = self._ask()
        self._write_note(note, 1, own_step="I see him", own_step_until=day(5))
        with self.assertRaisesRegex(UserError, "takes care"):
            self._prepare(5)
        with self.at(6):
            self._case().with_user(self.controller)._pause(day(9), "Holidays")
        with self.assertRaisesRegex(UserError, "paused"):
            self._prepare(9)
        self.assertTrue(self._prepare(10))

    def test_amounts_are_those_of_the_moment_it_is_sent_and_freeze(self):
        placement = self._ready()
        move = placement.line_ids.item_id.move_id
        self._pay(move, 400.0, on=1)
        self._send(placement)
        self.assertEqual(placement.amount, 600.0)
        self.assertEqual(placement.amount_received, 0.0)
        self._pay(move, 250.0, on=3)
        placement.invalidate_recordset()
        self.assertEqual(placement.amount, 600.0)
        self.assertEqual(placement.amount_received, 250.0)
        self.assertEqual(placement.with_user(self.salesperson).amount_open, 350.0)

    def test_received_is_cash_since_the_placement_and_nothing_else(self):
        placement = self._placed()
        move = placement.line_ids.item_id.move_id
        self._pay(move, 100.0, on=-3)  # paid before, booked later
        credit = self._credit(move, 200.0)
        (credit.line_ids | move.line_ids).filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        self.assertEqual(placement.amount_received, 0.0)
        payment = self._pay(move, 300.0, on=4)
        placement.invalidate_recordset()
        self.assertEqual(placement.amount_received, 300.0)
        self.assertEqual(placement.received_share, 30.0)
        payment.action_draft()
        payment.action_cancel()
        placement.invalidate_recordset()
        self.assertEqual(placement.amount_received, 0.0)

    def test_what_came_after_the_recall_is_not_the_agencys(self):
        placement = self._placed()
        with self.at(5):
            placement.with_user(self.manager)._recall("We speak with them ourselves")
        self._pay(placement.line_ids.item_id.move_id, 300.0, on=6)
        placement.invalidate_recordset()
        self.assertEqual(placement.amount_received, 0.0)

    def test_money_of_a_day_is_paid_for_once_when_one_agency_follows_another(self):
        first = self._placed()
        with self.at(5):
            first.with_user(self.manager)._recall("Another agency is nearer")
        move = first.line_ids.item_id.move_id
        self._pay(move, 300.0, on=5)
        second = self._send(self._prepare(5), 5)
        self._pay(move, 100.0, on=5)
        self._pay(move, 50.0, on=6)
        placements = first | second
        placements.invalidate_recordset()
        self.assertEqual(placements.mapped("amount_received"), [400.0, 50.0])

    def test_a_payment_of_before_that_bounces_takes_nothing_from_the_agency(self):
        self._write_note(self._ask(), 1)
        move = self._case().open_item_ids.move_id
        earlier = self._pay(move, 400.0, on=0)
        placement = self._send(self._prepare())
        earlier.action_draft()
        earlier.action_cancel()
        self._pay(move, 250.0, on=3)
        placement.invalidate_recordset()
        self.assertEqual(placement.amount_received, 250.0)


@tagged("post_install", "-at_install")
class TestWhilePlaced(AgencyCommon):
    def _notices(self, code):
        return self.env["credit.action"].search([("notice", "=", code)])

    def test_the_house_stops_asking(self):
        self._write_note(self._ask(), 1)
        self._create_due(-2, 50.0)
        waiting = self._night(1, send=False).filtered(lambda a: a.state == "planned")
        self.assertTrue(waiting)
        self._send(self._prepare())
        self.assertEqual(waiting.mapped("state"), ["cancelled"])
        before = self.actions
        self._nights(*range(2, 25))
        self.assertEqual(self.actions, before)

    def test_recalled_it_goes_on_where_it_was(self):
        placement = self._placed()  # the call that nobody had made was withdrawn
        fresh = self._create_due(0, 50.0)
        self._nights(2, 4)
        with self.assertRaises(AccessError):
            placement.with_user(self.controller)._recall("no")
        before = self.actions
        with self.at(5):
            placement.with_user(self.manager)._recall("We speak with them ourselves")
        self.assertEqual((placement.state, self._case().state), ("recalled", "collection"))
        self.assertDay(placement.ended_on, 5)
        self._nights(6, 7)
        again = (self.actions - before).line_ids
        self.assertEqual(again.item_id, placement.line_ids.item_id | self._items(fresh))
        self.assertEqual(again.level_id.mapped("delay_days"), [10, 3])
        self.assertEqual(self._notices("recalled").user_id, self.salesperson)
        self.assertFalse(self.env["credit.placement"].search([("state", "=", "ready")]))

    def test_returned_it_can_be_placed_with_another(self):
        placement = self._placed()
        with self.at(4):
            placement.with_user(self.manager).action_accept()
            placement.with_user(self.manager)._return("Cannot be found")
        self.assertDay(placement.accepted_on, 4)
        self.assertEqual(self._notices("returned").user_id, self.salesperson)
        again = self._send(self._prepare(5), 5)
        self.assertNotEqual(again, placement)
        self.assertEqual(self._case().state, "agency")

    def test_one_case_has_one_open_placement(self):
        placement = self._placed()
        with self.at(2), self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            placement.sudo().copy({"handover_id": placement.handover_id.id})

    def test_paid_it_closes_with_the_case_and_the_salesperson_is_told(self):
        placement = self._placed()
        case = self._case()
        self._pay(placement.line_ids.item_id.move_id, on=3)
        self._night(4)
        self.assertEqual((placement.state, case.state), ("closed", "closed"))
        self.assertEqual(placement.amount_received, 1000.0)
        told = self._notices("placed") | self._notices("placement_closed")
        self.assertEqual(told.user_id, self.salesperson)
        self.assertEqual(set(told.mapped("state")), {"sent"})
        mails = self.env["mail.mail"].search([("body_html", "like", "Customer saved")])
        self.assertEqual(mails.recipient_ids, self.salesperson.partner_id)

    def test_what_was_placed_is_settled_and_the_rest_goes_on(self):
        placement = self._placed()
        self._create_due(0, 50.0)
        self._nights(2)
        self._pay(placement.line_ids.item_id.move_id, on=3)
        self._nights(4)
        self.assertEqual((placement.state, self._case().state), ("closed", "collection"))

    def test_a_case_closed_by_hand_takes_the_placement_back(self):
        placement = self._placed()
        with self.at(2):
            self._case().with_user(self.manager)._close_by_hand("Given up")
        self.assertEqual(placement.state, "recalled")

    def test_the_end_of_the_mandate_brings_everything_home(self):
        placement = self._placed()
        with self.at(2):
            self.mandate.with_user(self.manager)._end("They have merged")
        self.assertEqual((placement.state, self._case().state), ("recalled", "collection"))

    def test_a_policy_may_let_it_go_by_itself(self):
        self.policy.place_by_itself = True
        self._write_note(self._ask(), 2)
        self._nights(*range(3, 10))
        self.assertFalse(self._case().placement_ids)
        self._nights(10)
        self.assertEqual(self._case().placement_ids.state, "sent")
        self.assertEqual(self._case().state, "agency")
        self.assertFalse(self._case().activity_ids)

    def test_by_default_a_manager_decides(self):
        self._write_note(self._ask(), 2)
        self._nights(*range(3, 12))
        self.assertFalse(self._case().placement_ids)
        self.assertIn("Decide on the agency", self._case().activity_ids.mapped("summary"))
        self._send(self._prepare(11), 11)
        self.assertFalse(self._case().activity_ids)

    def test_what_cannot_go_by_itself_is_the_controllers_with_the_reason(self):
        self.policy.place_by_itself = True
        self.mandate.contract_on = False
        self._write_note(self._ask(), 2)
        self._nights(*range(3, 12))
        case = self._case()
        self.assertFalse(case.placement_ids)
        decide = case.activity_ids.filtered(lambda a: a.summary == "Decide on the agency")
        self.assertIn("No mandate is chosen", decide.note)

    def test_recalled_it_does_not_go_again_by_itself(self):
        self.policy.place_by_itself = True
        self._write_note(self._ask(), 2)
        self._nights(*range(3, 11))
        with self.at(11):
            self._case().placement_ids.with_user(self.manager)._recall("Ours again")
        self._nights(*range(11, 20))
        self.assertEqual(self._case().placement_ids.mapped("state"), ["recalled"])

    def test_two_customers_merged_are_placed_once(self):
        placement = self._placed()
        other = self._create_debtor("Other")
        self._create_due(-35, partner=other)
        self._nights(1, 2)
        case = self._case(other)
        case.with_user(self.controller).action_request_note()
        with self.at(2):
            case.note_id.with_user(self.manager)._waive("test")
        theirs = self._send(self._prepare(2, case), 2)
        with self.at(3):
            self.env["credit.case"]._merge_partners(other, self.debtor)
        self.assertEqual((placement.state, theirs.state), ("sent", "recalled"))
        self.assertEqual(theirs.case_id, placement.case_id)
        self.assertEqual(placement.case_id.state, "agency")


@tagged("post_install", "-at_install")
class TestLimits(AgencyCommon):
    def test_pressure_is_never_above_the_mandate_or_the_case(self):
        placement = self._ready().with_user(self.manager)
        self.mandate.pressure = "standard"
        self._case().pressure = "firm"
        placement.pressure = "standard"
        with self.assertRaises(ValidationError):
            placement.pressure = "firm"
        self.mandate.pressure = "formal"
        with self.assertRaises(ValidationError):
            placement.pressure = "formal"
        placement.pressure = "firm"
        self.assertEqual(placement.pressure_now, "firm")
        self._case().pressure = "gentle"
        self.assertEqual(placement.pressure_now, "gentle")

    def test_it_starts_with_what_the_salesperson_advised(self):
        self._write_note(self._ask(), 1, approach="gentle")
        self.assertEqual(self._prepare().pressure, "gentle")

    def test_where_the_relationship_comes_first_only_the_qualified_work(self):
        placement = self._placed().with_user(self.manager)
        self._case().relationship_priority = True
        with self.assertRaisesRegex(ValidationError, "not qualified"):
            placement.collector_id = self.plain
        with self.assertRaises(ValidationError):
            placement.sudo().write({"collector_id": self.plain.id})
        placement.collector_id = self.qualified
        self.assertEqual(placement.collector_id, self.qualified)

    def test_priority_granted_later_takes_the_unqualified_off(self):
        placement = self._placed()
        placement.with_user(self.manager).collector_id = self.plain
        with self.assertRaises(AccessError):
            self._case().with_user(self.controller).relationship_priority = True
        self._case().with_user(self.manager).relationship_priority = True
        self.assertFalse(placement.collector_id)

    def test_who_is_no_longer_qualified_is_taken_off(self):
        placement = self._placed().with_user(self.manager)
        self._case().relationship_priority = True
        placement.collector_id = self.qualified
        self.qualified.with_user(self.manager).action_disqualify()
        self.assertFalse(placement.collector_id)

    def test_who_has_left_the_mandate_is_taken_off(self):
        placement = self._placed().with_user(self.manager)
        placement.collector_id = self.plain
        self.plain.with_user(self.manager).active = False
        self.assertFalse(placement.collector_id)
        with self.assertRaises(ValidationError):
            placement.collector_id = self.plain

    def test_without_a_qualified_collector_a_priority_case_is_refused(self):
        self.qualified.with_user(self.manager).action_disqualify()
        placement = self._ready()
        self._case().relationship_priority = True
        with self.assertRaisesRegex(UserError, "no qualified collector"):
            self._send(placement)

    def test_what_was_placed_is_written_by_nobody(self):
        placement = self._placed().with_user(self.manager)
        for values in (
            {"state": "ready"}, {"sent_on": day(0)}, {"paid_before": 0}, {"amount": 1.0},
            {"handover_id": False}, {"case_id": False}, {"line_ids": [Command.clear()]},
            {"mandate_id": self.mandate.id}, {"kind": "legal"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                placement.write(values)
        with self.assertRaises(UserError):
            placement.line_ids.write({"amount": 1.0})
        with self.assertRaises(UserError):
            placement.line_ids.unlink()
        with self.assertRaises(UserError):
            placement.unlink()

    def test_a_salesperson_reads_those_of_his_customers(self):
        placement = self._placed()
        placement.with_user(self.salesperson).read()
        placement.line_ids.with_user(self.salesperson).read()
        placement.with_user(self.salesperson).get_view(view_type="form")
        stranger = self._create_seller("stranger")
        self.assertFalse(self.env["credit.placement"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            placement.with_user(self.salesperson).write({"pressure": "gentle"})

    def test_customers_are_merged_whatever_was_placed_of_them(self):
        """What is over stays as it was; what is out follows the gentler case at once."""
        over = self._placed()
        self._case().pressure = "firm"
        with self.at(2):
            over.with_user(self.manager).write({"pressure": "firm", "collector_id": self.plain.id})
            over.with_user(self.manager)._recall("Another agency")
        out = self._prepare(3)
        with self.at(3):
            out.with_user(self.manager).write({"pressure": "firm", "collector_id": self.plain.id})
        self._send(out, 3)
        third = self._create_collector("third", self.mandate)
        over.sudo().collector_id = third
        third.active = False
        other = self._create_debtor("Other")
        self._create_due(-5, partner=other)
        self._nights(4)
        self._case(other).write({"pressure": "gentle", "relationship_priority": True})
        with self.at(5):
            self.env["credit.case"]._merge_partners(self.debtor, other)
        self.assertEqual((over | out).case_id, self._case(other))
        self.assertEqual((over.pressure, over.collector_id), ("firm", third))
        self.assertEqual((out.state, out.pressure), ("sent", "gentle"))
        self.assertFalse(out.collector_id)
        self.assertEqual(self._case(other).state, "agency")

    def test_a_collector_reaches_none_of_it_by_rpc(self):
        placement = self._placed()
        placement.with_user(self.manager).collector_id = self.qualified
        user = self.qualified.user_id
        for record in (placement, placement.line_ids, placement.case_id, placement.handover_id):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(user).read(["id"])
        for name in ("action_send", "action_accept", "action_recall", "action_return"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                getattr(placement.with_user(user), name)()
