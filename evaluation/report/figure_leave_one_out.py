"""Leave-one-out: each primary estimate without one area at a time, and without one cluster.

What hangs on one cluster is published as quartiles and a number of sign changes only.
"""

import math
from dataclasses import dataclass

from matplotlib.axes import Axes

from evaluation.errors import ReportError
from evaluation.report import agreement, formats, heads, notes, table, words
from evaluation.report import figure_style as style
from evaluation.report import leave_one_out_words as said
from evaluation.report.agreement import Judged
from evaluation.report.check_records import withheld
from evaluation.report.conclusions import CONCLUSIONS, Conclusion, conclusion
from evaluation.report.figure_frame import finish
from evaluation.report.figure_power import legend_below
from evaluation.report.figure_words import NOT_AVAILABLE
from evaluation.report.place_names import names_note
from evaluation.report.sources import Source, diagnostic
from evaluation.report.table import Cell, Row, Table
from evaluation.report.variants import variant
from evaluation.report.words import labelled
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Diagnostic, Estimate

ROW_INCHES, LABEL_WIDTH, TITLE_WIDTH = 0.27, 26, 18
PRIMARY_COLOUR, ROW_COLOUR, PLACES_COLOUR = style.COLOURS[1], style.COLOURS[0], style.COLOURS[2]
QUARTILES = ("loo_q1", "loo_median", "loo_q3")
SIGNS = "loo_sign_changes"
COLUMNS = (
    "outcome", "area_left_out", "unit", "estimate", "ci_low", "ci_high", "conclusion", "n", "step",
    *QUARTILES, SIGNS,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One outcome: its primary estimate, the rows without one area, the numbers of clusters.

    ``shown`` is None where the primary estimate is absent or withheld.
    """

    outcome: Outcome
    shown: Estimate | None
    rows: dict[str, Judged]
    places: dict[str, float]

    def verdict(self, found: Estimate) -> Conclusion | None:
        """Conclusion of a row; None where the plan names no smallest effect."""
        smallest = self.outcome.smallest_effect
        if smallest is None:
            return None
        return conclusion((found.ci_low, found.ci_high), None, smallest_effect=smallest)

    def changes(self, found: Estimate) -> bool:
        """Whether a row gives another verdict than the primary estimate."""
        return self.shown is not None and self.verdict(found) != self.verdict(self.shown)

    @property
    def estimates(self) -> list[Estimate]:
        """Rows that have an estimate and may be published."""
        return [x.shown for x in self.rows.values() if x.shown is not None]


def leave_one_out_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """One panel an outcome, one row an area left out, quartiles without one cluster below.

    Raises
    ------
    ReportError
        The plan leaves nothing out one by one.
    """
    panels = [_panel(source, outcome) for outcome in source.outcomes_of(exhibit)]
    areas = _areas(source, panels)
    with style.applied():
        figure = style.canvas(2.9 + ROW_INCHES * (len(areas) + 2))
        drawn = figure.subplots(1, len(panels), squeeze=False, sharey=True).ravel()
        for axes, panel in zip(drawn, panels, strict=True):
            _draw(axes, panel, areas, source)
        labels = [words.PRIMARY_ROW[source.language], *areas.values(), _places_row(source)]
        drawn[0].set_yticks(range(len(labels)), [style.wrap(x, LABEL_WIDTH) for x in labels])
        drawn[0].set_ylim(len(labels) - 0.4, -0.6)
        _legend_lines(drawn[0], source)
        legend_below(figure, drawn[:1])
        return finish(
            figure,
            exhibit,
            source,
            data=_data(exhibit, source, panels, areas),
            alt=said.ALT[source.language].format(said=" ".join(_told(p, source) for p in panels)),
        )


def _panel(source: Source, outcome: Outcome) -> Panel:
    top = agreement.primary_of(source, outcome)
    is_shown = isinstance(top, Estimate) and not withheld(source, top)
    found = (
        {name: diagnostic(source, top, name) for name in (*QUARTILES, SIGNS)}
        if isinstance(top, Estimate) and is_shown
        else {}
    )
    return Panel(
        outcome=outcome,
        shown=top if isinstance(top, Estimate) and is_shown else None,
        rows={
            x.line.id: x
            for x in agreement.judged(source, outcome)
            if x.line.check.kind == "leave_one_out"
        },
        places={n: x.value for n, x in found.items() if isinstance(x, Diagnostic)},
    )


def _areas(source: Source, panels: list[Panel]) -> dict[str, str]:
    """Id and label of every area that some outcome is estimated without."""
    lines = {key: x.line for panel in panels for key, x in panel.rows.items()}
    if not lines:
        raise ReportError(
            "no check of the plan leaves out one area at a time",
            where="robustness_estimates.csv",
            mend="add a check of the kind leave_one_out, or take the figure out of exhibits.toml",
            rule="missing-record",
        )
    named = {key: variant(x.sample, x.check, source) or x.label for key, x in lines.items()}
    return {key: named[key] for key in sorted(named, key=lambda key: named[key].casefold())}


def _places_row(source: Source) -> str:
    return said.ROW[source.language].format(
        cluster=source.configuration.study.names.cluster[source.language]
    )


def _draw(axes: Axes, panel: Panel, areas: dict[str, str], source: Source) -> None:
    language, smallest = source.language, panel.outcome.smallest_effect
    if smallest is not None:
        axes.axvspan(-smallest, smallest, color=style.BAND, zorder=0, linewidth=0)
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    if panel.shown is not None:
        _interval(axes, 0, panel.shown, PRIMARY_COLOUR, is_open=False)
    for position, key in enumerate(areas, start=1):
        row = panel.rows.get(key)
        if row is None:
            continue
        if row.shown is None:
            absent = table.suppressed(language).text if row.hidden else NOT_AVAILABLE[language]
            axes.text(0, position, absent, ha="center", va="center", fontsize=8)
        else:
            _interval(axes, position, row.shown, ROW_COLOUR, is_open=panel.changes(row.shown))
    if set(QUARTILES) <= set(panel.places):
        low, middle, high = (panel.places[name] for name in QUARTILES)
        # square ends would draw the half wider than it is
        bar = axes.plot(
            [low, high], [len(areas) + 1] * 2, color=PLACES_COLOUR, linewidth=6, zorder=2
        )
        bar[0].set_solid_capstyle("butt")
        axes.plot(middle, len(areas) + 1, color="white", marker="|", markersize=6, zorder=3)
    axes.set_title(style.wrap(panel.outcome.label[language], TITLE_WIDTH), fontsize=9.5)
    axes.set_xlabel(words.unit(panel.outcome.unit, language))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _interval(axes: Axes, position: int, found: Estimate, colour: str, *, is_open: bool) -> None:
    axes.plot([found.ci_low, found.ci_high], [position] * 2, color=colour, linewidth=1.6, zorder=2)
    axes.plot(
        found.estimate,
        position,
        marker="o",
        markersize=5.5,
        markeredgecolor=colour,
        markerfacecolor="white" if is_open else colour,
        zorder=3,
    )


def _legend_lines(axes: Axes, source: Source) -> None:
    language = source.language
    cluster = source.configuration.study.names.cluster[language]
    for kind, face in (("same", ROW_COLOUR), ("other", "white")):
        axes.plot(
            [],
            [],
            color=ROW_COLOUR,
            marker="o",
            markersize=5.5,
            markerfacecolor=face,
            label=said.KINDS[kind][language],
        )
    label = said.KINDS["quartiles"][language].format(cluster=cluster)
    axes.plot([], [], color=PLACES_COLOUR, linewidth=6, label=label)
    axes.axvspan(math.nan, math.nan, color=style.BAND, label=said.KINDS["grey"][language])


def _data(exhibit: Exhibit, source: Source, panels: list[Panel], areas: dict[str, str]) -> Table:
    language = source.language
    rows: list[Row] = []
    for panel in panels:
        rows.append(_row(source, panel, "primary", words.PRIMARY_ROW[language], panel.shown))
        for key, label in areas.items():
            if key in panel.rows:
                rows.append(_row(source, panel, key, label, panel.rows[key]))
        rows.append(_row(source, panel, "clusters", _places_row(source), None))
    names = source.configuration.study.names
    words_of = {"cluster": names.cluster[language], "clusters": names.clusters[language]}
    generated = (
        labelled(said.MARKS[language], said.MARKED[language]),
        *names_note(source, [x.line.check for p in panels for x in p.rows.values()]),
        labelled(
            words.begun(said.PLACES[language].format(**words_of)),
            said.HELD_BACK[language].format(**words_of),
        ),
        labelled(said.COUNTED[language], *(_counted(p, source) for p in panels)),
        notes.inference(source, [e for p in panels for e in p.estimates]),
        *notes.suppressed(source, rows),
    )
    columns = tuple(heads.column(source, name) for name in COLUMNS)
    return heads.table(exhibit, source, columns=columns, rows=tuple(rows), generated=generated)


def _row(
    source: Source, panel: Panel, key: str, label: str, found: Judged | Estimate | None
) -> Row:
    language, outcome = source.language, panel.outcome
    shown = found.shown if isinstance(found, Judged) else found
    numbers: tuple[Cell, ...] = (table.none(),) * 6
    if shown is not None:
        numbers = _numbers(panel, shown, language)
    elif isinstance(found, Judged):
        why = (
            table.suppressed(language)
            if found.hidden
            else table.unavailable(getattr(found.line.found, "reason", ""), language)
        )
        numbers = (why, *numbers[1:])
    places = _places(panel) if key == "clusters" else (table.none(),) * (len(QUARTILES) + 1)
    lead = (outcome.label[language], label, words.unit(outcome.unit, language))
    return Row(id=f"{outcome.id}-{key}", cells=(*map(table.text, lead), *numbers, *places))


def _numbers(panel: Panel, found: Estimate, language: str) -> tuple[Cell, ...]:
    unit, decimals = words.unit(panel.outcome.unit, "en"), panel.outcome.decimals
    ruling = panel.verdict(found)
    ends = (found.estimate, found.ci_low, found.ci_high)
    return (
        *(table.effect(x, decimals=decimals, unit=unit) for x in ends),
        table.none() if ruling is None else table.text(CONCLUSIONS[ruling][language]),
        table.count(found.n),
        table.text(words.step(found.step, language)),
    )


def _places(panel: Panel) -> tuple[Cell, ...]:
    # quartiles lie close together: one decimal more tells them apart
    unit, decimals = words.unit(panel.outcome.unit, "en"), panel.outcome.decimals + 1
    found = [panel.places.get(name) for name in QUARTILES]
    changes = panel.places.get(SIGNS)
    return (
        *(
            table.none() if x is None else table.effect(x, decimals=decimals, unit=unit)
            for x in found
        ),
        table.none() if changes is None else table.count(round(changes)),
    )


def _counted(panel: Panel, source: Source) -> str:
    language = source.language
    changed = sum(map(panel.changes, panel.estimates))
    text = said.CHANGED[language].format(
        outcome=panel.outcome.label[language], n=changed, all=len(panel.estimates)
    )
    if SIGNS in panel.places:
        clusters = source.configuration.study.names.clusters[language]
        text += said.SIGNS[language].format(clusters=clusters, n=round(panel.places[SIGNS]))
    return text


def _told(panel: Panel, source: Source) -> str:
    """One outcome in the alternative text."""
    language, outcome = source.language, panel.outcome
    unit = words.unit(outcome.unit, language)
    text = _counted(panel, source)
    if panel.estimates:
        low, high = (
            formats.signed(f(e.estimate for e in panel.estimates), outcome.decimals, language)
            for f in (min, max)
        )
        text += said.RANGE[language].format(low=low, high=high, unit=unit)
    if set(QUARTILES) <= set(panel.places):
        low, high = (
            formats.signed(panel.places[name], outcome.decimals + 1, language)
            for name in ("loo_q1", "loo_q3")
        )
        cluster = source.configuration.study.names.cluster[language]
        text += said.QUARTILES[language].format(low=low, high=high, unit=unit, cluster=cluster)
    return text
