"""Forest plots: each place's effect, and differences between the effects on groups."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome
from evaluation.estimation.row_keys import RowKey
from evaluation.report import check_rows as records
from evaluation.report.check_rows import CheckLine
from evaluation.report.figures.frame import Drawn, draws
from evaluation.report.figures.row_panels import (
    ESTIMATE_LOOK,
    GREY,
    Mark,
    PanelRow,
    draw_rows,
    mark_of,
    panel,
)
from evaluation.report.figures.sheet import DrawingSheet
from evaluation.report.formats import number_format
from evaluation.report.heterogeneity_rows import (
    GroupCheck,
    Places,
    adjusted,
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


@draws
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
    shown = any(one.shown for found in made.values() for one in found)
    sentences = " ".join(place_sentence(one) for found in made.values() for one in found)
    return Drawn(
        plot=_plot(rows, outcomes, source, names=1.5),
        message=source.wording("places-headline" if shown else "places-headline-none"),
        subtitle=source.wording("places-axis"),
        data=places(exhibit, source),
        alt=source.wording("places-alt", said=sentences),
    )


def _plot(
    rows: Sequence[PanelRow], outcomes: Sequence[Outcome], source: Source, *, names: float
) -> Callable[[DrawingSheet], None]:
    """How rows of estimates are drawn: a legend, then a panel an outcome."""
    language = source.language
    level = number_format.percent(source.plan.inference.level, language)

    def plot(sheet: DrawingSheet) -> None:
        estimate = source.wording("effects.line.alone", level=level)
        sheet.legend([(ESTIMATE_LOOK, estimate), (GREY, source.wording("figure.grey"))])
        draw_rows(sheet, rows, [panel(o, language) for o in outcomes], names=names)

    return plot


def _place_rows(
    source: Source, checks: Sequence[Check], made: Mapping[str, Sequence[Places]]
) -> list[PanelRow]:
    rows: list[PanelRow] = []
    for number, check in enumerate(checks):
        # one kind of place is named in the title
        rows += [PanelRow(label=check.label[source.language])] if len(checks) > 1 else []
        names = {x.sample: place(x) for found in made.values() for x in found[number].strata}
        for sample, label in names.items():
            marks = {
                outcome: _mark(found[number].strata, sample, source.language)
                for outcome, found in made.items()
            }
            rows.append(PanelRow(label=label, marks=marks))
    return rows


def _mark(lines: Iterable[CheckLine], sample: RowKey, language: str) -> Mark:
    return mark_of(next((x.found for x in lines if x.sample == sample), None), language)


@draws
def subgroups_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Differences between two groups' effects; the groups' own effects are no answer to it."""
    outcomes = source.outcomes_of(exhibit)
    chosen = {o.id: traits(exhibit, source, o) for o in outcomes}
    rows = _group_rows(source, chosen)
    sentences = " ".join(group_sentence(list(found)) for found in chosen.values())
    return Drawn(
        plot=_plot(rows, outcomes, source, names=2.2),
        message=_after_correction(source, outcomes, chosen),
        subtitle=source.wording("subgroups-axis"),
        data=subgroups(exhibit, source),
        alt=source.wording("subgroups-alt", said=sentences),
    )


def _after_correction(
    source: Source, outcomes: Sequence[Outcome], chosen: Mapping[str, Sequence[GroupCheck]]
) -> str:
    """How many of the differences stay below the line after the correction in their outcome."""
    found = [e for o in outcomes for _, _, e in adjusted(chosen[o.id], o)]
    below = sum(e.p_adjusted < 1 - e.level for e in found)
    if not found:
        return source.wording("subgroups-headline.absent")
    kind = {0: "none", 1: "one"}.get(below, "several")
    return source.verdict(f"subgroups-headline.{kind}", below=below, n=len(found))


def _group_rows(source: Source, chosen: Mapping[str, Sequence[GroupCheck]]) -> list[PanelRow]:
    """Rows of all outcomes, each trait once; a reason only where no outcome has differences."""
    every = [trait for found in chosen.values() for trait in found]
    by_check = {trait.check.id: trait for trait in every}
    by_check |= {trait.check.id: trait for trait in every if trait.has_differences}
    rows: list[PanelRow] = []
    for name, trait in by_check.items():
        rows.append(PanelRow(label=trait.heading))
        for line in trait.differences:
            said = group_label(trait, line).split(": ", 1)[-1]
            marks = {
                outcome: _mark(own.differences, line.sample, source.language)
                for outcome, found in chosen.items()
                for own in found
                if own.check.id == name
            }
            rows.append(PanelRow(label=said, marks=marks))
    return rows
