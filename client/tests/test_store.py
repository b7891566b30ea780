"""The folder: whole dossiers only, whatever happens in between."""

import os

import pytest
from credit_care_agency.dossier import Dossier
from credit_care_agency.errors import BadDossierError, ConnectionLostError, UsageError
from credit_care_agency.pull import pull
from credit_care_agency.store import Store

SERVER = "gina on db at https://odoo.example"


def dossier(text):
    return Dossier({"manifest.xml": text.encode(), "documents/a.txt": b"a"}, [])


class Desk:
    """A server of a few lines: ``numbers`` to digests, two in each part of the list."""

    def __init__(self, monkeypatch, **digests):
        self.digests, self.asked, self.dies_after, self.bad = digests, [], None, ()
        monkeypatch.setattr(
            "credit_care_agency.pull.open_answer", lambda answer: self._open(answer)
        )

    def _open(self, answer):
        if answer["name"] in self.bad:
            raise BadDossierError("it was changed on the way")
        return dossier(answer["digest"])

    def call(self, method, *args, since=None, after=None):
        names = sorted(self.digests)
        if method == "pull_list":
            part = [name for name in names if names.index(name) + 1 > (after or 0)][:2]
            last = names.index(part[-1]) + 1 if part else 0
            return {
                "placements": [
                    {"id": number, "name": f"PL/{name}", "digest": self.digests[name]}
                    for number, name in enumerate(names, 1) if name in part
                ],
                "next": last if last < len(names) else False, "now": "2026-03-05T10:00:00Z",
                "gone": [],
            }
        name = names[args[0] - 1]
        if self.dies_after is not None and len(self.asked) >= self.dies_after:
            raise ConnectionLostError("cut")
        self.asked.append(name)
        return {"digest": self.digests[name], "name": name}


def test_it_fetches_what_is_new_or_changed_and_nothing_else(monkeypatch, tmp_path):
    desk = Desk(monkeypatch, a="1", b="1", c="1")
    report = pull(desk, Store(tmp_path, SERVER))
    assert [one["folder"] for one in report["new"]] == ["PL-a", "PL-b", "PL-c"]
    assert (tmp_path / "PL-b" / "documents" / "a.txt").read_bytes() == b"a"
    desk.asked, desk.digests["b"] = [], "2"
    report = pull(desk, Store(tmp_path, SERVER))
    assert (desk.asked, report["unchanged"]) == (["b"], 2)
    assert (tmp_path / "PL-b" / "manifest.xml").read_text() == "2"


def test_what_another_pull_has_stored_meanwhile_is_known_and_removed_when_it_is_over(
    monkeypatch, tmp_path
):
    desk = Desk(monkeypatch, a="1")
    late = Store(tmp_path, SERVER)
    pull(desk, Store(tmp_path, SERVER))
    desk.digests = {}
    pull(desk, late)
    assert not (tmp_path / "PL-a").exists()


def test_interrupted_it_goes_on_where_it_was(monkeypatch, tmp_path):
    desk = Desk(monkeypatch, a="1", b="1", c="1")
    desk.dies_after = 2
    with pytest.raises(ConnectionLostError):
        pull(desk, Store(tmp_path, SERVER))
    desk.dies_after = None
    pull(desk, Store(tmp_path, SERVER))
    assert desk.asked == ["a", "b", "c"]


@pytest.mark.parametrize("moment", range(1, 12))
def test_killed_at_any_step_on_the_disk_nothing_is_half(monkeypatch, tmp_path, moment):
    """Dies at the so-manieth change of the disk, of a first fetch or of a change."""
    class Killed(BaseException):
        pass

    def dying(name):
        real = getattr(os, name)

        def call(*args, **kwargs):
            steps.append(name)
            if len(steps) == moment:
                raise Killed
            return real(*args, **kwargs)
        return call

    desk = Desk(monkeypatch, a="1", b="1")
    pull(desk, Store(tmp_path, SERVER))
    desk.digests = {"a": "2", "b": "2", "c": "2"}
    steps = []
    with monkeypatch.context() as patch:
        for name in ("rename", "replace", "fsync"):
            patch.setattr(os, name, dying(name))
        try:
            pull(desk, Store(tmp_path, SERVER))
        except Killed:
            pass
    for folder in tmp_path.glob("PL-*"):
        assert sorted(path.name for path in folder.iterdir()) == ["documents", "manifest.xml"]
    store = Store(tmp_path, SERVER)
    for entry in store.known.values():
        manifest = tmp_path / entry["folder"] / "manifest.xml"
        assert not manifest.exists() or manifest.read_text() >= entry["digest"]
    pull(desk, store)
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".credit")} == {
        "PL-a", "PL-b", "PL-c",
    }
    assert all((tmp_path / f"PL-{name}/manifest.xml").read_text() == "2" for name in "abc")


