"""Administrative series: what the groups did before the programme, and a series it cannot move.

Two survey rounds cannot show whether trends were parallel. A cluster-by-period series can, for
its own outcome, by its event study: the differential linear trend before the start, for a placebo
series the change after it, and the gap of the groups by period.
"""

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.config.plan import Inference, Series
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats, Ids
from evaluation.estimation.inference import steps
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.estimate_record import Heading, RowFacts, effect
from evaluation.estimation.many_periods import multipliers
from evaluation.estimation.many_periods.linear import Linear, LinearOptions, linear
from evaluation.estimation.many_periods.panel import PanelColumns, panel
from evaluation.estimation.records import Estimate, Provenance, Status, Step, Trend
from evaluation.estimation.regression import survey_design
from evaluation.estimation.regression.panel_regressions import PanelRegression
from evaluation.estimation.regression.sample import is_error, weighted_moments
from evaluation.estimation.row_keys import WHOLE, Part
from evaluation.locale.messages import message

PRE_TREND, FAMILY = "pre_trend", "series"
# specification of the effects by period
EVENT_STUDY = "event_study"
STEPS: tuple[Step, ...] = ("cv1", "wcr_s")


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """One series by cluster and period, n rows, every cluster in every period.

    Attributes
    ----------
    value : ndarray, shape (n,)
        In the series' unit.
    cluster, arm, period : ndarray of str, shape (n,)
    treated, before : ndarray of bool, shape (n,)
    """

    value: Floats
    cluster: Ids
    arm: Ids
    period: Ids
    treated: Flags
    before: Flags

    @property
    def periods(self) -> tuple[str, ...]:
        """Periods in order; they sort as text (2018Q1, 2018Q2, ...)."""
        return tuple(sorted(set(self.period)))


def rates(
    table: pd.DataFrame, frame: pd.DataFrame, series: Series, *, treatment: str, study: Study
) -> Rates:
    """Join a series to the frame of clusters and turn it into a rate.

    Parameters
    ----------
    table : DataFrame
        One row per cluster and period.
    frame : DataFrame
        One row per cluster, with its arm.
    series : Series
    treatment : str
    study : Study

    Raises
    ------
    EstimationError
        No rows, a missing column or value, a cluster without an arm, a cluster-period that is
        absent or stands twice, a denominator that is not positive.
    """
    key, arm = study.columns.cluster, study.columns.arm
    where = _where(series)
    known = frame[[key, arm]]
    if series.per is not None and series.per not in table.columns:
        known = frame[[key, arm, series.per]]
    own = [name for name in table.columns if name == key or name not in known.columns]
    joined = table[own].merge(known, on=key, how="left", validate="m:1")
    names = [series.variable, series.period, key, arm, *([series.per] if series.per else [])]
    _check_complete(joined, names, series.period, key, where)
    joined = joined.sort_values([key, series.period], kind="stable")
    per = joined[series.per].to_numpy(dtype=np.float64) if series.per else np.ones(len(joined))
    if not (per > 0).all():
        raise _series_error("not-positive", "correct-denominator", where, per=series.per)
    period = joined[series.period].astype(str).to_numpy(dtype=object)
    return Rates(
        value=joined[series.variable].to_numpy(dtype=np.float64) / per * series.scale,
        cluster=joined[key].astype(str).to_numpy(dtype=object),
        arm=joined[arm].to_numpy(dtype=object),
        period=period,
        treated=joined[arm].isin(study.arms_with(treatment)).to_numpy(),
        before=np.asarray(period <= series.last_before),
    )


def _check_complete(
    joined: pd.DataFrame, names: list[str], period: str, key: str, where: str
) -> None:
    absent = [name for name in names if name not in joined.columns]
    if absent:
        raise _series_error("trends-no-column", "correct-plan-series", where, absent=absent[0])
    if joined.empty:
        raise _series_error("series-no-rows", "ask-series-file", where)
    for name in names:
        if joined[name].isna().any():
            raise _series_error(
                "rows-no",
                "missing-period",
                where,
                without=int(joined[name].isna().sum()),
                name=name,
            )
    if joined.duplicated([key, period]).any():
        raise _series_error("cluster-stands", "aggregate-series", where)
    if len(joined) != joined[key].nunique() * joined[period].nunique():
        raise _series_error("some-clusters", "missing-period", where)


