"""Weeks in the life of two companies, drawn by seed: whatever people do, each night says and does
what a second telling in plain Python (``life_plain``) says it should.

``CREDIT_CARE_LIVES=2,3,4 CREDIT_CARE_DAYS=60 dev/test tests/test_life.py -o log_cli_level=INFO``
looks further and says what was met.
"""
import logging
import os
from collections import defaultdict
from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import format_amount

from .life_deeds import LifeDeeds
from .life_plain import ANSWERS, Plain, cash_on, open_lines

_logger = logging.getLogger(__name__)

SEEDS = [int(seed) for seed in os.environ.get("CREDIT_CARE_LIVES", "1").split(",")]
DAYS = int(os.environ.get("CREDIT_CARE_DAYS", 25))
MET = (  # what a life of 25 days has to have met, or it proves little
    "planned", "sent", "suspended", "agreement running", "messages foreseen", "orders stopped",
)
OFTEN = {
    "invoice": 45, "pay": 14, "pay_on_account": 7, "match": 6, "credit_note": 6, "bounce": 6,
    "dispute": 7, "resolve": 5, "credit_accepted": 4, "promise": 6, "plan": 7, "sign": 3,
    "pay_agreed": 8, "cancel_agreement": 1, "settlement": 2, "pause_case": 3, "pause_item": 3,
    "exclude": 2, "repost": 5, "post_draft": 3, "review": 10, "retry": 6, "call": 5, "print": 4,
    "merge": 1, "move_under": 1, "archive": 1, "place": 3, "recall": 3, "close": 1, "resend": 3,
    "says_paid": 1, "policy": 2, "refund_payment": 3, "write_off": 1, "pay_short": 2,
    "never_suspend": 1, "controller_leaves": 1,
}


