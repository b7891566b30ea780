from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .agency_common import AgencyCommon


@tagged("post_install", "-at_install")
class MandateRuleCommon(AgencyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_mandate(
            name="Second", agency_id=cls.env["res.partner"].create({
                "name": "Gentle Calls", "is_company": True,
            }).id,
        )
        cls.other.with_user(cls.manager).action_activate()
        cls.italy, cls.france = cls.env.ref("base.it"), cls.env.ref("base.fr")
        cls.modena = cls.env.ref("base.state_it_mo")
        cls.debtor.write({"country_id": cls.italy.id, "state_id": cls.modena.id, "zip": "41121"})

    def _create_rule(self, *shares, name="Rule", **values):
        """``shares``: mandates, or pairs of mandate and weight."""
        pairs = [share if isinstance(share, tuple) else (share, 1) for share in shares]
        rules = self.env["credit.mandate.rule"].with_user(self.manager)
        with self.at(0):
            return rules.with_company(self.company).create({
                "name": name, "company_id": self.company.id,
                "share_ids": [
                    Command.create({"mandate_id": mandate.id, "weight": weight})
                    for mandate, weight in pairs
                ],
                **values,
            })

    def _place(self, partner, offset=1):
        """Asked for, waived and placed on that day."""
        case = self._case(partner)
        with self.at(offset):
            if not case.note_id:
                case.with_user(self.controller).action_request_note()
            if case.note_id.state == "requested":
                case.note_id.with_user(self.manager)._waive("test")
        return self._send(self._prepare(offset, case), offset)

    def _overdue(self, *names):
        debtors = [self._create_debtor(name) for name in names]
        for debtor in debtors:
            self._create_due(-35, partner=debtor)
        self._nights(-12, -6, 0)
        return debtors


@tagged("post_install", "-at_install")
class TestMandateRule(MandateRuleCommon):
    def test_without_rules_the_shares_of_the_mandates_decide(self):
        self.mandate.share = 0
        placement = self._ready()
        self.assertEqual(placement.mandate_id, self.other)
        self.assertIn("No rule holds this case", placement.choice_note)
        self.assertFalse(placement.rule_id)

    def test_the_owner_of_the_case_reads_why_in_his_language(self):
        self._speak_italian()
        self.controller.lang = "it_IT"
        self.mandate.share = 0
        placement = self._ready()
        self.assertIn("Nessuna regola comprende", placement.choice_note)

    def test_the_first_rule_that_holds_the_case_decides_and_says_why(self):
        self._create_rule(self.other, name="France", country_ids=[Command.set(self.france.ids)])
        rule = self._create_rule(
            self.other, name="Modena", state_ids=[Command.set(self.modena.ids)], min_amount=500,
        )
        self._create_rule(self.mandate, name="All others")
        placement = self._ready()
        self.assertEqual((placement.mandate_id, placement.rule_id), (self.other, rule))
        for words in ("Modena", "from $ 500.00", "Gentle Calls", "100 %"):
            self.assertIn(words, placement.choice_note.replace("\xa0", " "))

    def test_each_condition_can_keep_a_case_out(self):
        self._write_note(self._ask(), 1)
        tag = self.env["res.partner.category"].create({"name": "Shops"})
        policy = self._create_policy(is_default=False, name="Another", scope="chosen")
        segment = f"[('category_id', 'in', {tag.ids})]"
        rule = self._create_rule(self.other, name="Narrow")
        for values, holds in (
            ({"country_ids": [Command.set(self.france.ids)]}, False),
            ({"country_ids": [Command.set(self.italy.ids)]}, True),
            ({"zip_prefixes": "40, 42"}, False),
            ({"zip_prefixes": "40, 411"}, True),
            ({"zip_prefixes": False, "min_amount": 1000.01}, False),
            ({"min_amount": 1000}, True),
            ({"max_amount": 1000, "min_amount": 0}, False),
            ({"max_amount": 1000.01}, True),
            ({"kind": "courtesy", "share_ids": [Command.clear()]}, False),
            ({"kind": "collection", "share_ids": [
                Command.create({"mandate_id": self.other.id})]}, True),
            ({"priority": "yes"}, False),
            ({"priority": "no"}, True),
            ({"policy_ids": [Command.set(policy.ids)]}, False),
            ({"policy_ids": [Command.set((policy | self.policy).ids)]}, True),
            ({"segment_domain": segment}, False),
        ):
            rule.write(values)
            self.assertHolds(rule, holds, values)
        self.debtor.category_id = tag
        self.assertHolds(rule, True, "in the segment")

    def assertHolds(self, rule, holds, label):
        with self.subTest(label), self.at(1):
            placement = self._prepare()
            self.assertEqual(placement.rule_id, rule if holds else rule.browse())
            placement.with_user(self.manager)._recall("again")

    def test_provinces_stand_in_the_place_of_their_country(self):
        rule = self._create_rule(
            self.other, country_ids=[Command.set(self.italy.ids)],
            state_ids=[Command.set(self.env.ref("base.state_it_bo").ids)],
        )
        self.assertFalse(self._ready().rule_id)
        rule.state_ids |= self.modena
        placement = self.env["credit.placement"].search([("state", "=", "ready")])
        placement.with_user(self.manager).action_choose()
        self.assertEqual(placement.rule_id, rule)

    def test_a_rule_without_mandates_keeps_it_in_the_house(self):
        self._create_rule(name="Ours")
        self.policy.place_by_itself = True
        self._write_note(self._ask(), 2)
        self._nights(*range(3, 12))
        case = self._case()
        self.assertFalse(case.placement_ids)
        decide = case.activity_ids.filtered(lambda a: a.summary == "Decide on the agency")
        self.assertIn("keeps it in the house", decide.note)
        placement = self._prepare(12)
        with self.at(12):
            self.assertIn("keeps it in the house", placement.refusal_note)
        placement.with_user(self.manager).mandate_id = self.mandate
        self.assertIn("Chosen by", placement.choice_note)
        self._send(placement, 12)
        self.assertEqual(placement.state, "sent")

    def test_a_rule_deals_out_by_its_shares(self):
        rule = self._create_rule((self.other, 3), self.mandate)
        got = [self._place(debtor).mandate_id for debtor in self._overdue("A", "B", "C", "D")]
        self.assertEqual((got.count(self.other), got.count(self.mandate)), (3, 1))
        self.assertDay(rule.shares_since, 0)

    def test_changed_shares_are_counted_from_that_day(self):
        rule = self._create_rule((self.other, 3), self.mandate)
        first, second = self._overdue("A", "B")
        self.assertEqual(self._place(first).mandate_id, self.other)
        with self.at(5):
            rule.share_ids[0].weight = 1
        self.assertDay(rule.shares_since, 5)
        # had the first one counted, the other mandate would be furthest behind
        self.assertEqual(self._place(second, 6).mandate_id, self.other)

    def test_an_agency_that_may_not_is_left_out_and_named(self):
        self._create_rule((self.other, 9), self.mandate)
        self.other.contract_on = False
        placement = self._ready()
        self.assertEqual(placement.mandate_id, self.mandate)
        self.assertIn("no contract on the processing", placement.choice_note)

    def test_courtesy_and_collection_are_dealt_out_apart(self):
        self._create_rule((self.other, 1), self.mandate)
        first, second = self._overdue("A", "B")
        placed = self._place(first)
        placed.sudo().kind = "courtesy"
        self.assertEqual(self._place(second).mandate_id, placed.mandate_id)

    # ------------------------------------------------------------------ mistakes

    def test_what_cannot_work_is_refused_with_a_sentence(self):
        modena, france = self.modena, self.france
        for values, words in (
            ({"min_amount": 500, "max_amount": 500}, "takes no case"),
            ({"state_ids": [Command.set(modena.ids)],
              "country_ids": [Command.set(france.ids)]}, "not among its countries"),
            ({"zip_prefixes": "41"}, "one country only"),
            ({"segment_domain": "[('no_such_field', '=', 1)]"}, "cannot be read"),
            ({"segment_domain": "[('id', '=', uid)]"}, "a formula"),
            ({"kind": "legal"}, "does not allow"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, words):
                self._create_rule(self.mandate, **values)

    def test_a_rule_that_is_never_reached_warns(self):
        self._create_rule(self.mandate, name="Everything", sequence=1)
        late = self._create_rule(self.other, name="Late", sequence=2, min_amount=5)
        self.assertIn("Never reached", late.warning)
        late.sequence = 0
        late.invalidate_recordset(["warning"])
        self.assertFalse(late.warning)

    def test_only_managers_decide(self):
        rule = self._create_rule(self.mandate)
        for user in (self.controller, self.salesperson, self.qualified.user_id):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                rule.with_user(user).write({"min_amount": 1})
            with self.assertRaises(AccessError):
                rule.share_ids.with_user(user).write({"weight": 9})
        placement = self._placed()
        with self.assertRaises(AccessError):
            placement.with_user(self.controller).action_choose()
        with self.assertRaises(UserError):
            placement.with_user(self.manager).action_choose()

    def test_another_company_sees_none_of_it(self):
        rule = self._create_rule(self.mandate)
        foreign = self.env["res.company"].create({"name": "Foreign"})
        self.manager.company_ids |= foreign
        mine = rule.with_user(self.manager).with_context(allowed_company_ids=foreign.ids)
        self.assertFalse(mine.search([("id", "=", rule.id)]))
        with self.assertRaises(UserError):
            self._create_rule(self.mandate, company_id=foreign.id)
