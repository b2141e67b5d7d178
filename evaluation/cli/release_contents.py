"""All files of a release with their content: what was built, and how to cite it."""

import json
from collections.abc import Mapping
from pathlib import Path

from evaluation.cli.book_commit import Commit, read_commit
from evaluation.cli.release import released
from evaluation.cli.release_baselines import published
from evaluation.cli.stage import Paths
from evaluation.report.words import mark
from evaluation.spec.study import Study, read_languages, read_study

CITATION = "CITATION.cff"
# the authors of the repository's own CITATION.cff
AUTHORS = "The evaluation contributors"
LANGUAGE = "en"


def contents(paths: Paths) -> dict[str, bytes]:
    """Content of every file of a release, by its name there.

    Raises
    ------
    StorageError
        The build is not finished.
    """
    files = published(released(paths.build, read_languages(paths.config)), paths)
    provenance = json.loads(files["results.json"])
    text = citation(read_study(paths.config), provenance, read_commit(Path()))
    return files | {CITATION: text.encode("utf-8")}


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
        "message": f"{lead}Cite this release as: {study.citation.rstrip('.')}.",
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
