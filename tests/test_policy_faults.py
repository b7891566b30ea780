from unittest.mock import patch

from psycopg2.errors import CheckViolation, SerializationFailure, UniqueViolation

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .policy_common import PolicyCommon


@tagged("post_install", "-at_install")
class TestBadConfiguration(PolicyCommon):
    """Each fault is refused when it is saved, in a sentence that names what to mend."""

    def _level(self, day, name=None, text=True, **values):
        return Command.create({
            "name": name or f"Step {day}", "delay_days": day, "channel": "email",
            "mail_template_id": self.template.id if text else False, **values,
        })

    def _draft(self, *levels, **values):
        return self.env["credit.policy"].create({
            "name": "Trial", "company_id": self.company.id, "level_ids": list(levels), **values,
        })


    def test_levels_that_contradict_each_other_or_lack_something(self):
        cases = {
            "same day": (
                [self._level(3, "First"), self._level(3, "Second")],
                ("Second", "same day", "First", "day of its own"),
            ),
            "within the gap": (
                [self._level(3, "First"), self._level(7, "Second")],
                ("Second", "less than 5 days after", "First", "lower"),
            ),
            "within the gap around the due date": (
                [self._level(-2, "Before"), self._level(1, "After")],
                ("After", "less than 5 days after", "Before"),
            ),
            "too early": ([self._level(-91, "Early")], ("Early", "-91 days", "90 days before")),
            "too late": ([self._level(3651, "Late")], ("Late", "3651 days", "ten years")),
            "e-mail without a text": (
                [self._level(3, "Mute", text=False)], ("Mute", "no text", "Choose a template"),
            ),
            "letter without a text": (
                [self._level(3, "Mute", text=False, channel="letter")], ("Mute", "no text"),
            ),
            "SMS with the text of an e-mail": (
                [self._level(3, "Mute", channel="sms")], ("Mute", "no text"),
            ),
            "falls back on itself": (
                [self._level(3, "Loop", fallback="email")],
                ("Loop", "its own channel", "another fallback"),
            ),
            "call that falls back on a letter without a text": (
                [self._level(3, "Call", channel="phone", text=False, fallback="letter")],
                ("Call", "cannot be reached", "template", "activity"),
            ),
        }
        for name, (levels, words) in cases.items():
            with self.subTest(name), self.assertRefused(*words):
                self._draft(*levels)

    def test_what_only_looks_wrong_is_taken(self):
        sms = self.env["sms.template"].create({
            "name": "Short", "model_id": self.env["ir.model"]._get_id("credit.action"),
            "body": "Please pay",
        })
        cases = {
            "the order of the rows": [self._level(20), self._level(3)],
            "exactly the gap apart": [self._level(3), self._level(8)],
            "a call has no text": [self._level(3, text=False, channel="phone")],
            "no contact at all": [self._level(3, text=False, channel="none", fallback="letter")],
            "an SMS with its own text": [
                self._level(3, text=False, channel="sms", sms_template_id=sms.id)
            ],
            "the bounds": [self._level(-90), self._level(3650)],
        }
        for name, levels in cases.items():
            with self.subTest(name):
                self.assertTrue(self._draft(*levels))

    def test_thresholds(self):
        cases = {
            "negative": ({"suspend_after_days": -1}, ("0 or more",)),
            "note after the agency": (
                {"handover_after_days": 50, "place_after_days": 45}, ("note", "Lower", "raise"),
            ),
        }
        for name, (values, words) in cases.items():
            with self.subTest(name), self.assertRefused(*words):
                self._draft(self._level(3), **values)
        self._draft(self._level(3), handover_after_days=50, place_after_days=0)

    def test_negative_amounts_days_and_caps(self):
        values = ("min_amount", "tolerance", "suspend_min_amount", "min_gap_days",
                  "direct_debit_wait_days", "max_contacts_day", "max_contacts_week")
        policy = self._draft(self._level(3))
        for name in values:
            with self.subTest(name), self.assertRefused("cannot be negative", error=CheckViolation):
                policy[name] = -1
        with self.assertRefused("amount of a level cannot be negative", error=CheckViolation):
            policy.level_ids.min_amount = -1

    def test_an_active_policy_needs_levels_unless_it_does_nothing(self):
        policy = self._draft()
        with self.assertRefused("Trial", "no level", "Do nothing"):
            policy.state = "active"
        with self.assertRefused("Trial", "no level"):
            self._draft(state="active")
        policy.write({"state": "active", "do_nothing": True})

    def test_text_of_another_model(self):
        foreign = self.env["mail.template"].create({
            "name": "Invoice mail", "model_id": self.env["ir.model"]._get_id("account.move"),
        })
        with self.assertRefused("First", "Invoice mail", "something else"):
            self._draft(self._level(3, "First", mail_template_id=foreign.id))

    def test_contact_hours_without_hours(self):
        calendar = self.env["resource.calendar"].create({
            "name": "Never", "attendance_ids": [Command.clear()],
        })
        with self.assertRefused("Never", "no working hour", "or none"):
            self._draft(self._level(3), calendar_id=calendar.id)

    # ------------------------------------------------------------------ segments

    def test_segments_that_cannot_be_read(self):
        cases = {
            "syntax": ("[('name', '=', ", "not a list of conditions"),
            "a number": ("5", "not a list of conditions"),
            "a mapping": ("{'name': 'x'}", "not a list of conditions"),
            "a boolean": ("True", "not a list of conditions"),
            "unknown field": ("[('no_such_field', '=', 1)]", "no_such_field"),
            "unknown operator": ("[('name', 'resembles', 1)]", "resembles"),
            "half a condition": ("[('name', '=')]", "name"),
            "variable": ("[('user_id', '=', uid)]", "formula"),
            "value of the wrong kind": ("[('id', '=', 'abc')]", "abc"),
        }
        for name, (segment, word) in cases.items():
            with self.subTest(name), self.assertRefused("Trial", word, "pick the conditions again"):
                self._draft(self._level(3), segment_domain=segment)
        self.assertTrue(self.env["credit.policy"].search_count([]), "the transaction lives")

    def test_code_in_a_segment_is_not_run(self):
        partners = self.env["res.partner"].search_count([])
        attack = "[('id', 'in', self.env['res.partner'].create({'name': 'x'}).ids)]"
        for segment in (attack, "__import__('os').getcwd()", "[c for c in ().__class__.__bases__]"):
            with self.subTest(segment), self.assertRefused("Trial"):
                self._draft(self._level(3), segment_domain=segment)
        self.assertEqual(self.env["res.partner"].search_count([]), partners)

    def test_a_segment_without_conditions(self):
        with self.assertRefused("Trial", "no condition", "Add one"):
            self._draft(self._level(3), scope="segment")
        with self.assertRefused("Trial", "no condition"):
            self._draft(self._level(3), scope="segment", segment_domain="[ ]")

    def test_a_segment_that_breaks_later_takes_nobody_and_stops_nobody(self):
        self._create_due(-4)
        broken = self._create_policy(
            name="Broken", is_default=False, sequence=1, segment_domain="[('name', '!=', '')]"
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE credit_policy SET segment_domain = %s WHERE id = %s",
            ["[('field_of_an_addon_that_went', '=', 1)]", broken.id],
        )
        self.env.invalidate_all()
        with mute_logger("odoo.addons.account_credit_care.models.credit_segment"):
            actions = self._night()
        self.assertEqual(actions.level_id.policy_id, self.policy)
        self.assertIn("field_of_an_addon_that_went", broken.segment_error)

    def test_what_is_no_fault_of_the_segment_is_not_taken_for_one(self):
        """A clash with somebody else is met again by the night: nobody loses his policy by it."""
        with patch.object(
            self.registry["credit.policy"], "_parse_segment", side_effect=SerializationFailure()
        ), self.assertRaises(SerializationFailure):
            self.policy._get_segment()

    # ------------------------------------------------------------------ two defaults

    def test_two_active_defaults(self):
        words = ("all other customers already", "draft first")
        with self.assertRefused(*words, error=UniqueViolation):
            self._draft(self._level(3), is_default=True, state="active")

    def test_a_second_default_is_refused_when_it_is_activated(self):
        second = self._draft(self._level(3), is_default=True)
        with self.assertRefused("Test policy.*takes all other customers.*draft", error=UserError):
            second.action_activate()
        self.policy.action_draft()
        second.action_activate()
        self.assertEqual(second.state, "active")

    def test_an_archived_default_leaves_its_place(self):
        self.policy.active = False
        self.env.flush_all()
        self._draft(self._level(3), is_default=True, state="active")
        with self.assertRefused("all other customers already", error=UniqueViolation):
            self.policy.active = True

    def test_nobody_to_sign(self):
        self.company.credit_controller_id = False
        policy = self._draft(self._level(3))
        with self.assertRefused("Nobody signs.*Trial.*controller", error=UserError):
            policy.action_activate()
        policy.user_id = self.controller
        policy.action_activate()

    # ------------------------------------------------------------------ tables written in one

    def test_days_may_be_swapped_and_shifted_in_one_save(self):
        policy = self._draft(self._level(3, "A"), self._level(10, "B"), self._level(20, "C"))
        a, b, c = policy.level_ids
        policy.write({"level_ids": [
            Command.update(a.id, {"delay_days": 10}), Command.update(b.id, {"delay_days": 3}),
        ]})
        self.assertEqual((a.sequence, b.sequence, c.sequence), (2, 1, 3))
        policy.write({"level_ids": [
            Command.update(b.id, {"delay_days": 12}), Command.update(a.id, {"delay_days": 22}),
            Command.update(c.id, {"delay_days": 32}), self._level(3, "D"),
        ]})
        policy.invalidate_recordset()
        self.assertEqual(policy.level_ids.mapped("name"), ["D", "B", "A", "C"])

    def test_a_level_written_alone_is_checked_too(self):
        policy = self._draft(self._level(3, "A"), self._level(10, "B"))
        with self.assertRefused("B", "same day", "A"):
            policy.level_ids[1].delay_days = 3
        with self.assertRefused("C", "less than"):
            self.env["credit.policy.level"].create({
                "policy_id": policy.id, "name": "C", "delay_days": 12, "channel": "phone",
            })

    def test_through_the_form(self):
        form = Form(self.env["credit.policy"].with_company(self.company))
        form.name = "By hand"
        with form.level_ids.new() as level:
            level.name = "First"
            level.delay_days = 3
            level.mail_template_id = self.template
        with form.level_ids.new() as level:
            level.name = "Second"
            level.delay_days = 4
            level.channel = "phone"
        with self.assertRefused("Second", "less than 5 days after", "First"):
            form.save()
        with form.level_ids.edit(1) as level:
            level.delay_days = 11
        self.assertEqual([m["day"] for m in form.timeline["levels"]], [3, 11])
        policy = form.save()
        self.assertEqual(policy.level_ids.mapped("delay_days"), [3, 11])
        self.assertEqual((policy.state, policy.scope), ("draft", "chosen"))
        with Form(policy) as form:
            with form.level_ids.edit(0) as level:
                level.delay_days = 11
            with form.level_ids.edit(1) as level:
                level.delay_days = 21
        self.assertEqual(policy.level_ids.mapped("delay_days"), [11, 21])
