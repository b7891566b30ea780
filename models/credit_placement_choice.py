from collections import defaultdict
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain import mandate
from ..domain.money import to_units


class Table(NamedTuple):
    """The rules of a company on one day, and what each mandate has got under each so far. The last
    rule has no record: the shares on the mandates themselves. ``given``: counts by mandate, by
    rule (its number) and kind."""

    rules: Any
    domain_rules: tuple
    mandates: tuple
    given: dict
    today: Any

    def choose(self, case):
        """Without writing anything; the choice counts for those that follow."""
        number = mandate.rule_of(case, self.domain_rules)
        given = self.given[number, case.kind]
        choice = mandate.choose(case, self.domain_rules, self.mandates, given, self.today)
        if choice.mandate:
            given[choice.mandate] += 1
        return choice

    def get_rule(self, choice):
        """The record of the rule; empty where the shares on the mandates decided."""
        known = choice.rule is not None and choice.rule < len(self.rules)
        return self.rules[choice.rule] if known else self.rules.browse()


class CreditPlacement(models.Model):
    """Which agency gets it, by which rule and why, in words."""

    _inherit = "credit.placement"

    rule_id = fields.Many2one(
        "credit.mandate.rule", "By the rule", readonly=True, ondelete="set null", copy=False,
        index="btree_not_null",
    )
    choice_note = fields.Text(
        "Why this agency", readonly=True, copy=False,
        groups="account_credit_care.group_credit_user",
    )

    # ------------------------------------------------------------------ the table

    @api.model
    def _read_table(self, company, today):
        """Rules, mandates and counts: read once, however many cases are dealt out."""
        rules = self.env["credit.mandate.rule"].sudo().search([("company_id", "=", company.id)])
        active = self.env["credit.mandate"].sudo().search([
            ("company_id", "=", company.id), ("state", "=", "active"),
        ], order="id")
        sharing = active.filtered("share")
        everybody = mandate.Rule({one.id: one.share for one in sharing})
        started = max(sharing.mapped("start_on"), default=today)
        given = defaultdict(lambda: defaultdict(int))
        for number, rule in enumerate(rules):
            started_rule = max([rule.shares_since or today,
                                *rule.share_ids.mandate_id.filtered("start_on").mapped("start_on")])
            self._count_given(given, number, rule, started_rule)
        self._count_given(given, len(rules), rules.browse(), started, company)
        return Table(
            rules, (*(rule._to_domain() for rule in rules), everybody),
            tuple(one._to_domain() for one in active), given, today,
        )

    def _count_given(self, given, number, rule, since, company=None):
        """What was placed under this rule; what somebody chose by hand counts as given, too."""
        whose = [("rule_id", "=", rule.id)] if rule else [
            ("rule_id", "=", False), ("company_id", "=", company.id),
        ]
        for one, kind, count in self.sudo()._read_group(
            [*whose, ("sent_on", ">=", since), ("mandate_id", "!=", False)],
            ["mandate_id", "kind"], ["__count"],
        ):
            given[number, kind][one.id] = count

    @api.model
    def _get_wanted(self, case, amount, kind, held_by):
        """The case as the choice of an agency asks; ``held_by``: the rules whose segment it is
        in."""
        debtor = case.partner_id.sudo()
        code = (debtor.zip or "").strip()
        areas = {("country", debtor.country_id.id), ("state", debtor.state_id.id)} | {
            ("zip", debtor.country_id.id, code[:length]) for length in range(1, len(code) + 1)
        }
        return mandate.Case(
            amount, kind, segments=frozenset(held_by), areas=frozenset(areas),
            priority=case.relationship_priority,
        )

    def _choose(self, table, case, amount, kind):
        """``(mandate, rule, why)`` for a case of which ``amount`` may be placed."""
        held = table.rules._get_segments({case.partner_id.id: case.policy_id.id})
        wanted = self._get_wanted(case, amount, kind, held[case.partner_id.id])
        choice = table.choose(wanted)
        rule = table.get_rule(choice)
        # the night speaks no language: its reasons are read by the owner of the case
        lang = self.env.context.get("lang") or case._for_owner().env.lang
        own = self.with_context(lang=lang)
        return (
            self.env["credit.mandate"].sudo().browse(choice.mandate or []), rule,
            own._explain_choice(choice, rule.with_env(own.env), wanted),
        )

    # ------------------------------------------------------------------ in words

    def _explain_choice(self, choice, rule, wanted):
        """Which rule holds the case, whom it leaves out and why."""
        mandates = self.env["credit.mandate"].sudo()
        left_out = [
            mandates.browse(key)._explain_refusal(code)
            for key, codes in choice.refused.items() for code in codes
        ]
        return "\n".join([self._explain_rule(choice, rule), *left_out])

    def _explain_rule(self, choice, rule):
        if not rule:
            return self.env._(
                "No rule holds this case: it goes by the shares of the mandates."
            ) if choice.mandate or choice.refused else self.env._(
                "No rule holds this case, and no active mandate has a share: choose by hand."
            )
        values = {"rule": rule.name, "cases": rule.case_note, "shares": rule.share_note}
        if not rule.share_ids:
            return self.env._("“%(rule)s” (%(cases)s) keeps it in the house.", **values)
        return self.env._("By the rule “%(rule)s”: %(cases)s → %(shares)s", **values)

    def _is_kept_in_house(self):
        return bool(self.rule_id) and not self.rule_id.share_ids

    # ------------------------------------------------------------------ again

    def action_choose(self):
        """Asks the rules once more: after the kind was changed, or a rule."""
        for placement in self._checked():
            if placement.state != "ready":
                raise UserError(self.env._(
                    "What was placed does not change. Recall it, and place it anew."
                ))
            placement._choose_again()
        return True

    def write(self, vals):
        result = super().write(vals)
        if vals.get("mandate_id") and not self.env.su:
            self.sudo().write({
                "choice_note": self.env._("Chosen by %(name)s.", name=self.env.user.name),
            })
        return result

    def _choose_again(self):
        self.ensure_one()
        company = self.company_id
        table = self._read_table(company, company._credit_today())
        amount = to_units(self.amount, self.currency_id.rounding)
        chosen, rule, why = self._choose(table, self.case_id, amount, self.kind)
        self.write({
            "mandate_id": chosen.id, "rule_id": rule.id, "choice_note": why,
            "pressure": self._get_pressure(self.case_id, chosen, self.kind),
        })
