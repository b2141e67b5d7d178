"""The sample flow: interviews from delivery to analysis, with small removals withheld by rule.

Every reason for leaving interviews out is named. Its count is printed where the rule allows; the
sum over all reasons of a group and round mostly can be, where single reasons cannot.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evaluation.errors import ReportError
from evaluation.locale import outside
from evaluation.locale.messages import message
from evaluation.report import disclosure, flow_words, formats, heads, table
from evaluation.report.flow_words import (
    CLUSTERS,
    FLOW_STEPS,
    INTERVIEWS,
    NO_GROUP,
    REASONS,
    STEP,
    UNKNOWN,
    WITH_IT,
)
from evaluation.report.sources import Source
from evaluation.report.suppression import Margin, suppress
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.report.words import in_sentence
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Flow

# Steps that are counts of their own; the others are reasons for leaving interviews out. What the
# office refused was never delivered to the analysis, so that nothing can be subtracted from it.
SAMPLED, SET_ASIDE = "sampled", "set_aside"
TOTALS = (SAMPLED, SET_ASIDE, "delivered", "valid", "panel_members", "linked")
AGAIN = ("panel_members", "linked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A count of the flow; ``None`` where the rule withholds it, or nobody counted clusters."""

    n: int | None
    n_clusters: int | None


Key = tuple[str, str, str, str]
LEFT_OUT, VALID, DELIVERED = ("left_out", ""), ("valid", ""), ("delivered", "")
UNITS = (SAMPLED, "")
WITHHELD = Count(n=None, n_clusters=None)


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
                    for cell in _flow_cells(source, counts.get((round_, step, reason, arm)))
                ),
            ),
        )
        for round_, step, reason in flow_rows(source)
        if step in (*TOTALS, "left_out") or _is_told(counts, (round_, step, reason), arms)
    )
    columns = (
        Column(id="step", label=STEP[source.language]),
        heads.column(source, "reason"),
        *(column for arm in arms for column in _arm_columns(source, arm)),
    )
    study = source.configuration.study
    rule = disclosure.rule_note(study, source.language)
    note = WITH_IT[source.language].format(rule=rule)
    said = (("interviews", _told(source, counts, arms)),)
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=(note,), said=said)


def _told(source: Source, counts: Mapping[Key, Count], arms: tuple[str, ...]) -> str:
    """Valid interviews of all groups, round by round.

    A sum is not told where one group's number is withheld: it would give that number away.
    """
    language, told = source.language, []
    for round_ in source.configuration.study.rounds:
        found = [counts[key].n for arm in arms if (key := (round_, *VALID, arm)) in counts]
        if found:
            known = [n for n in found if n is not None]
            whole = len(known) == len(found)
            n = formats.count(sum(known), language) if whole else flow_words.HIDDEN[language]
            name = in_sentence(source.round_name(round_))
            told.append(flow_words.IN_ROUND[language].format(n=n, round=name))
    return flow_words.VALID[language].format(rounds=formats.listed(told, language))


def _reason_cell(source: Source, round_: str, step: str, reason: str) -> Cell:
    if step == "left_out":
        named = "; ".join(reasons(source, round_))
        return table.text(named) if named else table.none()
    return table.text(outside.in_language(reason, source.language)) if reason else table.none()


