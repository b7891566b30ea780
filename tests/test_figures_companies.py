"""Every figure of the page is of one company: what is written in another one, about the same
customer, moves nothing."""
from odoo.tests import tagged

from .care_common import CareCommon
from .common import day
from .figures_common import FiguresCommon, Invoice, Part

LEDGER = [
    Invoice(-280, 30, 100_000, False, (Part("cash", 100, 120),)),  # recovered, placed before
    Invoice(-150, 30, 50_000, False, (Part("cash", 40, 60), Part("credit", 10, 70))),
    Invoice(-20, 40, 30_000, False, ()),
]


@tagged("post_install", "-at_install")
class TestFiguresOfTwoCompanies(FiguresCommon, CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_other_company()
        cls.failure = cls.env.ref("account_credit_care.credit_reason_our_failure")

    def _fill(self, company):
        """Something of everything that is counted."""
        with self.at():
            self._write_ledger(company, LEDGER)
        debts = self._read_debts(company)
        case = self._open_case(self.debtor, company, reason_id=self.failure.id)
        items = self.env["credit.item"].sudo()
        for line in debts:
            items |= self._take_in(line.move_id, case=case)
        oldest = items.sorted("due_on")[:1]
        mandate = self.env["credit.mandate"].sudo().create({
            "name": "M", "company_id": company.id, "agency_id": self.env["res.partner"].create(
                {"name": "Angels", "is_company": True}
            ).id,
        })
        self._write_words(case)
        self._answer_about(self._place(mandate, case, oldest))
        self.env["credit.statement"].sudo().create({
            "mandate_id": mandate.id, "from_on": day(-90), "until_on": day(-61),
            "state": "confirmed", "amount_total": 100.0, "amount_cash": 500.0,
        })

    def _write_words(self, case):
        common = {"case_id": case.id, "currency_id": case.company_id.currency_id.id}
        self.env["credit.agreement"].sudo().create([
            {**common, "kind": kind, "state": "kept", "ended_on": day(-20)}
            for kind in ("promise", "plan")
        ] + [{**common, "kind": "promise", "state": "broken", "broken_on": day(-20)}])
        self.root["credit.action"].create({
            "case_id": case.id, "company_id": case.company_id.id, "date": day(-95),
            "kind": "contact", "channel": "phone", "state": "done", "outcome": "reached",
            "reason_id": self.failure.id,
        })
        self.env["credit.dispute"].sudo().create({
            "case_id": case.id, "kind": "department", "reason_id": self.failure.id,
            "user_id": self.salesperson.id, "opened_on": day(-20), "until": day(9),
            "state": "resolved", "closed_on": day(-10),
        })
        self.env["credit.cost"].sudo().create({
            **common, "name": "Court fee", "date": day(-40), "amount": 20.0,
        })

    def _place(self, mandate, case, item):
        note = self.env["credit.handover"].sudo().create({
            "case_id": case.id, "user_id": self.salesperson.id, "state": "submitted",
        })
        return self.env["credit.placement"].sudo().create({
            "case_id": case.id, "handover_id": note.id, "mandate_id": mandate.id, "kind": "legal",
            "state": "closed", "sent_on": day(-200), "ended_on": day(-150), "age": 50,
            "line_ids": [(0, 0, {"item_id": item.id, "amount": 1000, "amount_company": 1000})],
        })

    def _answer_about(self, placement):
        survey = self.env.ref("account_credit_care.survey_contact").sudo()
        question = survey.question_ids.filtered(lambda each: each.credit_metric == "csat")[:1]
        answer = self.env["survey.user_input"].sudo().create({
            "survey_id": survey.id, "state": "done", "credit_answered_on": day(-60),
            "credit_company_id": placement.company_id.id, "credit_case_id": placement.case_id.id,
            "credit_placement_id": placement.id,
        })
        self.env["survey.user_input.line"].sudo().create({
            "user_input_id": answer.id, "question_id": question.id, "answer_type": "scale",
            "value_scale": 5,
        })

    def _read(self, company):
        self.env.invalidate_all()
        with self.at():
            return {
                half: self.figures._get_half(half, company, day(-299), day(0))
                for half in ("money", "customers", "hands")
            }

    def test_each_figure_leads_to_the_records_it_is_made_of(self):
        """Invariant 9, for a credit user of the company; of a share to those it has counted."""
        self._fill(self.company)
        self._fill(self.other)
        part = {"kept": "kept", "lost": "lost", "again": "again"}
        several = {
            "stages": 2,  # receipts, of one case
            "cost": 1, "recovery": 2, "legal": 1,  # statements; positions; those that went there
        }
        for half, figures in self._read(self.company).items():
            for code, figure in figures.items():
                if not figure["n"]:
                    continue
                expected = several.get(code, figure.get(part.get(code), figure["n"]))
                with self.subTest(half=half, figure=code):
                    self.assertEqual(self._count(figure["rows"]), expected)
                for name in ("buckets", "lines", "months", "stages", "kinds", "departments"):
                    for row in figure.get(name) or ():
                        if "rows" in row and "n" in row and code != "stages":
                            with self.subTest(figure=code, part=name):
                                self.assertEqual(self._count(row["rows"]), row["n"])

    def _count(self, rows):
        with self.at():
            return self.env[rows["model"]].with_user(self.controller).with_context(
                allowed_company_ids=self.company.ids, **rows["context"]
            ).search_count(rows["domain"])

    def test_what_is_written_in_another_company_moves_nothing(self):
        self._fill(self.company)
        before = self._read(self.company)
        for half, figures in before.items():
            for code, figure in figures.items():
                if code not in ("collectors", "together"):  # no collector; one pair is none
                    self.assertTrue(figure["n"], f"{half}: {code} is counted from something")
        self.assertFalse(any(
            figure["n"] for figures in self._read(self.other).values()
            for figure in figures.values()
        ))
        self._fill(self.other)
        self.assertEqual(self._read(self.company), before)
        there = self._read(self.other)
        for half, figures in before.items():
            self.assertEqual(
                {code: figure["value"] for code, figure in there[half].items()},
                {code: figure["value"] for code, figure in figures.items()},
            )
