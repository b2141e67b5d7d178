"""Tables of a panel study: answer, estimates, ranges, power, years, what was known before."""

import math
from collections.abc import Iterator

from evaluation.config.exhibits import Exhibit
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.row_keys import Part
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.panels import sentences, statements
from evaluation.report.panels.lines import (
    MEAN,
    POOLED,
    SpecificationLine,
    answers,
    line,
    lines,
    percents,
    quantity,
    spelt,
    treated_arm,
    trend,
)
from evaluation.report.prose import table_frame
from evaluation.report.prose.headlines import PrimaryResult, label
from evaluation.report.sources import Source


@table.builds
def panel_answer(exhibit: Exhibit, source: Source) -> Table:
    """The ratio of the primary contrast with its conclusion, and that of all years after."""
    found = answers(source)
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("years"),
            *table.columns("percent", shown="with unit"),
            *table.columns("percent_low", "percent_high"),
            *table.columns("p_value", "p_error", "p_studentised", "p_studentised_error"),
            *table.columns("conclusion"),
            *table.columns("estimate", "ci_low", "ci_high", "std_error", shown="download"),
            *table.columns("studentised_low", "studentised_high", shown="download"),
            *table.columns("clusters_treated", "clusters_comparison"),
        ),
        rows=[_answer(one) for one in found],
        generated=(_tests(source, found[0]),),
        found=[one.found for one in found],
        sentences=sentences.of_answer(source, found),
    )


def _tests(source: Source, one: SpecificationLine) -> str:
    """What the two tests are, and how often the error that one of them divides by misleads."""
    rejected = quantity(source, one.specification.id, "clustered_rejection")
    if rejected is None:
        return source.note("panel.tests", "panel.two-tests")
    level = source.plan.inference.level
    return source.note(
        "panel.tests",
        "panel.two-tests",
        "panel.rejected",
        rejected=number_format.share(rejected / 100.0, 0, source.language),
        nominal=number_format.share(1.0 - level, 0, source.language),
    )


def _answer(one: SpecificationLine) -> Row:
    source, found = one.source, one.found
    other = line(source, one.specification.id, "ri").found
    if isinstance(found, Unavailable):
        return table.row(one.specification.id, years_of(one), *percents(one), *[table.none()] * 13)
    made = PrimaryResult.of(source, found)
    said = label(made) if made else source.wording("panel.no-conclusion")
    studentised = (
        (table.p_value(other.p_value), p_error(other), *_pair(other.ci_low, other.ci_high))
        if isinstance(other, Estimate)
        else (table.none(),) * 4
    )
    return table.row(
        one.specification.id,
        years_of(one),
        *percents(one),
        table.p_value(found.p_value),
        p_error(found),
        *studentised[:2],
        said,
        table.effect(found.estimate, decimals=3),
        *_pair(found.ci_low, found.ci_high),
        table.number(found.std_error, decimals=3),
        *studentised[2:],
        table.count(found.n_clusters_treated),
        table.count(found.n_clusters_comparison),
    )


def p_error(found: Estimate) -> Cell:
    """Monte Carlo error of a p-value; nothing where it was not simulated.

    Parameters
    ----------
    found : Estimate
    """
    if not math.isfinite(found.mc_error) or not found.mc_error:
        return table.none()
    return table.number(found.mc_error, decimals=4)


def _pair(low: float, high: float) -> tuple[Cell, Cell]:
    return table.effect(low, decimals=3), table.effect(high, decimals=3)


def years_of(one: SpecificationLine) -> str:
    """The years after of a line's contrast, as they are printed."""
    return spelt(one.specification.contrast[1], one.source.language)


