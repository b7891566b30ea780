"""Fetches what has changed, and removes what is over."""

from .dossier import open_answer
from .errors import BadDossierError, NotEntrustedError
from .progress import Progress


def pull(transport, store, keep=False, quiet=False):
    """A report for people and programs. Interrupted at any place it goes on there the next time."""
    with store.locked():
        listed, gone, now = _list(transport, store.since)
        report = {"new": [], "changed": [], "unchanged": 0, "ended": [], "bad": [], "omitted": []}
        _fetch(transport, store, listed, report, quiet)
        _drop(store, listed, gone, report, keep)
        if not report["bad"]:
            for folder in store.drop_strays(keep):
                report["ended"].append({"number": folder, "why": "not in the index"})
            store.finish(now)
        return report


def _list(transport, since):
    """All of the list, before anything is taken for gone."""
    listed, gone, now, after = {}, {}, "", None
    while True:
        part = transport.call("pull_list", since=since or None, after=after)
        listed |= {one["id"]: one for one in part["placements"]}
        if after is None:
            gone, now = {one["id"]: one["state"] for one in part["gone"]}, part["now"]
        after = part["next"]
        if not after:
            return listed, gone, now


def _fetch(transport, store, listed, report, quiet):
    progress = Progress(len(listed), quiet=quiet)
    try:
        for one in listed.values():
            if store.has(one["id"], one["digest"]):
                report["unchanged"] += 1
            else:
                _fetch_one(transport, store, one, report)
            progress.step(one["name"])
    finally:
        progress.close()


def _fetch_one(transport, store, one, report):
    what = "changed" if one["id"] in store.known else "new"
    try:
        answer = transport.call("pull_dossier", one["id"])
        dossier = open_answer(answer)
    except (BadDossierError, NotEntrustedError) as error:
        # not entrusted: recalled between the list and now; the next pull removes it
        report["bad"].append({"number": one["name"], "message": str(error)})
        return
    folder = store.put(one["id"], one["name"], answer["digest"], dossier)
    report[what].append({"number": one["name"], "folder": folder})
    for path in dossier.omitted:
        report["omitted"].append({"number": one["name"], "path": path})


def _drop(store, listed, gone, report, keep):
    for placement_id in sorted(store.known.keys() - listed.keys()):
        entry = store.drop(placement_id, keep)
        report["ended"].append({
            "number": entry["number"], "why": gone.get(placement_id, "not entrusted any more"),
        })
