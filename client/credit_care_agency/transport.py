"""The wire. One small class knows which RPC it is, so that Odoo's JSON-2 API can take its place
(JSON-RPC, which odoorpc speaks, is deprecated in Odoo 19 and still there)."""

import http.client
import json
import logging
import time
import urllib.error
from urllib.parse import urlsplit

import odoorpc

from .errors import (
    AccessRefusedError,
    ConnectionLostError,
    NotEntrustedError,
    ServerError,
    UsageError,
)

DESK = "credit.agency.desk"
SERVER = "19.0"  # told to odoorpc, so that it need not ask
LOOPBACK = ("localhost", "127.0.0.1", "::1")
PAUSES = (0.5, 2.0)  # before another try of what may be repeated
LOST = (urllib.error.URLError, http.client.HTTPException, OSError, json.JSONDecodeError)
DENIED = ("odoo.exceptions.AccessDenied", "odoo.http.SessionExpiredException")
KEY_HINT = (
    "The server does not know this login with this key. Keys end after their time, and when they"
    " are taken back: make a new one on your security page (/my/security), then: credit-care-agency"
    " login"
)


def split_url(url, plain_http=False):
    """``(host, port, is_tls)``; the key is not sent in the clear by accident."""
    parts = urlsplit(url if "//" in url else f"https://{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"“{url}” is no address. Write it like https://odoo.example.com")
    if parts.path.strip("/") or parts.query or parts.username:
        raise UsageError(f"“{url}” is more than an address. Write it like https://odoo.example.com")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not plain_http:
        raise UsageError(
            "Without https anybody on the way reads the key. Use https, or --plain-http if the"
            " network is your own."
        )
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise UsageError(f"“{url}” has a port that does not exist.") from error
    return parts.hostname, port, parts.scheme == "https"


class Transport:
    """Calls methods of the agency's desk. What is called here may be repeated without harm: reading
    changes nothing, and each entry has a key under which it is done once."""

    def __init__(self, settings, key, sleep=time.sleep, pauses=PAUSES):
        host, port, tls = split_url(settings.url, settings.plain_http)
        logging.getLogger("odoorpc").disabled = True  # it would log keys
        self._settings, self._key = settings, key
        self._sleep, self._pauses = sleep, pauses
        self._odoo = odoorpc.ODOO(
            host, protocol="jsonrpc+ssl" if tls else "jsonrpc", port=port,
            timeout=settings.timeout, version=SERVER,
        )
        self._context = None

    def call(self, method, *args, **kwargs):
        if self._context is None:
            self._repeat(self._log_in)
        return self._repeat(lambda: self._odoo.execute_kw(
            DESK, method, list(args), {**kwargs, "context": self._context}
        ))

    def _log_in(self):
        self._odoo.login(self._settings.db, self._settings.login, self._key)
        self._context = {"lang": self._odoo.env.context.get("lang") or "en_US"}

    def _repeat(self, call):
        for pause in (*self._pauses, None):
            try:
                return call()
            except odoorpc.error.RPCError as error:
                raise self._translate(error) from None
            except LOST as error:
                if pause is None:
                    raise self._explain_lost(error) from None
                self._sleep(pause)
        raise AssertionError("not reached")

    def _translate(self, error):
        info = error.info if isinstance(error.info, dict) else {}
        data = info.get("data") if isinstance(info.get("data"), dict) else {}
        name, message = data.get("name") or "", str(data.get("message") or error)
        if not info or name in DENIED:
            return AccessRefusedError(KEY_HINT)
        if name == "odoo.exceptions.AccessError":
            return NotEntrustedError(message)
        if name.startswith("odoo.exceptions."):
            return ServerError(message)
        if "does not exist" in message and "database" in message:
            return UsageError(f"There is no database “{self._settings.db}” at"
                              f" {self._settings.url}.")
        return ServerError(f"The server failed: {message.splitlines()[0][:200]}")

    def _explain_lost(self, error):
        reason = getattr(error, "reason", None) or error
        if isinstance(error, urllib.error.HTTPError):
            reason = f"it answered {error.code}"
        elif isinstance(error, json.JSONDecodeError):
            reason = "its answer was cut off, or is not Odoo's"
        return ConnectionLostError(
            f"{self._settings.url} cannot be reached: {reason}. Nothing is lost: start the same"
            " command again."
        )
