"""core.py WITHOUT.log WITH.log [AGAIN.log] — compares two runs of core's tests by odoo-bin.

AGAIN is a second run with the module of the tests that the first one lost: tours are easily lost on
a busy machine. With --lost it only prints those tests, as test tags. Exit code 1 when the module is
to blame for a test."""

import re
import sys
from pathlib import Path

LINE = r" odoo\.addons\.(\w+)\.tests\.\S+: "
STARTED = re.compile(LINE + r"Starting (\w+)\.(\w+) \.\.\.")
SKIPPED = re.compile(LINE + r"skipped (\w+)\.(\w+) :")
FAILED = re.compile(LINE + r"(?:FAIL|ERROR): (?:Subtest )?(\w+)\.(\w+)")


class Run:
    def __init__(self, path):
        text = Path(path).read_text(errors="replace") if path else ""
        started, self.skipped, self.failed = (
            {f"/{module}:{case}.{test}" for module, case, test in pattern.findall(text)}
            for pattern in (STARTED, SKIPPED, FAILED)
        )
        self.passed = started - self.skipped - self.failed
        self.complete = " odoo.tests.result: " in text

    def __str__(self):
        numbers = len(self.passed), len(self.failed), len(self.skipped)
        end = "" if self.complete else " (it did not come to its end)"
        return "{} passed, {} failed, {} skipped".format(*numbers) + end


def main(without, with_module, again=None):
    without, with_module, again = Run(without), Run(with_module), Run(again)
    lost = (without.passed - with_module.passed) | (with_module.failed - without.failed)
    if "--lost" in sys.argv:
        print(",".join(sorted(lost)))
        return
    print(f"core's tests without the module: {without}")
    for test in sorted(without.failed):
        print(f"  fails without the module as well: {test}")
    print(f"core's tests with the module:    {with_module}")
    for test in sorted(lost & again.passed):
        print(f"  failed at first, passes when run again: {test}")
    lost -= again.passed
    for test in sorted(lost):
        how = "fails" if test in with_module.failed else "does not run to its end"
        print(f"  {how} with the module only: {test}")
    if not without.passed:
        print("NO TEST RAN: this is a failure")
    print(f"{len(with_module.passed | again.passed)} passed, {len(lost)} failed")
    sys.exit(bool(lost) or not without.passed)


if __name__ == "__main__":
    main(*(argument for argument in sys.argv[1:] if argument != "--lost"))
