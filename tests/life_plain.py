"""What may be asked of a debtor, and whether his credit stops, told a second time: in plain Python
from the ledger and from what people have written, without anything of ``domain/`` or the night."""
from collections import defaultdict
from datetime import timedelta

from odoo.addons.account_credit_care.domain.money import to_units  # whole cents, nothing else

CREDITING = ("accepted", "partly")
ANSWERS = ("resend", "answer", "proposal", "agreed", "thanks", "closing", "link")


def open_lines(env, company, debtor=None):
    """Open receivable lines of one company; credits are negative."""
    domain = [
        ("company_id", "=", company.id), ("account_type", "=", "asset_receivable"),
        ("parent_state", "=", "posted"), ("reconciled", "=", False),
        ("amount_residual_currency", "!=", 0), ("partner_id", "!=", False),
    ]
    if debtor:
        domain.append(("partner_id.commercial_partner_id", "=", debtor.id))
    lines = env["account.move.line"].with_context(active_test=False).search(domain)
    given_up = env["credit.item"].search([
        ("move_line_id", "in", lines.ids), ("close_reason", "=", "given_up"),
    ]).move_line_id
    return (lines - given_up).sorted(lambda line: (line.date_maturity or line.date, line.id))


def cash_on(items):
    """``[(day, amount)]`` of money matched with these items, without what a payment wrote off."""
    found = defaultdict(float)
    for line in items.move_line_id:
        for partial in line.matched_credit_ids:
            other = partial.credit_move_id
            if not other.payment_id and not other.statement_line_id:
                continue
            entry = other.move_id.line_ids
            receivable = -sum(
                one.balance for one in entry if one.account_type == "asset_receivable"
            )
            money = sum(
                one.balance for one in entry
                if one.account_id in (
                    other.payment_id.outstanding_account_id, other.journal_id.default_account_id
                )
            )
            share = min(1, max(0, money / receivable)) if receivable else 1
            found[partial.max_date] += partial.debit_amount_currency * share
    return sorted(found.items())


