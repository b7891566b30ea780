import io
import json
import zipfile
from hashlib import sha256
from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import file_path

from ..models.dossier_xml import NAMESPACE, SCHEMA
from .agency_common import AgencyCommon
from .common import day

PDF = b"%PDF-1.4 kept by core"
NS = {"d": NAMESPACE}


@tagged("post_install", "-at_install")
class DossierCommon(AgencyCommon):
    def _keep_pdf(self, move, name="INV.pdf", raw=PDF):
        attachment = self.env["ir.attachment"].sudo().create({
            "name": name, "raw": raw, "res_model": "account.move", "res_id": move.id,
            "res_field": "invoice_pdf_report_file", "mimetype": "application/pdf",
        })
        move.invalidate_recordset()
        return attachment

    def _open(self, placement, offset=1):
        """The ZIP as a dict, and its manifest."""
        with self.at(offset):
            digest, file = placement._make_dossier()
        with file, zipfile.ZipFile(file) as read:
            self.assertIsNone(read.testzip())
            files = {name: read.read(name) for name in read.namelist()}
        manifest = etree.fromstring(files["manifest.xml"])
        self.assertEqual(manifest.get("digest"), digest)
        return files, manifest

    def _bytes(self, placement, offset=1):
        with self.at(offset):
            _digest, file = placement._make_dossier()
        with file:
            return file.read()

    def _digest(self, placement, offset=1):
        with self.at(offset):
            return placement._read_dossiers()[placement.id][2]

    def _attach(self, placement, name="Contract.pdf", raw=b"signed", **values):
        attachment = self.env["ir.attachment"].with_user(self.controller).create({
            "name": name, "raw": raw, **values,
        })
        placement.with_user(self.controller).write({"document_ids": [Command.link(attachment.id)]})
        return attachment

    def _find(self, manifest, path):
        return manifest.xpath(path, namespaces=NS)


