import re

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import fix_filename_extension, guess_mimetype

MAX_FILES = 3
MAX_BYTES = 5 * 1024 * 1024
FILE_TYPES = {"application/pdf", "image/jpeg", "image/png", "image/heic"}
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}


class CreditCase(models.Model):
    """Files that debtors send with an answer. What a file is, its content says: neither its name
    nor what the browser claims."""

    _inherit = "credit.case"

    def _check_files(self, files):
        """``files``: ``(name, content)``; returns values for attachments."""
        if len(files) > MAX_FILES:
            raise UserError(self.env._("Please send three files at most."))
        return [self._check_file(name, content) for name, content in files]

    def _check_file(self, name, content):
        name = re.sub(r"[^\w .()-]", "_", name or "")[-80:].strip() or "file"
        if len(content) > MAX_BYTES:
            raise UserError(self.env._(
                "“%(name)s” is larger than 5 MB. A smaller picture will do.", name=name
            ))
        mimetype = self._guess_type(content)
        if mimetype not in FILE_TYPES:
            raise UserError(self.env._(
                "“%(name)s” is neither a PDF nor a picture (JPG, PNG, HEIC).", name=name
            ))
        return {
            "name": fix_filename_extension(name, mimetype), "raw": content, "mimetype": mimetype,
        }

    def _guess_type(self, content):
        if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
            return "image/heic"  # known to core only where libmagic is installed
        return guess_mimetype(content, default="application/octet-stream")

    def _keep_files(self, checked):
        """Readable for whoever may read the case, by no link of their own."""
        return self.env["ir.attachment"].sudo().create([
            {**values, "res_model": self._name, "res_id": self.id, "public": False}
            for values in checked
        ])
