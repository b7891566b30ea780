from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ..domain.receipts import (
    BROKEN,
    KEPT,
    LATE,
    MISSED,
    OPEN,
    PAID,
    PART,
    RUNNING,
    Kept,
    Monitoring,
    Receipt,
    Span,
    follow,
    judge,
    left_to_write_off,
    next_contact_on,
    stand_still,
    to_chase,
    to_remind,
    up_to,
)
from ..domain.schedule import Instalment
from .domain_common import TODAY, DomainCase, day, dealt
from .domain_plans import Payment, Story, plain, stories

SPAN = 70
PROMISE = Monitoring(tolerance_days=3, max_missed=1, max_late_days=15)
PATIENT = Monitoring(tolerance_days=3, max_missed=3, max_late_days=15)


def make_plan(*lines):
    """Instalments of ``(days from TODAY, amount)``."""
    return tuple(Instalment(day(due), amount) for due, amount in lines)


def make_receipts(*lines):
    return tuple(Receipt(day(on), amount) for on, amount in lines)


FOUR = make_plan((0, 100), (10, 100), (20, 100), (30, 100))

_due, _when, _amounts = range(41), range(-5, 50), range(1, 31)
plans = st.integers(1, 4).flatmap(
    lambda size: dealt(*[_due] * size, *[_amounts] * size).map(
        lambda values: make_plan(*zip(values[:size], values[size:], strict=True))
    )
)
payments = st.integers(0, 5).flatmap(
    lambda size: dealt(*[_when] * size, *[_amounts] * size).map(
        lambda values: make_receipts(*zip(values[:size], values[size:], strict=True))
    )
)
monitorings = dealt((3, 0, 1, 7), (1, 0, 2, 3), (15, 0, 2, 5), (0, 0, 2, 40)).map(
    lambda values: Monitoring(*values)
)
days = st.integers(-10, SPAN).map(day)


