"""The brief as a word-processor document: the same content as the page, in the same order."""

import io

from docx.document import Document
from docx.shared import Twips
from docx.text.paragraph import Paragraph

from evaluation.locale.messages import wording
from evaluation.report import download_words
from evaluation.report import office_document as office
from evaluation.report.brief import Brief
from evaluation.report.brief_page import SIGNS
from evaluation.report.figure_style import Figure

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
        locale=download_words.LOCALES[language],
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
    heads = office.row(table, [1] * len(sizes), repeated=True)
    for paragraph, text in zip(heads, brief.heads, strict=True):
        office.write(paragraph, text, bold=True)
    for answer in brief.answers:
        verdict = f"{SIGNS.get(answer.kind, '')} {answer.answer}".strip()
        phrase, given, why = office.row(table, [1] * len(sizes))
        office.write(phrase, answer.phrase)
        office.write(given, verdict, bold=True)
        office.write(why, answer.why)
