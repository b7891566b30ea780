"""Rules that ask customers, and customers who answer, for the tests of their voice."""
from odoo.tests import tagged

from .agency_common import AgencyCommon


@tagged("post_install", "-at_install")
class SurveyCommon(AgencyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.surveys = {
            name: cls.env.ref(f"account_credit_care.survey_{name}")
            for name in ("contact", "closed", "plan", "yearly", "competitive")
        }

    def _rule(self, event="closed", on=0, **values):
        """A rule that is on since the day ``on``, and asks everybody on the day itself."""
        with self.at(on):
            rule = self.env["credit.survey.rule"].create({
                "name": f"After {event}", "company_id": self.company.id, "event": event,
                "survey_id": self.surveys[event].id, "delay_days": 0, **values,
            })
            rule.with_user(self.manager).action_start()
        return rule

    def _settled(self, partner=None, on=2):
        """A case that was overdue and is paid."""
        move = self._create_due(-5, 1000.0, partner=partner)
        self._night(on - 1)
        case = self._case(partner)
        self._pay(move, on=on)
        self._night(on)
        self.assertEqual(case.state, "closed")
        return case

    def _talk(self, on=1, partner=None):
        """A conversation with the debtor of an overdue invoice."""
        self._create_due(-5, 1000.0, partner=partner)
        self._night(on)
        case = self._case(partner)
        with self.at(on):
            case.with_user(self.controller)._log_outcome(
                "reached", self.env["credit.reason"], "Spoke with her"
            )
        return case

    def _talked(self, **values):
        """A customer who was spoken with, and the question about it on its way: the next day,
        because a call is the one contact of its day."""
        self._rule("contact", **values)
        case = self._talk(1)
        self._night(1)
        self._night(2)
        return case

    def _asked(self, case=None):
        domain = [("credit_company_id", "=", self.company.id), ("credit_case_id", "!=", False)]
        if case:
            domain.append(("credit_case_id", "=", case.id))
        return self.env["survey.user_input"].search(domain, order="id")

    def _questions(self, *states, purpose="survey"):
        """The messages that ask, in these states."""
        return self.env["credit.action"].search([
            ("company_id", "=", self.company.id), ("purpose", "=", purpose),
            ("state", "in", states or ("planned", "queued", "sent", "done")),
        ], order="id")

    def _answer(self, asked, *values, on=3, remark=None):
        """All the questions of the page, sent together."""
        asked = asked.sudo()
        with self.at(on):
            asked._mark_in_progress()
            questions = asked.survey_id.question_ids
            for question, value in zip(
                questions.filtered("credit_metric"), values, strict=True
            ):
                asked._save_lines(question, str(value))
            if remark:
                asked._save_lines(questions.filtered(lambda q: not q.credit_metric), remark)
            asked._mark_done()
            self.env.flush_all()
        return asked

    def _tasks(self, case, kind):
        return case.activity_ids.filtered(
            lambda task: task.activity_type_id
            == self.env.ref(f"account_credit_care.mail_activity_type_{kind}")
        )
