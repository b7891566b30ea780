"""What a piece of work costs: the clock, the processor of both sides, statements, memory."""

import cProfile
import os
import pstats
import resource
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.sql_db import Cursor

TICK = os.sysconf("SC_CLK_TCK")


class Measure:
    """Seconds, processor of this process and of its PostgreSQL backend, statements, peak memory."""

    def __init__(self, env):
        self.env = env
        env.cr.execute("SELECT pg_backend_pid()")
        self.backend = env.cr.fetchone()[0]
        self.values = {"start_mb": _peak_mb()}

    def _backend_cpu(self):
        fields = Path(f"/proc/{self.backend}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    @contextmanager
    def taken(self, repeated=False):
        self.env.flush_all()
        self.env.invalidate_all()
        profile = _profiler(self)
        queries, database = self.env.cr.sql_log_count, self._backend_cpu()
        if profile:
            profile.enable()
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.env.flush_all()
        if profile:
            profile.disable()
            profile.show()
        self.values |= {
            "seconds": time.perf_counter() - wall,
            "python_cpu": time.process_time() - cpu,
            "database_cpu": self._backend_cpu() - database,
            "queries": self.env.cr.sql_log_count - queries,
            "peak_mb": _peak_mb(),
        }


class PythonProfile(cProfile.Profile):
    def show(self):
        pstats.Stats(self).sort_stats("tottime").print_stats(50)
        pstats.Stats(self).sort_stats("cumulative").print_stats(70)


class SqlProfile:
    """Seconds, processor of the backend and number of each statement."""

    def __init__(self, backend_cpu):
        self.spent, self.backend_cpu = {}, backend_cpu

    def enable(self):
        execute = Cursor.execute

        def timed(cursor, query, *args, **kwargs):
            start, cpu = time.perf_counter(), self.backend_cpu()
            try:
                return execute(cursor, query, *args, **kwargs)
            finally:
                code = query.code if hasattr(query, "code") else query
                code = code.decode() if isinstance(code, bytes) else code
                spent = self.spent.setdefault(" ".join(code.split())[:110], [0, 0, 0])
                spent[0] += 1
                spent[1] += time.perf_counter() - start
                spent[2] += self.backend_cpu() - cpu

        self.patch = patch.object(Cursor, "execute", timed)
        self.patch.start()

    def disable(self):
        self.patch.stop()

    def show(self):
        ranked = sorted(self.spent.items(), key=lambda row: -row[1][1])
        for query, (count, seconds, cpu) in ranked[:40]:
            print(f"{seconds:8.3f} s {cpu:7.2f} s cpu {count:6}  {query}")


def _profiler(measure):
    """BENCH_PROFILE=python or sql shows where the time goes; the figures then are not for use."""
    kind = os.environ.get("BENCH_PROFILE")
    if kind == "sql":
        return SqlProfile(measure._backend_cpu)
    return PythonProfile() if kind else None


def _peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def count(env, query, *arguments):
    env.cr.execute(query, arguments)
    return env.cr.fetchone()[0]


def same(found, wanted):
    if found != wanted:
        sys.exit(f"the ledger is not what the measure needs: {found} instead of {wanted}")


def vacuum(env):
    """As autovacuum does by day."""
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    env.cr._cnx.autocommit = False
