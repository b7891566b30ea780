from datetime import timedelta

from odoo.exceptions import AccessError, UserError

from .agency_common import AgencyCommon
from .common import day


class TestAgencyActs(AgencyCommon):
    """What a collector does at the desk, and who hears of it. Day 1 is a Thursday."""

    def setUp(self):
        super().setUp()
        self.policy.calendar_id = self.env.ref(
            "account_credit_care.calendar_contact_hours"
        )
        self.placement = self._placed()
        self.case = self.placement.case_id

    def _desk(self, collector=None):
        user = (collector or self.plain).user_id
        return self.env["credit.agency.desk"].with_user(user)

    def _contacts(self):
        return self.case.action_ids.filtered("collector_id")

    def _log(self, outcome="reached", offset=1, hour=12, collector=None, **values):
        with self.at(offset, hour):
            return self._desk(collector).log_contact(self.placement.id, outcome, **values)

    # ------------------------------------------------------------------ accept, assign

    def test_who_accepts_it_has_it(self):
        with self.at(1):
            answer = self._desk().accept(self.placement.id)
        self.assertEqual(answer, {"id": self.placement.id, "state": "accepted"})
        self.assertEqual(self.placement.collector_id, self.plain)
        with self.at(1):
            self.assertEqual(self._desk().accept(self.placement.id), answer)
            with self.assertRaises(AccessError):
                self._desk(self.qualified).accept(self.placement.id)

    def test_a_leader_accepts_for_the_team_and_assigns(self):
        self.plain.is_leader = True
        with self.at(1):
            self._desk().accept(self.placement.id)
            self.assertFalse(self.placement.collector_id)
            self._desk().assign(self.placement.id, self.qualified.id)
            self.assertEqual(self.placement.collector_id, self.qualified)
            self._desk().assign(self.placement.id, None)
        self.assertFalse(self.placement.collector_id)

    def test_only_a_leader_assigns_and_only_his_team(self):
        stranger = self._create_collector("sven", self._create_mandate())
        with self.at(1), self.assertRaises(AccessError):
            self._desk().assign(self.placement.id, self.plain.id)
        self.plain.is_leader = True
        with self.at(1), self.assertRaises(UserError):
            self._desk().assign(self.placement.id, stranger.id)

    def test_priority_goes_to_the_qualified_only(self):
        self.case.relationship_priority = True
        self.qualified.is_leader = True
        with self.at(1), self.assertRaises(UserError):
            self._desk(self.qualified).assign(self.placement.id, self.plain.id)
        with self.at(1):
            team = self._desk(self.qualified).get_placement(self.placement.id)["team"]
        self.assertEqual([one["id"] for one in team], [self.qualified.id])

    # ------------------------------------------------------------------ contacts

    def test_a_contact_is_in_the_history_of_the_case_under_his_name(self):
        reason = self.env.ref("account_credit_care.credit_reason_no_money")
        answer = self._log(reason="no_money", remark="Asks for two weeks")
        action = self._contacts()
        self.assertEqual(answer, {"id": action.id, "state": "done", "breach": False})
        self.assertEqual(action.who, "Paul (Credit Angels)")
        self.assertEqual(
            (action.outcome, action.reason_id, action.summary, action.placement_id),
            ("reached", reason, "Asks for two weeks", self.placement),
        )
        self.assertDay(action.date, 1)
        self.assertDay(self.case.last_contact_on, 1)
        self.assertEqual(self.case.reason_id, reason)
        self.assertEqual(self.placement.state, "accepted")
        self.assertEqual(self.placement.collector_id, self.plain)

    def test_the_salesperson_hears_of_it_once_a_day(self):
        self.policy.max_contacts_day = 5
        self._log()
        self._log()
        told = self.case.action_ids.filtered(lambda a: a.notice == "agency_contact")
        self.assertEqual(told.user_id, self.salesperson)
        self.assertEqual(len(told), 1)

    def test_company_and_agency_share_the_caps(self):
        self.assertFalse(self.env["credit.run"]._recent_contacts(self.case, day(1)))
        self._log()
        self.assertEqual(
            self.env["credit.run"]._recent_contacts(self.case, day(1)), {self.case.id: [day(1)]}
        )
        with self.assertRaisesRegex(UserError, "more than 1 contacts on one day.*6 March"):
            self._log()
        self._log(offset=2)
        self.case.company_id.credit_bank_fresh_days = 0
        self._log(offset=3, hour=10)
        with self.assertRaisesRegex(UserError, "in a week"):
            self._log(offset=5)

    def test_no_call_outside_the_hours_and_the_next_hour_is_named(self):
        with self.assertRaisesRegex(UserError, r"hours of contact.*Friday 6 March, 08:30"):
            self._log(hour=22)
        self.assertFalse(self._contacts())

    def test_what_took_place_outside_is_told_and_shown_to_the_manager(self):
        answer = self._log(on="2026-03-05T06:10")
        self.assertIn("hours of contact", answer["breach"])
        action = self._contacts()
        self.assertEqual(action.done_at.isoformat(), "2026-03-05T05:10:00")
        task = self.placement.activity_ids
        self.assertEqual(task.user_id, self.manager)
        self.assertIn("Paul (Credit Angels)", task.summary)
        self.assertIn("hours of contact", action.result_note)
        again = self._log(on="2026-03-05")
        self.assertIn("on one day", again["breach"])
        self.assertEqual(len(self.placement.activity_ids), 2)

    def test_nothing_is_logged_that_was_not_or_was_before_the_mandate(self):
        for on in ("2026-03-06", "2026-03-05T13:30", "2026-03-04", "2026-02-30", "soon", 7):
            with self.subTest(on=on), self.assertRaises(UserError):
                self._log(on=on)
        self.assertFalse(self._contacts())

    def test_a_gentle_position_gets_no_letter(self):
        self.placement.with_user(self.manager).pressure = "gentle"
        with self.assertRaisesRegex(UserError, "Gentle"):
            self._log(False, channel="letter")
        self.placement.with_user(self.manager).pressure = "standard"
        self._log(False, channel="letter")
        with self.assertRaises(UserError):
            self._log(False, channel="notice", offset=2)
        with self.at(1):
            channels = self._desk().get_placement(self.placement.id)["choices"]["channels"]
        self.assertNotIn("notice", [code for code, _name in channels])

    def test_calling_back_needs_a_time_within_the_hours(self):
        with self.assertRaises(UserError):
            self._log("call_back")
        ends = ("0001-01-01T00:00", "9999-12-31T23:59")  # of the calendar: no zone can be reckoned
        for again in ("2026-03-06T23:00", "2026-03-05T09:00", *ends):
            with self.subTest(again=again), self.assertRaises(UserError):
                self._log("call_back", again_at=again)
        self._log("call_back", again_at="2026-03-06T10:00+01:00")
        self.assertEqual(self.placement.again_at.isoformat(), "2026-03-06T09:00:00")
        with self.at(2):
            self.assertEqual(self._desk().get_home()["counters"]["again"], 1)

    def test_a_collector_types_and_reads_the_time_of_his_own_clock(self):
        """In London it is an hour earlier than where the hours of contact are kept."""
        self.plain.user_id.tz = "Europe/London"
        with self.assertRaisesRegex(UserError, r"Friday 6 March, 07:30 \(Europe/London\)"):
            self._log("call_back", again_at="2026-03-06T07:00")
        self._log("call_back", again_at="2026-03-06T07:45", on="2026-03-05T11:30")
        self.assertEqual(self._contacts().done_at.isoformat(), "2026-03-05T11:30:00")
        self.assertEqual(self.placement.again_at.isoformat(), "2026-03-06T07:45:00")
        with self.at(1):
            shown = self._desk().get_placement(self.placement.id)
        self.assertEqual(shown["again_at"], "2026-03-06T07:45:00Z")
        self.assertEqual(
            (shown["zone"], shown["zone_of_hours"]), ("Europe/London", "Europe/Rome")
        )
        with self.at(2):
            [entry] = self._desk().push([{
                "key": "1", "placement": self.placement.name, "kind": "contact",
                "outcome": "call_back", "on": "2026-03-06T11:00", "again_at": "2026-03-09T07:45",
            }])
        self.assertTrue(entry["ok"], entry)
        self.assertEqual(self.placement.again_at.isoformat(), "2026-03-09T07:45:00")

    def test_who_has_no_zone_types_the_time_of_the_hours_of_contact(self):
        self.plain.user_id.tz = False
        self._log("call_back", again_at="2026-03-06T08:45")
        self.assertEqual(self.placement.again_at.isoformat(), "2026-03-06T07:45:00")

    def test_todays_calls_are_those_of_his_own_day(self):
        """At 23:30 UTC it is tomorrow in Rome; in London the day is not over."""
        self._log("call_back", again_at="2026-03-06T10:00+01:00")
        for zone, count in (("Europe/Rome", 1), ("Europe/London", 0)):
            self.plain.user_id.tz = zone
            with self.at(1, 23):
                home = self._desk().get_home()
            self.assertEqual(home["counters"]["again"], count, zone)

    def test_a_wrong_number_is_the_houses_to_mend_and_our_failure_its_task(self):
        before = self.case.activity_ids
        self._log("wrong_number")
        self._log("reached", offset=2, reason="our_failure", remark="Two pumps leak")
        added = (self.case.activity_ids - before).sorted("id")
        self.assertEqual(added.user_id, self.controller)
        self.assertEqual(len(added), 2)
        self.assertIn("Two pumps leak", added[-1].note)

    def test_nonsense_is_refused_in_sentences(self):
        for values in (
            {"outcome": "shouted"}, {"outcome": ""}, {"channel": "visit"}, {"reason": "none"},
            {"remark": "x" * 3001}, {"again_at": "later"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._log(**{"outcome": "reached", **values})

    # ------------------------------------------------------------------ agreed

    def _promise(self, amount=400, on=8, collector=None, offset=1, **values):
        with self.at(offset):
            return self._desk(collector).promise(
                self.placement.id, amount, values.pop("currency", "EUR"), day(on).isoformat(),
                **values,
            )

    def test_a_promise_runs_at_once_under_the_collectors_name(self):
        currency = self.placement.line_ids.currency_id.name
        answer = self._promise(currency=currency, remark="When his customer pays")
        promise = self.case.agreement_ids
        self.assertEqual(answer, {"id": promise.id, "state": "running"})
        self.assertEqual(
            (promise.kind, promise.negotiated_by, promise.collector_id, promise.amount_agreed),
            ("promise", "collector", self.plain, 400),
        )
        self.assertTrue(self.case.action_ids.filtered(lambda a: a.notice == "agency_agreed"))
        self.assertIn("Paul (Credit Angels)", self.case.message_ids[0].body)

    def test_a_promise_is_of_what_is_open_and_soon(self):
        currency = self.placement.line_ids.currency_id.name
        for amount, on in ((0, 5), (-1, 5), (1000.01, 5), (float("nan"), 5), ("400", 5),
                           (400, 0), (400, 33)):
            with self.subTest(amount=amount, on=on), self.assertRaises(UserError):
                self._promise(amount, on, currency=currency)
        with self.assertRaises(UserError):
            self._promise(currency="XXX")
        self.assertFalse(self.case.agreement_ids)

    def _propose(self, kind="plan", **terms):
        with self.at(1):
            return self._desk().propose(self.placement.id, kind, {
                "count": 2, "first_on": day(10).isoformat(), **terms,
            })

    def test_a_plan_within_the_limits_goes_to_the_customer(self):
        self.policy.plan_limit_ids = [
            (0, 0, {"up_to": 5000, "max_months": 6, "min_instalment": 100})
        ]
        answer = self._propose()
        plan = self.case.agreement_ids
        self.assertEqual(answer, {"id": plan.id, "state": "proposed", "excess": False})
        self.assertEqual(plan.line_ids.mapped("amount"), [500, 500])
        offer = self.case.action_ids.filtered(lambda a: a.purpose == "proposal")
        self.assertEqual(offer.agreement_id, plan)

    def test_beyond_the_limits_or_without_any_a_manager_decides(self):
        answer = self._propose()
        self.assertIn("no limits", answer["excess"])
        plan = self.case.agreement_ids
        asked = self.env["credit.task"]._get_manager(self.company)
        self.assertEqual(plan.activity_ids.user_id, asked)
        self.assertFalse(self.case.action_ids.filtered(lambda a: a.purpose == "proposal"))

    def test_a_settlement_is_a_managers(self):
        answer = self._propose("settlement", settlement=700, count=1)
        self.assertIn("less than the whole debt", answer["excess"])
        self.assertEqual(self.case.agreement_ids.amount_agreed, 700)

    def test_terms_that_make_no_sense_are_refused(self):
        for kind, terms in (
            ("promise", {}), ("plan", {"count": 0}), ("plan", {"amount": 100}),
            ("plan", {"count": 61}), ("plan", {"count": True}), ("plan", {"count": "2"}),
            ("plan", {"first_on": day(0).isoformat()}), ("plan", {"first_on": "tomorrow"}),
            ("plan", {"settlement": 700}), ("settlement", {}), ("settlement", {"settlement": 1000}),
            ("plan", {"frequency": "hour"}), ("plan", {"interest_rate": 3}),
            ("plan", {"items": [10 ** 8]}), ("plan", {"items": "all"}),
        ):
            with self.subTest(kind=kind, terms=terms), self.assertRaises(UserError):
                self._propose(kind, **terms)
        self.assertFalse(self.case.agreement_ids)

    # ------------------------------------------------------------------ claims

    def _claim(self, amount=300, on=1, method="transfer", offset=1):
        with self.at(offset):
            return self._desk().claim(
                self.placement.id, amount, None, day(on).isoformat(), method, "Receipt 12"
            )

    def test_a_claim_changes_no_money_and_is_looked_for(self):
        answer = self._claim()
        claim = self.placement.claim_ids
        self.assertEqual(answer, {"id": claim.id, "state": "claimed"})
        self.assertEqual(self.placement.amount_received, 0)
        self.assertEqual(self.case.open_item_ids.amount_residual, 1000)
        self.assertEqual(claim.activity_id.user_id, self.controller)
        with self.assertRaises(UserError):
            self._claim()

    def test_the_ledger_bears_it_out(self):
        self._claim()
        self._night(2)
        claim = self.placement.claim_ids
        self.assertEqual(claim.state, "claimed")
        self._pay(self.placement.line_ids.item_id.move_id, 300, 2)
        self._night(3)
        self.assertEqual((claim.state, claim.settled_by.id), ("found", False))
        self.assertFalse(claim.activity_id)

    def test_the_house_confirms_or_says_that_nothing_came(self):
        self._claim()
        claim = self.placement.claim_ids
        with self.at(2):
            with self.assertRaises(AccessError):
                claim.with_user(self.salesperson).action_find()
            claim.with_user(self.controller)._refuse("No such transfer until today")
        self.assertEqual((claim.state, claim.settled_by), ("refused", self.controller))
        self._claim(offset=2)
        with self.at(2):
            self.placement.claim_ids.filtered(
                lambda one: one.state == "claimed"
            ).with_user(self.controller).action_find()
            with self.assertRaises(UserError):
                claim.with_user(self.controller).action_find()

    def test_a_claim_is_of_what_was_placed_and_of_days_of_the_mandate(self):
        for values in (
            {"amount": 0}, {"amount": 1000.01}, {"on": 2}, {"on": 0}, {"method": "wonder"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._claim(**values)

    # ------------------------------------------------------------------ words, end

    def test_a_question_is_a_task_and_its_answer_is_read(self):
        with self.at(1):
            self._desk().ask(self.placement.id, "Is <b>Mr. Rossi</b> still there?")
        task = self.placement.activity_ids
        self.assertEqual(task.user_id, self.controller)
        self.assertIn("Paul (Credit Angels)", task.summary)
        with self.at(1):
            self.placement.message_post(body="He is a friend of the boss", author_id=(
                self.controller.partner_id.id
            ))
            self.placement.with_user(self.controller)._answer_agency("Since May it is Mrs. Neri")
            messages = self._desk().get_placement(self.placement.id)["messages"]
        self.assertFalse(self.placement.activity_ids)
        self.assertEqual([(one["who"], one["text"], one["is_ours"]) for one in messages], [
            ("Paul (Credit Angels)", "Is <b>Mr. Rossi</b> still there?", True),
            ("Carla Conti", "Since May it is Mrs. Neri", False),
        ])

    def test_nobody_of_the_agency_follows_signs_or_made_any_record(self):
        with self.at(1):
            desk = self._desk()
            desk.accept(self.placement.id)
            self._log()
            self._promise(currency=None)
            self._claim()
            desk.ask(self.placement.id, "Who opens the letters there?")
            self.placement.with_user(self.controller)._answer_agency("The porter")
            desk.give_back(self.placement.id, "He has moved to Brazil")
        people = (self.plain | self.qualified).user_id
        for model in ("credit.case", "credit.placement", "credit.agreement", "account.move"):
            with self.subTest(model=model):
                self.assertFalse(self.env["mail.followers"].search([
                    ("res_model", "=", model), ("partner_id", "in", people.partner_id.ids),
                ]))
        messages = self.env["mail.message"].search([
            "|", "|", ("author_id", "in", people.partner_id.ids),
            ("partner_ids", "in", people.partner_id.ids), ("create_uid", "in", people.ids),
        ])
        self.assertFalse(messages)
        for name in ("credit.action", "credit.claim", "credit.agreement", "mail.activity"):
            self.assertFalse(self.env[name].search([("create_uid", "in", people.ids)]), name)

    def test_given_back_it_is_the_houses_again_and_gone_from_the_desk(self):
        with self.at(1):
            answer = self._desk().give_back(self.placement.id, "He has moved to Brazil")
        self.assertEqual(answer, {"id": self.placement.id, "state": "returned"})
        self.assertEqual(self.case.state, "collection")
        self.assertIn("Brazil", self.placement.end_reason)
        with self.at(1), self.assertRaises(AccessError):
            self._desk().get_placement(self.placement.id)

    # ------------------------------------------------------------------ what is shown

    def test_the_page_shows_what_is_needed_and_nothing_of_the_house(self):
        self.placement.handover_id.sudo().write({
            "special_attention": True, "special_how": "No letters", "special_why": "An illness",
        })
        self.case.with_context(mail_notrack=True).message_post(body="internal")
        with self.at(1):
            self.case.with_user(self.controller)._log_outcome(
                "reached", self.env["credit.reason"], "I do not believe a word"
            )
            self._desk().log_contact(
                self.placement.id, "not_reached", on="2026-03-05T10:00", remark="Engaged"
            )
            shown = self._desk().get_placement(self.placement.id)
        text = str(shown)
        for hidden in ("I do not believe", "An illness", "internal", "Mario Monti"):
            self.assertNotIn(hidden, text)
        for needed in ("No letters", "Engaged", "I call for Bellandi", "+39 059 123456"):
            self.assertIn(needed, text)
        self.assertEqual(shown["items"][0]["open"], 1000)
        self.assertEqual(
            [one["is_ours"] for one in shown["history"] if one["channel"] == "Phone call"],
            [True, False],
        )

    def test_a_list_takes_as_many_queries_for_many_as_for_one(self):
        with self.at(1):
            self._desk().get_list()
            self.env.invalidate_all()
            with self.assertQueryCount(40):
                self._desk().get_list("ferri", ["all"], "amount")
        for number in range(4):
            partner = self._create_debtor(f"Debtor{number}")
            self._create_due(-60, partner=partner)
        self._night(1)
        for case in self.env["credit.case"].search([("partner_id.name", "like", "Debtor%")]):
            with self.at(1):
                self.env["credit.handover"].with_user(self.manager)._request(case)
                case.note_id.with_user(self.manager)._waive("Nobody knows them")
            self._send(self._prepare(1, case))
        with self.at(1):
            self.env.invalidate_all()
            with self.assertQueryCount(40):
                answer = self._desk().get_list("debtor", ["all"], "amount")
        self.assertEqual((answer["total"], len(answer["rows"])), (4, 4))

    def test_lists_search_filter_and_page(self):
        with self.at(1):
            desk = self._desk()
            self.assertEqual(desk.get_list("FERRI")["total"], 1)
            self.assertEqual(desk.get_list("nobody")["total"], 0)
            move = self.placement.line_ids.item_id.move_id
            self.assertEqual(desk.get_list(move.name)["total"], 1)
            self.assertEqual(desk.get_list(filters=["mine"])["total"], 0)
            self.assertEqual(desk.get_list(filters=["new", "free", "silent"])["total"], 1)
            self.assertEqual(desk.get_list(page=99)["page"], 1)
            for values in ({"filters": ["secret"]}, {"order": "id; drop"}):
                with self.assertRaises(UserError):
                    desk.get_list(**values)

    def test_a_contact_of_yesterday_counts_in_the_outbox_of_the_house(self):
        self._log()
        with self.at(1):
            self.placement.with_user(self.manager)._recall("He called us")
        message = self.root["credit.action"].create({
            "case_id": self.case.id, "company_id": self.company.id, "channel": "email",
            "date": day(1), "kind": "reminder",
        })
        with self.at(1):
            self.assertFalse(message._within_hours_and_caps(day(1)))
        with self.at(2):
            self.assertTrue(message._within_hours_and_caps(day(1) + timedelta(days=1)))
