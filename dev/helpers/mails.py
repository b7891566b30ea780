"""What the SMTP sink keeps: messages as .eml files, read with the standard library.

mails.py FOLDER [--since STAMP]   prints a table of them (STAMP: name of a file; the later ones)
"""

import argparse
import email
import email.policy
from pathlib import Path

from tables import show


def read(path):
    return email.message_from_bytes(Path(path).read_bytes(), policy=email.policy.default)


def attachments(message):
    return [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]


def row(message):
    return [message["To"], message["Subject"], ", ".join(attachments(message))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--since", default="")
    args = parser.parse_args()
    found = [path for path in sorted(args.folder.glob("*.eml")) if path.name > args.since]
    rows = [row(read(path)) for path in found]
    show(
        f"E-mail received: {len(rows)}  (files in {args.folder}; look at one with dev/shot FILE)",
        [["to", "subject", "attachments"], *rows] if rows else [],
    )


if __name__ == "__main__":
    main()
