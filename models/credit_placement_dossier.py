import json
from base64 import b64decode, b64encode
from hashlib import sha256
from tempfile import SpooledTemporaryFile

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..domain.archive import Archive, safe_name, unique_names
from .credit_mandate import OPEN
from .dossier_xml import write_manifest

MANIFEST = "manifest.xml"
MAX_DOCUMENTS = 20 * 1024 * 1024  # added by hand
MAX_FILES = 48 * 1024 * 1024  # of a dossier; what does not fit is named and left out
IN_MEMORY = 4 * 1024 * 1024  # a dossier beyond that is written to a file
USER = "account_credit_care.group_credit_user"
MANAGER = "account_credit_care.group_credit_manager"


class CreditPlacement(models.Model):
    """The dossier: one ZIP made when it is asked for, the same byte for byte until something has
    happened. Nothing in it is older than the records; only the statement's PDF is kept, under the
    digest of what it says."""

    _inherit = "credit.placement"

    document_ids = fields.Many2many(
        "ir.attachment", "credit_placement_attachment_rel", string="Documents for the agency",
        copy=False, bypass_search_access=True,
        help="Go with the dossier: contracts, proofs of delivery, letters.",
    )
    missing_note = fields.Char(
        "Without PDF", compute="_compute_missing_note", groups=USER,
        help="No PDF of these invoices is stored. Print or send them once.",
    )
    statement_file = fields.Binary(attachment=True, readonly=True, copy=False, groups=USER)
    statement_digest = fields.Char(readonly=True, copy=False, groups=USER)
    fetched_on = fields.Date(
        "Dossier fetched on", readonly=True, copy=False, help="By the agency, the last time."
    )

    @api.depends("line_ids")
    def _compute_missing_note(self):
        for placement in self:
            moves = placement.sudo().line_ids.item_id.move_id.filtered(
                lambda move: move.is_sale_document(include_receipts=True)
            )
            placement.missing_note = ", ".join(
                move.name for move in moves if not move.invoice_pdf_report_id
            )

    # ------------------------------------------------------------------ what is in it

    def _read_dossiers(self):
        """``{placement id: (content, files, digest)}``; no file is read for it."""
        dossier = self.env["credit.dossier"]
        contents = dossier._collect(self)
        files = self.sudo()._list_files()
        return {
            placement_id: (content, files[placement_id], dossier._get_digest([
                content, [(one["path"], one["mark"]) for one in files[placement_id]],
            ]))
            for placement_id, content in contents.items()
        }

    def _list_files(self):
        """``{placement id: [file, …]}`` in their order; ``mark`` changes with the content."""
        signed = self._read_agreement_files()
        sheets = self.env["credit.dossier.statement"]._get_sheets(self)
        result = {}
        for placement in self:
            items = placement.line_ids.item_id
            agreements = self.env["credit.dossier"]._get_agreements(placement, items)
            found = [
                ("invoice", move.invoice_pdf_report_id) for move in items.move_id.sorted("id")
            ] + [("agreement", signed[one.id]) for one in agreements if one.id in signed] + [
                ("document", one) for one in placement.document_ids.sorted("id")
            ]
            result[placement.id] = [
                self._describe_statement(sheets[placement.id]), *self._describe_files(found)
            ]
        return result

    def _read_agreement_files(self):
        """The latest sheet of each agreement, signed where it was signed; no other file of it."""
        agreements = self.sudo().case_id.agreement_ids
        return {one.id: one.sheet_id for one in agreements if one.sheet_id}

    def _describe_files(self, found):
        found = [(role, attachment) for role, attachment in found if attachment]
        paths = {}
        for role in dict(found):
            mine = [attachment for one, attachment in found if one == role]
            names = unique_names(attachment.name or "" for attachment in mine)
            paths |= {
                (role, attachment.id): f"{role}s/{name}"
                for attachment, name in zip(mine, names, strict=True)
            }
        for role, attachment in found:
            yield {
                "path": paths[role, attachment.id], "role": role, "name": attachment.name or "",
                "type": attachment.mimetype or "", "size": attachment.file_size,
                "mark": attachment.checksum or "", "attachment": attachment,
            }

    def _describe_statement(self, sheet):
        return {
            "path": "statement.pdf", "role": "statement", "name": "statement.pdf",
            "type": "application/pdf", "size": 0, "attachment": None,
            "mark": sha256(json.dumps(sheet, sort_keys=True).encode()).hexdigest(),
        }

    # ------------------------------------------------------------------ made

    def _make_dossier(self):
        """``(digest, file)``: the file is open at its beginning and vanishes when it is closed. The
        kept statement is written by the machinery: nothing in Odoo is a collector's own."""
        self.ensure_one()
        own = self.with_user(SUPERUSER_ID)
        content, files, digest = own._read_dossiers()[self.id]
        # closed by whoever sends it
        out = SpooledTemporaryFile(max_size=IN_MEMORY)  # pylint: disable=consider-using-with
        archive = Archive(out)
        listed = [own._add_file(archive, file) for file in files]
        manifest = write_manifest(content, digest, listed)
        archive.add(MANIFEST, lambda: manifest)
        archive.close()
        out.seek(0)
        return digest, out

    def _add_file(self, archive, file):
        """Writes one file and returns its line in the manifest."""
        line = {key: file[key] for key in ("path", "role", "name", "type")}
        taken = sum(one.size for one in archive.written)
        if taken + file["size"] > MAX_FILES:
            return {**line, "size": file["size"], "omitted": "size"}
        raw = self._read_file(file)
        if not raw:
            return {**line, "size": 0, "omitted": "missing"}
        written = archive.add(file["path"], lambda: raw)
        return {**line, "size": written.size, "sha256": written.sha256}

    def _read_file(self, file):
        attachment = file["attachment"]
        if attachment is None:
            return self._get_statement(file["mark"])
        raw = attachment.raw
        attachment.invalidate_recordset(["raw"])  # one after the other, never all in memory
        return raw

    def _get_statement(self, mark):
        """Printed anew when it has to say something else."""
        if self.statement_digest != mark or not self.statement_file:
            report = self.env.ref("account_credit_care.action_report_credit_statement")
            pdf, _type = report._render_qweb_pdf(report, self.ids)
            self.write({"statement_file": b64encode(pdf), "statement_digest": mark})
        return b64decode(self.with_context(bin_size=False).statement_file)

    def _note_fetched(self):
        """The house sees that the agency has it."""
        today = self.company_id._credit_today()
        if self.fetched_on != today:
            self.with_user(SUPERUSER_ID).fetched_on = today

    def _get_dossier_name(self):
        return safe_name(f"{self.name or self.env._('Placement')}.zip".replace("/", "-"))

    # ------------------------------------------------------------------ added by hand

    def _is_kept(self, field):
        """Controllers add documents, and write nothing else; the night's kept file is nobody's."""
        if field.name == "document_ids":
            return not self.env.user.has_group(USER)
        if "account_credit_care" in field._modules and not self.env.user.has_group(MANAGER):
            return True
        return super()._is_kept(field)

    def write(self, vals):
        if self.env.su or "document_ids" not in vals:
            return super().write(vals)
        if any(placement.state not in OPEN for placement in self):
            raise UserError(self.env._("This placement is over: nothing is added to it."))
        before = {placement.id: placement.sudo().document_ids for placement in self}
        result = super().write(vals)
        for placement in self:
            placement._check_documents(before[placement.id])
        return result

    def _check_documents(self, before):
        """Nobody hands out what he may not read himself, and nothing too large for a mail."""
        added = self.sudo().document_ids - before
        added.with_env(self.env).check_access("read")
        loose = added.filtered(lambda one: not one.res_id and not one.public)
        loose.write({"res_model": self._name, "res_id": self.id})
        if sum(self.sudo().document_ids.mapped("file_size")) > MAX_DOCUMENTS:
            raise UserError(self.env._(
                "The documents of a placement may take %(limit)s MB together. Remove one, or make"
                " the pictures smaller.", limit=MAX_DOCUMENTS // 1024 // 1024,
            ))

    # ------------------------------------------------------------------ the house's button

    def action_download_dossier(self):
        """What the agency gets, before and after it gets it."""
        self.ensure_one()
        self._check_may_download()
        return {
            "type": "ir.actions.act_url", "target": "download",
            "url": f"/credit/placement/{self.id}/dossier.zip",
        }

    def _check_may_download(self):
        self._entitled("user", self.env._("Only credit controllers see the dossier."), "read")