class TestFollowTables(DomainCase):
    def lines(self, course):
        return [(line.received, line.state) for line in course.lines]

    def follow(self, today, *receipts, plan=FOUR, monitoring=PATIENT, **values):
        return follow(plan, make_receipts(*receipts), monitoring, day(today), **values)

    def test_an_instalment_by_time(self):
        for today, received, expected in (
            (-9, 0, (OPEN, 0)), (-9, 40, (PART, 0)), (0, 0, (OPEN, 0)), (0, 40, (PART, 0)),
            (1, 0, (LATE, 1)), (3, 40, (LATE, 3)), (4, 0, (MISSED, 4)), (4, 40, (MISSED, 4)),
            (99, 40, (MISSED, 99)), (99, 100, (PAID, 0)),
        ):
            with self.subTest(today=today, received=received):
                paid = [(-9, received)] if received else []
                line = self.follow(today, *paid, plan=FOUR[:1]).lines[0]
                self.assertEqual((line.state, line.late_days), expected)
                self.assertEqual(line.received, received)

    def test_the_oldest_is_paid_first(self):
        for receipts, expected in (
            ([(-5, 100)], [(100, PAID), (0, OPEN), (0, OPEN), (0, OPEN)]),
            ([(-5, 250)], [(100, PAID), (100, PAID), (50, PART), (0, OPEN)]),
            ([(-5, 60), (-4, 60)], [(100, PAID), (20, PART), (0, OPEN), (0, OPEN)]),
            ([(-5, 400)], [(100, PAID)] * 4), ([(-5, 999)], [(100, PAID)] * 4),
        ):
            with self.subTest(receipts=receipts):
                self.assertEqual(self.lines(self.follow(-3, *receipts)), expected)

    def test_paid_on_the_day_on_which_the_sum_is_reached(self):
        course = self.follow(40, (12, 50), (-5, 99), (2, 1), (2, 7), (30, 400))
        self.assertEqual(
            [(line.paid_on, line.late_days) for line in course.lines],
            [(day(2), 2), (day(30), 20), (day(30), 10), (day(30), 0)],
        )
        self.assertEqual((course.state, course.received), (KEPT, 557))

    def test_money_of_tomorrow_is_not_there_yet(self):
        course = self.follow(0, (1, 100))
        self.assertEqual((course.received, course.next_check_on), (0, day(1)))
        self.assertEqual(self.follow(1, (1, 100)).lines[0], Kept(TODAY, 100, 100, day(1), 1, PAID))

    def test_a_promise(self):
        for today, receipts, state, broken_on in (
            (0, [], RUNNING, None), (3, [], RUNNING, None), (4, [], BROKEN, day(4)),
            (9, [], BROKEN, day(4)), (4, [(3, 99)], BROKEN, day(4)), (4, [(3, 100)], KEPT, None),
            (3, [(3, 99)], RUNNING, None), (-5, [(-5, 100)], KEPT, None),
            (9, [(8, 100)], KEPT, None),
        ):
            with self.subTest(today=today, receipts=receipts):
                course = self.follow(today, *receipts, plan=FOUR[:1], monitoring=PROMISE)
                self.assertEqual((course.state, course.broken_on), (state, broken_on))
                self.assertEqual(course.broken_why, "missed" if broken_on else "")

    def test_what_breaks_a_plan(self):
        two, late, never = Monitoring(3, 2, 0), Monitoring(3, 0, 15), Monitoring(3, 0, 0)
        for name, monitoring, today, receipts, broken in (
            ("one missed of two", two, 13, [], None),
            ("two missed of two", two, 14, [], (14, "missed")),
            ("two missed, not one after the other", two, 24, [(5, 100)], (24, "missed")),
            ("one paid late is missed no more", two, 23, [(9, 100), (20, 100)], None),
            ("caught up after it was broken", two, 16, [(15, 200)], None),
            ("late up to the limit", late, 15, [], None),
            ("later than the limit", late, 16, [], (16, "late")),
            ("the oldest unpaid one counts", late, 25, [(20, 100)], None),
            ("and is too late as well", late, 26, [(20, 100)], (26, "late")),
            ("whatever comes first: late", PATIENT, 60, [], (16, "late")),
            ("whatever comes first: missed", Monitoring(3, 2, 15), 60, [], (14, "missed")),
            ("on the same day", Monitoring(3, 1, 3), 60, [], (4, "missed")),
            ("a limit within the tolerance waits for it", Monitoring(9, 0, 3), 9, [], None),
            ("and breaks after it", Monitoring(9, 0, 3), 10, [], (10, "late")),
            ("nothing breaks it", never, 999, [], None),
            ("more to miss than there is, not all of it", Monitoring(3, 5, 0), 33, [], None),
            ("more to miss than there is", Monitoring(3, 5, 0), 999, [], (34, "missed")),
            ("the last one alone", two, 999, [(2, 300)], (34, "missed")),
            ("more to miss, and days", Monitoring(3, 5, 15), 999, [], (16, "late")),
        ):
            with self.subTest(name):
                course = self.follow(today, *receipts, monitoring=monitoring)
                expected = (day(broken[0]), broken[1]) if broken else (None, "")
                self.assertEqual((course.broken_on, course.broken_why), expected)
                self.assertEqual(course.state, BROKEN if broken else RUNNING)

    def test_what_is_missing_is_past_due(self):
        for today, receipts, expected in (
            (0, [], (0, 0)), (1, [], (100, 10)), (10, [(2, 30)], (70, 10)),
            (11, [(2, 30)], (170, 20)), (11, [(2, 130)], (70, 20)), (31, [], (400, None)),
            (0, [(-1, 100)], (0, 10)), (30, [(2, 399)], (0, 30)),
        ):
            with self.subTest(today=today, receipts=receipts):
                course = self.follow(today, *receipts)
                next_due = expected[1] if expected[1] is None else day(expected[1])
                self.assertEqual((course.missing, course.next_due_on), (expected[0], next_due))

    def test_when_to_look_again(self):
        for name, today, receipts, monitoring, expected in (
            ("before it begins", -20, [], PATIENT, 1), ("due today", 0, [], PATIENT, 1),
            ("late", 1, [], PATIENT, 4), ("missed", 4, [], PATIENT, 11),
            ("nearly broken", 14, [], PATIENT, 16), ("broken", 16, [], PATIENT, 21),
            ("paid ahead", -5, [(-5, 200)], PATIENT, 21),
            ("the last tolerance", 31, [], PATIENT, 34),
            ("all was seen", 46, [], PATIENT, None), ("kept", 5, [(5, 400)], PATIENT, None),
            ("no tolerance", 0, [], Monitoring(0, 1, 0), 1),
            ("money is booked ahead", 4, [(7, 1)], PATIENT, 7),
        ):
            with self.subTest(name):
                course = self.follow(today, *receipts, monitoring=monitoring)
                self.assertEqual(course.next_check_on, None if expected is None else day(expected))

    def test_settled_by_other_means(self):
        course = self.follow(50, (-1, 130), settled=True)
        self.assertEqual(course[1:], (130, 0, KEPT, None, "", None, None, None))
        self.assertEqual(self.lines(course), [(100, PAID), (30, PART), (0, OPEN), (0, OPEN)])
        self.assertEqual([line.late_days for line in course.lines], [0] * 4)

    def test_cents_that_a_bank_keeps_break_nothing(self):
        monitoring = PATIENT._replace(tolerance_amount=5)
        for received, state, lines in (
            (395, KEPT, [PAID] * 4), (394, RUNNING, [PAID] * 3 + [LATE]),
            (295, RUNNING, [PAID] * 3 + [LATE]),
        ):
            with self.subTest(received=received):
                course = self.follow(31, (-1, received), monitoring=monitoring)
                self.assertEqual(course.state, state)
                self.assertEqual([line.state for line in course.lines], lines)
        tiny = self.follow(0, plan=make_plan((0, 3)), monitoring=monitoring)
        self.assertEqual((tiny.state, tiny.lines[0].state), (RUNNING, OPEN))

    def test_the_first_up_to_a_sum(self):
        for total, expected in (
            (999, [100] * 4), (400, [100] * 4), (250, [100, 100, 50]), (100, [100]), (1, [1]),
            (0, []), (-5, []),
        ):
            with self.subTest(total=total):
                kept = up_to(FOUR[::-1], total)
                self.assertEqual([each.amount for each in kept], expected)
                self.assertEqual([each.due_on for each in kept], [
                    each.due_on for each in FOUR[:len(kept)]
                ])

    def stand_still(self, plan, total, received, *spans):
        moved = stand_still(plan, total, received, [
            Span(item, day(since), day(until), units) for item, since, until, units in spans
        ])
        return [(one.due_on - day(0)).days for one in moved]

    def test_the_clock_stands_still_for_what_waits(self):
        plan = make_plan((1, 100), (10, 100), (40, 100))
        for waited, since, until, expected in (
            (0, 5, 30, [1, 10, 40]),
            (200, 5, 30, [1, 30, 40]),  # due while it waited: on the day of the answer
            (260, 5, 30, [26, 30, 40]),  # late before: as late as it was
            (201, 5, 30, [1, 30, 40]),  # of which nearly nothing waited: it keeps its day
            (50, 5, 30, [1, 10, 40]),  # what is still ahead stays where it was
            (300, 5, 60, [56, 60, 60]),
        ):
            with self.subTest(waited=waited, until=until):
                spans = [("A", since, until, waited)] if waited else []
                self.assertEqual(self.stand_still(plan, 300, 0, *spans), expected)

    def test_an_instalment_is_judged_by_the_day_that_counts(self):
        late = Kept(day(0), 100, 0, None, 20, MISSED)
        paid = Kept(day(0), 100, 100, day(20), 20, PAID)
        for line, view, expected in (
            (late, late, (20, MISSED, day(0))),
            (late, late._replace(due_on=day(18)), (2, LATE, day(18))),
            (late, None, (0, OPEN, None)),
            (late, late._replace(state=PAID), (0, OPEN, day(0))),
            (paid, paid._replace(due_on=day(18)), (2, PAID, day(18))),
            (paid, None, (0, PAID, None)),
        ):
            with self.subTest(view):
                self.assertEqual(judge(line, view, 3, day(20)), expected)

    def test_who_has_paid_what_was_asked_of_him_has_time_for_the_rest(self):
        plan = make_plan((15, 500))
        self.assertEqual(self.stand_still(plan, 500, 300, ("A", 10, 40, 200)), [40])
        self.assertEqual(self.stand_still(plan, 500, 299, ("A", 10, 40, 200)), [15])

    def test_two_disputes_at_once_wait_together(self):
        plan = make_plan((15, 250), (25, 250), (30, 250), (60, 250))
        for spans, expected in (
            ((("A", 10, 40, 500), ("B", 12, 45, 500)), [40, 40, 45, 60]),
            ((("A", 10, 40, 500), ("A", 20, 50, 500)), [15, 25, 50, 60]),
            ((("A", 10, 20, 1000), ("A", 30, 40, 1000)), [30, 35, 40, 60]),
        ):
            with self.subTest(spans):
                self.assertEqual(self.stand_still(plan, 1000, 0, *spans), expected)

    @given(st.integers(0, 40), st.lists(
        st.tuples(st.sampled_from("AB"), st.integers(0, 40), st.integers(1, 20)), max_size=4
    ))
    def test_each_day_is_counted_once(self, due, drawn):
        """Days late, told day by day: those past the due date on which nothing waited."""
        spans = [(item, since, since + days, 100) for item, since, days in drawn]
        late = [
            on for on in range(due, SPAN)
            if not any(since <= on < until for _item, since, until, _units in spans)
        ]
        self.assertEqual(
            self.stand_still(make_plan((due, 100)), 100, 0, *spans), [SPAN - len(late)]
        )

    def test_lines_in_the_order_of_their_dates(self):
        self.assertEqual(self.follow(2, (0, 50), plan=FOUR[::-1]), self.follow(2, (0, 50)))


