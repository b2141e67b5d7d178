"""The sample flow: interviews from delivery to analysis, with small removals withheld by rule.

Every reason for leaving interviews out is named. Its count is printed where the rule allows; the
sum over all reasons of a group and round mostly can be, where single reasons cannot.
"""

from collections.abc import Mapping

from evaluation.errors import ReportError
from evaluation.locale import outside
from evaluation.locale.messages import entries, term, wording
from evaluation.report import disclosure
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.formats.words import in_sentence
from evaluation.report.linked_counts import LEFT_OUT, TOTALS
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.study.confidentiality import is_withheld
from evaluation.study.exhibits import Exhibit
from evaluation.study.records import Flow

AGAIN = ("panel_members", "linked")
Key = tuple[str, str, str, str]


@table.builds
def flow(exhibit: Exhibit, source: Source) -> Table:
    """Interviews from delivery to analysis, by round and arm, small removals withheld."""
    arms, counts = flow_arms(source), shown_counts(source)
    rows = tuple(
        Row(
            id="-".join(part for part in (round_, step, slug(reason)) if part),
            group=source.round(round_),
            cells=(
                table.text(step_label(step, source.language)),
                _reason_cell(source, round_, step, reason),
                *(
                    cell
                    for arm in arms
                    for cell in _flow_cells(counts.get((round_, step, reason, arm)))
                ),
            ),
        )
        for round_, step, reason in flow_rows(source)
        if step in (*TOTALS, LEFT_OUT) or _is_told(counts, (round_, step, reason), arms)
    )
    columns = (
        Column(id="step", label=wording("flow.step-head", source.language)),
        table_frame.column(source, "reason"),
        *(column for arm in arms for column in _arm_columns(source, arm)),
    )
    study = source.configuration.study
    rule = disclosure.rule_note(study, source.language)
    note = wording("flow.suppressed", source.language, rule=rule)
    said = (("interviews", _told(source, counts, arms)),)
    return table_frame.table(
        exhibit, source, columns=columns, rows=rows, generated=(note,), said=said
    )


def _told(source: Source, counts: Mapping[Key, Flow], arms: tuple[str, ...]) -> str:
    """Valid interviews of all groups, round by round.

    A sum is not told where one group's number is withheld: it would give that number away.
    """
    language, told = source.language, []
    for round_ in source.configuration.study.rounds:
        found = [counts[key].n for arm in arms if (key := (round_, "valid", "", arm)) in counts]
        if found:
            n = wording("flow.hidden", language)
            if not any(map(is_withheld, found)):
                n = number_format.count(sum(found), language)
            name = in_sentence(source.round_name(round_))
            told.append(wording("flow.in-round", language, n=n, round=name))
    return wording("flow.valid", language, rounds=number_format.listed(told, language))


def _reason_cell(source: Source, round_: str, step: str, reason: str) -> Cell:
    if step == LEFT_OUT:
        named = "; ".join(reasons(source, round_))
        return table.text(named) if named else table.none()
    return table.text(outside.in_language(reason, source.language)) if reason else table.none()


def _arm_columns(source: Source, arm: str) -> tuple[Column, ...]:
    language = source.language
    clusters = source.configuration.study.names.clusters[language]
    label = arm_label(source, arm)
    interviews = wording("flow.interviews", language, arm=label)
    places = wording("flow.clusters", language, arm=label, clusters=clusters)
    return (
        Column(id=f"n_{slug(arm)}", label=interviews),
        Column(id=f"clusters_{slug(arm)}", label=places, shown="download"),
    )


def _is_told(counts: Mapping[Key, Flow], row: tuple[str, str, str], arms: tuple[str, ...]) -> bool:
    """Whether a row has any number of interviews that may be shown."""
    found = [counts[*row, arm].n for arm in arms if (*row, arm) in counts]
    return any(n and not is_withheld(n) for n in found)


def flow_arms(source: Source) -> tuple[str, ...]:
    """Arms of the flow in the study's order; whatever has no arm yet comes last."""
    present = {f.arm for f in source.records.flow}
    declared = [a.id for a in source.configuration.study.arm if a.id in present]
    return (*declared, *sorted(present - set(declared)))


def arm_label(source: Source, arm: str) -> str:
    """Label of an arm, or words for rows that have none."""
    declared = {a.id for a in source.configuration.study.arm}
    if arm in declared:
        return source.arm(arm)
    if arm == wording("flow.unknown", "en"):
        return wording("flow.unknown", source.language)
    return arm.replace("_", " ") or wording("flow.no-group", source.language)


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
    """Why interviews of a round were left out, over all groups, in words, without counts."""
    found = [
        f
        for f in source.records.flow
        if f.round == round_ and f.step not in (*TOTALS, LEFT_OUT) and f.n
    ]
    return tuple(dict.fromkeys(_reason(f, source.language) for f in found))


def _reason(record: Flow, language: str) -> str:
    if not record.reason:
        return term("flow.reason", record.step, language).replace("_", " ")
    # a reason may go on after a semicolon with how it came to light
    return outside.in_language(record.reason, language).split(";")[0]


def shown_counts(source: Source) -> Mapping[Key, Flow]:
    """Counts by round, step, reason and arm, the sum of all removals among them."""
    return {(f.round, f.step, f.reason, f.arm): f for f in source.records.flow}


def _flow_cells(found: Flow | None) -> tuple[Cell, Cell]:
    if found is None:
        return (table.count(0), table.none())
    clusters = table.none() if found.n_clusters < 0 else table.count(found.n_clusters)
    return (table.count(found.n), clusters)


def step_label(step: str, language: str) -> str:
    """A step of the flow in words."""
    if step in entries("flow.step"):
        return wording(f"flow.step.{step}", language)
    return step.replace("_", " ").capitalize()
