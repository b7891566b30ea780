"""Plays the plot in the nights of the demo: each scene by the method that a screen or the debtor's
page calls, as the person who would have done it."""

from datetime import timedelta

from odoo.fields import Command

from . import plot

WRITE_OFF_ACCOUNT = "490500"    # losses on receivables in the Italian chart


class Stage:
    """The cases of the first company, by the name of their debtor. What a debtor pays of a plan is
    kept here and nowhere else: the ledger is to say it."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.users = {user.login: user for user in env["res.users"].search([])}
        self.pays = {}  # agreement: number of instalments that come in, None for all

    def set(self):
        """What a credit manager sets up, and the login of one debtor."""
        self.company.credit_write_off_account_id = self.env["account.account"].with_company(
            self.company
        ).search([("code", "=", WRITE_OFF_ACCOUNT)], limit=1)
        failures = self.env["credit.reason"].search([("kind", "=", "our_failure")])
        failures.user_id = self.users[plot.DEPARTMENT]
        login, name = plot.PORTAL
        partner = self.env["res.partner"].search([("name", "=", name)])
        person = partner.child_ids[:1] or partner
        self.env["res.users"].with_context(no_reset_password=True).create({
            "login": login, "password": login, "partner_id": person.id, "lang": partner.lang,
            "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
        })

    def play(self, back, today):
        """What happened on the day so many days ago."""
        self.today = today
        for scene in plot.SCENES:
            if scene.back == back and (case := self.case(scene.who)):
                getattr(self, scene.what)(case, **scene.facts)
        self._pay_instalments()
        self._write_notes()
        self._answer_customers()

    def case(self, name):
        return self.env["credit.case"].search([
            ("partner_id.name", "=", name), ("company_id", "=", self.company.id),
            ("state", "!=", "closed"),
        ])

    # ------------------------------------------------------------------ promises, plans

    def promise(self, case, after, remark):
        own, items = self._as_controller(case), case._get_asked_items()
        own._log_outcome("reached", self._reason("no_money"), remark)
        if items:
            amount = sum(items.mapped("amount_residual"))
            own._promise(items, amount, self._on(after), remark)

    def plan(self, case, count, after, frequency="month", pays=None, sheet=None):
        own, items = self._as_controller(case), self._overdue(case)
        own._log_outcome("reached", self._reason("no_money"), "Wants to pay by instalments")
        draft = own._draft_plan(items)
        draft.write({"count": count, "frequency": frequency, "first_on": self._on(after)})
        if sheet:
            draft.capacity_id = own.env["credit.capacity"].create({
                "case_id": case.id, "currency_id": draft.currency_id.id, "kind": "business",
                **sheet,
            })
        draft.action_make_schedule()
        draft.action_propose()
        self.pays[draft.id] = pays

    def plan_on_page(self, case, count, after, remark):
        items = self._overdue(case) & case._get_plannable()
        plan = case._answer_plan(items, count, None, self._on(after), remark)
        self.pays[plan.id] = None

    def sign(self, case, name):
        case._answer_sign(case._get_signable(), name)

    def settle(self, case, amount, after, remark):
        own, items = self._as_controller(case), self._overdue(case)
        deal = own.env["credit.agreement"].create({
            "kind": "settlement", "case_id": case.id, "currency_id": items.currency_id.id,
            "item_ids": [Command.set(items.ids)], "amount_settlement": amount, "count": 1,
            "first_on": self._on(after), "note": remark,
        })
        deal.action_make_schedule()
        deal.action_propose()
        deal.with_user(self.users["marta"])._approve()
        deal._sign_on_paper(case.partner_id.name)
        self.pays[deal.id] = 0  # on a day of its own

    def pay(self, case, amount=None, items=None):
        """A payment matched with the oldest items, as the bank's statement does it."""
        lines = (items or self._overdue(case)).move_line_id
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move.line", active_ids=lines.ids
        ).create({
            "payment_date": self.today, "group_payment": True,
            **({"amount": amount} if amount else {}),
        })
        wizard._create_payments()

    def _pay_instalments(self):
        running = self.env["credit.agreement"].browse(self.pays).filtered(
            lambda one: one.state == "running"
        )
        for agreement in running:
            due = agreement.line_ids.sorted("due_on")[:self.pays[agreement.id]]
            for line in due.filtered(
                lambda line: line.state != "paid" and line.due_on == self._on(1)
            ):
                items = agreement.item_ids.filtered(lambda item: not item.closed_on)
                self.pay(agreement.case_id, line.amount, items)

    # ------------------------------------------------------------------ disputes, pauses

    def dispute(self, case, kind, after, text, owner=None, part=0):
        own, item = self._as_controller(case), self._overdue(case)[:1]
        reason = self._reason(kind)
        own._log_outcome("reached", reason, text)
        own.env["credit.dispute"]._open(
            own, {item: part}, self._on(after), reason, self.users.get(owner), text,
            kind="department" if owner else "dispute",
        )

    def resolve(self, case, by, how, answer):
        dispute = case.dispute_ids.filtered(lambda one: one.state == "open")
        dispute.with_user(self.users[by])._resolve(how, answer)

    def pause(self, case, after, reason):
        own = self._as_controller(case)
        own.env["credit.dispute"]._open(
            own, dict.fromkeys(self._overdue(case), 0), self._on(after), text=reason, kind="pause",
        )

    # ------------------------------------------------------------------ invoices, the page

    def resend(self, case, remark):
        own = self._as_controller(case)
        own._log_outcome("reached", self._reason("not_received"), remark)
        own.action_resend()

    def resend_on_page(self, case):
        case._answer_resend(self._overdue(case)[-1:])

    def wrong_on_page(self, case, kind, text):
        case._answer_dispute(self._overdue(case)[:1], self._reason(kind), text)

    def paid_on_page(self, case, remark):
        case._answer_paid(self._on(-1), remark=remark)

    def call_on_page(self, case, after, at, remark):
        case._answer_call(self._on(after), at, remark=remark)

    # ------------------------------------------------------------------ the salespeople's notes

    def _write_notes(self):
        """Who writes does so two days after he was asked; a manager decides the day after."""
        notes = self.env["credit.handover"].search([("company_id", "=", self.company.id)])
        for note in notes:
            name = note.partner_id.name
            if note.state == "requested" and note.requested_on <= self._on(-2):
                if name in plot.WAIVED:
                    note.with_user(self.users["marta"])._waive(plot.WAIVED[name])
                elif name in plot.NOTES:
                    self._write_note(note.with_user(note.user_id), dict(plot.NOTES[name]))
            elif name in plot.GRANTED and note.submitted_on == self._on(-1):
                note.with_user(self.users["marta"])._grant_priority(True)

    def _write_note(self, note, words):
        after = words.pop("own_step_after", None)
        note.write(words | ({"own_step_until": self._on(after)} if after else {}))
        note.action_submit()

    def _answer_customers(self):
        """What customers said on their pages was looked into within three days."""
        kind = self.env.ref("account_credit_care.mail_activity_type_answer")
        self.env["mail.activity"].search([
            ("activity_type_id", "=", kind.id), ("date_deadline", "<=", self._on(-3)),
        ]).action_feedback()

    # ------------------------------------------------------------------ helpers

    def _on(self, days):
        return self.today + timedelta(days=days)

    def _as_controller(self, case):
        return case.with_user(case.user_id)

    def _overdue(self, case):
        """What is overdue in the currency of the oldest, the oldest first."""
        items = case.open_item_ids.filtered(
            lambda item: not item.no_followup and item.due_on < self.today
        ).sorted("due_on")
        return items.filtered(lambda item: item.currency_id == items[:1].currency_id)

    def _reason(self, kind):
        return self.env["credit.reason"].search([("kind", "=", kind)], limit=1)


