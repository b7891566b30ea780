"""Where the server is, and the key: in a file that nobody else may read, or in the environment."""

import json
import os
import stat
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .errors import UsageError

KEY_VARIABLE = "CREDIT_CARE_KEY"
FILE_VARIABLE = "CREDIT_CARE_CONFIG"


@dataclass
class Settings:
    url: str
    db: str
    login: str
    plain_http: bool = False
    timeout: float = 120.0


def default_path():
    if os.environ.get(FILE_VARIABLE):
        return Path(os.environ[FILE_VARIABLE])
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "credit-care-agency" / "config.json"


def load(path):
    """``(settings, key)``. The key of the environment goes before that of the file."""
    try:
        content = path.read_text(encoding="utf-8")
    except OSError:
        raise UsageError(f"There is no {path} yet. Begin with: credit-care-agency login") from None
    _check_private(path)
    try:
        values = json.loads(content)
        known = {field.name for field in fields(Settings)}
        settings = Settings(**{name: values[name] for name in values.keys() & known})
    except (ValueError, TypeError, AttributeError):
        raise UsageError(f"{path} cannot be read. Make it anew: credit-care-agency login") from None
    key = os.environ.get(KEY_VARIABLE) or values.get("key") or ""
    if not key:
        raise UsageError(f"There is no key. Set {KEY_VARIABLE}, or: credit-care-agency login")
    return settings, key


def save(path, settings, key):
    """``key`` empty: it comes from the environment each time, and is not written anywhere."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    values = {**asdict(settings), **({"key": key} if key else {})}
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(values, file, indent=2)
        file.write("\n")
    os.replace(part, path)


def _check_private(path):
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"Others may read {path}, and with it the key. First: chmod 600 {path}")