@tagged("post_install", "-at_install")
class TestLife(LifeDeeds):
    def test_a_life(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                point = self.cr.savepoint()
                try:
                    self._live(seed)
                finally:
                    point.rollback()
                    self.env.invalidate_all()
                    _logger.info("Life %s has met %s", seed, dict(sorted(self.count.items())))
                self.assertFalse([what for what in MET if not self.count[what]])

    def _live(self, seed):
        self.begin(seed)
        foreseen = None
        for self.now in range(DAYS):
            with self.at(self.now, hour=9):
                quiet = self.now > 3 and self.chance(25)
                if not quiet:
                    self._deliver_mails()
                    for _n in range(self.rng.randint(2, 8)):
                        self.do(self.rng.choices(list(OFTEN), OFTEN.values())[0])
            with self.at(self.now):
                self._spend_night(foreseen if quiet else None)
                foreseen = self._foresee()

    def _deliver_mails(self):
        mails = self.env["credit.action"].search([
            ("state", "=", "queued"), ("channel", "=", "email"),
        ]).mail_mail_id.sudo()
        for mail in mails.sorted("id"):
            if self.chance(12):
                mail.write({"state": "exception", "failure_reason": "refused"})
                mail._postprocess_sent_message([], [], "refused", "unknown")
                self.count["mail failed"] += 1
            else:
                mail.write({"state": "sent"})
                mail._postprocess_sent_message(mail.recipient_ids, [])

    # ------------------------------------------------------------------ the night

    def _spend_night(self, foreseen):
        run = self.root["credit.run"]
        self.marks = {
            case: (case.warned_on, case.suspended_on) for case in self.live()
        }
        self.kept = self.env["credit.agreement"].search([("state", "=", "kept")])
        known = set(self._acts().ids)
        for company in run._get_companies() & (self.company | self.other_company):
            own, today = run.with_company(company), company._credit_today()
            own._follow_ledger(company, today)
            due = self.root["credit.case"].search(run._get_due_domain(company, today))
            own._review_cases(due, company, today)
            self.root["credit.action"]._plan_thanks(company, today)
        self.env.flush_all()
        self.env.invalidate_all()
        self.planned = self._acts().filtered(
            lambda act: act.id not in known and act.kind == "reminder"
        )
        self._check_ledger()
        self._check_steps()
        self._check_suspension()
        self._check_agreements()
        if foreseen is not None:
            self._check_foreseen(foreseen)
        before = set(self._gone().ids)
        for company in self.root["credit.action"]._get_sending_companies():
            if company not in self.company | self.other_company:
                continue
            outbox = self.root["credit.action"]._get_outbox_domain(company, self.today())
            self.root["credit.action"].search(outbox, order="id")._deliver(company, self.today())
        self.env.flush_all()
        self.env.invalidate_all()
        self._check_sent(self._gone().filtered(lambda act: act.id not in before))
        self._check_once()
        self._check_errors()
        self._check_company()
        self._check_order()

    def _acts(self):
        return self.env["credit.action"].search(
            [("company_id", "in", (self.company | self.other_company).ids)], order="id"
        )

    def _gone(self):
        return self._acts().filtered(lambda act: act.state in ("queued", "sent", "done"))

    def _plain(self, case):
        return Plain(self.env, case.company_id, case.partner_id, self.today())

    def wrong(self, *what):
        tail = "\n".join(map(str, self.log[-25:]))
        return f"day {self.now} ({self.today()}): {' '.join(map(str, what))}\n{tail}"

    # ------------------------------------------------------------------ what must hold

    def _check_ledger(self):
        """Items and cases are the open receivables, each with its debtor; totals are sums."""
        for company in self.company | self.other_company:
            lines, cases = open_lines(self.env, company), self.live(company)
            items = self.env["credit.item"].search([
                ("company_id", "=", company.id), ("closed_on", "=", False),
            ])
            debts = lines.filtered(lambda line: line.amount_residual_currency > 0)
            self.assertFalse(items.move_line_id - debts, self.wrong("not open any more"))
            lacking = self._get_due(company, debts, cases) - items.move_line_id
            self.assertFalse(lacking, self.wrong("not followed", lacking.mapped("move_name")))
            for item in items:
                line = item.move_line_id
                self.assertEqual(
                    (item.case_id.partner_id, item.due_on),
                    (line.partner_id.commercial_partner_id, line.date_maturity or line.date),
                    self.wrong(item.name, "is another's"),
                )
                self.assertNotEqual(item.case_id.state, "closed", self.wrong(item.name))
            for case in cases:
                self._check_totals(case, lines)

    def _get_due(self, company, debts, cases):
        """What a policy reaches: due before its first level asks; of whoever has a case, under
        any policy or none."""
        policies = self.policies.filtered(
            lambda policy: policy.company_id == company and policy.state == "active"
        )
        lead = max(0, -min(policies.level_ids.mapped("delay_days"), default=0))
        until, owing = self.today() + timedelta(lead), cases.partner_id
        return debts.filtered(
            lambda line: (line.date_maturity or line.date) <= until
            and (policies or line.partner_id.commercial_partner_id in owing)
        )

    def _check_totals(self, case, lines):
        own = lines.filtered(
            lambda line: line.partner_id.commercial_partner_id == case.partner_id
        )
        self.assertTrue(case.open_item_ids, self.wrong(case.display_name, "is empty"))
        debts = case.open_item_ids.move_line_id
        late = debts.filtered(
            lambda line: line.date_maturity < self.today() and not line.no_followup
        )
        credit = -sum(
            line.amount_residual for line in own if line.amount_residual_currency < 0
        )
        for value, total, name in (
            (sum(debts.mapped("amount_residual")), case.amount_open, "open"),
            (sum(late.mapped("amount_residual")), case.amount_overdue, "overdue"),
            (credit, case.amount_credit, "credit"),
            (len(debts), case.item_count, "items"),
        ):
            self.assertAlmostEqual(value, total, 2, self.wrong(case.display_name, name))

    def _check_steps(self):
        """Who is owed a step gets it, with all items that climb; nobody else gets one."""
        by_case = self.planned.grouped("case_id")
        for case in self.live():
            plain, planned = self._plain(case), by_case.get(case)
            if planned:
                self.assertEqual(len(planned), 1, self.wrong("two messages at once"))
                former = {
                    line.item_id: (line.former_day, line.former_on) for line in planned.line_ids
                }
                self.assertEqual(
                    {line.item_id: line.level_id for line in planned.line_ids},
                    plain.steps(former), self.wrong(case.display_name, "steps"),
                )
                self.count["planned"] += 1
                continue
            waiting = case.action_ids.filtered(
                lambda act: (act.kind == "reminder" or act.purpose == "answer")
                and act.state in ("planned", "failed")
            )
            if waiting or not plain.gap_over(case.last_contact_on):
                self.count["waits"] += 1
                continue
            self.assertFalse(plain.steps({}), self.wrong(
                case.display_name, case.company_id.name, "is forgotten", case.next_check_on
            ))

    def _check_suspension(self):
        for case in self.live():
            warned, suspended = self.marks.get(case, (False, False))
            cause, near = self._plain(case).suspension()
            if suspended:
                expected = (warned, suspended) if cause else (False, False)
            elif cause and warned and warned < self.today():
                expected = warned, self.today()
            else:
                expected = ((warned or self.today()) if cause or near else False), False
            self.assertEqual(
                (case.warned_on, case.suspended_on), expected,
                self.wrong(case.display_name, "suspension", cause, near),
            )
            self.count["suspended"] += expected[1] == self.today()
            self.count["released"] += bool(suspended and not expected[1])

    def _check_agreements(self):
        """What was received is what the ledger says; what is broken by it is broken. One that was
        kept, and whose payment came back, is judged by the next night."""
        for deal in self.env["credit.agreement"].search([("state", "in", ("running", "kept"))]):
            plain = self._plain(deal.case_id)
            self.assertAlmostEqual(
                sum(amount for _on, amount in plain.received(deal)), deal.amount_received, 2,
                self.wrong(deal.display_name, "received", cash_on(deal.item_ids)),
            )
            self.assertFalse(
                deal.state == "running" and deal not in self.kept and plain.is_broken(deal),
                self.wrong(deal.display_name, "is broken"),
            )
            self.assertAlmostEqual(
                sum(deal.line_ids.mapped("received")),
                min(deal.amount_received, deal.amount_agreed - deal.amount_interest), 2,
                self.wrong(deal.display_name, "lines"),
            )
            self.count[f"agreement {deal.state}"] += 1

    def _check_sent(self, gone):
        for act in gone.filtered(lambda one: one.kind == "reminder"):
            self._check_message(act)
        spoken = gone.filtered(
            lambda one: one.direction == "out" and one.channel in ("email", "letter", "sms")
            and one.purpose not in ANSWERS
        )
        for case in spoken.case_id:
            contacts = self._contacts(case)
            policy = case.policy_id
            today = contacts[self.today()]
            week = sum(contacts[self.today() - timedelta(back)] for back in range(7))
            if policy:
                self.assertLessEqual(today, policy.max_contacts_day, self.wrong(
                    case.display_name, "twice a day", spoken.mapped("title")
                ))
                self.assertLessEqual(week, policy.max_contacts_week, self.wrong("too often"))
        for act in spoken & self.planned:
            days = range(1, max(act.case_id.policy_id.min_gap_days, 1))
            contacts = self._contacts(act.case_id, written=True)
            self.assertFalse(
                [back for back in days if contacts[self.today() - timedelta(back)]],
                self.wrong(act.display_name, "too soon", contacts),
            )
        self.count["sent"] += len(spoken)

    def _contacts(self, case, written=False):
        """``{day: how many}`` of the contacts of this debtor."""
        found = defaultdict(int)
        for act in self.env["credit.action"].search([
            ("case_id.partner_id", "=", case.partner_id.id), ("direction", "=", "out"),
            ("company_id", "=", case.company_id.id), ("state", "in", ("queued", "sent", "done")),
        ]):
            by_mouth = not written and act.channel == "phone" and act.state == "done"
            if (act.channel in ("email", "letter", "sms") or by_mouth) and (
                act.purpose not in ANSWERS
            ):
                found[act.date] += 1
        return found

    def _check_message(self, act):
        """It lists what is asked, to the cent, and says so."""
        plain = self._plain(act.case_id)
        self.assertFalse(plain.why_held(), self.wrong(act.display_name, "is held"))
        asked = plain.asked()
        shown = act.line_ids.filtered(lambda line: not line.released)
        claims = shown.filtered("level_id")
        wanted = {*plain.overdue(asked), *claims.item_id.move_line_id}
        self.assertEqual({*shown.item_id.move_line_id}, wanted, self.wrong(
            act.display_name, "lists", shown.mapped("name"), [one.move_name for one in wanted],
        ))
        left = defaultdict(float)
        for line in shown:
            residual, credit, _value = asked[line.item_id.move_line_id]
            self.assertAlmostEqual(line.amount, residual, 2, self.wrong(line.name, "amount"))
            self.assertAlmostEqual(line.amount_credit, credit, 2, self.wrong(line.name, "credit"))
            left[line.currency_id] += residual - credit
            self.count["credit shown"] += credit > 0
            self.count["part disputed"] += line.amount_disputed > 0
        self.count["two currencies"] += len(left) > 1
        if act.channel in ("email", "letter"):
            text = str(act.body).replace("\xa0", " ")
            for currency, amount in left.items():
                self.assertIn(
                    format_amount(self.env, amount, currency).replace("\xa0", " "), text,
                    self.wrong(act.display_name, "says another amount"),
                )
        self.count[f"sent by {act.channel}"] += 1

    def _check_once(self):
        """Each step of a debt once in a round, whatever became of cases and items meanwhile."""
        done = defaultdict(list)
        for line in self._gone().line_ids._claims():
            key = (line.item_id, line.level_id, line.round)
            done[key].append(line.action_id)
        self.assertFalse(
            {key: acts for key, acts in done.items() if len(acts) > 1}, self.wrong("twice")
        )

    def _check_foreseen(self, foreseen):
        done = {
            (act.company_id, act.case_id.partner_id, act.level_id.delay_days): act.amount_total
            for act in self.planned
        }
        self.assertEqual(foreseen.keys(), done.keys(), self.wrong("the preview"))
        for key, amount in foreseen.items():
            self.assertAlmostEqual(amount, done[key], 2, self.wrong("the preview", key))
        self.count["nights foreseen"] += 1
        self.count["messages foreseen"] += len(done)

    def _foresee(self):
        tomorrow, found = self.today() + timedelta(1), {}
        for company in self.company | self.other_company:
            plans, _notices = self.root["credit.forecast"].with_company(company)._preview(
                company, tomorrow, tomorrow
            )
            found |= {
                (company, self.env["res.partner"].browse(plan.partner_id), plan.step.day):
                plan.amount for plan in plans
            }
        return found

    def _check_errors(self):
        self.assertFalse(self.env["mail.activity"].search([
            ("summary", "ilike", "night could not"),
        ]), self.wrong("the night could not follow"))

    def _check_company(self):
        """The controller of one company sees nothing of the other."""
        user = self.controller if self.controller.active else self.manager
        for model in ("credit.case", "credit.item", "credit.action", "credit.agreement"):
            found = self.env[model].with_user(user).with_context(
                allowed_company_ids=self.company.ids
            ).search([])
            self.assertLessEqual(found.company_id, self.company, self.wrong(model))

    def _check_order(self):
        """An order is stopped while, and only while, there is a cause."""
        case = self.pick(self.live())
        if not case:
            return
        cause, _near = self._plain(case).suspension()
        stopped = bool(case.partner_id._credit_suspension(case.company_id))
        self.assertEqual(stopped, bool(case.suspended_on and cause), self.wrong("the order"))
        self.count["orders stopped"] += stopped
