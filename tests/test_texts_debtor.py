"""What a debtor reads in Italian, on his page, in messages about what was agreed and on the sheet:
nothing is left in English, nobody is threatened, and all of it is easy to read. A text that is the
same in both languages is no translation."""
import re
from datetime import timedelta

import polib
from lxml import html

from odoo.tests import tagged
from odoo.tools import file_path

from .page_common import PageCase
from .test_texts import FORBIDDEN, LANGS, MIN_GULPEASE, gulpease

# names, numbers and words that are the same in both languages
KEPT = re.compile(
    r"Ferri|Bellandi|Carla Conti|carla@|@debtor|https?:|INV/|AGR/|IBAN|E-mail|USD|EUR|Anna Rossi"
    r"|Via Emilia|Modena|IT60|Una nota|^in$"
)
READ_BY_DEBTORS = re.compile(
    r"arch_db:account_credit_care\.(page|mail_|message_|items_table|schedule_table|agreement_body"
    r"|portal_my_home)|models/credit_(case_(answer|plan|files|page)|message\.py|agreement_document)"
    r"|body_html:|subject:"
)
TOLD_TO_STAFF = ("Beyond the limits", "The customer has answered on his page")


@tagged("post_install", "-at_install")
class TestDebtorTexts(PageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._speak_italian()
        cls._create_bank()
        cls._create_due(cls.now - 20, 600)
        cls._create_due(cls.now - 30, 450)

    def setUp(self):
        super().setUp()
        disputed, planned, promised = self.case.open_item_ids.sorted("amount_residual")
        self.dispute = self.env["credit.dispute"].sudo()._open(
            self.case, {disputed: 0}, self.today + timedelta(days=9),
            self.env.ref("account_credit_care.credit_reason_service"), self.controller, "Wet",
        )
        self.dispute.answer = "Una nota di credito è in preparazione."
        self.plan = self._agree("plan", planned, count=3, interest_rate=8.5)
        self.settlement = self._agree("settlement", promised, count=2, amount_settlement=700)
        self.settlement.sudo()._approve()
        self.settlement.sudo()._sign("Anna Rossi", on_paper=True)

    def _agree(self, kind, items, **values):
        agreement = self.env["credit.agreement"].create({
            "kind": kind, "case_id": self.case.id, "currency_id": items.currency_id.id,
            "item_ids": [(6, 0, items.ids)], "first_on": self.today + timedelta(days=9),
            "frequency": "month", "user_id": self.controller.id, **values,
        })
        agreement.action_make_schedule()
        agreement._propose()
        return agreement

    def _texts(self, element):
        """Every text and label of what is shown."""
        for hidden in element.xpath(".//script | .//style"):
            hidden.drop_tree()
        found = list(element.itertext())
        for name in ("aria-label", "title", "placeholder", "alt"):
            found += element.xpath(f".//@{name}")
        cleaned = {re.sub(r"\s+", " ", text).strip() for text in found}
        return {text for text in cleaned if re.search(r"[^\W\d_]{2}", text)}

    def assertTranslated(self, name, read):
        """``read`` gives the parsed text for the debtor's language."""
        seen = []
        for lang in LANGS:
            self.debtor.lang = lang
            self.env.flush_all()
            element = read()
            self.assertNotRegex(html.tostring(element, encoding="unicode"), r"\{\{|t-out=|None")
            seen.append(self._texts(element))
            self.assertCivil(name, lang, " ".join(seen[-1]))
        english, italian = seen
        left = {text for text in english & italian if not KEPT.search(text)}
        self.assertFalse(left, name)
        self.assertGreater(len(italian), 1, name)

    def assertCivil(self, name, lang, text):
        text = re.sub(r"\S+@\S+", "", text)
        for word in FORBIDDEN[lang]:
            found = rf"\b{word.rstrip('*')}" + ("" if word.endswith("*") else r"\b")
            self.assertNotRegex(text.lower(), found, f"{name}, {lang}")

    def _shown(self, response):
        [page] = html.fromstring(response.text).xpath("//*[contains(@class, 'o_credit_page')]")
        return page

    # ------------------------------------------------------------------ the page

    def test_every_page_speaks_italian(self):
        visits = ["", *(f"/tell/{kind}" for kind in ("paid", "invoice", "plan", "wrong", "call"))]
        visits += [
            f"/thanks/{kind}" for kind in ("paid", "invoice", "plan", "wrong", "call", "sign")
        ]
        for path in visits:
            with self.subTest(path=path):
                self.assertTranslated(path, lambda p=path: self._shown(self._get(p)))

    def test_what_was_typed_wrongly_is_answered_in_italian(self):
        for kind, data in (
            ("paid", {}), ("invoice", {}), ("wrong", {"item": self.item.id}), ("call", {}),
            ("plan", {"count": "3", "step": "preview"}),
        ):
            with self.subTest(kind=kind):
                self.assertTranslated(
                    kind, lambda k=kind, d=data: self._shown(self._post(f"/tell/{k}", d))
                )

    def test_a_plan_is_shown_in_italian_before_it_is_sent(self):
        free = self._create_due(self.now - 8, 900)
        self._night(self.now)
        data = {**self._plan(), "item": self._items(free).id, "step": "preview"}
        self.assertTranslated("preview", lambda: self._shown(self._post("/tell/plan", data)))

    def test_an_ended_link_and_a_closed_page_speak_italian(self):
        until = self.today - timedelta(days=1)
        path = f"/credit/{self.case.id}/{self.case._sign_page(until)}"
        self.assertTranslated("expired", lambda: self._shown(self.url_open(path)))
        self.assertTranslated("sent", lambda: self._shown(self._post("/link", base=path)))
        self.plan._cancel("done")
        self.settlement.sudo()._cancel("done")
        self.case._close_by_hand("done")
        self.assertTranslated("closed", lambda: self._shown(self._get()))

    # ------------------------------------------------------------------ messages, the sheet

    def _plan_messages(self):
        """One of each purpose, with what it is about."""
        line = self.plan.line_ids[0]
        of_line = {"agreement_id": self.plan.id, "agreement_line_id": line.id}
        wanted = {
            "proposal": {"agreement_id": self.settlement.id, "items": self.settlement.item_ids},
            "instalment": of_line,
            "chase": of_line, "agreed": {"agreement_id": self.plan.id},
            "resend": {"items": self.item}, "thanks": {}, "closing": {}, "link": {},
            "answer": {"items": self.item, "dispute_id": self.dispute.id},
        }
        plan = self.root["credit.action"]._plan_message
        for purpose, values in wanted.items():
            yield purpose, plan(self.case.with_env(self.root), purpose, **values)

    def _mail(self, action):
        action.lang = self.debtor.lang
        action.invalidate_recordset()
        subject, body = self.root["credit.channel"]._render(
            action.with_user(1), self.company
        )[action.id]
        return html.fromstring(f"<div><h1>{subject}</h1>{body}</div>")

    def test_messages_beside_the_ladder_speak_italian(self):
        for purpose, action in self._plan_messages():
            with self.subTest(purpose=purpose):
                self.assertEqual(len(action), 1)
                self.assertTranslated(purpose, lambda a=action: self._mail(a))
                prose = self._mail(action).xpath(".//*[@class='o_credit_text']//p")
                text = "\n".join(part.text_content() for part in prose)
                self.assertGreaterEqual(gulpease(text), MIN_GULPEASE, text)

    def test_a_message_about_an_agreement_names_it_and_opens_no_document(self):
        actions = dict(self._plan_messages())
        text = self._mail(actions["proposal"]).text_content()
        self.assertIn(self.settlement.name, text)
        self.assertNotIn("above opens", text)
        self.assertIn("above opens", self._mail(actions["resend"]).text_content())
        answer = self._mail(actions["answer"]).text_content()
        self.assertIn(self.dispute.answer, answer)

    def test_a_letter_is_headed_in_its_own_language_whoever_prints_it(self):
        self.company.sudo().with_context(no_vat_validation=True).vat = "IT12345670017"
        letter = dict(self._plan_messages())["proposal"]
        for lang, words in (("it_IT", "P. IVA IT"), ("en_US", "VAT IT")):
            letter.lang = lang
            content, _kind = self.env["ir.actions.report"].sudo()._render_qweb_html(
                "account_credit_care.action_report_credit_letter", letter.ids
            )
            self.assertIn(words, html.fromstring(content).text_content())

    def test_the_sheet_speaks_italian(self):
        report = self.env["ir.actions.report"].sudo()
        for agreement in (self.plan, self.settlement):
            def read(one=agreement):
                one.invalidate_recordset()
                content, _kind = report._render_qweb_html(
                    "account_credit_care.action_report_credit_agreement", one.ids
                )
                return html.fromstring(content).xpath(
                    "//*[contains(@class, 'credit_agreement')]"
                )[0]
            self.assertTranslated(agreement.kind, read)
        self.assertIn("8,50 %", re.sub(r"\s+", " ", self._sheet_text(self.plan)))

    def _sheet_text(self, agreement):
        content, _kind = self.env["ir.actions.report"].sudo()._render_qweb_html(
            "account_credit_care.action_report_credit_agreement", agreement.ids
        )
        return html.fromstring(content).text_content()

    # ------------------------------------------------------------------ colleagues

    def test_a_task_is_in_the_language_of_whoever_gets_it(self):
        self.controller.lang = "it_IT"
        self.root["credit.task"]._ask_to_resolve(self.dispute)
        task = self.dispute.activity_ids.sorted("id")[-1]
        self.assertTrue(task.summary.startswith("Verificare"), task.summary)

    # ------------------------------------------------------------------ all that is shipped

    def test_no_term_that_debtors_read_is_english(self):
        italian = polib.pofile(file_path("account_credit_care/i18n/it.po"))
        read = [entry for entry in italian if any(
            READ_BY_DEBTORS.search(where) for where, _line in entry.occurrences
        ) and entry.msgid not in TOLD_TO_STAFF]
        self.assertGreater(len(read), 200)
        for entry in read:
            text = re.sub(r"<[^>]*>|\{\{.*?\}\}", " ", entry.msgstr)
            self.assertCivil(entry.msgid, "it_IT", text)
            if re.search(r"[^\W\d_]{2}", text) and not KEPT.search(entry.msgid):
                self.assertNotEqual(entry.msgstr, entry.msgid)
