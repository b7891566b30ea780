"""Settings, the wire's errors, what is printed."""

import json
import os
import stat
import urllib.error

import odoorpc
import pytest
from credit_care_agency import cli, config
from credit_care_agency.errors import (
    AccessRefusedError,
    ConnectionLostError,
    NotEntrustedError,
    ServerError,
    UsageError,
)
from credit_care_agency.transport import Transport, split_url

KEY = "0123456789secret"
STATUS = {
    "user": "Gina", "mandates": [], "keys": [{"name": "night", "until": "2026-06-01T00:00:00Z"}],
    "codes": {"outcome": {"reached": "Reached"}, "reason": {}, "channel": {}, "method": {}},
    "limits": {"entries": 100, "list": 100},
}
FILE = "kind,placement,on,outcome\n" + "".join(
    f"contact,PL/{number},2026-03-05,reached\n" for number in range(250)
)


class Wire:
    """Stands where the transport stands."""

    def __init__(self, *_args):
        self.calls = []

    def call(self, method, *args, **_kwargs):
        self.calls.append((method, args))
        if method == "get_status":
            return STATUS
        if len(self.calls) == self.dies_at:
            raise ConnectionLostError("cut")
        return [
            {"key": one["key"], "ok": one["placement"] != "PL/7", "id": 1, "message": "no",
             "field": "placement", "repeated": False}
            for one in args[0]
        ]

    dies_at = None


@pytest.fixture
def wire(monkeypatch, tmp_path):
    monkeypatch.delenv(config.KEY_VARIABLE, raising=False)
    monkeypatch.setattr(cli, "Transport", lambda *args: found)
    config.save(tmp_path / "c.json", config.Settings("https://x.example", "db", "gina"), KEY)
    found = Wire()
    return found


def run(tmp_path, *arguments):
    return cli.main(["--config", str(tmp_path / "c.json"), *map(str, arguments)])


# ---------------------------------------------------------------------- settings


def test_the_key_lies_where_nobody_else_reads_it(tmp_path):
    path = tmp_path / "deep" / "c.json"
    config.save(path, config.Settings("https://x.example", "db", "gina"), KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert config.load(path)[1] == KEY
    os.chmod(path, 0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        config.load(path)


def test_the_environment_goes_first_and_is_not_written(monkeypatch, tmp_path, wire, capsys):
    monkeypatch.setenv(config.KEY_VARIABLE, "of-the-environment")
    assert config.load(tmp_path / "c.json")[1] == "of-the-environment"
    run(tmp_path, "login", "--url", "https://x.example", "--db", "db", "--login", "gina")
    assert "of-the-environment" not in (tmp_path / "c.json").read_text()
    assert "of-the-environment" not in capsys.readouterr().out


@pytest.mark.parametrize(("url", "expected"), [
    ("https://odoo.example", ("odoo.example", 443, True)),
    ("odoo.example:8443", ("odoo.example", 8443, True)),
    ("http://localhost:8069", ("localhost", 8069, False)),
])
def test_addresses(url, expected):
    assert split_url(url) == expected


@pytest.mark.parametrize("url", [
    "http://odoo.example", "ftp://odoo.example", "https://", "https://odoo.example/odoo",
    "https://u:p@odoo.example", "https://odoo.example:99999",
])
def test_addresses_that_are_refused(url):
    with pytest.raises(UsageError):
        split_url(url)


# ---------------------------------------------------------------------- the wire


@pytest.mark.parametrize(("error", "expected"), [
    (odoorpc.error.RPCError("Wrong login ID or password"), AccessRefusedError),
    (odoorpc.error.RPCError("x", {"data": {"name": "odoo.exceptions.AccessDenied"}}),
     AccessRefusedError),
    (odoorpc.error.RPCError("x", {"data": {"name": "odoo.exceptions.AccessError",
                                           "message": "not yours"}}), NotEntrustedError),
    (odoorpc.error.RPCError("x", {"data": {"name": "odoo.exceptions.UserError",
                                           "message": "no"}}), ServerError),
    (odoorpc.error.RPCError("x", {"data": {"name": "builtins.KeyError", "message": "'x'",
                                           "debug": f"Traceback {KEY}"}}), ServerError),
    (urllib.error.URLError("refused"), ConnectionLostError),
    (urllib.error.HTTPError("u", 502, "bad", {}, None), ConnectionLostError),
    (TimeoutError("timed out"), ConnectionLostError),
    (json.JSONDecodeError("x", "y", 0), ConnectionLostError),
])
def test_whatever_goes_wrong_is_said_to_a_person_without_the_key(error, expected):
    transport = Transport(
        config.Settings("https://x.example", "db", "gina"), KEY, sleep=lambda _pause: None
    )
    asked = []

    def fail():
        asked.append(1)
        raise error

    with pytest.raises(expected) as caught:
        transport._repeat(fail)
    assert KEY not in str(caught.value)
    assert len(asked) == (3 if expected is ConnectionLostError else 1)


# ---------------------------------------------------------------------- push


def test_lines_are_sent_in_batches_and_answered_line_by_line(tmp_path, wire, capsys):
    (tmp_path / "f.csv").write_text(FILE)
    assert run(tmp_path, "push", tmp_path / "f.csv") == 4
    assert [len(args[0]) for method, args in wire.calls if method == "push"] == [100, 100, 50]
    told = capsys.readouterr()
    assert "line 9, placement: no" in told.err
    assert "249 entered, 0 were there already, 1 refused" in told.out


def test_cut_off_it_says_what_was_entered_and_that_it_may_be_repeated(tmp_path, wire, capsys):
    (tmp_path / "f.csv").write_text(FILE)
    wire.dies_at = 3
    assert run(tmp_path, "push", tmp_path / "f.csv") == 5
    assert "99 entered, 0 were there already, 1 refused, 150 not sent" in capsys.readouterr().out
    assert run(tmp_path, "--json", "push", tmp_path / "f.csv") == 4


def test_nothing_is_sent_of_a_file_with_one_wrong_line(tmp_path, wire, capsys):
    (tmp_path / "f.csv").write_text(FILE + "contact,PL/9,2026-03-05,shouted\n")
    assert run(tmp_path, "push", tmp_path / "f.csv") == 3
    assert [method for method, _args in wire.calls] == ["get_status"]
    assert "line 252, outcome:" in capsys.readouterr().err


def test_a_dry_run_sends_nothing(tmp_path, wire, capsys):
    (tmp_path / "f.csv").write_text(FILE)
    assert run(tmp_path, "--json", "push", "--dry-run", tmp_path / "f.csv") == 0
    assert [method for method, _args in wire.calls] == ["get_status"]
    assert json.loads(capsys.readouterr().out) == {"ok": True, "total": 250, "dry_run": True}


def test_a_program_reads_json_and_codes(tmp_path, wire, capsys):
    assert run(tmp_path, "--json", "push", tmp_path / "none.csv") == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["code"]) == (False, 3)
    assert cli.main(["--config", str(tmp_path / "none.json"), "status"]) == 2
    assert run(tmp_path, "status") == 0
    told = capsys.readouterr()
    assert "reached" in told.out and KEY not in told.out + told.err
