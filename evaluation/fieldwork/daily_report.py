"""The day's fieldwork report: a workbook for the office, and its list as CSV.

Everything here names rows, places or people: it belongs in a private folder. A row is named by
file, line and delivery; what the office fills in stands in the last columns. Same records, same
bytes. Nothing in a cell can become a number, a date, a link or a formula.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from evaluation import file_content
from evaluation.fieldwork.office_rows import DECISIONS, DUPLICATE_RULES
from evaluation.file_content import csv_text
from evaluation.locale.messages import term, wording
from evaluation.report.formats import xlsx
from evaluation.report.formats.findings_page import plain, severity
from evaluation.study.fieldwork_plan import (
    NOT_GIVEN,
    BackcheckRate,
    InterviewerWork,
    ItemMissing,
    Progress,
)
from evaluation.study.records import Finding
from evaluation.study.study import Study

TO_FILL = ("decision", "new value", "initials", "reason", "date")
TO_CORRECT = (
    *("file", "line", "delivery", "column", "rule", "severity", "problem", "fix"),
    *TO_FILL,
)
COPIES = ("group", *TO_CORRECT)
Value = str | float | int
Rows = list[list[Value]]
TYPED = xlsx.look(xlsx.WRAPPED, xlsx.TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One round as far as it has come.

    Attributes
    ----------
    file, delivery : str
        Name of the export, and how the ledger names these bytes of it.
    rows, consented : int
        Submissions read, and those that consented.
    findings : tuple of Finding
        In the order they shall stand.
    groups : tuple of tuple of int
        Lines of the export that findings of duplicates tie together.
    language : {"en", "es"}
        Of sheets, headers and messages.
    """

    study: Study
    round: str
    file: str
    rows: int
    consented: int
    findings: tuple[Finding, ...]
    progress: tuple[Progress, ...] = ()
    interviewers: tuple[InterviewerWork, ...] = ()
    missing: tuple[ItemMissing, ...] = ()
    backcheck: tuple[BackcheckRate, ...] = ()
    delivery: str = ""
    groups: tuple[tuple[int, ...], ...] = ()
    language: str = "en"

    @property
    def rows_found(self) -> tuple[Finding, ...]:
        """Findings about rows of the export: the ledger may correct these, and no others."""
        return tuple(f for f in self.findings if f.line and f.file == self.file)


def workbook(day: Day, *, banner: str) -> bytes:
    """The day as a workbook: summary, to correct, duplicates, interviewers, progress, missing.

    A sheet ``backcheck`` follows where one was compared. Text is written as text: nothing in a
    cell can become a formula or a link.
    """
    language = day.language
    marks = [*([banner] if banner else []), wording("fieldwork.private", language)]
    sheets = []
    for name, head, rows in _sheets(day):
        choices = {"decision": [wording(f"office.decision.{word}", language) for word in DECISIONS]}
        sheets.append(
            xlsx.listing(
                wording(f"fieldwork.sheet.{name}", language),
                [term("fieldwork.header", label, language) for label in head],
                [[_entry(value) for value in row] for row in rows],
                looks=[TYPED if label in TO_FILL else xlsx.WRAPPED for label in head],
                marks=marks,
                choices={i: choices[label] for i, label in enumerate(head) if label in choices},
                paper=xlsx.Paper(header=f'&C&"Arial,Bold"{banner}' if banner else ""),
            )
        )
    title = f"{wording('fieldwork.title', language)}: {day.study.id}, {day.round}"
    return xlsx.workbook(sheets, title=title, comments=banner)


def _entry(value: Value) -> Value:
    if isinstance(value, str):
        return value
    return round(value, 4) if math.isfinite(value) else ""


def _sheets(day: Day) -> Iterable[tuple[str, tuple[str, ...], Rows]]:
    yield "summary", ("what", "detail", "number"), _summary(day)
    told = {"delivery": day.delivery, "language": day.language}
    others = [f for f in day.rows_found if f.rule not in DUPLICATE_RULES]
    yield "to correct", TO_CORRECT, correction_rows(others, **told)
    copies = [f for f in day.rows_found if f.rule in DUPLICATE_RULES]
    yield "duplicates", COPIES, copy_rows(copies, day.groups, **told)
    yield "interviewers", _names(InterviewerWork), _records(day.interviewers, InterviewerWork)
    progress = _records(day.progress, Progress)
    told_in_words = [[_given(value, day.language) for value in row] for row in progress]
    yield "progress", _names(Progress), told_in_words
    yield "missing", _names(ItemMissing), _records(day.missing, ItemMissing)
    if day.backcheck:
        yield "backcheck", _names(BackcheckRate), _records(day.backcheck, BackcheckRate)


def _summary(day: Day) -> Rows:
    language = day.language
    rows: Rows = [
        [wording("fieldwork.file", language), day.file, day.rows],
        [wording("fieldwork.consented", language), "", day.consented],
    ]
    for found in (p for p in day.progress if p.level == "all"):
        of = wording("fieldwork.of", language, n=found.n_clusters)
        rows.append(
            [
                wording("fieldwork.respondents", language),
                wording("fieldwork.counted", language),
                found.n,
            ]
        )
        rows.append([wording("fieldwork.begun", language), of, found.n_clusters_begun])
        wanted, full = (_given(x, language) for x in (found.target, found.n_clusters_full))
        rows.append(
            [wording("fieldwork.wanted", language), wording("fieldwork.targets", language), wanted]
        )
        rows.append([wording("fieldwork.full", language), of, full])
    counts = Counter((f.severity, f.rule) for f in day.findings)
    order = {kind: i for i, kind in enumerate(("error", "warn", "info"))}
    rows += [
        [severity(kind, language), rule, n]
        for (kind, rule), n in sorted(counts.items(), key=lambda c: (order[c[0][0]], c[0][1]))
    ]
    rows += [
        [
            severity(f.severity, language),
            f"{f.row_key or f.file} {f.column}: {plain(f.problem.text(language))}",
            "",
        ]
        for f in day.findings
        if not f.line or f.file != day.file
    ]
    return rows


def office_csv(day: Day) -> bytes:
    """The list to correct as CSV: UTF-8 with a byte-order mark, comma, LF."""
    mark = [day.study.mark] if day.study.mark else []
    head = [
        term("fieldwork.header", name, day.language)
        for name in (*TO_CORRECT, *(["synthetic"] if mark else []))
    ]
    rows = correction_rows(day.rows_found, delivery=day.delivery, language=day.language)
    cells = (
        [*(file_content.inert(cell) if isinstance(cell, str) else cell for cell in row), *mark]
        for row in rows
    )
    return csv_text([head, *cells]).encode("utf-8-sig")


def _given(value: Value, language: str) -> Value:
    """A number, or in the reader's language that there is none."""
    return wording("fieldwork.not-given", language) if value == NOT_GIVEN else value


def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name not in ("study", "round"))


def _records(records: Sequence[Any], kind: type) -> Rows:
    return [[getattr(record, name) for name in _names(kind)] for record in records]


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
            plain(f.fix.text(language)),
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
    fixes = "; ".join(dict.fromkeys(plain(f.fix.text(language)) for f in found))
    return [*row[:4], rules, row[5], problems, fixes, *row[8:]]
