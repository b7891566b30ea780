from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from .page_common import PDF, PNG, PageCase


@tagged("post_install", "-at_install")
class TestPageAnswers(PageCase):
    """What each answer does, and what is refused."""

    def test_i_have_paid(self):
        page = self._post("/tell/paid", {
            "paid_on": self.today.isoformat(), "amount": "1.000,00", "remark": "By bank",
        }, files=[("files", ("proof.exe", PDF, "text/html"))])
        self.assertIn("We look for your payment", page.text)
        action = self._answers()
        self.assertEqual((action.answer, action.state, action.direction), ("paid", "done", "in"))
        self.assertEqual(action.reason_id.kind, "paid")
        self.assertIn("1,000.00", action.body)
        proof = action.attachment_ids
        self.assertEqual((proof.res_model, proof.res_id, proof.public, proof.mimetype, proof.name),
                         ("credit.case", self.case.id, False, "application/pdf", "proof.exe.pdf"))
        task = self._tasks().filtered(lambda t: "Says it is paid" in t.summary)
        self.assertIn("By bank", task.note)
        self.assertPaused()

    def test_a_payment_of_tomorrow_was_not_made(self):
        for typed in ("", "nonsense", (self.today + timedelta(days=1)).isoformat(), "0001-01-01"):
            page = self._post("/tell/paid", {"paid_on": typed, "remark": "my own words"})
            self.assertEqual(page.status_code, 422)
            self.assertIn("On which day did you pay?", page.text)
            self.assertIn("my own words", page.text)
        self.assertFalse(self._answers())
        self.assertFalse(self.case.paused_until)

    def test_the_invoice_is_sent_again_to_the_known_address_only(self):
        page = self._post("/tell/invoice", {"item": self.item.id, "address": "new@evil.example"})
        self.assertIn("f…@debtor.example", page.text)
        again = self.case.action_ids.filtered(lambda a: a.purpose == "resend")
        self.assertEqual((again.email_to, again.line_ids.item_id), (self.debtor.email, self.item))
        self.assertIn("new@evil.example", self._answers().body)
        self.assertTrue(self._tasks().filtered(lambda t: "new@evil.example" in (t.note or "")))
        self.assertNotEqual(self.debtor.email, "new@evil.example")
        self.assertPaused()
        self._post("/tell/invoice", {"item": self.item.id})
        self.assertEqual(len(self.case.action_ids.filtered(lambda a: a.purpose == "resend")), 1)
        self._send()
        self.assertEqual((again.state, again.email_to), ("queued", self.debtor.email))

    def test_a_lost_invoice_starts_anew_once(self):
        before = self.item.round
        self._post("/tell/invoice", {"item": self.item.id})
        self.assertEqual(self.item.round, before + 1)
        again = self.case.action_ids.filtered(lambda a: a.purpose == "resend")
        again.sudo().write({"date": self.today - timedelta(days=8)})
        self._post("/tell/invoice", {"item": self.item.id})
        self.assertEqual(self.item.round, before + 1)
        self.assertEqual(len(self.case.action_ids.filtered(lambda a: a.purpose == "resend")), 2)

    def test_items_of_others_cannot_be_spoken_of(self):
        strange = self._items(self.other_move)
        for path in ("/tell/invoice", "/tell/wrong", "/tell/plan"):
            for item in (strange.id, 999999, "x", f"{self.item.id}'--"):
                reason = self.env.ref("account_credit_care.credit_reason_dispute").id
                page = self._post(path, {
                    "item": item, "reason": reason, "text": "wrong", "count": "2",
                    "first_on": self.today.isoformat(), "step": "send",
                })
                self.assertEqual(page.status_code, 422)
        self.assertFalse(self._answers())
        self.assertFalse(self.case.agreement_ids)
        self.assertFalse(self.case.dispute_ids)

    def test_something_is_wrong(self):
        reason = self.env.ref("account_credit_care.credit_reason_our_failure")
        page = self._post("/tell/wrong", {
            "item": self.item.id, "reason": reason.id, "text": "Two valves leak",
        }, files=[("files", ("valve.png", PNG, "image/png"))])
        self.assertIn("We find out what went wrong", page.text)
        dispute = self.case.dispute_ids
        self.assertEqual((dispute.kind, dispute.source, dispute.state, dispute.text),
                         ("department", "debtor", "open", "Two valves leak"))
        self.assertEqual(dispute.line_ids.item_id, self.item)
        self.assertEqual(dispute.activity_ids.user_id, self.controller)
        action = self._answers()
        self.assertEqual((action.answer, action.reason_id, action.dispute_id),
                         ("dispute", reason, dispute))
        self.assertEqual(action.attachment_ids.mimetype, "image/png")
        self.assertPaused()
        self.assertIn("we are looking into it", self._get().text)

    def test_what_was_answered_once_is_not_held_again(self):
        reason = self.env.ref("account_credit_care.credit_reason_dispute")
        typed = {"item": self.item.id, "reason": reason.id, "text": "Too dear"}
        self._post("/tell/wrong", typed)
        self.case.dispute_ids._resolve("rejected")
        self._post("/tell/wrong", typed)
        self.assertEqual(len(self.case.dispute_ids), 1)
        self.assertEqual(len(self._answers()), 2)
        self.assertTrue(self._tasks().filtered(lambda t: "Too dear" in (t.note or "")))

    def test_reasons_that_are_not_his_to_give_are_refused(self):
        reason = self.env.ref("account_credit_care.credit_reason_unreachable")
        self.assertNotIn(reason.name, self._get("/tell/wrong").text)
        page = self._post("/tell/wrong", {
            "item": self.item.id, "reason": reason.id, "text": "Nobody is here",
        })
        self.assertEqual(page.status_code, 422)
        self.assertFalse(self.case.dispute_ids)

    def test_call_me(self):
        on = self.today + timedelta(days=2)
        page = self._post("/tell/call", {
            "on": on.isoformat(), "at": "14:30", "phone": "+39 333 1234567",
        })
        self.assertIn("Carla Conti calls you", page.text)
        task = self._tasks().filtered(lambda t: t.date_deadline == on)
        self.assertEqual(
            task.activity_type_id, self.env.ref("account_credit_care.mail_activity_type_call")
        )
        self.assertIn("14:30", task.summary)
        self.assertIn("+39 333 1234567", task.note)
        self.assertEqual(self.debtor.phone, "+39 059 123456")
        self.assertEqual(self._answers().answer, "call")
        self.assertPaused()
        for wrong in (
            {"at": "25:00"}, {"phone": "call <b>me</b>"}, {"on": "2999-01-01"}, {"phone": "1" * 99},
        ):
            page = self._post("/tell/call", {"on": on.isoformat(), **wrong})
            self.assertEqual(page.status_code, 422, wrong)

    # ------------------------------------------------------------------ hostile

    def test_scripts_are_text_everywhere(self):
        script = "<script>alert('x')</script><img src=x onerror=alert(1)>"
        reason = self.env.ref("account_credit_care.credit_reason_dispute")
        other = self._create_due(self.now - 8)
        self._night(self.now)
        self._post("/tell/wrong", {"item": self.item.id, "reason": reason.id, "text": script})
        self._post("/tell/call", {"on": self.today.isoformat(), "remark": script})
        page = self._post("/tell/call", {"on": "", "remark": script, "phone": f'"{script}'})
        self.assertNotIn("<script>alert", page.text)
        self.assertNotIn("<img src=x", page.text)
        self._post("/tell/plan", {
            **self._plan(), "item": self._items(other).id, "remark": script,
        })
        self.env.flush_all()
        notes = [*self._answers().mapped("body"), *self._tasks().mapped("note"),
                 *self.case.dispute_ids.activity_ids.mapped("note")]
        self.assertGreater(len(notes), 4)
        for note in filter(None, notes):
            self.assertNotIn("<script", note)
            self.assertNotIn("<img", note)
        self.assertIn("&lt;script&gt;", self._answers()[0].body)
        self.assertIn("&lt;img", self.case.dispute_ids.activity_ids.note)

    def test_files_are_judged_by_their_content_and_size(self):
        for name, content, words in (
            ("big.pdf", b"%PDF-1.4" + bytes(10 * 1024 * 1024), "larger than 5 MB"),
            ("page.pdf", b"<html><script>alert(1)</script></html>", "neither a PDF"),
            ("run.png", b"MZ\x90\x00" + bytes(99), "neither a PDF"),
            ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "neither"),
        ):
            page = self._post("/tell/paid", {"paid_on": self.today.isoformat()},
                              files=[("files", (name, content, "image/png"))])
            self.assertEqual(page.status_code, 422, name)
            self.assertIn(words, page.text)
        page = self._post("/tell/paid", {"paid_on": self.today.isoformat()},
                          files=[("files", (f"{n}.png", PNG, "image/png")) for n in range(4)])
        self.assertIn("three files at most", page.text)
        self.assertFalse(self._answers())
        heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(99)
        self._post("/tell/paid", {"paid_on": self.today.isoformat()},
                   files=[("files", ("../../photo.heic", heic, "x/y"))])
        self.assertEqual(self._answers().attachment_ids.mimetype, "image/heic")
        self.assertNotIn("/", self._answers().attachment_ids.name)

    @mute_logger("odoo.http")
    def test_a_form_without_its_token_is_refused(self):
        for path in ("/tell/call", "/link", "/sign/1"):
            page = self.url_open(self._path() + path, data={"on": self.today.isoformat()})
            self.assertEqual(page.status_code, 400)
        self.assertFalse(self._answers())

    def test_a_file_in_the_place_of_a_text_is_none(self):
        page = self._post("/tell/call", {"on": self.today.isoformat()},
                          files=[("remark", ("a.txt", b"x", "text/plain")), ("at", ("b", b"x"))])
        self.assertEqual(page.status_code, 200)

    def test_nobody_floods(self):
        for _again in range(10):
            self._post("/tell/call", {"on": self.today.isoformat()})
        page = self._post("/tell/call", {"on": self.today.isoformat()})
        self.assertEqual(page.status_code, 422)
        self.assertIn("many answers", page.text)
        self.assertEqual(len(self._answers()), 10)

    def test_a_longer_pause_stays_and_many_answers_stop_nothing(self):
        long = self.today + timedelta(days=40)
        self.case._pause(long, "holidays")
        self._post("/tell/call", {"on": self.today.isoformat()})
        self.assertEqual((self.case.paused_until, self.case.pause_reason), (long, "holidays"))
        for _again in range(5):
            self._post("/tell/call", {"on": self.today.isoformat()})
        self.case.action_resume()
        self._post("/tell/call", {"on": self.today.isoformat()})
        self.assertFalse(self.case.paused_until)

    def test_an_answer_a_week_does_not_silence_us_for_ever(self):
        """Neither does a plan that is proposed again and again, and never signed."""
        for answer in ("call", "plan"):
            quiet = []
            for week in range(14):
                with self.at(self.now + 8 * week):
                    case = self.case.sudo()
                    day = self.company._credit_today()
                    if answer == "call":
                        case._answer_call(day)
                    else:
                        case._answer_plan(self.item, 4, None, day + timedelta(days=9))
                with self.at(self.now + 8 * week + 1):
                    self.env.invalidate_all()
                    quiet.append(bool(self.case.hold_reason))
            self.assertTrue(all(quiet[:5]), quiet)
            self.assertLessEqual(sum(quiet), 9, quiet)
            self.case.action_ids.flush_recordset()
            self.env.cr.execute("DELETE FROM credit_action WHERE channel = 'page'")
            self.env.invalidate_all()
            self.case.action_resume()