class TestReminders(DomainCase):
    def test_the_next_one_is_reminded_of(self):
        for today, received, expected in (
            (-4, 0, None), (-3, 0, 0), (0, 0, 0), (1, 0, None), (7, 0, 1), (-3, 40, 0),
            (-3, 100, None), (7, 100, 1), (7, 200, None), (7, 400, None), (27, 0, None),
        ):
            with self.subTest(today=today, received=received):
                paid = make_receipts((-9, received)) if received else ()
                course = follow(FOUR, paid, PATIENT, day(today))
                self.assertEqual(to_remind(course, day(today), 3), expected)

    def test_one_at_a_time(self):
        course = follow(FOUR, (), PATIENT, TODAY)
        self.assertEqual(to_remind(course, TODAY, 15), 0)
        self.assertEqual(to_remind(follow(FOUR, (), PATIENT, day(1)), day(1), 15), 1)

    def test_each_one_is_chased_for(self):
        monitoring = Monitoring(3, 0, 0)
        for today, received, after_days, expected in (
            (1, 0, 2, None), (2, 0, 2, 0), (11, 0, 2, 0), (12, 0, 2, 1), (12, 100, 2, 1),
            (12, 199, 2, 1), (12, 200, 2, None), (99, 0, 2, 3), (99, 400, 2, None),
            (0, 0, 0, None), (1, 0, 0, 0),
        ):
            with self.subTest(today=today, received=received):
                paid = make_receipts((-9, received)) if received else ()
                course = follow(FOUR, paid, monitoring, day(today))
                self.assertEqual(to_chase(course, day(today), after_days), expected)

    def test_nobody_is_asked_for_what_is_broken_or_settled(self):
        for course in (
            follow(FOUR, (), PROMISE, day(8)), follow(FOUR, (), PROMISE, day(8), settled=True),
        ):
            self.assertIsNone(to_remind(course, day(8), 5))
            self.assertIsNone(to_chase(course, day(8), 1))
            self.assertIsNone(next_contact_on(course, day(8), 5, 1))

    @given(plans, payments, days, st.integers(0, 9), st.integers(0, 9))
    def test_no_day_to_write_is_forgotten(self, plan, receipts, today, before, after):
        monitoring = Monitoring(3, 0, 0)
        receipts = [receipt for receipt in receipts if receipt.on <= today]

        def asked(on):
            course = follow(plan, receipts, monitoring, on)
            return to_remind(course, on, before), to_chase(course, on, after)

        course = follow(plan, receipts, monitoring, today)
        look_on = next_contact_on(course, today, before, after)
        for number in range(1, 2 * SPAN):
            on = today + timedelta(days=number)
            if look_on and on >= look_on:
                break
            self.assertEqual(asked(on), asked(today))


