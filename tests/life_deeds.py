"""What people do with debtors, cases and policies in the life of the companies."""
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from .life_common import LifeCommon


@tagged("post_install", "-at_install")
class LifeDeeds(LifeCommon):
    # ------------------------------------------------------------------ customers

    def deed_merge(self):
        if len(self.debtors.exists()) < 4:
            return False
        source, target = self.pick(self.debtors.exists(), 2)
        ids = source.child_ids.ids
        source.child_ids.write({"parent_id": target.id})
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (source | target).ids, target
        )
        return source.id, target.name, ids

    def deed_archive(self):
        debtor = self.pick(self.debtors.exists())
        debtor.active = not debtor.active
        return debtor.name, debtor.active

    def deed_move_under(self):
        """A customer becomes another one's branch."""
        if len(self.debtors.exists().filtered(lambda one: not one.parent_id)) < 4:
            return False
        branch, head = self.pick(self.debtors.exists().filtered(lambda one: not one.parent_id), 2)
        branch.write({"parent_id": head.id, "is_company": False})
        return branch.name, head.name

    def deed_controller_leaves(self):
        user = self.controller if self.controller.active else self.env["res.users"]
        if not user or self.now < 20:
            return False
        user.active = False
        return user.name

    def deed_never_suspend(self):
        debtor = self.pick(self.debtors.exists()).with_company(self.company)
        debtor.credit_care_never_suspend = not debtor.credit_care_never_suspend
        return debtor.name, debtor.credit_care_never_suspend

    # ------------------------------------------------------------------ cases

    def deed_pause_case(self):
        case = self.pick(self.live())
        if not case:
            return False
        if case.paused_until and case.paused_until >= self.today() and self.chance(60):
            self._as(case).action_resume()
            return case.display_name, "resumed"
        self._as(case)._pause(self.today() + timedelta(self.rng.randint(0, 8)), "asked for time")
        return case.display_name, str(case.paused_until)

    def deed_pause_item(self):
        item = self.pick(self.live().open_item_ids)
        if not item:
            return False
        self._as(item)._pause(self.today() + timedelta(self.rng.randint(0, 8)), "asked for time")
        return item.name, str(item.paused_until)

    def deed_exclude(self):
        item = self.pick(self.live().open_item_ids)
        if not item:
            return False
        getattr(self._as(item), "action_include" if item.no_followup else "action_exclude")()
        return item.name, item.no_followup

    def deed_dispute(self):
        case = self.pick(self.live())
        items = self.pick(case.open_item_ids)
        if not items:
            return False
        part = self.rng.choice((0, 0, items.amount_residual / 3))
        until = self.today() + timedelta(self.rng.randint(0, 9))
        self._as(case).env["credit.dispute"]._open(
            case, {items: part}, until,
            kind=self.rng.choice(("dispute", "dispute", "pause", "department")),
        )
        return items.name, part, str(until)

    def deed_resolve(self):
        dispute = self.pick(self.env["credit.dispute"].search([
            ("state", "in", ("open", "expired")), ("kind", "!=", "pause"),
        ]))
        if not dispute:
            return False
        how = self.rng.choice(("rejected", "accepted", "answered", "extend"))
        own = self._as(dispute)
        if how == "extend":
            own._extend(self.today() + timedelta(5))
        else:
            own._resolve(how, self.rng.choice(("", "We looked into it.")))
        self.count[f"resolve {how}"] += 1
        return dispute.display_name, how

    def deed_credit_accepted(self):
        """The credit note of what was accepted, by core's wizard."""
        dispute = self.pick(self.env["credit.dispute"].search([
            ("state", "=", "open"), ("resolution", "=", "accepted"),
        ]))
        move = dispute.line_ids.item_id.move_id[:1]
        if not move or move.state != "posted":
            return False
        move._reverse_moves([{"invoice_date": self.today()}], cancel=self.chance(50))
        notes = move.reversal_move_ids.filtered(lambda note: note.state == "draft")
        notes.action_post()
        return move.name

    def deed_promise(self):
        case = self.pick(self.live())
        items = case.open_item_ids
        currency = self.pick(items.currency_id)
        items = items.filtered(lambda item: item.currency_id == currency)
        if not items:
            return False
        amount = round(sum(items.mapped("amount_residual")) * self.rng.choice((0.4, 1)), 2)
        self._as(case)._promise(items, amount, self.today() + timedelta(self.rng.randint(0, 6)))
        return case.display_name, amount

    def _agree(self, kind, shares, **values):
        case = self.pick(self.live())
        items = case.open_item_ids
        currency = self.pick(items.currency_id)
        items = self.pick(items.filtered(lambda item: item.currency_id == currency))
        owed = sum(items.mapped("amount_residual"))
        if not items or owed < 10:
            return self.env["credit.agreement"]
        amounts = [currency.round(owed * share) for share in shares]
        if kind == "plan":
            amounts[-1] = currency.round(owed - sum(amounts[:-1]))
        first = self.today() + timedelta(self.rng.randint(0, 5))
        return self.env["credit.agreement"].create({
            "kind": kind, "case_id": case.id, "currency_id": currency.id,
            "item_ids": [Command.set(items.ids)],
            "line_ids": [
                Command.create({"due_on": first + timedelta(7 * number), "amount": amount})
                for number, amount in enumerate(amounts)
            ], **({"amount_settlement": sum(amounts)} if kind == "settlement" else {}),
        })

    def deed_plan(self):
        plan = self._agree("plan", (0.3, 0.3, 0.4))
        if not plan:
            return False
        if self.chance(30):
            plan._propose()
            return plan.display_name, "proposed"
        plan._start()
        return plan.display_name, plan.amount_agreed

    def deed_settlement(self):
        deal = self._agree("settlement", (0.6,))
        if not deal:
            return False
        deal._propose()
        self._as(deal)._approve()
        deal._sign("Anna")
        return deal.display_name

    def deed_sign(self):
        deal = self.pick(self.env["credit.agreement"].search([("state", "=", "proposed")]))
        if not deal:
            return False
        deal._sign("Anna Ferri")
        return deal.display_name

    def deed_cancel_agreement(self):
        deal = self.pick(self.env["credit.agreement"].search([("state", "=", "running")]))
        if not deal:
            return False
        self._as(deal)._cancel("changed his mind")
        return deal.display_name

    def deed_pay_agreed(self):
        """An instalment is paid, as agreed or not quite."""
        deal = self.pick(self.env["credit.agreement"].search([("state", "=", "running")]))
        line = deal.line_ids.filtered(lambda one: one.state != "paid").sorted("due_on")[:1]
        moves = deal.item_ids.filtered(lambda item: not item.closed_on).move_id
        if not line or not moves:
            return False
        amount = deal.currency_id.round(line.amount * self.rng.choice((1, 1, 0.5)))
        self._register(moves[:1], amount=amount)
        return deal.display_name, amount

    def deed_place(self):
        case = self.pick(self.live(self.company).filtered(lambda one: one.state == "collection"))
        if not case:
            return False
        self.root["credit.handover"]._request(case)
        if case.note_id.state == "requested":
            self._as(case.note_id)._waive("no time")
        placement = self.env["credit.placement"].browse(
            self._as(case).action_place()["res_id"]
        )
        self._as(placement).action_send()
        return case.display_name, placement.amount

    def deed_recall(self):
        placement = self.pick(self.env["credit.placement"].search([
            ("state", "in", ("sent", "accepted")),
        ]))
        if not placement:
            return False
        self._as(placement)._recall("we try again")
        return placement.display_name

    def deed_close(self):
        case = self.pick(self.live())
        if not case:
            return False
        self._as(case)._close_by_hand("not worth it")
        return case.display_name

    def deed_resend(self):
        item = self.pick(self.live().open_item_ids)
        if not item:
            return False
        self._as(item).action_resend()
        return item.name

    def deed_says_paid(self):
        case = self.pick(self.live())
        if not case:
            return False
        case._answer_paid(self.today())
        return case.display_name

    # ------------------------------------------------------------------ messages

    def _waiting(self, *domain):
        return self.env["credit.action"].search([("kind", "=", "reminder"), *domain])

    def deed_review(self):
        action = self.pick(self._waiting(("state", "=", "planned"), ("needs_review", "=", True)))
        if not action:
            return False
        own = self._as(action)
        if self.chance(25):
            own._skip("not now")
            return action.title, "skipped"
        if self.chance(40):
            own.note = "<p>Only a word from me.</p>"
        own.action_send()
        return action.title, "let go"

    def deed_retry(self):
        action = self.pick(self.env["credit.action"].search([("state", "=", "failed")]))
        if not action:
            return False
        if action.mail_mail_id.state == "exception" and self.chance(50):
            action.mail_mail_id.sudo().action_retry()
            return action.title, "core's button"
        if self.chance(30):
            self._as(action)._skip("no address")
            return action.title, "skipped"
        self._as(action).action_retry()
        return action.title, "tried again"

    def deed_call(self):
        case = self.pick(self.live())
        if not case:
            return False
        outcome = self.rng.choice(("reached", "not_reached"))
        self._as(case)._log_outcome(outcome, self.env["credit.reason"], "Spoke")
        return case.display_name, outcome

    def deed_print(self):
        letters = self._waiting(("state", "=", "queued"), ("channel", "=", "letter"))
        if not letters:
            return False
        report = self.env.registry["ir.actions.report"]
        with patch.object(report, "_render_qweb_pdf", lambda *_args, **_kw: (b"%PDF", "pdf")):
            self._as(self.pick(letters)).action_print_letters()
        return "letters", len(letters)

    # ------------------------------------------------------------------ policies

    def deed_policy(self):
        policy = self.pick(self.policies)
        how = self.rng.choice(("gap", "level", "state", "suspend", "tolerance"))
        if how == "gap":
            policy.min_gap_days = self.rng.choice((2, 5))
        elif how == "suspend":
            policy.suspend_after_days = self.rng.choice((0, 8, 12, 30))
        elif how == "tolerance":
            policy.tolerance = self.rng.choice((0, 0.5, 40))
        elif how == "state":
            policy.state = "draft" if policy.state == "active" else "active"
        else:
            policy.level_ids = [Command.create({
                "name": "Added", "delay_days": self.rng.choice((15, 26, 36)), "channel": "email",
                "mail_template_id": self.template.id,
            })]
        self.count[f"policy {how}"] += 1
        return policy.name, how, policy.state
