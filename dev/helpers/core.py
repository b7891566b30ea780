"""core.py WITHOUT.log WITH.log — compares two runs of core's tests by odoo-bin.

Prints both counts; writes to standard output, last, the tests that passed without the module and
did not pass with it, one per line as a test tag. Exit code 1 when there are any."""

import re
import sys
from pathlib import Path

STARTED = re.compile(r" odoo\.addons\.(\w+)\.tests\.\S+: Starting (\w+)\.(\w+) \.\.\.")
SKIPPED = re.compile(r" odoo\.addons\.(\w+)\.tests\.\S+: skipped (\w+)\.(\w+) :")
FAILED = re.compile(r" odoo\.addons\.(\w+)\.tests\.\S+: (?:FAIL|ERROR): (?:Subtest )?(\w+)\.(\w+)")


class Run:
    def __init__(self, path):
        text = Path(path).read_text(errors="replace")
        started, self.skipped, self.failed = (
            {f"/{module}:{case}.{test}" for module, case, test in pattern.findall(text)}
            for pattern in (STARTED, SKIPPED, FAILED)
        )
        self.passed = started - self.skipped - self.failed
        self.complete = " odoo.tests.result: " in text

    def __str__(self):
        return f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"


def main():
    without, with_module = Run(sys.argv[1]), Run(sys.argv[2])
    print(f"core's tests without the module: {without}")
    for test in sorted(without.failed):
        print(f"  fails without the module as well: {test}")
    print(f"core's tests with the module:    {with_module}")
    lost = sorted(without.passed - with_module.passed)
    new = sorted(with_module.failed - without.failed - set(lost))
    if not without.passed:
        sys.exit("NO TEST RAN without the module: this is a failure")
    if not with_module.complete:
        print("the run with the module did not come to its end")
    for test in lost:
        how = "fails" if test in with_module.failed else "did not pass"
        print(f"  passes without the module, {how} with it: {test}")
    for test in new:
        print(f"  fails with the module, was not there without: {test}")
    print(f"{len(with_module.passed)} passed, {len(lost + new)} failed")
    sys.exit(bool(lost or new))


if __name__ == "__main__":
    main()
