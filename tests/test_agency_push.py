import base64
import io
import zipfile
from datetime import datetime, timedelta
from hashlib import sha256
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import day
from .test_dossier import DossierCommon


@tagged("post_install", "-at_install")
class TestAgencyPull(DossierCommon):
    """What a program of the agency is told there is."""

    def _desk(self, collector=None):
        return self.env["credit.agency.desk"].with_user((collector or self.plain).user_id)

    def _list(self, offset=1, collector=None, **options):
        with self.at(offset):
            return self._desk(collector).pull_list(**options)

    def _more(self, count, offset=1):
        placements = self.env["credit.placement"]
        for number in range(count):
            debtor = self._create_debtor(f"Other{number}")
            self._create_due(-35, partner=debtor)
            self._nights(-12, -6, 0)
            self._write_note(self._case(debtor).note_id, offset)
            placements |= self._send(self._prepare(offset, self._case(debtor)), offset)
        return placements

    def test_the_list_names_positions_and_the_mark_of_their_dossier(self):
        placement = self._placed()
        told = self._list()
        self.assertEqual(told["placements"], [{
            "id": placement.id, "name": placement.name, "state": "sent",
            "digest": self._digest(placement),
        }])
        self.assertFalse(told["next"])
        self.assertEqual(self._list(offset=9)["placements"], told["placements"])
        self._pay(placement.line_ids.item_id.move_id, 10, on=9)
        self.assertNotEqual(self._list(offset=9)["placements"], told["placements"])

    def test_the_list_comes_in_parts_and_each_position_once(self):
        placements = self._more(3)
        first = self._list(limit=2)
        second = self._list(limit=2, after=first["next"])
        ids = [one["id"] for one in first["placements"] + second["placements"]]
        self.assertEqual(ids, sorted(placements.ids))
        self.assertEqual((len(first["placements"]), second["next"]), (2, False))
        for nonsense in ("x", -1, 10 ** 9, True, None):
            self.assertEqual(len(self._list(limit=nonsense)["placements"]), 3)

    def test_of_what_was_for_the_qualified_others_hear_nothing_when_it_ends(self):
        placement = self._placed()
        placement.case_id.sudo().relationship_priority = True
        with self.at(3):
            placement.with_user(self.manager)._recall("Over")
        told = {
            who: len(self._list(3, collector, since="2026-03-01")["gone"])
            for who, collector in (("plain", self.plain), ("qualified", self.qualified))
        }
        self.assertEqual(told, {"plain": 0, "qualified": 1})

    def test_what_has_ended_is_told_to_whom_it_was_entrusted(self):
        placement = self._placed()
        placement.with_user(self.manager).collector_id = self.qualified
        with self.at(3):
            placement.with_user(self.manager)._recall("Over")
        gone = [{"id": placement.id, "name": placement.name, "state": "recalled"}]
        self.assertEqual(self._list(3, self.qualified, since="2026-03-01")["gone"], gone)
        # a day in UTC: west of it, it was still the day before
        self.assertEqual(self._list(3, self.qualified, since=day(4).isoformat())["gone"], gone)
        self.assertEqual(self._list(3, self.qualified, since=day(5).isoformat())["gone"], [])
        self.assertEqual(self._list(3, self.qualified)["gone"], [])
        self.assertEqual(self._list(3, self.plain, since="2026-03-01")["gone"], [])
        for nonsense in ("yesterday", "0001-01-01"):
            with self.assertRaises(UserError):
                self._list(3, since=nonsense)

    def test_a_dossier_is_sent_once_until_it_changes(self):
        placement = self._placed()
        with self.at(1):
            answer = self._desk().pull_dossier(placement.id)
            content = base64.b64decode(answer["content"])
            self.assertEqual(sha256(content).hexdigest(), answer["sha256"])
            with zipfile.ZipFile(io.BytesIO(content)) as read:
                self.assertIn("manifest.xml", read.namelist())
            self.assertEqual(
                self._desk().pull_dossier(placement.id, answer["digest"]),
                {"unchanged": True, "digest": answer["digest"]},
            )
            self.assertFalse(self._desk().pull_dossier(placement.id, "0" * 64)["unchanged"])
        self.assertDay(placement.fetched_on, 1)

    def test_strangers_get_nothing_and_learn_nothing(self):
        placement = self._placed()
        customer = new_test_user(self.env, "customer", "base.group_portal")
        for user in (customer, self.controller, self.salesperson):
            desk = self.env["credit.agency.desk"].with_user(user)
            with self.at(1):
                self.assertEqual(desk.pull_list(since="2026-01-01")["placements"], [])
                self.assertEqual(desk.pull_list(since="2026-01-01")["gone"], [])
                self.assertEqual(desk.get_status()["mandates"], [])
                with self.assertRaises(AccessError):
                    desk.pull_dossier(placement.id)
                [answer] = desk.push([{
                    "key": "k", "placement": placement.name, "kind": "contact",
                    "outcome": "reached", "on": day(1).isoformat(),
                }])
            self.assertFalse(answer["ok"])

    def test_the_status_names_mandates_keys_and_codes(self):
        self._placed()
        with self.at(1):
            status = self._desk().get_status()
        [mandate] = status["mandates"]
        self.assertEqual((mandate["creditor"], mandate["open"]), ("Bellandi", 1))
        self.assertEqual(status["codes"]["reason"]["no_money"], self.env.ref(
            "account_credit_care.credit_reason_no_money").name)
        for name, code in (("outcome", "reached"), ("channel", "phone"), ("method", "transfer")):
            self.assertIn(code, status["codes"][name])


