from odoo import Command
from odoo.tests import tagged

from .agency_common import AgencyCommon
from .common import day


@tagged("post_install", "-at_install")
class TestSeller(AgencyCommon):
    """What the salesperson hears of his customer, once he was asked."""

    def _told(self, code):
        return self.env["credit.action"].search([
            ("notice", "=", code), ("state", "!=", "cancelled"),
        ])

    def _digests(self, words):
        return self.env["mail.mail"].search([
            ("recipient_ids", "in", self.salesperson.partner_id.ids),
            ("subject", "like", "news of today"), ("body_html", "like", words),
        ])

    def _promise(self, offset, amount=1000.0, until=12):
        with self.at(offset):
            items = self._case().open_item_ids
            agreement = self.root["credit.agreement"].create({
                "kind": "promise", "case_id": items.case_id.id,
                "currency_id": items.currency_id.id, "item_ids": [Command.set(items.ids)],
                "line_ids": [Command.create({"due_on": day(until), "amount": amount})],
            })
            agreement._start()
        return agreement

    def test_an_agreement_is_told(self):
        self._placed()
        agreement = self._promise(3)
        self._nights(4)
        told = self._told("agreed")
        self.assertEqual((told.user_id, told.summary, told.state),
                         (self.salesperson, agreement.display_name, "sent"))
        self.assertEqual(len(self._digests("Agreed with your customer")), 1)

    def test_nothing_is_told_of_who_was_never_asked(self):
        self._create_due(-5)
        self._nights(0)
        self._promise(1)
        self._pay(self._case().open_item_ids.move_id, 100.0, on=1)
        self._nights(2, 3)
        self.assertFalse(self._told("agreed") | self._told("paid"))

    def test_each_payment_is_told_once_with_its_amount(self):
        placement = self._placed()
        move = placement.line_ids.item_id.move_id
        self._nights(2)
        self.assertFalse(self._told("paid"))
        self._pay(move, 300.0, on=2)
        self._nights(3, 4)
        self.assertIn("300.00", self._told("paid").summary)
        payment = self._pay(move, 200.0, on=4)
        self._nights(5)
        self.assertEqual(len(self._told("paid")), 2)
        payment.action_draft()
        payment.action_cancel()
        self._nights(6)
        self._pay(move, 200.0, on=6)
        self._nights(7)
        self.assertEqual(len(self._told("paid")), 3, "what bounced is news when it comes again")
        self.assertEqual(len(self._digests("Your customer has paid")), 3)

    def test_saved_is_told_with_a_text_for_the_customer_in_one_mail(self):
        placement = self._placed()
        case = self._case()
        self._nights(2)
        self._pay(placement.line_ids.item_id.move_id, on=2)
        self._nights(3)
        self.assertEqual(case.state, "closed")
        self.assertTrue(case.is_saved)
        mail = self._digests("Customer saved")
        self.assertEqual(len(mail), 1)
        self.assertIn("Your orders are", mail.body_html)
        for words in ("The agency has finished", "Your customer has paid", "Credit free again"):
            self.assertNotIn(words, mail.body_html)
        self.assertEqual(self._told("placement_closed").state, "sent")

    def test_saved_after_a_suspension_without_any_agency(self):
        self.policy.suspend_after_days = 30
        move = self._create_due(-30)
        self._nights(0, 1, 2)
        case = self._case()
        self.assertTrue(case.suspended_on)
        self._pay(move, on=3)
        self._nights(3)
        self.assertTrue(case.is_saved)
        self.assertEqual(self._told("saved").user_id, self.salesperson)

    def test_given_up_or_credited_is_not_saved_nor_who_was_only_late(self):
        placement = self._placed()
        case = self._case()
        with self.at(2):
            case.with_user(self.manager)._close_by_hand("Bankrupt")
        self.assertFalse(case.is_saved)
        late = self._create_debtor("Late")
        move = self._create_due(-2, partner=late)
        self._nights(2)
        other = self._case(late)
        self._pay(move, on=3)
        self._nights(3)
        self.assertEqual((other.state, other.is_saved), ("closed", False))
        self.assertFalse(self._told("saved"))
        self.assertTrue(placement.ended_on)

    def test_credited_away_is_not_saved(self):
        placement = self._placed()
        case = self._case()
        move = placement.line_ids.item_id.move_id
        credit = self._credit(move)
        (credit.line_ids | move.line_ids).filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        self._nights(2)
        self.assertEqual((case.state, case.is_saved), ("closed", False))

    def test_he_reads_the_history_of_both_houses_and_a_stranger_does_not(self):
        placement = self._placed()
        placement.with_user(self.manager).collector_id = self.qualified
        contact = self.root["credit.action"].create({
            "case_id": self._case().id, "company_id": self.company.id, "kind": "contact",
            "channel": "phone", "state": "done", "date": day(3), "outcome": "reached",
            "placement_id": placement.id, "collector_id": self.qualified.id,
            "user_id": self.qualified.user_id.id, "summary": "Pays next week",
        })
        mine = self._case().with_user(self.salesperson)
        rows = mine.action_ids.web_read({
            "title": {}, "result_note": {}, "user_id": {"fields": {"display_name": {}}},
            "placement_id": {"fields": {"display_name": {}}},
        })
        row = next(row for row in rows if row["id"] == contact.id)
        self.assertIn("Pays next week", row["result_note"])
        self.assertEqual(row["user_id"]["display_name"], self.qualified.user_id.name)
        self.assertIn(placement.name, row["placement_id"]["display_name"])
        stranger = self._create_seller("stranger")
        self.assertFalse(self.env["credit.action"].with_user(stranger).search([
            ("id", "=", contact.id),
        ]))
