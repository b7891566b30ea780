"""Databases of their own, worked on by Odoo's own command line in processes of their own.

Installing, updating and uninstalling commit and rebuild the registry: nothing for the process in
which the tests run.
"""
import json
import os
import re
import subprocess
import sys

from odoo.tests import BaseCase, tagged

ODOO = "import odoo.cli; odoo.cli.main()"
QUIET = re.compile(r"^Running as user 'root' is a security risk\.\n", re.M)
CALL = """
import json
from odoo.addons.account_credit_care.tests import {module}
told = {module}.{job}(env)
env.cr.commit()
print("TOLD " + json.dumps(told))
"""


@tagged("post_install", "-at_install")
class CopyCase(BaseCase):
    """``template`` is the environment variable of dev/test that names the database to copy."""

    template = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = os.environ.get(cls.template)
        if not template:
            raise AssertionError(f"Run by dev/test: {cls.template} names the database to copy")
        cls.database = f"{cls.__name__.lower()}_{os.getpid()}"
        subprocess.run(["createdb", "-T", template, cls.database], check=True)
        cls.addClassCleanup(
            subprocess.run, ["dropdb", "--force", cls.database], check=True
        )

    @classmethod
    def _odoo(cls, *arguments, **options):
        """Odoo's command line on the copy; a warning fails the test, in its log or beside it.
        Returns what it printed."""
        done = subprocess.run(
            [
                sys.executable, "-c", ODOO, *arguments, "-d", cls.database, "--no-http",
                "--max-cron-threads=0", "--log-level=warn",
            ],
            capture_output=True, text=True, check=False, **options,
        )
        complaint = QUIET.sub("", done.stderr)
        if done.returncode or complaint:
            raise AssertionError(f"odoo {' '.join(arguments)} complains:\n{complaint[-8000:]}")
        return done.stdout

    @classmethod
    def _module(cls, option, modules):
        cls._odoo(option, modules, "--stop-after-init")

    @classmethod
    def _run(cls, job):
        """Runs ``job(env)``, a function of a test module, on the copy; returns what it tells."""
        module = job.__module__.rpartition(".")[2]
        printed = cls._odoo("shell", input=CALL.format(module=module, job=job.__name__))
        [told] = [line for line in printed.splitlines() if line.startswith("TOLD ")]
        return json.loads(told.removeprefix("TOLD "))
