"""Means by group and round, and who of the baseline was not interviewed again.

Those found and those lost are each other's rest: both must be enough, or nobody, in every cell
that is shown and in what the groups' totals leave of those that are not.
"""

import math
from collections.abc import Iterator, Sequence

from evaluation.config.confidentiality import is_withheld
from evaluation.config.exhibits import Exhibit
from evaluation.config.fieldwork_plan import FoundAgain
from evaluation.config.plan import Outcome
from evaluation.errors import ReportError
from evaluation.estimation.records import Level
from evaluation.locale.messages import message
from evaluation.report import disclosure, estimate_rows
from evaluation.report.effect_rows import shows
from evaluation.report.formats import table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.formats.words import begun
from evaluation.report.prose import model_notes, notes, table_frame
from evaluation.report.sources import Source, by_family, level_rows
from evaluation.report.tables.balance import variable_label

OF_ROUND = 4  # cells of a mean, its standard error, interviews and clusters


@table.builds
def levels(exhibit: Exhibit, source: Source) -> Table:
    """One row per outcome and arm: mean (standard error) and interviews in each round."""
    study, shown = source.configuration.study, levels_shown(exhibit, source)
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *("outcome", "arm"),
            *table.columns("unit", shown="download"),
            *(c for round_ in study.rounds for c in round_columns(source, round_)),
        ),
        rows=(
            _level_row(source, outcome, arm.id, here)
            for outcome, found in shown
            for arm in study.arm
            if (here := [x for x in found if x.arm == arm.id])
        ),
        generated=(
            source.note("levels.means", "levels.weighted", weights=_weights(exhibit, source)),
            notes.sample_sizes(source, [x for _, found in shown for x in found]),
            disclosure.rule_note(study, source.language),
        ),
    )


def _weights(exhibit: Exhibit, source: Source) -> str:
    name = next(iter(exhibit.specifications), source.plan.primary_specification().id)
    return begun(model_notes.weights_in_words(source, source.specification(name), label=""))


def levels_shown(exhibit: Exhibit, source: Source) -> list[tuple[Outcome, tuple[Level, ...]]]:
    """Outcomes of an exhibit of levels, in plan order, each with its levels.

    Parameters
    ----------
    exhibit : Exhibit
        Its outcomes and families, all where it names none, and its specification.
    source : Source

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
        if shows(exhibit, outcome)
    ]


def round_columns(source: Source, round_: str) -> tuple[Column, ...]:
    """Columns of a round: mean, standard error, interviews and clusters.

    Parameters
    ----------
    source : Source
    round_ : str
        Id of the round.
    """
    return (
        table_frame.column(source, "mean_round", round_=round_, shown="with unit"),
        table_frame.column(source, "std_error_round", round_=round_, joined="brackets"),
        table_frame.column(source, "n_round", round_=round_),
        table_frame.column(source, "clusters_round", round_=round_, joined="slash"),
    )


def _level_row(source: Source, outcome: Outcome, arm: str, found: Sequence[Level]) -> Row:
    by_round = {x.round: x for x in found}
    return table.row(
        f"{outcome.id}-{arm}",
        outcome.label[source.language],
        source.arm(arm),
        words.level_unit(outcome.unit, source.language),
        *(
            cell
            for round_ in source.configuration.study.rounds
            for cell in level_cells(by_round.get(round_), outcome.unit, outcome.decimals)
        ),
        group=source.family(outcome.id),
    )


def level_cells(level: Level | None, unit: str, decimals: int) -> tuple[Cell, ...]:
    """Mean, standard error, interviews and clusters.

    Parameters
    ----------
    level : Level or None
        Nothing is shown where there is none.
    unit : str
        Of the outcome.
    decimals : int
        Of the mean and its error.
    """
    if level is None:
        return estimate_rows.padded(OF_ROUND)
    shown = words.level_unit(unit, "en")
    return (
        table.number(level.mean, decimals=decimals, unit=shown),
        table.number(level.std_error, decimals=decimals, unit=shown),
        table.count(level.n),
        table.count(level.n_clusters),
    )


# In a smaller group a decimal would tell the count.
FEW = 100


def percentage(part: float, whole: int) -> Cell:
    """Part of a whole in percent; nothing where nobody was counted.

    Parameters
    ----------
    part : float
    whole : int
    """
    if whole == 0:
        return table.none()
    return table.number(100.0 * part / whole, decimals=decimals(whole), unit="%")


def decimals(whole: int) -> int:
    """Decimals of a percentage of a whole."""
    return 0 if whole < FEW else 1


def value_label(source: Source, variable: str, value: str) -> str:
    """One value of a variable in words, or as it stands where the dictionary has none for it.

    Parameters
    ----------
    source : Source
    variable, value : str
    """
    label = variable_label(source, f"{variable}={value}")
    known = variable in source.configuration.dictionary.variables
    return label.removeprefix(f"{variable_label(source, variable)}: ") if known else value


def no_records(what: str, where: str) -> ReportError:
    """The error of an exhibit that is listed in a study without what it shows.

    Parameters
    ----------
    what : str
        Its entry of the catalogue is ``no-<what>.problem``.
    where : str
        The file that would have it.
    """
    return ReportError(
        message(f"no-{what}.problem"),
        where=where,
        fix=message("take-exhibit.fix"),
        rule="missing-record",
    )


@table.builds
def attrition_map(exhibit: Exhibit, source: Source) -> Table:
    """Share of the baseline not interviewed again, by department and group.

    Raises
    ------
    ReportError
        The study has no panel, or no departments.
    """
    found = source.records.again
    if not any(row.n_again for row in found) or not any(row.department for row in found):
        raise no_records("baseline-respondents", "found_again.csv")
    study = source.configuration.study
    there = {(row.arm, row.department): row for row in found}
    departments = sorted({row.department for row in found} - {""})
    rule = disclosure.rule_note(study, source.language)
    return table_frame.table(
        exhibit,
        source,
        columns=_columns(source),
        rows=(
            table.row(
                slug(name) or "all",
                _label(source, name) if name else source.wording("lost.all"),
                *(c for arm in study.arm for c in _cells(source, there.get((arm.id, name)))),
            )
            for name in (*departments, "")
        ),
        generated=(
            source.note("lost.counted", "found-again.shares"),
            rule + source.wording("lost.together"),
        ),
    )


def _cells(source: Source, row: FoundAgain | None) -> tuple[Cell, ...]:
    """A group in a department; nothing where it has no place there."""
    if row is None:
        return estimate_rows.padded(3)
    # by the weights of the primary specification
    share = 1.0 - row.weight_again / row.weight
    if math.isnan(share) and not is_withheld(row.n):
        lost = table.unavailable(message("found-again.no-weight"), source.language)
    else:
        lost = percentage(share * row.n, row.n)
    return table.count(row.n), lost, table.count(row.n_clusters)


def _columns(source: Source) -> Iterator[Column]:
    yield Column(id="department")
    for arm in source.configuration.study.arm:
        for stem in ("n", "lost", "clusters"):
            yield Column(
                id=f"{stem}_{slug(arm.id)}",
                label=source.wording(f"lost.{stem}", arm=source.arm(arm.id)),
                shown="download" if stem == "clusters" else "print",
            )


def _label(source: Source, department: str) -> str:
    name = source.configuration.study.columns.department
    return value_label(source, str(name), department)
