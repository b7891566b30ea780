from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import CreditCommon, day

LADDER = ((3, "email"), (10, "email"))


@tagged("post_install", "-at_install")
class HandoverCommon(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.level_ids.filtered(lambda level: level.delay_days not in (3, 10)).unlink()
        cls.leader = cls._create_seller("leader", name="Lea Leone")
        cls.team = cls.env["crm.team"].sudo().create({
            "name": "North", "company_id": cls.company.id, "user_id": cls.leader.id,
            "member_ids": [Command.set(cls.salesperson.ids)],
        })

    @classmethod
    def _create_seller(cls, login, **values):
        return new_test_user(
            cls.env, login, "sales_team.group_sale_salesman", email=f"{login}@bellandi.example",
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)], **values,
        )

    def _nights(self, *offsets):
        for offset in offsets:
            self._night(offset)

    def _ask(self):
        """The first note, asked from the salesperson on the day 0."""
        self._create_due(-35)
        self._nights(-12, -6, 0)
        return self._case().note_id

    def _write_note(self, note, offset=0, user=None, **values):
        with self.at(offset):
            note = note.with_user(user or self.salesperson)
            note.write({
                "approach_note": "Call in the morning", "contact_name": "Anna Ferri",
                "contact_phone": "+39 059 777", **values,
            })
            note.action_submit()

    def _notice(self, code):
        return self.env["credit.action"].search([
            ("case_id", "=", self._case().id), ("notice", "=", code), ("state", "!=", "cancelled"),
        ])


