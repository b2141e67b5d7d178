"""A table as a word-processor document (DOCX), and the parts such documents are written from.

The few parts of the format that they need are written directly: no template of another program
travels with a file, and its bytes depend on its content alone. No field, link or macro is written,
so nothing in a text can act.

Source: ECMA-376, Office Open XML file formats, part 1 (WordprocessingML), part 2 (packages).
"""

import functools
import io
import re
import zipfile
from collections.abc import Sequence
from textwrap import shorten
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENTATION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor, Twips
from docx.table import Table as WordTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from evaluation.locale.messages import wording
from evaluation.report.formats import words
from evaluation.report.formats.page_layout import (
    LONGEST_WHOLE,
    WHOLE,
    Paper,
    PrintedKind,
    PrintedRow,
    PrintedTable,
    TableForm,
    columns_taken,
    fitted,
    pieces,
    printed,
)
from evaluation.report.formats.table import NUMERIC, Table
from evaluation.report.formats.words import LOCALES
from evaluation.report.formats.xlsx import CREATED

# Twentieths of a point: A4 with margins of 1.75 cm.
SHORT_SIDE, LONG_SIDE, MARGIN, HEADER = 11906, 16838, 992, 500
WARNING = "9C0006"
Side = WD_PARAGRAPH_ALIGNMENT
# what XML cannot hold
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# parts of the template that are kept, by the kind of their relation
PARTS = ("officeDocument", "core-properties", "styles", "settings", "numbering", "fontTable")
# style: points of its letters, whether they are bold, points below and above a paragraph
STYLES = {
    "Normal": (10, False, 4, 0),
    "Title": (17, True, 4, 0),
    "Heading 1": (13, True, 4, 0),
    "Heading 2": (11.5, True, 3, 7),
    "List Bullet": (10, False, 2, 0),
    "Small": (8, False, 2, 0),
    "Cell": (8.5, False, 0, 0),
}
LINE = '<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
# where there is no Arial: another face without serifs
FONTS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    f'<w:fonts {nsdecls("w")}><w:font w:name="Arial">'
    '<w:altName w:val="Liberation Sans;DejaVu Sans"/>'
    '<w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font></w:fonts>'
)
LONGEST_PROPERTY = 255  # letters of a core property
BORDERS = "".join(LINE.format(side=side) for side in ("top", "bottom", "insideH"))


def document(
    *, title: str, subject: str, comments: str, locale: str, lies: bool = False
) -> Document:
    """An empty document.

    Parameters
    ----------
    title, subject, comments : str
        What it says of itself: cut at a word, with "…", where the format's room ends.
    locale : str
        Language of its words, e.g. ``es-CO``.
    lies : bool
        Whether its pages lie on their side.
    """
    made = docx.Document(io.BytesIO(_template(locale)))
    about = made.core_properties
    about.title, about.subject, about.comments = (
        shorten(escaped(text), LONGEST_PROPERTY, placeholder=" …")
        for text in (title, subject, comments)
    )
    section = made.sections[0]
    if lies:
        section.orientation = WD_ORIENTATION.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    return made


