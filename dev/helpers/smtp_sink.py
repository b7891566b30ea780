"""smtp_sink.py FOLDER — an SMTP server on the loopback that keeps each message as FOLDER/*.eml.

Its port stands in FOLDER/port once it listens. Writing `reject` or `defer` into FOLDER/mode makes
it refuse everybody (550, 451); an address that starts with bad@ is always refused.
"""

import datetime
import itertools
import signal
import socket
import sys
from pathlib import Path

import mails
from aiosmtpd.controller import Controller


class Sink:
    def __init__(self, folder):
        self.folder = folder
        self.number = itertools.count()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        mode = self.folder / "mode"
        mode = mode.read_text().strip() if mode.exists() else ""
        if mode == "defer":
            return "451 try again later"
        if mode == "reject" or address.startswith("bad@"):
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        now = datetime.datetime.now()
        path = self.folder / f"{now:%Y%m%d-%H%M%S}-{next(self.number):05}.eml"
        path.write_bytes(envelope.original_content)
        to, subject, names = mails.row(mails.read(path))
        print(f"mail to {to}: {subject} {f'[{names}]' if names else ''}", flush=True)
        return "250 OK"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    # without decode_data, and with a generous size: letters carry attachments
    controller = Controller(Sink(folder), "127.0.0.1", port, data_size_limit=2**26)
    controller.start()
    (folder / "port").write_text(str(port))
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
