"""Raking: weights that add up to known population margins, and weights that are cut at a bound.

Iterative proportional fitting (Deming and Stephan 1940, Annals of Mathematical Statistics 11):
each margin in turn, every weight of a cell is multiplied by

    population of the cell / sum of the weights in the cell,

until all margins hold at once. Of all weights that hold the margins, these are the nearest to the
ones begun with in sum w log(w / w0), so that no ratio is changed that no margin asks to change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Floats
from evaluation.locale.messages import ResultNumber

# Margins hold when no cell is farther from its population than this share of it.
TOLERANCE = 1e-10
ITERATIONS = 1_000
# Populations that differ by more than the tolerance can never hold together.
SAME_POPULATION = TOLERANCE / 10.0
# A weight this far above the bound, relative to it, is at the bound.
AT_BOUND = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """Known population of the cells of one variable, or of several crossed.

    Attributes
    ----------
    name : str
        How messages call it.
    cells : tuple of str, length k
        How messages call its cells.
    codes : ndarray of int, shape (n,)
        Cell of each row, from 0 to k - 1; -1 where a row is in none.
    totals : ndarray of float, shape (k,)
        People in each cell.
    """

    name: str
    cells: tuple[str, ...]
    codes: Codes
    totals: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Raked:
    """Weights that hold their margins.

    Attributes
    ----------
    weights : ndarray, shape (n,)
    iterations : int
        Passes over all margins that were needed.
    gap : float
        Largest relative distance of a cell from its population that is left.
    n_cut : int
        Weights that stand at the bound; 0 where there is none.
    """

    weights: Floats
    iterations: int
    gap: float
    n_cut: int = 0


def rake(
    weights: Floats,
    margins: Sequence[Margin],
    *,
    tolerance: float = TOLERANCE,
    iterations: int = ITERATIONS,
) -> Raked:
    """Multiply weights until every margin holds.

    Parameters
    ----------
    weights : ndarray, shape (n,)
        To begin with; positive.
    margins : sequence of Margin
        In any order: the result does not depend on it beyond ``tolerance``.
    tolerance : float
        Largest accepted |sum of weights - population| / population of any cell.
    iterations : int
        Most passes over all margins.

    Returns
    -------
    Raked

    Raises
    ------
    EstimationError
        Weights that are not positive; a cell without rows or without people; a row in no cell;
        margins of different populations; or no convergence. The margin is named.
    """
    _check_weights(weights)
    for margin in margins:
        _check_margin(margin, len(weights))
    _check_populations(margins)
    raked = np.array(weights, dtype=np.float64)
    for done in range(iterations + 1):
        gaps = [_gaps(raked, margin) for margin in margins]
        widest = max((float(gap.max()) for gap in gaps), default=0.0)
        if widest <= tolerance:
            return Raked(weights=raked, iterations=done, gap=widest)
        for margin in margins:
            raked *= (margin.totals / _sums(raked, margin))[margin.codes]
    worst = int(np.argmax([gap.max() for gap in gaps]))
    cell = margins[worst].cells[int(np.argmax(gaps[worst]))]
    raise _raking_error(
        "raking-no-weights-hold",
        "join-cells-some",
        iterations=iterations,
        cell=cell,
        name=margins[worst].name,
        widest=ResultNumber(f"{widest:.2g}"),
    )


def rake_below(
    weights: Floats,
    margins: Sequence[Margin],
    *,
    bound: float,
    tolerance: float = TOLERANCE,
    iterations: int = ITERATIONS,
) -> Raked:
    """Rake, cut weights above a bound, and rake again, until margins and bound both hold.

    What is cut goes to the other rows: raking gives it to those in the same cells.

    Parameters
    ----------
    weights, margins, tolerance, iterations
        As for `rake`; ``iterations`` also limits how often it is cut.
    bound : float
        Largest weight, as a multiple of the median weight after the first raking.

    Returns
    -------
    Raked

    Raises
    ------
    EstimationError
        As `rake`; a bound not above 1; or margins that cannot be held under the bound.
    """
    _check_bound(bound)
    found = rake(weights, margins, tolerance=tolerance, iterations=iterations)
    largest = bound * float(np.median(found.weights))
    for _ in range(iterations):
        if found.weights.max() <= largest * (1.0 + AT_BOUND):
            n_cut = int((found.weights >= largest * (1.0 - AT_BOUND)).sum())
            return Raked(
                weights=found.weights, iterations=found.iterations, gap=found.gap, n_cut=n_cut
            )
        found = rake(
            np.minimum(found.weights, largest), margins, tolerance=tolerance, iterations=iterations
        )
    raise _raking_error("no-weights-hold", "declare-higher-bound", bound=ResultNumber(f"{bound:g}"))


def cut(weights: Floats, *, bound: float) -> Raked:
    """Cut weights at a bound and give what is cut to the other rows.

    The others grow by one factor, so that their ratios and the total stay; those that thereby pass
    the bound are cut in their turn.

    Parameters
    ----------
    weights : ndarray, shape (n,)
    bound : float
        Largest weight, as a multiple of the median weight.

    Returns
    -------
    Raked

    Raises
    ------
    EstimationError
        Weights that are not positive, a bound not above 1, or a total that cannot be held under
        the bound.
    """
    _check_weights(weights)
    _check_bound(bound)
    largest, total = bound * float(np.median(weights)), float(weights.sum())
    result, above = np.array(weights, dtype=np.float64), weights > largest
    n_above = -1
    while above.sum() > max(n_above, 0):
        n_above = int(above.sum())
        if above.all():
            raise _raking_error(
                "group-total-does", "declare-higher", bound=ResultNumber(f"{bound:g}")
            )
        factor = (total - largest * n_above) / float(weights[~above].sum())
        result = np.where(above, largest, weights * factor)
        above = above | (result > largest)
    n_cut = int((result >= largest * (1 - AT_BOUND)).sum())
    return Raked(weights=result, iterations=1, gap=0.0, n_cut=n_cut)


def design_effect(weights: Floats) -> float:
    """Kish's design effect of unequal weights, n sum w^2 / (sum w)^2 (Survey Sampling, 1965)."""
    return float(len(weights) * np.square(weights).sum() / weights.sum() ** 2)


