from odoo.tests import tagged

from ..domain import cohorts, intervals
from .agency_common import AgencyCommon
from .care_common import CareCommon
from .common import day


@tagged("post_install", "-at_install")
class TestLeague(AgencyCommon, CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.env["res.partner"].create({"name": "Stern Ltd", "is_company": True})
        cls.other_mandate = cls._create_mandate(name="Second", agency_id=cls.second.id)

    def _place(self, mandate, sent, due, amount, *cash, ended=None, collector=None, kind=None):
        """A placement of an item of its own, as it would have been left by a manager's word."""
        debtor = self._create_debtor(f"D{sent}{due}{amount}")
        items = self._overdue(due, amount, *cash, partner=debtor)
        note = self.env["credit.handover"].sudo().create({
            "case_id": items.case_id.id, "user_id": self.salesperson.id, "state": "submitted",
        })
        return self.env["credit.placement"].sudo().create({
            "case_id": items.case_id.id, "handover_id": note.id, "mandate_id": mandate.id,
            "state": "closed" if ended else "sent", "sent_on": day(sent),
            "kind": kind or "collection",
            "ended_on": ended and day(ended), "age": sent - due, "collector_id": collector,
            "line_ids": [(0, 0, {
                "item_id": items.id, "amount": amount, "amount_company": amount,
            })],
        })

    def _get(self, first=-300, last=0, filters=None):
        self.env.invalidate_all()
        with self.at():
            return self.env["credit.figures"]._get_hands(
                self.company, day(first), day(last), filters
            )

    def _fill(self):
        """The first agency gets young debts and the second old ones; both get 10."""
        for number in range(10):
            self._place(self.mandate, -150 - number, -200 - number, 100.0, (-140 - number, 60.0))
            self._place(
                self.other_mandate, -150 - number, -500 - number, 200.0, (-100 - number, 60.0)
            )
        self._place(self.mandate, -155, -505, 200.0, (-154, 20.0))

    def test_old_debts_do_not_make_a_hand_look_bad(self):
        self._fill()
        found = self._get()["agencies"]
        best, next_ = found["lines"]
        self.assertEqual((best["name"], best["n"], best["ranked"]), ("Stern Ltd", 10, True))
        self.assertEqual((best["amount"], best["recovered"], best["share"]), (2000, 600, 0.3))
        self.assertEqual((next_["amount"], next_["recovered"]), (1200, 620))
        # old debts: 620 of 2200 came; young ones: 600 of 1000
        self.assertAlmostEqual(best["ratio"], 600 / (2000 * 620 / 2200))
        self.assertAlmostEqual(next_["expected"], round(600 + 200 * 620 / 2200, 2))
        self.assertEqual((best["days"], found["n"]), (50, 21))

    def test_the_league_is_the_domains(self):
        self._fill()
        rows = []
        for placement in self.env["credit.placement"].search([]):
            with self.at():
                since = placement.sudo()._read_cash_since()[placement.id]
            rows.append(cohorts.Recovery(
                placement.sent_on, round(placement.amount * 100), tuple(since), placement.age,
                placement.agency_id.id,
            ))
        for last in (0, -30, -62):
            with self.subTest(last=last):
                plain = cohorts.league(
                    [row for row in rows if row.began_on <= day(last)], day(last)
                )
                found = self._get(-290, last)["agencies"]["lines"]
                self.assertEqual(
                    [(line["id"], line["n"], round(line["recovered"] * 100), line["ratio"])
                     for line in found],
                    [(place.hand, place.cases, place.recovered,
                      place.ratio and float(place.ratio)) for place in plain],
                )

    def test_few_placements_are_shown_and_not_ranked(self):
        self._place(self.mandate, -150, -200, 100.0, (-140, 100.0), collector=self.plain.id)
        found = self._get()
        for code in ("agencies", "collectors"):
            [line] = found[code]["lines"]
            self.assertFalse(line["ranked"])
            self.assertEqual((line["n"], found[code]["value"]), (1, 0))
        self.assertEqual(found["collectors"]["lines"][0]["name"], "Paul")

    def test_young_placements_wait_and_courtesy_calls_are_no_collection(self):
        self._place(self.mandate, -50, -100, 100.0)
        self._place(self.mandate, -150, -200, 100.0, kind="courtesy")
        found = self._get()["agencies"]
        self.assertEqual((found["lines"], found["too_young"]), ([], 1))
        self._place(self.mandate, -89, -140, 100.0)
        self._place(self.mandate, -90, -140, 100.0)
        found = self._get()["agencies"]
        self.assertEqual((found["lines"][0]["n"], found["too_young"]), (1, 2))

    def test_customers_kept_are_counted_by_hand(self):
        placement = self._place(self.mandate, -250, -300, 100.0, (-200, 100.0), ended=-200)
        self._create_due(-120, partner=placement.partner_id)  # invoiced on -150
        self._place(self.mandate, -250, -310, 100.0, (-210, 100.0), ended=-210)
        [line] = self._get()["agencies"]["lines"]
        estimate = intervals.share(1, 2)
        self.assertEqual(line["kept"], {
            "value": 0.5, "low": estimate.low, "high": estimate.high, "n": 2,
        })

    def _answer_about(self, placement, *values, on=-60):
        """A customer who has answered the questions after a contact."""
        survey = self.env.ref("account_credit_care.survey_contact").sudo()
        questions = survey.question_ids.filtered(lambda each: each.credit_metric == "csat")
        answer = self.env["survey.user_input"].sudo().create({
            "survey_id": survey.id, "state": "done", "credit_company_id": self.company.id,
            "credit_case_id": placement.case_id.id, "credit_placement_id": placement.id,
            "credit_collector_id": placement.collector_id.id, "credit_answered_on": day(on),
        })
        self.env["survey.user_input.line"].sudo().create([
            {
                "user_input_id": answer.id, "question_id": question.id, "answer_type": "scale",
                "value_scale": value,
            } for question, value in zip(questions, values, strict=False)
        ])

    def test_satisfaction_stands_beside_the_money_with_its_interval(self):
        first = self._place(self.mandate, -150, -200, 100.0, (-140, 60.0))
        second = self._place(self.mandate, -151, -201, 100.0)
        self._place(self.other_mandate, -152, -202, 100.0)
        self._answer_about(first, 5, 5, 4)
        self._answer_about(second, 1, 5, 5)
        self._answer_about(first, 1, 1, 1, on=5)  # not known yet
        lines = {line["name"]: line for line in self._get()["agencies"]["lines"]}
        estimate = intervals.share(5 / 6 * 2, 2)
        found = lines["Credit Angels"]["satisfaction"]
        self.assertEqual(found["n"], 2)
        for name in ("value", "low", "high"):
            self.assertAlmostEqual(found[name], getattr(estimate, name))
        self.assertIsNone(lines["Stern Ltd"]["satisfaction"])
        with self.at():
            found = self.env["credit.figures"]._get_customers(self.company, day(-300), day(0))
        self.assertAlmostEqual(found["satisfaction"]["value"], 5 / 6)

    def test_what_goes_together_is_said_in_words_with_n(self):
        placements = [
            self._place(self.mandate, -150 - number, -200, 100.0, (-140 - number, 5.0 + number))
            for number in range(12)
        ]
        self.assertIn("nothing to say of 0", self._get()["together"]["sentences"][0])
        for number, placement in enumerate(placements[:5]):
            self._answer_about(placement, 3 + number // 2, 3, 3)
        self.assertIn("5 placements are too few", self._get()["together"]["sentences"][0])
        for number, placement in enumerate(placements[5:], 5):
            self._answer_about(placement, 1 + number // 3, 4 if number > 7 else 2, 5)
        points = self.env["credit.figures"]._read_points(self.company, day(-300), day(0), {})
        shares = [(points[each.id], 5.0 + number) for number, each in enumerate(placements)]
        plain = intervals.correlate(shares, ranked=True)
        [sentence, _loss] = self._get()["together"]["sentences"]
        self.assertIn(f"r = {plain.estimate.value:.2f}", sentence)
        self.assertIn("n = 12", sentence)

    def test_satisfaction_beside_the_later_loss_of_the_customer(self):
        """Ten customers paid while placed: who was not satisfied has not ordered since."""
        for number in range(10):
            placement = self._place(
                self.mandate, -250 - number, -300 - number, 100.0, (-200, 100.0), ended=-200
            )
            if number % 2:
                self._create_due(-120, partner=placement.partner_id)  # invoiced on -150
            self._answer_about(placement, *[5 if number % 2 else 1] * 3)
        _money, loss = self._get(-350)["together"]["sentences"]
        plain = intervals.correlate(
            [(100 * (number % 2), 1 - number % 2) for number in range(10)], ranked=True
        )
        self.assertEqual((plain.certainty, plain.estimate.value), ("clear", -1))
        self.assertIn("clearly lower (r = -1.00", loss)
        self.assertIn("n = 10, significant at 1 %", loss)
        # before their 90 days were over nobody could say that they were lost
        _money, loss = self._get(-350, -115)["together"]["sentences"]
        self.assertIn("nothing to say of 0", loss)

    def _search(self, rows):
        with self.at():
            return self.env[rows["model"]].with_user(self.controller).with_context(
                allowed_company_ids=self.company.ids, **rows["context"]
            ).search(rows["domain"])

    def test_what_it_rests_on_leads_to_the_answers(self):
        counted, young, unasked = (
            self._place(self.mandate, sent, sent - 50, 100.0) for sent in (-150, -20, -151)
        )
        self._answer_about(counted, 5, 4, 4, on=-100)
        self._answer_about(young, 5, 4, 4, on=-10)
        found = self._get(-120)["together"]
        self.assertEqual(found["n"], 1)
        answers = self._search(found["rows"])
        self.assertEqual((answers.placement_id, len(answers)), (counted, 3))
        self.assertNotIn(unasked, answers.placement_id)

    def test_a_click_leads_to_the_placements(self):
        self._fill()
        self._place(self.mandate, -20, -80, 500.0)  # too young to be counted
        credited = self._place(self.mandate, -152, -203, 70.0)
        self._credit_matched(credited.line_ids.item_id, 70.0, -150)  # nothing was to be had
        found = self._get()["agencies"]
        for line in found["lines"]:
            placements = self._search(line["rows"])
            self.assertEqual(len(placements), line["n"])
            self.assertEqual(sum(placements.mapped("amount")), line["amount"])
        self.assertEqual(len(self._search(found["rows"])), found["n"])

    def test_filters_leave_the_cases_they_name(self):
        self._fill()
        [line] = self._get(filters={"agency_id": self.second.id})["agencies"]["lines"]
        self.assertEqual((line["name"], line["ratio"]), ("Stern Ltd", 1))
        self.assertFalse(self._get(filters={"salesperson_id": 0})["agencies"]["lines"])

    def test_what_came_after_the_day_is_not_known_on_it(self):
        self._place(self.mandate, -150, -200, 100.0, (-140, 30.0), (-65, 40.0))
        [line] = self._get(-300, -60)["agencies"]["lines"]
        self.assertEqual(line["recovered"], 70)
        self._place(self.mandate, -151, -201, 100.0, (-50, 40.0))
        self.assertEqual(
            [line["recovered"] for line in self._get(-300, -60)["agencies"]["lines"]], [70]
        )
