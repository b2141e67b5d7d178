"""p-values adjusted for the number of outcomes that were looked at."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from evaluation.errors import EstimationError

Floats = NDArray[np.float64]

# As in `bootstrap`: squares this close, relatively, are ties and count in full.
_TIE = 2e-10


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm (1979) step-down p-values, in the order given; controls the family-wise error."""
    return _statsmodels(p_values, "holm")


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Benjamini and Hochberg (1995) step-up p-values; controls the false discovery rate."""
    return _statsmodels(p_values, "fdr_bh")


def sharpened_q(p_values: Sequence[float]) -> tuple[float, ...]:
    """Anderson's (2008) sharpened q-values, in the order given.

    Parameters
    ----------
    p_values : sequence of float

    Returns
    -------
    tuple of float
        Multiples of 0.001. A q can be below its p where many hypotheses are rejected.

    Notes
    -----
    Anderson (2008, JASA 103(484)), the two-stage procedure of Benjamini, Krieger and Yekutieli
    (2006) tried at q = 1.000, 0.999, ..., 0.001; a q-value is the smallest of these at which its
    hypothesis is rejected. With M hypotheses, stage one rejects the r1 smallest p by
    Benjamini-Hochberg at q' = q / (1 + q), stage two at q' M / (M - r1), or all where r1 = M.
    """
    p = np.asarray(p_values, dtype=np.float64)
    ordered = np.sort(p)
    levels = np.arange(1, 1001) / 1000.0
    rejected = [_two_stage(ordered, level) for level in levels.tolist()]
    # Equal p-values are rejected together, so they share the highest of their ranks.
    rank = np.searchsorted(ordered, p, side="right")
    smallest = np.searchsorted(np.maximum.accumulate(rejected), rank)
    return tuple(float(levels[min(first, len(levels) - 1)]) for first in smallest)


def _two_stage(ordered: Floats, level: float) -> int:
    """How many of the ordered p-values the two stages reject."""
    number, first = len(ordered), level / (1.0 + level)
    stage_one = _step_up(ordered, first)
    return (
        number if stage_one == number else _step_up(ordered, first * number / (number - stage_one))
    )


def _step_up(ordered: Floats, level: float) -> int:
    """Largest rank k with p_(k) <= level k / M; 0 if none."""
    limits = level * np.arange(1, len(ordered) + 1) / len(ordered)
    below = np.flatnonzero(ordered <= limits)
    return int(below[-1]) + 1 if len(below) else 0


def _statsmodels(p_values: Sequence[float], method: str) -> tuple[float, ...]:
    if not p_values:
        return ()
    return tuple(float(p) for p in multipletests(list(p_values), method=method)[1])


def romano_wolf(
    statistics: Mapping[str, tuple[float, Floats]], *, draws: Literal["random", "enumerated"]
) -> dict[str, float]:
    """Romano-Wolf step-down p-values from bootstrap t statistics.

    Parameters
    ----------
    statistics : mapping of str to (float, ndarray of shape (B,))
        Per outcome t and t*, each computed under its null with the same draws in the same order.
    draws : {"random", "enumerated"}
        Whether the B draws are a random sample, or all there are.

    Returns
    -------
    dict of str to float
        Adjusted p-value per outcome, in the order given.

    Raises
    ------
    EstimationError
        The outcomes have different numbers of draws, so they cannot be aligned.

    Notes
    -----
    With |t| in decreasing order, p_k = (1 + #{b: max over j >= k of |t*_jb| >= |t_k|}) / (B + 1),
    made monotone (Romano and Wolf 2005; 2016). Enumerated: the share of
    draws. Ties count in full, and a draw with a standard error of zero counts as extreme.
    """
    number = _aligned(statistics)
    order = sorted(statistics, key=lambda name: (-abs(statistics[name][0]), name))
    largest = np.zeros(number)
    counts: dict[str, int] = {}
    for name in reversed(order):
        t, t_star = statistics[name]
        largest = np.maximum(largest, t_star**2)
        counts[name] = int(np.count_nonzero(largest >= t * t * (1.0 - _TIE)))
    adjusted: dict[str, float] = {}
    so_far = 0.0
    for name in order:
        share = (
            counts[name] / number if draws == "enumerated" else (1 + counts[name]) / (number + 1)
        )
        so_far = max(so_far, share)
        adjusted[name] = so_far
    return {name: adjusted[name] for name in statistics}


def max_t_critical(
    statistics: Mapping[str, tuple[float, Floats]],
    *,
    level: float,
    draws: Literal["random", "enumerated"],
) -> float:
    """Critical value of the largest |t| over outcomes, for simultaneous intervals.

    Parameters
    ----------
    statistics, draws
        As in `romano_wolf`.
    level : float
        Chance that all intervals cover at once, such as 0.95.

    Returns
    -------
    float
        Standard errors to each side of every estimate; infinite where the draws are too few.

    Raises
    ------
    EstimationError
        As in `romano_wolf`.

    Notes
    -----
    The ceil(level (B + 1))-th smallest of max_j |t*_jb| (of B where enumerated), as a single step
    of `romano_wolf` over all outcomes.
    """
    number = _aligned(statistics)
    largest = np.sort(np.max([np.abs(t_star) for _, t_star in statistics.values()], axis=0))
    # The tiny subtraction keeps 0.95 x 1000 at the 950th where floating point says 950.0000001.
    rank = math.ceil(level * (number + (draws == "random")) - 1e-9)
    return float(largest[rank - 1]) if rank <= number else math.inf


def _aligned(statistics: Mapping[str, tuple[float, Floats]]) -> int:
    """Number of draws, which must be the same for all outcomes."""
    lengths = {len(t_star) for _, t_star in statistics.values()}
    if len(lengths) != 1:
        raise EstimationError(
            f"outcomes of one family have {sorted(lengths)} draws",
            where="Romano-Wolf adjustment",
            mend="test every outcome of the family with the same draws",
        )
    return lengths.pop()
