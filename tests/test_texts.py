"""What debtors and colleagues read, in both languages: true, readable, civil, and in the right
currency. The debtor of these tests owes in two currencies, has paid a part, pays one invoice in
instalments and has a credit open; his name tries to be markup."""
import io
import re
from pathlib import Path

import polib
from lxml import html

from odoo import Command
from odoo.tests import tagged
from odoo.tools import file_path, html2plaintext
from odoo.tools.translate import trans_export

from .common import CreditCommon, day

LANGS = ("en_US", "it_IT")
NAME = "<b>Ferri & Figli"
MIN_GULPEASE = 55
# Nobody is threatened, hurried or accused; neither in the shipped texts nor in the scripts.
FORBIDDEN = {  # a star stands for any ending
    "en_US": (
        "legal action", "lawyer*", "court", "immediate*", "without delay", "failure to",
        "failed to pay", "demand*", "final notice", "last warning", "consequence*", "penalt*",
        "sanction*", "enforce*", "debt*", "you must", "you have not", "you did not", "delinquen*",
        "default*", "interest will", "forced to", "further notice",
    ),
    "it_IT": (
        "azioni legali", "azione legale", "avvocat*", "tribunal*", "diffid*", "conseguenz*",
        "immediat*", "sanzion*", "ingiun*", "moros*", "inadempi*", "intim*", "ultimo avviso",
        "sollecit*", "obblig*", "esig*", "mancato pagamento", "debit*", "deve pagare",
        "non ha pagato", "non avete pagato", "recupero crediti", "penal*", "perentori*",
        "interessi di mora", "e non oltre", "costretti",
    ),
}
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)


