"""Weights: which average over clusters and respondents an estimate stands for.

With ``equal`` each cluster's rows sum to one in each round, with ``population`` to the cluster's
population, with ``respondents`` they stay as the plan gives them. The totals are taken after rows
without the outcome are gone, so that item non-response cannot move weight between clusters or
rounds.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import Message, message
from evaluation.spec.plan import Specification
from evaluation.spec.study import Study

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# A mean is rounded to 1e-16 of itself, and each value's distance from it too.
_ROUNDING = 1e-12
# Moments about another point than the mean leave sqrt(1e-16) of the distance to it. That distance
# is a change between rounds, and the standard error of a change is a hundredth of it or more.
_CANCELLED = 1e-5


def weighted_moments(values: Floats, weights: Floats) -> tuple[float, float]:
    """Weighted mean, and SD sqrt(sum w (x - m)^2 / sum w), in the unit of the values."""
    mean = float(np.average(values, weights=weights))
    return mean, float(np.sqrt(np.average((values - mean) ** 2, weights=weights)))


def is_spread(sd: float, *, mean: float, change: float) -> bool:
    """Whether a standard deviation is one, and not the rounding of zero.

    Parameters
    ----------
    sd, mean : float
        Of one group's values, in their unit.
    change : float
        What is to be divided by the SD, or its standard error if that is larger, in that unit.

    Returns
    -------
    bool
        False up to 1e-12 |mean|, or 1e-5 |change|: a change of a hundred thousand SDs says that
        the values did not vary, not that the change was large.
    """
    return sd > max(_ROUNDING * abs(mean), _CANCELLED * abs(change))


def is_error(std_error: float, *, mean: float, sd: float) -> bool:
    """Whether a standard error is one, and not the rounding of zero.

    Parameters
    ----------
    std_error : float
        Of an effect, in the outcome's unit.
    mean, sd : float
        Of the outcome, in the same unit.

    Returns
    -------
    bool
        False up to 1e-12 of |mean| or SD. So it is where nobody's answer moves between rounds, as
        a fixed trait of a panel does not: sums then differ by their rounding alone, which looks
        like a change of its own size to the regression, and not to the answers.
    """
    return std_error > _ROUNDING * max(abs(mean), sd)


def weights_of(
    frame: pd.DataFrame, specification: Specification, *, post: Flags, study: Study, where: str
) -> Floats:
    """Weights of an estimand for the rows of a sample.

    Parameters
    ----------
    frame : DataFrame, n rows
        Rows that are used, without missing outcomes.
    specification : Specification
    post : ndarray of bool, shape (n,)
        Rows of the last round.
    study : Study
    where : str
        Names the estimate in messages.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    EstimationError
        A weight or population that is missing or not positive, or a population that differs
        within a cluster.
    """
    given = _given_weights(frame, specification.weights, where)
    if specification.estimand == "respondents":
        return given
    cell, _ = pd.factorize(frame[study.columns.cluster])
    cell = 2 * cell + post
    scaled = given / np.bincount(cell, weights=given)[cell]
    if specification.estimand == "equal":
        return np.asarray(scaled)
    return np.asarray(scaled * _population(frame, study, where))


def _given_weights(frame: pd.DataFrame, weights: str, where: str) -> Floats:
    if weights == "none":
        return np.ones(len(frame))
    name = weights.removeprefix("inverse:")
    given = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    bad = int((~(np.isfinite(given) & (given > 0))).sum())
    if bad:
        raise not_positive(bad, name, where)
    return np.asarray(1.0 / given if weights.startswith("inverse:") else given)


def not_positive(number: int, name: str, where: str) -> EstimationError:
    """Error of rows whose weight is of no use."""
    return _invalid(
        message("rows-missing.problem", number=number, name=name),
        where,
        message("correct-weights.mend"),
    )


def _population(frame: pd.DataFrame, study: Study, where: str) -> Floats:
    name = study.columns.population or "population"
    people = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    check_people(people, name, where)
    known = frame[[study.columns.cluster, name]].drop_duplicates()
    if known[study.columns.cluster].duplicated().any():
        raise differing(name, where)
    return np.asarray(people)


def check_people(people: Floats, name: str, where: str) -> None:
    """Refuse populations that are missing or not positive."""
    if not (np.isfinite(people) & (people > 0)).all():
        raise _invalid(
            message("missing-not-positive.problem", name=name),
            where,
            message("complete-the-frame-of.mend"),
        )


def differing(name: str, where: str) -> EstimationError:
    """Error of a population that is not one number per cluster."""
    return _invalid(
        message("differs-within-cluster.problem", name=name),
        where,
        message("take-one-population.mend"),
    )


def _invalid(problem: Message, where: str, mend: Message) -> EstimationError:
    return EstimationError(problem, where=where, mend=mend, rule="weights")
