"""A table as a word-processor document (DOCX)."""

from evaluation.report import download_words, words
from evaluation.report import office_document as office
from evaluation.report.layout import Printed, PrintedKind, PrintedRow, printed, reach
from evaluation.report.table import NUMERIC, Table

# A table of many columns lies on its side.
MANY_COLUMNS = 5
NARROWEST, WIDEST = 6, 34  # characters that a column is given room for
PARTS = ("styles", "settings", "header1")
RIGHT: tuple[PrintedKind, ...] = (*NUMERIC, "none")


def to_docx(table: Table) -> bytes:
    """A document with title, reading, table and notes.

    The first row of the table holds mark, code and title and is repeated on every page; the last
    holds the citation: a table that is copied into another document keeps both.
    """
    banner = words.banner(table.mark, table.language)
    said = words.mark(table.mark, table.language)
    parts = {
        "[Content_Types].xml": office.content_types(*PARTS),
        "_rels/.rels": office.RELATIONS,
        "docProps/core.xml": office.properties(
            title=table.title,
            subject=table.called,
            description=banner,
            locale=download_words.LOCALES[table.language],
        ),
        "word/document.xml": _document(table, said),
        "word/_rels/document.xml.rels": office.relations(*PARTS),
        "word/styles.xml": office.styles(download_words.LOCALES[table.language]),
        "word/settings.xml": office.SETTINGS,
        "word/header1.xml": office.header(_above(table, banner)),
    }
    return office.packed(parts)


def _above(table: Table, banner: str) -> str:
    marked = _paragraph(banner, weight="bold", colour=office.WARNING) if banner else ""
    return marked + _paragraph(table.called, side="right")


def _document(table: Table, said: str) -> str:
    page = printed(table)
    lies = len(page.head) > MANY_COLUMNS
    width = office.LONG_SIDE if lies else office.SHORT_SIDE
    notes = [_paragraph(note) for note in table.notes]
    body = [
        _paragraph(f"{table.called}. {table.title}", style="Heading1"),
        _paragraph(table.reading),
        _table(table, page, said, width - 2 * office.MARGIN),
        _paragraph(download_words.NOTES[table.language], weight="bold"),
        *notes,
        office.section(lies=lies, distance=500),
    ]
    return (
        f'{office.HEAD}<w:document xmlns:w="{office.MAIN}" xmlns:r="{office.OFFICE}"><w:body>'
        f"{''.join(body)}</w:body></w:document>"
    )


def _table(table: Table, page: Printed, said: str, width: int) -> str:
    widths = _widths(page, width)
    whole = len(widths)
    title = f"{table.called}. {table.title}"
    marked = _paragraph(said, style="Cell", weight="bold", colour=office.WARNING) if said else ""
    top = f"{marked}{_paragraph(title, style='Cell', weight='bold')}"
    sides = _sides(page)
    heads = [
        office.cell(_paragraph(text, style="Cell", weight="bold", side=side), size)
        for text, side, size in zip(page.head, sides, widths, strict=True)
    ]
    out = [
        office.row([office.cell(top, width, whole)], office.REPEATED),
        office.row(heads, office.REPEATED),
    ]
    group = ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            out.append(
                office.row(
                    [office.cell(_paragraph(group, style="Cell", weight="bold"), width, whole)]
                )
            )
        out.append(office.row(_cells(page, row, widths)))
    if table.citation:
        out.append(
            office.row([office.cell(_paragraph(table.citation, style="Cell"), width, whole)])
        )
    return office.grid(out, widths, title=title)


def _cells(page: Printed, row: PrintedRow, widths: list[int]) -> list[str]:
    taken = reach(row)
    sizes = [widths[0], sum(widths[1 : 1 + taken]), *widths[1 + taken :]]
    columns = [1, taken, *(1 for _ in widths[1 + taken :])]
    shown = [*row.cells[:2], *row.cells[1 + taken :]]
    # where outcomes are columns, words stand below their numbers
    ends = ["right" if page.layout == "turned" else _side(kind) for _, kind in shown]
    sides = ["left", *ends[1:]]
    return [
        office.cell(_paragraph(_text(text, kind), style="Cell", side=side), size, wide)
        for (text, kind), side, size, wide in zip(shown, sides, sizes, columns, strict=True)
    ]


def _text(text: str, kind: PrintedKind) -> str:
    return "" if kind == "repeated" else text


def _side(kind: PrintedKind) -> str:
    return "right" if kind in RIGHT else "left"


def _sides(page: Printed) -> list[str]:
    """Where the head of each column stands: to the right above numbers."""
    columns = [[row.cells[i][1] for row in page.rows] for i, _ in enumerate(page.head)]
    return ["right" if any(kind in NUMERIC for kind in kinds) else "left" for kinds in columns]


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


def _paragraph(
    text: str,
    *,
    style: str = "Normal",
    side: str = "left",
    weight: office.Weight = "normal",
    colour: str = "",
) -> str:
    return office.paragraph(
        office.run(text, weight=weight, colour=colour), style, f'<w:jc w:val="{side}"/>'
    )
