"""All files of a release with their content: what was built, the public data, how to cite it.

What they were made from is kept privately: it holds sums over rows of persons.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evaluation.config.study import Publication, Study, read_languages, read_study
from evaluation.errors import StorageError
from evaluation.locale.messages import wording
from evaluation.release.published_tables import PUBLIC, published, released
from evaluation.report.formats.words import banner
from evaluation.report.prose import citations
from evaluation.storage import disk, print_links
from evaluation.storage.commit import Commit, read_commit
from evaluation.storage.folders import PROVENANCE, Paths, State
from evaluation.storage.packaged import filled_beside


def readme(study: Study, prints: Mapping[str, str], *, public: str, draft: bool = False) -> str:
    """What a release holds, in each language of the study, in Markdown.

    Parameters
    ----------
    study : Study
        What is released; a mark of invented data stands below its title.
    prints : mapping
        State of the prints by language.
    public : str
        State of the public data.
    draft : bool
        Whether it is a draft, which says so below its title.
    """
    return "\n".join(
        _part(study, language, state, public, draft=draft) for language, state in prints.items()
    )


def _part(study: Study, language: str, prints: str, public: str, *, draft: bool) -> str:
    printed = "release.prints" if prints == "current" else "release.no-prints"
    data = "release.data" if public == "current" else "release.no-data"
    cited = () if draft else ("release.citation",)
    tables = ("release.tables", "release.records")
    lines = ("release.site", printed, *tables, data, *cited, "release.sums")
    listed = "".join(f"- {wording(line, language, language=language)}\n" for line in lines)
    mark = f"> **{banner(study.mark, language)}**\n\n" if study.mark else ""
    mark += f"> **{wording('release.draft', language)}**\n\n" if draft else ""
    return f"# {study.title[language]}\n\n{mark}{listed}"


PublicState = Literal["current", "stale", "absent", "undeclared"]
STAMP = "public_data.json"
# Files of the study that decide what of a person is released, beside the dictionary.
PUBLIC_RULES = ("study.toml", "plan.toml", "deviations.toml")
CLEANED = ("panel.parquet", "frame.parquet", "codebook.csv")


def public_folder(study: Study) -> Path:
    """Where the data lie unless somebody names another folder."""
    return Path(PUBLIC) / study.id


def keep_public(paths: Paths, study: Study) -> None:
    """Note what the data in their folder were made from.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    study : Study
    """
    disk.write_json(paths.private / STAMP, _stamp(paths, study))


def forget_public(paths: Paths) -> None:
    """Take the note away, before the data in their folder change."""
    (paths.private / STAMP).unlink(missing_ok=True)


def public_state(paths: Paths, study: Study) -> PublicState:
    """Whether the data are there and were made from what is there now.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    study : Study
        Without rules for a release it has no public data, whatever lies in their folder.
    """
    if study.release is None:
        return "undeclared"
    if not public_folder(study).is_dir():
        return "absent"
    note = paths.private / STAMP
    return "current" if note.is_file() and disk.read_json(note) == _stamp(paths, study) else "stale"


def public_files(study: Study) -> dict[str, bytes]:
    """Content of the data's files, by their names in a release."""
    return {
        f"{PUBLIC}/{path.relative_to(public_folder(study)).as_posix()}": disk.read_bytes(path)
        for path in sorted(public_folder(study).rglob("*"))
        if path.is_file()
    }


def _stamp(paths: Paths, study: Study) -> dict[str, Any]:
    rules = [paths.config / name for name in PUBLIC_RULES]
    rules += sorted((paths.config / "dictionary").glob("*.toml"))
    clean = [paths.clean / name for name in CLEANED]
    here = (path for path in (*rules, *clean) if path.is_file())
    return {
        "provenance": disk.read_json(paths.build / PROVENANCE),
        "made_from": {path.name: disk.sha256(path) for path in here},
        "files": {
            name: hashlib.sha256(data).hexdigest() for name, data in public_files(study).items()
        },
    }


