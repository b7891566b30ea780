"""logins.py FILE URL — prints where the demo is served and who can log in."""

import json
import sys
from pathlib import Path

from tables import show

if __name__ == "__main__":
    path, url = Path(sys.argv[1]), sys.argv[2]
    logins = json.loads(path.read_text()) if path.exists() else []
    if not any(login == "admin" for login, *_ in logins):
        logins.insert(0, ["admin", "admin", "administrator"])
    show(f"Credit Care is served at {url}", [["login", "password", "who"], *logins])
