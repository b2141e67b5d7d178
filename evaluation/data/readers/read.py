"""Raw files as tables of text: strict, nothing guessed, every cell with its line.

REQUIRES a file that the manifest describes. CREATES a :class:`RawTable` of text and the findings
about the file's shape; what a cell means is the dictionary's business (``parse.py``).
"""

import dataclasses
import errno
from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from evaluation.data.findings import LINE, about_file, refused
from evaluation.data.readers import (
    archive,
    csv,
    delivered_files,
    embedded_labels,
    header_names,
    survey_export,
)
from evaluation.data.readers.raw_table import Delivered, reads
from evaluation.data.readers.survey_export import member_of
from evaluation.locale.messages import Plain, message
from evaluation.study.dictionary import Dictionary
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding

# share of the dictionary's columns above which a file is another one, not one with a gap
MOST = 0.5
SHOWN = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RawTable(Delivered):
    """One raw file as text.

    Attributes
    ----------
    file : RawFile
        What the manifest says of it.
    frame : DataFrame, rows x (columns + 1)
        Every cell as text, exactly as delivered, and ``__line__``: the physical line on which the
        row begins (of a Stata or SPSS file: the number of the observation; of a workbook: of the
        row).
    labels, unlabelled, variable_labels, user_missing, numbers
        As of `Delivered`.
    set_aside : int
        Submissions that the office rejected: they are not in the frame.
    refused : DataFrame
        Their rows, for the sample flow to count them by place.
    findings : tuple of Finding
        What reading had to say.
    """

    file: RawFile
    set_aside: int = 0
    refused: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    findings: tuple[Finding, ...] = ()


def read_file(file: RawFile, path: Path) -> RawTable:
    """Read one raw file as text.

    Raises
    ------
    DataError
        The file does not exist, or is damaged so that no rows can be told apart: another
        encoding, NUL bytes, an unclosed quote, no header, a cut file, an archive or a workbook
        that may not be opened. Everything else is a finding.
    """
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise refused(file.path, "missing-file", "folder-for-file", "folder-for-file") from None
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise
        raise refused(file.path, "missing-file", fix="put-where-manifest") from None
    delivered_files.check_kind(data, file)
    main = reads[file.format](data, file)
    repeats = {name: each.frame for name, each in main.repeats.items()}
    findings = [f for each in (main, *main.repeats.values()) for f in each.findings]
    ragged = any(f.rule == "ragged-row" for f in main.findings)
    findings += _row_count(len(main.frame), file, ragged=ragged)
    frame, set_aside = main.frame, 0
    if file.export is not None:
        frame, arranging, set_aside = survey_export.arranged(frame, file, repeats)
        findings += arranging
    return RawTable(
        file=file,
        frame=frame,
        labels=main.labels,
        unlabelled=main.unlabelled,
        variable_labels=main.variable_labels,
        user_missing=main.user_missing,
        numbers=main.numbers,
        set_aside=set_aside,
        refused=survey_export.set_aside(main.frame, file),
        findings=tuple(findings),
    )


@reads.named("csv")
def _delimited(data: bytes, file: RawFile) -> Delivered:
    frame, findings = csv.read(data, file)
    return Delivered(frame=frame, findings=findings)


@reads.named("zip")
def _archive(data: bytes, file: RawFile) -> Delivered:
    """Every declared member; a repeat's findings name the member, the interviews' the archive."""
    main = file.export.member if file.export is not None else ""
    tables = {}
    for name, content in archive.members(data, file).items():
        part = file if name == main else member_of(file, name)
        delivered_files.check_kind(content, part, declared="csv")
        frame, findings = csv.read(content, part)
        tables[name] = Delivered(frame=frame, findings=findings)
    return dataclasses.replace(tables.pop(main), repeats=tables)


