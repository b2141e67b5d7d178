"""What every drawn figure gets: the synthetic mark, its words, and the order of the groups."""

from matplotlib.figure import Figure as Canvas

from evaluation.locale.messages import Message, wording
from evaluation.report import figure_style as style
from evaluation.report import table, words
from evaluation.report.sources import Source
from evaluation.report.table import Table
from evaluation.spec.exhibits import Exhibit

NORMAL_95 = 1.96


def finish(
    figure: Canvas, exhibit: Exhibit, source: Source, *, data: Table, alt: str
) -> style.Figure:
    """Mark a drawn figure where the study is synthetic, and save it with its words."""
    mark = source.configuration.study.mark
    style.mark_figure(figure, words.banner(mark, source.language))
    svg, png = style.pictures(figure, source.language)
    title = exhibit.title[source.language]
    return style.Figure(
        id=exhibit.id,
        title=title,
        reading=exhibit.reading[source.language],
        notes=data.notes,
        alt=f"{marked(mark, source.language)}{title}. {alt}",
        svg=svg,
        png=png,
        data=data,
    )


def absent(reason: Message | None, language: str) -> str:
    """The word in the place of what cannot be had, or may not be shown, for this reason."""
    cell = table.unavailable(reason, language)
    return cell.text if cell.kind == "suppressed" else wording("figure.not-available", language)


def marked(mark: str, language: str) -> str:
    """The mark of the study before an alternative text; empty where it has none."""
    if not mark:
        return ""
    named = " ".join(wording(f"figure.mark.{name}", language) for name in mark.split())
    return f"{wording('figure.marked', language, named=named)} "


def order(source: Source, arm: str) -> int:
    """Position of an arm's look: comparison arms first, so that black is always comparison."""
    study = source.configuration.study
    pure = study.arms_without_any()
    return [*pure, *(a.id for a in study.arm if a.id not in pure)].index(arm)
