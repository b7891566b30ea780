import pytz

from odoo import Command
from odoo.tests import new_test_user, tagged

from ..domain import voices
from .agency_page_common import AgencyPageCase

ACTS = ("contact", "promise", "plan", "settlement", "claim", "ask", "give_back")


@tagged("post_install", "-at_install")
class TestAgencyPages(AgencyPageCase):
    """What a collector reads and does in his browser."""

    def test_home_counts_and_leads_to_the_lists(self):
        self._login(self.plain)
        home = self._get()
        self.assertEqual(home.status_code, 200)
        self.assertIn("To accept", home.text)
        self.assertIn("Bellandi", home.text)
        found = self._get("/list?search=ferri&filter=new&order=amount")
        self.assertIn(self.debtor.name, found.text)
        self.assertNotIn(self.debtor.name, self._get("/list?filter=mine").text)
        for wrong in ("?filter=secret", "?order=secret"):
            self.assertEqual(self._get(f"/list{wrong}").status_code, 404)

    def test_the_page_says_who_how_and_what(self):
        self._login(self.plain)
        page = self._get(f"/{self.placement.id}")
        for text in (
            "I call for Bellandi", "Anna of Ferri", "Call in the morning", "+39 059 777",
            "You may call now", self.placement.line_ids.item_id.display_name,
        ):
            self.assertIn(text, page.text)
        for name, value in (("Cache-Control", "no-store"), ("X-Frame-Options", "DENY")):
            self.assertEqual(page.headers[name], value)

    def test_every_act_has_a_form_and_does_what_it_says(self):
        self._login(self.plain)
        for act in ACTS:
            with self.subTest(form=act):
                self.assertEqual(self._get(f"/{self.placement.id}/do/{act}").status_code, 200)
        for act, typed in (
            ("accept", {}),
            ("contact", {"outcome": "reached", "channel": "phone", "remark": "Listens",
                         "reason": str(self.env.ref(
                             "account_credit_care.credit_reason_no_money").id)}),
            ("promise", {"amount": "300,00", "on": self._in(5)}),
            ("claim", {"amount": "50", "on": self.today.isoformat(), "method": "cash"}),
            ("ask", {"text": "Who signs there?"}),
            ("plan", {"count": "2", "first_on": self._in(9), "frequency": "month"}),
        ):
            with self.subTest(act=act):
                answer = self._do(act, **typed)
                self.assertEqual(answer.status_code, 303, answer.text[:2000])
                self.assertTrue(answer.headers["Location"].endswith(f"?done={act}"))
        self.env.invalidate_all()
        self.assertEqual(self.placement.state, "accepted")
        self.assertEqual(self.placement.action_ids.summary, "Listens")
        self.assertEqual(
            self.case.agreement_ids.sorted("id").mapped("kind"), ["promise", "plan"]
        )
        self.assertEqual(self.placement.claim_ids.amount, 50)
        page = self._get(f"/{self.placement.id}?done=contact").text
        for text in ("Listens", "Who signs there?", "Said to be paid", "The contact is in"):
            self.assertIn(text, page)
        self._do("give_back", reason="He has moved to Brazil")
        self.assertEqual(self._get(f"/{self.placement.id}").status_code, 404)

    def test_the_page_keeps_to_the_collectors_own_clock_and_names_it(self):
        self.plain.user_id.tz = "America/New_York"
        self._login(self.plain)
        form = self._get(f"/{self.placement.id}/do/contact").text
        self.assertIn("as your clock shows them: America/New_York.", form)
        self.assertIn("hours of contact are in", form)
        self._do("contact", outcome="call_back", again_at=f"{self._in(1)}T10:07")
        self.env.invalidate_all()
        own = pytz.timezone("America/New_York")
        stored = pytz.utc.localize(self.placement.again_at).astimezone(own)
        self.assertEqual(stored.strftime("%Y-%m-%dT%H:%M"), f"{self._in(1)}T10:07")
        self.assertIn("10:07", self._get("/list").text)

    def test_a_call_in_our_name_has_its_script_and_its_own_outcomes(self):
        call = self._place_call_now()
        self._login(self.plain)
        self.assertIn("Calls in the creditor&#39;s name", self._get().text)
        found = self._get("/list?filter=courtesy").text
        for text in ("Gallo", "Courtesy call", "Open now"):
            self.assertIn(text, found)
        self.assertNotIn("Ferri", found)
        page = self._get(f"/{call.id}").text
        self.assertLess(page.index("I call for Bellandi"), page.index("How are <em>you</em>?"))
        self.assertEqual(page.count("I call for Bellandi"), 1)
        self.assertRegex(page, r'lang="en-US"[^>]*>\s*<p>I call for Bellandi')
        for act in ACTS:
            offered = f"/{call.id}/do/{act}" in page
            self.assertEqual(offered, act in ("ask", "give_back"), act)
            status = self._get(f"/{call.id}/do/{act}").status_code
            self.assertEqual(status, 200 if offered else 404, act)
        form = self._get(f"/{call.id}/do/courtesy").text
        for text in ("I call for Bellandi", "Has no invoice", "Wants no more calls"):
            self.assertIn(text, form)
        self.assertNotIn("do/courtesy", self._get(f"/{self.placement.id}").text)
        self.assertEqual(self._get(f"/{self.placement.id}/do/courtesy").status_code, 404)

    def test_what_came_of_a_call_in_our_name_is_followed(self):
        call = self._place_call_now()
        self._login(self.plain)
        for typed, words in (
            ({}, "Choose what came"), ({"outcome": "will_pay"}, "Choose the day"),
            ({"outcome": "complaint"}, "what is wrong"),
        ):
            answer = self._do("courtesy", call, remark="  ", **typed)
            self.assertEqual(answer.status_code, 422, typed)
            self.assertIn(words, answer.text)
        answer = self._do("courtesy", call, outcome="not_reached")
        self.assertTrue(answer.headers["Location"].endswith(f"/{call.id}?done=courtesy"))
        self.assertIn("The call is in the history", self._get(f"/{call.id}?done=courtesy").text)
        answer = self._do(
            "courtesy", call, outcome="will_pay", on=self._in(5), remark="On his word",
        )
        self.assertTrue(answer.headers["Location"].endswith("/my/agency?done=courtesy"))
        self.assertIn("The call is in the history", self._get("?done=courtesy").text)
        self.env.invalidate_all()
        self.assertEqual(call.state, "returned")
        self.assertEqual(call.case_id.agreement_ids.kind, "promise")
        self.assertEqual(call.action_ids.sorted("id")[-1].summary, "On his word")
        self.assertEqual(self._do("courtesy", call, outcome="solved").status_code, 404)

    def test_a_call_in_our_name_is_refused_in_words_that_fit(self):
        call = self._place_call_now()
        self.policy.max_contacts_day = 1
        self._login(self.plain)
        self._do("courtesy", call, outcome="not_reached")
        answer = self._do("courtesy", call, outcome="solved")
        self.assertEqual(answer.status_code, 422)
        self.assertIn("Not now", answer.text)
        self.assertNotIn("say when", answer.text)
        other = self._do("courtesy", self.placement, outcome="solved")
        self.assertEqual(other.status_code, 404)

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self):
        self._login(self.plain)
        answer = self._do("promise", amount="9000", on=self._in(5), remark="In his words")
        self.assertEqual(answer.status_code, 422)
        self.assertIn("not more than", answer.text)
        self.assertIn("In his words", answer.text)
        for act, typed in (
            ("contact", {}), ("contact", {"outcome": "call_back"}), ("plan", {}), ("claim", {}),
            ("settlement", {"first_on": self._in(9)}), ("ask", {}), ("give_back", {}),
        ):
            with self.subTest(act=act, typed=typed):
                self.assertEqual(self._do(act, **typed).status_code, 422)
        self.assertEqual(self._do("burn").status_code, 404)

    def test_an_invoice_comes_while_it_is_entrusted(self):
        self._login(self.plain)
        path = f"/{self.placement.id}/invoice/{self.placement.line_ids.item_id.move_id.id}"
        answer = self._get(path)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertIn(  # in tests core renders no PDF
            self.placement.line_ids.item_id.move_id.name, answer.content.decode()
        )
        with self.at(self.now):
            self.placement.with_user(self.manager)._recall("He called us")
        self.assertEqual(self._get(path).status_code, 404)

    def test_a_currency_that_the_house_has_archived_since_is_still_told(self):
        pound = self.setup_other_currency("GBP", rates=[("2020-01-01", 2.0)])
        placement = self._place_now(
            self._create_debtor("London"), amount=1234.5, currency_id=pound.id
        )
        pound.active = False
        self._login(self.plain)
        answer = self._get(f"/{placement.id}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("1,234.50", answer.text)

    def test_in_a_large_database_a_record_is_still_the_one_that_was_chosen(self):
        self.env.flush_all()
        for model in ("credit_collector", "credit_reason"):
            self.env.cr.execute(f"SELECT setval('{model}_id_seq', 12345)")
        late = self._create_collector("late", self.mandate)
        reason = self.env["credit.reason"].create({"name": "Flood", "kind": "other"})
        self.plain.is_leader = True
        self._login(self.plain)
        self._do("assign", collector=str(late.id))
        self.env.invalidate_all()
        self.assertEqual(self.placement.collector_id, late)
        self._do(
            "contact", outcome="reached", reason=str(reason.id), remark="Flooded",
            on=str(self.today),
        )
        self.env.invalidate_all()
        self.assertEqual(self.placement.action_ids.reason_id, reason)

    def test_a_leader_assigns_on_the_page(self):
        self.plain.is_leader = True
        self._login(self.plain)
        self.assertIn("Who works on it", self._get(f"/{self.placement.id}").text)
        self._do("assign", collector=str(self.qualified.id))
        self.env.invalidate_all()
        self.assertEqual(self.placement.collector_id, self.qualified)

    def test_a_leader_reads_the_statements_that_are_decided(self):
        statement = self.root["credit.statement"].create({
            "mandate_id": self.mandate.id, "from_on": "2026-01-01", "until_on": "2026-01-31",
            "name": "FEE/1", "amount_total": 90,
        })
        statement._set_state("confirmed")
        self._login(self.plain)
        path = f"/statement/{statement.id}"
        self.assertEqual(self._get(path).status_code, 404)
        self.assertNotIn("FEE/1", self._get().text)
        self.plain.is_leader = True
        self.assertIn("FEE/1", self._get().text)
        self.assertEqual(self._get(path).headers["Content-Type"], "application/pdf")
        statement.sudo().state = "cancelled"
        self.assertEqual(self._get(path).status_code, 404)

    def test_a_statement_that_names_a_priority_debtor_is_for_qualified_leaders(self):
        """Invariant 4, on the sheet of fees: another sheet of the same mandate is for all."""
        other = self._place_now(self._create_debtor("Verdi"))
        self.case.relationship_priority = True
        statements = self.root["credit.statement"].create([
            {
                "mandate_id": self.mandate.id, "from_on": f"2026-0{month}-01",
                "until_on": f"2026-0{month}-28", "name": f"FEE/{month}",
                "line_ids": [Command.create({
                    "placement_id": placement.id, "kind": "placement", "fee": 10.0,
                })],
            }
            for month, placement in ((1, self.placement), (2, other))
        ])
        statements._set_state("confirmed")
        for collector, seen in ((self.plain, (404, 200)), (self.qualified, (200, 200))):
            collector.is_leader = True
            self._login(collector)
            home = self._get().text
            for statement, status in zip(statements, seen, strict=True):
                with self.subTest(collector=collector.display_name, statement=statement.name):
                    self.assertEqual(statement.name in home, status == 200)
                    answer = self._get(f"/statement/{statement.id}")
                    self.assertEqual(answer.status_code, status)
        self._login(self.plain)
        self.plain.with_user(self.manager).action_qualify()
        self.assertIn("FEE/1", self._get().text)

    def _heard(self, placement, number, answers):
        """What a customer of ``placement``'s agency says after a conversation."""
        partner = self._create_debtor(f"Voice{number}")
        case = self._open_voice(partner)
        asked = self.env["survey.user_input"].sudo().create({
            "survey_id": self.env.ref("account_credit_care.survey_contact").id,
            "credit_event_key": f"contact|{case.id}", "credit_company_id": self.company.id,
            "credit_case_id": case.id, "credit_asked_on": self.today,
            "credit_answered_on": self.today, "credit_placement_id": placement.id,
            "state": "done",
        })
        for question, value in zip(
            asked.survey_id.question_ids.filtered("credit_metric"), answers, strict=True
        ):
            asked._save_lines(question, str(value))

    def _open_voice(self, partner):
        return self.root["credit.case"].create({
            "partner_id": partner.id, "company_id": self.company.id, "opened_on": self.today,
            "policy_id": self.policy.id,
        })

    def test_leaders_read_what_customers_say_once_enough_have(self):
        """A colleague never, and never what is said of another agency."""
        agency = self.env["res.partner"].create({"name": "Others", "is_company": True})
        mandate = self._create_mandate(agency_id=agency.id, name="Theirs")
        case = self._open_voice(self._create_debtor("Beside"))
        note = self.root["credit.handover"].create({
            "case_id": case.id, "user_id": self.salesperson.id, "state": "submitted",
        })
        beside = self.root["credit.placement"].create({
            "case_id": case.id, "handover_id": note.id, "mandate_id": mandate.id,
        })
        for number in range(6):
            self._heard(beside, number, [0, 1, 1, 1, 1])
        self._login(self.plain)
        self.assertNotIn("What customers say", self._get().text)
        self.plain.is_leader = True
        self.assertIn("Too few answers to be shown (0 of 5)", self._get().text)
        for number in range(6, 10):
            self._heard(self.placement, number, [9, 6, 5, 5, 4])
        page = self._get().text
        self.assertIn("Too few answers to be shown (4 of 5)", page)
        self.assertNotIn("points", page)
        self._heard(self.placement, 10, [0, 6, 5, 5, 4])
        page = self._get().text
        self.assertNotIn("Too few answers", page)
        # four promoters and a detractor of five; all five found it easy, and were satisfied
        nps = voices.measure("nps_transactional", [9, 9, 9, 9, 0])
        ces = voices.measure("ces", [6] * 5)
        for found in (nps, ces):
            self.assertIn(
                f"{found.value:.0f} points ({found.low:.0f} to {found.high:.0f}), answers: 5", page
            )
        self.assertNotIn("Theirs", page)
        self.plain.is_leader = False
        self.assertNotIn("What customers say", self._get().text)

    def test_nobody_else_has_a_page(self):
        new_test_user(self.env, "petra", "base.group_portal", password="petra-password")
        self.authenticate("petra", "petra-password")
        for path in ("", "/list", f"/{self.placement.id}", f"/{self.placement.id}/do/contact"):
            with self.subTest(path=path):
                self.assertEqual(self._get(path).status_code, 404)
        self.assertNotIn("Traceback", self.url_open("/my").text)

    def test_a_list_is_paged(self):
        self._login(self.plain)
        for number in range(3):
            self._place_now(self._create_debtor(f"Debtor{number}"))
        self.patch(
            self.env.registry["credit.agency.desk"], "_get_page_size", lambda desk: 2
        )
        first, second = self._get("/list?page=1").text, self._get("/list?page=2").text
        self.assertIn("Page 1 of 2", first)
        self.assertIn("rel=\"next\"", first)
        self.assertIn(self.debtor.name, second)
        for nonsense in ("0", "-1", "x", "9" * 5000):
            self.assertEqual(self._get(f"/list?page={nonsense}").status_code, 200, nonsense[:9])
        self.assertNotIn(self.debtor.name, first)
