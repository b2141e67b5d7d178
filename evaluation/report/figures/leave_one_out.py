"""Leave-one-out: each primary estimate without one area at a time, and without one cluster.

What hangs on one cluster is published as quartiles and a number of sign changes only.
"""

import math
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from evaluation.errors import ReportError
from evaluation.report import check_rows as records
from evaluation.report.check_labels import names_note, variant
from evaluation.report.check_rows import CheckLine, CheckResult
from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import Drawn, absent
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.formats.words import labelled
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source, diagnostic
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome
from evaluation.study.records import Diagnostic, Estimate

ROW_INCHES, LABEL_WIDTH, TITLE_WIDTH = 0.27, 26, 18
PRIMARY_COLOUR, ROW_COLOUR, PLACES_COLOUR = style.COLOURS[1], style.COLOURS[0], style.COLOURS[2]
QUARTILES = ("loo_q1", "loo_median", "loo_q3")
SIGNS = "loo_sign_changes"
COLUMNS = (
    "outcome", "area_left_out", "unit", "estimate", "ci_low", "ci_high", "n", "step",
    *QUARTILES, SIGNS,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One outcome: its primary estimate, the rows without one area, the numbers of clusters.

    ``shown`` is None where the primary estimate is absent or withheld.
    """

    outcome: Outcome
    shown: Estimate | None
    rows: dict[str, CheckLine]
    places: dict[str, float]

    def row(self, key: str) -> Estimate | None:
        """The estimate without an area, where there is one."""
        line = self.rows.get(key)
        return line.found if line and isinstance(line.found, Estimate) else None

    @property
    def estimates(self) -> list[Estimate]:
        """Rows that have an estimate and may be published."""
        return [found for key in self.rows if (found := self.row(key)) is not None]


@style.draws
def leave_one_out_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """One panel an outcome, one row an area left out, quartiles without one cluster below.

    Raises
    ------
    ReportError
        The plan leaves nothing out one by one.
    """
    panels = [_panel(source, outcome) for outcome in source.outcomes_of(exhibit)]
    areas = _areas(source, panels)
    figure = style.canvas(2.9 + ROW_INCHES * (len(areas) + 2))
    drawn = figure.subplots(1, len(panels), squeeze=False, sharey=True).ravel()
    for axes, panel in zip(drawn, panels, strict=True):
        _draw(axes, panel, areas, source)
    labels = [
        source.wording("primary-estimate"),
        *areas.values(),
        source.wording("leave-one-out.row"),
    ]
    drawn[0].set_yticks(range(len(labels)), [style.wrap(x, LABEL_WIDTH) for x in labels])
    drawn[0].set_ylim(len(labels) - 0.4, -0.6)
    _legend_lines(drawn[0], source)
    style.legend_below(figure, drawn[:1])
    return Drawn(
        figure,
        data=_data(exhibit, source, panels, areas),
        alt=source.wording("leave-one-out.alt", said=" ".join(_told(p, source) for p in panels)),
    )


def _panel(source: Source, outcome: Outcome) -> Panel:
    top = records.primary(source, outcome)
    shown = top if isinstance(top, Estimate) else None
    found = {name: diagnostic(source, shown, name) for name in (*QUARTILES, SIGNS)} if shown else {}
    lines = {
        line.id: line
        for check in source.plan.check
        if check.kind == "leave_one_out" and outcome in source.plan.outcomes_of_check(check)
        for line in CheckResult(source=source, check=check, outcome=outcome).lines()
    }
    return Panel(
        outcome=outcome,
        shown=shown,
        rows=lines,
        places={n: x.value for n, x in found.items() if isinstance(x, Diagnostic)},
    )


def _areas(source: Source, panels: list[Panel]) -> dict[str, str]:
    """Id and label of every area that some outcome is estimated without."""
    lines = {key: x for panel in panels for key, x in panel.rows.items()}
    if not lines:
        raise ReportError.of(
            "no-check-plan", "add-check-kind", "robustness_estimates.csv", rule="missing-record"
        )
    named = {key: variant(x.sample, x.check, source) or x.label for key, x in lines.items()}
    return {key: named[key] for key in sorted(named, key=lambda key: named[key].casefold())}


def _draw(axes: Axes, panel: Panel, areas: dict[str, str], source: Source) -> None:
    language, smallest = source.language, panel.outcome.smallest_effect
    if smallest is not None:
        axes.axvspan(-smallest, smallest, color=style.BAND, zorder=0, linewidth=0)
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    if panel.shown is not None:
        _interval(axes, 0, panel.shown, PRIMARY_COLOUR)
    for position, key in enumerate(areas, start=1):
        found = panel.row(key)
        if key in panel.rows and found is None:
            why = absent(getattr(panel.rows[key].found, "reason", None), language)
            axes.text(0, position, why, ha="center", va="center", fontsize=8)
        elif found is not None:
            _interval(axes, position, found, ROW_COLOUR)
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


def _interval(axes: Axes, position: int, found: Estimate, colour: str) -> None:
    axes.plot([found.ci_low, found.ci_high], [position] * 2, color=colour, linewidth=1.6, zorder=2)
    point: dict[str, Any] = {"markeredgecolor": colour, "markerfacecolor": colour}
    axes.plot(found.estimate, position, marker="o", markersize=5.5, zorder=3, **point)


def _legend_lines(axes: Axes, source: Source) -> None:
    label = source.wording("leave-one-out.kind.quartiles")
    axes.plot([], [], color=PLACES_COLOUR, linewidth=6, label=label)
    axes.axvspan(
        math.nan, math.nan, color=style.BAND, label=source.wording("leave-one-out.kind.grey")
    )


def _data(exhibit: Exhibit, source: Source, panels: list[Panel], areas: dict[str, str]) -> Table:
    rows: list[Row] = []
    for panel in panels:
        rows.append(_row(source, panel, "primary", source.wording("primary-estimate"), panel.shown))
        for key, label in areas.items():
            if key in panel.rows:
                rows.append(_row(source, panel, key, label, panel.row(key)))
        rows.append(_row(source, panel, "clusters", source.wording("leave-one-out.row"), None))
    generated = (
        *names_note(source, [x.check for p in panels for x in p.rows.values()]),
        labelled(
            words.begun(source.wording("leave-one-out.places")),
            source.wording("leave-one-out.held-back"),
        ),
        notes.inference(source, [e for p in panels for e in p.estimates]),
    )
    return table_frame.table(
        exhibit, source, columns=COLUMNS, rows=tuple(rows), generated=generated
    )


def _row(source: Source, panel: Panel, key: str, label: str, found: Estimate | None) -> Row:
    language, outcome = source.language, panel.outcome
    numbers: tuple[Cell, ...] = (table.none(),) * 5
    if found is not None:
        numbers = _numbers(panel, found, language)
    elif key in panel.rows:
        reason = getattr(panel.rows[key].found, "reason", None)
        numbers = (table.unavailable(reason, language), *numbers[1:])
    places = _places(panel) if key == "clusters" else (table.none(),) * (len(QUARTILES) + 1)
    lead = (outcome.label[language], label, words.unit(outcome.unit, language))
    return Row(id=f"{outcome.id}-{key}", cells=(*map(table.text, lead), *numbers, *places))


def _numbers(panel: Panel, found: Estimate, language: str) -> tuple[Cell, ...]:
    unit, decimals = words.unit(panel.outcome.unit, "en"), panel.outcome.decimals
    ends = (found.estimate, found.ci_low, found.ci_high)
    return (
        *(table.effect(x, decimals=decimals, unit=unit) for x in ends),
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


def _told(panel: Panel, source: Source) -> str:
    """One outcome in the alternative text."""
    language, outcome = source.language, panel.outcome
    unit = words.unit(outcome.unit, language)
    text = outcome.label[language] + ":"
    if panel.estimates:
        low, high = (
            number_format.signed(f(e.estimate for e in panel.estimates), outcome.decimals, language)
            for f in (min, max)
        )
        text += source.wording("leave-one-out.range", low=low, high=high, unit=unit)
    if set(QUARTILES) <= set(panel.places):
        low, high = (
            number_format.signed(panel.places[name], outcome.decimals + 1, language)
            for name in ("loo_q1", "loo_q3")
        )
        text += source.wording("leave-one-out.quartiles", low=low, high=high, unit=unit)
    return text
