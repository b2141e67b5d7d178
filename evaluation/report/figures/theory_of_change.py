"""Theory of change: from the programme through its components to what the plan measures."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from evaluation.errors import ReportError
from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import Drawn
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Column, Row, Table
from evaluation.report.prose.table_frame import table as framed
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome
from evaluation.study.study import Component

# Narrow, so that a telephone shows its words as large as a page does.
WIDTH, HEAD_INCHES, LINE_INCHES, SIZE = 4.8, 0.9, 0.2, 10.5
LANE, GAP, PADDING = 0.075, 1.1, 1.0  # width of a lane; between boxes and inside, in lines of text
FULL_CHARACTERS, HALF_CHARACTERS = 42, 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An expected result, or a primary outcome, and how each component reaches it.

    ``links`` are component ids with the number of the plan's outcomes that belong to both.
    """

    id: str
    label: str
    heading: str
    links: dict[str, int]


@style.draws
def theory_of_change(exhibit: Exhibit, source: Source) -> Drawn:
    """Boxes for the programme, its components and their results; arrows where the plan measures.

    Raises
    ------
    ReportError
        The study declares no component.
    """
    parts = components(source)
    found = targets(source)
    data = _data(exhibit, source, parts, found)
    boxes = [style.wrap(_boxed(source, t), FULL_CHARACTERS).split("\n") for t in found]
    halves = [style.wrap(c.label[source.language], _half(parts)).split("\n") for c in parts]
    total = _height(source, found, boxes, halves)
    figure = style.canvas(HEAD_INCHES + LINE_INCHES * total)
    figure.set_size_inches(WIDTH, HEAD_INCHES + LINE_INCHES * total)
    axes = figure.add_subplot()
    style.quiet(axes)
    axes.set_xlim(0, 1)
    axes.set_ylim(total, 0)
    _draw(axes, source, parts, found, boxes, halves)
    return Drawn(figure, data=data, alt=_alt(source, parts, found))


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


def targets(source: Source) -> tuple[Target, ...]:
    """Expected results, then the primary outcomes, with the components that lead to them."""
    language, study = source.language, source.configuration.study
    asked: list[tuple[Component | Outcome, str, Sequence[Outcome]]] = [
        (c, "theory.expected", [o for o in source.plan.outcome if c.id in o.components])
        for c in study.component
        if c.kind == "expected_result"
    ]
    asked += [(o, "theory.primary", [o]) for o in source.plan.primary_outcomes()]
    return tuple(
        Target(
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


def _boxed(source: Source, target: Target) -> str:
    """Text of a box: what is expected, and how many outcomes measure it."""
    if target.heading != source.wording("theory.expected"):
        return target.label
    measured = sum(target.id in o.components for o in source.plan.outcome)
    template = "theory.measured.one" if measured == 1 else "theory.measured.other"
    return source.wording(template, label=target.label, n=measured)


def _half(parts: Sequence[Component]) -> int:
    return FULL_CHARACTERS if len(parts) == 1 else 2 * HALF_CHARACTERS // len(parts)


def _height(
    source: Source, found: Sequence[Target], boxes: list[list[str]], halves: list[list[str]]
) -> float:
    """Height of everything, in lines of text."""
    programme = len(_programme(source)) + PADDING + GAP
    parts = max(map(len, halves)) + PADDING + GAP
    titles = len(dict.fromkeys(t.heading for t in found)) * (1.0 + GAP / 2)
    return programme + parts + titles + sum(len(b) + PADDING + GAP / 2 for b in boxes) + 0.2


def _programme(source: Source) -> list[str]:
    language = source.language
    named = number_format.listed(
        [t.label[language] for t in source.configuration.study.treatment], language
    )
    return style.wrap(named, FULL_CHARACTERS).split("\n")


def lanes(parts: Sequence[Component]) -> dict[str, float]:
    """Where each component's line runs down: the first half on the left, the rest on the right."""
    left = (len(parts) + 1) // 2
    step = LANE / (left + 1)
    at: dict[str, float] = {}
    for number, part in enumerate(parts):
        inside = number < left
        at[part.id] = step * (number + 1) if inside else 1 - step * (len(parts) - number)
    return at


def _draw(
    axes: Axes,
    source: Source,
    parts: Sequence[Component],
    found: Sequence[Target],
    boxes: list[list[str]],
    halves: list[list[str]],
) -> None:
    top = _box(axes, (0.01, 0.99), 0.1, _programme(source), weight="bold")
    width = 1.0 / len(parts)
    height = max(map(len, halves))
    bottom = top + GAP + height + PADDING
    for number, lines in enumerate(halves):
        span = (number * width + 0.01, (number + 1) * width - 0.01)
        padded = [*lines, *[""] * (height - len(lines))]
        _box(axes, span, top + GAP, padded, weight="bold", colour=style.COLOURS[number % 4])
        middle = sum(span) / 2
        _arrow(axes, (middle, top), (middle, top + GAP), style.FAINT)
    _draw_targets(axes, parts, found, boxes, bottom)


def _draw_targets(
    axes: Axes,
    parts: Sequence[Component],
    found: Sequence[Target],
    boxes: list[list[str]],
    top: float,
) -> None:
    at, heading, ends = lanes(parts), "", {p.id: top for p in parts}
    y = top
    for target, lines in zip(found, boxes, strict=True):
        if target.heading != heading:
            heading = target.heading
            axes.text(LANE + 0.01, y + GAP / 2 + 0.6, heading, va="center", fontsize=SIZE - 0.5,
                      color=style.FAINT)  # fmt: skip
            y += 1.0 + GAP / 2
        end = _box(axes, (LANE, 1 - LANE), y + GAP / 2, lines)
        middle = (y + GAP / 2 + end) / 2
        for number, part in enumerate(parts):
            if part.id in target.links:
                edge = LANE if at[part.id] < 0.5 else 1 - LANE
                _arrow(axes, (at[part.id], middle), (edge, middle), style.COLOURS[number % 4])
                ends[part.id] = middle
        y = end
    for number, part in enumerate(parts):
        axes.plot([at[part.id]] * 2, [top, ends[part.id]], color=style.COLOURS[number % 4],
                  linewidth=1.6, solid_capstyle="butt")  # fmt: skip


def _box(
    axes: Axes,
    span: tuple[float, float],
    top: float,
    lines: list[str],
    *,
    weight: str = "normal",
    colour: str = style.INK,
) -> float:
    """Draw a box with its lines of text; its lower edge."""
    height = len(lines) + PADDING
    corner = (span[0], top)
    style.box(axes, corner, span[1] - span[0], height, linewidth=1.4, edgecolor=colour)
    for number, line in enumerate(lines):
        axes.text(span[0] + 0.025, top + PADDING / 2 + 0.5 + number, line, va="center",
                  fontsize=SIZE, fontweight=weight)  # fmt: skip
    return top + height


def _arrow(axes: Axes, start: style.Spot, end: style.Spot, colour: str) -> None:
    style.arrow(axes, start, end, color=colour, mutation_scale=10, linewidth=1.6)


def _data(
    exhibit: Exhibit, source: Source, parts: Sequence[Component], found: Sequence[Target]
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


def _alt(source: Source, parts: Sequence[Component], found: Sequence[Target]) -> str:
    language = source.language
    said = [
        source.wording(
            "theory.leads",
            part=part.label[language],
            targets="; ".join(t.label for t in found if part.id in t.links),
        )
        for part in parts
    ]
    programme = " ".join(_programme(source))
    return source.wording("theory.alt", programme=programme, said=" ".join(said))
