"""What is shown as it is: an event study with its simultaneous band, rates, shares of events."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from evaluation.analysis.panels.effects import NONE, ReportedSpecification
from evaluation.analysis.panels.units import (
    AMOUNT,
    CLUSTER,
    COUNT,
    DATE,
    ENTRY,
    PEOPLE,
    RATE,
    UNIT,
    YEAR,
    Units,
)
from evaluation.config.panel_study import span
from evaluation.config.plan import Specification
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.estimate_record import (
    EffectByMethod,
    diagnostic,
    effect,
    unavailable,
)
from evaluation.estimation.many_periods import poisson_inference
from evaluation.estimation.many_periods.poisson_units import fits
from evaluation.estimation.records import Diagnostic, Estimate, Trend, Unavailable
from evaluation.estimation.row_keys import Part
from evaluation.locale.messages import Plain, message

# permutations behind the band: many coefficients are fitted anew for each
BAND = 999
# series of the descriptions, beside each count of the study a year
MEAN, POOLED = "municipal_rate", "pooled_rate"
# shares of all events in each month of the year, and on each day of the week (1 is Monday)
MONTH, WEEKDAY = "month_share", "weekday_share"


def event_study(asked: ReportedSpecification) -> Iterator[Estimate | Diagnostic | Unavailable]:
    """A log ratio of every year against the mean of all years before, with a joint band.

    Parameters
    ----------
    asked : ReportedSpecification

    Notes
    -----
    Coefficients of a Poisson regression with a reference year, less their mean over the years
    before (the reference counts zero), for the data and for every permutation of treatment. The
    band is the estimate plus and minus the largest of the permuted coefficients over their
    standard deviations, at the level of the plan, times the standard deviation of the year.
    """
    made = asked.panel()
    if len(made.cohorts) > 1:
        yield unavailable(asked.heading, "all", message("panel-cohorts.reason"))
        return
    found = poisson_inference.ratios(made, "event")
    among = asked.units.drawn(made).among(found.panel.units)
    first = np.zeros(among.n_arms, dtype=np.int64)
    first[among.observed] = found.panel.first
    entries = first[among.codes.T[:BAND]]
    drawn = _around(fits(found.counts, entries, clustered=False).ratios, found)
    own = _around(found.estimates[None], found)[0]
    spread = np.nanstd(drawn, axis=0)
    largest = np.nanmax(np.abs(drawn) / spread, axis=1)
    critical = float(np.quantile(largest, asked.heading.level, method="higher"))
    sizes, said = asked.sizes(found.panel), {"n": Plain(len(drawn))}
    for k, period in enumerate(found.panel.periods):
        half = critical * spread[k]
        value = EffectByMethod(
            estimate=float(own[k]),
            std_error=float(spread[k]),
            statistic=float(own[k] / spread[k]),
            df=NONE,
            p_value=float(np.mean(np.abs(drawn[:, k]) >= abs(own[k]))),
            p_kind=message("panel-ri-coefficient.p", **said),
            ci_low=float(own[k] - half),
            ci_high=float(own[k] + half),
            ci_kind=message("panel-band.interval", **said),
            mc_error=NONE,
            ci_low_mc_error=NONE,
            ci_high_mc_error=NONE,
        )
        heading = replace(asked.heading, sample=Part(period), contrast_to=period)
        yield effect(heading, "ri_coefficient", value, sizes=sizes, estimate_sd=NONE)
    yield diagnostic(asked.heading, "band_critical", critical, "number")


def _around(ratios: Floats, found: poisson_inference.Ratios) -> Floats:
    """Coefficients of all years, the reference one included, less the mean of those before."""
    (cohort,) = found.panel.cohorts
    relative = np.arange(found.panel.n_periods) - cohort
    every = np.zeros((len(ratios), found.panel.n_periods))
    at = [int(np.flatnonzero(relative == name.at)[0]) for name in found.names]
    every[:, at] = ratios
    return np.asarray(every - every[:, relative < 0].mean(axis=1, keepdims=True))


def trends(
    units: Units, specification: Specification, count: str, spans: tuple[str, ...]
) -> Iterator[Trend]:
    """Rates, sums and shares of either group by year and by several years, as they are.

    Parameters
    ----------
    units : Units
    specification : Specification
        Whose clusters are compared.
    count : str
        The events that rates are of; the study's other counts are parts of it.
    spans : tuple of str
        Years together, such as ``2015-2020``.
    """
    declared = units.declared
    years = (f"{declared.population.joined}-{declared.last - 1}", f"{declared.last}")
    whole = replace(specification, contrast=years)
    rows = units.rows(whole, count)
    keys = [units.study.columns.cluster, declared.year]
    parts = units.frames.panel.set_index(keys)[[c.id for c in declared.count]]
    rows = rows.join(parts, on=[UNIT, YEAR])
    for arm, inside in ((declared.treated.arm, True), (declared.treated.others, False)):
        own = rows[rows[ENTRY].notna() == inside]
        described = partial(Trend, study=units.study.id, arm=arm)
        clusters = frozenset(map(str, own[UNIT].unique()))
        for series, period, share in _calendar(units, clusters):
            yield described(
                series=series, period=period, mean=share, std_error=0.0, n_clusters=len(clusters)
            )
        for period in (*map(str, sorted(own[YEAR].unique())), *spans):
            part = own[own[YEAR].isin(span(period))]
            for series, mean, error in _described(part, units):
                yield described(
                    series=series,
                    period=period,
                    mean=mean,
                    std_error=error,
                    n_clusters=int(part[UNIT].nunique()),
                )


def _calendar(units: Units, clusters: frozenset[str]) -> Iterator[tuple[str, str, float]]:
    """Percent of the events of some clusters by month and by day of the week, all years together.

    The years are those of the main series of people, as in all that is described.
    """
    events = units.frames.events
    dates = pd.DatetimeIndex(events[DATE])
    years = range(units.declared.population.joined, units.declared.last + 1)
    chosen = events[CLUSTER].isin(clusters).to_numpy() & dates.year.isin(years)
    amounts = events[AMOUNT].to_numpy(dtype=np.float64)[chosen]
    days = {MONTH: (dates.month - 1, 12), WEEKDAY: (dates.day_of_week, 7)}
    for series, (position, number) in days.items():
        sums = np.bincount(position[chosen], amounts, number)
        for k, value in enumerate(100.0 * sums / sums.sum(), start=1):
            yield series, f"{k:02d}", float(value)


def outside(asked: ReportedSpecification) -> Iterator[Diagnostic]:
    """Why a comparison fails: how its gap moved before treatment, and estimates by base year.

    Parameters
    ----------
    asked : ReportedSpecification
        A specification in rates, without strata.

    Yields
    ------
    Diagnostic
        The lowest and highest ratio of mean rates among the years before, and the lowest and
        highest difference of the years after against one of them alone, each with its year.
    """
    rows = asked.units.rows(asked.specification, asked.count)
    before, after = (span(text) for text in asked.specification.contrast)
    treated = rows[ENTRY].notna()
    own, other = (rows[treated == inside].groupby(YEAR)[RATE].mean() for inside in (True, False))
    gap, ratio = own - other, (own / other).loc[[*before]]
    estimate = gap.loc[[*after]].mean() - gap.loc[[*before]]
    for name, values, unit in (("ratio", ratio, "ratio"), ("base", estimate, asked.heading.unit)):
        for end, year in (("lowest", values.idxmin()), ("highest", values.idxmax())):
            heading = replace(asked.heading, sample=Part(str(year)))
            yield diagnostic(heading, f"{end}_{name}", float(values[year]), unit)


def _described(rows: pd.DataFrame, units: Units) -> Iterator[tuple[str, float, float]]:
    """Series of one group and period: means with their errors, sums without."""
    by_unit = rows.groupby(UNIT)[RATE].mean()
    yield MEAN, float(by_unit.mean()), float(by_unit.std() / np.sqrt(len(by_unit)))
    per = units.declared.population.per
    yield POOLED, float(per * rows[COUNT].sum() / rows[PEOPLE].sum()), 0.0
    number = float(rows[YEAR].nunique())
    for each in units.declared.count:
        yield f"{each.id}_a_year", float(rows[each.id].sum()) / number, 0.0
