"""Randomisation inference over many periods: entry is permuted between units within strata.

In a balanced panel of equally weighted units the weights of a linear estimator do not depend on
who is treated when, only on how many: a permutation hands every unit's few sums over time to other
groups. Periods never enter again.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.inference.inversion import TIE, Distribution, share_of
from evaluation.estimation.inference.permutation_draws import (
    Arms,
    Assignments,
    Permutations,
    permutations,
)
from evaluation.estimation.inference.permutation_moments import without_rounding
from evaluation.estimation.many_periods.aggregation import Name
from evaluation.estimation.many_periods.linear import Linear
from evaluation.estimation.many_periods.panel import WHERE, UnitPanel
from evaluation.estimation.regression.fit import StepUnavailable

# Numbers in one (estimates x permutations) table.
_CELLS = 131_072
# Share of the units up to which those of an arm are summed one by one.
_FEW = 0.1
# Share up to which the slope of a permutation is one, and its constant zero.
_ROUNDING = 1e-9


def of_panel(panel: UnitPanel, *, number: int, seed: int) -> Permutations:
    """Permutations of the units' first treated periods inside strata.

    Parameters
    ----------
    panel : UnitPanel
    number : int
        Permutations wanted; all there are where these are not more.
    seed : int
    """
    first = dict(zip(panel.units, map(str, panel.first.tolist()), strict=True))
    strata = dict(zip(panel.units, map(str, panel.stratum.tolist()), strict=True))
    return permutations(first, strata=strata, number=number, seed=seed)


@dataclass(frozen=True, slots=True)
class _Part:
    """Sums over time in one stratum, of R rows: an estimate, or the part of a cohort in one.

    Attributes
    ----------
    units : ndarray of int, shape (n,)
    arms : tuple of int
        Arms that occur in the stratum, as the assignments number them.
    size : ndarray, shape (arms,)
        Units of each arm.
    of_y : ndarray, shape (arms, R, n)
        What each unit would add to a row if it had the arm; the estimated effect is taken off.
    of_x : ndarray, shape (arms, R, n)
        The same of an effect of one in the periods of the estimate, where it was observed.
    treated : ndarray of bool, shape (arms, R)
        Whether the row is about the arm's cohort.
    """

    units: Codes
    arms: tuple[int, ...]
    size: Floats
    of_y: Floats
    of_x: Floats
    treated: Flags


def randomise(found: Linear, drawn: Permutations) -> tuple[Distribution, ...]:
    """Randomisation distributions of all estimates, with the same permutations.

    Parameters
    ----------
    found : Linear
    drawn : Permutations
        They must cover the units.

    Returns
    -------
    tuple of K Distribution
        Testing a value r takes r off the treated periods that the estimate is about, in every
        unit; its interval inverts that. The standard error is that of `Notes`, which permutations
        share.

    Raises
    ------
    StepUnavailable
        Units have different weights, covariates or missing periods; or no stratum has two cohorts.

    Notes
    -----
    RI-t of MacKinnon and Webb (2020, J. Econometrics 218(2)). The squared error is the sum of
    squared deviations of the units from the mean of their cohort and stratum, plus those of a
    stratum's effect from the cohort's, with G/(G-1). Cost O(K G B) for B permutations.
    """
    _check(found)
    among = drawn.among(found.panel.units)
    parts, cohort_share = _parts(found, among)
    number = len(found.names)
    numerator, squared = np.empty((number, 2, among.number)), np.empty((number, 3, among.number))
    step = max(1, _CELLS // max(number, len(found.panel.units)))
    for start in range(0, among.number, step):
        chunk = slice(start, start + step)
        numerator[:, :, chunk], squared[:, :, chunk] = _moments(
            parts, cohort_share, among.codes[:, chunk], number
        )
    _, own = _moments(parts, cohort_share, among.observed[:, None], number)
    g = len(found.panel.units)
    factor = g / (g - 1)
    return tuple(
        Distribution(
            column=f"{name.kind} {name.at}",
            estimate=float(found.estimates[k]),
            std_error=float(np.sqrt(factor * own[k, 0, 0])),
            factor=factor,
            enumerated=among.enumerated,
            numerator=numerator[k],
            squared_error=squared[k],
        )
        for k, name in enumerate(found.names)
    )


def permuted_estimates(found: Distribution) -> Floats:
    """The estimate under every permutation, nothing taken off, shape (B,).

    Their spread is what chance makes of the estimate. They are no test where groups are of
    unequal size and noise: that is the studentised one.

    Parameters
    ----------
    found : Distribution
        Of `randomise`.
    """
    return np.asarray(found.numerator[0] + found.estimate * found.numerator[1])


def coefficient_test(found: Distribution, null: float = 0.0) -> float:
    """p-value of the permuted coefficient, not studentised.

    Parameters
    ----------
    found : Distribution
        Of `randomise`.
    null : float
        Value that is tested.
    """
    distance = found.estimate - null
    drawn = found.numerator[0] + distance * found.numerator[1]
    larger = int(np.count_nonzero(~(drawn**2 < distance**2 * (1.0 - TIE))))
    return float(share_of(larger, len(drawn), enumerated=found.enumerated))


def coefficient_interval(found: Distribution, level: float = 0.95) -> tuple[float, float]:
    """Values that `coefficient_test` does not reject.

    Parameters
    ----------
    found : Distribution
    level : float
    """
    low, high = (_coefficient_end(found, side, 1.0 - level) for side in (-1.0, 1.0))
    return found.estimate - low, found.estimate + high


def _coefficient_end(found: Distribution, side: float, alpha: float) -> float:
    """How far the outermost accepted null lies from the estimate, on one side.

    Parameters
    ----------
    found : Distribution
    side : {-1.0, 1.0}
        Nulls below or above the estimate.
    alpha : float

    Notes
    -----
    |constant + d slope| >= |d| holds for d up to |constant| / (1 - slope), or with 1 + slope,
    whichever sign the permutation has; slopes of permutations are inside (-1, 1). The end is where
    the share of permutations for which it still holds falls below alpha.
    """
    d, (constant, slope) = -side, found.numerator
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.where(d * constant > 0.0, 1.0 - slope, 1.0 + slope)
        reach = np.where(ends > 0.0, np.abs(constant) / ends, np.inf)
    # the data's own entry, or its mirror image: as far as the estimate under every null
    own_entry = np.abs(np.abs(slope) - 1.0) <= _ROUNDING
    own_entry &= np.abs(constant) <= _ROUNDING * np.nanmax(np.abs(constant), initial=0.0)
    reach = np.sort(np.where(own_entry, np.inf, reach))[::-1]
    # as `share_of` counts: all permutations, or those drawn and the data themselves
    own = 0 if found.enumerated else 1
    needed = int(np.ceil(alpha * (len(reach) + own) - TIE)) - own
    return float(reach[max(needed - 1, 0)])


def _check(found: Linear) -> None:
    panel = found.panel
    if panel.covariates.size:
        raise StepUnavailable.of("permutation-covariates", "leave-step-out", WHERE)
    if not panel.seen.all() or np.ptp(panel.weight) > 0.0:
        raise StepUnavailable.of("permutation-unequal", "leave-step-out", WHERE)


def _parts(found: Linear, among: Assignments) -> tuple[list[_Part], Floats]:
    """Every stratum's sums over time, and its share of each cohort, shape (strata, R)."""
    made, groups = found.design, found.design.groups
    cohorts = np.unique(made.effects.cohort)
    split = len(np.unique(groups.stratum)) > 1
    rows = np.repeat(cohorts, len(found.names)) if split else np.full(len(found.names), -1)
    mixing = made.aggregation.mixing
    if split:
        mixing = np.concatenate([mixing * (made.effects.cohort == c) for c in cohorts])
    weights = made.effects.weights(mixing)
    effect = np.resize(found.estimates, len(rows))[:, None]
    parts, share = [], []
    for stratum in np.unique(groups.stratum).tolist():
        inside = np.flatnonzero(groups.stratum == stratum)
        part = _part(found, among, inside, weights[:, inside])
        parts.append(_less(part, rows, groups.first[inside], effect))
        own = (groups.stratum == stratum) * groups.weight
        total = made.groups.cohort_weight()
        share.append(np.bincount(groups.first, own, groups.n_periods + 1)[rows] / total[rows])
    return parts, np.array(share)


