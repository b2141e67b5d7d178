"""The interval as a function of how far trends may differ, with the benchmarks marked on it."""

from typing import Literal

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from evaluation.locale.messages import wording
from evaluation.report import check_records as records
from evaluation.report import figure_style as style
from evaluation.report import formats, table, words
from evaluation.report.breakdown_values import (
    Benchmark,
    Sensitivity,
    benchmark_order,
    sensitivity,
)
from evaluation.report.figure_frame import finish
from evaluation.report.sources import Source
from evaluation.report.table_breakdown import breakdown
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Bound, Unavailable

PANEL_INCHES, LINE_INCHES = 2.35, 0.2
LETTERS, LETTER_WIDTH = "ABCDEFGHIJKL", 84
POINT_COLOUR, WIDENED_COLOUR, FIXED_COLOUR = style.COLOURS[2], style.COLOURS[0], style.COLOURS[1]
BETWEEN = "#c9dcea"  # the range of effects: the blue of the estimate, faint
AIR = 1.12
COVARIATE = "covariate_"


@style.draws
def breakdown_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """One panel per outcome: effect and interval against M, benchmarks as lettered lines.

    Raises
    ------
    ReportError
        As the table of breakdown values.
    """
    found = [
        (outcome, _panel(source, sensitivity(source, check, outcome)))
        for check in records.checks_of(source, "two_round_sensitivity")
        for outcome in records.outcomes_of(exhibit, source, check)
    ]
    panels = [one for _, one in found if isinstance(one, Sensitivity)]
    letters = _letters(panels)
    with style.applied():
        height = 0.9 + PANEL_INCHES * len(found) + LINE_INCHES * (len(letters) + 4)
        figure = style.canvas(height)
        for number, (outcome, one) in enumerate(found):
            axes = figure.add_subplot(len(found), 1, number + 1)
            axes.set_title(outcome.label[source.language], pad=16)
            if isinstance(one, Sensitivity):
                _draw(axes, one, letters, source)
            else:
                _say(axes, one)
        axes.set_xlabel(wording("breakdown.axis", source.language))
        if panels:
            legend = _legend(panels, letters, source.language)
            figure.legend(*legend, loc="outside lower left", ncols=1, fontsize=9)
        return finish(
            figure,
            exhibit,
            source,
            data=breakdown(exhibit, source),
            alt=" ".join(_alt(outcome, one, source) for outcome, one in found),
        )


def _panel(source: Source, one: Sensitivity | Unavailable) -> Sensitivity | str:
    """What a panel draws, or the words that stand there instead."""
    if isinstance(one, Unavailable):
        return table.unavailable(one.reason, source.language).text
    return one


def _say(axes: Axes, reason: str) -> None:
    """A panel that holds words only."""
    style.quiet(axes)
    said = style.wrap(reason, LETTER_WIDTH)
    axes.text(0.5, 0.5, said, ha="center", va="center", transform=axes.transAxes)


def _drawn(one: Sensitivity) -> list[tuple[Benchmark, float, Bound]]:
    """Benchmarks that bound something; of the covariates only the one that moves most."""
    covariates = [y for y in one.benchmarks if y.name.startswith(COVARIATE)]
    smaller = sorted(covariates, key=lambda y: y.m or 0.0)[:-1]
    return [
        (y, y.m, y.widened)
        for y in one.benchmarks
        if y.m and isinstance(y.widened, Bound) and y not in smaller
    ]


def _letters(panels: list[Sensitivity]) -> dict[str, str]:
    """Letter of each benchmark, the same in every panel."""
    names = dict.fromkeys(y.name for one in panels for y, _, _ in _drawn(one))
    return dict(zip(sorted(names, key=benchmark_order), LETTERS, strict=False))


def _draw(axes: Axes, one: Sensitivity, letters: dict[str, str], source: Source) -> None:
    drawn = _drawn(one)
    first = one.primary
    reach = AIR * max([m for _, m, _ in drawn] + [one.breakdown_point, one.breakdown])
    ends, m = (first.ci_low, first.ci_high), [0.0, reach]
    axes.fill_between(
        m,
        [first.estimate, first.estimate - reach],
        [first.estimate, first.estimate + reach],
        color=BETWEEN,
        linewidth=0,
        zorder=0,
    )
    axes.plot(m, [first.estimate] * 2, color=POINT_COLOUR, linewidth=1.6)
    for end, sign in zip(ends, (-1, 1), strict=True):
        axes.plot(m, [end, end + sign * reach], color=WIDENED_COLOUR, linewidth=1.6)
    axes.axhline(0, color=style.INK, linewidth=0.8)
    axes.set_xlim(0, reach)
    _mark_benchmarks(axes, drawn, letters)
    _mark_breakdown(axes, one)
    unit = words.short_unit(one.outcome.unit, source.language)
    axes.set_ylabel(wording("breakdown.panel", source.language, unit=unit))


