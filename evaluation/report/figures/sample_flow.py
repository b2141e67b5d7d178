"""Figure of the sample flow: a box per round and group."""

from matplotlib.axes import Axes

from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import Drawn
from evaluation.report.formats import number_format
from evaluation.report.linked_counts import SAMPLED, SET_ASIDE
from evaluation.report.sources import Source
from evaluation.report.tables.sample_flow import (
    AGAIN,
    arm_label,
    flow,
    flow_arms,
    reasons,
    shown_counts,
)
from evaluation.study.confidentiality import is_withheld
from evaluation.study.exhibits import Exhibit
from evaluation.study.records import Flow

LINE_INCHES = 0.2
BOX_PADDING, BOX_GAP = 0.9, 2.4  # in lines of text
BOX_CHARACTERS = 88  # of all boxes of a row together
Boxes = dict[tuple[str, str], list[str]]


@style.draws
def flow_diagram(exhibit: Exhibit, source: Source) -> Drawn:
    """One box per round and group, from delivered to valid, with what was left out and why."""
    data = flow(exhibit, source)
    arms, rounds = flow_arms(source), source.configuration.study.rounds
    said = {(r, arm): _flow_lines(source, r, arm) for r in rounds for arm in arms}
    boxes = {place: _broken(source, statements) for place, statements in said.items()}
    heads = {arm: _wrapped(source, arm_label(source, arm)).split("\n") for arm in arms}
    # heads of one height, so that the lines below them stand level; the round has a line too
    head = max(len(lines) for lines in heads.values()) + 1
    tallest = {r: head + max(len(boxes[r, arm]) for arm in arms) for r in rounds}
    total = sum(tallest.values()) + (BOX_PADDING + BOX_GAP) * len(rounds) - BOX_GAP
    figure = style.canvas(0.4 + LINE_INCHES * total)
    axes = figure.add_subplot()
    style.quiet(axes)
    axes.set_xlim(0, len(arms))
    axes.set_ylim(total, 0)
    _draw_flow(axes, source, boxes, tallest, heads)
    return Drawn(figure, data=data, alt=_flow_alt(source, said))


def _flow_lines(source: Source, round_: str, arm: str) -> list[str]:
    """Statements of a box, not yet broken; people who were seen again stand on the arrow."""
    counts = {key[1]: x for key, x in shown_counts(source).items() if _is_at(key, round_, arm)}
    lines: list[str] = []
    if SAMPLED in counts:
        lines.append(_line(source, "sampled", counts[SAMPLED]))
    if SET_ASIDE in counts and counts[SET_ASIDE].n != 0:
        lines.append(_line(source, "set_aside", counts[SET_ASIDE]))
    if "delivered" in counts:
        lines.append(_line(source, "delivered", counts["delivered"]))
    if "left_out" in counts and counts["left_out"].n != 0:
        # the reasons of all groups, as in the table: one that is missing here would show a zero
        why = "; ".join(reasons(source, round_))
        lines.append(
            f"{number_format.MINUS} {_line(source, 'left_out', counts['left_out'], why=why)}"
        )
    if "valid" in counts:
        valid = counts["valid"]
        counted = valid.n_clusters >= 0
        lines.append(_line(source, "valid_in" if counted else "valid", valid))
    return lines


def _line(source: Source, step: str, found: Flow, *, why: str = "") -> str:
    """One statement of a box."""
    language = source.language
    return source.wording(
        f"flow.box.{step}",
        n=number_format.count(found.n, language),
        found=found.n_clusters,
        why=why,
    )


def _broken(source: Source, statements: list[str]) -> list[str]:
    """Statements on lines that fit a box; what goes on is set in."""
    lines: list[str] = []
    for said in statements:
        lines.extend(_wrapped(source, said).replace("\n", "\n    ").split("\n"))
    return lines


def _is_at(key: tuple[str, str, str, str], round_: str, arm: str) -> bool:
    """Whether a count is a total, or the sum of all reasons, of a round and group."""
    return (key[0], key[2], key[3]) == (round_, "", arm)


def _wrapped(source: Source, text: str) -> str:
    return style.wrap(text, BOX_CHARACTERS // max(len(flow_arms(source)), 1))


def _draw_flow(
    axes: Axes,
    source: Source,
    boxes: Boxes,
    tallest: dict[str, int],
    heads: dict[str, list[str]],
) -> None:
    arms, rounds = flow_arms(source), list(tallest)
    head = max(len(lines) for lines in heads.values())
    top = 0.0
    for number, (round_, lines) in enumerate(tallest.items()):
        height = lines + BOX_PADDING
        for column, arm in enumerate(arms):
            style.box(axes, (column + 0.04, top + 0.05), 0.92, height - 0.1)
            bold = [*heads[arm], *[""] * (head - len(heads[arm])), source.round_name(round_)]
            for offset, line in enumerate((*bold, *boxes[round_, arm])):
                weight = "bold" if offset <= head else "normal"
                place = (column + 0.09, top + 0.85 + offset)
                axes.text(*place, line, va="center", fontsize=8.5, fontweight=weight)
            if number + 1 < len(rounds):
                _draw_arrow(axes, source, column, top + height, round_, arm)
        top += height + BOX_GAP


def _draw_arrow(axes: Axes, source: Source, column: int, top: float, round_: str, arm: str) -> None:
    """From a round's box to the next one's, with how many were interviewed in every round."""
    style.arrow(axes, (column + 0.12, top), (column + 0.12, top + BOX_GAP))
    again = [
        record
        for key, record in shown_counts(source).items()
        if key[0] == round_ and key[1] in AGAIN and key[3] == arm
    ]
    if again and not is_withheld(again[0].n):
        number = number_format.count(again[0].n, source.language)
        said = source.wording("flow.in-every-round", n=number)
        axes.text(column + 0.17, top + BOX_GAP / 2, said, va="center", fontsize=8.5)


def _flow_alt(source: Source, boxes: Boxes) -> str:
    said = [
        f"{arm_label(source, arm)}, {source.round(round_)}: {'. '.join(statements)}."
        for (round_, arm), statements in boxes.items()
    ]
    return source.wording("flow.alt", said=" ".join(said))
