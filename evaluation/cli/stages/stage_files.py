"""What the stages leave for one another: the ledger, findings, records of the sample.

All errors go to a private file, ten of them to the user.
"""

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.config.study import LEDGER
from evaluation.config.toml_reader import named
from evaluation.data.cleaning.ledger import COLUMNS, Ledger, WrittenLedger
from evaluation.data.findings import causes_first
from evaluation.errors import DataError
from evaluation.estimation.records import Finding
from evaluation.locale.messages import wording
from evaluation.report.terminal import FoundErrors
from evaluation.storage import disk, progress
from evaluation.storage.folders import PROVENANCE, Paths

# the farthest ahead of UTC that a clock on earth is: a day is later only where it is so everywhere
AHEAD = datetime.timedelta(hours=14)
# private folder: clusters of submissions that the office refused, by file
SET_ASIDE = "set_aside"
ERRORS_FILE = "findings_error.csv"
# roles of files that the ledger does not correct
NOT_CORRECTED = ("published", "backcheck")


def read_ledger(config: Path) -> WrittenLedger:
    """Read a study's ledger.

    Raises
    ------
    StorageError
        It does not exist or is not UTF-8.
    """
    path = config / LEDGER
    return WrittenLedger(
        text=disk.read_configuration(
            path, content=f"a ledger without corrections is the one line {','.join(COLUMNS)}"
        ),
        where=named(config, LEDGER),
        sha256=disk.sha256(path),
    )


def check_read(paths: Paths, ledger: WrittenLedger) -> None:
    """Refuse the tables of a stage `read` that failed, or that saw another ledger.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    ledger : WrittenLedger

    Raises
    ------
    DataError
        Names what is missing or differs.
    """
    path = paths.build / PROVENANCE
    if not path.exists():
        raise DataError.of(
            "stage-read-not", "run-read-first", path.as_posix(), name=paths.config.name
        )
    if disk.read_json(path).get("corrections") != ledger.sha256:
        raise DataError.of("ledger-changed", "run-read-again", ledger.where, name=paths.config.name)


def stop_on_errors(findings: Sequence[Finding], private: Path) -> None:
    """Raise where a finding is an error; else remove what an earlier, failed run left.

    Parameters
    ----------
    findings : sequence of Finding
        Of any severity.
    private : Path
        Folder for the full list.

    Raises
    ------
    FoundErrors
        Prints the first ten errors, each with its place, rule and fix.
    """
    errors = [finding for finding in causes_first(findings) if finding.severity == "error"]
    path = private / ERRORS_FILE
    if not errors:
        path.unlink(missing_ok=True)
        return
    disk.write_records(path, errors, Finding, mark="")
    raise FoundErrors(errors, where=private.parent.name, path=path.as_posix())


def today() -> datetime.date:
    """The day that it is where the date is the latest."""
    return (datetime.datetime.now(tz=datetime.UTC) + AHEAD).date()


def warn_of_days(ledger: Ledger, language: str) -> None:
    """Name on the terminal the lines of a ledger whose day has not come; they are applied.

    Parameters
    ----------
    ledger : Ledger
    language : {"en", "es"}
    """
    latest = today().isoformat()
    for entry in ledger.corrections:
        if entry.date > latest:
            said = wording(
                "corrections.decided-after-today",
                language,
                where=ledger.where,
                line=entry.line,
                day=entry.date,
            )
            progress.clear()
            sys.stderr.write(said)
