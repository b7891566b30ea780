from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

RECENT = 5  # contacts that a caller sees


class CreditCase(models.Model):
    """What is done on a case in and after a conversation: the call itself, a promise, the invoice
    once more. Whoever acts is asked for his rights first."""

    _inherit = "credit.case"

    can_call = fields.Boolean(compute="_compute_can_call")

    @api.depends_context("uid")
    def _compute_can_call(self):
        """Credit users, and whoever was asked to make the call: often the salesperson."""
        caller = self._get_caller()
        for case in self:
            case.can_call = not caller or bool(case.sudo()._get_planned_call(caller))

    # ------------------------------------------------------------------ screens

    def action_log_call(self):
        self.ensure_one()
        return self.env["credit.call"]._open(self)

    def action_resend(self):
        """The lost invoice again: all that is overdue, in one click."""
        sent = self.browse()
        for case in self._checked():
            items = case._get_asked_items(overdue=True)
            if items:
                case._resend(items)
                sent |= case
        if not sent:
            raise UserError(self.env._("Nothing is overdue here that could be sent again."))
        return self.action_ids._tell(self.env._("The invoices are on their way."))

    @api.model
    def _get_next_call(self, seen):
        """The next debtor of the worklist who is to be called; one's own come first, where one has
        any."""
        today = fields.Date.context_today(self)
        calls = Domain("action_ids", "any", [
            ("state", "=", "queued"), ("channel", "in", ("phone", "activity")),
            ("placement_id", "=", False),
        ]) | Domain("activity_ids", "any", [
            ("activity_type_id", "in", self._get_call_kinds().ids),
            ("date_deadline", "<=", today),
        ])
        domain = self._get_worklist_domain() & calls & Domain("id", "not in", seen)
        domain &= Domain("company_id", "in", self.env.companies.ids)
        if not self._get_caller():
            mine = Domain("user_id", "=", self.env.uid)
            return self.search(domain & mine, limit=1) or self.search(domain, limit=1)
        domain &= Domain("activity_ids.user_id", "=", self.env.uid)
        return self.search(domain).filtered("can_call")[:1]

    # ------------------------------------------------------------------ the call

    def _get_call_kinds(self):
        return self.env.ref("account_credit_care.mail_activity_type_call") | self.env.ref(
            "account_credit_care.mail_activity_type_broken"
        )

    def _get_planned_call(self, caller=None):
        """The call that is laid out on this case, for ``caller`` where one is named."""
        self.ensure_one()
        calls = self.action_ids.filtered(
            lambda action: action.channel in ("phone", "activity") and action.state == "queued"
            and not action._is_with_agency()
        )
        if caller:
            calls = calls.filtered(lambda action: action.activity_id.user_id == caller)
        return calls.sorted("id")[-1:]

    def _log_outcome(self, outcome, reason, remark, again_at=False):
        """One action for one call: the planned one, else a contact like any other."""
        for case in self:
            case = case._as_caller()
            call = case._get_planned_call(case._get_caller()) or case.action_ids.create({
                "case_id": case.id, "company_id": case.company_id.id, "kind": "contact",
                "channel": "phone", "state": "queued", "user_id": self.env.user.id,
                "date": case.company_id._credit_today(), "contact_id": case.partner_id.id,
            })
            call._log_outcome(outcome, reason, remark, again_at)

    def _as_caller(self, call=None):
        """This case with all rights, for a credit user or whoever was asked to make this call."""
        self.ensure_one()
        self.check_access("read")
        caller = self._get_caller()
        asked = call.sudo() if call else self.sudo()._get_planned_call(caller)
        if caller and asked.activity_id.user_id != caller:
            raise AccessError(self.env._(
                "Only credit users, and whoever was asked to make it, log a call."
            ))
        return self.sudo()

    def _get_caller(self):
        """The user where he may log no calls but his own."""
        is_user = self.env.user.has_group("account_credit_care.group_credit_user")
        return None if is_user else self.env.user

    def _close_call_tasks(self, reached, remark):
        """What asked for a call until today has got one."""
        kinds = self._get_call_kinds() if reached else self.env.ref(
            "account_credit_care.mail_activity_type_call"
        )
        today = fields.Date.context_today(self)
        self.sudo().activity_ids.filtered(
            lambda task: task.activity_type_id in kinds and task.date_deadline <= today
        ).action_feedback(feedback=remark or "")

    # ------------------------------------------------------------------ what follows

    def _get_asked_items(self, overdue=False):
        """What is asked for today: the overdue items that nothing holds; before anything is
        overdue those that fall due."""
        self.ensure_one()
        facts = self.env["credit.standing"].sudo()._read_cases(self.sudo(), self.company_id)
        fact = facts[self.partner_id.id]
        asked = [] if fact.hold() else fact.asked()
        late = [item for item in asked if item.due_on < fact.today]
        return self.env["credit.item"].browse(
            item.key for item in (late if late or overdue else asked)
        )

    def _get_asked_amounts(self):
        """``{currency: amount}`` of what is asked for today, credits deducted."""
        self.ensure_one()
        facts = self.env["credit.standing"].sudo()._read_cases(self.sudo(), self.company_id)
        fact = facts[self.partner_id.id]
        wanted = set(self._get_asked_items().ids)
        amounts = {}
        for item in fact.asked():
            if item.key in wanted:
                amounts[item.currency] = amounts.get(item.currency, 0) + fact.to_amount(item)
        return {
            self.env["res.currency"].browse(currency_id): amount
            for currency_id, amount in amounts.items()
        }

    def _promise(self, items, amount, on, note="", **values):
        """A promise on the oldest of ``items`` up to ``amount``: reminders wait for what was
        promised and for nothing else. ``values``: by whom, where it is not the user."""
        return self._checked()._give_promise(items, amount, on, note, **values)

    def _give_promise(self, items, amount, on, note="", **values):
        """Whoever calls this has asked for rights. Which of ``items`` it is about is said when it
        starts."""
        promise = self.sudo().env["credit.agreement"].create({
            "kind": "promise", "case_id": self.id, "currency_id": items.currency_id.id,
            "item_ids": [(6, 0, items.ids)], "user_id": self.env.user.id, "note": note,
            "line_ids": [(0, 0, {"due_on": on, "amount": amount})], **values,
        })
        promise._start()
        return promise

    def _get_promised_items(self, items, amount):
        """The oldest of ``items`` (one currency) up to ``amount``: a promise of 300 does not
        silence 1000. Open credits cover the oldest first, so they come on top of what was
        promised."""
        currency, covered = items.currency_id, items.browse()
        facts = self.env["credit.standing"].sudo()._read_cases(self.sudo(), self.company_id)
        credit = facts[self.partner_id.id].debtor.credits.get(currency.id, 0)
        left = amount + currency.round(credit * currency.rounding)
        for item in items.sudo().sorted("due_on"):
            if currency.compare_amounts(left, 0) <= 0:
                break
            covered |= item
            left -= item.amount_residual
        return covered

    def _draft_plan(self, items, note=""):
        """A plan to be negotiated: a draft holds nothing."""
        self._check_user()
        return self.env["credit.agreement"].create({
            "kind": "plan", "case_id": self.id, "currency_id": items.currency_id[:1].id,
            "item_ids": [(6, 0, items.filtered(
                lambda item: item.currency_id == items.currency_id[:1]
            ).ids)],
            "note": note,
        })

    def _resend(self, items):
        """The existing PDFs once more, and where the policy says so the steps of these items start
        anew, counted from today. Whoever calls this has asked for rights: a credit user's button,
        or the debtor himself on his page."""
        self.ensure_one()
        items = items.sudo().filtered(lambda item: not item.closed_on and item.case_id == self)
        if not items:
            raise UserError(self.env._("There is no open invoice to send again."))
        if self.policy_id.sudo().resend_restarts:
            items._restart(self.company_id._credit_today())
        return self.env["credit.action"]._plan_message(self, "resend", items=items)
