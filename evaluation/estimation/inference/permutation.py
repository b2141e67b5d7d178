"""Randomisation inference: who is treated is permuted between whole clusters within strata.

The statistic is studentised (CV1) and the whole regression is made anew for every permutation,
main effects of treatment included. Rows never enter: the treated columns are a treatment of the
cluster times one base column (the round under difference-in-differences, the constant under
analysis of covariance), so a permutation only rescales each cluster's cross-products.
"""

import dataclasses

import numpy as np

from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.permutation_draws import Assignments, Permutations
from evaluation.estimation.inference.permutation_moments import TreatedColumns, moments
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import (
    StepUnavailable,
    cv1,
    least_squares,
    small_sample_factor,
)
from evaluation.locale.messages import Message, ResultNumber, message

# Share of a column's sum of squares, in a cluster, up to which it counts as a multiple of another.
_SAME = 1e-10
# Relative difference up to which two |t| of a random outcome are one: rounding is about 1e-14, two
# that differ are as close as this once in a million. One over it is infinite.
_ALIKE = 1e-6


def randomise(blocks: Blocks, column: str, permutations: Permutations) -> Distribution:
    """Randomisation distribution of one coefficient's studentised statistic, weighted.

    Parameters
    ----------
    blocks : Blocks
        Of one data set.
    column : str
        The treated column of interest.
    permutations : Permutations
        They must cover the clusters of the blocks and may cover more.

    Returns
    -------
    Distribution
        Its p-value of a null r permutes y - r x, x the observed treated column: the effect is the
        same everywhere, and of the other treatments none is removed. Its interval inverts that.

    Raises
    ------
    EstimationError
        A cluster has no arm among the permutations.
    StepUnavailable
        No stratum has clusters of two arms, or the treated columns are not a treatment of the
        cluster times one base column.

    Notes
    -----
    MacKinnon and Webb (2020, J. Econometrics 218(2)), RI-t; Wu and Ding (2021, JASA 116) on why
    the statistic is studentised. With a the tested row of the permuted (X'WX)^-1 and c the
    permuted coefficients, a cluster's part of the error is z_g = (X_g a)'W_g (y_g - X_g c), and
    X_g = [t_g b_g, O_g] makes it products of bb, bo, oo, by, oy. Cost O(B G p^2), and per
    permutation one system as large as there are treatments. A permutation under which the treated
    columns are collinear with the others counts as extreme.
    """
    drawn = permutations.among(blocks.clusters)
    treatment = _treatment(blocks, column, drawn)
    found = _distribution(blocks, column, treatment, drawn)
    # where the observed treatment is not fitted, a large enough effect makes t larger than t*
    fitted = found.squared_error[2] == 0.0
    if not fitted.any():
        return found
    some = dataclasses.replace(drawn, codes=drawn.codes[:, fitted])
    return dataclasses.replace(found, always_extreme=_always(blocks, column, treatment, some))


def _distribution(
    blocks: Blocks, column: str, treatment: TreatedColumns, drawn: Assignments
) -> Distribution:
    fit = least_squares(blocks)
    sample = cv1(fit, column)
    numerator, squared_error = moments(blocks, fit, treatment, drawn)
    return Distribution(
        column=column,
        estimate=sample.estimate,
        std_error=sample.std_error,
        factor=small_sample_factor(fit),
        enumerated=drawn.enumerated,
        numerator=numerator,
        squared_error=squared_error,
    )


