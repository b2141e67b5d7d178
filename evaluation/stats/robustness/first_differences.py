"""One number per cluster: the change of its mean between the rounds."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.records import Estimate
from evaluation.stats.design import Design
from evaluation.stats.robustness.case import Case, Row, linear

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """Clusters of a two-round regression, G of them in sorted order.

    Attributes
    ----------
    clusters : tuple of str
    change : ndarray, shape (G,)
        Weighted mean of the last round minus that of the first, in the outcome's unit.
    weight : ndarray, shape (G,)
        h = w0 w1 / (w0 + w1) with w0, w1 the sums of weights in the rounds. Least squares of the
        changes with these weights is the regression of the rows with cluster effects.
    """

    clusters: tuple[str, ...]
    change: Floats
    weight: Floats


def first_differences(case: Case) -> Iterable[Row]:
    """Least squares of clusters' mean changes on treatment, every cluster with weight one.

    Means are taken with the specification's weights. The other treatments are adjusted for as in
    the primary regression; respondents' covariates have no place among cluster means and are
    left out. Without covariates and with the equal estimand this is the primary estimate.

    Returns
    -------
    iterable of Row
        Sample ``all``, with the estimand ``equal`` whatever the specification's; ``n`` counts
        interviews.

    Notes
    -----
    Bertrand, Duflo and Mullainathan (2004, Quarterly J. of Economics 119(1), section IV.C) with
    two rounds; the cluster-robust variance of G rows with one row per cluster is the
    heteroskedasticity-robust one.
    """
    built = case.design(case.frames.panel, covariates=())
    equal = (
        dataclasses.replace(row, estimand="equal") for row in linear(case, difference_design(built))
    )
    return tuple(
        dataclasses.replace(row, n=len(built.y)) if isinstance(row, Estimate) else row
        for row in equal
    )


def difference_design(built: Design) -> Design:
    """Regression of cluster changes on the cluster-level columns of a two-round regression.

    Parameters
    ----------
    built : Design
        Difference-in-differences without covariates: every column is a cluster-level value in
        the last round and zero in the first.

    Returns
    -------
    Design
        G rows with weight one; the round's column has become the constant.
    """
    found = cluster_changes(built)
    post = last_round(built)
    last = pd.DataFrame(built.X[post]).groupby(built.cluster[post]).first()
    return dataclasses.replace(
        built,
        X=last.loc[list(found.clusters)].to_numpy(),
        y=found.change,
        weights=np.ones(len(found.clusters)),
        cluster=np.array(found.clusters, dtype=object),
        absorb="none",
        rounds=None,
    )


def cluster_changes(built: Design) -> Changes:
    """Mean change and weight of each cluster of a two-round regression.

    Parameters
    ----------
    built : Design
        Of both rounds.
    """
    codes, ids = pd.factorize(built.cluster, sort=True)
    post = last_round(built)
    total = [np.bincount(codes[r], weights=built.weights[r]) for r in (~post, post)]
    product = built.weights * built.y
    mean = [
        np.bincount(codes[r], weights=product[r]) / w
        for r, w in zip((~post, post), total, strict=True)
    ]
    return Changes(
        clusters=tuple(map(str, ids)),
        change=mean[1] - mean[0],
        weight=total[0] * total[1] / (total[0] + total[1]),
    )


def last_round(built: Design) -> NDArray[np.bool_]:
    """Rows of the last round, shape (n,).

    Raises
    ------
    EstimationError
        The regression does not hold the rows of two rounds.
    """
    if built.rounds is None or len(built.rounds.post) != len(built.y):
        raise EstimationError(
            "this check changes a regression of two rounds",
            where="plan.toml, the primary specification",
            mend='use it with method = "did"',
        )
    return built.rounds.post
