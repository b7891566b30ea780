"""on_database.py DATABASE MODULE:FUNCTION — calls FUNCTION(env) of the add-on on a database, commits, and
prints what it returned as JSON, when it returned anything."""

import importlib
import json
import sys

import odoo.modules.registry
from odoo import SUPERUSER_ID, api
from odoo.tools import config


def main(database, target):
    config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    module, _, function = target.partition(":")
    registry = odoo.modules.registry.Registry(database)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        result = getattr(importlib.import_module(module), function)(env)
    if result is not None:
        print(json.dumps(result, default=str, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
