from datetime import timedelta

from odoo.tests import new_test_user, tagged

from .page_common import PDF, PageCase


@tagged("post_install", "-at_install")
class TestPageDoor(PageCase):
    """Who gets in, and what a stranger learns."""

    def assertTellsNothing(self, response):
        self.assertEqual(response.status_code, 404)
        for word in ("Ferri", "Other S.p.A.", "Bellandi", self.move.name, "1,000"):
            self.assertNotIn(word, response.text)

    def test_the_link_of_a_message_shows_what_is_open(self):
        page = self._get()
        self.assertEqual(page.status_code, 200)
        for word in ("Ferri S.r.l.", self.move.name, "12 days late", "1,000.00", "Carla Conti"):
            self.assertIn(word, page.text)

    def test_a_person_with_face_and_phone_can_be_answered(self):
        self.controller.partner_id.phone = "+39 059 111222"
        page = self._get().text
        self.assertIn('href="tel:+39059111222"', page)
        self.assertIn('href="mailto:carla@bellandi.example"', page)
        self.assertIn('src="data:image/', page.split("o_credit_person")[1])

    def test_each_invoice_can_be_paid_online_where_that_is_switched_on(self):
        parameter = self.env["ir.config_parameter"].sudo()
        for value, expected in (("False", 0), ("True", 1)):
            parameter.set_param("account_payment.enable_portal_payment", value)
            page = self._get().text
            self.assertEqual(page.count("Pay online"), expected)
        self.assertIn(f"/my/invoices/{self.move.id}?access_token={self.move.access_token}", page)

    def test_wrong_links_tell_nothing(self):
        path = self._path()
        stamp = path.rsplit("/", 1)[1].split("-")[0]
        other = self._path(self._case(self.other)).rsplit("/", 1)[1]
        for wrong in (
            f"{path}x", f"{path[:-1]}", f"/credit/{self.case.id}/{stamp}-",
            f"/credit/999999/{stamp}-a", f"/credit/{self.case.id}/{other}",
            f"/credit/{self.case.id}/é-{stamp}",
        ):
            self.assertTellsNothing(self.url_open(wrong))
            self.assertTellsNothing(self.url_open(f"{wrong}/tell/paid"))
            self.assertTellsNothing(self.url_open(f"{wrong}/invoice/{self.move.id}"))

    def test_a_link_of_the_case_of_another_company_opens_that_case_only(self):
        twin = self.env["credit.case"].sudo().create({
            "partner_id": self.debtor.id, "company_id": self.env["res.company"].create(
                {"name": "Twin Ltd"}).id,
        })
        token = self._path(twin).rsplit("/", 1)[1]
        self.assertTellsNothing(self.url_open(f"/credit/{self.case.id}/{token}"))
        page = self._get(case=twin)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(self.move.name, page.text)

    def test_links_that_were_taken_back_open_nothing(self):
        path = self._path()
        self.case.action_revoke_page()
        self.assertTellsNothing(self.url_open(path))

    def test_an_expired_link_offers_a_new_one_to_the_address_on_file(self):
        until = self.today - timedelta(days=1)
        path = f"/credit/{self.case.id}/{self.case._sign_page(until)}"
        page = self.url_open(path)
        self.assertEqual(page.status_code, 410)
        self.assertNotIn(self.move.name, page.text)
        self.assertNotIn("Ferri", page.text)
        sent = [self._post("/link", base=path) for _again in range(2)]
        self.assertEqual(len({one.text.split("o_credit_page")[1] for one in sent}), 1)
        link = self.case.action_ids.filtered(lambda a: a.purpose == "link")
        self.assertEqual((len(link), link.email_to), (1, self.debtor.email))
        self._send()
        self.assertIn("/credit/", link.body)
        closed = self._case(self.other)
        closed._close_by_hand("done")
        path = f"/credit/{closed.id}/{closed._sign_page(until)}"
        answer = self._post("/link", base=path)
        self.assertEqual(
            answer.text.split("o_credit_page")[1], sent[0].text.split("o_credit_page")[1]
        )
        self.assertFalse(closed.action_ids.filtered(lambda a: a.purpose == "link"))

    def test_nothing_is_indexed_kept_or_passed_on(self):
        expired = f"/credit/{self.case.id}/{self.case._sign_page(self.today - timedelta(days=1))}"
        for page in (
            self._get(), self._get("/tell/plan"), self._get("/thanks/paid"), self._get("x"),
            self.url_open(expired), self._post("/tell/call", {"on": self.today}, follow=False),
            self._get(f"/invoice/{self.move.id}"),
        ):
            self.assertEqual(page.headers["X-Robots-Tag"], "noindex, nofollow", page.url)
            self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertIn('<meta name="robots" content="noindex,nofollow"', self._get().text)

    def test_the_page_speaks_the_language_of_the_debtor(self):
        self.debtor.lang = "it_IT"
        page = self._get().text
        self.assertIn('<html lang="it-IT"', page)
        self.assertIn("1.000,00", page)

    def test_a_settled_case_says_thank_you_and_takes_no_answer(self):
        path = self._path()
        self._pay(self.move, on=self.now)
        self._night(self.now + 1)
        self.assertEqual(self.case.state, "closed")
        self.assertIn("All settled, thank you", self.url_open(path).text)
        self._post("/tell/call", {"on": self.today.isoformat()}, base=path)
        self.assertFalse(self._answers())

    def test_a_case_given_up_is_not_called_settled(self):
        path = self._path()
        self.case._close_by_hand("too small")
        self.assertNotIn("settled", self.url_open(path).text)

    def test_what_was_paid_an_hour_ago_is_not_asked_for(self):
        self._pay(self.move, 400, on=self.now)
        page = self._get().text
        self.assertIn("600.00", page)
        self.assertIn("400.00 settled", page.replace("\xa0", " ").replace("$ ", ""))
        self._pay(self.move, 600, on=self.now)
        page = self._get().text
        self.assertNotIn(self.move.name, page)
        self.assertIn("Nothing is open", page)

    def test_two_currencies_are_never_added(self):
        currency = self.setup_other_currency("EUR")
        self._create_due(self.now - 3, 500.0, currency_id=currency.id)
        self._night(self.now)
        page = self._get().text
        self.assertEqual(page.count("To be paid"), 2)
        self.assertNotIn("1,500", page)

    def test_open_credits_are_deducted(self):
        self._credit(self.move, 250)
        self._night(self.now)
        page = self._get().text
        self.assertIn("Your open credits, deducted", page)
        self.assertIn("750.00", page)

    # ------------------------------------------------------------------ documents

    def test_what_a_settlement_gives_up_is_not_asked_for(self):
        deal = self.env["credit.agreement"].create({
            "kind": "settlement", "case_id": self.case.id, "amount_settlement": 600,
            "currency_id": self.case.currency_id.id, "item_ids": [(6, 0, self.item.ids)],
            "line_ids": [(0, 0, {"due_on": self.today + timedelta(days=9), "amount": 600})],
        })
        deal._propose()
        deal.with_user(self.manager)._approve()
        deal._sign("Franco Ferri")
        for paid, left in ((0, "$ 600.00"), (600, "$ 0.00")):
            if paid:
                self._pay(self.move, paid, on=self.now)
                self._night(self.now)
            page = self._get().text.replace("\xa0", " ")
            self.assertIn("Not asked for, by our settlement", page)
            self.assertIn(f"To be paid</dt><dd>{left}", page)
            self.assertNotIn("Pay online", page)
        self.assertEqual(deal.state, "kept")

    def test_the_interest_of_a_settlement_is_asked_for_once(self):
        """By its own invoice: not a second time beside what was given up."""
        deal = self.env["credit.agreement"].create({
            "kind": "settlement", "case_id": self.case.id, "amount_settlement": 600,
            "currency_id": self.case.currency_id.id, "item_ids": [(6, 0, self.item.ids)],
            "interest_rate": 20, "line_ids": [(0, 0, {
                "due_on": self.today + timedelta(days=30), "amount": 609, "interest": 9,
            })],
        })
        deal._propose()
        deal.with_user(self.manager)._approve()
        deal._sign("Franco Ferri")
        deal.interest_move_id.action_post()
        self._pay(self.move, 600, on=self.now)
        self._night(self.now)
        self.assertEqual(deal.state, "kept")
        page = self._get().text.replace("\xa0", " ").replace("\ufeff", "")
        self.assertIn("Not asked for, by our settlement</dt><dd>$ -400.00", page)

    def test_what_is_in_question_is_not_asked_for(self):
        until = self.today + timedelta(days=9)
        for part, left in ((120, "$ 880.00"), (0, "$ 0.00")):
            dispute = self.env["credit.dispute"]._open(self.case, {self.item: part}, until)
            page = self._get().text.replace("\xa0", " ")
            self.assertIn("we are looking into it", page)
            self.assertIn(f"To be paid</dt><dd>{left}", page)
            dispute._end("cancelled")

    def test_the_debtor_reads_his_invoices_and_no_others(self):
        mine = self._get(f"/invoice/{self.move.id}")
        self.assertEqual(mine.headers["Content-Type"], "application/pdf")
        self.assertIn(self.move.name, mine.content.decode())  # in tests core renders no PDF
        draft = self.move.copy()
        for strange in (self.other_move, draft, self._create_due(40)):
            self.assertTellsNothing(self._get(f"/invoice/{strange.id}"))

    def test_the_existing_pdf_is_given_as_it_is(self):
        self.env["ir.attachment"].create({
            "name": "i.pdf", "raw": PDF + b"kept", "res_model": "account.move",
            "res_id": self.move.id, "res_field": "invoice_pdf_report_file",
        })
        self.assertEqual(self._get(f"/invoice/{self.move.id}").content, PDF + b"kept")

    # ------------------------------------------------------------------ the portal

    def test_a_portal_customer_sees_his_own_page_and_nobody_elses(self):
        self._create_login()
        strange = self._case(self.other)
        self.authenticate("franca", "franca")
        self.assertIn(self.move.name, self.url_open("/my/credit").text)
        self.assertIn(self.move.name, self.url_open(f"/my/credit/{self.case.id}").text)
        for path in ("", "/tell/paid", f"/invoice/{self.other_move.id}"):
            self.assertTellsNothing(self.url_open(f"/my/credit/{strange.id}{path}"))
        foreign = f"/my/credit/{self.case.id}/invoice/{self.other_move.id}"
        self.assertTellsNothing(self.url_open(foreign))
        count = self.make_jsonrpc_request("/my/counters", {"counters": ["credit_case_count"]})
        self.assertEqual(count["credit_case_count"], 1)
        self.assertIn("/my/credit", self.url_open("/my").text)
        self._post("/tell/call", {"on": self.today.isoformat()}, base=f"/my/credit/{self.case.id}")
        self.assertEqual(self._answers().answer, "call")
        twin = self.env["credit.case"].sudo().create({
            "partner_id": self.debtor.id,
            "company_id": self.env["res.company"].create({"name": "Twin Ltd"}).id,
        })
        self.assertTellsNothing(self.url_open(f"/my/credit/{twin.id}"))

    def test_a_portal_customer_who_owes_nothing_reads_so(self):
        new_test_user(self.env, "nobody", "base.group_portal", name="Nobody")
        self.authenticate("nobody", "nobody")
        page = self.url_open("/my/credit")
        self.assertEqual(page.status_code, 200)
        self.assertIn("Nothing is open", page.text)

    def test_the_portal_asks_for_a_login(self):
        page = self.url_open(f"/my/credit/{self.case.id}")
        self.assertIn("/web/login", page.url)
        self.assertNotIn(self.move.name, page.text)

    def test_old_links_of_a_closed_case_are_taken_back_as_well(self):
        path = self._path()
        self.env["credit.case"].flush_model()
        self._pay(self.move, on=self.now)
        self._night(self.now)
        self.assertEqual(self.case.state, "closed")
        self._create_due(self.now - 12)
        self._night(self.now)
        self._case().action_revoke_page()
        self.assertTellsNothing(self.url_open(path))

    def test_keys_and_numbers_that_make_no_sense_tell_nothing(self):
        stamp = self._path().rsplit("/", 1)[1].split("-")[0]
        for wrong in (
            f"/credit/{self.case.id}/{stamp}-é", f"/credit/99999999999999999999/{stamp}-a",
        ):
            self.assertTellsNothing(self.url_open(wrong))
