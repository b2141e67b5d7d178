"""The brief as a page that prints on two sheets of A4, and as a word-processor document.

Source: ECMA-376, Office Open XML file formats, part 1 (WordprocessingML, DrawingML).
"""

import io
from base64 import b64encode
from html import escape
from importlib import resources
from string import Template

from docx.document import Document
from docx.shared import Twips
from docx.text.paragraph import Paragraph

from evaluation.locale.messages import wording
from evaluation.report.brief import Brief, Effect
from evaluation.report.figures.frame import Figure
from evaluation.report.formats import docx as office
from evaluation.report.formats import words

STYLE, PAGE = (
    resources.files(__package__).joinpath(f"brief.{ending}") for ending in ("css", "html")
)
# Heads of the page's parts.
HEADS = ("kind", "question", "answer", "means", "means_not", "source")
# Answers are told apart by a sign and a word, not by colour.
SIGNS = {"yes": "\u2713", "care": "!", "no": "\u2715"}


def to_page(brief: Brief, *, faces: str = "") -> str:
    """The whole page, with its style and its figure inside; all texts escaped.

    Parameters
    ----------
    brief : Brief
        What it says.
    faces : str
        Style rules that bring the letters; without them the machine's own are taken.
    """
    heads = {name: _wording(brief, name.replace("_", "-")) for name in HEADS}
    texts = ("language", "title", "coded", "question", "compared", "source", "citation")
    return Template(PAGE.read_text("utf-8")).substitute(
        {f"say_{name}": text for name, text in heads.items()},
        **{name: _e(getattr(brief, name)) for name in texts},
        style=f"{faces}{STYLE.read_text('utf-8')}",
        mark=f'<p class="mark">{_e(brief.banner)}</p>' if brief.banner else "",
        marked=f" [{_e(brief.mark)}]" if brief.mark else "",
        effects="".join(_effect_section(e, is_quoted=bool(brief.answers)) for e in brief.effects),
        figure=_figure_section(brief),
        means=_items(brief.means),
        means_not=_items(brief.means_not),
        answers=_answer_section(brief),
    )


def _wording(brief: Brief, name: str) -> str:
    return _e(wording(f"brief.{name}", brief.language))


def _effect_section(effect: Effect, *, is_quoted: bool) -> str:
    lines = (
        ("amount", effect.amount),
        ("interval", effect.interval),
        ("conclusion", effect.conclusion),
    )
    shown = "".join(f'<p class="{name}">{_e(text)}</p>' for name, text in lines if text)
    # where the sentence to quote stands among the phrases, it would say the same numbers again
    reason = (
        "" if effect.conclusion and is_quoted else f'<p class="small">{_e(effect.sentence)}</p>'
    )
    return f'<div class="effect"><h3>{_e(effect.label)}</h3>{shown}{reason}</div>'


def _figure_section(brief: Brief) -> str:
    if brief.figure is None:
        return ""
    data = b64encode(brief.figure.svg).decode()
    return (
        f"<figure><figcaption>{_e(brief.figure.title)}</figcaption>"
        f'<img src="data:image/svg+xml;base64,{data}" alt="{_e(brief.figure.alt)}">'
        f'<p class="small">{_e(brief.figure.reading)}</p></figure>'
    )


def _items(texts: tuple[str, ...]) -> str:
    return "".join(f"<li>{_e(text)}</li>" for text in texts)


def _answer_section(brief: Brief) -> str:
    if not brief.answers:
        return ""
    heads = "".join(f'<th scope="col">{_e(head)}</th>' for head in brief.heads)
    rows = "".join(
        f'<tr><td>{_e(answer.phrase)}</td><td class="{answer.kind}">'
        f"{SIGNS.get(answer.kind, '')} {_e(answer.answer)}</td><td>{_e(answer.why)}</td></tr>"
        for answer in brief.answers
    )
    return (
        f"<h2>{_wording(brief, 'say')}</h2><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _e(text: str) -> str:
    return escape(text, quote=True)


WIDTH = office.SHORT_SIDE - 2 * office.MARGIN  # twentieths of a point
HIGHEST = 3600  # of the figure, so that the first page holds it
COLUMNS = (0.48, 0.13, 0.39)


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
    office.write(office.above(made), f"{wording('brief.kind', language)} · {brief.coded}")

    def put(text: str, style: str = "Normal") -> Paragraph:
        return office.write(made.add_paragraph(style=style), text)

    put(brief.title, "Title")
    put(wording("brief.question", language), "Heading 2")
    put(brief.question)
    put(wording("brief.answer", language), "Heading 2")
    put(brief.compared)
    for effect in brief.effects:
        # the estimate with its interval in bold, then the sentence to quote
        lead = "; ".join(part for part in (effect.amount, effect.interval) if part)
        label = effect.label.split(" (")[0]
        paragraph = office.write(made.add_paragraph(), f"{label}: {lead}. ", bold=True)
        office.write(paragraph, effect.sentence)
    if brief.figure is not None:
        _add_figure(made, brief.figure)
        put(brief.figure.reading, "Small")
    put(wording("brief.means", language), "Heading 2").paragraph_format.page_break_before = True
    for text in brief.means:
        put(text, "List Bullet")
    put(wording("brief.means-not", language), "Heading 2")
    for text in brief.means_not:
        put(text, "List Bullet")
    if brief.answers:
        put(wording("brief.say", language), "Heading 2")
        _add_answers(made, brief)
    put(wording("brief.source", language), "Heading 2")
    put(brief.source, "Small")
    put(brief.citation, "Small")
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


def _add_answers(made: Document, brief: Brief) -> None:
    sizes = [int(WIDTH * share) for share in COLUMNS]
    table = office.grid(made, sizes, title=wording("brief.say", brief.language))
    heads = office.document_row(table, [1] * len(sizes), repeated=True)
    for paragraph, text in zip(heads, brief.heads, strict=True):
        office.write(paragraph, text, bold=True)
    for answer in brief.answers:
        judgement = f"{SIGNS.get(answer.kind, '')} {answer.answer}".strip()
        phrase, given, why = office.document_row(table, [1] * len(sizes))
        office.write(phrase, answer.phrase)
        office.write(given, judgement, bold=True)
        office.write(why, answer.why)