def _arm_columns(source: Source, arm: str) -> tuple[Column, ...]:
    language = source.language
    clusters = source.configuration.study.names.clusters[language]
    label = arm_label(source, arm)
    interviews = INTERVIEWS[language].format(arm=label)
    places = CLUSTERS[language].format(arm=label, clusters=clusters)
    return (
        Column(id=f"n_{slug(arm)}", label=interviews),
        Column(id=f"clusters_{slug(arm)}", label=places, shown="download"),
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
    if arm in declared:
        return source.arm(arm)
    if arm == UNKNOWN["en"]:
        return UNKNOWN[source.language]
    return arm.replace("_", " ") or NO_GROUP[source.language]


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
            message("no-sample-flow.problem"),
            where="flow.csv",
            mend=message("run-clean-stage.mend"),
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
    return tuple(dict.fromkeys(_reason(f, source.language) for f in found))


def _reason(record: Flow, language: str) -> str:
    if not record.reason:
        fixed = REASONS.get(record.step)
        return fixed[language] if fixed else record.step.replace("_", " ")
    # a reason may go on after a semicolon with how it came to light
    return outside.in_language(record.reason, language).split(";")[0]


def shown_counts(source: Source) -> Mapping[Key, Count]:
    """Counts by round, step, reason and arm, after the disclosure rule.

    With a withheld sum of all removals goes the number delivered, because delivered minus valid
    is that sum. Where one group's number of refused submissions is withheld, all are: the findings
    print their sum.
    """
    counts: dict[Key, Count] = {}
    for round_, arm in sorted({(f.round, f.arm) for f in source.records.flow}):
        here = [f for f in source.records.flow if (f.round, f.arm) == (round_, arm)]
        for (step, reason), count in _of_place(source, here):
            counts[round_, step, reason, arm] = count
    refused = [key for key in counts if key[1] == SET_ASIDE]
    withheld = {key[0] for key in refused if counts[key].n is None}
    return counts | {key: WITHHELD for key in refused if key[0] in withheld}


def _of_place(source: Source, here: list[Flow]) -> Iterator[tuple[tuple[str, str], Count]]:
    """Counts of one round and group, the withheld ones protected from subtraction."""
    study = source.configuration.study
    removed = [f for f in here if f.step not in TOTALS]
    # reasons may share clusters: the sum stands on at least as many as its widest reason
    widest = max((f.n_clusters for f in removed), default=0)
    total = sum(f.n for f in removed)
    cells = {(f.step, f.reason): f.n for f in here} | ({LEFT_OUT: total} if removed else {})
    secret = {
        (f.step, f.reason) for f in here if disclosure.is_small(f.n, f.n_clusters, study=study)
    }
    if disclosure.is_small(total, widest, study=study):
        secret.add(LEFT_OUT)
    # what sampled units exceed the interviews by is a count too: units without an interview
    rest = [cells.get(UNITS, 0) - n for n in _interviews(here)]
    if UNITS in cells and any(0 < abs(n) < study.minimum_cell for n in rest):
        secret.add(UNITS)
    hidden = suppress(
        cells,
        _sums(cells, removed),
        minimum=study.minimum_cell,
        secret=frozenset(secret),
        elsewhere=frozenset({VALID}),
        range_="wide",
    )
    if removed:
        yield LEFT_OUT, WITHHELD if LEFT_OUT in hidden else Count(n=total, n_clusters=None)
    for f in (*removed, *(f for f in here if f.step in TOTALS)):
        yield (f.step, f.reason), WITHHELD if (f.step, f.reason) in hidden else _count(f)


def _sums(cells: Mapping[tuple[str, str], int], removed: list[Flow]) -> list[Margin]:
    """Reasons sum to what was left out; with the valid interviews that is what was delivered."""
    sums = [Margin(LEFT_OUT, tuple((f.step, f.reason) for f in removed))] if removed else []
    parts = (LEFT_OUT, VALID) if removed else (VALID,)
    stated = all(key in cells for key in (DELIVERED, VALID))
    # a flow that does not add up gives nothing away by subtraction
    if stated and cells[DELIVERED] == sum(cells[key] for key in parts):
        sums.append(Margin(DELIVERED, parts))
    return sums


def _interviews(here: list[Flow]) -> tuple[int, ...]:
    """Interviews of a round and group: delivered, with those set aside, and valid."""
    found = {step: sum(f.n for f in here if f.step == step) for step in TOTALS}
    delivered = found["delivered"]
    return delivered, delivered + found[SET_ASIDE], found["valid"]


def _count(record: Flow) -> Count:
    return Count(n=record.n, n_clusters=record.n_clusters)


def _flow_cells(source: Source, found: Count | None) -> tuple[Cell, Cell]:
    if found is None:
        return (table.count(0), table.none())
    if found.n is None:
        return (table.suppressed(source.language), table.suppressed(source.language))
    clusters = table.none() if found.n_clusters is None else table.count(found.n_clusters)
    return (table.count(found.n), clusters)


def step_label(step: str, language: str) -> str:
    """A step of the flow in words."""
    if step in FLOW_STEPS:
        return FLOW_STEPS[step][language]
    return step.replace("_", " ").capitalize()
