"""A table as a workbook, and all tables of a study as one with an index."""

import math
from collections.abc import Sequence

from evaluation.locale.messages import wording
from evaluation.report.formats import words, xlsx
from evaluation.report.formats.table import Cell, Row, Table

# Columns of a table sheet before those of the table: row and group.
LEADING = 2
# The format takes 255 characters in the head of a page, the mark among them.
LONGEST_HEADER = 80


def to_xlsx(table: Table) -> bytes:
    """One sheet with the table and one with title, reading, notes, citation and hashes."""
    language = table.language
    notes = xlsx.Sheet(
        name=wording("download.notes-sheet", language),
        lines=_around(table),
        columns=[(16, xlsx.PLAIN), (xlsx.NOTE_WIDTH, xlsx.PLAIN)],
        paper=_paper(table, named=table.id, head=0, width=16 + xlsx.NOTE_WIDTH),
    )
    return xlsx.workbook(
        [_table_sheet(table, wording("download.table-sheet", language)), notes],
        title=table.title,
        subject=table.id,
        comments=words.banner(table.mark, language),
        status=table.mark,
    )


def to_workbook(tables: Sequence[Table], *, title: str) -> bytes:
    """All tables in one workbook: an index with links, then one sheet a table, by code.

    Each sheet has mark, title, code, notes and citation, so that one sent alone says what it is.
    Its only links lead from the index to the sheets and back.

    Parameters
    ----------
    tables : sequence of Table
        At least one, all of one study and in one language, each with its own code.
    title : str
        Title of the workbook: the study's.
    """
    mark, language = tables[0].mark, tables[0].language
    back = wording("download.index-sheet", language)
    sheets = (
        _table_sheet(
            table,
            table.code,
            above=[[xlsx.Entry(wording("download.back", language), xlsx.LINK, sheet=back)]],
            below=[[], *_around(table, across=True)],
        )
        for table in tables
    )
    return xlsx.workbook(
        [_index(tables, title=title), *sheets],
        title=title,
        comments=words.banner(mark, language),
        status=mark,
    )


def _index(tables: Sequence[Table], *, title: str) -> xlsx.Sheet:
    first = tables[0]
    language = first.language
    marked = _marked(first)
    shown = ("code", "id", "title", "reading", "citation")
    lines = [
        *marked,
        [xlsx.Entry(f"{title}. {wording('download.all-tables', language)}", xlsx.TITLE)],
        [xlsx.Entry(wording(f"download.part.{part}", language), xlsx.HEAD) for part in shown],
        *(
            [
                xlsx.Entry(table.code, xlsx.LINK, sheet=table.code),
                *(xlsx.Entry(getattr(table, part), xlsx.WRAPPED) for part in shown[1:]),
            ]
            for table in tables
        ),
    ]
    head = len(marked) + 1
    return xlsx.Sheet(
        name=wording("download.index-sheet", language),
        lines=lines,
        columns=[(width, xlsx.PLAIN) for width in (12, 28, xlsx.WIDEST, xlsx.WIDEST, xlsx.WIDEST)],
        frozen=(head + 1, 0),
        paper=_paper(first, named=title, head=head, width=xlsx.PAGE_WIDTH),
    )


def _table_sheet(
    table: Table,
    name: str,
    *,
    above: Sequence[Sequence[xlsx.Entry]] = (),
    below: Sequence[Sequence[xlsx.Entry]] = (),
) -> xlsx.Sheet:
    """Mark, title, heads, rows and citation, and what stands above and below them."""
    language = table.language
    lead = (wording("download.row", language), wording("download.group", language))
    top = [
        *above,
        *_marked(table),
        [xlsx.Entry(f"{table.called}: {table.title}", xlsx.TITLE)],
        [xlsx.Entry(label, xlsx.HEAD) for label in (*lead, *(c.label for c in table.columns))],
    ]
    longest = (
        max((len(row.cells[i].text) for row in table.rows), default=10)
        for i, _ in enumerate(table.columns)
    )
    widths = [18] * LEADING + [min(max(length + 2, 12), xlsx.WIDEST) for length in longest]
    # inside the sheet that people copy from, below the rows
    cited = [[xlsx.Entry(table.citation)]] if table.citation else []
    paper = _paper(table, named=table.id, head=len(top) - 1, width=sum(widths), lead=LEADING)
    return xlsx.Sheet(
        name=name,
        lines=[*top, *map(_row, table.rows), *cited, *below],
        columns=[(width, xlsx.PLAIN) for width in widths],
        frozen=(len(top), LEADING + 1),
        paper=paper,
    )


def _marked(table: Table) -> list[list[xlsx.Entry]]:
    banner = words.banner(table.mark, table.language)
    return [[xlsx.Entry(banner, xlsx.WARNING)]] if banner else []


def _paper(
    table: Table, *, named: str, head: int, width: int, lead: int | None = None
) -> xlsx.Paper:
    """On paper: the first rows and the mark on each page, and the columns that name the rows."""
    said = words.mark(table.mark, table.language)
    mark = f'&C&"Arial,Bold"&12{said}' if said else ""
    return xlsx.Paper(
        head=head,
        lead=lead,
        width=width,
        header=f"{mark}&R{named[:LONGEST_HEADER].replace('&', '&&')}",
        footer=f"&R{wording('download.page-of', table.language)}",
    )


def _row(row: Row) -> list[xlsx.Entry]:
    cells = (
        xlsx.Entry(cell.text)
        if cell.value is None or math.isinf(cell.value)
        else xlsx.Entry(cell.value, xlsx.look(num_format=_number_format(cell)))
        for cell in row.cells
    )
    return [xlsx.Entry(row.id), xlsx.Entry(row.group), *cells]


def _number_format(cell: Cell) -> str:
    if cell.value and not any(digit in cell.text for digit in "123456789"):
        return f'"{cell.text}"'  # spreadsheets would print a negative zero
    places = "0." + "0" * cell.decimals if cell.decimals else "0"
    grouped = places if cell.kind == "p_value" else f"#,##{places}"
    return f"+{grouped};-{grouped};{grouped}" if cell.kind == "effect" else grouped


def _around(table: Table, *, across: bool = False) -> list[list[xlsx.Entry]]:
    """What stands around a table: lines of a name and a text."""
    banner = words.banner(table.mark, table.language)
    parts = [
        *([("synthetic", banner)] if banner else []),
        *([("code", table.code)] if table.code else []),
        ("id", table.id),
        ("title", table.title),
        ("reading", table.reading),
        *(("note", note) for note in table.notes),
        ("citation", table.citation),
        ("plan_hash", table.plan_hash),
        ("data_hash", table.data_hash),
        ("version", table.version),
    ]
    return [
        [
            xlsx.Entry(wording(f"download.part.{name}", table.language)),
            xlsx.Entry(content, xlsx.WRAPPED, across=across),
        ]
        for name, content in parts
    ]
