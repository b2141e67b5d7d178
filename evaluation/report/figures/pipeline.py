"""The pipeline: one entry per stage, with the stages whose files it reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.config.exhibits import Exhibit
from evaluation.locale.messages import wording
from evaluation.report.figures.frame import Drawn, draws
from evaluation.report.figures.sheet import FAINT, SMALL, DrawingSheet
from evaluation.report.formats import table
from evaluation.report.formats.table import Row, Table
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One rule of the Makefile; the catalogue says what it is called and what it leaves behind.

    Attributes
    ----------
    needs : tuple of str
        Stages whose files its rule lists.
    """

    needs: tuple[str, ...]


INDENT = 0.2  # inches
# Ids are the names of the commands: python -m evaluation <id>.
STAGES: Mapping[str, Stage] = {
    "read": Stage(needs=()),
    "clean": Stage(needs=("read",)),
    "estimate": Stage(needs=("read", "clean")),
    "robustness": Stage(needs=("read", "clean")),
    "calibrate": Stage(needs=("read", "clean")),
    "exhibits": Stage(needs=("clean", "estimate", "robustness", "calibrate")),
    "notebook": Stage(needs=("exhibits",)),
    "book": Stage(needs=("exhibits", "notebook")),
    "audit": Stage(needs=("book",)),
}


@draws
def pipeline_map(exhibit: Exhibit, source: Source) -> Drawn:
    """The stages from the delivered files to the audited book, in the order of the rules."""
    return Drawn(
        plot=lambda sheet: _plot(sheet, source.language),
        message=source.wording("pipeline.headline", n=len(STAGES)),
        subtitle=source.wording("pipeline.subtitle"),
        data=_data(exhibit, source),
        alt=_alt(source.language),
    )


def _plot(sheet: DrawingSheet, language: str) -> None:
    """One line a stage: its name and command, what it needs, what it leaves behind."""
    for number, (name, stage) in enumerate(STAGES.items()):
        if number:
            sheet.rule()
            sheet.top += 0.05
        called = f"{number + 1}. {wording(f'pipeline.stage.{name}', language)} ({name})"
        sheet.say(called, bold=True)
        makes = wording(f"pipeline.makes.{name}", language)
        sheet.say(makes, size=SMALL, left=INDENT)
        needs = wording("pipeline.needs", language, needs=_needs(stage, language))
        sheet.say(needs, size=SMALL, left=INDENT, color=FAINT)
        sheet.top += 0.05


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
