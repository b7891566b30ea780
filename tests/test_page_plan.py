from base64 import b64encode
from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .page_common import PNG, PageCase


@tagged("post_install", "-at_install")
class TestPagePlan(PageCase):
    """Plans that a debtor proposes and signs himself."""

    def test_a_plan_within_the_limits_is_signed_and_runs(self):
        seen = self._post("/tell/plan", {**self._plan(), "step": "preview"})
        self.assertEqual(seen.text.count("250.00"), 4)
        self.assertIn("You can sign this at once", seen.text)
        self.assertFalse(self.case.agreement_ids)
        page = self._post("/tell/plan", self._plan())
        self.assertIn("Accept and sign", page.text)
        plan = self.case.agreement_ids
        self.assertEqual((plan.state, plan.negotiated_by), ("proposed", "debtor"))
        self.assertFalse(plan.excess)
        self.assertEqual(self._answers().agreement_id, plan)
        self.assertPaused()
        page = self._post(f"/sign/{plan.id}", {"name": "  Franco   Ferri "})
        self.assertIn("It is agreed", page.text)
        self.assertEqual((plan.state, plan.signed_by), ("running", "Franco Ferri"))
        self.assertEqual(sum(plan.line_ids.mapped("amount")), 1000.0)
        self.assertFalse(self._tasks())
        self.assertEqual(self._answers()[-1].answer, "sign")
        page = self._get().text
        self.assertIn("Running, signed by Franco Ferri", page)
        self.assertNotIn("days late", page)

    def test_a_plan_beyond_the_limits_waits_for_a_manager(self):
        page = self._post("/tell/plan", {**self._plan(), "count": "12"})
        self.assertIn("We look at your proposal", page.text)
        plan = self.case.agreement_ids
        self.assertEqual(plan.state, "proposed")
        self.assertIn("longer than the policy allows", plan.excess)
        manager = self.env["credit.task"]._get_manager(self.company)
        self.assertEqual(plan.activity_ids.user_id, manager)
        self.assertTrue(self._tasks())
        page = self._post(f"/sign/{plan.id}", {"name": "Franco Ferri"})
        self.assertEqual(page.status_code, 422)
        self.assertEqual((plan.state, plan.signed_on), ("proposed", False))
        seen = self._get().text
        by = self.env["credit.message"]._day(plan.valid_until)
        self.assertIn(f"you get our answer by {by}.", seen)
        self.assertIn("You can sign it here once we have said yes", seen)
        self.assertNotIn("Accept and sign", seen)
        plan.sudo().valid_until = self.today - timedelta(days=1)
        self.assertIn("still looking at this proposal", self._get().text)
        plan.with_user(self.manager)._approve()
        self._post(f"/sign/{plan.id}", {"name": "Franco Ferri"})
        self.assertEqual(plan.state, "running")

    def test_what_colleagues_ask_a_manager_about_is_no_offer_yet(self):
        deal = self.env["credit.agreement"].create({
            "kind": "settlement", "case_id": self.case.id, "amount_settlement": 600.0,
            "currency_id": self.item.currency_id.id, "item_ids": [Command.set(self.item.ids)],
            "line_ids": [Command.create({
                "due_on": self.today + timedelta(days=9), "amount": 600.0,
            })],
        })
        deal.with_user(self.controller)._propose()
        self.assertTrue(deal._needs_approval())
        self.assertNotIn(deal.name, self._get().text)
        deal.with_user(self.manager)._approve()
        self.assertIn(deal.name, self._get().text)

    def test_without_limits_or_leave_a_plan_waits(self):
        self.policy.plan_auto_accept = False
        self._post("/tell/plan", self._plan())
        self.assertTrue(self.case.agreement_ids._needs_approval())
        self.case.agreement_ids._set_state("cancelled")
        self.policy.write({"plan_auto_accept": True, "plan_limit_ids": [Command.clear()]})
        self._post("/tell/plan", self._plan())
        self.assertTrue(self.case.agreement_ids.filtered("excess")[:1]._needs_approval())

    def test_a_large_debt_is_not_cut_into_small_ones(self):
        """Five plans of 1000 are a debt of 5000, whatever each of them is."""
        moves = [self._create_due(self.now - 12, 1000.0) for _more in range(5)]
        self._night(self.now)
        for move in (self.move, *moves):
            self._post("/tell/plan", {**self._plan(), "item": self._items(move).id})
        plans = self.case.agreement_ids.sorted("id")
        self.assertEqual([bool(plan.excess) for plan in plans], [False] * 5 + [True])
        self.assertIn("a debt above the limits of the policy", plans[-1].excess)

    def test_after_a_broken_agreement_a_manager_is_asked(self):
        self._post("/tell/plan", self._plan())
        first = self.case.agreement_ids
        first._sign("Franco Ferri")
        first._set_state("broken")
        self._post("/tell/plan", self._plan())
        second = self.case.agreement_ids - first
        self.assertIn("an earlier agreement was not kept", second.excess)

    def test_a_running_plan_is_not_changed_by_who_owes_it(self):
        self._post("/tell/plan", self._plan())
        plan = self.case.agreement_ids
        plan._sign("Franco Ferri")
        page = self._post("/tell/plan", self._plan())
        self.assertEqual(page.status_code, 422)
        self.assertEqual((self.case.agreement_ids, plan.state), (plan, "running"))
        self.assertNotIn("I cannot pay it all now", self._get().text)

    def test_terms_that_make_no_sense_are_explained(self):
        for wrong, words in (
            ({"count": ""}, "In how many instalments"), ({"count": "-3"}, "1 to 60"),
            ({"count": "99"}, "1 to 60"), ({"count": "4", "amount": "100"}, "one of the two"),
            ({"count": "", "amount": "abc"}, "one of the two"),
            ({"first_on": "2001-01-01"}, "From which day"),
            ({"first_on": "9999-12-31"}, "From which day"),
            ({"count": "", "amount": "0,05"}, "600 instalments"),
        ):
            page = self._post("/tell/plan", {**self._plan(), **wrong})
            self.assertEqual(page.status_code, 422, wrong)
            self.assertIn(words.lower(), page.text.lower())
        self.assertFalse(self.case.agreement_ids)

    def test_a_signature_may_be_drawn(self):
        self._post("/tell/plan", self._plan())
        plan, path = self.case.agreement_ids, self._path()
        for wrong in ("no base64", b64encode(b"<svg/>").decode()):
            answer = self.make_jsonrpc_request(
                f"{path}/draw/{plan.id}", {"name": "Franco Ferri", "signature": wrong}
            )
            self.assertIn("could not be read", answer["error"])
        answer = self.make_jsonrpc_request(f"{path}/draw/{plan.id}", {
            "name": "Franco Ferri", "signature": b64encode(PNG).decode(),
        })
        self.assertEqual(answer["redirect_url"], f"{path}/thanks/sign")
        self.assertEqual(plan.state, "running")
        self.assertTrue(plan.signature)

    def test_the_agreement_of_another_debtor_cannot_be_signed(self):
        case = self._case(self.other)
        self._post("/tell/plan", {**self._plan(), "item": self._items(self.other_move).id},
                   base=self._path(case))
        plan = case.agreement_ids
        self.assertEqual(plan.state, "proposed")
        page = self._post(f"/sign/{plan.id}", {"name": "Franco Ferri"})
        self.assertEqual(page.status_code, 422)
        self.assertEqual(plan.state, "proposed")

    def test_an_offer_that_nobody_signed_leaves_room_for_another(self):
        self._post("/tell/plan", self._plan())
        self.case.agreement_ids.sudo().valid_until = self.today - timedelta(days=1)
        self._post("/tell/plan", self._plan())
        self.assertEqual(
            self.case.agreement_ids.sorted("id").mapped("state"), ["proposed", "proposed"]
        )

    def test_an_instalment_paid_before_signing_is_said_and_counts(self):
        self._post("/tell/plan", self._plan())
        self._pay(self.move, 300.0, on=self.now)
        self.assertIn("300.00 that came since then counts for the first", self._get().text)
        plan = self.case.agreement_ids
        page = self._post(f"/sign/{plan.id}", {"name": "Franco Ferri"})
        self.assertIn("It is agreed", page.text)
        self.assertEqual(plan.line_ids.mapped("received"), [250.0, 50.0, 0.0, 0.0])

    def test_an_offer_that_fits_no_longer_is_no_dead_end(self):
        self._post("/tell/plan", self._plan())
        note = self._credit(self.move, 100.0)
        (self.move.line_ids | note.line_ids).filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        plan = self.case.agreement_ids
        page = self._post(f"/sign/{plan.id}", {"name": "Franco Ferri"})
        self.assertEqual(page.status_code, 200)
        self.assertIn("Carla Conti sends you a new one", page.text)
        self.assertEqual(plan.state, "draft")
        self.assertIn("Renew", " ".join(self._tasks().mapped("summary")))
        self.assertNotIn("Accept and sign", self._get().text)
