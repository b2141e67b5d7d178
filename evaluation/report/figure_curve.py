"""The specification curve: rows of the robustness table with the primary weights, by estimate.

Rows that ask the primary question of all its places and people have filled marks; the others are
open, because an estimate of something else is no vote.
"""

import math
from dataclasses import dataclass

from matplotlib.axes import Axes

from evaluation.report import agreement, figure_words, formats, heads, notes, table, words
from evaluation.report import figure_style as style
from evaluation.report.agreement import Asks
from evaluation.report.check_records import withheld
from evaluation.report.check_words import ASKS
from evaluation.report.figure_frame import finish
from evaluation.report.sources import Source
from evaluation.report.table import Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate

ROW_INCHES, LABEL_WIDTH = 0.3, 58
PRIMARY_COLOUR, CHECK_COLOUR = style.COLOURS[1], style.COLOURS[0]
FIELDS = ("estimate", "ci_low", "ci_high")
PRIMARY = "primary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One row of the curve; ``asks`` is None for the primary estimate itself."""

    id: str
    label: str
    estimate: Estimate
    asks: Asks | None

    @property
    def filled(self) -> bool:
        """Whether it asks the primary question."""
        return self.asks in (None, "same")


def specification_curve(exhibit: Exhibit, source: Source) -> style.Figure:
    """Estimates and intervals of one outcome, the smallest on top, the primary one marked."""
    outcome = source.outcome(exhibit.outcomes[0])
    points = _points(source, outcome)
    with style.applied():
        figure = style.canvas(1.9 + ROW_INCHES * len(points))
        axes = figure.add_subplot()
        _draw(axes, points, outcome, source)
        return finish(
            figure,
            exhibit,
            source,
            data=_data(exhibit, source, outcome, points),
            alt=_alt(points, outcome, source),
        )


def _points(source: Source, outcome: Outcome) -> list[Point]:
    """The points by estimate; a row that repeats estimate and interval of another stands once."""
    top = agreement.primary_of(source, outcome)
    points: list[Point] = []
    if isinstance(top, Estimate) and not withheld(source, top):
        label = words.PRIMARY_ROW[source.language]
        points.append(Point(id=PRIMARY, label=label, estimate=top, asks=None))
    for x in agreement.judged(source, outcome):
        if x.shown is None or x.asks == "other weights":
            continue
        point = Point(id=x.line.id, label=x.line.label, estimate=x.shown, asks=x.asks)
        if not any(_alike(point.estimate, other.estimate) for other in points):
            points.append(point)
    return sorted(points, key=lambda point: point.estimate.estimate)


def _alike(one: Estimate, other: Estimate) -> bool:
    pairs = ((getattr(one, field), getattr(other, field)) for field in FIELDS)
    return all(math.isclose(a, b, rel_tol=agreement.ONE) for a, b in pairs)


def _draw(axes: Axes, points: list[Point], outcome: Outcome, source: Source) -> None:
    ends = [x for p in points for x in (p.estimate.ci_low, p.estimate.ci_high)]
    reach = 1.08 * max((abs(x) for x in ends if math.isfinite(x)), default=1.0)
    if outcome.smallest_effect is not None:
        axes.axvspan(-outcome.smallest_effect, outcome.smallest_effect, color=style.BAND, zorder=0)
    for position, point in enumerate(points):
        _mark(axes, position, point, reach)
    axes.axvline(0, color=style.INK, linewidth=1)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(len(points) - 0.4, -0.6)
    axes.set_yticks(
        range(len(points)), [style.wrap(p.label, LABEL_WIDTH) for p in points], fontsize=8
    )
    for tick, point in zip(axes.get_yticklabels(), points, strict=True):
        tick.set_fontweight("bold" if point.id == PRIMARY else "normal")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    language = source.language
    axes.set_xlabel(
        figure_words.CURVE_AXIS[language].format(
            unit=words.unit(outcome.unit, language),
            level=formats.percent(source.plan.inference.level, language),
            grey=figure_words.GREY[language],
        )
    )


def _mark(axes: Axes, position: int, point: Point, reach: float) -> None:
    """Interval and mark of a row; the axis cuts what does not end."""
    estimate, primary = point.estimate, point.id == PRIMARY
    colour = PRIMARY_COLOUR if primary else CHECK_COLOUR
    low, high = max(estimate.ci_low, -reach), min(estimate.ci_high, reach)
    axes.plot([low, high], [position] * 2, color=colour, linewidth=2.4 if primary else 1.2)
    axes.plot(
        estimate.estimate,
        position,
        marker=style.MARKERS[3] if primary else style.MARKERS[1],
        color=colour,
        markersize=7 if primary else 5,
        markerfacecolor=colour if point.filled else "white",
    )


def _data(exhibit: Exhibit, source: Source, outcome: Outcome, points: list[Point]) -> Table:
    unit = words.unit(outcome.unit, "en")
    rows = tuple(
        Row(
            id=point.id,
            cells=(
                table.text(point.label),
                *(
                    table.effect(
                        getattr(point.estimate, field), decimals=outcome.decimals, unit=unit
                    )
                    for field in FIELDS
                ),
                table.text(words.step(point.estimate.step, source.language)),
                table.text(ASKS[point.asks or "same"][source.language]),
            ),
        )
        for point in points
    )
    columns = tuple(heads.column(source, name) for name in ("check", *FIELDS, "step", "asks"))
    linear = [p.estimate for p in points if p.estimate.step == "wcr_s"]
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(notes.inference(source, linear),) if linear else (),
        status=tuple(p.estimate.status for p in points),
    )


def _alt(points: list[Point], outcome: Outcome, source: Source) -> str:
    language, name = source.language, outcome.label[source.language]
    asked = [p.estimate for p in points if p.filled]
    if not asked:
        return figure_words.CURVE_EMPTY[language].format(outcome=name)
    return figure_words.CURVE_ALT[language].format(
        outcome=name,
        n=len(asked),
        low=formats.signed(asked[0].estimate, outcome.decimals, language),
        high=formats.signed(asked[-1].estimate, outcome.decimals, language),
        unit=words.short_unit(outcome.unit, language),
        excluding=sum(e.ci_low > 0 or e.ci_high < 0 for e in asked),
        primary=_said_primary(points, outcome, language),
        others=_said_others(len(points) - len(asked), language),
    )


def _said_primary(points: list[Point], outcome: Outcome, language: str) -> str:
    top = next((p.estimate for p in points if p.id == PRIMARY), None)
    if top is None:
        return ""
    return figure_words.CURVE_PRIMARY[language].format(
        effect=formats.signed(top.estimate, outcome.decimals, language),
        unit=words.short_unit(outcome.unit, language),
    )


def _said_others(others: int, language: str) -> str:
    """How many rows with open dots there are; nothing where there is none."""
    if not others:
        return ""
    said = figure_words.ONE_OPEN_DOT if others == 1 else figure_words.OPEN_DOTS
    return said[language].format(n=others)
