"""Curve of power: the effect that studies of other sizes would have detected, from this one's."""

from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report import figure_power, formats, heads, table, words
from evaluation.report import figure_style as style
from evaluation.report.figure_frame import finish
from evaluation.report.sources import Source
from evaluation.report.table import Row, Table
from evaluation.report.words import labelled
from evaluation.spec.design_records import PlannedPower
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome

OWN, OTHERS = "own design", "detectable"
ALPHA_DECIMALS = 10
COLUMNS = (
    "outcome", "unit", "clusters_planned_treated", "clusters_planned_comparison",
    "respondents_planned", "panel_share", "std_error", "planned_mde", "smallest_effect",
)  # fmt: skip


@style.draws
def detectable_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """Detectable effect against respondents, one line a number of clusters, this study marked.

    Raises
    ------
    ReportError
        There is no row for an outcome that the exhibit asks for.
    """
    outcomes = source.outcomes_of(exhibit)
    rows = {outcome.id: _rows(source, outcome) for outcome in outcomes}
    names = source.configuration.study.names
    language = source.language
    with style.applied():
        figure = style.canvas(1.6 + figure_power.PANEL_INCHES * len(outcomes))
        panels = figure.subplots(len(outcomes), 1, squeeze=False).ravel()
        for axes, outcome in zip(panels, outcomes, strict=True):
            found = rows[outcome.id]
            figure_power.draw_detectable(
                axes, found, outcome, language, (names.cluster, names.clusters)
            )
            own = _own(found)
            axes.plot(
                own.respondents,
                own.mde,
                linestyle="none",
                marker="*",
                markersize=15,
                color=style.INK,
                markeredgecolor="white",
                zorder=5,
                label=wording("detectable.own-point", language),
            )
            axes.set_title(outcome.label[language])
            axes.set_xlim(left=0)
        figure_power.legend_below(figure, panels)
        return finish(
            figure,
            exhibit,
            source,
            data=_data(exhibit, source, rows),
            alt=wording(
                "detectable.curve-alt",
                language,
                clusters=names.clusters[language],
                said=" ".join(_told(source, o, _own(rows[o.id])) for o in outcomes),
            ),
        )


def _rows(source: Source, outcome: Outcome) -> list[PlannedPower]:
    found = [r for r in source.records.detectable if r.outcome == outcome.id]
    if not any(r.effect_from == OWN for r in found):
        absent = source.records.unavailable
        why = [u.reason for u in absent if (u.outcome, u.step) == (outcome.id, OTHERS)]
        raise ReportError(
            message("figure-without-curve.problem", outcome=outcome.id, why=why[0])
            if why
            else message("no-curve-detectable.problem", id=outcome.id),
            where="detectable_effects.csv",
            mend=message("run-estimate-stage-again.mend"),
            rule="missing-record",
        )
    return found


def _own(rows: list[PlannedPower]) -> PlannedPower:
    return next(r for r in rows if r.effect_from == OWN)


def _data(exhibit: Exhibit, source: Source, rows: dict[str, list[PlannedPower]]) -> Table:
    language = source.language
    made = [_row(source, r, n) for found in rows.values() for n, r in enumerate(found)]
    power = formats.percent(figure_power.TARGET, language)
    level = source.plan.inference.level
    alpha = formats.percent(round(1 - level, ALPHA_DECIMALS), language)
    note = labelled(
        wording("detectable.curve", language),
        wording("detectable.closed", language, power=power, alpha=alpha),
    )
    columns = tuple(heads.column(source, name) for name in COLUMNS)
    return heads.table(exhibit, source, columns=columns, rows=tuple(made), generated=(note,))


def _row(source: Source, found: PlannedPower, number: int) -> Row:
    outcome = source.outcome(found.outcome)
    unit, smallest = words.unit(outcome.unit, "en"), outcome.smallest_effect
    decimals = formats.apart(found.mde, smallest, outcome.decimals)
    key = "own" if found.effect_from == OWN else f"size_{number:03d}"
    return Row(
        id=f"{outcome.id}-{key}",
        cells=(
            table.text(outcome.label[source.language]),
            table.text(words.unit(outcome.unit, source.language)),
            table.count(found.clusters_treated),
            table.count(found.clusters_comparison),
            table.number(found.respondents, decimals=1),
            table.number(found.panel_share, decimals=2),
            table.number(found.std_error, decimals=outcome.decimals + 1, unit=unit),
            table.number(found.mde, decimals=decimals, unit=unit),
            table.none()
            if smallest is None
            else table.number(smallest, decimals=decimals, unit=unit),
        ),
    )


def _told(source: Source, outcome: Outcome, own: PlannedPower) -> str:
    language, unit = source.language, words.unit(outcome.unit, source.language)
    smallest = ""
    decimals = formats.apart(own.mde, outcome.smallest_effect, outcome.decimals)
    if outcome.smallest_effect is not None:
        value = formats.plain(outcome.smallest_effect, decimals, language)
        smallest = wording("detectable.smallest-said", language, value=value, unit=unit)
    clusters = source.configuration.study.names.clusters[language]
    return wording(
        "detectable.own-said",
        language,
        outcome=outcome.label[language],
        mde=formats.plain(own.mde, decimals, language),
        unit=unit,
        design=figure_power.design(
            own.clusters_treated, own.clusters_comparison, clusters, language
        ),
        respondents=formats.plain(own.respondents, 0, language),
        smallest=smallest,
    )
