"""What arrived, looked at before it is believed: sums, schema, names, sizes."""

import hashlib
import io
import zipfile
import zlib
from base64 import b64decode
from typing import NamedTuple

from . import xml
from .errors import BadDossierError

MANIFEST = "manifest.xml"
SCHEMA = "dossier-1.0.xsd"
NAMESPACE = "{urn:credit-care:dossier:1}"
MAX_MANIFEST = 32 * 1024 * 1024
MAX_FILE = 64 * 1024 * 1024
FOLDERS = ("", "invoices", "agreements", "documents")
WRONG_SIGNS = set('\\:*?"<>|')


class Dossier(NamedTuple):
    files: dict  # path: bytes
    omitted: list  # paths that the house left out


def open_answer(answer):
    """The dossier in an answer of the server, or ``BadDossierError``."""
    try:
        content = b64decode(answer["content"], validate=True)
    except (KeyError, TypeError, ValueError):
        raise BadDossierError("what arrived is no dossier") from None
    if hashlib.sha256(content).hexdigest() != answer.get("sha256"):
        raise BadDossierError("it was changed on the way (its SHA-256 differs)")
    return open_zip(content, answer.get("digest"))


def open_zip(content, digest=None):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive, digest)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise BadDossierError("the ZIP is damaged") from None


def _read(archive, digest):
    names = archive.namelist()
    if len(set(names)) != len(names) or MANIFEST not in names:
        raise BadDossierError("the ZIP has no manifest, or one name twice")
    manifest = _member(archive, MANIFEST, MAX_MANIFEST)
    try:
        root = xml.parse(manifest, SCHEMA)
    except xml.XmlError as error:
        raise BadDossierError(f"its manifest is not valid: {error}") from None
    if digest and root.get("digest") != digest:
        raise BadDossierError("it is another dossier than the one that was asked for")
    listed = {one.get("path"): one for one in root.iter(f"{NAMESPACE}file")}
    there = {path for path, one in listed.items() if not one.get("omitted")}
    if there | {MANIFEST} != set(names):
        raise BadDossierError("its files are not those of its manifest")
    files = {path: _check(archive, path, listed[path]) for path in sorted(there)}
    return Dossier({**files, MANIFEST: manifest}, sorted(listed.keys() - there))


def _check(archive, path, listed):
    _check_path(path)
    size = int(listed.get("size"))
    content = _member(archive, path, min(size, MAX_FILE))
    if len(content) != size or hashlib.sha256(content).hexdigest() != listed.get("sha256"):
        raise BadDossierError(f"{path} is damaged (its size or SHA-256 differs)")
    return content


def _member(archive, path, limit):
    """Never more than was announced, whatever it unpacks to."""
    with archive.open(path) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise BadDossierError(f"{path} is larger than announced")
    return content


def _check_path(path):
    folder, _slash, name = path.rpartition("/")
    wrong = (
        folder not in FOLDERS or not name or name[0] in ". " or name[-1] in ". "
        or len(name.encode()) > 120 or set(path) & WRONG_SIGNS
        or any(not sign.isprintable() for sign in path)
    )
    if wrong:
        raise BadDossierError(f"{path!r} is no name for a file")
