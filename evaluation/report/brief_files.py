"""The brief as a page that prints on two sheets of A4, and as a word-processor document.

Source: ECMA-376, Office Open XML file formats, part 1 (WordprocessingML, DrawingML).
"""

import io
from html import escape
from importlib import resources
from string import Template

from docx.document import Document
from docx.shared import Twips
from docx.text.paragraph import Paragraph

from evaluation.locale.messages import wording
from evaluation.report.brief import Brief, BriefEffect, Quote
from evaluation.report.figures.frame import Figure
from evaluation.report.formats import docx as office
from evaluation.report.formats import words

STYLE, PAGE = (
    resources.files(__package__).joinpath(f"brief.{ending}") for ending in ("css", "html")
)
# Heads of the page's parts.
HEADS = ("kind", "sure", "say", "never", "source")


def to_page(brief: Brief, *, faces: str = "") -> str:
    """The whole page, with its style and its figure inside; all texts escaped.

    Parameters
    ----------
    brief : Brief
        What it says.
    faces : str
        Style rules that bring the letters; without them the machine's own are taken.
    """
    texts = ("language", "title", "question", "answer", "compared", "source", "citation")
    return Template(PAGE.read_text("utf-8")).substitute(
        {f"say_{name}": _wording(brief, f"say.{name}") for name in HEADS},
        **{name: _e(getattr(brief, name)) for name in texts},
        style=f"{faces}{STYLE.read_text('utf-8')}",
        mark=f'<p class="mark">{_e(brief.banner)}</p>' if brief.banner else "",
        marked=f" [{_e(brief.mark)}]" if brief.mark else "",
        about=f'<p class="about">{_e(brief.about)}</p>' if brief.about else "",
        heads="".join(f'<th scope="col">{_e(head)}</th>' for head in brief.heads),
        rows="".join(_effect_row(effect) for effect in brief.effects),
        missing="".join(
            f'<p class="small">{_e(f"{e.cells[0]}: {e.sentence}")}</p>' for e in _missing(brief)
        ),
        figure=_figure_section(brief),
        sure=_items(brief.sure),
        quotes=_items(tuple(_quoted(quote) for quote in brief.quotes)),
        never=_items(brief.never),
    )


def _wording(brief: Brief, name: str) -> str:
    return _e(wording(f"brief.{name}", brief.language))


def _effect_row(effect: BriefEffect) -> str:
    name, amount, interval, matters, conclusion = map(_e, effect.cells)
    return (
        f'<tr><th scope="row">{name}</th><td>{amount}</td><td class="whole">{interval}</td>'
        f"<td>{matters}</td><td>{conclusion}</td></tr>"
    )


def _missing(brief: Brief) -> list[BriefEffect]:
    """Outcomes without an estimate, whose sentence says why."""
    return [effect for effect in brief.effects if not effect.cells[2]]


def _quoted(quote: Quote) -> str:
    return f"{quote.phrase} ({quote.care})" if quote.care else quote.phrase


def _figure_section(brief: Brief) -> str:
    if brief.figure is None:
        return ""
    return f"<figure>{brief.figure.picture.wide}</figure>"


def _items(texts: tuple[str, ...]) -> str:
    return "".join(f"<li>{_e(text)}</li>" for text in texts)


def _e(text: str) -> str:
    return escape(text, quote=True)


WIDTH = office.SHORT_SIDE - 2 * office.MARGIN  # twentieths of a point
HIGHEST = 3600  # of the figure, so that the first page holds it
# Columns of numbers, in which no line ends.
UNBROKEN = (2,)
COLUMNS = (0.22, 0.18, 0.16, 0.18, 0.26)


def to_docx(brief: Brief) -> bytes:
    """The document: the mark is in its header, on both pages."""
    language = brief.language
    made = office.document(
        title=brief.title,
        subject=brief.citation,
        comments=brief.banner,
        locale=words.LOCALES[language],
    )
    if brief.banner:
        office.write(office.above(made), brief.banner, bold=True, colour=office.WARNING)
    office.write(office.above(made), f"{wording('brief.say.kind', language)} · {brief.coded}")

    def put(text: str, style: str = "Normal") -> Paragraph:
        return office.write(made.add_paragraph(style=style), text)

    def part(name: str, texts: tuple[str, ...], *, second_page: bool = False) -> None:
        head = put(wording(f"brief.say.{name}", language), "Heading 2")
        head.paragraph_format.page_break_before = second_page
        for text in texts:
            put(text, "List Bullet")

    put(brief.title, "Title")
    if brief.about:
        put(brief.about)
    put(brief.question)
    put(brief.answer, "Heading 1")
    if brief.figure is not None:
        _add_figure(made, brief.figure)
    _add_effects(made, brief)
    for effect in _missing(brief):
        put(f"{effect.cells[0]}: {effect.sentence}", "Small")
    put(brief.compared, "Small")
    part("sure", brief.sure, second_page=True)
    part("say", tuple(_quoted(quote) for quote in brief.quotes))
    part("never", brief.never)
    part("source", ())
    put(brief.citation)
    put(brief.source, "Small")
    return office.packed(made)


def _add_figure(made: Document, figure: Figure) -> None:
    """Caption, and picture with its alternative text, on one page with what follows."""
    caption = office.write(made.add_paragraph(), figure.title, bold=True)
    holder = made.add_paragraph()
    picture = holder.add_run().add_picture(io.BytesIO(figure.png))
    wide = min(Twips(WIDTH), Twips(HIGHEST) * picture.width // picture.height)
    picture.width, picture.height = wide, wide * picture.height // picture.width
    about = picture._inline.docPr
    about.set("name", office.escaped(figure.id))
    about.set("descr", office.escaped(figure.alt))
    caption.paragraph_format.keep_with_next = holder.paragraph_format.keep_with_next = True


def _add_effects(made: Document, brief: Brief) -> None:
    sizes = [int(WIDTH * share) for share in COLUMNS]
    table = office.grid(made, sizes, title=brief.title)
    heads = office.document_row(table, [1] * len(sizes), repeated=True)
    for paragraph, text in zip(heads, brief.heads, strict=True):
        office.write(paragraph, text, bold=True)
    for effect in brief.effects:
        cells = office.document_row(table, [1] * len(sizes))
        for number, (paragraph, text) in enumerate(zip(cells, effect.cells, strict=True)):
            whole = office.unbroken(text, "effect") if number in UNBROKEN else text
            office.write(paragraph, whole, bold=number == 0)