def _less(part: _Part, rows: Codes, first: Codes, effect: Floats) -> _Part:
    treated = rows == first[:, None]
    of_y = part.of_y - effect * part.of_x
    return _Part(part.units, part.arms, part.size, of_y, part.of_x, treated)


def _part(found: Linear, among: Assignments, groups: Codes, weights: Floats) -> _Part:
    """Sums over time of the units of some groups, under each group's weights (R, groups, T)."""
    panel = found.panel
    units = np.flatnonzero(np.isin(found.of_unit, groups))
    first = found.design.groups.first[groups]
    of_x = np.empty((len(groups), len(weights), len(units)))
    for c in np.unique(panel.first[units]).tolist():
        effect = np.array([treated(name, c, panel.n_periods) for name in found.names])
        own = np.einsum("rmt,rt->mr", weights, np.resize(effect, (len(weights), panel.n_periods)))
        of_x[:, :, panel.first[units] == c] = own[:, :, None]
    return _Part(
        units=units,
        arms=tuple(_arm(among, panel, c) for c in first.tolist()),
        size=found.design.groups.weight[groups] / panel.weight[0],
        of_y=np.einsum("rmt,nt->mrn", weights, panel.y[units], optimize=True),
        of_x=of_x,
        treated=np.zeros((len(groups), 0), dtype=bool),
    )


