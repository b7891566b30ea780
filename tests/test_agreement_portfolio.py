"""A portfolio of plans in the real ledger, day by day for four months, against a plain
re-computation that knows nothing of the models."""
from odoo.tests import tagged

from .common import day
from .domain_plans import Payment, plain, stories
from .test_agreement import AgreementCommon

DAYS = 120
SIZE = 12


@tagged("post_install", "-at_install")
class TestPortfolio(AgreementCommon):
    def test_every_state_on_every_day_is_that_of_a_plain_reckoning(self):
        self.policy.write({"min_amount": 10**9})  # nobody is reminded: this is about agreements
        played = [self._begin(story) for story in self._stories()]
        expected = {plan.id: "running" for _story, _move, plan in played}
        seen, met = {plan.id: {} for _story, _move, plan in played}, set()
        for offset in range(DAYS):
            with self.at(offset):
                for story, move, _plan in played:
                    self._play(story, move, day(offset), seen[_plan.id])
                run = self.root["credit.run"].with_company(self.company)
                run._follow_ledger(self.company, day(offset))
            self.env.invalidate_all()
            wrong = []
            for story, _move, plan in played:
                lines, ledger, _why = self._reckon(story, day(offset))
                state = expected[plan.id] = self._next(expected[plan.id], ledger)
                met.add(state)
                rows = [(line.due_on, round(line.received * 100)) for line in plan.line_ids]
                due = [(due_on, got) for due_on, _amount, got, _paid_on in lines]
                # what was broken is followed no further
                if plan.state != state or state != "broken" and rows != due:
                    wrong.append((offset, story.name, plan.state, state, rows, due))
            self.assertFalse(wrong)
        self.assertEqual(met, {"running", "kept", "broken"})

    def _stories(self):
        for story in stories(SIZE, seed=3):
            monitoring = story.monitoring._replace(tolerance_amount=0)  # no model has it
            yield story._replace(monitoring=monitoring)
        total = sum(each.amount for each in story.instalments)
        back = Payment(day(0), total, reversed_on=day(2))
        yield story._replace(name="paid and came back", payments=(back,))

    def _reckon(self, story, today):
        return plain(story.instalments, story.receipts(today), story.monitoring, today)

    def _next(self, state, ledger):
        """A broken word stays broken; a payment that came back opens again what was kept, and the
        next day judges it."""
        if state == "broken":
            return state
        return ledger if ledger == "kept" or state == "running" else "running"

    def _begin(self, story):
        partner = self._create_debtor(f"Story {story.name}")
        total = sum(each.amount for each in story.instalments)
        move = self._create_due(-2, total / 100, partner=partner)
        with self.at(0):
            self.env["credit.ledger"]._refresh(self.company, day(0))
            case = self._case(partner)
            plan = self.env["credit.agreement"].create({
                "kind": "plan", "case_id": case.id, "currency_id": move.currency_id.id,
                "item_ids": [(6, 0, case.open_item_ids.ids)],
                "line_ids": [
                    (0, 0, {"due_on": each.due_on, "amount": each.amount / 100})
                    for each in story.instalments
                ],
            })
            self.policy.write({
                "promise_tolerance_days": story.monitoring.tolerance_days,
                "plan_max_missed": story.monitoring.max_missed,
                "plan_max_late_days": story.monitoring.max_late_days,
            })
            plan._start()
        return story, move, plan

    def _play(self, story, move, today, known):
        """What the bank says on that day: payments in, payments back; then everything that is
        open is matched, as an accountant does it."""
        moved = False
        for number, payment in enumerate(story.payments):
            if payment.reversed_on == today and number in known:
                known[number].action_draft()
                known[number].action_cancel()
                moved = True
            elif payment.on == today and payment.reversed_on != today:
                known[number] = self._pay_on_account(
                    move.partner_id, payment.amount / 100, on=(today - day(0)).days,
                )
                moved = True
        if moved:
            lines = self.env["account.move.line"].search([
                ("partner_id", "=", move.partner_id.id), ("reconciled", "=", False),
                ("account_id", "=", self.receivable.id), ("parent_state", "=", "posted"),
            ])
            lines.reconcile()