@functools.cache
def _template(locale: str) -> bytes:
    made = docx.Document()
    for relations in (made.part.rels, made.part.package.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.rpartition("/")[2] not in PARTS:
                del relations[key]
    for style in list(made.styles):
        if style.name not in STYLES:
            style.delete()
    for name, look in STYLES.items():
        if name not in made.styles:
            made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = made.styles["Normal"]
        _restyle(made.styles[name], look)
    made.styles.element.remove(made.styles.element.find(qn("w:latentStyles")))
    made.styles.element.find(f".//{qn('w:lang')}").set(qn("w:val"), locale)
    settings = made.settings.element
    settings[:] = [settings.find(qn("w:compat"))]
    # the mode of the program of 2013 and after
    settings.find(f"{qn('w:compat')}/{qn('w:compatSetting')}").set(qn("w:val"), "15")
    about = made.core_properties
    about.author, about.language, about.created, about.modified = "", locale, CREATED, CREATED
    fonts = next(r for r in made.part.rels.values() if r.reltype.endswith("/fontTable"))
    fonts.target_part._blob = FONTS.encode()
    section = made.sections[0]
    section.page_width, section.page_height = Twips(SHORT_SIDE), Twips(LONG_SIDE)
    section.header_distance = section.footer_distance = Twips(HEADER)
    for side in ("top", "right", "bottom", "left"):
        setattr(section, f"{side}_margin", Twips(MARGIN))
    header = section.header
    header.is_linked_to_previous = False
    header._element.remove(header.paragraphs[0]._p)
    return packed(made)


def _restyle(style: Any, look: tuple[float, bool, float, float]) -> None:
    for tag in ("w:link", "w:next", "w:rPr", "w:pPr/w:pBdr"):
        for element in style.element.xpath(tag):
            element.getparent().remove(element)
    size, bold, after, before = look
    style.font.name, style.font.size, style.font.bold = "Arial", Pt(size), bold
    form = style.paragraph_format
    form.space_after, form.space_before, form.keep_with_next = Pt(after), Pt(before), bold


def packed(made: Document) -> bytes:
    """A document as a file, alike on every writing and every machine."""
    written, settled = io.BytesIO(), io.BytesIO()
    made.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(settled, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, CREATED.timetuple()[:6])
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(entry, old.read(name))
    return settled.getvalue()


def above(made: Document) -> Paragraph:
    """A further paragraph above every page."""
    return made.sections[0].header.add_paragraph(style="Normal")


def grid(made: Document, widths: Sequence[int], *, title: str) -> WordTable:
    """A table without rows; its title is for screen readers.

    Parameters
    ----------
    made : Document
    widths : sequence of int
        Of its columns, in twentieths of a point.
    title : str
    """
    table = made.add_table(0, len(widths))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Twips(width)
    properties = parse_xml(
        f'<w:tblPr {nsdecls("w")}><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{BORDERS}'
        '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/>'
        '<w:right w:w="60" w:type="dxa"/></w:tblCellMar><w:tblCaption/></w:tblPr>'
    )
    properties.find(qn("w:tblCaption")).set(qn("w:val"), escaped(title))
    table._tbl.replace(table._tbl.tblPr, properties)
    return table


def document_row(
    table: WordTable, spans: Sequence[int], *, repeated: bool = False
) -> list[Paragraph]:
    """A row that is not broken between two pages; gives the paragraph of each cell.

    Parameters
    ----------
    table : Table
    spans : sequence of int
        Columns that each cell goes over; their sum is the table's number of columns.
    repeated : bool
        On every page.
    """
    line = table.add_row()._tr  # type: ignore[no-untyped-call]
    for setting in ("w:cantSplit", *(["w:tblHeader"] if repeated else [])):
        line.get_or_add_trPr().append(OxmlElement(setting))
    cells = iter(line.tc_lst)
    paragraphs = []
    for span in spans:
        first, *others = (next(cells) for _ in range(span))
        if others:
            widths: list[int] = [cell.width.twips for cell in (first, *others)]
            whole = sum(widths)
            first.width = Twips(whole)
            first.grid_span = span
        for cell in others:
            line.remove(cell)
        first.p_lst[0].style = "Cell"
        paragraphs.append(Paragraph(first.p_lst[0], _Cell(first, table)))
    return paragraphs


def write(
    paragraph: Paragraph,
    text: str,
    *,
    bold: bool = False,
    colour: str = "",
    side: Side | None = None,
) -> Paragraph:
    """Add a piece of text of one look to a paragraph.

    Parameters
    ----------
    paragraph : Paragraph
    text : str
        What XML cannot hold is left out.
    bold : bool
    colour : str
        Six hexadecimal digits; the default of the style for an empty text.
    side : Side, optional
        Where the paragraph stands.
    """
    run = paragraph.add_run()
    for number, piece in enumerate(escaped(text).split(HYPHEN)):
        if number:
            # as the format writes it: letters of many faces have no such hyphen
            run._r.append(OxmlElement("w:noBreakHyphen"))
        run.add_text(piece)
    if bold:
        run.bold = True
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    if side is not None:
        paragraph.alignment = side
    return paragraph


def escaped(text: str) -> str:
    """A text without what XML cannot hold."""
    return FORBIDDEN.sub("", text)


TWIPS = 20  # in a point
PAPER = Paper(
    upright=(SHORT_SIDE - 2 * MARGIN) / TWIPS,
    lying=(LONG_SIDE - 2 * MARGIN) / TWIPS,
    gap=8.0,
    sizes=(8.5, 8.0, 7.5, 7.0),
    higher=1.4,
)
QUIET = "595959"
# A word processor ends a line at these; inside a number, a range or a date none may end.
HYPHEN = "\N{NON-BREAKING HYPHEN}"
UNBROKEN = str.maketrans({" ": "\N{NO-BREAK SPACE}", "-": HYPHEN})
BETWEEN_DIGITS = re.compile(r"(?<=\d)[-\N{EN DASH}](?=\d)")


def to_docx(table: Table) -> bytes:
    """A document with title, reading, table and notes.

    The first row of the table holds mark, code and title and is repeated on every page; the last
    holds the citation: a table that is copied into another document keeps both.
    """
    page = printed(table)
    banner = words.banner(table.mark, table.language)
    title = f"{table.called}. {table.title}"
    form = fitted(pieces(page), PAPER)
    made = document(
        title=table.title,
        subject=table.called,
        comments=banner,
        locale=LOCALES[table.language],
        lies=form.lies,
    )
    made.styles["Cell"].font.size = Pt(form.letters)
    if banner:
        write(above(made), banner, bold=True, colour=WARNING)
    write(above(made), table.called, side=Side.RIGHT)
    write(made.add_paragraph(style="Heading 1"), title)
    write(made.add_paragraph(), table.reading)
    cells = grid(made, _twips(form), title=title)
    whole = [len(form.widths)]
    (top,) = document_row(cells, whole, repeated=True)
    said = words.mark(table.mark, table.language)
    if said:
        marked = top.insert_paragraph_before(style="Cell")
        write(marked, said, bold=True, colour=WARNING)
    write(top, title, bold=True)
    heads = document_row(cells, [1] * len(form.shown), repeated=True)
    sides = _sides(page)
    for paragraph, i in zip(heads, form.shown, strict=True):
        write(paragraph, page.head[i], bold=True, side=sides[i])
    group = ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            heading = document_row(cells, whole)[0]
            heading.paragraph_format.keep_with_next = True
            write(heading, group, bold=True)
        _write_row(cells, page.layout, row, form, sides)
    if table.citation:
        write(document_row(cells, whole)[0], table.citation)
    write(made.add_paragraph(style="Heading 2"), wording("download.notes", table.language))
    for note in table.all_notes:
        write(made.add_paragraph(style="Small"), note)
    return packed(made)


def _write_row(
    grid: WordTable, layout: str, row: PrintedRow, form: TableForm, sides: Sequence[Side]
) -> None:
    taken = columns_taken(row)
    cells = [row.cells[i] for i in form.shown]
    if taken > 1:
        cells = cells[:2]
    spans = [1, len(form.shown) - 1] if taken > 1 else [1] * len(cells)
    # where outcomes are columns, words stand below their numbers
    turned = layout == "turned"
    paragraphs = document_row(grid, spans)
    for i, (paragraph, (text, kind)) in enumerate(zip(paragraphs, cells, strict=True)):
        empty = kind == "none" and sides[form.shown[i]] == Side.RIGHT
        ends = i > 0 and (turned or kind in NUMERIC or empty)
        side = Side.RIGHT if ends else Side.LEFT
        write(paragraph, "" if kind == "repeated" else unbroken(text, kind), side=side)
    said = "; ".join(row.cells[i][0] for i in form.below if row.cells[i][1] != "none")
    if said and taken == 1:
        below = document_row(grid, [len(form.shown)])
        write(below[0], said, colour=QUIET)
        for paragraph in paragraphs:
            paragraph.paragraph_format.keep_with_next = True
        _without_line(paragraphs, "bottom")
        _without_line(below, "top")


def _without_line(paragraphs: Sequence[Paragraph], side: str) -> None:
    for paragraph in paragraphs:
        line = f'<w:tcBorders {nsdecls("w")}><w:{side} w:val="nil"/></w:tcBorders>'
        paragraph._p.getparent().get_or_add_tcPr().append(parse_xml(line))


def _sides(page: PrintedTable) -> list[Side]:
    """Where the head of each column stands: to the right above numbers."""
    columns = [[row.cells[i][1] for row in page.rows] for i, _ in enumerate(page.head)]
    return [Side.RIGHT if any(k in NUMERIC for k in kinds) else Side.LEFT for kinds in columns]


def _twips(form: TableForm) -> list[int]:
    """Widths of the columns; their sum is that of the page without its margins."""
    sizes = [round(TWIPS * width) for width in form.widths]
    return [*sizes[:-1], (LONG_SIDE if form.lies else SHORT_SIDE) - 2 * MARGIN - sum(sizes[:-1])]


def unbroken(text: str, kind: PrintedKind) -> str:
    """A text in which no line ends inside a number.

    Parameters
    ----------
    text : str
    kind : str
        Of its cell: numbers, and words that answer, stay on one line.
    """
    if kind in WHOLE and len(text) <= LONGEST_WHOLE:
        return text.translate(UNBROKEN)
    return BETWEEN_DIGITS.sub(HYPHEN, text)
