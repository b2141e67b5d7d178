"""The brief as a word-processor document: the same content as the page, in the same order.

Written part by part like the tables (:mod:`evaluation.report.write_docx`): no template of another
program travels with the file, and its bytes depend on the content alone.

Source: ECMA-376, Office Open XML file formats, part 1 (WordprocessingML, DrawingML).
"""

import io
from collections.abc import Mapping
from html import escape
from typing import Literal

from PIL import Image

from evaluation.report import brief_words as said
from evaluation.report import download_words
from evaluation.report.brief import Brief, Effect
from evaluation.report.brief_page import SIGNS
from evaluation.report.figure_style import Figure
from evaluation.report.inert import CREATED
from evaluation.report.write_docx import (
    BORDERS,
    FORBIDDEN,
    FORMAT,
    HEAD,
    LONG_SIDE,
    MAIN,
    MARGIN,
    OFFICE,
    PACKAGE,
    RELATIONS,
    SETTINGS,
    SHORT_SIDE,
    STYLES,
    WARNING,
    Weight,
    packed,
)

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
TYPES = (
    f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="png" ContentType="image/png"/>'
    + "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{FORMAT}.{kind}+xml"/>'
        for part, kind in (
            ("document", "document.main"),
            ("styles", "styles"),
            ("settings", "settings"),
            ("header1", "header"),
            ("numbering", "numbering"),
        )
    )
    + '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.'
    'core-properties+xml"/></Types>'
)
OF_DOCUMENT = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    + "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for name, kind, target in (
            ("styles", "styles", "styles.xml"),
            ("settings", "settings", "settings.xml"),
            ("header1", "header", "header1.xml"),
            ("numbering", "numbering", "numbering.xml"),
            ("figure", "image", "media/figure.png"),
        )
    )
    + "</Relationships>"
)
NUMBERING = (
    f'{HEAD}<w:numbering xmlns:w="{MAIN}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
    '<w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="\u2022"/><w:pPr>'
    '<w:ind w:left="284" w:hanging="227"/></w:pPr></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
MORE_STYLES = (
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/>'
    '<w:basedOn w:val="Normal"/><w:pPr><w:keepNext/></w:pPr><w:rPr><w:b/><w:sz w:val="34"/></w:rPr>'
    '</w:style><w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/>'
    '<w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="140" w:after="60"/>'
    '<w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/><w:sz w:val="23"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Small"><w:name w:val="Small"/>'
    '<w:basedOn w:val="Normal"/><w:pPr><w:spacing w:after="40"/></w:pPr><w:rPr><w:sz w:val="16"/>'
    '</w:rPr></w:style><w:style w:type="paragraph" w:styleId="Bullet"><w:name w:val="List Bullet"/>'
    '<w:basedOn w:val="Normal"/><w:pPr><w:spacing w:after="40"/><w:numPr><w:numId w:val="1"/>'
    "</w:numPr></w:pPr></w:style></w:styles>"
)
WIDTH = SHORT_SIDE - 2 * MARGIN  # twentieths of a point
EMU = 635  # English metric units in a twentieth of a point
HIGHEST = 3600  # of the figure, so that the first page holds it
COLUMNS = (0.48, 0.13, 0.39)
Flow = Literal["free", "with next", "new page"]
FLOWS: Mapping[Flow, str] = {
    "free": "",
    "with next": "<w:keepNext/>",
    "new page": "<w:pageBreakBefore/>",
}


def to_docx(brief: Brief) -> bytes:
    """The document: the mark is in its header, on both pages."""
    locale = download_words.LOCALES[brief.language]
    styles = STYLES.format(head=HEAD, main=MAIN, locale=locale)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS,
        "docProps/core.xml": _properties(brief, locale),
        "word/document.xml": _document(brief),
        "word/_rels/document.xml.rels": OF_DOCUMENT,
        "word/styles.xml": styles.replace("</w:styles>", MORE_STYLES),
        "word/settings.xml": SETTINGS,
        "word/header1.xml": _header(brief),
        "word/numbering.xml": NUMBERING,
    }
    if brief.figure is None:
        parts["word/_rels/document.xml.rels"] = _without_figure(OF_DOCUMENT)
    else:
        parts["word/media/figure.png"] = brief.figure.png
    return packed(parts)


def _without_figure(relations: str) -> str:
    before, _, rest = relations.partition('<Relationship Id="figure"')
    return before + rest.partition("/>")[2]


def _properties(brief: Brief, locale: str) -> str:
    day = f"{CREATED.isoformat()}Z"
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{day}</dcterms:{name}>'
        for name in ("created", "modified")
    )
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{_e(brief.title)}</dc:title><dc:subject>{_e(brief.citation)}</dc:subject>"
        f"<dc:description>{_e(brief.banner)}</dc:description>"
        f"<dc:language>{locale}</dc:language>{dates}</cp:coreProperties>"
    )


def _header(brief: Brief) -> str:
    kind = f"{said.KIND[brief.language]} · {brief.coded}"
    marked = _paragraph(_run(brief.banner, weight="bold", colour=WARNING)) if brief.banner else ""
    return f'{HEAD}<w:hdr xmlns:w="{MAIN}">{marked}{_paragraph(_run(kind))}</w:hdr>'