def _mark_benchmarks(
    axes: Axes, drawn: list[tuple[Benchmark, float, Bound]], letters: dict[str, str]
) -> None:
    for benchmark, m, widened in drawn:
        axes.axvline(m, color=style.FAINT, linewidth=1, linestyle=":")
        axes.plot([m] * 2, [widened.ci_low, widened.ci_high], "_", color=WIDENED_COLOUR, ms=9)
        if isinstance(benchmark.fixed, Bound):
            limits = [benchmark.fixed.ci_low, benchmark.fixed.ci_high]
            axes.plot([m] * 2, limits, "D", color=FIXED_COLOUR, ms=4.5)
        axes.text(
            m,
            1.01,
            letters[benchmark.name],
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=9.5,
            fontweight="bold",
        )


def _mark_breakdown(axes: Axes, one: Sensitivity) -> None:
    """Where the interval, and where the range of effects, reaches zero."""
    axes.plot(one.breakdown, 0, marker="o", color=WIDENED_COLOUR, ms=8, clip_on=False, zorder=5)
    axes.plot(
        one.breakdown_point,
        0,
        marker="o",
        markerfacecolor="white",
        color=POINT_COLOUR,
        ms=7,
        zorder=5,
    )


def _legend(
    panels: list[Sensitivity], letters: dict[str, str], language: str
) -> tuple[list[Line2D], list[str]]:
    """Handles and texts: what lines and marks are, then the letters."""
    level = formats.percent(panels[0].primary.level, language)
    looks = [
        (_handle(POINT_COLOUR, "-", ""), "breakdown.estimate-line"),
        (_handle(WIDENED_COLOUR, "-", "_"), "breakdown.widened-line"),
        (_handle(FIXED_COLOUR, "", "D"), "breakdown.fixed-line"),
        (_handle(WIDENED_COLOUR, "", "o"), "breakdown.of-interval"),
        (
            _handle(POINT_COLOUR, "", "o", inside="white"),
            "breakdown.of-estimate",
        ),
    ]
    marks = [(handle, wording(said, language, level=level)) for handle, said in looks]
    labels = {y.name: y.label for one in panels for y, _, _ in _drawn(one)}
    named = [
        (_handle(style.FAINT, ":", ""), style.wrap(f"{letter}: {labels[name]}", LETTER_WIDTH))
        for name, letter in letters.items()
    ]
    handles, texts = zip(*marks, *named, strict=True)
    return list(handles), list(texts)


def _handle(colour: str, line: Literal["-", ":", ""], marker: str, *, inside: str = "") -> Line2D:
    return Line2D(
        [], [], color=colour, linestyle=line, marker=marker, markerfacecolor=inside or colour
    )


def _alt(outcome: Outcome, one: Sensitivity | str, source: Source) -> str:
    language, decimals = source.language, outcome.decimals
    if isinstance(one, str):
        return f"{outcome.label[language]}: {one}."
    first = one.primary
    return wording(
        "breakdown.alt",
        language,
        outcome=outcome.label[language],
        level=formats.percent(first.level, language),
        interval=formats.interval(first.ci_low, first.ci_high, decimals, language),
        unit=words.short_unit(outcome.unit, language),
        widened=_widened(outcome, one, language),
        breakdown=formats.plain(one.breakdown, decimals, language),
        point=formats.plain(one.breakdown_point, decimals, language),
    )


def _widened(outcome: Outcome, one: Sensitivity, language: str) -> str:
    """What each benchmark makes of the interval; nothing where there is none."""
    said = [
        wording(
            "breakdown.with",
            language,
            benchmark=y.label,
            m=formats.plain(m, outcome.decimals, language),
            interval=formats.interval(b.ci_low, b.ci_high, outcome.decimals, language),
        )
        for y, m, b in _drawn(one)
    ]
    return wording("breakdown.widens", language, said="; ".join(said)) if said else ""
