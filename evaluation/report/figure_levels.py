"""Figure of levels: means of an outcome by group and round."""

import math

from matplotlib.axes import Axes

from evaluation.locale.messages import wording
from evaluation.report import figure_style as style
from evaluation.report import formats, heads, table, words
from evaluation.report.figure_frame import NORMAL_95, finish, order
from evaluation.report.sources import Source
from evaluation.report.table import Row, Table
from evaluation.report.table_levels import levels_shown
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Level


@style.draws
def levels_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """Mean of each outcome by group and round, one panel per outcome."""
    shown = levels_shown(exhibit, source)
    across = min(3, len(shown))
    down = math.ceil(len(shown) / across)
    with style.applied():
        figure = style.canvas(1.1 + 2.7 * down)
        panels = figure.subplots(down, across, squeeze=False).ravel()
        for axes, (outcome, found) in zip(panels, shown, strict=False):
            _draw_levels(axes, source, outcome, found)
        for axes in panels[len(shown) :]:
            axes.set_visible(False)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 2))
        data = _levels_data(exhibit, source, shown)
        return finish(figure, exhibit, source, data=data, alt=_levels_alt(source, shown))


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
    columns = tuple(
        heads.column(source, name)
        for name in ("outcome", "arm", "round", "unit", "mean", "std_error", "n", "n_clusters")
    )
    rows = tuple(_level_row(source, outcome, x) for outcome, found in shown for x in found)
    language = source.language
    note = wording("levels.bars", language, times=formats.shortest(NORMAL_95, language))
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=(note,))


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
            f" {formats.plain(x.mean, outcome.decimals, language)} {unit}"
            for x in found
            if math.isfinite(x.mean)
        )
        said.append(f"{outcome.label[language]}: {cells}.")
    return wording("levels.alt", language, said=" ".join(said))
