"""The specification curve: every check that asks the primary question, sorted by its estimate."""

import math

from matplotlib.axes import Axes

from evaluation.report import figure_style as style
from evaluation.report import formats, heads, notes, table, words
from evaluation.report.check_lines import same_question
from evaluation.report.disclosure import is_small
from evaluation.report.figure_frame import finish
from evaluation.report.sources import Source, find, primary_step
from evaluation.report.table import Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate

ROW_INCHES, LABEL_WIDTH = 0.3, 58
PRIMARY_COLOUR, CHECK_COLOUR = style.COLOURS[1], style.COLOURS[0]
FIELDS = ("estimate", "ci_low", "ci_high")


def specification_curve(exhibit: Exhibit, source: Source) -> style.Figure:
    """Estimates and intervals of one outcome, the smallest on top, the primary one marked."""
    outcome = source.outcome(exhibit.outcomes[0])
    points = _points(source, outcome)
    with style.applied():
        figure = style.canvas(1.7 + ROW_INCHES * len(points))
        axes = figure.add_subplot()
        _draw(axes, points, outcome, source)
        return finish(
            figure,
            exhibit,
            source,
            data=_data(exhibit, source, outcome, points),
            alt=_alt(points, outcome, source),
        )


def _points(source: Source, outcome: Outcome) -> list[tuple[str, str, Estimate]]:
    """Row id, label and estimate of each point, by estimate."""
    primary = source.plan.primary_specification()
    top = find(source, outcome.id, specification=primary, step=primary_step(source, primary))
    checks = [(x.id, x.label, x.found) for x in same_question(source, outcome)]
    named = [("primary", words.PRIMARY_ROW[source.language], top), *checks]
    study = source.configuration.study
    found = [
        (name, label, e)
        for name, label, e in named
        if isinstance(e, Estimate)
        and not is_small(e.n, min(e.n_clusters_treated, e.n_clusters_comparison), study=study)
    ]
    return sorted(found, key=lambda point: point[2].estimate)


def _draw(
    axes: Axes, points: list[tuple[str, str, Estimate]], outcome: Outcome, source: Source
) -> None:
    bounds = [x for _, _, e in points for x in (e.ci_low, e.ci_high) if math.isfinite(x)]
    reach = 1.08 * max((abs(x) for x in bounds), default=1.0)
    if outcome.smallest_effect is not None:
        axes.axvspan(-outcome.smallest_effect, outcome.smallest_effect, color=style.BAND, zorder=0)
    for position, (name, _, e) in enumerate(points):
        primary = name == "primary"
        colour = PRIMARY_COLOUR if primary else CHECK_COLOUR
        low, high = max(e.ci_low, -reach), min(e.ci_high, reach)
        axes.plot([low, high], [position] * 2, color=colour, linewidth=2.4 if primary else 1.2)
        mark = style.MARKERS[3] if primary else style.MARKERS[1]
        axes.plot(e.estimate, position, marker=mark, color=colour, markersize=7 if primary else 5)
    axes.axvline(0, color=style.INK, linewidth=1)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(len(points) - 0.4, -0.6)
    axes.set_yticks(
        range(len(points)), [style.wrap(label, LABEL_WIDTH) for _, label, _ in points], fontsize=8
    )
    for tick, (name, _, _) in zip(axes.get_yticklabels(), points, strict=True):
        tick.set_fontweight("bold" if name == "primary" else "normal")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    level = formats.percent(source.plan.inference.level)
    unit = words.unit(outcome.unit, source.language)
    axes.set_xlabel(
        f"Effect in {unit}, {level} interval\n"
        "(grey: effects smaller than the smallest that matters)"
    )


def _data(
    exhibit: Exhibit, source: Source, outcome: Outcome, points: list[tuple[str, str, Estimate]]
) -> Table:
    unit = words.unit(outcome.unit, "en")
    rows = tuple(
        Row(
            id=name,
            cells=(
                table.text(label),
                *(
                    table.effect(getattr(e, field), decimals=outcome.decimals, unit=unit)
                    for field in FIELDS
                ),
                table.text(words.step(e.step, source.language)),
            ),
        )
        for name, label, e in points
    )
    columns = tuple(heads.column(source, name) for name in ("check", *FIELDS, "step"))
    linear = [e for _, _, e in points if e.step == "wcr_s"]
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(notes.inference(source, linear),) if linear else (),
        status=tuple(e.status for _, _, e in points),
    )


def _alt(points: list[tuple[str, str, Estimate]], outcome: Outcome, source: Source) -> str:
    estimates = [e for _, _, e in points]
    excludes = sum(e.ci_low > 0 or e.ci_high < 0 for e in estimates)
    low, high = estimates[0].estimate, estimates[-1].estimate
    top = next((e for name, _, e in points if name == "primary"), None)
    unit = words.short_unit(outcome.unit, source.language)
    primary = (
        f" The primary estimate is {formats.signed(top.estimate, outcome.decimals)} {unit}."
        if top
        else ""
    )
    return (
        f"Dots with intervals for {outcome.label.en}, one row per check, sorted by estimate, from"
        f" {formats.signed(low, outcome.decimals)} to {formats.signed(high, outcome.decimals)}"
        f" {unit}. {excludes} of {len(estimates)} intervals exclude zero.{primary}"
    )
