"""Forest plots: each place's effect, and differences between the effects on groups."""

from collections.abc import Iterable, Mapping, Sequence

from evaluation.report import check_rows as records
from evaluation.report.check_rows import CheckLine
from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import Drawn
from evaluation.report.figures.row_panels import Look, Mark, PanelRow, draw_rows, mark_of
from evaluation.report.formats import number_format
from evaluation.report.heterogeneity_rows import (
    Places,
    Trait,
    group_label,
    group_sentence,
    place,
    place_sentence,
    places_of,
    traits,
)
from evaluation.report.sources import Source
from evaluation.report.tables.heterogeneity import subgroups
from evaluation.report.tables.places import places
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check
from evaluation.study.row_keys import RowKey

PLACE_INCHES, GROUP_INCHES = 0.34, 0.36
# rows of empty space between checks
PLACE_SEPARATE, GROUP_SEPARATE = 0.5, 0.45
PLACE_LINE = {"color": style.COLOURS[0], "linewidth": 1.2}
PLACE_LOOK = Look(
    line=PLACE_LINE,
    point={"marker": style.MARKERS[1], "markersize": 5, **PLACE_LINE},
    label_width=24,
    title_width=20,
    remark_size=8,
)
GROUP_LOOK = Look(
    line={"color": style.COLOURS[1], "linewidth": 1.4},
    point={"marker": style.MARKERS[3], "color": style.COLOURS[1], "markersize": 6},
    label_width=40,
    title_width=22,
    ticks=5,
)


@style.draws
def places_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """A panel per outcome; places share their lines."""
    checks = records.checks_of(source, "by_place")
    outcomes = [
        o
        for o in source.plan.outcome
        if all(o in records.outcomes_of(exhibit, source, check) for check in checks)
    ]
    made = {o.id: [places_of(source, check, o) for check in checks] for o in outcomes}
    rows = _place_rows(source, checks, made)
    figure = style.canvas(2.6 + PLACE_INCHES * rows[-1].position)
    draw_rows(figure, rows, outcomes, PLACE_LOOK, source)
    level = number_format.percent(source.plan.inference.level, source.language)
    figure.supxlabel(source.wording("places-axis", level=level), fontsize=9.5)
    sentences = " ".join(place_sentence(one) for found in made.values() for one in found)
    return Drawn(
        figure, data=places(exhibit, source), alt=source.wording("places-alt", said=sentences)
    )


def _place_rows(
    source: Source, checks: Sequence[Check], made: Mapping[str, Sequence[Places]]
) -> list[PanelRow]:
    rows: list[PanelRow] = []
    position = 0.0
    for number, check in enumerate(checks):
        rows.append(PanelRow(label=check.label[source.language], position=position))
        names = {x.sample: place(x) for found in made.values() for x in found[number].strata}
        for sample, label in names.items():
            position += 1
            marks = {
                outcome: _mark(found[number].strata, sample, source.language)
                for outcome, found in made.items()
            }
            rows.append(PanelRow(label=label, position=position, marks=marks))
        position += 1 + PLACE_SEPARATE
    return rows


def _mark(lines: Iterable[CheckLine], sample: RowKey, language: str) -> Mark:
    return mark_of(next((x.found for x in lines if x.sample == sample), None), language)


@style.draws
def subgroups_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Differences between two groups' effects; the groups' own effects are no answer to it."""
    outcomes = source.outcomes_of(exhibit)
    chosen = {o.id: traits(exhibit, source, o) for o in outcomes}
    rows = _group_rows(source, chosen)
    figure = style.canvas(2.3 + GROUP_INCHES * rows[-1].position)
    draw_rows(figure, rows, outcomes, GROUP_LOOK, source)
    level = number_format.percent(source.plan.inference.level, source.language)
    said = source.wording("subgroups-axis", level=level)
    figure.supxlabel(style.wrap(said, 96), fontsize=9.5)
    sentences = " ".join(group_sentence(list(found)) for found in chosen.values())
    return Drawn(
        figure,
        data=subgroups(exhibit, source),
        alt=source.wording("subgroups-alt", said=sentences),
    )


def _group_rows(source: Source, chosen: Mapping[str, Sequence[Trait]]) -> list[PanelRow]:
    """Rows of all outcomes, each trait once; a reason only where no outcome has differences."""
    every = [trait for found in chosen.values() for trait in found]
    by_check = {trait.check.id: trait for trait in every}
    by_check |= {trait.check.id: trait for trait in every if trait.has_differences}
    rows: list[PanelRow] = []
    position = 0.0
    for name, trait in by_check.items():
        heading = trait.check.label[source.language]
        if trait.is_descriptive:
            heading = source.wording("subgroups.descriptive-trait", trait=heading)
        rows.append(PanelRow(label=heading, position=position))
        for line in trait.differences:
            position += 1
            said = group_label(trait, line).split(": ", 1)[-1]
            marks = {
                outcome: _mark(own.differences, line.sample, source.language)
                for outcome, found in chosen.items()
                for own in found
                if own.check.id == name
            }
            rows.append(PanelRow(label=said, position=position, marks=marks))
        position += 1 + GROUP_SEPARATE
    return rows