@tagged("post_install", "-at_install")
class TestHandover(HandoverCommon):
    def test_the_salesperson_is_asked_with_an_activity_and_one_mail(self):
        other = self._create_debtor("Other")
        self._create_due(-35, partner=other)
        note = self._ask()
        self.assertEqual((note.user_id, note.state), (self.salesperson, "requested"))
        self.assertEqual(note.activity_ids.user_id, self.salesperson)
        self.assertDay(note.deadline_on, 9)
        mails = self.env["mail.mail"].search([
            ("recipient_ids", "in", self.salesperson.partner_id.ids),
            ("subject", "like", "Notes on customers"),
        ])
        self.assertEqual(len(mails), 1)
        self.assertIn("Other", mails.body_html)

    def test_nothing_is_ready_without_the_note(self):
        self._ask()
        self._nights(*range(1, 20))
        self.assertFalse(self._notice("ready"))

    def test_with_the_note_it_is_ready_on_its_day(self):
        note = self._ask()
        self._write_note(note, 2)
        self._nights(*range(3, 12))
        self.assertDay(self._notice("ready").date, 10)

    def test_a_note_that_comes_late_makes_it_ready_the_next_night(self):
        note = self._ask()
        self._nights(*range(1, 16))
        self._write_note(note, 15)
        self._nights(16)
        self.assertDay(self._notice("ready").date, 16)

    def test_his_own_step_delays_the_handover_up_to_its_day(self):
        note = self._ask()
        self._write_note(note, 8, own_step="I see him on Friday", own_step_until=day(14))
        self._nights(*range(9, 15))
        self.assertFalse(self._notice("ready"))
        self._nights(15)
        self.assertDay(self._notice("ready").date, 15)

    def test_his_own_step_has_a_limit(self):
        note = self._ask()
        with self.assertRaises(UserError):
            self._write_note(note, 1, own_step="Later", own_step_until=day(90))

    def test_he_is_reminded_once_and_then_his_leader_is_asked(self):
        note = self._ask()
        self._nights(*range(1, 14))
        self.assertDay(note.reminded_on, 2)
        self.assertDay(note.escalated_on, 9)
        self.assertEqual(note.activity_ids.user_id, self.salesperson | self.leader)
        self._write_note(note, 13, user=self.leader)
        self.assertEqual(note.state, "submitted")

    def test_who_has_nobody_above_him_keeps_one_activity(self):
        self.team.user_id = self.salesperson
        note = self._ask()
        self._nights(*range(1, 14))
        self.assertDay(note.escalated_on, 9)
        self.assertEqual(len(note.activity_ids), 1)

    def test_a_manager_waives_with_a_reason_nobody_else(self):
        note = self._ask()
        for user in (self.salesperson, self.controller):
            with self.assertRaises(AccessError):
                note.with_user(user)._waive("no time")
        with self.at(1):
            note.with_user(self.manager)._waive("He has left the company")
        self.assertEqual(note.waiver_id, self.manager)
        self._nights(*range(2, 11))
        self.assertTrue(self._notice("ready"))

    def test_a_reason_of_blanks_is_none(self):
        note = self._ask()
        ask = self.env["credit.ask"].with_user(self.manager)
        for reason in (False, "", "   ", "\n\t"):
            window = ask.create({
                "question": "waive", "res_model": note._name, "res_ids": note.ids,
                "reason": reason,
            })
            with self.assertRaisesRegex(UserError, "Write the reason"):
                window.action_apply()
        self.assertEqual(note.state, "requested")

    def test_it_is_asked_from_the_salesperson_of_the_order_first(self):
        seller = self._create_seller("order_seller")
        order = self.env["sale.order"].sudo().create({
            "partner_id": self.debtor.id, "company_id": self.company.id, "user_id": seller.id,
            "order_line": [Command.create({
                "product_id": self.product_a.id, "product_uom_qty": 1, "price_unit": 10.0,
            })],
        })
        move = self._create_due(-35)
        move.invoice_line_ids.sale_line_ids = order.order_line
        self._nights(-12, -6, 0)
        self.assertEqual(self._case().note_id.user_id, seller)

    def test_it_is_never_asked_from_who_has_left(self):
        self._create_due(-35).invoice_user_id = self.salesperson
        self._nights(-12, -6)
        self.salesperson.active = False
        self._nights(0)
        self.assertEqual(self._case().note_id.user_id, self.leader)

    def test_where_nobody_controls_tasks_are_the_managers_and_not_the_machinerys(self):
        self.company.credit_controller_id = self.policy.user_id = False
        note = self._ask()
        self._write_note(note, 2)
        self._nights(*range(3, 12))
        case = self._case()
        self.assertFalse(case.user_id)
        manager = self.env["credit.task"]._get_manager(self.company)
        self.assertEqual(case.activity_ids.user_id, manager)
        self.assertFalse(manager._is_superuser())

    def test_where_he_leaves_before_he_has_answered_somebody_else_is_asked(self):
        self.team.sudo().user_id = False
        note = self._ask()
        self.assertEqual(note.user_id, self.salesperson)
        self.salesperson.active = False
        with self.at(1):
            self.root["credit.handover"]._chase(self.company, day(1))
        self.assertTrue(note.user_id.active)
        self.assertEqual(note.activity_ids.user_id, note.user_id)
        self._write_note(note, 2, user=note.user_id)
        self.assertEqual(note.state, "submitted")

    def test_a_new_contact_is_added_to_the_customer(self):
        note = self._ask()
        self._write_note(note, 1)
        self.assertEqual(note.contact_id.parent_id, self.debtor)
        self.assertEqual(note.contact_id.name, "Anna Ferri")

    def test_special_attention_stays_on_the_customer_and_comes_back(self):
        note = self._ask()
        self._write_note(note, 1, special_attention=True, special_how="Never by letter")
        self.assertEqual(self.debtor.credit_care_attention, "Never by letter")

    def test_priority_is_granted_by_a_manager_on_advice(self):
        note = self._ask()
        self._write_note(note, 1, asks_priority=True)
        self.assertFalse(self._case().relationship_priority)
        with self.assertRaises(AccessError):
            note.with_user(self.controller).action_grant_priority()
        note.with_user(self.manager).action_grant_priority()
        self.assertTrue(self._case().relationship_priority)

    def test_a_note_without_word_or_person_is_refused(self):
        note = self._ask()
        for values in ({"approach_note": False}, {"contact_name": False}):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._write_note(note, 1, **values)

    def test_who_settles_ends_it_and_a_later_default_asks_again(self):
        note = self._ask()
        self._write_note(note, 1)
        case = self._case()
        self._pay(self._items(case.open_item_ids.move_id).move_id, on=2)
        self._nights(2)
        self.assertTrue(note.ended_on)
        self.assertEqual(case.state, "closed")

    def test_whoever_writes_is_told_that_the_customer_may_ask_for_it(self):
        for model in ("credit.handover", "credit.attention"):
            arch = self.env[model].with_user(self.salesperson).get_view(view_type="form")["arch"]
            self.assertIn("he may ask for what is stored about him", " ".join(arch.split()), model)

    def test_another_salesperson_neither_reads_nor_writes_it(self):
        note = self._ask()
        stranger = self._create_seller("stranger")
        with self.assertRaises(AccessError):
            note.with_user(stranger).read(["approach_note"])
        with self.assertRaises(AccessError):
            note.with_user(stranger).write({"approach_note": "x"})

    def test_his_word_is_a_fact_once_given(self):
        note = self._ask()
        self._write_note(note, 1)
        with self.assertRaises(UserError):
            note.with_user(self.salesperson).write({"approach_note": "Something else"})
        with self.assertRaises(AccessError):
            note.with_user(self.salesperson).write({"state": "requested"})

    def test_the_person_to_speak_with_is_no_stranger(self):
        note = self._ask()
        stranger = self._create_debtor("Stranger")
        with self.assertRaises(UserError):
            self._write_note(note, contact_id=stranger.id)

    def test_what_was_decided_on_the_relationship_is_asked_no_more(self):
        note = self._ask()
        self._write_note(note, 1, asks_priority=True)
        self.assertTrue(note.awaits_priority)
        for action, granted in (("action_refuse_priority", False), ("action_grant_priority", True)):
            getattr(note.with_user(self.manager), action)()
            self.assertFalse(note.awaits_priority)
            self.assertEqual(note.priority_decision, "granted" if granted else "refused")
            self.assertEqual(self._case().relationship_priority, granted)

    def test_no_one_writes_the_decision_by_hand(self):
        note = self._ask()
        with self.assertRaises(AccessError):
            note.with_user(self.salesperson).write({"priority_decision": "granted"})

    def test_whoever_calls_reads_the_note(self):
        note = self._ask()
        screen = self._call_screen()
        self.assertFalse(screen.note_by)
        self._write_note(
            note, 1, special_attention=True, special_how="Never the son",
            own_step="I see him", own_step_until=day(4),
        )
        screen = self._call_screen()
        self.assertEqual(
            (screen.note_by, screen.note_approach, screen.note_attention),
            ("Sara Serra", "Call in the morning", "Never the son"),
        )
        self.assertIn("Anna Ferri", screen.note_contact)
        self.assertIn("I see him", screen.note_step)

    def _call_screen(self):
        with self.at(1):
            case = self._case().with_user(self.controller)
            return case.env["credit.call"].browse(case.action_log_call()["res_id"])
