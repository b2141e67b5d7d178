"""Draw a figure of the registry from result records."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from evaluation.errors import ReportError
from evaluation.locale.messages import message
from evaluation.report.disclosure_pass import protected
from evaluation.report.figure_breakdown import breakdown_plot
from evaluation.report.figure_curve import specification_curve
from evaluation.report.figure_detectable import detectable_plot
from evaluation.report.figure_effects import coefficient_plot
from evaluation.report.figure_flow import flow_diagram
from evaluation.report.figure_leave_one_out import leave_one_out_plot
from evaluation.report.figure_levels import levels_plot
from evaluation.report.figure_love import love_plot
from evaluation.report.figure_pipeline import pipeline_map
from evaluation.report.figure_places import places_plot
from evaluation.report.figure_study import timeline, trend_plot
from evaluation.report.figure_style import Figure
from evaluation.report.figure_subgroups import subgroups_plot
from evaluation.report.figure_theory import theory_of_change
from evaluation.report.maps import frame_map
from evaluation.report.sources import Source
from evaluation.spec.exhibits import Exhibit

BUILDERS: Mapping[str, Callable[[Exhibit, Source], Figure]] = {
    "coefficient_plot": coefficient_plot,
    "levels_plot": levels_plot,
    "flow_diagram": flow_diagram,
    "frame_map": frame_map,
    "trend_plot": trend_plot,
    "timeline": timeline,
    "specification_curve": specification_curve,
    "subgroups_plot": subgroups_plot,
    "places_plot": places_plot,
    "breakdown_plot": breakdown_plot,
    "leave_one_out_plot": leave_one_out_plot,
    "detectable_plot": detectable_plot,
    "love_plot": love_plot,
    "pipeline_map": pipeline_map,
    "theory_of_change": theory_of_change,
}


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
    if exhibit.builder not in BUILDERS:
        raise ReportError(
            message("builder-makes.problem", builder=exhibit.builder),
            where=f"exhibit `{exhibit.id}`",
            mend=message("name-figure-builder.mend"),
        )
    drawn = BUILDERS[exhibit.builder](exhibit, source)
    return replace(drawn, data=protected(drawn.data, source, builder=exhibit.builder))
