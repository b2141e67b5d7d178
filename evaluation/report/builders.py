"""Build a table or draw a figure of the registry from result records."""

from dataclasses import replace

from evaluation.config.exhibits import Exhibit
from evaluation.errors import ReportError
from evaluation.locale.messages import Message, message
from evaluation.report.figures.frame import Figure, draws, figure
from evaluation.report.formats.table import Table, builds, localised
from evaluation.report.sources import Source
from evaluation.report.table_disclosure import protected


def build(exhibit: Exhibit, source: Source) -> Table:
    """The table of an exhibit.

    Parameters
    ----------
    exhibit : Exhibit
        Entry of exhibits.toml whose builder makes a table.
    source : Source
        Records, configuration and language.

    Raises
    ------
    ReportError
        A record that the exhibit asks for is missing; the builder makes figures; two rows have
        one id.
    """
    if exhibit.builder not in builds:
        raise _wrong(
            exhibit,
            message("builder-makes-no.problem", builder=exhibit.builder),
            message("name-table-builder.fix"),
        )
    table = builds[exhibit.builder](exhibit, source)
    ids = [row.id for row in table.rows]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise _wrong(
            exhibit, message("row-id-twice.problem", row=twice[0]), message("make-rows-tell.fix")
        )
    if any(len(row.cells) != len(table.columns) for row in table.rows):
        raise _wrong(exhibit, message("row-not-one-cell.problem"), message("correct-builder.fix"))
    return localised(protected(table, source, builder=exhibit.builder))


def _wrong(exhibit: Exhibit, problem: Message, fix: Message) -> ReportError:
    return ReportError(problem, where=f"exhibit `{exhibit.id}`", fix=fix)


def draw(exhibit: Exhibit, source: Source) -> Figure:
    """The figure of an exhibit, as SVG and PNG with alternative text and data.

    Parameters
    ----------
    exhibit : Exhibit
        Entry of exhibits.toml whose builder makes a figure.
    source : Source
        Records, configuration and language.

    Raises
    ------
    ReportError
        A record that the exhibit asks for is missing, or the builder makes tables.
    """
    if exhibit.builder not in draws:
        raise ReportError.of(
            "builder-makes",
            "name-figure-builder",
            f"exhibit `{exhibit.id}`",
            builder=exhibit.builder,
        )
    drawn = figure(exhibit, source)
    return replace(drawn, data=protected(drawn.data, source, builder=exhibit.builder))
