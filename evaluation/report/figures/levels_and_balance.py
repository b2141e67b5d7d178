"""Means by group and round, and the love plot: covariates before and after reweighting."""

import math

from matplotlib.axes import Axes

from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import NORMAL_95, Drawn, order
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Row, Table
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.report.tables.balance import LARGE
from evaluation.report.tables.comparison import (
    Reweighted,
    before,
    covariate_balance,
    reweighted,
    sentence,
    variable_label,
    variables,
)
from evaluation.report.tables.levels_and_attrition import levels_shown
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome
from evaluation.study.records import Level


@style.draws
def levels_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Mean of each outcome by group and round, one panel per outcome."""
    shown = levels_shown(exhibit, source)
    across = min(3, len(shown))
    down = math.ceil(len(shown) / across)
    figure = style.canvas(1.1 + 2.7 * down)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes, (outcome, found) in zip(panels, shown, strict=False):
        _draw_levels(axes, source, outcome, found)
    for axes in panels[len(shown) :]:
        axes.set_visible(False)
    style.legend_below(figure, panels[:1], columns=2)
    data = _levels_data(exhibit, source, shown)
    return Drawn(figure, data=data, alt=_levels_alt(source, shown))


TITLE_CHARACTERS = 24


def _title(label: str) -> str:
    """A label on several lines; what stands in brackets is not torn apart."""
    name, bracket, rest = label.partition(" (")
    whole = f"({rest}" if bracket else ""
    lines = style.wrap(name, TITLE_CHARACTERS).split("\n")
    if whole and len(lines[-1]) + len(whole) < TITLE_CHARACTERS:
        lines[-1] = f"{lines[-1]} {whole}"
    elif whole:
        lines.append(style.wrap(whole, TITLE_CHARACTERS))
    return "\n".join(lines)


Shown = list[tuple[Outcome, tuple[Level, ...]]]


def _draw_levels(axes: Axes, source: Source, outcome: Outcome, found: tuple[Level, ...]) -> None:
    study = source.configuration.study
    rounds = [r.id for r in study.round if any(x.round == r.id for x in found)]
    arms = [a.id for a in study.arm if any(x.arm == a.id for x in found)]
    for position, arm in enumerate(arms):
        cells = [x for x in found if x.arm == arm and math.isfinite(x.mean)]
        shift = 0.09 * (position - (len(arms) - 1) / 2)
        axes.errorbar(
            [rounds.index(x.round) + shift for x in cells],
            [x.mean for x in cells],
            yerr=[NORMAL_95 * x.std_error for x in cells],
            label=source.arm(arm),
            linewidth=1.8,
            markersize=6,
            capsize=3,
            **style.line_style(order(source, arm)),
        )
    title = _title(outcome.label[source.language])
    # set at the panel's left edge, over the numbers of its axis, where there is room
    axes.set_title(title, fontsize=9.5, x=-0.2)
    axes.set_xticks(range(len(rounds)), [source.round_name(r) for r in rounds])
    axes.set_xlim(-0.35, len(rounds) - 0.65)
    axes.set_ylabel(words.level_unit(outcome.unit, source.language))


def _levels_data(exhibit: Exhibit, source: Source, shown: Shown) -> Table:
    columns = ("outcome", "arm", "round", "unit", "mean", "std_error", "n", "n_clusters")
    rows = tuple(_level_row(source, outcome, x) for outcome, found in shown for x in found)
    language = source.language
    note = source.wording("levels.bars", times=number_format.shortest(NORMAL_95, language))
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=(note,))


def _level_row(source: Source, outcome: Outcome, level: Level) -> Row:
    lead = (
        table.text(outcome.label[source.language]),
        table.text(source.arm(level.arm)),
        table.text(source.round(level.round)),
        table.text(words.level_unit(outcome.unit, source.language)),
    )
    identifier = f"{outcome.id}-{level.arm}-{level.round}"
    means = (
        table.number(x, decimals=outcome.decimals, unit=words.level_unit(outcome.unit, "en"))
        for x in (level.mean, level.std_error)
    )
    return Row(
        id=identifier,
        cells=(*lead, *means, table.count(level.n), table.count(level.n_clusters)),
    )


def _levels_alt(source: Source, shown: Shown) -> str:
    said, language = [], source.language
    for outcome, found in shown:
        unit = words.level_unit(outcome.unit, language)
        cells = "; ".join(
            f"{source.arm(x.arm)}, {source.round(x.round)}:"
            f" {number_format.plain(x.mean, outcome.decimals, language)} {unit}"
            for x in found
            if math.isfinite(x.mean)
        )
        said.append(f"{outcome.label[language]}: {cells}.")
    return source.wording("levels.alt", said=" ".join(said))


ROW_INCHES, LABEL_WIDTH = 0.5, 34
OFFSET = 0.16  # of a row, so that marks at one place can be told apart


@style.draws
def love_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """One row per covariate: its difference in SD as it is and after each check.

    Raises
    ------
    ReportError
        As the table of reweighted comparisons.
    """
    checks = reweighted(exhibit, source)
    shown = [v for v in variables(checks) if before(checks, v) is not None]
    figure = style.canvas(2.0 + ROW_INCHES * max(len(shown), 1) + 0.22 * len(checks))
    axes = figure.add_subplot()
    _draw(axes, checks, shown, source)
    if shown:
        figure.legend(loc="outside lower center", ncols=1)
    return Drawn(figure, data=covariate_balance(exhibit, source), alt=_alt(checks, shown, source))


def _draw(axes: Axes, checks: tuple[Reweighted, ...], shown: list[str], source: Source) -> None:
    series = [(table_frame.head(source, "before"), {v: before(checks, v) for v in shown})]
    series += [(one.label, {v: g[1] for v, g in one.gaps.items()}) for one in checks if one.gaps]
    for number, (label, gaps) in enumerate(series):
        placed = [
            (gap, row + OFFSET * (number - (len(series) - 1) / 2))
            for row, name in enumerate(shown)
            if (gap := gaps.get(name)) is not None
        ]
        look = {**style.line_style(number), "linestyle": "none", "markersize": 7}
        axes.plot([x for x, _ in placed], [y for _, y in placed], label=label, **look)
    for one in checks:
        if not one.gaps:
            absent = source.wording("comparison.figure-absent", check=one.label)
            axes.plot([], [], linestyle="none", label=absent)
    for row in range(len(shown)):
        axes.axhline(row, color=style.BAND, linewidth=1, zorder=0)
    axes.axvline(0, color=style.INK, linewidth=1)
    half_width = 1.15 * max([abs(g) for _, gaps in series for g in gaps.values() if g] + [LARGE])
    for edge in (-LARGE, LARGE):
        axes.axvline(edge, color=style.FAINT, linewidth=1, linestyle=":")
    axes.set_xlim(-half_width, half_width)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    labels = [style.wrap(variable_label(source, name), LABEL_WIDTH) for name in shown]
    axes.set_yticks(range(len(shown)), labels)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    large = number_format.shortest(LARGE, source.language)
    axes.set_xlabel(source.wording("comparison.figure-axis", large=large))


def _alt(checks: tuple[Reweighted, ...], shown: list[str], source: Source) -> str:
    rows = [_spoken(checks, name, source) for name in shown]
    said = " ".join(sentence(source, one) for one in checks)
    return source.wording(
        "comparison.figure-alt",
        rows="; ".join(rows) or source.wording("comparison.figure-empty"),
        said=said,
    )


def _spoken(checks: tuple[Reweighted, ...], name: str, source: Source) -> str:
    start, language = before(checks, name), source.language
    after = [
        f"{number_format.signed(one.gaps[name][1], 2, language)} ({one.label})"
        for one in checks
        if name in one.gaps
    ]
    return source.wording(
        "comparison.figure-row",
        covariate=variable_label(source, name),
        before=number_format.signed(start, 2, language) if start is not None else "",
        after=", ".join(after),
    )
