"""All outcomes in one dot plot: effects in standard deviations, grouped by what they measure."""

from collections.abc import Sequence

from evaluation.config.exhibits import Exhibit
from evaluation.estimation.records import Estimate
from evaluation.report.effect_rows import EffectLine, lines
from evaluation.report.figures.effects import in_sd, is_suppressed
from evaluation.report.figures.frame import COLOURS, ESTIMATE, Drawn, absent, draws
from evaluation.report.figures.row_panels import FigurePanel, Mark, PanelRow, draw_rows
from evaluation.report.figures.sheet import FAINT, DrawingSheet
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.prose import table_frame
from evaluation.report.prose.conclusions import direction, strength
from evaluation.report.prose.programme import ALL_TESTS
from evaluation.report.prose.sensitivity_summary import assuming
from evaluation.report.sources import Source

COLUMNS = ("outcome", "component", "specification", "estimate_sd", "ci_low_sd", "ci_high_sd")
# Colours of effects whose interval excludes zero in the desired direction, and against it.
COLOUR_OF = {
    "desired": COLOURS[3],
    "not desired": COLOURS[1],
    "no desired direction": ESTIMATE,
}
ALONE = "excludes zero by the one method available"


@draws
def components_plot(exhibit: Exhibit, source: Source) -> Drawn:
    """One row an outcome, under its component or its family.

    Raises
    ------
    ReportError
        An estimate that the exhibit asks for is nowhere, not even as unavailable.
    """
    chosen = [x for x in lines(exhibit, source) if not _is_blank(x)]
    return Drawn(
        plot=lambda sheet: _plot(sheet, source, chosen),
        message=_headline(source, chosen),
        subtitle=source.wording("components.subtitle"),
        data=_data(exhibit, source, chosen),
        alt=_alt(source, chosen),
    )


def _is_blank(line: EffectLine) -> bool:
    """Whether an effect has no scale: its outcome is the same for everybody at baseline."""
    found = line.found
    return isinstance(found, Estimate) and not is_suppressed(line) and in_sd(line).is_nothing


def _is_clear(line: EffectLine, found: Estimate) -> bool:
    """Whether zero is excluded by every method there is, and after adjustment."""
    made = strength(line.source, line.specification, line.outcome, found)
    if made == ALONE:
        return found.adjustment != "none" and found.p_adjusted <= 1 - found.level
    return made == ALL_TESTS


def _way(line: EffectLine, found: Estimate) -> str:
    """Where a clear effect points; empty where it is not clear."""
    return direction(found.estimate, line.outcome.desired) if _is_clear(line, found) else ""


def groups(source: Source, chosen: Sequence[EffectLine]) -> dict[str, list[EffectLine]]:
    """Lines under the expected result they measure, else their component, else their family.

    Parameters
    ----------
    source : Source
    chosen : sequence of EffectLine
    """
    parts = source.configuration.study.component
    kinds = {part.id: part.kind for part in parts}
    labels = {part.id: part.label[source.language] for part in parts}
    found: dict[str, list[EffectLine]] = {label: [] for label in labels.values()}
    for line in chosen:
        named = sorted(
            (c for c in line.outcome.components if kinds.get(c) != "overview"),
            key=lambda c: kinds.get(c) != "expected_result",
        )
        label = labels[named[0]] if named else source.family(line.outcome.id)
        found.setdefault(label, []).append(line)
    return {label: held for label, held in found.items() if held}


def _plot(sheet: DrawingSheet, source: Source, chosen: Sequence[EffectLine]) -> None:
    look = {"marker": "o", "markersize": 5, "linewidth": 1.5}
    ways = {_way(x, x.found) for x in chosen if isinstance(x.found, Estimate) and _way(x, x.found)}
    entries = [
        ({**look, "color": colour}, source.wording(f"components.clear.{way}"))
        for way, colour in COLOUR_OF.items()
        if way in ways
    ]
    hollow = {**look, "color": FAINT, "markerfacecolor": "white"}
    sheet.legend([*entries, (hollow, source.wording("components.unclear"))])
    rows: list[PanelRow] = []
    for heading, held in groups(source, chosen).items():
        rows.append(PanelRow(label=heading))
        rows += [_row(line) for line in held]
    one = FigurePanel(id="", title="", unit=words.first_unit("SD", source.language))
    draw_rows(sheet, rows, [one], names=4.2, values=0.5)


