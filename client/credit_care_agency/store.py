"""The folder of the dossiers. A dossier is there as a whole or not at all, and so is what the index
says, whenever somebody pulls the plug."""

import json
import os
import re
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

from .dossier import MANIFEST, NAMESPACE
from .errors import UsageError

INDEX = ".credit-care.json"
LOCK = ".credit-care.lock"
PARTS = ".part-"
ENDED = "ended"
MARK = NAMESPACE.strip("{}").encode()


class Store:
    def __init__(self, folder, server):
        """``server``: a text that tells one server and login from another."""
        self.folder, self._server = Path(folder), server
        self.folder.mkdir(parents=True, exist_ok=True)
        self.since, self.known = "", {}
        self._load()

    def _load(self):
        try:
            values = json.loads((self.folder / INDEX).read_text(encoding="utf-8"))
            self.since = values["since"]
            self.known = {int(one): values["placements"][one] for one in values["placements"]}
            server = values["server"]
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError, AttributeError):
            self.since, self.known = "", {}  # all is fetched again
            return
        if server != self._server:
            raise UsageError(f"{self.folder} holds the dossiers of {server}. Choose another folder"
                             f" for {self._server}.")

    def _save(self):
        content = {"server": self._server, "since": self.since, "placements": self.known}
        part = self.folder / f"{PARTS}index"
        with open(part, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self.folder / INDEX)

    @contextmanager
    def locked(self):
        """One at a time. The lock ends with the process, however that ends."""
        with open(self.folder / LOCK, "w") as file:
            if not _lock(file):
                raise UsageError(f"Another pull is at work on {self.folder}. Wait for its end.")
            self._load()  # another pull may have been at work since we looked
            self._tidy()
            yield

    def _tidy(self):
        """What an interrupted pull has left. A former state that was moved aside has been
        announced to nobody: the index asks for it again."""
        for path in self.folder.glob(f"{PARTS}*"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    # ------------------------------------------------------------------ dossiers

    def has(self, placement_id, digest):
        entry = self.known.get(placement_id)
        return bool(entry) and entry["digest"] == digest and self._path(entry).is_dir()

    def put(self, placement_id, number, digest, dossier):
        folder = self._choose_folder(placement_id, number)
        part = self.folder / f"{PARTS}{placement_id}"
        if part.exists():
            shutil.rmtree(part)
        for path, content in dossier.files.items():
            target = part / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(target, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        target = self.folder / folder
        if target.exists():
            os.rename(target, self.folder / f"{PARTS}{placement_id}-old")
        os.rename(part, target)
        self.known[placement_id] = {"number": number, "digest": digest, "folder": folder}
        self._save()
        shutil.rmtree(self.folder / f"{PARTS}{placement_id}-old", ignore_errors=True)
        return folder

    def drop(self, placement_id, keep=False):
        """What is no longer entrusted is removed, or with ``keep`` moved to the folder of what
        has ended."""
        entry = self.known.pop(placement_id)
        path = self._path(entry)
        if path.is_dir():
            self._put_away(path, keep)
        self._save()
        return entry

    def drop_strays(self, keep=False):
        """Dossiers of which the index knows nothing, since it was lost, or written by a pull that
        was killed: nobody would ever remove them. Returns their folders."""
        known = {self._path(entry) for entry in self.known.values()}
        strays = [path for path in sorted(self.folder.iterdir())
                  if path not in known and path.name != ENDED and _is_dossier(path)]
        for path in strays:
            self._put_away(path, keep)
        return [path.name for path in strays]

    def _put_away(self, path, keep):
        if keep:
            (self.folder / ENDED).mkdir(exist_ok=True)
            target = self.folder / ENDED / path.name
            if target.exists():
                shutil.rmtree(target)
            os.rename(path, target)
        else:
            gone = self.folder / f"{PARTS}gone-{path.name}"
            os.rename(path, gone)
            shutil.rmtree(gone)

    def finish(self, now):
        self.since = now
        self._save()

    def _path(self, entry):
        return self.folder / _plain(entry["folder"])

    def _choose_folder(self, placement_id, number):
        """Its number; two creditors may use one number."""
        folder = _plain(number)
        taken = {entry["folder"] for one, entry in self.known.items() if one != placement_id}
        return folder if folder not in taken else f"{folder}-{placement_id}"


def _is_dossier(path):
    """By what it says of itself: another folder in this place is somebody's own."""
    if path.name.startswith(".") or path.is_symlink():
        return False
    try:
        with open(path / MANIFEST, "rb") as file:
            return MARK in file.read(1024)
    except OSError:
        return False


def _plain(text):
    """One folder, never another one: a number of the server is a text like any other."""
    plain = re.sub(r"[^\w-]+", "-", str(text)).strip("-")[:80]
    return plain if plain and plain != ENDED else f"placement-{plain}"


if sys.platform == "win32":
    import msvcrt

    def _lock(file):
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(file):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
