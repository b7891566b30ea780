"""Odoo in this process, on one database, with a clock that can be set."""

import json
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from unittest.mock import patch

import odoo.modules.registry
import odoo.service.server
from odoo import SUPERUSER_ID, api, fields
from odoo.tools import config


@contextmanager
def environment(database, *options):
    """Commits at the end."""
    config.parse_config(["-d", database, "--max-cron-threads=0", "--log-level=warn", *options])
    odoo.service.server.load_server_wide_modules()
    registry = odoo.modules.registry.Registry(database)
    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


@contextmanager
def at(day, hour=10):
    """The clock that the module reads, set to ``day``. Not freezegun: its dates are Python classes
    whose arithmetic would weigh on the figures."""
    now = datetime.combine(day, time(hour))
    with (
        patch.object(fields.Datetime, "now", lambda *_args: now),
        patch.object(fields.Date, "context_today", lambda *_args, **_kw: day),
        patch.object(fields.Date, "today", lambda *_args: day),
    ):
        yield


def following(day, days):
    return day + timedelta(days=days)


def show(values):
    """One line of JSON for whoever started this process."""
    print("BENCH " + json.dumps(values), flush=True)
