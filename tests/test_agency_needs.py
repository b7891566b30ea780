from odoo import Command
from odoo.exceptions import UserError

from .common import day
from .test_dossier import DossierCommon


class TestAgencyNeeds(DossierCommon):
    """Invariant 5, the data needed and no others: page and dossier are about the documents that
    were placed, and about whom to speak with of them."""

    def _desk(self):
        return self.env["credit.agency.desk"].with_user(self.plain.user_id)

    def _shown(self, placement, offset=1):
        with self.at(offset):
            return self._desk().get_placement(placement.id)

    def _agree(self, items, **values):
        agreement = self.root["credit.agreement"].create({
            "kind": "promise", "case_id": items.case_id.id, "item_ids": [Command.set(items.ids)],
            "currency_id": items.currency_id.id, **values,
            "line_ids": [Command.create({"due_on": day(9), "amount": 77.0})],
        })
        agreement._start()
        return agreement

    # ------------------------------------------------------------------ documents

    def test_of_documents_that_were_not_placed_the_page_says_nothing(self):
        other = self._create_due(-20, 777.0)
        self._write_note(self._ask(), 1)
        kept = self._items(other)
        with self.at(1):
            self.root["credit.dispute"]._open(
                self._case(), {kept: 0}, day(30), text="Broken", owner=self.controller,
            )
        placement = self._send(self._prepare())
        self.assertNotIn(kept, placement.line_ids.item_id)
        case = placement.case_id
        with self.at(1):
            both = self.root["credit.dispute"]._open(
                case, {kept: 5.0, placement.line_ids.item_id: 5.0}, day(30), text="Both",
                owner=self.controller,
            )
            message = self.root["credit.action"].create({
                "case_id": case.id, "company_id": self.company.id, "kind": "message",
                "purpose": "resend", "state": "sent", "channel": "email", "date": day(1),
                "line_ids": [Command.create({"item_id": kept.id, "amount": 777.0})],
            })
            foreign, own = self._agree(kept), self._agree(placement.line_ids.item_id)
        shown = self._shown(placement)
        self.assertNotIn(other.name, str(shown))
        self.assertEqual([one["id"] for one in shown["disputes"]], both.ids)
        self.assertEqual([one["id"] for one in shown["agreements"]], own.ids)
        self.assertNotIn(foreign.name, str(shown))
        told = self.env["credit.action"].browse([one["id"] for one in shown["history"]])
        self.assertTrue(told)
        self.assertNotIn(message, told)
        self.assertIn(placement.line_ids.item_id, told.line_ids.item_id)

    # ------------------------------------------------------------------ people

    def test_who_has_left_the_customer_is_not_spoken_with(self):
        placement = self._placed()
        person = placement.handover_id.contact_id
        self.assertEqual(self._shown(placement)["person"]["contact"], "Anna Ferri")
        competitor = self._create_debtor("Rivali S.p.A.")
        for gone in ({"parent_id": competitor.id}, {"active": False}):
            person.write(gone)
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(gone=gone):
                shown = self._shown(placement)
                self.assertEqual(shown["person"]["contact"], self.debtor.name)
                self.assertNotIn("059 777", str(shown))
                _files, manifest = self._open(placement)
                self.assertFalse(self._find(manifest, "//d:debtor/d:contact"))
                with self.at(1):
                    screen = self.env["credit.call"].with_user(self.controller).create({
                        "case_id": placement.case_id.id,
                    })
                self.assertEqual((screen.note_by, screen.note_contact), ("Sara Serra", ""))
            person.write({"parent_id": self.debtor.id, "active": True})
        with self.at(1):
            self._desk().log_contact(placement.id, "reached")
        self.assertEqual(placement.action_ids.contact_id, person)

    # ------------------------------------------------------------------ terms

    def test_a_down_payment_is_not_of_a_day_that_is_over(self):
        placement = self._placed()
        for down_on in (day(0), day(-3000)):
            with self.at(1), self.assertRaisesRegex(UserError, "a day from today"):
                self._desk().propose(placement.id, "plan", {
                    "count": 2, "first_on": day(10).isoformat(), "down_payment": 100,
                    "down_on": down_on.isoformat(),
                })
        self.assertFalse(placement.case_id.agreement_ids)
        with self.at(1):
            self._desk().propose(placement.id, "plan", {
                "count": 2, "first_on": day(10).isoformat(), "down_payment": 100,
                "down_on": day(1).isoformat(),
            })
        self.assertEqual(placement.case_id.agreement_ids.line_ids.mapped("amount"), [100, 450, 450])
