from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import CreditCommon, day

ACTIONS = (
    "credit_case_worklist_action", "credit_case_action", "credit_item_action",
    "credit_action_action", "credit_action_review_action", "credit_action_letters_action",
    "credit_action_failed_action", "credit_reason_action", "credit_policy_action",
    "credit_case_action_my_customers",
)


@tagged("post_install", "-at_install")
class TestScreens(CreditCommon):
    """What the screens show is what the records say, and each role can open what it is given."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls._create_due(-25)

    # ------------------------------------------------------------------ invoices by level

    def _groups(self):
        self.env.flush_all()
        return dict(self.env["account.move"].with_user(self.controller)._read_group(
            [("company_id", "=", self.company.id), ("move_type", "=", "out_invoice")],
            ["credit_level_id"], ["id:recordset"],
        ))

    def test_invoices_are_filtered_and_grouped_by_the_level_they_show(self):
        fresh = self._create_due(20)
        self._night(0)
        moves = self.env["account.move"].with_user(self.controller)
        level = self.move.credit_level_id
        self.assertTrue(level)
        none = self.env["credit.policy.level"]
        self.assertEqual(self._groups(), {level: self.move, none: fresh})
        own = [("company_id", "=", self.company.id), ("move_type", "=", "out_invoice")]
        for domain, expected in (
            ([("credit_level_id", "=", level.id)], self.move),
            ([("credit_level_id", "in", level.ids)], self.move),
            ([("credit_level_id", "!=", level.id)], fresh),
            ([("credit_level_id", "=", False)], fresh),
            ([("credit_level_id", "!=", False)], self.move),
            ([("credit_level_id", "in", [False, level.id])], self.move | fresh),
            ([("credit_level_id.name", "=", level.name)], self.move),
            ([("credit_level_id", "ilike", level.name)], self.move),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(moves.search(own + domain), expected)

    def test_invoices_sort_by_level_and_the_field_says_so(self):
        self._night(0)
        moves = self.env["account.move"].with_user(self.controller)
        found = moves.search(
            [("company_id", "=", self.company.id)], order="credit_level_id", limit=1
        )
        self.assertEqual(found, self.move)
        described = moves.fields_get(["credit_level_id"])["credit_level_id"]
        self.assertTrue(described["groupable"] and described["sortable"])

    def test_the_highest_level_of_the_instalments_counts(self):
        """A level before the due date is lower than none at all taken on another instalment."""
        self._night(0)
        [item] = self._items(self.move)
        line = self.move.line_ids.filtered(lambda line: line.account_type == "income")
        self.env["credit.item"].sudo().create({
            "move_line_id": line.id, "case_id": item.case_id.id, "company_id": self.company.id,
            "currency_id": item.currency_id.id, "due_on": day(40),
        })
        before = self.policy.level_ids.filtered(lambda lv: lv.delay_days < 0)
        item.sudo().write({"level_id": before.id, "reached_day": before.delay_days})
        self.move.invalidate_recordset()
        self.assertEqual(self.move.credit_level_id, before)
        self.assertEqual(self._groups()[before], self.move)

    def test_level_of_invoices_is_the_controllers(self):
        self._night(0)
        self.salesperson.group_ids |= self.env.ref("account.group_account_readonly")
        with self.assertRaises(AccessError):
            self.env["account.move"].with_user(self.salesperson)._read_group(
                [], ["credit_level_id"], ["__count"]
            )

    def test_paused_invoices_are_found(self):
        self._night(0)
        self._items(self.move).with_user(self.controller)._pause(day(5), "waits")
        self.env.flush_all()
        moves = self.env["account.move"].search([("credit_paused_until", ">=", day(1))])
        self.assertEqual(moves, self.move)
        self.assertFalse(
            self.env["account.move"].search([("credit_paused_until", ">=", day(6))])
        )

    # ------------------------------------------------------------------ banners

    def test_no_banner_without_suspension(self):
        self._night(0)
        draft = self.move.copy()
        self.assertFalse(draft.credit_care_note)
        self.assertNotIn("credit_care_suspended", draft.alerts or {})
        order = self.env["sale.order"].sudo().create({"partner_id": self.debtor.id})
        self.assertFalse(order.credit_care_note)
        self.assertFalse(self.debtor.credit_care_note)

    def test_banner_on_order_invoice_and_customer_for_every_reader(self):
        self._create_due(-40)
        self._night(0)
        self._night(10)
        self.assertTrue(self._case().suspended_on)
        order = self.env["sale.order"].sudo().create({
            "partner_id": self.debtor.id, "company_id": self.company.id,
            "user_id": self.salesperson.id,
            "order_line": [Command.create({"name": "Valve", "price_unit": 10.0,
                                           "product_id": self.product_a.id})],
        })
        draft = self.move.copy()
        with self.at(10):
            self.assertIn("suspended", order.with_user(self.salesperson).credit_care_note)
            self.assertIn("overdue", draft.with_user(self.controller).credit_care_note)
            partner = self.debtor.with_user(self.salesperson).with_company(self.company)
            self.assertIn("suspended since", partner.credit_care_note)
            self.assertEqual(partner.credit_care_case_id, self._case())

    def test_customer_shows_his_case_only_to_who_may_read_it(self):
        self._night(0)
        self.debtor.user_id = self.controller
        self._case().sudo().salesperson_id = self.controller
        partner = self.debtor.with_user(self.salesperson).with_company(self.company)
        self.assertFalse(partner.credit_care_case_id)
        self.assertEqual(partner.credit_care_overdue, 0.0)

    # ------------------------------------------------------------------ sentences

    def test_the_worklist_says_what_is_to_be_done(self):
        self.policy.level_ids.automatic = False
        self._night(0)
        with self.at(0):
            case = self._case().with_user(self.controller)
            self.assertIn(case, case.search(case._get_worklist_domain()))
            self.assertEqual(case.todo_note, "1 to review")
            action = case.action_worklist()
            self.assertEqual(action["context"], {"search_default_my": 1})
        self.assertFalse(
            self.env["credit.case"].with_user(self.manager).action_worklist()["context"]
        )

    def test_a_pause_is_told_with_its_reason(self):
        self._night(0)
        with self.at(0):
            case = self._case().with_user(self.controller)
            case._pause(day(3), "New invoice on its way")
            self.assertIn("New invoice on its way", case.hold_note)
        with self.at(4):
            case.invalidate_recordset()
            self.assertNotIn("New invoice", case.hold_note or "")

    def test_priority_is_explained_to_the_point(self):
        self._night(0)
        with self.at(0):
            case = self._case()
            points = sum(int(part.rsplit("+", 1)[1]) for part in case.priority_note.split(" · "))
            self.assertEqual(points, case.priority)

    # ------------------------------------------------------------------ who may what

    def test_controller_sets_the_contact_and_only_the_manager_the_terms(self):
        self._night(0)
        contact = self.env["res.partner"].create({
            "name": "Anna", "parent_id": self.debtor.id, "email": "anna@debtor.example",
        })
        case = self._case()
        self.assertFalse(self.debtor.with_user(self.controller).has_access("write"))
        case.with_user(self.controller).reminder_contact_id = contact
        self.assertEqual(self.debtor.credit_care_contact_id, contact)
        with self.assertRaises(AccessError):
            case.with_user(self.controller).write({"never_suspend": True})
        case.with_user(self.manager).write({
            "never_suspend": True, "own_policy_id": self.policy.id,
        })
        debtor = self.debtor.with_company(self.company)
        self.assertTrue(debtor.credit_care_never_suspend)
        self.assertEqual(debtor.credit_care_policy_id, self.policy)

    def test_each_role_can_open_its_screens(self):
        self._night(0)
        self._night(20)
        menus = self.env["ir.ui.menu"]
        for user in (self.controller, self.manager, self.salesperson):
            visible = menus.with_user(user)._visible_menu_ids()
            for xmlid in ACTIONS:
                action = self.env.ref(f"account_credit_care.{xmlid}")
                shown = menus.search([("action", "=", f"ir.actions.act_window,{action.id}")])
                if not (shown.ids and shown.ids[0] in visible):
                    continue
                with self.subTest(user=user.login, action=xmlid):
                    self._open(action, user)

    def _open(self, action, user):
        """All fields of all views can be read, as the web client would."""
        model = self.env[action.res_model].with_user(user).with_company(self.company)
        views = model.get_views([(view_id, kind) for view_id, kind in action.views])
        for kind, view in views["views"].items():
            arch = etree.fromstring(view["arch"])
            names = {
                node.get("name") for node in arch.iter("field")
                if not any(parent.tag == "field" for parent in node.iterancestors())
            }
            model.web_search_read([], {name: {} for name in names}, limit=5)
            if kind == "form" and (record := model.search([], limit=1)):
                Form(record)

    def test_salesperson_reads_his_case_and_changes_nothing(self):
        self._night(0)
        self._night(20)
        case = self._case().with_user(self.salesperson)
        Form(case)
        for model in (case, case.action_ids, case.open_item_ids):
            self.assertFalse(model.has_access("write"))
        for button in ("action_pause", "action_log_call", "action_review_now", "action_resume"):
            with self.assertRaises(AccessError, msg=button):
                getattr(case, button)()

    def test_empty_lists_say_what_to_do(self):
        for xmlid in ACTIONS:
            action = self.env.ref(f"account_credit_care.{xmlid}")
            self.assertIn("o_view_nocontent", action.help or "", xmlid)
            self.assertTrue(action.path or xmlid == "credit_case_worklist_action", xmlid)

    def test_lists_read_a_constant_number_of_queries(self):
        """The columns of the worklist are computed by batch."""
        partners = [self._create_debtor(f"D{n} S.r.l.") for n in range(8)]
        for partner in partners:
            self._create_due(-25, partner=partner)
        self._night(0)
        names = (
            "todo_note", "priority_note", "hold_reason", "next_step_note", "hold_note",
            "action_count", "waiting_count", "suspension_note", "bank_note", "oldest_days",
        )
        with self.at(0):
            cases = self.env["credit.case"].search([("company_id", "=", self.company.id)])
            counts = []
            for batch in (cases, cases[:2], cases):  # the first time warms up
                self.env.invalidate_all()
                start = self.cr.sql_log_count
                batch.read(names)
                counts.append(self.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2])

    def test_the_message_that_waits_can_be_read_before(self):
        self.policy.level_ids.automatic = False
        self._night(0, send=False)
        action = self.actions.with_user(self.controller)
        self.assertEqual(action.state, "planned")
        self.assertIn(self.move.name, action.preview_html)
        action.note = "<p>Dear friends</p>"
        action.invalidate_recordset()
        self.assertIn("Dear friends", action.preview_html)

    def test_an_answer_cannot_carry_scripts(self):
        self._night(0)
        case = self._case()
        self.env["credit.action"].sudo()._log_inbound(
            case, {"subject": "Re", "body": "<p>Paid</p><script>alert(1)</script>", "from": "a@b.c"}
        )
        inbound = case.action_ids.filtered(lambda a: a.kind == "inbound")
        self.assertNotIn("script", inbound.body)
        self.assertIn("Paid", inbound.body)

    def test_group_by_state_keeps_the_order_of_life(self):
        self._night(0)
        groups = self.env["credit.case"].with_context(read_group_expand=True).web_read_group(
            [("state", "!=", "closed")], ["state"], ["__count"]
        )["groups"]
        self.assertEqual(
            [group["state"] for group in groups], ["courtesy", "collection", "agency", "legal"]
        )

    def test_multi_company_order_is_stopped_by_its_own_company(self):
        """The banner of a customer is that of the company one works in."""
        self._create_due(-40)
        self._night(0)
        self._night(10)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids = [Command.link(other.id)]
        self.assertTrue(self.debtor.with_company(self.company).credit_care_suspended)
        self.assertFalse(self.debtor.with_company(other).credit_care_suspended)
