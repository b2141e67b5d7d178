"""The brief as a word-processor document: the same content as the page, in the same order.

Source: ECMA-376, Office Open XML file formats, part 1 (WordprocessingML, DrawingML).
"""

import struct
from collections.abc import Mapping
from typing import Literal

from evaluation.report import brief_words as said
from evaluation.report import download_words
from evaluation.report import office_document as office
from evaluation.report.brief import Brief, Effect
from evaluation.report.brief_page import SIGNS
from evaluation.report.figure_style import Figure

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
PARTS = ("styles", "settings", "header1", "numbering")
PICTURE = "media/figure.png"
NUMBERING = (
    f'{office.HEAD}<w:numbering xmlns:w="{office.MAIN}"><w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0">'
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
    "</w:numPr></w:pPr></w:style>"
)
WIDTH = office.SHORT_SIDE - 2 * office.MARGIN  # twentieths of a point
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
    picture = "" if brief.figure is None else PICTURE
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": office.content_types(*PARTS, picture="png"),
        "_rels/.rels": office.RELATIONS,
        "docProps/core.xml": office.properties(
            title=brief.title, subject=brief.citation, description=brief.banner, locale=locale
        ),
        "word/document.xml": _document(brief),
        "word/_rels/document.xml.rels": office.relations(*PARTS, picture=picture),
        "word/styles.xml": office.styles(locale, MORE_STYLES),
        "word/settings.xml": office.SETTINGS,
        "word/header1.xml": office.header(_above(brief)),
        "word/numbering.xml": NUMBERING,
    }
    if brief.figure is not None:
        parts[f"word/{PICTURE}"] = brief.figure.png
    return office.packed(parts)


def _above(brief: Brief) -> str:
    marked = office.run(brief.banner, weight="bold", colour=office.WARNING)
    kind = office.run(f"{said.KIND[brief.language]} · {brief.coded}")
    return (_paragraph(marked) if brief.banner else "") + _paragraph(kind)


def _document(brief: Brief) -> str:
    language = brief.language
    body = [
        _paragraph(office.run(brief.title), "Title"),
        _heading(said.QUESTION[language]),
        _paragraph(office.run(brief.question)),
        _heading(said.ANSWER[language]),
        _paragraph(office.run(brief.compared)),
        *map(_effect, brief.effects),
        *(() if brief.figure is None else _figure(brief.figure)),
        _heading(said.MEANS[language], flow="new page"),
        *(_paragraph(office.run(text), "Bullet") for text in brief.means),
        _heading(said.MEANS_NOT[language]),
        *(_paragraph(office.run(text), "Bullet") for text in brief.means_not),
        *_answers(brief),
        _heading(said.SOURCE[language]),
        _paragraph(office.run(brief.source), "Small"),
        _paragraph(office.run(brief.citation), "Small"),
    ]
    section = office.section(lies=False, distance=450)
    spaces = f'xmlns:w="{office.MAIN}" xmlns:r="{office.OFFICE}" xmlns:a="{DRAWING}/main"'
    return (
        f'{office.HEAD}<w:document {spaces} xmlns:wp="{DRAWING}/wordprocessingDrawing"'
        f' xmlns:pic="{DRAWING}/picture"><w:body>{"".join(body)}{section}</w:body></w:document>'
    )


def _effect(effect: Effect) -> str:
    """A paragraph: the estimate with its interval in bold, then the sentence to quote."""
    lead = "; ".join(part for part in (effect.amount, effect.interval) if part)
    label = effect.label.split(" (")[0]
    return _paragraph(office.run(f"{label}: {lead}. ", weight="bold") + office.run(effect.sentence))


def _figure(figure: Figure) -> tuple[str, str, str]:
    """Caption, picture with its alternative text, and reading."""
    # the head of a PNG file: signature, length and name of its first part, then both sides
    width, height = struct.unpack(">II", figure.png[16:24])
    wide = min(WIDTH, HIGHEST * width // height)
    size = f'cx="{wide * EMU}" cy="{wide * height // width * EMU}"'
    named = f'name="{office.escaped(figure.id)}" descr="{office.escaped(figure.alt)}"'
    drawing = (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr id="1" {named}/>'
        f'<a:graphic><a:graphicData uri="{DRAWING}/picture"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="1" {named}/><pic:cNvPicPr/></pic:nvPicPr>'
        '<pic:blipFill><a:blip r:embed="figure"/><a:stretch><a:fillRect/></a:stretch>'
        f'</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r>"
    )
    return (
        _paragraph(office.run(figure.title, weight="bold"), flow="with next"),
        _paragraph(drawing, flow="with next"),
        _paragraph(office.run(figure.reading), "Small"),
    )


def _answers(brief: Brief) -> tuple[str, ...]:
    if not brief.answers:
        return ()
    language = brief.language
    sizes = [int(WIDTH * share) for share in COLUMNS]
    heads = [office.run(text[language], weight="bold") for text in said.HEADS]
    rows = [_row(heads, sizes, office.REPEATED)]
    for answer in brief.answers:
        verdict = f"{SIGNS.get(answer.kind, '')} {answer.answer}".strip()
        runs = [office.run(answer.phrase), office.run(verdict, weight="bold")]
        rows.append(_row([*runs, office.run(answer.why)], sizes))
    title = said.SAY[language]
    return (_heading(title), office.grid(rows, sizes, title=title))


def _row(runs: list[str], sizes: list[int], settings: str = "") -> str:
    cells = (
        office.cell(office.paragraph(run, "Cell"), size)
        for run, size in zip(runs, sizes, strict=True)
    )
    return office.row(list(cells), settings)


def _heading(text: str, *, flow: Flow = "free") -> str:
    return _paragraph(office.run(text), "Heading2", flow=flow)


def _paragraph(runs: str, style: str = "Normal", *, flow: Flow = "free") -> str:
    return office.paragraph(runs, style, FLOWS[flow])
