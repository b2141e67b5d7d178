"""What the stages on raw data share: the ledger as written, and how they end when there are errors.

All errors go to a private file, ten of them to the user.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation import io
from evaluation.cli.told import FoundErrors
from evaluation.data.finding import about_file, causes_first
from evaluation.data.ledger import COLUMNS
from evaluation.errors import DataError
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding

LEDGER = "corrections.csv"
PROVENANCE = "provenance.json"
# private folder: clusters of submissions that the office refused, by file
SET_ASIDE = "set_aside"
NAME = "findings_error.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLedger:
    """The ledger of corrections before it is parsed.

    Attributes
    ----------
    text, where : str
        Its text, and how messages name it.
    sha256 : str
        Of its bytes.
    """

    text: str
    where: str
    sha256: str


def read_ledger(config: Path) -> WrittenLedger:
    """Read a study's ledger.

    Raises
    ------
    StorageError
        It does not exist or is not UTF-8.
    """
    path = config / LEDGER
    return WrittenLedger(
        text=io.read_configuration(
            path, content=f"a ledger without corrections is the one line {','.join(COLUMNS)}"
        ),
        where=f"{config.name}/{LEDGER}",
        sha256=io.sha256(path),
    )


def as_finding(error: DataError, file: RawFile) -> Finding:
    """Damage that stops the reading of a file, to be listed beside what else was found."""
    line = error.where.rpartition(":")[2]
    return about_file(
        file,
        rule=error.rule,
        severity="error",
        line=int(line) if line.isdecimal() else 0,
        problem=error.problem,
        mend=error.mend,
    )


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
        Prints the first ten errors, each with its place, rule and mend.
    """
    errors = [finding for finding in causes_first(findings) if finding.severity == "error"]
    path = private / NAME
    if not errors:
        path.unlink(missing_ok=True)
        return
    io.write_records(path, errors, Finding, mark="")
    raise FoundErrors(errors, where=private.parent.name, path=path.as_posix())