@table.builds
def panel_estimates(exhibit: Exhibit, source: Source) -> Table:
    """One row a specification: a ratio's change in percent or a rate's, p-value, method."""
    found = lines(exhibit, source)
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("specification"),
            *table.columns("percent", shown="with unit"),
            *table.columns("percent_low", "percent_high"),
            *table.columns("rate", "rate_low", "rate_high"),
            *table.columns("p_value", "p_error", "inference"),
            *table.columns("estimate", "std_error", shown="download"),
            *table.columns("clusters_treated", "clusters_comparison", shown="download"),
        ),
        rows=[_estimate(one) for one in found],
        generated=(
            source.note("panel.percent", "panel.own-units"),
            source.note("panel.simulation", "panel.p-error"),
        ),
        found=[one.found for one in found],
        sentences=sentences.of_estimates(source, found),
    )


def _estimate(one: SpecificationLine) -> Row:
    source, found = one.source, one.found
    group = source.wording(f"panel.years.{_group(one)}")
    if isinstance(found, Unavailable):
        cells = (*percents(one), *[table.none()] * 10)
        return Row(id=one.specification.id, group=group, cells=(table.text(one.label), *cells))
    absent = [table.none()] * 3
    values = [table.effect(x, decimals=1) for x in (found.estimate, found.ci_low, found.ci_high)]
    return table.row(
        one.specification.id,
        one.label,
        *(percents(one) if one.is_ratio else absent),
        *(absent if one.is_ratio else values),
        table.p_value(found.p_value),
        p_error(found),
        inference(one),
        table.effect(found.estimate, decimals=3),
        table.number(found.std_error, decimals=3),
        table.count(found.n_clusters_treated),
        table.count(found.n_clusters_comparison),
        group=group,
    )


def inference(one: SpecificationLine) -> str:
    """How p-value and interval of a line were made, in a few words."""
    placebo = one.specification.method == "synthetic_did"
    step = "placebo" if placebo else getattr(one.found, "step", "")
    return one.source.wording(f"panel.inference.{step}")


def _group(one: SpecificationLine) -> str:
    choice = one.specification.panel
    if choice is not None and choice.group == "warning":
        return "warning"
    after = one.specification.contrast[1]
    return "first" if after == one.source.plan.primary_specification().contrast[1] else "others"


@table.builds
def panel_ranges(exhibit: Exhibit, source: Source) -> Table:
    """Effects that a partly treated comparison is compatible with, and those of other trends."""
    rows, found = [], []
    for name in exhibit.specifications:
        specification = source.specification(name)
        absent = next((u for u in source.records.unavailable if u.specification == name), None)
        if absent is not None:
            cell = table.unavailable(absent.reason, source.language)
            label = specification.label[source.language]
            rows.append(table.row(name, label, table.none(), cell, table.none()))
        # a set of effects and a confidence interval are not read in the same way
        group = source.wording(
            f"panel.ranged.{specification.method}",
            label=specification.label[source.language],
            level=number_format.percent(source.plan.inference.level, source.language),
        )
        for bound in (b for b in source.records.bounds if b.specification == name):
            share = quantity(source, name, "share", Part(bound.sample.value))
            found.append(bound)
            rows.append(
                table.row(
                    f"{name}-{bound.sample.value}",
                    source.wording(f"panel.range.{bound.sample.value}"),
                    table.none() if share is None else table.number(share, decimals=2),
                    table.effect(bound.low, decimals=1),
                    table.effect(bound.high, decimals=1),
                    group=group,
                )
            )
    return table_frame.table(
        exhibit,
        source,
        columns=("assumption", "share", *table.columns("low", "high")),
        rows=rows,
        found=found,
        sentences=sentences.of_ranges(source, exhibit.specifications),
    )


