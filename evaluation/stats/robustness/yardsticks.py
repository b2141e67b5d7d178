"""How far trends differ where no programme can be the reason: plausible values of M.

Places without the programme changed differently from each other, and the groups may have drifted
apart before the start in an administrative series, which is another outcome.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.plan import Series
from evaluation.stats import trends
from evaluation.stats.design import Design
from evaluation.stats.robustness.case import Case, Row, diagnostic, unavailable
from evaluation.stats.robustness.cluster_means import ClusterMeans, cluster_means
from evaluation.stats.robustness.yardstick_ends import (
    Ends,
    drift_ends,
    less_chance,
    spread_ends,
)
from evaluation.stats.weights import weighted_moments

Floats = NDArray[np.float64]

SPREAD, MAXIMUM = "comparison_spread", "comparison_maximum"
CORRECTED = "comparison_spread_corrected"
# Between two strata there is one difference, which is no spread.
MINIMUM_STRATA = 3


def yardsticks(case: Case, built: Design) -> tuple[Mapping[str, float], tuple[Row, ...]]:
    """Plausible values of M by name, in the outcome's unit, and records that say how they came.

    Parameters
    ----------
    case : Case
        ``check.variables`` may name variables whose values are places; every series of the plan
        with the role ``pre_trend`` gives another yardstick.
    built : Design
        The primary regression.

    Raises
    ------
    EstimationError
        A named variable is not one known value per cluster.
    """
    if built.rounds is None:
        return {}, (unavailable(case, "yardstick", "the primary regression has one round"),)
    means = cluster_means(built.rounds, case.study)
    found: dict[str, float] = {}
    rows: list[Row] = []
    for variable in case.check.variables:
        strata = _strata(case, variable, means)
        more, said = _between_strata(case, variable, means, strata)
        found |= more
        rows.extend(said)
    for series in (s for s in case.plan.series if s.role == trends.PRE_TREND):
        more, said = _drift(case, series, means)
        found |= more
        rows.extend(said)
    if not found and not rows:
        reason = "the plan names no places to compare and no series from before the start"
        rows.append(unavailable(case, "yardstick", reason))
    unit = case.outcome.unit
    said_of = (
        diagnostic(case, "yardstick", m, unit=unit, sample=f"m:{name}") for name, m in found.items()
    )
    return found, (*rows, *said_of)


def _strata(case: Case, variable: str, means: ClusterMeans) -> NDArray[np.object_]:
    """Value of a variable for each cluster, from the frame or, failing that, the panel."""
    key = case.study.columns.cluster
    table = next(
        (t for t in (case.frames.frame, case.frames.panel) if variable in t.columns), pd.DataFrame()
    )
    known = table[[key, variable]].drop_duplicates() if len(table) else table
    if not len(known) or known[key].duplicated().any() or known[variable].isna().any():
        raise EstimationError(
            f"{variable} is not one known value per cluster",
            where=f"check {case.check.id}",
            mend="name a variable of the frame of clusters in `variables`",
        )
    values = dict(zip(known[key].astype(str), known[variable].astype(str), strict=True))
    absent = sorted(set(means.cluster) - set(values))
    if absent:
        raise EstimationError(
            f"{variable} is not known for {len(absent)} clusters of the panel",
            where=f"check {case.check.id}",
            mend="complete the frame of clusters",
        )
    return np.array([values[c] for c in means.cluster])


def _between_strata(
    case: Case, variable: str, means: ClusterMeans, strata: NDArray[np.object_]
) -> tuple[dict[str, float], list[Row]]:
    """Spread of the mean changes of places over clusters without any treatment.

    Notes
    -----
    With e_s^2 the squared standard error of place s, from the variance between clusters inside
    places, the spread without noise is sqrt(max(0, S^2 - mean of e_s^2)).
    """
    named = sorted(set(strata[means.comparison]))
    if len(named) < MINIMUM_STRATA:
        reason = f"{len(named)} values of {variable} have clusters without treatment"
        return {}, [unavailable(case, "yardstick", reason, sample=f"m:{SPREAD}")]
    groups = [np.flatnonzero((strata == name) & means.comparison) for name in named]
    change = np.array([_mean(means, g)[0] for g in groups])
    count = [len(g) for g in groups]
    noise = _noise(means, groups)
    found = {SPREAD: float(change.std(ddof=1)), MAXIMUM: float(np.ptp(change))}
    ends = spread_ends(found[SPREAD], len(named), case.plan.inference.level)
    rows = _ends(case, SPREAD, ends)
    if noise is None:
        reason = f"every value of {variable} has a single cluster without treatment"
        return found, [*rows, unavailable(case, "yardstick", reason, sample=f"m:{CORRECTED}")]
    rows += _ends(case, CORRECTED, less_chance(ends, noise))
    found[CORRECTED] = float(np.sqrt(max(0.0, found[SPREAD] ** 2 - float(np.mean(noise**2)))))
    unit = case.outcome.unit
    for name, error, clusters in zip(named, noise, count, strict=True):
        sample = f"stratum:{name}"
        rows.append(diagnostic(case, "change_noise", error, unit=unit, sample=sample))
        rows.append(diagnostic(case, "clusters", clusters, unit="clusters", sample=sample))
    return found, rows


def _ends(case: Case, name: str, ends: Ends) -> list[Row]:
    """Records of the interval of a yardstick; the largest difference has none."""
    unit, sample = case.outcome.unit, f"m:{name}"
    said = zip(("yardstick_low", "yardstick_high"), ends, strict=True)
    return [diagnostic(case, what, end, unit=unit, sample=sample) for what, end in said]


def _mean(means: ClusterMeans, rows: NDArray[np.int64]) -> tuple[float, float]:
    return weighted_moments(means.change[rows], means.weight_after[rows])


def _noise(means: ClusterMeans, groups: list[NDArray[np.int64]]) -> Floats | None:
    """Standard error of each place's mean change; None where no place has two clusters."""
    df = sum(len(g) - 1 for g in groups)
    if not df:
        return None
    squares = sum(float(np.sum((means.change[g] - means.change[g].mean()) ** 2)) for g in groups)
    shares = [means.weight_after[g] / means.weight_after[g].sum() for g in groups]
    return np.sqrt(squares / df * np.array([float(np.sum(s**2)) for s in shares]))


