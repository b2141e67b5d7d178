"""Which bootstrap draws can matter: how large a draw's t statistic is under any null at all."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Relative slack of `highest`, and how near to singular a draw's matrix may be: where less than
# this share of the determinant is left after cancellation the bound is infinite, and where more
# is left its rounding error is below 1e-9.
MARGIN = 1e-6


def highest(numerator: Floats, squared_error: Floats) -> Floats:
    """Bound of each draw's squared t* over all nulls.

    Parameters
    ----------
    numerator : ndarray, shape (2, B)
        n0, n1: the numerator is n0 - d n1 under a null at distance d from the estimate.
    squared_error : ndarray, shape (3, B)
        d0, d1, d2: the squared error is d0 - d d1 + d^2 d2.

    Returns
    -------
    ndarray, shape (B,)
        Infinite where a draw's error can vanish, or nearly.

    Notes
    -----
    With u = (1, -d), t*^2 = (u'n)^2 / (u'Du) for n = (n0, n1) and D = [[d0, d1/2], [d1/2, d2]],
    which by the Cauchy-Schwarz inequality is at most n'D^-1 n.
    """
    (n0, n1), (d0, d1, d2) = numerator, squared_error
    determinant = d0 * d2 - d1**2 / 4.0
    regular = (d0 > 0.0) & (d2 > 0.0) & (determinant > MARGIN * d0 * d2)
    found = np.full(len(n0), np.inf)
    np.divide(n0**2 * d2 - n0 * n1 * d1 + n1**2 * d0, determinant, out=found, where=regular)
    return found
