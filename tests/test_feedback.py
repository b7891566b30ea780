from random import Random

from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..domain import voices
from .common import day
from .survey_common import SurveyCommon


@tagged("post_install", "-at_install")
class TestFeedback(SurveyCommon):
    """The figures against ``domain.voices`` on the same answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)  # writes answers as the page does
        cls.report = cls.env["credit.feedback.report"]
        cls.rule = cls.env["credit.survey.rule"].create({
            "name": "Talk", "company_id": cls.company.id, "survey_id": cls.surveys["contact"].id,
        })

    def _heard(self, values, placement=None, partner=None, on=0):
        """One answer of one customer to the survey after a conversation."""
        partner = partner or self._create_debtor(f"Customer{len(self._asked())}")
        case = self.env["credit.case"].create({
            "partner_id": partner.id, "company_id": self.company.id, "opened_on": day(on),
            "policy_id": self.policy.id,
        })
        asked = self.env["survey.user_input"].create({
            "survey_id": self.rule.survey_id.id, "credit_rule_id": self.rule.id,
            "credit_event_key": f"contact|{case.id}", "credit_company_id": self.company.id,
            "credit_case_id": case.id, "credit_asked_on": day(on), "credit_answered_on": day(on),
            "credit_placement_id": placement and placement.id, "state": "done",
            "credit_collector_id": placement and placement.collector_id.id,
        })
        for question, value in zip(
            asked.survey_id.question_ids.filtered("credit_metric"), values, strict=True
        ):
            asked._save_lines(question, str(value))
        return asked

    def _groups(self, *groupby):
        return self.report._read_group(
            [("company_id", "=", self.company.id)], [*groupby],
            ["answer_id:count_distinct", "points:avg", "low:min", "high:max", "value:array_agg"],
        )

    def test_each_figure_is_that_of_the_domain(self):
        draw = Random(4)
        for n in range(23):
            self._heard([
                draw.randint(0, 10), draw.randint(1, 7), *(draw.randint(1, 5) for _ in range(3))
            ], on=-n * 11)
        for groupby in (["metric"], ["question_id", "metric"], ["answered_on:month", "metric"]):
            for *_keys, metric, n, points, low, high, values in self._groups(*groupby):
                with self.subTest(groupby=groupby, metric=metric):
                    found = voices.measure(metric, values, n)
                    self.assertAlmostEqual(points, found.value)
                    self.assertAlmostEqual(low, found.low)
                    self.assertAlmostEqual(high, found.high)
                    self.assertEqual(n, found.n)

    def test_the_ends_of_the_scale(self):
        for values in ([10, 7, 5, 5, 5], [0, 1, 1, 1, 1]):
            self._heard(values)
            for metric, n, points, low, high, answers in self._groups("metric"):
                found = voices.measure(metric, answers, n)
                self.assertAlmostEqual(points, found.value)
                self.assertAlmostEqual(low, found.low)
                self.assertAlmostEqual(high, found.high)

    def test_three_items_of_one_customer_are_one_answer(self):
        self._heard([9, 6, 5, 5, 5])
        [row] = [row for row in self._groups("metric") if row[0] == "csat"]
        self.assertEqual((row[1], len(row[5])), (1, 3))
        self.assertLess(row[3], 25)

    def test_metrics_are_never_added(self):
        self._heard([9, 6, 5, 5, 5])
        [row] = self._groups()
        self.assertEqual((row[1], row[2], row[3]), (False, False, False))

    def test_off_the_scale_and_skipped_do_not_count(self):
        asked = self._heard([9, 6, 5, 5, 5])
        asked.user_input_line_ids[0].value_scale = 99
        asked._save_lines(asked.survey_id.question_ids[1], "")
        self.assertEqual({row[0] for row in self._groups("metric")}, {"csat"})

    def test_tests_do_not_count(self):
        self._heard([9, 6, 5, 5, 5]).test_entry = True
        self.assertFalse(self.report.search_count([("company_id", "=", self.company.id)]))

    def test_by_agency_and_collector(self):
        placement = self._placed()
        placement.collector_id = self.qualified
        self._heard([9, 6, 5, 5, 5], placement)
        self._heard([1, 1, 1, 1, 1])
        rows = {row[0]: row[2] for row in self._groups("stage", "metric") if row[1] == "csat"}
        self.assertEqual(rows, {"collection": 1, "house": 1})
        found = self.report.search([("agency_id", "=", self.agency.id)])
        self.assertEqual(found.collector_id, self.qualified)
        self.assertEqual(found.mandate_id, self.mandate)

    def test_an_agency_sees_figures_only_from_the_minimum(self):
        placement = self._placed()
        for n in range(4):
            self._heard([9, 6, 5, 5, 4], placement)
            self.assertEqual(self.report._get_agency_feedback(self.mandate), {self.mandate: {}}, n)
        self._heard([0, 6, 5, 5, 4], placement)
        told = self.report._get_agency_feedback(self.mandate)[self.mandate]
        self.assertEqual(set(told), {"csat", "ces", "nps_transactional"})
        nps = voices.measure("nps_transactional", [9, 9, 9, 9, 0])
        self.assertEqual(told["nps_transactional"]["n"], 5)
        self.assertAlmostEqual(told["nps_transactional"]["value"], nps.value)
        self.assertAlmostEqual(told["nps_transactional"]["low"], nps.low)
        self.assertEqual(told["csat"]["n"], 5)
        # asked for fewer, no fewer are told; for more, more are needed
        self.company.credit_feedback_minimum = 6
        self.assertFalse(self.report._get_agency_feedback(self.mandate, 2)[self.mandate])
        self.company.credit_feedback_minimum = 5
        self.assertFalse(self.report._get_agency_feedback(self.mandate, 6)[self.mandate])

    def test_the_minimum_is_three_at_least(self):
        """Of two, the one knows what the other has said; so would whoever has heard one of them."""
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.company.credit_feedback_minimum = 2
            self.env.flush_all()

    def test_the_minimum_counts_customers(self):
        """Five answers of one customer are still one customer."""
        placement = self._placed()
        partner = self._create_debtor("Talker")
        for _n in range(5):
            self._heard([9, 6, 5, 5, 4], placement, partner)
            self.env["credit.case"].search([("partner_id", "=", partner.id)]).state = "closed"
            self.env.flush_all()
        self.assertFalse(self.report._get_agency_feedback(self.mandate)[self.mandate])

    def test_the_contact_of_the_agency_belongs_to_collector_and_placement(self):
        self.rule.survey_id = self.surveys["contact"]
        self.rule.write({"event": "contact", "delay_days": 0})
        with self.at(1):
            self.rule.action_start()
        placement = self._placed()
        case = placement.case_id
        with self.at(2):
            self.env["credit.action"].create({
                "case_id": case.id, "company_id": self.company.id, "kind": "contact",
                "channel": "phone", "state": "done", "outcome": "reached", "date": day(2),
                "placement_id": placement.id, "collector_id": self.plain.id,
            })
        self._night(2)
        asked = self._asked(case)
        self.assertEqual(
            (asked.credit_placement_id, asked.credit_collector_id), (placement, self.plain)
        )
