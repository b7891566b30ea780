"""pytest plugin: says how many tests ran, and fails when none did or when one was skipped.

A test that passes by not running is worse than one that fails. Those that may be skipped stand in
dev/allowed_skips.txt, by name and with the reason."""

from pathlib import Path

import pytest

ALLOWED = Path(__file__).parent.parent / "allowed_skips.txt"


def _allowed():
    lines = ALLOWED.read_text().splitlines() if ALLOWED.exists() else []
    return {line.split("#")[0].strip() for line in lines} - {""}


class Counts:
    def __init__(self):
        self.passed, self.failed, self.skipped, self.allowed = set(), set(), {}, set()
        self.interrupted = True

    def pytest_runtest_logreport(self, report):
        path, _, test = report.nodeid.partition("::")  # parameters may hold slashes
        name = f"{Path(path).name}::{test}"
        if report.failed:
            self.failed.add(name)
        elif report.skipped or hasattr(report, "wasxfail"):
            told = report.longrepr
            reason = told[2] if isinstance(told, tuple) else "expected to fail"
            self.skipped[name] = reason.removeprefix("Skipped: ")
        elif report.when == "call" and not hasattr(report, "context"):
            self.passed.add(name)

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.skipped:
            self.skipped[report.nodeid] = str(report.longrepr)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        self.passed -= self.failed | set(self.skipped)
        allowed = _allowed()
        self.allowed = {name for name in self.skipped if {name, name.split("::")[-1]} & allowed}
        if session.exitstatus in (0, 5) and not session.config.option.collectonly:
            session.exitstatus = 0 if self.passed and not self.forbidden else 1
        self.interrupted = session.exitstatus > 1

    @property
    def forbidden(self):
        return self.skipped.keys() - self.allowed - self.failed

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config):
        if config.option.collectonly:
            return
        for name in sorted(self.forbidden):
            print(f"SKIPPED, a failure unless dev/{ALLOWED.name} names it: {name}")
            print(f"    {self.skipped[name]}")
        if self.interrupted:
            print("THE RUN DID NOT COME TO ITS END: this is a failure")
        if not self.passed and not self.failed:
            print("NO TEST RAN: this is a failure")
        skipped = len(self.skipped.keys() - self.failed)
        print(f"{len(self.passed)} passed, {len(self.failed)} failed, {skipped} skipped")


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        return  # a worker of pytest-xdist: the process above it counts
    config.pluginmanager.register(Counts(), "credit-care-counts")
