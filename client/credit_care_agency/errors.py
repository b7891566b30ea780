"""What can go wrong, with the exit code by which a script knows it, and what to do."""

OK = 0
UNEXPECTED = 1
USAGE = 2
INVALID_FILE = 3  # nothing was sent
PARTLY = 4  # some were refused, or could not be stored
CONNECTION = 5
REFUSED = 6  # key, login, rights
INTERRUPTED = 130


class ClientError(Exception):
    """A message for a person; never a traceback, never the key."""

    code = UNEXPECTED


class UsageError(ClientError):
    code = USAGE


class FileError(ClientError):
    """``problems``: dicts with ``line``, ``field``, ``message``."""

    code = INVALID_FILE

    def __init__(self, message, problems=()):
        super().__init__(message)
        self.problems = list(problems)


class BadDossierError(ClientError):
    """What arrived is not what was announced: it is not stored."""

    code = PARTLY


class ConnectionLostError(ClientError):
    code = CONNECTION


class AccessRefusedError(ClientError):
    code = REFUSED


class NotEntrustedError(AccessRefusedError):
    """One position is not ours, or no longer; the others may well be."""


class ServerError(ClientError):
    """The server understood, and said no."""

    code = PARTLY