def _sums(weights: Floats, margin: Margin) -> Floats:
    sums = np.bincount(margin.codes, weights=weights, minlength=len(margin.totals))
    return np.asarray(sums, dtype=np.float64)


def _gaps(weights: Floats, margin: Margin) -> Floats:
    return np.abs(_sums(weights, margin) / margin.totals - 1.0)


def _check_weights(weights: Floats) -> None:
    bad = int((~(np.isfinite(weights) & (weights > 0.0))).sum())
    if bad or not len(weights):
        raise _raking_error("weights-missing-infinite", "begin-positive", bad=bad, n=len(weights))


def _check_bound(bound: float) -> None:
    if not (np.isfinite(bound) and bound > 1.0):
        raise _raking_error("bound", "declare-multiple", bound=ResultNumber(f"{bound:g}"))


def _check_margin(margin: Margin, n: int) -> None:
    name = margin.name
    if margin.codes.shape != (n,) or margin.totals.shape != (len(margin.cells),):
        raise _raking_error("margin-length", "give-each-row", margin=name)
    outside = int(((margin.codes < 0) | (margin.codes >= len(margin.cells))).sum())
    if outside:
        raise _raking_error("margin-rows-outside", "complete-margin", n=outside, margin=name)
    for cell, people in zip(margin.cells, margin.totals, strict=True):
        if not (np.isfinite(people) and people > 0.0):
            raise _raking_error(
                "margin-population",
                "correct-margin",
                cell=cell,
                margin=name,
                people=ResultNumber(f"{people:g}"),
            )
    rows = np.bincount(margin.codes, minlength=len(margin.cells))
    for cell in compress(margin.cells, rows == 0):
        raise _raking_error("margin-cell-empty", "join-cell-most", cell=cell, margin=name)


def _check_populations(margins: Sequence[Margin]) -> None:
    for margin in margins[1:]:
        first, other = float(margins[0].totals.sum()), float(margin.totals.sum())
        if abs(other / first - 1.0) > SAME_POPULATION:
            raise _raking_error(
                "margin-people",
                "take-margins",
                name=margins[0].name,
                first=ResultNumber(f"{first:,.10g}"),
                name_other=margin.name,
                other=ResultNumber(f"{other:,.10g}"),
            )


def _raking_error(problem: str, fix: str, **holes: object) -> EstimationError:
    return EstimationError.of(problem, fix, "raking", rule="raking", **holes)
