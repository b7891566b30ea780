"""Files typed by people and written by other programs."""

import pytest
from credit_care_agency import entries
from credit_care_agency.errors import FileError

CODES = {
    "outcome": {"reached": "Reached", "call_back": "To be called back"},
    "channel": {"phone": "Phone", "letter": "Letter"},
    "method": {"transfer": "Bank transfer"},
    "reason": {"no_money": "No money now"},
}
HEAD = "kind,placement,on,outcome,reason,channel,again_at,amount,currency,method,remark,key\n"
CONTACT = "contact,PL/1,2026-03-05T10:30,reached,no_money,,,,,,Asks for time,\n"
PROMISE = "promise,PL/1,2026-03-20,,,,,500.50,EUR,,,\n"
CLAIM = "claim,PL/1,2026-03-04,,,,,20,,transfer,,k-7\n"


def read(tmp_path, text, name="file.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return entries.read(path, CODES)


def problems(tmp_path, text, name="file.csv"):
    with pytest.raises(FileError) as caught:
        read(tmp_path, text, name)
    return [(one["line"], one["field"]) for one in caught.value.problems]


def test_a_csv_becomes_entries_as_the_server_takes_them(tmp_path):
    contact, promise, claim = read(tmp_path, HEAD + CONTACT + PROMISE + CLAIM)
    assert contact.values == {
        "kind": "contact", "placement": "PL/1", "on": "2026-03-05T10:30", "outcome": "reached",
        "reason": "no_money", "remark": "Asks for time", "key": contact.values["key"],
    }
    assert (promise.line, promise.values["amount"]) == (3, "500.5")
    assert promise.values["currency"] == "EUR"
    assert claim.values["key"] == "k-7"


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_spreadsheets_write_is_read_as_well(tmp_path, delimiter):
    text = (HEAD + CONTACT + '"promise",PL/2,2026-03-20,,,,,"12,50",EUR,,"two\r\nlines",\r\n')
    text = text.replace('"12,50"', "12.5").replace(",", delimiter).replace("12.5", '"12,50"')
    found = read(tmp_path, b"\xef\xbb\xbf" + text.encode())
    assert found[1].values["amount"] == "12.5"
    assert found[1].values["remark"].split() == ["two", "lines"]


def test_an_xml_becomes_the_same_entries(tmp_path):
    text = """<?xml version="1.0" encoding="UTF-8"?>
<entries xmlns="urn:credit-care:entries:1">
  <contact placement="PL/1" on="2026-03-05T10:30" outcome="reached"
    reason="no_money">Asks for time</contact>
  <promise placement="PL/1" on="2026-03-20" amount="500.50" currency="EUR"/>
  <claim placement="PL/1" on="2026-03-04" amount="20" method="transfer" key="k-7"/>
</entries>"""
    from_xml = read(tmp_path, text, "file.xml")
    from_csv = read(tmp_path, HEAD + CONTACT + PROMISE + CLAIM)
    assert [one.values for one in from_xml] == [one.values for one in from_csv]
    assert [one.line for one in from_xml] == [4, 5, 6]


def test_every_line_that_is_wrong_is_named_with_its_field(tmp_path):
    lines = [
        "contact,,2026-03-05,reached,,,,,,,,",  # no position
        "contact,PL/1,5.3.2026,reached,,,,,,,,",
        "contact,PL/1,2026-02-30,reached,,,,,,,,",
        "contact,PL/1,2026-03-05,shouted,,,,,,,,",
        "contact,PL/1,2026-03-05,call_back,,,,,,,,",
        "contact,PL/1,2026-03-05,,,,,,,,,",
        'promise,PL/1,2026-03-05,,,,,"1.234,50",,,,',
        "promise,PL/1,2026-03-05,,,,,0,,,,",
        "promise,PL/1,2026-03-05,,,,,-5,,,,",
        "promise,PL/1,2026-03-05T10:00,,,,,5,,,,",
        "promise,PL/1,2026-03-05,reached,,,,5,,,,",
        "claim,PL/1,2026-03-05,,,,,5,euro,transfer,,",
        "claim,PL/1,2026-03-05,,,,,5,EUR,,,",
        "visit,PL/1,2026-03-05,,,,,,,,,",
        "contact,PL/1",
    ]
    assert problems(tmp_path, HEAD + "\n".join(lines)) == [
        (2, "placement"), (3, "on"), (4, "on"), (5, "outcome"), (6, "again_at"), (7, "outcome"),
        (8, "amount"), (9, "amount"), (10, "amount"), (11, "on"), (12, "outcome"),
        (13, "currency"), (14, "method"), (15, "kind"), (16, ""),
    ]


def test_a_line_after_a_text_of_several_lines_has_its_own_number(tmp_path):
    text = HEAD + 'contact,PL/1,2026-03-05,reached,,,,,,,"a\nb\nc",\n\n'
    text += "visit,PL/1,2026-03-05,,,,,,,,,"
    assert problems(tmp_path, text) == [(6, "kind")]


@pytest.mark.parametrize("text", [
    "placement,on\nPL/1,2026-03-05\n",
    "kind,placement,on,shoe\ncontact,PL/1,2026-03-05,1\n",
    "kind,placement,on,on\ncontact,PL/1,2026-03-05,1\n",
    "",
])
def test_a_wrong_first_line_is_said_first(tmp_path, text):
    assert {line for line, _field in problems(tmp_path, text)} == {1}


@pytest.mark.parametrize("text", [
    b"\xff\xfek\x00i\x00n\x00d\x00", b"PK\x03\x04\x00\x00", b"kind;placement\n\xe0\xe8;x\n",
])
def test_what_is_no_csv_is_refused(tmp_path, text):
    assert problems(tmp_path, text)


def test_the_same_line_is_the_same_entry_and_is_not_sent_twice_by_mistake(tmp_path):
    [one], [again] = read(tmp_path, HEAD + CONTACT), read(tmp_path, HEAD + CONTACT + "\n")
    assert one.values["key"] == again.values["key"]
    assert problems(tmp_path, HEAD + CONTACT + PROMISE + CONTACT) == [(4, "key")]
    both = CONTACT.replace(",\n", ",a\n") + CONTACT.replace(",\n", ",b\n")
    assert [one.values["key"] for one in read(tmp_path, HEAD + both)] == ["a", "b"]


def test_an_amount_written_in_another_way_is_the_same_entry(tmp_path):
    keys = {
        read(tmp_path, HEAD + PROMISE.replace("500.50", amount))[0].values["key"]
        for amount in ("500.50", "500.5", '"500,50"', "0500.500")
    }
    assert len(keys) == 1


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<entries xmlns="urn:credit-care:entries:1"><contact placement="&b;" on="2026-03-05"/></entries>"""


@pytest.mark.parametrize("text", [
    BOMB,
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><entries xmlns="urn:credit-care:entries:1">'
    b'<contact placement="a" on="2026-03-05"/></entries>',
    b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    b'<entries xmlns="urn:credit-care:entries:1"><contact placement="a" on="2026-03-05">&f;'
    b"</contact></entries>",
    b"<entries>", b"<?xml version='1.0'?>", b"<entries/>",
    b'<entries xmlns="urn:credit-care:entries:1"/>',
])
def test_hostile_and_foreign_xml_is_refused(tmp_path, text):
    with pytest.raises(FileError) as caught:
        read(tmp_path, text, "file.xml")
    assert "root:" not in str(caught.value.problems)
    assert caught.value.problems


def test_errors_of_the_schema_bear_their_line(tmp_path):
    text = """<entries xmlns="urn:credit-care:entries:1">
  <contact placement="PL/1" on="2026-03-05" outcome="reached"/>
  <promise placement="PL/1" on="2026-03-20"/>
  <claim placement="" on="yesterday" amount="x" method="transfer"/>
</entries>"""
    assert {line for line, _field in problems(tmp_path, text, "file.xml")} == {3, 4}