class TestWriteOff(DomainCase):
    def test_only_when_all_that_was_agreed_has_come(self):
        for before, agreed, received, expected in (
            (1000, 600, 0, 0), (1000, 600, 599, 0), (1000, 600, 600, 400), (1000, 600, 700, 300),
            (1000, 600, 1000, 0), (1000, 600, 1200, 0), (1000, 0, 0, 0),
        ):
            with self.subTest(received=received):
                self.assertEqual(left_to_write_off(before, agreed, received), expected)
        self.assertEqual(left_to_write_off(1000, 600, 598, 2), 402)
        self.assertEqual(left_to_write_off(1000, 600, 597, 2), 0)


class TestFollowProperties(DomainCase):
    @given(plans, payments, monitorings, days)
    def test_a_plain_recomputation_finds_the_same(self, plan, receipts, monitoring, today):
        course = follow(plan, receipts, monitoring, today)
        lines, state, broken = plain(plan, receipts, monitoring, today)
        self.assertEqual([line[:4] for line in course.lines], lines)
        self.assertEqual(course.state, state)
        self.assertEqual((course.broken_on, course.broken_why), broken or (None, ""))

    @given(plans, payments, monitorings, days, st.data())
    def test_neither_order_nor_pieces_matter(self, plan, receipts, monitoring, today, data):
        pieces = []
        for on, amount in data.draw(st.permutations(receipts)):
            part = data.draw(st.integers(0, amount))
            pieces += [Receipt(on, each) for each in (part, amount - part) if each]
        self.assertEqual(
            follow(plan, data.draw(st.permutations(pieces)), monitoring, today),
            follow(plan, receipts, monitoring, today),
        )

    @given(plans, payments, monitorings, days)
    def test_all_money_is_on_some_line_or_too_much(self, plan, receipts, monitoring, today):
        course = follow(plan, receipts, monitoring, today)
        agreed = sum(each.amount for each in plan)
        self.assertEqual(
            sum(line.received for line in course.lines), min(course.received, agreed)
        )
        self.assertEqual(course.state == KEPT, all(line.paid_on for line in course.lines))

    @given(plans, payments, monitorings, days, st.integers(1, 5), st.integers(-5, 50))
    def test_more_money_never_makes_it_worse(self, plan, receipts, monitoring, today, more, on):
        before = follow(plan, receipts, monitoring, today)
        after = follow(plan, (*receipts, Receipt(day(on), more)), monitoring, today)
        rank = (BROKEN, RUNNING, KEPT)
        self.assertGreaterEqual(rank.index(after.state), rank.index(before.state))
        self.assertLessEqual(after.missing, before.missing)

    @given(plans, payments, monitorings, st.integers(-5, 40), st.integers(1, 20), days)
    def test_a_payment_and_its_reversal_leave_no_trace(
        self, plan, receipts, monitoring, on, kept_for, today
    ):
        kept = [Payment(*receipt) for receipt in receipts]
        taken_back = Payment(day(on), 25, day(on + kept_for))
        story = Story("", plan, monitoring, (*kept, taken_back))
        expected = [receipt for receipt in receipts if receipt.on <= today]
        if day(on) <= today < taken_back.reversed_on:
            expected.append(Receipt(day(on), 25))
        self.assertEqual(
            follow(plan, story.receipts(today), monitoring, today),
            follow(plan, expected, monitoring, today),
        )

    @given(plans, payments, monitorings)
    def test_nothing_changes_between_the_days_to_look(self, plan, receipts, monitoring):
        """Walks day by day; each day that is not announced must bring the same answer, the late
        days aside."""
        def answer(today):
            course = follow(plan, receipts, monitoring, today)
            lines = tuple(line._replace(late_days=0) for line in course.lines)
            return course._replace(lines=lines)

        seen = answer(day(-10))
        for number in range(-9, SPAN):
            today = day(number)
            if seen.state == KEPT:
                self.assertEqual(answer(today).state, KEPT)
            elif seen.next_check_on is None or today < seen.next_check_on:
                self.assertEqual(answer(today), seen)
            else:
                self.assertEqual(today, seen.next_check_on)
                seen = answer(today)

    def test_a_portfolio_over_120_days(self):
        """Looked at on the announced days and when the ledger changes only, the agreements of
        ``domain_plans`` have the history that a plain look every day finds."""
        ends = set()
        for story in stories(80):
            state, look_on, known = RUNNING, TODAY, []
            for today, expected in story.history(120):
                receipts = story.receipts(today)
                if state == RUNNING and (receipts != known or (look_on and look_on <= today)):
                    course = follow(story.instalments, receipts, story.monitoring, today)
                    state, look_on, known = course.state, course.next_check_on, receipts
                self.assertEqual(state, expected, (story.name, today))
            ends.add((story.name.split()[1], state))
        self.assertLessEqual({("in_time", KEPT), ("early", KEPT), ("in_pieces", KEPT)}, ends)
        self.assertLessEqual({("stops", BROKEN), ("bounces", BROKEN), ("a_bit_late", BROKEN)}, ends)
