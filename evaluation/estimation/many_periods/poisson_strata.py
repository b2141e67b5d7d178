"""One log ratio under many permutations of treatment, from profiles of single strata.

Strata share nothing but the ratio. With the effects of units and periods profiled out, the score of
the ratio is a sum over strata, and each part depends on the ratio and on which units of that
stratum are treated only. Permutations inside strata repeat few such parts: ten treated of 74 units
in six strata have hundreds of millions of permutations and 586 parts. So each part is solved once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.inference.inversion import TIE
from evaluation.estimation.many_periods.poisson_units import Counts, fits

# Ranges of the log ratio, as half widths, with how many points the parts are interpolated at: the
# terms left out are below 1e-12 of the largest (a test compares with every fit by itself).
_RANGES = ((1.25, 22), (4.0, 64))
_ITERATIONS, _ARRIVED, _NEAR, _LONGEST = 60, 1e-11, 1e-7, 2.0
# Numbers in one table of parts, units and periods.
_CELLS = 1_500_000


@dataclass(frozen=True, slots=True, eq=False)
class Placements:
    """Permutations of treatment, by the placements that each stratum has among them.

    Attributes
    ----------
    first : ndarray of int, shape (B, N)
        First treated period of each unit under each permutation.
    strata : tuple of (ndarray, ndarray, ndarray)
        Of each stratum with a treated unit: its units (n,), its distinct placements (A, n), and
        which of these each permutation has (B,).
    """

    first: Codes
    strata: tuple[tuple[Codes, Codes, Codes], ...]

    def cost(self, points: int) -> int:
        """Units of all placements at some points, to be set against units of all permutations."""
        return points * sum(entries.size for _, entries, _ in self.strata)


def placements(made: Counts, first: Codes) -> Placements:
    """Distinct placements of each stratum among permutations.

    Parameters
    ----------
    made : Counts
    first : ndarray of int, shape (B, N)
        First treated period of each unit under each permutation; the number of periods is never.
    """
    found = []
    for rows in made.strata:
        own = first[:, rows]
        if (own < made.y.shape[1]).any():
            entries, place = np.unique(own, axis=0, return_inverse=True)
            found.append((rows, entries, place.ravel()))
    return Placements(first, tuple(found))


@dataclass(frozen=True, slots=True)
class _Stratum:
    """Units and periods with events, (n, t), and where each placement is treated, (A, n, t)."""

    y: Floats
    exposure: Floats
    treated: Floats


def log_ratios(made: Counts, drawn: Placements, *, clustered: bool = True) -> tuple[Floats, Floats]:
    """Log ratios of all treated periods and their clustered errors, as `fits` has them.

    Parameters
    ----------
    made : Counts
        With one ratio.
    drawn : Placements
    clustered : bool
        Whether errors are wanted; where permutations are fitted one by one, they are not a number
        otherwise.

    Returns
    -------
    ratios, errors : ndarray, shape (B,)
        Not a number where there is no solution.
    """
    first = drawn.first
    if np.ptp(made.weight) > 0.0 or drawn.cost(_RANGES[0][1]) > first.size:
        return _each(made, first, clustered=clustered)
    ratios, errors = np.full(len(first), np.nan), np.full(len(first), np.nan)
    left = np.arange(len(first))
    for half, points in _RANGES:
        found, error, inside = _interpolated(made, drawn, left, half, points)
        ratios[left[inside]], errors[left[inside]] = found[inside], error[inside]
        left = left[~inside]
        if not len(left):
            return ratios, errors
    ratios[left], errors[left] = _each(made, first[left], clustered=clustered)
    return ratios, errors


def number_beyond(made: Counts, drawn: Placements, value: float) -> int:
    """How many permutations have a log ratio as far from zero as a value; also where it has none.

    Parameters
    ----------
    made : Counts
        With one ratio.
    drawn : Placements
    value : float

    Notes
    -----
    The profile likelihood is concave: its maximum lies at or above c where the score at c is not
    negative. Two scores a placement answer, and no permutation is fitted.
    """
    at = abs(value) * np.sqrt(1.0 - TIE)
    if np.ptp(made.weight) > 0.0 or drawn.cost(2) > drawn.first.size:
        ratios, _ = _each(made, drawn.first, clustered=False)
        return int(np.count_nonzero(~(np.abs(ratios) < at)))
    score = np.zeros((len(drawn.first), 2))
    for rows, entries, place in drawn.strata:
        score += _profiles(_stratum(made, rows, entries), np.array([-at, at]))[0][place]
    return int(np.count_nonzero(~((score[:, 0] > 0.0) & (score[:, 1] < 0.0))))


def _each(made: Counts, first: Codes, *, clustered: bool) -> tuple[Floats, Floats]:
    found = fits(made, first, clustered=clustered)
    return found.ratios[:, 0], found.errors[:, 0]


def _stratum(made: Counts, rows: Codes, entries: Codes) -> _Stratum:
    """Units without events add nothing and are left out."""
    some = made.y[rows].sum(axis=1) > 0.0
    seen = np.flatnonzero(made.exposure[rows].any(axis=0))
    return _Stratum(
        y=made.y[rows][some][:, seen],
        exposure=made.exposure[rows][some][:, seen],
        treated=made.columns[entries[:, some]][:, :, seen, 0],
    )


def _interpolated(
    made: Counts, drawn: Placements, which: Codes, half: float, points: int
) -> tuple[Floats, Floats, Flags]:
    """Roots of the permutations' scores, their errors, and whether each lies in the range."""
    at, units = half * chebyshev.chebpts1(points), len(made.y)
    inverse = np.linalg.inv(chebyshev.chebvander(at / half, points - 1)).T
    sums = np.zeros((3, len(which), points))
    for rows, entries, place in drawn.strata:
        sums += (_profiles(_stratum(made, rows, entries), at) @ inverse)[:, place[which]]
    score, information, squared = (np.ascontiguousarray(part.T) for part in sums)

    def value(part: Floats, ratios: Floats) -> Floats:
        return np.asarray(chebyshev.chebval(ratios / half, part, tensor=False))

    ends = [value(score, np.full(len(which), end)) for end in (-half, half)]
    inside = np.asarray((ends[0] > 0.0) & (ends[1] < 0.0))
    ratios = np.zeros(len(which))
    for _ in range(_ITERATIONS):
        with np.errstate(divide="ignore", invalid="ignore"):
            step = value(score, ratios) / value(information, ratios)
        step = np.where(inside, step, 0.0)
        ratios = (ratios + step).clip(-half, half)
        if np.abs(step).max(initial=0.0) < _ARRIVED:
            break
    inside &= np.abs(ratios) < half
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.sqrt(units / (units - 1) * value(squared, ratios)) / value(information, ratios)
    return ratios, errors, inside


