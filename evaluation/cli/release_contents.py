"""All files of a release with their content: what was built, and how to cite it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.cli import pdf_source, release_public, release_words
from evaluation.cli.book_commit import Commit, read_commit
from evaluation.cli.pdf_source import State
from evaluation.cli.release import released
from evaluation.cli.release_disclosure import published
from evaluation.cli.release_public import PublicState
from evaluation.cli.stage import Paths
from evaluation.report.words import mark
from evaluation.spec.study import Study, read_languages, read_study

CITATION, README = "CITATION.cff", "README.md"
# the authors of the repository's own CITATION.cff
AUTHORS = "The evaluation contributors"
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


def contents(paths: Paths) -> Contents:
    """Every file of a release with its content, and what is left out as it is missing or stale.

    Raises
    ------
    StorageError
        The build is not finished.
    """
    study, languages = read_study(paths.config), read_languages(paths.config)
    prints: dict[str, State] = {name: pdf_source.state(paths, name) for name in languages}
    current = [language for language, found in prints.items() if found == "current"]
    files = published(released(paths.build, languages, printed=current), paths)
    public = release_public.state(paths, study)
    if public == "current":
        files |= release_public.files(study)
    provenance = json.loads(files["results.json"])
    text = citation(study, provenance, read_commit(Path()))
    files[CITATION] = text.encode("utf-8")
    files[README] = release_words.page(study, prints, public=public).encode("utf-8")
    return Contents(files=files, prints=prints, public=public)


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
        YAML, its texts quoted as in JSON.
    """
    said = mark(study.mark, LANGUAGE)
    lead = f"[{said}] " if said else ""
    day = {} if commit is None else {"date-released": commit.day.isoformat(), "commit": commit.id}
    fields = {
        "cff-version": "1.2.0",
        "message": f"{lead}Cite this release as: {study.citation[LANGUAGE].rstrip('.')}.",
        "type": "dataset",
        "title": f"{lead}{study.title[LANGUAGE]}",
        "abstract": study.question[LANGUAGE],
        "version": provenance["version"],
        **day,
        "license": "CC-BY-4.0",
    }
    lines = [f"{name}: {_quoted(text)}\n" for name, text in fields.items()]
    lines.append(f"authors:\n  - name: {_quoted(AUTHORS)}\n")
    data = provenance["data_hash"]
    lines.append(f"identifiers:\n  - type: other\n    value: {_quoted(f'sha256:{data}')}\n")
    lines.append("    description: Hash of the delivered files and the correction log\n")
    return "".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