class Plain:
    """One debtor of one company on one day."""

    def __init__(self, env, company, debtor, today):
        self.env, self.company, self.debtor, self.today = env, company, debtor, today
        self.case = env["credit.case"].search([
            ("partner_id", "=", debtor.id), ("company_id", "=", company.id),
            ("state", "!=", "closed"),
        ])
        self.policy = self.case.policy_id
        self.lines = open_lines(env, company, debtor)
        self.items = {
            item.move_line_id: item
            for item in env["credit.item"].search([("move_line_id", "in", self.lines.ids)])
        }

    # ------------------------------------------------------------------ what waits

    def why_held(self):
        """Why nothing at all is asked of him."""
        case = self.case
        placements = self.env["credit.placement"].search([
            ("case_id", "=", case.id), ("state", "in", ("sent", "accepted")),
        ])
        if placements:
            return "placed"
        if case.paused_until and case.paused_until >= self.today:
            return "paused"
        if not self.policy or self.policy.do_nothing or not self.policy.level_ids:
            return "do_nothing"
        return ""

    def disputes(self, item):
        return self.env["credit.dispute"].search([
            ("state", "=", "open"), ("line_ids.item_id", "in", item.ids),
        ]).filtered(lambda one: one.until >= self.today or one.resolution in CREDITING)

    def agreements(self, item):
        """Those that hold: running and not broken by today, offered in time, settled and paid."""
        found = self.env["credit.agreement"].search([("item_ids", "in", item.ids)])
        return found.filtered(
            lambda one: one.state == "running" and not self.is_broken(one)
            or one.state == "proposed" and one.valid_until >= self.today
            or one.state == "kept" and one.kind == "settlement"
        )

    def unmatched(self, currency):
        """Money of his that nobody has matched."""
        return -sum(
            line.amount_residual_currency for line in self.lines
            if line.amount_residual_currency < 0 and line.currency_id == currency
            and (line.payment_id or line.statement_line_id)
        )

    def received(self, agreement):
        """What has come since it was made, by day."""
        before, flow = agreement.paid_before, []
        for on, amount in cash_on(agreement.item_ids):
            used = min(before, amount)
            before -= used
            if amount - used > 0.004 and on <= self.today:
                flow.append((max(on, agreement.start_on), amount - used))
        return flow

    def asked_in_all(self, agreement, come):
        """Up to which sum its instalments are asked for: what we look into waits, the last ones."""
        open_items = agreement.item_ids.filtered(lambda item: not item.closed_on)
        parts = self.disputes(open_items).line_ids.filtered(lambda own: own.item_id in open_items)
        if not parts:
            return sum(line.amount - line.interest for line in agreement.line_ids)
        for item in open_items:
            own = parts.filtered(lambda part, item=item: part.item_id == item)
            whole = any(not part.amount for part in own)
            come += 0 if whole else max(item.amount_residual - sum(own.mapped("amount")), 0)
        return come

    def waiting(self, agreement, on):
        """What of its items was looked into on that day."""
        found = defaultdict(float)
        for own in self.env["credit.dispute.line"].search([
            ("item_id", "in", agreement.item_ids.ids), ("held_on", "<=", on),
            "|", ("freed_on", "=", False), ("freed_on", ">", on),
        ]):
            dispute, item = own.dispute_id, own.item_id
            if own.freed_on or dispute.state == "open":
                found[item] = max(found[item], own.waited)
        return sum(found.values())

    def days_late(self, line, own, before, agreement, total, received):
        """Those since its day on which it was asked for, one by one; ``own``: what is asked of it.
        """
        late, on = 0, line.due_on
        while on < self.today:
            asked = total - self.waiting(agreement, on)
            waiting = min(before + own - asked, own)
            late += not (waiting > 0.004 and (
                waiting > own / 2 + 0.004 or received >= asked - 0.004
            ))
            on += timedelta(1)
        return late

    def is_broken(self, agreement):
        if all(item.closed_on for item in agreement.item_ids):
            return False
        come = sum(amount for _on, amount in self.received(agreement))
        left = agreement.item_ids.filtered(lambda item: not item.closed_on)
        total = come + sum(left.mapped("amount_residual"))
        asked = min(self.asked_in_all(agreement, come), total)
        come += self.unmatched(agreement.currency_id)
        owed, late = 0, []
        for line in agreement.line_ids.sorted("due_on"):
            waits, before = owed >= asked - 0.004, owed
            owed += line.amount - line.interest
            if not waits and come < min(owed, asked) - 0.004:
                own = min(owed, asked) - before
                late.append(self.days_late(line, own, before, agreement, total, come))
        missed = [days for days in late if days > agreement.tolerance_days]
        if agreement.max_missed and len(missed) >= agreement.max_missed:
            return True
        beyond = max(agreement.max_late_days, agreement.tolerance_days)
        return bool(agreement.max_late_days and late and late[0] > beyond)

    def hold(self, line):
        """``(held, counts for the suspension, disputed part)`` of one line."""
        item = self.items.get(line)
        if not item:
            return False, True, 0
        disputes, part = self.disputes(item), 0
        for own in disputes.line_ids.filtered(lambda one: one.item_id == item):
            if not own.amount:
                return True, False, 0
            part += own.amount
        agreements = self.agreements(item)
        if agreements:
            best = agreements.sorted(lambda one: (one.state, one.id))[-1]
            counts = best.state == "proposed" or best.kind == "promise" or (
                best.state == "running" and not self.policy.plan_lifts_suspension
            )
            return True, counts, part
        ours = self.env["credit.dispute.line"].search([
            ("item_id", "=", item.id), ("excluded", "=", True),
        ])
        if line.no_followup and not ours:
            return True, False, part
        if item.paused_until and item.paused_until >= self.today:
            return True, False, part
        return False, True, part

    # ------------------------------------------------------------------ what is asked

    def asked(self, blocking=False):
        """``{line: (residual, credit, value left)}`` after credits, the oldest covered first."""
        left = defaultdict(float)
        for line in self.lines:
            if line.amount_residual_currency < 0:
                left[line.currency_id] -= line.amount_residual_currency
        found = {}
        for line in self.lines.filtered(lambda one: one.amount_residual_currency > 0):
            held, counts, part = self.hold(line)
            residual = line.currency_id.round(max(line.amount_residual_currency - part, 0))
            if not residual or held and not (blocking and counts):
                continue
            credit = min(left[line.currency_id], residual)
            left[line.currency_id] -= credit
            rest = line.currency_id.round(residual - credit)
            tolerance = self.company.currency_id._convert(
                self.policy.tolerance, line.currency_id, self.company, self.today
            )
            rounding = line.currency_id.rounding
            if to_units(rest, rounding) > to_units(tolerance, rounding):
                value = line.amount_residual * rest / line.amount_residual_currency
                found[line] = (residual, line.currency_id.round(credit), value)
        return found

    def due_on(self, line):
        return line.date_maturity or line.date

    def overdue(self, asked):
        return {line: row for line, row in asked.items() if self.due_on(line) < self.today}

    # ------------------------------------------------------------------ the suspension

    def suspension(self):
        """``(cause, near)``: why credit stops today, and whether it does tomorrow."""
        policy = self.policy
        debtor = self.debtor.with_company(self.company)
        if debtor.credit_care_never_suspend or not policy:
            return "", False
        late = self.overdue(self.asked(blocking=True))
        oldest = max(((self.today - self.due_on(line)).days for line in late), default=0)
        value = sum(row[2] for row in late.values())
        after = 0 if policy.do_nothing else policy.suspend_after_days
        enough = value >= policy.suspend_min_amount
        if after and oldest > after and enough:
            return "overdue", True
        cause = "agreement" if self.has_broken() and policy.suspend_on_broken else ""
        return cause, bool(after and oldest >= after and enough)

    def has_broken(self):
        broken = self.env["credit.agreement"].search([
            ("item_ids.case_id", "=", self.case.id), ("state", "=", "broken"),
        ])
        for item in (broken.item_ids & self.case.item_ids).filtered(lambda one: not one.closed_on):
            if not self.env["credit.agreement"].search_count([
                ("item_ids", "in", item.ids), ("state", "=", "running"),
            ]):
                return True
        return False

    # ------------------------------------------------------------------ the ladder

    def extra_days(self, item):
        again = item.restarted_on
        return max((again - item.due_on).days, 0) if again else 0

    def gap_over(self, last):
        return not last or self.today >= last + timedelta(max(self.policy.min_gap_days, 1))

    def step_of(self, item, place, late):
        """The step that this item takes today if it stands at ``place``, a day or None."""
        come = []
        for level in self.policy.level_ids.sorted("delay_days"):
            if place is not None and level.delay_days <= place:
                continue
            if level.delay_days < 0 and late:
                continue
            if level.late_payers_only and not self.case.pays_late:
                continue
            wait = 0 if level.delay_days < 0 else self.extra_days(item)
            if item.due_on + timedelta(level.delay_days + wait) <= self.today:
                come.append(level)
            if place is not None or self.policy.catch_up == "first":
                break  # one at a time
        return come[-1:]

    def steps(self, former):
        """``{item: level}`` that the night owes him; ``former``: ``{item: (day, on)}`` of those
        that have climbed in this very night."""
        if self.why_held():
            return {}
        asked, found = self.asked(), {}
        late = bool(self.overdue(asked))
        for line in asked:
            item = self.items.get(line)
            if not item:
                continue
            day, on = former.get(item, (item.level_on and item.reached_day, item.level_on))
            level = self.step_of(item, day if on else None, late)
            if level and self.gap_over(on):
                found[item] = level[0]
        return found
