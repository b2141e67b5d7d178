"""Means of an outcome in each arm and round: what a difference-in-differences is made of."""

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import message
from evaluation.spec.plan import Outcome, Specification
from evaluation.spec.records import Estimand, Level
from evaluation.spec.row_keys import Part
from evaluation.spec.study import Study
from evaluation.stats import survey_design
from evaluation.stats.sample import Sample
from evaluation.stats.weights import weighted_moments

Floats = NDArray[np.float64]


def levels(
    sample: Sample, specification: Specification, *, outcome: Outcome, study: Study
) -> tuple[Level, ...]:
    """Weighted mean, its standard error and the SD in every arm and round of a sample.

    Parameters
    ----------
    sample : Sample
        Of two rounds.
    specification : Specification
        Whose sample and weights these are.
    outcome : Outcome
    study : Study

    Returns
    -------
    tuple of Level
        Arms in the study's order, baseline before endline. Under ``equal`` weights and without
        covariates, the difference of differences of these means is the estimate.

    Notes
    -----
    The standard error is that of `sampling_error`: how far off a mean of these clusters' people is
    because some of them were interviewed. How much clusters differ is no part of it, as all of
    them are in the study; the estimate's own interval counts it.
    """
    arms = sample.frame[study.columns.arm].to_numpy()
    found = []
    for arm in study.arm:
        for round_id, last in zip(specification.contrast, (False, True), strict=True):
            rows = (arms == arm.id) & (sample.post == last)
            if not rows.any():
                continue
            y, weights, clusters = sample.y[rows], sample.weights[rows], sample.cluster[rows]
            mean, sd = weighted_moments(y, weights)
            found.append(
                Level(
                    study=study.id,
                    outcome=outcome.id,
                    estimand=specification.estimand,
                    sample=Part(specification.sample),
                    arm=arm.id,
                    round=round_id,
                    unit=outcome.unit,
                    mean=mean,
                    std_error=sampling_error(y, weights, clusters, estimand=specification.estimand),
                    sd=sd,
                    n=int(rows.sum()),
                    n_clusters=len(set(clusters)),
                )
            )
    return tuple(found)


def sampling_error(
    values: Floats, weights: Floats, clusters: NDArray[np.object_], *, estimand: Estimand
) -> float:
    """Design-based standard error of a weighted mean over clusters that are all in the study.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        One interview a row; weights as the estimand has them.
    clusters : ndarray, shape (n,)
    estimand : {"equal", "population", "respondents"}

    Raises
    ------
    EstimationError
        A single interview.

    Notes
    -----
    Clusters taken with certainty are strata, and the interviews in them the primary units (Lumley
    2010, Complex Surveys, sec. 2.2): see `survey_design.mean` for the linearised variance. Where
    the estimand fixes each cluster's total of weights the mean is a separate ratio in every
    cluster, so that values count less their cluster's own mean. Clusters with one interview, in
    which no variance is known, are one stratum together.
    """
    _, codes = np.unique(clusters.astype(str), return_inverse=True)
    strata = _joined(codes)
    if estimand != "respondents":
        size = np.bincount(strata, weights)
        own = np.bincount(strata, weights * values) / np.where(size > 0.0, size, 1.0)
        values = values - own[strata]
    found = survey_design.mean(values, weights=weights, psu=range(len(values)), strata=strata)
    return found.std_error


def _joined(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Stratum of each row: its cluster, but one for all clusters with a single row.

    Where there is one such cluster it joins the smallest of the others.
    """
    size = np.bincount(codes)
    alone = np.flatnonzero(size == 1)
    if not len(alone):
        return codes
    others = np.where(size > 1, size, size.max() + 1)
    home = int(others.argmin()) if len(alone) == 1 else int(alone[0])
    return np.where(np.isin(codes, alone), home, codes)


def mean_std_error(values: Floats, weights: Floats, clusters: NDArray[np.object_]) -> float:
    """Cluster-robust (CV1) standard error of a weighted mean, in the unit of the values.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
    clusters : ndarray, shape (n,)

    Raises
    ------
    EstimationError
        Fewer than two clusters.

    Notes
    -----
    sqrt(G/(G-1) sum_g (sum_i w_i e_i)^2) / sum w, e the deviations from the mean: the regression
    on a constant.
    """
    _, codes = np.unique(clusters.astype(str), return_inverse=True)
    number = int(codes.max()) + 1
    if number < 2:
        raise EstimationError(
            message("mean-over-one.problem"),
            where="levels",
            mend=message("join-arm-another.mend"),
        )
    mean = float(np.average(values, weights=weights))
    scores = np.bincount(codes, weights=weights * (values - mean))
    return float(np.sqrt(number / (number - 1) * np.sum(scores**2)) / np.sum(weights))
