"""A release shows how often each inference method errs, of its plan and data, in each language."""

from collections.abc import Sequence
from pathlib import Path

from evaluation import io
from evaluation.cli.stage import CALIBRATION, Paths
from evaluation.errors import StorageError
from evaluation.spec import load

BUILDER = "calibration"
HASHES = ("plan_hash", "data_hash")
# the one row of the table where nothing was computed
NOT_RUN = "not_run"
MEND = (
    "make publish DEST=folder calibrates first; without Make run python -m evaluation calibrate,"
    " then the stages exhibits, notebook and book"
)


def check_calibrated(paths: Paths, languages: Sequence[str]) -> None:
    """Refuse a release whose table of calibration is empty or of something else.

    Parameters
    ----------
    paths : Paths
        Folders of the study; without an exhibit of calibration there is nothing to check.
    languages : sequence of str
        Of the book.

    Raises
    ------
    StorageError
        Nothing was calibrated, or with another plan or other data, or the table is older.
    """
    shown = _exhibits(paths.config)
    if not shown:
        return
    made = paths.build / CALIBRATION
    if not made.is_file():
        raise StorageError(
            "nobody has computed how often each method errs in this design",
            where=made.as_posix(),
            mend=MEND,
        )
    before, now = io.read_json(made), io.read_json(paths.build / "results.json")
    other = [name for name in HASHES if before.get(name) != now[name]]
    if other:
        raise StorageError(
            f"the calibration was made with another {', '.join(other)}",
            where=made.as_posix(),
            mend=MEND,
        )
    for language in languages:
        for name in shown:
            _check_shown(paths.language(language) / "exhibits" / f"{name}.json")


def _exhibits(config: Path) -> list[str]:
    declared = load.read_toml(config / "exhibits.toml").get("exhibit", [])
    return [entry["id"] for entry in declared if entry["builder"] == BUILDER]


def _check_shown(path: Path) -> None:
    if [row["id"] for row in io.read_json(path)["rows"]] == [NOT_RUN]:
        raise StorageError(
            "the table was made before the calibration", where=path.as_posix(), mend=MEND
        )
