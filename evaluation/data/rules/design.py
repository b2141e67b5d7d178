"""Rules about weights and dates, and about the rounds held together."""

import datetime
import itertools
from collections.abc import Sequence

import numpy as np

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import Rule, across_rounds, of_round
from evaluation.data.rules.rule_context import Declared
from evaluation.data.timing import (
    RECALL_MONTHS,
    after_entry,
    in_event,
    interview_dates,
    recalls_entry,
    recalls_event,
    row_clusters,
)
from evaluation.locale.messages import Count, Plain
from evaluation.study.records import Finding

WEIGHT_NOT_POSITIVE = Rule("weight-not-positive", "error", "weight")
WEIGHT_EXTREME = Rule("weight-extreme", "warn", "weight")
WRONG_ROUND = Rule("wrong-round", "error", "date")
DATE_MISMATCH = Rule("date-mismatch", "warn", "start_time")
OTHER_FORM = Rule(
    "wrong-round", "error", "date", problem="form-version.problem", fix="check-file-belongs.fix"
)
INTERVIEW_FLAGGED = Rule("date-after-event", "warn", "date", fix="after-event-flagged.fix")
INTERVIEW_LEFT_OUT = Rule("date-after-event", "warn", "date", fix="after-event-left-out.fix")
RECALL_CROSSES_EVENT = Rule("recall-crosses-event", "warn", "date", fix="state-plan-whether.fix")
RECALL_CROSSES_ENTRY = Rule("recall-crosses-entry", "warn", "date", fix="state-plan-whether.fix")
BASELINE_AFTER_ENTRY = Rule("baseline-after-entry", "warn", "date")
EMPTY_CLUSTER = Rule("empty-cluster", "warn", "cluster")
CLUSTER_CHANGED = Rule("cluster-changed", "warn", "respondent")
NO_LINK = Rule("no-link", "warn", "respondent")


FORM_VERSION = "form_version"
START = "start_time"
# Design weights differ by sampling shares and household size; beyond these a decimal mark is lost.
WEIGHT_LARGEST, WEIGHT_SMALLEST = 50.0, 1e-3


@of_round
def weights(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Weights that are not positive, or far from all the others."""
    name = declared.study.columns.weight
    if name is None or name not in parsed.columns:
        return []
    values = parsed.columns[name].values.astype(float)
    column = declared.raw(parsed, name)
    findings = WEIGHT_NOT_POSITIVE.rows(parsed, values <= 0, column)
    positive = values[(values > 0) & parsed.consented]
    if not len(positive):
        return findings
    ratio = values / np.median(positive)
    far = (ratio > WEIGHT_LARGEST) | ((values > 0) & (ratio < WEIGHT_SMALLEST))
    return findings + WEIGHT_EXTREME.rows(
        parsed,
        far,
        column,
        weight_largest=Plain(f"{WEIGHT_LARGEST:g}"),
        weight_smallest=Plain(f"{WEIGHT_SMALLEST:g}"),
    )


@of_round
def fieldwork(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews dated outside the round's fieldwork."""
    days, name = interview_dates(parsed, declared.study), declared.study.columns.date
    if days is None or name is None:
        return []
    entry = next(r for r in declared.study.round if r.id == parsed.file.round)
    outside = (days < np.datetime64(entry.start)) | (days > np.datetime64(entry.end))
    return WRONG_ROUND.rows(
        parsed,
        outside,
        declared.raw(parsed, name),
        id=entry.id,
        start=Plain(entry.start),
        end=Plain(entry.end),
    )


@of_round
def start_days(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews that began on another day than their date says."""
    days = interview_dates(parsed, declared.study)
    if days is None or START not in parsed.columns:
        return []
    if declared.dictionary.variables[START].type != "datetime":
        return []
    starts = parsed.columns[START].as_type("datetime64[D]")
    differs = ~np.isnat(days) & ~np.isnat(starts) & (starts != days)
    return DATE_MISMATCH.rows(parsed, differs, declared.raw(parsed, START))


@of_round
def form_versions(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Rows made with another version of the form than the manifest names."""
    expected = parsed.file.form_version
    if expected is None or FORM_VERSION not in parsed.columns:
        return []
    column = parsed.columns[FORM_VERSION]
    other = column.texts_where(column.distinct != expected)
    return OTHER_FORM.rows(parsed, other, declared.raw(parsed, FORM_VERSION))


@of_round
def events(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews inside an event that the study faces by a rule, or that recall its edge."""
    name = declared.study.columns.date
    if name is None or name not in parsed.columns:
        return []
    findings: list[Finding] = []
    for event in declared.study.event:
        where = in_event(event, parsed, declared.frame, declared.study)
        column, said = declared.raw(parsed, name), {"id": event.id, "start": Plain(event.start)}
        findings += (
            INTERVIEW_FLAGGED.rows(parsed, where, column, event=event.id, **said)
            if event.rule == "flag"
            else INTERVIEW_LEFT_OUT.rows(parsed, where, column, **said)
        )
        crossed = recalls_event(event, parsed, declared.frame, declared.study)
        findings += _recalled(
            parsed,
            int(crossed.sum()),
            column=column,
            rule=RECALL_CROSSES_EVENT,
            name=event.id,
            day=event.start,
        )
    return findings


@of_round
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
            rule=RECALL_CROSSES_ENTRY,
            name=cohort.id,
            day=cohort.entry,
        )
    ]


def _late_baseline(parsed: Parsed, declared: Declared, column: str) -> list[Finding]:
    where = after_entry(parsed, declared.frame, declared.study)
    return BASELINE_AFTER_ENTRY.rows(parsed, where, column)


def _recalled(
    parsed: Parsed, number: int, *, column: str, rule: Rule, name: str, day: datetime.date
) -> list[Finding]:
    """One finding for all interviews of a round whose recall period crosses a day."""
    if not number:
        return []
    return [
        rule.about(
            parsed.file,
            column,
            n=Count(number, "interviews"),
            months=Plain(RECALL_MONTHS),
            name=name,
            day=Plain(f"{day}"),
        )
    ]


@across_rounds
def links(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
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
    return [EMPTY_CLUSTER.about(parsed.file, declared.raw(parsed, frame.cluster), n=absent)]


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
        CLUSTER_CHANGED.about(
            after.file,
            declared.raw(after, name),
            after.lines[row],
            key=Plain(before.key(known[ids[row]])),
        )
        for row in moved
    ]
    if known and after.columns[name].observed.any() and not linked.any():
        findings.append(
            NO_LINK.about(after.file, declared.raw(after, name), path=Plain(before.file.path))
        )
    return findings
