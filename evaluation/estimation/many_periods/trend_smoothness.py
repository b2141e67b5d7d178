"""How much the difference in trends may bend: Rambachan and Roth's smoothness restriction.

Its change from one period to the next may itself change by at most M. The interval of shortest
length is made of one linear combination of the coefficients.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar, nnls

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.fixed_length import critical_value
from evaluation.estimation.many_periods.panel import WHERE
from evaluation.estimation.many_periods.trend_magnitude import Coefficients, last_excluded

# Weight of equalities against the variance, both of order one, in least squares.
_HEAVY = 1e5


@dataclass(frozen=True, slots=True, eq=False)
class FixedLengthInterval:
    """An interval of fixed length around a linear combination of coefficients.

    Attributes
    ----------
    estimate, half_length : float
    std_error : float
        Of the combination.
    bias : float
        The largest that the restriction allows.
    weights : ndarray, shape (P + Q,)
        Of the coefficients.
    """

    estimate: float
    half_length: float
    std_error: float
    bias: float
    weights: Floats

    @property
    def interval(self) -> tuple[float, float]:
        """Both ends."""
        return self.estimate - self.half_length, self.estimate + self.half_length


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """Minimise c'Q c + 2 q'c + r over c with a'c = g; the bias is M (|c| + fixed).

    c are the coefficients of the second differences up to the reference period in the bias; they
    are the weights of the periods before times a triangular matrix, ``back`` the other way.
    """

    Q: Floats
    q: Floats
    r: float
    a: Floats
    g: float
    fixed: float
    back: Floats

    def variance(self, c: Floats) -> float:
        return float(c @ self.Q @ c + 2.0 * self.q @ c + self.r)

    def smallest_variance(self) -> Floats:
        size = len(self.a)
        left = np.zeros((size + 1, size + 1))
        left[:size, :size], left[:size, size], left[size, :size] = self.Q, self.a, self.a
        return np.asarray(np.linalg.solve(left, np.r_[-self.q, self.g])[:size])

    def within(self, total: float) -> Floats:
        """Smallest variance with absolute values of c that sum to no more than a total."""
        root = np.linalg.cholesky(self.Q).T
        scale, size = np.sqrt(np.trace(self.Q)), len(self.a)
        target = -np.linalg.solve(root.T, self.q) / scale
        top = np.hstack([root, -root]) / scale
        length = np.linalg.norm(self.a)
        sums = _HEAVY * np.ones((1, 2 * size))
        equal = _HEAVY * np.r_[self.a, -self.a][None] / length
        right = np.r_[target, _HEAVY * total, _HEAVY * self.g / length]
        both = nnls(np.vstack([top, sums, equal]), right, maxiter=1_000)[0]
        return np.asarray(both[:size] - both[size:])


def _problem(study: Coefficients) -> _Problem:
    """Second differences u and a slope b make the trend: zero at the reference, b one later.

    delta_t = b t + sum over 0 < s < t of (t - s) u_s, and before the reference
    delta_-t = -b t + sum over 0 <= s < t of (t - s) u_-s.
    """
    p, q = len(study.before), len(study.after)
    ago, later = np.arange(p, 0, -1), np.arange(1, q + 1)
    earlier = np.maximum(ago[:, None] - np.arange(p), 0).astype(np.float64)
    fixed = np.maximum(later[:, None] - later, 0).T @ study.effect
    # weights of the periods before are back @ c
    back = np.linalg.inv(earlier.T)
    own, joint = study.covariance[:p, :p], study.covariance[:p, p:]
    other = study.covariance[p:, p:]
    return _Problem(
        Q=back.T @ own @ back,
        q=back.T @ joint @ study.effect,
        r=float(study.effect @ other @ study.effect),
        a=back.T @ ago.astype(np.float64),
        g=float(later @ study.effect),
        fixed=float(np.abs(fixed).sum()),
        back=back,
    )


def smoothness(study: Coefficients, bend: float, *, level: float = 0.95) -> FixedLengthInterval:
    """The shortest interval of fixed length for an effect if trends bend by up to M a period.

    Parameters
    ----------
    study : Coefficients
    bend : float
        M, in the unit of the coefficients; 0 is a straight difference in trends.
    level : float
        Confidence level.

    Returns
    -------
    FixedLengthInterval

    Raises
    ------
    EstimationError
        The covariance of the periods before treatment is singular.

    Notes
    -----
    Rambachan and Roth (2023, Rev. Economic Studies 90(5)), section 4.1, after Armstrong and
    Kolesar (2018, Econometrica 86(2)): the half length is the standard error times the quantile of
    |N(b, 1)|, b the largest bias in standard errors. Of the combinations with one total of absolute
    weights of second differences the best has the smallest variance; the total is then chosen.
    """
    made = _problem(study)
    try:
        best = _best(made, bend, level)
    except np.linalg.LinAlgError as error:
        raise EstimationError.of("trends-singular", "trends-fewer", WHERE) from error
    weights = np.r_[made.back @ best, study.effect]
    return FixedLengthInterval(
        estimate=float(weights @ np.r_[study.before, study.after]),
        half_length=_half_length(made, best, bend, level),
        std_error=float(np.sqrt(made.variance(best))),
        bias=bend * (float(np.abs(best).sum()) + made.fixed),
        weights=weights,
    )


def _best(made: _Problem, bend: float, level: float) -> Floats:
    widest = made.smallest_variance()
    most = float(np.abs(widest).sum())
    least = abs(made.g) / float(np.abs(made.a).max())
    if bend == 0.0 or most <= least * (1.0 + 1e-9):
        return widest

    def length(total: float) -> float:
        return _half_length(made, made.within(total), bend, level)

    found = minimize_scalar(
        length, bounds=(least, most), method="bounded", options={"xatol": 1e-8 * most}
    )
    every = [made.within(float(found.x)), made.within(least), widest]
    return min(every, key=lambda c: _half_length(made, c, bend, level))


def _half_length(made: _Problem, c: Floats, bend: float, level: float) -> float:
    error = float(np.sqrt(made.variance(c)))
    bias = bend * (float(np.abs(c).sum()) + made.fixed)
    return error * critical_value(bias / error, level)


def smoothness_breakdown(study: Coefficients, *, level: float = 0.95) -> float:
    """Smallest M, to three digits, at which zero can no longer be excluded.

    Parameters
    ----------
    study : Coefficients
    level : float
    """

    def excluded(bend: float) -> bool:
        low, high = smoothness(study, bend, level=level).interval
        return not low <= 0.0 <= high

    return last_excluded(excluded, study.std_error, 1e6 * study.std_error)
