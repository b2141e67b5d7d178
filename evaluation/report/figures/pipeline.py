"""The map of the pipeline: one box per stage, arrows where one reads what another made."""

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes

from evaluation.locale.messages import wording
from evaluation.report.figures import frame as style
from evaluation.report.figures.frame import Drawn
from evaluation.report.formats import table
from evaluation.report.formats.table import Row, Table
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One rule of the Makefile; the catalogue says what it is called and what it leaves behind.

    Attributes
    ----------
    needs : tuple of str
        Stages whose files its rule lists.
    place : tuple of (float, int)
        Where the map draws it: from left (0) to right (1), and the row from above.
    """

    needs: tuple[str, ...]
    place: tuple[float, int]


# Ids are the names of the commands: python -m evaluation <id>.
STAGES: Mapping[str, Stage] = {
    "read": Stage(needs=(), place=(0.5, 0)),
    "clean": Stage(needs=("read",), place=(0.5, 1)),
    "estimate": Stage(needs=("read", "clean"), place=(0.22, 2)),
    "robustness": Stage(needs=("read", "clean"), place=(0.78, 2)),
    "calibrate": Stage(needs=("read", "clean"), place=(0.5, 3)),
    "exhibits": Stage(needs=("clean", "estimate", "robustness", "calibrate"), place=(0.5, 4)),
    "notebook": Stage(needs=("exhibits",), place=(0.22, 5)),
    "book": Stage(needs=("exhibits", "notebook"), place=(0.78, 5)),
    "audit": Stage(needs=("book",), place=(0.78, 6)),
}


BOX_WIDTH, BOX_HEIGHT = 0.40, 0.62
ROW_INCHES, LINE_CHARACTERS = 0.98, 38
# how far an arrow bows that would else run through a box between its ends, by its two ends
BOWS = {("read", "estimate"): 0.3, ("read", "robustness"): -0.3}


@style.draws
def pipeline_map(exhibit: Exhibit, source: Source) -> Drawn:
    """The stages from the delivered files to the audited book, in the order of the rules."""
    rows = 1 + max(stage.place[1] for stage in STAGES.values())
    figure = style.canvas(0.2 + ROW_INCHES * rows)
    axes = figure.add_subplot()
    style.quiet(axes)
    axes.set_xlim(0, 1)
    axes.set_ylim(rows - 0.6, -0.4)
    for name, stage in STAGES.items():
        _draw_box(axes, name, stage, source.language)
        for needed in stage.needs:
            _draw_arrow(axes, needed, name)
    data = _data(exhibit, source)
    return Drawn(figure, data=data, alt=_alt(source.language))


def _draw_box(axes: Axes, name: str, stage: Stage, language: str) -> None:
    x, y = stage.place
    corner = (x - BOX_WIDTH / 2, y - BOX_HEIGHT / 2)
    style.box(axes, corner, BOX_WIDTH, BOX_HEIGHT, zorder=3)
    axes.text(
        x, y - 0.17, f"{wording(f'pipeline.stage.{name}', language)}  ({name})",
        ha="center", va="center", fontsize=9.5, fontweight="bold", zorder=4,
    )  # fmt: skip
    axes.text(
        x, y + 0.11, style.wrap(wording(f"pipeline.makes.{name}", language), LINE_CHARACTERS),
        ha="center", va="center", fontsize=8, zorder=4,
    )  # fmt: skip


def _draw_arrow(axes: Axes, begin: str, end: str) -> None:
    """From the lower edge of a box to the upper one of another, or from side to side."""
    (x, y), (to_x, to_y) = STAGES[begin].place, STAGES[end].place
    half = BOX_HEIGHT / 2
    ends: tuple[style.Spot, style.Spot]
    if y == to_y:
        ends = (x + BOX_WIDTH / 2, y), (to_x - BOX_WIDTH / 2, to_y)
    elif (begin, end) in BOWS:
        side = 1 if to_x > x else -1
        ends = (x + side * BOX_WIDTH / 2, y), (to_x + side * 0.08, to_y - half)
    else:
        ends = (x + 0.25 * (to_x - x), y + half), (to_x - 0.25 * (to_x - x), to_y - half)
    bow = f"arc3,rad={BOWS.get((begin, end), 0)}"
    style.arrow(axes, *ends, connectionstyle=bow, zorder=2)


def _needs(stage: Stage, language: str) -> str:
    named = ", ".join(wording(f"pipeline.stage.{name}", language).lower() for name in stage.needs)
    return named or wording("pipeline.needs-nothing", language)


def _data(exhibit: Exhibit, source: Source) -> Table:
    language = source.language
    columns = ("stage", "command", "needs", "makes")
    rows = tuple(
        Row(
            id=name,
            cells=(
                table.text(source.wording(f"pipeline.stage.{name}")),
                table.text(f"python -m evaluation {name}"),
                table.text(_needs(stage, language)),
                table.text(source.wording(f"pipeline.makes.{name}")),
            ),
        )
        for name, stage in STAGES.items()
    )
    note = source.wording("pipeline.note")
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=(note,))


def _alt(language: str) -> str:
    said = (
        wording(
            "pipeline.line",
            language,
            stage=wording(f"pipeline.stage.{name}", language),
            needs=_needs(stage, language),
            makes=wording(f"pipeline.makes.{name}", language),
        )
        for name, stage in STAGES.items()
    )
    return wording("pipeline.alt", language, said=" ".join(said))
