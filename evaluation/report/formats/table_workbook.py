"""A table as a workbook, and all tables of a study as one with an index."""

import math
from collections.abc import Sequence
from dataclasses import replace

from evaluation.locale.messages import wording
from evaluation.report.formats import words, xlsx
from evaluation.report.formats.reading_sheet import reading_sheet
from evaluation.report.formats.table import Cell, Row, Table

# Columns of a table sheet before those of the table: row and group.
LEADING = 2
# The format takes 255 characters in the head of a page, the mark among them.
LONGEST_HEADER = 80


def to_xlsx(table: Table) -> bytes:
    """Two sheets: the table to read, with its notes, and its data at full precision."""
    language = table.language
    sheets = [
        reading_sheet(table, wording("download.table-sheet", language), paper=_paper(table)),
        _data_sheet(table, wording("download.data-sheet", language)),
    ]
    return xlsx.workbook(
        sheets,
        title=table.title,
        subject=table.id,
        comments=words.banner(table.mark, language),
        status=table.mark,
    )


def to_workbook(tables: Sequence[Table], *, title: str) -> bytes:
    """All tables in one workbook: an index with links, then two sheets a table, by code.

    The first is to read, the second has the data. Each has mark, title, code and citation, so that
    one sent alone says what it is. Its only links lead from the index to the sheets and back.

    Parameters
    ----------
    tables : sequence of Table
        At least one, all of one study and in one language, each with its own code.
    title : str
        Title of the workbook: the study's.
    """
    mark, language = tables[0].mark, tables[0].language
    index, data = (wording(f"download.{name}-sheet", language) for name in ("index", "data"))
    back = [[xlsx.Entry(wording("download.back", language), xlsx.LINK, sheet=index)]]
    sheets = (
        sheet
        for table in tables
        for sheet in (
            reading_sheet(table, table.code, above=back, paper=_paper(table)),
            _data_sheet(table, f"{table.code} {data}", above=back),
        )
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
        paper=replace(_paper(first, named=title), head=head),
    )


def _data_sheet(
    table: Table, name: str, *, above: Sequence[Sequence[xlsx.Entry]] = ()
) -> xlsx.Sheet:
    """Mark, title, heads, rows with ids and groups, and the citation; numbers as they are."""
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
    return xlsx.Sheet(
        name=name,
        lines=[*top, *map(_row, table.rows), *cited],
        columns=[(width, xlsx.PLAIN) for width in widths],
        frozen=(len(top), LEADING + 1),
        paper=replace(_paper(table), head=len(top) - 1, width=sum(widths), lead=LEADING),
    )


def _marked(table: Table) -> list[list[xlsx.Entry]]:
    banner = words.banner(table.mark, table.language)
    return [[xlsx.Entry(banner, xlsx.WARNING)]] if banner else []


def _paper(table: Table, *, named: str = "") -> xlsx.Paper:
    """On paper: the mark and the table's id, or another name, on each page, and its number."""
    said = words.mark(table.mark, table.language)
    mark = f'&C&"Arial,Bold"&12{said}' if said else ""
    name = (named or table.id)[:LONGEST_HEADER].replace("&", "&&")
    return xlsx.Paper(
        header=f"{mark}&R{name}", footer=f"&R{wording('download.page-of', table.language)}"
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
