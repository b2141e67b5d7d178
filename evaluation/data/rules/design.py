"""Rules about weights and dates, and about the rounds held together.

Weights of single interviews, and as a whole: totals against the frame, spread, and rounds side by
side.
"""

import datetime
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from evaluation.config.manifest import RawFile
from evaluation.config.sampling import WeightCheck
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import (
    RECALL_MONTHS,
    after_entry,
    in_event,
    interview_dates,
    recalls_entry,
    recalls_event,
    row_clusters,
)
from evaluation.data.rules.rule import START, DataRule, Declared, Rows, across_rounds, of_round
from evaluation.data.spelling import whole_number
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Count, Plain, Value

WEIGHT_NOT_POSITIVE = DataRule("weight-not-positive", "error")
WEIGHT_EXTREME = DataRule("weight-extreme", "warn")
WRONG_ROUND = DataRule("wrong-round", "error")
DATE_MISMATCH = DataRule("date-mismatch", "warn")
OTHER_FORM = DataRule("wrong-round", "error", "form-version", "check-file-belongs")
INTERVIEW_FLAGGED = DataRule("date-after-event", "warn", fix="after-event-flagged")
INTERVIEW_LEFT_OUT = DataRule("date-after-event", "warn", fix="after-event-left-out")
RECALL_CROSSES_EVENT = DataRule("recall-crosses-event", "warn", fix="state-plan-whether")
RECALL_CROSSES_ENTRY = DataRule("recall-crosses-entry", "warn", fix="state-plan-whether")
BASELINE_AFTER_ENTRY = DataRule("baseline-after-entry", "warn")
EMPTY_CLUSTER = DataRule("empty-cluster", "warn")
CLUSTER_CHANGED = DataRule("cluster-changed", "warn")
NO_LINK = DataRule("no-link", "warn")
IDS_WITH_DECIMALS = DataRule("ids-with-decimals", "error")
# of the ids of a file; a few may be written by hand
NEARLY_ALL = 0.95


FORM_VERSION = "form_version"
# Design weights differ by sampling shares and household size; beyond these a decimal mark is lost.
WEIGHT_LARGEST, WEIGHT_SMALLEST = 50.0, 1e-3


