"""The manifest of a dossier: ``static/xsd/dossier-1.0.xsd``, explained in docs/dossier.md."""
from functools import cache

from lxml import etree

from odoo.tools import file_open

NAMESPACE = "urn:credit-care:dossier:1"
VERSION = "1.0"
SCHEMA = "account_credit_care/static/xsd/dossier-1.0.xsd"
ADDRESSED = ("creditor", "debtor")


def write_manifest(content, digest, files):
    """``content`` as ``credit.dossier`` tells it, ``files`` as dicts of attributes; bytes of XML
    that the schema has accepted."""
    root = etree.Element(_tag("dossier"), nsmap={None: NAMESPACE})
    _set(root, {"version": VERSION, "digest": digest, "lang": content["lang"].replace("_", "-")})
    _add_placement(root, content["placement"])
    for name in ADDRESSED:
        _add_party(root, name, content[name])
    _add_note(root, content["note"])
    for group, name in (("items", "item"), ("receipts", "receipt"), ("contacts", "contact")):
        _add_list(root, group, name, content[group])
    _add_nested(root, "agreements", "agreement", "instalment", content["agreements"])
    _add_disputes(root, content["disputes"])
    _add_list(root, "files", "file", files)
    _get_schema().assertValid(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


@cache
def _get_schema():
    with file_open(SCHEMA, "rb") as file:
        return etree.XMLSchema(etree.parse(file))


# ---------------------------------------------------------------------- parts


def _add_placement(root, values):
    texts = {name: values[name] for name in ("agency", "mandate", "disclosure")}
    node = _add(root, "placement", {k: v for k, v in values.items() if k not in texts})
    for name, text in texts.items():
        _add_text(node, name, text)


def _add_party(root, name, values):
    node = _add(root, name, {
        key: value for key, value in values.items() if isinstance(value, (str, bool))
    })
    for line in values["address"]:
        _add_text(node, "address", line)
    if values["contact"]:
        _add(node, "contact", values["contact"])
    for account in values.get("accounts", ()):
        _add(node, "account", account)


def _add_note(root, values):
    texts = {name: values[name] for name in ("approach", "attention") if name in values}
    node = _add(root, "note", {k: v for k, v in values.items() if k not in texts})
    for name, text in texts.items():
        _add_text(node, name, text)


def _add_list(root, group, name, rows):
    node = _add(root, group, {})
    for row in rows:
        _add(node, name, row)


def _add_nested(root, group, name, part, rows):
    node = _add(root, group, {})
    for row in rows:
        one = _add(node, name, {k: v for k, v in row.items() if not isinstance(v, list)})
        for child in row[f"{part}s"]:
            _add(one, part, child)


def _add_disputes(root, rows):
    node = _add(root, "disputes", {})
    for row in rows:
        texts = {name: row[name] for name in ("text", "answer")}
        one = _add(node, "dispute", {
            k: v for k, v in row.items() if k not in texts and k != "items"
        })
        for name, text in texts.items():
            _add_text(one, name, text)
        for item in row["items"]:
            _add(one, "item", item)


# ---------------------------------------------------------------------- nodes


def _tag(name):
    return f"{{{NAMESPACE}}}{name}"


def _add(parent, name, values):
    node = etree.SubElement(parent, _tag(name))
    _set(node, values)
    return node


def _add_text(parent, name, text):
    if text:
        etree.SubElement(parent, _tag(name)).text = _clean(text)


def _set(node, values):
    """What is empty is left out: an attribute that is there says something."""
    for name, value in values.items():
        if isinstance(value, bool):
            node.set(name, "true" if value else "false")
        elif value or value == 0:
            node.set(name, _clean(str(value)))


def _clean(text):
    """Without the signs that XML cannot hold, whoever typed them."""
    return "".join(
        sign for sign in text.replace("\r\n", "\n").replace("\r", "\n")
        if sign in "\t\n" or "\x20" <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd"
        or sign >= "\U00010000"
    )
