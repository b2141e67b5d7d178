"""How far each check moves each primary estimate, and its interval as trends differ more."""

from collections.abc import Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from evaluation.locale.messages import wording
from evaluation.report import check_rows as records
from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import Drawn, absent
from evaluation.report.figures.row_panels import Look, Mark, PanelRow, draw_rows
from evaluation.report.formats import number_format, table, words
from evaluation.report.robustness_rows import (
    Benchmark,
    DifferenceLine,
    Entry,
    Sensitivity,
    benchmark_order,
    differences,
    entries,
    heading,
    sensitivity,
)
from evaluation.report.sources import Source
from evaluation.report.tables.robustness import robustness, sentence
from evaluation.report.tables.sensitivity import breakdown
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Bound, Unavailable

ROW_INCHES = 0.34
SEPARATE = 0.4  # rows of empty space between doubts
LOOK = Look(
    line={"color": style.COLOURS[0], "linewidth": 1.4},
    point={"color": style.COLOURS[0], "marker": style.MARKERS[1], "ms": 5},
    label_width=48,
    title_width=15,
    label_size=7.5,
    ticks=4,
)


@style.draws
def specification_curve(exhibit: Exhibit, source: Source) -> Drawn:
    """A panel per outcome; the zero line is the primary estimate."""
    outcomes, chosen = source.outcomes_of(exhibit), entries(exhibit, source)
    rows = _panel_rows(source, chosen, outcomes)
    figure = style.canvas(2.2 + ROW_INCHES * (rows[-1].position if rows else 1.0))
    draw_rows(figure, rows, outcomes, LOOK, source)
    level = number_format.percent(source.plan.inference.level, source.language)
    main, base = (p.primary_specification().id for p in (source.plan, source.plan.checked()))
    axis = "robustness-axis" if main == base else "robustness-axis-of"
    said = source.wording(axis, level=level)
    figure.supxlabel(style.wrap(said, 96), fontsize=9.5)
    return Drawn(figure, data=robustness(exhibit, source), alt=_curve_alt(source, outcomes))


def _panel_rows(
    source: Source, chosen: Sequence[Entry], outcomes: Sequence[Outcome]
) -> list[PanelRow]:
    found: list[PanelRow] = []
    position, before = 0.0, ""
    for entry in chosen:
        lines = {o.id: differences(source, entry, o) for o in outcomes}
        rows = _rows(source, entry, lines)
        if not rows:
            continue
        group = heading(source, entry)
        if group != before:
            position += SEPARATE if found else 0.0
            found.append(PanelRow(label=group, position=position))
            position, before = position + 1, group
        for label, marks in rows:
            found.append(PanelRow(label=label, position=position, marks=marks))
            position += 1
    return found


def _rows(
    source: Source, entry: Entry, lines: dict[str, tuple[DifferenceLine, ...]]
) -> list[tuple[str, dict[str, Mark]]]:
    """Label and marks by outcome of an entry's rows."""
    if isinstance(entry, Check) and entry.declared.one_line:
        label = entry.label[source.language]
        return [(label, {outcome: _range(source, made) for outcome, made in lines.items()})]
    labels = {x.id: x.label for made in lines.values() for x in made}
    return [
        (
            label,
            {o: _mark(source, x) for o, made in lines.items() for x in made if x.id == name},
        )
        for name, label in labels.items()
    ]


def _mark(source: Source, line: DifferenceLine) -> Mark:
    if isinstance(line.found, Unavailable):
        return Mark(remark=absent(line.found.reason, source.language))
    one = line.found
    return Mark(low=one.ci_low, high=one.ci_high, point=one.difference)


def _range(source: Source, lines: Sequence[DifferenceLine]) -> Mark:
    shown = [x.shown.difference for x in lines if x.shown is not None]
    if shown:
        return Mark(low=min(shown), high=max(shown))
    return _mark(source, lines[0]) if lines else Mark()


def _curve_alt(source: Source, outcomes: Sequence[Outcome]) -> str:
    said = [sentence(source, o) for o in outcomes]
    sentences = " ".join(x for x in said if x is not None)
    return source.wording("robustness-alt", said=sentences).rstrip()


PANEL_INCHES, LINE_INCHES = 2.35, 0.2
LETTERS, LETTER_WIDTH = "ABCDEFGHIJKL", 84
BREAKDOWN_COLOUR, WIDENED_COLOUR, FIXED_COLOUR = (
    style.COLOURS[2],
    style.COLOURS[0],
    style.COLOURS[1],
)
BETWEEN = "#c9dcea"  # the range of effects: the blue of the estimate, faint
AIR = 1.12
COVARIATE = "covariate_"


