import logging

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..domain import mandate, owed
from ..domain.fees import COURTESY, Entrusted
from ..domain.mandate import granted
from ..domain.money import from_units, to_units
from .credit_mandate import OPEN
from .credit_mandate_terms import PREVIEW
from .credit_placement import OUT
from .errors import brief, is_passing

_logger = logging.getLogger(__name__)


class CreditPlacement(models.Model):
    """How a case leaves the house: prepared with items, mandate and price; sent on a manager's
    word, or by itself where the policy says so. Both look at the debtor as he stands now."""

    _inherit = "credit.placement"

    # ------------------------------------------------------------------ prepared

    def _prepare(self, case, kind="collection", items=None, level=None):
        """A placement that waits for a word, with what may be placed today; a courtesy call may be
        about ``items`` that are not overdue yet."""
        today = case.company_id._credit_today()
        ahead = set(items.ids) if items else set()
        self._check_may_go(case, kind, today, ahead)
        items = self._read_placeable(case, today, ahead)[0].values()
        rounding = case.currency_id.rounding
        table = self._read_table(case.company_id, today)
        amount = sum(item.value for item in items)
        chosen, rule, why = self._choose(table, case, amount, kind)
        return self.sudo().create({
            "case_id": case.id, "handover_id": case.note_id.id, "kind": kind, "ready_on": today,
            "level_id": level.id if level else False,
            "mandate_id": chosen.id, "rule_id": rule.id, "choice_note": why,
            "pressure": self._get_pressure(case, chosen, kind),
            "line_ids": [
                (0, 0, {
                    "item_id": item.key,
                    "amount": from_units(
                        item.residual,
                        self.env["res.currency"].browse(item.currency).rounding,
                    ),
                    "amount_company": from_units(item.value, rounding),
                })
                for item in items
            ],
        })

    def _get_pressure(self, case, chosen, kind):
        """The gentlest of what case, salesperson, mandate and kind allow."""
        grades = (
            case.pressure, case.note_id.approach, chosen.pressure,
            kind == COURTESY and "gentle", "formal",
        )
        return granted(*filter(None, grades))

    def _read_placeable(self, case, today, ahead=()):
        """``({item id: what may be placed of it}, facts)``: overdue (or among the items ``ahead``),
        and neither paused, disputed, promised, under an agreement, on its way nor covered by
        credits."""
        facts = self.env["credit.standing"].sudo()._read_cases(
            case, case.company_id, today
        )[case.partner_id.id]
        free = owed.uncovered(facts.debtor, facts.rules, today)
        return {
            item.key: item for item in free if item.due_on < today or item.key in ahead
        }, facts

    def _check_may_go(self, case, kind, today, ahead=()):
        """Whether the case may leave the house, whoever asks; if not, what has to happen first."""
        if kind == COURTESY and case.partner_id.sudo().credit_care_no_calls:
            raise UserError(self.env._(
                "%(debtor)s wants no calls. Write instead.", debtor=case.partner_id.display_name
            ))
        free, facts = self._read_placeable(case, today, ahead)
        note, head = case.note_id, facts.debtor
        held, until = (head.held, head.held_until) if head.is_held(today) else ("", None)
        if not held and note.own_step_until and note.own_step_until >= today:
            held, until = "own_step", note.own_step_until
        candidate = mandate.Candidate(
            max((item.days_overdue(today) for item in free.values()), default=0),
            sum(item.value for item in free.values()),
            note.state in ("submitted", "waived"), kind, held, until,
            placed=bool(case.sudo().placement_ids.filtered(lambda p: p.state in OPEN) - self),
        )
        for code in mandate.readiness(candidate, 1, today).waits:
            raise UserError(self._explain_wait(code, case, until))

    def _explain_wait(self, code, case, until):
        values = {
            "debtor": case.partner_id.display_name, "name": case.note_id.user_id.name or "",
            "day": format_date(self.env, until) if until else "",
        }
        texts = {
            "nothing_open": self.env._(
                "Nothing of %(debtor)s can be placed: what is overdue is paid, disputed, promised,"
                " under an agreement, paused or covered by credits.", **values),
            "no_note": self.env._(
                "%(debtor)s cannot be placed without the note of the salesperson. Ask for it, or"
                " let a manager waive it with a reason.", **values),
            "paused": self.env._(
                "%(debtor)s is paused until %(day)s. Resume the case first.", **values),
            "own_step": self.env._(
                "%(name)s takes care of %(debtor)s himself until %(day)s.", **values),
            "placed": self.env._("%(debtor)s is placed, or about to be, already.", **values),
        }
        return texts.get(code) or texts["nothing_open"]

    # ------------------------------------------------------------------ sent

    def _send(self):
        """A manager's word."""
        for placement in self._checked():
            placement._hand_over()

    def _hand_over(self):
        """From here on it is the agency's: what is placed is frozen, the house stops asking."""
        self.ensure_one()
        case, today = self.case_id, self.company_id._credit_today()
        ahead = set(self.line_ids.item_id.ids) if self.kind == COURTESY else set()
        self._check_may_go(case, self.kind, today, ahead)
        self._freeze(today, ahead)
        for sentence in self._get_refusals(today):
            raise UserError(sentence)
        self._set_state(
            "sent", sent_on=today, until_on=self._get_last_day(today),
            name=self.name or self._next_number(),
        )
        if case.state == "courtesy" and self.kind != COURTESY:
            case._set_state("collection", today)
        if self.kind != COURTESY:
            case._set_state("legal" if self.kind == "legal" else "agency", today)
        case._stop_own_dunning()
        self._tell("placed", today)

    def _freeze(self, today, ahead=()):
        """The amounts of this moment. What was settled since is left out; what is held is
        refused: somebody has to decide."""
        free, facts = self._read_placeable(self.case_id, today, ahead)
        held = {item.key: item.held or "covered" for item in facts.debtor.items}
        lines = self.line_ids
        gone = lines.filtered(lambda line: line.item_id.id not in held)
        for line in lines - gone:
            if line.item_id.id not in free:
                raise UserError(self.env._(
                    "“%(item)s” cannot be placed: %(why)s. Remove it from the placement.",
                    item=line.item_id.display_name,
                    why=self.env["credit.standing"]._explain(held[line.item_id.id]),
                ))
            item = free[line.item_id.id]
            line.write({
                "amount": from_units(item.residual, line.currency_id.rounding),
                "amount_company": from_units(item.value, self.currency_id.rounding),
            })
        gone.unlink()
        if not self.line_ids:
            raise UserError(self._explain_wait("nothing_open", self.case_id, None))
        self._remember_earlier(today)
        self.age = max(0, *(free[line.item_id.id].days_overdue(today) for line in self.line_ids))

    def _next_number(self):
        return self.env["ir.sequence"].sudo().with_company(self.company_id).next_by_code(
            "credit.placement"
        )

    def _get_refusals(self, today):
        """Why this agency may not take it, in sentences."""
        own = self.sudo()
        if not own.mandate_id:
            kept = own._is_kept_in_house() and own.choice_note
            return [kept or self.env._("No mandate is chosen. Choose one that is active.")]
        if own.mandate_id.state != "active":
            return [own.mandate_id._explain_refusal("unknown")]
        case = mandate.Case(
            to_units(own.amount, own.currency_id.rounding), own.kind, own.pressure,
            priority=own.case_id.relationship_priority,
        )
        codes = mandate.refusals(case, own.mandate_id._to_domain(), today)
        if own.kind == COURTESY and not own.mandate_id.disclosure:
            codes = (*codes, "no_disclosure")
        return [own.mandate_id._explain_refusal(code) for code in codes]

    def _place_by_itself(self, cases):
        """``{case: why not}`` of those that could not go; the others are with the agency."""
        refused = {}
        for case in cases:
            try:
                with self.env.cr.savepoint():
                    self._prepare(case)._hand_over()
            except UserError as error:
                self.env.invalidate_all()
                refused[case] = brief(error)
        return refused

    # ------------------------------------------------------------------ price

    @api.depends("mandate_id", "kind", "pressure", "line_ids", "state")
    def _compute_price(self):
        """What it would cost, and why it may not go, before anybody sends it."""
        self.price_html = False
        self.refusal_note = False
        for placement in self.filtered(lambda p: p.state == "ready"):
            today = placement.company_id._credit_today()
            placement.refusal_note = "\n".join(placement._get_refusals(today))
            if placement.mandate_id:
                placement.price_html = placement._render_price(today)

    def _render_price(self, today):
        rounding = self.currency_id.rounding
        age = max((line.item_id.days_overdue for line in self.line_ids), default=0)
        costs = self.sudo().mandate_id._simulate((
            Entrusted(self.id, today, to_units(self.amount, rounding), age, self.kind),
        ))
        def money(units):
            return self.currency_id.format(from_units(units, rounding))

        return self.env["ir.qweb"]._render(
            "account_credit_care.placement_price", {"rows": [
                {
                    "share": percent, "recovered": money(cost.recovered), "fee": money(cost.total),
                    "left": money(cost.recovered - cost.total),
                }
                for percent, cost in zip(PREVIEW, costs, strict=True)
            ]}, minimal_qcontext=True,
        )

    # ------------------------------------------------------------------ the night

    def _follow(self, company, today):
        """What was placed and has been settled, however that came, is closed. One that fails is
        somebody's task, and stops no other."""
        self._watch_terms(company, today)
        self._entrust_waiting(company)
        settled = self.sudo().search([
            ("company_id", "=", company.id), ("state", "in", OUT),
            ("line_ids", "not any", [("item_id.closed_on", "=", False)]),
        ])
        for placement in settled:
            try:
                with self.env.cr.savepoint():
                    placement._end("closed", self.env._("Everything placed is settled"))
            except Exception as error:
                self.env.invalidate_all()
                if is_passing(error):
                    raise
                _logger.exception("Placement %s could not be closed", placement.id)
                self.env["credit.task"]._ask_about_failure(placement, brief(error))

    def _withdraw_unfit(self):
        """Who may not work on it any more is taken off it at once."""
        for placement in self.sudo().filtered(lambda p: p.collector_id and p.state in OPEN):
            collector = placement.collector_id
            fit = collector.active and (
                collector.qualified_on or not placement.relationship_priority
            )
            if not fit:
                placement.collector_id = False
                placement.message_post(body=self.env._(
                    "%(collector)s was taken off: not qualified, or no longer on the mandate.",
                    collector=collector.display_name,
                ))
