from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ..domain.mandate import (
    PRESSURES,
    Candidate,
    Case,
    Choice,
    Mandate,
    Rule,
    choose,
    furthest_behind,
    granted,
    readiness,
    refusals,
    rule_of,
)
from .domain_common import TODAY, DomainCase, day

FIT = Mandate(
    "A", TODAY, TODAY, frozenset({"collection", "legal", "courtesy"}), "firm", True, TODAY, True, 1
)
CASE = Case(5000, pressure="firm", priority=True)
READY = Candidate(45, 1000, True)
NORTH, SOUTH, SHOPS = frozenset({"north"}), frozenset({"south"}), frozenset({"shops", "small"})


class TestRefusals(DomainCase):
    def test_each_reason(self):
        self.assertEqual(refusals(CASE, FIT, TODAY), ())
        for code, values in (
            ("not_started", {"start": day(1), "until": None}), ("ended", {"until": day(-1)}),
            ("kind", {"kinds": frozenset({"legal"})}), ("kind", {"kinds": frozenset()}),
            ("pressure", {"pressure": "standard"}), ("licence_missing", {"has_licence": False}),
            ("licence_expired", {"licence_until": day(-1)}),
            ("no_contract", {"has_contract": False}), ("no_qualified", {"qualified": 0}),
        ):
            with self.subTest(code):
                self.assertEqual(refusals(CASE, FIT._replace(**values), TODAY), (code,))

    def test_what_is_not_asked(self):
        for name, case, values in (
            ("no priority", CASE._replace(priority=False), {"qualified": 0}),
            ("less pressure", CASE._replace(pressure="gentle"), {"pressure": "gentle"}),
            ("a licence without end", CASE, {"licence_until": None}),
            ("no end", CASE, {"until": None}),
            ("a lawyer", CASE._replace(kind="legal"), {"has_licence": False}),
            ("a lawyer", CASE._replace(kind="legal"), {"licence_until": day(-9)}),
        ):
            with self.subTest(name):
                self.assertEqual(refusals(case, FIT._replace(**values), TODAY), ())
        courtesy = CASE._replace(kind="courtesy")
        self.assertEqual(
            refusals(courtesy, FIT._replace(has_licence=False), TODAY), ("licence_missing",)
        )

    def test_all_reasons_are_told(self):
        self.assertEqual(
            refusals(CASE, Mandate("A", day(1)), TODAY),
            ("not_started", "pressure", "licence_missing", "no_contract", "no_qualified"),
        )

    def test_the_gentlest_counts(self):
        for pressures, expected in (
            (("firm", "gentle"), "gentle"), (("formal",), "formal"),
            (("standard", "formal", "firm"), "standard"),
        ):
            self.assertEqual(granted(*pressures), expected)
        self.assertEqual(len(set(PRESSURES)), 4)


class TestRuleOf(DomainCase):
    def test_the_first_that_holds(self):
        shares = {"A": 1}
        for name, rule, case, expected in (
            ("all", Rule(shares), CASE, True),
            ("area", Rule(shares, areas=NORTH | SOUTH), CASE._replace(areas=NORTH), True),
            ("another area", Rule(shares, areas=SOUTH), CASE._replace(areas=NORTH), False),
            ("no area known", Rule(shares, areas=SOUTH), CASE, False),
            ("segment", Rule(shares, SHOPS), CASE._replace(segments=frozenset({"small"})), True),
            ("another", Rule(shares, SHOPS), CASE._replace(segments=frozenset({"big"})), False),
            ("kind", Rule(shares, kinds=frozenset({"legal"})), CASE, False),
            ("from", Rule(shares, min_amount=5000), CASE, True),
            ("too small", Rule(shares, min_amount=5001), CASE, False),
            ("up to", Rule(shares, max_amount=5000), CASE, False),
            ("below", Rule(shares, max_amount=5001), CASE, True),
            ("priority", Rule(shares, priority=True), CASE, True),
            ("no priority", Rule(shares, priority=False), CASE, False),
            ("no priority", Rule(shares, priority=False), CASE._replace(priority=False), True),
            ("segment but not area", Rule(shares, SHOPS, SOUTH),
             CASE._replace(segments=SHOPS, areas=NORTH), False),
        ):
            with self.subTest(name):
                self.assertEqual(rule_of(case, [rule]), 0 if expected else None)
        rules = [Rule(shares, areas=SOUTH), Rule({}, areas=NORTH), Rule(shares)]
        self.assertEqual(rule_of(CASE._replace(areas=NORTH), rules), 1)
        self.assertEqual(rule_of(CASE, rules), 2)


