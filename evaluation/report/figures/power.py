"""Power by effect, and detectable effects by size: of a planned round and of this study."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from evaluation.config.design_records import PlannedPower
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.config.toml_reader import Text
from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report.figures.frame import (
    COLOURS,
    LINES,
    Around,
    Drawn,
    draws,
    line_style,
    pictures,
)
from evaluation.report.figures.row_panels import TITLE
from evaluation.report.figures.sheet import FAINT, INK, MARGIN, SMALL, DrawingSheet
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Row, Table
from evaluation.report.formats.words import labelled
from evaluation.report.prose import headlines, table_frame
from evaluation.report.sources import Source

TARGET = 0.8
LOOK = ("color", "linestyle", "marker", "markersize")  # of a line, in a legend
PANEL_INCHES, AXIS = 1.9, 0.4

METHODS = ("closed form", "cluster changes drawn", "respondents drawn")
# Dashes of the plan's two effects.
MARKED = {"assumed": (1, 1.5), "smallest that matters": (4, 2)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure as two pictures and the words that stand for it."""

    svg: bytes
    png: bytes
    alt: str


def power_curves(
    rows: Sequence[PlannedPower], outcomes: Sequence[Outcome], *, mark: str, language: str
) -> Drawing:
    """Power against the size of the effect, one panel an outcome, one line a method.

    A method without rows, as one that does not answer for the planned design, has no line.

    Parameters
    ----------
    rows : sequence of PlannedPower
    outcomes : sequence of Outcome
        Give the order and labels of the panels.
    mark : str
        The study's mark, such as of invented data; empty for none.
    language : str
    """
    return _stacked(rows, outcomes, _draw_power, mark=mark, language=language, kind="power_curves")


def detectable_curves(
    rows: Sequence[PlannedPower], outcomes: Sequence[Outcome], *, mark: str, language: str
) -> Drawing:
    """Minimum detectable effect against respondents, one line a number of clusters.

    Parameters
    ----------
    rows : sequence of PlannedPower
    outcomes : sequence of Outcome
    mark : str
    language : str
    """
    return _stacked(
        rows, outcomes, draw_detectable, mark=mark, language=language, kind="detectable_effects"
    )


def _stacked(
    rows: Sequence[PlannedPower],
    outcomes: Sequence[Outcome],
    draw: Callable[[Axes, Sequence[PlannedPower], Outcome, str], None],
    *,
    mark: str,
    language: str,
    kind: str,
) -> Drawing:
    """One panel an outcome, under a common legend and the study's mark."""

    def draw_one(axes: Axes, outcome: Outcome) -> None:
        draw(axes, [r for r in rows if r.outcome == outcome.id], outcome, language)

    alt = _alt(rows, outcomes, mark, language)
    picture = pictures(
        lambda sheet: plot_panels(sheet, outcomes, draw_one),
        Around(
            message=wording(f"power-figure.{kind}.title", language),
            subtitle=wording(f"power-figure.{kind}.subtitle", language),
            banner=words.banner(mark, language),
        ),
        name=kind,
        alt=alt,
        language=language,
    )
    return Drawing(svg=picture.svg, png=picture.png, alt=alt)


def plot_panels(
    sheet: DrawingSheet, outcomes: Sequence[Outcome], draw: Callable[[Axes, Outcome], None]
) -> None:
    """A panel an outcome, one under the other, below one legend for all.

    Parameters
    ----------
    sheet : DrawingSheet
    outcomes : sequence of Outcome
    draw : callable
        Draws on the axes of an outcome; its labels make the legend.
    """
    left, wide = MARGIN + AXIS, sheet.inside - AXIS - 0.08
    begin, panels = sheet.top, []
    for outcome in outcomes:
        axes = sheet.panel(left, wide, PANEL_INCHES)
        draw(axes, outcome)
        axes.set_xlim(left=0)
        panels.append(axes)
    entries: dict[str, dict[str, Any]] = {}
    for axes in panels:
        for line, label in zip(*axes.get_legend_handles_labels(), strict=True):
            look = {k: getattr(line, f"get_{k}")() for k in LOOK}
            entries.setdefault(label, look)
    sheet.legend([(look, label) for label, look in entries.items()])
    sheet.top += 0.05
    for axes, outcome in zip(panels, outcomes, strict=True):
        sheet.say(words.begun(outcome.label[sheet.language]), size=TITLE, bold=True)
        sheet.say(axes.get_ylabel(), size=SMALL, color=FAINT)
        axes.set_ylabel("")
        sheet.top += 0.06
        sheet.move(axes, sheet.top)
        sheet.top += PANEL_INCHES + 0.5
    sheet.top = sheet.top if outcomes else begin


