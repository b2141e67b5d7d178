"""Fixed-length intervals: the critical value under a bias of known largest size.

Armstrong and Kolesar (2018), Econometrica 86(2), with Student's t where the standard error is
estimated.
"""

import math

from scipy.optimize import brentq
from scipy.special import stdtr, stdtrit

from evaluation.errors import EstimationError
from evaluation.estimation.regression.fit import critical

# Degrees of freedom that stand for a known standard error.
_MANY = 1e12


def critical_value(bias: float, level: float = 0.95, *, df: float = math.inf) -> float:
    """Quantile of |T + bias|, T of Student's t.

    Parameters
    ----------
    bias : float
        Largest bias, in standard errors; not negative.
    level : float
    df : float
        Of the standard error; infinite where it is known, as Armstrong and Kolesar have it.

    Notes
    -----
    The root c of F(c - bias) - F(-c - bias) = level, F the distribution function of t; it lies
    between the two-sided and the one-sided quantile of t, each moved by the bias. Without bias it
    is the two-sided one, so that the interval is the t interval, and it grows with the bias. The
    bias is known in the outcome's unit, and only the noise around it is studentised: a noncentral
    t, whose bias were divided by the estimated standard error too, would make intervals wider than
    the t interval moved by M to both sides, which covers already.
    """
    if not bias >= 0.0:
        raise EstimationError.of(
            "largest-bias", "give-number-zero", "fixed-length interval", bias=bias
        )
    number = min(df, _MANY)

    def excess(c: float) -> float:
        return float(stdtr(number, c - bias) - stdtr(number, -c - bias)) - level

    two_sided, one_sided = critical(number, level), float(stdtrit(number, level))
    if bias == 0.0:
        return two_sided
    low = max(bias + one_sided - 1e-9, 0.0)
    return float(brentq(excess, low, bias + two_sided + 1e-9, xtol=1e-12))