def _arm(among: Assignments, panel: UnitPanel, cohort: int) -> int:
    return int(among.observed[np.flatnonzero(panel.first == cohort)[0]])


def treated(name: Name, cohort: int, periods: int) -> Floats:
    """One in the periods of a cohort that an estimate is about, shape (T,).

    Parameters
    ----------
    name : Name
    cohort, periods : int
    """
    time = np.arange(periods)
    after = (time >= cohort) & (cohort < periods)
    if name.at is None:
        return np.where(after, 1.0, 0.0)
    if name.kind == "event":
        return np.where((time - cohort == name.at) & (cohort < periods), 1.0, 0.0)
    if name.kind == "group":
        return np.where(after & (cohort == name.at), 1.0, 0.0)
    if name.kind == "cell":
        return np.where((time == name.at) & (cohort == name.cohort), 1.0, 0.0)
    return np.where(after & (time == name.at), 1.0, 0.0)


def _moments(
    parts: list[_Part], cohort_share: Floats, codes: Arms, number: int
) -> tuple[Floats, Floats]:
    """Numerators (K, 2, b) and squared errors (K, 3, b) under b permutations."""
    sums = [_sums(part, codes[part.units]) for part in parts]
    effect = np.array([s.effect for s in sums])
    error = np.sum([s.error for s in sums], axis=0)
    size = np.sum([s.size for s in sums], axis=0)
    if len(parts) > 1:
        total = effect.sum(axis=0)
        for part, share, own in zip(parts, cohort_share, effect, strict=True):
            n = part.treated.T @ part.size
            away = own - share[:, None] * total
            per_unit = np.divide(1.0, n, out=np.zeros_like(n), where=n > 0.0)[:, None]
            error += _products(away) * per_unit
    fold = (len(error[0]) // number, number, -1)
    numerator = effect.sum(axis=0).reshape(2, *fold).sum(axis=1)
    d0, d1, d2 = error.reshape(3, *fold).sum(axis=1)
    scale = size.reshape(fold).sum(axis=0)
    squared = without_rounding(d0, d1, d2, scale=scale)
    return np.moveaxis(numerator, 0, 1), np.moveaxis(squared, 0, 1)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Effect (2, R, b), squared error (3, R, b) and its size before cancelling (R, b)."""

    effect: Floats
    error: Floats
    size: Floats


def _products(z: Floats) -> Floats:
    return np.stack([z[0] * z[0], z[0] * z[1], z[1] * z[1]])


def _sums(part: _Part, codes: Arms) -> _Sums:
    """Means by arm of what units add, and their squared deviations."""
    shape = (part.of_y.shape[1], codes.shape[1])
    effect, error, size = np.zeros((2, *shape)), np.zeros((3, *shape)), np.zeros(shape)
    for arm, n, y, x in zip(part.arms, part.size, part.of_y, part.of_x, strict=True):
        every = np.concatenate([y, x, y * y, y * x, x * x])
        y_mean, x_mean, *square = _given(every, codes == arm).reshape(5, *shape) / n
        mean, squares = np.stack([y_mean, x_mean]), np.stack(square)
        effect += mean
        error += (squares - _products(mean)) / n
        size += squares[2] / n
    return _Sums(effect, error, size)


def _given(values: Floats, member: Flags) -> Floats:
    """Sums of values (r, n) over the members (n, b) of each permutation, shape (r, b)."""
    share = np.count_nonzero(member) / member.size
    if share > 1.0 - _FEW:
        return values.sum(axis=1, keepdims=True) - _given(values, ~member)
    if share < _FEW:
        return np.asarray((sparse.csr_array(member.T, dtype=np.float64) @ values.T).T)
    return values @ member.astype(np.float64)