def _drift(case: Case, series: Series, means: ClusterMeans) -> tuple[dict[str, float], list[Row]]:
    """Differential trend of another outcome before the start, carried over in SD of changes.

    Notes
    -----
    Each cluster's own linear trend over the periods before the start gives its change, of
    whatever length; M is the difference of the groups' mean changes, in SD over the clusters
    without the treatment, times the SD of the changes in the survey outcome over the clusters
    without any. Noise in either makes both SD larger; the interval takes both as known.
    """
    name = f"series_{series.id}"
    if case.frames.series is None:
        reason = "there is no clean administrative series"
        return {}, [unavailable(case, "yardstick", reason, sample=f"m:{name}")]
    data = trends.rates(
        case.frames.series,
        case.frames.frame,
        series,
        treatment=case.specification.treatment,
        study=case.study,
    )
    slope, treated = _own_slopes(data)
    spread = float(slope[~treated].std(ddof=1)) if int((~treated).sum()) > 1 else 0.0
    survey = means.change[means.comparison]
    if not spread > 0.0 or len(survey) < MINIMUM_STRATA:
        reason = f"series {series.id} does not vary between clusters without treatment"
        return {}, [unavailable(case, "yardstick", reason, sample=f"m:{name}")]
    drift = float(slope[treated].mean() - slope[~treated].mean()) / spread
    row = diagnostic(case, "drift_before", drift, unit="SD of changes", sample=f"m:{name}")
    scale = float(survey.std(ddof=1))
    ends = drift_ends(slope[treated] / spread, slope[~treated] / spread, case.plan.inference.level)
    said = [] if ends is None else _ends(case, name, (ends[0] * scale, ends[1] * scale))
    return {name: abs(drift) * scale}, [row, *said]


def _own_slopes(data: trends.Rates) -> tuple[Floats, NDArray[np.bool_]]:
    """Least-squares slope over the periods before the start, by cluster, and who is treated."""
    periods = len(set(data.period[data.before]))
    value = data.value[data.before].reshape(-1, periods)
    time = np.arange(periods) - (periods - 1) / 2.0
    treated = data.treated[data.before].reshape(-1, periods)[:, 0]
    return value @ time / float(time @ time), treated
