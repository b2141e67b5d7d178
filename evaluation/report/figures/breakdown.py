"""How far trends would have to differ to change a conclusion, beside how far others do differ.

Of a study whose primary estimates do not rest on trends: for the interval to include zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome
from evaluation.estimation.records import Bound, Unavailable
from evaluation.report import check_rows as records
from evaluation.report.figures.frame import COLOURS, Drawn, absent, draws
from evaluation.report.figures.row_panels import FigurePanel, Mark, PanelRow, draw_rows
from evaluation.report.figures.sheet import DrawingSheet
from evaluation.report.formats import number_format, table, words
from evaluation.report.prose import headlines
from evaluation.report.prose.sensitivity_lines import diverge
from evaluation.report.prose.sensitivity_summary import Case, is_drawn_by_lot
from evaluation.report.robustness_rows import (
    BenchmarkRow,
    Sensitivity,
    benchmark_order,
    excludes_zero,
    sensitivity,
)
from evaluation.report.sources import Source
from evaluation.report.tables.sensitivity import breakdown

NEEDED, SEEN = COLOURS[1], COLOURS[2]
COVARIATE = "covariate_"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownOutcome:
    """An outcome with its breakdown values and benchmarks, or why they are unavailable.

    Attributes
    ----------
    need : float or None
        What would change its conclusion, where that rests on trends.
    is_open : bool
        Whether that is inconclusive, so that only an interval without zero would be a change.
    """

    outcome: Outcome
    one: Sensitivity | Unavailable
    need: float | None
    is_open: bool

    @classmethod
    def of(cls, source: Source, check: Check, outcome: Outcome) -> "BreakdownOutcome":
        """What a check found for an outcome."""
        case, need, is_open = Case.of(source, outcome), None, False
        if isinstance(case, Case) and case.needs_trends and not is_drawn_by_lot(source):
            need, is_open = min(case.needed), case.now == "inconclusive"
        one = sensitivity(source, check, outcome)
        return cls(outcome=outcome, one=one, need=need, is_open=is_open)


@draws
def breakdown_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """A panel an outcome: bars for the drift that is needed, dots for the drift that is seen.

    Raises
    ------
    ReportError
        As the table of breakdown values.
    """
    found = [
        BreakdownOutcome.of(source, check, outcome)
        for check in records.checks_of(source, "two_round_sensitivity")
        for outcome in records.outcomes_of(exhibit, source, check)
    ]
    rows = _rows(found, source)
    return Drawn(
        plot=lambda sheet: _plot(sheet, rows, found, source),
        message=_headline(found, source),
        subtitle=source.wording("breakdown.subtitle"),
        data=breakdown(exhibit, source),
        alt=" ".join(_said(one, source) for one in found),
    )


def _plot(
    sheet: DrawingSheet, rows: Sequence[PanelRow], found: Sequence[BreakdownOutcome], source: Source
) -> None:
    needed = {"color": NEEDED, "linewidth": 4.5, "solid_capstyle": "butt"}
    seen = {"color": SEEN, "marker": "o", "markersize": 5, "linewidth": 1.5}
    level = number_format.percent(source.plan.inference.level, source.language)
    sheet.legend(
        [
            (needed, source.wording("breakdown.needed")),
            (seen, source.wording("breakdown.seen", level=level)),
        ]
    )
    panels = [
        FigurePanel(
            id=f.outcome.id,
            title=words.begun(words.spoken(f.outcome.label[source.language], source.language)),
            unit=words.unit(f.outcome.unit, source.language),
            from_zero=True,
        )
        for f in found
    ]
    draw_rows(sheet, rows, panels)


def _rows(found: Sequence[BreakdownOutcome], source: Source) -> list[PanelRow]:
    """What is needed, then each benchmark that bounds something in some panel."""
    language, held = source.language, [f for f in found if isinstance(f.one, Sensitivity)]
    refused = {
        f.outcome.id: Mark(remark=absent(f.one.reason, language))
        for f in found
        if isinstance(f.one, Unavailable)
    }
    rows = [PanelRow(label=source.wording("breakdown.needed-head"))]
    asked = _asked(held)
    needed: dict[str, dict[str, float]] = {asked: {}, "breakdown": {}, "breakdown_point": {}}
    for f in held:
        one = f.one
        if isinstance(one, Sensitivity):
            needed["breakdown"][f.outcome.id] = one.breakdown
            needed["breakdown_point"][f.outcome.id] = one.breakdown_point
        if f.need is not None:
            needed[asked][f.outcome.id] = f.need
    # an outcome whose conclusion rests on trends needs no word on zero
    del needed["breakdown" if needed[asked] else asked]
    for kind, values in needed.items():
        marks = {
            f.outcome.id: _bar(f, values[f.outcome.id], language)
            for f in held
            if f.outcome.id in values
        }
        label = source.wording(f"breakdown.needed.{kind}")
        rows.append(PanelRow(label=label, marks={**refused, **marks}))
    names = {y.name: y.label for f in held for y, _ in shown(f.one)}
    if names:
        rows.append(PanelRow(label=source.wording("breakdown.seen-head")))
    for name in sorted(names, key=benchmark_order):
        marks = {
            f.outcome.id: _dot(f, y, m, language)
            for f in held
            for y, m in shown(f.one)
            if y.name == name
        }
        rows.append(PanelRow(label=words.begun(names[name]), marks=marks))
    return rows


def _asked(found: Sequence[BreakdownOutcome]) -> str:
    """Whether a conclusion would change, or only intervals would exclude zero: all include it."""
    return "zero" if all(f.is_open for f in found if f.need is not None) else "conclusions"


def _bar(found: BreakdownOutcome, value: float, language: str) -> Mark:
    text = number_format.plain(value, found.outcome.decimals, language)
    return Mark(low=0.0, high=value, colour=NEEDED, text=text)


def _dot(found: BreakdownOutcome, benchmark: BenchmarkRow, m: float, language: str) -> Mark:
    low, high = benchmark.ends or (m, m)
    text = number_format.plain(m, found.outcome.decimals + 1, language)
    return Mark(low=low, high=high, point=m, colour=SEEN, text=text)


def shown(one: Sensitivity | Unavailable) -> list[tuple[BenchmarkRow, float]]:
    """Benchmarks that bound something; of the covariates only the one that moves most."""
    if isinstance(one, Unavailable):
        return []
    covariates = [y for y in one.benchmarks if y.name.startswith(COVARIATE)]
    smaller = sorted(covariates, key=lambda y: y.m or 0.0)[:-1]
    return [
        (y, y.m)
        for y in one.benchmarks
        if y.m and isinstance(y.widened, Bound) and y not in smaller
    ]


def _headline(found: Sequence[BreakdownOutcome], source: Source) -> str:
    """What would change a conclusion, and whether a benchmark is so large."""
    if any(f.need is not None for f in found):
        return _of_conclusions(found, source)
    held = [f.one for f in found if isinstance(f.one, Sensitivity)]
    clear = [one for one in held if excludes_zero(one.primary)]
    if not clear:
        if not held:
            return source.wording("breakdown.headline.absent")
        return source.verdict("breakdown.headline.none")
    needed = _amounts([(one.outcome, one.breakdown) for one in clear], source)
    reached = sum(m >= one.breakdown for one in clear for _, m in shown(one))
    kind = "some" if reached else "unreached"
    of = sum(len(shown(one)) for one in clear)
    return source.verdict(f"breakdown.headline.{kind}", needed=needed, n=reached, of=of)


def _amounts(needed: Sequence[tuple[Outcome, float]], source: Source) -> str:
    """How much is needed for each outcome, inside a sentence."""
    language = source.language
    said = [
        source.wording(
            "headline.amount",
            outcome=headlines.name(outcome, language),
            amount=headlines.amount(outcome, value, language),
        )
        for outcome, value in needed
    ]
    return number_format.listed(said, language)


def _of_conclusions(found: Sequence[BreakdownOutcome], source: Source) -> str:
    """What would change each conclusion, by the same rule as the table of sensitivity."""
    asked = _asked([f for f in found if isinstance(f.one, Sensitivity)])
    held = [
        (f.outcome, f.need, diverge(f.one, f.need))
        for f in found
        if f.need is not None and isinstance(f.one, Sensitivity)
    ]
    if not held:
        return source.wording("breakdown.headline.absent")
    reached = [outcome for outcome, _, is_so in held if is_so]
    doubtful = [outcome for outcome, _, is_so in held if is_so is None]
    kind = "reached" if reached else "open" if doubtful else "unreached"
    holding = [outcome for outcome, _, is_so in held if is_so is False]
    others = "others" if asked == "conclusions" else "others-zero"
    return source.verdict(
        f"breakdown.headline.{asked}-{kind}",
        outcomes=headlines.named(reached or doubtful, source.language),
        others=source.wording(
            f"breakdown.headline.{others}", outcomes=headlines.named(holding, source.language)
        )
        if holding
        else "",
    )


def _said(found: BreakdownOutcome, source: Source) -> str:
    """One outcome in the alternative text."""
    outcome, one, language = found.outcome, found.one, source.language
    if isinstance(one, Unavailable):
        return f"{outcome.label[language]}: {table.unavailable(one.reason, language).text}."
    decimals, first = outcome.decimals, one.primary
    seen = "; ".join(
        source.wording(
            "breakdown.with", benchmark=y.label, m=number_format.plain(m, decimals + 1, language)
        )
        for y, m in shown(one)
    )
    return source.wording(
        "breakdown.alt",
        outcome=outcome.label[language],
        level=number_format.percent(first.level, language),
        interval=number_format.interval(first.ci_low, first.ci_high, decimals, language),
        unit=words.short_unit(outcome.unit, language),
        seen=source.wording("breakdown.seen-alt", said=seen) if seen else "",
        breakdown=number_format.plain(one.breakdown, decimals, language),
        point=number_format.plain(one.breakdown_point, decimals, language),
    )
