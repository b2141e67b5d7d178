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
from evaluation.config.fieldwork_plan import (
    NOT_GIVEN,
    BackcheckRate,
    InterviewerWork,
    ItemMissing,
    Progress,
)
from evaluation.config.study import Study
from evaluation.estimation.records import Finding
from evaluation.fieldwork.office_rows import (
    CORRECT,
    DUPLICATES,
    PERSONAL,
    OfficeRow,
    View,
    decision_sheet,
    decision_table,
)
from evaluation.file_content import csv_text
from evaluation.locale.messages import term, wording
from evaluation.report.formats import xlsx
from evaluation.report.formats.findings_page import plain, severity

Value = str | float | int
Rows = list[list[Value]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One round as far as it has come.

    Attributes
    ----------
    file : str
        Name of the export.
    rows, consented : int
        Submissions read, and those that consented.
    findings : tuple of Finding
        In the order they shall stand.
    office : tuple of OfficeRow
        What the office must decide on.
    language : {"en", "es"}
        Of sheets, headers and messages.
    """

    study: Study
    round: str
    file: str
    rows: int
    consented: int
    findings: tuple[Finding, ...]
    office: tuple[OfficeRow, ...] = ()
    progress: tuple[Progress, ...] = ()
    interviewers: tuple[InterviewerWork, ...] = ()
    missing: tuple[ItemMissing, ...] = ()
    backcheck: tuple[BackcheckRate, ...] = ()
    language: str = "en"

    @property
    def view(self) -> View:
        """How the office's sheets are written: names of people and their answers are left out."""
        return View(study=self.study, language=self.language, hidden=PERSONAL)


def workbook(day: Day, *, banner: str) -> bytes:
    """The day as a workbook: summary, to correct, duplicates, interviewers, progress, missing.

    A sheet ``backcheck`` follows where one was compared. Text is written as text: nothing in a
    cell can become a formula or a link.

    Parameters
    ----------
    day : Day
    banner : str
        The study's mark as a sentence; empty where it has none.
    """
    language = day.language
    settings: dict[str, Any] = {
        "marks": [*([banner] if banner else []), wording("fieldwork.private", language)],
        "paper": xlsx.SheetPrint(header=f'&C&"Arial,Bold"{banner}' if banner else ""),
    }
    summary, *others = (
        xlsx.listing(
            wording(f"fieldwork.sheet.{name}", language),
            [term("fieldwork.header", label, language) for label in head],
            [[_entry(value) for value in row] for row in rows],
            looks=[xlsx.WRAPPED] * len(head),
            **settings,
        )
        for name, head, rows in _sheets(day)
    )
    office = (
        decision_sheet(day.office, kind, day.view, **settings) for kind in (CORRECT, DUPLICATES)
    )
    title = f"{wording('fieldwork.title', language)}: {day.study.id}, {day.round}"
    return xlsx.workbook([summary, *office, *others], title=title, comments=banner)


def _entry(value: Value) -> Value:
    if isinstance(value, str):
        return value
    return round(value, 4) if math.isfinite(value) else ""


def _sheets(day: Day) -> Iterable[tuple[str, tuple[str, ...], Rows]]:
    yield "summary", ("what", "detail", "number"), _summary(day)
    yield "interviewers", _names(InterviewerWork), _records(day.interviewers, InterviewerWork)
    progress = _records(day.progress, Progress)
    in_words = [[_given(value, day.language) for value in row] for row in progress]
    yield "progress", _names(Progress), in_words
    yield "missing", _names(ItemMissing), _records(day.missing, ItemMissing)
    if day.backcheck:
        yield "backcheck", _names(BackcheckRate), _records(day.backcheck, BackcheckRate)


def _summary(day: Day) -> Rows:
    language = day.language
    rows: Rows = [
        [wording("fieldwork.file", language), day.file, day.rows],
        [wording("fieldwork.consented", language), "", day.consented],
    ]
    for whole in (p for p in day.progress if p.level == "all"):
        of = wording("fieldwork.of", language, n=whole.n_clusters)
        counted, targets = (wording(f"fieldwork.{x}", language) for x in ("counted", "targets"))
        numbers: tuple[tuple[str, str, Value], ...] = (
            ("respondents", counted, whole.n),
            ("begun", of, whole.n_clusters_begun),
            ("wanted", targets, whole.target),
            ("full", of, whole.n_clusters_full),
        )
        for name, detail, value in numbers:
            rows.append([wording(f"fieldwork.{name}", language), detail, _given(value, language)])
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
    """All rows to decide on as CSV: UTF-8 with a byte-order mark, comma, LF."""
    table = decision_table(day.office, CORRECT, day.view)
    return csv_text([file_content.inert(cell) for cell in row] for row in table).encode("utf-8-sig")


def _given(value: Value, language: str) -> Value:
    """A number, or in the reader's language that there is none."""
    return wording("fieldwork.not-given", language) if value == NOT_GIVEN else value


def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name not in ("study", "round"))


def _records(records: Sequence[Any], kind: type) -> Rows:
    return [[getattr(record, name) for name in _names(kind)] for record in records]
