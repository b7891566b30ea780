"""pytest plugin for several workers: each has files of its own.

pytest-odoo lets the databases of all workers share one folder of files, and Odoo's tests collect
the garbage in it after each class: what another worker has written and not committed goes with it.
"""

import os
import shutil
from pathlib import Path
from unittest.mock import patch

import pytest

from odoo.tools import config


@pytest.fixture(scope="session", autouse=True)
def own_filestore(load_registry):
    worker = os.getenv("PYTEST_XDIST_WORKER")
    if not worker:
        yield
        return
    shared = Path(config.filestore(config["db_name"]))
    own = shared.with_name(f"{shared.name}-{worker}")
    shutil.rmtree(own, ignore_errors=True)
    if shared.exists():
        shutil.copytree(shared, own, copy_function=os.link)
    with patch.object(config, "filestore", lambda _database: str(own)):
        yield
    shutil.rmtree(own, ignore_errors=True)
