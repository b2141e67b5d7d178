"""A table as a word-processor document (DOCX)."""

import docx.table

from evaluation.locale.messages import wording
from evaluation.report import download_words, words
from evaluation.report import office_document as office
from evaluation.report.layout import Printed, PrintedKind, PrintedRow, printed, reach
from evaluation.report.table import NUMERIC, Table

# A table of many columns lies on its side.
MANY_COLUMNS = 5
NARROWEST, WIDEST = 6, 34  # characters that a column is given room for
RIGHT: tuple[PrintedKind, ...] = (*NUMERIC, "none")


def to_docx(table: Table) -> bytes:
    """A document with title, reading, table and notes.

    The first row of the table holds mark, code and title and is repeated on every page; the last
    holds the citation: a table that is copied into another document keeps both.
    """
    page = printed(table)
    banner = words.banner(table.mark, table.language)
    title = f"{table.called}. {table.title}"
    lies = len(page.head) > MANY_COLUMNS
    made = office.document(
        title=table.title,
        subject=table.called,
        comments=banner,
        locale=download_words.LOCALES[table.language],
        lies=lies,
    )
    if banner:
        office.write(office.above(made), banner, bold=True, colour=office.WARNING)
    office.write(office.above(made), table.called, side=office.Side.RIGHT)
    office.write(made.add_paragraph(style="Heading 1"), title)
    office.write(made.add_paragraph(), table.reading)
    width = (office.LONG_SIDE if lies else office.SHORT_SIDE) - 2 * office.MARGIN
    grid = office.grid(made, _widths(page, width), title=title)
    whole = [len(page.head)]
    (top,) = office.row(grid, whole, repeated=True)
    said = words.mark(table.mark, table.language)
    if said:
        marked = top.insert_paragraph_before(style="Cell")
        office.write(marked, said, bold=True, colour=office.WARNING)
    office.write(top, title, bold=True)
    heads = office.row(grid, [1] * len(page.head), repeated=True)
    for paragraph, text, side in zip(heads, page.head, _sides(page), strict=True):
        office.write(paragraph, text, bold=True, side=side)
    group = ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            office.write(office.row(grid, whole)[0], group, bold=True)
        _write_row(grid, page, row)
    if table.citation:
        office.write(office.row(grid, whole)[0], table.citation)
    office.write(made.add_paragraph(), wording("download.notes", table.language), bold=True)
    for note in table.notes:
        office.write(made.add_paragraph(), note)
    return office.packed(made)


def _write_row(grid: docx.table.Table, page: Printed, row: PrintedRow) -> None:
    taken = reach(row)
    shown = [*row.cells[:2], *row.cells[1 + taken :]]
    spans = [1, taken, *(1 for _ in shown[2:])]
    # where outcomes are columns, words stand below their numbers
    turned = page.layout == "turned"
    for i, (paragraph, (text, kind)) in enumerate(zip(office.row(grid, spans), shown, strict=True)):
        ends = i > 0 and (turned or kind in RIGHT)
        side = office.Side.RIGHT if ends else office.Side.LEFT
        office.write(paragraph, "" if kind == "repeated" else text, side=side)


def _sides(page: Printed) -> list[office.Side]:
    """Where the head of each column stands: to the right above numbers."""
    columns = [[row.cells[i][1] for row in page.rows] for i, _ in enumerate(page.head)]
    return [
        office.Side.RIGHT if any(k in NUMERIC for k in kinds) else office.Side.LEFT
        for kinds in columns
    ]


def _widths(page: Printed, width: int) -> list[int]:
    """Widths of the columns by their longest words and texts; their sum is ``width``."""
    wanted = []
    for i, head in enumerate(page.head):
        texts = [row.cells[i][0] for row in page.rows if i != 1 or reach(row) == 1]
        longest = max(map(len, texts), default=0)
        word = max((len(w) for text in (head, *texts) for w in text.split(" ")), default=0)
        wanted.append(min(max(longest, word, NARROWEST), max(WIDEST, word)))
    sizes = [width * size // sum(wanted) for size in wanted]
    return [*sizes[:-1], width - sum(sizes[:-1])]