def gulpease(text):
    """Readability of Italian, 0 to 100: 89 + (300 × sentences − 10 × letters) / words."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    letters = sum(c.isalpha() for c in text)
    parts = re.split(r"[.!?:;]+(?=\s|$)|\n+", text)
    sentences = sum(bool(re.search(r"[^\W\d_]", part)) for part in parts)
    return 89 + (300 * sentences - 10 * letters) / len(words)


@tagged("post_install", "-at_install")
class TestTexts(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._speak_italian()
        cls.euro = cls.setup_other_currency("EUR")
        cls.dollar = cls.company.currency_id
        cls.bank = cls._create_bank()
        cls.controller.partner_id.phone = "+39 059 111222"
        cls.policy.level_ids.unlink()
        cls.level = cls.env["credit.policy.level"].create({
            "policy_id": cls.policy.id, "name": "Step", "delay_days": 3, "channel": "email",
            "mail_template_id": cls.template.id,
        })
        cls.debtor = cls._create_debtor(NAME, email="ferri@debtor.example")
        cls.part = cls._create_due(-45, 1220)
        cls._pay(cls.part, 500, on=-10)
        cls.term = cls.env["account.payment.term"].create({
            "name": "Two parts", "line_ids": [
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 90}),
            ],
        })
        cls.parts = cls._create_due(
            -40, 3000, invoice_payment_term_id=cls.term.id, invoice_date_due=False
        )
        cls.foreign = cls._create_due(-12, 2150.75, currency_id=cls.euro.id)
        cls.note = cls._credit(cls.part, 250)

    @property
    def templates(self):
        found = self.env["mail.template"].search([("model", "=", "credit.action")])
        shipped = found.get_external_id()
        return found.filtered(lambda t: shipped[t.id].startswith("account_credit_care."))

    @property
    def levels(self):
        starters = ("credit_policy_business", "credit_policy_consumer")
        return self.root["credit.policy.level"].union(
            *(self.root.ref(f"account_credit_care.{name}").level_ids for name in starters)
        )

    def _action(self, partner=None):
        self._night()
        debtor = partner or self.debtor
        return self.actions.sudo().filtered(lambda a: a.partner_id == debtor)[-1:]

    def _render(self, action, template=None, lang="en_US", **kwargs):
        """``(subject, html, parsed)`` of ``template`` for ``action``."""
        action.level_id.mail_template_id = template or action.level_id.mail_template_id
        action.lang = lang
        channel = self.root["credit.channel"]
        subject, body = channel._render(action.with_user(1), self.company, **kwargs)[action.id]
        return subject, str(body), html.fromstring(str(body))

    def _find(self, parsed, css_class):
        return parsed.xpath(f".//*[contains(concat(' ', @class, ' '), ' {css_class} ')]")

    def _prose(self, parsed):
        """The words of the template alone, without table and frame."""
        [text] = self._find(parsed, "o_credit_text")
        for table in self._find(text, "o_credit_items"):
            table.drop_tree()
        return html2plaintext(html.tostring(text, encoding="unicode"))

    def _texts(self, lang):
        """All prose that is shipped, by name: mails, scripts, SMS, words for the salesperson."""
        action = self._action()
        action.case_id.suspended_on = day(0)
        for template in self.templates:
            subject, _html, parsed = self._render(action, template, lang)
            yield template.name, f"{subject}.\n{self._prose(parsed)}"
        for level in self.levels.with_context(lang=lang):
            yield f"name of {level.name}", level.name
            if level.script:
                yield f"script of {level.name}", html2plaintext(level.script)
        for template in self._sms_templates():
            bodies = template._render_field("body", action.ids, set_lang=lang)
            yield template.name, bodies[action.id]
        words = self.env["credit.message"].with_context(lang=lang)
        for notice in ("suspension_warning", "suspended", "released"):
            action.notice = notice
            yield notice, words._get_ready_text(action, action.line_ids.item_id)

    def _sms_templates(self):
        return self.env["sms.template"].sudo().search([("model", "=", "credit.action")])

    # ------------------------------------------------------------------ rendering

    def test_every_template_renders_in_both_languages(self):
        action = self._action()
        self.assertGreaterEqual(len(self.templates), 6)
        for template in self.templates:
            proses = set()
            for lang in LANGS:
                with self.subTest(template=template.name, lang=lang):
                    subject, text, parsed = self._render(action, template, lang)
                    self.assertNotRegex(subject + text, r"\{\{|t-out|t-if|False|None")
                    self.assertIn(self.part.name, text)
                    self.assertIn(self.controller.name, text)
                    self.assertIn(self.controller.email, text)
                    self.assertIn(self.bank.sanitized_acc_number, text.replace(" ", ""))
                    self.assertEqual(parsed.get("lang"), lang[:2])
                    proses |= {self._prose(parsed), subject}
            self.assertEqual(len(proses), 4, f"{template.name} is not translated")

    def test_nothing_shown_to_debtors_is_left_in_english(self):
        action = self._action()
        kept = re.compile(r"Figli|Bellandi|Carla Conti|carla@\S+|INV/\S+|https?://\S+|mailto:\S+")
        words = r"\b(the|and|your?|with|paid|pay|late|still|open|Dear|Kind|Phone|Total|of|to|is)\b"
        for template in self.templates:
            for layout in ("mail_layout", "letter_body"):
                action.channel = "letter" if layout == "letter_body" else "email"
                subject, text, _parsed = self._render(
                    action, template, "it_IT", layout=f"account_credit_care.{layout}"
                )
                plain = kept.sub("", html2plaintext(text) + subject)
                self.assertNotRegex(plain, words, f"{template.name} in {layout}")

    def test_names_are_escaped(self):
        action = self._action()
        action.note = False
        for layout in ("mail_layout", "letter_body"):
            for template in self.templates:
                _subject, text, parsed = self._render(
                    action, template, layout=f"account_credit_care.{layout}"
                )
                self.assertIn("&lt;b&gt;Ferri &amp; Figli", text)
                self.assertFalse(parsed.xpath("//b"))

    def test_reading_does_not_grow_with_the_batch(self):
        """The same number of queries for two debtors and for eight."""
        partners = [self._create_debtor(f"Number {number}") for number in range(10)]
        for partner in partners:
            self._create_due(-12, 800, partner)
        self._night()
        actions = self.actions.filtered(lambda a: a.partner_id in self.env["res.partner"].union(
            *partners
        )).with_user(1)
        counts = []
        for batch in (actions[:1], actions[:2], actions[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.root["credit.channel"]._render(batch.with_env(self.root), self.company)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_note_of_reviewer_keeps_the_table(self):
        action = self._action()
        action.note = "<p>My own words</p>"
        _subject, text, parsed = self._render(action)
        self.assertIn("My own words", text)
        self.assertEqual(len(self._find(parsed, "o_credit_items")), 1)

    # ------------------------------------------------------------------ figures

    def _cells(self, table):
        return [
            re.sub(r"\s+", " ", cell.text_content().replace("\ufeff", "")).strip()
            for cell in table.xpath(".//td[@align='right'] | .//tr/td[last()]")
        ]

    def test_amounts_by_currency(self):
        """Dollars: 720 left of 1,220 and 1,500 of the first instalment, less the credit of 250.
        Euros: 2,150.75. Nothing is ever added across."""
        action = self._action()
        for channel in ("email", "letter"):
            action.channel = channel
            action.invalidate_recordset(["table_html"])
            _subject, _text, parsed = self._render(action)
            [items] = self._find(parsed, "o_credit_items")
            dollars, euros = items
            self.assertEqual(self._cells(dollars)[-3:], ["$ 2,220.00", "$ -250.00", "$ 1,970.00"])
            self.assertIn("500.00", dollars.text_content())
            self.assertIn("1,220.00", dollars.text_content())
            self.assertIn("instalment 1 of 2", dollars.text_content())
            self.assertNotIn("€", dollars.text_content())
            self.assertEqual(self._cells(euros)[-1].replace("€", "").strip(), "2,150.75")
            self.assertNotIn("$", euros.text_content())

    def test_amounts_in_italian(self):
        _subject, text, parsed = self._render(self._action(), lang="it_IT")
        self.assertIn("2.150,75", text)
        self.assertIn("1.970,00", text)
        self.assertNotIn("2,150.75", text)
        self.assertIn("feb 2026", parsed.text_content())

    def test_debtor_of_one_currency_sees_no_other(self):
        other = self._create_debtor("Oltremare")
        self._create_due(-12, 800, other, currency_id=self.euro.id)
        action = self._action(other)
        for template in self.templates:
            for layout in ("mail_layout", "letter_body"):
                _subject, text, _parsed = self._render(
                    action, template, layout=f"account_credit_care.{layout}"
                )
                self.assertIn("800.00", text)
                self.assertNotIn("$", text)
                self.assertNotIn("USD", text)

    def test_credit_that_covers_another_item_is_not_deducted_again(self):
        other = self._create_debtor("Coperto")
        old = self._create_due(-60, 300, other)
        self._create_due(-12, 800, other)
        self._credit(old, 300)
        action = self._action(other)
        self.assertEqual(action.line_ids.mapped("amount"), [800])
        _subject, text, _parsed = self._render(action)
        self.assertNotIn("300.00", text)
        self.assertIn("800.00", text)

    # ------------------------------------------------------------------ said only as far as true

    def test_suspension_is_announced_only_where_it_holds(self):
        action = self._action()
        for name, words in (
            ("mail_template_suspension", "is suspended"), ("mail_template_solution", "in advance"),
        ):
            template = self.env.ref(f"account_credit_care.{name}")
            action.case_id.suspended_on = False
            self.assertNotIn(words, self._render(action, template)[1])
            action.case_id.suspended_on = day(0)
            self.assertIn(words, self._render(action, template)[1])

    def test_attachments_are_announced_only_where_there_are_some(self):
        action = self._action()
        self.assertNotIn("attached", self._render(action)[1])
        some = self._render(action, attachments={action.id: [1]})[1]
        self.assertIn("Some copies are attached", some)
        self.assertIn(
            "Copies of the invoices are attached",
            self._render(action, attachments={action.id: [1, 2, 3]})[1],
        )

    def test_every_document_has_its_page(self):
        _subject, _text, parsed = self._render(self._action())
        links = self._find(parsed, "o_credit_items")[0].xpath(".//a/@href")
        for move in self.part | self.parts | self.foreign:
            url = self.env["credit.channel"]._get_move_url(move)
            self.assertIn(url, links)
            self.assertIn(move.access_token, url)

    def test_pay_button_only_with_an_address(self):
        other = self._create_debtor("Unico")
        self._create_due(-12, 800, other)
        action = self._action(other)
        parameter = self.env["ir.config_parameter"].sudo()
        for value, expected in (("False", 0), ("True", 1)):
            parameter.set_param("account_payment.enable_portal_payment", value)
            action.invalidate_recordset(["pay_url"])
            self.assertEqual(self._render(action)[1].count("Pay online"), expected)

    # ------------------------------------------------------------------ tone

    def test_italian_is_readable(self):
        for name, text in self._texts("it_IT"):
            if len(text.split()) > 20:
                self.assertGreaterEqual(gulpease(text), MIN_GULPEASE, f"{name}: {text}")

    def test_gulpease_tells_easy_from_hard(self):
        self.assertGreater(gulpease("Il cane dorme. Il gatto gioca. Noi andiamo a casa."), 80)
        self.assertLess(gulpease(
            "Relativamente alle sopracitate documentazioni contabili risultanti insolute,"
            " provvederemo conseguentemente all'immediata interruzione delle forniture."
        ), 40)

    def test_nobody_is_threatened(self):
        for lang in LANGS:
            for name, text in self._texts(lang):
                for word in FORBIDDEN[lang]:
                    found = rf"\b{word.rstrip('*')}" + ("" if word.endswith("*") else r"\b")
                    self.assertNotRegex(text.lower(), found, f"{lang}, {name}")

    def test_sms_fit_two_parts_and_tell_no_amount(self):
        action = self._action()
        self.company.name = "Officine Meccaniche Bellandi"
        for lang in LANGS:
            for template in self._sms_templates():
                text = template._render_field("body", action.ids, set_lang=lang)[action.id]
                self.assertLessEqual(len(text), 306, text)
                self.assertFalse(set(text) - GSM, text)
                self.assertNotIn("970", text)

    def test_italian_is_complete(self):
        """Every term of the exported list has its Italian, with the same placeholders."""
        terms = polib.pofile(file_path("account_credit_care/i18n/account_credit_care.pot"))
        italian = {
            entry.msgid: entry.msgstr
            for entry in polib.pofile(file_path("account_credit_care/i18n/it.po"))
        }
        holes = re.compile(r"%\(\w+\)s|%s|\{\{.*?\}\}")
        for entry in terms:
            self.assertTrue(italian.get(entry.msgid), f"not translated: {entry.msgid!r}")
            self.assertEqual(
                sorted(holes.findall(entry.msgid)), sorted(holes.findall(italian[entry.msgid])),
            )

    def test_the_list_of_terms_is_that_of_the_source(self):
        """A term that moved to another view is translated only if the list says where it is."""
        exported = io.BytesIO()
        trans_export(False, ["account_credit_care"], exported, "po", self.env)
        known = self._read_places(polib.pofile(
            file_path("account_credit_care/i18n/it.po")
        ))
        found = self._read_places(polib.pofile(exported.getvalue().decode()))
        self.assertGreater(len(found), 3000)
        self.assertEqual(sorted(found - known), [])

    def _read_places(self, terms):
        return {(entry.msgid, place) for entry in terms for place, _line in entry.occurrences}

    def test_every_sentence_of_the_scripts_is_in_the_list(self):
        """Odoo finds none within a template literal."""
        known = {
            entry.msgid for entry in polib.pofile(file_path("account_credit_care/i18n/it.po"))
            if "odoo-javascript" in (entry.comment or "")
        }
        scripts = Path(file_path("account_credit_care/static/src")).rglob("*.js")
        sentence = re.compile(r'_t\(\s*"((?:[^"\\]|\\.)+)"')
        said = {text for script in scripts for text in sentence.findall(script.read_text())}
        self.assertGreater(len(said), 50)
        self.assertEqual(sorted(said - known), [])

    # ------------------------------------------------------------------ letters, digest

    def test_letters_print_in_one_document(self):
        letters = self.env["credit.action"]
        for name in ("Uno", "Due"):
            partner = self._create_debtor(name)
            self._create_due(-12, 800, partner)
            action = self._action(partner)
            subject, body, _parsed = self._render(
                action, layout="account_credit_care.letter_body"
            )
            action.sudo().write({"subject": subject, "body": body, "channel": "letter"})
            letters |= action
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account_credit_care.action_report_credit_letter", letters.ids
        )
        pages = self._find(html.fromstring(content), "credit_letter")
        self.assertEqual(len(pages), 2)
        self.assertEqual(["later" in page.get("class") for page in pages], [False, True])
        for page, name in zip(pages, ("Uno", "Due"), strict=True):
            [address] = self._find(page, "address")
            self.assertEqual(address[0].text, name)

    def test_digest_speaks_two_languages(self):
        """To the salesperson in his, with a text for the customer in the customer's."""
        action = self._action()
        self.debtor.lang = "it_IT"
        notice = self.root["credit.action"].create([
            {
                "case_id": action.case_id.id, "company_id": self.company.id, "kind": "notice",
                "notice": code, "date": day(0), "user_id": self.salesperson.id,
            }
            for code in ("suspension_warning", "suspended", "released")
        ])
        self.salesperson.lang = "en_US"
        self.root["credit.task"]._mail_digest(self.salesperson, notice, self.company)
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        text = html2plaintext(mail.body_html)
        self.assertIn("From tomorrow on prepaid orders only", text)
        self.assertIn("Buongiorno", text)
        self.assertIn("&lt;b&gt;Ferri", mail.body_html)
        self.assertEqual(mail.body_html.count("mailto:ferri@debtor.example"), 3)

    # ------------------------------------------------------------------ starters

    def test_starters_are_drafts_and_can_be_switched_on(self):
        company = self.env["res.company"].create({
            "name": "Newcomer", "credit_controller_id": self.manager.id,
        })
        self.env.user.company_ids |= company
        policies = self.env["credit.policy"].with_company(company)
        policies.action_load_starters()
        found = policies.search([("company_id", "=", company.id)])
        self.assertEqual(len(found), 2)
        self.assertEqual(set(found.mapped("state")), {"draft"})
        found.action_activate()
        for policy in found:
            days = policy.level_ids.sorted("delay_days").mapped("delay_days")
            self.assertEqual(days, [-5, 3, 10, 20, 31, 40])
            self.assertEqual(
                (policy.suspend_after_days, policy.handover_after_days, policy.place_after_days),
                (30, 35, 45),
            )
            for level in policy.level_ids.filtered(lambda lv: lv.channel == "phone"):
                self.assertTrue(level.script)

    def test_nobody_falls_out(self):
        """Who lacks one address is reached on another; who lacks all gets a person's attention."""
        nowhere = {"email": False, "phone": False, "street": False, "city": False}
        ways = {
            "E-mail only": ({**nowhere, "email": "one@debtor.example"}, {"email"}),
            "Post only": (
                {**nowhere, "street": "Via Po 1", "city": "Modena"}, {"letter", "activity"},
            ),
            "Phone only": ({**nowhere, "phone": "+39 059 1"}, {"phone", "activity"}),
            "Nothing": (nowhere, {"activity"}),
        }
        channel = self.root["credit.channel"]
        for name, (values, expected) in ways.items():
            partner = self._create_debtor(name, **values)
            for level in self.levels:
                [target] = channel._resolve([(partner.id, level)], self.company).values()
                self.assertIn(target.channel, expected, f"{name}: {level.name}")
