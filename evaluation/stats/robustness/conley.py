"""Standard errors that let clusters near each other share shocks."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from evaluation.errors import EstimationError
from evaluation.locale.messages import Figure, message
from evaluation.spec.row_keys import RowKey, Within
from evaluation.stats.effect_record import Sizes
from evaluation.stats.fit import Fit, cv1, least_squares, small_sample_factor
from evaluation.stats.robustness.case import (
    Case,
    Row,
    computes,
    diagnostic,
    recorded,
    unavailable,
)
from evaluation.stats.steps import by_t

Floats = NDArray[np.float64]


@computes
def conley(case: Case) -> Iterable[Row]:
    """The primary estimate with Conley standard errors, one row per cutoff.

    Returns
    -------
    iterable of Row
        Sample ``within:<km>``, step ``conley``; beside each the mean number of other clusters
        within the cutoff and the ratio of the standard error to CV1's.

    Raises
    ------
    EstimationError
        The study has no coordinates, or a cutoff is negative.

    Notes
    -----
    V = G/(G-1) sum_g sum_h K(d_gh / c) u_g u_h with K(r) = max(0, 1 - r), d the distance in km
    and u_g = [(X'WX)^-1 X_g' W_g e_g] the cluster's part of the error of the effect (Conley
    1999, J. Econometrics 92(1), section 3, with a radial Bartlett kernel). Without covariates
    u_g is that of the first differences, weighted for the estimand. The factor makes cutoff 0
    equal CV1. Reference t(G-1). A radial Bartlett kernel need not be positive definite in the
    plane, so the variance may be negative. Since the u_g sum to zero, cutoffs that reach most
    other clusters drive the variance to zero whatever the data.
    """
    blocks = (built := case.primary_design()).accumulate()
    fit = least_squares(blocks)
    where = coordinates(case)
    unplaced = [c for c in blocks.clusters if c not in where]
    if unplaced:
        reason = message("conley-clusters-have-no.reason", n=len(unplaced), of=len(blocks.clusters))
        return tuple(
            unavailable(case, "conley", reason, sample=_sample(cutoff))
            for cutoff in case.check.distances
        )
    points = np.array([where[c] for c in blocks.clusters])
    distance = np.asarray(cdist(points, points))
    sizes = Sizes.of(built)
    return tuple(
        row
        for cutoff in case.check.distances
        for row in _rows(case, fit, distance, cutoff=cutoff, column=built.column, sizes=sizes)
    )


def _rows(
    case: Case, fit: Fit, distance: Floats, *, cutoff: float, column: str, sizes: Sizes
) -> tuple[Row, ...]:
    sample = _sample(cutoff)
    variance = conley_variance(fit, column, distance, cutoff=cutoff)
    reached = float((bartlett(distance, cutoff) > 0.0).sum() - len(distance)) / len(distance)
    beside = diagnostic(case, "clusters_within_cutoff", reached, unit="clusters", sample=sample)
    plain = cv1(fit, column)
    # rounding leaves about 1e-16 of the parts' own size where the true sum is zero
    if not variance > 1e-12 * plain.std_error**2:
        reason = message("variance-not.reason", cutoff=Figure(f"{cutoff:g}"))
        return unavailable(case, "conley", reason, sample=sample), beside
    error = float(np.sqrt(variance))
    kind = message("conley-standard.reason", cutoff=Figure(f"{cutoff:g}"))
    df, level = float(fit.n_clusters - 1), case.plan.inference.level
    found = by_t(plain.estimate, error, df=df, level=level, p_kind=kind)
    return (
        recorded(case.heading(sample), "conley", found, sizes=sizes),
        beside,
        diagnostic(case, "conley_to_cv1", error / plain.std_error, unit="ratio", sample=sample),
    )


def conley_variance(fit: Fit, column: str, distance: Floats, *, cutoff: float) -> float:
    """Variance of a coefficient when errors are alike up to a distance; it may be negative.

    Parameters
    ----------
    fit : Fit
    column : str
    distance : ndarray, shape (G, G)
        Between the clusters, in the order of the fit's scores.
    cutoff : float
        In the distances' unit.
    """
    influence = fit.scores @ fit.bread[fit.columns.index(column)]
    kernel = bartlett(distance, cutoff)
    return small_sample_factor(fit, "CR1") * float(influence @ kernel @ influence)


def bartlett(distance: Floats, cutoff: float) -> Floats:
    """Weights max(0, 1 - d / cutoff), one for a cluster with itself; shape of the distances."""
    if not (np.isfinite(cutoff) and cutoff >= 0.0):
        raise EstimationError(
            message("cutoff-km-no.problem", cutoff=Figure(f"{cutoff:g}")),
            where="plan.toml, `distances`",
            mend=message("write-cutoffs.mend"),
        )
    if cutoff == 0.0:
        return np.eye(len(distance))
    return np.asarray(np.maximum(0.0, 1.0 - distance / cutoff))


def coordinates(case: Case) -> dict[str, tuple[float, float]]:
    """Place of each cluster of the frame in km; clusters without coordinates are absent.

    Raises
    ------
    EstimationError
        The study or the frame of clusters has no coordinates at all.
    """
    columns, frame = case.study.columns, case.frames.frame
    names = (columns.x_km, columns.y_km)
    if None in names or not set(names) <= set(frame.columns):
        raise EstimationError(
            message("conley-study-has-no.problem"),
            where="study.toml, `columns.x_km` and `columns.y_km`",
            mend=message("name-variables.mend"),
        )
    ids = frame[columns.cluster].astype(str)
    places = frame[list(names)].to_numpy(dtype=np.float64)
    return {
        cluster: (float(x), float(y))
        for cluster, (x, y) in zip(ids, places, strict=True)
        if np.isfinite(x) and np.isfinite(y)
    }


def _sample(cutoff: float) -> RowKey:
    return Within(f"{cutoff:g}")
