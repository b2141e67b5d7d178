"""Ready-made citations of the study and of each exhibit: as a text, in BibTeX and in RIS.

Authors, institution, year and address are what ``[publication]`` of the study declares; without it
the study's own words stand alone. Nothing is of the clock, so the same results are cited alike
whenever they are built. The mark of invented data comes first in each: in BibTeX and RIS, which
have no beginning, it begins the title.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.config.exhibits import Exhibit
from evaluation.config.study import Study
from evaluation.locale.messages import wording
from evaluation.report.formats import number_format, words
from evaluation.report.sources import Source

# A language's name, as BibTeX packages know it.
LANGUAGES = {"en": "english", "es": "spanish"}
# What BibTeX hands on to LaTeX and LaTeX would read as a command.
TEX = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "\N{EN DASH}": "--", "\N{NO-BREAK SPACE}": " ",
})  # fmt: skip
DOI = "https://doi.org/"
Named = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedWork:
    """What is cited, in one language.

    Attributes
    ----------
    authors : tuple of str
        Family name first, with a comma; a name without one is of an organisation.
    mark : str
        Of invented data, in brackets and with a blank behind; empty for real data.
    year : str
        Of the version; empty where nobody declared it.
    doi, url : str
        Empty where there is none; a DOI is its bare number.
    """

    id: str
    language: str
    mark: str
    authors: tuple[str, ...]
    year: str
    title: str
    institution: str
    version: str
    data: str
    url: str
    doi: str

    @property
    def address(self) -> str:
        """Where a reader finds it: the DOI's address before any other."""
        return f"{DOI}{self.doi}" if self.doi else self.url


def work(study: Study, language: str, *, version: str, data_hash: str) -> CitedWork:
    """What a study's results are cited as.

    Parameters
    ----------
    study : Study
    language : {"en", "es"}
    version, data_hash : str
        Of the results.
    """
    about, mark = study.publication, words.mark(study.mark, language)
    return CitedWork(
        id=study.id,
        language=language,
        mark=f"[{mark}] " if mark else "",
        authors=about.authors_in(language) if about else (),
        year=f"{about.year}" if about else "",
        title=study.citation[language].rstrip("."),
        institution=about.institution[language] if about else "",
        version=version,
        data=number_format.short_hash(data_hash),
        url=about.url if about else "",
        doi=about.doi.removeprefix(DOI) if about else "",
    )


def of_study(cited: CitedWork) -> Named:
    """Citations of the whole study by name: ``plain``, ``bibtex`` and ``ris``."""
    note = wording("citation.data", cited.language, data=cited.data)
    title = f"{cited.mark}{cited.title}"
    fields = {
        "author": _tex_authors(cited),
        "title": f"{{{_tex(title)}}}",
        "institution": _tex(cited.institution),
        **_tex_published(cited),
        "note": _tex(note),
    }
    tags = [("TY", "RPRT"), ("ID", cited.id), *_people(cited), ("TI", title)]
    tags += [*_published(cited), ("N1", note)]
    # a report without its authors is no report to a program that reads BibTeX
    kind = "techreport" if cited.authors else "misc"
    return (
        ("plain", wording("citation.study", cited.language, title=cited.title, **_around(cited))),
        ("bibtex", _bibtex(kind, cited.id, fields)),
        ("ris", _ris(tags, cited)),
    )


def plain(exhibit: Exhibit, source: Source) -> str:
    """A citation of an exhibit as a sentence with its code and permanent id."""
    cited = _work_of(source)
    return source.wording(
        "citation.exhibit",
        exhibit=exhibit.title[source.language],
        kind=_kind(exhibit, source.language),
        code=exhibit.code,
        id=exhibit.id,
        title=cited.title,
        **_around(cited),
    )


def others(exhibit: Exhibit, source: Source) -> Named:
    """The other citations of an exhibit by name: ``bibtex`` and ``ris``."""
    cited, language = _work_of(source), source.language
    kind = _kind(exhibit, language)
    title = f"{cited.mark}{exhibit.title[language]}"
    coded = number_format.coded(exhibit.code, cited.version)
    note = f"{exhibit.id}, {wording('citation.data', language, data=cited.data)}"
    within = wording("citation.within", language, kind=kind, coded=coded, title=cited.title)
    fields = {
        "author": _tex_authors(cited),
        "title": f"{{{_tex(title)}}}",
        "howpublished": _tex(within),
        "organization": _tex(cited.institution),
        **_tex_published(cited),
        "note": _tex(note),
    }
    tags = [("TY", "GEN"), ("ID", exhibit.code), *_people(cited), ("TI", title)]
    tags += [("T2", cited.title), ("M3", f"{kind} {coded}"), *_published(cited), ("N1", note)]
    return (("bibtex", _bibtex("misc", exhibit.code, fields)), ("ris", _ris(tags, cited)))


def _work_of(source: Source) -> CitedWork:
    made_from = source.records.provenance
    return work(
        source.configuration.study,
        source.language,
        version=made_from.version,
        data_hash=made_from.data_hash,
    )


def _kind(exhibit: Exhibit, language: str) -> str:
    return wording(f"citation.kind.{exhibit.id.split('-', maxsplit=1)[0]}", language)


def _around(cited: CitedWork) -> dict[str, str]:
    """What comes before and behind the title in a text."""
    by = f"{_listed(cited)} ({cited.year}). " if cited.authors else ""
    place = " ".join((f"{cited.institution}." if cited.institution else "", cited.address)).strip()
    return {
        "mark": cited.mark,
        "by": by,
        "version": cited.version,
        "published": f"{place} " if place else "",
        "data": cited.data,
    }


def _listed(cited: CitedWork) -> str:
    """Authors in a row: between semicolons where their names have commas."""
    if any("," in name for name in cited.authors):
        return "; ".join(cited.authors)
    return number_format.listed(list(cited.authors), cited.language)


def _tex(text: str) -> str:
    return text.translate(TEX)


def _tex_authors(cited: CitedWork) -> str:
    """BibTeX takes a name without a comma apart, unless it is in braces."""
    names = (_tex(name) if "," in name else f"{{{_tex(name)}}}" for name in cited.authors)
    return " and ".join(names)


def _tex_published(cited: CitedWork) -> dict[str, str]:
    # addresses stay as they are: programs make links of them
    return {
        "year": cited.year,
        "version": _tex(cited.version),
        "url": cited.address,
        "doi": cited.doi,
        "language": LANGUAGES[cited.language],
    }


def _bibtex(kind: str, key: str, fields: Mapping[str, str]) -> str:
    shown = (f"  {name} = {{{text}}},\n" for name, text in fields.items() if text)
    return f"@{kind}{{{key},\n{''.join(shown)}}}"


def _people(cited: CitedWork) -> list[tuple[str, str]]:
    return [("AU", name) for name in cited.authors]


def _published(cited: CitedWork) -> list[tuple[str, str]]:
    return [
        ("PB", cited.institution),
        ("PY", cited.year),
        ("ET", cited.version),
        ("UR", cited.address),
        ("DO", cited.doi),
    ]


def _ris(tags: list[tuple[str, str]], cited: CitedWork) -> str:
    """One tag a line; a tag's text is on one line, and an empty one is left out."""
    whole = [*tags, ("LA", cited.language)]
    lines = (f"{tag}  - {' '.join(text.split())}" for tag, text in whole if text)
    return "\n".join((*lines, "ER  - "))
