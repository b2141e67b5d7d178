"""Rules about weights and dates, and about the rounds held together."""

import itertools
from collections.abc import Sequence

import numpy as np

from evaluation.data.declared import Declared, Verdict, row_findings
from evaluation.data.finding import about_file, counting
from evaluation.data.parse import Parsed
from evaluation.data.timing import (
    RECALL_MONTHS,
    after_entry,
    in_event,
    interview_dates,
    recalls_entry,
    recalls_event,
    row_clusters,
)
from evaluation.spec.records import Finding

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
        problem="the weight is not positive",
        mend="ask for the weights again; a person who could be sampled has a positive weight",
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
        problem=f"the weight is more than {WEIGHT_LARGEST:g} times the median, or less than"
        f" {WEIGHT_SMALLEST:g} of it",
        mend="check it against the sampling design: one such row decides its cluster's mean",
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
        problem=f"the interview is dated outside the fieldwork of round `{entry.id}`"
        f" ({entry.start} to {entry.end})",
        mend="correct the date, `drop` the row, or correct the round's dates in study.toml",
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
        problem="the interview began on another day than its date says",
        mend="find out which is right: day and month may be swapped in one of them",
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
        problem="the form's version is not the one in the manifest",
        mend="check that the file belongs to this round and that no code changed between versions",
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
        done = f"kept, and marked in flag_{event.id}," if event.rule == "flag" else "left out"
        verdict = Verdict(
            rule="date-after-event",
            severity="warn",
            problem=f"the interview falls in `{event.id}` (from {event.start})",
            mend=f"{done} by the event's `rule` in study.toml",
        )
        where = in_event(event, parsed, declared.frame, declared.study)
        findings += row_findings(parsed, where, column=declared.raw(parsed, name), verdict=verdict)
        crossed = recalls_event(event, parsed, declared.frame, declared.study)
        findings += _recalled(
            parsed,
            int(crossed.sum()),
            column=declared.raw(parsed, name),
            rule="recall-crosses-event",
            edge=f"`{event.id}` (from {event.start})",
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
            edge=f"the entry of cohort `{cohort.id}` ({cohort.entry})",
        )
    ]


def _late_baseline(parsed: Parsed, declared: Declared, column: str) -> list[Finding]:
    verdict = Verdict(
        rule="baseline-after-entry",
        severity="warn",
        problem="a baseline interview on or after its cluster's entry into the programme",
        mend="check the date; state in the plan what becomes of such rows",
    )
    where = after_entry(parsed, declared.frame, declared.study)
    return row_findings(parsed, where, column=column, verdict=verdict)


def _recalled(parsed: Parsed, number: int, *, column: str, rule: str, edge: str) -> list[Finding]:
    """One finding for all interviews of a round whose recall period crosses a day."""
    if not number:
        return []
    return [
        counting(
            about_file(
                parsed.file,
                rule=rule,
                severity="warn",
                column=column,
                problem=f"in {number:,} interviews the {RECALL_MONTHS} months before the interview"
                f" cross {edge}",
                mend="state in the plan whether such rows are kept, flagged or left out where an"
                " outcome asks about these months",
            ),
            n_interviews=number,
            few=f"in {{few}} interviews the {RECALL_MONTHS} months before the interview"
            f" cross {edge}",
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
            problem=f"{absent} clusters of the frame have no interview in this round"
            if absent != 1
            else "a cluster of the frame has no interview in this round",
            mend="check that the file is whole; such clusters do not enter the estimates",
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
            problem=f"the respondent was in another cluster in row {before.key(known[ids[row]])}",
            mend="check the id and the cluster; the person is not counted as a panel member",
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
                problem=f"no respondent id stands in {before.file.path} too",
                mend="check that both files write ids alike, if the study has a panel",
            )
        )
    return findings