def _draw_power(axes: Axes, rows: Sequence[PlannedPower], outcome: Outcome, language: str) -> None:
    for position, method in enumerate(METHODS):
        curve = [r for r in rows if r.method == method and r.effect_from == "curve"]
        if not curve:
            continue
        axes.plot(
            [r.effect for r in curve],
            [r.power for r in curve],
            label=wording(f"power-figure.method.{method}", language),
            color=COLOURS[position],
            linestyle=LINES[(position + 1) % len(LINES)],
            linewidth=1.6,
        )
    axes.axhline(TARGET, color=FAINT, linewidth=0.8)
    for name, dashes in MARKED.items():
        label = wording(f"power-figure.marked.{name}", language)
        found = [r.effect for r in rows if r.method == "closed form" and r.effect_from == name]
        for effect in found:
            axes.axvline(effect, color=INK, linewidth=1, linestyle=(0, dashes), label=label)
    axes.set_ylim(0, 1.02)
    axes.set_ylabel(wording("power-figure.power", language))
    axes.set_xlabel(
        f"{wording('power-figure.effect', language)} ({words.unit(outcome.unit, language)})"
    )


def draw_detectable(
    axes: Axes,
    rows: Sequence[PlannedPower],
    outcome: Outcome,
    language: str,
    names: tuple[Text, Text] | None = None,
) -> None:
    """Detectable effects of one outcome; ``names``: the study's words for one cluster and more."""
    one, several = names or (Text.of("power-figure.cluster"), Text.of("power-figure.many-clusters"))
    chosen = [r for r in rows if r.effect_from == "detectable"]
    designs = dict.fromkeys((r.clusters_treated, r.clusters_comparison) for r in chosen)
    for position, (treated, comparison) in enumerate(designs):
        line = [
            r
            for r in chosen
            if (r.clusters_treated, r.clusters_comparison) == (treated, comparison)
        ]
        axes.plot(
            [r.respondents for r in line],
            [r.mde for r in line],
            label=design(treated, comparison, several[language], language),
            markersize=3.5,
            linewidth=1.4,
            **line_style(position),
        )
    if outcome.smallest_effect:
        name = "smallest that matters"
        axes.axhline(
            outcome.smallest_effect,
            color=INK,
            linewidth=1,
            linestyle=(0, MARKED[name]),
            label=wording(f"power-figure.marked.{name}", language),
        )
    axes.set_ylim(bottom=0)
    axes.set_ylabel(
        f"{wording('power-figure.mde', language)} ({words.unit(outcome.unit, language)})"
    )
    axes.set_xlabel(wording("power-figure.respondents", language, cluster=one[language]))


def design(treated: int, comparison: int, clusters: str, language: str) -> str:
    """Numbers of clusters in words."""
    return wording(
        "power-figure.clusters", language, treated=treated, comparison=comparison, clusters=clusters
    )


def _alt(
    rows: Sequence[PlannedPower], outcomes: Sequence[Outcome], mark: str, language: str
) -> str:
    """Each outcome's detectable effect in words."""
    said = [words.banner(mark, language)] if mark else []
    for outcome in outcomes:
        found = next(r for r in rows if r.outcome == outcome.id and r.method == "closed form")
        value = number_format.plain(found.mde, outcome.decimals, language)
        unit = words.unit(outcome.unit, language)
        clusters = wording("power-figure.many-clusters", language)
        sizes = design(found.clusters_treated, found.clusters_comparison, clusters, language)
        mde = wording("power-figure.mde", language)
        said.append(f"{outcome.label[language]}: {mde} {value} {unit}, {sizes}.")
    return " ".join(said)


OWN, OTHERS = "own design", "detectable"
ALPHA_DECIMALS = 10
# The mark of the study's own design.
STAR: dict[str, Any] = {
    "linestyle": "none",
    "marker": "*",
    "markersize": 11,
    "color": INK,
    "markeredgecolor": "white",
    "zorder": 5,
}
COLUMNS = (
    "outcome", "unit", "clusters_planned_treated", "clusters_planned_comparison",
    "respondents_planned", "panel_share", "std_error", "planned_mde", "smallest_effect",
)  # fmt: skip


