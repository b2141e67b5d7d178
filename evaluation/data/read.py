"""Raw files as tables of text: strict, nothing guessed, every cell with its line.

REQUIRES a file that the manifest describes. CREATES a :class:`RawTable` of text and the findings
about the file's shape; what a cell means is the dictionary's business (``parse.py``).
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from evaluation.data import delimited, stata
from evaluation.data.finding import LINE, about_file
from evaluation.errors import DataError
from evaluation.spec.dictionary import Dictionary, Variable
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One raw file as text.

    Attributes
    ----------
    file : RawFile
        What the manifest says of it.
    frame : DataFrame, rows x (columns + 1)
        Every cell as text, exactly as delivered, and ``__line__``: the physical line on which the
        row begins (of a Stata file: the number of the observation).
    labels : mapping of column to mapping of code to label
        Value labels that came with the file; empty for delimited text.
    findings : tuple of Finding
        What reading had to say.
    """

    file: RawFile
    frame: pd.DataFrame
    labels: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def read_file(file: RawFile, path: Path) -> RawTable:
    """Read one raw file as text.

    Raises
    ------
    DataError
        The file does not exist, or is damaged so that no rows can be told apart: another
        encoding, NUL bytes, an unclosed quote, no header. Everything else is a finding.
    """
    try:
        data = path.read_bytes()
    except OSError:
        raise DataError(
            "the file does not exist or cannot be read",
            where=file.path,
            mend="put it where the manifest says, or correct the manifest",
            rule="missing-file",
        ) from None
    if file.format == "dta":
        frame, labels = stata.read(data, file)
        findings: list[Finding] = []
    else:
        frame, findings = delimited.read(data, file)
        labels = {}
    if len(frame) != file.rows:
        findings.append(
            about_file(
                file,
                rule="row-count",
                severity="error",
                problem=f"{len(frame)} rows, the manifest says {file.rows}",
                mend="get the whole file, or correct `rows` in manifest.toml",
            )
        )
    return RawTable(file=file, frame=frame, labels=labels, findings=tuple(findings))


def check_columns(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    """Compare a file's columns with the dictionary: none may be missing, repeated or unknown."""
    file = table.file
    expected = {variable.raw[file.source] for variable in dictionary.in_source(file.source)}
    delivered = [name for name in table.frame.columns if name != LINE]
    problems: list[tuple[str, str, str, str]] = [
        (
            "missing-column",
            name,
            "the column is not in the file",
            "get the whole file, or correct `raw` in the dictionary",
        )
        for name in sorted(expected - set(delivered))
    ]
    problems += [
        (
            "missing-column",
            name,
            "`ignore_columns` names a column that is not in the file",
            "remove it from `ignore_columns` in manifest.toml",
        )
        for name in file.ignore_columns
        if name not in delivered
    ]
    problems += [
        (
            "unexpected-column",
            name,
            "the column is not in the dictionary",
            "describe it in the dictionary, or list it in the file's `ignore_columns`",
        )
        for name in delivered
        if name not in expected and name not in file.ignore_columns
    ]
    problems += [
        (
            "contradictory-column",
            name,
            "the column is in the dictionary and in `ignore_columns`",
            "remove one of the two",
        )
        for name in file.ignore_columns
        if name in expected
    ]
    return tuple(
        about_file(file, rule=rule, severity="error", column=name, problem=problem, mend=mend)
        for rule, name, problem, mend in problems
    )


def check_labels(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    """Compare the value labels of a Stata file with the dictionary's, in either language."""
    findings: list[Finding] = []
    for variable in dictionary.in_source(table.file.source):
        labels = table.labels.get(variable.raw[table.file.source], {})
        findings.extend(_label_findings(table.file, variable, labels, dictionary))
    return tuple(findings)


def _label_findings(
    file: RawFile, variable: Variable, labels: Mapping[str, str], dictionary: Dictionary
) -> list[Finding]:
    codes = dictionary.code_list(variable.name, file.source)
    if codes is None:
        return []
    declared = {code.code: (_plain(code.en), _plain(code.es)) for code in codes.values}
    return [
        about_file(
            file,
            rule="label-mismatch",
            severity="warn",
            column=variable.raw[file.source],
            problem=f"code {code} is labelled {label!r}, the dictionary says"
            f" {' / '.join(declared[code])!r}",
            mend="check the direction of the scale, then correct the dictionary's codes or label",
        )
        for code, label in sorted(labels.items())
        if code in declared and _plain(label) not in declared[code]
    ]


def _plain(label: str) -> str:
    return " ".join(label.split()).casefold()


def drop_ignored(table: RawTable) -> RawTable:
    """The table without the columns that the manifest says nobody uses."""
    kept = [name for name in table.frame.columns if name not in table.file.ignore_columns]
    return dataclasses.replace(table, frame=table.frame[kept])
