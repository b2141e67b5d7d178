"""Theory of change: from the programme through its components to what the plan measures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.patches import Rectangle

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.config.study import Component
from evaluation.config.toml_reader import Text
from evaluation.errors import ReportError
from evaluation.report.figures import typeface
from evaluation.report.figures.frame import COLOURS, Drawn, draws
from evaluation.report.figures.sheet import FAINT, LEADING, MARGIN, PAPER, SMALL, DrawingSheet
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Column, Row, Table
from evaluation.report.prose.table_frame import table as framed
from evaluation.report.sources import Source

NAMES, BOX_GAP, INSET = 1.3, 0.08, 0.07  # inches
CHIP = 0.155  # inches: side of the square with the number of a component
HEAD = 9.0
# Steps from above; expected results and primary outcomes stand behind the outputs.
STEPS = ("inputs", "components", "activities", "outputs", "assumptions")
MOST = {True: 2, False: 3}  # boxes side by side on a narrow and on a wide sheet
SHORT = 52  # letters: two texts of this length stand side by side on a narrow sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedResult:
    """An expected result, or a primary outcome, and how each component reaches it.

    ``links`` are component ids with the number of the plan's outcomes that belong to both.
    """

    id: str
    label: str
    heading: str
    links: dict[str, int]


@draws
def theory_of_change(exhibit: Exhibit, source: Source) -> Drawn:
    """Components, expected results and primary outcomes, with the components that lead to each.

    Raises
    ------
    ReportError
        The study declares no component.
    """
    parts = components(source)
    found = targets(source)
    expected = {t.id for t in found if t.heading == source.wording("theory.expected")}
    measured = sum(not expected.isdisjoint(o.components) for o in source.plan.outcome)
    return Drawn(
        plot=lambda sheet: _plot(sheet, source, parts, found),
        message=source.wording(
            "theory.headline", parts=len(parts), expected=len(expected), n=measured
        ),
        subtitle=source.wording("theory.subtitle", programme=_programme(source)),
        data=_data(exhibit, source, parts, found),
        alt=_alt(source, parts, found),
        has_results=False,
    )


def components(source: Source) -> tuple[Component, ...]:
    """Components of the programme, expected results apart.

    Raises
    ------
    ReportError
        There are none.
    """
    found = tuple(c for c in source.configuration.study.component if c.kind == "component")
    if not found:
        raise ReportError.of(
            "study-declares-no",
            "declare-component",
            f"{source.configuration.study.id}/study.toml",
            rule="missing-record",
        )
    return found


def targets(source: Source) -> tuple[ExpectedResult, ...]:
    """Expected results, then the primary outcomes, with the components that lead to them."""
    language, study = source.language, source.configuration.study
    asked: list[tuple[Component | Outcome, str, Sequence[Outcome]]] = [
        (c, "theory.expected", [o for o in source.plan.outcome if c.id in o.components])
        for c in study.component
        if c.kind == "expected_result"
    ]
    asked += [(o, "theory.primary", [o]) for o in source.plan.primary_outcomes()]
    return tuple(
        ExpectedResult(
            id=one.id,
            label=one.label[language],
            heading=source.wording(heading),
            links=_links(source, outcomes),
        )
        for one, heading, outcomes in asked
    )


def _links(source: Source, outcomes: Sequence[Outcome]) -> dict[str, int]:
    counts = {c.id: sum(c.id in o.components for o in outcomes) for c in components(source)}
    return {name: n for name, n in counts.items() if n}


def _boxed(source: Source, target: ExpectedResult) -> str:
    """Text of a box: what is expected, and how many outcomes measure it."""
    if target.heading != source.wording("theory.expected"):
        return target.label
    measured = sum(target.id in o.components for o in source.plan.outcome)
    template = "theory.measured.one" if measured == 1 else "theory.measured.other"
    return source.wording(template, label=target.label, n=measured)


def _programme(source: Source) -> str:
    language = source.language
    return number_format.listed(
        [t.label[language] for t in source.configuration.study.treatment], language
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box: its text and the components that its squares name, by number."""

    text: str
    chips: tuple[int, ...] = ()
    bold: bool = False


def bands(
    source: Source, parts: Sequence[Component], found: Sequence[ExpectedResult]
) -> dict[str, list[Box]]:
    """Boxes of each step under its heading, from inputs to outcomes, assumptions last.

    Parameters
    ----------
    source : Source
    parts : sequence of Component
    found : sequence of ExpectedResult
    """
    language = source.language
    declared: dict[str, tuple[Text, ...]] = {
        step.id: step.items for step in source.configuration.study.logic
    }
    numbers = {part.id: n for n, part in enumerate(parts)}
    made: dict[str, list[Box]] = {}
    for name in STEPS:
        if name == "components":
            boxes = [
                Box(text=part.label[language], chips=(numbers[part.id],), bold=True)
                for part in parts
            ]
        else:
            boxes = [Box(text=item[language]) for item in declared.get(name, ())]
        made[source.wording(f"theory.step.{name}")] = boxes
        for target in found if name == "outputs" else ():
            chips = tuple(n for part, n in numbers.items() if part in target.links)
            box = Box(text=_boxed(source, target), chips=chips)
            made.setdefault(target.heading, []).append(box)
    return {heading: boxes for heading, boxes in made.items() if boxes}


