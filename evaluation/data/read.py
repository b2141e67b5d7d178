"""Raw files as tables of text: strict, nothing guessed, every cell with its line.

REQUIRES a file that the manifest describes. CREATES a :class:`RawTable` of text and the findings
about the file's shape; what a cell means is the dictionary's business (``parse.py``).
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd

from evaluation.data import delimited, stata
from evaluation.data.finding import LINE, about_file
from evaluation.errors import DataError
from evaluation.spec.dictionary import Dictionary, Variable
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding

# share of the dictionary's columns above which a file is another one, not one with a gap
MOST = 0.5
SHOWN = 3


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
    unlabelled : tuple of str
        Numeric columns of a Stata file that have no value labels.
    findings : tuple of Finding
        What reading had to say.
    """

    file: RawFile
    frame: pd.DataFrame
    labels: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    unlabelled: tuple[str, ...] = ()
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
    labels = stata.Labels(by_column={}, unlabelled=())
    findings: list[Finding] = []
    if file.format == "dta":
        frame, labels = stata.read(data, file)
    else:
        frame, findings = delimited.read(data, file)
    findings += _row_count(len(frame), file, ragged=any(f.rule == "ragged-row" for f in findings))
    return RawTable(
        file=file,
        frame=frame,
        labels=labels.by_column,
        unlabelled=labels.unlabelled,
        findings=tuple(findings),
    )


def _row_count(found: int, file: RawFile, *, ragged: bool) -> list[Finding]:
    if found == 0 and not ragged:
        rule, problem = "no-rows", "the file has a header and no rows"
    elif found != file.rows:
        rule, problem = "row-count", f"{found} rows, the manifest says {file.rows}"
    else:
        return []
    return [
        about_file(
            file,
            rule=rule,
            severity="error",
            problem=problem,
            mend="get the whole file"
            + (", or correct `rows` in manifest.toml" if rule == "row-count" else ""),
        )
    ]


def check_columns(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    """Compare a file's columns with the dictionary: none may be missing, repeated or unknown.

    Where most are missing, that is one finding: another delimiter, header or file.
    """
    file = table.file
    expected = {variable.raw[file.source] for variable in dictionary.in_source(file.source)}
    delivered = [name for name in table.frame.columns if name != LINE]
    missing = sorted(expected.difference(delivered))
    if len(missing) > MOST * len(expected):
        return (_other_header(file, delivered, missing, expected),)
    problems: list[tuple[str, str, str, str]] = [
        (
            "missing-column",
            name,
            "the column is not in the file",
            "get the whole file, or correct `raw` in the dictionary",
        )
        for name in missing
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


def _other_header(
    file: RawFile, delivered: Sequence[str], missing: Sequence[str], expected: Collection[str]
) -> Finding:
    """One finding about a header that is not the one the dictionary describes."""
    first = ", ".join(f"`{name}`" for name in missing[:SHOWN])
    problem = (
        f"{len(missing)} of the {len(expected)} columns of the dictionary are not in the header of"
        f" {len(delivered)} cells (first: {first})"
    )
    mend = "check that this is the right file, with its header"
    if file.dialect is not None:
        declared, names = file.dialect.delimiter, delimited.DELIMITERS
        found = delimited.found_delimiter(delivered, declared)
        problem += f"; the delimiter is declared {names[declared]}, the header has {names[found]}"
        mend += " on the first line; correct the file's `dialect` in manifest.toml if it is"
    return about_file(
        file,
        rule="dialect",
        severity="error",
        line=1 if file.dialect is not None else 0,
        problem=problem,
        mend=mend,
    )


def check_labels(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    """Compare the value labels of a Stata file with the dictionary's, in either language.

    A label that the dictionary gives to another code of the list is an error: the scale is turned.
    Other words are a warning, and so is a coded column without labels where others have them.
    """
    findings: list[Finding] = []
    for variable in dictionary.in_source(table.file.source):
        raw = variable.raw[table.file.source]
        coded = dictionary.code_list(variable.name, table.file.source) is not None
        if table.labels and coded and raw in table.unlabelled:
            findings.append(_unlabelled(table.file, raw))
        findings.extend(
            _label_findings(table.file, variable, table.labels.get(raw, {}), dictionary)
        )
    return tuple(findings)


def _unlabelled(file: RawFile, column: str) -> Finding:
    return about_file(
        file,
        rule="label-missing",
        severity="warn",
        column=column,
        problem="the variable is coded and has no value labels, other variables of the file do",
        mend="ask for the file with all its labels; without them the direction of the scale is"
        " not checked",
    )


def _label_findings(
    file: RawFile, variable: Variable, labels: Mapping[str, str], dictionary: Dictionary
) -> list[Finding]:
    codes = dictionary.code_list(variable.name, file.source)
    if codes is None:
        return []
    declared = {code.code: (_plain(code.en), _plain(code.es)) for code in codes.values}
    return [
        _mismatch(file, variable.raw[file.source], code, label, declared)
        for code, label in sorted(labels.items())
        if code in declared and _plain(label) not in declared[code]
    ]


def _mismatch(
    file: RawFile, column: str, code: str, label: str, declared: Mapping[str, tuple[str, str]]
) -> Finding:
    owner = next((other for other, words in declared.items() if _plain(label) in words), None)
    other = "" if owner is None else f", and gives this label to code {owner}"
    return about_file(
        file,
        rule="label-mismatch",
        severity="warn" if owner is None else "error",
        column=column,
        problem=f"code {code} is labelled {label!r}, the dictionary says"
        f" {' / '.join(declared[code])!r}{other}",
        mend="check the direction of the scale, then correct the dictionary's codes or label",
    )


def _plain(label: str) -> str:
    return " ".join(label.split()).casefold()


def drop_ignored(table: RawTable) -> RawTable:
    """The table without the columns that the manifest says nobody uses."""
    kept = [name for name in table.frame.columns if name not in table.file.ignore_columns]
    return dataclasses.replace(table, frame=table.frame[kept])
