"""A ZIP that is the same, byte for byte, for the same content, under names that hurt nobody."""

import hashlib
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from typing import IO, NamedTuple

MAX_NAME = 100  # bytes: folders and file systems of others have to hold it
FORBIDDEN = set('/\\:*?"<>|')
RESERVED = {"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10))}
MOMENT = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP knows
CHUNK = 1 << 16


class Written(NamedTuple):
    path: str
    size: int
    sha256: str


def safe_name(name: str, fallback: str = "file") -> str:
    """One component of a path that means the same everywhere: no folders, no signs that turn a
    line around or end it, no device of Windows, not hidden, not too long."""
    kept = "".join(
        "_" if sign in FORBIDDEN else sign
        for sign in unicodedata.normalize("NFC", name)
        if unicodedata.category(sign)[0] != "C"  # control, format, surrogate, private, unassigned
    )
    kept = " ".join(kept.split()).strip(". ")
    stem, dot, extension = kept.rpartition(".")
    if not dot or not stem or len(extension.encode()) > 10:
        stem, dot, extension = kept, "", ""
    stem = _cut(stem.strip(". "), MAX_NAME - len(extension.encode()) - len(dot)).rstrip(". ")
    stem = stem or fallback
    if stem.split(".")[0].strip().lower() in RESERVED:
        stem = _cut(f"_{stem}", MAX_NAME - len(extension.encode()) - len(dot)).rstrip(". ")
    return stem + dot + extension


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def unique_names(names: Iterable[str]) -> list[str]:
    """Safe names, numbered where two would be one file for anybody, whatever the case."""
    taken: set[str] = set()
    result = []
    for name in map(safe_name, names):
        stem, dot, extension = name.rpartition(".")
        if not dot:
            stem, extension = name, ""
        candidate, number = name, 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{_cut(stem, MAX_NAME - 20)} ({number}){dot}{extension}"
        taken.add(candidate.casefold())
        result.append(candidate)
    return result


class Archive:
    """Writes files one by one, so that no more than one is in memory."""

    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, strict_timestamps=True)
        self.written: list[Written] = []

    def add(self, path: str, read: Callable[[], bytes]) -> Written:
        content = read()
        entry = zipfile.ZipInfo(path, MOMENT)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3  # the same whatever system writes it
        entry.external_attr = 0o644 << 16
        self._zip.writestr(entry, content)
        done = Written(path, len(content), hashlib.sha256(content).hexdigest())
        self.written.append(done)
        return done

    def close(self) -> None:
        self._zip.close()
