"""Sends entries in batches. Each has a key, so that whatever is cut off can be sent again."""

from .errors import ClientError
from .progress import Progress

BATCH = 100


class PushStoppedError(ClientError):
    """The connection or the key went away between two batches."""

    def __init__(self, cause, report):
        super().__init__(str(cause))
        self.code, self.report = cause.code, report


def push(transport, entries, quiet=False, batch=BATCH):
    report = {"total": len(entries), "done": [], "repeated": [], "refused": []}
    progress = Progress(len(entries), quiet=quiet)
    try:
        for start in range(0, len(entries), batch):
            part = entries[start : start + batch]
            answers = transport.call("push", [entry.values for entry in part])
            for entry, answer in zip(part, answers, strict=True):
                _note(report, entry, answer)
                progress.step(entry.values["placement"])
    except ClientError as error:
        raise PushStoppedError(error, report) from None
    finally:
        progress.close()
    return report


def _note(report, entry, answer):
    line = {
        "line": entry.line, "key": entry.values["key"], "placement": entry.values["placement"],
        "kind": entry.values["kind"], "message": answer.get("message") or "",
    }
    if not answer["ok"]:
        report["refused"].append({**line, "field": answer.get("field") or ""})
    elif answer.get("repeated"):
        report["repeated"].append({**line, "id": answer["id"]})
    else:
        report["done"].append({**line, "id": answer["id"]})
