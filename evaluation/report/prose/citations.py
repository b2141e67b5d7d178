"""Ready-made citations of an exhibit: plain, APA, BibTeX and RIS, and the code to say aloud.

The year and the version are facts of the configuration and the package, never of the clock, so the
same results are cited alike whenever they are built. The mark of invented data comes first in
each: in BibTeX and RIS, which have no beginning, it begins the title.
"""

from importlib import resources
from string import Template

from evaluation.locale.messages import wording
from evaluation.report.formats import number_format, words
from evaluation.report.sources import Source
from evaluation.study.configuration import Configuration
from evaluation.study.exhibits import Exhibit

# A language's name, as BibTeX packages know it.
LANGUAGES = {"en": "english", "es": "spanish"}
# What BibTeX hands on to LaTeX and LaTeX would read as a command.
TEX = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "\N{EN DASH}": "--", "\N{NO-BREAK SPACE}": " ",
})  # fmt: skip


def year(configuration: Configuration) -> int:
    """Year of the results: of the latest of the last round's end, the lock and the deviations.

    Results cannot be older than any of the three, all are written in the configuration, and none
    of them is the day on which somebody happens to build the book.
    """
    lock = configuration.preregistration.lock
    dates = [entry.end for entry in configuration.study.round]
    dates += [lock.date] if lock is not None else []
    dates += [deviation.date for deviation in configuration.preregistration.deviations]
    return max(dates).year


def plain(exhibit: Exhibit, source: Source) -> str:
    """A sentence with code, permanent id, version and data hash; the mark comes first."""
    made_from = source.records.provenance
    return source.wording(
        "citation.plain",
        mark=_lead(source),
        study=_study(source),
        code=exhibit.code,
        id=exhibit.id,
        title=exhibit.title[source.language],
        year=year(source.configuration),
        version=made_from.version,
        data=number_format.short_hash(made_from.data_hash),
    )


def others(exhibit: Exhibit, source: Source) -> tuple[tuple[str, str], ...]:
    """The other citations by name: ``apa``, ``bibtex`` and ``ris``."""
    return (
        ("apa", _apa(exhibit, source)),
        ("bibtex", _bibtex(exhibit, source)),
        ("ris", _ris(exhibit, source)),
    )


def _lead(source: Source) -> str:
    mark = words.mark(source.configuration.study.mark, source.language)
    return f"[{mark}] " if mark else ""


def _study(source: Source) -> str:
    return source.configuration.study.citation[source.language].rstrip(".")


def _kind(exhibit: Exhibit, language: str) -> str:
    return wording(f"citation.kind.{exhibit.id.split('-', maxsplit=1)[0]}", language)


def _apa(exhibit: Exhibit, source: Source) -> str:
    # without a named author the title stands in the author's place (APA 7, section 9.12)
    made_from = source.records.provenance
    return source.wording(
        "citation.apa",
        mark=_lead(source),
        title=exhibit.title[source.language],
        code=number_format.coded(exhibit.code, made_from.version),
        kind=_kind(exhibit, source.language),
        year=year(source.configuration),
        study=_study(source),
        data=number_format.short_hash(made_from.data_hash),
    )


def _parts(exhibit: Exhibit, source: Source) -> dict[str, str]:
    """What BibTeX and RIS both say."""
    made_from, language = source.records.provenance, source.language
    data = source.wording("citation.data", data=number_format.short_hash(made_from.data_hash))
    return {
        "title": f"{_lead(source)}{exhibit.title[language]}",
        "study": _study(source),
        "code": number_format.coded(exhibit.code, made_from.version),
        "number": f"{exhibit.id}, {data}",
        "kind": _kind(exhibit, language),
        "year": str(year(source.configuration)),
        "version": made_from.version,
    }


def _bibtex(exhibit: Exhibit, source: Source) -> str:
    parts = {name: text.translate(TEX) for name, text in _parts(exhibit, source).items()}
    return _filled("bibtex", parts, key=exhibit.code, language=LANGUAGES[source.language])


def _ris(exhibit: Exhibit, source: Source) -> str:
    # a tag's text is on one line
    parts = {name: " ".join(text.split()) for name, text in _parts(exhibit, source).items()}
    return _filled("ris", parts, key=exhibit.code, language=source.language)


def _filled(ending: str, parts: dict[str, str], **more: str) -> str:
    """A citation of the template of its format."""
    form = resources.files(__package__).joinpath(f"citation.{ending}").read_text("utf-8")
    return Template(form.removesuffix("\n")).substitute(parts, **more)