def test_what_is_over_is_removed_or_kept_apart(monkeypatch, tmp_path):
    desk = Desk(monkeypatch, a="1", b="1")
    pull(desk, Store(tmp_path, SERVER))
    del desk.digests["b"]
    report = pull(desk, Store(tmp_path, SERVER))
    assert [one["number"] for one in report["ended"]] == ["PL/b"]
    assert not (tmp_path / "PL-b").exists()
    desk.digests = {}
    pull(desk, Store(tmp_path, SERVER), keep=True)
    assert (tmp_path / "ended" / "PL-a" / "manifest.xml").exists()


@pytest.mark.parametrize("keep", [False, True])
def test_what_the_index_has_forgotten_is_removed_when_it_is_over(monkeypatch, tmp_path, keep):
    """Killed between folder and index, or the index lost: and recalled before the next pull."""
    desk = Desk(monkeypatch, a="1", b="1")
    monkeypatch.setattr("credit_care_agency.pull.open_answer", lambda answer: Dossier(
        {"manifest.xml": b'<?xml version="1.0"?>\n<dossier xmlns="urn:credit-care:dossier:1"/>'}, []
    ))
    pull(desk, Store(tmp_path, SERVER))
    for own in ("mine", ".hidden"):
        (tmp_path / own).mkdir()
        (tmp_path / own / "manifest.xml").write_text("<mine/>")
    (tmp_path / ".credit-care.json").unlink()
    del desk.digests["b"]
    report = pull(desk, Store(tmp_path, SERVER), keep=keep)
    assert report["ended"] == [{"number": "PL-b", "why": "not in the index"}]
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {
        "PL-a", "mine", ".hidden", *(["ended"] if keep else []),
    }
    assert (tmp_path / "ended" / "PL-b").exists() == keep
    assert pull(desk, Store(tmp_path, SERVER), keep=keep)["ended"] == []


def test_nothing_is_taken_for_over_before_the_whole_list_is_there(monkeypatch, tmp_path):
    desk = Desk(monkeypatch, a="1", b="1", c="1")
    pull(desk, Store(tmp_path, SERVER))
    whole = desk.call

    def cut(method, *args, **kwargs):
        if kwargs.get("after"):
            raise ConnectionLostError("cut")
        return whole(method, *args, **kwargs)

    desk.call = cut
    with pytest.raises(ConnectionLostError):
        pull(desk, Store(tmp_path, SERVER))
    assert len(list(tmp_path.glob("PL-*"))) == 3


def test_a_bad_one_is_not_stored_and_stops_no_other(monkeypatch, tmp_path):
    desk = Desk(monkeypatch, a="1", b="1")
    desk.bad = ("a",)
    report = pull(desk, Store(tmp_path, SERVER))
    assert [one["number"] for one in report["bad"]] == ["PL/a"]
    assert [path.name for path in tmp_path.glob("PL-*")] == ["PL-b"]
    desk.bad = ()
    assert len(pull(desk, Store(tmp_path, SERVER))["new"]) == 1


def test_one_folder_is_of_one_server_and_of_one_pull_at_a_time(tmp_path):
    store = Store(tmp_path, SERVER)
    store.finish("now")
    with pytest.raises(UsageError):
        Store(tmp_path, "somebody else")
    with store.locked(), pytest.raises(UsageError), Store(tmp_path, SERVER).locked():
        pass


@pytest.mark.parametrize("number", ["../../x", "/etc", "", "..", "ended", "a\nb", "x" * 300])
def test_a_number_is_never_a_path(tmp_path, number):
    store = Store(tmp_path / "in", SERVER)
    folder = store.put(1, number, "1", dossier("1"))
    assert (tmp_path / "in" / folder / "manifest.xml").exists()
    assert "/" not in folder and folder not in (".", "..", "ended", "")


def test_two_creditors_may_use_one_number(tmp_path):
    store = Store(tmp_path, SERVER)
    assert {store.put(one, "PL/1", "1", dossier("1")) for one in (7, 8)} == {"PL-1", "PL-1-8"}


def test_a_folder_that_somebody_removed_is_fetched_again(monkeypatch, tmp_path):
    desk = Desk(monkeypatch, a="1")
    pull(desk, Store(tmp_path, SERVER))
    os.rename(tmp_path / "PL-a", tmp_path / "elsewhere")
    assert pull(desk, Store(tmp_path, SERVER))["unchanged"] == 0
    assert (tmp_path / "PL-a").exists()


def test_an_index_that_cannot_be_read_means_all_anew(monkeypatch, tmp_path):
    desk = Desk(monkeypatch, a="1")
    pull(desk, Store(tmp_path, SERVER))
    (tmp_path / ".credit-care.json").write_text("{")
    assert len(pull(desk, Store(tmp_path, SERVER))["new"]) == 1
