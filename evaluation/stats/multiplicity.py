"""p-values adjusted for the number of outcomes that were looked at."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from evaluation.errors import EstimationError
from evaluation.locale.messages import message
from evaluation.stats.distribution import TIE, share_of

Floats = NDArray[np.float64]

# Half width, in standard errors, of the window over which the slope of p is measured.
_WINDOW = 0.25


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
        counts[name] = int(np.count_nonzero(largest >= t * t * (1.0 - TIE)))
    adjusted: dict[str, float] = {}
    so_far = 0.0
    for name in order:
        share = share_of(counts[name], number, enumerated=draws == "enumerated")
        so_far = max(so_far, float(share))
        adjusted[name] = so_far
    return {name: adjusted[name] for name in statistics}


@dataclass(frozen=True, slots=True, eq=False)
class MaxT:
    """Single-step max-t: every outcome's |t| held against the largest |t*| over all outcomes.

    Attributes
    ----------
    largest : ndarray, shape (B,)
        Largest |t*| over the outcomes in each draw, ascending.
    draws : {"random", "enumerated"}

    Notes
    -----
    Westfall and Young (1993, Resampling-Based Multiple Testing, section 2.3); the first step of
    `romano_wolf`. P-value and critical value are one test: a |t| up to `critical` is not rejected,
    and its p-value is not below 1 - level.
    """

    largest: Floats
    draws: Literal["random", "enumerated"]

    @classmethod
    def of(
        cls,
        statistics: Mapping[str, tuple[float, Floats]],
        *,
        draws: Literal["random", "enumerated"],
    ) -> "MaxT":
        """Distribution of the largest |t*|; arguments and errors as of `romano_wolf`."""
        _aligned(statistics)
        highest = np.max([np.abs(t_star) for _, t_star in statistics.values()], axis=0)
        return cls(largest=np.sort(highest), draws=draws)

    def p_value(self, t: float) -> float:
        """Adjusted p of an outcome with statistic t: ties count in full."""
        first = int(np.searchsorted(self.largest**2, t * t * (1.0 - TIE), side="left"))
        larger, number = len(self.largest) - first, len(self.largest)
        return float(share_of(larger, number, enumerated=self.draws == "enumerated"))

    def critical(self, level: float) -> float:
        """Largest |t| that is not rejected at ``1 - level``; infinite where no |t| is rejected.

        Notes
        -----
        p(t) >= alpha where at least k draws reach |t|, k = ceil(alpha (B + 1)) - 1, or
        ceil(alpha B) where enumerated: the k-th largest of the largest |t*|, and what counts as
        tied with it.
        """
        number = len(self.largest)
        alpha = round(1.0 - level, 12)
        # The tiny subtraction keeps 0.05 x 1000 at 50 where floating point says 50.0000001.
        if self.draws == "enumerated":
            k = math.ceil(alpha * number - 1e-9)
        else:
            k = math.ceil(alpha * (number + 1) - 1e-9) - 1
        return float(self.largest[number - k]) / math.sqrt(1.0 - TIE) if k else math.inf

    def critical_mc_error(self, level: float) -> float:
        """Monte Carlo standard error of `critical`; 0 where enumerated or infinite.

        Notes
        -----
        sqrt(alpha (1 - alpha) / B) over the slope of p, measured across +-0.25, as for the bounds
        of an inverted test; infinite where p does not change there.
        """
        at = self.critical(level)
        if self.draws == "enumerated" or math.isinf(at):
            return 0.0
        near = max(0.0, at - _WINDOW)
        slope = (self.p_value(near) - self.p_value(at + _WINDOW)) / (at + _WINDOW - near)
        error = math.sqrt(level * (1.0 - level) / len(self.largest))
        return error / slope if slope > 0.0 else math.inf


def _aligned(statistics: Mapping[str, tuple[float, Floats]]) -> int:
    """Number of draws, which must be the same for all outcomes."""
    lengths = {len(t_star) for _, t_star in statistics.values()}
    if len(lengths) != 1:
        raise EstimationError(
            message("outcomes-one.problem", lengths=sorted(lengths)),
            where="Romano-Wolf adjustment",
            mend=message("test-every-outcome.mend"),
        )
    return lengths.pop()
