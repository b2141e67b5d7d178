"""A table as a word-processor document (DOCX, Office Open XML).

The few parts of the format that a table needs are written directly: no template of another program
travels with a file, its bytes depend on the table alone, and forty of them take a blink. No field,
link or macro is written, so nothing in a text can act.

Source: ECMA-376, Office Open XML file formats, part 1 (WordprocessingML), part 2 (packages).
"""

import io
import re
import zipfile
from collections.abc import Mapping
from html import escape
from typing import Literal

from evaluation.report import download_words, words
from evaluation.report.inert import CREATED
from evaluation.report.layout import Printed, PrintedKind, PrintedRow, printed, reach
from evaluation.report.table import NUMERIC, Table

# Twentieths of a point: A4 with margins of 1.75 cm. A table of many columns lies on its side.
SHORT_SIDE, LONG_SIDE, MARGIN = 11906, 16838, 992
MANY_COLUMNS = 5
NARROWEST, WIDEST = 6, 34  # characters that a column is given room for
WARNING = "9C0006"
Weight = Literal["normal", "bold"]
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
RIGHT: tuple[PrintedKind, ...] = (*NUMERIC, "none")
MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
FORMAT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

CONTENT_TYPES = (
    f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    + "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{FORMAT}.{kind}+xml"/>'
        for part, kind in (
            ("document", "document.main"),
            ("styles", "styles"),
            ("settings", "settings"),
            ("header1", "header"),
        )
    )
    + '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.'
    'core-properties+xml"/></Types>'
)
RELATIONS = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="r2" Type="{PACKAGE}/relationships/metadata/core-properties"'
    ' Target="docProps/core.xml"/></Relationships>'
)
OF_DOCUMENT = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    + "".join(
        f'<Relationship Id="{part}" Type="{OFFICE}/{kind}" Target="{part}.xml"/>'
        for part, kind in (("styles", "styles"), ("settings", "settings"), ("header1", "header"))
    )
    + "</Relationships>"
)
# The mode of the program of 2013 and after: without it the file opens as one of 2007.
SETTINGS = (
    f'{HEAD}<w:settings xmlns:w="{MAIN}"><w:compat><w:compatSetting w:name="compatibilityMode"'
    ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)
STYLES = (
    '{head}<w:styles xmlns:w="{main}"><w:docDefaults><w:rPrDefault><w:rPr>'
    '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/><w:sz w:val="20"/>'
    '<w:lang w:val="{locale}"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
    '<w:spacing w:after="80"/></w:pPr></w:pPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    '</w:style><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>'
    '<w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/>'
    '<w:sz w:val="26"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Cell">'
    '<w:name w:val="Cell"/><w:basedOn w:val="Normal"/><w:pPr><w:spacing w:after="0"/></w:pPr>'
    '<w:rPr><w:sz w:val="17"/></w:rPr></w:style></w:styles>'
)
LINE = '<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
BORDERS = "".join(LINE.format(side=side) for side in ("top", "bottom", "insideH"))
REPEATED = "<w:tblHeader/>"


