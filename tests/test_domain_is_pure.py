import ast
import sys
from pathlib import Path

from .domain_common import DomainCase

TESTS = Path(__file__).parent
FILES = sorted((TESTS.parent / "domain").glob("**/*.py"))
CLOCKS = {"today", "now", "utcnow", "time", "time_ns", "monotonic", "localtime", "gmtime"}
SIDE_DOORS = {"open", "eval", "exec", "__import__", "compile", "input", "print"}
UNSTABLE = {"random", "secrets", "uuid", "time", "os", "socket", "subprocess", "io", "pathlib"}


class TestDomainIsPure(DomainCase):
    """What decides a number or a date knows no Odoo, no clock, no file and no chance."""

    def test_the_files_are_found(self):
        self.assertIn("ladder.py", [path.name for path in FILES])

    def test_every_file_has_its_tests(self):
        for path in FILES:
            if path.name not in ("__init__.py", "rules.py"):  # rules.py is values: all tests use it
                with self.subTest(path.name):
                    self.assertTrue((TESTS / f"test_domain_{path.name}").exists())

    def test_nothing_but_the_standard_library_and_the_domain_itself_is_imported(self):
        for path in FILES:
            for node in ast.walk(ast.parse(path.read_text())):
                for level, name in self.imported(node):
                    with self.subTest(path.name, line=node.lineno, name=name):
                        if level:
                            self.assertEqual(level, 1)
                            continue
                        root = name.split(".")[0]
                        self.assertIn(root, sys.stdlib_module_names - UNSTABLE)

    def test_no_clock_is_read_and_no_side_door_opened(self):
        for path in FILES:
            with self.subTest(path.name):  # not a node: each subtest is a report of its own
                for node in ast.walk(ast.parse(path.read_text())):
                    where = getattr(node, "lineno", 0)
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                        self.assertNotIn(node.func.attr, CLOCKS, where)
                    if isinstance(node, ast.Name):
                        self.assertNotIn(node.id, SIDE_DOORS, where)
                    self.assertNotIsInstance(node, ast.Global, where)

    def imported(self, node):
        if isinstance(node, ast.Import):
            return [(0, alias.name) for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            return [(node.level, node.module or "")]
        return []
