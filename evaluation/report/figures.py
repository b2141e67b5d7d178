"""Draw a figure of the registry from result records."""

from dataclasses import replace

from evaluation.errors import ReportError
from evaluation.locale.messages import message
from evaluation.report.disclosure_pass import protected
from evaluation.report.figure_style import Figure, draws
from evaluation.report.sources import Source
from evaluation.spec.exhibits import Exhibit


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
        raise ReportError(
            message("builder-makes.problem", builder=exhibit.builder),
            where=f"exhibit `{exhibit.id}`",
            mend=message("name-figure-builder.mend"),
        )
    drawn = draws[exhibit.builder](exhibit, source)
    return replace(drawn, data=protected(drawn.data, source, builder=exhibit.builder))