def _profiles(one: _Stratum, at: Floats) -> Floats:
    """Score, information and squared contributions of placements at log ratios, (3, A, K)."""
    shape = (len(one.treated), len(at))
    found = np.zeros((3, *shape))
    step = max(1, _CELLS // max(1, one.y.size * len(at)))
    for start in range(0, shape[0], step):
        part = slice(start, start + step)
        treated = np.repeat(one.treated[part], len(at), axis=0)
        ratios = np.tile(at, len(treated) // len(at))
        found[:, part] = _solved(one, treated, ratios).reshape(3, -1, len(at))
    return found


def _solved(one: _Stratum, treated: Floats, ratios: Floats) -> Floats:
    """Score, information and squares with the period effects at their best, shape (3, r)."""
    events = one.y.sum(axis=1)
    rate = one.y.sum(axis=0) / one.exposure.sum(axis=0)
    periods = np.repeat(np.log(rate / rate[0])[None], len(ratios), axis=0)
    fixed = one.exposure * np.exp(treated * ratios[:, None, None])
    diagonal = np.arange(len(rate) - 1)
    for _ in range(_ITERATIONS):
        odds = fixed * np.exp(periods)[:, None]
        share = odds / odds.sum(axis=2, keepdims=True)
        mu = share * events[:, None]
        own = (one.y - mu).sum(axis=1)[:, 1:]
        inner = -np.swapaxes(mu[:, :, 1:], 1, 2) @ share[:, :, 1:]
        inner[:, diagonal, diagonal] += mu[:, :, 1:].sum(axis=1)
        move = np.linalg.solve(inner, own[:, :, None])[:, :, 0].clip(-_LONGEST, _LONGEST)
        periods[:, 1:] += move
        if np.abs(move).max(initial=0.0) < _ARRIVED:
            break
    left = treated * mu
    of_unit = (treated * share).sum(axis=2)
    cross = (left - mu * of_unit[:, :, None]).sum(axis=1)[:, 1:]
    shared = np.linalg.solve(inner, cross[:, :, None])[:, :, 0]
    information = left.sum(axis=(1, 2)) - (events * of_unit**2).sum(axis=1)
    information -= (cross * shared).sum(axis=1)
    away = one.y - mu
    score = (away * treated).sum(axis=2)
    contributions = score - (away[:, :, 1:] @ shared[:, :, None])[:, :, 0]
    found = np.stack([score.sum(axis=1), information, (contributions**2).sum(axis=1)])
    # where the effects of periods have not arrived, the permutation is fitted by itself
    return np.where(np.abs(move).max(axis=1, initial=0.0) < _NEAR, found, np.nan)