@tagged("post_install", "-at_install")
class TestDossier(DossierCommon):
    def test_it_holds_statement_invoices_and_what_was_added_and_says_so(self):
        placement = self._placed()
        move = placement.line_ids.item_id.move_id
        self._keep_pdf(move)
        self._attach(placement)
        files, manifest = self._open(placement)
        self.assertEqual(set(files), {
            "statement.pdf", "invoices/INV.pdf", "documents/Contract.pdf", "manifest.xml",
        })
        self.assertEqual(files["invoices/INV.pdf"], PDF)
        listed = {one.get("path"): one for one in self._find(manifest, "//d:file")}
        self.assertEqual(set(listed), set(files) - {"manifest.xml"})
        for path, one in listed.items():
            self.assertEqual(one.get("sha256"), sha256(files[path]).hexdigest())
            self.assertEqual(int(one.get("size")), len(files[path]))

    def test_the_manifest_tells_who_owes_what_and_how_to_speak_with_him(self):
        placement = self._placed()
        _files, manifest = self._open(placement)
        [debtor], [item] = self._find(manifest, "//d:debtor"), self._find(manifest, "//d:item")
        self.assertEqual(debtor.get("name"), "Ferri S.r.l.")
        self.assertEqual(self._find(debtor, "d:contact")[0].get("name"), "Anna Ferri")
        self.assertEqual(
            (item.get("currency"), item.get("placed"), item.get("open"), item.get("due")),
            ("USD", "1000.00", "1000.00", day(-35).isoformat()),
        )
        self.assertEqual(self._find(manifest, "//d:approach")[0].text, "Call in the morning")
        self.assertEqual(
            self._find(manifest, "//d:disclosure")[0].text, "I call for Bellandi"
        )
        self.assertEqual(manifest.find("{*}placement").get("pressure"), placement.pressure_now)

    def test_what_was_not_placed_and_what_is_internal_stays_in_the_house(self):
        """Whatever is marked must not be found anywhere in the archive."""
        other = self._create_due(20, amount=777.77, ref="MARK-later")
        note = self._ask()
        self._write_note(
            note, 1, special_attention=True, special_how="Speak slowly",
            special_why="MARK-why", asks_priority=True, priority_why="MARK-priority",
        )
        placement = self._send(self._prepare(1), 1)
        case = placement.case_id
        case.sudo().message_post(body="MARK-chatter")
        self.debtor.sudo().write({"comment": "MARK-comment", "credit_limit": 4242})
        self.env["res.partner"].create({
            "name": "MARK-colleague", "parent_id": self.debtor.id, "type": "contact",
        })
        self.env["credit.action"].sudo().create({
            "case_id": case.id, "company_id": self.company.id, "kind": "contact",
            "channel": "phone", "state": "done", "date": day(0), "summary": "MARK-remark",
            "user_id": self.controller.id,
        })
        files, manifest = self._open(placement)
        everything = b"".join(files.values())
        self.assertNotIn(b"MARK", everything)
        self.assertNotIn(other.name.encode(), everything)
        self.assertNotIn(b"4242", everything)
        self.assertIn(b"Speak slowly", everything)
        self.assertEqual(
            [one.get("channel") for one in self._find(manifest, "//d:contact[@on]")][-1], "phone"
        )

    def test_agreements_disputes_and_receipts_are_as_they_stand_now(self):
        placement = self._placed()
        item = placement.line_ids.item_id
        before = self._digest(placement)
        with self.at(2):
            self.env["credit.dispute"]._open(
                placement.case_id, {item: 200}, day(12), text="The goods were wet",
            )
        _files, manifest = self._open(placement, 2)
        [dispute] = self._find(manifest, "//d:dispute")
        self.assertEqual(self._find(dispute, "d:text")[0].text, "The goods were wet")
        self.assertEqual(self._find(manifest, "//d:item[@placed]")[0].get("disputed"), "200.00")
        disputed = self._digest(placement, 2)
        with self.at(3):
            self._pay(item.move_id, 300, on=3)
        _files, manifest = self._open(placement, 3)
        [receipt] = self._find(manifest, "//d:receipt")
        self.assertEqual((receipt.get("on"), receipt.get("amount")),
                         (day(3).isoformat(), "300.00"))
        self.assertEqual(self._find(manifest, "//d:item[@placed]")[0].get("open"), "700.00")
        self.assertEqual(len({before, disputed, self._digest(placement, 3)}), 3)

    def test_of_the_files_of_an_agreement_the_sheet_alone_goes_out(self):
        placement = self._placed()
        with self.at(2):
            plan = self.env["credit.agreement"].with_user(self.controller).create({
                "case_id": placement.case_id.id, "kind": "plan", "count": 2, "first_on": day(10),
                "currency_id": self.company.currency_id.id,
                "item_ids": [Command.set(placement.line_ids.item_id.ids)],
            })
            plan.action_make_schedule()
            plan._propose()
            sheet = plan._file_document()
        self.env["ir.attachment"].with_user(self.controller).create({
            "name": "What the bank says of him.pdf", "raw": PDF, "mimetype": "application/pdf",
            "res_model": plan._name, "res_id": plan.id,
        })
        files, _manifest = self._open(placement, 2)
        self.assertEqual(
            [name for name in files if name.startswith("agreements/")],
            [f"agreements/{sheet.name}"],
        )

    def test_it_is_the_same_byte_for_byte_until_something_happens(self):
        placement = self._placed()
        self._attach(placement)
        first = self._bytes(placement, 1)
        for offset in (1, 2, 9):
            self.assertEqual(self._bytes(placement, offset), first)
        with self.at(9):
            placement.with_user(self.manager)._accept()
        self.assertNotEqual(self._bytes(placement, 9), first)

    def test_the_digest_follows_the_content_of_a_document(self):
        placement = self._placed()
        document = self._attach(placement)
        before = self._digest(placement)
        document.sudo().raw = b"signed anew"
        self.assertNotEqual(self._digest(placement), before)

    def test_the_statement_is_printed_anew_when_it_says_something_else_only(self):
        placement = self._placed()
        report = self.env.registry["ir.actions.report"]
        printed = []

        def count(model, *args, **kwargs):
            printed.append(1)
            return b"%PDF-1.4 " + str(len(printed)).encode(), "pdf"

        with patch.object(report, "_render_qweb_pdf", count):
            self._open(placement, 1)
            files, _manifest = self._open(placement, 5)
            self.assertEqual((len(printed), files["statement.pdf"]), (1, b"%PDF-1.4 1"))
            self._pay(placement.line_ids.item_id.move_id, 100, on=6)
            files, _manifest = self._open(placement, 6)
            self.assertEqual(files["statement.pdf"], b"%PDF-1.4 2")

    def test_the_statement_lists_what_was_set_against_each_document(self):
        placement = self._placed()
        move = placement.line_ids.item_id.move_id
        self._pay(move, 250, on=2)
        note = self._credit(move, 50)
        (move + note).line_ids.filtered(
            lambda line: line.account_id == self.receivable
        ).filtered(lambda line: not line.reconciled).reconcile()
        sheet = self.env["credit.dossier.statement"]._get_sheets(placement)[placement.id]
        [row] = sheet["groups"][0]["rows"]
        self.assertEqual(row["document"], move.name)
        self.assertEqual(
            [one["what"] for one in row["movements"]], [f"Credit note {note.name}", "Payment"]
        )
        self.assertIn("700.00", sheet["groups"][0]["total"])
        self.assertIn("6 Mar 2026", sheet["last"])

    def test_an_invoice_without_a_kept_pdf_is_named_and_nothing_is_made(self):
        placement = self._placed()
        move = placement.line_ids.item_id.move_id
        files, _manifest = self._open(placement)
        self.assertEqual(set(files), {"statement.pdf", "manifest.xml"})
        self.assertFalse(move.invoice_pdf_report_id)
        self.assertEqual(placement.missing_note, move.name)
        self._keep_pdf(move)
        placement.invalidate_recordset()
        self.assertFalse(placement.missing_note)

    def test_hostile_names_become_harmless(self):
        placement = self._placed()
        for name in ("../../x.pdf", "a\r\nSet-Cookie: b.pdf", "x\u202efdp.exe", "A.pdf", "a.pdf"):
            self._attach(placement, name=name, raw=name.encode())
        files, manifest = self._open(placement)
        documents = [path for path in files if path.startswith("documents/")]
        self.assertEqual(len(documents), 5)
        self.assertEqual(len({path.casefold() for path in documents}), 5)
        for path in documents:
            folder, _slash, name = path.partition("/")
            self.assertEqual(folder, "documents")
            self.assertFalse(set(name) & set("/\\\r\n\u202e"), name)
            self.assertNotEqual(name[0], ".")
        self.assertEqual(len(self._find(manifest, "//d:file[@role='document']")), 5)

    def test_signs_that_xml_cannot_hold_are_left_out(self):
        self.debtor.street = "Via\x01 Emilia \ufffe <&> 1"
        placement = self._placed()
        _files, manifest = self._open(placement)
        self.assertIn("Via Emilia  <&> 1", self._find(manifest, "//d:debtor/d:address/text()"))

    def test_what_does_not_fit_is_named_and_left_out(self):
        placement = self._placed()
        self._attach(placement, name="small.pdf", raw=b"s")
        self._attach(placement, name="big.pdf", raw=b"b" * 5000)
        limit = "odoo.addons.account_credit_care.models.credit_placement_dossier.MAX_FILES"
        size = len(self._open(placement)[0]["statement.pdf"]) + 100
        with patch(limit, size):
            files, manifest = self._open(placement)
        self.assertNotIn("documents/big.pdf", files)
        self.assertIn("documents/small.pdf", files)
        [big] = self._find(manifest, "//d:file[@omitted]")
        self.assertEqual((big.get("path"), big.get("omitted"), big.get("size")),
                         ("documents/big.pdf", "size", "5000"))

    def test_a_file_that_the_store_has_lost_is_named(self):
        placement = self._placed()
        document = self._attach(placement)
        document.flush_recordset()
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = 'no/where' WHERE id = %s", [document.id]
        )
        self.env.invalidate_all()
        files, manifest = self._open(placement)
        self.assertNotIn("documents/Contract.pdf", files)
        [lost] = self._find(manifest, "//d:file[@omitted]")
        self.assertEqual(lost.get("omitted"), "missing")

    def test_many_placements_cost_as_many_queries_as_a_few(self):
        placements = self._placed()
        for number in range(3):
            debtor = self._create_debtor(f"Other{number}")
            self._create_due(-35, partner=debtor)
            self._nights(-12, -6, 0)
            self._write_note(self._case(debtor).note_id, 1)
            placements |= self._send(self._prepare(1, self._case(debtor)), 1)

        def count(batch):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with self.at(1):
                batch._read_dossiers()
            return self.env.cr.sql_log_count - before

        count(placements)
        self.assertLessEqual(count(placements), count(placements[:2]))

    # ------------------------------------------------------------------ rights

    def test_controllers_add_documents_and_change_nothing_else(self):
        placement = self._placed()
        document = self._attach(placement)
        self.assertEqual((document.res_model, document.res_id), (placement._name, placement.id))
        for values in ({"pressure": "gentle"}, {"fetched_on": day(0)}, {"state": "closed"}):
            with self.assertRaises(AccessError):
                placement.with_user(self.controller).write(values)
        for user in (self.salesperson, self.plain.user_id):
            with self.assertRaises(AccessError):
                placement.with_user(user).write({"document_ids": [Command.clear()]})

    def test_nobody_gives_away_what_he_may_not_read(self):
        placement = self._placed()
        secret = self.env["ir.attachment"].sudo().create({
            "name": "Salaries", "raw": b"secret", "res_model": "ir.cron",
            "res_id": self.env["ir.cron"].search([], limit=1).id,
        })
        with self.assertRaises(AccessError):
            placement.with_user(self.controller).write(
                {"document_ids": [Command.link(secret.id)]}
            )

    def test_documents_have_a_limit_and_end_with_the_placement(self):
        placement = self._placed()
        limit = "odoo.addons.account_credit_care.models.credit_placement_dossier.MAX_DOCUMENTS"
        with patch(limit, 10), self.assertRaises(UserError):
            self._attach(placement, raw=b"x" * 11)
        with self.at(2):
            placement.with_user(self.manager)._recall("Over")
        with self.assertRaises(UserError):
            self._attach(placement)

    def test_the_report_by_its_number_is_refused_to_who_may_not_read_the_placement(self):
        placement = self._placed()
        sheets = self.env["credit.dossier.statement"]
        for user in (self.plain.user_id, self.qualified.user_id):
            with self.assertRaises(AccessError):
                sheets._get_sheets(placement.with_user(user))


