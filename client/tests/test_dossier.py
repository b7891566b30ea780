"""What arrives is looked at before it is believed."""

import hashlib
import io
import zipfile
from base64 import b64encode

import pytest
from credit_care_agency.dossier import open_answer
from credit_care_agency.errors import BadDossierError

DIGEST = "d" * 64
MANIFEST = """<dossier xmlns="urn:credit-care:dossier:1" version="1.0" lang="en-US"
 digest="{digest}">
<placement id="1" number="PL/1" kind="collection" state="sent" pressure="firm" priority="false"/>
<creditor name="Bellandi"/><debtor name="Ferri" company="true"/><note state="waived"/>
<items><item document="INV/1" currency="EUR" due="2026-01-28" original="1" placed="1" open="1"
 disputed="0"/></items>
<receipts/><contacts/><agreements/><disputes/>
<files>{files}</files></dossier>"""
FILES = {"statement.pdf": b"%PDF-1.4", "documents/Contract è.pdf": b"signed"}


def listed(path, content, **more):
    values = {
        "path": path, "role": "document", "size": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(), **more,
    }
    return "<file {}/>".format(" ".join(f'{key}="{value}"' for key, value in values.items()))


def answer(files=None, manifest=None, there=None, digest=DIGEST, **more):
    files = FILES if files is None else files
    manifest = manifest or MANIFEST.format(
        digest=DIGEST, files="".join(listed(path, files[path]) for path in files)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in (files if there is None else there).items():
            archive.writestr(path, content)
        archive.writestr("manifest.xml", manifest)
    content = out.getvalue()
    return {
        "digest": digest, "sha256": hashlib.sha256(content).hexdigest(),
        "content": b64encode(content).decode(), **more,
    }


def test_a_good_one_is_given_as_files():
    dossier = open_answer(answer())
    assert {path: dossier.files[path] for path in FILES} == FILES
    assert "manifest.xml" in dossier.files
    assert dossier.omitted == []


def test_what_the_house_left_out_is_named():
    manifest = MANIFEST.format(digest=DIGEST, files=listed("statement.pdf", b"%PDF-1.4")
                               + '<file path="documents/big.pdf" role="document" size="9"'
                                 ' omitted="size"/>')
    dossier = open_answer(answer(manifest=manifest, there={"statement.pdf": b"%PDF-1.4"}))
    assert dossier.omitted == ["documents/big.pdf"]


@pytest.mark.parametrize("path", [
    "../evil.pdf", "/etc/passwd", "documents/../../evil", "documents/a/b.pdf", "C:evil.pdf",
    "documents/..", "documents/a\u202eb.pdf", "documents/.hidden", "other/x.pdf", "documents/x ",
    "documents\\evil.pdf",
])
def test_no_path_leads_anywhere_else(path):
    with pytest.raises(BadDossierError):
        open_answer(answer({"statement.pdf": b"%PDF", path: b"x"}))


@pytest.mark.parametrize("change", [
    {"sha256": "0" * 64},
    {"content": "no base64"},
    {"content": None},
    {"digest": "e" * 64},
])
def test_an_answer_that_is_not_what_was_announced_is_refused(change):
    with pytest.raises(BadDossierError):
        open_answer({**answer(), **change})


@pytest.mark.parametrize("there", [
    {"statement.pdf": b"%PDF-1.5", "documents/Contract è.pdf": b"signed"},  # changed
    {"statement.pdf": b"%PDF-1.4" * 9999, "documents/Contract è.pdf": b"signed"},  # grown
    {"statement.pdf": b"%PDF-1.4"},  # one missing
    {**FILES, "documents/more.pdf": b"x"},  # one that nobody announced
])
def test_files_are_those_of_the_manifest(there):
    with pytest.raises(BadDossierError):
        open_answer(answer(there=there))


@pytest.mark.parametrize("manifest", [
    "<dossier/>", "no xml",
    '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    + MANIFEST.format(digest=DIGEST, files=listed("statement.pdf", b"%PDF-1.4")),
])
def test_a_manifest_that_is_not_valid_is_refused(manifest):
    with pytest.raises(BadDossierError):
        open_answer(answer(manifest=manifest, there={"statement.pdf": b"%PDF-1.4"}))


def test_a_truncated_zip_is_refused():
    whole = answer()
    content = b64encode(b"PK\x03\x04 cut").decode()
    with pytest.raises(BadDossierError):
        open_answer({
            **whole, "content": content, "sha256": hashlib.sha256(b"PK\x03\x04 cut").hexdigest(),
        })
