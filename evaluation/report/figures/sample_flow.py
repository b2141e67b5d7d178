"""Figure of the sample flow: a box per round and group."""

from collections.abc import Mapping, Sequence

from evaluation.config.confidentiality import is_withheld
from evaluation.config.exhibits import Exhibit
from evaluation.estimation.records import Flow
from evaluation.locale import numbers
from evaluation.report.figures import typeface
from evaluation.report.figures.frame import Drawn, draws
from evaluation.report.figures.sheet import FAINT, LEADING, MARGIN, SMALL, DrawingSheet
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

HEAD = 9.5
ROW_GAP, BOX_GAP, INSET = 0.34, 0.12, 0.08  # inches
MOST = {True: 2, False: 4}  # groups side by side on a narrow and on a wide sheet


@draws
def flow_diagram(exhibit: Exhibit, source: Source) -> Drawn:
    """One box per round and group, from delivered to valid, with what was left out and why."""
    data = flow(exhibit, source)
    arms, rounds = flow_arms(source), source.configuration.study.rounds
    said = {(r, arm): _flow_lines(source, r, arm) for r in rounds for arm in arms}
    counted = dict(data.said).get("interviews", "")
    return Drawn(
        plot=lambda sheet: _plot(sheet, source, said),
        message=counted.rstrip(".") or source.wording("flow.headline-none"),
        subtitle=source.wording("flow.subtitle"),
        data=data,
        alt=_flow_alt(source, said),
    )


def _plot(sheet: DrawingSheet, source: Source, said: Mapping[tuple[str, str], list[str]]) -> None:
    """Groups side by side, as many as there is room for; rounds one under the other."""
    arms, most = flow_arms(source), MOST[sheet.narrow]
    across = min(len(arms), most)
    wide = (sheet.inside - BOX_GAP * (across - 1)) / across
    for begin in range(0, len(arms), across):
        here = arms[begin : begin + across]
        _heads(sheet, source, here, wide)
        rounds = source.configuration.study.rounds
        for number, round_ in enumerate(rounds):
            boxes = [(arm, _broken(said[round_, arm], wide)) for arm in here]
            _boxes(sheet, source.round_name(round_), boxes, wide)
            if number + 1 < len(rounds):
                _arrows(sheet, source, round_, here, wide)
        sheet.top += 0.14


def _heads(sheet: DrawingSheet, source: Source, arms: Sequence[str], wide: float) -> None:
    """Names of the groups, in their colours where they have one."""
    ends = []
    for number, arm in enumerate(arms):
        lines = typeface.broken(arm_label(source, arm), wide, HEAD, bold=True)
        left = MARGIN + number * (wide + BOX_GAP)
        ends.append(sheet.lines(lines, left, sheet.top, size=HEAD, fontweight="bold"))
    sheet.top = max(ends) + 0.04


def _boxes(
    sheet: DrawingSheet,
    round_: str,
    boxes: Sequence[tuple[str, list[tuple[str, bool]]]],
    wide: float,
) -> None:
    """The boxes of one round, all of one height."""
    line = LEADING * SMALL / 72
    height = (1 + max(len(lines) for _, lines in boxes)) * line + 2 * INSET
    for number, (_, lines) in enumerate(boxes):
        left = MARGIN + number * (wide + BOX_GAP)
        sheet.box(left, wide, height)
        top = sheet.lines([round_], left + INSET, sheet.top + INSET, size=SMALL, color=FAINT)
        for text, bold in lines:
            weight = "bold" if bold else "normal"
            top = sheet.lines([text], left + INSET, top, size=SMALL, fontweight=weight)
    sheet.top += height


def _broken(statements: Sequence[str], wide: float) -> list[tuple[str, bool]]:
    """Statements on lines that fit a box; the last, who is analysed, in bold."""
    lines = []
    for number, said in enumerate(statements):
        bold = number == len(statements) - 1
        room = wide - 2 * INSET
        lines += [(part, bold) for part in typeface.broken(said, room, SMALL, bold=bold)]
    return lines


def _arrows(
    sheet: DrawingSheet, source: Source, round_: str, arms: Sequence[str], wide: float
) -> None:
    """From a round's boxes to the next one's, with how many were interviewed in every round."""
    for number, arm in enumerate(arms):
        left = MARGIN + number * (wide + BOX_GAP) + 0.14
        sheet.page.annotate(
            "", (left, sheet.top + ROW_GAP), (left, sheet.top),
            arrowprops={"arrowstyle": "-|>", "color": FAINT, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        again = [
            record
            for key, record in shown_counts(source).items()
            if key[0] == round_ and key[1] in AGAIN and key[3] == arm
        ]
        if again and not is_withheld(again[0].n):
            n = number_format.count(again[0].n, source.language)
            said = " ".join(source.wording("flow.in-every-round", n=n).split())
            lines = typeface.broken(said, wide - 0.24, SMALL)
            top = sheet.top + (ROW_GAP - len(lines) * LEADING * SMALL / 72) / 2
            sheet.lines(lines, left + 0.1, top, size=SMALL)
    sheet.top += ROW_GAP


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
        lines.append(f"{numbers.MINUS} {_line(source, 'left_out', counts['left_out'], why=why)}")
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


def _is_at(key: tuple[str, str, str, str], round_: str, arm: str) -> bool:
    """Whether a count is a total, or the sum of all reasons, of a round and group."""
    return (key[0], key[2], key[3]) == (round_, "", arm)


def _flow_alt(source: Source, boxes: Mapping[tuple[str, str], list[str]]) -> str:
    said = [
        f"{arm_label(source, arm)}, {source.round(round_)}: {'. '.join(statements)}."
        for (round_, arm), statements in boxes.items()
    ]
    return source.wording("flow.alt", said=" ".join(said))
