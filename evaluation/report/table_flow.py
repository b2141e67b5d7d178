"""The sample flow: interviews from delivery to analysis, with small removals withheld by rule.

Every reason for leaving interviews out is named. Its count is printed where the rule allows; the
sum over all reasons of a group and round mostly can be, where single reasons cannot.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evaluation.errors import ReportError
from evaluation.report import disclosure, heads, table
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Flow

# Steps that are totals; the others are reasons for leaving interviews out.
TOTALS = ("delivered", "valid", "panel_members", "linked")
AGAIN = ("panel_members", "linked")
FLOW_STEPS = {
    "delivered": "Interviews delivered",
    "left_out": "Left out, all reasons",
    "dropped": "of which dropped",
    "dropped_by_correction": "of which dropped by a correction",
    "no_consent": "of which no consent",
    "excluded": "of which excluded by a study rule",
    "valid": "Valid interviews",
    "panel_members": "of which interviewed in every round",
    "linked": "of which interviewed in every round",
}
REASONS = {"no_consent": "no consent", "excluded": "excluded by a study rule"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A count of the flow; ``None`` where the rule withholds it, or nobody counted clusters."""

    n: int | None
    n_clusters: int | None


Key = tuple[str, str, str, str]
WITHHELD = Count(n=None, n_clusters=None)


def flow(exhibit: Exhibit, source: Source) -> Table:
    """Interviews from delivery to analysis, by round and arm, small removals withheld."""
    arms, counts = flow_arms(source), shown_counts(source)
    rows = tuple(
        Row(
            id="-".join(part for part in (round_, step, slug(reason)) if part),
            group=source.round(round_),
            cells=(
                table.text(step_label(step)),
                _reason_cell(source, round_, step, reason),
                *(
                    cell
                    for arm in arms
                    for cell in _flow_cells(source, counts.get((round_, step, reason, arm)))
                ),
            ),
        )
        for round_, step, reason in flow_rows(source)
        if step in (*TOTALS, "left_out") or _is_told(counts, (round_, step, reason), arms)
    )
    columns = (
        Column(id="step", label="Step"),
        heads.column(source, "reason"),
        *(column for arm in arms for column in _arm_columns(source, arm)),
    )
    study = source.configuration.study
    note = (
        f"{disclosure.rule_note(study, source.language)} A count from which a suppressed one could"
        " be worked out is suppressed with it, and a reason with no count that may be shown is"
        " named in words only."
    )
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=(note,))


def _reason_cell(source: Source, round_: str, step: str, reason: str) -> Cell:
    if step == "left_out":
        named = "; ".join(reasons(source, round_))
        return table.text(named) if named else table.none()
    return table.text(reason) if reason else table.none()


def _arm_columns(source: Source, arm: str) -> tuple[Column, ...]:
    clusters = source.configuration.study.names.clusters[source.language]
    label = arm_label(source, arm)
    return (
        Column(id=f"n_{slug(arm)}", label=f"{label}: interviews"),
        Column(id=f"clusters_{slug(arm)}", label=f"{label}: {clusters}", shown="download"),
    )


def _is_told(counts: Mapping[Key, Count], row: tuple[str, str, str], arms: tuple[str, ...]) -> bool:
    """Whether a row has any number of interviews that may be shown."""
    found = [counts.get((*row, arm), WITHHELD).n for arm in arms]
    return any(found)


def flow_arms(source: Source) -> tuple[str, ...]:
    """Arms of the flow in the study's order; whatever has no arm yet comes last."""
    present = {f.arm for f in source.records.flow}
    declared = [a.id for a in source.configuration.study.arm if a.id in present]
    return (*declared, *sorted(present - set(declared)))


def arm_label(source: Source, arm: str) -> str:
    """Label of an arm, or words for rows that have none."""
    declared = {a.id for a in source.configuration.study.arm}
    return source.arm(arm) if arm in declared else arm.replace("_", " ") or "No group"


def flow_rows(source: Source) -> tuple[tuple[str, str, str], ...]:
    """Round, step and reason of each row: delivered, left out, its reasons, valid, seen again.

    Raises
    ------
    ReportError
        No flow was recorded.
    """
    records = source.records.flow
    if not records:
        raise ReportError(
            "there is no sample flow",
            where="flow.csv",
            mend="run the clean stage again",
            rule="missing-record",
        )
    rows: list[tuple[str, str, str]] = []
    for round_ in source.configuration.study.rounds:
        here = list(dict.fromkeys((f.step, f.reason) for f in records if f.round == round_))
        removed = [(step, reason) for step, reason in here if step not in TOTALS]
        between = [("left_out", ""), *removed] if removed else []
        for step, reason in here:
            if step == "valid":
                rows.extend((round_, *key) for key in between)
            if step in TOTALS:
                rows.append((round_, step, reason))
    return tuple(rows)


def reasons(source: Source, round_: str) -> tuple[str, ...]:
    """Why interviews of a round were left out, over all groups, in words, without counts."""
    found = [f for f in source.records.flow if f.round == round_ and f.step not in TOTALS and f.n]
    # a reason may go on after a semicolon with how it came to light
    named = (f.reason.split(";")[0] or REASONS.get(f.step, f.step.replace("_", " ")) for f in found)
    return tuple(dict.fromkeys(named))


def shown_counts(source: Source) -> Mapping[Key, Count]:
    """Counts by round, step, reason and arm, after the disclosure rule.

    With a withheld sum of all removals goes the number delivered, because delivered minus valid
    is that sum.
    """
    counts: dict[Key, Count] = {}
    for round_, arm in sorted({(f.round, f.arm) for f in source.records.flow}):
        here = [f for f in source.records.flow if (f.round, f.arm) == (round_, arm)]
        for (step, reason), count in _of_place(source, here):
            counts[round_, step, reason, arm] = count
    return counts


def _of_place(source: Source, here: list[Flow]) -> Iterator[tuple[tuple[str, str], Count]]:
    """Counts of one round and group."""
    study = source.configuration.study
    removed = [f for f in here if f.step not in TOTALS]
    small = [disclosure.is_small(f.n, f.n_clusters, study=study) for f in removed]
    sizes = [f.n for f in removed]
    hidden = disclosure.withheld_parts(sizes, minimum=study.minimum_cell, secret=small)
    # reasons may share clusters: the sum stands on at least as many as its widest reason
    widest = max((f.n_clusters for f in removed), default=0)
    secret = disclosure.is_small(sum(sizes), widest, study=study)
    if removed:
        total = Count(n=sum(sizes), n_clusters=None)
        yield ("left_out", ""), WITHHELD if secret else total
    for f, is_hidden in zip(removed, hidden, strict=True):
        yield (f.step, f.reason), WITHHELD if is_hidden else _count(f)
    for f in (f for f in here if f.step in TOTALS):
        small_total = disclosure.is_small(f.n, f.n_clusters, study=study)
        withheld = small_total or (secret and f.step == "delivered")
        yield (f.step, f.reason), WITHHELD if withheld else _count(f)


def _count(record: Flow) -> Count:
    return Count(n=record.n, n_clusters=record.n_clusters)


def _flow_cells(source: Source, found: Count | None) -> tuple[Cell, Cell]:
    if found is None:
        return (table.count(0), table.none())
    if found.n is None:
        return (table.suppressed(source.language), table.suppressed(source.language))
    clusters = table.none() if found.n_clusters is None else table.count(found.n_clusters)
    return (table.count(found.n), clusters)


def step_label(step: str) -> str:
    """A step of the flow in words."""
    return FLOW_STEPS.get(step, step.replace("_", " ").capitalize())