def means(data: Rates, series: Series, study: Study) -> tuple[Trend, ...]:
    """Mean over clusters in every arm and period, each cluster counted once.

    Parameters
    ----------
    data : Rates
    series : Series
    study : Study
    """
    found = []
    for arm in (a.id for a in study.arm):
        for period in data.periods:
            rows = (data.arm == arm) & (data.period == period)
            if not rows.any():
                continue
            values, clusters = data.value[rows], data.cluster[rows]
            error = survey_design.mean(values, weights=np.ones(len(values)), psu=clusters).std_error
            found.append(
                Trend(
                    study=study.id,
                    series=series.id,
                    arm=arm,
                    period=period,
                    mean=float(values.mean()),
                    std_error=error,
                    n_clusters=len(values),
                )
            )
    return tuple(found)


def event_study(data: Rates, series: Series) -> Linear:
    """Effects of every period against the last one before the start, all treated at once.

    Parameters
    ----------
    data : Rates
    series : Series

    Raises
    ------
    EstimationError
        Fewer than two periods before the start, or none after it.
    """
    before = len(set(data.period[data.before]))
    if data.before.all() or before < 2:
        raise _series_error(
            "leaves-fewer", "correct-plan-toml", _where(series), last_before=series.last_before
        )
    rows = {"cluster": data.cluster, "period": data.period, "value": data.value}
    first = [data.periods[before] if treated else None for treated in data.treated.tolist()]
    frame = pd.DataFrame({**rows, "first": first})
    names = PanelColumns(outcome="value", unit="cluster", time="period", first_treated="first")
    return linear(panel(frame, names), LinearOptions(method="callaway_santanna", kinds=("event",)))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeriesTest(PanelRegression):
    """A series' test across clusters: each has one number, made of its rows.

    Attributes
    ----------
    rows : int
    """

    rows: int

    @property
    def n(self) -> int:
        """Number of rows of the series."""
        return self.rows


def of_role(found: Linear, data: Rates, series: Series) -> SeriesTest:
    """The series' test, a mean of the event study's effects.

    Parameters
    ----------
    found : Linear
        Of `event_study`.
    data : Rates
    series : Series
        Its role says which.

    Returns
    -------
    SeriesTest
        ``pre_trend``: the slope of the effects before the start, in the series' unit per period.
        ``placebo``: their mean after it less that before. With a balanced panel these are the
        coefficients of a regression with period and cluster effects.
    """
    time, before = np.arange(found.panel.n_periods), _before(found)
    weights = np.where(before, -1.0 / before.sum(), 1.0 / (~before).sum())
    if series.role == PRE_TREND:
        away = np.where(before, time - time[before].mean(), 0.0)
        weights = away / (away @ away)
    comparison = ~data.treated & data.before
    mean, sd = weighted_moments(data.value[comparison], np.ones(int(comparison.sum())))
    mixing = _mixing(found, weights[None])
    return SeriesTest(
        blocks=multipliers.blocks(found, np.tensordot(mixing, found.design.weights, 1)[0]),
        column=multipliers.EFFECT,
        clusters_treated=tuple(sorted(set(data.cluster[data.treated]))),
        clusters_comparison=tuple(sorted(set(data.cluster[~data.treated]))),
        baseline_mean=mean,
        baseline_sd=sd,
        one_round=(),
        incomplete=0,
        rows=int(np.count_nonzero(data.before)) if series.role == PRE_TREND else len(data.value),
    )