def _always(blocks: Blocks, column: str, treatment: TreatedColumns, drawn: Assignments) -> int:
    """How many of some permutations have |t*| >= |t| whatever the outcome.

    Of those that fit the observed treatment: the ones that give it back or mirror it in every
    cluster, so that |t*| = |t|; the ones that fit every outcome exactly; and the ones without a
    coefficient. Any other, such as one that leaves a whole stratum without a comparison, has
    another t* than t. An outcome drawn at random, which has nothing to do with the data, tells
    them apart with probability one.
    """
    width = 1 + len(blocks.columns)
    regressors = blocks.products[:, :, :, :width]
    length = np.sqrt(np.einsum("gii->i", regressors[1]))
    slopes = np.random.default_rng(0).normal(size=(len(blocks.clusters), width))
    slopes /= np.where(length > 0.0, length, 1.0)
    outcome = np.einsum("kgij,gj->kgi", regressors, slopes)[..., None]
    random = dataclasses.replace(blocks, products=np.concatenate([regressors, outcome], axis=3))
    found = _distribution(random, column, treatment, drawn)
    t, t_star = np.abs(found.statistics()[0]), np.abs(found.statistics()[1])
    same = np.abs(t_star - t) <= _ALIKE * t
    return int(np.count_nonzero(same | (_ALIKE * t_star > 1.0 + t)))


def too_few(found: Distribution, level: float) -> Message | None:
    """Why randomisation inference cannot reject at 1 - level; empty where it can.

    Parameters
    ----------
    found : Distribution
        Of `randomise`.
    level : float
        Confidence level.

    Notes
    -----
    Permutations that give back the observed treatment, or its mirror image, have the same |t| at
    every tested value, and those without a coefficient or a standard error count as extreme. For
    any other there are outcomes for which its |t| is smaller, so the share of these is the smallest
    p-value that any data can have.
    """
    same = found.always_extreme
    smallest, alpha = found.share(same), round(1.0 - level, 12)
    if smallest < alpha:
        return None
    return message(
        "permutations-treatment.reason",
        number=ResultNumber(f"{found.number:,}"),
        same=same,
        smallest=ResultNumber(f"{smallest:.2g}"),
        alpha=ResultNumber(f"{alpha:.2g}"),
    )


def _treatment(blocks: Blocks, column: str, drawn: Assignments) -> TreatedColumns:
    """Find the base column, and every column that is a treatment of the arm times it."""
    tested = 1 + blocks.position(column)
    first = 1 if blocks.absorb == "cluster" else 0
    every = range(first, 1 + len(blocks.columns))
    whole = (b for b in every if (blocks.products[1, :, b, b] > 0.0).all())
    base = next((b for b in whole if tested in _by_arm(blocks, b, drawn)), None)
    if base is None:
        raise _unavailable(message("not-treatment.problem", column=column))
    tables = _by_arm(blocks, base, drawn)
    others = [j for j in range(1, 1 + len(blocks.columns)) if j not in tables]
    apart = {j for b in others if b != base for j in _by_arm(blocks, b, drawn)}
    for j in others:
        if j in apart:
            raise _unavailable(
                message("treatment-cluster.problem", columns=blocks.columns[j - 1], column=column)
            )
    return TreatedColumns(
        base=base,
        columns=np.array(list(tables)),
        others=np.array(others, dtype=np.int64),
        tested=list(tables).index(tested),
        table=np.array(list(tables.values())),
    )


def _by_arm(blocks: Blocks, base: int, drawn: Assignments) -> dict[int, Floats]:
    """The numbers t by arm of each column j with x_j = t x_base where the base is not zero.

    Columns without such numbers, and those with one number for all arms, are left out.
    """
    products = blocks.products[1]
    seen = products[:, base, base] > 0.0
    own, crossed = products[seen, base, base][:, None], products[seen, :, base]
    size = np.diagonal(products, axis1=1, axis2=2)[seen]
    times = crossed / own
    multiples = (np.abs(size - times * crossed) <= _SAME * (own + size)).all(axis=0)
    varying = np.ptp(times, axis=0) > np.sqrt(_SAME)
    arm, tables = drawn.observed[seen], {}
    for j in np.flatnonzero(multiples & varying):
        table = np.zeros(drawn.n_arms)
        table[arm] = times[:, j]
        if j > 0 and np.allclose(table[arm], times[:, j], rtol=0.0, atol=np.sqrt(_SAME)):
            tables[int(j)] = table
    return tables


def _unavailable(problem: Message) -> StepUnavailable:
    return StepUnavailable(
        problem, where="randomisation inference", fix=message("leave-step-out.fix")
    )
