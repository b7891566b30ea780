"""logins.py FILE [URL] — prints links to debtors' pages, and with URL who can log in there."""

import json
import sys
from pathlib import Path

from tables import show


def known(path):
    return json.loads(path.read_text()) if path.exists() else []


if __name__ == "__main__":
    path, url = Path(sys.argv[1]), sys.argv[2:]
    if url:
        logins = known(path)
        if not any(login == "admin" for login, *_ in logins):
            logins.insert(0, ["admin", "admin", "administrator"])
        show(f"Credit Care is served at {url[0]}", [["login", "password", "who"], *logins])
    if pages := known(Path(f"{path}.pages")):
        show("What a debtor sees, without login, while the demo is served", pages)
