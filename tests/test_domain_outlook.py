from ..domain.outlook import first_day_of, next_check
from ..domain.owed import position
from ..domain.rules import Step
from .domain_common import TODAY, DomainCase, day, make_debtor, make_item, make_rules


class TestOutlook(DomainCase):
    """When the night comes by again. That nobody is forgotten is in test_domain_ladder; here, that
    nobody is looked at in vain."""

    def check(self, expected, *items, rules=None, **debtor):
        found = next_check(make_debtor(*items, **debtor), rules or make_rules(), TODAY)
        self.assertEqual(found and (found - TODAY).days, expected)

    def test_the_day_of_the_next_step(self):
        for name, item, expected in (
            ("long before", make_item(60), 55),
            ("after the courtesy", make_item(4, reached=-5, reached_on=day(-1)), 5),
            ("it becomes overdue today", make_item(0), 1),
            ("overdue", make_item(-1), 2),
            ("step taken today", make_item(-3, reached=3, reached_on=TODAY), 7),
            ("gap longer than the way to the step", make_item(-9, reached=3, reached_on=TODAY), 5),
            ("ladder at its end", make_item(-99, reached=40, reached_on=TODAY), None),
            ("a direct debit", make_item(-1, extra_days=7), 9),
            ("held for good", make_item(-1, held="excluded"), None),
            ("held for a while", make_item(-1, held="paused", held_until=day(6)), 7),
            ("held up to today", make_item(-1, held="paused", held_until=TODAY), 1),
            ("not held and to be looked at again", make_item(-1, held_until=TODAY), 1),
            ("the hold is over", make_item(-1, held="paused", held_until=day(-1)), 2),
        ):
            with self.subTest(name):
                self.check(expected, item)

    def test_the_earliest_of_all_items(self):
        self.check(2, make_item(-1), make_item(-3, key="B"), make_item(30, key="C"))

    def test_what_holds_the_debtor_holds_all_his_items(self):
        for name, values, expected in (
            ("nothing open", {"items": ()}, None),
            ("placed", {"held": "placed"}, None),
            ("paused", {"held": "paused", "held_until": day(9)}, 10),
            ("the pause is over", {"held": "paused", "held_until": day(-1)}, 2),
            ("a message waits", {"waiting": True}, 1),
            ("nothing open and a message waits", {"items": (), "waiting": True}, None),
            ("a contact by hand", {"last_contact_on": TODAY}, 5),
        ):
            items = values.pop("items", (make_item(-1),))
            with self.subTest(name):
                self.check(expected, *items, **values)

    def test_never_on_a_closed_day(self):
        closed = frozenset(map(day, (2, 3)))
        self.check(4, make_item(-1), rules=make_rules(closed=closed))
        self.check(1, make_item(-9), rules=make_rules(closed=frozenset({TODAY})))
        self.check(2, make_item(-9), rules=make_rules(closed=frozenset({TODAY, day(1)})))

    def test_a_courtesy_that_the_gap_pushes_past_the_due_date_needs_no_look(self):
        rules = make_rules(-2, 30)
        self.check(5, make_item(5), rules=rules, last_contact_on=TODAY)
        self.check(4, make_item(3), rules=rules, last_contact_on=TODAY)
        self.check(29, make_item(-1), rules=rules, last_contact_on=TODAY)

    def test_the_first_day_on_which_an_item_can_take_a_step(self):
        for name, item, values, closed, expected in (
            ("long past", make_item(-50), {}, (), 0),
            ("its day", make_item(0), {}, (), 3),
            ("gap of the debtor", make_item(-50), {"last_contact_on": day(-1)}, (), 4),
            ("gap of the item", make_item(-50, reached=2, reached_on=day(-2)), {}, (), 3),
            ("closed", make_item(-50), {}, (0, 1), 2),
            ("direct debit", make_item(0, extra_days=7), {}, (), 10),
        ):
            rules = make_rules(3, closed=frozenset(map(day, closed)))
            at = position(make_debtor(item, **values), rules, TODAY)
            with self.subTest(name):
                self.assertEqual(first_day_of(Step(3, 3), item, at), day(expected))
