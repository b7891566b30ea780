"""Contacts, promises and claims from a file: every line is looked at before one of them is sent."""

import csv
import hashlib
import io
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from . import xml
from .errors import FileError

SCHEMA = "entries-1.0.xsd"
MAX_BYTES = 20 * 1024 * 1024
MAX_LINES = 20_000
MAX_TEXT = 3000
MAX_KEY = 100
DELIMITERS = ",;\t"
# of each kind: its fields, and whether they have to be filled in
KINDS = {
    "contact": {
        "on": True, "outcome": False, "reason": False, "channel": False, "again_at": False,
        "remark": False,
    },
    "promise": {"on": True, "amount": True, "currency": False, "remark": False},
    "claim": {"on": True, "amount": True, "currency": False, "method": True, "remark": False},
}
COLUMNS = ("kind", "placement", "key", *dict.fromkeys(
    name for names in KINDS.values() for name in names
))
CODED = ("outcome", "reason", "channel", "method")
PLAIN_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,6})?|\d{1,12},\d{1,2}")
CURRENCY = re.compile(r"[A-Z]{3}")


class Entry(NamedTuple):
    line: int
    values: dict  # as the server takes them, with kind, placement and key


class Problem(NamedTuple):
    line: int
    field: str
    message: str


def read(path, codes):
    """The entries of a file, each with a key; or ``FileError`` with all that is wrong in it.
    ``codes``: ``{field: {code: label}}``, as the server knows them."""
    path = Path(path)
    try:
        content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from None
    if content is None:
        raise FileError(f"{path} is larger than {MAX_BYTES // 1024 // 1024} MB. Split it.")
    is_xml = path.suffix.lower() == ".xml" or content.lstrip()[:5] == b"<?xml"
    rows, problems = (_read_xml if is_xml else _read_csv)(content)
    for line, row in rows:
        problems += [Problem(line, *one) for one in _check(row, codes)]
    entries = _with_keys(rows, problems) if not problems else []
    if problems:
        problems.sort()
        raise FileError(
            f"{path.name}: {len(problems)} to mend. Nothing was sent.",
            [problem._asdict() for problem in problems],
        )
    if not entries:
        raise FileError(f"{path.name} has no entries.")
    return entries


# ---------------------------------------------------------------------- CSV


def _read_csv(content):
    """``([(line, {field: text}), …], problems)``"""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [Problem(line, "", "This is not UTF-8. Save the file as “CSV UTF-8”.")]
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        return [], [Problem(line, "", "There is a sign here that no text has. Is this a CSV file?")]
    head = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _read_rows(reader)
    except csv.Error as error:
        return [], [Problem(reader.line_num, "", f"This line cannot be read: {error}.")]


def _read_rows(reader):
    names = [name.strip().lower() for name in next(reader, [])]
    problems = [Problem(1, *one) for one in _check_head(names)]
    if problems:
        return [], problems
    rows, start = [], reader.line_num + 1
    for cells in reader:
        line, start = start, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            problems.append(Problem(line, "", (
                f"This line has {len(cells)} columns, the first line has {len(names)}. Put texts"
                " with separators or line breaks between quotes."
            )))
        elif len(rows) == MAX_LINES:
            problems.append(Problem(line, "", f"More than {MAX_LINES} lines. Split the file."))
            break
        else:
            pairs = zip(names, (cell.strip() for cell in cells), strict=True)
            rows.append((line, {name: cell for name, cell in pairs if cell}))
    return rows, problems


def _check_head(names):
    for name in ("kind", "placement", "on"):
        if name not in names:
            yield name, f"The first line names the columns; the column “{name}” is missing."
    for name in dict.fromkeys(names):
        if name not in COLUMNS:
            yield name, f"There is no column “{name}”. There are: {', '.join(COLUMNS)}."
        elif names.count(name) > 1:
            yield name, f"The column “{name}” is there twice."


# ---------------------------------------------------------------------- XML


