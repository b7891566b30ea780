"""The figures of one or several ledgers as tables.

report.py RESULTS [JSON]      RESULTS: lines {"label", "lines", "figures"} written by bench/night
"""

import json
import os
import platform
import sys
from collections import defaultdict
from pathlib import Path

NIGHTS = (
    ("first", "the first night"), ("quiet", "nothing is due"), ("busy", "5 % is due"),
    ("peer", "account_credit_control"),
)
PLANS = (
    ("plans_quiet", "nothing moved"), ("plans_all", "each is looked at"),
    ("plans_reminded", "and reminded of an instalment"), ("plans_paid", "5 % have paid"),
)
FULL = 100_000  # the ledger for which the budgets are meant


class Plans:
    """The figures of so many running payment plans, one a debtor."""

    def __init__(self, lines, figures):
        self.count, self.figures = lines // 5, figures
        fixed = figures["plans_quiet"]["queries"]
        for night in (figures[label] for label, _text in PLANS):
            night["batch_queries"] = (night["queries"] - fixed) / max(night["batches"], 1)

    def to_json(self):
        return {"plans": self.count, **{label: self.figures[label] for label, _text in PLANS}}


class Ledger:
    """The figures of one size."""

    def __init__(self, lines, figures):
        self.lines, self.figures = lines, figures
        self.floor = figures["quiet"].pop("floor")
        self.messages = figures["send"]["messages"]

    def processor(self, label):
        return self.figures[label]["python_cpu"] + self.figures[label]["database_cpu"]

    def seconds(self, label):
        return self.figures[label]["seconds"]

    def queries(self, label):
        return self.figures[label]["queries"]

    def of_floor(self, label):
        return self.seconds(label) / self.floor["seconds"]

    def faster(self, label):
        """How many times faster than the peer, by the clock and by the processor."""
        if "peer" not in self.figures:
            return None
        return (
            self.seconds("peer") / self.seconds(label),
            self.processor("peer") / self.processor(label),
        )

    def message(self):
        """Queries, milliseconds of processor of Python and of the database, of one message."""
        send = self.figures["send"]
        return (
            send["queries"] / self.messages,
            1000 * send["python_cpu"] / self.messages,
            1000 * send["database_cpu"] / self.messages,
        )

    def payment(self):
        """Queries that the module adds to a payment."""
        return self.queries("pay") - self.queries("pay_without")

    def lists(self):
        return {k: v for k, v in self.figures["screens"].items() if k != "step"}

    def to_json(self):
        ratios = {"message": self.message(), "payment_added": self.payment()}
        for label in ("first", "quiet", "busy"):
            ratios[label] = {"of_floor": self.of_floor(label), "faster": self.faster(label)}
        return {
            "lines": self.lines, "floor": self.floor, "ratios": ratios, **self.figures,
        }


def read(path):
    """Ledgers, plans, figures and dossiers, by size."""
    by_size = defaultdict(dict)
    for line in Path(path).read_text().splitlines():
        row = json.loads(line)
        by_size[row["lines"]][row["label"]] = row["figures"]
    sizes = sorted(by_size.items())
    return (
        [Ledger(*size) for size in sizes if "quiet" in size[1]],
        [Plans(*size) for size in sizes if "plans_quiet" in size[1]],
        [(lines, one["figures"]) for lines, one in sizes if "figures" in one],
        [one["dossiers"] for _lines, one in sizes if "dossiers" in one],
    )


# ---------------------------------------------------------------------- tables


