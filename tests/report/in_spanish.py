"""The same exhibit in English and in Spanish: its texts side by side, and what may differ."""

import collections
import dataclasses
import re
from typing import Any

from babel import dates

from evaluation.config.exhibits import TABLES, Exhibit
from evaluation.config.toml_reader import Text
from evaluation.locale.numbers import marks
from evaluation.report import builders
from evaluation.report.figures.frame import Figure
from evaluation.report.formats.table import Table
from evaluation.report.sources import Source
from tests.report import examples
from tests.report.figures import pictures

# English words that no Spanish sentence has; "no", "son", "a" and the like are words of both
FUNCTION_WORDS = re.compile(
    r"\b(the|of|and|is|are|was|were|with|without|from|by|not|which|that|than|each|for|at|under"
    r"|after|before|between|only|where|their|its|has|have|both|in|on|to|or|if|none|available"
    r"|suppressed|interval|effect|outcome|treatment|comparison|interviews)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
MONTHS = tuple(dates.get_month_names(locale="es").values())
DAY = re.compile(rf"(\d{{1,2}}) de ({'|'.join(MONTHS)}) de (\d{{4}})")


def in_language(language: str, source: Source) -> Source:
    """A source in a language, whose Spanish labels hold no word of English.

    The labels of the examples are English in both languages, so that a test sees at once whose
    label it reads; here each word of a Spanish label becomes the same Spanish word.
    """
    configuration = source.configuration
    made = dataclasses.replace(
        configuration,
        study=_words(configuration.study),
        dictionary=_dictionary(configuration.dictionary),
        preregistration=_words(configuration.preregistration),
    )
    return dataclasses.replace(source, configuration=made, language=language)


def _dictionary(found: Any) -> Any:
    """Modules, and what is looked up in them."""
    made = _words(found)
    for module in made.modules:
        made.variables.update({v.name: v for v in module.variable})
        made.codes.update({c.id: c for c in module.codes})
        made.missing.update({m.id: m for m in module.missing})
    return made


def _words(found: Any) -> Any:
    if isinstance(found, Text):
        spanish = found.es.removesuffix(" (es)")
        return Text(en=found.en, es=marks(re.sub(r"[^\W\d_]+", "palabra", spanish), "es"))
    if isinstance(found, tuple):
        return tuple(map(_words, found))
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        fields = [f for f in dataclasses.fields(found) if f.init]
        return dataclasses.replace(
            found, **{f.name: _words(getattr(found, f.name)) for f in fields}
        )
    return found


def asked(builder: str, **changes: Any) -> Exhibit:
    """An exhibit whose own words are in the language they stand for."""
    own = {"title": Text(en="A title", es="Un título"), "reading": Text(en="Read.", es="Lea.")}
    return examples.exhibit(builder, **own, notes=Text(en="A note.", es="Nota."), **changes)


def texts(exhibit: Exhibit, source: Source) -> list[str]:
    """Every text of an exhibit that readers see, in one order for all languages."""
    if exhibit.builder in TABLES:
        return _of_table(builders.build(exhibit, source))
    with pictures.only("nothing"):
        return _of_figure(builders.draw(exhibit, source))


def drawn(exhibit: Exhibit, source: Source) -> list[str]:
    """Every text that stands in the picture of a figure, the numbers along its axes too."""
    return _drawn(exhibit, source)[1]


def texts_and_drawn(exhibit: Exhibit, source: Source) -> list[str]:
    """Both, of a figure that is drawn once."""
    if exhibit.builder in TABLES:
        return texts(exhibit, source)
    figure, found = _drawn(exhibit, source)
    return [*_of_figure(figure), *found]


def _drawn(exhibit: Exhibit, source: Source) -> tuple[Figure, list[str]]:
    with pictures.only("svg") as canvases:
        figure = builders.draw(exhibit, source)
    found = [artist for canvas in canvases for artist in canvas.findobj(_is_shown_text)]
    return figure, [text for artist in found if (text := artist.get_text())]


def _of_figure(figure: Figure) -> list[str]:
    return [figure.title, figure.reading, figure.alt, *_of_table(builders.localised(figure.data))]


def _is_shown_text(artist: Any) -> bool:
    return hasattr(artist, "get_text") and artist.get_visible()


def _of_table(table: Table) -> list[str]:
    cells = [cell.text for row in table.rows for cell in row.cells]
    said = [sentence for _, sentence in table.said]
    heads = [column.label for column in table.columns]
    return [*table.all_notes, *heads, *(row.group for row in table.rows), *cells, *said]


def numbers(text: str, language: str) -> collections.Counter[str]:
    """Numbers of a text as English writes them, and how often each stands; days as ISO dates."""
    # a version is no number
    text = text.replace(examples.PROVENANCE.version, "")
    if language == "es":
        text = DAY.sub(_iso, text)
    return collections.Counter(marks(n, language) for n in NUMBER.findall(text))


def _iso(day: re.Match[str]) -> str:
    month = MONTHS.index(day[2]) + 1
    return f"{day[3]}-{month:02d}-{int(day[1]):02d}"