def gap(found: Linear, test: SeriesTest, heading: Heading, draws: Draws) -> Iterator[Estimate]:
    """Effect of every period against the mean of those before the start, with a joint band.

    Parameters
    ----------
    found : Linear
        Of `event_study`.
    test : SeriesTest
        Gives sizes.
    heading : Heading
        Of the series' test.
    draws : Draws
        Signs by cluster, for the band; periods without any error have no row, and none has one
        where a group is one cluster.

    Notes
    -----
    The bootstrap's statistics have the errors of the data in all draws, and are nearly normal:
    with few clusters a band of them is too narrow. Each is held against the quantile of Student's
    t of the same probability, with the smaller group's clusters less one as degrees of freedom.
    P-value and interval are one test.
    """
    before, number = _before(found), found.panel.n_periods
    mixing = _mixing(found, np.eye(number) - np.where(before, 1.0 / before.sum(), 0.0))
    estimates, parts = mixing @ found.estimates, mixing @ found.contributions
    errors = multipliers.cv1_of(parts)
    df = min(len(test.clusters_treated), len(test.clusters_comparison)) - 1.0
    rows = [
        k
        for k in range(number)
        if is_error(errors[k], mean=test.baseline_mean, sd=test.baseline_sd)
    ]
    if not rows or df < 1:
        return
    largest = multipliers.largest_t(parts[rows], found.panel.units, draws)
    critical = float(stats.t.isf(stats.norm.sf(largest.critical(heading.level)), df))
    kind = message("series-band.interval")
    for k in rows:
        value = steps.by_t(
            float(estimates[k]), float(errors[k]), df=df, level=heading.level, p_kind=kind
        )
        half, period = critical * value.std_error, found.panel.periods[k]
        as_normal = float(stats.norm.isf(stats.t.sf(abs(value.statistic), df)))
        band = dataclasses.replace(
            value,
            p_value=largest.p_value(as_normal),
            ci_low=value.estimate - half,
            ci_high=value.estimate + half,
            ci_kind=kind,
        )
        about = dataclasses.replace(
            heading, specification=EVENT_STUDY, sample=Part(period), contrast_to=period
        )
        yield effect(about, "cv1", band, sizes=RowFacts.of(test), estimate_sd=math.nan)


def _before(found: Linear) -> Flags:
    (start,) = found.panel.cohorts
    return np.asarray(np.arange(found.panel.n_periods) < start)


def _mixing(found: Linear, periods: Floats) -> Floats:
    """Weights of the effects, from those of all periods (K, T); the base's effect is zero."""
    (start,) = found.panel.cohorts
    at = [start + name.at for name in found.names if name.at is not None]
    return np.column_stack([periods[:, at], np.zeros((len(periods), len(found.names) - len(at)))])


def heading(
    data: Rates,
    series: Series,
    *,
    treatment: str,
    study: Study,
    inference: Inference,
    provenance: Provenance,
    status: Status,
) -> Heading:
    """Heading of the series' record; its specification is ``pre_trend`` or ``placebo``.

    Parameters
    ----------
    data : Rates
    series : Series
    treatment : str
    study : Study
    inference : Inference
        Gives the confidence level.
    provenance : Provenance
    status : str
        How the result may be called.
    """
    unit = series.unit["en"]
    last = series.last_before if series.role == PRE_TREND else data.periods[-1]
    return Heading(
        study=study.id,
        outcome=series.id,
        family=FAMILY,
        specification=series.role,
        estimand="equal",
        sample=WHOLE,
        treatment=treatment,
        status=status,
        contrast_from=data.periods[0],
        contrast_to=last,
        unit=f"{unit}, per {series.period}" if series.role == PRE_TREND else unit,
        level=inference.level,
        plan_hash=provenance.plan_hash,
        data_hash=provenance.data_hash,
    )


def _series_error(problem: str, fix: str, where: str, /, **parameters: object) -> EstimationError:
    return EstimationError.of(problem, fix, where, rule="series", **parameters)


def _where(series: Series) -> str:
    return f"series {series.id}"
