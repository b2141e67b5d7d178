"""An exhibit's table in LaTeX."""

from evaluation.locale.latex import across, escaped, joined, line, longtable, shares_of
from evaluation.report.formats import words
from evaluation.report.formats.page_layout import PrintedTable, columns_taken, printed
from evaluation.report.formats.table import NUMERIC, Table


def to_latex(table: Table) -> bytes:
    """A ``longtable`` with mark, code and title in its caption, then notes as a list.

    The citation is the last row: a table that is copied into a document keeps it.
    """
    page = printed(table)
    said = words.mark(table.mark, table.language)
    mark = f"[{said}] " if said else ""
    called = f"{table.called}. " if table.code else ""
    columns = range(len(page.head))
    shares = shares_of(
        [
            [page.head[i], *(r.cells[i][0] for r in page.rows if columns_taken(r) == 1)]
            for i in columns
        ]
    )
    made = longtable(
        _rows(page, shares),
        head=page.head,
        numeric=[any(row.cells[i][1] in NUMERIC for row in page.rows) for i in columns],
        shares=shares,
        caption=f"{mark}{called}{table.title}",
        label=table.id,
        last=table.citation,
        notes=(table.reading, *table.all_notes),
    )
    return made.encode("utf-8")


def _rows(page: PrintedTable, shares: list[float]) -> list[str]:
    out = []
    group = ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            out.append(across(f"\\textbf{{{escaped(group)}}}", shares))
        cells = ["" if kind == "repeated" else escaped(text) for text, kind in row.cells]
        if columns_taken(row) > 1:
            cells = [cells[0], joined(cells[1], shares[1:])]
        out.append(line(cells))
    return out
