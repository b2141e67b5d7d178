"""Whether the de-identified data may go into a release: they are of its plan and data, untouched.

What they were made from is kept privately: it holds sums over rows of persons.
"""

import hashlib
from pathlib import Path
from typing import Any, Literal

from evaluation import io
from evaluation.cli.release import PUBLIC
from evaluation.cli.stage import Paths
from evaluation.spec.study import Study

PublicState = Literal["current", "stale", "absent", "undeclared"]
STAMP = "public_data.json"
# Files of the study that decide what of a person is released, beside the dictionary.
RULES = ("study.toml", "plan.toml", "deviations.toml")
CLEANED = ("panel.parquet", "frame.parquet", "codebook.csv")
# the delivered files and the corrections, and the version of the code
PROVENANCE = "provenance.json"


def folder(study: Study) -> Path:
    """Where the data lie unless somebody names another folder."""
    return Path(PUBLIC) / study.id


def keep(paths: Paths, study: Study) -> None:
    """Note what the data in their folder were made from."""
    io.write_json(paths.private / STAMP, _stamp(paths, study))


def forget(paths: Paths) -> None:
    """Take the note away, before the data in their folder change."""
    (paths.private / STAMP).unlink(missing_ok=True)


def state(paths: Paths, study: Study) -> PublicState:
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
    if not folder(study).is_dir():
        return "absent"
    note = paths.private / STAMP
    return "current" if note.is_file() and io.read_json(note) == _stamp(paths, study) else "stale"


def files(study: Study) -> dict[str, bytes]:
    """Content of the data's files, by their names in a release."""
    return {
        f"{PUBLIC}/{path.relative_to(folder(study)).as_posix()}": io.read_bytes(path)
        for path in sorted(folder(study).rglob("*"))
        if path.is_file()
    }


def _stamp(paths: Paths, study: Study) -> dict[str, Any]:
    rules = [paths.config / name for name in RULES]
    rules += sorted((paths.config / "dictionary").glob("*.toml"))
    clean = [paths.clean / name for name in CLEANED]
    here = (path for path in (*rules, *clean) if path.is_file())
    return {
        "provenance": io.read_json(paths.build / PROVENANCE),
        "made_from": {path.name: io.sha256(path) for path in here},
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files(study).items()},
    }