class TestChoose(DomainCase):
    OTHERS = [FIT._replace(key=key) for key in "BC"]

    def test_by_shares_among_who_may(self):
        rules = [Rule({"A": 3, "B": 1})]
        expired = FIT._replace(licence_until=day(-1))
        for name, mandates, given_so_far, expected in (
            ("none yet", [FIT, *self.OTHERS], {}, Choice("A", 0, {})),
            ("behind", [FIT, *self.OTHERS], {"A": 3}, Choice("B", 0, {})),
            ("as agreed", [FIT, *self.OTHERS], {"A": 3, "B": 1}, Choice("A", 0, {})),
            ("others' cases do not count", [FIT, *self.OTHERS], {"A": 3, "C": 90},
             Choice("B", 0, {})),
            ("may not", [expired, *self.OTHERS], {}, Choice("B", 0, {"A": ("licence_expired",)})),
            ("gone", self.OTHERS, {}, Choice("B", 0, {"A": ("unknown",)})),
            ("nobody", [expired], {},
             Choice(None, 0, {"A": ("licence_expired",), "B": ("unknown",)})),
        ):
            with self.subTest(name):
                self.assertEqual(choose(CASE, rules, mandates, given_so_far, TODAY), expected)

    def test_no_rule_and_nobody_in_the_rule(self):
        self.assertEqual(choose(CASE, [], [FIT], {}, TODAY), Choice(None, None, {}))
        self.assertEqual(choose(CASE, [Rule({})], [FIT], {}, TODAY), Choice(None, 0, {}))
        self.assertEqual(choose(CASE, [Rule({"A": 0})], [FIT], {}, TODAY), Choice(None, 0, {}))

    def test_of_equals_the_first_in_the_rule(self):
        self.assertEqual(furthest_behind({"B": 1, "A": 1}, {}), "B")
        self.assertEqual(furthest_behind({"B": 1, "A": 1}, {"B": 1}), "A")

    def test_how_a_row_of_cases_is_dealt(self):
        got, dealt_to = {}, ""
        for _number in range(12):
            key = furthest_behind({"A": 3, "B": 2, "C": 1}, got)
            got[key] = got.get(key, 0) + 1
            dealt_to += key
        self.assertEqual(dealt_to, "ABACBA" * 2)

    @given(
        st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 20), min_size=1),
        st.lists(st.integers(1, 50), max_size=40),
    )
    def test_nobody_gets_a_whole_case_more_than_his_part(self, weights, sizes):
        got = dict.fromkeys(weights, 0)
        for number, size in enumerate(sizes, 1):
            got[furthest_behind(weights, got)] += size
            for key, weight in weights.items():
                share = sum(sizes[:number]) * weight / sum(weights.values())
                self.assertLess(got[key], share + max(sizes[:number]))
        self.assertEqual(sum(got.values()), sum(sizes))


class TestReadiness(DomainCase):
    def test_what_a_case_waits_for(self):
        for name, values, waits, look in (
            ("nothing", {}, (), None),
            ("older", {"age": 300}, (), None),
            ("age", {"age": 40}, ("too_young",), 5),
            ("not due yet", {"age": -5}, ("too_young",), 50),
            ("a courtesy call comes early", {"age": -5, "kind": "courtesy"}, (), None),
            ("note", {"note": False}, ("no_note",), None),
            ("a courtesy call needs the note", {"note": False, "kind": "courtesy"}, ("no_note",),
             None),
            ("paused until today", {"held": "pause", "held_until": TODAY}, ("pause",), 1),
            ("paused until yesterday", {"held": "pause", "held_until": day(-1)}, (), None),
            ("disputed", {"held": "dispute"}, ("dispute",), None),
            ("message", {"waiting": True}, ("message",), None),
            ("there already", {"placed": True}, ("placed",), None),
            ("nothing left", {"amount": 0}, ("nothing_open",), None),
            ("too small", {"amount": 499}, ("too_small",), None),
            ("not too small", {"amount": 500}, (), None),
            ("several", {"age": 44, "note": False, "held": "pause", "held_until": day(9)},
             ("too_young", "no_note", "pause"), 1),
        ):
            with self.subTest(name):
                found = readiness(READY._replace(**values), 45, TODAY, 500)
                self.assertEqual(found.waits, waits)
                self.assertEqual(found.is_ready, not waits)
                self.assertEqual(found.next_check_on, None if look is None else day(look))

    def test_by_hand_only(self):
        self.assertEqual(readiness(READY, 0, TODAY).waits, ("by_hand",))
        self.assertEqual(readiness(READY._replace(kind="courtesy"), 0, TODAY).waits, ())

    @given(
        st.integers(-20, 60), st.booleans(), st.sampled_from(("", "pause")),
        st.sampled_from((None, *map(day, range(-3, 40, 6)))), st.integers(0, 60),
    )
    def test_nothing_changes_before_the_day_to_look(self, age, note, held, until, after):
        case = READY._replace(age=age, note=note, held=held, held_until=until)
        found = readiness(case, after, TODAY)
        for number in range(1, 90):
            then = readiness(case._replace(age=age + number), after, TODAY + timedelta(number))
            if found.next_check_on and day(number) >= found.next_check_on:
                self.assertNotEqual(then.waits, found.waits)
                return
            self.assertEqual(then.waits, found.waits)
