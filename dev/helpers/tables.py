"""Tables of text for the terminal."""


def show(title, rows, limit=40):
    """Print rows of cells in columns; in more than two columns the first row is the heading."""
    rows = [["" if cell is None else str(cell) for cell in row] for row in rows]
    print(f"\n{title}")
    if not rows:
        print("  (nothing)")
        return
    widths = [
        max(len(row[i]) for row in rows[: limit + 1] if i < len(row))
        for i in range(max(map(len, rows)))
    ]
    for number, row in enumerate(rows[: limit + 1]):
        cells = zip(row, widths, strict=False)
        line = "  ".join(c.rjust(w) if _is_number(c) else c.ljust(w) for c, w in cells)
        print("  " + line.rstrip())
        if number == 0 and len(row) > 2:
            print("  " + "  ".join("-" * width for width in widths))
    if len(rows) > limit + 1:
        print(f"  … and {len(rows) - limit - 1} more")


def _is_number(text):
    return text.replace(",", "").replace(".", "").replace("-", "").replace(" ", "").isdigit()
