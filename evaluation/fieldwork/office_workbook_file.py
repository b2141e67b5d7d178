"""Workbooks for the office as bytes, and rows of the day's report that it decides on.

A row is named by file, line and delivery; what the office fills in stands in the last columns.

Same sheets, same bytes. Nothing in a cell can become a number, a date, a link or a formula.
"""

from collections.abc import Sequence

from evaluation.report.formats.findings_page import plain, severity
from evaluation.study.records import Finding

DUPLICATES = ("duplicate-id", "duplicate-interview", "near-identical-interview")
TO_FILL = ("decision", "new value", "initials", "reason", "date")
TO_CORRECT = (
    *("file", "line", "delivery", "column", "rule", "severity", "problem", "mend"),
    *TO_FILL,
)
COPIES = ("group", *TO_CORRECT)
Value = str | float | int
Rows = list[list[Value]]


def correction_rows(findings: Sequence[Finding], *, delivery: str, language: str = "en") -> Rows:
    """Findings about rows of one delivery, with empty cells for what the office fills in."""
    return [
        [
            f.file,
            f.line,
            delivery,
            f.column,
            f.rule,
            severity(f.severity, language),
            plain(f.problem.text(language)),
            plain(f.mend.text(language)),
            *([""] * len(TO_FILL)),
        ]
        for f in findings
    ]


def copy_rows(
    findings: Sequence[Finding],
    groups: Sequence[Sequence[int]],
    *,
    delivery: str,
    language: str = "en",
) -> Rows:
    """Rows of every group of duplicates, also the first of them, about which nothing was found.

    Parameters
    ----------
    findings : sequence of Finding
        Those that tell of a duplicate, about rows of one file.
    groups : sequence of sequence of int
        Lines that findings tie together; a finding about another line is a group by itself.
    delivery, language : str
        As for :func:`correction_rows`.
    """
    grouped = {line for group in groups for line in group}
    alone = dict.fromkeys((f.line,) for f in findings if f.line not in grouped)
    said: dict[int, Finding] = {}
    for f in findings:
        said.setdefault(f.line, f)
    rows: Rows = []
    for number, group in enumerate(sorted((*map(tuple, groups), *alone)), start=1):
        told = [said[line] for line in group if line in said]
        for line in group if told else ():
            found = [f for f in findings if f.line == line]
            row = correction_rows(found or told[:1], delivery=delivery, language=language)[0]
            rows.append([number, *(_joined(row, found, language) if found else _silent(row, line))])
    return rows


def _silent(row: list[Value], line: int) -> list[Value]:
    """The row of a group that the others are copies of: its place alone."""
    file, _, delivery, column = row[:4]
    return [file, line, delivery, column, *([""] * (len(row) - 4))]


def _joined(row: list[Value], found: Sequence[Finding], language: str) -> list[Value]:
    """One row for all that was found about a line."""
    rules = ", ".join(sorted({f.rule for f in found}))
    problems = "; ".join(dict.fromkeys(plain(f.problem.text(language)) for f in found))
    mends = "; ".join(dict.fromkeys(plain(f.mend.text(language)) for f in found))
    return [*row[:4], rules, row[5], problems, mends, *row[8:]]
