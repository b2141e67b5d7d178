"""The love plot: differences of covariates before and after each choice of the comparison."""

from matplotlib.axes import Axes

from evaluation.locale.messages import wording
from evaluation.report import figure_style as style
from evaluation.report import formats, heads
from evaluation.report.figure_frame import finish
from evaluation.report.sources import Source
from evaluation.report.table_balance import LARGE
from evaluation.report.table_comparison import (
    Reweighted,
    before,
    covariate_balance,
    reweighted,
    sentence,
    variable_label,
    variables,
)
from evaluation.spec.exhibits import Exhibit

ROW_INCHES, LABEL_WIDTH = 0.5, 34
OFFSET = 0.16  # of a row, so that marks at one place can be told apart


@style.draws
def love_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """One row per covariate: its difference in SD as it is and after each check.

    Raises
    ------
    ReportError
        As the table of reweighted comparisons.
    """
    checks = reweighted(exhibit, source)
    shown = [v for v in variables(checks) if before(checks, v) is not None]
    with style.applied():
        figure = style.canvas(2.0 + ROW_INCHES * max(len(shown), 1) + 0.22 * len(checks))
        axes = figure.add_subplot()
        _draw(axes, checks, shown, source)
        if shown:
            figure.legend(loc="outside lower center", ncols=1)
        return finish(
            figure,
            exhibit,
            source,
            data=covariate_balance(exhibit, source),
            alt=_alt(checks, shown, source),
        )


def _draw(axes: Axes, checks: tuple[Reweighted, ...], shown: list[str], source: Source) -> None:
    series = [(heads.head(source, "before"), {v: before(checks, v) for v in shown})]
    series += [(one.label, {v: g[1] for v, g in one.gaps.items()}) for one in checks if one.gaps]
    for number, (label, gaps) in enumerate(series):
        placed = [
            (gap, row + OFFSET * (number - (len(series) - 1) / 2))
            for row, name in enumerate(shown)
            if (gap := gaps.get(name)) is not None
        ]
        look = {**style.line_style(number), "linestyle": "none", "markersize": 7}
        axes.plot([x for x, _ in placed], [y for _, y in placed], label=label, **look)
    for one in checks:
        if not one.gaps:
            absent = wording("comparison.figure-absent", source.language, check=one.label)
            axes.plot([], [], linestyle="none", label=absent)
    for row in range(len(shown)):
        axes.axhline(row, color=style.BAND, linewidth=1, zorder=0)
    axes.axvline(0, color=style.INK, linewidth=1)
    reach = 1.15 * max([abs(g) for _, gaps in series for g in gaps.values() if g] + [LARGE])
    for edge in (-LARGE, LARGE):
        axes.axvline(edge, color=style.FAINT, linewidth=1, linestyle=":")
    axes.set_xlim(-reach, reach)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    labels = [style.wrap(variable_label(source, name), LABEL_WIDTH) for name in shown]
    axes.set_yticks(range(len(shown)), labels)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    large = formats.shortest(LARGE, source.language)
    axes.set_xlabel(wording("comparison.figure-axis", source.language, large=large))


def _alt(checks: tuple[Reweighted, ...], shown: list[str], source: Source) -> str:
    rows = [_spoken(checks, name, source) for name in shown]
    said = " ".join(sentence(source, one) for one in checks)
    language = source.language
    return wording(
        "comparison.figure-alt",
        language,
        rows="; ".join(rows) or wording("comparison.figure-empty", language),
        said=said,
    )


def _spoken(checks: tuple[Reweighted, ...], name: str, source: Source) -> str:
    start, language = before(checks, name), source.language
    after = [
        f"{formats.signed(one.gaps[name][1], 2, language)} ({one.label})"
        for one in checks
        if name in one.gaps
    ]
    return wording(
        "comparison.figure-row",
        language,
        covariate=variable_label(source, name),
        before=formats.signed(start, 2, language) if start is not None else "",
        after=", ".join(after),
    )