def _plot(
    sheet: DrawingSheet, source: Source, parts: Sequence[Component], found: Sequence[ExpectedResult]
) -> None:
    """One band a step, from above; its name at the left where the sheet is wide."""
    made = bands(source, parts, found)
    last = source.wording("theory.step.assumptions")
    left = MARGIN if sheet.narrow else MARGIN + NAMES
    for number, (heading, boxes) in enumerate(made.items()):
        if number and heading != last:
            sheet.lines(["↓"], left + 0.2, sheet.top - 0.06, size=HEAD, side="center")
            sheet.top += 0.12
        elif number:
            sheet.top += 0.06
        _band(sheet, heading, boxes, left)


def _band(sheet: DrawingSheet, heading: str, boxes: Sequence[Box], left: float) -> None:
    """The name of a step and its boxes, as many side by side as their texts allow."""
    room = sheet.inside if sheet.narrow else NAMES - 0.12
    lines = typeface.broken(heading, room, HEAD, bold=True)
    below = sheet.lines(lines, MARGIN, sheet.top, size=HEAD, fontweight="bold", color=FAINT)
    begin = sheet.top = below + 0.03 if sheet.narrow else sheet.top
    # rows of one length
    across = math.ceil(len(boxes) / math.ceil(len(boxes) / MOST[sheet.narrow]))
    # long texts stand under each other where there is little room
    across = 1 if sheet.narrow and max(len(box.text) for box in boxes) > SHORT else across
    wide = (sheet.width - MARGIN - left - BOX_GAP * (across - 1)) / across
    for start in range(0, len(boxes), across):
        row = boxes[start : start + across]
        broken = [_lines(box, wide) for box in row]
        height = max(map(len, broken)) * LEADING * SMALL / 72 + 2 * INSET
        for number, (box, text) in enumerate(zip(row, broken, strict=True)):
            _box(sheet, box, text, (left + number * (wide + BOX_GAP), wide, height))
        sheet.top += height + BOX_GAP
    sheet.top = max(sheet.top, begin if sheet.narrow else below + 0.05)


def _lines(box: Box, wide: float) -> list[str]:
    room = wide - 2 * INSET - _chips(box)
    return typeface.broken(box.text, room, SMALL, bold=box.bold)


def _chips(box: Box) -> float:
    """Width of the squares before the text."""
    return len(box.chips) * (CHIP + 0.04) + (0.04 if box.chips else 0.0)


def _box(
    sheet: DrawingSheet, box: Box, lines: Sequence[str], place: tuple[float, float, float]
) -> None:
    """A box with its squares at the left and its text beside them."""
    left, wide, height = place
    sheet.box(left, wide, height)
    for position, number in enumerate(box.chips):
        x, top = left + INSET + position * (CHIP + 0.04), sheet.top + INSET - 0.005
        colour = COLOURS[(number + 1) % len(COLOURS)]
        sheet.page.add_patch(Rectangle((x, top), CHIP, CHIP, facecolor=colour, linewidth=0))
        sheet.lines(
            [str(number + 1)], x + CHIP / 2, top + 0.003, size=SMALL, side="center",
            color=PAPER, fontweight="bold",
        )  # fmt: skip
    weight = "bold" if box.bold else "normal"
    begin = left + INSET + _chips(box)
    sheet.lines(lines, begin, sheet.top + INSET, size=SMALL, fontweight=weight)


def _data(
    exhibit: Exhibit, source: Source, parts: Sequence[Component], found: Sequence[ExpectedResult]
) -> Table:
    language = source.language
    names = {p.id: p.label[language] for p in parts}
    rows = tuple(
        Row(
            id=f"{part}-{target.id}",
            group=target.heading,
            cells=(table.text(names[part]), table.text(target.label), table.count(n)),
        )
        for target in found
        for part, n in target.links.items()
    )
    columns = tuple(
        Column(id=name, label=source.wording(f"theory.head.{name}"))
        for name in ("component", "leads_to", "outcomes_shared")
    )
    return framed(
        exhibit, source, columns=columns, rows=rows, generated=(source.wording("theory.arrows"),)
    )


def _alt(source: Source, parts: Sequence[Component], found: Sequence[ExpectedResult]) -> str:
    language = source.language
    said = [
        source.wording(
            "theory.leads",
            part=part.label[language],
            targets="; ".join(t.label for t in found if part.id in t.links),
        )
        for part in parts
    ]
    programme = _programme(source)
    steps = [
        f"{source.wording(f'theory.step.{step.id}')}: "
        f"{'; '.join(item[language] for item in step.items)}."
        for step in source.configuration.study.logic
    ]
    return source.wording("theory.alt", programme=programme, said=" ".join([*said, *steps]))