def _row(line: EffectLine) -> PanelRow:
    source, outcome, bar = line.source, line.outcome, in_sd(line)
    arrow = {"up": "\u00a0↑", "down": "\u00a0↓", "none": ""}[outcome.desired]
    label = f"{words.begun(words.spoken(outcome.label[source.language], source.language))}{arrow}"
    if not isinstance(line.found, Estimate) or bar.is_nothing:
        reason = getattr(line.found, "reason", None)
        word = (
            source.wording("cell.suppressed")
            if is_suppressed(line)
            else absent(reason, source.language)
        )
        return PanelRow(label=label, marks={"": Mark(remark=word)}, bold=outcome.primary)
    way = _way(line, line.found)
    mark = Mark(
        low=bar.low, high=bar.high, point=bar.estimate, filled=bool(way),
        colour=COLOUR_OF.get(way, FAINT),
    )  # fmt: skip
    value = number_format.signed(bar.estimate, 2, source.language)
    return PanelRow(label=label, marks={"": mark}, bold=outcome.primary, value=value)


def _headline(source: Source, chosen: Sequence[EffectLine]) -> str:
    """How many outcomes differ clearly from zero, and how many of these are primary."""
    found = [(x, x.found) for x in chosen if isinstance(x.found, Estimate)]
    clear = [x for x, one in found if _way(x, one)]
    primary = sum(x.outcome.primary for x in clear)
    return source.verdict(
        f"components.headline.{'some' if clear else 'none'}",
        condition=words.begun(assuming(source)),
        n=len(clear),
        of=len(found),
        primary=primary,
        secondary=len(clear) - primary,
    )


def _data(exhibit: Exhibit, source: Source, chosen: Sequence[EffectLine]) -> Table:
    language = source.language
    rows = []
    for heading, held in groups(source, chosen).items():
        for line in held:
            lead = (line.outcome.label[language], heading, line.specification.label[language])
            cells = (*map(table.text, lead), *_cells(line))
            rows.append(Row(id=line.outcome.id, cells=cells))
    note = source.wording("components.note")
    return table_frame.table(exhibit, source, columns=COLUMNS, rows=tuple(rows), generated=(note,))


def _cells(line: EffectLine) -> tuple[Cell, ...]:
    language, bar = line.source.language, in_sd(line)
    if not isinstance(line.found, Estimate) or bar.is_nothing:
        reason = getattr(line.found, "reason", None)
        is_hidden = is_suppressed(line)
        first = table.suppressed(language) if is_hidden else table.unavailable(reason, language)
        return (first, table.none(), table.none())
    return tuple(table.effect(x, decimals=2, unit="SD") for x in bar[:3])


def _alt(source: Source, chosen: Sequence[EffectLine]) -> str:
    said = [
        f"{heading}: {'; '.join(_said(line) for line in held)}."
        for heading, held in groups(source, chosen).items()
    ]
    return source.wording("components.alt", said=" ".join(said))


def _said(line: EffectLine) -> str:
    """One outcome in the alternative text."""
    language, bar = line.source.language, in_sd(line)
    label = words.spoken(line.outcome.label[language], language)
    if not isinstance(line.found, Estimate) or bar.is_nothing:
        return f"{label}: {_cells(line)[0].text}"
    return line.source.wording(
        "components.line",
        outcome=label,
        effect=number_format.signed(bar.estimate, 2, language),
        interval=number_format.interval(bar.low, bar.high, 2, language),
    )
