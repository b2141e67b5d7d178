"""Administrative series: what the groups did before the programme, and a series it cannot move.

Two survey rounds cannot show whether trends were parallel. A cluster-by-period series can, for
its own outcome: the differential linear trend before the start, and, for a placebo series, the
change after it.
"""

import dataclasses

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats, Ids
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.regression import survey_design
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.sample import dummies, weighted_moments
from evaluation.study.plan import Inference, Series
from evaluation.study.records import Provenance, Status, Step, Trend
from evaluation.study.row_keys import WHOLE
from evaluation.study.study import Study

PRE_TREND, PLACEBO, FAMILY = "pre_trend", "placebo", "series"
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
    where = f"series {series.id}"
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


def design(data: Rates, series: Series) -> Design:
    """Regression of a series: differential trend before the start, or placebo change after it.

    Parameters
    ----------
    data : Rates
    series : Series
        Its role says which.

    Returns
    -------
    Design
        ``pre_trend``: rows before the start, value on treated x time, in the series' unit per
        period. ``placebo``: all rows, value on treated x after. Both with period dummies and
        absorbed cluster effects, clusters weighted equally.
    """
    where = f"series {series.id}"
    if data.before.all() or len(set(data.period[data.before])) < 2:
        raise _series_error(
            "leaves-fewer", "correct-plan-toml", where, last_before=series.last_before
        )
    rows = data.before if series.role == PRE_TREND else np.ones(len(data.value), dtype=bool)
    if series.role == PRE_TREND:
        time = np.searchsorted(np.array(data.periods, dtype=object), data.period)
        effect, label = np.where(data.treated, time, 0.0), "treated x time"
    else:
        effect, label = np.where(data.treated & ~data.before, 1.0, 0.0), "treated x after"
    periods, names = dummies(pd.DataFrame({"period": data.period[rows]}), ("period",), first="drop")
    comparison = ~data.treated & data.before
    mean, sd = weighted_moments(data.value[comparison], np.ones(int(comparison.sum())))
    return Design(
        X=np.column_stack([effect[rows], *periods]),
        y=data.value[rows],
        weights=np.ones(int(rows.sum())),
        cluster=data.cluster[rows],
        columns=(label, *names),
        column=label,
        absorb="cluster",
        clusters_treated=tuple(sorted(set(data.cluster[data.treated]))),
        clusters_comparison=tuple(sorted(set(data.cluster[~data.treated]))),
        baseline_mean=mean,
        baseline_sd=sd,
    )


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
