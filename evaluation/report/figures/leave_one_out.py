"""Leave-one-out: each primary estimate without one area at a time, and without one cluster.

What hangs on one cluster is published as quartiles and a number of sign changes only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.errors import ReportError
from evaluation.estimation.records import Diagnostic, Estimate
from evaluation.report import check_rows as records
from evaluation.report.check_labels import names_note, variant
from evaluation.report.check_rows import CheckLine, CheckResult
from evaluation.report.figures.frame import COLOURS, Drawn, draws
from evaluation.report.figures.row_panels import (
    Mark,
    PanelRow,
    draw_rows,
    estimates_and_ranges,
    mark_of,
    panel,
)
from evaluation.report.figures.sheet import DrawingSheet
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.formats.words import labelled
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source, diagnostic

QUARTILES = ("loo_q1", "loo_median", "loo_q3")
SIGNS = "loo_sign_changes"
COLUMNS = (
    "outcome", "area_left_out", "unit", "estimate", "ci_low", "ci_high", "n", "step",
    *QUARTILES, SIGNS,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePanel:
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


@draws
def leave_one_out_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """One panel an outcome, one row an area left out, quartiles without one cluster below.

    Raises
    ------
    ReportError
        The plan leaves nothing out one by one.
    """
    panels = [_panel(source, outcome) for outcome in source.outcomes_of(exhibit)]
    areas = _areas(source, panels)
    rows = _rows(source, panels, areas)
    return Drawn(
        plot=lambda sheet: _plot(sheet, rows, panels, source),
        message=_headline(source, panels),
        subtitle=source.wording("leave-one-out.subtitle"),
        data=_data(exhibit, source, panels, areas),
        alt=source.wording("leave-one-out.alt", said=" ".join(_told(p, source) for p in panels)),
    )


def _plot(
    sheet: DrawingSheet, rows: Sequence[PanelRow], panels: Sequence[OutcomePanel], source: Source
) -> None:
    estimates_and_ranges(sheet, source, "effects.line.alone", "leave-one-out.kind.quartiles")
    draw_rows(sheet, rows, [panel(p.outcome, source.language) for p in panels], names=1.7)


def _rows(source: Source, panels: Sequence[OutcomePanel], areas: dict[str, str]) -> list[PanelRow]:
    """The primary estimate, each area left out, and the middle half without one cluster."""
    language = source.language
    tops = {p.outcome.id: mark_of(p.shown, language) for p in panels if p.shown is not None}
    whole = {name: replace(mark, colour=COLOURS[1]) for name, mark in tops.items()}
    rows = [PanelRow(label=records.base_label(source), marks=whole, bold=True)]
    for key, label in areas.items():
        marks = {
            p.outcome.id: mark_of(p.rows[key].found, language) for p in panels if key in p.rows
        }
        rows.append(PanelRow(label=label, marks=marks))
    ends = {
        p.outcome.id: Mark(low=p.places[QUARTILES[0]], high=p.places[QUARTILES[2]])
        for p in panels
        if set(QUARTILES) <= set(p.places)
    }
    rows.append(PanelRow(label=source.wording("leave-one-out.row"), marks=ends, bold=True))
    return rows


def _headline(source: Source, panels: Sequence[OutcomePanel]) -> str:
    """Between what the estimates without one area lie."""
    said = [
        source.wording(
            "leave-one-out.between",
            unit=words.short_unit(p.outcome.unit, source.language),
            **_ends(p, source.language),
        )
        for p in panels
        if p.estimates
    ]
    listed = number_format.listed(said, source.language)
    return source.verdict("leave-one-out.headline", said=listed) if said else ""


def _ends(found: OutcomePanel, language: str) -> dict[str, str]:
    """Lowest and highest of the estimates without one area."""
    ends = {"low": min, "high": max}
    return {
        name: number_format.signed(
            f(e.estimate for e in found.estimates), found.outcome.decimals, language
        )
        for name, f in ends.items()
    }


def _panel(source: Source, outcome: Outcome) -> OutcomePanel:
    top = records.base(source, outcome)
    shown = top if isinstance(top, Estimate) else None
    found = {name: diagnostic(source, shown, name) for name in (*QUARTILES, SIGNS)} if shown else {}
    lines = {
        line.id: line
        for check in source.plan.check
        if check.kind == "leave_one_out" and outcome in source.plan.outcomes_of_check(check)
        for line in CheckResult(source=source, check=check, outcome=outcome).lines()
    }
    return OutcomePanel(
        outcome=outcome,
        shown=shown,
        rows=lines,
        places={n: x.value for n, x in found.items() if isinstance(x, Diagnostic)},
    )


def _areas(source: Source, panels: list[OutcomePanel]) -> dict[str, str]:
    """Id and label of every area that some outcome is estimated without."""
    lines = {key: x for panel in panels for key, x in panel.rows.items()}
    if not lines:
        raise ReportError.of(
            "no-check-plan", "add-check-kind", "robustness_estimates.csv", rule="missing-record"
        )
    named = {key: variant(x.sample, x.check, source) or x.label for key, x in lines.items()}
    return {key: named[key] for key in sorted(named, key=lambda key: named[key].casefold())}


def _data(
    exhibit: Exhibit, source: Source, panels: list[OutcomePanel], areas: dict[str, str]
) -> Table:
    rows: list[Row] = []
    for one in panels:
        rows.append(_row(source, one, "primary", records.base_label(source), one.shown))
        for key, label in areas.items():
            if key in one.rows:
                rows.append(_row(source, one, key, label, one.row(key)))
        rows.append(_row(source, one, "clusters", source.wording("leave-one-out.row"), None))
    generated = (
        *names_note(source, [x.check for p in panels for x in p.rows.values()]),
        labelled(
            words.begun(source.wording("leave-one-out.places")),
            source.wording("leave-one-out.held-back"),
        ),
        *notes.inference(source, [e for p in panels for e in p.estimates]),
    )
    return table_frame.table(
        exhibit, source, columns=COLUMNS, rows=tuple(rows), generated=generated
    )


def _row(source: Source, panel: OutcomePanel, key: str, label: str, found: Estimate | None) -> Row:
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


def _numbers(panel: OutcomePanel, found: Estimate, language: str) -> tuple[Cell, ...]:
    unit, decimals = words.unit(panel.outcome.unit, "en"), panel.outcome.decimals
    ends = (found.estimate, found.ci_low, found.ci_high)
    return (
        *(table.effect(x, decimals=decimals, unit=unit) for x in ends),
        table.count(found.n),
        table.text(words.step(found.step, language)),
    )


def _places(panel: OutcomePanel) -> tuple[Cell, ...]:
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


def _told(made: OutcomePanel, source: Source) -> str:
    """One outcome in the alternative text."""
    language, outcome = source.language, made.outcome
    unit = words.unit(outcome.unit, language)
    text = outcome.label[language] + ":"
    if made.estimates:
        text += source.wording("leave-one-out.range", unit=unit, **_ends(made, language))
    if set(QUARTILES) <= set(made.places):
        low, high = (
            number_format.signed(made.places[name], outcome.decimals + 1, language)
            for name in ("loo_q1", "loo_q3")
        )
        text += source.wording("leave-one-out.quartiles", low=low, high=high, unit=unit)
    return text
