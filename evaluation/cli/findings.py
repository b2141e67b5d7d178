"""How a stage ends when the raw data have errors: all to a private file, ten to the user."""

from collections.abc import Sequence
from pathlib import Path

from evaluation import io
from evaluation.data.finding import arranged
from evaluation.errors import DataError
from evaluation.spec.records import Finding

NAME = "findings_error.csv"
PRINTED = 10


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
    DataError
        Prints the first ten errors, each with its place, rule and mend.
    """
    errors = [finding for finding in arranged(findings) if finding.severity == "error"]
    path = private / NAME
    if not errors:
        path.unlink(missing_ok=True)
        return
    io.write_records(path, errors, Finding)
    lines = [_line(finding) for finding in errors[:PRINTED]]
    more = len(errors) - PRINTED
    rest = f"\n  ... and {more} more, all in {path.as_posix()}" if more > 0 else ""
    noun = "error" if len(errors) == 1 else "errors"
    raise DataError(
        f"{len(errors)} {noun} in the raw data\n" + "\n".join(lines) + rest,
        where=private.parent.name,
        mend="mend each of them as it says, then run again; nothing was written",
    )


def _line(finding: Finding) -> str:
    place = (
        finding.row_key
        if finding.row_key and not finding.file.endswith("corrections.csv")
        else f"{finding.file}:{finding.line}"
        if finding.line
        else finding.file
    )
    column = f", column {finding.column}" if finding.column else ""
    value = f", value {finding.value!r}" if finding.value else ""
    return f"  {place}{column}{value}: {finding.problem} [{finding.rule}]\n    mend: {finding.mend}"
