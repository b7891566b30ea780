"""How far it is: a bar where somebody looks, nothing where nobody does."""

import sys
import time

WIDTH = 24
BEAT = 0.1


class Progress:
    def __init__(self, total, stream=None, quiet=False):
        self.total, self.done = total, 0
        self._stream = stream or sys.stderr
        self._shown = not quiet and total > 0 and self._stream.isatty()
        self._drawn_at = 0.0

    def step(self, text=""):
        self.done += 1
        now = time.monotonic()
        if self._shown and (now - self._drawn_at > BEAT or self.done == self.total):
            self._drawn_at = now
            full = WIDTH * self.done // self.total
            bar = "#" * full + "-" * (WIDTH - full)
            self._stream.write(f"\r[{bar}] {self.done}/{self.total} {text:<28.28}")
            self._stream.flush()

    def close(self):
        if self._shown:
            self._stream.write("\r" + " " * 72 + "\r")
            self._stream.flush()
            self._shown = False
