"""pytest plugin for dev/test --pure: the tests of domain/ without a database.

The packages above them are stand-ins that only know where their files lie, so that nothing of the
add-on is imported but what the tests name themselves."""

import sys
import types
from pathlib import Path

import pytest_odoo

import odoo.addons


def _stand_in(name, path):
    module = types.ModuleType(name)
    module.__path__ = [str(path)]
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    setattr(sys.modules[parent], child, module)


def pytest_configure(config):
    addon = Path(config.getoption("--addon"))
    odoo.addons.__path__.append(str(addon.parent))
    _stand_in(f"odoo.addons.{addon.name}", addon)
    _stand_in(f"odoo.addons.{addon.name}.tests", addon / "tests")
    # the same dress that pytest-odoo gives Odoo's test cases
    pytest_odoo.support_subtest()
    pytest_odoo.disable_odoo_test_retry()
    pytest_odoo.monkey_patch_resolve_pkg_root_and_module_name()


def pytest_addoption(parser):
    parser.addoption("--addon")