@draws
def detectable_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """Detectable effect against respondents, one line a number of clusters, this study marked.

    Raises
    ------
    ReportError
        There is no row for an outcome that the exhibit asks for.
    """
    outcomes = source.outcomes_of(exhibit)
    rows = {outcome.id: _rows(source, outcome) for outcome in outcomes}
    names, language = source.configuration.study.names, source.language

    def draw(axes: Axes, outcome: Outcome) -> None:
        found = rows[outcome.id]
        draw_detectable(axes, found, outcome, language, (names.cluster, names.clusters))
        own, label = _own(found), source.wording("detectable.own-point")
        axes.plot(own.respondents, own.mde, label=label, **STAR)

    said = " ".join(_in_words(source, o, _own(rows[o.id])) for o in outcomes)
    found = [(o, _own(rows[o.id]).mde) for o in outcomes]
    return Drawn(
        plot=lambda sheet: plot_panels(sheet, outcomes, draw),
        message=source.wording(
            "detectable.headline",
            said=number_format.listed(
                [headlines.amount(o, x, language) for o, x in found], language
            ),
        ),
        subtitle=source.wording("detectable.subtitle"),
        data=_data(exhibit, source, rows),
        alt=source.wording("detectable.curve-alt", said=said),
    )


def _rows(source: Source, outcome: Outcome) -> list[PlannedPower]:
    found = [r for r in source.records.detectable if r.outcome == outcome.id]
    if not any(r.effect_from == OWN for r in found):
        absent = source.records.unavailable
        why = [u.reason for u in absent if (u.outcome, u.step) == (outcome.id, OTHERS)]
        raise ReportError(
            message("figure-without-curve.problem", outcome=outcome.id, why=why[0])
            if why
            else message("no-curve-detectable.problem", id=outcome.id),
            where="detectable_effects.csv",
            fix=message("run-estimate-stage-again.fix"),
            rule="missing-record",
        )
    return found


def _own(rows: list[PlannedPower]) -> PlannedPower:
    return next(r for r in rows if r.effect_from == OWN)


def _data(exhibit: Exhibit, source: Source, rows: dict[str, list[PlannedPower]]) -> Table:
    language = source.language
    made = [_row(source, r, n) for found in rows.values() for n, r in enumerate(found)]
    power = number_format.percent(TARGET, language)
    level = source.plan.inference.level
    alpha = number_format.percent(round(1 - level, ALPHA_DECIMALS), language)
    note = labelled(
        source.wording("detectable.curve"),
        source.wording("detectable.closed", power=power, alpha=alpha),
    )
    return table_frame.table(exhibit, source, columns=COLUMNS, rows=tuple(made), generated=(note,))


def _row(source: Source, found: PlannedPower, number: int) -> Row:
    outcome = source.outcome(found.outcome)
    unit, smallest = words.unit(outcome.unit, "en"), outcome.smallest_effect
    decimals = number_format.apart(found.mde, smallest, outcome.decimals)
    key = "own" if found.effect_from == OWN else f"size_{number:03d}"
    return Row(
        id=f"{outcome.id}-{key}",
        cells=(
            table.text(outcome.label[source.language]),
            table.text(words.unit(outcome.unit, source.language)),
            table.count(found.clusters_treated),
            table.count(found.clusters_comparison),
            table.number(found.respondents, decimals=1),
            table.number(found.panel_share, decimals=2),
            table.number(found.std_error, decimals=outcome.decimals + 1, unit=unit),
            table.number(found.mde, decimals=decimals, unit=unit),
            table.none()
            if smallest is None
            else table.number(smallest, decimals=decimals, unit=unit),
        ),
    )


def _in_words(source: Source, outcome: Outcome, own: PlannedPower) -> str:
    language, unit = source.language, words.unit(outcome.unit, source.language)
    smallest = ""
    decimals = number_format.apart(own.mde, outcome.smallest_effect, outcome.decimals)
    if outcome.smallest_effect is not None:
        value = number_format.plain(outcome.smallest_effect, decimals, language)
        smallest = source.wording("detectable.smallest-said", value=value, unit=unit)
    clusters = source.configuration.study.names.clusters[language]
    return source.wording(
        "detectable.own-said",
        outcome=outcome.label[language],
        mde=number_format.plain(own.mde, decimals, language),
        unit=unit,
        design=design(own.clusters_treated, own.clusters_comparison, clusters, language),
        respondents=number_format.plain(own.respondents, 0, language),
        smallest=smallest,
    )
