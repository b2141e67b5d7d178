"""How far trends may part after treatment, in multiples of how far they parted before.

Sets of effects under Rambachan and Roth's relative magnitudes: the change of the difference in
trends from one period to the next is at most M times its largest change before treatment.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.many_periods.conditional_test import MomentInequalities, moments
from evaluation.estimation.many_periods.panel import WHERE

# Points of the search in each direction, and how often the outermost change is halved.
_GRID, _HALVED = 60, 24
# How far beyond the identified set at the estimates the search goes, in standard errors.
_REACH = 20.0
# Largest breakdown value that is sought.
_LARGEST = 64.0


@dataclass(frozen=True, slots=True, eq=False)
class Coefficients:
    """Coefficients of an event study around a reference period just before treatment.

    Attributes
    ----------
    before : ndarray, shape (P,)
        Earliest first, without the reference period, whose coefficient is zero.
    after : ndarray, shape (Q,)
    covariance : ndarray, shape (P + Q, P + Q)
    effect : ndarray, shape (Q,)
        Weights of the periods after in the effect of interest.
    """

    before: Floats
    after: Floats
    covariance: Floats
    effect: Floats

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit.

        Raises
        ------
        EstimationError
            No period before, or shapes that differ.
        """
        p, q = len(self.before), len(self.after)
        fits = self.covariance.shape == (p + q, p + q) and len(self.effect) == q
        if not fits or p < 1 or q < 1:
            raise EstimationError.of("trends-no-period", "trends-period", WHERE)

    @property
    def estimate(self) -> float:
        """The effect if trends were parallel."""
        return float(self.effect @ self.after)

    @property
    def std_error(self) -> float:
        """Its standard error."""
        part = self.covariance[len(self.before) :, len(self.before) :]
        return float(np.sqrt(self.effect @ part @ self.effect))


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """One polyhedron: the largest change before is that of one period, with one sign.

    A value r of the effect is tested by the moments constant - r slope.
    """

    moments: MomentInequalities
    constant: Floats
    slope: Floats

    def accepts(self, value: float) -> bool:
        return not self.moments.rejects(self.constant - value * self.slope)


@dataclass(frozen=True, slots=True, eq=False)
class Magnitudes:
    """Tests of the effect of an event study under one M.

    Attributes
    ----------
    study : Coefficients
    multiple : float
        M.
    """

    study: Coefficients
    multiple: float
    _pieces: tuple[_Piece, ...]

    def accepts(self, value: float) -> bool:
        """Whether an effect is in the set: some piece accepts it."""
        return any(piece.accepts(value) for piece in self._pieces)

    def interval(self) -> tuple[float, float]:
        """Hull of the accepted effects; both not a number where none is."""
        study = self.study
        trend = np.abs(np.diff([*study.before, 0.0])).max() * self.multiple
        reach = trend * np.abs(np.cumsum(study.effect[::-1])).sum() + _REACH * study.std_error
        grid = study.estimate + np.linspace(-reach, reach, 2 * _GRID + 1)
        accepted = np.flatnonzero([self.accepts(value) for value in grid.tolist()])
        if not len(accepted):
            return np.nan, np.nan
        first, last = int(accepted[0]), int(accepted[-1])
        low = -np.inf if first == 0 else _halved(self.accepts, grid[first], grid[first - 1])
        high = np.inf if last == 2 * _GRID else _halved(self.accepts, grid[last], grid[last + 1])
        return low, high


def _halved(accepts: Callable[[float], bool], inside: float, outside: float) -> float:
    """The last accepted value between an accepted and a rejected one."""
    for _ in range(_HALVED):
        middle = (inside + outside) / 2.0
        inside, outside = (middle, outside) if accepts(middle) else (inside, middle)
    return float(inside)


def magnitudes(study: Coefficients, multiple: float, *, level: float = 0.95) -> Magnitudes:
    """Effects that are compatible with trends parting by up to M times their largest change before.

    Parameters
    ----------
    study : Coefficients
    multiple : float
        M, not negative.
    level : float
        Confidence level.

    Returns
    -------
    Magnitudes

    Notes
    -----
    Rambachan and Roth (2023, Rev. Economic Studies 90(5)), section 2.4.1 and the conditional
    least-favourable hybrid of section 3.3 with kappa = alpha / 10, for every polyhedron of the
    union; moments of the periods after treatment only, as their programme has it.
    """
    pieces = tuple(_piece(study, A, 1.0 - level) for A in _polyhedra(study, multiple))
    return Magnitudes(study, multiple, pieces)


def _polyhedra(study: Coefficients, multiple: float) -> Iterator[Floats]:
    """A with A delta <= 0: rows that hold the periods after, of every period before and sign."""
    p, q = len(study.before), len(study.after)
    # columns are the periods without the reference, whose difference in trends is zero
    levels = np.insert(np.eye(p + q), p, 0.0, axis=0)
    changes = np.diff(levels, axis=0)
    for s in range(p):
        for sign in (1.0, -1.0):
            bound = multiple * sign * changes[s]
            yield np.concatenate([changes[p:] - bound, -changes[p:] - bound])


def _piece(study: Coefficients, A: Floats, alpha: float) -> _Piece:
    """Effects after treatment are the tested one, and others that are free."""
    p, q = len(study.before), len(study.after)
    dropped = int(np.argmax(np.abs(study.effect)))
    basis = np.vstack([study.effect, np.delete(np.eye(q), dropped, axis=0)])
    columns = A[:, p:] @ np.linalg.inv(basis)
    covariance = A @ study.covariance @ A.T
    return _Piece(
        moments=moments(covariance, columns[:, 1:], alpha=alpha),
        constant=A @ np.concatenate([study.before, study.after]),
        slope=columns[:, 0],
    )


def breakdown(study: Coefficients, *, level: float = 0.95) -> float:
    """Smallest M, to three digits, at which zero can no longer be excluded.

    Parameters
    ----------
    study : Coefficients
    level : float

    Returns
    -------
    float
        Zero where it is not excluded by parallel trends either, infinite beyond 64.
    """

    def excluded(multiple: float) -> bool:
        return not magnitudes(study, multiple, level=level).accepts(0.0)

    return last_excluded(excluded, 1.0, _LARGEST)


def last_excluded(excluded: Callable[[float], bool], start: float, largest: float) -> float:
    """Where a restriction becomes too weak to exclude something, by doubling and halving.

    Parameters
    ----------
    excluded : callable
        Whether it is excluded under a bound.
    start, largest : float
        First bound that is tried, and the last.
    """
    if not excluded(0.0):
        return 0.0
    low, high = 0.0, start
    while excluded(high):
        low, high = high, 2.0 * high
        if low >= largest:
            return np.inf
    while high - low > 5e-4 * high:
        middle = (low + high) / 2.0
        low, high = (middle, high) if excluded(middle) else (low, middle)
    return high