@of_round
def weights(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Weights that are not positive, or far from all the others."""
    name = declared.study.columns.weight
    if name is None or name not in parsed.columns:
        return
    values = parsed.columns[name].values.astype(float)
    yield from WEIGHT_NOT_POSITIVE.rows(parsed, values <= 0, name)
    positive = values[(values > 0) & parsed.consented]
    if len(positive):
        ratio = values / np.median(positive)
        far = (ratio > WEIGHT_LARGEST) | ((values > 0) & (ratio < WEIGHT_SMALLEST))
        largest, smallest = Plain(f"{WEIGHT_LARGEST:g}"), Plain(f"{WEIGHT_SMALLEST:g}")
        yield from WEIGHT_EXTREME.rows(
            parsed, far, name, weight_largest=largest, weight_smallest=smallest
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
        parsed, outside, name, id=entry.id, start=Plain(entry.start), end=Plain(entry.end)
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
    return DATE_MISMATCH.rows(parsed, differs, START)


@of_round
def form_versions(parsed: Parsed, _: Declared) -> list[Finding]:
    """Rows made with another version of the form than the manifest names."""
    expected = parsed.file.form_version
    if expected is None or FORM_VERSION not in parsed.columns:
        return []
    column = parsed.columns[FORM_VERSION]
    other = column.texts_where(column.distinct != expected)
    return OTHER_FORM.rows(parsed, other, FORM_VERSION)


@of_round
def events(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Interviews inside an event that the study faces by a rule, or that recall its edge."""
    name = declared.study.columns.date
    if name is None or name not in parsed.columns:
        return
    for event in declared.study.event:
        where = in_event(event, parsed, declared.frame, declared.study)
        said = {"id": event.id, "start": Plain(event.start)}
        if event.rule == "flag":
            yield from INTERVIEW_FLAGGED.rows(parsed, where, name, event=event.id, **said)
        else:
            yield from INTERVIEW_LEFT_OUT.rows(parsed, where, name, **said)
        crossed = recalls_event(event, parsed, declared.frame, declared.study)
        yield from _recalled(RECALL_CROSSES_EVENT, parsed, crossed, name, event.id, event.start)


@of_round
def entries(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Interviews too late for a baseline, or in later rounds too early to recall one year after.

    At baseline only an interview after entry could recall the time before and after it, and that
    is a finding of its own.
    """
    name = declared.study.columns.date
    if name is None or name not in parsed.columns:
        return
    if parsed.file.round == declared.study.rounds[0]:
        where = after_entry(parsed, declared.frame, declared.study)
        yield from BASELINE_AFTER_ENTRY.rows(parsed, where, name)
        return
    for cohort in declared.study.cohort:
        crossed = recalls_entry(cohort, parsed, declared.frame, declared.study)
        yield from _recalled(RECALL_CROSSES_ENTRY, parsed, crossed, name, cohort.id, cohort.entry)


def _recalled(
    rule: DataRule, parsed: Parsed, crossed: Rows, name: str, what: str, day: datetime.date
) -> Iterator[Finding]:
    """One finding for all interviews of a round whose recall period crosses a day."""
    if crossed.any():
        n, months = Count(crossed.sum(), "interviews"), Plain(RECALL_MONTHS)
        yield rule.at(parsed, name, n=n, months=months, name=what, day=Plain(day))


@across_rounds
def links(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Clusters without interviews, respondents who changed cluster, rounds without any link."""
    frame = declared.frame
    for parsed in rounds:
        present = set(row_clusters(parsed, frame)[parsed.consented])
        absent = sum(code not in present for code in frame.table[frame.cluster])
        if absent:
            yield EMPTY_CLUSTER.at(parsed, frame.cluster, n=absent)
    for before, after in itertools.pairwise(rounds):
        yield from _links(before, after, declared)


def _links(before: Parsed, after: Parsed, declared: Declared) -> Iterator[Finding]:
    """Findings about respondents of two rounds that follow each other."""
    name = declared.study.columns.respondent
    places = row_clusters(before, declared.frame)
    known = {
        person: row for row, person in enumerate(before.columns[name].values) if person is not None
    }
    ids, now = after.columns[name].values, row_clusters(after, declared.frame)
    linked = np.array([person in known for person in ids], dtype=bool)
    for row in np.flatnonzero(linked & after.consented):
        first = known[ids[row]]
        if places[first] != now[row]:
            yield CLUSTER_CHANGED.at(after, name, row, key=Plain(before.key(first)))
    decimals = [*_with_decimals(before, after, name), *_with_decimals(after, before, name)]
    yield from decimals
    if known and after.columns[name].observed.any() and not linked.any() and not decimals:
        yield NO_LINK.at(after, name, path=Plain(before.file.path))


def _with_decimals(here: Parsed, there: Parsed, name: str) -> Iterator[Finding]:
    """Ids that end in ``.0`` in one round only: people would be strangers to themselves."""
    ids, others = _ids(here, name), _ids(there, name)
    decimal, _ = here.file.marks
    bare = {whole_number(identifier, decimal) for identifier in ids if identifier not in others}
    again = len(bare & others - ids)
    ending = sum(whole_number(identifier, decimal) != identifier for identifier in ids)
    if again and ending >= NEARLY_ALL * len(ids):
        counts = {"n": ending, "of": len(ids), "again": again}
        said: dict[str, Value] = {k: Count(n, "interviews") for k, n in counts.items()}
        names = {"path": there.file.path, "file": here.file.id, "raw": here.raw(name)}
        said |= {key: Plain(text) for key, text in names.items()}
        yield IDS_WITH_DECIMALS.at(here, name, **said)


def _ids(parsed: Parsed, name: str) -> set[str]:
    return {str(value) for value in parsed.columns[name].meanings if value is not None}


WEIGHT_TOTAL = DataRule("weight-total", "warn", fix="ask-what-weights.problem")
WEIGHT_ABOVE_FRAME = DataRule(
    "weight-above-frame", "warn", "weights-add-up", "ask-whether-weights.problem"
)
WEIGHT_SHARE_CHANGE = DataRule("weight-share-change", "warn", fix="ask-whether-both.problem")
WEIGHT_SPREAD = DataRule("weight-spread", "warn", "unequal-weights", "ask-stages-make.problem")
WEIGHT_RATIO = DataRule("weight-ratio", "warn", "inside-cluster", "check-both-against.problem")

# A cluster's part of the weights may miss its part of the people, or move between rounds, by half:
# fifty interviews with households of one to eight adults differ by a quarter without any error.
APART = 1.5
# In a cluster of fewer interviews one household moves the sum by as much as a fault would.
LEAST = 20
# Unequal weights inside clusters that make two interviews worth one.
WIDE = 2.0
# The most that selection inside a cluster explains: households of one and of ten, in segments that
# were drawn ten times as often.
RATIO = 100.0
# Adults and people may be counted for neighbouring years.
ABOVE = 1.05


# a rule that is broken, and what its messages say
Fault = tuple[DataRule, dict[str, Value]]


def weight_findings(
    checks: Sequence[WeightCheck], files: Mapping[str, RawFile], *, weight: str
) -> tuple[Finding, ...]:
    """One finding for each round and fault, with the number of clusters and without their names.

    Parameters
    ----------
    checks : sequence of WeightCheck
        Of all rounds and levels.
    files : mapping of round id to RawFile
    weight : str
        The variable, for the messages.
    """
    return tuple(
        rule.about(files[whole.round], weight, **said)
        for whole in checks
        if whole.level == "all"
        for rule, said in (
            *_totals(whole, _clusters(checks, whole.round)),
            *_rounds(_clusters(checks, whole.round)),
            *_spread(_clusters(checks, whole.round)),
        )
    )


def _clusters(checks: Sequence[WeightCheck], round_id: str) -> list[WeightCheck]:
    """Clusters of a round that have enough interviews to be judged."""
    return [c for c in checks if c.round == round_id and c.level == "cluster" and c.n >= LEAST]


def _is_apart(ratio: float) -> bool:
    """Whether a ratio is farther from one than `APART`; NaN, which is no ratio, is not."""
    return ratio > APART or ratio < 1.0 / APART


def _totals(whole: WeightCheck, clusters: Sequence[WeightCheck]) -> Iterator[Fault]:
    apart = sum(_is_apart(c.coverage) for c in clusters)
    if apart:
        yield WEIGHT_TOTAL, _among(apart, clusters)
    if whole.total > ABOVE * whole.people:
        totals = {"total": whole.total, "people": whole.people}
        yield WEIGHT_ABOVE_FRAME, {name: Plain(f"{value:,.0f}") for name, value in totals.items()}


def _rounds(clusters: Sequence[WeightCheck]) -> Iterator[Fault]:
    moved = sum(_is_apart(c.share_change) for c in clusters)
    if moved:
        yield WEIGHT_SHARE_CHANGE, _among(moved, clusters)


def _among(n: int, clusters: Sequence[WeightCheck]) -> dict[str, Value]:
    """How many clusters, of how many, are further apart than the rule allows."""
    return {
        "n": Count(n, "clusters"),
        "of": Plain(len(clusters)),
        "least": Plain(LEAST),
        "times": Plain(f"{APART:g}"),
    }


def _spread(clusters: Sequence[WeightCheck]) -> Iterator[Fault]:
    if not clusters:
        return
    effect = math.fsum(c.design_effect for c in clusters) / len(clusters)
    ratio = max(c.largest_to_smallest for c in clusters)
    if effect > WIDE:
        yield WEIGHT_SPREAD, {"effect": Plain(f"{effect:.2f}")}
    if ratio > RATIO:
        yield WEIGHT_RATIO, {"ratio": Plain(f"{ratio:,.0f}")}