def _document(brief: Brief) -> str:
    language = brief.language
    body = [
        _paragraph(_run(brief.title), "Title"),
        _heading(said.QUESTION[language]),
        _paragraph(_run(brief.question)),
        _heading(said.ANSWER[language]),
        _paragraph(_run(brief.compared)),
        *map(_effect, brief.effects),
        *(() if brief.figure is None else _figure(brief.figure)),
        _heading(said.MEANS[language], flow="new page"),
        *(_paragraph(_run(text), "Bullet") for text in brief.means),
        _heading(said.MEANS_NOT[language]),
        *(_paragraph(_run(text), "Bullet") for text in brief.means_not),
        *_answers(brief),
        _heading(said.SOURCE[language]),
        _paragraph(_run(brief.source), "Small"),
        _paragraph(_run(brief.citation), "Small"),
    ]
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="header1"/>'
        f'<w:pgSz w:w="{SHORT_SIDE}" w:h="{LONG_SIDE}"/><w:pgMar w:top="{MARGIN}"'
        f' w:right="{MARGIN}" w:bottom="{MARGIN}" w:left="{MARGIN}" w:header="450"'
        ' w:footer="450" w:gutter="0"/></w:sectPr>'
    )
    spaces = f'xmlns:w="{MAIN}" xmlns:r="{OFFICE}" xmlns:a="{DRAWING}/main"'
    return (
        f'{HEAD}<w:document {spaces} xmlns:wp="{DRAWING}/wordprocessingDrawing"'
        f' xmlns:pic="{DRAWING}/picture"><w:body>{"".join(body)}{section}</w:body></w:document>'
    )


def _effect(effect: Effect) -> str:
    """A paragraph: the estimate with its interval in bold, then the sentence to quote."""
    lead = "; ".join(part for part in (effect.amount, effect.interval) if part)
    label = effect.label.split(" (")[0]
    return _paragraph(_run(f"{label}: {lead}. ", weight="bold") + _run(effect.sentence))


def _figure(figure: Figure) -> tuple[str, str, str]:
    """Caption, picture with its alternative text, and reading."""
    width, height = Image.open(io.BytesIO(figure.png)).size
    wide = min(WIDTH, HIGHEST * width // height)
    size = f'cx="{wide * EMU}" cy="{wide * height // width * EMU}"'
    alt = _e(figure.alt)
    drawing = (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr id="1" name="{_e(figure.id)}" descr="{alt}"/>'
        f'<a:graphic><a:graphicData uri="{DRAWING}/picture"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="1" name="{_e(figure.id)}" descr="{alt}"/><pic:cNvPicPr/></pic:nvPicPr>'
        '<pic:blipFill><a:blip r:embed="figure"/><a:stretch><a:fillRect/></a:stretch>'
        f'</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r>"
    )
    return (
        _paragraph(_run(figure.title, weight="bold"), flow="with next"),
        _paragraph(drawing, flow="with next"),
        _paragraph(_run(figure.reading), "Small"),
    )


def _answers(brief: Brief) -> tuple[str, ...]:
    if not brief.answers:
        return ()
    language = brief.language
    sizes = [int(WIDTH * share) for share in COLUMNS]
    rows = [_row([_run(t[language], weight="bold") for t in said.HEADS], sizes, "<w:tblHeader/>")]
    for answer in brief.answers:
        verdict = f"{SIGNS.get(answer.kind, '')} {answer.answer}".strip()
        rows.append(
            _row([_run(answer.phrase), _run(verdict, weight="bold"), _run(answer.why)], sizes)
        )
    grid = "".join(f'<w:gridCol w:w="{size}"/>' for size in sizes)
    title = _e(said.SAY[language])
    table = (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(sizes)}" w:type="dxa"/><w:tblBorders>{BORDERS}'
        '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/>'
        f'<w:right w:w="60" w:type="dxa"/></w:tblCellMar><w:tblCaption w:val="{title}"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    return (_heading(said.SAY[language]), table)


def _row(runs: list[str], sizes: list[int], settings: str = "") -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{size}" w:type="dxa"/></w:tcPr>{_paragraph(run, "Cell")}</w:tc>'
        for run, size in zip(runs, sizes, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{settings}</w:trPr>{cells}</w:tr>"


def _heading(text: str, *, flow: Flow = "free") -> str:
    return _paragraph(_run(text), "Heading2", flow=flow)


def _paragraph(runs: str, style: str = "Normal", *, flow: Flow = "free") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{FLOWS[flow]}</w:pPr>{runs}</w:p>'


def _run(text: str, *, weight: Weight = "normal", colour: str = "") -> str:
    bold = "<w:b/>" if weight == "bold" else ""
    shade = f'<w:color w:val="{colour}"/>' if colour else ""
    return f'<w:r><w:rPr>{bold}{shade}</w:rPr><w:t xml:space="preserve">{_e(text)}</w:t></w:r>'


def _e(text: str) -> str:
    return escape(FORBIDDEN.sub("", text), quote=True)
