"""Effects of several studies pooled as random: their mean, their spread, and a new study's effect.

Changes of places of one study are not pooled: a place has no counterfactual of its own, so that
their spread would hold every local shock.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import chdtrc

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.regression.fit import critical
from evaluation.locale.messages import Message, message

# Fewer places say nothing about how places differ.
FEWEST = 3
# Where the restricted likelihood is looked at before its top is sought, as shares of the largest
# variance that the data could bear: it may have more than one top.
_GRID = np.concatenate([[0.0], np.logspace(-6.0, 0.0, 121)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Random-effects mean of k independent estimates.

    Attributes
    ----------
    k : int
    estimate, std_error : float
        Mean, and its standard error (sum of weights)^-1/2 that takes tau as known.
    factor : float
        Knapp and Hartung's factor on the variance of the mean, as computed: also below one.
    tau2 : float
        Variance of the true effects between places, by restricted maximum likelihood.
    q, q_p : float
        Cochran's Q under equal effects, and its p-value from chi-squared(k - 1).
    i2 : float
        Share of the estimates' variance that is between places, tau2 / (tau2 + s2).
    """

    k: int
    estimate: float
    std_error: float
    factor: float
    tau2: float
    q: float
    q_p: float
    i2: float

    @property
    def knapp_hartung(self) -> float:
        """Standard error that allows for tau being estimated; its reference is t(k - 1).

        The factor never makes it smaller: a handful of estimates that happen to agree would give
        their mean less error than their own errors allow.
        """
        return float(np.sqrt(max(1.0, self.factor))) * self.std_error

    def interval(self, level: float) -> tuple[float, float]:
        """Modified Knapp-Hartung interval of the mean."""
        return self._around(self.knapp_hartung, self.k - 1, level)

    def prediction(self, level: float) -> tuple[float, float]:
        """Interval for the effect in a new place: t(k - 2) sqrt(tau2 + SE^2) to each side."""
        return self._around(float(np.hypot(np.sqrt(self.tau2), self.std_error)), self.k - 2, level)

    def _around(self, std_error: float, df: int, level: float) -> tuple[float, float]:
        half = critical(df, level) * std_error
        return self.estimate - half, self.estimate + half


def pool(estimates: ArrayLike, std_errors: ArrayLike) -> Pooled:
    """Random-effects meta-analysis by restricted maximum likelihood.

    Parameters
    ----------
    estimates, std_errors : array_like, shape (k,)
        Independent estimates in one unit; standard errors are taken as known.

    Returns
    -------
    Pooled

    Raises
    ------
    EstimationError
        Fewer than three estimates, or a standard error that is missing or not positive.

    Notes
    -----
    tau2 maximises -1/2 [sum log(v_i + tau2) + log sum w_i + sum w_i (y_i - mu)^2] with w_i =
    1/(v_i + tau2) and mu the weighted mean (Viechtbauer 2005, J. Educational and Behavioral
    Statistics 30(3)). The interval's variance is multiplied by the larger of one and sum w_i
    (y_i - mu)^2 / (k - 1), the modification of Knapp and Hartung (2003, Statistics in Medicine
    22(17)) that Roever, Knapp and Friede (2015, BMC Medical Research Methodology 15:99) study. The
    prediction interval is that of Higgins, Thompson and Spiegelhalter (2009, J. Royal Statistical
    Society A 172(1)). I2's s2 is (k - 1) sum 1/v / ((sum 1/v)^2 - sum 1/v^2) (Higgins and
    Thompson 2002, Statistics in Medicine 21(11)).
    """
    y, v = np.asarray(estimates, dtype=np.float64), np.asarray(std_errors, dtype=np.float64) ** 2
    k = len(y)
    if k < FEWEST:
        raise _impossible(message("estimates-pooling.problem", k=k, fewest=FEWEST))
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0.0).all()):
        raise _impossible(message("estimate-standard.problem"))
    tau2 = _tau2(y, v)
    mean, weights = _mean(y, v, tau2)
    equal, precision = _mean(y, v, 0.0)
    q = float(np.sum(precision * (y - equal) ** 2))
    total = float(precision.sum())
    typical = (k - 1) * total / (total**2 - float(np.sum(precision**2)))
    return Pooled(
        k=k,
        estimate=mean,
        std_error=float(weights.sum() ** -0.5),
        factor=float(np.sum(weights * (y - mean) ** 2) / (k - 1)),
        tau2=tau2,
        q=q,
        q_p=float(chdtrc(k - 1, q)),
        i2=tau2 / (tau2 + typical),
    )


def _mean(y: Floats, v: Floats, tau2: float) -> tuple[float, Floats]:
    weights = 1.0 / (v + tau2)
    return float(np.average(y, weights=weights)), weights


def _tau2(y: Floats, v: Floats) -> float:
    """Top of the restricted likelihood: the best point of a grid, then the root of the slope."""
    most = 10.0 * float(np.var(y, ddof=1)) + float(np.mean(v))
    grid = _GRID * most
    best = int(np.argmax([_likelihood(y, v, tau2) for tau2 in grid.tolist()]))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
    if _slope(low, y, v) <= 0.0:
        return low if best == 0 else float(grid[best])
    return float(brentq(_slope, low, high, args=(y, v), xtol=1e-15 * most, rtol=1e-14))


def _likelihood(y: Floats, v: Floats, tau2: float) -> float:
    mean, w = _mean(y, v, tau2)
    value = np.sum(np.log(w)) - np.log(w.sum()) - np.sum(w * (y - mean) ** 2)
    return float(value) / 2.0


def _slope(tau2: float, y: Floats, v: Floats) -> float:
    """Derivative of twice the restricted log-likelihood."""
    mean, w = _mean(y, v, tau2)
    trace = w.sum() - np.sum(w**2) / w.sum()
    return float(np.sum(w**2 * (y - mean) ** 2) - trace)


def _impossible(problem: Message) -> EstimationError:
    return EstimationError(
        problem,
        where="random-effects pooling",
        fix=message("pooling.fix"),
        rule="pooling",
    )
