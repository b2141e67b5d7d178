"""The sheet of a workbook to read a table on: as it is printed, with its notes below.

Twelve columns at most, each as wide as its numbers, with the head and the names of the rows in
view. The sheet of data beside it has every column at full precision.
"""

import math
from collections.abc import Sequence

from evaluation.locale.messages import wording
from evaluation.report.formats import words, xlsx
from evaluation.report.formats.page_layout import Printed, PrintedRow, columns_taken, printed
from evaluation.report.formats.table import NUMERIC, Table

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


def reading_sheet(table: Table, name: str, *, paper: xlsx.Paper, above: Lines = ()) -> xlsx.Sheet:
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
        paper=xlsx.Paper(
            head=len(top) - 1,
            lead=0,
            width=min(sum(widths), xlsx.PAGE_WIDTH),
            header=paper.header,
            footer=paper.footer,
        ),
    )


def _rows(page: Printed, shown: int) -> list[list[xlsx.Entry]]:
    lines, group = [], ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            lines.append([xlsx.Entry(group, GROUP), *[xlsx.Entry("", GROUP)] * (shown - 1)])
        lines.append(_row(row, page, shown))
    return lines


def _row(row: PrintedRow, page: Printed, shown: int) -> list[xlsx.Entry]:
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


def _sides(page: Printed, shown: int) -> list[bool]:
    """Whether the head of each column is at the right, above numbers."""
    columns = [[row.cells[i][1] for row in page.rows] for i in range(shown)]
    return [i > 0 and any(kind in NUMERIC for kind in kinds) for i, kinds in enumerate(columns)]


def _widths(page: Printed, sides: list[bool]) -> list[int]:
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
        *table.notes,
        more,
        *(
            f"{wording(f'download.part.{part}', language)}: {getattr(table, part)}"
            for part in ("version", "plan_hash", "data_hash")
        ),
    )
    head = [xlsx.Entry(wording("download.notes", language), xlsx.TITLE)]
    return [[], head, *([xlsx.Entry(note, NOTE, across=True)] for note in notes if note)]
