"""The sample flow: interviews from delivery to analysis, with small removals withheld by rule.

Every reason for leaving interviews out is named. Its count is printed where the rule allows; the
sum over all reasons of a group and round mostly can be, where single reasons cannot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evaluation.config.confidentiality import is_withheld
from evaluation.config.exhibits import Exhibit
from evaluation.errors import ReportError
from evaluation.estimation.records import Flow
from evaluation.locale.messages import entries, term, wording
from evaluation.report import disclosure
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Column, Table, slug
from evaluation.report.formats.words import in_sentence
from evaluation.report.linked_counts import LEFT_OUT, TOTALS
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source

AGAIN = ("panel_members", "linked")
Key = tuple[str, str, str, str]


@table.builds
def flow(exhibit: Exhibit, source: Source) -> Table:
    """Interviews from delivery to analysis, by round and arm, small removals withheld."""
    arms, counts = flow_arms(source), shown_counts(source)
    rule = disclosure.rule_note(source.configuration.study, source.language)
    return table_frame.table(
        replace(exhibit, builder="flow"),  # a figure shows the same table
        source,
        columns=(
            *("step", "reason"),
            *(column for arm in arms for column in _arm_columns(source, arm)),
        ),
        rows=(
            table.row(
                "-".join(part for part in (round_, step, slug(reason)) if part),
                step_label(step, source.language),
                _reason_cell(source, round_, step, reason),
                *(c for arm in arms for c in _cells(counts.get((round_, step, reason, arm)))),
                group=source.round(round_),
            )
            for round_, step, reason in flow_rows(source)
            if step in (*TOTALS, LEFT_OUT) or _has_shown(counts, (round_, step, reason), arms)
        ),
        generated=(source.wording("flow.suppressed", rule=rule),),
        sentences=(("interviews", _interviews(source, counts, arms)),),
    )


def _interviews(source: Source, counts: Mapping[Key, Flow], arms: Sequence[str]) -> str:
    """Valid interviews of all groups, round by round.

    A sum is not given where one group's number is withheld: it would give that number away.
    """
    language, rounds = source.language, []
    for round_ in source.configuration.study.rounds:
        found = [counts[key].n for arm in arms if (key := (round_, "valid", "", arm)) in counts]
        if found:
            n = source.wording("flow.hidden")
            if not any(map(is_withheld, found)):
                n = number_format.count(sum(found), language)
            name = in_sentence(source.round_name(round_))
            rounds.append(source.wording("flow.in-round", n=n, round=name))
    return source.wording("flow.valid", rounds=number_format.listed(rounds, language))


def _reason_cell(source: Source, round_: str, step: str, reason: str) -> Cell:
    named = source.reason(reason) if reason else ""
    if step == LEFT_OUT:
        named = "; ".join(reasons(source, round_))
    return table.text(named) if named else table.none()


def _arm_columns(source: Source, arm: str) -> tuple[Column, ...]:
    label = arm_label(source, arm)
    clusters = source.wording("flow.clusters", arm=label)
    return (
        Column(id=f"n_{slug(arm)}", label=source.wording("flow.interviews", arm=label)),
        Column(id=f"clusters_{slug(arm)}", label=clusters, shown="download"),
    )


def _has_shown(counts: Mapping[Key, Flow], row: tuple[str, str, str], arms: Sequence[str]) -> bool:
    """Whether a row has any number of interviews that may be shown."""
    found = [counts[*row, arm].n for arm in arms if (*row, arm) in counts]
    return any(n and not is_withheld(n) for n in found)


def flow_arms(source: Source) -> tuple[str, ...]:
    """Arms of the flow in the study's order; whatever has no arm yet comes last."""
    present = {f.arm for f in source.records.flow}
    declared = [a.id for a in source.configuration.study.arm if a.id in present]
    return (*declared, *sorted(present - set(declared)))


def arm_label(source: Source, arm: str) -> str:
    """Label of an arm, or words for rows that have none.

    Parameters
    ----------
    source : Source
    arm : str
    """
    declared = {a.id for a in source.configuration.study.arm}
    if arm in declared:
        return source.arm(arm)
    if arm == wording("flow.unknown", "en"):
        return source.wording("flow.unknown")
    return arm.replace("_", " ") or source.wording("flow.no-group")


def flow_rows(source: Source) -> tuple[tuple[str, str, str], ...]:
    """Round, step and reason of each row: delivered, left out, its reasons, valid, seen again.

    Raises
    ------
    ReportError
        No flow was recorded.
    """
    records = source.records.flow
    if not records:
        raise ReportError.of("no-sample-flow", "run-clean-stage", "flow.csv", rule="missing-record")
    rows: list[tuple[str, str, str]] = []
    for round_ in source.configuration.study.rounds:
        here = list(dict.fromkeys((f.step, f.reason) for f in records if f.round == round_))
        removed = [(step, reason) for step, reason in here if step not in (*TOTALS, LEFT_OUT)]
        between = [(LEFT_OUT, ""), *removed] if removed else []
        for step, reason in here:
            if step == "valid":
                rows.extend((round_, *key) for key in between)
            if step in TOTALS:
                rows.append((round_, step, reason))
    return tuple(rows)


def reasons(source: Source, round_: str) -> tuple[str, ...]:
    """Why interviews of a round were left out, over all groups, in words, without counts.

    Parameters
    ----------
    source : Source
    round_ : str
        Id of the round.
    """
    found = (
        _reason(f, source)
        for f in source.records.flow
        if f.round == round_ and f.step not in (*TOTALS, LEFT_OUT) and f.n
    )
    return tuple(dict.fromkeys(found))


def _reason(record: Flow, source: Source) -> str:
    if not record.reason:
        return term("flow.reason", record.step, source.language).replace("_", " ")
    # a reason may go on after a semicolon with how it came to light
    return source.reason(record.reason).split(";")[0]


def shown_counts(source: Source) -> Mapping[Key, Flow]:
    """Counts by round, step, reason and arm, the sum of all removals among them."""
    return {(f.round, f.step, f.reason, f.arm): f for f in source.records.flow}


def _cells(found: Flow | None) -> tuple[Cell, Cell]:
    if found is None:
        return (table.count(0), table.none())
    clusters = table.none() if found.n_clusters < 0 else table.count(found.n_clusters)
    return (table.count(found.n), clusters)


def step_label(step: str, language: str) -> str:
    """A step of the flow in words.

    Parameters
    ----------
    step : str
    language : {"en", "es"}
    """
    if step in entries("flow.step"):
        return wording(f"flow.step.{step}", language)
    return step.replace("_", " ").capitalize()