def _read_xml(content):
    try:
        root = xml.parse(content, SCHEMA)
    except xml.XmlError as error:
        return [], [Problem(line, "", message) for line, message in error.problems]
    if len(root) > MAX_LINES:
        return [], [Problem(1, "", f"More than {MAX_LINES} entries. Split the file.")]
    rows = []
    for node in root:
        row = {"kind": node.tag.rpartition("}")[2], **node.attrib}
        if node.text and node.text.strip():
            row["remark"] = node.text.strip()
        rows.append((node.sourceline, {name: value.strip() for name, value in row.items()}))
    return rows, []


# ---------------------------------------------------------------------- each line


def _check(row, codes):
    """``(field, message)`` of whatever is wrong."""
    if not row.get("placement"):
        yield "placement", "Write the number of the position."
    if len(row.get("key", "")) > MAX_KEY:
        yield "key", f"A key has {MAX_KEY} letters at most."
    kind = row.get("kind", "")
    if kind not in KINDS:
        yield "kind", f"Write one of: {', '.join(KINDS)}."
        return
    known = KINDS[kind]
    for name, is_required in known.items():
        if is_required and not row.get(name):
            yield name, f"A {kind} needs it: fill it in."
    for name in row.keys() - {"kind", "placement", "key"}:
        problem = (
            _check_value(kind, name, row[name], codes) if name in known
            else f"A {kind} has no “{name}”: leave it empty."
        )
        if problem:
            yield name, problem
    if kind == "contact":
        yield from _check_contact(row)


def _check_contact(row):
    if row.get("channel", "phone") == "phone" and not row.get("outcome"):
        yield "outcome", "Write what came of the call."
    if row.get("outcome") == "call_back" and not row.get("again_at"):
        yield "again_at", "Write when to call back."


def _check_value(kind, name, value, codes):
    if len(value) > MAX_TEXT:
        return f"{MAX_TEXT} letters at most."
    if name in CODED and value not in codes.get(name, {}):
        return f"“{value}” is not one of: {', '.join(codes.get(name, {}))}."
    if name == "amount" and (
        not PLAIN_AMOUNT.fullmatch(value) or not float(value.replace(",", "."))
    ):
        return f"“{value}” is no amount. Write it like 1234.56, without separators of thousands."
    if name == "currency" and not CURRENCY.fullmatch(value):
        return f"“{value}” is no currency. Write its code, like EUR."
    if name in ("on", "again_at"):
        return _check_moment(value, day=name == "on", moment=kind == "contact")
    return ""


def _check_moment(value, day, moment):
    try:
        if len(value) == 10 and day:
            date.fromisoformat(value)
            return ""
        if moment and len(value) > 10:
            datetime.fromisoformat(value.replace("Z", "+00:00"))
            return ""
    except ValueError:
        pass
    shapes = [shape for shape, fits in (("2026-03-31", day), ("2026-03-31T14:30", moment)) if fits]
    return f"“{value}” is none that there is. Write it like {' or '.join(shapes)}."


def _normal_amount(value):
    whole, _dot, part = value.replace(",", ".").partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


# ---------------------------------------------------------------------- keys


def _with_keys(rows, problems):
    """An entry without a key gets one made of what it says: the same line is the same entry, in
    this file and in the next."""
    entries, first = [], {}
    for line, row in rows:
        if "amount" in row:
            row = {**row, "amount": _normal_amount(row["amount"])}
        key = row.get("key") or derive_key(row)
        if key in first:
            problems.append(Problem(line, "key", (
                f"This is the same as line {first[key]}. Remove one; if both took place, give each"
                " a key of its own."
            )))
        first.setdefault(key, line)
        entries.append(Entry(line, {**row, "key": key}))
    return entries


def derive_key(row):
    content = json.dumps(
        {name: row[name] for name in row if name != "key"}, sort_keys=True, ensure_ascii=True
    )
    return "auto-" + hashlib.sha256(content.encode()).hexdigest()[:40]
