"""XML of others: no entities, no DTD, no network, no bombs."""

from functools import cache
from importlib.resources import files

from lxml import etree


def make_parser():
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )


class XmlError(Exception):
    """``problems``: ``[(line, message), …]``"""

    def __init__(self, problems):
        super().__init__(problems[0][1])
        self.problems = problems


def parse(content, schema):
    """The root of a document that the schema has accepted."""
    try:
        root = etree.fromstring(content, make_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise XmlError([(line, f"This is no XML: {error}")]) from None
    if root.getroottree().docinfo.doctype:
        raise XmlError([(1, "A document type is not allowed here. Remove the line <!DOCTYPE …>.")])
    rules = load_schema(schema)
    if not rules.validate(root):
        raise XmlError([(found.line, _clean(found.message)) for found in rules.error_log])
    return root


@cache
def load_schema(name):
    content = files(__package__).joinpath(name).read_bytes()
    return etree.XMLSchema(etree.fromstring(content, make_parser()))


def _clean(message):
    """Without the namespaces that libxml puts before each name."""
    return message.replace("{urn:credit-care:dossier:1}", "").replace(
        "{urn:credit-care:entries:1}", ""
    )
