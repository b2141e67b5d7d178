"""Rules about weights and dates, and about the rounds held together."""

import datetime
import itertools
from collections.abc import Sequence

import numpy as np

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.findings import about_file
from evaluation.data.rules.rule_context import Declared, Verdict, row_findings
from evaluation.data.timing import (
    RECALL_MONTHS,
    after_entry,
    in_event,
    interview_dates,
    recalls_entry,
    recalls_event,
    row_clusters,
)
from evaluation.locale.messages import Count, Plain, message
from evaluation.study.records import Finding

FORM_VERSION = "form_version"
START = "start_time"
# Design weights differ by sampling shares and household size; beyond these a decimal mark is lost.
WEIGHT_LARGEST, WEIGHT_SMALLEST = 50.0, 1e-3


def weights(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Weights that are not positive, or far from all the others."""
    name = declared.study.columns.weight
    if name is None or name not in parsed.columns:
        return []
    verdict = Verdict(
        rule="weight-not-positive",
        severity="error",
        problem=message("weight-not-positive.problem"),
        mend=message("weight-not-positive.mend"),
    )
    values = parsed.columns[name].values.astype(float)
    column = declared.raw(parsed, name)
    findings = row_findings(parsed, values <= 0, column=column, verdict=verdict)
    positive = values[(values > 0) & parsed.consented]
    if not len(positive):
        return findings
    ratio = values / np.median(positive)
    extreme = Verdict(
        rule="weight-extreme",
        severity="warn",
        problem=message(
            "weight-extreme.problem",
            weight_largest=Plain(f"{WEIGHT_LARGEST:g}"),
            weight_smallest=Plain(f"{WEIGHT_SMALLEST:g}"),
        ),
        mend=message("weight-extreme.mend"),
    )
    far = (ratio > WEIGHT_LARGEST) | ((values > 0) & (ratio < WEIGHT_SMALLEST))
    return findings + row_findings(parsed, far, column=column, verdict=extreme)


def fieldwork(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews dated outside the round's fieldwork."""
    days, name = interview_dates(parsed, declared.study), declared.study.columns.date
    if days is None or name is None:
        return []
    entry = next(r for r in declared.study.round if r.id == parsed.file.round)
    verdict = Verdict(
        rule="wrong-round",
        severity="error",
        problem=message(
            "wrong-round.problem", id=entry.id, start=Plain(entry.start), end=Plain(entry.end)
        ),
        mend=message("wrong-round.mend"),
    )
    outside = (days < np.datetime64(entry.start)) | (days > np.datetime64(entry.end))
    return row_findings(parsed, outside, column=declared.raw(parsed, name), verdict=verdict)


def start_days(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews that began on another day than their date says."""
    days = interview_dates(parsed, declared.study)
    if days is None or START not in parsed.columns:
        return []
    if declared.dictionary.variables[START].type != "datetime":
        return []
    starts = parsed.columns[START].as_type("datetime64[D]")
    differs = ~np.isnat(days) & ~np.isnat(starts) & (starts != days)
    verdict = Verdict(
        rule="date-mismatch",
        severity="warn",
        problem=message("date-mismatch.problem"),
        mend=message("date-mismatch.mend"),
    )
    return row_findings(parsed, differs, column=declared.raw(parsed, START), verdict=verdict)


def form_versions(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Rows made with another version of the form than the manifest names."""
    expected = parsed.file.form_version
    if expected is None or FORM_VERSION not in parsed.columns:
        return []
    verdict = Verdict(
        rule="wrong-round",
        severity="error",
        problem=message("form-version.problem"),
        mend=message("check-file-belongs.mend"),
    )
    column = parsed.columns[FORM_VERSION]
    other = column.texts_where(column.distinct != expected)
    return row_findings(parsed, other, column=declared.raw(parsed, FORM_VERSION), verdict=verdict)


def events(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews inside an event that the study faces by a rule, or that recall its edge."""
    name = declared.study.columns.date
    if name is None or name not in parsed.columns:
        return []
    findings: list[Finding] = []
    for event in declared.study.event:
        verdict = Verdict(
            rule="date-after-event",
            severity="warn",
            problem=message("date-after-event.problem", id=event.id, start=Plain(event.start)),
            mend=message("after-event-flagged.mend", event=event.id)
            if event.rule == "flag"
            else message("after-event-left-out.mend"),
        )
        where = in_event(event, parsed, declared.frame, declared.study)
        findings += row_findings(parsed, where, column=declared.raw(parsed, name), verdict=verdict)
        crossed = recalls_event(event, parsed, declared.frame, declared.study)
        findings += _recalled(
            parsed,
            int(crossed.sum()),
            column=declared.raw(parsed, name),
            rule="recall-crosses-event",
            name=event.id,
            day=event.start,
        )
    return findings


def entries(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews too late for a baseline, or in later rounds too early to recall one year after.

    At baseline only an interview after entry could recall the time before and after it, and that
    is a finding of its own.
    """
    name = declared.study.columns.date
    if name is None or name not in parsed.columns:
        return []
    column = declared.raw(parsed, name)
    if parsed.file.round == declared.study.rounds[0]:
        return _late_baseline(parsed, declared, column)
    return [
        finding
        for cohort in declared.study.cohort
        for finding in _recalled(
            parsed,
            int(recalls_entry(cohort, parsed, declared.frame, declared.study).sum()),
            column=column,
            rule="recall-crosses-entry",
            name=cohort.id,
            day=cohort.entry,
        )
    ]


def _late_baseline(parsed: Parsed, declared: Declared, column: str) -> list[Finding]:
    verdict = Verdict(
        rule="baseline-after-entry",
        severity="warn",
        problem=message("baseline-after-entry.problem"),
        mend=message("baseline-after-entry.mend"),
    )
    where = after_entry(parsed, declared.frame, declared.study)
    return row_findings(parsed, where, column=column, verdict=verdict)


def _recalled(
    parsed: Parsed, number: int, *, column: str, rule: str, name: str, day: datetime.date
) -> list[Finding]:
    """One finding for all interviews of a round whose recall period crosses a day."""
    if not number:
        return []
    return [
        about_file(
            parsed.file,
            rule=rule,
            severity="warn",
            column=column,
            problem=message(
                f"{rule}.problem",
                n=Count(number, "interviews"),
                months=Plain(RECALL_MONTHS),
                name=name,
                day=Plain(f"{day}"),
            ),
            mend=message("state-plan-whether.mend"),
        )
    ]


def across_rounds(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    """Clusters without interviews, respondents who changed cluster, rounds without any link."""
    findings = [found for parsed in rounds for found in _empty_clusters(parsed, declared)]
    for before, after in itertools.pairwise(rounds):
        findings += _links(before, after, declared)
    return findings


def _empty_clusters(parsed: Parsed, declared: Declared) -> list[Finding]:
    frame = declared.frame
    present = set(row_clusters(parsed, frame)[parsed.consented])
    absent = sum(code not in present for code in frame.table[frame.cluster])
    if not absent:
        return []
    return [
        about_file(
            parsed.file,
            rule="empty-cluster",
            severity="warn",
            column=declared.raw(parsed, frame.cluster),
            problem=message("empty-cluster.problem", n=absent),
            mend=message("empty-cluster.mend"),
        )
    ]


def _links(before: Parsed, after: Parsed, declared: Declared) -> list[Finding]:
    """Findings about respondents of two rounds that follow each other."""
    name = declared.study.columns.respondent
    places = row_clusters(before, declared.frame)
    known = {
        person: row for row, person in enumerate(before.columns[name].values) if person is not None
    }
    ids, now = after.columns[name].values, row_clusters(after, declared.frame)
    linked = np.array([person in known for person in ids], dtype=bool)
    moved = [
        row
        for row, (person, place) in enumerate(zip(ids, now, strict=True))
        if after.consented[row] and person in known and places[known[person]] != place
    ]
    findings = [
        about_file(
            after.file,
            rule="cluster-changed",
            severity="warn",
            line=int(after.lines[row]),
            column=declared.raw(after, name),
            problem=message("cluster-changed.problem", key=Plain(before.key(known[ids[row]]))),
            mend=message("cluster-changed.mend"),
        )
        for row in moved
    ]
    if known and after.columns[name].observed.any() and not linked.any():
        findings.append(
            about_file(
                after.file,
                rule="no-link",
                severity="warn",
                column=declared.raw(after, name),
                problem=message("no-link.problem", path=Plain(before.file.path)),
                mend=message("no-link.mend"),
            )
        )
    return findings