@tagged("post_install", "-at_install")
class TestDossierDoors(DossierCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.placement = self._placed()
        self._keep_pdf(self.placement.line_ids.item_id.move_id)
        self.house = f"/credit/placement/{self.placement.id}/dossier.zip"
        self.door = f"/my/agency/{self.placement.id}/dossier.zip"

    def _get(self, login, url, offset=1):
        self.authenticate(login, login) if login else self.logout()
        with self.at(offset):
            return self.url_open(url, allow_redirects=False)

    def test_the_agency_downloads_it_until_the_recall(self):
        answer = self._get("gina", self.door)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/zip")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))
        self.assertIn("no-store", answer.headers["Cache-Control"])
        with zipfile.ZipFile(io.BytesIO(answer.content)) as read:
            self.assertIn("manifest.xml", read.namelist())
            schema = etree.XMLSchema(etree.parse(file_path(SCHEMA)))
            schema.assertValid(etree.fromstring(read.read("manifest.xml")))
        self.assertDay(self.placement.fetched_on, 1)
        with self.at(1):
            page = self.url_open(f"/my/agency/{self.placement.id}").text
        self.assertIn(f'href="{self.door}"', page)
        self.placement.with_user(self.manager)._recall("The customer has called")
        self.assertEqual(self._get("gina", self.door).status_code, 404)

    def test_the_house_downloads_it_and_nobody_else_by_that_door(self):
        for login, status in (
            ("controller", 200), ("credit_manager", 200), ("salesperson", 403), ("gina", 403),
        ):
            with self.subTest(login=login):
                self.assertEqual(self._get(login, self.house).status_code, status)
        self.assertEqual(self._get("controller", "/credit/placement/999999/dossier.zip")
                         .status_code, 404)

    def test_others_are_refused_by_the_agencys_door(self):
        self.placement.with_user(self.manager).collector_id = self.qualified
        for login in ("paul", "controller", "salesperson"):
            with self.subTest(login=login):
                self.assertEqual(self._get(login, self.door).status_code, 404)
        self.assertEqual(self._get(None, self.door).status_code, 303)

    def test_the_button_leads_to_the_house_door_and_is_refused_to_others(self):
        action = self.placement.with_user(self.controller).action_download_dossier()
        self.assertEqual(action["url"], self.house)
        for user in (self.salesperson, self.plain.user_id):
            with self.assertRaises(AccessError):
                self.placement.with_user(user).action_download_dossier()

    def test_the_statement_is_a_pdf(self):
        sheets = self.env["credit.dossier.statement"]._get_sheets(self.placement)
        self.assertIn("1,000.00", json.dumps(sheets))
        placement = self.placement.with_context(force_report_rendering=True)
        with self.at(1), self.allow_pdf_render():
            _digest, file = placement._make_dossier()
        with file, zipfile.ZipFile(file) as read:
            self.assertTrue(read.read("statement.pdf").startswith(b"%PDF-"))