def _row_count(found: int, file: RawFile, *, ragged: bool) -> list[Finding]:
    if found == 0 and not ragged:
        rule, problem = "no-rows", message("file-header-no.problem")
    elif found != file.rows:
        rule, problem = "row-count", message("row-count.problem", n=found, rows=file.rows)
    else:
        return []
    return [
        about_file(
            file,
            rule,
            "error",
            problem,
            "row-count" if rule == "row-count" else "get-the-whole-file",
        )
    ]


def check_columns(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    """Compare a file's columns with the dictionary: none may be missing, repeated or unknown.

    Where most are missing, that is one finding: another delimiter, header or file. Names that are
    the same but for how they are written are told so, with the name that was meant.
    """
    file = table.file
    expected = {variable.raw[file.source] for variable in dictionary.in_source(file.source)}
    delivered = [name for name in table.frame.columns if name != LINE]
    missing = sorted(expected.difference(delivered))
    meant = header_names.meant(delivered, {*expected, *file.ignore_columns})
    named = {pair.expected for pair in meant}
    respelled = {pair.delivered for pair in meant}
    if len(missing) > MOST * len(expected):
        if len(named & expected) > MOST * len(missing):
            return header_names.findings(meant, file, whole=True)
        return (_other_header(file, delivered, missing, expected),)
    ignored = file.ignore_columns
    unnamed = [name for name in missing if name not in named]
    gone = [name for name in ignored if name not in delivered and name not in named]
    unknown = [
        n for n in delivered if n not in expected and n not in ignored and n not in respelled
    ]
    both = [name for name in ignored if name in expected]
    problems = (
        (unnamed, "missing-column", "column-not-file", "get-whole-file"),
        (gone, "missing-column", "names-column", "remove-manifest"),
        (unknown, "unexpected-column", "column-not-dictionary", "describe-dictionary"),
        (both, "contradictory-column", "column-dictionary", "remove-one-two"),
    )
    return (
        *header_names.findings(meant, file, whole=False),
        *(
            about_file(file, rule, "error", problem, fix, column=name)
            for names, rule, problem, fix in problems
            for name in names
        ),
    )


def _other_header(
    file: RawFile, delivered: Sequence[str], missing: Sequence[str], expected: Collection[str]
) -> Finding:
    """One finding about a header that is not the one the dictionary describes."""
    line = 1 if file.dialect is not None else 0
    counts = {"missing": str(len(missing)), "expected": str(len(expected))}
    begins = header_names.shown(delivered)
    if file.dialect is not None:
        declared, names = file.dialect.delimiter, csv.DELIMITERS
        found = csv.found_delimiter(delivered, declared)
        if found != declared:
            first = ", ".join(f"`{name}`" for name in missing[:SHOWN])
            return about_file(
                file,
                "dialect",
                "error",
                message(
                    "header-delimiter.problem",
                    cells=Plain(str(len(delivered))),
                    first=Plain(first),
                    declared=Plain(names[declared]),
                    found=Plain(names[found]),
                    **counts,
                ),
                "header-delimiter",
                line=line,
            )
    if begins:
        problem = message("header-other-file.problem", first=begins, **counts)
        fix = message("header-other-file.fix")
    else:
        problem = message("header-no-names.problem", **counts)
        fix = message("header-no-names.fix")
    return about_file(file, "dialect", "error", problem, fix, line=line)


def check_labels(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    """Compare what a file says of its own columns with the dictionary.

    Value labels of Stata and SPSS files, codes that an SPSS file calls missing, and ids that a
    workbook holds as numbers.
    """
    file = table.file
    return (
        *embedded_labels.label_findings(file, table.labels, table.unlabelled, dictionary),
        *embedded_labels.variable_label_findings(file, table.variable_labels, dictionary),
        *embedded_labels.missing_findings(file, table.user_missing, table.frame, dictionary),
        *embedded_labels.number_findings(file, table.numbers, dictionary),
    )


def drop_ignored(table: RawTable) -> RawTable:
    """The table without the columns that the manifest says nobody uses."""
    kept = [name for name in table.frame.columns if name not in table.file.ignore_columns]
    return dataclasses.replace(table, frame=table.frame[kept])