def to_docx(table: Table) -> bytes:
    """A document with title, reading, table and notes.

    The first row of the table holds mark, code and title and is repeated on every page; the last
    holds the citation: a table that is copied into another document keeps both.
    """
    banner = words.banner(table.mark, table.language)
    said = words.mark(table.mark, table.language)
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONS,
        "docProps/core.xml": _properties(table, banner),
        "word/document.xml": _document(table, said),
        "word/_rels/document.xml.rels": OF_DOCUMENT,
        "word/styles.xml": STYLES.format(
            head=HEAD, main=MAIN, locale=download_words.LOCALES[table.language]
        ),
        "word/settings.xml": SETTINGS,
        "word/header1.xml": _header(table, banner),
    }
    return packed(parts)


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """Parts of an office document as one file, alike on every writing and every machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, CREATED.timetuple()[:6])
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            archive.writestr(entry, text)
    return buffer.getvalue()


def _properties(table: Table, banner: str) -> str:
    day = f"{CREATED.isoformat()}Z"
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{day}</dcterms:{name}>'
        for name in ("created", "modified")
    )
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{_e(table.title)}</dc:title><dc:subject>{_e(table.called)}</dc:subject>"
        f"<dc:description>{_e(banner)}</dc:description>"
        f"<dc:language>{download_words.LOCALES[table.language]}</dc:language>{dates}"
        "</cp:coreProperties>"
    )


def _header(table: Table, banner: str) -> str:
    lines = ([_paragraph(banner, weight="bold", colour=WARNING)] if banner else []) + [
        _paragraph(table.called, side="right")
    ]
    return f'{HEAD}<w:hdr xmlns:w="{MAIN}">{"".join(lines)}</w:hdr>'


def _document(table: Table, said: str) -> str:
    page = printed(table)
    lies = len(page.head) > MANY_COLUMNS
    width, height = (LONG_SIDE, SHORT_SIDE) if lies else (SHORT_SIDE, LONG_SIDE)
    orient = ' w:orient="landscape"' if lies else ""
    notes = [_paragraph(note) for note in table.notes]
    section = (
        f'<w:sectPr><w:headerReference w:type="default" r:id="header1"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"{orient}/><w:pgMar w:top="{MARGIN}"'
        f' w:right="{MARGIN}" w:bottom="{MARGIN}" w:left="{MARGIN}" w:header="500"'
        ' w:footer="500" w:gutter="0"/></w:sectPr>'
    )
    body = [
        _paragraph(f"{table.called}. {table.title}", style="Heading1"),
        _paragraph(table.reading),
        _table(table, page, said, width - 2 * MARGIN),
        _paragraph(download_words.NOTES[table.language], weight="bold"),
        *notes,
        section,
    ]
    return (
        f'{HEAD}<w:document xmlns:w="{MAIN}" xmlns:r="{OFFICE}"><w:body>{"".join(body)}</w:body>'
        "</w:document>"
    )


def _table(table: Table, page: Printed, said: str, width: int) -> str:
    widths = _widths(page, width)
    whole = len(widths)
    title = f"{table.called}. {table.title}"
    marked = _paragraph(said, style="Cell", weight="bold", colour=WARNING) if said else ""
    top = f"{marked}{_paragraph(title, style='Cell', weight='bold')}"
    sides = _sides(page)
    heads = [
        _cell(_paragraph(text, style="Cell", weight="bold", side=side), size)
        for text, side, size in zip(page.head, sides, widths, strict=True)
    ]
    out = [_row([_cell(top, width, whole)], REPEATED), _row(heads, REPEATED)]
    group = ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            out.append(_row([_cell(_paragraph(group, style="Cell", weight="bold"), width, whole)]))
        out.append(_row(_cells(page, row, widths)))
    if table.citation:
        out.append(_row([_cell(_paragraph(table.citation, style="Cell"), width, whole)]))
    grid = "".join(f'<w:gridCol w:w="{size}"/>' for size in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:tblBorders>{BORDERS}'
        '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/>'
        '<w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblCaption w:val="{_e(title)}"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{''.join(out)}</w:tbl>"
    )


def _cells(page: Printed, row: PrintedRow, widths: list[int]) -> list[str]:
    taken = reach(row)
    sizes = [widths[0], sum(widths[1 : 1 + taken]), *widths[1 + taken :]]
    columns = [1, taken, *(1 for _ in widths[1 + taken :])]
    shown = [*row.cells[:2], *row.cells[1 + taken :]]
    # where outcomes are columns, words stand below their numbers
    ends = ["right" if page.layout == "turned" else _side(kind) for _, kind in shown]
    sides = ["left", *ends[1:]]
    return [
        _cell(_paragraph(_text(text, kind), style="Cell", side=side), size, wide)
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


def _row(cells: list[str], settings: str = "") -> str:
    # a row is not broken between two pages
    return f"<w:tr><w:trPr><w:cantSplit/>{settings}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(content: str, width: int, columns: int = 1) -> str:
    span = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}</w:tcPr>{content}</w:tc>'


def _paragraph(
    text: str,
    *,
    style: str = "Normal",
    side: str = "left",
    weight: Weight = "normal",
    colour: str = "",
) -> str:
    bold = "<w:b/>" if weight == "bold" else ""
    shade = f'<w:color w:val="{colour}"/>' if colour else ""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/><w:jc w:val="{side}"/></w:pPr>'
        f"<w:r><w:rPr>{bold}{shade}</w:rPr>"
        f'<w:t xml:space="preserve">{_e(text)}</w:t></w:r></w:p>'
    )


def _e(text: str) -> str:
    return escape(FORBIDDEN.sub("", text), quote=True)
