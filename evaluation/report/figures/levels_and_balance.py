"""Means by group and round, and the love plot: covariates before and after reweighting."""

import math
from collections.abc import Sequence
from dataclasses import replace

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.estimation.records import Estimate, Level
from evaluation.report.figures import typeface
from evaluation.report.figures.frame import NORMAL_95, Drawn, draws, line_style, order
from evaluation.report.figures.row_panels import (
    FigurePanel,
    Mark,
    PanelRow,
    heads,
    lay_rows,
    panel,
    scale,
)
from evaluation.report.figures.sheet import FAINT, MARGIN, SMALL, DrawingSheet
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Row, Table
from evaluation.report.prose import sentences, table_frame
from evaluation.report.sources import Source, find
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

PANEL_HEIGHT, PANEL_GAP = 1.75, 0.3
SIDE = 0.47  # inches of a panel for the values at its side
APART = 0.135  # inches between two values
TWO = 2


@draws
def levels_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Mean of each outcome by group and round, one panel per outcome, and the difference."""
    shown = levels_shown(exhibit, source)
    differences = _differences(exhibit, source, shown)
    return Drawn(
        plot=lambda sheet: _plot(sheet, source, shown, {o.id: x for o, x in differences}),
        message=source.wording("levels.headline"),
        subtitle=source.wording("levels.subtitle"),
        data=_levels_data(exhibit, source, shown),
        alt=_levels_alt(source, shown),
    )


Shown = list[tuple[Outcome, tuple[Level, ...]]]


def _differences(exhibit: Exhibit, source: Source, shown: Shown) -> list[tuple[Outcome, Estimate]]:
    """The estimate of each outcome, where it is the difference of the changes that are drawn."""
    name = next(iter(exhibit.specifications), source.plan.primary_specification().id)
    specification = source.specification(name)
    if specification.method != "did" or len(source.configuration.study.arm) != TWO:
        return []
    step = source.plan.read_by(specification)
    found = [(o, find(source, o.id, specification=specification, step=step)) for o, _ in shown]
    return [(o, e) for o, e in found if isinstance(e, Estimate)]


def _plot(
    sheet: DrawingSheet, source: Source, shown: Shown, differences: dict[str, Estimate]
) -> None:
    """A panel an outcome, three side by side where the sheet is wide."""
    study = source.configuration.study
    arms = [a.id for a in study.arm if any(x.arm == a.id for _, found in shown for x in found)]
    looks = [({**line_style(order(source, arm)), "markersize": 5}, source.arm(arm)) for arm in arms]
    sheet.legend(looks)
    across = 1 if sheet.narrow else min(3, len(shown))
    wide = (sheet.inside - PANEL_GAP * (across - 1)) / across
    for begin in range(0, len(shown), across):
        row, ends = shown[begin : begin + across], []
        lefts = [MARGIN + number * (wide + PANEL_GAP) for number in range(len(row))]
        heads(sheet, [_head(o, source.language) for o, _ in row], lefts, wide)
        top = sheet.top
        for left, (outcome, found) in zip(lefts, row, strict=True):
            sheet.top = top
            _panel(sheet, source, outcome, found, (left, wide), differences.get(outcome.id))
            ends.append(sheet.top)
        sheet.top = max(ends) + 0.1


def _head(outcome: Outcome, language: str) -> FigurePanel:
    """What stands over the panel of an outcome: levels go up and down, and have their own unit."""
    drawn = panel(outcome, language)
    upward = drawn.better.replace("→", "↑").replace("←", "↓")
    return replace(drawn, unit=words.level_unit(outcome.unit, language), better=upward)


def _panel(
    sheet: DrawingSheet,
    source: Source,
    outcome: Outcome,
    found: tuple[Level, ...],
    place: tuple[float, float],
    difference: Estimate | None,
) -> None:
    """The lines with their values, and the difference of the changes with its interval."""
    language, (left, wide) = source.language, place
    _draw_levels(sheet, source, outcome, found, place)
    sheet.top += height(sheet) + 0.27
    if difference is not None:
        amount = number_format.signed(difference.estimate, outcome.decimals, language)
        shown = words.with_unit(amount, outcome.unit, language)
        bounds = sentences.interval(difference, outcome, language=language, begun=True)
        said = source.wording("levels.difference", amount=shown, interval=bounds)
        kept = typeface.broken(said, wide, SMALL, bold=True)
        sheet.top = sheet.lines(kept, left, sheet.top, size=SMALL, fontweight="bold")


def height(sheet: DrawingSheet) -> float:
    """Height of a panel: less where one stands under the other."""
    return 0.75 * PANEL_HEIGHT if sheet.narrow else PANEL_HEIGHT


def _draw_levels(
    sheet: DrawingSheet,
    source: Source,
    outcome: Outcome,
    found: tuple[Level, ...],
    place: tuple[float, float],
) -> None:
    study, language, (left, wide) = source.configuration.study, source.language, place
    rounds = [r.id for r in study.round if any(x.round == r.id for x in found)]
    arms = [a.id for a in study.arm if any(x.arm == a.id for x in found)]
    axes = sheet.panel(left, wide, height(sheet))
    last = len(rounds) - 1
    room = SIDE / (wide - 2 * SIDE) * max(last, 1)
    cells = [x for x in found if math.isfinite(x.mean)]
    # a twentieth of an inch between the bars of two groups
    step = 0.05 / (wide - 2 * SIDE) * max(last, 1)
    beside = 0.05 * 72 * (len(arms) - 1) / 2 + 6
    for position, arm in enumerate(arms):
        here = [x for x in cells if x.arm == arm]
        shift = step * (position - (len(arms) - 1) / 2)
        axes.errorbar(
            [rounds.index(x.round) + shift for x in here],
            [x.mean for x in here],
            yerr=[NORMAL_95 * x.std_error for x in here],
            linewidth=1.8, markersize=5.5, elinewidth=1.2,
            **line_style(order(source, arm)),
        )  # fmt: skip
    axes.set_xticks(range(len(rounds)), [source.round_name(r) for r in rounds])
    axes.set_xlim(-room, last + room)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    low, high = axes.get_ylim()
    gap = APART / height(sheet) * (high - low)
    for number, side in ((0, "right"), (last, "left")) if rounds else ():
        here = sorted((x for x in cells if x.round == rounds[number]), key=lambda x: x.mean)
        heights = _apart([x.mean for x in here], gap)
        # no value stands on the line under the panel
        low = min([low, *(at - gap for at in heights[:1])])
        for x, at in zip(here, heights, strict=True):
            axes.annotate(
                number_format.plain(x.mean, outcome.decimals, language), (number, at),
                (-beside if side == "right" else beside, 0), textcoords="offset points", ha=side,
                va="center", fontsize=SMALL, color=line_style(order(source, x.arm))["color"],
                fontweight="bold",
            )  # fmt: skip
    axes.set_ylim(low, high)


def _apart(values: Sequence[float], gap: float) -> list[float]:
    """Rising positions near rising values, each at least a gap above the one before."""
    groups: list[list[float]] = []
    for value in values:
        groups.append([value])
        while len(groups) > 1 and _begin(groups[-1], gap) - _end(groups[-2], gap) < gap:
            groups[-2:] = [groups[-2] + groups[-1]]
    return [_begin(group, gap) + gap * n for group in groups for n in range(len(group))]


def _begin(group: Sequence[float], gap: float) -> float:
    return math.fsum(group) / len(group) - gap * (len(group) - 1) / 2


def _end(group: Sequence[float], gap: float) -> float:
    return _begin(group, gap) + gap * (len(group) - 1)


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


@draws
def love_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """One row per covariate: its difference in SD as it is and after each check.

    Raises
    ------
    ReportError
        As the table of reweighted comparisons.
    """
    checks = reweighted(exhibit, source)
    shown = [v for v in variables(checks) if before(checks, v) is not None]
    large = number_format.shortest(LARGE, source.language)
    said = " ".join(sentence(source, one) for one in checks)
    return Drawn(
        plot=lambda sheet: _plot_gaps(sheet, checks, shown, source),
        message=source.wording("comparison.headline", n=len(shown)),
        subtitle=source.wording("comparison.figure-axis", large=large),
        data=covariate_balance(exhibit, source),
        alt=_alt(checks, shown, source, said),
    )


def _plot_gaps(
    sheet: DrawingSheet, checks: tuple[Reweighted, ...], shown: list[str], source: Source
) -> None:
    series = [(table_frame.head(source, "before"), {v: before(checks, v) for v in shown})]
    series += [(one.label, {v: g[1] for v, g in one.gaps.items()}) for one in checks if one.gaps]
    looks = [{**line_style(n), "linestyle": "none", "markersize": 6} for n in range(len(series))]
    sheet.legend([(look, label) for look, (label, _) in zip(looks, series, strict=True)])
    for one in (one for one in checks if not one.gaps):
        sheet.say(source.wording("comparison.figure-absent", check=one.label), size=SMALL)
    rows = [PanelRow(label=variable_label(source, v), marks={"": Mark()}) for v in shown]
    left, top = (MARGIN if sheet.narrow else 2.6), sheet.top
    middles, height = lay_rows(sheet, rows, names=2.6)
    wide = sheet.width - MARGIN - left
    axes = sheet.rows(left, wide, height, top=top)
    every = [abs(gap) for _, gaps in series for gap in gaps.values() if gap]
    half = 1.15 * max([*every, LARGE])
    scale(axes, (-half, half), wide)
    for edge in (-LARGE, LARGE):
        axes.axvline(edge, color=FAINT, linewidth=1, linestyle=":")
    for look, (_, gaps) in zip(looks, series, strict=True):
        placed = [
            (gap, y)
            for v, y in zip(shown, middles, strict=True)
            if (gap := gaps.get(v)) is not None
        ]
        axes.plot([x for x, _ in placed], [y for _, y in placed], zorder=3, **look)
    sheet.top += 0.24


def _alt(checks: tuple[Reweighted, ...], shown: list[str], source: Source, said: str) -> str:
    rows = [_spoken(checks, name, source) for name in shown]
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
