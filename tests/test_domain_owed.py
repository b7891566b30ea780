from collections import Counter

from hypothesis import given

from ..domain.owed import position, uncovered
from .domain_common import (
    CURRENCIES,
    TODAY,
    DomainCase,
    day,
    debtors,
    make_debtor,
    make_item,
    make_rules,
    policies,
)


class TestOwed(DomainCase):
    def left(self, debtor, **values):
        asked = uncovered(debtor, make_rules(**values), TODAY)
        return {item.key: (item.residual, item.value) for item in asked}

    def test_credits_cover_the_oldest_first(self):
        old, new = make_item(-9, 100, "old"), make_item(-2, 100, "new")
        for credit, expected in (
            (0, {"old": (100, 100), "new": (100, 100)}), (1, {"old": (99, 99), "new": (100, 100)}),
            (100, {"new": (100, 100)}), (130, {"new": (70, 70)}), (200, {}), (900, {}),
        ):
            with self.subTest(credit=credit):
                debtor = make_debtor(new, old, credits={"EUR": credit})
                self.assertEqual(self.left(debtor), expected)

    def test_credits_cover_only_their_own_currency(self):
        euros, dollars = make_item(-9, 100), make_item(-2, 100, "B", currency="USD")
        self.assertEqual(
            self.left(make_debtor(euros, dollars, credits={"USD": 60, "CHF": 500})),
            {"A": (100, 100), "B": (40, 40)},
        )

    def test_held_items_consume_no_credit(self):
        held, asked = make_item(-9, 100, held="paused"), make_item(-2, 100, "B")
        self.assertEqual(self.left(make_debtor(held, asked, credits={"EUR": 60})), {"B": (40, 40)})

    def test_the_value_in_our_currency_goes_down_with_what_is_covered(self):
        yen = make_item(-9, 300, value=200, currency="JPY")
        self.assertEqual(self.left(make_debtor(yen, credits={"JPY": 100})), {"A": (200, 133)})

    def test_what_a_credit_leaves_within_the_tolerance_is_let_go(self):
        debtor = make_debtor(make_item(-9, 100), credits={"EUR": 50})
        self.assertEqual(self.left(debtor, tolerances={"EUR": 49}), {"A": (50, 50)})
        self.assertEqual(self.left(debtor, tolerances={"EUR": 50}), {})

    def test_an_item_in_payment_leaves_nothing_to_divide(self):
        debtor = make_debtor(make_item(-9, 0), make_item(-2, 10, "B"), credits={"EUR": 4})
        self.assertEqual(self.left(debtor), {"B": (6, 6)})

    def test_a_position_tells_what_is_overdue(self):
        items = make_item(0), make_item(-1, 5, "B"), make_item(-7, 20, "C"), make_item(4, key="D")
        held = make_item(-30, key="E", held="paused")
        at = position(make_debtor(*items, held), make_rules(), TODAY)
        self.assertEqual([item.key for item in at.asked], ["C", "B", "A", "D"])
        self.assertEqual([item.key for item in at.overdue], ["C", "B"])
        self.assertEqual((at.value, at.oldest), (25, 7))
        self.assertEqual(position(make_debtor(items[0]), make_rules(), TODAY).oldest, 0)

    def test_a_hold_includes_its_last_day(self):
        for held, until, expected in (
            ("", None, False), ("", 5, False), ("paused", None, True), ("paused", 0, True),
            ("paused", 5, True), ("paused", -1, False),
        ):
            values = {"held": held, "held_until": until if until is None else day(until)}
            with self.subTest(**values):
                self.assertEqual(make_item(0, **values).is_held(TODAY), expected)
                self.assertEqual(make_debtor(**values).is_held(TODAY), expected)

    @given(debtors(), policies(tolerances={}))
    def test_what_is_asked_is_what_is_owed_less_the_credits(self, debtor, policy):
        owed, asked = Counter(), Counter()
        for item in debtor.items:
            owed[item.currency] += 0 if item.is_held(TODAY) else item.residual
        for item in uncovered(debtor, policy, TODAY):
            asked[item.currency] += item.residual
        for currency in CURRENCIES:
            credit = debtor.credits.get(currency, 0)
            self.assertEqual(asked[currency], max(0, owed[currency] - credit))

    @given(debtors(), policies())
    def test_an_item_keeps_all_but_its_amounts_and_these_never_grow(self, debtor, policy):
        items = {item.key: item for item in debtor.items}
        for item in uncovered(debtor, policy, TODAY):
            whole = items[item.key]
            self.assertTrue(0 < item.residual <= whole.residual)
            self.assertTrue(0 <= item.value <= whole.value)
            self.assertEqual(whole._replace(residual=item.residual, value=item.value), item)
            if item.residual == whole.residual:
                self.assertEqual(item.value, whole.value)

    @given(debtors(), policies(tolerances={}))
    def test_no_credit_reaches_an_item_before_all_older_ones_are_covered(self, debtor, policy):
        items = {item.key: item for item in debtor.items}
        for currency in CURRENCIES:
            asked = [i for i in uncovered(debtor, policy, TODAY) if i.currency == currency]
            self.assertEqual(asked, sorted(asked, key=lambda item: item.due_on))
            self.assertEqual(asked[1:], [items[item.key] for item in asked[1:]])
            if asked:
                older = [
                    i for i in debtor.items
                    if i.currency == currency and i.due_on < asked[0].due_on
                    and not i.is_held(TODAY)
                ]
                covered = sum(item.residual for item in older)
                self.assertLessEqual(covered, debtor.credits.get(currency, 0))

    @given(debtors(), policies())
    def test_the_tolerance_lets_go_and_changes_nothing_else(self, debtor, policy):
        strict = uncovered(debtor, policy._replace(tolerances={}), TODAY)
        self.assertEqual(
            uncovered(debtor, policy, TODAY),
            tuple(i for i in strict if i.residual > policy.tolerances.get(i.currency, 0)),
        )