def count(env):
    """What came of it, by what is on the screens."""
    rows = []
    for model, text, fields in (
        ("credit.agreement", "{kind}: {state}", ("kind", "state")),
        ("credit.dispute", "{kind}: {state}", ("kind", "state")),
        ("credit.handover", "salesperson's note: {state}", ("state",)),
        ("credit.placement", "placement: {state}", ("state",)),
    ):
        labels = {
            name: dict(env[model]._fields[name]._description_selection(env)) for name in fields
        }
        for *values, number in env[model]._read_group([], fields, ["__count"], order="__count"):
            words = {n: labels[n][v] for n, v in zip(fields, values, strict=True)}
            rows.append([text.format(**words), number])
    answers = env["credit.action"].search_count([("channel", "=", "page")])
    resent = env["credit.action"].search_count([("purpose", "=", "resend")])
    return [
        *sorted(rows), ["answers on the debtors' pages", answers],
        ["invoices sent again", resent],
    ]


def lacks(env):
    """What the demonstration promises and today's calendar did not give."""
    def there(model, **values):
        return env[model].search_count([(name, "=", value) for name, value in values.items()])

    wanted = {
        **{f"a promise {state}": there("credit.agreement", kind="promise", state=state)
           for state in ("kept", "broken", "running")},
        **{f"a plan {state}": there("credit.agreement", kind="plan", state=state)
           for state in ("proposed", "running", "broken", "kept")},
        "a plan that is late": env["credit.agreement"].search_count([
            ("kind", "=", "plan"), ("state", "=", "running"), ("amount_missing", ">", 0)]),
        "a settlement to be written off": there(
            "credit.agreement", kind="settlement", state="kept"),
        **{f"a dispute {state}": there("credit.dispute", state=state)
           for state in ("open", "resolved", "expired")},
        **{f"a placement {state}": there("credit.placement", state=state)
           for state in ("ready", "accepted", "closed", "returned")},
        "a dispute with a department": there("credit.dispute", kind="department", state="open"),
        **{f"a note {state}": there("credit.handover", state=state)
           for state in ("requested", "submitted", "waived")},
    }
    return [what for what, number in wanted.items() if not number]
