"""Means of an outcome in each arm and round: what a difference-in-differences is made of."""

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.plan import Outcome, Specification
from evaluation.spec.records import Level
from evaluation.spec.study import Study
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
                    sample=specification.sample,
                    arm=arm.id,
                    round=round_id,
                    unit=outcome.unit,
                    mean=mean,
                    std_error=mean_std_error(y, weights, clusters),
                    sd=sd,
                    n=int(rows.sum()),
                    n_clusters=len(set(clusters)),
                )
            )
    return tuple(found)


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
            "a mean over one cluster has no cluster-robust standard error",
            where="levels",
            mend="join the arm with another, or leave it out",
        )
    mean = float(np.average(values, weights=weights))
    scores = np.bincount(codes, weights=weights * (values - mean))
    return float(np.sqrt(number / (number - 1) * np.sum(scores**2)) / np.sum(weights))
