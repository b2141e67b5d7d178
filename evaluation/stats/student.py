"""Student's t and the normal distribution, for single numbers.

Written out because importing a library of special functions takes a third of the time that
importing pandas takes, and every use of the estimators begins with it.
"""

import math
from functools import lru_cache
from statistics import NormalDist

NORMAL = NormalDist()
# A continued fraction, or Newton's method, stops at this relative change.
_PRECISION = 4e-16
_TINY = 1e-300
_MOST = 10_000
# Half the degrees of freedom from which the series below is exact to rounding.
_LARGE = 30.0


def two_sided(df: float, t: float) -> float:
    """Probability that T of Student's t distribution is at least as far from zero as t.

    Parameters
    ----------
    df : float
        Degrees of freedom, positive; not necessarily whole.
    t : float

    Notes
    -----
    I_x(df/2, 1/2) with x = df / (df + t^2), the regularised incomplete beta function by its
    continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22); where that
    converges slowly, 1 - I_{1-x}(1/2, df/2). Relative error below 1e-13 up to a thousand degrees
    of freedom, 1e-10 at a million.
    """
    if math.isnan(t) or math.isnan(df):
        return math.nan
    if math.isinf(t):
        return 0.0
    if t == 0.0:
        return 1.0
    square, a = t * t, df / 2.0
    x, rest = df / (df + square), square / (df + square)
    # log of x^a (1 - x)^(1/2) / B(a, 1/2)
    front = -a * math.log1p(square / df) + 0.5 * math.log(rest) + _log_ratio(a)
    front = math.exp(front - 0.5 * math.log(math.pi))
    if x < (a + 1.0) / (a + 2.5):
        return front * _fraction(a, 0.5, x) / a
    return 1.0 - 2.0 * front * _fraction(0.5, a, rest)


@lru_cache(maxsize=1_024)
def critical(df: float, level: float) -> float:
    """The t with P(|T| <= t) = level, for a level in (0, 1).

    Notes
    -----
    Newton's method from the normal quantile. It lies below the root, as t has the heavier tails,
    and the tail probability is convex, so every step goes up and none beyond the root.
    """
    alpha = 1.0 - level
    t = NORMAL.inv_cdf(0.5 + level / 2.0)
    for _ in range(_MOST):
        step = (two_sided(df, t) - alpha) / (2.0 * _density(df, t))
        t += step
        if step <= _PRECISION * t:
            break
    return t


def normal_cdf(x: float) -> float:
    """Probability that a standard normal is at most x, exact to rounding in both tails."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def _density(df: float, t: float) -> float:
    log = _log_ratio(df / 2.0) - 0.5 * math.log(df * math.pi)
    return math.exp(log - (df + 1.0) / 2.0 * math.log1p(t * t / df))


def _log_ratio(a: float) -> float:
    """log of Gamma(a + 1/2) / Gamma(a); by its series where two large logarithms would cancel."""
    if a < _LARGE:
        return math.lgamma(a + 0.5) - math.lgamma(a)
    v = 1.0 / (a * a)
    series = 1.0 / 8.0 - v * (1.0 / 192.0 - v * (1.0 / 640.0 - v * 17.0 / 14_336.0))
    return 0.5 * math.log(a) - series / a


def _fraction(a: float, b: float, x: float) -> float:
    """1 / (1 + d1 / (1 + d2 / (1 + ...))) of the incomplete beta function, by Lentz's method."""
    upper, lower, value = 1.0, 0.0, 1.0
    for n in range(1, _MOST):
        m, odd = divmod(n, 2)
        if odd:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        # an exact zero would stop the recurrence
        lower = 1.0 / (1.0 + term * lower or _TINY)
        upper = 1.0 + term / upper or _TINY
        value *= upper * lower
        if abs(upper * lower - 1.0) <= _PRECISION:
            break
    return 1.0 / value
