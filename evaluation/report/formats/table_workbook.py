"""A table as a workbook, and all tables of a study as one with an index.

A sheet to read has twelve columns at most, each as wide as its numbers, with the head and the names
of the rows in view, and the notes below. The sheet of data beside it has every column at full
precision.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from evaluation.locale.messages import wording
from evaluation.report.formats import words, xlsx
from evaluation.report.formats.page_layout import PrintedRow, PrintedTable, columns_taken, printed
from evaluation.report.formats.table import NUMERIC, Cell, Row, Table

# Columns of a table sheet before those of the table: row and group.
LEADING = 2
# The format takes 255 characters in the head of a page, the mark among them.
LONGEST_HEADER = 80
MOST_COLUMNS = 12
# characters: of a column of numbers, of one of words, of the names of the rows
NARROWEST, WIDEST, WIDEST_NAME = 9, 44, 40
SLACK = 3
RULE = xlsx.look(bottom=4, bottom_color="#A6A6A6")
TITLE = xlsx.look(bold=True, font_size=14)
HEAD = xlsx.look(xlsx.HEAD, bg_color="#E7E6E6", valign="bottom")
GROUP = xlsx.look(bold=True, bg_color="#F2F2F2")
TEXT = xlsx.look(xlsx.WRAPPED, RULE)
NUMBER = xlsx.look(RULE, align="right", valign="top")
REASON = xlsx.look(xlsx.WRAPPED, RULE, italic=True, font_color="#595959")
NOTE = xlsx.look(xlsx.WRAPPED, font_color="#404040")
NUMBERS = frozenset((*NUMERIC, "none"))

Lines = Sequence[Sequence[xlsx.Entry]]


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
        lines=[*top, *map(_data_row, table.rows), *cited],
        columns=[(width, xlsx.PLAIN) for width in widths],
        frozen=(len(top), LEADING + 1),
        paper=replace(_paper(table), head=len(top) - 1, width=sum(widths), lead=LEADING),
    )


def _marked(table: Table) -> list[list[xlsx.Entry]]:
    banner = words.banner(table.mark, table.language)
    return [[xlsx.Entry(banner, xlsx.WARNING)]] if banner else []


def _paper(table: Table, *, named: str = "") -> xlsx.SheetPrint:
    """On paper: the mark and the table's id, or another name, on each page, and its number."""
    said = words.mark(table.mark, table.language)
    mark = f'&C&"Arial,Bold"&12{said}' if said else ""
    name = (named or table.id)[:LONGEST_HEADER].replace("&", "&&")
    return xlsx.SheetPrint(
        header=f"{mark}&R{name}", footer=f"&R{wording('download.page-of', table.language)}"
    )


def _data_row(row: Row) -> list[xlsx.Entry]:
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


def reading_sheet(
    table: Table, name: str, *, paper: xlsx.SheetPrint, above: Lines = ()
) -> xlsx.Sheet:
    """Mark, title, reading, the printed table, citation and notes.

    Parameters
    ----------
    table : Table
    name : str
        Of the sheet.
    above : sequence of sequence of Entry
        Lines on top of all.
    paper : Paper
        Header and footer; its head and width are set here.
    """
    page = printed(table)
    shown = len(page.head[:MOST_COLUMNS])
    sides = _sides(page, shown)
    widths = _widths(page, sides)
    banner = words.banner(table.mark, table.language)
    top = [
        *above,
        *([[xlsx.Entry(banner, xlsx.WARNING)]] if banner else []),
        [xlsx.Entry(f"{table.called}: {table.title}", TITLE)],
        [xlsx.Entry(table.reading, NOTE, across=True)],
        [
            xlsx.Entry(text, xlsx.look(HEAD, align="right" if side else "left"))
            for text, side in zip(page.head, sides, strict=False)
        ],
    ]
    lines = [*top, *_rows(page, shown), *_below(table, left_out=len(page.head) - shown)]
    return xlsx.Sheet(
        name=name,
        lines=lines,
        columns=[(width, xlsx.PLAIN) for width in widths],
        frozen=(len(top), 1),
        is_read=True,
        paper=xlsx.SheetPrint(
            head=len(top) - 1,
            lead=0,
            width=min(sum(widths), xlsx.PAGE_WIDTH),
            header=paper.header,
            footer=paper.footer,
        ),
    )


def _rows(page: PrintedTable, shown: int) -> list[list[xlsx.Entry]]:
    lines, group = [], ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            lines.append([xlsx.Entry(group, GROUP), *[xlsx.Entry("", GROUP)] * (shown - 1)])
        lines.append(_row(row, page, shown))
    return lines


def _row(row: PrintedRow, page: PrintedTable, shown: int) -> list[xlsx.Entry]:
    (name, _), *others = row.cells[:shown]
    entries = [xlsx.Entry(name, TEXT)]
    if columns_taken(row) > 1:
        # goes on over the cells beside it, which are empty
        return [*entries, xlsx.Entry(others[0][0], xlsx.look(REASON, text_wrap=False))]
    for text, kind in others:
        turned = page.layout == "turned"
        look = NUMBER if kind in NUMBERS else xlsx.look(TEXT, align="right") if turned else TEXT
        entries.append(xlsx.Entry(text, REASON if kind == "unavailable" else look))
    return entries


def _sides(page: PrintedTable, shown: int) -> list[bool]:
    """Whether the head of each column is at the right, above numbers."""
    columns = [[row.cells[i][1] for row in page.rows] for i in range(shown)]
    return [i > 0 and any(kind in NUMERIC for kind in kinds) for i, kinds in enumerate(columns)]


def _widths(page: PrintedTable, sides: list[bool]) -> list[int]:
    """Characters of each column: all of a number, a line or two of words, a word of the head."""
    found = []
    for i, numbers in enumerate(sides):
        cells = [row.cells[i] for row in page.rows if i == 0 or columns_taken(row) == 1]
        # beside numbers, words go on in the next line
        texts = [text for text, kind in cells if not numbers or kind in NUMERIC]
        longest = max(map(len, texts), default=0)
        word = max(map(len, page.head[i].split()), default=0)
        most = longest if numbers else WIDEST if i else WIDEST_NAME
        # a head of many words is not set on more than a few lines
        head = math.ceil(len(page.head[i]) / 3)
        found.append(max(min(longest, most), word, head, NARROWEST) + SLACK)
    return found


def _below(table: Table, *, left_out: int) -> list[list[xlsx.Entry]]:
    """Citation and notes, what the data sheet has beside, and what the table was made from."""
    language = table.language
    more = wording("download.more-columns", language, n=left_out) if left_out > 0 else ""
    notes = (
        table.citation,
        *table.all_notes,
        more,
        *(
            f"{wording(f'download.part.{part}', language)}: {getattr(table, part)}"
            for part in ("version", "plan_hash", "data_hash")
        ),
    )
    head = [xlsx.Entry(wording("download.notes", language), xlsx.TITLE)]
    return [[], head, *([xlsx.Entry(note, NOTE, across=True)] for note in notes if note)]
