"""Parts of a word-processor document that tables and the brief are written from (Office Open XML).

The few parts of the format that they need are written directly: no template of another program
travels with a file, and its bytes depend on its content alone. No field, link or macro is written,
so nothing in a text can act.

Source: ECMA-376, Office Open XML file formats, part 1 (WordprocessingML), part 2 (packages).
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal

from evaluation.report.inert import CREATED

# Twentieths of a point: A4 with margins of 1.75 cm.
SHORT_SIDE, LONG_SIDE, MARGIN = 11906, 16838, 992
WARNING = "9C0006"
Weight = Literal["normal", "bold"]
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
FORMAT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
RELATIONS = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="r2" Type="{PACKAGE}/relationships/metadata/core-properties"'
    ' Target="docProps/core.xml"/></Relationships>'
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
    '<w:rPr><w:sz w:val="17"/></w:rPr></w:style>{more}</w:styles>'
)
LINE = '<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
BORDERS = "".join(LINE.format(side=side) for side in ("top", "bottom", "insideH"))
REPEATED = "<w:tblHeader/>"


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """Parts of an office document as one file, alike on every writing and every machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, CREATED.timetuple()[:6])
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            archive.writestr(entry, text)
    return buffer.getvalue()


def content_types(*parts: str, picture: Literal["", "png"] = "") -> str:
    """What each part is; the document itself is always there.

    Parameters
    ----------
    parts : str
        Names of the other parts below ``word/``, e.g. ``styles`` or ``header1``.
    picture : {"", "png"}
        Kind of the pictures.
    """
    kinds = {"document": "document.main", **{part: part.rstrip("1") for part in parts}}
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        + (f'<Default Extension="{picture}" ContentType="image/{picture}"/>' if picture else "")
        + "".join(
            f'<Override PartName="/word/{part}.xml" ContentType="{FORMAT}.{kind}+xml"/>'
            for part, kind in kinds.items()
        )
        + '<Override PartName="/docProps/core.xml"'
        ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
    )


def relations(*parts: str, picture: str = "") -> str:
    """Links of the document to its other parts, and to a picture at a path below ``word/``."""
    targets = [(part, part.rstrip("1"), f"{part}.xml") for part in parts]
    targets += [("figure", "image", picture)] if picture else []
    links = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for name, kind, target in targets
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def properties(*, title: str, subject: str, description: str, locale: str) -> str:
    """What the file says of itself. The date is fixed."""
    day = f"{CREATED.isoformat()}Z"
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{day}</dcterms:{name}>'
        for name in ("created", "modified")
    )
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escaped(title)}</dc:title><dc:subject>{escaped(subject)}</dc:subject>"
        f"<dc:description>{escaped(description)}</dc:description>"
        f"<dc:language>{locale}</dc:language>{dates}</cp:coreProperties>"
    )


def styles(locale: str, more: str = "") -> str:
    """Looks of paragraphs, by name."""
    return STYLES.format(head=HEAD, main=MAIN, locale=locale, more=more)


def header(paragraphs: str) -> str:
    """What stands above every page."""
    return f'{HEAD}<w:hdr xmlns:w="{MAIN}">{paragraphs}</w:hdr>'


def section(*, lies: bool, distance: int) -> str:
    """The page: upright or lying, with its header this far from the edge."""
    width, height = (LONG_SIDE, SHORT_SIDE) if lies else (SHORT_SIDE, LONG_SIDE)
    orient = ' w:orient="landscape"' if lies else ""
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="header1"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"{orient}/><w:pgMar w:top="{MARGIN}"'
        f' w:right="{MARGIN}" w:bottom="{MARGIN}" w:left="{MARGIN}" w:header="{distance}"'
        f' w:footer="{distance}" w:gutter="0"/></w:sectPr>'
    )


def grid(rows: Sequence[str], widths: Sequence[int], *, title: str) -> str:
    """A table of these rows; its title is for screen readers."""
    columns = "".join(f'<w:gridCol w:w="{size}"/>' for size in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{BORDERS}'
        '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/>'
        '<w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblCaption w:val="{escaped(title)}"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
        f"{''.join(rows)}</w:tbl>"
    )


def row(cells: Sequence[str], settings: str = "") -> str:
    """Cells side by side; a row is not broken between two pages."""
    return f"<w:tr><w:trPr><w:cantSplit/>{settings}</w:trPr>{''.join(cells)}</w:tr>"


def cell(content: str, width: int, columns: int = 1) -> str:
    """A cell over one column or several."""
    span = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}</w:tcPr>{content}</w:tc>'


def paragraph(runs: str, style: str, settings: str = "") -> str:
    """A paragraph of runs."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{settings}</w:pPr>{runs}</w:p>'


def run(text: str, *, weight: Weight = "normal", colour: str = "") -> str:
    """A piece of text of one look."""
    bold = "<w:b/>" if weight == "bold" else ""
    shade = f'<w:color w:val="{colour}"/>' if colour else ""
    return f'<w:r><w:rPr>{bold}{shade}</w:rPr><w:t xml:space="preserve">{escaped(text)}</w:t></w:r>'


def escaped(text: str) -> str:
    """A text as XML; what XML cannot hold is left out."""
    return escape(FORBIDDEN.sub("", text), quote=True)
