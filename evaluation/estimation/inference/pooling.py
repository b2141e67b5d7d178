"""Random-effects pool of the estimates of several sites, by restricted maximum likelihood."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.locale.messages import message

# Variances between sites that are tried, as multiples of the squared range of the estimates: beyond
# it the likelihood falls. Between neighbours the score is solved to the last digit.
GRID = np.concatenate([[0.0], np.logspace(-12.0, 1.0, 521)])
LEAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Mean effect over sites, in the unit of the estimates.

    Attributes
    ----------
    estimate, std_error : float
    variance_between : float
        Between the sites' true effects (tau squared), in the squared unit.
    p_value, ci_low, ci_high : float
        By the normal distribution.
    sites : int
    """

    estimate: float
    std_error: float
    variance_between: float
    p_value: float
    ci_low: float
    ci_high: float
    sites: int


def random_effects(estimates: ArrayLike, std_errors: ArrayLike, *, level: float = 0.95) -> Pool:
    """Pool independent estimates whose true effects vary normally between sites.

    Parameters
    ----------
    estimates, std_errors : array_like, shape (k,)
        One of each a site, k at least 2, in one unit.
    level : float
        Of the interval.

    Returns
    -------
    Pool

    Raises
    ------
    EstimationError
        Fewer than two sites, unequal lengths, or a number that is missing, infinite, or not a
        standard error.

    Notes
    -----
    b_i ~ N(mu, s_i^2 + t). With w_i = 1 / (s_i^2 + t), t >= 0 maximises the restricted likelihood
    1/2 sum log w_i - 1/2 log sum w_i - 1/2 sum w_i (b_i - mu)^2 at mu = sum w_i b_i / sum w_i; the
    standard error is 1 / sqrt(sum w_i) (Viechtbauer 2005, Journal of Educational and Behavioral
    Statistics 30(3)). At t = 0 it is the fixed-effect pool. The R package metafor stops its search
    where t moves by less than 1e-5; here the score is solved.
    """
    found, errors = np.asarray(estimates, dtype=float), np.asarray(std_errors, dtype=float)
    known = np.isfinite(found).all() and np.isfinite(errors).all() and (errors > 0.0).all()
    if found.ndim != 1 or found.shape != errors.shape or len(found) < LEAST or not known:
        raise EstimationError(
            message("pool-of-nothing.problem"),
            where="pool of sites",
            fix=message("pool-of-nothing.fix"),
        )
    between = _variance_between(found, errors**2)
    weights = 1.0 / (errors**2 + between)
    mean, error = float(np.average(found, weights=weights)), float(weights.sum() ** -0.5)
    half = float(stats.norm.ppf(0.5 + level / 2.0)) * error
    return Pool(
        estimate=mean,
        std_error=error,
        variance_between=between,
        p_value=float(2.0 * stats.norm.sf(abs(mean / error))),
        ci_low=mean - half,
        ci_high=mean + half,
        sites=len(found),
    )


def _variance_between(found: Floats, within: Floats) -> float:
    """The t of the largest restricted likelihood; zero where it falls from there."""
    tried = GRID * float(np.ptp(found)) ** 2
    best = int(np.argmax([_likelihood(t, found, within) for t in tried]))
    low, high = tried[max(best - 1, 0)], tried[min(best + 1, len(tried) - 1)]
    if _score(low, found, within) <= 0.0 or high == low:
        return float(low)
    return float(optimize.brentq(_score, low, high, args=(found, within), xtol=1e-16))


def _likelihood(between: float, found: Floats, within: Floats) -> float:
    weights = 1.0 / (within + between)
    left = found - np.average(found, weights=weights)
    total = np.log(weights).sum() - np.log(weights.sum()) - (weights * left**2).sum()
    return float(total / 2.0)


def _score(between: float, found: Floats, within: Floats) -> float:
    """Derivative of the restricted likelihood by t."""
    weights = 1.0 / (within + between)
    left = found - np.average(found, weights=weights)
    trace = weights.sum() - (weights**2).sum() / weights.sum()
    return float(((weights * left) ** 2).sum() - trace) / 2.0