@table.builds
def panel_power(exhibit: Exhibit, source: Source) -> Table:
    """Chance of detecting falls, the smallest fall that is detected four times in five."""
    primary = source.plan.primary_specification()
    power = source.plan.panel_power
    rows = [
        table.row(
            f"fall_{100 * fall:g}",
            source.wording("panel.fall", fall=number_format.share(fall, 0, source.language)),
            _percent(quantity(source, primary.id, f"power_{100 * fall:g}")),
        )
        for fall in (power.falls if power else ())
    ]
    rows += [
        table.row(
            f"detectable_{one.specification.id}",
            source.wording("panel.detectable", years=years_of(one)),
            _percent(quantity(source, one.specification.id, "mde_fall")),
        )
        for one in answers(source)
    ]
    listed = (quantity(source, one.specification.id, "mde_fall_listed") for one in answers(source))
    whole = next((one for one in listed if one is not None), None)
    if whole is not None and power:
        label = source.wording("panel.detectable-listed", n=power.listed)
        rows.append(table.row("detectable_listed", label, _percent(whole)))
    return table_frame.table(
        exhibit,
        source,
        columns=(*table.columns("quantity"), *table.columns("percent", shown="with unit")),
        rows=rows,
        sentences=sentences.of_power(source),
    )


def _percent(value: float | None) -> Cell:
    return table.none() if value is None else table.number(value, decimals=0, unit="%")


@table.builds
def panel_years(exhibit: Exhibit, source: Source) -> Table:
    """Homicides and rates of both groups year by year, as the police recorded them."""
    study = source.configuration.study
    counts = [c.id for c in study.panel.count] if study.panel else []
    arms = [treated_arm(source), *study.arms_without_any()]
    periods = dict.fromkeys(t.period for t in source.records.trends if t.series == MEAN)
    columns: list[Column | str] = ["period"]
    for arm in arms:
        columns += [_column(source, name, arm) for name in (MEAN, POOLED, *counts)]
    rows = [
        table.row(
            f"year_{period.replace('-', '_')}",
            _period(source, period),
            *(cell for arm in arms for cell in _year(source, arm, period, counts)),
        )
        for period in periods
    ]
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(source.note("panel.described", "panel.described-only"),),
        sentences=sentences.of_years(source),
    )


def _period(source: Source, period: str) -> str:
    """A year, or several of which the row is the mean."""
    said = spelt(period, source.language)
    return said if said == period else source.wording("panel.mean-of-years", years=said)


def _column(source: Source, name: str, arm: str) -> Column:
    """Head of a series of a group; parts of the counts are downloaded only for the others."""
    study = source.configuration.study
    parts = {c.id: c.label[source.language] for c in study.panel.count} if study.panel else {}
    label = parts.get(name) or source.wording(f"panel.series.{name}")
    shown = name in (MEAN, POOLED) or arm == treated_arm(source)
    group = "treated" if arm == treated_arm(source) else "comparison"
    head = source.wording(f"panel.of-group.{group}", series=words.in_sentence(label))
    return Column(id=f"{name}_{arm}", label=head, shown="print" if shown else "download")


def _year(source: Source, arm: str, period: str, counts: list[str]) -> Iterator[Cell]:
    for name in (MEAN, POOLED):
        yield table.number(trend(source, name, arm, period).mean, decimals=1)
    decimals = 0 if "-" not in period else 1
    for name in counts:
        yield table.number(trend(source, f"{name}_a_year", arm, period).mean, decimals=decimals)


@table.builds
def known_results(exhibit: Exhibit, source: Source) -> Table:
    """Results that were known before the plan was written, as the plan lists them."""
    language = source.language
    return table_frame.table(
        exhibit,
        source,
        columns=("known", "value"),
        rows=[
            table.row(known.id, known.label[language], known.value[language])
            for known in source.plan.known
        ],
    )


@table.builds
def panel_statements(exhibit: Exhibit, source: Source) -> Table:
    """Sentences about the results, whether they may be said, and why."""
    made = statements.statements(source)
    (outcome,) = source.plan.primary_outcomes()
    return table_frame.table(
        exhibit,
        source,
        columns=("statement", "answer", "reason"),
        rows=[
            table.row(
                f"{name}-range" if answer == "yes" else name,
                number_format.quoted(said, source.language),
                Cell(kind=answer, text=source.wording(f"panel.answer.{answer}")),
                reason,
                group=words.begun(words.noun(outcome, source.language)),
            )
            for name, said, answer, reason in made
        ],
        sentences=[(name, said) for name, said, answer, _ in made if answer == "yes"],
    )
