"""Tables of levels: means by group and round, small cells withheld."""

from evaluation.locale.messages import wording
from evaluation.report import disclosure, heads, notes, table, words
from evaluation.report.sources import Source, by_family, level_rows
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Level


@table.builds
def levels(exhibit: Exhibit, source: Source) -> Table:
    """One row per outcome and arm: mean (standard error) and interviews in each round."""
    study = source.configuration.study
    shown = levels_shown(exhibit, source)
    rows = tuple(
        _level_row(source, outcome, arm.id, here)
        for outcome, found in shown
        for arm in study.arm
        if (here := [x for x in found if x.arm == arm.id])
    )
    columns = (
        heads.column(source, "outcome"),
        heads.column(source, "arm"),
        heads.column(source, "unit", shown="download"),
        *(c for r in study.round for c in _round_columns(source, r.id)),
    )
    said = words.labelled(
        wording("levels.means", source.language), wording("levels.weighted", source.language)
    )
    generated = (
        said,
        notes.sample_sizes(source, [x for _, found in shown for x in found]),
        disclosure.rule_note(study, source.language),
    )
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=generated)


def levels_shown(exhibit: Exhibit, source: Source) -> list[tuple[Outcome, tuple[Level, ...]]]:
    """Outcomes of an exhibit of levels, in plan order, each with its levels.

    Raises
    ------
    ReportError
        An outcome has no levels.
    """
    specification = (
        source.specification(exhibit.specifications[0])
        if exhibit.specifications
        else source.plan.primary_specification()
    )
    return [
        (outcome, level_rows(source, outcome.id, specification))
        for outcome in by_family(source, source.plan.outcomes_of(specification))
        if (not exhibit.outcomes or outcome.id in exhibit.outcomes)
        and (not exhibit.families or outcome.family in exhibit.families)
    ]


def _round_columns(source: Source, round_: str) -> tuple[Column, ...]:
    return (
        heads.column(source, "mean_round", round_=round_, shown="with unit"),
        heads.column(source, "std_error_round", round_=round_, joined="brackets"),
        heads.column(source, "n_round", round_=round_),
        heads.column(source, "clusters_round", round_=round_, joined="slash"),
    )


def _level_row(source: Source, outcome: Outcome, arm: str, found: list[Level]) -> Row:
    by_round = {x.round: x for x in found}
    cells = [
        c
        for r in source.configuration.study.round
        for c in _level_cells(outcome, by_round.get(r.id))
    ]
    unit = words.level_unit(outcome.unit, source.language)
    lead = (
        table.text(outcome.label[source.language]),
        table.text(source.arm(arm)),
        table.text(unit),
    )
    return Row(id=f"{outcome.id}-{arm}", cells=(*lead, *cells), group=source.family(outcome.id))


def _level_cells(outcome: Outcome, level: Level | None) -> list[Cell]:
    """Mean, standard error, interviews and clusters."""
    if level is None:
        return [table.none()] * 4
    unit = words.level_unit(outcome.unit, "en")
    return [
        table.number(level.mean, decimals=outcome.decimals, unit=unit),
        table.number(level.std_error, decimals=outcome.decimals, unit=unit),
        table.count(level.n),
        table.count(level.n_clusters),
    ]