def table(titles, rows):
    rows = [titles, *([*map(str, row)] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  " + "  ".join(cells).rstrip())
    print()


def times(value):
    return f"{value:,.0f} ×" if value >= 10 else f"{value:.1f} ×"


def night_row(ledger, label, text):
    night = ledger.figures[label]
    return (
        text, f"{night['seconds']:.2f}", f"{night['python_cpu']:.2f}",
        f"{night['database_cpu']:.2f}", f"{night['queries']:,.0f}", f"{night['peak_mb']:,.0f}",
        times(ledger.of_floor(label)),
        " / ".join(map(times, ledger.faster(label) or ())) if label != "peer" else "",
    )


def print_ledger(ledger):
    first, busy = ledger.figures["first"], ledger.figures["busy"]
    print(f"{ledger.lines:,} open lines on {ledger.lines // 5:,} debtors\n")
    rows = [night_row(ledger, *night) for night in NIGHTS if night[0] in ledger.figures]
    table((
        "night", "seconds", "python", "database", "queries", "peak MB", "of the statement",
        "faster than the peer",
    ), [*rows, (
        "the one statement", f"{ledger.floor['seconds']:.2f}", "",
        f"{ledger.floor['database_cpu']:.2f}", 1, "", times(1), "",
    )])
    print(f"  First night: {first['cases']:,} cases and {first['items']:,} items opened,"
          f" {first['steps']:,} steps taken in {first['planned']:,} messages.")
    print(f"  5 % due: {busy['cases']:,} cases looked at, {busy['steps']:,} steps taken.\n")
    queries, python, database = ledger.message()
    without, own = ledger.queries("pay_without"), ledger.queries("pay")
    print(f"  A message prepared ({ledger.messages} of them): {queries:.1f} queries,"
          f" {python:.1f} ms of processor in Python, {database:.1f} in the database.")
    print(f"  A payment registered: {own:g} queries, {without:g} without the module.\n")
    table(("opening", "seconds", "queries"), [
        (name, f"{figures['seconds']:.2f}", f"{figures['queries']:.0f}")
        for name, figures in ledger.lists().items()
    ])


def print_plans(plans):
    print(f"{plans.count:,} running plans of four instalments\n")
    table((
        "night", "looked at", "messages", "seconds", "python", "database", "queries", "a batch",
        "peak MB",
    ), [
        (
            text, f"{night['looked']:,}", f"{night['messages']:,}", f"{night['seconds']:.2f}",
            f"{night['python_cpu']:.2f}", f"{night['database_cpu']:.2f}",
            f"{night['queries']:,}", f"{night['batch_queries']:.1f}" if night["batches"] else "",
            f"{night['peak_mb']:,}",
        )
        for night, text in ((plans.figures[label], text) for label, text in PLANS)
    ])


def print_figures(lines, figures):
    rows = {name: one for name, one in figures.items() if name != "step"}
    floor = rows["one statement"]["seconds"]
    print(f"Figures: {lines:,} open lines, {lines:,} paid ones of two years before\n")
    table(("figure", "seconds", "python", "database", "queries", "of the statement"), [
        (
            name, f"{one['seconds']:.2f}", f"{one['python_cpu']:.2f}",
            f"{one['database_cpu']:.2f}", f"{one['queries']:.0f}", times(one["seconds"] / floor),
        )
        for name, one in rows.items()
    ])


def print_dossiers(sizes):
    """One row a size: what a part of the list and a dossier cost."""
    table((
        "dossiers", "parts", "queries a part", "seconds a part", "seconds a dossier",
        "python", "queries", "KB", "peak MB",
    ), [
        (
            f"{one['placements']:,} placed", one["parts"],
            " to ".join(f"{n:,}" for n in sorted({*one["part_queries"][:1],
                                                  *one["part_queries"][-1:]})),
            f"{one['part']['seconds']:.2f}", f"{one['dossier']['seconds']:.2f}",
            f"{one['dossier']['python_cpu']:.2f}", f"{one['dossier']['queries']:.0f}",
            f"{one['kilobytes']:.0f}", f"{one['peak_mb']:,.0f}",
        )
        for one in sizes
    ])


def print_growth(ledgers):
    """What ten times the ledger costs, as factors of the size before."""
    titles = ["growth", *(f"{ledger.lines:,}" for ledger in ledgers)]
    rows = []
    for label, text in NIGHTS:
        having = [ledger for ledger in ledgers if label in ledger.figures]
        if having != ledgers:
            continue
        rows.append((f"{text}: queries", *(f"{ledger.queries(label):,.0f}" for ledger in ledgers)))
        rows.append((f"{text}: ms a thousand lines", *(
            f"{1000 * ledger.seconds(label) / ledger.lines * 1000:.0f}" for ledger in ledgers)))
        rows.append((f"{text}: peak MB", *(
            f"{ledger.figures[label]['peak_mb']:,.0f}" for ledger in ledgers)))
    rows.append(("a message: ms of Python", *(f"{one.message()[1]:.1f}" for one in ledgers)))
    table(titles, rows)


def budgets(ledger):
    """``(what, measured, allowed, met)``"""
    queries, python, _database = ledger.message()
    peak = max(ledger.figures[label]["peak_mb"] for label in ("first", "quiet", "busy"))
    slowest = max(f["seconds"] for name, f in ledger.lists().items() if name != "preview")
    yield "nothing is due, of the one statement", ledger.of_floor("quiet"), "≤ 3", 3
    yield "peak memory of a night, MB", peak, "≤ 400", 400
    yield "a message: queries", queries, "≤ 10", 10
    yield "a message: ms of Python, as the peer's were measured", python, "≤ 10", 10
    yield "a payment: queries added", ledger.payment(), "≤ 3", 3
    yield "the slowest list, seconds", slowest, "≤ 1", 1
    if "peer" in ledger.figures:
        yield "first night, times faster than the peer", ledger.faster("first")[0], "≥ 30", -30
        yield "5 % due, times faster than the peer", ledger.faster("busy")[0], "≥ 100", -100


def print_budgets(ledger):
    """A negative limit is a least value."""
    table(("budget", "measured", "allowed", ""), [
        (what, f"{value:.1f}" if value < 100 else f"{value:,.0f}", allowed,
         "met" if (value <= limit if limit > 0 else value >= -limit) else "MISSED")
        for what, value, allowed, limit in budgets(ledger)
    ])


def machine():
    return {
        "cores": os.cpu_count(), "machine": platform.machine(),
        "python": platform.python_version(), "load": round(os.getloadavg()[1], 1),
    }


def main(results, target=None):
    ledgers, plans, figures, dossiers = read(results)
    host = machine()
    print("{machine}, {cores} cores, Python {python}, load {load}\n".format(**host))
    for ledger in ledgers:
        print_ledger(ledger)
    for each in plans:
        print_plans(each)
    for each in figures:
        print_figures(*each)
    if dossiers:
        print_dossiers(dossiers)
    if len(ledgers) > 1:
        print_growth(ledgers)
    if ledgers and ledgers[-1].lines >= FULL:
        print_budgets(ledgers[-1])
    if target:
        written = {
            "machine": host, "ledgers": [ledger.to_json() for ledger in ledgers],
            "plans": [each.to_json() for each in plans], "figures": dict(figures),
            "dossiers": dossiers,
        }
        Path(target).write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