CITATION, README = "CITATION.cff", "README.md"
# Licences that the Citation File Format knows by the name that a study gives them.
KNOWN_LICENCE = re.compile(r"CC (0|BY(-[A-Z]{2})*) \d\.\d")
LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A release and what it lacks.

    Attributes
    ----------
    files : dict of str to bytes
        Content of every file by its name in the release.
    prints : dict of str to State
        Of each language; only current ones are among the files.
    public : PublicState
        Of the de-identified data, in the same way.
    """

    files: dict[str, bytes]
    prints: dict[str, State]
    public: PublicState


def contents(paths: Paths, prints: dict[str, State], *, draft: bool = False) -> Contents:
    """Every file of a release with its content, and what is left out as it is missing or stale.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    prints : dict of str to State
        Whether the prints of each language are there and of the pages that stand there.
    draft : bool
        Whether it is for comparing alone: then nobody is cited, and no data go along.

    Raises
    ------
    StorageError
        The build is not finished.
    """
    study, languages = read_study(paths.config), read_languages(paths.config)
    current = [language for language, found in prints.items() if found == "current"]
    made = released(paths.build, languages, printed=current, panel=study.panel is not None)
    files = published(made, paths)
    for language in languages:
        name = f"{language}/site/index.html"
        if name in files:
            files[name] = first_page(files[name], printed=language in current)
    public: PublicState = "absent" if draft else public_state(paths, study)
    if public == "current":
        files |= public_files(study)
    if not draft:
        provenance = json.loads(files["results.json"])
        text = citation(study, provenance, read_commit(Path()))
        files[CITATION] = text.encode("utf-8")
    files[README] = readme(study, prints, public=public, draft=draft).encode("utf-8")
    return Contents(files=files, prints=prints, public=public)


def first_page(page: bytes, *, printed: bool) -> bytes:
    """The first page as a release with or without prints has it.

    Parameters
    ----------
    page : bytes
    printed : bool
        Whether the release holds the prints.
    """
    offered = print_links.with_links if printed else print_links.without_links
    return offered(page.decode("utf-8")).encode("utf-8")


def citation(study: Study, provenance: Mapping[str, str], commit: Commit | None) -> str:
    """How to cite a release, in the Citation File Format 1.2.0.

    Parameters
    ----------
    study : Study
        What is cited; a mark of invented data stands before its title.
    provenance : mapping
        ``version`` and ``data_hash`` of the results.
    commit : Commit or None
        Gives the day of the release and the version of the code. Without one there is no day.

    Returns
    -------
    str
        YAML, its texts quoted as in JSON. A licence that the format does not know has no line.

    Raises
    ------
    StorageError
        Nobody said who answers for the study: nobody else is named in their place.
    """
    about = answering(study)
    cited = citations.work(
        study,
        LANGUAGE,
        version=provenance["version"],
        data_hash=provenance["data_hash"],
    )
    said = dict(citations.of_study(cited))["plain"].removeprefix(cited.mark)
    fields = {
        "message": f"{cited.mark}Cite this release as: {said}",
        "title": f"{cited.mark}{study.title[LANGUAGE]}",
        "cited": f"{cited.mark}{cited.title}",
        "abstract": study.question[LANGUAGE],
        "version": cited.version,
        "authors": [_author(name) for name in cited.authors],
        "data": f"sha256:{provenance['data_hash']}",
        "year": about.year,
    }
    quoted = {name: json.dumps(text, ensure_ascii=False) for name, text in fields.items()}
    places = (("doi", cited.doi), ("url", cited.url))
    found = [f"{name}: {json.dumps(text)}\n" for name, text in places if text]
    institution = json.dumps({"name": cited.institution}, ensure_ascii=False)
    licence = about.licence[LANGUAGE] if about.licence is not None else ""
    terms = f'license: "{licence.replace(" ", "-")}"\n' if KNOWN_LICENCE.fullmatch(licence) else ""
    day = f'date-released: "{commit.day.isoformat()}"\ncommit: "{commit.id}"\n' if commit else ""
    return filled_beside(
        __file__,
        "citation_template.cff",
        **quoted,
        day=day,
        terms=terms,
        places="".join(found),
        inside="".join(f"  {line}" for line in found),
        institution=f"  institution: {institution}\n",
    )


def answering(study: Study) -> Publication:
    """Who answers for a study.

    Raises
    ------
    StorageError
        Nobody said it.
    """
    if study.publication is None:
        where = f"config/{study.id}/study.toml"
        raise StorageError.of("release-without-authors", "declare-publication", where)
    return study.publication


def _author(name: str) -> dict[str, str]:
    """A person, whose family name comes before a comma, or an organisation."""
    family, comma, given = name.partition(", ")
    return {"family-names": family, "given-names": given} if comma else {"name": name}
