"""credit-care-agency: dossiers from, and contacts to, an Odoo with Credit Care."""

import argparse
import getpass
import json
import os
import sys
from pathlib import Path

from . import config, entries, errors
from .pull import pull
from .push import PushStoppedError, push
from .store import Store
from .transport import Transport, split_url


def main(arguments=None):
    options = _parse(arguments)
    try:
        return options.run(options)
    except PushStoppedError as error:
        _show_push(options, error.report)
        return _fail(options, error, {"report": error.report})
    except errors.FileError as error:
        return _fail(options, error, {"problems": error.problems})
    except errors.ClientError as error:
        return _fail(options, error)
    except OSError as error:
        return _fail(options, errors.ClientError(
            f"{error.filename or 'A file'}: {error.strerror}. Nothing half-written was left."
        ))
    except KeyboardInterrupt:
        print("\nStopped. Start the same command again to go on.", file=sys.stderr)
        return errors.INTERRUPTED


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="credit-care-agency", description=__doc__)
    parser.add_argument("--config", type=Path, default=config.default_path(), metavar="FILE",
                        help="settings and key (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="answer as JSON, for programs")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    login = commands.add_parser("login", help="say where the server is, and try the key")
    login.add_argument("--url", required=True, help="like https://odoo.example.com")
    login.add_argument("--db", required=True, help="name of the database")
    login.add_argument("--login", required=True, help="your login at the portal")
    login.add_argument("--plain-http", action="store_true",
                       help="allow an address without https, in a network of your own")
    login.add_argument("--timeout", type=float, default=120.0, metavar="SECONDS")
    login.set_defaults(run=_run_login)

    puller = commands.add_parser("pull", help="fetch the dossiers that are new or have changed")
    puller.add_argument("folder", metavar="DIR")
    puller.add_argument("--keep-ended", action="store_true",
                        help="move what is over to DIR/ended instead of removing it")
    puller.set_defaults(run=_run_pull)

    pusher = commands.add_parser("push", help="enter contacts, promises and claims")
    pusher.add_argument("file", metavar="FILE", help="CSV or XML, see the README")
    pusher.add_argument("--dry-run", action="store_true", help="look at the file, send nothing")
    pusher.set_defaults(run=_run_push)

    status = commands.add_parser("status", help="mandates, keys, and the codes of the files")
    status.set_defaults(run=_run_status)
    return parser.parse_args(arguments)


# ---------------------------------------------------------------------- commands


def _run_login(options):
    settings = config.Settings(
        options.url, options.db, options.login, options.plain_http, options.timeout
    )
    split_url(settings.url, settings.plain_http)
    given = os.environ.get(config.KEY_VARIABLE)
    key = given or _ask_key()
    status = Transport(settings, key).call("get_status")
    config.save(options.config, settings, "" if given else key)
    if options.json:
        return _tell({"ok": True, "status": status})
    print(f"Good day, {status['user']}. Written to {options.config}"
          + (f"; the key stays in {config.KEY_VARIABLE}." if given else "."))
    _show_status(status)
    return errors.OK


def _ask_key():
    key = (getpass.getpass("API key: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()
    if not key:
        raise errors.UsageError(
            f"No key was given. Type it in, pipe it in, or set {config.KEY_VARIABLE}."
        )
    return key


def _run_pull(options):
    settings, key = config.load(options.config)
    store = Store(options.folder, f"{settings.login} on {settings.db} at {settings.url}")
    report = pull(Transport(settings, key), store, options.keep_ended, _is_quiet(options))
    code = errors.PARTLY if report["bad"] else errors.OK
    if options.json:
        return _tell({"ok": not code, **report}, code)
    for what in ("new", "changed"):
        for one in report[what]:
            print(f"{what:8} {one['number']}  {Path(options.folder) / one['folder']}")
    for one in report["ended"]:
        print(f"ended    {one['number']}  ({one['why']})")
    for one in report["omitted"]:
        print(f"note     {one['number']}: {one['path']} was left out by the creditor")
    for one in report["bad"]:
        print(f"bad      {one['number']}: {one['message']}. It was not stored; pull again.",
              file=sys.stderr)
    print(f"{len(report['new'])} new, {len(report['changed'])} changed,"
          f" {report['unchanged']} unchanged, {len(report['ended'])} ended")
    return code


def _run_push(options):
    settings, key = config.load(options.config)
    transport = Transport(settings, key)
    status = transport.call("get_status")
    found = entries.read(options.file, status["codes"])
    if options.dry_run:
        if options.json:
            return _tell({"ok": True, "total": len(found), "dry_run": True})
        print(f"{len(found)} entries, nothing to mend. Nothing was sent.")
        return errors.OK
    report = push(transport, found, _is_quiet(options), status["limits"]["entries"])
    code = errors.PARTLY if report["refused"] else errors.OK
    if options.json:
        return _tell({"ok": not code, **report}, code)
    _show_push(options, report)
    return code


def _run_status(options):
    settings, key = config.load(options.config)
    status = Transport(settings, key).call("get_status")
    if options.json:
        return _tell({"ok": True, "status": status})
    print(f"{status['user']}, {settings.login} at {settings.url}")
    _show_status(status)
    for name, codes in status["codes"].items():
        print(f"\n{name}")
        for code, label in codes.items():
            print(f"  {code:24} {label}")
    return errors.OK


# ---------------------------------------------------------------------- words


def _is_quiet(options):
    return options.quiet or options.json


def _tell(values, code=errors.OK):
    print(json.dumps(values, ensure_ascii=False, indent=1))
    return code


def _fail(options, error, more=None):
    if options.json:
        return _tell({"ok": False, "message": str(error), "code": error.code, **(more or {})},
                     error.code)
    for problem in (more or {}).get("problems", ()):
        field = f", {problem['field']}" if problem["field"] else ""
        print(f"line {problem['line']}{field}: {problem['message']}", file=sys.stderr)
    print(error, file=sys.stderr)
    return error.code


def _show_push(options, report):
    if options.json:
        return
    for one in report["refused"]:
        field = f", {one['field']}" if one["field"] else ""
        print(f"line {one['line']}{field}: {one['message']}", file=sys.stderr)
    for one in report["done"]:
        if one["message"]:
            print(f"line {one['line']}: {one['message']}")
    done, repeated, refused = (len(report[name]) for name in ("done", "repeated", "refused"))
    left = report["total"] - done - repeated - refused
    print(f"{done} entered, {repeated} were there already, {refused} refused"
          + (f", {left} not sent" if left else ""))


def _show_status(status):
    if not status["mandates"]:
        print("No mandate runs for you at the moment.")
    for one in status["mandates"]:
        until = f", until {one['until']}" if one["until"] else ""
        roles = [word for word, has in (
            ("team leader", one["is_leader"]), ("qualified", one["is_qualified"]),
        ) if has]
        print(f"{one['creditor']}: {one['name']}{until}, {one['open']} positions"
              + (f" ({', '.join(roles)})" if roles else ""))
    print(f"Times without a zone are those of {status.get('zone') or 'the creditor'}.")
    for one in status["keys"]:
        print(f"Key “{one['name']}” until {one['until'][:10] or 'taken back'}")
