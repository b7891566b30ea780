from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL

from ..domain import receipts
from ..domain.money import from_units


class CreditAgreement(models.Model):
    """Where agreements stand today: judged by what the ledger has received, written in two
    statements for all; what has changed is told to whoever must know."""

    _inherit = "credit.agreement"

    def _review(self, today):
        """Where each of these stands today, written in two statements for all; what has changed is
        told to whoever must know."""
        agreements = self.sudo()
        news, heads, lines, due = defaultdict(list), [], [], []
        watched = agreements._read_watched(today)
        for agreement, one in zip(agreements, watched, strict=True):
            course = receipts.follow(
                one.instalments, one.receipts, one.monitoring, today, one.settled
            )
            seen = agreements._see(one, course, today)
            target = agreements._get_target(one, course, seen)
            if target != one.state:
                news[target].append((agreement, seen))
            heads.append(agreements._to_head(one, course, seen, today))
            lines += agreements._to_lines(one, course, seen, today)
            if target == "running" and one.kind != "promise":
                due += agreements._get_due_messages(one, seen, today)
        agreements._write_review(heads, lines)
        for target, batch in news.items():
            getattr(agreements, f"_become_{target}")(batch, today)
        self.env["credit.action"]._plan_instalments(due)

    def _review_again(self, today):
        """Before something is sent about them: hours may have passed since the night."""
        if self:
            self._review(today)

    def _see(self, one, course, today):
        """As a fair person sees it. Who has paid, though nobody has matched it with an invoice yet,
        is neither chased nor broken by it; nothing is *kept* by such money: it may belong to
        something else. What we are looking into, or a credit note has taken away, is asked for by
        nobody: the last instalments wait, and the clock stood still for those that have waited.
        """
        if course.state == "kept":
            return course
        owed = one.open if one.free is None else one.free
        asked = receipts.stand_still(
            receipts.up_to(one.instalments, course.received + owed),
            course.received + one.open, course.received + one.credit, one.spans,
        )
        money = one.receipts
        if one.credit:
            money = (*money, receipts.Receipt(today, one.credit))
        return receipts.follow(asked, money, one.monitoring, today)

    def _get_target(self, one, course, seen):
        """A broken agreement stays broken, whatever is paid later: that is another story. A kept
        one runs again when a payment came back, and the next night judges it."""
        if one.state == "broken":
            return "broken"
        if course.state == "kept":
            return "kept"
        if one.state == "kept" or seen.state != "broken":
            return "running"
        return "broken"

    def _to_head(self, one, course, seen, today):
        again = [
            seen.next_check_on, receipts.next_contact_on(seen, today, *one.contact_days),
            (one.credit or one.free is not None) and fields.Date.add(today, days=1),
        ]
        return (
            one.id, from_units(course.received, one.rounding),
            from_units(seen.missing, one.rounding), seen.next_due_on,
            min(filter(None, again), default=None), seen.breaks_on,
            from_units(one.cash, one.rounding),
        )

    def _get_due_messages(self, one, seen, today):
        """``(purpose, line id)`` of the instalment to remind of, or to chase for."""
        before, after = one.contact_days
        remind = receipts.to_remind(seen, today, before)
        chase = receipts.to_chase(seen, today, after)
        if chase is not None:
            return [("chase", one.line_ids[chase])]
        return [("instalment", one.line_ids[remind])] if remind is not None else []

    def _to_lines(self, one, course, seen, today):
        """What was received, and whether it is late by the day that counts: nobody is late with
        what waits, nor by the days that it has waited."""
        views = (*seen.lines, *[None] * (len(course.lines) - len(seen.lines)))
        return [
            (
                line_id, from_units(line.received, one.rounding), line.paid_on,
                *receipts.judge(line, view, one.monitoring.tolerance_days, today),
            )
            for line_id, line, view in zip(one.line_ids, course.lines, views, strict=True)
        ]

    def _foresee_contacts(self, company, start, until, partner_ids=None):
        """``{debtor id: {day, …}}`` on which the nights from ``start`` to ``until`` will write
        about an instalment if no money comes: reminders of other debts keep their distance. Of
        some debtors, or of all."""
        running = self.search([
            ("company_id", "=", company.id), ("state", "=", "running"), ("kind", "!=", "promise"),
            ("next_check_on", "<=", until),
            *([("partner_id", "in", partner_ids)] if partner_ids is not None else []),
        ])
        written = self.env["credit.action"].sudo().search_fetch(
            [("agreement_line_id", "in", running.line_ids.ids), ("state", "!=", "cancelled")],
            ["purpose", "agreement_line_id"],
        )
        known = {(action.purpose, action.agreement_line_id.id) for action in written}
        days = defaultdict(set)
        for first, last, some in running._divide(start, until):
            for agreement, one in zip(some, some._read_watched(first), strict=True):
                for on, messages in self._walk(one, first, last[agreement.id]):
                    if not known.issuperset(messages):
                        days[agreement.partner_id.id].add(on)
                    known.update(messages)
        return days

    def _divide(self, start, until):
        """``(day, {agreement id: last day}, agreements)``: these from ``start`` on, and each again
        from the day on which a dispute of its items ends, since what it asks for changes then."""
        lines = self.env["credit.dispute.line"].search([
            ("item_id", "in", self.item_ids.ids), ("dispute_id.state", "=", "open"),
            ("dispute_id.resolution", "=", False), ("dispute_id.until", ">=", start),
            ("dispute_id.until", "<", until),
        ])
        days_of = defaultdict(set)
        for line in lines:
            days_of[line.item_id].add(fields.Date.add(line.dispute_id.until, days=1))
        ends = {
            agreement.id: set().union(*(days_of[item] for item in agreement.item_ids))
            for agreement in self
        }
        for day in sorted({start}.union(*ends.values())):
            some = self.filtered(lambda one, on=day: on == start or on in ends[one.id])
            last = {
                one.id: min(
                    (fields.Date.subtract(on, days=1) for on in ends[one.id] if on > day),
                    default=until,
                )
                for one in some
            }
            yield day, last, some

    def _walk(self, one, start, until):
        """``(day, messages)`` of each night that looks at it, while it runs."""
        on = start
        while on and on <= until:
            course = receipts.follow(
                one.instalments, one.receipts, one.monitoring, on, one.settled
            )
            seen = self._see(one, course, on)
            if self._get_target(one, course, seen) != "running":
                return
            yield on, self._get_due_messages(one, seen, on)
            ahead = (seen.next_check_on, receipts.next_contact_on(seen, on, *one.contact_days))
            on = min(filter(None, ahead), default=None)

    def _write_review(self, heads, lines):
        self.env.flush_all()
        if heads:
            self.env.execute_query(SQL(
                """UPDATE credit_agreement agreement
                      SET amount_received = v.received, amount_missing = v.missing,
                          next_due_on = v.next_due, next_check_on = v.next_check,
                          breaks_on = v.breaks, cash_seen = v.cash,
                          -- what had come before and bounced is not made up for by instalments
                          paid_before = LEAST(COALESCE(paid_before, 0), GREATEST(v.cash, 0))
                     FROM unnest(%s::int[], %s::numeric[], %s::numeric[], %s::date[], %s::date[],
                                 %s::date[], %s::numeric[])
                          AS v (id, received, missing, next_due, next_check, breaks, cash)
                    WHERE agreement.id = v.id RETURNING agreement.id""",
                *([*column] for column in zip(*heads, strict=True)),
            ))
        if lines:
            self.env.execute_query(SQL(
                """UPDATE credit_agreement_line line
                      SET received = v.received, paid_on = v.paid, late_days = v.late,
                          state = v.state, counts_on = v.counts
                     FROM unnest(%s::int[], %s::numeric[], %s::date[], %s::int[], %s::varchar[],
                                 %s::date[])
                          AS v (id, received, paid, late, state, counts)
                    WHERE line.id = v.id RETURNING line.id""",
                *([*column] for column in zip(*lines, strict=True)),
            ))
        self.invalidate_model()
        self.env["credit.agreement.line"].invalidate_model()

    # ------------------------------------------------------------------ what follows

    def _become_running(self, news, today):
        """A payment that came back, or a credit note: what was kept is open again."""
        for agreement, _course in news:
            agreement._follow_items()
            agreement._set_state("running", ended_on=False, next_check_on=today)
            agreement._stop_write_off()
            agreement.message_post(body=self.env._("What had settled it came back: it runs again."))

    def _follow_items(self):
        """What is open again after its case was closed goes on in the case that lives now: there it
        is seen, asked for and answered."""
        live = self.item_ids.filtered(lambda item: not item.closed_on).case_id
        if self.case_id.state == "closed" and len(live) == 1:
            self.case_id = live

    def _become_kept(self, news, today):
        for agreement, _course in news:
            agreement._set_state("kept", ended_on=today, next_check_on=False, breaks_on=False)
            if agreement.kind == "settlement" and agreement.amount_reduction:
                self.env["credit.task"]._ask_to_write_off(agreement)

    def _become_broken(self, news, today):
        """The ladder resumes where it was, suspension returns, somebody calls: a broken word is
        the moment to listen, not to threaten."""
        for agreement, course in news:
            agreement._set_state(
                "broken", broken_on=course.broken_on, broken_why=course.broken_why,
                ended_on=today, next_check_on=False,
            )
            agreement._forgo_interest()
            self.env["credit.task"]._ask_about_broken(agreement)