@style.draws
def breakdown_plot(exhibit: Exhibit, source: Source) -> Drawn:
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
    height = 0.9 + PANEL_INCHES * len(found) + LINE_INCHES * (len(letters) + 4)
    figure = style.canvas(height)
    for number, (outcome, one) in enumerate(found):
        axes = figure.add_subplot(len(found), 1, number + 1)
        axes.set_title(outcome.label[source.language], pad=16)
        if isinstance(one, Sensitivity):
            _draw_breakdown(axes, one, letters, source)
        else:
            _say(axes, one)
    axes.set_xlabel(source.wording("breakdown.axis"))
    if panels:
        legend = _legend(panels, letters, source.language)
        figure.legend(*legend, loc="outside lower left", ncols=1, fontsize=9)
    return Drawn(
        figure,
        data=breakdown(exhibit, source),
        alt=" ".join(_breakdown_alt(outcome, one, source) for outcome, one in found),
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


def _draw_breakdown(axes: Axes, one: Sensitivity, letters: dict[str, str], source: Source) -> None:
    drawn = _drawn(one)
    first = one.primary
    farthest = AIR * max([m for _, m, _ in drawn] + [one.breakdown_point, one.breakdown])
    ends, m = (first.ci_low, first.ci_high), [0.0, farthest]
    axes.fill_between(
        m,
        [first.estimate, first.estimate - farthest],
        [first.estimate, first.estimate + farthest],
        color=BETWEEN,
        linewidth=0,
        zorder=0,
    )
    axes.plot(m, [first.estimate] * 2, color=BREAKDOWN_COLOUR, linewidth=1.6)
    for end, sign in zip(ends, (-1, 1), strict=True):
        axes.plot(m, [end, end + sign * farthest], color=WIDENED_COLOUR, linewidth=1.6)
    axes.axhline(0, color=style.INK, linewidth=0.8)
    axes.set_xlim(0, farthest)
    _mark_benchmarks(axes, drawn, letters)
    _mark_breakdown(axes, one)
    unit = words.short_unit(one.outcome.unit, source.language)
    axes.set_ylabel(source.wording("breakdown.panel", unit=unit))


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
        color=BREAKDOWN_COLOUR,
        ms=7,
        zorder=5,
    )


def _legend(
    panels: list[Sensitivity], letters: dict[str, str], language: str
) -> tuple[list[Line2D], list[str]]:
    """Handles and texts: what lines and marks are, then the letters."""
    level = number_format.percent(panels[0].primary.level, language)
    looks = [
        (_handle(BREAKDOWN_COLOUR, "-", ""), "breakdown.estimate-line"),
        (_handle(WIDENED_COLOUR, "-", "_"), "breakdown.widened-line"),
        (_handle(FIXED_COLOUR, "", "D"), "breakdown.fixed-line"),
        (_handle(WIDENED_COLOUR, "", "o"), "breakdown.of-interval"),
        (
            _handle(BREAKDOWN_COLOUR, "", "o", inside="white"),
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


def _breakdown_alt(outcome: Outcome, one: Sensitivity | str, source: Source) -> str:
    language, decimals = source.language, outcome.decimals
    if isinstance(one, str):
        return f"{outcome.label[language]}: {one}."
    first = one.primary
    return source.wording(
        "breakdown.alt",
        outcome=outcome.label[language],
        level=number_format.percent(first.level, language),
        interval=number_format.interval(first.ci_low, first.ci_high, decimals, language),
        unit=words.short_unit(outcome.unit, language),
        widened=_widened(outcome, one, language),
        breakdown=number_format.plain(one.breakdown, decimals, language),
        point=number_format.plain(one.breakdown_point, decimals, language),
    )


def _widened(outcome: Outcome, one: Sensitivity, language: str) -> str:
    """What each benchmark makes of the interval; nothing where there is none."""
    said = [
        wording(
            "breakdown.with",
            language,
            benchmark=y.label,
            m=number_format.plain(m, outcome.decimals, language),
            interval=number_format.interval(b.ci_low, b.ci_high, outcome.decimals, language),
        )
        for y, m, b in _drawn(one)
    ]
    return wording("breakdown.widens", language, said="; ".join(said)) if said else ""
