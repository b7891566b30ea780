from hypothesis import given
from hypothesis import strategies as st

from ..domain.forecast import Agreed, Bucket, Flow, Open, by_period, deal, forecast
from .domain_common import TODAY, DomainCase, day

HABIT = (10,) * 5

claims = st.builds(
    Open, st.sampled_from("AB"), st.integers(-60, 60).map(day), st.integers(0, 200),
    st.lists(st.builds(
        Agreed, st.integers(-20, 60).map(day), st.integers(1, 120),
        st.sampled_from(("plan", "promise")),
    ), max_size=3).map(tuple),
    st.lists(st.integers(-10, 70), max_size=8).map(tuple),
    st.lists(st.integers(-10, 70), max_size=8).map(tuple), st.sampled_from((0, 0, 30, 500)),
)


class TestForecast(DomainCase):
    def test_agreements_habit_and_terms(self):
        for name, claim, expected in (
            ("habit", Open("A", day(5), 100, own=HABIT), [(15, 100, "own")]),
            ("the segment's", Open("A", day(5), 100, segment=HABIT), [(15, 100, "segment")]),
            ("terms", Open("A", day(5), 100), [(5, 100, "terms")]),
            ("nobody can say", Open("A", day(-5), 100), [(None, 100, "terms")]),
            ("promised", Open("A", day(-5), 100, (Agreed(day(3), 100),), HABIT),
             [(3, 100, "promise")]),
            ("in part", Open("A", day(-5), 100, (Agreed(day(3), 60),), HABIT),
             [(3, 60, "promise"), (5, 40, "own")]),
            ("a plan, and more than there is",
             Open("A", day(-9), 100, (Agreed(day(9), 80, "plan"), Agreed(TODAY, 80, "plan"))),
             [(0, 80, "plan"), (9, 20, "plan")]),
            ("an instalment past due", Open("A", day(-5), 100, (Agreed(day(-1), 30),
             Agreed(day(30), 70)), HABIT), [(30, 70, "promise"), (5, 30, "own")]),
            ("disputed", Open("A", day(5), 100, own=HABIT, disputed=30),
             [(None, 30, "disputed"), (15, 70, "own")]),
            ("all disputed", Open("A", day(5), 100, disputed=101), [(None, 100, "disputed")]),
            ("nothing open", Open("A", day(5), 0), []), ("a credit", Open("A", day(5), -9), []),
        ):
            with self.subTest(name):
                found = forecast([claim], TODAY)
                self.assertEqual(
                    [(each.on and (each.on - TODAY).days, *each[2:4]) for each in found], expected
                )

    def test_the_range_goes_with_it(self):
        (found,) = forecast([Open("A", TODAY, 9, own=(0, 4, 8, 12, 16))], TODAY)
        self.assertEqual(found, Flow("A", day(8), 9, "own", day(4), day(12), 5))

    @given(st.lists(claims, max_size=4))
    def test_the_flows_are_what_is_open(self, known):
        flows = forecast(known, TODAY)
        self.assertEqual(sum(each.amount for each in flows), sum(each.amount for each in known))
        for flow in flows:
            self.assertGreater(flow.amount, 0)
            self.assertTrue(flow.on is None or flow.on >= TODAY)

    def test_by_period(self):
        flows = [
            Flow("A", day(on), amount, basis) for on, amount, basis in (
                (-1, 1, "own"), (0, 2, "plan"), (6, 4, "own"), (7, 8, "promise"), (99, 16, "terms"),
            )
        ] + [Flow("A", None, 32, "disputed")]
        self.assertEqual(by_period(flows, [day(7), TODAY]),
                         (Bucket(TODAY, 6, 2), Bucket(day(7), 24, 8)))
        self.assertEqual(by_period(flows, []), ())

    @given(st.lists(claims, max_size=4), st.lists(st.integers(-9, 90), unique=True, max_size=4))
    def test_periods_hold_each_flow_once(self, known, starts):
        flows = forecast(known, TODAY)
        buckets = by_period(flows, [day(start) for start in starts])
        ends = [*sorted(starts)[1:], 9999][:len(starts)]
        for bucket, start, end in zip(buckets, sorted(starts), ends, strict=True):
            own = [f for f in flows if f.on and start <= (f.on - TODAY).days < end]
            sure = sum(f.amount for f in own if f.basis in ("plan", "promise"))
            self.assertEqual(bucket, Bucket(day(start), sum(f.amount for f in own), sure))

    def test_deal(self):
        """100 of another currency are 160 here; what is agreed beyond what is open falls away."""
        dealt = deal([(day(1), 60), (day(2), 70), (day(3), 99)], [("A", 100, 160), ("B", 50, 50)])
        self.assertEqual(list(dealt), [
            ("A", day(1), 96), ("A", day(2), 64), ("B", day(2), 30), ("B", day(3), 20),
        ])
        self.assertEqual(list(deal([(day(1), 5)], [])), [])

    @given(
        st.lists(st.integers(1, 90), max_size=5),
        st.lists(st.tuples(st.integers(1, 50), st.integers(1, 99)), max_size=4),
    )
    def test_what_is_dealt_is_open(self, instalments, claims):
        keyed = [(number, *claim) for number, claim in enumerate(claims)]
        dealt = list(deal([(day(n), amount) for n, amount in enumerate(instalments)], keyed))
        for key, _own, units in keyed:
            self.assertLessEqual(sum(part[2] for part in dealt if part[0] == key), units)
        if sum(instalments) >= sum(own for own, _units in claims):
            self.assertEqual(sum(part[2] for part in dealt), sum(units for _own, units in claims))
