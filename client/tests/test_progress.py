"""A bar for who looks, nothing for who does not."""

import io

from credit_care_agency.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def drawn(stream, quiet=False):
    progress = Progress(4, stream, quiet)
    for number in range(4):
        progress.step(f"PL/{number}")
    shown = stream.getvalue()
    progress.close()
    return shown


def test_it_grows_to_its_end_and_leaves_the_line_empty():
    stream = Terminal()
    assert drawn(stream).rstrip().endswith("[########################] 4/4 PL/3")
    assert stream.getvalue().endswith(" \r")


def test_nothing_is_drawn_into_a_file_or_when_quiet():
    assert drawn(io.StringIO()) == ""
    assert drawn(Terminal(), quiet=True) == ""
    Progress(0, Terminal()).close()
