"""A server as customers run it, on a database of its own, and a wire that can be cut."""
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from odoo import tools

from .on_copy import ODOO, CopyCase

PATIENCE = 60  # seconds for a server to answer


class LiveCase(CopyCase):
    template = "CREDIT_CARE_TEMPLATE"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.port = free_port()
        cls.url = f"http://127.0.0.1:{cls.port}"
        cls.addClassCleanup(
            shutil.rmtree, Path(tools.config["data_dir"]) / "filestore" / cls.database,
            ignore_errors=True,
        )

    @classmethod
    def _serve(cls):
        cls.log = open(  # pylint: disable=consider-using-with
            Path(os.environ["ODOO_RC"]).with_name(f"{cls.database}.log"), "w+"
        )
        cls.addClassCleanup(cls.log.close)
        server = subprocess.Popen(  # pylint: disable=consider-using-with
            [
                sys.executable, "-c", ODOO, "-d", cls.database, "--db-filter", cls.database,
                f"--http-port={cls.port}", "--http-interface=127.0.0.1", "--max-cron-threads=0",
                "--workers=0", "--log-level=warn",
            ],
            stdout=cls.log, stderr=cls.log,
        )
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.kill)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{cls.url}/web/health", timeout=5).close()
                return
            except OSError:
                if server.poll() is not None:
                    break
                time.sleep(0.2)
        cls.log.seek(0)
        raise AssertionError(f"The server does not answer:\n{cls.log.read()[-4000:]}")


class Wire:
    """Stands between client and server and passes on one request a connection. ``rule(request)``
    says what becomes of it: "pass", "cut" (half of the answer) or "drop" (the server has worked on
    it, and nobody hears of it)."""

    def __init__(self, port):
        self.rule, self.requests = lambda request: "pass", []
        self._server_port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        self._listening.close()

    def _accept(self):
        while True:
            try:
                client, _address = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client):
        with client, socket.create_connection(("127.0.0.1", self._server_port)) as server:
            request = self._read_request(client)
            if not request:
                return
            self.requests.append(request)
            what = self.rule(request)
            server.sendall(request)
            answer = b"".join(iter(lambda: server.recv(65536), b""))
            if what != "drop":
                client.sendall(answer if what == "pass" else answer[: len(answer) // 2])

    def _read_request(self, client):
        """urllib closes each connection after its answer."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = client.recv(65536)
            if not more:
                return b""
            data += more
        head, _sep, body = data.partition(b"\r\n\r\n")
        [length] = [
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        ]
        while len(body) < length:
            body += client.recv(65536)
        return head + b"\r\n\r\n" + body


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]