@tagged("post_install", "-at_install")
class TestAgencyPush(DossierCommon):
    """What a program enters: each entry by itself, each once."""

    def setUp(self):
        super().setUp()
        self.placement = self._placed()
        self.case = self.placement.case_id

    def _contact(self, key="k-1", **values):
        return {
            "key": key, "placement": self.placement.name, "kind": "contact", "outcome": "reached",
            "on": f"{day(1)}T11:30", **values,
        }

    def _promise(self, key="p-1", **values):
        return {
            "key": key, "placement": self.placement.name, "kind": "promise", "amount": "500.00",
            "currency": "USD", "on": day(9).isoformat(), **values,
        }

    def _claim(self, key="c-1", **values):
        return {
            "key": key, "placement": self.placement.name, "kind": "claim", "amount": "250",
            "on": day(1).isoformat(), "method": "transfer", **values,
        }

    def _push(self, *entries, collector=None, offset=1, lang=None):
        desk = self.env["credit.agency.desk"].with_user((collector or self.plain).user_id)
        with self.at(offset):
            return desk.with_context(lang=lang).push(list(entries))

    def _contacts(self):
        return self.case.action_ids.filtered("collector_id")

    def test_contact_promise_and_claim_stand_where_the_pages_put_them(self):
        answers = self._push(
            self._contact(reason="no_money", remark="Asks for time"), self._promise(),
            self._claim(),
        )
        self.assertEqual([one["ok"] for one in answers], [True] * 3, answers)
        [contact] = self._contacts()
        self.assertEqual((contact.id, contact.summary), (answers[0]["id"], "Asks for time"))
        promise = self.case.agreement_ids
        self.assertEqual((promise.id, promise.amount_agreed, promise.state),
                         (answers[1]["id"], 500, "running"))
        [claim] = self.placement.claim_ids
        self.assertEqual((claim.id, claim.amount), (answers[2]["id"], 250))

    def test_the_same_key_with_the_same_content_is_answered_and_not_done(self):
        first = self._push(self._contact(), self._promise())
        again = self._push(self._contact(), self._promise(amount=500.0))
        self.assertEqual([one["repeated"] for one in again], [True, True])
        self.assertEqual([one["id"] for one in again], [one["id"] for one in first])
        self.assertEqual((len(self._contacts()), len(self.case.agreement_ids)), (1, 1))

    def test_twice_in_one_push_is_done_once(self):
        answers = self._push(self._contact(), self._contact())
        self.assertEqual([one["repeated"] for one in answers], [False, True])
        self.assertEqual(len(self._contacts()), 1)

    def test_the_same_key_with_other_content_is_refused(self):
        self._push(self._contact())
        [answer] = self._push(self._contact(remark="Another one"))
        self.assertEqual((answer["ok"], answer["field"]), (False, "key"))
        self.assertEqual(len(self._contacts()), 1)

    def test_what_was_entered_is_answered_after_the_recall_and_nothing_new_is_entered(self):
        [first] = self._push(self._contact())
        with self.at(2):
            self.placement.with_user(self.manager)._recall("Over")
        again, new = self._push(self._contact(), self._contact("k-2"), offset=2)
        self.assertEqual((again["ok"], again["id"]), (True, first["id"]))
        self.assertEqual((new["ok"], new["field"]), (False, "placement"))

    def test_two_collectors_may_use_one_key(self):
        answers = self._push(self._contact()) + self._push(
            self._contact(on=f"{day(1)}T11:45"), collector=self.plain, offset=1)
        self.assertEqual([one["ok"] for one in answers], [True, False])
        self.placement.with_user(self.manager).collector_id = self.qualified
        [answer] = self._push(self._contact(on=f"{day(1)}T11:50"), collector=self.qualified)
        self.assertTrue(answer["ok"], answer)

    def test_one_that_is_refused_stops_no_other_and_may_be_mended_under_its_key(self):
        answers = self._push(
            self._contact(), self._promise(amount="99999"), self._claim(),
        )
        self.assertEqual([one["ok"] for one in answers], [True, False, True])
        self.assertFalse(self.case.agreement_ids)
        [mended] = self._push(self._promise(amount="100"))
        self.assertTrue(mended["ok"], mended)

    def test_each_field_is_checked_and_named(self):
        for values, field in (
            ({"key": ""}, "key"), ({"key": None}, "key"), ({"key": "x" * 101}, "key"),
            ({"key": 7}, "key"), ({"placement": ""}, "placement"), ({"placement": True},
            "placement"), ({"placement": 10 ** 12}, "placement"), ({"placement": "PL/none"},
            "placement"), ({"placement": "a\x00"}, "placement"),
            ({"kind": "visit"}, "kind"), ({"kind": ["contact"]}, "kind"),
            ({"outcome": "shouted"}, "outcome"), ({"channel": "drone"}, "channel"),
            ({"on": "yesterday"}, "on"), ({"on": None}, "on"), ({"again_at": "2026-03-05"}, None),
            ({"remark": "x" * 3001}, "remark"), ({"remark": {"a": 1}}, "remark"),
            ({"remark": "a\x00b"}, "remark"), ({"state": "done"}, "state"),
            ({"case_id": 1}, "case_id"),
        ):
            with self.subTest(values=values):
                [answer] = self._push(self._contact(**{"key": "k", **values}))
                self.assertFalse(answer["ok"])
                if field:
                    self.assertEqual(answer["field"], field)
                self.assertTrue(answer["message"])
        for amount in ("", "x", "-5", "0", "1e3", "1,000.00", True, None, float("nan"), [5]):
            with self.subTest(amount=amount):
                [answer] = self._push(self._promise(amount=amount))
                self.assertEqual((answer["ok"], answer["field"]), (False, "amount"))
        for nonsense in (None, "x", 7, [], {}):
            with self.subTest(nonsense=nonsense):
                self.assertFalse(self._push(nonsense)[0]["ok"])
        self.assertFalse(self.env["credit.agency.entry"].search([]))
        self.assertFalse(self._contacts())
        self.assertFalse(self.case.agreement_ids)

    def test_a_batch_has_a_size(self):
        for entries in ([], None, "x", {}, [self._contact()] * 101):
            with self.assertRaises(UserError):
                self.env["credit.agency.desk"].with_user(self.plain.user_id).push(entries)

    def test_messages_are_in_the_users_language(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.plain.user_id.lang = "it_IT"
        desk = self.env["credit.agency.desk"].with_user(self.plain.user_id)
        with patch.object(type(desk), "_push_one", lambda self, entry: self.env.lang):
            self.assertEqual(desk.with_context(lang=None).push([1]), ["it_IT"])
            self.assertEqual(desk.with_context(lang="en_US").push([1]), ["en_US"])

    def test_a_mistake_of_ours_is_said_without_details_and_stops_no_other(self):
        def broken(desk, *args, **kwargs):
            raise ValueError("secret detail")

        with patch.object(type(self.env["credit.agency.desk"]), "promise", broken), \
                self.assertLogs("odoo.addons.account_credit_care", "ERROR"):
            answers = self._push(self._promise(), self._contact())
        self.assertEqual([one["ok"] for one in answers], [False, True])
        self.assertNotIn("secret", answers[0]["message"])

    def test_a_contact_against_the_caps_is_entered_as_it_was_and_said(self):
        self.case.policy_id.max_contacts_day = 1
        first, second = self._push(self._contact(), self._contact("k-2", on=f"{day(1)}T11:50"))
        self.assertEqual((first["ok"], first["message"]), (True, ""))
        self.assertTrue(second["ok"], second)
        self.assertIn("more than 1 contacts", second["message"])

    def test_two_companies_may_use_one_number(self):
        other = self._placed_for("Second")
        other.sudo().name = self.placement.name
        [answer] = self._push(self._contact())
        self.assertEqual((answer["ok"], answer["field"]), (False, "placement"))
        self.assertIn("#", answer["message"])
        [answer] = self._push(self._contact(placement=self.placement.id))
        self.assertTrue(answer["ok"], answer)
        [answer] = self._push(self._contact("k-2", placement=f"#{other.id}"))  # as in a file
        self.assertTrue(answer["ok"], answer)
        self.assertEqual(other.action_ids.ids, [answer["id"]])

    def test_a_number_of_digits_is_a_number_and_no_id(self):
        other = self._placed_for("Second")
        other.sudo().name = str(self.placement.id)
        [answer] = self._push(self._contact(placement=str(self.placement.id)))
        self.assertEqual(other.action_ids.ids, [answer["id"]])
        for unknown in (str(other.id + 1000), f"#{other.id + 1000}", "#0", "#", "#-1", "# 1",
                        f"#{'9' * 5000}"):
            [answer] = self._push(self._contact("k-2", placement=unknown))
            self.assertEqual((answer["ok"], answer["field"]), (False, "placement"), unknown[:9])

    def _placed_for(self, name):
        debtor = self._create_debtor(name)
        self._create_due(-35, partner=debtor)
        self._nights(-12, -6, 0)
        self._write_note(self._case(debtor).note_id, 1)
        return self._send(self._prepare(1, self._case(debtor)), 1)

    def test_entries_are_read_by_managers_and_written_by_nobody(self):
        self._push(self._contact())
        entries = self.env["credit.agency.entry"]
        self.assertEqual(len(entries.with_user(self.manager).search([])), 1)
        for user in (self.controller, self.salesperson, self.plain.user_id):
            with self.assertRaises(AccessError):
                entries.with_user(user).search([])
        with self.assertRaises(AccessError):
            entries.with_user(self.manager).search([]).write({"key": "x"})


@tagged("post_install", "-at_install")
class TestAgencyKey(DossierCommon, HttpCase):
    """The key of the agency's program."""

    def _make_key(self, user, days):
        until = datetime.now() + timedelta(days=days)
        return self.env(user=user)["res.users.apikeys"]._generate(None, "night", until)

    def test_a_collectors_key_lasts_ninety_days_and_no_longer(self):
        user = self.plain.user_id
        self.assertTrue(self._make_key(user, 89))
        with self.assertRaises(ValidationError):
            self._make_key(user, 92)
        customer = new_test_user(self.env, "customer", "base.group_portal")
        with self.assertRaises(ValidationError):
            self._make_key(customer, 2)

    def test_collectors_make_their_key_themselves_and_customers_do_not(self):
        customer = new_test_user(self.env, "customer", "base.group_portal")
        keys = self.env["res.users.apikeys.description"]
        keys.with_user(self.plain.user_id).check_access_make_key()
        with self.assertRaises(AccessError):
            keys.with_user(customer).check_access_make_key()
        for login, shown in (("paul", True), ("customer", False)):
            self.authenticate(login, login)
            page = self.url_open("/my/security")
            self.assertEqual("o_portal_new_api_key" in page.text, shown, login)
